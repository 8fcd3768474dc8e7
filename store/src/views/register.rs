//! The register as a list: documented systems, what each still lacks, and what the machine sees of it.

use crate::{
    error::Result,
    store::{Traeger, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;

/// One documented system in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SystemLine {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its room.
    pub room: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Who runs it.
    pub provider: String,
    /// Where its credentials are kept.
    pub credentials_place: String,
    /// `in-use`, `planned`, `stock`, `retired`.
    pub status: String,
    /// The last day of its contract.
    pub contract_until: Option<String>,
    /// The device that stands for it in the network.
    pub asset: Option<i64>,
    /// The day that device was last seen.
    pub last_seen: Option<Timestamp>,
    /// When it was last changed.
    pub changed: Timestamp,
}

impl SystemLine {
    /// What a person should still enter: `owner`, `provider`, `credentials`.
    #[must_use]
    pub fn lacks(&self) -> Vec<&'static str> {
        let places =
            [("owner", &self.owner), ("provider", &self.provider), ("credentials", &self.credentials_place)];
        places.into_iter().filter(|(_, text)| text.trim().is_empty()).map(|(name, _)| name).collect()
    }
}

impl Traeger {
    /// The documented systems of a school, by name.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn system_lines(&self, school: i64) -> Result<Vec<SystemLine>> {
        self.school(school)?;
        let sql = "SELECT s.id, s.name, s.kind, r.name, s.owner, s.provider, s.credentials_place, s.status,
               s.contract_until, f.asset_id, a.last_seen, s.changed_at
             FROM documented_system s
             LEFT JOIN room r ON r.traeger_id = s.traeger_id AND r.id = s.room_id
             LEFT JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
             LEFT JOIN asset a ON a.traeger_id = s.traeger_id AND a.id = f.asset_id
             WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL ORDER BY s.name, s.id";
        self.read(|tx| {
            tx.list(sql, cells![school], |row| {
                Ok(SystemLine {
                    id: row.int(0)?,
                    name: row.text(1)?,
                    kind: row.text(2)?,
                    room: row.maybe_text(3)?,
                    owner: row.text(4)?,
                    provider: row.text(5)?,
                    credentials_place: row.text(6)?,
                    status: row.text(7)?,
                    contract_until: row.maybe_text(8)?,
                    asset: row.maybe_int(9)?,
                    last_seen: row.maybe_moment(10)?,
                    changed: row.moment(11)?,
                })
            })
        })
    }
}
