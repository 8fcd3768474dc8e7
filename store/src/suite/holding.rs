//! What a school holds: sites, buildings, rooms, links, documents, facts. Nobody overwrites anybody, and the log tells all.

use super::school::{School, day};
use crate::{
    Building, Document, DocumentedSystem, Error, Link, Occupant, Problem, Room, SaidFact, SaidRoom,
    SchoolChange, Site, Store, Traeger,
};
use rundgang_inventory::Timestamp;

fn by(n: i64) -> (&'static str, Timestamp) {
    ("Frau L", day(n))
}

/// What was done to a subject, the latest first, and the log of the school has it as well.
fn done(t: &Traeger, school: i64, subject: &str) -> Vec<String> {
    let log = t.audit_log(subject).expect("the log");
    let own = t.audit_log_of_school(school).expect("the log");
    assert!(log.iter().all(|entry| own.contains(entry)), "{subject} is in the log of its school");
    assert!(log.iter().all(|entry| entry.who == "Frau L"), "{log:?}");
    log.into_iter().map(|entry| entry.what).collect()
}

fn is_unfit<T: std::fmt::Debug>(result: crate::Result<T>, field: &str, problem: Problem) {
    match result.expect_err(field).root() {
        Error::Unfit { field: at, problem: what } => assert_eq!((*at, *what), (field, problem)),
        other => panic!("{field}: {other}"),
    }
}

/// Nobody has this thing any more.
fn gone<T: std::fmt::Debug>(result: crate::Result<T>) {
    let error = result.expect_err("it is not there");
    assert!(error.is_not_found(), "{error}");
}

fn stale<T: std::fmt::Debug>(result: crate::Result<T>) {
    let error = result.expect_err("the old version");
    assert!(error.is_conflict(), "{error}");
}

/// What keeps a place.
fn kept_by<T: std::fmt::Debug>(result: crate::Result<T>) -> (Occupant, i64) {
    match result.expect_err("something stands there").root() {
        Error::Occupied { occupant, count, .. } => (*occupant, *count),
        other => panic!("{other}"),
    }
}

pub(super) fn sites_and_buildings_are_kept_and_counted(store: &Store) {
    let school = School::new(store);
    let (id, t) = (school.id, school.traeger.clone());
    let site = |name: &str, is_main| Site { name: name.into(), is_main, ..Site::default() };
    let main = t.save_site(id, &site(" Haupthaus ", true), by(0)).expect("a site");
    let branch = t.save_site(id, &site("Dependance", false), by(0)).expect("a site");
    let house = Building { name: "Haus A".into(), site: Some(branch), ..Building::default() };
    let house = t.save_building(id, &house, by(1)).expect("a building");
    let room = Room { name: "A101".into(), building: Some(house), ..Room::default() };
    let room = t.save_room(id, &room, by(1)).expect("a room");
    let roles = || -> Vec<(String, String)> {
        let view = t.survey_view(id, day(2)).expect("a view");
        view.sites.into_iter().map(|site| (site.name, site.role)).collect()
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(roles(), [pair("Dependance", "branch"), pair("Haupthaus", "main")]);
    is_unfit(t.save_site(id, &site("Haupthaus", false), by(2)), "name", Problem::Named);
    is_unfit(t.save_site(id, &site(" ", false), by(2)), "name", Problem::Empty);
    is_unfit(t.save_site(id, &site(&"x".repeat(121), false), by(2)), "name", Problem::Long);
    assert!(t.save_site(id, &site("Passwort: Sommer2026", false), by(2)).is_err());
    // What was seen is what is changed.
    let seen = t.sites(id).expect("sites").remove(1);
    let moved = Site { address: "Schulstraße 2".into(), ..seen.clone() };
    t.save_site(id, &moved, by(2)).expect("changed");
    stale(t.save_site(id, &moved, by(2)));
    stale(t.remove_site(id, main, 1, by(2)));
    // What stands somewhere holds the place.
    assert_eq!(kept_by(t.remove_site(id, branch, 1, by(3))), (Occupant::Building, 1));
    let link = Link { site: Some(main), ..Link::default() };
    let link = t.save_link(id, &link, by(3)).expect("a link");
    assert_eq!(kept_by(t.remove_site(id, main, 2, by(3))), (Occupant::Link, 1));
    assert_eq!(kept_by(t.remove_building(id, house, 1, by(3))), (Occupant::Room, 1));
    t.remove_link(id, link, 1, by(4)).expect("removed");
    t.remove_room(id, room, 1, by(4)).expect("removed");
    t.remove_building(id, house, 1, by(4)).expect("removed");
    t.remove_site(id, branch, 1, by(4)).expect("removed");
    assert_eq!(roles(), [pair("Haupthaus", "main")]);
    assert_eq!(done(&t, id, &format!("site {main}")), ["change", "create"]);
    assert_eq!(done(&t, id, &format!("building {house}")), ["delete", "create"]);
    let log = t.audit_log(&format!("site {main}")).expect("the log").remove(0);
    assert!(!log.before.contains("Schulstraße 2") && log.after.contains("Schulstraße 2"), "{log:?}");
    // A place of another school is none of this one's.
    let other = School::of(store, "Kreis Beispiel", "Schule B").id;
    let elsewhere = Building { name: "B".into(), site: Some(main), ..Building::default() };
    gone(t.save_building(other, &elsewhere, by(5)));
    gone(t.remove_site(other, main, 2, by(5)));
    gone(t.save_site(999, &site("X", true), by(5)));
    let foreign = School::of(store, "Kreis B", "Schule B").traeger;
    gone(foreign.save_site(id, &site("X", true), by(5)));
}

pub(super) fn a_room_is_renamed_and_removed_once_nothing_stands_there(store: &Store) {
    let school = School::new(store);
    let (id, t) = (school.id, school.traeger.clone());
    let room = Room { name: "A104".into(), kind: "Klassenraum".into(), sockets: Some(2), ..Room::default() };
    let room = t.save_room(id, &room, by(0)).expect("a room");
    is_unfit(
        t.save_room(id, &Room { name: "A104".into(), ..Room::default() }, by(0)),
        "name",
        Problem::Named,
    );
    let seen = t.rooms(id).expect("rooms").remove(0);
    let board = DocumentedSystem { school: id, name: "Tafel".into(), room: Some(room), ..Default::default() };
    let board = t.save_system(&board, "K", day(1)).expect("a system");
    let found = |word: &str| t.search(Some(id), word, 5).expect("hits").len();
    assert_eq!((found("a104"), found("musikraum")), (1, 0));
    let renamed = Room { name: "Musikraum".into(), ..seen.clone() };
    t.save_room(id, &renamed, by(2)).expect("renamed");
    assert_eq!((found("a104"), found("musikraum")), (0, 1), "the search knows the new name alone");
    stale(t.save_room(id, &Room { equipment: "wlan".into(), ..seen }, by(2)));
    for (field, wrong) in [
        ("sockets", Room { name: "B".into(), sockets: Some(-3), ..Room::default() }),
        ("sockets", Room { name: "B".into(), sockets: Some(10_001), ..Room::default() }),
    ] {
        is_unfit(t.save_room(id, &wrong, by(2)), field, Problem::NoNumber);
    }
    assert!(
        t.save_room(id, &Room { name: "Passwort: Sommer2026".into(), ..Room::default() }, by(2)).is_err()
    );
    assert_eq!(kept_by(t.remove_room(id, room, 2, by(3))), (Occupant::System, 1));
    let version = t.system(board).expect("the system").version;
    t.delete_system(board, version, "K", day(3)).expect("deleted");
    stale(t.remove_room(id, room, 1, by(4)));
    t.remove_room(id, room, 2, by(4)).expect("what is deleted holds no room");
    assert_eq!(t.rooms(id).expect("rooms"), []);
    assert_eq!(done(&t, id, &format!("room {room}")), ["delete", "change", "create"]);
    gone(t.remove_room(id, room, 2, by(5)));
}

pub(super) fn a_list_of_rooms_changes_what_it_says_and_all_or_nothing(store: &Store) {
    let school = School::new(store);
    let (id, t) = (school.id, school.traeger.clone());
    let house = Building { name: "Haus A".into(), ..Building::default() };
    let house = t.save_building(id, &house, by(0)).expect("a building");
    let (name, kind, equipment) = ("A104".to_owned(), "Klassenraum".to_owned(), "wlan".to_owned());
    let full = Room { name, kind, equipment, sockets: Some(2), building: Some(house), ..Room::default() };
    t.save_room(id, &full, by(0)).expect("a room");
    let before = t.rooms(id).expect("rooms");
    let line = |name: &str| SaidRoom { name: name.into(), ..SaidRoom::default() };
    t.enter_rooms(id, &[line(" A104 ")], by(1)).expect("entered");
    assert_eq!(t.rooms(id).expect("rooms"), before, "a name alone says nothing else");
    let more = [
        SaidRoom { sockets: Some(4), ..line("A104") },
        SaidRoom { building: Some("Haus B".into()), ..line("B1") },
        SaidRoom { building: Some("Haus A".into()), ..line("A105") },
        SaidRoom { equipment: Some("wlan lehrer-pc".into()), ..line("A104") },
    ];
    t.enter_rooms(id, &more, by(2)).expect("entered");
    let rooms = t.rooms(id).expect("rooms");
    let names: Vec<&str> = rooms.iter().map(|room| room.name.as_str()).collect();
    assert_eq!(names, ["A104", "A105", "B1"]);
    let expected =
        Room { sockets: Some(4), equipment: "wlan lehrer-pc".into(), version: 3, ..before[0].clone() };
    assert_eq!(rooms[0], expected, "kind and building stay");
    let buildings = t.buildings(id).expect("buildings");
    let named: Vec<&str> = buildings.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(named, ["Haus A", "Haus B"]);
    assert_eq!((rooms[1].building, rooms[2].building), (Some(house), Some(buildings[1].id)));
    // One that does not fit, and no room of the list is entered.
    for wrong in [
        SaidRoom { sockets: Some(-3), ..line("C2") },
        SaidRoom { building: Some(" ".into()), ..line("C2") },
        SaidRoom { equipment: Some("Passwort: Sommer2026".into()), ..line("C2") },
        line(" "),
    ] {
        assert!(t.enter_rooms(id, &[line("C1"), wrong.clone()], by(3)).is_err(), "{wrong:?}");
    }
    assert_eq!(t.rooms(id).expect("rooms"), rooms);
    assert_eq!(done(&t, id, &format!("room {}", rooms[0].id)), ["change", "change", "create"]);
    gone(t.enter_rooms(999, &[line("C1")], by(3)));
}

pub(super) fn links_and_documents_are_changed_and_removed(store: &Store) {
    let school = School::new(store);
    let (id, t) = (school.id, school.traeger.clone());
    let new = Link {
        technology: "fibre".into(),
        down_mbit: Some(500),
        status: "ordered".into(),
        role: "primary".into(),
        ..Link::default()
    };
    let link = t.save_link(id, &new, by(0)).expect("a link");
    let seen = t.links(id).expect("links").remove(0);
    t.save_link(id, &Link { status: "active".into(), ..seen.clone() }, by(1)).expect("it came");
    let stands = t.links(id).expect("links").remove(0);
    assert_eq!((stands.id, stands.version, stands.status.as_str()), (link, 2, "active"));
    stale(t.save_link(id, &Link { status: "planned".into(), ..seen }, by(1)));
    is_unfit(
        t.save_link(id, &Link { down_mbit: Some(-5), ..stands.clone() }, by(1)),
        "down",
        Problem::NoNumber,
    );
    is_unfit(t.save_link(id, &Link { up_mbit: Some(-5), ..stands.clone() }, by(1)), "up", Problem::NoNumber);
    assert!(
        t.save_link(id, &Link { provider: "Passwort: Sommer2026".into(), ..stands.clone() }, by(1)).is_err()
    );
    gone(t.save_link(id, &Link { site: Some(999), ..stands.clone() }, by(1)));
    // Saying the same again is no change.
    t.save_link(id, &stands, by(2)).expect("the same");
    t.remove_link(id, link, 2, by(3)).expect("removed");
    assert_eq!(done(&t, id, &format!("link {link}")), ["delete", "change", "create"]);
    let log = t.audit_log(&format!("link {link}")).expect("the log");
    assert!(log[1].before.contains("ordered") && log[1].after.contains("active"), "{log:?}");
    let new = Document { kind: "dsfa".into(), name: "DSFA Tablets".into(), ..Document::default() };
    let document = t.save_document(id, &new, by(0)).expect("a document");
    let seen = t.documents(id).expect("documents").remove(0);
    t.save_document(id, &Document { dated: Some("2026-02-03".into()), ..seen.clone() }, by(1))
        .expect("dated");
    stale(t.save_document(id, &Document { place: "Tresor".into(), ..seen.clone() }, by(1)));
    let day = Document { id: document, version: 2, dated: Some("31.12.2026".into()), ..seen };
    is_unfit(t.save_document(id, &day, by(1)), "dated", Problem::NoDay);
    stale(t.remove_document(id, document, 1, by(2)));
    t.remove_document(id, document, 2, by(2)).expect("removed");
    assert_eq!(done(&t, id, &format!("document {document}")), ["delete", "change", "create"]);
    gone(t.remove_document(id, document, 2, by(2)));
}

pub(super) fn what_is_said_of_a_school_is_one_truth(store: &Store) {
    let school = School::new(store);
    let (id, t) = (school.id, school.traeger.clone());
    let fact =
        |name: &str, value: &str, version| SaidFact { name: name.into(), value: value.into(), version };
    let pupils = || {
        let view = t.survey_view(id, day(9)).expect("a view");
        let said = view.facts.get("pupils").map(|fact| fact.value.clone());
        (t.school(id).expect("the school").entered.pupils, said)
    };
    assert_eq!(pupils(), (None, None));
    assert_eq!(
        t.enter_facts(id, &[fact("pupils", "1.050", 0), fact("spend", "4.060", 0)], by(1)).expect("said"),
        2
    );
    assert_eq!(pupils(), (Some(1050), Some("1050".to_owned())));
    stale(t.enter_facts(id, &[fact("spend", "5000", 1), fact("pupils", "1060", 0)], by(1)));
    assert_eq!(t.standing_facts(id).expect("facts")["spend"].value, "4.060", "nothing of it was written");
    is_unfit(t.enter_facts(id, &[fact("teachers", "viele", 0)], by(1)), "teachers", Problem::NoNumber);
    is_unfit(t.enter_facts(id, &[fact("pupils", "10,5", 1)], by(1)), "pupils", Problem::NoNumber);
    assert!(t.enter_facts(id, &[fact("support.first", "Passwort: Sommer2026", 0)], by(1)).is_err());
    t.enter_facts(id, &[fact("devices.pupil", "1 200", 0)], by(1)).expect("said");
    assert_eq!(t.standing_facts(id).expect("facts")["devices.pupil"].value, "1200");
    // The other way in says it in the same place.
    let change = SchoolChange { pupils: Some(900), ..SchoolChange::default() };
    t.change_school(id, &change, by(2)).expect("changed");
    assert_eq!(pupils(), (Some(900), Some("900".to_owned())));
    let stands = t.standing_facts(id).expect("facts")["pupils"].clone();
    assert_eq!((stands.value.as_str(), stands.version, stands.at), ("900", 2, day(2)));
    stale(t.enter_facts(id, &[fact("pupils", "1050", 1)], by(3)));
    t.enter_facts(id, &[fact("pupils", "", 2)], by(3)).expect("taken away");
    assert_eq!(pupils(), (None, None));
    assert_eq!(done(&t, id, &format!("fact pupils of school {id}")), ["delete", "change", "create"]);
    let log = t.audit_log(&format!("fact pupils of school {id}")).expect("the log");
    assert_eq!((log[1].before.as_str(), log[1].after.as_str()), ("\"1050\"", "\"900\""));
    // What the school is.
    let said = |commune: &str, version| SchoolChange {
        version,
        commune: Some(commune.into()),
        ..SchoolChange::default()
    };
    t.change_school(id, &said(" Halle ", Some(1)), by(4)).expect("changed");
    stale(t.change_school(id, &said("Werther", Some(1)), by(4)));
    t.change_school(id, &said("Halle", Some(1)), by(4)).expect("the same is no conflict");
    t.change_school(id, &said("Werther", Some(2)), by(5)).expect("changed");
    assert!(t.change_school(id, &said("Passwort: Sommer2026", Some(3)), by(5)).is_err());
    assert_eq!(done(&t, id, &format!("school {id}")), ["change", "change"]);
    let log = t.audit_log(&format!("school {id}")).expect("the log");
    assert!(log[0].before.contains("Halle") && log[0].after.contains("Werther"), "{log:?}");
    t.keep_lists(Some(id), &[("board", true), ("switch", false)], by(6)).expect("kept");
    t.keep_lists(Some(id), &[("board", true)], by(6)).expect("the same");
    t.keep_lists(Some(id), &[("board", false)], by(7)).expect("kept no more");
    assert_eq!(done(&t, id, &format!("list board of school {id}")), ["change", "change"]);
    assert_eq!(done(&t, id, &format!("list switch of school {id}")), [""; 0]);
}

pub(super) fn nothing_is_entered_for_a_school_that_is_none(store: &Store) {
    let school = School::new(store);
    let foreign = School::of(store, "Kreis B", "Schule B").traeger;
    let fact = SaidFact { name: "spend".into(), value: "1".into(), version: 0 };
    for (t, id) in [(&school.traeger, 999), (&foreign, school.id), (&school.traeger, 0)] {
        gone(t.keep_lists(Some(id), &[("board", true)], by(1)));
        gone(t.enter_facts(id, std::slice::from_ref(&fact), by(1)));
        gone(t.enter_fact(Some(id), "spend", "1", "K", day(1)));
        gone(t.change_school(id, &SchoolChange::default(), by(1)));
        gone(t.standing_facts(id));
        assert_eq!(t.export().expect("an export")["setting"].as_array().map(Vec::len), Some(0), "{id}");
    }
}

/// Two do the same at once: one is done, the other is told that somebody else was first.
pub(super) fn of_two_who_change_a_room_or_a_fact_at_once_one_is_told(store: &Store) {
    let school = School::new(store);
    let (id, t) = (school.id, school.traeger.clone());
    t.save_room(id, &Room { name: "A1".into(), ..Room::default() }, by(0)).expect("a room");
    for round in 0..10 {
        let room = t.rooms(id).expect("rooms").remove(0);
        let start = std::sync::Barrier::new(2);
        let write = |who: i64| {
            start.wait();
            let fact = SaidFact { name: "spend".into(), value: format!("{round} {who}"), version: round };
            let room = Room { kind: format!("{round} {who}"), ..room.clone() };
            (t.save_room(id, &room, by(1)).is_ok(), t.enter_facts(id, &[fact], by(1)).is_ok())
        };
        let [one, two] = std::thread::scope(|threads| {
            let (one, two) = (threads.spawn(|| write(1)), threads.spawn(|| write(2)));
            [one, two].map(|thread| thread.join().expect("no panic"))
        });
        assert!(one.0 != two.0 && one.1 != two.1, "{round}: {one:?} {two:?}");
    }
}
