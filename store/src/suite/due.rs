//! A finding from its opening to its return: who decided what, and until when it was to be dealt with.

use super::school::{Device, School, day, device};
use crate::{Decision, DecisionState, Error, Problem, Store};
use rundgang_inventory::{Timestamp, Value, vocabulary};
use std::collections::BTreeSet;

const RULE: &str = "projector.no-password";

fn projector(password: &str) -> Device {
    let seen = device("10.0.0.2", "00:26:ab:00:00:02").by("pjlink");
    seen.says(&vocabulary::PJLINK_PASSWORD, Value::text(password))
}

fn decision(state: DecisionState, at: i64) -> Decision {
    Decision {
        state, reason: "eigenes Netz".into(), until: Some(day(60)), who: "Träger".into(), at: day(at)
    }
}

pub(super) fn a_finding_has_a_history_and_a_last_day(store: &Store) {
    let mut school = School::new(store);
    school.walk(&[projector("no")], day(0), &["pjlink"]);
    let (id, t) = (school.id, school.traeger.clone());
    let subject = format!("asset {}", school.asset_ids()[0]);
    let due = |at: i64| -> Option<Timestamp> {
        let lines = t.findings_page(id, day(at)).expect("findings");
        lines.iter().find(|line| line.rule == RULE).expect("the finding").due
    };
    let set = |to: Option<i64>, at: i64| t.set_due(id, RULE, &subject, to.map(day), ("Frau L", day(at)));
    assert_eq!(due(0), None);
    set(Some(20), 1).expect("a day");
    set(Some(20), 1).expect("the same day is no change");
    assert_eq!(due(1), Some(day(20)));
    let line = t.findings_page(id, day(21)).expect("findings").into_iter().find(|line| line.rule == RULE);
    let line = line.expect("the finding");
    assert!(line.is_open(day(21)) && line.is_overdue(day(21)) && !line.is_overdue(day(20)), "{line:?}");
    let dues = |at: i64| -> Vec<String> {
        let week = t.weeks(Some(id), day(0), day(at)).expect("a week").remove(0);
        week.due.into_iter().filter(|due| due.what == "finding").map(|due| due.day).collect()
    };
    assert_eq!(dues(1), [day(20).date()]);
    assert_eq!(dues(50), [day(20).date()], "what is overdue is told until it is done");

    // A decision keeps the day, one about many as well.
    t.decide(id, RULE, &subject, &decision(DecisionState::Acknowledged, 2)).expect("a decision");
    let accepted = decision(DecisionState::Accepted, 3);
    t.decide_many(id, RULE, &BTreeSet::from([subject.clone()]), &accepted).expect("decided");
    assert_eq!(due(3), Some(day(20)));
    assert!(dues(4).is_empty(), "what is accepted is not due");
    let log = t.audit_log(&subject).expect("the log");
    let told: Vec<(&str, &str)> = log.iter().map(|one| (one.what.as_str(), one.who.as_str())).collect();
    assert_eq!(told, [("decide", "Träger"), ("decide", "Träger"), ("due", "Frau L")]);
    assert!(log[2].before.contains(r#""due":null"#) && log[2].after.contains(&day(20).date()), "{log:?}");
    assert!(log[1].after.contains("acknowledged"), "{log:?}");

    school.walk(&[projector("yes")], day(4), &["pjlink"]);
    assert_eq!(due(4), Some(day(20)), "closed, and the day is told still");
    school.walk(&[projector("no")], day(5), &["pjlink"]);
    assert_eq!(due(5), None, "it was set for what has been mended since");
    t.decide(id, RULE, &subject, &decision(DecisionState::None, 6)).expect("taken back");
    let opened = || t.findings_page(id, day(60)).expect("findings");
    assert!(opened().iter().all(|line| !line.is_overdue(day(60))));
    assert!(dues(60).is_empty());
    set(Some(30), 6).expect("a day");
    set(None, 7).expect("no day");
    assert_eq!(due(7), None);
    t.rebuild(id, day(7)).expect("a rebuild");
    let history = t.finding_history(id, RULE, &subject).expect("the history");
    let told: Vec<(&str, &str)> =
        history.iter().rev().map(|one| (one.what.as_str(), one.who.as_str())).collect();
    let expected = [
        ("opened", ""),
        ("due", "Frau L"),
        ("acknowledged", "Träger"),
        ("accepted", "Träger"),
        ("closed", ""),
        ("reopened", ""),
        ("lapsed", ""),
        ("due", ""),
        ("due", "Frau L"),
        ("due", "Frau L"),
    ];
    assert_eq!(told, expected);
    let set = history.iter().rfind(|one| one.what == "due").expect("the first day");
    assert_eq!((history[0].until, set.until.map(Timestamp::date)), (None, Some(day(20).date())));
    let accepted = history.iter().find(|one| one.what == "accepted").expect("the old decision");
    assert_eq!((accepted.until, accepted.reason.as_str()), (Some(day(60)), "eigenes Netz"));

    assert!(t.set_due(id, RULE, "asset 99", None, ("K", day(7))).is_err_and(|error| error.is_not_found()));
    let other = School::of(store, "Kreis B", "Schule B").traeger;
    let foreign = other.set_due(id, RULE, &subject, Some(day(9)), ("K", day(7)));
    assert!(foreign.is_err_and(|error| error.is_not_found()));
    assert_eq!(other.finding_history(id, RULE, &subject).expect("nothing"), []);
    let secret = Decision { reason: "Passwort: Sommer2026".into(), ..decision(DecisionState::Ignored, 8) };
    assert!(t.decide(id, RULE, &subject, &secret).is_err());
}

pub(super) fn what_returns_is_open_again_whatever_was_decided_about_it(store: &Store) {
    for state in [DecisionState::Acknowledged, DecisionState::Accepted, DecisionState::Ignored] {
        let mut school = School::of(store, state.name(), "Schule");
        school.walk(&[projector("no")], day(0), &["pjlink"]);
        let (id, t) = (school.id, school.traeger.clone());
        let subject = format!("asset {}", school.asset_ids()[0]);
        let open = |at: i64| {
            let lines = t.findings_about(id, &subject).expect("findings");
            let line = lines.into_iter().find(|line| line.rule == RULE).expect("the finding");
            let counted = t.finding_groups(id, day(at)).expect("groups");
            let counted = counted.iter().find(|group| group.rule == RULE && group.is_open);
            assert_eq!(counted.is_some(), line.is_open(day(at)), "{state:?}: the list and its sums agree");
            assert_eq!(counted.map_or(0, |group| group.acknowledged) == 1, line.is_acknowledged(day(at)));
            (line.is_open(day(at)), line.is_acknowledged(day(at)))
        };
        t.decide(id, RULE, &subject, &decision(state, 1)).expect("a decision");
        // What stays is what was decided about; a change of its evidence is no return.
        school.walk(&[projector("no")], day(2), &["pjlink"]);
        assert_eq!(open(2), (!state.rests(), !state.rests()), "{state:?}");
        school.walk(&[projector("yes")], day(3), &["pjlink"]);
        school.walk(&[projector("no")], day(4), &["pjlink"]);
        assert_eq!(open(4), (true, false), "{state:?}: nobody decided about what is there now");
        t.rebuild(id, day(4)).expect("a rebuild");
        assert_eq!(open(4), (true, false), "{state:?}");
        let history = t.finding_history(id, RULE, &subject).expect("the history");
        let told: Vec<&str> = history.iter().rev().map(|one| one.what.as_str()).collect();
        assert_eq!(told, ["opened", state.name(), "closed", "reopened", "lapsed"]);
        let log = t.audit_log(&subject).expect("the log");
        assert_eq!((log[0].who.as_str(), log.len()), ("", 2), "the machine took it back: {log:?}");
        assert!(log[0].before.contains(state.name()) && log[0].after.contains("none"), "{log:?}");
        t.decide(id, RULE, &subject, &decision(state, 5)).expect("decided anew");
        assert_eq!(open(5), (!state.rests(), !state.rests()), "{state:?}");
    }
}

pub(super) fn nothing_rests_for_good_or_until_a_day_that_is_over(store: &Store) {
    let mut school = School::new(store);
    school.walk(&[projector("no")], day(0), &["pjlink"]);
    let (id, t) = (school.id, &school.traeger);
    let subject = format!("asset {}", school.asset_ids()[0]);
    let many = BTreeSet::from([subject.clone()]);
    for state in [DecisionState::Accepted, DecisionState::Ignored] {
        for (until, problem) in [(None, Problem::Endless), (Some(day(9)), Problem::Past)] {
            let wrong = Decision { until, ..decision(state, 10) };
            for refused in
                [t.decide(id, RULE, &subject, &wrong), t.decide_many(id, RULE, &many, &wrong).map(drop)]
            {
                let error = refused.expect_err("no such day");
                assert!(
                    matches!(error.root(), Error::Unfit { field: "until", problem: found } if *found == problem),
                    "{state:?} until {until:?}: {error}"
                );
            }
        }
        let today = Decision { until: Some(day(10)), ..decision(state, 10) };
        t.decide(id, RULE, &subject, &today).expect("this day is not over");
    }
    for state in [DecisionState::None, DecisionState::Acknowledged] {
        let open = Decision { until: None, ..decision(state, 10) };
        t.decide(id, RULE, &subject, &open).expect("what stays on the lists needs no end");
    }
    let decided = t.decisions(id, RULE, &subject).expect("decisions");
    assert_eq!(decided.len(), 4, "nothing else was written");
}

pub(super) fn a_day_and_a_decision_at_once_are_both_kept(store: &Store) {
    let mut school = School::new(store);
    school.walk(&[projector("no")], day(0), &["pjlink"]);
    let (id, t) = (school.id, &school.traeger);
    let subject = format!("asset {}", school.asset_ids()[0]);
    t.decide(id, RULE, &subject, &decision(DecisionState::None, 0)).expect("a decision");
    for round in 1..=20 {
        let start = std::sync::Barrier::new(2);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                start.wait();
                t.set_due(id, RULE, &subject, Some(day(100 + round)), ("Frau L", day(1))).expect("a day");
            });
            threads.spawn(|| {
                start.wait();
                t.decide(id, RULE, &subject, &decision(DecisionState::Acknowledged, round)).expect("decided");
            });
        });
        let mut lines = t.findings_about(id, &subject).expect("findings");
        lines.retain(|line| line.rule == RULE);
        let line = lines.pop().expect("the finding");
        let decided = line.decision.expect("the decision").at;
        assert_eq!((line.due, decided), (Some(day(100 + round)), day(round)), "round {round}");
    }
}
