//! `mail.…`: what is wrong with the mail records of a domain, one finding for each id of the mail catalogue.

use super::registration::with_contract;
use super::{Check, DomainView, Found, Parameters, Rule, Severity, Sighting, Verdict};
use crate::Timestamp;
use crate::mail::view::{self, View};
use crate::mail::{
    Context, DomainEvidence, MailFinding, RecordChange, Remark, carried, changes, judge, rule_id, undecided,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule { family: "mail.", check: Check::Domain(check_all) };

/// Days for which a changed record is shown as a finding; what it was before and after stays in the book.
const CHANGE_DAYS: i64 = 14;

/// What its look-ups say, and what the register does.
fn check_all(domain: &DomainView<'_>, parameters: &Parameters) -> Verdict {
    with_contract(check(domain, parameters), domain.name, parameters)
}

/// Judges the newest look-ups of the domain, public ones before those from inside a school; without any that hold,
/// nothing opens or closes.
fn check(domain: &DomainView<'_>, parameters: &Parameters) -> Verdict {
    let newest = |view: View| {
        let holding = domain.sightings.iter().filter(|sighting| sighting.holds());
        let read = holding.filter_map(|sighting| Some((sighting, read(domain, sighting)?)));
        read.filter(|(sighting, _)| View::of(sighting.fields) == view)
            .max_by_key(|(sighting, _)| sighting.confirmed)
    };
    let (public, inside) = (newest(View::Public), newest(View::Inside));
    let Some((sighting, evidence)) = public.as_ref().or(inside.as_ref()) else {
        return Verdict::Unknown(domain.sightings.iter().map(|sighting| sighting.confirmed).max());
    };
    if !evidence.is_conclusive() {
        return Verdict::Unknown(Some(sighting.confirmed));
    }
    let judged = View::of(sighting.fields);
    // A look from inside alone is a hint, unless the domain's own name servers vouch for it.
    let is_hint = judged == View::Inside && !view::is_vouched(evidence);
    let label = match (judged, is_hint) {
        (View::Public, _) => None,
        (View::Inside, true) => Some("only-inside"),
        (View::Inside, false) => Some("inside-vouched"),
    };
    let changed = recent_changes(domain, judged, parameters.now);
    let context = Context {
        report_address: parameters.report_address.clone(),
        known_senders: domain.known.terms().map(str::to_owned).collect(),
        senders_complete: domain.known.is_complete,
    };
    let found = judge(evidence, &context).into_iter().chain(changed).map(|finding| {
        let severity = finding.severity.name().parse().unwrap_or(Severity::Medium);
        Found {
            rule: rule_id(finding.id),
            severity: if is_hint { Severity::Info } else { severity },
            evidence: told(&finding, label),
        }
    });
    let differing = public.as_ref().zip(inside.as_ref()).and_then(|((_, outside), (_, within))| {
        let lines = view::differences(outside, within);
        (!lines.is_empty()).then(|| Found {
            rule: rule_id("dns.inside-differs"),
            severity: Severity::Info,
            evidence: json!({ "seen": lines }),
        })
    });
    let found: Vec<Found> = found.chain(differing).collect();
    // What was asked for in vain is neither missing nor put right.
    let mut open: Vec<String> = undecided(evidence).into_iter().map(rule_id).collect();
    let failed = |(_, seen): &(&Sighting<'_>, DomainEvidence)| {
        seen.lookups.values().any(|answer| !answer.outcome.is_certain())
    };
    if public.iter().chain(&inside).any(failed) {
        open.push(rule_id("dns.inside-differs"));
    }
    if open.is_empty() { Verdict::Known(found) } else { Verdict::Partly(found, open) }
}

fn read(domain: &DomainView<'_>, sighting: &Sighting<'_>) -> Option<DomainEvidence> {
    DomainEvidence::from_fields(domain.name, sighting.fields)
}

fn told(finding: &MailFinding, label: Option<&'static str>) -> Json {
    let label = label.map(|says| Remark::said(says, []));
    let seen: Vec<&Remark> = finding.evidence.iter().chain(&label).collect();
    json!({ "seen": seen, "proposal": finding.proposal })
}

/// What changed lately among the records that are watched, as each agent of this view saw it; the latest change counts.
/// What an audit could not find out stands as it was known before, so that no outage hides a change.
fn recent_changes(domain: &DomainView<'_>, view: View, now: Timestamp) -> Vec<MailFinding> {
    let mut by_agent: BTreeMap<i64, Vec<(Timestamp, DomainEvidence)>> = BTreeMap::new();
    for past in domain.past.iter().filter(|past| View::of(past.fields) == view) {
        if let Some(evidence) = DomainEvidence::from_fields(domain.name, past.fields) {
            by_agent.entry(past.agent).or_default().push((past.day, evidence));
        }
    }
    let mut latest: BTreeMap<&'static str, (Timestamp, RecordChange)> = BTreeMap::new();
    for past in by_agent.into_values() {
        let mut known: Option<DomainEvidence> = None;
        // The newest stands first.
        for (day, evidence) in past.into_iter().rev() {
            let is_recent = day.plus_days(CHANGE_DAYS) >= now.day();
            let changed = known.as_ref().filter(|_| is_recent).map(|before| changes(before, &evidence));
            for change in changed.unwrap_or_default() {
                if latest.get(change.id).is_none_or(|(seen, _)| *seen <= day) {
                    latest.insert(change.id, (day, change));
                }
            }
            known = Some(match known {
                Some(before) => carried(&before, evidence),
                None => evidence,
            });
        }
    }
    latest.into_values().map(|(_, change)| change.finding(domain.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, ids, sighting};
    use super::super::{Past, Standing};
    use super::*;
    use crate::{
        Fields, Value,
        mail::{
            MailFacts, MailServer, NameServer,
            lookup::{Answer, Outcome, Question, RecordType},
        },
        vocabulary::DNS_VIEW,
    };

    /// Everything ends in `outcome`, the look-ups of DMARC in `dmarc`.
    fn ask(outcome: Outcome, dmarc: Outcome) -> Verdict {
        let mut evidence = DomainEvidence::new("schule.example", "canary");
        for kind in [RecordType::Soa, RecordType::Txt, RecordType::Mx] {
            evidence.lookups.insert(Question::new("schule.example", kind), Answer::nothing(outcome));
        }
        for name in ["_dmarc.schule.example", "_dmarc.example"] {
            evidence.lookups.insert(Question::new(name, RecordType::Txt), Answer::nothing(dmarc));
        }
        let fields = evidence.to_fields();
        check(&domain(vec![sighting("mail", Standing::Open, &fields)]), &Parameters::at(NOW))
    }

    #[test]
    fn every_gap_of_the_catalogue_is_a_finding_of_its_own() {
        let verdict = ask(Outcome::NoRecords, Outcome::NoRecords);
        assert!(matches!(verdict, Verdict::Known(_)), "{verdict:?}");
        let found = ids(&verdict);
        assert!(found.contains("mail.spf.missing") && found.contains("mail.dmarc.missing"), "{found}");
    }

    #[test]
    fn where_the_dns_does_not_answer_nothing_closes() {
        let verdict = ask(Outcome::NoRecords, Outcome::TimedOut);
        assert!(!matches!(verdict, Verdict::Known(_)), "{verdict:?}");
        assert!(!ids(&verdict).contains("mail.dmarc.missing"), "{verdict:?}");
        assert!(!matches!(ask(Outcome::TimedOut, Outcome::TimedOut), Verdict::Known(_)));
        let none = Fields::new();
        let view = domain(vec![sighting("mail", Standing::Open, &none)]);
        assert_eq!(ids(&check(&view, &Parameters::at(NOW))), "unknown");
    }

    /// One with port 25 blocked on the way out and no IPv6, as most boxes are.
    #[test]
    fn what_could_be_asked_closes_although_no_mail_server_could_be_greeted() {
        let mut evidence =
            DomainEvidence::from_fields("schule.example", &seen(View::Public, "mx.example", 1)).unwrap();
        let record = Answer::found(vec!["v=spf1 mx -all".to_owned()]);
        evidence.lookups.insert(Question::new("schule.example", RecordType::Txt), record);
        let blocked =
            MailServer { not_checkable: Some("no answer in time".to_owned()), ..MailServer::default() };
        evidence.mail_servers.insert("mx.example".to_owned(), blocked);
        evidence.servers.insert("2a00::2".parse().unwrap(), NameServer::default());
        let fields = evidence.to_fields();
        let verdict =
            check(&domain(vec![sighting("domain-audit", Standing::Open, &fields)]), &Parameters::at(NOW));
        for (id, expected) in [
            ("mail.spf.missing", true),
            ("mail.mx.cname", true),
            ("mail.ns.single", true),
            ("mail.dane.missing", true),
            ("mail.smtp.no-starttls", false),
            ("mail.dane.mismatch", false),
            ("mail.ns.lame", false),
        ] {
            assert_eq!(verdict.closes(id), expected, "{id}: {verdict:?}");
        }
    }

    fn domain<'a>(sightings: Vec<Sighting<'a>>) -> DomainView<'a> {
        DomainView { name: "schule.example", sightings, past: Vec::new(), known: MailFacts::default() }
    }

    /// A domain with that mail exchanger and no SPF record, as seen from there.
    fn seen(view: View, exchanger: &str, serial: u32) -> Fields {
        let mut evidence = DomainEvidence::new("schule.example", "canary");
        let soa = format!("ns.example h.example {serial} 1 2 3 4");
        for (kind, record) in [(RecordType::Soa, soa), (RecordType::Mx, format!("10 {exchanger}"))] {
            evidence.lookups.insert(Question::new("schule.example", kind), Answer::found(vec![record]));
        }
        let texts = Question::new("schule.example", RecordType::Txt);
        evidence.lookups.insert(texts, Answer::nothing(Outcome::NoRecords));
        evidence.to_fields().with(&DNS_VIEW, Value::Text(view.name().to_owned()))
    }

    fn severity_of(verdict: &Verdict, id: &str) -> Option<Severity> {
        let (Verdict::Known(found) | Verdict::Partly(found, _)) = verdict else { return None };
        found.iter().find(|found| found.rule == id).map(|found| found.severity)
    }

    #[test]
    fn the_look_from_inside_is_compared_and_founds_nothing_alone() {
        let (public, inside) = (seen(View::Public, "mx.example", 1), seen(View::Inside, "10.0.0.9", 1));
        let check = |fields: &[&Fields]| {
            let sightings = fields.iter().map(|fields| sighting("domain-audit", Standing::Open, fields));
            check(&domain(sightings.collect()), &Parameters::at(NOW))
        };
        let both = check(&[&public, &inside]);
        assert_eq!(severity_of(&both, "mail.spf.missing"), Some(Severity::High));
        assert_eq!(severity_of(&both, "mail.mx.ip-literal"), None, "{both:?}");
        assert_eq!(severity_of(&both, "mail.dns.inside-differs"), Some(Severity::Info));
        let alone = check(&[&inside]);
        assert_eq!(severity_of(&alone, "mail.mx.ip-literal"), Some(Severity::Info), "{alone:?}");
        assert!(format!("{alone:?}").contains("only-inside"));
        assert_eq!(severity_of(&check(&[&public, &public]), "mail.dns.inside-differs"), None);
        let mut vouched = DomainEvidence::from_fields("schule.example", &inside).unwrap();
        let server = NameServer { authoritative: Some(true), serial: Some(1), ..NameServer::default() };
        vouched.servers.insert("93.184.2.1".parse().unwrap(), server);
        let vouched = vouched.to_fields().with(&DNS_VIEW, Value::Text("inside".to_owned()));
        assert_eq!(severity_of(&check(&[&vouched]), "mail.mx.ip-literal"), Some(Severity::High));
    }

    #[test]
    fn a_changed_record_is_a_finding_for_a_while() {
        let (old, new) = (seen(View::Public, "mx.example", 1), seen(View::Public, "mx.thief.example", 2));
        let later = seen(View::Public, "mx.thief.example", 3);
        let check = |past: &[(i64, i64, &Fields)]| {
            let past = past.iter().map(|&(agent, days, fields)| Past {
                agent,
                day: NOW.plus_days(-days).day(),
                fields,
            });
            let newest = vec![sighting("domain-audit", Standing::Open, &later)];
            check(&DomainView { past: past.collect(), ..domain(newest) }, &Parameters::at(NOW))
        };
        let verdict = check(&[(1, 0, &later), (1, 3, &new), (1, 9, &old)]);
        assert_eq!(severity_of(&verdict, "mail.mx.changed"), Some(Severity::Medium));
        let told = format!("{verdict:?}");
        assert!(told.contains("10 mx.example") && told.contains("10 mx.thief.example"), "{told}");
        for past in [
            &[(1, 0, &later), (1, 15, &new), (1, 30, &old)][..],
            &[(1, 0, &later), (2, 3, &old)],
            &[(1, 0, &later)],
        ] {
            assert_eq!(severity_of(&check(past), "mail.mx.changed"), None, "{past:?}");
        }
        // The change happened while nobody could look; the day of the audit that saw it counts.
        let mut silent = DomainEvidence::from_fields("schule.example", &old).unwrap();
        let exchangers = Question::new("schule.example", RecordType::Mx);
        silent.lookups.insert(exchangers, Answer::nothing(Outcome::TimedOut));
        let silent = silent.to_fields().with(&DNS_VIEW, Value::Text("public".to_owned()));
        let over = check(&[(1, 3, &new), (1, 5, &silent), (1, 30, &old)]);
        assert_eq!(severity_of(&over, "mail.mx.changed"), Some(Severity::Medium), "{over:?}");
        let unchanged = check(&[(1, 3, &old), (1, 5, &silent), (1, 9, &old)]);
        assert_eq!(severity_of(&unchanged, "mail.mx.changed"), None, "{unchanged:?}");
    }
}
