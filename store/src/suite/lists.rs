//! Lists enter the register whole or not at all, meet the devices that were found, and can be taken back.

use super::school::{School, day, device};
use crate::{DocumentedSystem, Entered, ListRow, NewSchool, Room, Store};
use rundgang_inventory::{Value, lists::Mapping, vocabulary};
use std::time::Instant;

const PRINTER: &str = "00:26:ab:00:00:02";

fn row(school: &School, row: usize, name: &str) -> ListRow {
    let system = DocumentedSystem {
        school: school.id,
        name: name.into(),
        status: "in-use".into(),
        ..DocumentedSystem::default()
    };
    ListRow { row, system, room: Some("A-104".into()) }
}

fn walked(store: &Store) -> School {
    let mut school = School::new(store);
    let printer = device("10.0.0.2", PRINTER)
        .by("ipp")
        .says(&vocabulary::IPP_MAKE_AND_MODEL, Value::text("HP LaserJet M507"))
        .says(&vocabulary::IPP_SERIAL, Value::text("VNB3K12345"));
    school.walk(&[printer, device("10.0.0.3", "00:26:ab:00:00:03")], day(0), &["sweep", "ipp"]);
    school
}

pub(super) fn a_list_is_entered_whole_or_not_at_all(store: &Store) {
    let school = walked(store);
    let t = &school.traeger;
    let mut printer = row(&school, 2, "Drucker Sekretariat");
    printer.system.serial = "vnb3k12345".into();
    printer.room = None;
    let mut torn = row(&school, 3, "Beamer");
    torn.system.purchased = Some("1.10.2026".into());
    let error = t
        .enter_list("liste.csv", &[printer.clone(), torn], &Mapping::default(), ("K", day(1)))
        .expect_err("refused");
    assert!(error.to_string().contains("row 3: purchased"), "{error}");
    refuses_secrets_in_every_text(&school);
    assert_eq!(t.systems(school.id).expect("systems"), [], "nothing of it was entered");
    assert_eq!(t.lists(None).expect("lists"), []);

    let list = [printer.clone(), row(&school, 3, "Beamer")];
    let looked = t.look_at_list(&list).expect("a look");
    assert_eq!(looked, Entered { list: 0, systems: 2, rooms: 1, known: Vec::new() });
    assert_eq!(t.systems(school.id).expect("systems"), [], "looking writes nothing");
    let undocumented = school.open_of("asset.undocumented");
    let entered = t.enter_list("liste.csv", &list, &Mapping::default(), ("K", day(1))).expect("entered");
    assert_eq!(Entered { list: 0, ..entered.clone() }, looked);
    let systems = t.systems(school.id).expect("systems");
    assert_eq!(
        systems.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(),
        ["Beamer", "Drucker Sekretariat"]
    );
    let rooms = t.rooms(school.id).expect("rooms");
    assert_eq!((rooms[0].name.as_str(), systems[0].room), ("A-104", Some(rooms[0].id)));
    assert!(
        t.device_of_system(systems[1].id).expect("a device").is_some(),
        "the walked device is met by its serial"
    );
    assert_eq!(school.open_of("asset.undocumented"), undocumented - 1);
    assert_eq!(t.audit_log(&format!("system {}", systems[0].id)).expect("the log")[0].who, "K");
    assert_eq!(t.search(None, "Drucker Sekretariat", 5).expect("hits").len(), 1, "and it is found");

    // The same list once more: what names a device is known; what has no number is a second thing.
    let again = t.look_at_list(&list).expect("a look");
    assert_eq!(again.known, [(2, systems[1].id)]);
    assert_eq!((again.systems, again.rooms), (1, 0));
    let other = School::of(store, "Kreis B", "Schule B");
    assert_eq!(other.traeger.lists(None).expect("lists"), []);
    assert!(other.traeger.take_list_back(entered.list, "X", day(2)).is_err_and(|e| e.is_not_found()));
    let foreign =
        ListRow { system: DocumentedSystem { school: other.id, ..printer.system }, row: 2, room: None };
    assert!(
        t.enter_list("fremd.csv", &[foreign], &Mapping::default(), ("K", day(2)))
            .is_err_and(|e| e.is_not_found())
    );
    let mut mapping = Mapping::default();
    mapping.say("Inv.-Nr.=notes").expect("a mapping");
    let nothing_new = t.enter_list("liste.csv", &list[..1], &mapping, ("K", day(2))).expect("nothing new");
    assert_eq!((nothing_new.list, nothing_new.systems, nothing_new.known.len()), (0, 0, 1));
    assert_eq!(t.lists(None).expect("lists").len(), 1, "a list in which nothing is new leaves no trace");
    assert!(t.headings(Some(school.id)).expect("the headings").is_empty());
    let one = [row(&school, 2, "Tafel")];
    t.enter_list("liste.csv", &one, &mapping, ("K", day(2))).expect("entered");
    let mut more = Mapping::default();
    more.say("Preis=-").expect("a mapping");
    t.enter_list("liste.csv", &one, &more, ("K", day(2))).expect("entered");
    mapping.merge(&more);
    assert_eq!(t.headings(Some(school.id)).expect("the headings"), mapping, "what was said before is kept");
    let second = NewSchool { name: "Zweite Schule".into(), ..NewSchool::default() };
    let second = t.ensure_school(&second, day(2)).expect("a school");
    assert!(t.headings(Some(second)).expect("the headings").is_empty(), "every school has lists of its own");
    assert_eq!(t.lists(Some(school.id)).expect("lists").len(), 3);
    assert_eq!(t.lists(Some(second)).expect("lists"), []);
    let there = ListRow {
        system: DocumentedSystem { school: second, ..row(&school, 3, "Tafel").system },
        ..row(&school, 3, "Tafel")
    };
    let mut both = Mapping::default();
    both.say("Farbe=-").expect("a mapping");
    t.enter_list("beide.csv", &[row(&school, 2, "Tafel"), there], &both, ("K", day(2))).expect("entered");
    assert_eq!(t.headings(Some(second)).expect("the headings"), both, "a list of several is the Träger's");
    assert_eq!(t.lists(Some(second)).expect("lists"), [], "and is taken back by the Träger alone");
    assert!(other.traeger.headings(Some(other.id)).expect("the headings").is_empty());
}

fn refuses_secrets_in_every_text(school: &School) {
    let secret = || "Passwort: Sommer2026".to_owned();
    let mut rows: Vec<ListRow> = (2..7).map(|n| row(school, n, "Gerät")).collect();
    rows[0].room = Some(secret());
    rows[1].system.serial = secret();
    rows[2].system.segment = secret();
    rows[3].system.domain = secret();
    rows[4].system.kind = secret();
    let told = [
        school.traeger.look_at_list(&rows).expect_err("refused"),
        school
            .traeger
            .enter_list("liste.csv", &rows, &Mapping::default(), ("K", day(1)))
            .expect_err("refused"),
    ];
    for error in told.map(|error| error.to_string()) {
        for wrong in ["row 2: room", "row 3: serial", "row 4: segment", "row 5: domain", "row 6: kind"] {
            assert!(error.contains(wrong), "{error}");
        }
        assert!(!error.contains("Sommer2026"), "{error}");
    }
}

/// The register and a list give the same answer to the question whether a device has its entry.
pub(super) fn one_device_one_entry(store: &Store) {
    let school = School::new(store);
    let t = &school.traeger;
    let system = |name: &str, kind: &str, serial: &str, mac: &str| {
        let mut row = row(&school, 2, name);
        row.system = DocumentedSystem {
            kind: kind.into(),
            serial: serial.into(),
            mac: mac.into(),
            ..row.system.clone()
        };
        row
    };
    let mut gone = system("Alter Drucker", "printer", "S2", "");
    gone.system.status = "retired".into();
    let there =
        [system("Server", "server", "S1", PRINTER), gone, system("Epson EB-L200F", "projector", "S3", "")];
    t.enter_list("liste.csv", &there, &Mapping::default(), ("K", day(1))).expect("entered");
    let check = |row: ListRow, known: Option<&'static str>| {
        let looked = t.look_at_list(std::slice::from_ref(&row)).expect("a look");
        assert_eq!(looked.known.len(), usize::from(known.is_some()), "{:?}", row.system);
        let said = t.document(&row.system, "K", day(2)).err().map(|error| error.to_string());
        assert_eq!(said.is_some(), known.is_some(), "{:?}: {said:?}", row.system);
        if let (Some(said), Some(field)) = (said, known) {
            assert!(said.contains(field), "{said}");
        }
    };
    check(system("Zweiter Server", "server", "", "0026AB000002"), Some("mac"));
    check(system("Zweiter Server", "", " s1 ", ""), Some("serial"));
    check(system("server", "service", "S1", ""), Some("serial"));
    check(system("Lernplattform", "service", "S1", PRINTER), None);
    check(system("Drucker, wieder da", "printer", "S2", ""), None);
    check(system("HP LaserJet", "printer", "S3", ""), None);
    check(system("Epson", "projector", "S3", ""), Some("serial"));
    check(system("Beamer", "projector", "S3", ""), Some("serial"));
}

pub(super) fn a_list_is_taken_back(store: &Store) {
    let school = walked(store);
    let t = &school.traeger;
    let before = school.open();
    let mut rows: Vec<ListRow> = (2..6).map(|n| row(&school, n, &format!("Gerät {n}"))).collect();
    rows[0].system.serial = "VNB3K12345".into();
    rows[1].room = Some("B-1".into());
    let first = t.enter_list("liste.csv", &rows, &Mapping::default(), ("K", day(1))).expect("entered");
    assert_ne!(school.open(), before);
    let taken = t.take_list_back(first.list, "K", day(2)).expect("taken back");
    assert_eq!((taken.systems, taken.rooms), (4, 2));
    assert_eq!(t.systems(school.id).expect("systems"), []);
    assert_eq!(t.rooms(school.id).expect("rooms"), []);
    assert_eq!(school.open(), before, "the gaps stand again as before");
    assert!(t.search(None, "Gerät", 5).expect("hits").is_empty());
    let again = t.take_list_back(first.list, "K", day(2)).expect_err("once only");
    assert!(again.to_string().contains("taken back before"), "{again}");

    let second = t.enter_list("liste.csv", &rows, &Mapping::default(), ("K", day(3))).expect("entered");
    let mut changed = t.systems(school.id).expect("systems").remove(0);
    changed.owner = "IT-Koordination".into();
    t.save_system(&changed, "K", day(4)).expect("a change");
    let refused = t.take_list_back(second.list, "K", day(5)).expect_err("somebody's work");
    assert!(
        refused.to_string().contains("1 systems of this list were changed since (such as 'Gerät 2')"),
        "{refused}"
    );
    assert_eq!(t.systems(school.id).expect("systems").len(), 4, "nothing of it was taken back");
    t.delete_system(changed.id, 2, "K", day(5)).expect("deleted");
    let b1 =
        t.rooms(school.id).expect("rooms").into_iter().find(|room| room.name == "B-1").expect("the room");
    t.save_room(school.id, &Room { kind: "class".into(), ..b1 }, ("K", day(3))).expect("a person says more");
    let taken = t.take_list_back(second.list, "K", day(6)).expect("taken back");
    assert_eq!(taken.systems, 3);
    let left: Vec<String> = t.rooms(school.id).expect("rooms").into_iter().map(|room| room.name).collect();
    assert!(left.contains(&"B-1".to_owned()), "{left:?}");
    assert_eq!(
        t.lists(None).expect("lists").iter().map(|list| (list.systems, list.undone)).collect::<Vec<_>>(),
        [(4, Some(day(6))), (4, Some(day(2))),]
    );
}

pub(super) fn ten_thousand_rows_are_entered_quickly(store: &Store) {
    let school = walked(store);
    let rows: Vec<ListRow> = (2..10_002)
        .map(|n| {
            let mut row = row(&school, n, &format!("Gerät {n}"));
            row.system.serial = format!("SN{n:06}");
            row.room = Some(format!("R{}", n % 100));
            row
        })
        .collect();
    let begin = Instant::now();
    let entered =
        school.traeger.enter_list("liste.csv", &rows, &Mapping::default(), ("K", day(1))).expect("entered");
    let took = begin.elapsed();
    println!("10,000 rows entered in {} ms", took.as_millis());
    assert_eq!((entered.systems, entered.rooms), (10_000, 100));
    // Three times what it takes here on a busy machine: this catches work that grows with the square, no slow disk.
    assert!(took.as_secs() < 40, "{took:?}");
    let hits = school.traeger.search(None, "SN004711", 5).expect("hits");
    assert_eq!(hits[0].system.as_ref().map(|system| system.name.as_str()), Some("Gerät 4711"));
    let begin = Instant::now();
    let gone = school.traeger.take_list_back(entered.list, "K", day(2)).expect("taken back");
    let took = begin.elapsed();
    println!("10,000 rows taken back in {} ms", took.as_millis());
    assert_eq!((gone.systems, gone.rooms), (10_000, 100));
    assert!(took.as_secs() < 40, "{took:?}");
}
