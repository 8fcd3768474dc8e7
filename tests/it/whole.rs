//! From a packet in the school to a row in the book: collector, enrolment, walk, spool, stream, findings.

use crate::lab::{description, program};
use rundgang_tests::{
    school::{Expect, play},
    skip::skip,
    whole::Whole,
};
use serde_json::Value;
use std::path::Path;

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
    whole.round().expect("a round");
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
    nobody_is_named(&school, &whole);
}

fn every_expected_device_is_in_the_book(school: &rundgang_tests::school::School, assets: &[Value]) {
    let expected = school
        .switch
        .iter()
        .map(|s| (s.address, &s.expect))
        .chain(school.host.iter().filter_map(|h| Some((h.address?, &h.expect))));
    let mut missing = Vec::new();
    for (address, expect) in expected {
        let Expect::Device(expect) = expect else { continue };
        let found = assets.iter().find(|asset| asset["address"] == address.to_string());
        if found.is_none_or(|asset| asset["kind"] != expect.kind.as_str()) {
            missing.push(format!(
                "{address} {}: {}",
                expect.kind,
                found.map_or(&Value::Null, |asset| &asset["kind"])
            ));
        }
    }
    assert!(missing.is_empty(), "not in the book as they should:\n{}", missing.join("\n"));
}

fn the_gaps_are_found(findings: &[Value]) {
    let rules: Vec<&str> = findings.iter().filter_map(|finding| finding["finding"].as_str()).collect();
    for rule in [
        "mail.spf.missing",
        "mail.dkim.missing",
        "mail.dmarc.missing",
        "tls.expired",
        "projector.no-password",
        "snmp.public-community",
        "asset.undocumented",
    ] {
        assert!(rules.contains(&rule), "{rule} is missing from {rules:?}");
    }
    let passwords = findings.iter().filter(|finding| finding["finding"] == "projector.no-password").count();
    assert_eq!(passwords, 1, "one projector has a password, the other has none");
}

/// Random MACs and personal names appear in no stream, spool, log or database (promises P2 and P4).
fn nobody_is_named(school: &rundgang_tests::school::School, whole: &Whole<'_>) {
    for (path, bytes) in whole.files().expect("files") {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
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
