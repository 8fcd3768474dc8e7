//! Which switch port leads where, from what two switches tell.

use super::school::{School, day, device};
use crate::{Room, Store};
use rundgang_inventory::{Row, Value, vocabulary as v};

fn rows(rows: &[&[(&str, Value)]]) -> Value {
    let row = |cells: &&[(&str, Value)]| -> Row {
        cells.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    };
    Value::Table(rows.iter().map(row).collect())
}

const SWITCH: &str = "00:11:32:00:00:01";
const ACCESS: &str = "00:11:32:00:00:02";
const BOARD: &str = "6c:dc:6a:00:00:03";

pub(super) fn a_device_is_found_on_its_port_and_in_its_room(store: &Store) {
    let mut school = School::new(store);
    let t = school.traeger.clone();
    t.save_room(school.id, &Room { name: "101".into(), ..Room::default() }, ("K", day(0))).expect("a room");
    let text = |text: &str| Value::text(text);
    let learned = |mac: &str, port: i64| [("mac", text(mac)), ("port", Value::Int(port))];
    let core = device("10.0.0.1", SWITCH)
        .says(&v::SNMP_SYS_NAME, text("core"))
        .says(&v::SNMP_FDB, rows(&[&learned(BOARD, 24), &learned(ACCESS, 24)]))
        .by("snmp-walk");
    let access = device("10.0.0.2", ACCESS)
        .says(&v::SNMP_SYS_NAME, text("etage1"))
        .says(
            &v::SNMP_INTERFACES,
            rows(&[&[("index", Value::Int(7)), ("name", text("Gi0/7")), ("alias", text("Raum 101 Tafel"))]]),
        )
        .says(
            &v::SNMP_FDB,
            rows(&[
                &learned(BOARD, 7),
                &learned(SWITCH, 24),
                &[("port", Value::Int(24)), ("count", Value::Int(31))],
            ]),
        )
        .by("snmp-walk");
    school.walk(&[core, access, device("10.0.0.3", BOARD)], day(0), &["snmp-walk", "sweep"]);
    let [core, access, board] = school.asset_ids()[..] else { panic!("three assets") };
    let wiring = t.wiring(school.id).expect("the wiring");
    let plugged = &wiring.plugged[&board];
    assert_eq!((plugged.switch.0, plugged.port.as_str()), (access, "Gi0/7"));
    assert_eq!(plugged.room.as_deref(), Some("101"));
    assert_eq!(wiring.plugged.get(&access).map(|plugged| plugged.switch.0), Some(core));
    let lines = &wiring.switches[&access];
    let shown: Vec<_> = lines
        .iter()
        .map(|line| (line.name.as_str(), line.is_uplink, line.others, line.devices.len()))
        .collect();
    assert_eq!(shown, [("Gi0/7", false, 0, 1), ("24", true, 31, 1)]);
}

pub(super) fn an_idle_port_tells_its_vlan_and_a_table_that_was_cut_places_nobody(store: &Store) {
    let mut school = School::new(store);
    let t = school.traeger.clone();
    let (text, int) = (|text: &str| Value::text(text), Value::Int);
    let port = |index: i64, name: &str| [("index", int(index)), ("name", text(name))];
    let switch = device("10.0.0.1", SWITCH)
        .says(&v::SNMP_INTERFACES, rows(&[&port(7, "Gi0/7"), &port(9, "Gi0/9")]))
        .says(&v::SNMP_FDB, rows(&[&[("mac", text(BOARD)), ("port", int(7)), ("vlan", int(10))]]))
        .says(
            &v::SNMP_PORT_VLANS,
            rows(&[&[("port", int(7)), ("pvid", int(10))], &[("port", int(9)), ("pvid", int(20))]]),
        )
        .says(&v::SNMP_VLANS, rows(&[&[("vlan", int(20)), ("name", text("Unterricht"))]]))
        .says(&v::SNMP_TRUNCATED, Value::List(vec!["fdb".to_owned()]))
        .by("snmp-walk");
    school.walk(&[switch, device("10.0.0.3", BOARD)], day(0), &["snmp-walk", "sweep"]);
    let [switch, board] = school.asset_ids()[..] else { panic!("two assets") };
    let wiring = t.wiring(school.id).expect("the wiring");
    assert!(wiring.partial.contains(&switch) && !wiring.plugged.contains_key(&board));
    let shown: Vec<_> =
        wiring.switches[&switch].iter().map(|line| (line.name.as_str(), line.vlans.clone())).collect();
    let vlan = |number: i64, name: &str| vec![(number, name.to_owned())];
    assert_eq!(shown, [("Gi0/7", vlan(10, "")), ("Gi0/9", vlan(20, "Unterricht"))]);
}

pub(super) fn a_table_that_was_cut_in_the_morning_gives_way_to_the_whole_one(store: &Store) {
    let mut school = School::new(store);
    let t = school.traeger.clone();
    let learned = |port: i64| rows(&[&[("mac", Value::text(BOARD)), ("port", Value::Int(port))]]);
    let switch = || device("10.0.0.1", SWITCH).by("snmp-walk");
    let part = switch()
        .says(&v::SNMP_FDB, learned(24))
        .says(&v::SNMP_TRUNCATED, Value::List(vec!["fdb".to_owned()]));
    let probes = ["snmp-walk", "sweep"];
    school.walk(&[part, device("10.0.0.3", BOARD)], day(0), &probes);
    // A walk that gets nothing of the table says nothing of its end either.
    school.walk(&[switch().says(&v::SNMP_SYS_NAME, Value::text("etage1"))], day(0), &probes);
    assert!(t.wiring(school.id).expect("the wiring").plugged.is_empty());
    school.walk(&[switch().says(&v::SNMP_FDB, learned(7))], day(0), &probes);
    let plugged = t.wiring(school.id).expect("the wiring").plugged;
    assert_eq!(plugged.values().map(|plugged| plugged.port.as_str()).collect::<Vec<_>>(), ["7"]);
}
