//! Ingest: one transaction per batch, from what an agent says to assets and findings.

mod ahead;
mod clock;
mod identify;
mod rounds;

pub(crate) use rounds::Covered;

use crate::{
    derive, domains,
    error::{Doing, Error, Result},
    record_changes,
    rules::{self, Extent},
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{
    Entry, Fields, Observation, Reference, Subject, Timestamp, Volatility, topology, vocabulary,
};
use std::collections::{BTreeMap, BTreeSet};

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The sequence that is committed now.
    pub acknowledged: u64,
    /// References that are not known here; the agent must send these observations again in full.
    pub unknown_references: Vec<Reference>,
    /// Whether the batch was here before, so that nothing of it was taken in again.
    pub is_repeated: bool,
    /// Whether a time in it was more than a day off what can be: the clock of the agent's box is wrong.
    pub has_wrong_clock: bool,
}

/// No batch holds more entries than this.
const MAX_ENTRIES: usize = 65_536;

/// Where in an agent's own sequence an entry stands; it orders statements and rounds without telling any time.
pub(crate) fn place(sequence: i64, position: usize) -> i64 {
    let within = i64::try_from(position.min(MAX_ENTRIES - 1)).unwrap_or(0);
    sequence.saturating_mul(65_536).saturating_add(within)
}

/// The batch being taken in.
struct Batch<'b> {
    school: i64,
    agent: i64,
    sequence: i64,
    now: Timestamp,
    entries: &'b [Entry],
}

/// What a batch touched, so that only that is derived again.
#[derive(Default)]
struct Touched {
    assets: BTreeSet<i64>,
    gone: BTreeSet<i64>,
    domains: BTreeSet<String>,
    round_ended: bool,
}

impl Traeger {
    /// Takes in a batch, all of it or nothing: append, resolve identity, recognise, update assets, check rules, store
    /// the difference of findings. Idempotent on agent and sequence. Acknowledge after it returns. Times that cannot
    /// be (in the future, or long before any spool) count as the moment of receiving.
    ///
    /// # Errors
    /// The agent is unknown, revoked, not approved or speaks for another school; or the database failed.
    pub fn append_batch(
        &self,
        school: i64,
        agent: i64,
        sequence: u64,
        entries: &[Entry],
        received_at: Timestamp,
    ) -> Result<Outcome> {
        let number = i64::try_from(sequence).ok().filter(|number| *number < 1 << 46);
        let number = number.ok_or_else(|| Error::Refused(format!("no agent gets to sequence {sequence}")))?;
        if entries.len() > MAX_ENTRIES {
            return Err(Error::Refused(format!("a batch of {} entries is too large", entries.len())));
        }
        let (entries, has_wrong_clock) = clock::plausible(entries, received_at);
        let batch = Batch { school, agent, sequence: number, now: received_at, entries: &entries };
        self.write(|tx| batch.append(tx))
            .map(|(unknown_references, is_repeated)| Outcome {
                acknowledged: sequence,
                unknown_references,
                is_repeated,
                has_wrong_clock,
            })
            .doing(|| format!("take in batch {sequence} of agent {agent}"))
    }
}

impl Batch<'_> {
    /// Appends it, and says which references are not known and whether the batch was here before.
    fn append(&self, tx: &mut Tx<'_>) -> Result<(Vec<Reference>, bool)> {
        tx.lock_school(self.school)?;
        self.require_agent(tx)?;
        let note = "INSERT INTO batch (traeger_id, agent_id, sequence, day) VALUES ($1, $2, $3, $4)
                    ON CONFLICT (agent_id, sequence) DO NOTHING";
        if tx.execute(note, cells![self.agent, self.sequence, self.now.day()])? == 0 {
            return Ok((self.unknown_references(tx)?, true));
        }
        let mut touched = Touched::default();
        self.observations(tx, &mut touched)?;
        let unknown = self.confirmations(tx, &mut touched)?;
        self.rounds_and_counts(tx, &mut touched)?;
        let contact = "UPDATE agent SET last_contact = $3,
                       last_sequence = CASE WHEN last_sequence < $4 THEN $4 ELSE last_sequence END
                       WHERE traeger_id = $1 AND id = $2";
        tx.execute(contact, cells![self.agent, self.now, self.sequence])?;
        tx.know_tables()?;
        self.settle(tx, &touched)?;
        Ok((unknown, false))
    }

    fn require_agent(&self, tx: &mut Tx<'_>) -> Result<()> {
        let sql = "SELECT school_id, approved_at, revoked_at FROM agent WHERE traeger_id = $1 AND id = $2";
        let (school, approved, revoked) = tx
            .first(sql, cells![self.agent], |row| Ok((row.int(0)?, row.maybe_int(1)?, row.maybe_int(2)?)))?
            .ok_or_else(|| Error::NotFound(format!("agent {}", self.agent)))?;
        let refusal = if school != self.school {
            "speaks for another school"
        } else if revoked.is_some() {
            "is revoked"
        } else if approved.is_none() {
            "waits for approval"
        } else {
            return Ok(());
        };
        Err(Error::Refused(format!("agent {} {refusal}", self.agent)))
    }

    fn observations(&self, tx: &mut Tx<'_>, touched: &mut Touched) -> Result<()> {
        let mut groups: BTreeMap<&Subject, Vec<(usize, u32, &Observation)>> = BTreeMap::new();
        for (position, entry) in self.entries.iter().enumerate() {
            if let Entry::Observation { index, observation } = entry {
                groups.entry(&observation.subject).or_default().push((position, *index, observation));
            }
        }
        let ahead = ahead::Ahead { agent: self.agent, entries: self.entries };
        let mut identifier = identify::Identifier::new(self.school, ahead);
        for (subject, group) in groups {
            let observations: Vec<&Observation> =
                group.iter().map(|(_, _, observation)| *observation).collect();
            let filed = match subject {
                Subject::Domain(name) => {
                    touched.domains.insert(name.clone());
                    let fields = observations.iter().map(|seen| &seen.fields);
                    let spoken = domains::Spoken::of(fields, domains::sees_all(tx, self.agent)?);
                    identify::domain_key(tx, self.school, name, spoken, self.now)?
                }
                Subject::Device { .. } => {
                    let filed = identifier.file(tx, subject, &observations, self.now)?;
                    touched.assets.extend(filed.asset);
                    touched.gone.extend(filed.absorbed);
                    filed.key
                }
            };
            for (position, index, observation) in group {
                self.store(tx, filed, position, index, observation)?;
            }
        }
        touched.assets.retain(|asset| !touched.gone.contains(asset));
        Ok(())
    }

    fn store(
        &self,
        tx: &mut Tx<'_>,
        key: i64,
        position: usize,
        index: u32,
        observation: &Observation,
    ) -> Result<()> {
        let (stable, slow) = sorted(&observation.fields);
        let (ip, mac, provenance) = match &observation.subject {
            Subject::Device { ip, mac } => (ip.to_string(), mac.map(|(mac, _)| mac), mac.map(|(_, p)| p)),
            Subject::Domain(_) => (String::new(), None, None),
        };
        let provenance = provenance.map(serde_json::to_value).transpose()?;
        let slot = slot(observation);
        let day = observation.at.day();
        let sql =
            "INSERT INTO observation (traeger_id, school_id, agent_id, sequence, position, key_id, ip, mac,
                     provenance, segment, probe, slot, day, last_confirmed, place, fields)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15)
                   ON CONFLICT (agent_id, sequence, position) DO NOTHING RETURNING id";
        let row = cells![
            self.school,
            self.agent,
            self.sequence,
            index,
            key,
            &ip,
            mac.map(|mac| mac.to_string()),
            provenance.as_ref().and_then(serde_json::Value::as_str),
            &observation.segment,
            &observation.probe,
            &slot,
            day,
            place(self.sequence, position),
            serde_json::to_string(&stable)?,
        ];
        let Some(id) = tx.first(sql, row, |row| row.int(0))? else { return Ok(()) };
        hold(tx, id)?;
        // A mere search domain was not looked up.
        if matches!(observation.subject, Subject::Domain(_))
            && observation.fields.get(&vocabulary::DNS_LOOKUPS).is_some()
        {
            record_changes::note(tx, id)?;
        }
        let is_partial = topology::is_partial(&observation.fields);
        for (field, value) in slow.iter() {
            // A part of the forwarding table says so itself, and is the day's sample only until the whole is told.
            let sql = "INSERT INTO sample (traeger_id, school_id, key_id, field, day, value)
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key_id, field, day) DO UPDATE
                       SET value = excluded.value WHERE sample.field = 'snmp.fdb' AND sample.value LIKE '%\"cut\"%'";
            let is_part = is_partial && field == vocabulary::SNMP_FDB.name;
            let value = if is_part { topology::part(value.clone()) } else { value.clone() };
            tx.execute(sql, cells![self.school, key, field, day, serde_json::to_string(&value)?])?;
        }
        Ok(())
    }

    fn confirmed(&self) -> impl Iterator<Item = (usize, Reference, Timestamp)> {
        self.entries.iter().enumerate().filter_map(|(position, entry)| match entry {
            Entry::Confirmation { reference, at } => Some((position, *reference, *at)),
            _ => None,
        })
    }

    /// The references of this batch that are not known, without changing anything: for a batch sent twice.
    fn unknown_references(&self, tx: &mut Tx<'_>) -> Result<Vec<Reference>> {
        let sql = "SELECT 1 FROM observation
                   WHERE traeger_id = $1 AND agent_id = $2 AND sequence = $3 AND position = $4";
        let mut unknown = Vec::new();
        for (_, reference, _) in self.confirmed() {
            let sequence = i64::try_from(reference.sequence).unwrap_or(i64::MAX);
            if tx.first(sql, cells![self.agent, sequence, reference.index], |_| Ok(()))?.is_none() {
                unknown.push(reference);
            }
        }
        Ok(unknown)
    }

    fn confirmations(&self, tx: &mut Tx<'_>, touched: &mut Touched) -> Result<Vec<Reference>> {
        let find = "SELECT o.id, o.last_confirmed, k.asset_id, k.kind, k.value
                    FROM observation o JOIN identity_key k ON k.id = o.key_id
                    WHERE o.traeger_id = $1 AND o.agent_id = $2 AND o.sequence = $3 AND o.position = $4";
        let confirm = "UPDATE observation SET
                         last_confirmed = CASE WHEN last_confirmed < $3 THEN $3 ELSE last_confirmed END,
                         place = CASE WHEN place < $4 THEN $4 ELSE place END
                       WHERE traeger_id = $1 AND id = $2";
        let mut unknown = Vec::new();
        for (position, reference, at) in self.confirmed() {
            let sequence = i64::try_from(reference.sequence).unwrap_or(i64::MAX);
            let found = tx.first(find, cells![self.agent, sequence, reference.index], |row| {
                Ok((row.int(0)?, row.moment(1)?, row.maybe_int(2)?, row.text(3)?, row.text(4)?))
            })?;
            let Some((id, before, asset, kind, value)) = found else {
                unknown.push(reference);
                continue;
            };
            tx.execute(confirm, cells![id, at.day(), place(self.sequence, position)])?;
            let moved = hold(tx, id)?;
            // Confirmed on the same day, nothing derived changes; how it stands is settled when the round ends.
            if moved || before < at.day() {
                touched.assets.extend(asset);
                if kind == "domain" {
                    touched.domains.insert(value);
                }
            }
        }
        Ok(unknown)
    }

    fn settle(&self, tx: &mut Tx<'_>, touched: &Touched) -> Result<()> {
        for asset in &touched.gone {
            derive::derive(tx, self.school, *asset, self.now)?;
            crate::findings::close_subject(tx, self.school, &format!("asset {asset}"), self.now)?;
        }
        for asset in &touched.assets {
            derive::derive(tx, self.school, *asset, self.now)?;
        }
        let none = BTreeSet::new();
        // What went into another device leaves the search and what stands for it.
        let assets: BTreeSet<i64> = touched.assets.union(&touched.gone).copied().collect();
        let extent = if touched.round_ended {
            Extent::School
        } else if assets.is_empty() && touched.domains.is_empty() {
            return Ok(());
        } else {
            Extent::Some { assets: &assets, domains: &touched.domains, systems: &none }
        };
        rules::run(tx, self.school, &extent, self.now)?;
        self.settle_elsewhere(tx, &touched.domains)
    }

    /// A shared domain is judged where its findings stand. Always a school with a smaller number: two batches never wait
    /// for each other.
    fn settle_elsewhere(&self, tx: &mut Tx<'_>, domains: &BTreeSet<String>) -> Result<()> {
        let mut homes: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        for name in domains {
            if let Some(home) = domains::home(tx, name)?.filter(|home| *home < self.school) {
                homes.entry(home).or_default().insert(name.clone());
            }
        }
        let none = BTreeSet::new();
        for (home, domains) in homes.iter().rev() {
            tx.lock_school(*home)?;
            rules::run(tx, *home, &Extent::Some { assets: &none, domains, systems: &none }, self.now)?;
        }
        Ok(())
    }
}

/// Makes an observation the present one of its slot, if none was confirmed later; tells whether it was not before.
pub(crate) fn hold(tx: &mut Tx<'_>, observation: i64) -> Result<bool> {
    let sql = "INSERT INTO present (traeger_id, school_id, key_id, agent_id, ip, probe, slot, observation_id)
               SELECT traeger_id, school_id, key_id, agent_id, ip, probe, slot, id FROM observation
               WHERE traeger_id = $1 AND id = $2
               ON CONFLICT (key_id, agent_id, ip, probe, slot) DO UPDATE SET observation_id = excluded.observation_id
               WHERE present.observation_id <> excluded.observation_id
                 AND (SELECT new.place FROM observation new WHERE new.id = excluded.observation_id)
                   > (SELECT old.place FROM observation old WHERE old.id = present.observation_id)";
    Ok(tx.execute(sql, cells![observation])? > 0)
}

/// Stable fields and slow ones; volatile ones and those that no vocabulary knows are not kept.
fn sorted(fields: &Fields) -> (Fields, Fields) {
    let (mut stable, mut slow) = (Fields::new(), Fields::new());
    for (name, value) in fields.iter() {
        match vocabulary::field(name).map(|field| field.volatility) {
            Some(Volatility::Stable) => stable.set_named(name.to_owned(), value.clone()),
            Some(Volatility::Slow) => slow.set_named(name.to_owned(), value.clone()),
            Some(Volatility::Volatile) | None => {}
        }
    }
    (stable, slow)
}

/// What tells apart several statements of one probe about one subject: the port, where a probe asks several.
fn slot(observation: &Observation) -> String {
    let port = format!("{}.port", observation.probe);
    observation
        .fields
        .named(&port)
        .and_then(rundgang_inventory::Value::as_int)
        .map(|port| port.to_string())
        .unwrap_or_default()
}
