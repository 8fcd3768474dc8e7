//! The register and the network side by side: long lists part by part, three lists of disagreement, many settled at once.

use super::school::{School, day, device};
use crate::{
    Decision, DecisionState, DocumentedSystem, Room, Settled, Store,
    views::{
        assets::AssetFilter,
        finding_list::FindingFilter,
        reconcile::{Difference, Disagreement},
        register::SystemFilter,
        slices::Slice,
    },
};
use rundgang_inventory::{Value, vocabulary};
use std::collections::BTreeSet;

fn mac(host: usize) -> String {
    format!("00:26:ab:00:00:{host:02x}")
}

/// Ten printers and ten devices that nobody recognises, walked to the end.
fn walked(store: &Store) -> School {
    let mut school = School::new(store);
    let seen = |host: usize| {
        let found = device(&format!("10.0.0.{host}"), &mac(host));
        if host.is_multiple_of(2) {
            let serial = Value::text(format!("VNB3K{host:05}"));
            let printer =
                found.by("ipp").says(&vocabulary::IPP_MAKE_AND_MODEL, Value::text("HP LaserJet M507"));
            printer.says(&vocabulary::IPP_SERIAL, serial)
        } else {
            found
        }
    };
    school.walk(&(1..=20).map(seen).collect::<Vec<_>>(), day(0), &["sweep", "ipp"]);
    school
}

/// Every line of a list read in parts of three.
fn parts<T>(mut part: impl FnMut(&str) -> Slice<T>) -> Vec<T> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let slice = part(&after);
        assert!(slice.lines.len() <= 3);
        all.extend(slice.lines);
        match slice.next {
            Some(next) => after = next,
            None => return all,
        }
    }
}

pub(super) fn entry(school: &School, name: &str) -> DocumentedSystem {
    DocumentedSystem { school: school.id, name: name.into(), status: "in-use".into(), ..Default::default() }
}

pub(super) fn long_lists_are_read_part_by_part(store: &Store) {
    let school = walked(store);
    let t = &school.traeger;
    let room = t
        .save_room(school.id, &Room { name: "Küche 7".into(), ..Room::default() }, ("K", day(0)))
        .expect("a room");
    for (name, host, room) in
        [("Ä 100 %", 2, Some(room)), ("a_b", 4, None), ("b~c", 6, None), ("b~c", 8, None)]
    {
        t.save_system(&DocumentedSystem { mac: mac(host), room, ..entry(&school, name) }, "K", day(1))
            .expect("a system");
    }
    for (filter, expected) in [
        (AssetFilter::default(), 20),
        (AssetFilter { kind: "printer".into(), ..Default::default() }, 10),
        (AssetFilter { kind: "-".into(), ..Default::default() }, 10),
        (AssetFilter { undocumented: true, ..Default::default() }, 16),
        (AssetFilter { text: "LaserJet".into(), ..Default::default() }, 10),
        (AssetFilter { text: "KUECHE".into(), ..Default::default() }, 1),
        (AssetFilter { text: "ä 100 %".into(), ..Default::default() }, 1),
        (AssetFilter { text: "_".into(), ..Default::default() }, 1),
        (AssetFilter { text: "VNB3K00004".into(), undocumented: true, ..Default::default() }, 0),
    ] {
        let all = t.asset_lines(school.id, &filter).expect("devices");
        assert_eq!(all.len(), expected, "{filter:?}");
        assert_eq!(t.asset_count(school.id, &filter).expect("a number"), expected, "{filter:?}");
        assert_eq!(
            parts(|after| t.asset_slice(school.id, &filter, after, 3).expect("a part")),
            all,
            "{filter:?}"
        );
    }
    for (filter, expected) in [
        (SystemFilter::default(), 4),
        (SystemFilter { text: "b~C".into(), ..Default::default() }, 2),
        (SystemFilter { text: "küche".into(), ..Default::default() }, 1),
        (SystemFilter { text: "%".into(), ..Default::default() }, 1),
        (SystemFilter { kind: "printer".into(), ..Default::default() }, 0),
        (SystemFilter { lacking: true, ..Default::default() }, 4),
    ] {
        let part = |after: &str| t.system_slice(school.id, &filter, after, 3).expect("a part");
        let all = parts(part);
        assert_eq!(all.len(), expected, "{filter:?}");
        assert_eq!(t.system_count(school.id, &filter).expect("a number").0, expected, "{filter:?}");
        assert_eq!(all.iter().map(|line| line.id).collect::<BTreeSet<_>>().len(), expected, "each line once");
    }
    findings_in_parts(&school);
    let nowhere = t.asset_slice(school.id, &AssetFilter::default(), "no~place", 3).expect("the beginning");
    assert_eq!(nowhere.lines.len(), 3, "what is no place is the beginning");
}

fn findings_in_parts(school: &School) {
    let t = &school.traeger;
    let ignored = Decision {
        state: DecisionState::Ignored,
        reason: "Leihgerät".into(),
        until: Some(day(30)),
        who: "K".into(),
        at: day(1),
    };
    t.decide(school.id, "asset.undocumented", &format!("asset {}", school.asset_ids()[0]), &ignored)
        .expect("a decision");
    let whole = t.findings_page(school.id, day(1)).expect("findings");
    let standing: Vec<_> = whole.iter().filter(|line| line.closed.is_none()).cloned().collect();
    assert_eq!(t.standing_findings(school.id, day(1)).expect("findings"), standing);
    for (all, rule) in [(false, ""), (true, ""), (false, "asset.undocumented"), (true, "system.no-owner")] {
        let filter = FindingFilter { all, rule: rule.into(), ..FindingFilter::default() };
        let expected: Vec<_> = whole
            .iter()
            .filter(|line| (all || line.is_open(day(1))) && (rule.is_empty() || line.rule == rule))
            .map(|line| (line.is_open(day(1)), line.rule.clone(), line.label.clone()))
            .collect();
        let told = parts(|after| t.finding_slice(school.id, &filter, after, 3, day(1)).expect("a part"));
        let told: Vec<_> =
            told.iter().map(|line| (line.is_open(day(1)), line.rule.clone(), line.label.clone())).collect();
        assert!(!expected.is_empty());
        let sorted = |mut all: Vec<(bool, String, String)>| {
            all.sort();
            all
        };
        assert_eq!(sorted(told.clone()), sorted(expected.clone()), "{filter:?}");
        let rules = |all: &[(bool, String, String)]| {
            all.iter().map(|(open, rule, _)| (*open, rule.clone())).collect::<Vec<_>>()
        };
        assert_eq!(rules(&told), rules(&expected), "in the same order: {filter:?}");
    }
}

pub(super) fn the_register_and_the_network_disagree_in_three_lists(store: &Store) {
    let school = walked(store);
    let t = &school.traeger;
    let save = |system: DocumentedSystem| t.save_system(&system, "K", day(-1)).expect("a system");
    // As it is: nothing to tell.
    save(DocumentedSystem {
        kind: "printer".into(),
        serial: "vnb3k00002".into(),
        mac: mac(2),
        ..entry(&school, "wie gesehen")
    });
    // A service on a device has a kind of its own.
    save(DocumentedSystem { kind: "lms".into(), mac: mac(4), ..entry(&school, "Moodle") });
    let other = save(DocumentedSystem {
        kind: "projector".into(),
        serial: "ANDERS-1".into(),
        mac: mac(6),
        segment: "verwaltung".into(),
        ..entry(&school, "anders")
    });
    save(DocumentedSystem { serial: "WEG-1".into(), ..entry(&school, "nicht da") });
    save(DocumentedSystem {
        serial: "X-1".into(),
        segment: "nie begangen".into(),
        ..entry(&school, "unbekannt")
    });
    save(entry(&school, "kein Gerät"));
    t.check_rules(school.id, day(0)).expect("rules");
    assert_eq!(
        t.disagreement(school.id, day(1)).expect("numbers"),
        Disagreement { found: 17, not_seen: 2, different: 1 }
    );
    let gone = t.not_seen_slice(school.id, "", 10).expect("not seen").lines;
    let told: Vec<_> = gone.iter().map(|line| (line.name.as_str(), line.was_looked_for)).collect();
    assert_eq!(told, [("nicht da", true), ("unbekannt", false)], "nobody looked where no walk was");
    assert!(gone[0].since.is_some());
    let different = t.different_slice(school.id, "", 10).expect("different").lines;
    let [line] = &different[..] else { panic!("{different:?}") };
    assert!(line.differences[1].source.contains("VNB3K00006"), "the machine says by what it knows: {line:?}");
    let bare = |one: &Difference| Difference { source: String::new(), ..one.clone() };
    let difference = |field, person: &str, machine: &str| Difference {
        field,
        person: person.into(),
        machine: machine.into(),
        source: String::new(),
    };
    assert_eq!(
        (line.id, &line.differences.iter().map(bare).collect::<Vec<_>>()[..]),
        (
            other,
            &[
                difference("kind", "projector", "printer"),
                difference("serial", "ANDERS-1", "VNB3K00006"),
                difference("segment", "verwaltung", "teaching"),
            ][..]
        )
    );
    let stranger = School::of(store, "Kreis B", "Schule B");
    assert!(stranger.traeger.disagreement(school.id, day(1)).is_err_and(|error| error.is_not_found()));
}

pub(super) fn hundreds_are_settled_at_once(store: &Store) {
    let school = walked(store);
    let t = &school.traeger;
    let room = t
        .save_room(school.id, &Room { name: "A104".into(), ..Room::default() }, ("K", day(0)))
        .expect("a room");
    let devices = school.asset_ids();
    let new = |device: &i64| DocumentedSystem {
        asset: Some(*device),
        ..entry(&school, &format!("Gerät {device}"))
    };
    let by = ("Frau L", day(1));
    // One that cannot be stored leaves nothing of the others.
    let mut torn: Vec<_> = devices[..3].iter().map(new).collect();
    torn[2].notes = "Passwort: Sommer2026".into();
    assert!(t.document_many(school.id, &torn, None, by).is_err());
    assert_eq!(t.systems(school.id).expect("systems"), []);
    let ten: Vec<_> = devices[..10].iter().map(new).collect();
    let settled = t.document_many(school.id, &ten, Some(room), by).expect("settled");
    assert_eq!(settled, Settled { entered: 10, moved: 0, left: 0 });
    let systems = t.systems(school.id).expect("systems");
    assert!(systems.iter().all(|system| system.room == Some(room) && system.asset.is_some()));
    let log = t.audit_log(&format!("system {}", systems[0].id)).expect("the log");
    assert_eq!((log.len(), log[0].who.as_str(), log[0].what.as_str()), (1, "Frau L", "create"));
    assert_eq!(school.open_of("asset.undocumented"), 10, "and their gap is closed");
    // The same once more, twice in one form, and one that is none.
    let again: Vec<_> = [devices[0], devices[10], devices[10], 999_999].iter().map(new).collect();
    let settled = t.document_many(school.id, &again, None, by).expect("settled");
    assert_eq!(settled, Settled { entered: 1, moved: 0, left: 3 });
    assert!(t.document_many(school.id, &ten, Some(room + 77), by).is_err_and(|error| error.is_not_found()));
    walked_by_hand(&school, room, &devices, by);
    ignored(&school, &devices);
    let other = School::of(store, "Kreis B", "Schule B");
    let foreign = other.traeger.document_many(other.id, &ten, None, by).expect("nothing");
    assert_eq!(foreign, Settled { left: 10, ..Settled::default() }, "another Träger's devices are none");
    assert!(other.traeger.document_many(school.id, &ten, None, by).is_err_and(|error| error.is_not_found()));
}

/// Somebody goes from room to room: what stands there, and what no more.
fn walked_by_hand(school: &School, room: i64, devices: &[i64], by: (&str, rundgang_inventory::Timestamp)) {
    let t = &school.traeger;
    let next = t
        .save_room(school.id, &Room { name: "A105".into(), ..Room::default() }, ("K", day(0)))
        .expect("a room");
    let systems = t.systems(school.id).expect("systems");
    let of = |device: i64| systems.iter().find(|system| system.asset == Some(device)).expect("an entry");
    let here: Vec<_> = [devices[0], devices[11]]
        .iter()
        .map(|device| DocumentedSystem { asset: Some(*device), ..entry(school, "neu") })
        .collect();
    let settled = t.settle_room(school.id, next, &here, &[], by).expect("settled");
    assert_eq!(settled, Settled { entered: 1, moved: 1, left: 0 });
    let moved = t.system(of(devices[0]).id).expect("the entry");
    assert_eq!(
        (moved.room, moved.name.as_str(), moved.version),
        (Some(next), of(devices[0]).name.as_str(), 2)
    );
    let log = t.audit_log(&format!("system {}", moved.id)).expect("the log");
    assert!(
        log[0].before.contains(&format!("\"room\":{room}"))
            && log[0].after.contains(&format!("\"room\":{next}"))
    );
    let settled = t.settle_room(school.id, next, &[], &[moved.id, of(devices[1]).id], by).expect("settled");
    assert_eq!(settled, Settled { entered: 0, moved: 1, left: 1 }, "what stands elsewhere stays there");
    assert_eq!(t.system(moved.id).expect("the entry").room, None);
}

fn ignored(school: &School, devices: &[i64]) {
    let t = &school.traeger;
    let before = t.disagreement(school.id, day(2)).expect("numbers").found;
    let subjects: BTreeSet<String> =
        [devices[12], devices[13], devices[0]].iter().map(|device| format!("asset {device}")).collect();
    let mut decision = Decision {
        state: DecisionState::Ignored,
        reason: "Leihgeräte des Nachbarn".into(),
        until: Some(day(30)),
        who: "Frau L".into(),
        at: day(2),
    };
    let settled = t.decide_many(school.id, "asset.undocumented", &subjects, &decision).expect("decided");
    assert_eq!((settled.entered, settled.left), (2, 1), "what is documented has no such finding");
    assert_eq!(t.disagreement(school.id, day(2)).expect("numbers").found, before - 2);
    assert_eq!(t.disagreement(school.id, day(31)).expect("numbers").found, before, "until that day");
    let log = t.audit_log(&format!("asset {}", devices[12])).expect("the log");
    assert!(log[0].what == "decide" && log[0].after.contains("Leihgeräte des Nachbarn"), "{log:?}");
    // What stood there before is told for each of them.
    let was = log[0].clone();
    assert_eq!(was.before, "", "nothing was decided before");
    let later = Decision { reason: "bis zum Umzug".into(), at: day(3), ..decision.clone() };
    t.decide_many(school.id, "asset.undocumented", &subjects, &later).expect("decided");
    for device in [devices[12], devices[13]] {
        let log = t.audit_log(&format!("asset {device}")).expect("the log");
        assert_eq!(log[0].before, was.after, "{log:?}");
        assert!(log[0].after.contains("bis zum Umzug"), "{log:?}");
    }
    decision.reason = "Passwort: Sommer2026".into();
    assert!(t.decide_many(school.id, "asset.undocumented", &subjects, &decision).is_err());
}
