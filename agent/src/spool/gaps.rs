//! What is said again: references that a collector does not know, and the whole state after a gap.

use super::{
    Batch, Spool, SpoolError, explain, last_sequence, note, noted, reference, rounds::LastRound,
    writer::Writer,
};
use rundgang_inventory::{Entry, Observation, Reference, Timestamp};
use rusqlite::{Transaction, params};
use std::path::Path;

impl Spool {
    /// A collector does not know these references: their observations go out again in full, under new numbers.
    ///
    /// # Errors
    /// The database failed.
    pub fn resend(&mut self, unknown: &[Reference], now: Timestamp) -> Result<(), SpoolError> {
        let mut found = Vec::new();
        for &reference in unknown {
            // What changed since has been said in full already, or is no longer there.
            if let Some(observation) = self.observation(reference)? {
                found.push((reference, observation));
            }
        }
        self.say_again(found, None, now)
    }

    /// A collector tells the highest sequence it has of this agent. Where it has more than this spool ever used, the
    /// spool is a new or restored one: numbering goes on behind the collector's, and the state is due afresh.
    ///
    /// # Errors
    /// The database failed.
    pub fn meet(&mut self, collector_has: u64) -> Result<(), SpoolError> {
        let path = self.path.clone();
        let failed = |source| explain(&path, source);
        let unreadable = || SpoolError::Row(path.display().to_string());
        let transaction = self.begin()?;
        let own = last_sequence(&transaction).map_err(failed)?;
        if collector_has <= own {
            return Ok(());
        }
        // Unsent batches would be taken for repetitions: they get numbers behind the collector's, and so do the
        // references between them.
        let shift = collector_has;
        let waiting = waiting(&transaction, &path)?;
        let first_unsent = waiting.first().map_or(u64::MAX, |batch| batch.sequence);
        for mut batch in waiting.into_iter().rev() {
            for entry in &mut batch.entries {
                if let Entry::Confirmation { reference, .. } = entry
                    && reference.sequence >= first_unsent
                {
                    reference.sequence += shift;
                }
            }
            let text = serde_json::to_string(&batch.entries).map_err(|_| unreadable())?;
            let (old, new) = (batch.sequence.cast_signed(), (batch.sequence + shift).cast_signed());
            transaction
                .execute(
                    "UPDATE batch SET sequence = ?2, entries = ?3 WHERE sequence = ?1",
                    params![old, new, text],
                )
                .map_err(failed)?;
        }
        let (from, by) = (first_unsent.min(i64::MAX.cast_unsigned()).cast_signed(), shift.cast_signed());
        transaction
            .execute("UPDATE current SET sequence = sequence + ?2 WHERE sequence >= ?1", [from, by])
            .map_err(failed)?;
        let last = (own + shift).cast_signed();
        transaction.execute("DELETE FROM sqlite_sequence WHERE name = 'batch'", []).map_err(failed)?;
        transaction
            .execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('batch', ?1)", [last])
            .map_err(failed)?;
        note(&transaction, "gap", "1").map_err(failed)?;
        transaction.commit().map_err(failed)
    }

    /// After a gap (batches that grew too old or too many, a new spool): the whole current state goes out as a fresh
    /// round, in full. Returns whether there was a gap.
    ///
    /// # Errors
    /// The database failed.
    pub fn mend_gap(&mut self, now: Timestamp) -> Result<bool, SpoolError> {
        let failed = |source| explain(&self.path, source);
        if noted(&self.connection, "gap").map_err(failed)?.is_none() {
            return Ok(false);
        }
        let last: Option<LastRound> = noted(&self.connection, "last_round")
            .map_err(failed)?
            .and_then(|text| serde_json::from_str(&text).ok());
        let mut all = Vec::new();
        {
            let sql = "SELECT sequence, position, observation, seen_ms FROM current
                       ORDER BY sequence, position";
            let mut statement = self.connection.prepare(sql).map_err(failed)?;
            let mut rows = statement.query([]).map_err(failed)?;
            while let Some(row) = rows.next().map_err(failed)? {
                let reference = reference(row, 0).map_err(failed)?;
                let text: String = row.get(2).map_err(failed)?;
                let seen = row.get(3).map_err(failed)?;
                all.push((reference, self.read_observation(&text, seen)?));
            }
        }
        self.say_again(all, last, now)?;
        self.connection
            .execute("DELETE FROM note WHERE name = 'gap'", [])
            .map_err(|source| explain(&self.path, source))?;
        Ok(true)
    }

    /// Makes the whole current state due in full, as after a gap.
    ///
    /// # Errors
    /// The database failed.
    pub fn say_all_again(&mut self, now: Timestamp) -> Result<(), SpoolError> {
        note(&self.connection, "gap", "1").map_err(|source| explain(&self.path, source))?;
        self.mend_gap(now).map(drop)
    }

    /// Puts observations into new batches in full and moves their references there.
    fn say_again(
        &mut self,
        observations: Vec<(Reference, Observation)>,
        end: Option<LastRound>,
        now: Timestamp,
    ) -> Result<(), SpoolError> {
        let path = self.path.clone();
        let bounds = self.bounds;
        let failed = |source| explain(&path, source);
        let transaction = self.begin()?;
        let mut writer = Writer::new(&transaction, bounds.entries, bounds.batch, now).map_err(failed)?;
        for (old, observation) in observations {
            let new = writer.observation(observation).map_err(failed)?;
            let sql = "UPDATE current SET sequence = ?3, position = ?4 WHERE sequence = ?1 AND position = ?2";
            let (from, to) = (old.sequence.cast_signed(), new.sequence.cast_signed());
            transaction.execute(sql, params![from, old.index, to, new.index]).map_err(failed)?;
        }
        if let Some(end) = end {
            writer.push(&end.into()).map_err(failed)?;
        }
        writer.finish().map_err(failed)?;
        transaction.commit().map_err(failed)
    }
}

/// Every unsent batch, oldest first.
fn waiting(transaction: &Transaction<'_>, path: &Path) -> Result<Vec<Batch>, SpoolError> {
    let failed = |source| explain(path, source);
    let mut statement =
        transaction.prepare("SELECT sequence, entries FROM batch ORDER BY sequence").map_err(failed)?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)));
    let rows = rows.and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(failed)?;
    let batch = |(sequence, text): (i64, String)| {
        let entries = serde_json::from_str(&text).map_err(|_| SpoolError::Row(path.display().to_string()))?;
        Ok(Batch { sequence: sequence.cast_unsigned(), entries })
    };
    rows.into_iter().map(batch).collect()
}
