//! How a round becomes batches: what changed in full, what did not as a confirmation, its end as a marker.

use super::{
    Spool, SpoolError, Spooled, explain, note, noted, reference,
    writer::{Writer, json},
};
use rundgang_inventory::{Coverage, Entry, Observation, Reference, Round, Timestamp, Volatility, vocabulary};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The end of the last round, kept so that a fresh round after a gap can say what was covered.
#[derive(Serialize, Deserialize)]
pub(super) struct LastRound {
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

/// Drops the oldest unsent batches until the rest fits; what is dropped makes a gap.
fn keep_within(connection: &Connection, most: u64) -> rusqlite::Result<()> {
    let sql = "WITH kept AS (
                 SELECT sequence, sum(length(entries)) OVER (ORDER BY sequence DESC) AS total FROM batch
               )
               DELETE FROM batch WHERE sequence IN (SELECT sequence FROM kept WHERE total > ?1)";
    let dropped = connection.execute(sql, [most.min(i64::MAX.cast_unsigned()).cast_signed()])?;
    if dropped > 0 { note(connection, "gap", "1") } else { Ok(()) }
}
