//! Retention: what is old is deleted, and each deletion leaves a proof (promise P8).

mod chosen;

use crate::{
    error::{Doing, Result},
    ingest, search,
    store::{Traeger, Tx, cells},
    sums,
};
use rundgang_inventory::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long things are kept, in days. Editable downward: [`Traeger::retain`] never keeps longer than the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// Raw observations, after they were last confirmed.
    pub observations: i64,
    /// Intervals of values, after they ended.
    pub intervals: i64,
    /// Devices of no known kind, after they were last seen.
    pub unclassified: i64,
    /// Devices, after they were last seen.
    pub devices: i64,
    /// Findings, after they were closed.
    pub findings: i64,
    /// The audit log.
    pub audit: i64,
    /// Counters by the hour.
    pub counts: i64,
    /// Coverage of rounds.
    pub coverage: i64,
    /// Submitted surveys: sums, and the name, comment and day of who confirmed or corrected an answer.
    pub answers: i64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            observations: 30,
            intervals: 730,
            unclassified: 7,
            devices: 365,
            findings: 730,
            audit: 365,
            counts: 90,
            coverage: 730,
            // Ten years, leap days included.
            answers: 3653,
        }
    }
}

impl Retention {
    /// These days, but none longer than promised.
    fn within_promise(self) -> Self {
        let most = Self::default();
        let within = |days: i64, most: i64| days.clamp(0, most);
        Self {
            observations: within(self.observations, most.observations),
            intervals: within(self.intervals, most.intervals),
            unclassified: within(self.unclassified, most.unclassified),
            devices: within(self.devices, most.devices),
            findings: within(self.findings, most.findings),
            audit: within(self.audit, most.audit),
            counts: within(self.counts, most.counts),
            coverage: within(self.coverage, most.coverage),
            answers: within(self.answers, most.answers),
        }
    }
}

/// The proof of one deletion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeletionProof {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: String,
    /// Everything of that kind older than this.
    pub older_than: Timestamp,
    /// How many rows.
    pub rows: i64,
}

/// One kind of thing that is deleted: what it is called in the proof, how long it is kept, and the statement.
struct Deletion(&'static str, fn(&Retention) -> i64, &'static str);

const DELETIONS: &[Deletion] = &[
    Deletion("samples", |keep| keep.intervals, "DELETE FROM sample WHERE traeger_id = $1 AND day < $2"),
    Deletion(
        "value intervals",
        |keep| keep.intervals,
        "DELETE FROM value_interval WHERE traeger_id = $1 AND valid_to < $2",
    ),
    Deletion(
        "changes of records",
        |keep| keep.intervals,
        "DELETE FROM record_change WHERE traeger_id = $1 AND day < $2",
    ),
    Deletion(
        "notes of surveys",
        |keep| keep.intervals,
        "DELETE FROM survey_note WHERE traeger_id = $1 AND (valid_to < $2 OR replaced_at < $2)",
    ),
    Deletion(
        "finding events",
        |keep| keep.findings,
        "DELETE FROM finding_event WHERE traeger_id = $1 AND EXISTS (
           SELECT 1 FROM finding f WHERE f.school_id = finding_event.school_id AND f.rule = finding_event.rule
             AND f.subject = finding_event.subject AND f.closed_at < $2)",
    ),
    Deletion("findings", |keep| keep.findings, "DELETE FROM finding WHERE traeger_id = $1 AND closed_at < $2"),
    Deletion(
        "decisions about findings",
        |keep| keep.findings,
        "DELETE FROM decision WHERE traeger_id = $1 AND at < $2 AND NOT EXISTS (
           SELECT 1 FROM finding f WHERE f.traeger_id = decision.traeger_id AND f.school_id = decision.school_id
             AND f.rule = decision.rule AND f.subject = decision.subject)",
    ),
    Deletion(
        "answered questions",
        |keep| keep.audit,
        "DELETE FROM question WHERE traeger_id = $1 AND (answered_at < $2 OR system_id IN (
           SELECT id FROM documented_system WHERE traeger_id = $1 AND deleted_at < $2))",
    ),
    Deletion("audit log", |keep| keep.audit, "DELETE FROM audit_log WHERE traeger_id = $1 AND at < $2"),
    Deletion(
        "secrets of tokens that are over",
        |keep| keep.audit,
        "DELETE FROM api_token_secret WHERE traeger_id = $1 AND token_id IN (
           SELECT id FROM api_token WHERE traeger_id = $1 AND (expires_at < $2 OR revoked_at < $2))",
    ),
    Deletion(
        "tokens that are over",
        |keep| keep.audit,
        "DELETE FROM api_token WHERE traeger_id = $1 AND (expires_at < $2 OR revoked_at < $2)",
    ),
    Deletion("records of sending", |keep| keep.audit, "DELETE FROM dispatch WHERE traeger_id = $1 AND at < $2"),
    Deletion("coverage", |keep| keep.coverage, "DELETE FROM coverage WHERE traeger_id = $1 AND ended < $2"),
    Deletion(
        "latest rounds",
        |keep| keep.coverage,
        "DELETE FROM covered WHERE traeger_id = $1 AND ended < $2",
    ),
    Deletion("batches", |keep| keep.observations, "DELETE FROM batch WHERE traeger_id = $1 AND day < $2"),
    Deletion(
        "withdrawn lessons",
        |keep| keep.audit,
        "DELETE FROM lesson WHERE traeger_id = $1 AND withdrawn_at < $2",
    ),
    // What stood in a deleted entry is in the audit log, and goes when that goes.
    Deletion(
        "deleted entries of the register",
        |keep| keep.audit,
        "DELETE FROM documented_system WHERE traeger_id = $1 AND deleted_at < $2 AND NOT EXISTS (
           SELECT 1 FROM lesson l WHERE l.traeger_id = documented_system.traeger_id
             AND l.system_id = documented_system.id)",
    ),
    // A lesson that holds still names its system, and needs no more of it than the name.
    Deletion(
        "texts of deleted entries of the register",
        |keep| keep.audit,
        "UPDATE documented_system SET purpose = '', owner = '', deputy = '', provider = '', first_level = '',
           second_level = '', hotline = '', contract = '', credentials_kind = '', credentials_place = '',
           credentials_deputy = '', insurance = '', changed_by = '', serial = '', mac = '', notes = '', search = ''
         WHERE traeger_id = $1 AND deleted_at < $2 AND search <> ''",
    ),
    Deletion(
        "systems of entered lists",
        |keep| keep.audit,
        "DELETE FROM list_system WHERE traeger_id = $1 AND list_id IN (SELECT id FROM list WHERE traeger_id = $1 AND at < $2)",
    ),
    Deletion(
        "rooms of entered lists",
        |keep| keep.audit,
        "DELETE FROM list_room WHERE traeger_id = $1 AND list_id IN (SELECT id FROM list WHERE traeger_id = $1 AND at < $2)",
    ),
    Deletion("entered lists", |keep| keep.audit, "DELETE FROM list WHERE traeger_id = $1 AND at < $2"),
    Deletion(
        "evidence of submitted surveys",
        |keep| keep.answers,
        "DELETE FROM survey_evidence WHERE traeger_id = $1 AND frozen_id IN (
           SELECT id FROM survey_frozen WHERE traeger_id = $1 AND at < $2)",
    ),
    Deletion(
        "submitted surveys",
        |keep| keep.answers,
        "DELETE FROM survey_frozen WHERE traeger_id = $1 AND at < $2",
    ),
    Deletion(
        "parts of submitted surveys",
        |keep| keep.answers,
        "DELETE FROM survey_part WHERE traeger_id = $1 AND run_id IN (
           SELECT id FROM survey_run WHERE traeger_id = $1 AND submitted_at < $2)",
    ),
    Deletion(
        "runs of submitted surveys",
        |keep| keep.answers,
        "DELETE FROM survey_run WHERE traeger_id = $1 AND submitted_at < $2",
    ),
    Deletion(
        "parts of surveys never submitted",
        |keep| keep.intervals,
        "DELETE FROM survey_part WHERE traeger_id = $1 AND run_id IN (
           SELECT id FROM survey_run WHERE traeger_id = $1 AND submitted_at IS NULL AND opened_at < $2)",
    ),
    Deletion(
        "runs of surveys never submitted",
        |keep| keep.intervals,
        "DELETE FROM survey_run WHERE traeger_id = $1 AND submitted_at IS NULL AND opened_at < $2",
    ),
];

impl Traeger {
    /// Deletes what is older than promised (or than `keep`, where that is shorter) and writes a proof of each
    /// deletion, also where there was nothing to delete.
    ///
    /// # Errors
    /// The database failed; then nothing is deleted.
    pub fn retain(&self, keep: Retention, now: Timestamp) -> Result<Vec<DeletionProof>> {
        let keep = keep.within_promise();
        let before = |days: i64| now.day().plus_days(-days);
        self.write(|tx| {
            let schools = tx.lock_all_schools()?;
            let mut proofs = vec![
                proof(tx, "unclassified devices", before(keep.unclassified), now, unclassified)?,
                proof(tx, "devices", before(keep.devices), now, devices)?,
                proof(tx, "observations", before(keep.observations), now, observations)?,
                proof(tx, "counters by the hour", before(keep.counts), now, counts)?,
            ];
            crate::frozen::mark_deleted(tx, now)?;
            for Deletion(what, period, sql) in DELETIONS {
                let limit = before(period(&keep));
                proofs.push(proof(tx, what, limit, now, |tx, limit| tx.execute(sql, cells![limit]))?);
            }
            schools.iter().try_for_each(|school| sums::refresh(tx, *school))?;
            Ok(proofs)
        })
        .doing(|| "delete what is old".to_owned())
    }

    /// The proofs of deletions since a moment, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn deletion_proofs(&self, since: Timestamp) -> Result<Vec<DeletionProof>> {
        let sql = "SELECT at, what, older_than, rows_deleted FROM deletion_proof
                   WHERE traeger_id = $1 AND at >= $2 ORDER BY id";
        self.read(|tx| {
            tx.list(sql, cells![since], |row| {
                Ok(DeletionProof {
                    at: row.moment(0)?,
                    what: row.text(1)?,
                    older_than: row.moment(2)?,
                    rows: row.int(3)?,
                })
            })
        })
    }
}

fn proof(
    tx: &mut Tx<'_>,
    what: &str,
    older_than: Timestamp,
    now: Timestamp,
    delete: impl Fn(&mut Tx<'_>, Timestamp) -> Result<u64>,
) -> Result<DeletionProof> {
    let rows = i64::try_from(delete(tx, older_than)?).unwrap_or(i64::MAX);
    prove(tx, what, older_than, rows, now)?;
    Ok(DeletionProof { at: now, what: what.to_owned(), older_than, rows })
}

/// Writes the proof line of a deletion (promise P8).
pub(crate) fn prove(
    tx: &mut Tx<'_>,
    what: &str,
    older_than: Timestamp,
    rows: i64,
    now: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO deletion_proof (traeger_id, at, what, older_than, rows_deleted) VALUES ($1, $2, $3, $4, $5)";
    tx.execute(sql, cells![now, what, older_than, rows]).map(drop)
}

/// Deletes old statements; where an older one of the same slot is left, it holds again.
fn observations(tx: &mut Tx<'_>, limit: Timestamp) -> Result<u64> {
    let sql = "SELECT key_id FROM observation WHERE traeger_id = $1 AND last_confirmed < $2 GROUP BY key_id";
    let keys = tx.list(sql, cells![limit], |row| row.int(0))?;
    let gone = "DELETE FROM present WHERE traeger_id = $1 AND observation_id IN
                  (SELECT id FROM observation WHERE traeger_id = $1 AND last_confirmed < $2)";
    tx.execute(gone, cells![limit])?;
    let deleted =
        tx.execute("DELETE FROM observation WHERE traeger_id = $1 AND last_confirmed < $2", cells![limit])?;
    for key in keys {
        let sql = "SELECT id FROM observation WHERE traeger_id = $1 AND key_id = $2 ORDER BY id";
        for left in tx.list(sql, cells![key], |row| row.int(0))? {
            ingest::hold(tx, left)?;
        }
    }
    Ok(deleted)
}

fn unclassified(tx: &mut Tx<'_>, limit: Timestamp) -> Result<u64> {
    let sql = "SELECT a.id FROM asset a WHERE a.traeger_id = $1 AND a.last_seen < $2 AND a.kind IS NULL
               AND NOT EXISTS (SELECT 1 FROM stands_for s WHERE s.traeger_id = $1 AND s.asset_id = a.id)";
    forget(tx, sql, limit)
}

fn devices(tx: &mut Tx<'_>, limit: Timestamp) -> Result<u64> {
    let sql = "SELECT a.id FROM asset a WHERE a.traeger_id = $1 AND a.last_seen < $2";
    forget(tx, sql, limit)
}

/// Forgets devices wholly: statements, samples, keys, history. Their numbers are never given again.
fn forget(tx: &mut Tx<'_>, sql: &str, limit: Timestamp) -> Result<u64> {
    let assets = tx.list(sql, cells![limit], |row| row.int(0))?;
    for asset in &assets {
        forget_asset(tx, *asset)?;
    }
    Ok(assets.len() as u64)
}

/// Forgets a device wholly; in the search, systems that stood for it lose its words.
pub(crate) fn forget_asset(tx: &mut Tx<'_>, asset: i64) -> Result<()> {
    let school = school_of(tx, asset)?;
    let sql = "SELECT system_id FROM stands_for WHERE traeger_id = $1 AND asset_id = $2";
    let systems = tx.list(sql, cells![asset], |row| row.int(0))?.into_iter().collect();
    const KEYS: &str = "(SELECT id FROM identity_key WHERE traeger_id = $1 AND asset_id = $2)";
    for table in ["sample", "present", "observation", "ambiguity"] {
        // By the index of the key alone, whatever the database knows of how its rows are spread.
        let sql = format!("DELETE FROM {table} WHERE +traeger_id = $1 AND key_id IN {KEYS}");
        tx.execute(&sql, cells![asset])?;
    }
    tx.execute("DELETE FROM identity_key WHERE traeger_id = $1 AND asset_id = $2", cells![asset])?;
    tx.execute("DELETE FROM asset WHERE traeger_id = $1 AND id = $2", cells![asset])?;
    tx.execute("DELETE FROM stands_for WHERE traeger_id = $1 AND asset_id = $2", cells![asset])?;
    if let Some(school) = school {
        search::index::refresh(tx, school, Some((&BTreeSet::from([asset]), &systems)))?;
    }
    let subject = format!("asset {asset}");
    if let Some(school) = school {
        // Their index begins with the school, and a device stays at its own.
        let sql = "DELETE FROM value_interval WHERE traeger_id = $1 AND school_id = $2 AND subject = $3";
        tx.execute(sql, cells![school, &subject])?;
    }
    for table in ["finding", "finding_event", "decision", "survey_note", "kept_value"] {
        let sql = format!("DELETE FROM {table} WHERE traeger_id = $1 AND subject = $2");
        tx.execute(&sql, cells![&subject])?;
    }
    Ok(())
}

/// The school in which a device stands.
pub(crate) fn school_of(tx: &mut Tx<'_>, asset: i64) -> Result<Option<i64>> {
    let sql = "SELECT school_id FROM asset WHERE traeger_id = $1 AND id = $2";
    tx.first(sql, cells![asset], |row| row.int(0))
}

/// Hours older than the limit become the peak of their month, kept under the first of the month.
fn counts(tx: &mut Tx<'_>, limit: Timestamp) -> Result<u64> {
    let sql = "SELECT school_id, agent_id, segment, hour, kind, count FROM tally WHERE traeger_id = $1 AND hour < $2";
    let old = tx.list(sql, cells![limit], |row| {
        Ok((row.int(0)?, row.int(1)?, row.text(2)?, row.moment(3)?, row.text(4)?, row.int(5)?))
    })?;
    let mut folded = 0;
    for (school, agent, segment, hour, kind, count) in old {
        let month = Timestamp::parse_date(&format!("{}-01", &hour.date()[..7])).unwrap_or(hour);
        if month == hour {
            continue;
        }
        let delete = "DELETE FROM tally WHERE traeger_id = $1 AND agent_id = $2 AND segment = $3 AND hour = $4 AND kind = $5";
        tx.execute(delete, cells![agent, &segment, hour, &kind])?;
        let peak = "INSERT INTO tally (traeger_id, school_id, agent_id, segment, hour, kind, count)
                    VALUES ($1, $2, $3, $4, $5, $6, $7)
                    ON CONFLICT (agent_id, segment, hour, kind) DO UPDATE SET
                      count = CASE WHEN tally.count < excluded.count THEN excluded.count ELSE tally.count END";
        tx.execute(peak, cells![school, agent, segment, month, kind, count])?;
        folded += 1;
    }
    Ok(folded)
}
