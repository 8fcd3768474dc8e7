//! A survey goes through the schools and is frozen for good.

use super::school::{School, day, device};
use crate::frozen::Ready;
use crate::views::survey::PersonAnswer;
use crate::{Claim, Error, Obstacle, PartAnswer, Retention, Run, Sent, State, Store};
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

/// A return that comes while the answers are being put together is kept: nothing is submitted.
pub(super) fn a_return_is_not_lost_in_submitting(store: &Store) {
    let school = School::new(store);
    let (traeger, id) = (&school.traeger, school.id);
    let run = traeger.open_run("katalog", day(0), None, &[id], "T", day(0)).expect("a run");
    let move_to = |state, note, at| traeger.move_part(run, id, state, note, "K", at);
    move_to(State::Confirmed, "", day(1)).expect("confirmed");
    let ready = traeger.ready(run, day(2)).expect("ready");
    move_to(State::Returned, "Bitte C06 prüfen", day(2)).expect("returned");
    let blocked = |ready: &Ready| {
        let refused = traeger.submit(ready, "T", day(2)).expect_err("it was returned");
        assert!(matches!(refused.root(), Error::Blocked(Obstacle::Moved)), "{refused}");
        assert!(traeger.frozen_of_run(run).expect("frozen").is_empty(), "nothing is sealed");
        assert_eq!(traeger.run(run).expect("the run").submitted, None, "and the run is open");
    };
    blocked(&ready);
    assert_eq!(traeger.part(run, id).expect("its part").note, "Bitte C06 prüfen");
    // Handed in again, the answers are others: what was read before is not what was confirmed.
    move_to(State::Confirmed, "", day(3)).expect("confirmed again");
    blocked(&ready);
    traeger.submit_run(run, "T", day(3)).expect("submitted");
    assert!(traeger.frozen_of_part(run, id).expect("frozen").is_some());
}

/// One write: what somebody else said meanwhile stands, and then nothing of the form is kept.
pub(super) fn answers_are_kept_together_and_over_nobody_elses(store: &Store) {
    let school = School::new(store);
    let (traeger, id) = (&school.traeger, school.id);
    let open = |now| {
        let run = traeger.open_run("katalog", now, None, &[id], "T", now).expect("a run");
        traeger.run(run).expect("the run")
    };
    let run = open(day(0));
    let given = |question: &str, before: Option<&PersonAnswer>, value: &str, at| PartAnswer {
        question: question.to_owned(),
        before: before.cloned(),
        answer: PersonAnswer { value: value.to_owned(), who: "K".to_owned(), at, ..PersonAnswer::default() },
    };
    let said = |now| traeger.person_answers(Some(id), "katalog", now).expect("answers");
    let keep = |run: &Run, all: &[PartAnswer], hand_in, now| {
        traeger.answer_part(run, id, all, hand_in, "K", now).map_err(|error| error.root().to_string())
    };
    keep(&run, &[given("C01", None, "3", day(1))], false, day(1)).expect("kept");
    let both = [given("C02", None, "5", day(2)), given("C01", None, "4", day(2))];
    let refused = keep(&run, &both, true, day(2)).expect_err("C01 was answered meanwhile");
    assert!(refused.contains("C01"), "{refused}");
    // So it is where the other's words are younger than the moment at which this form is kept.
    let early = [given("C01", None, "4", day(0))];
    assert!(keep(&run, &early, false, day(0)).is_err());
    let first = said(day(2));
    assert_eq!((first.len(), first["C01"].value.as_str()), (1, "3"), "nothing of the form is kept");
    assert_eq!(traeger.part(run.id, id).expect("its part").state, State::Open, "nor was it handed in");
    let knowing = [given("C02", None, "5", day(2)), given("C01", first.get("C01"), "4", day(2))];
    keep(&run, &knowing, true, day(2)).expect("kept");
    assert_eq!(said(day(2))["C01"].value, "4");
    assert!(keep(&run, &[], false, day(3)).is_err(), "it is not the school's turn");
    // What was said for an earlier run is said again for this one, though it is the same.
    let next = open(day(300));
    let again = [given("C01", said(day(300)).get("C01"), "4", day(301))];
    keep(&next, &again, false, day(301)).expect("kept");
    assert_eq!(said(day(302))["C01"].at, day(301));
}

/// What holds on a day is known on that day; answers are asked for until a day that comes.
pub(super) fn days_ahead_are_not_sealed(store: &Store) {
    let school = School::new(store);
    let (traeger, id) = (&school.traeger, school.id);
    let open = |as_of, due| traeger.open_run("katalog", as_of, due, &[id], "T", day(10));
    for (as_of, due) in [(day(20), day(19)), (day(5), day(9))] {
        let refused = open(as_of, Some(due)).expect_err("too late");
        assert!(matches!(refused.root(), Error::Blocked(Obstacle::Late)), "{refused}");
    }
    let run = open(day(20), Some(day(20))).expect("a run");
    traeger.move_part(run, id, State::Confirmed, "", "K", day(11)).expect("confirmed");
    let early = traeger.submit_run(run, "T", day(19)).expect_err("the day is not reached");
    assert!(matches!(early.root(), Error::Blocked(Obstacle::Early)), "{early}");
    traeger.submit_run(run, "T", day(20)).expect("submitted");
}

/// One mail a day reminds a school, of whatever survey; what surely did not leave is noted nowhere and may be sent again.
pub(super) fn a_school_is_reminded_once_a_day(store: &Store) {
    let school = School::new(store);
    let (t, id) = (&school.traeger, school.id);
    let runs = [0, 1].map(|_| t.open_run("katalog", day(0), None, &[id], "T", day(0)).expect("a run"));
    let claim = |run: i64, on: &str| t.claim_reminder(run, id, on, day(1)).expect("asked");
    let note = |sent: &Sent, on: &str| {
        t.note_reminder_sent((runs[0], id), on, sent, "mail to 1 coordinator", "T", day(1)).expect("noted");
        t.part(runs[0], id).expect("a part").reminded
    };
    assert_eq!(claim(runs[0], "2026-11-23"), Claim::Own);
    assert_eq!(
        claim(runs[0], "2026-11-23"),
        Claim::Unsure,
        "somebody is at it; or was, and ended in the middle"
    );
    for sure in [Sent::Later("no connection".into()), Sent::Refused("550".into())] {
        assert_eq!(note(&sure, "2026-11-23"), None);
        assert_eq!(claim(runs[0], "2026-11-23"), Claim::Own);
    }
    assert_eq!(note(&Sent::Taken, "2026-11-23"), Some(day(1)));
    assert_eq!(claim(runs[0], "2026-11-23"), Claim::Left);
    assert_eq!(claim(runs[1], "2026-11-23"), Claim::Left, "a day, whatever survey it is about");
    assert_eq!(claim(runs[0], "2026-11-24"), Claim::Own);
    assert_eq!(note(&Sent::Unknown("broke off".into()), "2026-11-24"), Some(day(1)), "as it was");
    assert_eq!(claim(runs[0], "2026-11-24"), Claim::Unsure);
    let log = t.audit_log(&format!("survey run {}", runs[0])).expect("a log");
    let told: Vec<&str> = log.iter().filter(|e| e.what == "remind").map(|e| e.after.as_str()).collect();
    assert_eq!(told, ["mail to 1 coordinator"]);
    t.move_part(runs[0], id, State::Confirmed, "", "K", day(2)).expect("handed in");
    assert!(t.claim_reminder(runs[0], id, "2026-11-25", day(2)).is_err(), "it has handed in");
    // A school that is deleted takes the records of its reminders along.
    let name = t.school(id).expect("a school").entered.name;
    t.remove_school(id, &name, "T", day(3)).expect("deleted");
    assert!(t.dispatches(10).expect("a list").is_empty());
}
