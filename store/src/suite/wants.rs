//! Whoever asks many schools reads only what a survey names, and gets every answer of the whole view.

use super::domains::{DOMAIN, audited};
use super::formulas::question;
use super::school::{Device, School, day, device, entries, round};
use crate::{
    Document, DocumentedSystem, Link, Room, SchoolChange, Site, Store, Traeger, views::survey::keepable,
};
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use rundgang_inventory::{
    Count, Entry, Value,
    survey::{AnswerValue, Noun, Survey, SurveyView, Told, Wants, answer_all, shipped},
    vocabulary,
};
use std::collections::BTreeMap;

/// So many schools there are; the last one is empty.
const SCHOOLS: u8 = 5;
/// Generated surveys of schools, and as many of the Träger.
const CASES: u32 = 150;

fn switch(n: u8) -> Device {
    device(&format!("10.0.0.{n}"), &format!("00:26:ab:00:01:{n:02x}"))
        .by("snmp")
        .says(&vocabulary::SNMP_SYS_DESCR, Value::text("HP J9775A 2530-48G Switch"))
        .says(&vocabulary::SNMP_SYS_OBJECT_ID, Value::text("1.3.6.1.4.1.11.2.3.7.11.129"))
        .says(&vocabulary::SNMP_PUBLIC_ANSWERS, Value::Int(i64::from(n % 2)))
}

/// Devices of several kinds, and one of which nobody can say what it is.
fn devices(n: u8) -> Vec<Device> {
    let printer = device("10.0.0.30", "00:26:ab:00:02:01")
        .by("ipp")
        .says(&vocabulary::IPP_MAKE_AND_MODEL, Value::text("HP LaserJet MFP M428fdw"));
    let projector = device("10.0.0.31", "00:26:ab:00:02:02")
        .by("pjlink")
        .says(&vocabulary::PJLINK_PASSWORD, Value::text("no"))
        .says(&vocabulary::PJLINK_MANUFACTURER, Value::text("EPSON"))
        .says(&vocabulary::PJLINK_MODEL, Value::text("EPSON L530U/L531U"));
    let access_point = device("10.0.0.32", "00:26:ab:00:02:03")
        .by("snmp")
        .says(&vocabulary::SNMP_SYS_DESCR, Value::text("ArubaOS (MODEL: 505), Version 8.10.0.0"));
    let unknown = device("10.0.0.33", "02:00:00:00:00:01");
    let others = [printer, projector, access_point, unknown];
    (1..=n + 1).map(switch).chain(others.into_iter().take(usize::from(n) + 1)).collect()
}

/// Schools in which something of every noun is known, of each school something else.
fn rich(store: &Store) -> Vec<School> {
    let mut schools: Vec<School> =
        (0..SCHOOLS).map(|n| School::of(store, "Kreis vieler Schulen", &format!("Schule {n}"))).collect();
    for (n, school) in (0..SCHOOLS - 1).zip(&mut schools) {
        hear(school, n);
        enter(&school.traeger.clone(), school.id, n);
    }
    schools
}

/// What the agent says.
fn hear(school: &mut School, n: u8) {
    let mut batch = entries(&devices(n), day(0));
    batch.push(Entry::Count(Count {
        segment: "teaching".into(),
        hour: day(0),
        kind: "personal".into(),
        count: 10 + u32::from(n),
    }));
    // One school was walked without a look at its devices' management.
    batch.push(round(day(0), if n == 2 { &["sweep"] } else { &["sweep", "snmp", "ipp", "pjlink"] }));
    school.hear(&batch, day(0));
    if n > 0 {
        school.traeger.confirm_domain(school.id, DOMAIN, "K", day(0)).expect("confirmed");
        let seen = audited("mx.anbieter.example", "public", day(0));
        school.hear(&[Entry::Observation { index: 0, observation: seen }], day(0));
    }
}

/// What people enter.
fn enter(traeger: &Traeger, id: i64, n: u8) {
    let by = ("Frau A", day(0));
    let numbers =
        SchoolChange { pupils: Some(400 + i64::from(n)), teachers: Some(40), ..SchoolChange::default() };
    traeger.change_school(id, &numbers, by).expect("numbers");
    for (name, is_main) in [("Haupthaus", true), ("Nebenhaus", false)].into_iter().take(usize::from(n % 3)) {
        let site = Site { name: name.to_owned(), is_main, ..Site::default() };
        traeger.save_site(id, &site, by).expect("a site");
    }
    let mut rooms = Vec::new();
    for (room, kind, equipment) in [
        ("R101", "Klassenraum", "wlan lehrer-pc"),
        ("R102", "Klassenraum", "kein-wlan"),
        ("R201", "Fachraum", ""),
    ] {
        let (name, kind, equipment) = (room.to_owned(), kind.to_owned(), equipment.to_owned());
        let room = Room { name, kind, equipment, sockets: Some(2), ..Room::default() };
        rooms.push(traeger.save_room(id, &room, by).expect("a room"));
    }
    for (name, value) in [("support.first", "Frau A"), ("devices.pupil", "120"), ("spend", "4060")] {
        traeger.enter_fact(Some(id), name, value, "Frau A", day(0)).expect("a fact");
    }
    for list in keepable().into_iter().take(usize::from(n) * 4) {
        traeger.keep_lists(Some(id), &[(&list, true)], by).expect("a list");
    }
    for (role, down) in [("primary", 100), ("backup", 16)].into_iter().take(usize::from(n % 3)) {
        let (role, status) = (role.to_owned(), "active".to_owned());
        let (technology, down_mbit) = ("fibre".to_owned(), Some(down * (1 + i64::from(n))));
        let link = Link { technology, down_mbit, up_mbit: Some(10), role, status, ..Link::default() };
        traeger.save_link(id, &link, by).expect("a link");
    }
    for (kind, dated) in [("medienkonzept", Some("2026-02-03")), ("entwurf mep", None)] {
        let (kind, name) = (kind.to_owned(), kind.to_owned());
        let document = Document { kind, name, dated: dated.map(str::to_owned), ..Document::default() };
        traeger.save_document(id, &document, by).expect("a document");
    }
    for (kind, name, mac, room) in [
        ("switch", "Verteiler", "00:26:ab:00:01:01", Some(rooms[0])),
        ("projector", "Beamer 101", "", Some(rooms[0])),
        ("document-camera", "Visualizer", "", None),
        ("firewall", "OPNsense", "", None),
        ("lms", "Moodle", "", None),
    ] {
        let (kind, name, mac) = (kind.to_owned(), name.to_owned(), mac.to_owned());
        let owner = if n.is_multiple_of(2) { "Hausmeister" } else { "" }.to_owned();
        let sla_reaction_hours = (n == 1).then_some(8);
        let purchased = (n != 3).then(|| format!("202{n}-03-01"));
        let system =
            DocumentedSystem { school: id, name, kind, mac, room, owner, ..DocumentedSystem::default() };
        let system = DocumentedSystem { sla_reaction_hours, purchased, ..system };
        traeger.save_system(&system, "Frau A", day(0)).expect("a system");
    }
}

/// Every answer of the narrowed reading is that of the whole view.
fn is_alike(traeger: &Traeger, whole: &[SurveyView], survey: &Survey) -> Result<(), TestCaseError> {
    let expected: Vec<_> = whole.iter().map(|view| answer_all(survey, view, &[])).collect();
    let wants = Wants::of([survey]);
    let asked = traeger.ask_schools(&wants, day(1), |view| answer_all(survey, &view, &[]));
    prop_assert_eq!(asked.expect("answers"), expected, "{}", survey.id);
    let (own, told) = traeger.survey_told(survey, day(1)).expect("what the schools say");
    let expected = answer_all(survey, &own, &Told::by_all(whole, survey));
    prop_assert_eq!(answer_all(survey, &own, &told), expected, "{}", survey.id);
    Ok(())
}

fn views(schools: &[School]) -> Vec<SurveyView> {
    let view = |school: &School| school.traeger.survey_view(school.id, day(1)).expect("a view");
    schools.iter().map(view).collect()
}

pub(super) fn what_a_survey_names_is_all_it_needs(store: &Store) {
    let schools = rich(store);
    let (traeger, whole) = (&schools[0].traeger, views(&schools));
    for noun in Noun::ALL {
        let filled = whole.iter().filter(|view| !view.subjects(noun).is_empty()).count();
        assert!(filled >= 2 && filled < whole.len(), "{} of {filled} schools", noun.word());
    }
    assert!(whole.iter().any(|view| !view.counters.is_empty() && !view.kept.is_empty()));
    assert!(whole.iter().any(|view| view.domains.iter().any(|domain| domain.spf == Some(false))));
    let is_some = |of: fn(&rundgang_inventory::survey::SurveyAsset) -> bool| {
        assert!(whole.iter().any(|view| view.assets.iter().any(of)));
    };
    is_some(|asset| asset.documented && asset.seen);
    is_some(|asset| asset.plaintext == Some(true));
    is_some(|asset| asset.managed == Some(true));
    is_some(|asset| asset.room.is_some());
    is_some(|asset| asset.kind.is_none());
    for survey in shipped() {
        is_alike(traeger, &whole, survey).expect("the same answers");
    }
    let every = traeger.ask_schools(&Wants::everything(), day(1), |view| view).expect("views");
    assert_eq!(every, whole);
}

pub(super) fn the_narrow_reading_answers_every_formula_alike(store: &Store) {
    let schools = rich(store);
    let (traeger, whole) = (&schools[0].traeger, views(&schools));
    let config = proptest::test_runner::Config {
        cases: CASES,
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    };
    // The same formulas each time: what they come to is counted below.
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::default()));
    // What the formulas came to: a comparison of nothing but unknowns would show nothing.
    let told = std::cell::RefCell::new(BTreeMap::<&str, usize>::new());
    let survey = |unit: &str, formula: &str| Survey::parse(&question(unit, formula)).expect("a formula");
    runner
        .run(&super::formulas::formula(), |formula| {
            let of_schools = survey("school", &formula);
            is_alike(traeger, &whole, &of_schools)?;
            for view in &whole {
                for answer in answer_all(&of_schools, view, &[]) {
                    let word = match answer.value {
                        None => "nothing",
                        Some(AnswerValue::Number(0.0)) => "zero",
                        Some(AnswerValue::Number(_)) => "a number",
                        Some(AnswerValue::Table(_)) => "a table",
                        Some(_) => "words",
                    };
                    *told.borrow_mut().entry(word).or_default() += 1;
                }
            }
            is_alike(traeger, &whole, &survey("traeger", &format!("count_of_schools({formula})")))
        })
        .expect("every formula has the answer of the whole view");
    let told = told.into_inner();
    let met = |word: &str| told.get(word).copied().unwrap_or_default();
    assert!(met("a number") > 100 && met("a table") > 4 && met("words") > 4, "{told:?}");
}
