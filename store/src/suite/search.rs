//! The search finds what people remember, typed as people type, and ranks alike on both engines.

use super::school::{School, day, device};
use crate::{DocumentedSystem, Room, Store};
use rundgang_inventory::{Value, vocabulary};
use std::collections::BTreeSet;

const BEAMER: &str = "00:26:ab:00:00:01";
const PRINTER: &str = "00:26:ab:00:00:02";

/// A school with two projectors, a door system, a domain, and a printer that nobody documented.
fn school(store: &Store) -> School {
    let mut school = School::new(store);
    let t = school.traeger.clone();
    let printer = device("10.0.0.2", PRINTER)
        .by("ipp")
        .says(&vocabulary::IPP_MAKE_AND_MODEL, Value::text("HP LaserJet M507"))
        .says(&vocabulary::IPP_SERIAL, Value::text("VNB3K12345"));
    let beamer = device("10.0.0.1", BEAMER)
        .by("pjlink")
        .says(&vocabulary::PJLINK_MANUFACTURER, Value::text("EPSON"))
        .says(&vocabulary::PJLINK_MODEL, Value::text("EB-L200F"));
    school.walk(&[beamer, printer], day(0), &["pjlink", "ipp"]);
    for name in ["A-104", "B 204"] {
        t.save_room(school.id, &Room { name: name.into(), ..Room::default() }, ("K", day(0)))
            .expect("a room");
    }
    let rooms = t.rooms(school.id).expect("rooms");
    let room = |name: &str| rooms.iter().find(|room| room.name == name).map(|room| room.id);
    let new = |name: &str, kind: &str| DocumentedSystem {
        school: school.id,
        name: name.into(),
        kind: kind.into(),
        hotline: format!("Hotline {name}"),
        ..DocumentedSystem::default()
    };
    let systems = [
        DocumentedSystem { room: room("A-104"), mac: BEAMER.into(), ..new("Epson Physik", "projector") },
        DocumentedSystem { room: room("B 204"), ..new("Epson Chemie", "projector") },
        DocumentedSystem { provider: "Müller & Söhne".into(), ..new("Türsprechanlage", "other") },
        DocumentedSystem { domain: "gesamtschule.example".into(), ..new("DNS und Mail", "service") },
    ];
    for system in &systems {
        t.save_system(system, "K", day(0)).expect("a system");
    }
    school
}

/// The names of what is found, in order.
fn found(school: &School, question: &str) -> Vec<String> {
    let hits = school.traeger.search(None, question, 10).expect("a search");
    assert!(hits.iter().all(|hit| hit.fits > 0.0 && hit.fits <= 1.0), "{question}: {hits:?}");
    let name = |hit: &crate::Hit| {
        let device = || hit.device.as_ref().map(crate::views::assets::AssetLine::label);
        hit.system.as_ref().map(|system| system.name.clone()).or_else(device).expect("a name")
    };
    hits.iter().map(name).collect()
}

pub(super) fn what_people_remember_is_found(store: &Store) {
    let school = school(store);
    let check = |question: &str, expected: &[&str]| {
        assert_eq!(found(&school, question), expected, "{question}");
    };
    check("Beamer 104", &["Epson Physik"]);
    check("Beamer A104", &["Epson Physik"]);
    check("beemer b 204", &["Epson Chemie"]);
    check("DNS", &["DNS und Mail"]);
    check("gesamtschule.example", &["DNS und Mail"]);
    check("gesamtschul", &["DNS und Mail"]);
    check("tuersprechanlage", &["Türsprechanlage"]);
    check("Tursprechanlge", &["Türsprechanlage"]);
    check("mueller soehne", &["Türsprechanlage"]);
    check("00-26-AB-00-00-01", &["Epson Physik"]);
    check("0026ab000002", &["HP LaserJet M507"]);
    check("vnb3k12345", &["HP LaserJet M507"]);
    check("VNB3K", &["HP LaserJet M507"]);
    check("vnb3k12354", &["HP LaserJet M507"]);
    check("Drucker", &["HP LaserJet M507"]);
    check("10.0.0.2", &["HP LaserJet M507"]);
    check("epson", &["Epson Physik", "Epson Chemie"]);
    check("epson 204", &["Epson Chemie"]);
    check("Waschmaschine", &[]);
    check("", &[]);
    check("%_'\"; --", &[]);
    let hit = school.traeger.search(Some(school.id), "Beamer 104", 1).expect("a search").remove(0);
    assert_eq!(hit.room.as_deref(), Some("A-104"));
    assert_eq!(hit.device.and_then(|device| device.mac).as_deref(), Some(BEAMER));
    assert_eq!(hit.system.map(|system| system.hotline).as_deref(), Some("Hotline Epson Physik"));
}

pub(super) fn the_search_follows_the_book(store: &Store) {
    let school = school(store);
    let t = school.traeger.clone();
    let other = School::of(store, "Kreis B", "Schule B");
    assert_eq!(found(&other, "Beamer 104"), [""; 0], "another Träger's book does not exist");
    let system = t.systems(school.id).expect("systems").into_iter().find(|s| s.name == "Epson Physik");
    let mut system = system.expect("the projector");
    system.name = "Laser Aula".into();
    system.hotline = String::new();
    t.save_system(&system, "K", day(1)).expect("renamed");
    assert_eq!(found(&school, "Physik"), [""; 0]);
    assert_eq!(found(&school, "laser aula"), ["Laser Aula"]);
    t.delete_system(system.id, 2, "K", day(1)).expect("deleted");
    assert_eq!(found(&school, "aula"), [""; 0]);
    assert_eq!(found(&school, BEAMER), ["Epson EB-L200F"], "its device stands for itself again");
    t.forget_mac(BEAMER.parse().expect("a MAC"), day(2)).expect("forgotten");
    assert_eq!(found(&school, BEAMER), [""; 0]);
    let words = t.export().expect("an export")["search_word"].to_string();
    assert!(!words.contains("0026ab000001") && !words.contains("l200f"), "no word is left: {words}");
    assert!(words.contains("0026ab000002"));
}

pub(super) fn a_forgotten_device_takes_its_words_from_its_system(store: &Store) {
    let school = school(store);
    let t = school.traeger.clone();
    assert_eq!(found(&school, "EB-L200F"), ["Epson Physik"], "a system is found by the words of its device");
    let device = t.assets_by_mac(BEAMER.parse().expect("a MAC")).expect("devices");
    t.forget_asset(device[0]).expect("forgotten");
    assert_eq!(found(&school, "EB-L200F"), [""; 0], "what an agent told is gone with the device");
    assert_eq!(found(&school, "Epson Physik"), ["Epson Physik"], "what a person typed is not");
    assert!(t.forget_asset(device[0]).is_ok(), "a second time there is nothing left");
}

pub(super) fn many_go_from_the_search_as_few_do(store: &Store) {
    let school = School::new(store);
    let t = school.traeger.clone();
    let named = |name: String| DocumentedSystem {
        school: school.id,
        name,
        status: "in-use".into(),
        ..DocumentedSystem::default()
    };
    let list = |first: usize, last: usize| -> Vec<crate::ListRow> {
        let row = |row: usize| crate::ListRow {
            row,
            system: named(format!("Gerät {row:03} aus Saal {:02}", row % 7)),
            room: None,
        };
        (first..last).map(row).collect()
    };
    let enter = |rows: &[crate::ListRow]| {
        t.enter_list("liste.csv", rows, &rundgang_inventory::lists::Mapping::default(), ("K", day(0)))
            .expect("entered")
    };
    let stays = enter(&list(0, 4));
    let words = || -> BTreeSet<String> {
        let all = t.export().expect("an export");
        let words = all["search_word"].as_array().expect("words").iter();
        words.map(|word| word["word"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let before = words();
    // Few are looked up word by word, many by the texts of the school: what is left is the same.
    for last in [9, 300] {
        let list = enter(&list(4, last)).list;
        assert_eq!(found(&school, "Gerät 008"), ["Gerät 008 aus Saal 01"]);
        t.take_list_back(list, "K", day(1)).expect("taken back");
        assert!(!found(&school, "Gerät 008").iter().any(|name| name.contains("008")), "after {last}");
        assert_eq!(words(), before, "after {last}");
    }
    assert_eq!((stays.systems, found(&school, "Gerät 002").len()), (4, 1));
}
