//! What surveys ask of the things people entered: systems, links, documents, sites, counters and domains.

use super::{assets, live::Span};
use crate::{
    engine::Cell,
    error::Result,
    store::{Tx, cells},
};
use rundgang_inventory::{
    Fields, Timestamp,
    mail::DomainEvidence,
    survey::{self, Noun, SurveyView, Wants},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(super) fn number(count: i64) -> f64 {
    f64::from(i32::try_from(count).unwrap_or(i32::MAX))
}

pub(super) fn links(tx: &mut Tx<'_>, span: Span) -> Result<Vec<(i64, survey::Link)>> {
    let sql = "SELECT id, technology, down_mbit, up_mbit, role, status, provider, school_id FROM link
               WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3 ORDER BY id";
    tx.list(sql, cells![span.from, span.to], |row| {
        let technology = row.text(1)?;
        let id = format!("{} {} {}", row.text(6)?, technology, row.int(0)?);
        let link = survey::Link {
            id: id.trim().to_owned(),
            technology: (!technology.is_empty()).then_some(technology),
            down: row.maybe_int(2)?.map(number),
            up: row.maybe_int(3)?.map(number),
            role: row.text(4)?,
            status: row.text(5)?,
        };
        Ok((row.int(7)?, link))
    })
}

pub(super) fn documents(tx: &mut Tx<'_>, span: Span) -> Result<Vec<(i64, survey::Document)>> {
    let sql = "SELECT id, kind, name, dated, school_id FROM document WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3 ORDER BY id";
    tx.list(sql, cells![span.from, span.to], |row| {
        // A kind may be entered as a draft: `entwurf mep`.
        let written = row.text(1)?.to_lowercase();
        let (status, kind) = match written.split_once(' ') {
            Some(("entwurf" | "draft" | "concept", kind)) => ("draft", kind.to_owned()),
            _ => ("final", written),
        };
        let document = survey::Document {
            id: row.int(0)?.to_string(),
            kind,
            title: row.text(2)?,
            status: status.to_owned(),
            date: row.maybe_text(3)?.as_deref().and_then(Timestamp::parse_date),
        };
        Ok((row.int(4)?, document))
    })
}

pub(super) fn sites(tx: &mut Tx<'_>, span: Span) -> Result<Vec<(i64, survey::Site)>> {
    let sql = "SELECT school_id, name, is_main FROM site
               WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3 ORDER BY name";
    tx.list(sql, cells![span.from, span.to], |row| {
        let role = if row.flag(2)? { "main" } else { "branch" };
        Ok((row.int(0)?, survey::Site { name: row.text(1)?, role: role.to_owned(), agent: false }))
    })
}

/// The highest hour of the last thirty days over all segments together. The school's own workplaces are nobody's private
/// devices.
pub(super) fn counters(tx: &mut Tx<'_>, span: Span, now: Timestamp) -> Result<Vec<(i64, (String, u32))>> {
    let sql = "SELECT school_id, CAST(MAX(total) AS BIGINT) FROM (
                 SELECT school_id, hour, SUM(count) AS total FROM tally
                 WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3 AND hour >= $4 AND kind <> 'workstation'
                 GROUP BY school_id, hour) AS hours
               GROUP BY school_id";
    tx.list(sql, cells![span.from, span.to, now.plus_days(-30)], |row| {
        let peak = u32::try_from(row.int(1)?).unwrap_or(u32::MAX);
        Ok((row.int(0)?, ("personal".to_owned(), peak)))
    })
}

/// The confirmed domains: what merely was seen, and what somebody said is not the school's, is not counted as its own.
pub(super) fn domains(tx: &mut Tx<'_>, span: Span) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT school_id, name FROM domain
               WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3 AND confirmed_at IS NOT NULL";
    tx.list(sql, cells![span.from, span.to], |row| Ok((row.int(0)?, row.text(1)?)))
}

/// Where the mail of each domain goes, as the school's own look-ups tell: the registered domain of its first exchanger.
pub(super) fn mail_hosts(tx: &mut Tx<'_>, span: Span) -> Result<BTreeMap<(i64, String), String>> {
    let sql = "SELECT k.school_id, k.value, o.fields FROM identity_key k
               JOIN present p ON p.traeger_id = k.traeger_id AND p.key_id = k.id
               JOIN observation o ON o.traeger_id = p.traeger_id AND o.id = p.observation_id
               WHERE k.traeger_id = $1 AND k.school_id BETWEEN $2 AND $3 AND k.kind = 'domain'
               ORDER BY o.last_confirmed, o.id";
    let mut all = BTreeMap::new();
    for row in tx.query(sql, cells![span.from, span.to])? {
        let (school, name) = (row.int(0)?, row.text(1)?);
        let fields: Fields = serde_json::from_str(row.text_ref(2)?)?;
        let evidence = DomainEvidence::from_fields(&name, &fields);
        if let Some(host) = evidence.and_then(|evidence| evidence.mail_domain()) {
            all.insert((school, name), host);
        }
    }
    Ok(all)
}

/// A finding as far as surveys ask for it.
struct Found {
    rule: String,
    subject: String,
    severity: String,
    is_closed: bool,
    is_unknown: bool,
}

/// Adds the open findings that are asked for, and what all of them say of devices and domains.
pub(super) fn findings(
    tx: &mut Tx<'_>,
    span: Span,
    wants: &Wants,
    all: &mut BTreeMap<i64, SurveyView>,
) -> Result<()> {
    let Some((limit, words)) = limited(wants) else { return Ok(()) };
    let sql = format!(
        "SELECT school_id, rule, subject, severity, closed_at, unknown_since FROM finding
         WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3{limit} ORDER BY school_id, rule, subject"
    );
    let parameters: Vec<Cell> = [span.from.into(), span.to.into()].into_iter().chain(words).collect();
    let mut by_school: BTreeMap<i64, Vec<Found>> = BTreeMap::new();
    tx.each(&sql, &parameters, |row| {
        let found = Found {
            rule: row.text(1)?,
            subject: row.text(2)?,
            severity: row.text(3)?,
            is_closed: row.maybe_int(4)?.is_some(),
            is_unknown: row.maybe_int(5)?.is_some(),
        };
        by_school.entry(row.int(0)?).or_default().push(found);
        Ok(())
    })?;
    for (school, found) in by_school {
        if let Some(view) = all.get_mut(&school) {
            judge(view, &found);
        }
    }
    Ok(())
}

/// The rules whose findings have to be read, as a condition and its words; `None` where no finding is asked for.
fn limited(wants: &Wants) -> Option<(String, Vec<Cell>)> {
    let Some(rules) = wants.rules() else { return Some((String::new(), Vec::new())) };
    let mut rules: BTreeSet<&str> = rules.iter().map(String::as_str).collect();
    if wants.field(Noun::Asset, "plaintext") {
        rules.extend(PLAINTEXT);
    }
    let mut conditions = Vec::new();
    let mut words = Vec::new();
    if wants.noun(Noun::Domain) {
        conditions.push("rule LIKE 'mail.%'".to_owned());
    }
    for rule in rules {
        let place = words.len() + 4;
        conditions.push(match rule.strip_suffix('*') {
            // What a pattern takes for a sign of its own only widens it; the formula judges again.
            Some(_) => format!("rule LIKE ${place}"),
            None => format!("rule = ${place}"),
        });
        words.push(rule.replace('*', "%").into());
    }
    (!conditions.is_empty()).then(|| (format!(" AND ({})", conditions.join(" OR ")), words))
}

fn judge(view: &mut SurveyView, found: &[Found]) {
    for domain in &mut view.domains {
        judge_domain(domain, found);
    }
    let plaintext = found.iter().filter(|f| !f.is_closed && PLAINTEXT.contains(&f.rule.as_str()));
    assets::mark_plaintext(view, &plaintext.map(|f| f.subject.clone()).collect());
    let devices: HashMap<&str, &str> =
        view.assets.iter().map(|a| (a.id.as_str(), a.label.as_str())).collect();
    let systems: HashMap<&str, &str> =
        view.systems.iter().map(|s| (s.id.as_str(), s.name.as_str())).collect();
    let open = found.iter().filter(|f| !f.is_closed && !f.is_unknown).map(|f| {
        let label = match f.subject.split_once(' ') {
            Some(("asset", id)) => devices.get(id).copied().unwrap_or(id),
            Some(("system", id)) => systems.get(id).copied().unwrap_or(id),
            Some((_, name)) => name,
            None => &f.subject,
        };
        survey::OpenFinding {
            id: format!("{}|{}", f.rule, f.subject),
            rule: f.rule.clone(),
            subject: label.to_owned(),
        }
    });
    view.findings = open.collect();
}

/// Rules that say that a device answers the default SNMP community or unencrypted management.
const PLAINTEXT: [&str; 1] = ["snmp.public-community"];

/// What its findings say of a domain; without any sign that it was looked up, nothing is said.
fn judge_domain(domain: &mut survey::Domain, found: &[Found]) {
    let subject = format!("domain {}", domain.name);
    let own: Vec<&Found> = found.iter().filter(|finding| finding.subject == subject).collect();
    let checked = !own.is_empty() && own.iter().all(|finding| !finding.is_unknown);
    let open = |family: &str| {
        own.iter()
            .filter(|finding| !finding.is_closed && finding.rule.starts_with(family))
            .collect::<Vec<_>>()
    };
    let fine = |family: &str| {
        let open = open(family);
        // That a record is missing, seen from inside only, is a hint: it is not known to be in order either.
        let hint =
            open.iter().any(|finding| finding.severity == "info" && finding.rule.ends_with(".missing"));
        let wrong = open.iter().any(|finding| finding.severity != "info");
        (checked && (wrong || !hint)).then_some(!wrong)
    };
    domain.spf = fine("mail.spf.");
    domain.dkim = fine("mail.dkim.");
    domain.dmarc = fine("mail.dmarc.");
    domain.checked = checked;
}
