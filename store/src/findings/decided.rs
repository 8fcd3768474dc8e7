//! What people decide about a finding, until when it is to be dealt with, and its whole history.

use super::{Decision, DecisionState};
use crate::{
    engine::{Cell, Row},
    error::{Doing, Error, Problem, Result},
    register::{AuditEntry, audit, audit_many},
    secrets::refuse_secret,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Something that happened to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// `opened`, `reopened`, `changed` or `closed` by the machine; a state of a decision; `lapsed` for one that ended as
    /// the finding came back; or `due`.
    pub what: String,
    /// Who did it; empty for the machine.
    pub who: String,
    /// Why.
    pub reason: String,
    /// Until when a decision holds, or the last day for dealing with it; nothing where that was taken away.
    pub until: Option<Timestamp>,
}

/// The decision that holds: its number, what it says, and the last day for dealing with the finding.
pub(crate) struct Latest {
    id: i64,
    decides: bool,
    /// As the audit log has it.
    pub(crate) told: Json,
    pub(crate) due: Option<Timestamp>,
}

impl Latest {
    /// From a row of `id, state, reason, until, due`.
    fn of(row: &Row, rule: &str) -> Result<Self> {
        let (state, until) = (row.text(1)?, row.maybe_moment(3)?.map(Timestamp::date));
        let decides = state != DecisionState::None.name();
        let told = json!({ "rule": rule, "state": state, "reason": row.text(2)?, "until": until });
        Ok(Self { id: row.int(0)?, decides, told, due: row.maybe_moment(4)? })
    }
}

fn latest(tx: &mut Tx<'_>, school: i64, rule: &str, subject: &str) -> Result<Option<Latest>> {
    let sql = "SELECT id, state, reason, until, due FROM decision
               WHERE traeger_id = $1 AND school_id = $2 AND rule = $3 AND subject = $4 ORDER BY id DESC LIMIT 1";
    tx.first(sql, cells![school, rule, subject], |row| Latest::of(row, rule))
}

/// Refuses what must not be decided: a reason that holds a secret, and what rests a finding for good or until a day that is
/// over. Nobody would ever be asked again about the one, and the other would rest nothing.
pub(crate) fn require_decidable(decision: &Decision) -> Result<()> {
    refuse_secret("reason", &decision.reason)?;
    let unfit = |problem| Err(Error::Unfit { field: "until", problem });
    match decision.until {
        None if decision.state.rests() => unfit(Problem::Endless),
        Some(until) if decision.state != DecisionState::None && until < decision.at => unfit(Problem::Past),
        _ => Ok(()),
    }
}

fn require_finding(tx: &mut Tx<'_>, school: i64, rule: &str, subject: &str) -> Result<()> {
    let sql = "SELECT 1 FROM finding WHERE traeger_id = $1 AND school_id = $2 AND rule = $3 AND subject = $4";
    tx.first(sql, cells![school, rule, subject], |_| Ok(()))?
        .ok_or_else(|| Error::NotFound(format!("finding {rule} of {subject}")))
}

/// The decisions that hold about findings of one rule, by subject.
pub(crate) fn latest_of_rule(tx: &mut Tx<'_>, school: i64, rule: &str) -> Result<BTreeMap<String, Latest>> {
    let sql = "SELECT d.id, d.state, d.reason, d.until, d.due, d.subject FROM decision d
               WHERE d.traeger_id = $1 AND d.school_id = $2 AND d.rule = $3
                 AND d.id = (SELECT MAX(e.id) FROM decision e WHERE e.traeger_id = d.traeger_id
                   AND e.school_id = d.school_id AND e.rule = d.rule AND e.subject = d.subject)";
    let all = tx.list(sql, cells![school, rule], |row| Ok((row.text(5)?, Latest::of(row, rule)?)))?;
    Ok(all.into_iter().collect())
}

/// What the audit log tells of a last day that was set or taken away.
fn day_set(
    (rule, subject): (&str, &str),
    (was, due): (Option<Timestamp>, Option<Timestamp>),
    (who, at): (&str, Timestamp),
) -> AuditEntry {
    let told = |due: Option<Timestamp>| json!({ "rule": rule, "due": due.map(Timestamp::date) }).to_string();
    AuditEntry {
        at,
        who: who.to_owned(),
        what: "due".to_owned(),
        subject: subject.to_owned(),
        before: told(was),
        after: told(due),
    }
}

/// What the audit log tells of a decision.
pub(crate) fn decided((rule, subject): (&str, &str), before: Option<&Latest>, d: &Decision) -> AuditEntry {
    let until = d.until.map(Timestamp::date);
    let after = json!({ "rule": rule, "state": d.state.name(), "reason": d.reason, "until": until });
    AuditEntry {
        at: d.at,
        who: d.who.clone(),
        what: "decide".to_owned(),
        subject: subject.to_owned(),
        before: before.map(|before| before.told.to_string()).unwrap_or_default(),
        after: after.to_string(),
    }
}

/// Takes back what was said about findings that opened, by rule and subject: what comes back keeps neither a last day nor a
/// decision that were made about what has been dealt with since. The machine takes them, so that the audit log names nobody;
/// the decision itself stays in the history.
pub(super) fn forget(tx: &mut Tx<'_>, school: i64, opened: &[(String, String)], at: Timestamp) -> Result<()> {
    let mut by_rule: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (rule, subject) in opened {
        by_rule.entry(rule).or_default().push(subject);
    }
    let nothing =
        Decision { state: DecisionState::None, reason: String::new(), until: None, who: String::new(), at };
    let (mut log, mut rows) = (Vec::new(), Vec::new());
    for (rule, subjects) in by_rule {
        let standing = latest_of_rule(tx, school, rule)?;
        for subject in subjects {
            let Some(latest) = standing.get(subject) else { continue };
            if let Some(day) = latest.due {
                let sql = "UPDATE decision SET due = NULL
                           WHERE traeger_id = $1 AND school_id = $2 AND rule = $3 AND subject = $4";
                tx.execute(sql, cells![school, rule, subject])?;
                log.push(day_set((rule, subject), (Some(day), None), ("", at)));
            }
            if latest.decides {
                rows.push(row(school, (rule, subject), &nothing, None));
                log.push(decided((rule, subject), Some(latest), &nothing));
            }
        }
    }
    tx.insert_many(DECISION, &rows, "")?;
    audit_many(tx, Some(school), &log)
}

/// The columns of a decision, in the order of [`row`].
pub(crate) const DECISION: &str =
    "decision (traeger_id, school_id, rule, subject, state, reason, until, who, at, due)";

/// A decision as a row, with the last day for dealing with the finding.
pub(crate) fn row(
    school: i64,
    (rule, subject): (&str, &str),
    d: &Decision,
    due: Option<Timestamp>,
) -> Vec<Cell> {
    cells![school, rule, subject, d.state.name(), &d.reason, d.until, &d.who, d.at, due].to_vec()
}

impl Traeger {
    /// Records a decision about a finding. It stays with school, rule and subject, whatever is rebuilt; the last day for
    /// dealing with the finding stays as it is.
    ///
    /// # Errors
    /// There never was such a finding, the reason holds a secret, it rests the finding for good or until a day that is over,
    /// or the database failed.
    pub fn decide(&self, school: i64, rule: &str, subject: &str, decision: &Decision) -> Result<()> {
        require_decidable(decision)?;
        self.write(|tx| {
            tx.lock_school(school)?;
            require_finding(tx, school, rule, subject)?;
            let before = latest(tx, school, rule, subject)?;
            let due = before.as_ref().and_then(|before| before.due);
            tx.insert_many(DECISION, &[row(school, (rule, subject), decision, due)], "")?;
            audit(tx, Some(school), &decided((rule, subject), before.as_ref(), decision))
        })
        .doing(|| format!("decide about {rule} of {subject}"))
    }

    /// Sets the last day for dealing with a finding, or takes it away.
    ///
    /// # Errors
    /// There never was such a finding, or the database failed.
    pub fn set_due(
        &self,
        school: i64,
        rule: &str,
        subject: &str,
        due: Option<Timestamp>,
        (who, at): (&str, Timestamp),
    ) -> Result<()> {
        self.write(|tx| {
            tx.lock_school(school)?;
            require_finding(tx, school, rule, subject)?;
            let before = latest(tx, school, rule, subject)?;
            let was = before.as_ref().and_then(|before| before.due);
            if was == due {
                return Ok(());
            }
            match before {
                // Who decided what, and when, stays as it is.
                Some(before) => {
                    let sql = "UPDATE decision SET due = $3 WHERE traeger_id = $1 AND id = $2";
                    tx.execute(sql, cells![before.id, due])?;
                }
                None => {
                    let nothing = Decision {
                        state: DecisionState::None,
                        reason: String::new(),
                        until: None,
                        who: who.to_owned(),
                        at,
                    };
                    tx.insert_many(DECISION, &[row(school, (rule, subject), &nothing, due)], "")?;
                }
            }
            audit(tx, Some(school), &day_set((rule, subject), (was, due), (who, at)))
        })
        .doing(|| format!("set the last day for {rule} of {subject}"))
    }

    /// Every decision about a finding, the latest last; the latest holds while its day has not passed.
    ///
    /// # Errors
    /// The database failed.
    pub fn decisions(&self, school: i64, rule: &str, subject: &str) -> Result<Vec<Decision>> {
        self.read(|tx| decisions(tx, school, rule, subject))
    }

    /// What happened to a finding, the latest first: what the machine saw, what people decided, and the last days that they
    /// set.
    ///
    /// # Errors
    /// The database failed.
    pub fn finding_history(&self, school: i64, rule: &str, subject: &str) -> Result<Vec<Happening>> {
        let mut all = self.read(|tx| {
            let mut all = seen(tx, school, rule, subject)?;
            let mut holds = false;
            for d in decisions(tx, school, rule, subject)? {
                // A row that only holds a day decides nothing, and takes nothing back.
                if holds || d.state != DecisionState::None {
                    // What the machine takes back is what came to nothing as the finding returned.
                    let lapsed = d.state == DecisionState::None && d.who.is_empty();
                    let what = if lapsed { "lapsed" } else { d.state.name() }.to_owned();
                    all.push(Happening { at: d.at, what, who: d.who, reason: d.reason, until: d.until });
                }
                holds = d.state != DecisionState::None;
            }
            all.extend(days_set(tx, school, rule, subject)?);
            Ok(all)
        })?;
        all.sort_by_key(|one| one.at);
        all.reverse();
        Ok(all)
    }
}

fn decisions(tx: &mut Tx<'_>, school: i64, rule: &str, subject: &str) -> Result<Vec<Decision>> {
    let sql = "SELECT state, reason, until, who, at FROM decision
               WHERE traeger_id = $1 AND school_id = $2 AND rule = $3 AND subject = $4 ORDER BY id";
    tx.list(sql, cells![school, rule, subject], |row| {
        Ok(Decision {
            state: DecisionState::named(&row.text(0)?).unwrap_or(DecisionState::None),
            reason: row.text(1)?,
            until: row.maybe_moment(2)?,
            who: row.text(3)?,
            at: row.moment(4)?,
        })
    })
}

/// What the machine recorded, the oldest first.
fn seen(tx: &mut Tx<'_>, school: i64, rule: &str, subject: &str) -> Result<Vec<Happening>> {
    let sql = "SELECT kind, at FROM finding_event
               WHERE traeger_id = $1 AND school_id = $2 AND rule = $3 AND subject = $4 ORDER BY id";
    let mut was_open = false;
    tx.list(sql, cells![school, rule, subject], |row| {
        let (kind, at) = (row.text(0)?, row.moment(1)?);
        Ok((kind, at))
    })
    .map(|all| {
        let told = |(kind, at): (String, Timestamp)| {
            let is_again = kind == "opened" && was_open;
            was_open |= kind == "opened";
            let what = if is_again { "reopened".to_owned() } else { kind };
            Happening { at, what, who: String::new(), reason: String::new(), until: None }
        };
        all.into_iter().map(told).collect()
    })
}

/// The last days that people set, from the audit log.
fn days_set(tx: &mut Tx<'_>, school: i64, rule: &str, subject: &str) -> Result<Vec<Happening>> {
    let sql = "SELECT at, who, after FROM audit_log
               WHERE traeger_id = $1 AND subject = $2 AND school_id = $3 AND what = 'due' ORDER BY id";
    let all =
        tx.list(sql, cells![subject, school], |row| Ok((row.moment(0)?, row.text(1)?, row.text(2)?)))?;
    let told = |(at, who, after): (Timestamp, String, String)| {
        let after: Json = serde_json::from_str(&after).ok()?;
        let until = after["due"].as_str().and_then(Timestamp::parse_date);
        let what = "due".to_owned();
        (after["rule"] == rule).then_some(Happening { at, what, who, reason: String::new(), until })
    };
    Ok(all.into_iter().filter_map(told).collect())
}
