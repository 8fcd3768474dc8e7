//! Assets as they stand: what was found, read by page or by number.

use crate::{
    engine::{Cell, Row},
    error::{Error, Result},
    evidence,
    schools::require_school,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Fields, Kind, Recognition, Timestamp};
use serde::Serialize;

/// An asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asset {
    /// Its number, stable for good.
    pub id: i64,
    /// Its school.
    pub school: i64,
    /// What it is.
    pub kind: Option<Kind>,
    /// Who made it.
    pub vendor: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// The version of its firmware or operating system.
    pub os_version: Option<String>,
    /// The name it gives itself.
    pub hostname: Option<String>,
    /// The address it was last seen at.
    pub ip: String,
    /// Its MAC address, where known and allowed.
    pub mac: Option<String>,
    /// The segment it was last seen in.
    pub segment: String,
    /// The day it was first seen.
    pub first_seen: Timestamp,
    /// The day it was last seen.
    pub last_seen: Timestamp,
    /// What it was recognised as, with confidence and reasons.
    pub recognition: Recognition,
}

/// The columns of an asset, in the order of [`asset`].
pub(crate) const COLUMNS: &str = "id, school_id, kind, vendor, model, serial, os_version, hostname, ip, mac, segment, \
     first_seen, last_seen, recognition";

/// Reads a row of [`COLUMNS`].
pub(crate) fn asset(row: &Row) -> Result<Asset> {
    Ok(Asset {
        id: row.int(0)?,
        school: row.int(1)?,
        kind: row.maybe_text(2)?.and_then(|kind| kind.parse().ok()),
        vendor: row.maybe_text(3)?,
        model: row.maybe_text(4)?,
        serial: row.maybe_text(5)?,
        os_version: row.maybe_text(6)?,
        hostname: row.maybe_text(7)?,
        ip: row.text(8)?,
        mac: row.maybe_text(9)?,
        segment: row.text(10)?,
        first_seen: row.moment(11)?,
        last_seen: row.moment(12)?,
        recognition: serde_json::from_str(&row.text(13)?)?,
    })
}

pub(crate) fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<Asset>> {
    let sql = format!("SELECT {COLUMNS} FROM asset WHERE traeger_id = $1 AND id = $2");
    tx.first(&sql, cells![id], asset)
}

impl Traeger {
    /// The assets of a school (of all schools for `None`) by number, at most `limit` after the number `after`.
    ///
    /// # Errors
    /// The database failed.
    pub fn assets(&self, school: Option<i64>, after: i64, limit: i64) -> Result<Vec<Asset>> {
        let one = "AND school_id = $4";
        let sql = format!(
            "SELECT {COLUMNS} FROM asset WHERE traeger_id = $1 AND id > $2 {} ORDER BY id LIMIT $3",
            if school.is_some() { one } else { "" }
        );
        let mut parameters: Vec<Cell> = cells![after, limit].to_vec();
        parameters.extend(school.map(Cell::from));
        self.read(|tx| tx.list(&sql, &parameters, asset))
    }

    /// One asset; a merged one leads to the asset it is part of.
    ///
    /// # Errors
    /// There is no such asset, or the database failed.
    pub fn asset(&self, id: i64) -> Result<Asset> {
        self.read(|tx| {
            let id = crate::identity::present_asset(tx, id)?;
            find(tx, id)
        })?
        .ok_or_else(|| Error::NotFound(format!("asset {id}")))
    }

    /// Everything that holds now about an asset, merged, the newer over the older.
    ///
    /// # Errors
    /// The database failed.
    pub fn asset_evidence(&self, id: i64) -> Result<Fields> {
        self.read(|tx| Ok(evidence::merged(&evidence::of_asset(tx, id)?)))
    }

    /// Everything that holds now about a domain of a school, merged.
    ///
    /// # Errors
    /// The database failed.
    pub fn domain_evidence(&self, school: i64, name: &str) -> Result<Fields> {
        self.read(|tx| {
            require_school(tx, school)?;
            Ok(evidence::merged(&evidence::of_domain(tx, name)?))
        })
    }

    /// The number of devices that were only counted, by segment and kind: the largest hour of the last `hours` hours
    /// before `now`, over all agents. Pages round it (promise P3).
    ///
    /// # Errors
    /// The database failed.
    pub fn counts(&self, school: i64, hours: i64, now: Timestamp) -> Result<Vec<(String, String, i64)>> {
        let sql = "SELECT segment, kind, MAX(count) FROM tally
                   WHERE traeger_id = $1 AND school_id = $2 AND hour >= $3
                   GROUP BY segment, kind ORDER BY segment, kind";
        let since = now.0 - hours * 3_600_000;
        self.read(|tx| {
            tx.list(sql, cells![school, since], |row| Ok((row.text(0)?, row.text(1)?, row.int(2)?)))
        })
    }
}
