//! One click on a line of the reconciliation: a device is bound to its entry, a value is taken over or kept.

use super::{
    reconcile::entry,
    school::{Device, School, day, device},
};
use crate::{
    Decision, DecisionState, Differing, DocumentedSystem, Room, Settled, Store,
    views::reconcile::{
        Disagreement,
        proposals::{Choice, Likeness},
    },
};
use rundgang_inventory::{Value, vocabulary};
use std::collections::BTreeSet;

fn projector(host: u8, name: &str) -> Device {
    let seen = device(&format!("10.0.0.{host}"), &format!("00:26:ab:00:01:{host:02x}")).by("pjlink");
    seen.says(&vocabulary::PJLINK_MANUFACTURER, Value::text("EPSON"))
        .says(&vocabulary::PJLINK_MODEL, Value::text("EPSON EB-L200F"))
        .says(&vocabulary::PJLINK_NAME, Value::text(name))
        .says(&vocabulary::PJLINK_PASSWORD, Value::text("yes"))
}

fn printer(serial: &str) -> Device {
    let seen = device("10.0.0.9", "00:26:ab:00:01:99").by("ipp");
    seen.says(&vocabulary::IPP_MAKE_AND_MODEL, Value::text("HP LaserJet M507"))
        .says(&vocabulary::IPP_SERIAL, Value::text(serial))
}

/// The device of that address.
fn at(school: &School, ip: &str) -> i64 {
    let all = school.traeger.asset_lines(school.id, &Default::default()).expect("devices");
    all.iter().find(|line| line.ip == ip).expect("a device").id
}

fn first(choice: &Choice) -> (i64, Vec<Likeness>) {
    choice.proposals.first().map(|one| (one.id, one.likeness.clone())).unwrap_or_default()
}

pub(super) fn a_found_device_is_bound_to_the_entry_it_is(store: &Store) {
    let mut school = School::new(store);
    let seen = [projector(2, "Beamer A104"), projector(3, "pj-b2"), projector(4, ""), printer("VNB3K1")];
    school.walk(&seen, day(0), &["pjlink", "ipp", "sweep"]);
    let (id, t) = (school.id, school.traeger.clone());
    let room =
        t.save_room(id, &Room { name: "B 2".into(), ..Room::default() }, ("K", day(0))).expect("a room");
    let save = |name: &str, kind: &str, room: Option<i64>, purpose: &str| {
        let (kind, purpose) = (kind.into(), purpose.into());
        let new = DocumentedSystem { kind, room, purpose, ..entry(&school, name) };
        t.save_system(&new, "K", day(0)).expect("a system")
    };
    let named = save("Beamer A104", "projector", None, "");
    let roomed = save("Beamer im Musikraum", "projector", Some(room), "");
    let printing = save("Drucker Sekretariat", "printer", None, "");
    save("Moodle", "lms", None, "");
    let [two, three, four, nine] = [2, 3, 4, 9].map(|host| at(&school, &format!("10.0.0.{host}")));
    let all = BTreeSet::from([two, three, four, nine]);
    let told = t.entries_for(id, &all, day(0)).expect("proposals");
    assert_eq!(first(&told[&two]), (named, vec![Likeness::Name, Likeness::Kind]));
    assert_eq!(first(&told[&three]), (roomed, vec![Likeness::Room, Likeness::Kind]));
    assert_eq!(told[&three].proposals[0].room.as_deref(), Some("B 2"));
    // One of many of its kind speaks for nothing; it is a choice, and a service or a printer is none.
    assert_eq!(told[&four].proposals, []);
    let others: Vec<i64> = told[&four].others.iter().map(|(system, _)| *system).collect();
    assert_eq!(others, [named, roomed]);
    assert_eq!(first(&told[&nine]), (printing, vec![Likeness::Kind]), "the one printer is the one printer");
    // From the other side the same.
    let back = t.devices_for(id, &BTreeSet::from([named, printing]), day(0)).expect("proposals");
    assert_eq!((first(&back[&named]).0, first(&back[&printing]).0), (two, nine));
    assert!(back[&named].proposals[0].label.contains("10.0.0.2"), "{back:?}");

    let by = ("Frau L", day(1));
    let settled =
        t.bind(id, &[(named, two), (roomed, two), (printing, nine), (999, four)], by).expect("bound");
    assert_eq!(settled, Settled { entered: 2, moved: 0, left: 2 }, "a device is bound once");
    let bound = t.system(named).expect("the entry");
    assert_eq!((bound.asset, bound.version, bound.name.as_str()), (Some(two), 2, "Beamer A104"));
    assert_eq!(t.documented_assets(Some(id)).expect("documented"), BTreeSet::from([two, nine]));
    assert_eq!(school.open_of("asset.undocumented"), 2, "and its gap is closed");
    let log = t.audit_log(&format!("system {named}")).expect("the log");
    assert_eq!((log[0].who.as_str(), log[0].what.as_str()), ("Frau L", "change"));
    assert!(log[0].before.contains(r#""asset":null"#), "{log:?}");
    assert!(log[0].after.contains(&format!("\"asset\":{two}")), "{log:?}");
    // Whose device is seen keeps it, and what somebody ignores is proposed to nobody.
    assert_eq!(t.bind(id, &[(named, three)], by).expect("nothing").left, 1);
    let ignored = Decision {
        state: DecisionState::Ignored,
        reason: "Leihgerät".into(),
        until: Some(day(30)),
        who: "K".into(),
        at: day(1),
    };
    t.decide(id, "asset.undocumented", &format!("asset {three}"), &ignored).expect("a decision");
    assert!(!t.entries_for(id, &all, day(2)).expect("proposals").contains_key(&three));
    assert!(t.entries_for(id, &all, day(31)).expect("proposals").contains_key(&three));
    let other = School::of(store, "Kreis B", "Schule B");
    assert!(other.traeger.bind(id, &[(roomed, four)], by).is_err_and(|error| error.is_not_found()));
    assert_eq!(other.traeger.bind(other.id, &[(roomed, four)], by).expect("nothing").left, 1);
}

fn said(system: i64, field: &str, person: &str, machine: &str) -> Differing {
    Differing { system, field: field.into(), person: person.into(), machine: machine.into() }
}

/// The fields in which entries and devices differ.
fn differ(school: &School) -> Vec<&'static str> {
    let lines = school.traeger.different_slice(school.id, "", 10).expect("different").lines;
    lines.iter().flat_map(|line| line.differences.iter().map(|d| d.field)).collect()
}

pub(super) fn a_difference_is_taken_over_or_kept_until_the_device_says_otherwise(store: &Store) {
    let mut school = School::new(store);
    school.walk(&[printer("VNB3K1")], day(0), &["ipp", "sweep"]);
    let (id, t) = (school.id, school.traeger.clone());
    let new = DocumentedSystem {
        kind: "projector".into(),
        serial: "ANDERS-1".into(),
        mac: "00:26:ab:00:01:99".into(),
        segment: "verwaltung".into(),
        ..entry(&school, "anders")
    };
    let system = t.save_system(&new, "K", day(0)).expect("a system");
    let fields = |at: i64| {
        let lines = t.different_slice(id, "", 10).expect("different").lines;
        let told: Vec<&str> =
            lines.iter().flat_map(|line| line.differences.iter().map(|d| d.field)).collect();
        assert_eq!(t.disagreement(id, day(at)).expect("numbers").different, lines.len());
        told
    };
    assert_eq!(fields(0), ["kind", "serial", "segment"]);
    let by = ("Frau L", day(1));
    // What the device no longer says is not taken over.
    let meant =
        [said(system, "kind", "projector", "printer"), said(system, "segment", "verwaltung", "gestern")];
    assert_eq!(t.take_over(id, &meant, by).expect("taken"), Settled { entered: 1, moved: 0, left: 1 });
    let taken = t.system(system).expect("the entry");
    assert_eq!((taken.kind.as_str(), taken.segment.as_str(), taken.version), ("printer", "verwaltung", 2));
    let log = t.audit_log(&format!("system {system}")).expect("the log");
    assert!(log[0].before.contains(r#""kind":"projector""#) && log[0].after.contains(r#""kind":"printer""#));
    assert_eq!(fields(1), ["serial", "segment"]);

    let meant =
        [said(system, "serial", "ANDERS-1", "VNB3K1"), said(system, "segment", "verwaltung", "teaching")];
    for reason in [" ", "Passwort: Sommer2026"] {
        assert!(t.keep_own(id, &meant, reason, by).is_err(), "{reason}");
    }
    assert_eq!(fields(1), ["serial", "segment"], "nothing was written");
    assert_eq!(t.keep_own(id, &meant, "Aufkleber gilt", by).expect("kept").entered, 2);
    assert_eq!(t.disagreement(id, day(1)).expect("numbers"), Disagreement::default());
    assert_eq!(t.system(system).expect("the entry").serial, "ANDERS-1", "the person's value stays");
    let (kept, all) = t.kept_values(id, 10).expect("kept");
    assert_eq!(all, 2);
    let (first, all) = t.kept_values(id, 1).expect("kept");
    assert_eq!((&first[..], all), (&kept[..1], 2), "a part, and how many there are");
    let told: Vec<_> = kept.iter().map(|one| (one.field.as_str(), one.reason.as_str())).collect();
    assert_eq!(told, [("segment", "Aufkleber gilt"), ("serial", "Aufkleber gilt")]);
    let log = t.audit_log(&format!("system {system}")).expect("the log");
    assert!(log[0].what == "keep" && log[0].after.contains("Aufkleber gilt"), "{log:?}");
    // The device is repaired and says another number: the line is back, that of the segment is not.
    school.walk(&[printer("VNB3K2")], day(2), &["ipp", "sweep"]);
    assert_eq!(fields(2), ["serial"]);
    assert_eq!(t.kept_values(id, 10).expect("kept").1, 1, "what holds no more is not told as kept");
    t.tell_again(id, system, "segment", by).expect("told again");
    assert_eq!(fields(2), ["serial", "segment"]);
    assert!(t.tell_again(id, system, "segment", by).is_err_and(|error| error.is_not_found()));
    // What the device said goes with the device.
    t.forget_asset(at(&school, "10.0.0.9")).expect("forgotten");
    assert_eq!(t.kept_values(id, 10).expect("kept"), (vec![], 0));
    assert_eq!(t.export().expect("an export")["kept_value"], serde_json::json!([]));
    let other = School::of(store, "Kreis B", "Schule B");
    assert!(other.traeger.kept_values(id, 10).is_err_and(|error| error.is_not_found()));
    assert!(other.traeger.take_over(id, &meant, by).is_err_and(|error| error.is_not_found()));
}

/// An entry that stands for a printer and says otherwise.
fn other_entry(school: &School, device: i64) -> DocumentedSystem {
    let (kind, serial) = ("projector".into(), "ANDERS-1".into());
    let new = DocumentedSystem { kind, serial, asset: Some(device), ..entry(school, "anders") };
    let id = school.traeger.save_system(&new, "K", day(0)).expect("a system");
    school.traeger.system(id).expect("the entry")
}

pub(super) fn what_somebody_entered_meanwhile_is_neither_taken_over_nor_kept(store: &Store) {
    let mut school = School::new(store);
    school.walk(&[printer("VNB3K1")], day(0), &["ipp", "sweep"]);
    let (id, t) = (school.id, school.traeger.clone());
    let old = other_entry(&school, at(&school, "10.0.0.9"));
    let seen = [said(old.id, "serial", "ANDERS-1", "VNB3K1")];
    let newer = DocumentedSystem { serial: "ANDERS-2".into(), ..old.clone() };
    t.save_system(&newer, "K", day(1)).expect("a newer number");
    let by = ("Frau L", day(1));
    let left = Settled { entered: 0, moved: 0, left: 1 };
    assert_eq!(t.take_over(id, &seen, by).expect("looked at"), left);
    assert_eq!(t.keep_own(id, &seen, "Aufkleber gilt", by).expect("looked at"), left);
    let entry = t.system(old.id).expect("the entry");
    assert_eq!((entry.serial.as_str(), entry.version), ("ANDERS-2", 2));
    assert_eq!(differ(&school), ["kind", "serial"]);
    assert_eq!(t.kept_values(id, 10).expect("kept").1, 0);
    // Who has seen the newer number decides about it.
    let seen = [said(old.id, "serial", "ANDERS-2", "VNB3K1")];
    assert_eq!(t.take_over(id, &seen, by).expect("taken").entered, 1);
    assert_eq!(t.system(old.id).expect("the entry").serial, "VNB3K1");
}

pub(super) fn what_is_kept_holds_for_one_value_and_one_device(store: &Store) {
    let mut school = School::new(store);
    let second = device("10.0.0.8", "00:26:ab:00:01:98").by("ipp");
    let second = second.says(&vocabulary::IPP_MAKE_AND_MODEL, Value::text("HP LaserJet M507"));
    school.walk(&[printer("VNB3K1"), second], day(0), &["ipp", "sweep"]);
    let (id, t) = (school.id, school.traeger.clone());
    let [first, second] = ["10.0.0.9", "10.0.0.8"].map(|ip| at(&school, ip));
    let system = other_entry(&school, first).id;
    let change = |change: &dyn Fn(&mut DocumentedSystem)| {
        let mut entry = t.system(system).expect("the entry");
        change(&mut entry);
        t.save_system(&entry, "K", day(1)).expect("saved");
        differ(&school)
    };
    let by = ("Frau L", day(1));
    let both = [said(system, "kind", "projector", "printer"), said(system, "serial", "ANDERS-1", "VNB3K1")];
    assert_eq!(t.keep_own(id, &both, "Aufkleber gilt", by).expect("kept").entered, 2);
    assert!(differ(&school).is_empty());
    assert_eq!(change(&|entry| entry.serial = "ANDERS-2".into()), ["serial"], "another value of one's own");
    assert_eq!(t.disagreement(id, day(1)).expect("numbers").different, 1);
    // What stood there before stands in the log.
    let newer = [said(system, "serial", "ANDERS-2", "VNB3K1")];
    assert_eq!(t.keep_own(id, &newer, "Gehäuse getauscht", by).expect("kept").entered, 1);
    let log = t.audit_log(&format!("system {system}")).expect("the log");
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    let line = |person: &str, reason: &str| serde_json::json!({ "field": "serial", "person": person, "machine": "VNB3K1", "reason": reason });
    assert_eq!(log[0].what, "keep");
    assert_eq!(read(&log[0].before), line("ANDERS-1", "Aufkleber gilt"));
    assert_eq!(read(&log[0].after), line("ANDERS-2", "Gehäuse getauscht"));
    assert!(differ(&school).is_empty());
    // Of another device that says the same nobody said that the entry is right.
    assert_eq!(change(&|entry| entry.asset = Some(second)), ["kind"]);
    assert_eq!(t.kept_values(id, 10).expect("kept"), (vec![], 0));
}

pub(super) fn what_nobody_may_type_is_not_taken_over_either(store: &Store) {
    let mut school = School::new(store);
    school.walk(&[printer("PASSWORT:SOMMER2026")], day(0), &["ipp", "sweep"]);
    let (id, t) = (school.id, school.traeger.clone());
    let system = other_entry(&school, at(&school, "10.0.0.9")).id;
    let lines = t.different_slice(id, "", 10).expect("different").lines;
    let meant: Vec<Differing> =
        lines[0].differences.iter().map(|d| said(system, d.field, &d.person, &d.machine)).collect();
    assert_eq!(meant[1].machine, "PASSWORT:SOMMER2026");
    let settled = t.take_over(id, &meant, ("Frau L", day(1))).expect("taken");
    assert_eq!(settled, Settled { entered: 1, moved: 0, left: 1 });
    let entry = t.system(system).expect("the entry");
    assert_eq!((entry.kind.as_str(), entry.serial.as_str()), ("printer", "ANDERS-1"));
    assert_eq!(t.take_over(id, &meant[1..], ("Frau L", day(1))).expect("nothing").left, 1);
    assert_eq!(t.system(system).expect("the entry").version, 2, "nothing is written for nothing");
}

pub(super) fn a_mac_address_is_forgotten_where_somebody_kept_a_value_against_it(store: &Store) {
    let mut school = School::new(store);
    // A device that tells the address of another as its number, in a spelling of its own.
    school.walk(&[printer("0026AB000177")], day(0), &["ipp", "sweep"]);
    let (id, t) = (school.id, school.traeger.clone());
    let system = other_entry(&school, at(&school, "10.0.0.9")).id;
    let meant = [said(system, "serial", "ANDERS-1", "0026AB000177")];
    assert_eq!(t.keep_own(id, &meant, "Aufkleber gilt", ("K", day(1))).expect("kept").entered, 1);
    let mac = "00:26:ab:00:01:77".parse().expect("a MAC");
    let told = t.traces_of_mac(mac).expect("a search");
    assert_eq!((told.kept, told.is_stored()), (2, true), "the note and its line in the log: {told:?}");
    t.forget_mac(mac, day(2)).expect("forgotten");
    assert_eq!(t.traces_of_mac(mac).expect("a search").kept, 0);
    let export = t.export().expect("an export");
    assert_eq!(export["kept_value"], serde_json::json!([]));
    let log = export["audit_log"].to_string();
    assert!(log.contains("Aufkleber gilt") && !log.contains("0177"), "{log}");
}
