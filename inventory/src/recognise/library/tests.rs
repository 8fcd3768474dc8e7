//! The fingerprints that are shipped, each against its own examples and all against what none may say.

use super::*;
use crate::Kind;
use crate::recognise::{
    Told,
    fingerprint::{Example, Never},
    recognise, vendors,
};
use std::collections::BTreeSet;

fn evidence(field: &str, text: &str, with: &BTreeMap<String, String>) -> Fields {
    let mut fields = Fields::new();
    for (field, text) in with.iter().map(|(a, b)| (a.as_str(), b.as_str())).chain([(field, text)]) {
        match field.split_once('/') {
            None => {
                let told = match fields.remove(field) {
                    Some(Value::Text(other)) => Value::List(vec![other, text.to_owned()]),
                    _ => Value::Text(text.to_owned()),
                };
                fields.set_named(field.to_owned(), told);
            }
            Some((table, column)) => {
                let mut row = match fields.remove(table) {
                    Some(Value::Table(mut rows)) => rows.pop().unwrap_or_default(),
                    _ => BTreeMap::new(),
                };
                row.insert(column.to_owned(), Value::Text(text.to_owned()));
                fields.set_named(table.to_owned(), Value::Table(vec![row]));
            }
        }
    }
    fields
}

fn check_yield(fingerprint: &Fingerprint, example: &Example, fields: &Fields) {
    let shown = format!("{} on \"{}\"", fingerprint.pattern.source(), example.text);
    assert!(fingerprint.applies(&fingerprint.field, fields), "its conditions do not hold: {shown}");
    let mut claims = Claims::default();
    fingerprint.claim(&fingerprint.field, &example.text, &mut claims);
    let first =
        |claims: &[super::super::claims::Claim<String>]| claims.first().map(|claim| claim.value.clone());
    let wanted = [
        ("vendor", &example.vendor, first(&claims.vendor)),
        ("model", &example.model, first(&claims.model)),
        ("serial", &example.serial, first(&claims.serial)),
        ("version", &example.version, first(&claims.version)),
        ("hostname", &example.hostname, first(&claims.hostname)),
    ];
    for (name, expected, found) in wanted {
        let caught = fingerprint
            .pattern
            .get()
            .expect("it can be read")
            .capture_names()
            .flatten()
            .any(|group| group == name);
        if expected.is_some() || (caught && name != "vendor") {
            assert_eq!(found.as_ref(), expected.as_ref(), "{name}: {shown}");
        }
    }
}

#[test]
fn every_example_matches_its_own_fingerprint_and_no_earlier_one() {
    let library = Library::read(FILES).expect("the fingerprint files");
    let mut bare = Vec::new();
    for shelf in library.shelves.values() {
        for (at, fingerprint) in shelf.fingerprints.iter().enumerate() {
            if fingerprint.examples.is_empty() {
                bare.push(fingerprint.pattern.source().to_owned());
            }
            for example in &fingerprint.examples {
                let text = &example.text;
                assert!(
                    fingerprint.pattern.is_match(text.as_bytes()),
                    "{} does not match \"{text}\"",
                    fingerprint.pattern.source()
                );
                let fields = evidence(&fingerprint.field, text, &example.with);
                check_yield(fingerprint, example, &fields);
                for earlier in shelf.fingerprints.iter().take(at).filter(|one| !one.adds && !fingerprint.adds)
                {
                    assert!(
                        !(earlier.pattern.is_match(text.as_bytes())
                            && earlier.applies(&earlier.field, &fields)),
                        "\"{text}\" of {} also matches the earlier {}",
                        fingerprint.pattern.source(),
                        earlier.pattern.source()
                    );
                }
            }
        }
    }
    assert!(bare.is_empty(), "{} fingerprints have no example: {bare:#?}", bare.len());
}

/// What a text sounds like and is not: by the whole library, since it does not matter which fingerprint is wrong.
fn check_never(fingerprint: &Fingerprint, never: &Never, shown: &str) {
    let fields = evidence(&fingerprint.field, &never.text, &never.with);
    let told = recognise(None, &fields);
    let kind = told.kind.as_ref().map(|told| told.value);
    let vendor = told.vendor.as_ref().map(|told| told.value.as_str());
    let named = !(never.kinds.is_empty() && never.vendors.is_empty() && never.texts.is_empty());
    let known = [&never.vendor, &never.model, &never.version].iter().any(|text| text.is_some());
    if !named && !known && never.kind.is_none() {
        assert!(fingerprint.pattern.is_match(never.text.as_bytes()), "does not match: {shown}");
        assert!(!fingerprint.applies(&fingerprint.field, &fields), "speaks all the same: {shown}");
        assert!(kind.is_none() || kind != fingerprint.kind, "another says the same kind: {shown}");
    }
    assert!(kind.is_none_or(|kind| !never.kinds.contains(&kind)), "{kind:?} comes out: {shown}");
    let named = |vendor: &str| never.vendors.iter().any(|wrong| wrong == vendor);
    assert!(!vendor.is_some_and(named), "{vendor:?} comes out: {shown}");
    let text = |told: &Option<Told<String>>| told.as_ref().map(|told| told.value.clone());
    for found in [&told.model, &told.serial, &told.os_version].into_iter().filter_map(text) {
        assert!(!never.texts.contains(&found), "{found} comes out: {shown}");
    }
    if never.kind.is_some() {
        assert_eq!(kind, never.kind, "the kind: {shown}");
    }
    let wanted = [
        ("vendor", &never.vendor, &told.vendor),
        ("model", &never.model, &told.model),
        ("version", &never.version, &told.os_version),
    ];
    for (name, expected, found) in wanted.into_iter().filter(|(_, expected, _)| expected.is_some()) {
        assert_eq!(text(found).as_ref(), expected.as_ref(), "{name}: {shown}");
    }
}

#[test]
fn what_is_never_meant_comes_out_of_no_fingerprint() {
    let library = Library::read(FILES).expect("the fingerprint files");
    let all = library.shelves.values().flat_map(|shelf| &shelf.fingerprints);
    for (fingerprint, never) in all.flat_map(|one| one.never.iter().map(move |never| (one, never))) {
        check_never(fingerprint, never, &format!("{} on \"{}\"", fingerprint.pattern.source(), never.text));
    }
}

/// Names as a school could give its computers: the words of every example of a sysDescr, and of its pattern.
fn names_like_the_examples(library: &Library) -> BTreeSet<String> {
    let shelf = library.shelves.get("snmp.sys_descr").map(|shelf| shelf.fingerprints.as_slice());
    let mut names = BTreeSet::new();
    for fingerprint in shelf.unwrap_or_default() {
        let texts = fingerprint.examples.iter().map(|example| example.text.as_str());
        for text in texts.chain([fingerprint.pattern.source()]) {
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
            for word in words.map(|word| word.trim_matches(['-', '.', '_'])).filter(|word| word.len() > 1) {
                names.extend([word.to_owned(), word.to_lowercase(), format!("{}01", word.to_lowercase())]);
            }
        }
    }
    names
}

#[test]
fn no_name_makes_a_computer_another_thing() {
    const MINE: &[&str] = &["Linux", "FreeBSD", "Proxmox"];
    let library = Library::read(FILES).expect("the fingerprint files");
    let names = names_like_the_examples(&library);
    assert!(names.len() > 1000, "only {} names", names.len());
    let mut wrong = Vec::new();
    for name in &names {
        for descr in [
            format!("Linux {name} 6.1.0-9-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.90-1 (2024-05-03) x86_64"),
            format!("Linux {name} 6.8.0-40-generic #40-Ubuntu SMP Fri Jul 5 10:34:03 UTC 2024 aarch64"),
            format!("FreeBSD {name} 14.1-RELEASE-p5 FreeBSD 14.1-RELEASE-p5 GENERIC amd64"),
        ] {
            let told = recognise(None, &evidence("snmp.sys_descr", &descr, &BTreeMap::new()));
            let kind = told.kind.map(|told| told.value);
            let vendor = told.vendor.map(|told| told.value).unwrap_or_default();
            if !(kind == Some(Kind::Server) && MINE.contains(&vendor.as_str()) && told.model.is_none()) {
                wrong.push(format!("{descr}: {kind:?} {vendor} {:?}", told.model.map(|told| told.value)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} texts: {:#?}", wrong.len(), wrong.iter().take(40).collect::<Vec<_>>());
}

/// A computer that announces itself by LLDP is anybody's, whatever its name and whoever made its system (promise P2).
#[test]
fn no_announcement_makes_a_computer_an_appliance() {
    let library = Library::read(FILES).expect("the fingerprint files");
    let mut texts: Vec<String> = names_like_the_examples(&library)
        .iter()
        .map(|name| format!("Linux {name} 6.1.0-9-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.90-1 x86_64"))
        .collect();
    texts.push("Ubuntu 24.04.1 LTS Linux 6.8.0-40-generic #40-Ubuntu SMP PREEMPT_DYNAMIC x86_64".to_owned());
    texts.push("Debian GNU/Linux 12 (bookworm) Linux 6.1.0-9-amd64 #1 SMP Debian 6.1.90-1 x86_64".to_owned());
    for field in ["lldp.descr", "cdp.software"] {
        for text in &texts {
            let told = recognise(None, &evidence(field, text, &BTreeMap::new()));
            assert_eq!(told.kind.map(|told| told.value), None, "{field} {text}");
        }
    }
}

#[test]
fn every_fingerprint_yields_something_and_names_its_source() {
    for (name, text) in FILES {
        for fingerprint in File::read(text).expect("a fingerprint file") {
            let yields = fingerprint.kind.is_some()
                || fingerprint.service.is_some()
                || !fingerprint.templates.is_empty();
            assert!(yields, "{name}: {} yields nothing", fingerprint.pattern.source());
            let unread = fingerprint.conditions.iter().find(|condition| condition.pattern.get().is_none());
            assert!(unread.is_none(), "{name}: {unread:?} cannot be read");
            assert!(!fingerprint.source.is_empty(), "{name}: {} has no source", fingerprint.pattern.source());
            assert!(fingerprint.weight <= 100, "{name}: {} weighs too much", fingerprint.pattern.source());
            for (attribute, template) in &fingerprint.templates {
                if *attribute == Attribute::Vendor && !template.contains('{') {
                    assert_eq!(&vendors::canonical(template), template, "{name}: another spelling is shown");
                }
            }
        }
    }
}

#[test]
fn the_trees_read() {
    assert!(Library::trees().is_ok());
}
