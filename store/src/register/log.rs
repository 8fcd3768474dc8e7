//! The audit log: who changed what, when, with what stood there before and what stands there now.

use crate::{
    engine::Row,
    error::Result,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who; empty for the machine.
    pub who: String,
    /// What was done: `create`, `change`, `delete`; `keep` for a value of one's own, `due` and `decide` for a finding, `ask` for a
    /// question passed on; orders to agents, surveys and reminders have words of their own.
    pub what: String,
    /// To what: `system 3`.
    pub subject: String,
    /// What stood there before, JSON; empty for a new one.
    pub before: String,
    /// What stands there now, JSON; empty for a deleted one.
    pub after: String,
}

impl AuditEntry {
    /// What became of something that is kept as JSON: it was created, changed or deleted.
    pub(crate) fn of_change<T: Serialize>(
        subject: String,
        (before, after): (Option<&T>, Option<&T>),
        (who, at): (&str, Timestamp),
    ) -> Result<Self> {
        let what = match (before, after) {
            (None, _) => "create",
            (_, Some(_)) => "change",
            (_, None) => "delete",
        };
        let told = |value: Option<&T>| value.map(serde_json::to_string).transpose();
        Ok(Self {
            at,
            who: who.to_owned(),
            what: what.to_owned(),
            subject,
            before: told(before)?.unwrap_or_default(),
            after: told(after)?.unwrap_or_default(),
        })
    }

    /// From a row of `at, who, what, subject, before, after`.
    pub(crate) fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            at: row.moment(0)?,
            who: row.text(1)?,
            what: row.text(2)?,
            subject: row.text(3)?,
            before: row.text(4)?,
            after: row.text(5)?,
        })
    }
}

impl Traeger {
    /// The audit log of a subject (`system 3`), the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn audit_log(&self, subject: &str) -> Result<Vec<AuditEntry>> {
        let sql = "SELECT at, who, what, subject, before, after FROM audit_log
                   WHERE traeger_id = $1 AND subject = $2 ORDER BY id DESC";
        self.read(|tx| tx.list(sql, cells![subject], AuditEntry::of))
    }
}

pub(crate) fn audit(tx: &mut Tx<'_>, school: Option<i64>, entry: &AuditEntry) -> Result<()> {
    audit_many(tx, school, std::slice::from_ref(entry))
}

/// Writes many entries of one school at once.
pub(crate) fn audit_many(tx: &mut Tx<'_>, school: Option<i64>, entries: &[AuditEntry]) -> Result<()> {
    let row =
        |e: &AuditEntry| cells![school, e.at, &e.who, &e.what, &e.subject, &e.before, &e.after].to_vec();
    let rows: Vec<_> = entries.iter().map(row).collect();
    tx.insert_many("audit_log (traeger_id, school_id, at, who, what, subject, before, after)", &rows, "")
}
