//! A survey goes through the schools and is frozen for good.

use super::school::{School, day, device};
use crate::{Retention, State, Store};
use rundgang_inventory::{Value, vocabulary};

/// Opened, confirmed, returned, confirmed again, submitted; then nothing moves, and the seal holds.
pub(super) fn a_run_goes_its_way_and_is_frozen(store: &Store) {
    let mut school = School::new(store);
    let switch = device("10.0.0.7", "00:26:ab:00:01:07")
        .by("snmp")
        .says(&vocabulary::SNMP_SYS_DESCR, Value::text("HP J9775A 2530-48G Switch"))
        .says(&vocabulary::SNMP_SYS_OBJECT_ID, Value::text("1.3.6.1.4.1.11.2.3.7.11.129"));
    school.walk(&[switch], day(0), &["sweep", "snmp"]);
    let (traeger, id) = (school.traeger.clone(), school.id);
    let run = traeger.open_run("katalog", day(0), None, &[id], "Frau T", day(0)).expect("a run");
    let move_to = |state, note| traeger.move_part(run, id, state, note, "Herr K", day(1));
    assert!(traeger.submit_run(run, "Frau T", day(1)).is_err(), "nobody has confirmed");
    assert!(move_to(State::Returned, "fehlt").is_err(), "nothing to return yet");
    traeger.note_reminder(run, id, "Frau T", day(1)).expect("it is awaited");
    assert!(traeger.note_reminder(run, id + 1, "Frau T", day(1)).is_err(), "not a school of this run");
    move_to(State::Confirmed, "").expect("confirmed");
    assert!(traeger.note_reminder(run, id, "Frau T", day(1)).is_err(), "it has handed in");
    assert!(move_to(State::Returned, "").is_err(), "a return says why");
    move_to(State::Returned, "Bitte C06 prüfen").expect("returned");
    move_to(State::Confirmed, "").expect("confirmed again");
    traeger.submit_run(run, "Frau T", day(2)).expect("submitted");
    assert!(traeger.submit_run(run, "Frau T", day(3)).is_err() && move_to(State::Returned, "x").is_err());
    let frozen = traeger.frozen_of_run(run).expect("frozen").pop().expect("one school");
    assert!(frozen.is_whole && frozen.who == "Frau T" && frozen.at == day(2));
    let told = serde_json::to_string(&frozen.content).expect("JSON");
    assert!(!told.contains("2530-48G") && !told.contains("10.0.0.7"), "aggregates only: {told}");
    let c06 = frozen.content.answers.iter().find(|a| a.answer.question == "C06").expect("C06");
    assert_eq!((c06.evidence, c06.by_kind.get("switch")), (1, Some(&1)));
    // The link leads to the device while it is held.
    let link = || traeger.frozen_links(frozen.id).expect("links").pop().expect("a link");
    assert_eq!(link().deleted, None);
    traeger.retain(Retention::default(), day(400)).expect("retained");
    assert_eq!(link().deleted, Some(day(400)));
    assert_eq!(traeger.frozen(frozen.id).expect("frozen"), frozen, "and nothing else has changed");
    traeger.retain(Retention::default(), day(3650)).expect("retained");
    assert_eq!(traeger.frozen(frozen.id).expect("frozen"), frozen, "ten years are not over");
    let proofs = traeger.retain(Retention::default(), day(3657)).expect("retained");
    assert!(proofs.iter().any(|proof| proof.what == "submitted surveys" && proof.rows == 1), "{proofs:?}");
    assert!(traeger.frozen(frozen.id).is_err_and(|error| error.is_not_found()), "after ten years it is gone");
    assert!(
        traeger.run(run).is_err_and(|error| error.is_not_found())
            && traeger.frozen_links(frozen.id).expect("links").is_empty()
    );
}

/// Of two years the later one finds the earlier.
pub(super) fn last_years_submission_stands_beside(store: &Store) {
    let school = School::new(store);
    let (traeger, id) = (&school.traeger, school.id);
    for year in 0..2 {
        let now = day(365 * year);
        let run = traeger.open_run("guetersloh-schule", now, None, &[id], "T", now).expect("a run");
        traeger.move_part(run, id, State::Confirmed, "", "K", now).expect("confirmed");
        traeger.submit_run(run, "T", now).expect("submitted");
    }
    let runs = traeger.runs().expect("runs");
    let latest = traeger.frozen_of_run(runs[0].id).expect("frozen").pop().expect("one");
    let before = traeger.frozen_before(&latest).expect("before");
    assert_eq!(before.len(), 1);
    assert_eq!(latest.seal_before, before[0].seal, "each seal holds the one before");
}

/// A bad file is refused with line and reason; a good one takes the place of the shipped one.
pub(super) fn a_survey_is_imported(store: &Store) {
    let traeger = School::new(store).traeger;
    let text = rundgang_inventory::survey::shipped_text("guetersloh-schule").expect("shipped");
    let bad = traeger.import_survey(&text.replace("any(link", "any(teapot"), "T", day(0));
    assert!(bad.is_err_and(|error| error.to_string().contains("line ")));
    let own = text.replace("value = 50.0", "value = 100.0").replace("version = 1\n", "version = 2\n");
    traeger.import_survey(&own, "T", day(0)).expect("imported");
    assert_eq!(traeger.survey("guetersloh-schule").expect("there").version, 2);
    let same = text.replace("value = 50.0", "value = 200.0").replace("version = 1\n", "version = 2\n");
    assert!(traeger.import_survey(&same, "T", day(0)).is_err(), "a changed file needs a higher version");
    traeger.withdraw_survey("guetersloh-schule", "T", day(1)).expect("withdrawn");
    assert_eq!(traeger.survey("guetersloh-schule").expect("shipped again").version, 1);
}
