//! Devices that are only counted: peaks by segment and kind, never a device.

use crate::{
    error::Result,
    store::{Traeger, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;

/// The peaks of one kind in one segment. Pages round them before they are shown (promise P3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CounterLine {
    /// The segment.
    pub segment: String,
    /// The kind as far as could be told.
    pub kind: String,
    /// The highest hour of the last seven days.
    pub week: Option<u32>,
    /// The highest hour of the last thirty days.
    pub month: Option<u32>,
    /// The highest hour kept.
    pub all: u32,
    /// The last day with a count.
    pub last: Timestamp,
}

impl Traeger {
    /// The counters of a school, by segment and kind.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn counter_lines(&self, school: i64, now: Timestamp) -> Result<Vec<CounterLine>> {
        self.school(school)?;
        // Several agents may count the same hour of a segment; the higher count stands.
        let sql = "SELECT segment, kind, MAX(CASE WHEN hour >= $3 THEN count END),
                     MAX(CASE WHEN hour >= $4 THEN count END), MAX(count), MAX(hour)
                   FROM tally WHERE traeger_id = $1 AND school_id = $2 GROUP BY segment, kind ORDER BY segment, kind";
        let narrow = |count: Option<i64>| count.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        self.read(|tx| {
            tx.list(sql, cells![school, now.plus_days(-7), now.plus_days(-30)], |row| {
                Ok(CounterLine {
                    segment: row.text(0)?,
                    kind: row.text(1)?,
                    week: narrow(row.maybe_int(2)?),
                    month: narrow(row.maybe_int(3)?),
                    all: narrow(row.maybe_int(4)?).unwrap_or(0),
                    last: row.moment(5)?.day(),
                })
            })
        })
    }
}
