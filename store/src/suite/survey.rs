//! Answers of a day can be given again later, as they were and as they would be with what is known since.

use super::school::{Device, START, School, day, device};
use crate::{DocumentedSystem, SaidRoom, Store, views::survey::AsOf};
use proptest::{prelude::*, test_runner::TestRunner};
use rundgang_inventory::{
    Timestamp, Value,
    survey::{Answer, answer_all, survey},
    vocabulary,
};

const SWITCH: [&str; 2] = ["sweep", "snmp"];

fn switch(n: u8) -> Device {
    device(&format!("10.0.0.{n}"), &format!("00:26:ab:00:01:{n:02x}"))
        .by("snmp")
        .says(&vocabulary::SNMP_SYS_DESCR, Value::text("HP J9775A 2530-48G Switch"))
        .says(&vocabulary::SNMP_SYS_OBJECT_ID, Value::text("1.3.6.1.4.1.11.2.3.7.11.129"))
}

fn answers(view: &rundgang_inventory::survey::SurveyView) -> Vec<Answer> {
    answer_all(survey("katalog").expect("shipped"), view, &[])
}

fn given(school: &School, now: Timestamp) -> Vec<Answer> {
    answers(&school.traeger.note_survey(school.id, now).expect("a view"))
}

fn again(school: &School, as_of: AsOf) -> Vec<Answer> {
    answers(&school.traeger.survey_view_as_of(school.id, as_of).expect("a past view"))
}

fn shown(answers: &[Answer], question: &str) -> (Option<f64>, Option<f64>) {
    answers.iter().find(|a| a.question == question).map(|a| (a.lower, a.upper)).expect("a question")
}

/// What is learned late changes the answer of an earlier day, and both stay readable.
pub(super) fn an_earlier_day_as_known_then_and_today(store: &Store) {
    let mut school = School::new(store);
    school.walk(&[switch(1)], day(0), &SWITCH);
    let first = given(&school, day(0));
    // A box without a line brings on day 9 what it saw on day 0; and a fact is entered.
    school.hear(&super::school::entries(&[switch(2)], day(0)), day(9));
    school.traeger.enter_fact(Some(school.id), "pupils", "812", "Frau A", day(9)).expect("a fact");
    school.walk(&[switch(1), switch(2)], day(10), &SWITCH);
    given(&school, day(10));
    assert_eq!(again(&school, AsOf::known_then(day(0))), first);
    let today = again(&school, AsOf::known_today(day(0), day(10)));
    assert_eq!(shown(&first, "C03"), shown(&today, "C03"), "no access point either way");
    let switches = |answers: &[Answer]| {
        let answer = answers.iter().find(|a| a.question == "C06").expect("C06");
        answer.evidence.len()
    };
    assert_eq!((switches(&first), switches(&today)), (1, 2));
    assert_eq!(shown(&today, "A01"), (None, None), "a number entered on day 9 says nothing of day 0");
    assert_eq!(shown(&again(&school, AsOf::known_then(day(10))), "A01"), (Some(812.0), Some(812.0)));
}

/// The notes go with the device.
pub(super) fn notes_of_a_forgotten_device_are_gone(store: &Store) {
    let mut school = School::new(store);
    school.walk(&[switch(1)], day(0), &SWITCH);
    given(&school, day(0));
    let asset = school.asset_ids()[0];
    school.traeger.forget_asset(asset).expect("forgotten");
    assert!(!school.traeger.export().expect("an export").to_string().contains("2530-48G"));
}

/// One thing that happens at a school.
#[derive(Clone, Debug)]
enum Event {
    Walk(Vec<u8>),
    Fact(u8, u16),
    Room(u8, bool),
    System(u8),
    Keep(bool),
    Pass,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        proptest::collection::vec(1..6_u8, 0..5).prop_map(Event::Walk),
        (0..3_u8, 1..900_u16).prop_map(|(fact, value)| Event::Fact(fact, value)),
        (0..4_u8, any::<bool>()).prop_map(|(room, wlan)| Event::Room(room, wlan)),
        (0..4_u8).prop_map(Event::System),
        any::<bool>().prop_map(Event::Keep),
        Just(Event::Pass),
    ]
}

fn happen(school: &mut School, event: &Event, now: Timestamp) {
    let (traeger, id) = (school.traeger.clone(), school.id);
    match event {
        Event::Walk(seen) => {
            let mut seen = seen.clone();
            seen.sort_unstable();
            seen.dedup();
            let devices: Vec<Device> = seen.into_iter().map(switch).collect();
            school.walk(&devices, now, &SWITCH);
        }
        Event::Fact(fact, value) => {
            let name = ["pupils", "devices.pupil.tablet", "support.first"][usize::from(*fact)];
            traeger.enter_fact(Some(id), name, &value.to_string(), "Frau A", now).expect("a fact");
        }
        Event::Room(room, wlan) => {
            let equipment = if *wlan { "wlan" } else { "" }.to_owned();
            let name = format!("R{room}");
            let (kind, equipment) = (Some("Klassenraum".to_owned()), Some(equipment));
            let room = SaidRoom { name, kind, equipment, ..SaidRoom::default() };
            traeger.enter_rooms(id, &[room], ("Frau A", now)).expect("a room");
        }
        Event::System(n) => {
            let new = DocumentedSystem {
                school: id,
                name: format!("Beamer {n}"),
                kind: "projector".to_owned(),
                ..DocumentedSystem::default()
            };
            traeger.save_system(&new, "Frau A", now).expect("a system");
        }
        Event::Keep(kept) => {
            traeger.keep_lists(Some(id), &[("projector", *kept)], ("Frau A", now)).expect("a list");
        }
        Event::Pass => {}
    }
}

/// Whatever happens: an answer as known on its day equals the answer then given.
pub(super) fn every_given_answer_can_be_given_again(store: &Store) {
    let mut runner = TestRunner::new(proptest::test_runner::Config {
        cases: 12,
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    });
    let number = std::cell::Cell::new(0);
    let days = proptest::collection::vec((event(), 1..7_i64), 1..7);
    runner
        .run(&days, |days| {
            number.set(number.get() + 1);
            let mut school = School::of(store, &format!("Kreis {}", number.get()), "Schule");
            let (mut n, mut all) = (0, Vec::new());
            for (event, pause) in &days {
                happen(&mut school, event, day(n));
                all.push((day(n), given(&school, day(n))));
                n += pause;
            }
            for (at, answers) in &all {
                prop_assert_eq!(&again(&school, AsOf::known_then(*at)), answers, "as of {}", at.date());
            }
            Ok(())
        })
        .expect("every answer can be given again");
    assert!(START < day(0));
}
