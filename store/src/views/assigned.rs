//! What a provider sees: the systems that the register names them for, at every school, and what is open about each.

use crate::{
    error::Result,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;

/// One system as its provider sees it: without whose credentials lie where, and without the notes of the school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssignedSystem {
    /// Its number.
    pub id: i64,
    /// The school it belongs to.
    pub school: i64,
    /// The name of that school.
    pub school_name: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// The room it stands in.
    pub room: Option<String>,
    /// Who answers for it at the school or the Träger, as a function.
    pub owner: String,
    /// `in-use`, `planned` ...
    pub status: String,
    /// The last day of its contract.
    pub contract_until: Option<String>,
    /// Its serial number, as people typed it or else as the device tells it.
    pub serial: Option<String>,
    /// The maker and model that the device tells.
    pub product: String,
    /// The day its device was last seen.
    pub last_seen: Option<Timestamp>,
    /// The rules whose findings are open about it or its device.
    pub open: Vec<String>,
    /// Whether it belongs to an example school.
    pub is_example: bool,
}

/// Names that people mean by the same word: case and outer blanks do not count.
fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Traeger {
    /// The systems in service that the register names a provider for, by school and name.
    ///
    /// # Errors
    /// The database failed.
    pub fn assigned_systems(&self, provider: &str, now: Timestamp) -> Result<Vec<AssignedSystem>> {
        let wanted = folded(provider);
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut all = self.read(|tx| {
            let sql = "SELECT DISTINCT provider FROM documented_system
                       WHERE traeger_id = $1 AND deleted_at IS NULL";
            let written = tx.list(sql, &[], |row| row.text(0))?;
            let mut all = Vec::new();
            for name in written.iter().filter(|name| folded(name) == wanted) {
                all.extend(of(tx, name)?);
            }
            Ok(all)
        })?;
        all.sort_by(|(a, _), (b, _)| (&a.school_name, &a.name, a.id).cmp(&(&b.school_name, &b.name, b.id)));
        self.with_gaps(&mut all, now)?;
        Ok(all.into_iter().map(|(system, _)| system).collect())
    }

    /// Adds what is open about each system or its device, as the school's own page has it: what somebody accepted is no gap.
    fn with_gaps(&self, all: &mut [(AssignedSystem, Option<i64>)], now: Timestamp) -> Result<()> {
        let schools: BTreeSet<i64> = all.iter().map(|(system, _)| system.school).collect();
        for school in schools {
            let lines = self.standing_findings(school, now)?;
            for (system, device) in all.iter_mut().filter(|(system, _)| system.school == school) {
                let about = [Some(format!("system {}", system.id)), device.map(|id| format!("asset {id}"))];
                let gaps = lines.iter().filter(|line| line.is_gap(now));
                let own = gaps.filter(|line| about.iter().flatten().any(|about| *about == line.subject));
                let rules: BTreeSet<String> = own.map(|line| line.rule.clone()).collect();
                system.open = rules.into_iter().collect();
            }
        }
        Ok(())
    }
}

/// The systems under one spelling of a provider's name, each with its device.
fn of(tx: &mut Tx<'_>, provider: &str) -> Result<Vec<(AssignedSystem, Option<i64>)>> {
    let sql = "SELECT s.id, s.school_id, h.name, s.name, s.kind, r.name, s.owner, s.status, s.contract_until,
                 s.serial, a.serial, a.vendor, a.model, a.last_seen, f.asset_id, h.is_example
               FROM documented_system s
               JOIN school h ON h.traeger_id = s.traeger_id AND h.id = s.school_id
               LEFT JOIN room r ON r.traeger_id = s.traeger_id AND r.id = s.room_id
               LEFT JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
               LEFT JOIN asset a ON a.traeger_id = s.traeger_id AND a.id = f.asset_id
               WHERE s.traeger_id = $1 AND s.provider = $2 AND s.deleted_at IS NULL AND s.status <> 'retired'";
    tx.list(sql, cells![provider], |row| {
        let told = [row.maybe_text(11)?, row.maybe_text(12)?];
        let system = AssignedSystem {
            id: row.int(0)?,
            school: row.int(1)?,
            school_name: row.text(2)?,
            name: row.text(3)?,
            kind: row.text(4)?,
            room: row.maybe_text(5)?,
            owner: row.text(6)?,
            status: row.text(7)?,
            contract_until: row.maybe_text(8)?,
            serial: Some(row.text(9)?).filter(|serial| !serial.is_empty()).or(row.maybe_text(10)?),
            product: told.into_iter().flatten().collect::<Vec<_>>().join(" "),
            last_seen: row.maybe_moment(13)?,
            open: Vec::new(),
            is_example: row.flag(15)?,
        };
        Ok((system, row.maybe_int(14)?))
    })
}
