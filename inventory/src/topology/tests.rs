//! Small schools of switches, and who hangs where in them.

use super::*;
use crate::vocabulary::SNMP_POE_PORTS;

fn row(cells: &[(&str, Value)]) -> Row {
    cells.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn learned(mac: &str, port: i64, bridge_port: i64) -> Row {
    row(&[
        ("mac", Value::text(mac)),
        ("port", Value::Int(port)),
        ("bridge_port", Value::Int(bridge_port)),
        ("vlan", Value::Int(10)),
    ])
}

const ONE: &str = "00:11:32:00:00:01";
const TWO: &str = "00:11:32:00:00:02";
const BOARD: &str = "6c:dc:6a:00:00:01";
const PRINTER: &str = "00:17:c8:00:00:01";

fn mac(text: &str) -> Mac {
    text.parse().expect("a MAC")
}

/// Switch one: the printer on port 101, switch two and all behind it on 124. Switch two: the board on 7.
fn school() -> Vec<Switch> {
    let interfaces = |rows: &[(i64, &str, &str)]| {
        let rows = rows.iter().map(|(index, name, alias)| {
            row(&[("index", Value::Int(*index)), ("name", Value::text(name)), ("alias", Value::text(alias))])
        });
        Value::Table(rows.collect())
    };
    let others = row(&[("port", Value::Int(124)), ("count", Value::Int(30))]);
    let one = Fields::new()
        .with(&SNMP_INTERFACES, interfaces(&[(101, "A1", "Kopierraum"), (124, "A24", "Uplink")]))
        .with(
            &SNMP_FDB,
            Value::Table(vec![
                learned(PRINTER, 101, 1),
                learned(BOARD, 124, 24),
                learned(TWO, 124, 24),
                others,
            ]),
        )
        .with(
            &SNMP_POE_PORTS,
            Value::Table(vec![row(&[("port", Value::Int(1)), ("status", Value::text("delivering"))])]),
        );
    let two = Fields::new()
        .with(&SNMP_INTERFACES, interfaces(&[(7, "Gi0/7", "R 101 Tafel"), (24, "Gi0/24", "")]))
        .with(
            &SNMP_FDB,
            Value::Table(vec![learned(BOARD, 7, 7), learned(PRINTER, 24, 24), learned(ONE, 24, 24)]),
        );
    let mut switches = vec![
        Switch::read(Some(mac(ONE)), &one).expect("a switch"),
        Switch::read(Some(mac(TWO)), &two).expect("a switch"),
    ];
    mark_uplinks(&mut switches);
    switches
}

#[test]
fn a_device_hangs_on_the_port_that_leads_to_no_other_switch() {
    let switches = school();
    let check = |device: &str, expected: Option<(usize, i64)>| {
        assert_eq!(port_of(&switches, mac(device)), expected, "{device}");
    };
    check(BOARD, Some((1, 7)));
    check(PRINTER, Some((0, 101)));
    // A switch hangs where its neighbour knows it.
    check(TWO, Some((0, 124)));
    check("00:00:00:00:00:09", None);
    assert!(switches[0].ports[&124].is_uplink && !switches[0].ports[&101].is_uplink);
}

#[test]
fn a_port_tells_its_name_its_power_and_how_many_are_behind_it() {
    let switches = school();
    let port = &switches[0].ports[&101];
    assert_eq!((port.name.as_str(), port.poe.as_str()), ("A1", "delivering"), "{port:?}");
    assert_eq!(port.vlans, BTreeSet::from([10]));
    assert_eq!(switches[0].ports[&124].others, 30);
    assert_eq!(Switch::read(None, &Fields::new()), None);
}

#[test]
fn equal_knowledge_is_none() {
    let table = |port| {
        let fields = Fields::new().with(&SNMP_FDB, Value::Table(vec![learned(BOARD, port, port)]));
        Switch::read(None, &fields).expect("a switch")
    };
    assert_eq!(port_of(&[table(1), table(2)], mac(BOARD)), None);
}

#[test]
fn rooms_are_words() {
    let rooms = ["101", "R 101", "10"].map(str::to_owned);
    let check = |text: &str, expected: Option<&str>| {
        assert_eq!(room_in(text, &rooms).map(String::as_str), expected, "{text}");
    };
    check("R 101 Tafel", Some("R 101"));
    check("Dose 101/2", Some("101"));
    check("1101", None);
    check("", None);
}

#[test]
fn the_same_port_number_of_two_switches_in_a_stack_is_two_ports() {
    let socket = |group: i64, port: i64, status: &str| {
        row(&[("group", Value::Int(group)), ("port", Value::Int(port)), ("status", Value::text(status))])
    };
    let named = |index: i64, name: &str| row(&[("index", Value::Int(index)), ("name", Value::text(name))]);
    let check = |interfaces: &[(i64, &str)], sockets: Vec<Row>, expected: &[(i64, &str)]| {
        let interfaces = interfaces.iter().map(|(index, name)| named(*index, name)).collect();
        let fields = Fields::new()
            .with(&SNMP_INTERFACES, Value::Table(interfaces))
            .with(&SNMP_FDB, Value::Table(vec![learned(BOARD, 5, 5)]))
            .with(&SNMP_POE_PORTS, Value::Table(sockets));
        let switch = Switch::read(None, &fields).expect("a switch");
        let poe: Vec<(i64, &str)> = switch
            .ports
            .iter()
            .filter(|(_, port)| !port.poe.is_empty())
            .map(|(number, port)| (*number, port.poe.as_str()))
            .collect();
        assert_eq!(poe, expected);
    };
    let two = || vec![socket(1, 5, "delivering"), socket(2, 5, "disabled")];
    let cisco = [(5, "Gi1/0/5"), (55, "Gi2/0/5"), (57, "Te2/1/5")];
    check(&cisco, two(), &[(5, "delivering"), (55, "disabled")]);
    // Names that tell no unit: neither port is told what may be the other's.
    check(&[(5, "5"), (55, "55")], two(), &[]);
    // Numbers that run on through the stack need no unit.
    check(
        &[(5, "5"), (55, "55")],
        vec![socket(1, 5, "delivering"), socket(2, 55, "disabled")],
        &[(5, "delivering"), (55, "disabled")],
    );
    check(&[(5, "A5")], vec![socket(1, 5, "delivering")], &[(5, "delivering")]);
}

#[test]
fn a_forwarding_table_that_was_cut_places_nobody() {
    let fields = Fields::new()
        .with(&SNMP_FDB, Value::Table(vec![learned(BOARD, 7, 7)]))
        .with(&SNMP_TRUNCATED, Value::List(vec!["fdb".to_owned()]));
    let cut = Switch::read(None, &fields).expect("a switch");
    assert_eq!(port_of(&[cut], mac(BOARD)), None);
    // Kept for itself, it still says so.
    let kept = Fields::new().with(&SNMP_FDB, part(Value::Table(vec![learned(BOARD, 7, 7)])));
    assert_eq!(port_of(&[Switch::read(None, &kept).expect("a switch")], mac(BOARD)), None);
    // Who names itself on a port is there all the same.
    let neighbour = row(&[("mac", Value::text(BOARD)), ("port", Value::Int(7))]);
    let fields = fields.with(&SNMP_LLDP_NEIGHBOURS, Value::Table(vec![neighbour]));
    let told = Switch::read(None, &fields).expect("a switch");
    assert_eq!(port_of(&[told], mac(BOARD)), Some((0, 7)));
    let whole = Fields::new()
        .with(&SNMP_FDB, Value::Table(vec![learned(BOARD, 7, 7)]))
        .with(&SNMP_TRUNCATED, Value::List(vec!["entity".to_owned()]));
    assert_eq!(port_of(&[Switch::read(None, &whole).expect("a switch")], mac(BOARD)), Some((0, 7)));
}

#[test]
fn a_neighbour_is_on_the_interface_that_the_device_names() {
    let named = |index: i64, name: &str| row(&[("index", Value::Int(index)), ("name", Value::text(name))]);
    let heard = |interface: Option<i64>| {
        let mut row = row(&[("mac", Value::text(TWO)), ("port", Value::Int(7))]);
        row.extend(interface.map(|number| ("interface".to_owned(), Value::Int(number))));
        row
    };
    let check = |interface: Option<i64>, bridge: (i64, i64), expected: Option<i64>| {
        let fields = Fields::new()
            .with(&SNMP_INTERFACES, Value::Table(vec![named(7, "Gi0/7"), named(10, "Gi0/10")]))
            .with(&SNMP_FDB, Value::Table(vec![learned(BOARD, bridge.1, bridge.0)]))
            .with(&SNMP_LLDP_NEIGHBOURS, Value::Table(vec![heard(interface)]));
        let switch = Switch::read(None, &fields).expect("a switch");
        let on = switch.ports.iter().find(|(_, port)| !port.neighbours.is_empty()).map(|(number, _)| *number);
        assert_eq!(on, expected, "{interface:?} {bridge:?}");
    };
    check(Some(7), (7, 10), Some(7));
    // Port 7 may be the bridge's seventh, which is interface 10, or interface 7.
    check(None, (7, 10), None);
    check(None, (7, 7), Some(7));
    check(None, (3, 10), Some(7));
}

#[test]
fn an_idle_port_tells_its_vlan_and_the_vlan_its_name() {
    let fields = Fields::new()
        .with(
            &SNMP_INTERFACES,
            Value::Table(vec![row(&[("index", Value::Int(9)), ("name", Value::text("Gi0/9"))])]),
        )
        .with(&SNMP_FDB, Value::Table(vec![learned(BOARD, 7, 7)]))
        .with(&SNMP_PORT_VLANS, Value::Table(vec![row(&[("port", Value::Int(9)), ("pvid", Value::Int(20))])]))
        .with(
            &SNMP_VLANS,
            Value::Table(vec![row(&[("vlan", Value::Int(20)), ("name", Value::text("Unterricht"))])]),
        );
    let switch = Switch::read(None, &fields).expect("a switch");
    assert_eq!((switch.ports[&9].pvid, switch.vlan_names[&20].as_str()), (Some(20), "Unterricht"));
}
