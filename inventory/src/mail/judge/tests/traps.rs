//! Traps: zones in order that look as if they were not. Every finding that judgement yields has at least one.

use super::faults;
use super::remedies::ELSEWHERE;
use super::zone::{DOMAIN, Zone};
use crate::mail::dkim::tests::published;
use crate::mail::evidence::{Certificate, DomainEvidence, MailServer, NameServer, PolicyFetch};
use crate::mail::judge::{Context, judge};
use crate::mail::lookup::{Answer, Outcome, RecordType};
use crate::mail::{Language, catalogue};
use std::collections::BTreeSet;

/// One block of the file.
#[derive(Default)]
struct Trap<'a> {
    spares: &'a str,
    title: &'a str,
    lines: Vec<&'a str>,
    faults: BTreeSet<&'a str>,
}

fn traps() -> Vec<Trap<'static>> {
    let mut traps: Vec<Trap<'static>> = Vec::new();
    for line in include_str!("traps.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some((spares, _)) = line.strip_prefix("spares ").and_then(|rest| rest.split_once(':')) {
            traps.push(Trap { spares, title: line, ..Trap::default() });
            continue;
        }
        let trap = traps.last_mut().expect("a block");
        match line.strip_prefix("= ") {
            Some(ids) => trap.faults = ids.split(' ').collect(),
            None => trap.lines.push(line),
        }
    }
    traps
}

/// A certificate with made-up digests: all of its key begin with `c` and that digit, all of itself with `a`.
fn shown(digit: &str) -> Certificate {
    let of = |mark: &str, length| format!("{mark}{digit}").repeat(length);
    Certificate { sha256: of("a", 32), sha512: of("b", 64), key_sha256: of("c", 32), key_sha512: of("d", 64) }
}

/// Puts keys and digests in the place of their names.
fn filled(line: &str) -> String {
    let rsa = published(256);
    let spaced: Vec<&str> =
        rsa.as_bytes().chunks(60).map(|piece| std::str::from_utf8(piece).unwrap()).collect();
    let ed25519 = data_encoding::BASE64.encode(&[7; 32]);
    let mut line = line
        .replace("{2048}", &rsa)
        .replace("{2048 spaced}", &spaced.join(" "))
        .replace("{ed25519}", &ed25519)
        .replace("{ed25519 bare}", ed25519.trim_end_matches('='));
    for digit in ["1", "2", "3"] {
        let of = shown(digit);
        line = line
            .replace(&format!("{{key {digit}}}"), &of.key_sha256)
            .replace(&format!("{{KEY {digit}}}"), &of.key_sha256.to_uppercase())
            .replace(&format!("{{cert {digit}}}"), &of.sha256);
    }
    assert!(!line.contains("{2") && !line.contains("{e") && !line.contains("{k"), "what is {line}?");
    line
}

/// The zone of a trap, and what is known of it.
fn laid(trap: &Trap<'_>) -> DomainEvidence {
    let mut zone = Zone::good();
    let mut after: Vec<fn(&mut DomainEvidence)> = Vec::new();
    let mut silent = Vec::new();
    for line in &trap.lines {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "-" => zone.remove(rest),
            "+" => zone.add(&filled(rest)),
            "signed" => zone.signed.push(rest.to_owned()),
            "broken" => zone.broken.push(rest.to_owned()),
            "policy" => {
                zone.policy = PolicyFetch::Fetched(rest.replace("\\r", "\r").replace("\\n", "\n"));
            }
            "certificate" => zone.greeting.chain = rest.split(' ').map(shown).collect(),
            "fault" => zone.greeting.certificate_fault = Some(rest.to_owned()),
            "tls" => zone.greeting.tls_version = Some(rest.to_owned()),
            "blocked" => {
                let blocked = Some("no answer in time".to_owned());
                zone.greeting = MailServer { not_checkable: blocked, ..MailServer::default() };
            }
            "silent" => silent.push(rest.parse().expect("an address")),
            "refused" => after.push(|evidence| {
                let (soa, anchor) =
                    (evidence.question("", RecordType::Soa), evidence.question("", RecordType::Ds));
                evidence.lookups.insert(soa, Answer::nothing(Outcome::Bogus));
                evidence.lookups.insert(anchor, Answer::nothing(Outcome::NoRecords));
            }),
            "anchored" => after.push(|evidence| {
                let anchor = evidence.question("", RecordType::Ds);
                evidence.lookups.insert(anchor, Answer::found(vec!["1 253 2 ab".to_owned()]));
            }),
            "unanswered-anchor" => after.push(|evidence| {
                let anchor = evidence.question("", RecordType::Ds);
                evidence.lookups.insert(anchor, Answer::nothing(Outcome::TimedOut));
            }),
            other => panic!("{}: what is {other}?", trap.title),
        }
    }
    let mut evidence = zone.evidence();
    for ip in silent {
        *evidence.servers.get_mut(&ip).expect("a server") = NameServer::default();
    }
    after.into_iter().for_each(|change| change(&mut evidence));
    evidence
}

#[test]
fn what_only_looks_like_a_fault_raises_nothing() {
    for trap in traps() {
        let found = judge(&laid(&trap), &Context::default());
        let raised = found.iter().find(|finding| finding.id == trap.spares);
        assert_eq!(raised, None, "{}", trap.title);
        assert_eq!(faults(&found), trap.faults, "{}: {found:#?}", trap.title);
    }
}

#[test]
fn every_id_of_the_catalogue_has_a_trap() {
    let spared: BTreeSet<&str> = traps().iter().map(|trap| trap.spares).collect();
    let wanted = catalogue::all().keys().filter(|id| !ELSEWHERE.contains(&id.as_str()));
    let missing: Vec<&String> = wanted.filter(|id| !spared.contains(id.as_str())).collect();
    assert!(missing.is_empty(), "no zone tempts to raise {missing:?}");
    let unknown: Vec<&&str> = spared.iter().filter(|id| catalogue::entry(id).is_none()).collect();
    assert!(unknown.is_empty(), "not in the catalogue: {unknown:?}");
}

#[test]
fn a_failing_resolver_is_told_from_a_wrong_signature() {
    let domain = RecordType::Ds;
    let check = |anchors: &[(&str, Outcome, &str)], expected: &[&str]| {
        let mut evidence = Zone::good().evidence();
        let soa = evidence.question("", RecordType::Soa);
        evidence.lookups.insert(soa, Answer::nothing(Outcome::Bogus));
        for (name, outcome, record) in anchors {
            let records = if record.is_empty() { Vec::new() } else { vec![(*record).to_owned()] };
            let question = crate::mail::lookup::Question::new(name, domain);
            evidence.lookups.insert(question, Answer { records, ..Answer::nothing(*outcome) });
        }
        let found: Vec<&str> = judge(&evidence, &Context::default()).iter().map(|found| found.id).collect();
        assert_eq!(found, expected, "{anchors:?}");
        // What is not said is told to be open.
        let told = format!("{:?}", super::not_checkable(&evidence));
        assert_eq!(told.contains(&format!("{DOMAIN} SOA")), expected.is_empty(), "{anchors:?}: {told}");
        assert!(super::undecided(&evidence).contains(""), "nothing else is decided");
    };
    let bogus = ["dnssec.bogus"];
    check(&[(DOMAIN, Outcome::Found, "1 13 2 ab")], &bogus);
    // The resolver refuses the top level too: its clock is wrong, or it knows an old key of the root.
    let broken = |domain| {
        let mut evidence = Zone::good().evidence();
        for (name, kind, outcome) in
            [(DOMAIN, RecordType::Soa, Outcome::Bogus), ("example", RecordType::Soa, domain)]
        {
            let question = crate::mail::lookup::Question::new(name, kind);
            evidence.lookups.insert(question, Answer::nothing(outcome));
        }
        let anchor = evidence.question("", RecordType::Ds);
        evidence.lookups.insert(anchor, Answer::found(vec!["1 13 2 ab".to_owned()]));
        judge(&evidence, &Context::default()).len()
    };
    assert_eq!((broken(Outcome::Bogus), broken(Outcome::NoRecords)), (0, 1));
    check(&[(DOMAIN, Outcome::Bogus, "1 13 2 ab")], &bogus);
    check(&[(DOMAIN, Outcome::NoRecords, "")], &[]);
    check(&[(DOMAIN, Outcome::NoName, "")], &[]);
    check(&[(DOMAIN, Outcome::ServerFailure, "")], &[]);
    check(&[(DOMAIN, Outcome::TimedOut, "")], &[]);
    check(&[(DOMAIN, Outcome::Bogus, "")], &[]);
    check(&[], &[]);
}

#[test]
fn a_wrong_signature_at_one_name_is_told_of_that_name() {
    let refused = |name: &str, is_authentic: bool| {
        let mut evidence = Zone::good().evidence();
        let soa = evidence.question("", RecordType::Soa);
        evidence.lookups.get_mut(&soa).expect("its SOA").authentic = is_authentic;
        let question = crate::mail::lookup::Question::new(name, RecordType::Mx);
        evidence.lookups.insert(question, Answer::nothing(Outcome::Bogus));
        let open = format!("{:?}", super::not_checkable(&evidence));
        let found = judge(&evidence, &Context::default());
        let told = found.iter().find(|found| found.id == "dnssec.bogus");
        assert_ne!(told.is_some(), open.contains(&format!("{name} MX")), "said, or told to be open: {open}");
        told.map(|told| told.evidence[0].text(Language::En))
    };
    let line = format!("{DOMAIN} MX: SERVFAIL, but an answer where signatures are not checked");
    assert_eq!(refused(DOMAIN, true), Some(line));
    assert_eq!(refused("post.example", true), None, "somebody else's");
    assert_eq!(refused(DOMAIN, false), None, "nobody vouches for the domain");
}

#[test]
fn a_selector_that_the_school_names_and_that_has_no_key_is_told_of() {
    let keyless = |tree: Outcome, named: Outcome| {
        let mut evidence = Zone::good().evidence();
        for (question, answer) in &mut evidence.lookups {
            if question.name.ends_with("._domainkey.schule.example") {
                *answer = Answer::nothing(Outcome::NoName);
            }
        }
        evidence.known_selectors = vec!["rz".to_owned()];
        for (label, outcome) in [("rz._domainkey", named), ("_domainkey", tree)] {
            let question = evidence.question(label, RecordType::Txt);
            evidence.lookups.insert(question, Answer::nothing(outcome));
        }
        let found = judge(&evidence, &Context::default());
        let found = found.into_iter().find(|found| found.id.starts_with("dkim."));
        found.map(|found| (found.id, format!("{:?}", found.lines(Language::En)).contains("rz._domainkey")))
    };
    assert_eq!(keyless(Outcome::NoName, Outcome::NoName), Some(("dkim.missing", false)));
    // Something lies below the name, and it is not what the school named.
    assert_eq!(keyless(Outcome::NoRecords, Outcome::NoName), Some(("dkim.selector-unknown", true)));
    assert_eq!(keyless(Outcome::NoRecords, Outcome::TimedOut), None, "it may be the one");
}
