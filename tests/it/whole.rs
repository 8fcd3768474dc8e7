//! From a packet in the school to a row in the book: collector, enrolment, walk, spool, stream, findings.

use crate::lab::{description, program};
use rundgang_tests::{
    school::{
        Expect, School,
        capture::{Busiest, Capture},
        play,
    },
    skip::skip,
    whole::Whole,
};
use serde_json::Value;
use std::{collections::BTreeSet, path::Path};

fn programs() -> std::path::PathBuf {
    program("rundgang-collector");
    program("rundgang-agent").parent().map(Path::to_owned).expect("a folder of programs")
}

#[test]
fn one_walk_end_to_end() {
    if let Some(reason) = play::cannot_play() {
        return skip("whole::one_walk_end_to_end", &reason);
    }
    let school = description();
    let _turn = crate::lab::turn();
    let guard = play::Guard(play::up(&school).expect("the school comes up"));
    let whole = Whole::set_up(&school, &guard.0, &programs()).expect("collector and agent");
    let capture = Capture::begin(&school, &guard.0).expect("a capture");
    whole.round().expect("a round");
    let wire = Busiest::of(&capture.end().expect("what was captured"));
    println!("an enrolled round: {wire}");
    let assets = whole.lines(&["assets", "--json"]).expect("assets");
    let findings = whole.lines(&["findings", "--json"]).expect("findings");
    every_expected_device_is_in_the_book(&school, &assets);
    the_gaps_are_found(&findings);

    // A second round over an unchanged school doubles nothing, and the same book comes out of a rebuild.
    whole.round().expect("a second round");
    let again = whole.lines(&["assets", "--json"]).expect("assets");
    assert_eq!(ids(&again), ids(&assets), "a second round changed the assets");
    whole.collector(&["rebuild"]).expect("a rebuild");
    assert_eq!(
        ids(&whole.lines(&["assets", "--json"]).expect("assets")),
        ids(&assets),
        "a rebuild changed the assets"
    );
    assert_eq!(
        subjects(&whole.lines(&["findings", "--json"]).expect("findings")),
        subjects(&findings),
        "a rebuild changed the findings"
    );
    the_pages_show_it(&whole, &findings);
    a_narrower_scope_changes_no_finding(&school, &whole, &findings);
    crate::matched::the_lists_of_a_workbook_are_right(&school, &whole, &assets);
    nobody_is_named(&school, &whole);
    // Two rounds had the whole link in scope and every group; the narrower ones searched for nobody.
    crate::lab::nothing_forbidden_was_sent(&school, &guard, 2);
    crate::lab::the_pace_was_kept(&wire);
}

/// What is no longer walked, or no longer asked, is unknown and not gone (design: coverage).
fn a_narrower_scope_changes_no_finding(school: &School, whole: &Whole<'_>, before: &[Value]) {
    let half = school.network.replace("/24", "/27");
    assert_ne!(half, school.network);
    let narrower: [(&str, &str, Option<&[&str]>); 2] = [
        ("a group forbidden", &school.network, Some(&["announcements", "snmp"])),
        ("a part of the segment removed", &half, None),
    ];
    for (what, network, groups) in narrower {
        whole.allow("agent", &[("Schule", network)], groups).expect("a scope");
        whole.round().expect(what);
        let now = whole.lines(&["findings", "--json"]).expect("findings");
        assert_eq!(subjects(&now), subjects(before), "{what}: findings opened or closed");
    }
}

/// What a teacher sees: the school, the record to add, and the survey with its evidence.
fn the_pages_show_it(whole: &Whole<'_>, findings: &[Value]) {
    let school = whole.page("/schule/1/geraete").expect("the devices");
    for words in ["kopierer-og1", "ECOSYS M3145idn", "10.20.0.6"] {
        assert!(school.contains(words), "{words} is not on the page of devices");
    }
    let spf = findings.iter().find(|finding| finding["finding"] == "mail.spf.missing").expect("no SPF");
    let subject = spf["subject"].as_str().unwrap_or_default().replace(' ', "%20").replace(':', "%3A");
    let page =
        whole.page(&format!("/schule/1/befund?rule=mail.spf.missing&subject={subject}")).expect("a finding");
    assert!(page.contains("class=\"copy\"") && page.contains("v=spf1"), "no record to add: {page}");
    let survey = whole.page("/schule/1/umfrage/guetersloh-schule").expect("the survey");
    assert!(survey.contains("href=\"/schule/1/geraet/"), "no device stands as evidence in the survey");
}

fn every_expected_device_is_in_the_book(school: &School, assets: &[Value]) {
    let switches = school.switch.iter().map(|s| (s.address.to_string(), &s.expect));
    let hosts = school.host.iter().map(|host| {
        let six = || host.address6.map(|address| address.to_string());
        (host.address.map(|address| address.to_string()).or_else(six).expect("an address"), &host.expect)
    });
    let mut known = BTreeSet::from([school.agent.address.to_string()]);
    let mut missing = Vec::new();
    for (address, expect) in switches.chain(hosts) {
        let Expect::Device(expect) = expect else { continue };
        let found: Vec<&Value> = assets.iter().filter(|asset| asset["address"] == address).collect();
        if found.len() != 1 || found[0]["kind"] != expect.kind.as_str() {
            let kinds: Vec<&Value> = found.iter().map(|asset| &asset["kind"]).collect();
            missing.push(format!("{address} {}: {kinds:?}", expect.kind));
        }
        known.insert(address);
    }
    assert!(missing.is_empty(), "not in the book once and as they should:\n{}", missing.join("\n"));
    let ghosts: Vec<&Value> = assets.iter().map(|asset| &asset["address"]).collect();
    let ghosts: Vec<&&Value> =
        ghosts.iter().filter(|address| !known.contains(address.as_str().unwrap_or_default())).collect();
    assert!(ghosts.is_empty(), "in the book and in no description: {ghosts:?}");
}

fn the_gaps_are_found(findings: &[Value]) {
    let of = |rule: &str| -> Vec<String> {
        let told = findings.iter().filter(|finding| finding["finding"] == rule);
        let subject = |finding: &Value| match &finding["address"] {
            Value::Null => finding["subject"].as_str().unwrap_or_default().to_owned(),
            address => address.as_str().unwrap_or_default().to_owned(),
        };
        let mut subjects: Vec<String> = told.map(subject).collect();
        subjects.sort();
        subjects
    };
    let gappy = of("mail.spf.missing");
    assert!(gappy.len() == 1 && gappy[0].contains("luecken.example"), "{gappy:?}");
    assert_eq!((of("mail.dkim.missing"), of("mail.dmarc.missing")), (gappy.clone(), gappy));
    assert_eq!(of("tls.expired"), ["10.20.0.6"], "the school server's certificate");
    assert_eq!(
        of("projector.no-password"),
        ["10.20.0.41"],
        "one projector has a password, the other has none"
    );
    assert!(
        of("snmp.public-community").contains(&"10.20.0.3".to_owned()),
        "{:?}",
        of("snmp.public-community")
    );
    let undocumented = of("asset.undocumented");
    for address in ["10.20.0.2", "10.20.0.20", "10.20.0.41"] {
        assert!(undocumented.contains(&address.to_owned()), "{address} among {undocumented:?}");
    }
}

/// Random MACs and personal names appear in no stream, spool, log or database (promises P2 and P4).
fn nobody_is_named(school: &School, whole: &Whole<'_>) {
    for (path, bytes) in whole.files().expect("files") {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        // Credentials stay in the file they were written into (promise S7).
        if path.file_name().is_none_or(|name| name != "credentials.toml") {
            assert!(!text.contains(&school.community), "the SNMP community stands in {}", path.display());
        }
        for secret in school.host.iter().flat_map(|host| &host.secrets) {
            let forms = [secret.to_lowercase(), secret.to_lowercase().replace(':', "")];
            for form in forms {
                assert!(!text.contains(&form), "'{secret}' stands in {}", path.display());
            }
            let octets: Option<Vec<u8>> = secret
                .split(':')
                .map(|part| u8::from_str_radix(part, 16).ok().filter(|_| part.len() == 2))
                .collect();
            if let Some(octets) = octets.filter(|octets| octets.len() == 6) {
                let raw = bytes.windows(6).any(|window| window == octets);
                assert!(!raw, "the MAC {secret} stands in {} as raw octets", path.display());
            }
        }
    }
}

fn ids(assets: &[Value]) -> Vec<(String, String)> {
    let mut ids: Vec<_> =
        assets.iter().map(|asset| (asset["id"].to_string(), asset["address"].to_string())).collect();
    ids.sort();
    ids
}

fn subjects(findings: &[Value]) -> Vec<(String, String)> {
    let mut all: Vec<_> = findings
        .iter()
        .map(|finding| (finding["finding"].to_string(), finding["subject"].to_string()))
        .collect();
    all.sort();
    all
}
