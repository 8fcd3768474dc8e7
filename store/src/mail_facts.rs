//! What people know of a domain's mail: its DKIM selectors, who else sends as it, and whether that list is complete.

use crate::{
    domains,
    engine::Row,
    error::{Doing, Error, Result, require_version},
    register::{AuditEntry, audit},
    schools::require_school,
    secrets::refuse_secret,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{
    Timestamp,
    mail::{
        KnownSender, MailFacts,
        known::{MOST_FACTS, selector, sender_term},
        lookup::domain_from,
    },
};
use std::collections::BTreeMap;

/// What somebody entered about the mail of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnteredFacts {
    /// How often it was entered; 0 where nobody did.
    pub version: i64,
    /// What they know.
    pub facts: MailFacts,
    /// Who entered it last.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

impl Traeger {
    /// What a school entered about the mail of a domain; none where nobody did.
    ///
    /// # Errors
    /// The database failed, or the name is no domain.
    pub fn mail_facts(&self, school: i64, domain: &str) -> Result<Option<EnteredFacts>> {
        let domain = name_of(domain)?;
        self.read(|tx| entered(tx, school, &domain))
    }

    /// Enters what a school knows of the mail of one of its confirmed domains, in the place of what stood there when it was
    /// looked at (`version`; 0 where nothing did); written to the audit log. Proposals name addresses at once; names and
    /// selectors are looked up with the next daily audit.
    ///
    /// # Errors
    /// [`Error::Conflict`] where somebody entered something else meanwhile; there is no such school, the domain is not confirmed as its own, a selector or a sender is none, a name looks
    /// like a secret, or the database failed.
    pub fn set_mail_facts(
        &self,
        school: i64,
        domain: &str,
        (facts, version): (&MailFacts, i64),
        (who, now): (&str, Timestamp),
    ) -> Result<()> {
        let (domain, facts) = (name_of(domain)?, proper(facts, domain)?);
        let sql =
            "INSERT INTO mail_fact (traeger_id, school_id, domain, selectors, senders, complete, who, at, version)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                   ON CONFLICT (school_id, domain) DO UPDATE SET selectors = excluded.selectors,
                     senders = excluded.senders, complete = excluded.complete, who = excluded.who,
                     at = excluded.at, version = excluded.version";
        self.write(|tx| {
            require_school(tx, school)?;
            let speakers = domains::lock_with_speakers(tx, &domain, school)?;
            require_confirmed(tx, school, &domain)?;
            let stands = entered(tx, school, &domain)?;
            let found = stands.as_ref().map_or(0, |stands| stands.version);
            let before = stands.map(|stands| stands.facts);
            if before.as_ref() == Some(&facts) {
                return Ok(());
            }
            require_version(|| format!("domain {domain}"), version, found)?;
            let (selectors, senders) =
                (serde_json::to_string(&facts.selectors)?, serde_json::to_string(&facts.senders)?);
            tx.execute(
                sql,
                cells![school, &domain, selectors, senders, facts.is_complete, who, now, found + 1],
            )?;
            let (subject, change) = (format!("domain {domain}"), (before.as_ref(), Some(&facts)));
            audit(tx, Some(school), &AuditEntry::of_change(subject, change, (who, now))?)?;
            domains::judge_again(tx, &domain, &speakers, now)
        })
        .doing(|| format!("enter what is known of the mail of {domain}"))
    }

    /// The confirmed domains of a school (of every school of the Träger for `None`), each with what anybody there knows
    /// of its mail: what an agent that audits them is told.
    ///
    /// # Errors
    /// The database failed.
    pub fn domains_to_audit(&self, school: Option<i64>) -> Result<BTreeMap<String, MailFacts>> {
        let names = self.confirmed_domains(school)?;
        self.read(|tx| {
            let mut all = of_all(tx)?;
            Ok(names
                .iter()
                .map(|name| (name.clone(), MailFacts::together(all.remove(name).unwrap_or_default())))
                .collect())
        })
    }
}

fn name_of(domain: &str) -> Result<String> {
    domain_from(domain).ok_or_else(|| Error::Refused(format!("'{domain}' is no domain")))
}

/// The facts in their common form, each once.
fn proper(facts: &MailFacts, domain: &str) -> Result<MailFacts> {
    let mut proper = MailFacts { is_complete: facts.is_complete, ..MailFacts::default() };
    for text in &facts.selectors {
        let name = selector(text).ok_or_else(|| {
            Error::Refused(format!(
                "selector: '{text}' is none; it is what stands before ._domainkey, such as mail or s1"
            ))
        })?;
        proper.selectors.push(name);
    }
    for sender in &facts.senders {
        refuse_secret("sender", &sender.name)?;
        let refused =
            |why: &dyn std::fmt::Display| Error::Refused(format!("sender '{}': {why}", sender.term));
        let term = sender_term(&sender.term).map_err(|why| refused(&why))?;
        if term == format!("include:{domain}") {
            return Err(refused(&"a domain cannot include itself"));
        }
        let name: String = sender.name.trim().chars().filter(|c| !c.is_control()).take(100).collect();
        proper.senders.push(KnownSender { term, name });
    }
    // Each once.
    let proper = MailFacts::together([proper]);
    if proper.selectors.len() > MOST_FACTS || proper.senders.len() > MOST_FACTS {
        return Err(Error::Refused(format!("no domain has more than {MOST_FACTS} selectors or senders")));
    }
    Ok(proper)
}

fn require_confirmed(tx: &mut Tx<'_>, school: i64, domain: &str) -> Result<()> {
    let sql = "SELECT 1 FROM domain WHERE traeger_id = $1 AND school_id = $2 AND name = $3
               AND confirmed_at IS NOT NULL";
    tx.first(sql, cells![school, domain], |_| Ok(()))?
        .ok_or_else(|| Error::Refused(format!("confirm {domain} as the school's domain first")))
}

fn facts(row: &Row, at: usize) -> Result<MailFacts> {
    Ok(MailFacts {
        selectors: serde_json::from_str(&row.text(at)?)?,
        senders: serde_json::from_str(&row.text(at + 1)?)?,
        is_complete: row.int(at + 2)? != 0,
    })
}

fn entered(tx: &mut Tx<'_>, school: i64, domain: &str) -> Result<Option<EnteredFacts>> {
    let sql = "SELECT selectors, senders, complete, who, at, version FROM mail_fact
               WHERE traeger_id = $1 AND school_id = $2 AND domain = $3";
    tx.first(sql, cells![school, domain], |row| {
        let (who, at, version) = (row.text(3)?, row.moment(4)?, row.int(5)?);
        Ok(EnteredFacts { version, facts: facts(row, 0)?, who, at })
    })
}

/// What counts: facts of schools that have the domain confirmed.
const COUNTING: &str = "FROM mail_fact f JOIN domain d
      ON d.traeger_id = f.traeger_id AND d.school_id = f.school_id AND d.name = f.domain
    WHERE f.traeger_id = $1 AND d.confirmed_at IS NOT NULL";

fn of_all(tx: &mut Tx<'_>) -> Result<BTreeMap<String, Vec<MailFacts>>> {
    let sql = format!(
        "SELECT f.domain, f.selectors, f.senders, f.complete {COUNTING} ORDER BY f.domain, f.school_id"
    );
    let mut all: BTreeMap<String, Vec<MailFacts>> = BTreeMap::new();
    for (name, facts) in tx.list(&sql, &[], |row| Ok((row.text(0)?, facts(row, 1)?)))? {
        all.entry(name).or_default().push(facts);
    }
    Ok(all)
}

/// What anybody of the Träger knows of the mail of a domain.
pub(crate) fn of_domain(tx: &mut Tx<'_>, name: &str) -> Result<MailFacts> {
    let sql = format!(
        "SELECT f.selectors, f.senders, f.complete {COUNTING} AND f.domain = $2 ORDER BY f.school_id"
    );
    Ok(MailFacts::together(tx.list(&sql, cells![name], |row| facts(row, 0))?))
}
