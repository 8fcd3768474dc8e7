//! What people know of a domain's mail reaches the box that audits it: a key under an unusual selector is found, and a
//! named sender stands in the proposed record. Collector, agent, resolver and name server are the real ones.

use crate::lab::program;
use rundgang_tests::{
    school::{School, play},
    skip::skip,
    whole::Whole,
};
use std::{collections::BTreeMap, path::Path};

const KNOWN: &str = "bekannt.example";
const UNKNOWN: &str = "unbekannt.example";

#[test]
fn a_selector_and_a_sender_from_the_register_are_looked_up_by_the_daemon() {
    if let Some(reason) = play::cannot_play() {
        return skip("told::a_selector_and_a_sender_from_the_register", &reason);
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schools/zwei-domains.toml");
    let school = School::load(&file).expect("a good description");
    let _turn = crate::lab::turn();
    let guard = play::Guard(play::up(&school).expect("the school comes up"));
    let programs = program("rundgang-agent").parent().map(Path::to_owned).expect("a folder of programs");
    let whole = Whole::without_agents(&school, &guard.0, &programs).expect("a collector");
    whole.add_agent("agent", &[]).expect("the box");
    whole.accept_domains("agent").expect("a scope");
    let tell = |arguments: &[&str]| whole.collector(&[&["domains"], arguments].concat()).expect("told");
    tell(&["--confirm", "Bekannt.Example.", "--confirm", UNKNOWN]);
    let facts = [
        "--facts",
        KNOWN,
        "--selector",
        "RZ2024b",
        "--sender",
        "include:spf.dienst.bekannt.example Newsletter",
    ];
    let said = tell(&[&facts[..], &["--complete"]].concat());
    assert!(said.contains("DKIM selectors: rz2024b") && said.contains("nobody else sends"), "{said}");

    // The box is told when it is in touch, and looks when it walks next.
    whole.round().expect("a round in which it is told");
    let explained = whole.explain("agent").expect("what it would send");
    for line in [
        "Domain bekannt.example\n  DKIM selectors told: rz2024b",
        "senders told, looked up as SPF terms: include:spf.dienst.bekannt.example",
    ] {
        assert!(explained.contains(line), "'{line}' is missing from {explained}");
    }
    whole.round().expect("a round in which it looks");
    let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for finding in whole.lines(&["findings", "--json"]).expect("findings") {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        found.entry(text("subject")).or_default().insert(text("finding"), finding["evidence"].to_string());
    }
    let of = |domain: &str| found.get(&format!("domain {domain}")).cloned().unwrap_or_default();
    let (known, unknown) = (of(KNOWN), of(UNKNOWN));
    assert!(known.contains_key("mail.spf.missing"), "it was not audited: {found:#?}");
    assert!(!known.keys().any(|rule| rule.starts_with("mail.dkim.")), "{known:#?}");
    // Nobody told of it: it may be there, and the provider is asked; it is not called missing.
    assert!(unknown.contains_key("mail.dkim.selector-unknown"), "{unknown:#?}");
    assert!(!unknown.contains_key("mail.dkim.missing"), "{unknown:#?}");
    let proposed = "v=spf1 mx include:spf.dienst.bekannt.example -all";
    assert!(known["mail.spf.missing"].contains(proposed), "{}", known["mail.spf.missing"]);
    assert!(unknown["mail.spf.missing"].contains("v=spf1 mx ~all"), "{}", unknown["mail.spf.missing"]);
}
