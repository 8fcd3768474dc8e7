//! What people typed, and what held when.

use super::school::{School, day};
use crate::{DocumentedSystem, Error, NewAnswer, Source, Store};
use serde_json::json;

pub(super) fn nobody_overwrites_silently(store: &Store) {
    let school = School::new(store);
    let t = &school.traeger;
    let new = DocumentedSystem {
        school: school.id,
        name: "Moodle".into(),
        sla_reaction_hours: Some(4),
        personal_data: Some(true),
        contract_until: Some("2027-07-31".into()),
        ..DocumentedSystem::default()
    };
    let id = t.save_system(&new, "A", day(0)).expect("a system");
    let seen = t.system(id).expect("the system");
    assert_eq!(seen, DocumentedSystem { id, version: 1, status: "in-use".into(), ..new });
    let first = DocumentedSystem { owner: "Frau A als IT-Koordination".into(), ..seen.clone() };
    t.save_system(&first, "A", day(1)).expect("a change");
    let second = DocumentedSystem { owner: "B".into(), ..seen };
    let error = t.save_system(&second, "B", day(1)).expect_err("a conflict");
    assert!(matches!(error.root(), Error::Conflict { expected: 1, found: 2, .. }), "{error}");
    assert_eq!(t.system(id).expect("the system").owner, first.owner);
}

pub(super) fn secrets_are_refused(store: &Store) {
    let school = School::new(store);
    let ask = |change: fn(&mut DocumentedSystem), expected: &str| {
        let mut system =
            DocumentedSystem { school: school.id, name: "Server".into(), ..DocumentedSystem::default() };
        change(&mut system);
        let answer = school.traeger.save_system(&system, "A", day(0));
        assert!(answer.is_err_and(|error| error.to_string().contains(expected)), "{system:?}");
    };
    ask(|s| s.notes = "Passwort: Sommer2024".into(), "notes: ");
    ask(|s| s.credentials_place = "admin / pw=hallo123".into(), "where it is kept");
    ask(|s| s.credentials_place = "Sommer2026".into(), "credentials_place: this bare word");
    ask(|s| s.sla_hours = "Passwort: Sommer2026".into(), "sla_hours: ");
    ask(|s| s.name = " ".into(), "name: must not be empty");
    ask(|s| s.status = "kaputt".into(), "status");
    ask(|s| s.warranty_until = Some("31.12.2026".into()), "2026-10-01");
    ask(|s| s.mac = "00:11".into(), "mac: a MAC address");
    assert_eq!(school.traeger.systems(school.id).expect("systems"), []);
}

pub(super) fn answers_as_of_a_day(store: &Store) {
    let school = School::new(store);
    let t = &school.traeger;
    let say = |source, value: i64, who: &str, valid, at| {
        let new = NewAnswer {
            school: school.id,
            survey: "guetersloh",
            question: "5.1",
            source,
            value: json!(value),
            comment: "",
            evidence: json!([]),
            who,
            valid_from: day(valid),
        };
        t.record_answer(&new, day(at))
    };
    let held = |valid, known| {
        let answers = t.answers_as_of(school.id, "guetersloh", day(valid), day(known)).expect("answers");
        answers.iter().map(|a| (a.source, a.value.as_i64().unwrap_or_default())).collect::<Vec<_>>()
    };
    say(Source::Machine, 2, "", 0, 0).expect("an answer");
    say(Source::Person, 3, "K", 1, 1).expect("an answer");
    say(Source::Machine, 4, "", 2, 2).expect("a later run");
    assert!(say(Source::Person, 3, " ", 1, 1).is_err(), "a person's answer names the person");
    use Source::{Machine, Person};
    assert_eq!(held(3, 3), [(Machine, 4), (Person, 3)], "a later run never touches the person's answer");
    assert_eq!(held(0, 3), [(Machine, 2)]);
    // Learned on day 5: on day 1 it was something else. As known then, the old answer stands.
    say(Source::Person, 1, "K", 1, 5).expect("a correction");
    assert_eq!(held(1, 3), [(Machine, 2), (Person, 3)]);
    assert_eq!(held(1, 6), [(Machine, 2), (Person, 1)]);
}

pub(super) fn values_as_of_a_day(store: &Store) {
    let school = School::new(store);
    let t = &school.traeger;
    let state = |value, valid, at| {
        t.state_value(school.id, "asset 7", "room", value, "K", day(valid), day(at)).expect("a value");
    };
    let held = |valid, known| {
        let values = t.values_as_of(school.id, "asset 7", day(valid), day(known)).expect("values");
        values.into_iter().filter_map(|interval| interval.value).collect::<Vec<_>>().join(" ")
    };
    state(Some("104"), 0, 0);
    state(Some("205"), 10, 12);
    state(Some("205"), 11, 13);
    assert_eq!([held(5, 20), held(11, 11), held(11, 20), held(0, 0)], ["104", "104", "205", "104"]);
    state(None, 20, 20);
    assert_eq!([held(15, 30), held(25, 30), held(25, 19)], ["205", "", "205"]);
}
