//! When findings open, stay and close.

use super::school::{Device, School, confirmed, day, device, round};
use crate::{Decision, DecisionState, DocumentedSystem, Store};
use rundgang_inventory::{Row, Value, vocabulary};

const SERVER: &str = "00:26:ab:00:00:01";
const PROJECTOR: &str = "00:26:ab:00:00:02";

fn server(expires: i64) -> Device {
    let row: Row =
        [("port".to_owned(), Value::Int(443)), ("not_after".to_owned(), Value::Time(day(expires).0))].into();
    device("10.0.0.1", SERVER).by("tls").says(&vocabulary::TLS_CERTIFICATES, Value::Table(vec![row]))
}

fn projector(password: &str) -> Device {
    device("10.0.0.2", PROJECTOR).by("pjlink").says(&vocabulary::PJLINK_PASSWORD, Value::text(password))
}

pub(super) fn a_certificate_expires_by_the_clock_while_the_agent_works(store: &Store) {
    let mut school = School::new(store);
    school.walk(&[server(40)], day(0), &["sweep", "tls"]);
    assert_eq!(school.open_of("tls.expiring") + school.open_of("tls.expired"), 0);
    for n in 1..=41 {
        school.hear(&[confirmed(1, 0, day(n)), round(day(n), &["sweep", "tls"])], day(n));
        if n == 11 {
            assert_eq!((school.open_of("tls.expiring"), school.open_of("tls.expired")), (1, 0));
        }
    }
    assert_eq!((school.open_of("tls.expiring"), school.open_of("tls.expired")), (0, 1));
    let found = school.traeger.findings(Some(school.id), true).expect("findings");
    let expiring = found.iter().find(|finding| finding.rule == "tls.expiring").expect("the finding");
    assert_eq!((expiring.opened_at, expiring.closed_at), (day(10), Some(day(40))));
    school.walk(&[server(400)], day(42), &["sweep", "tls"]);
    assert_eq!((school.open_of("tls.expiring"), school.open_of("tls.expired")), (0, 0), "it was renewed");
}

pub(super) fn unknown_is_not_absent(store: &Store) {
    let mut school = School::new(store);
    let system = DocumentedSystem { school: school.id, mac: SERVER.into(), ..named("Server") };
    school.traeger.save_system(&system, "K", day(0)).expect("a system");
    let all = ["sweep", "tls", "pjlink"];
    let sweep = device("10.0.0.1", SERVER);
    school.walk(&[sweep, server(5), projector("no")], day(0), &all);
    let before = school.open();
    assert!(before.contains(&"projector.no-password asset 2".to_owned()), "{before:?}");
    let t = school.traeger.clone();
    // The agent is off: the certificate's end passes, nobody sees anything, nothing opens or closes.
    for n in [6, 20, 60] {
        t.check_rules(school.id, day(n)).expect("the timer");
        assert_eq!(school.open(), before, "day {n}");
    }
    // The agent walks again, but the segment left its scope.
    school.hear(
        &[rundgang_inventory::Entry::RoundEnd { started: day(61), ended: day(61), coverage: vec![] }],
        day(61),
    );
    assert_eq!(school.open(), before);
    // The segment is walked, but the groups of those probes are forbidden.
    school.hear(&[confirmed(1, 0, day(62)), round(day(62), &["sweep"])], day(62));
    assert_eq!(school.open(), before);
    // The projector is off while its probe runs: whether it has a password now, nobody knows.
    school.hear(&[confirmed(1, 0, day(63)), round(day(63), &["sweep", "pjlink"])], day(63));
    assert_eq!(school.open(), before);
    let stale = t.findings(Some(school.id), false).expect("findings");
    let stale = stale.iter().find(|finding| finding.rule == "projector.no-password").expect("the finding");
    assert_eq!(stale.unknown_since, Some(day(0).day()), "shown as unknown since the day it was last seen");
    // It is on again and has one.
    school.walk(&[projector("yes")], day(64), &["sweep", "pjlink"]);
    assert_eq!(school.open_of("projector.no-password"), 0);
}

pub(super) fn a_device_that_is_left_alone_denies_nothing(store: &Store) {
    let mut school = School::new(store);
    let all = ["sweep", "pjlink"];
    let seen = device("10.0.0.2", PROJECTOR);
    let fallen = seen
        .clone()
        .says(&vocabulary::HOST_FELL_SILENT, Value::text("pjlink"))
        .says(&vocabulary::HOST_LEFT_ALONE_UNTIL, Value::Time(day(14).day().0));
    school.walk(&[seen.clone(), projector("no")], day(0), &all);
    assert_eq!((school.open_of("projector.no-password"), school.open_of("asset.fell-silent")), (1, 0));
    // It falls silent; from then on host discovery alone sees it, while its probe runs elsewhere.
    for n in 1..=3 {
        school.walk(std::slice::from_ref(&fallen), day(n), &all);
        let open = (school.open_of("projector.no-password"), school.open_of("asset.fell-silent"));
        assert_eq!(open, (1, 1), "day {n}: nobody asked about the password");
    }
    // Gone altogether: it is no better for that.
    school.hear(&[round(day(4), &all)], day(4));
    assert_eq!(school.open_of("asset.fell-silent"), 1);
    school.walk(&[seen, projector("yes")], day(15), &all);
    assert_eq!((school.open_of("projector.no-password"), school.open_of("asset.fell-silent")), (0, 0));
}

/// A device that fell silent for one agent, and answers at another address for another one since.
pub(super) fn a_device_that_answers_again_elsewhere_denies_what_is_gone(store: &Store) {
    let mut school = School::new(store);
    let all = ["sweep", "pjlink"];
    let fallen = device("10.0.0.2", PROJECTOR)
        .says(&vocabulary::HOST_FELL_SILENT, Value::text("pjlink"))
        .says(&vocabulary::HOST_LEFT_ALONE_UNTIL, Value::Time(day(14).day().0));
    school.walk(&[device("10.0.0.2", PROJECTOR), projector("no")], day(0), &all);
    school.walk(std::slice::from_ref(&fallen), day(1), &all);
    assert_eq!(school.open_of("projector.no-password"), 1, "left alone, it denied nothing");
    // It came back at another address, so the old statement of the sweep stands beside the new one.
    school.walk(&[device("10.0.0.77", PROJECTOR)], day(2), &all);
    assert_eq!(
        school.open_of("projector.no-password"),
        0,
        "it is there, was asked and says nothing of that any more"
    );
}

fn named(name: &str) -> DocumentedSystem {
    DocumentedSystem {
        name: name.into(),
        owner: "IT".into(),
        provider: "Träger".into(),
        credentials_place: "KeePass".into(),
        ..DocumentedSystem::default()
    }
}

pub(super) fn a_device_is_missed_only_by_a_round_that_looked(store: &Store) {
    let mut school = School::new(store);
    school.walk(&[device("10.0.0.1", SERVER), device("10.0.0.2", PROJECTOR)], day(0), &["sweep"]);
    let asset = school.asset_ids()[0];
    let bound = DocumentedSystem { school: school.id, asset: Some(asset), ..named("Server") };
    school.traeger.save_system(&bound, "K", day(0)).expect("a system");
    let lost = DocumentedSystem { school: school.id, mac: "00:26:ab:99:99:99".into(), ..named("Lost") };
    let lost = school.traeger.save_system(&lost, "K", day(0)).expect("a system");
    assert_eq!(school.open_of("system.not-seen"), 0);
    // A round of the same day that sees one of them: at once, days play no part.
    school.hear(&[confirmed(1, 1, day(0)), round(day(0), &["snmp"])], day(0));
    assert_eq!(school.open_of("system.not-seen"), 0, "another probe ran");
    let later = rundgang_inventory::Timestamp(day(0).0 + 60_000);
    school.hear(&[confirmed(1, 1, later), round(later, &["sweep"])], later);
    assert_eq!(school.open_of("system.not-seen"), 2);
    assert!(school.open().contains(&format!("system.not-seen system {lost}")));
    school.hear(&[confirmed(1, 0, day(1)), confirmed(1, 1, day(1)), round(day(1), &["sweep"])], day(1));
    assert_eq!(school.open_of("system.not-seen"), 1, "it is back");
}

pub(super) fn documenting_closes_the_gap(store: &Store) {
    let mut school = School::new(store);
    school.walk(&[device("10.0.0.1", SERVER), projector("yes")], day(0), &["sweep", "pjlink"]);
    assert_eq!(school.open_of("asset.undocumented"), 2);
    let t = school.traeger.clone();
    let asset = school.asset_ids()[0];
    let mut system =
        DocumentedSystem { school: school.id, name: "Server".into(), asset: Some(asset), ..named("") };
    system.name = "Server".into();
    system.owner = String::new();
    system.id = t.save_system(&system, "K", day(0)).expect("a system");
    assert_eq!((school.open_of("asset.undocumented"), school.open_of("system.no-owner")), (1, 1));
    system.version = 1;
    system.owner = "IT".into();
    t.save_system(&system, "K", day(1)).expect("a change");
    assert_eq!(school.open_of("system.no-owner"), 0);
    t.delete_system(system.id, 2, "K", day(2)).expect("deleted");
    assert_eq!(school.open_of("asset.undocumented"), 2);
    let log = t.audit_log(&format!("system {}", system.id)).expect("the log");
    assert_eq!(
        log.iter().map(|entry| entry.what.as_str()).collect::<Vec<_>>(),
        ["delete", "change", "create"]
    );
    assert!(log[1].before.contains(r#""owner":"""#) && log[1].after.contains(r#""owner":"IT""#));
}

pub(super) fn decisions_stay_with_their_finding(store: &Store) {
    let mut school = School::new(store);
    school.walk(&[projector("no")], day(0), &["pjlink"]);
    let t = school.traeger.clone();
    let subject = format!("asset {}", school.asset_ids()[0]);
    let decision = Decision {
        state: DecisionState::Accepted,
        reason: "eigenes Netz".into(),
        until: Some(day(100)),
        who: "Träger".into(),
        at: day(1),
    };
    let rule = "projector.no-password";
    t.decide(school.id, rule, &subject, &decision).expect("a decision");
    assert!(t.decide(school.id, rule, "asset 99", &decision).expect_err("no finding").is_not_found());
    school.walk(&[projector("yes")], day(2), &["pjlink"]);
    school.walk(&[projector("no")], day(3), &["pjlink"]);
    t.rebuild(school.id, day(3)).expect("a rebuild");
    let decided = t.decisions(school.id, rule, &subject).expect("decisions");
    assert_eq!(decided[0], decision, "it stays, and what came back is nobody's decision yet");
    let states: Vec<DecisionState> = decided.iter().map(|one| one.state).collect();
    assert_eq!(states, [DecisionState::Accepted, DecisionState::None]);
    let found = t.findings(Some(school.id), true).expect("findings");
    let found = found.iter().find(|finding| finding.rule == rule).expect("the finding");
    assert_eq!((found.opened_at, found.closed_at), (day(3), None), "it came back");
}
