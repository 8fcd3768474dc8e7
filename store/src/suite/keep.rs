//! What is kept, for how long, and what becomes of it.

use super::{
    learning::board,
    school::{School, day, device, entries},
};
use crate::{Decision, DecisionState, Retention, Store};
use rundgang_inventory::{Count, Entry, Value, vocabulary};

pub(super) fn what_is_old_is_deleted_with_proof(store: &Store) {
    let mut school = School::new(store);
    let t = school.traeger.clone();
    let projector = device("10.0.0.2", "00:26:ab:00:00:02")
        .by("pjlink")
        .says(&vocabulary::PJLINK_PASSWORD, Value::text("no"));
    let mut batch = entries(&[device("10.0.0.1", "02:00:00:00:00:01"), projector], day(0));
    for hour in 0..3 {
        batch.push(Entry::Count(Count {
            segment: "teaching".into(),
            hour: rundgang_inventory::Timestamp(day(0).0 + hour * 3_600_000),
            kind: "personal".into(),
            count: 10 + u32::try_from(hour).unwrap_or(0),
        }));
    }
    school.hear(&batch, day(0));
    let before = school.asset_ids().len();
    assert_eq!(before, 2);
    t.retain(Retention::default(), day(5)).expect("a run");
    assert_eq!(school.asset_ids().len(), before, "nothing is old yet");
    // Nothing is kept longer than promised, whatever is asked.
    let long = Retention { observations: 9999, counts: 9999, ..Retention::default() };
    let proofs = t.retain(long, day(40)).expect("a run");
    let rows = |what: &str| proofs.iter().find(|proof| proof.what == what).map(|proof| proof.rows);
    let unclassified = rows("unclassified devices").expect("a proof");
    assert_eq!(rows("observations").map(|rows| rows + unclassified), Some(2), "{proofs:?}");
    assert_eq!(t.deletion_proofs(day(39)).expect("proofs"), proofs);
    let kept = school.asset_ids();
    t.rebuild(school.id, day(40)).expect("a rebuild");
    assert_eq!(school.asset_ids(), kept, "a device outlives its statements, also in a rebuild");
    t.retain(Retention::default(), day(400)).expect("a run");
    assert!(school.asset_ids().is_empty());
    assert_eq!(
        t.counts(school.id, 24 * 500, day(400)).expect("counts"),
        [("teaching".into(), "personal".into(), 12)]
    );
    let export = t.export().expect("an export");
    assert_eq!(export["tally"].as_array().map(Vec::len), Some(1), "the peak of the month");
    assert!(!export.to_string().contains("00:26:ab"), "nothing is left of the device");
}

pub(super) fn a_deleted_entry_goes_with_the_audit_log(store: &Store) {
    let school = School::new(store);
    let t = &school.traeger;
    let system = crate::DocumentedSystem {
        school: school.id,
        name: "Moodle".into(),
        notes: "Herr Beispiel fragen".into(),
        ..crate::DocumentedSystem::default()
    };
    let id = t.save_system(&system, "K", day(0)).expect("a system");
    let row = crate::ListRow {
        row: 2,
        system: crate::DocumentedSystem { status: "in-use".into(), ..system },
        room: None,
    };
    t.enter_list("liste.csv", &[row], &rundgang_inventory::lists::Mapping::default(), ("Frau L", day(0)))
        .expect("a list");
    t.delete_system(id, 1, "K", day(1)).expect("deleted");
    let holds = |what: &str| t.export().expect("an export").to_string().contains(what);
    t.retain(Retention::default(), day(300)).expect("a run");
    assert_eq!(t.export().expect("an export")["documented_system"].as_array().map(Vec::len), Some(2));
    assert!(holds("Frau L"));
    t.retain(Retention::default(), day(400)).expect("a run");
    let export = t.export().expect("an export");
    assert_eq!(export["documented_system"].as_array().map(Vec::len), Some(1), "the one that stands stays");
    assert!(!holds("Frau L"), "nor is it kept who entered a list");
}

pub(super) fn what_hangs_on_deleted_things_goes_with_them(store: &Store) {
    let mut school = School::new(store);
    let projector = |password: &str| {
        device("10.0.0.9", "00:26:ab:00:00:02")
            .by("pjlink")
            .says(&vocabulary::PJLINK_PASSWORD, Value::text(password))
    };
    let boards = [board("10.0.0.1", "b0:f1:ec:00:00:01", "a1"), board("10.0.0.2", "b0:f1:ec:00:00:02", "a2")];
    school.walk(&[&boards[..], &[projector("no")]].concat(), day(0), &["mdns", "pjlink", "sweep"]);
    let t = school.traeger.clone();
    let (first, last) = (school.asset_ids()[0], school.asset_ids()[2]);
    let decision = Decision {
        state: DecisionState::Accepted,
        reason: "eigenes Netz".into(),
        until: Some(day(60)),
        who: "Frau Entscheiderin".into(),
        at: day(1),
    };
    let subject = format!("asset {last}");
    t.decide(school.id, "projector.no-password", &subject, &decision).expect("a decision");
    school.walk(&[projector("yes")], day(2), &["pjlink"]);
    let system = crate::DocumentedSystem {
        school: school.id,
        name: "Prowise Touchscreen 101".into(),
        kind: "board".into(),
        owner: "Herr Eigner".into(),
        asset: Some(first),
        ..crate::DocumentedSystem::default()
    };
    let system = t.save_system(&system, "K", day(2)).expect("a system");
    t.accept_lesson(school.id, system, "Frau Lehre", day(3)).expect("accepted");
    let lesson = t.accepted_lessons(school.id).expect("lessons")[0].id;
    t.withdraw_lesson(school.id, lesson, "K", day(4)).expect("taken back");
    t.accept_lesson(school.id, system, "K", day(5)).expect("accepted once more");
    t.delete_system(system, 1, "K", day(6)).expect("deleted");
    t.open_run("guetersloh-schule", day(0), None, &[school.id], "Frau Umfrage", day(0)).expect("a run");

    let id = school.id;
    let check = |at: i64, lessons: usize, decisions: usize, runs: usize, names: &[&str]| {
        t.retain(Retention::default(), day(at)).expect("a run");
        let export = t.export().expect("an export");
        let rows = |table: &str| export[table].as_array().map(Vec::len).unwrap_or_default();
        let found = [rows("lesson"), rows("decision"), rows("survey_run"), rows("survey_part")];
        assert_eq!(found, [lessons, decisions, runs, runs], "after {at} days");
        let text = export.to_string();
        for name in ["Herr Eigner", "Frau Lehre", "Frau Entscheiderin", "Frau Umfrage"] {
            assert_eq!(text.contains(name), names.contains(&name), "{name} after {at} days");
        }
        // A lesson that holds keeps the entry that taught it, and no more of that than its name.
        assert_eq!((rows("documented_system"), t.accepted_lessons(id).expect("lessons").len()), (1, 1));
    };
    check(360, 2, 1, 1, &["Herr Eigner", "Frau Lehre", "Frau Entscheiderin", "Frau Umfrage"]);
    // What was decided about a device goes with the device; this one is still there.
    school.walk(&[projector("yes")], day(390), &["pjlink"]);
    check(400, 1, 1, 1, &["Frau Entscheiderin", "Frau Umfrage"]);
    check(740, 1, 0, 0, &[]);
}

pub(super) fn a_traeger_shortens_and_never_lengthens(store: &Store) {
    let mut school = School::new(store);
    let t = school.traeger.clone();
    assert_eq!(t.retention().expect("the promise"), Retention::default());
    let shorter = Retention::default().with("devices", 3).expect("shorter");
    t.choose_retention(shorter, "A", day(0)).expect("chosen");
    assert_eq!(t.retention().expect("the choice"), shorter);
    assert!(Retention::default().with("devices", 366).is_err_and(|e| e.to_string().contains("0 to 365")));
    assert!(Retention::default().with("device", 3).is_err_and(|e| e.to_string().contains("observations")));
    t.choose_retention(Retention { audit: 9999, ..shorter }, "A", day(0)).expect("chosen");
    assert_eq!(t.retention().expect("the choice"), shorter, "nothing is kept longer than promised");
    assert_eq!(t.audit_log("retention").expect("the log").len(), 2);
    school.hear(&entries(&[device("10.0.0.1", "00:26:ab:00:00:01")], day(0)), day(0));
    t.retain(t.retention().expect("the choice"), day(4)).expect("a run");
    assert!(school.asset_ids().is_empty());
    let other = School::of(store, "Kreis B", "Schule B").traeger;
    assert_eq!(other.retention().expect("the promise"), Retention::default(), "each for itself");
}

pub(super) fn a_data_subject_is_told_and_forgotten(store: &Store) {
    let mut school = School::new(store);
    let t = school.traeger.clone();
    let mac = "00:26:ab:00:00:01";
    school.hear(&entries(&[device("10.0.0.1", mac)], day(0)), day(0));
    let found = t.assets_by_mac(mac.parse().expect("a MAC")).expect("a search");
    assert_eq!(found, school.asset_ids());
    assert!(t.assets_by_mac("00:26:ab:00:00:02".parse().expect("a MAC")).expect("a search").is_empty());
    t.forget_asset(found[0]).expect("forgotten");
    assert!(t.assets_by_mac(mac.parse().expect("a MAC")).expect("a search").is_empty());
    assert!(!t.export().expect("an export").to_string().contains(mac));
}

pub(super) fn a_mac_address_is_forgotten_wherever_it_stands(store: &Store) {
    let mut school = School::new(store);
    let t = school.traeger.clone();
    let (mac, other) = ("00:26:ab:00:00:01", "00:26:ab:00:00:02");
    let row = |mac: &str| {
        rundgang_inventory::Row::from([
            ("mac".to_owned(), Value::text(mac)),
            ("port".to_owned(), Value::Int(3)),
        ])
    };
    let switch = device("10.0.0.9", "00:26:ab:00:00:09")
        .by("snmp")
        .says(&vocabulary::SNMP_LLDP_NEIGHBOURS, Value::Table(vec![row(mac), row(other)]))
        .says(&vocabulary::SNMP_FDB, Value::Table(vec![row(mac), row(other)]));
    school.hear(&entries(&[device("10.0.0.1", mac), device("10.0.0.2", other), switch], day(0)), day(0));
    let parsed = mac.parse().expect("a MAC");
    let system = crate::DocumentedSystem {
        school: school.id,
        name: "Drucker".into(),
        mac: mac.to_uppercase(),
        ..crate::DocumentedSystem::default()
    };
    t.save_system(&system, "K", day(0)).expect("a system");
    let told = t.traces_of_mac(parsed).expect("a search");
    assert_eq!((told.assets.len(), told.mentions.len(), told.samples, told.systems.len()), (1, 1, 1, 1));
    assert!(told.is_stored());
    assert_eq!(t.forget_mac(parsed, day(1)).expect("forgotten"), told);
    let left = t.traces_of_mac(parsed).expect("a search");
    assert!(!left.is_stored() && left.systems.len() == 1, "people change what people typed: {left:?}");
    let export = t.export().expect("an export");
    for derived in ["observation", "identity_key", "asset", "present", "sample", "stands_for"] {
        assert!(!export[derived].to_string().contains(mac), "{derived}");
    }
    assert!(export["observation"].to_string().contains(other), "others stay");
    assert_eq!(t.deletion_proofs(day(1)).expect("proofs")[0].what, "request of a data subject");
    assert!(!t.traces_of_mac("3e:00:00:00:00:01".parse().expect("a MAC")).expect("a search").is_stored());
    t.rebuild(school.id, day(1)).expect("a rebuild");
    assert!(!t.traces_of_mac(parsed).expect("a search").is_stored(), "a rebuild brings nothing back");
}

pub(super) fn everything_of_one_traeger_is_exported(store: &Store) {
    let mut school = School::of(store, "Kreis A", "Schule A");
    let other = School::of(store, "Kreis B", "Schule B");
    school.hear(&entries(&[device("10.0.0.1", "00:26:ab:00:00:01")], day(0)), day(0));
    let export = school.traeger.export().expect("an export");
    for table in crate::migrate::all_traeger_tables() {
        // What proves who somebody is opens nothing elsewhere and is nobody's data to carry along.
        assert_eq!(export[table].is_array(), !table.ends_with("_secret"), "{table}");
    }
    assert_eq!(export["school"][0]["name"], "Schule A");
    assert_eq!(export["observation"][0]["ip"], "10.0.0.1");
    assert!(!export.to_string().contains("Schule B"));
    assert!(other.traeger.export().expect("an export").to_string().contains("Schule B"));
}
