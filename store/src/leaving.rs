//! A school that leaves: its whole book in one piece, and deleting it so that every other school stays as it was.

use crate::{
    domains,
    error::{Doing, Error, Result},
    export::object,
    migrate,
    register::{AuditEntry, audit},
    retention,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// What a school does not take along: what lets people, programs and boxes in; counts of personal devices, which are only
/// ever shown rounded (promise P3); and what is derived from the rest or serves the search.
const NOT_TAKEN: [&str; 19] = [
    "account",
    "account_identity",
    "account_mail",
    "account_secret",
    "agent_order",
    "api_token",
    "api_token_secret",
    "batch",
    "covered",
    "dispatch",
    "invitation",
    "list_room",
    "list_system",
    "present",
    "search_document",
    "search_gram",
    "search_place",
    "search_word",
    "tally",
];

/// What was submitted stays with the Träger, which answers for it for ten years (promise P8) and whose seals reach from
/// row to row; the school takes a copy.
const SEALED: [&str; 2] = ["survey_frozen", "survey_evidence"];

/// The rows of a table that are one school's (`$2`), as a condition; none for what is the Träger's own.
pub(crate) fn rows_of_school(table: &str) -> Option<String> {
    let through = |column: &str, of: &str| {
        Some(format!("{column} IN (SELECT id FROM {of} WHERE traeger_id = $1 AND school_id = $2)"))
    };
    match table {
        "school" => Some("id = $2".to_owned()),
        "batch" | "agent_order" => through("agent_id", "agent"),
        "list_system" => through("system_id", "documented_system"),
        "list_room" => through("room_id", "room"),
        "account_secret" | "account_mail" | "account_identity" => through("account_id", "account"),
        "dispatch" => {
            let to_accounts = through("kind = 'digest' AND recipient", "account")?;
            Some(format!("(({to_accounts}) OR (kind = 'reminder' AND recipient = $2))"))
        }
        "api_token_secret" => through("token_id", "api_token"),
        "search_gram" | "search_place" => through("word_id", "search_word"),
        "survey_evidence" => through("frozen_id", "survey_frozen"),
        _ => migrate::columns_of(table).contains(&"school_id").then(|| "school_id = $2".to_owned()),
    }
}

/// The rows of a table that go with a school in its file.
pub(crate) fn rows_taken(table: &str) -> Option<String> {
    match table {
        // The surveys that the school answered: without their questions nobody understands the answers.
        "survey_run" => Some(
            "id IN (SELECT run_id FROM survey_part WHERE traeger_id = $1 AND school_id = $2
                    UNION SELECT run_id FROM survey_frozen WHERE traeger_id = $1 AND school_id = $2)"
                .to_owned(),
        ),
        // What of the Träger's offers the school said something about: without their names nobody understands it.
        "offer" => {
            Some("id IN (SELECT offer_id FROM offer_use WHERE traeger_id = $1 AND school_id = $2)".to_owned())
        }
        table if NOT_TAKEN.contains(&table) => None,
        table => rows_of_school(table),
    }
}

/// The rows of a table that are deleted with a school.
pub(crate) fn rows_deleted(table: &str) -> Option<String> {
    if SEALED.contains(&table) { None } else { rows_of_school(table) }
}

/// The ways by which boxes of a school are known, and by which new ones would be.
const WAYS_IN: &str = "DELETE FROM directory WHERE traeger_id = $1 AND (
      (kind = 'agent' AND key IN (
        SELECT fingerprint FROM agent WHERE traeger_id = $1 AND school_id = $2
        UNION SELECT previous_fingerprint FROM agent WHERE traeger_id = $1 AND school_id = $2))
      OR (kind = 'invitation' AND key IN (
        SELECT token_hash FROM invitation WHERE traeger_id = $1 AND school_id = $2)))";

impl Traeger {
    /// Everything that a school takes along: table name to rows, as [`Traeger::export`] has them.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn export_school(&self, school: i64) -> Result<Json> {
        self.school(school)?;
        self.read(|tx| {
            let mut all = Map::new();
            for table in migrate::all_traeger_tables() {
                let Some(own) = rows_taken(table) else { continue };
                let columns = migrate::columns_of(table);
                let sql =
                    format!("SELECT {} FROM {table} WHERE traeger_id = $1 AND {own}", columns.join(", "));
                let rows = tx.list(&sql, cells![school], |row| Ok(object(&columns, row)))?;
                all.insert(table.to_owned(), Json::Array(rows));
            }
            Ok(Json::Object(all))
        })
        .doing(|| format!("export school {school}"))
    }

    /// The audit log of one school, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn audit_log_of_school(&self, school: i64) -> Result<Vec<AuditEntry>> {
        let sql = "SELECT at, who, what, subject, before, after FROM audit_log
                   WHERE traeger_id = $1 AND school_id = $2 ORDER BY id";
        self.read(|tx| tx.list(sql, cells![school], AuditEntry::of))
    }

    /// Deletes a school with everything that is kept of it, in one transaction, and returns how many rows went. Its agents
    /// are refused from then on, its accounts and tokens let nobody in, and what was submitted for it stays sealed. Domains
    /// that it shared are judged anew where they stand now.
    ///
    /// # Errors
    /// `name` is not what the school is called, so that nobody deletes another one by a slip of the pen; there is no such
    /// school; or the database failed. Then nothing is deleted.
    pub fn remove_school(&self, school: i64, name: &str, who: &str, now: Timestamp) -> Result<u64> {
        let known = self.school(school)?.entered.name;
        if known != name.trim() {
            return Err(Error::Refused(format!("this school is called '{known}', not '{}'", name.trim())));
        }
        // What refers to something was made after it, and goes before it.
        let mut tables: Vec<&'static str> = migrate::all_traeger_tables().collect();
        tables.reverse();
        self.write(|tx| {
            let domains = domains_of(tx, school)?;
            domains::lock_with_all_speakers(tx, &domains, school)?;
            let mut gone = tx.execute(WAYS_IN, cells![school])?;
            for table in &tables {
                let Some(own) = rows_deleted(table) else { continue };
                gone += tx.execute(
                    &format!("DELETE FROM {table} WHERE traeger_id = $1 AND {own}"),
                    cells![school],
                )?;
            }
            let evidence = "UPDATE survey_evidence SET deleted_at = $3
                            WHERE traeger_id = $1 AND school_id = $2 AND deleted_at IS NULL";
            tx.execute(evidence, cells![school, now])?;
            domains.iter().try_for_each(|name| domains::judge_without_a_school(tx, name, now))?;
            retention::prove(tx, "school", now, i64::try_from(gone).unwrap_or(i64::MAX), now)?;
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: "delete".to_owned(),
                subject: format!("school {school}"),
                before: known.clone(),
                after: String::new(),
            };
            audit(tx, None, &entry)?;
            Ok(gone)
        })
        .doing(|| format!("delete school {school}"))
    }
}

/// The domains that a school has, and those of which its agents spoke.
fn domains_of(tx: &mut Tx<'_>, school: i64) -> Result<BTreeSet<String>> {
    let sql = "SELECT name FROM domain WHERE traeger_id = $1 AND school_id = $2
               UNION SELECT value FROM identity_key WHERE traeger_id = $1 AND school_id = $2 AND kind = 'domain'";
    Ok(tx.list(sql, cells![school], |row| row.text(0))?.into_iter().collect())
}
