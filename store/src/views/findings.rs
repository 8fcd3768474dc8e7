//! The findings of a school, with what they are about and what a person decided.

use super::overview::SEVERITIES;
use crate::{
    error::Result,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{
    Timestamp,
    mail::{BASELINE, found::spoken_form, is_baseline},
    product,
};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingLine {
    /// The rule.
    pub rule: String,
    /// The school at which the finding stands and is decided about; another one for a shared domain.
    pub home: i64,
    /// The subject key: `asset 7`, `domain schule.example`, `system 3`.
    pub subject: String,
    /// What people call the subject.
    pub label: String,
    /// How much it matters.
    pub severity: String,
    /// What shows it.
    pub evidence: Json,
    /// When it opened.
    pub opened: Timestamp,
    /// When the machine closed it.
    pub closed: Option<Timestamp>,
    /// Since when it can no longer be told.
    pub unknown_since: Option<Timestamp>,
    /// What a person decided last.
    pub decision: Option<DecisionLine>,
}

/// A person's decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionLine {
    /// The state, such as `acknowledged` or `accepted`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// Until when it holds.
    pub until: Option<Timestamp>,
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

impl FindingLine {
    /// Whether it still asks for action: neither closed by the machine nor rested by a person.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        let rests = |decision: &DecisionLine| {
            matches!(decision.state.as_str(), "accepted" | "ignored")
                && decision.until.is_none_or(|until| until >= now)
        };
        self.closed.is_none() && !self.decision.as_ref().is_some_and(rests)
    }

    /// Whether it is one of those that are true of nearly every domain: folded into one line, and no gap.
    #[must_use]
    pub fn is_baseline(&self) -> bool {
        is_baseline(&self.rule)
    }

    /// Whether it counts as a gap: open, more than a hint, and not true of nearly every domain.
    #[must_use]
    pub fn is_gap(&self, now: Timestamp) -> bool {
        self.is_open(now) && self.severity != "info" && !self.is_baseline()
    }

    /// Whether it is open and somebody says that it is being dealt with.
    #[must_use]
    pub fn is_acknowledged(&self, now: Timestamp) -> bool {
        self.is_open(now) && self.decision.as_ref().is_some_and(|decision| decision.state == "acknowledged")
    }

    /// The place of its severity, the gravest first.
    #[must_use]
    pub fn rank(&self) -> usize {
        SEVERITIES.iter().position(|name| *name == self.severity).unwrap_or(SEVERITIES.len())
    }

    /// The number of the device or system it is about, with the word before it.
    #[must_use]
    pub fn about(&self) -> Option<(&str, i64)> {
        let (noun, number) = self.subject.split_once(' ')?;
        Some((noun, number.parse().ok()?))
    }
}

impl Traeger {
    /// The findings of a school: open ones first, the gravest first, of these the rare ones first.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn findings_page(&self, school: i64, now: Timestamp) -> Result<Vec<FindingLine>> {
        self.school(school)?;
        let mut lines = self.read(|tx| lines(tx, school, None))?;
        // What stands there fifty times must not hide what stands there once.
        let mut frequent: BTreeMap<String, usize> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.is_open(now)) {
            *frequent.entry(line.rule.clone()).or_default() += 1;
        }
        let times = |line: &FindingLine| frequent.get(&line.rule).copied().unwrap_or_default();
        lines.sort_by_cached_key(|line| (!line.is_open(now), line.rank(), times(line), line.rule.clone()));
        Ok(lines)
    }
}

/// A condition that leaves out the findings that are true of nearly every domain.
pub(super) fn no_baseline() -> String {
    let rules: Vec<String> = BASELINE.iter().map(|id| format!("'mail.{id}'")).collect();
    format!("f.rule NOT IN ({})", rules.join(", "))
}

/// The findings of a school, those of its shared domains that stand at another one included; or those of one device.
/// Only rows of the school and of its domains are read, however large the book is.
pub(super) fn lines(tx: &mut Tx<'_>, school: i64, asset: Option<i64>) -> Result<Vec<FindingLine>> {
    let names = names(tx, school, asset)?;
    let (of_asset, of_domains) = match asset {
        Some(asset) => (format!("AND f.subject = 'asset {asset}'"), "AND 1 = 0"),
        None => (String::new(), ""),
    };
    let findings = format!(
        "WITH told AS (
           SELECT f.traeger_id, f.school_id, f.rule, f.subject, f.severity, f.evidence, f.opened_at, f.closed_at,
             f.unknown_since
           FROM finding f WHERE f.traeger_id = $1 AND f.school_id = $2 {of_asset}
           UNION ALL
           SELECT f.traeger_id, f.school_id, f.rule, f.subject, f.severity, f.evidence, f.opened_at, f.closed_at,
             f.unknown_since
           FROM domain g JOIN finding f ON f.traeger_id = g.traeger_id AND f.subject = 'domain ' || g.name
           WHERE g.traeger_id = $1 AND g.school_id = $2 AND g.confirmed_at IS NOT NULL AND f.closed_at IS NULL
             AND f.school_id <> $2 {of_domains})
         SELECT f.rule, f.subject, f.severity, f.evidence, f.opened_at, f.closed_at, f.unknown_since,
           d.state, d.reason, d.until, d.who, d.at, f.school_id
         FROM told f LEFT JOIN decision d ON d.traeger_id = f.traeger_id
           AND d.id = (SELECT MAX(e.id) FROM decision e WHERE e.traeger_id = f.traeger_id
             AND e.school_id = f.school_id AND e.rule = f.rule AND e.subject = f.subject)
         ORDER BY f.rule, f.subject"
    );
    tx.list(&findings, cells![school], |row| {
        let subject = row.text(1)?;
        let bare = match subject.split_once(' ') {
            Some(("domain", name)) => spoken_form(name),
            Some((_, number)) => number.to_owned(),
            None => subject.clone(),
        };
        let decision = match row.maybe_text(7)? {
            None => None,
            Some(state) => Some(DecisionLine {
                state,
                reason: row.text(8)?,
                until: row.maybe_moment(9)?,
                who: row.text(10)?,
                at: row.moment(11)?,
            }),
        };
        Ok(FindingLine {
            home: row.int(12)?,
            label: names.get(&subject).cloned().unwrap_or(bare),
            rule: row.text(0)?,
            severity: row.text(2)?,
            evidence: serde_json::from_str(&row.text(3)?)?,
            opened: row.moment(4)?,
            closed: row.maybe_moment(5)?,
            unknown_since: row.maybe_moment(6)?,
            decision,
            subject,
        })
    })
}

/// What people call the devices and systems of a school, or one of its devices, by subject.
fn names(tx: &mut Tx<'_>, school: i64, asset: Option<i64>) -> Result<BTreeMap<String, String>> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let only = |column: &str| asset.map(|asset| format!("AND {column} = {asset}")).unwrap_or_default();
    let systems = format!(
        "SELECT s.id, s.name, f.asset_id FROM documented_system s
         LEFT JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
         WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL {}
         ORDER BY s.id DESC",
        only("f.asset_id")
    );
    let rows = tx.list(&systems, cells![school], |row| Ok((row.int(0)?, row.text(1)?, row.maybe_int(2)?)))?;
    for (id, name, asset) in rows {
        names.insert(format!("system {id}"), name.clone());
        if let Some(asset) = asset {
            names.insert(format!("asset {asset}"), name);
        }
    }
    // A device is called by the register, by itself or by its product, and always has its address beside it.
    let assets = format!(
        "SELECT id, hostname, vendor, model, ip FROM asset WHERE traeger_id = $1 AND school_id = $2 {}",
        only("id")
    );
    for row in tx.query(&assets, cells![school])? {
        let subject = format!("asset {}", row.int(0)?);
        let product = product(row.maybe_text(2)?.as_deref(), row.maybe_text(3)?.as_deref());
        let itself = row.maybe_text(1)?.unwrap_or(product);
        let (name, ip) = (names.remove(&subject).unwrap_or(itself), row.text(4)?);
        names.insert(subject, if name.is_empty() { ip } else { format!("{name} ({ip})") });
    }
    Ok(names)
}
