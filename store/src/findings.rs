//! Findings: the difference between what rules say and what stands in the book, and what people decided about it.

mod decided;

pub use decided::Happening;
pub(crate) use decided::{DECISION, decided, latest_of_rule, require_decidable, row as decision_row};

use crate::{
    engine::{Cell, Row},
    error::{Error, Result},
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{
    Timestamp,
    rules::{self, Found, Judgement, Severity, Verdict},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A finding as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The school.
    pub school: i64,
    /// What is wrong: `tls.expired`, `mail.spf.missing`.
    pub rule: String,
    /// With what: `asset 7`, `domain schule.example`, `system 3`.
    pub subject: String,
    /// How much it matters.
    pub severity: Severity,
    /// What shows it.
    pub evidence: serde_json::Value,
    /// When it was found, or found again.
    pub opened_at: Timestamp,
    /// When it was over.
    pub closed_at: Option<Timestamp>,
    /// The day since which nobody looked, while it is open.
    pub unknown_since: Option<Timestamp>,
}

/// What people decided about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionState {
    /// Nothing, or a decision taken back.
    None,
    /// Somebody knows and works on it.
    Acknowledged,
    /// The risk is accepted until a day.
    Accepted,
    /// It does not apply here, until somebody looks again.
    Ignored,
}

impl DecisionState {
    /// The name in the store and in forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Acknowledged => "acknowledged",
            Self::Accepted => "accepted",
            Self::Ignored => "ignored",
        }
    }

    /// Whether it takes a finding off the lists: such a decision ends on a day.
    #[must_use]
    pub const fn rests(self) -> bool {
        matches!(self, Self::Accepted | Self::Ignored)
    }

    /// The state of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::None, Self::Acknowledged, Self::Accepted, Self::Ignored].into_iter().find(|s| s.name() == name)
    }
}

/// A decision about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What was decided.
    pub state: DecisionState,
    /// Why.
    pub reason: String,
    /// Until when it holds.
    pub until: Option<Timestamp>,
    /// Who decided; empty for the machine, which takes decisions back when a finding returns.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

/// The columns of a finding, in the order of [`finding`].
pub(crate) const COLUMNS: &str =
    "school_id, rule, subject, severity, evidence, opened_at, closed_at, unknown_since";

/// Reads a row of [`COLUMNS`].
pub(crate) fn finding(row: &Row) -> Result<Finding> {
    Ok(Finding {
        school: row.int(0)?,
        rule: row.text(1)?,
        subject: row.text(2)?,
        severity: severity(&row.text(3)?)?,
        evidence: serde_json::from_str(&row.text(4)?)?,
        opened_at: row.moment(5)?,
        closed_at: row.maybe_moment(6)?,
        unknown_since: row.maybe_moment(7)?,
    })
}

fn severity(name: &str) -> Result<Severity> {
    name.parse().map_err(|error| Error::Corrupt(format!("{error}")))
}

type Standing = BTreeMap<String, Vec<Finding>>;

/// Stores the difference between judgements and findings.
pub(crate) fn apply(tx: &mut Tx<'_>, school: i64, judgements: &[Judgement], now: Timestamp) -> Result<()> {
    let subjects: BTreeSet<&str> = judgements.iter().map(|judgement| judgement.subject.as_str()).collect();
    let standing = load(tx, school, &subjects)?;
    let none = Vec::new();
    let mut new = Opened::default();
    for judgement in judgements {
        let Some(rule) = rules::ALL.get(judgement.rule) else { continue };
        let own: Vec<&Finding> = standing
            .get(&judgement.subject)
            .unwrap_or(&none)
            .iter()
            .filter(|finding| rule.owns(&finding.rule))
            .collect();
        match &judgement.verdict {
            Verdict::Known(found) | Verdict::Partly(found, _) => {
                open(tx, school, &judgement.subject, &own, found, &mut new, now)?;
                for old in own.iter().filter(|old| old.closed_at.is_none()) {
                    if judgement.verdict.closes(&old.rule) {
                        close(tx, old, now)?;
                    }
                }
            }
            Verdict::Unknown(since) => {
                for open in own.iter().filter(|f| f.closed_at.is_none() && f.unknown_since != *since) {
                    let sql = "UPDATE finding SET unknown_since = $5
                               WHERE traeger_id = $1 AND school_id = $2 AND rule = $3 AND subject = $4";
                    tx.execute(sql, cells![school, &open.rule, &open.subject, *since])?;
                }
            }
        }
    }
    let opened: Vec<(String, String)> = new.findings.keys().cloned().collect();
    new.store(tx)?;
    decided::forget(tx, school, &opened, now)
}

/// Findings that open: a list of ten thousand systems opens thirty thousand, which are written together.
#[derive(Default)]
struct Opened {
    events: Vec<Vec<Cell>>,
    /// By rule and subject, the last word of each.
    findings: BTreeMap<(String, String), Vec<Cell>>,
}

impl Opened {
    fn store(self, tx: &mut Tx<'_>) -> Result<()> {
        tx.insert_many(EVENT, &self.events, "")?;
        let findings: Vec<Vec<Cell>> = self.findings.into_values().collect();
        tx.insert_many(
            "finding (traeger_id, school_id, rule, subject, severity, evidence, opened_at)",
            &findings,
            "ON CONFLICT (school_id, rule, subject) DO UPDATE SET severity = excluded.severity,
               evidence = excluded.evidence, opened_at = excluded.opened_at, closed_at = NULL, unknown_since = NULL",
        )
    }
}

/// The columns of what is recorded of a finding.
const EVENT: &str = "finding_event (traeger_id, school_id, rule, subject, severity, evidence, kind, at)";

/// Few subjects are asked one by one, many by reading the whole school at once.
fn load(tx: &mut Tx<'_>, school: i64, subjects: &BTreeSet<&str>) -> Result<Standing> {
    let mut all = Standing::new();
    let mut keep = |found: Vec<Finding>| {
        for finding in found {
            all.entry(finding.subject.clone()).or_default().push(finding);
        }
    };
    if subjects.len() > 50 {
        let sql = format!("SELECT {COLUMNS} FROM finding WHERE traeger_id = $1 AND school_id = $2");
        keep(tx.list(&sql, cells![school], finding)?);
    } else {
        let sql = format!(
            "SELECT {COLUMNS} FROM finding WHERE traeger_id = $1 AND school_id = $2 AND subject = $3"
        );
        for subject in subjects {
            keep(tx.list(&sql, cells![school, *subject], finding)?);
        }
    }
    Ok(all)
}

/// Opens what is new and updates what changed.
fn open(
    tx: &mut Tx<'_>,
    school: i64,
    subject: &str,
    own: &[&Finding],
    found: &[Found],
    new_ones: &mut Opened,
    now: Timestamp,
) -> Result<()> {
    for new in found {
        let evidence = new.evidence.to_string();
        let row = cells![school, &new.rule, subject, new.severity.name(), &evidence];
        match own.iter().find(|finding| finding.rule == new.rule) {
            Some(old) if old.closed_at.is_none() => {
                if old.severity != new.severity || old.evidence != new.evidence {
                    record(tx, row, "changed", now)?;
                } else if old.unknown_since.is_none() {
                    continue;
                }
                let sql = "UPDATE finding SET severity = $5, evidence = $6, unknown_since = NULL
                           WHERE traeger_id = $1 AND school_id = $2 AND rule = $3 AND subject = $4";
                tx.execute(sql, row)?;
            }
            _ => {
                new_ones.events.push(event(row, "opened", now));
                let key = (new.rule.clone(), subject.to_owned());
                new_ones.findings.insert(key, with(row, now.into()));
            }
        }
    }
    Ok(())
}

fn with(row: &[Cell], last: Cell) -> Vec<Cell> {
    row.iter().cloned().chain([last]).collect()
}

fn event(row: &[Cell], kind: &str, now: Timestamp) -> Vec<Cell> {
    row.iter().cloned().chain([kind.into(), now.into()]).collect()
}

fn record(tx: &mut Tx<'_>, row: &[Cell], kind: &str, now: Timestamp) -> Result<()> {
    tx.insert_many(EVENT, &[event(row, kind, now)], "")
}

fn close(tx: &mut Tx<'_>, old: &Finding, now: Timestamp) -> Result<()> {
    let row = cells![old.school, &old.rule, &old.subject, old.severity.name(), old.evidence.to_string()];
    record(tx, row, "closed", now)?;
    let sql = "UPDATE finding SET closed_at = $5, unknown_since = NULL
               WHERE traeger_id = $1 AND school_id = $2 AND rule = $3 AND subject = $4";
    tx.execute(sql, cells![old.school, &old.rule, &old.subject, now]).map(drop)
}

/// Closes every open finding of a subject that is no more: a merged asset, a deleted system.
pub(crate) fn close_subject(tx: &mut Tx<'_>, school: i64, subject: &str, now: Timestamp) -> Result<()> {
    let sql = format!(
        "SELECT {COLUMNS} FROM finding
         WHERE traeger_id = $1 AND school_id = $2 AND subject = $3 AND closed_at IS NULL"
    );
    for open in tx.list(&sql, cells![school, subject], finding)? {
        close(tx, &open, now)?;
    }
    Ok(())
}

/// Closes every open finding of many subjects that are no more, in few statements.
pub(crate) fn close_subjects(
    tx: &mut Tx<'_>,
    school: i64,
    subjects: &BTreeSet<String>,
    now: Timestamp,
) -> Result<()> {
    let sql = format!(
        "SELECT {COLUMNS} FROM finding WHERE traeger_id = $1 AND school_id = $2 AND closed_at IS NULL"
    );
    let (mut events, mut closed) = (Vec::new(), Vec::new());
    for old in tx.list(&sql, cells![school], finding)?.iter().filter(|old| subjects.contains(&old.subject)) {
        let row = cells![old.school, &old.rule, &old.subject, old.severity.name(), old.evidence.to_string()];
        events.push(event(row, "closed", now));
        closed.push(row.iter().cloned().chain(cells![old.opened_at, now].iter().cloned()).collect());
    }
    tx.insert_many(EVENT, &events, "")?;
    // Each of them stands: this changes rows, and enters none.
    tx.insert_many(
        "finding (traeger_id, school_id, rule, subject, severity, evidence, opened_at, closed_at)",
        &closed,
        "ON CONFLICT (school_id, rule, subject) DO UPDATE SET closed_at = excluded.closed_at, unknown_since = NULL",
    )
}

/// Severity, evidence, opened and closed of a finding being replayed.
type Replayed = (String, String, Timestamp, Option<Timestamp>);

/// Derives the findings of a school again from what was recorded when each opened, changed and closed.
pub(crate) fn replay(tx: &mut Tx<'_>, school: i64) -> Result<()> {
    tx.execute("DELETE FROM finding WHERE traeger_id = $1 AND school_id = $2", cells![school])?;
    let sql = "SELECT rule, subject, severity, evidence, kind, at FROM finding_event
               WHERE traeger_id = $1 AND school_id = $2 ORDER BY id";
    let mut state: BTreeMap<(String, String), Replayed> = BTreeMap::new();
    for row in tx.query(sql, cells![school])? {
        let (key, at) = ((row.text(0)?, row.text(1)?), row.moment(5)?);
        let (severity, evidence) = (row.text(2)?, row.text(3)?);
        match row.text(4)?.as_str() {
            "opened" => {
                state.insert(key, (severity, evidence, at, None));
            }
            "closed" => {
                state.entry(key).and_modify(|(_, _, _, closed)| *closed = Some(at));
            }
            _ => {
                state.entry(key).and_modify(|finding| (finding.0, finding.1) = (severity, evidence));
            }
        }
    }
    let insert =
        "INSERT INTO finding (traeger_id, school_id, rule, subject, severity, evidence, opened_at, closed_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    for ((rule, subject), (severity, evidence, opened, closed)) in state {
        tx.execute(insert, cells![school, rule, subject, severity, evidence, opened, closed])?;
    }
    Ok(())
}

impl Traeger {
    /// The findings of a school (of all schools for `None`), open ones only or closed ones too, the gravest first
    /// as far as their names go; pages sort and filter.
    ///
    /// # Errors
    /// The database failed.
    pub fn findings(&self, school: Option<i64>, with_closed: bool) -> Result<Vec<Finding>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM finding
             WHERE traeger_id = $1 AND (school_id = $2 OR $2 = 0) AND (closed_at IS NULL OR $3 = 1)
             ORDER BY school_id, rule, subject"
        );
        self.read(|tx| tx.list(&sql, cells![school.unwrap_or(0), with_closed], finding))
    }
}
