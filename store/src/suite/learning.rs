//! One documented board teaches the others of its kind, once a person accepts it.

use super::school::{Device, School, day, device};
use crate::{DocumentedSystem, Store};
use rundgang_inventory::{Kind, Value, vocabulary};

/// A board that says no more than a receiver does.
pub(super) fn board(ip: &str, mac: &str, id: &str) -> Device {
    let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.to_owned()).collect());
    device(ip, mac)
        .says(&vocabulary::MDNS_SERVICES, list(&["_airplay._tcp", "_googlecast._tcp", "_raop._tcp"]))
        .says(
            &vocabulary::MDNS_TXT,
            list(&[&format!("_googlecast._tcp id={id}"), "_googlecast._tcp md=ZX75"]),
        )
        .by("mdns")
}

pub(super) fn one_documented_board_teaches_the_others(store: &Store) {
    let mut school = School::new(store);
    let devices = [
        board("10.0.0.1", "b0:f1:ec:00:00:01", "a1"),
        board("10.0.0.2", "b0:f1:ec:00:00:02", "a2"),
        board("10.0.0.3", "b0:f1:ec:00:00:03", "a3"),
        board("10.0.0.4", "00:11:32:00:00:04", "a4"),
    ];
    school.walk(&devices, day(0), &["mdns", "sweep"]);
    let [first, second, third, other] = school.asset_ids()[..] else { panic!("four assets") };
    let t = school.traeger.clone();
    let kind = |id: i64| t.asset(id).expect("an asset").kind;
    assert_eq!(kind(second), Some(Kind::MediaReceiver));
    assert_eq!(t.proposed_lessons(school.id).expect("proposals"), []);

    let system = DocumentedSystem {
        school: school.id,
        name: "Prowise Touchscreen 101".into(),
        kind: "board".into(),
        asset: Some(first),
        ..DocumentedSystem::default()
    };
    let system = t.save_system(&system, "K", day(1)).expect("a system");
    let proposals = t.proposed_lessons(school.id).expect("proposals");
    assert_eq!(
        proposals.iter().map(|one| (one.system, one.learners.clone())).collect::<Vec<_>>(),
        [(system, vec![second, third])]
    );
    assert_eq!(kind(second), Some(Kind::MediaReceiver), "nothing changes before a person accepts");

    assert_eq!(t.accept_lesson(school.id, system, "K", day(2)).expect("accepted"), 2);
    assert_eq!([kind(first), kind(second), kind(third)], [Some(Kind::Board); 3]);
    assert_eq!(kind(other), Some(Kind::MediaReceiver), "another block");
    assert_eq!(t.asset(second).expect("an asset").vendor.as_deref(), Some("Prowise"));
    assert_eq!(t.proposed_lessons(school.id).expect("proposals"), []);

    // One that comes later learns as it is taken in, and a rebuild knows the lesson too.
    school.walk(&[board("10.0.0.5", "b0:f1:ec:00:00:05", "a5")], day(3), &["mdns", "sweep"]);
    let late = school.asset_ids()[4];
    assert_eq!(kind(late), Some(Kind::Board));
    t.rebuild(school.id, day(4)).expect("a rebuild");
    assert_eq!([kind(second), kind(late)], [Some(Kind::Board); 2]);

    let lesson = t.accepted_lessons(school.id).expect("lessons")[0].id;
    t.withdraw_lesson(school.id, lesson, "K", day(5)).expect("taken back");
    assert_eq!(kind(second), Some(Kind::MediaReceiver));
    assert!(t.withdraw_lesson(school.id, lesson, "K", day(5)).is_err(), "only once");
}
