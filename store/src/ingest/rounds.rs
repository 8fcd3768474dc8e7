//! Rounds and counters: which segment each walk covered by which probes, and how many devices were only counted.

use super::{Batch, Touched, place};
use crate::{
    error::{Error, Result},
    store::{Tx, cells},
};
use rundgang_inventory::{Count, Coverage, Entry, Timestamp};

/// Segments times probes of one agent. Every batch that ends a round is compared with all of its school's.
const MOST_COVERED: i64 = 32_768;

impl Batch<'_> {
    pub(super) fn rounds_and_counts(&self, tx: &mut Tx<'_>, touched: &mut Touched) -> Result<()> {
        for (position, entry) in self.entries.iter().enumerate() {
            match entry {
                Entry::RoundEnd { started, ended, coverage } => {
                    touched.round_ended = true;
                    let place = place(self.sequence, position);
                    self.round(tx, *started, *ended, coverage, place)?;
                }
                Entry::Count(count) => self.count(tx, count)?,
                Entry::Observation { .. } | Entry::Confirmation { .. } => {}
            }
        }
        Ok(())
    }

    fn round(
        &self,
        tx: &mut Tx<'_>,
        started: Timestamp,
        ended: Timestamp,
        coverage: &[Coverage],
        place: i64,
    ) -> Result<()> {
        let known = "SELECT COUNT(*) FROM covered WHERE traeger_id = $1 AND agent_id = $2";
        if tx.first(known, cells![self.agent], |row| row.int(0))?.unwrap_or_default() > MOST_COVERED {
            return Err(Error::Refused(format!(
                "agent {} has named more segments than a school has; what it covered is not taken",
                self.agent
            )));
        }
        let previous = "SELECT COALESCE(MAX(place), -1) FROM coverage
                        WHERE traeger_id = $1 AND agent_id = $2 AND place < $3";
        let begins_after = tx.first(previous, cells![self.agent, place], |row| row.int(0))?.unwrap_or(-1);
        let insert =
            "INSERT INTO coverage (traeger_id, school_id, agent_id, segment, network, started, ended, probes,
                        complete, place, begins_after)
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                      ON CONFLICT (agent_id, segment, network, place) DO NOTHING";
        for covered in coverage {
            let probes = serde_json::to_string(&covered.probes)?;
            let (segment, network) = (&covered.segment, &covered.network);
            let row = cells![
                self.school,
                self.agent,
                segment,
                network,
                started,
                ended,
                probes,
                covered.complete,
                place,
                begins_after
            ];
            tx.execute(insert, row)?;
            if covered.complete {
                let at = Covered { agent: self.agent, segment, network, ended, place, begins_after };
                at.note(tx, self.school, &covered.probes)?;
            }
        }
        Ok(())
    }

    /// Two rounds in one hour see the same devices: the larger number counts, not the sum.
    fn count(&self, tx: &mut Tx<'_>, count: &Count) -> Result<()> {
        let sql = "INSERT INTO tally (traeger_id, school_id, agent_id, segment, hour, kind, count)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (agent_id, segment, hour, kind) DO UPDATE SET
                     count = CASE WHEN tally.count < excluded.count THEN excluded.count ELSE tally.count END";
        const HOUR: i64 = 3_600_000;
        let hour = Timestamp(count.hour.0.div_euclid(HOUR) * HOUR);
        let row = cells![self.school, self.agent, &count.segment, hour, &count.kind, count.count];
        tx.execute(sql, row).map(drop)
    }
}

/// A segment as a completed round covered it.
pub(crate) struct Covered<'c> {
    pub(crate) agent: i64,
    pub(crate) segment: &'c str,
    pub(crate) network: &'c str,
    pub(crate) ended: Timestamp,
    pub(crate) place: i64,
    pub(crate) begins_after: i64,
}

impl Covered<'_> {
    /// Notes for each probe that this was its latest round over the segment.
    pub(crate) fn note(&self, tx: &mut Tx<'_>, school: i64, probes: &[String]) -> Result<()> {
        let sql =
            "INSERT INTO covered (traeger_id, school_id, agent_id, segment, network, probe, ended, place,
                     begins_after)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                   ON CONFLICT (agent_id, segment, network, probe) DO UPDATE SET ended = excluded.ended,
                     place = excluded.place, begins_after = excluded.begins_after
                   WHERE covered.place < excluded.place";
        for probe in probes {
            let row = cells![
                school,
                self.agent,
                self.segment,
                self.network,
                probe,
                self.ended,
                self.place,
                self.begins_after
            ];
            tx.execute(sql, row)?;
        }
        Ok(())
    }
}
