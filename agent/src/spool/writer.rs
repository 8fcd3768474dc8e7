//! Batches of the spool: entries are cut into portions that fit one message, and each portion gets its sequence.

use super::last_sequence;
use rundgang_inventory::{Entry, Observation, Reference, Timestamp};
use rusqlite::{Connection, params};
use serde::Serialize;

/// Cuts entries into batches and gives each its sequence.
pub(super) struct Writer<'c> {
    connection: &'c Connection,
    most_entries: usize,
    most_octets: usize,
    now: Timestamp,
    sequence: u64,
    entries: Vec<String>,
    octets: usize,
}

impl<'c> Writer<'c> {
    pub(super) fn new(
        connection: &'c Connection,
        most_entries: usize,
        most_octets: usize,
        now: Timestamp,
    ) -> rusqlite::Result<Self> {
        let sequence = last_sequence(connection)? + 1;
        Ok(Self { connection, most_entries, most_octets, now, sequence, entries: Vec::new(), octets: 0 })
    }

    /// Adds an observation and returns the reference that names it from now on.
    pub(super) fn observation(&mut self, observation: Observation) -> rusqlite::Result<Reference> {
        self.make_room()?;
        let index = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.add(&Entry::Observation { index, observation })?;
        Ok(Reference { sequence: self.sequence, index })
    }

    pub(super) fn push(&mut self, entry: &Entry) -> rusqlite::Result<()> {
        self.make_room()?;
        self.add(entry)
    }

    fn add(&mut self, entry: &Entry) -> rusqlite::Result<()> {
        let text = json(entry)?;
        self.octets += text.len();
        self.entries.push(text);
        Ok(())
    }

    fn make_room(&mut self) -> rusqlite::Result<()> {
        if self.entries.len() >= self.most_entries || self.octets >= self.most_octets {
            self.flush()?;
        }
        Ok(())
    }

    /// Ends the batch; what comes next goes into another one.
    pub(super) fn flush(&mut self) -> rusqlite::Result<()> {
        if self.entries.is_empty() {
            return Ok(());
        }
        let entries = format!("[{}]", self.entries.join(","));
        let sql = "INSERT INTO batch (sequence, spooled_ms, entries) VALUES (?1, ?2, ?3)";
        self.connection.execute(sql, params![self.sequence.cast_signed(), self.now.0, entries])?;
        self.sequence += 1;
        self.entries.clear();
        self.octets = 0;
        Ok(())
    }

    /// Writes the last batch and returns its sequence.
    pub(super) fn finish(mut self) -> rusqlite::Result<u64> {
        self.flush()?;
        Ok(self.sequence - 1)
    }
}

/// How a value stands in a column.
pub(super) fn json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
