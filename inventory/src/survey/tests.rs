//! Surveys as a whole: every shipped file loads, answers are honest about what was not seen, bounds enclose the truth.

use super::*;
use crate::{Confidence, Kind, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;

const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800);

fn device(id: usize, kind: Kind, room: Option<&str>) -> SurveyAsset {
    SurveyAsset {
        kind: Some(kind),
        room: room.map(str::to_owned),
        documented: false,
        ..SurveyAsset::called(&id.to_string(), &format!("{kind} {id}"))
    }
}

fn walked() -> Walked {
    Walked { expected: 2, covered: 2, silent: Vec::new(), last_round: Some(NOW.plus_days(-1)) }
}

fn rooms(classes: usize) -> Vec<Room> {
    (0..classes).map(|n| Room { name: format!("R{n}"), kind: "class".into(), ..Room::default() }).collect()
}

fn fact(value: &str) -> Fact {
    Fact { value: value.into(), at: NOW, by: "A".into() }
}

/// A formula over a view, as an answer.
fn asked(answer_type: &str, formula: &str, view: &SurveyView) -> Answer {
    let text = format!(
        "id = \"t\"\nversion = 1\nissuer = \"t\"\nunit = \"school\"\ntitle = {{ de = \"T\", en = \"T\", nl = \"T\" }}\n\
         [[question]]\nid = \"Q\"\ntext = {{ de = \"T\", en = \"T\", nl = \"T\" }}\nfrom = [\"machine\"]\n\
         answer = \"{answer_type}\"\nformula = \"{formula}\"\n"
    );
    let survey = Survey::parse(&text).expect("the test's own survey");
    answer_all(&survey, view, &[]).remove(0)
}

fn level(question: &str, view: &SurveyView) -> Answer {
    let survey = survey("guetersloh-schule").expect("shipped");
    let asked = survey.question(question).expect("a question of the survey");
    answer(asked, view, &[], &survey.threshold_values())
}

#[test]
fn every_shipped_survey_loads_with_all_its_questions() {
    for (file, text) in shipped::FILES {
        let read = Survey::parse(text).map_err(|error| format!("{file}: {error}"));
        assert!(read.is_ok(), "{read:?}");
    }
    let count = |id: &str| survey(id).map_or(0, |survey| survey.questions.len());
    assert_eq!((count("guetersloh-traeger"), count("guetersloh-schule"), count("katalog")), (11, 13, 51));
    let comments = |id: &str| survey(id).map_or(0, |s| s.blocks.iter().filter(|block| block.comment).count());
    assert_eq!(comments("guetersloh-traeger") + comments("guetersloh-schule"), 10);
}

#[test]
fn the_rows_that_can_be_filled_are_filled_and_the_others_ask_a_person() {
    let auto = |id: &str| -> Vec<String> {
        let questions = survey(id).map(|s| s.questions.clone()).unwrap_or_default();
        questions.iter().filter(|q| q.is_auto()).map(|q| q.id.clone()).collect()
    };
    for id in ["S4.1a", "S4.1b", "S4.1c", "S4.1d", "S4.1e", "S4.2"] {
        assert!(auto("guetersloh-schule").contains(&id.to_owned()), "{id}");
    }
    for id in ["T2", "T5.1a", "T5.1b", "T5.1c"] {
        assert!(auto("guetersloh-traeger").contains(&id.to_owned()), "{id}");
    }
    let answer = level("S2", &SurveyView::default());
    assert_eq!((answer.value, answer.reasons), (None, vec![Reason::Person]));
}

#[test]
fn a_school_of_which_nothing_is_known_gets_no_level_at_all() {
    for id in ["guetersloh-schule", "guetersloh-traeger", "katalog"] {
        let survey = survey(id).expect("shipped");
        for answer in answer_all(survey, &SurveyView::default(), &[]) {
            assert_eq!(
                answer.value, None,
                "{} of {id} is answered out of nothing: {answer:?}",
                answer.question
            );
        }
    }
}

#[test]
fn absence_is_unknown_until_everything_was_walked() {
    let mut view = SurveyView { as_of: NOW, ..SurveyView::default() };
    let formula = "count(asset where kind = access-point)";
    let answer = asked("number", formula, &view);
    assert_eq!((answer.value, answer.lower, answer.upper), (None, Some(0.0), None));
    assert_eq!(answer.reasons, [Reason::NeverWalked]);

    view.walked = walked();
    view.walked.silent.push("box-1".into());
    let answer = asked("number", formula, &view);
    assert_eq!((answer.value, answer.upper), (None, None), "an offline agent makes unknown, not zero");
    assert_eq!(answer.reasons, [Reason::AgentSilent { agent: "box-1".into() }]);

    view.walked = walked();
    let answer = asked("number", formula, &view);
    assert_eq!(
        (answer.value, answer.lower, answer.upper),
        (Some(AnswerValue::Number(0.0)), Some(0.0), Some(0.0))
    );
    // A projector on a cable is in no network, however well it was walked.
    let answer = asked("number", "count(asset where kind = projector)", &view);
    assert_eq!((answer.value, answer.upper), (None, None));
    assert_eq!(answer.reasons, [Reason::KindMayHide { kind: "projector".into() }]);
    view.kept.insert("projector".into());
    assert_eq!(asked("number", "count(asset where kind = projector)", &view).upper, Some(0.0));
}

#[test]
fn what_is_not_known_is_no_evidence_for_its_opposite() {
    let mut view = SurveyView { as_of: NOW, walked: walked(), ..SurveyView::default() };
    view.assets = vec![device(1, Kind::Router, None)];
    let answer = asked("number", "count(asset where kind = router and not supported)", &view);
    assert_eq!((answer.value, answer.lower, answer.upper), (None, Some(0.0), Some(1.0)));
}

#[test]
fn the_broadband_row() {
    let check = |links: &[(f64, &str)], value: Option<u8>, bounds: (Option<f64>, Option<f64>)| {
        let links = links.iter().map(|(down, status)| Link {
            id: "L".into(),
            down: Some(*down),
            status: (*status).into(),
            role: "primary".into(),
            ..Link::default()
        });
        let view = SurveyView { as_of: NOW, links: links.collect(), ..SurveyView::default() };
        let answer = level("S4.1a", &view);
        assert_eq!(answer.value, value.map(AnswerValue::Level), "{view:?}");
        assert_eq!((answer.lower, answer.upper), bounds);
    };
    check(&[(100.0, "active")], Some(3), (Some(3.0), Some(3.0)));
    check(&[(16.0, "active")], Some(2), (Some(2.0), Some(2.0)));
    check(&[(16.0, "active"), (1000.0, "ordered")], Some(2), (Some(2.0), Some(2.0)));
    check(&[(1000.0, "ordered")], Some(1), (Some(1.0), Some(1.0)));
    check(&[], None, (Some(1.0), Some(3.0)));
}

#[test]
fn rooms_with_wireless_decide_the_network_row() {
    let mut view = SurveyView { as_of: NOW, rooms: rooms(4), walked: walked(), ..SurveyView::default() };
    view.assets = vec![
        device(1, Kind::AccessPoint, Some("R0")),
        device(2, Kind::AccessPoint, Some("R1")),
        device(3, Kind::Switch, None),
    ];
    let share = asked("share", "share(room where kind = class, wifi or has(access-point))", &view);
    // Nobody said whether the access points next door reach the other two rooms.
    assert_eq!(
        (share.value, share.lower, share.upper),
        (Some(AnswerValue::Number(0.5)), Some(0.5), Some(1.0))
    );
    assert_eq!(share.lacking.iter().map(|e| e.label.as_str()).collect::<Vec<_>>(), ["R2", "R3"]);
    assert_eq!(level("S4.1b", &view).value, None);
    view.rooms[2].wifi = Some(true);
    assert_eq!(level("S4.1b", &view).value, Some(AnswerValue::Level(3)));
}

#[test]
fn a_device_without_a_room_changes_one_room_at_most() {
    let mut view = SurveyView { as_of: NOW, rooms: rooms(10), walked: walked(), ..SurveyView::default() };
    view.kept.insert("board".into());
    view.assets = vec![device(1, Kind::Board, Some("R0")), device(2, Kind::Board, None)];
    let answer = asked("share", "share(room, has(board))", &view);
    assert_eq!(
        (answer.value, answer.lower, answer.upper),
        (Some(AnswerValue::Number(0.1)), Some(0.1), Some(0.2))
    );
    assert!(answer.reasons.contains(&Reason::Unplaced { count: 1 }));
}

#[test]
fn a_share_of_rooms_that_asks_for_no_device_is_not_doubted_for_one() {
    let mut view = SurveyView { as_of: NOW, rooms: rooms(2), walked: walked(), ..SurveyView::default() };
    (view.rooms[0].wifi, view.rooms[1].wifi) = (Some(true), Some(false));
    let bare = asked("share", "share(room, wifi)", &view);
    view.assets = vec![SurveyAsset { kind: None, ..device(1, Kind::Board, None) }];
    assert_eq!(asked("share", "share(room, wifi)", &view), bare);
    assert_eq!((bare.lower, bare.upper, bare.reasons.len()), (Some(0.5), Some(0.5), 0), "{bare:?}");
}

#[test]
fn a_walked_school_is_never_told_that_it_has_no_inventory() {
    let check = |rooms: &[Option<&str>], days: i64, value: Option<u8>, bounds: (Option<f64>, Option<f64>)| {
        let mut view = SurveyView { as_of: NOW, walked: walked(), ..SurveyView::default() };
        view.walked.last_round = Some(NOW.plus_days(-days));
        view.assets = (1..).zip(rooms).map(|(id, room)| device(id, Kind::Board, *room)).collect();
        view.kept.insert("document".into());
        let answer = level("S4.1", &view);
        assert_eq!(answer.value, value.map(AnswerValue::Level), "{rooms:?}, {days} days: {answer:?}");
        assert_eq!((answer.lower, answer.upper), bounds, "{rooms:?}, {days} days: {answer:?}");
        answer
    };
    let unplaced = check(&[None, None], 0, None, (None, Some(2.0)));
    assert_eq!(unplaced.reasons, [Reason::Unplaced { count: 2 }]);
    check(&[], 0, None, (None, Some(2.0)));
    check(&[Some("R0"), None], 0, None, (None, Some(2.0)));
    check(&[Some("R0"), Some("R1")], 0, Some(2), (Some(2.0), Some(2.0)));
    check(&[Some("R0"), Some("R1")], 400, Some(1), (Some(1.0), Some(1.0)));
}

#[test]
fn support_is_suggested_from_what_is_entered() {
    let check = |facts: &[(&str, &str)], value: Option<u8>| {
        let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), fact(value))).collect();
        let view = SurveyView { as_of: NOW, facts, ..SurveyView::default() };
        assert_eq!(level("S4.2", &view).value, value.map(AnswerValue::Level), "{:?}", view.facts);
    };
    check(&[], None);
    check(&[("support.first", "Frau A")], Some(2));
    check(
        &[("support.first", "Frau A"), ("support.second", "Kreis"), ("support.reaction_hours", "8")],
        Some(3),
    );
    let none = [("support.first", "keine"), ("support.second", "keine"), ("support.reaction_hours", "keine")];
    check(&none, Some(1));
}

#[test]
fn the_traeger_sees_the_majority_of_its_schools() {
    let school = |name: &str, down: Option<f64>| SurveyView {
        as_of: NOW,
        school: name.into(),
        name: name.into(),
        links: down
            .map(|down| Link { id: "L".into(), down: Some(down), status: "active".into(), ..Link::default() })
            .into_iter()
            .collect(),
        ..SurveyView::default()
    };
    let survey = survey("guetersloh-traeger").expect("shipped");
    let question = survey.question("T5.1a").expect("a question of the survey");
    let check = |downs: &[Option<f64>], value: Option<u8>| {
        let schools: Vec<_> =
            downs.iter().enumerate().map(|(n, down)| school(&format!("S{n}"), *down)).collect();
        let own = SurveyView { as_of: NOW, kept: ["document".to_owned()].into(), ..SurveyView::default() };
        let answer = answer(question, &own, &Told::by_all(&schools, survey), &survey.threshold_values());
        assert_eq!(answer.value, value.map(AnswerValue::Level), "{downs:?}");
        answer
    };
    check(&[Some(100.0), Some(50.0), None], Some(3));
    let answer = check(&[Some(100.0), None, None], None);
    assert_eq!((answer.lower, answer.upper), (Some(1.0), Some(3.0)), "two silent schools leave it open");
    check(&[Some(100.0), Some(16.0), Some(16.0)], Some(1));
}

#[test]
fn a_digital_classroom_needs_all_four_parts() {
    let survey = survey("digitales-klassenzimmer").expect("shipped");
    let mut view = SurveyView { as_of: NOW, rooms: rooms(2), walked: walked(), ..SurveyView::default() };
    view.kept = ["board", "display", "projector", "document-camera", "room"].map(str::to_owned).into();
    for room in &mut view.rooms {
        (room.wifi, room.teacher_pc) = (Some(true), Some(true));
        room.document_camera = Some(room.name == "R0");
    }
    view.assets = vec![device(1, Kind::Board, Some("R0")), device(2, Kind::Projector, Some("R1"))];
    let answer = answer_all(survey, &view, &[]).remove(5);
    assert_eq!((answer.question.as_str(), answer.lower, answer.upper), ("K6", Some(0.5), Some(0.5)));
    assert!(answer.lacking.iter().any(|lacking| lacking.label == "R1"), "{answer:?}");
}

#[test]
fn facts_documents_and_medians() {
    let mut view = SurveyView { as_of: NOW, walked: walked(), ..SurveyView::default() };
    view.facts = BTreeMap::from([("pupils".into(), fact("600")), ("devices.pupil".into(), fact("150"))]);
    let answer = asked("number", "fact(pupils) / fact(devices.pupil)", &view);
    assert_eq!((answer.value, answer.confidence), (Some(AnswerValue::Number(4.0)), Confidence::High));
    view.documents = vec![Document {
        id: "1".into(),
        kind: "mep".into(),
        title: "MEP".into(),
        status: "final".into(),
        date: Some(NOW.plus_days(-400)),
    }];
    let answer = asked("date", "latest(document where kind = mep, date)", &view);
    assert_eq!(answer.value, Some(AnswerValue::Date(NOW.plus_days(-400))));
    let bought = |id: usize, days: i64| SurveyAsset {
        bought: Some(NOW.plus_days(-days)),
        ..device(id, Kind::Router, None)
    };
    view.assets = vec![bought(1, 365), bought(2, 1461), bought(3, 3000)];
    let answer = asked("number", "median_age(asset where kind = router)", &view);
    assert!(answer.value == Some(AnswerValue::Number(4.0)) && answer.lower == answer.upper, "{answer:?}");
}

#[test]
fn answers_survive_the_way_through_json() {
    let mut view = SurveyView { as_of: NOW, rooms: rooms(4), walked: walked(), ..SurveyView::default() };
    view.assets = vec![device(1, Kind::AccessPoint, Some("R0"))];
    for answer in answer_all(survey("katalog").expect("shipped"), &view, &[]) {
        let text = serde_json::to_string(&answer).expect("plain values");
        assert_eq!(serde_json::from_str::<Answer>(&text).ok(), Some(answer));
    }
}

/// One device of a made-up school: what it really is, and what we came to know of it.
#[derive(Clone, Debug)]
struct Made {
    kind: Kind,
    room: Option<u8>,
    exists: bool,
    seen: bool,
    documented: bool,
    recognised: bool,
    placed: bool,
}

fn made() -> impl Strategy<Value = Made> {
    let kinds = vec![Kind::AccessPoint, Kind::Board, Kind::Projector, Kind::Switch];
    (proptest::sample::select(kinds), proptest::option::of(0u8..6), any::<[bool; 5]>()).prop_map(
        |(kind, room, [exists, seen, documented, recognised, placed])| Made {
            kind,
            room,
            exists,
            seen: seen && exists,
            documented,
            recognised,
            placed,
        },
    )
}

/// What we know of the made-up devices. At full coverage whatever exists was seen or is documented.
fn known(devices: &[Made], complete: bool) -> SurveyView {
    let mut view = SurveyView { as_of: NOW, rooms: rooms(6), walked: walked(), ..SurveyView::default() };
    if !complete {
        view.walked.covered = 1;
    }
    view.kept = [Kind::Board, Kind::Projector, Kind::Switch].map(|kind| kind.name().to_owned()).into();
    for (id, made) in devices.iter().enumerate() {
        if !made.seen && !made.documented {
            continue;
        }
        let room = made.room.filter(|_| made.placed).map(|room| format!("R{room}"));
        let mut asset = device(id, made.kind, room.as_deref());
        (asset.seen, asset.documented) = (made.seen, made.documented);
        if !made.recognised {
            asset.confidence = Confidence::Low;
        }
        view.assets.push(asset);
    }
    view
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

proptest! {
    #[test]
    fn bounds_enclose_the_truth_for_any_hidden_subset(devices in proptest::collection::vec(made(), 0..12)) {
        // What exists and is neither seen nor documented can only be where the walk was not complete.
        let complete = devices.iter().all(|d| !d.exists || d.seen || d.documented);
        let view = known(&devices, complete);
        let really: Vec<_> = devices.iter().filter(|d| d.exists).collect();
        for kind in ["access-point", "board", "projector"] {
            let truth = number(really.iter().filter(|d| d.kind.name() == kind).count());
            let answer = asked("number", &format!("count(asset where kind = {kind})"), &view);
            let bounds = Interval { value: None, lower: answer.lower, upper: answer.upper };
            prop_assert!(bounds.encloses(truth), "{kind}: {truth} outside {answer:?}");
            prop_assert_eq!(answer.upper.is_none(), !complete);
        }
        let with_board = (0..6u8).filter(|room| really.iter().any(|d| d.kind == Kind::Board && d.room == Some(*room)));
        let truth = number(with_board.count()) / 6.0;
        // A device in no room at all is also an unplaced one, so the truth stays within.
        let answer = asked("share", "share(room, has(board))", &view);
        let bounds = Interval { value: None, lower: answer.lower, upper: answer.upper.map(|u| u + 1e-9) };
        prop_assert!(bounds.encloses(truth), "{truth} outside {answer:?}");
        prop_assert_eq!(answer.upper.is_none(), !complete);
    }

    #[test]
    fn at_full_coverage_the_bounds_meet(devices in proptest::collection::vec(made(), 0..12)) {
        let plain: Vec<_> = devices
            .into_iter()
            .map(|d| Made { exists: true, seen: true, recognised: true, placed: true, room: Some(d.room.unwrap_or(0)), ..d })
            .collect();
        let view = known(&plain, true);
        for formula in ["count(asset where kind = board)", "count(room where has(board, projector))"] {
            let answer = asked("number", formula, &view);
            prop_assert!(answer.lower.is_some() && answer.lower == answer.upper, "{answer:?}");
        }
    }
}
