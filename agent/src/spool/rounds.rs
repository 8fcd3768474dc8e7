//! How a round becomes batches: what changed in full, what did not as a confirmation, its end as a marker.

use super::{Batch, Spool, SpoolError, Spooled, explain, last_sequence, note, noted};
use rundgang_inventory::{Coverage, Entry, Observation, Reference, Round, Timestamp, Volatility, vocabulary};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The end of the last round, kept so that a fresh round after a gap can say what was covered.
#[derive(Serialize, Deserialize)]
struct LastRound {
    started: Timestamp,
    ended: Timestamp,
    coverage: Vec<Coverage>,
}

/// One row of the current state: the reference under which the collector knows it, and what it says.
struct Current {
    reference: Reference,
    sampled_day: i64,
    observation: Observation,
}

impl Spool {
    /// Takes a whole round in one transaction: after it returns, the round is on disk.
    ///
    /// # Errors
    /// The disk is full or the database failed; nothing of the round was kept then.
    pub fn append(&mut self, round: &Round, now: Timestamp) -> Result<Spooled, SpoolError> {
        let path = self.path.clone();
        let bounds = self.bounds;
        let failed = |source| explain(&path, source);
        let unreadable = self.unreadable();
        let transaction = self.begin()?;
        let mut writer = Writer::new(&transaction, bounds.entries, bounds.batch, now).map_err(failed)?;
        let mut spooled = Spooled::default();
        let mut nth: BTreeMap<(String, &str, &str), u32> = BTreeMap::new();
        for seen in &round.observations {
            let observation = lasting(seen);
            let key = (seen.subject.key(), seen.segment.as_str(), seen.probe.as_str());
            let nth = nth.entry(key).and_modify(|n| *n += 1).or_insert(0);
            let row = current(&transaction, &observation, *nth).map_err(failed)?;
            match row.filter(|row| is_unchanged(row, &observation)) {
                Some(row) => {
                    touch(&transaction, row.reference, observation.at).map_err(failed)?;
                    let (reference, at) = (row.reference, observation.at);
                    writer.push(&Entry::Confirmation { reference, at }).map_err(failed)?;
                    spooled.confirmations += 1;
                }
                None => {
                    let reference = writer.observation(observation.clone()).map_err(failed)?;
                    remember(&transaction, &observation, *nth, reference).map_err(failed)?;
                    spooled.observations += 1;
                }
            }
        }
        for count in &round.counts {
            writer.push(&Entry::Count(count.clone())).map_err(failed)?;
        }
        let last = LastRound { started: round.started, ended: round.ended, coverage: round.coverage.clone() };
        let text = serde_json::to_string(&last).map_err(|_| unreadable)?;
        note(&transaction, "last_round", &text).map_err(failed)?;
        writer.push(&last.into()).map_err(failed)?;
        spooled.last_sequence = writer.finish().map_err(failed)?;
        keep_within(&transaction, bounds.unsent).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(spooled)
    }

    /// When the last walk ended.
    ///
    /// # Errors
    /// The database failed.
    pub fn last_walk(&self) -> Result<Option<Timestamp>, SpoolError> {
        let text = noted(&self.connection, "last_round").map_err(|source| explain(&self.path, source))?;
        Ok(text.and_then(|text| serde_json::from_str::<LastRound>(&text).ok()).map(|last| last.ended))
    }

    /// When the agent last saw a subject (see [`rundgang_inventory::Subject::key`]) with a probe.
    ///
    /// # Errors
    /// The database failed.
    pub fn last_seen(&self, subject: &str, probe: &str) -> Result<Option<Timestamp>, SpoolError> {
        let sql = "SELECT max(seen_ms) FROM current WHERE subject = ?1 AND probe = ?2";
        let seen: Option<i64> = self
            .connection
            .query_row(sql, [subject, probe], |row| row.get(0))
            .map_err(|source| explain(&self.path, source))?;
        Ok(seen.map(Timestamp))
    }

    /// What a probe last said of each subject.
    ///
    /// # Errors
    /// The database failed.
    pub fn said_by(&self, probe: &str) -> Result<Vec<Observation>, SpoolError> {
        let failed = |source| explain(&self.path, source);
        let sql = "SELECT observation, seen_ms FROM current WHERE probe = ?1";
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        let rows = statement.query_map([probe], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)));
        let rows = rows.and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(failed)?;
        rows.into_iter().map(|(text, seen)| self.read_observation(&text, seen)).collect()
    }

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
        let mut waiting: Vec<Batch> = Vec::new();
        {
            let mut statement = transaction
                .prepare("SELECT sequence, entries FROM batch ORDER BY sequence")
                .map_err(failed)?;
            let rows = statement
                .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
                .map_err(failed)?;
            for row in rows {
                let (sequence, text) = row.map_err(failed)?;
                let entries = serde_json::from_str(&text).map_err(|_| unreadable())?;
                waiting.push(Batch { sequence: sequence.cast_unsigned(), entries });
            }
        }
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

impl From<LastRound> for Entry {
    fn from(last: LastRound) -> Self {
        Self::RoundEnd { started: last.started, ended: last.ended, coverage: last.coverage }
    }
}

/// The observation without what is never stored.
fn lasting(seen: &Observation) -> Observation {
    let is_lasting =
        |name: &str| vocabulary::field(name).is_none_or(|field| field.volatility != Volatility::Volatile);
    let fields = seen.fields.clone().into_iter().filter(|(name, _)| is_lasting(name)).collect();
    Observation { fields, ..seen.clone() }
}

/// Whether a subject is unchanged: same subject, same stable fields, and today's counters have been told.
fn is_unchanged(row: &Current, now: &Observation) -> bool {
    let is_slow =
        |name: &str| vocabulary::field(name).is_some_and(|field| field.volatility == Volatility::Slow);
    let stable = |observation: &Observation| {
        let fields = observation.fields.clone().into_iter();
        fields.filter(|(name, _)| !is_slow(name)).collect::<Vec<_>>()
    };
    let counters = |observation: &Observation| {
        let fields = observation.fields.clone().into_iter();
        fields.filter(|(name, _)| is_slow(name)).collect::<Vec<_>>()
    };
    let sampled = row.sampled_day == now.at.day().0 || counters(&row.observation) == counters(now);
    row.observation.subject == now.subject && stable(&row.observation) == stable(now) && sampled
}

fn reference(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Reference> {
    Ok(Reference { sequence: row.get::<_, i64>(at)?.cast_unsigned(), index: row.get(at + 1)? })
}

fn current(
    connection: &Connection,
    observation: &Observation,
    nth: u32,
) -> rusqlite::Result<Option<Current>> {
    let sql = "SELECT sequence, position, sampled_day, observation FROM current
               WHERE subject = ?1 AND segment = ?2 AND probe = ?3 AND nth = ?4";
    let key = params![observation.subject.key(), observation.segment, observation.probe, nth];
    let found = connection
        .query_row(sql, key, |row| Ok((reference(row, 0)?, row.get::<_, i64>(2)?, row.get::<_, String>(3)?)))
        .optional()?;
    // A row that does not read back counts as changed: it is said in full and written anew.
    Ok(found.and_then(|(reference, sampled_day, text)| {
        let observation = serde_json::from_str(&text).ok()?;
        Some(Current { reference, sampled_day, observation })
    }))
}

fn touch(connection: &Connection, reference: Reference, at: Timestamp) -> rusqlite::Result<()> {
    let sql = "UPDATE current SET seen_ms = max(seen_ms, ?3) WHERE sequence = ?1 AND position = ?2";
    connection.execute(sql, params![reference.sequence.cast_signed(), reference.index, at.0]).map(drop)
}

fn remember(
    connection: &Connection,
    observation: &Observation,
    nth: u32,
    reference: Reference,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO current
                 (subject, segment, probe, nth, sequence, position, seen_ms, sampled_day, observation)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
               ON CONFLICT (subject, segment, probe, nth) DO UPDATE SET
                 sequence = excluded.sequence, position = excluded.position, seen_ms = excluded.seen_ms,
                 sampled_day = excluded.sampled_day, observation = excluded.observation";
    let text = json(observation)?;
    let values = params![
        observation.subject.key(),
        observation.segment,
        observation.probe,
        nth,
        reference.sequence.cast_signed(),
        reference.index,
        observation.at.0,
        observation.at.day().0,
        text
    ];
    connection.execute(sql, values).map(drop)
}

fn json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// Drops the oldest unsent batches until the rest fits; what is dropped makes a gap.
fn keep_within(connection: &Connection, most: u64) -> rusqlite::Result<()> {
    let sql = "WITH kept AS (
                 SELECT sequence, sum(length(entries)) OVER (ORDER BY sequence DESC) AS total FROM batch
               )
               DELETE FROM batch WHERE sequence IN (SELECT sequence FROM kept WHERE total > ?1)";
    let dropped = connection.execute(sql, [most.min(i64::MAX.cast_unsigned()).cast_signed()])?;
    if dropped > 0 { note(connection, "gap", "1") } else { Ok(()) }
}

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
