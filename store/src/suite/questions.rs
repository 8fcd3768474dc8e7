//! Questions that were passed on: to whom, until when, and what came of them.

use super::school::{School, day};
use crate::{DocumentedSystem, NewQuestion, Retention, Said, Store};

pub(super) fn a_question_that_was_passed_on_is_kept_until_it_is_answered(store: &Store) {
    let school = School::new(store);
    let (id, t) = (school.id, school.traeger.clone());
    let by = |n: i64| ("Frau L", day(n));
    let entry = DocumentedSystem { school: id, name: "Beamer 104".into(), ..DocumentedSystem::default() };
    let system = t.document(&entry, "Frau L", day(1)).expect("documented");
    let new = |text: &str, due: i64| NewQuestion {
        system,
        whom: "Kreis IT, Hotline".into(),
        mail: "hotline@kreis.example".into(),
        text: text.into(),
        due: day(due),
    };
    let first = t.pass_on(id, &new("Wann wird die Lampe getauscht?", 14), by(2)).expect("passed on");
    let second = t.pass_on(id, &new("Gilt die Garantie noch?", 9), by(3)).expect("passed on");
    let texts = |all: Vec<crate::Question>| -> Vec<i64> { all.into_iter().map(|one| one.id).collect() };
    assert_eq!(texts(t.questions(id, 50).expect("questions")), [second, first], "by their last day");
    let one = t.question(id, first).expect("the question");
    assert_eq!((one.name.as_str(), one.who.as_str(), one.version), ("Beamer 104", "Frau L", 1));
    assert_eq!((one.at, one.due, one.answered_at), (day(2), day(14), None));
    assert!(!one.is_overdue(day(14)) && one.is_overdue(day(15)));
    // What nobody can be asked, and what must not stand here.
    let whom = NewQuestion { whom: " ".into(), ..new("x", 9) };
    for unfit in [new(" ", 9), new("Passwort: Sommer2026", 9), new("x", 1), new("x", 2000), whom] {
        assert!(t.pass_on(id, &unfit, by(3)).is_err(), "{unfit:?}");
    }
    let nobody = NewQuestion { system: system + 77, ..new("x", 9) };
    assert!(t.pass_on(id, &nobody, by(3)).is_err_and(|error| error.is_not_found()));
    assert!(t.pass_on(id + 77, &new("x", 9), by(3)).is_err_and(|error| error.is_not_found()));
    assert!(t.question(id + 77, first).is_err_and(|error| error.is_not_found()));
    // The week tells what is due, also when that is long ago, until it is answered.
    let due = |now: i64| -> Vec<(String, String)> {
        let week = t.weeks(Some(id), day(2), day(now)).expect("a week").remove(0);
        let own = week.due.into_iter().filter(|due| due.what == "question");
        own.map(|due| (due.day, due.name)).collect()
    };
    let told = |n: i64| (day(n).date(), "Beamer 104".to_owned());
    assert_eq!(due(3), [told(9), told(14)]);
    let answered = Said { is_answered: true, answer: "Ja, bis 2028".into(), due: day(9) };
    t.say_of_question(id, (second, 1), &answered, by(8)).expect("answered");
    assert_eq!(due(90), [told(14)]);
    let all = t.questions(id, 50).expect("questions");
    assert_eq!((all[0].id, all[1].id, all[1].answered_at), (first, second, Some(day(8))));
    assert_eq!(all[1].answer, "Ja, bis 2028");
    assert_eq!(texts(t.questions(id, 0).expect("questions")), [first], "the open ones alone");
    // Nobody overwrites anybody; the day of an answer stays when its words are changed.
    let stale = t.say_of_question(id, (second, 1), &answered, by(9));
    assert!(stale.is_err_and(|error| error.is_conflict()));
    let secret = Said { answer: "Passwort: Sommer2026".into(), ..answered.clone() };
    assert!(t.say_of_question(id, (second, 2), &secret, by(9)).is_err());
    let past = Said { due: day(2), ..answered.clone() };
    assert!(t.say_of_question(id, (second, 2), &past, by(9)).is_err());
    t.say_of_question(id, (second, 2), &Said { answer: "Ja".into(), ..answered.clone() }, by(9))
        .expect("said");
    assert_eq!(t.question(id, second).expect("the question").answered_at, Some(day(8)));
    t.say_of_question(id, (second, 3), &Said { is_answered: false, ..answered }, by(10)).expect("open again");
    assert_eq!(due(10), [told(9), told(14)]);
    let log = t.audit_log(&format!("system {system}")).expect("the log");
    let told: Vec<&str> = log.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(told, ["ask", "ask", "ask", "ask", "ask", "create"]);
    // A deleted system's questions go on until they are answered; a school takes them along.
    assert_eq!(texts(t.questions_about(id, system).expect("questions")), [second, first]);
    // What was answered goes when the log of it goes; what is open stays.
    let said = Said { is_answered: true, answer: "Ja".into(), due: day(9) };
    t.say_of_question(id, (second, 4), &said, by(11)).expect("answered");
    t.retain(Retention::default(), day(11).plus_days(200)).expect("retention");
    assert_eq!(texts(t.questions(id, 50).expect("questions")).len(), 2, "within the year");
    t.retain(Retention::default(), day(12).plus_days(366)).expect("retention");
    assert_eq!(texts(t.questions(id, 50).expect("questions")), [first]);
    let taken = t.export_school(id).expect("an export");
    assert_eq!(taken["question"].as_array().map(Vec::len), Some(1));
}
