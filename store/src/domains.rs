//! Domains: found in the register and in the network, confirmed by people, and judged once wherever they serve.

use crate::{
    error::{Doing, Error, Result},
    evidence::{self, Owner},
    register::{AuditEntry, audit},
    schools::require_school,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{
    Fields, Timestamp, Value,
    mail::found::candidate,
    vocabulary::{DNS_SEARCH, SMTP_BANNER, TLS_SAN},
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
    /// Who confirmed it; `scope` where the box's own scope file names it.
    pub confirmed_by: String,
    /// Where it was found: `register`, `certificate`, `mail-server`, `search-domain`.
    pub sources: BTreeSet<String>,
    /// Other schools of the Träger that it serves as well.
    pub shared_with: Vec<i64>,
}

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
                let line = lines.entry(name.clone()).or_insert_with(|| DomainLine {
                    name,
                    state: DomainState::Proposed,
                    confirmed_by: String::new(),
                    sources: BTreeSet::new(),
                    shared_with: Vec::new(),
                });
                line.sources.extend(sources);
            }
            Ok(lines.into_values().collect())
        })
    }

    /// Says that a domain is the school's: from then on agents that accept it look up its public records.
    ///
    /// # Errors
    /// There is no such school, the name is no domain, or the database failed.
    pub fn confirm_domain(&self, school: i64, name: &str, who: &str, now: Timestamp) -> Result<()> {
        self.settle_domain(school, name, (who, now), DomainState::Confirmed)
    }

    /// Says that a domain is somebody else's.
    ///
    /// # Errors
    /// There is no such school, the name is no domain, or the database failed.
    pub fn decline_domain(&self, school: i64, name: &str, who: &str, now: Timestamp) -> Result<()> {
        self.settle_domain(school, name, (who, now), DomainState::Declined)
    }

    fn settle_domain(
        &self,
        school: i64,
        name: &str,
        (who, now): (&str, Timestamp),
        state: DomainState,
    ) -> Result<()> {
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
            tx.execute(sql, cells![school, &name, now, confirmed, who, declined])?;
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: format!("domain {}", state.name()),
                subject: format!("domain {name}"),
                before: String::new(),
                after: state.name().to_owned(),
            };
            audit(tx, Some(school), &entry)
        })
        .doing(|| format!("settle whose the domain {name} is"))
    }

    /// The confirmed domains of a school, or of every school of the Träger.
    ///
    /// # Errors
    /// The database failed.
    pub fn confirmed_domains(&self, school: Option<i64>) -> Result<BTreeSet<String>> {
        let sql = "SELECT name FROM domain WHERE traeger_id = $1 AND (school_id = $2 OR $2 = 0)
                   AND confirmed_at IS NOT NULL";
        let names = self.read(|tx| tx.list(sql, cells![school.unwrap_or(0)], |row| row.text(0)))?;
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
    for (owner, statements) in evidence::of_school(tx, school)? {
        for statement in &statements {
            match &owner {
                Owner::Domain(name) if statement.probe == SEARCH => note(name, SEARCH),
                Owner::Domain(_) => {}
                Owner::Asset(_) => {
                    certified(&statement.fields).iter().for_each(|name| note(name, "certificate"));
                    greeted(&statement.fields).iter().for_each(|name| note(name, "mail-server"));
                }
            }
        }
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

/// Notes a domain that an agent speaks of. Looked-up records mean that the box's own scope file confirms it; a mere
/// search domain waits for a person.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    school: i64,
    name: &str,
    is_looked_up: bool,
    now: Timestamp,
) -> Result<()> {
    let enter = "INSERT INTO domain (traeger_id, school_id, name, added_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (school_id, name) DO NOTHING";
    tx.execute(enter, cells![school, name, now])?;
    if is_looked_up {
        let sql = "UPDATE domain SET confirmed_at = $4, confirmed_by = 'scope', declined_at = NULL
                   WHERE traeger_id = $1 AND school_id = $2 AND name = $3 AND confirmed_at IS NULL";
        tx.execute(sql, cells![school, name, now])?;
    }
    Ok(())
}

/// Whether fields are more than a name that was seen.
pub(crate) fn is_looked_up(fields: &Fields) -> bool {
    fields.get(&DNS_SEARCH).is_none()
}

/// The one school at which findings about a domain stand, however many it serves: the one that was there first.
pub(crate) fn home(tx: &mut Tx<'_>, name: &str) -> Result<Option<i64>> {
    let sql = "SELECT MIN(k.school_id) FROM identity_key k
               JOIN domain d ON d.traeger_id = k.traeger_id AND d.school_id = k.school_id AND d.name = k.value
               WHERE k.traeger_id = $1 AND k.kind = 'domain' AND k.value = $2 AND d.confirmed_at IS NOT NULL";
    Ok(tx.first(sql, cells![name], |row| row.maybe_int(0))?.flatten())
}
