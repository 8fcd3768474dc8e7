//! Domains: found in the register and in the network, confirmed by people, and judged once wherever they serve.

mod word;

pub(crate) use word::{Spoken, counts, give_borrowed_back, home, note, sees_all};

use crate::{
    error::{Doing, Error, Problem, Result},
    evidence, findings,
    register::{AuditEntry, audit},
    rules::{self, Extent},
    schools::require_school,
    store::{Traeger, Tx, cells},
    sums,
};
use rundgang_inventory::{
    Fields, Timestamp, Value,
    mail::found::candidate,
    vocabulary::{SMTP_BANNER, TLS_SAN},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Whether a domain is the school's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DomainState {
    /// Seen, and waiting for a person to say whose it is. Nothing is looked up.
    Proposed,
    /// The school's: its public records are looked up.
    Confirmed,
    /// Somebody else's: it is proposed no more.
    Declined,
}

impl DomainState {
    /// The name in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Confirmed => "confirmed",
            Self::Declined => "declined",
        }
    }
}

/// A domain of a school, or one that may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomainLine {
    /// The name: lower case, A-labels.
    pub name: String,
    /// Whether it is the school's.
    pub state: DomainState,
    /// Who confirmed it; `scope` where the box's own scope file names it, `another-school` where a box that sees the
    /// public DNS looked it up while another school's word stood.
    pub confirmed_by: String,
    /// Where it was found: `register`, `certificate`, `mail-server`, `search-domain`.
    pub sources: BTreeSet<String>,
    /// Other schools of the Träger that it serves as well.
    pub shared_with: Vec<i64>,
    /// Whether a person, or the scope file of its box, says of another school that the domain is its own: who speaks
    /// for one school alone cannot confirm it then.
    pub is_claimed_elsewhere: bool,
}

impl DomainLine {
    /// Whether nobody but a box's own scope file says that it is the school's: no other box looks it up for that.
    #[must_use]
    pub fn is_of_scope_alone(&self) -> bool {
        self.state == DomainState::Confirmed && self.confirmed_by == SCOPE
    }
}

/// What is said about a domain, and on whose behalf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is the school's, says somebody who may speak for every school.
    Confirm,
    /// It is the school's, says somebody who speaks for this school alone.
    Claim,
    /// It is somebody else's.
    Decline,
}

impl Verdict {
    const fn state(self) -> DomainState {
        match self {
            Self::Confirm | Self::Claim => DomainState::Confirmed,
            Self::Decline => DomainState::Declined,
        }
    }
}

/// Who confirmed what a scope file names.
const SCOPE: &str = "scope";
/// Who confirmed what was looked up on the word of another school: it falls with that word.
const ANOTHER_SCHOOL: &str = "another-school";
/// The name under which an agent reports the search domains of its resolver.
const SEARCH: &str = "search-domain";

impl Traeger {
    /// The domains of a school, confirmed ones and those that were found and wait for a person.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn domain_lines(&self, school: i64) -> Result<Vec<DomainLine>> {
        self.read(|tx| {
            require_school(tx, school)?;
            let mut lines = entered(tx, school)?;
            for (name, sources) in found(tx, school)? {
                if let Some(line) = lines.get_mut(&name) {
                    line.sources.extend(sources);
                    continue;
                }
                let line = DomainLine {
                    name: name.clone(),
                    state: DomainState::Proposed,
                    confirmed_by: String::new(),
                    sources,
                    shared_with: confirmed_elsewhere(tx, &name, school)?,
                    is_claimed_elsewhere: false,
                };
                lines.insert(name, line);
            }
            for line in lines.values_mut() {
                line.is_claimed_elsewhere = confirmed_anywhere(tx, &line.name, school)?.is_some();
            }
            Ok(lines.into_values().collect())
        })
    }

    /// Says that a domain is the school's: from then on agents that accept it look up its public records.
    ///
    /// # Errors
    /// There is no such school, the name is no domain, or the database failed.
    pub fn confirm_domain(&self, school: i64, name: &str, who: &str, now: Timestamp) -> Result<()> {
        self.settle_domain(school, name, (who, now), Verdict::Confirm)
    }

    /// Says that a domain is the school's, on the word of somebody who speaks for that school alone. What another
    /// school of the Träger has confirmed, it cannot take: both would see its findings and change what is proposed.
    /// Where that is the mere scope file of a box, the Träger's word for this school puts it right.
    ///
    /// # Errors
    /// Another school has the domain confirmed, there is no such school, the name is no domain, or the database failed.
    pub fn claim_domain(&self, school: i64, name: &str, who: &str, now: Timestamp) -> Result<()> {
        self.settle_domain(school, name, (who, now), Verdict::Claim)
    }

    /// Says that a domain is somebody else's: unless another school says that it is its own, it is looked up no more,
    /// its findings close, and what is still on its way opens none.
    ///
    /// # Errors
    /// There is no such school, the name is no domain, or the database failed.
    pub fn decline_domain(&self, school: i64, name: &str, who: &str, now: Timestamp) -> Result<()> {
        self.settle_domain(school, name, (who, now), Verdict::Decline)
    }

    fn settle_domain(
        &self,
        school: i64,
        name: &str,
        (who, now): (&str, Timestamp),
        verdict: Verdict,
    ) -> Result<()> {
        let state = verdict.state();
        let name = rundgang_inventory::mail::lookup::domain_from(name)
            .ok_or_else(|| Error::Refused(format!("'{name}' is no domain")))?;
        let confirmed = (state == DomainState::Confirmed).then_some(now);
        let declined = (state == DomainState::Declined).then_some(now);
        let sql = "INSERT INTO domain (traeger_id, school_id, name, added_at, confirmed_at, confirmed_by, declined_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (school_id, name) DO UPDATE SET confirmed_at = excluded.confirmed_at,
                     confirmed_by = excluded.confirmed_by, declined_at = excluded.declined_at";
        self.write(|tx| {
            require_school(tx, school)?;
            let speakers = lock_with_speakers(tx, &name, school)?;
            tx.lock_between_schools()?;
            // Asked under the lock: between a look of its own and this write, another school could confirm it.
            if verdict == Verdict::Claim && confirmed_anywhere(tx, &name, school)?.is_some() {
                return Err(Error::Unfit { field: "domain", problem: Problem::Elsewhere });
            }
            tx.execute(sql, cells![school, &name, now, confirmed, who, declined])?;
            forget_borrowed(tx, &name)?;
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: format!("domain {}", state.name()),
                subject: format!("domain {name}"),
                before: String::new(),
                after: state.name().to_owned(),
            };
            audit(tx, Some(school), &entry)?;
            judge_again(tx, &name, &speakers, now)
        })
        .doing(|| format!("settle whose the domain {name} is"))
    }

    /// The confirmed domains of a school; or for `None` those of every school of the Träger that a person confirmed,
    /// since the scope file of one box sends no other box out (promise S1).
    ///
    /// # Errors
    /// The database failed.
    pub fn confirmed_domains(&self, school: Option<i64>) -> Result<BTreeSet<String>> {
        let sql = "SELECT name FROM domain WHERE traeger_id = $1 AND confirmed_at IS NOT NULL
                   AND (school_id = $2 OR ($2 = 0 AND confirmed_by <> $3))";
        let names = self.read(|tx| tx.list(sql, cells![school.unwrap_or(0), SCOPE], |row| row.text(0)))?;
        Ok(names.into_iter().collect())
    }
}

/// What stands in the book of domains.
fn entered(tx: &mut Tx<'_>, school: i64) -> Result<BTreeMap<String, DomainLine>> {
    let sql = "SELECT d.name, d.confirmed_at, d.confirmed_by, d.declined_at, o.school_id FROM domain d
               LEFT JOIN domain o ON o.traeger_id = d.traeger_id AND o.name = d.name AND o.school_id <> d.school_id
                 AND o.confirmed_at IS NOT NULL
               WHERE d.traeger_id = $1 AND d.school_id = $2 ORDER BY d.name, o.school_id";
    let mut lines: BTreeMap<String, DomainLine> = BTreeMap::new();
    for row in tx.query(sql, cells![school])? {
        let state = match (row.maybe_int(1)?, row.maybe_int(3)?) {
            (Some(_), _) => DomainState::Confirmed,
            (None, Some(_)) => DomainState::Declined,
            (None, None) => DomainState::Proposed,
        };
        let (name, confirmed_by) = (row.text(0)?, row.text(2)?);
        let line = lines.entry(name.clone()).or_insert_with(|| DomainLine {
            name,
            state,
            confirmed_by,
            sources: BTreeSet::new(),
            shared_with: Vec::new(),
            is_claimed_elsewhere: false,
        });
        line.shared_with.extend(row.maybe_int(4)?);
    }
    Ok(lines)
}

/// Domains that the register names and those that devices of the school show, each with where it was found.
fn found(tx: &mut Tx<'_>, school: i64) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut note = |name: &str, source: &str| {
        if let Some(domain) = candidate(name) {
            found.entry(domain).or_default().insert(source.to_owned());
        }
    };
    let sql = "SELECT domain FROM documented_system
               WHERE traeger_id = $1 AND school_id = $2 AND deleted_at IS NULL AND domain <> ''";
    for name in tx.list(sql, cells![school], |row| row.text(0))? {
        note(&name, "register");
    }
    for name in evidence::domains_met(tx, school, SEARCH)? {
        note(&name, SEARCH);
    }
    for fields in evidence::naming_domains(tx, school)? {
        certified(&fields).iter().for_each(|name| note(name, "certificate"));
        greeted(&fields).iter().for_each(|name| note(name, "mail-server"));
    }
    Ok(found)
}

/// Names in the certificates of a device.
fn certified(fields: &Fields) -> Vec<String> {
    match fields.get(&TLS_SAN) {
        Some(Value::List(names)) => names.clone(),
        Some(Value::Text(names)) => names.split([',', ' ']).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The name with which a mail server greets (RFC 5321 section 4.2).
fn greeted(fields: &Fields) -> Option<String> {
    Some(fields.text(&SMTP_BANNER)?.split_whitespace().nth(1)?.to_owned())
}

/// A school other than `but` that has the domain confirmed, by a person or by a scope file of its own.
fn confirmed_anywhere(tx: &mut Tx<'_>, name: &str, but: i64) -> Result<Option<i64>> {
    let sql = "SELECT school_id FROM domain WHERE traeger_id = $1 AND name = $2 AND school_id <> $3
               AND confirmed_at IS NOT NULL AND confirmed_by <> $4 ORDER BY school_id LIMIT 1";
    tx.first(sql, cells![name, but, ANOTHER_SCHOOL], |row| row.int(0))
}

/// Every other school that has the domain confirmed.
fn confirmed_elsewhere(tx: &mut Tx<'_>, name: &str, but: i64) -> Result<Vec<i64>> {
    let sql = "SELECT school_id FROM domain WHERE traeger_id = $1 AND name = $2 AND school_id <> $3
               AND confirmed_at IS NOT NULL ORDER BY school_id";
    tx.list(sql, cells![name, but], |row| row.int(0))
}

fn is_declined_anywhere(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM domain WHERE traeger_id = $1 AND name = $2 AND declined_at IS NOT NULL LIMIT 1";
    Ok(tx.first(sql, cells![name], |_| Ok(()))?.is_some())
}

/// The schools whose agents spoke of a domain.
fn speakers(tx: &mut Tx<'_>, name: &str) -> Result<BTreeSet<i64>> {
    let sql = "SELECT DISTINCT school_id FROM identity_key
               WHERE traeger_id = $1 AND kind = 'domain' AND value = $2";
    Ok(tx.list(sql, cells![name], |row| row.int(0))?.into_iter().collect())
}

/// Locks a school and every school whose agents spoke of a domain, and returns these.
pub(crate) fn lock_with_speakers(tx: &mut Tx<'_>, name: &str, school: i64) -> Result<BTreeSet<i64>> {
    let speakers = speakers(tx, name)?;
    tx.lock_schools(&speakers.iter().copied().chain([school]).collect())?;
    Ok(speakers)
}

/// Locks a school and every school whose agents spoke of one of these domains, as [`lock_with_speakers`] does for one.
pub(crate) fn lock_with_all_speakers(tx: &mut Tx<'_>, names: &BTreeSet<String>, school: i64) -> Result<()> {
    let mut involved = BTreeSet::from([school]);
    for name in names {
        involved.extend(speakers(tx, name)?);
    }
    tx.lock_schools(&involved)?;
    tx.lock_between_schools()
}

/// What becomes of a domain when a school that had it is gone: what was looked up on its word alone falls with it, and
/// findings stand at the school that is next.
pub(crate) fn judge_without_a_school(tx: &mut Tx<'_>, name: &str, now: Timestamp) -> Result<()> {
    forget_borrowed(tx, name)?;
    let speakers = speakers(tx, name)?;
    judge_again(tx, name, &speakers, now)
}

/// Forgets that a domain was looked up on another school's word, where no school says any more that it is its own.
fn forget_borrowed(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    if confirmed_anywhere(tx, name, 0)?.is_none() {
        let sql = "DELETE FROM domain WHERE traeger_id = $1 AND name = $2 AND confirmed_by = $3";
        tx.execute(sql, cells![name, ANOTHER_SCHOOL])?;
    }
    Ok(())
}

/// Judges a domain where its findings stand now, and closes those that stand elsewhere.
pub(crate) fn judge_again(
    tx: &mut Tx<'_>,
    name: &str,
    speakers: &BTreeSet<i64>,
    now: Timestamp,
) -> Result<()> {
    let home = home(tx, name)?;
    for school in speakers.iter().filter(|school| home != Some(**school)) {
        findings::close_subject(tx, *school, &format!("domain {name}"), now)?;
        sums::refresh(tx, *school)?;
    }
    let Some(home) = home else { return Ok(()) };
    let (none, domains) = (BTreeSet::new(), BTreeSet::from([name.to_owned()]));
    rules::run(tx, home, &Extent::Some { assets: &none, domains: &domains, systems: &none }, now)
}
