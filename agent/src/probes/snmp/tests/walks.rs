//! Whole walks over played switches, routers and printers: large ones, odd ones, and such as keep silent in between.

use super::*;
use rundgang_wire::snmp::Community;

/// A device made of columns: `column.row = value`.
#[derive(Default)]
struct Device(responder::Table);

impl Device {
    fn with(mut self, oid: &str, value: Value) -> Self {
        self.0.insert(oid.parse().unwrap(), value);
        self
    }

    fn column(
        mut self,
        column: &str,
        rows: std::ops::RangeInclusive<u32>,
        value: impl Fn(u32) -> Value,
    ) -> Self {
        let column: Oid = column.parse().unwrap();
        self.0.extend(rows.map(|row| (column.child(&[row]), value(row))));
        self
    }

    /// So many interfaces, each a bridge port of the same number.
    fn ports(self, many: u32) -> Self {
        self.column("1.3.6.1.2.1.2.2.1.2", 1..=many, |row| text(&format!("port {row}")))
            .column("1.3.6.1.2.1.2.2.1.3", 1..=many, |_| Value::Integer(6))
            .column("1.3.6.1.2.1.31.1.1.1.1", 1..=many, |row| text(&format!("Gi0/{row}")))
            .column("1.3.6.1.2.1.17.1.4.1.2", 1..=many, |row| Value::Integer(row.into()))
    }

    /// So many learned addresses in a filtering database, all on one port.
    fn learned(mut self, database: u32, many: u32, port: i64) -> Self {
        for row in 0..many {
            let index = [database, 0, 0x11, 0x32, row >> 16, (row >> 8) & 0xff, row & 0xff];
            for (column, value) in [(2, port), (3, 3)] {
                let oid = Oid::new(&[1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1, column]).child(&index);
                self.0.insert(oid, Value::Integer(value));
            }
        }
        self
    }

    /// A neighbour of this name on the LLDP port.
    fn neighbour(self, port: u32, name: &str) -> Self {
        let cell = |column: u32| format!("1.0.8802.1.1.2.1.4.1.1.{column}.0.{port}.1");
        self.with(&cell(4), Value::Integer(4))
            .with(&cell(5), Value::Octets(vec![0x00, 0x26, 0xab, 0, 0, u8::try_from(port).unwrap()]))
            .with(&cell(9), text(name))
    }

    fn walk(&self, kind: Kind, id: &str, settings: &Settings) -> (Fields, usize) {
        play(&SNMP_WALK, &known(kind, id), settings, respond(&self.0))
    }
}

const CATALYST: &str = "1.3.6.1.4.1.9.1.615";
const SWITCH: &str = "1.3.6.1.4.1.4526.100";

fn v1() -> Settings {
    settings(SnmpSecret::V1(COMMUNITY.to_owned()))
}

fn count(fields: &Fields, field: &'static rundgang_inventory::Field) -> usize {
    match fields.get(field) {
        Some(Field::Table(rows)) => rows.len(),
        _ => 0,
    }
}

fn cut(fields: &Fields) -> Vec<String> {
    match fields.get(&v::SNMP_TRUNCATED) {
        Some(Field::List(tables)) => tables.clone(),
        _ => Vec::new(),
    }
}

/// How many variables an answer holds.
fn variables(answer: &[u8]) -> usize {
    Community::read_answer(answer).unwrap().1.bindings.len()
}

#[test]
fn a_lost_answer_ends_neither_its_table_nor_the_walk() {
    let device = Device::default().ports(30).learned(1, 50, 7).neighbour(7, "sw-og");
    // Whatever answer would be long gets lost on its way, as behind a tunnel.
    let short_alone = |most: usize| {
        let table = &device.0;
        move |number: usize, request: &[u8]| {
            respond(table)(number, request).filter(|answer| variables(answer) <= most)
        }
    };
    let (fields, sent) = play(&SNMP_WALK, &known(Kind::Switch, SWITCH), &v2c(), short_alone(12));
    assert_eq!(count(&fields, &v::SNMP_INTERFACES), 30);
    assert_eq!(count(&fields, &v::SNMP_FDB), 50);
    assert_eq!(row(&fields, &v::SNMP_LLDP_NEIGHBOURS, 0).split("sys_name=").nth(1), Some("sw-og"));
    assert_eq!(cut(&fields), [""; 0]);
    assert!(sent < 120, "{sent}");
    // One table alone about which the device is silent, however it is asked.
    let (fields, _) = play(&SNMP_WALK, &known(Kind::Switch, SWITCH), &v2c(), |number, request| {
        let interfaces = [0x2b, 6, 1, 2, 1, 2, 2, 1];
        let about = request.windows(interfaces.len()).any(|octets| octets == interfaces);
        if about { None } else { respond(&device.0)(number, request) }
    });
    assert_eq!((count(&fields, &v::SNMP_FDB), count(&fields, &v::SNMP_LLDP_NEIGHBOURS)), (50, 1));
}

#[test]
fn a_device_that_has_fallen_silent_is_left_alone() {
    let device = Device::default().ports(30).learned(1, 50, 7);
    let (fields, sent) = play(&SNMP_WALK, &known(Kind::Switch, SWITCH), &v2c(), |number, request| {
        if number > 3 { None } else { respond(&device.0)(number, request) }
    });
    assert!(count(&fields, &v::SNMP_INTERFACES) > 0, "what it told before counts");
    // Each question is sent twice: smaller, smaller still, and one of the next table.
    assert!(sent <= 3 + 8, "{sent}");
    // What it was not asked for any more is not known to be whole.
    assert!(["fdb", "vlans"].iter().all(|table| cut(&fields).iter().any(|name| name == table)), "{fields:?}");
}

#[test]
fn a_device_that_dies_while_values_are_got_is_asked_three_more_questions() {
    let device = Device::default()
        .column("1.3.6.1.2.1.47.1.1.1.1.5", 1..=60, |_| Value::Integer(3))
        .column("1.3.6.1.2.1.47.1.1.1.1.11", 1..=60, |row| text(&format!("S{row}")))
        .ports(30);
    let died = std::cell::Cell::new(0);
    let (_, sent) = play(&SNMP_WALK, &known(Kind::Switch, SWITCH), &v2c(), |number, request| {
        // Behind the table of parts, their values are got by name: behind the community stands the tag of a Get.
        let get = [COMMUNITY.as_bytes(), &[0xa0]].concat();
        if died.get() == 0 && request.windows(get.len()).any(|octets| octets == get) {
            died.set(number);
        }
        if died.get() > 0 { None } else { respond(&device.0)(number, request) }
    });
    // Each question goes twice.
    assert!(died.get() > 1, "values were got by name");
    assert!(sent - died.get() < 2 * 3, "{sent} {}", died.get());
}

#[test]
fn a_stack_and_a_flat_network_are_read_whole_and_what_is_longer_says_so() {
    let device = Device::default().ports(156).learned(1, 900, 7).neighbour(7, "sw-og");
    let (fields, sent) = device.walk(Kind::Switch, SWITCH, &v2c());
    assert_eq!((count(&fields, &v::SNMP_INTERFACES), count(&fields, &v::SNMP_FDB)), (156, 900));
    assert_eq!(cut(&fields), [""; 0]);
    assert!(sent <= 120, "{sent}");
    let (fields, sent) = Device::default().ports(8).learned(1, 9000, 7).walk(Kind::Switch, SWITCH, &v2c());
    assert!(count(&fields, &v::SNMP_FDB) <= 8192);
    assert_eq!(cut(&fields), ["fdb"]);
    assert!(sent <= 560, "{sent}");
}

#[test]
fn a_large_chassis_over_version_1_tells_its_neighbours_and_addresses() {
    let device = Device::default()
        .column("1.3.6.1.2.1.47.1.1.1.1.5", 1..=400, |_| Value::Integer(10))
        .column("1.3.6.1.2.1.47.1.1.1.1.11", 1..=400, |_| text(""))
        .ports(156)
        .learned(1, 100, 7)
        .neighbour(7, "sw-og");
    let (fields, sent) = device.walk(Kind::Switch, SWITCH, &v1());
    assert_eq!((count(&fields, &v::SNMP_LLDP_NEIGHBOURS), count(&fields, &v::SNMP_FDB)), (1, 100));
    assert!(cut(&fields).contains(&"interfaces".to_owned()), "{:?}", cut(&fields));
    assert!(sent <= 560, "{sent}");
}

#[test]
fn a_neighbour_is_on_the_interface_whose_name_lldp_tells() {
    let check = |subtype: i64, id: &str, descr: &str, expected: Option<i64>| {
        let device = Device::default()
            .ports(12)
            .neighbour(7, "sw-og")
            .with("1.0.8802.1.1.2.1.3.7.1.2.7", Value::Integer(subtype))
            .with("1.0.8802.1.1.2.1.3.7.1.3.7", text(id))
            .with("1.0.8802.1.1.2.1.3.7.1.4.7", text(descr));
        let (fields, _) = device.walk(Kind::Switch, SWITCH, &v2c());
        let Some(Field::Table(rows)) = fields.get(&v::SNMP_LLDP_NEIGHBOURS) else { panic!("no neighbours") };
        assert_eq!(rows[0].get("interface").and_then(Field::as_int), expected, "{subtype} {id} {descr}");
    };
    check(5, "gi0/10", "", Some(10));
    check(5, "port 11", "", Some(11));
    check(7, "anything", "Gi0/3", Some(3));
    // The number of the port itself, which then is the interface's.
    check(7, "7", "", Some(7));
    check(7, "9", "", None);
    check(5, "Gi9/9", "no such", None);
}

#[test]
fn a_switch_that_speaks_cdp_alone_has_neighbours() {
    let cell = |column: u32, index: &str| format!("1.3.6.1.4.1.9.9.23.1.2.1.1.{column}.{index}");
    let device = Device::default()
        .ports(24)
        .with(&cell(4, "10.1"), Value::Octets(vec![10, 1, 0, 2]))
        .with(&cell(6, "10.1"), text("sw-og2.schule.example"))
        .with(&cell(7, "10.1"), text("GigabitEthernet0/24"))
        .with(&cell(8, "10.1"), text("cisco WS-C2960X-48FPS-L"))
        .with(&cell(6, "11.1"), text("switch"))
        .with(&cell(6, "12.1"), Value::Octets(vec![0, 0x26, 0xab, 0, 0, 9]));
    let (fields, _) = device.walk(Kind::Switch, CATALYST, &v2c());
    let rows: Vec<String> = (0..4).map(|at| row(&fields, &v::SNMP_LLDP_NEIGHBOURS, at)).collect();
    assert_eq!(
        rows,
        [
            "interface=10 ip=10.1.0.2 port=10 port_id=GigabitEthernet0/24 sys_descr=cisco WS-C2960X-48FPS-L \
             sys_name=sw-og2.schule.example",
            "interface=11 port=11 sys_name=switch",
            "interface=12 mac=00:26:ab:00:00:09 port=12",
            "no row",
        ]
    );
    // Whom LLDP tells already on that port is told once.
    let both = device
        .neighbour(7, "SW-OG2")
        .with("1.0.8802.1.1.2.1.3.7.1.2.7", Value::Integer(5))
        .with("1.0.8802.1.1.2.1.3.7.1.3.7", text("Gi0/10"));
    let (fields, _) = both.walk(Kind::Switch, CATALYST, &v2c());
    assert_eq!(count(&fields, &v::SNMP_LLDP_NEIGHBOURS), 3);
    let (fields, _) = both.walk(Kind::Switch, SWITCH, &v2c());
    assert_eq!(count(&fields, &v::SNMP_LLDP_NEIGHBOURS), 1, "others are not asked for CDP");
}

#[test]
fn a_filtering_database_is_told_as_its_vlan_and_vlans_have_names() {
    let vlan = |database: i64, index: &str| {
        (format!("1.3.6.1.2.1.17.7.1.4.2.1.3.{index}"), Value::Integer(database))
    };
    let juniper = |databases: &[(String, Value)]| {
        let mut device = Device::default()
            .ports(24)
            .learned(65_537, 2, 7)
            .with("1.3.6.1.2.1.17.7.1.4.3.1.1.20", text("Unterricht"))
            .with("1.3.6.1.2.1.17.7.1.4.5.1.1.9", Value::Gauge32(20));
        for (oid, value) in databases {
            device = device.with(oid, value.clone());
        }
        device.walk(Kind::Switch, "1.3.6.1.4.1.2636.1.1.1.2.131", &v2c()).0
    };
    let fields = juniper(&[vlan(65_537, "0.20"), vlan(65_538, "0.30")]);
    assert_eq!(row(&fields, &v::SNMP_FDB, 0), "bridge_port=7 mac=00:11:32:00:00:00 port=7 vlan=20");
    assert_eq!(row(&fields, &v::SNMP_VLANS, 0), "name=Unterricht vlan=20");
    assert_eq!(row(&fields, &v::SNMP_PORT_VLANS, 0), "port=9 pvid=20");
    // Two VLANs that learn together, and a number that can be none: better no VLAN than a wrong one.
    for told in [juniper(&[vlan(65_537, "0.20"), vlan(65_537, "0.30")]), juniper(&[])] {
        assert_eq!(row(&told, &v::SNMP_FDB, 0), "bridge_port=7 mac=00:11:32:00:00:00 port=7");
    }
}

#[test]
fn a_router_tells_its_neighbours_of_both_families_each_once() {
    let mac = |last| Value::Octets(vec![0x00, 0x26, 0xab, 0, 0, last]);
    let device = Device::default()
        .with("1.3.6.1.2.1.4.22.1.2.3.10.1.0.2", mac(2))
        .with("1.3.6.1.2.1.4.35.1.4.3.1.4.10.1.0.2", mac(2))
        .with("1.3.6.1.2.1.4.35.1.4.3.1.4.10.1.0.3", mac(3))
        .with("1.3.6.1.2.1.4.35.1.4.3.2.16.253.0.0.0.0.0.0.0.0.0.0.0.0.0.0.5", mac(5))
        .with("1.3.6.1.2.1.4.35.1.4.3.3.8.10.1.0.4.0.0.0.1", mac(6));
    let (fields, _) = device.walk(Kind::Router, "1.3.6.1.4.1.9.1.1", &v2c());
    let rows: Vec<String> = (0..4).map(|at| row(&fields, &v::SNMP_ARP, at)).collect();
    let expected = [
        "ip=10.1.0.2 mac=00:26:ab:00:00:02 port=3",
        "ip=10.1.0.3 mac=00:26:ab:00:00:03 port=3",
        "ip=fd00::5 mac=00:26:ab:00:00:05 port=3",
        "no row",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_copier_tells_what_it_printed_and_copied_in_black_and_in_colour() {
    let device = Device::default()
        .with("1.3.6.1.4.1.1347.43.10.1.1.12.1.1", Value::Counter32(1000))
        .with("1.3.6.1.4.1.1347.42.3.1.2.1.1.1.1", Value::Counter32(500))
        .with("1.3.6.1.4.1.1347.42.3.1.2.1.1.1.3", Value::Counter32(200))
        .with("1.3.6.1.4.1.1347.42.3.1.2.1.1.2.1", Value::Counter32(300));
    for settings in [v2c(), v1()] {
        let (fields, _) = device.walk(Kind::Printer, "1.3.6.1.4.1.1347.41", &settings);
        let rows: Vec<String> = (0..7).map(|at| row(&fields, &v::SNMP_PAGE_COUNTERS, at)).collect();
        let expected = [
            "pages=1000 what=total",
            "pages=800 what=mono",
            "pages=200 what=colour",
            "pages=500 what=print-mono",
            "pages=200 what=print-colour",
            "pages=300 what=copy-mono",
            "no row",
        ];
        assert_eq!(rows, expected);
    }
    // A sum of which a part was lost is no sum; what is asked before it counts.
    let device = device.with("1.3.6.1.2.1.43.11.1.1.6.1.1", text("TK-1170S"));
    let (fields, _) =
        play(&SNMP_WALK, &known(Kind::Printer, "1.3.6.1.4.1.1347.41"), &v2c(), |number, request| {
            let about = request.windows(3).any(|octets| octets == [0x8a, 0x43, 42]);
            if about { None } else { respond(&device.0)(number, request) }
        });
    assert_eq!((count(&fields, &v::SNMP_PAGE_COUNTERS), count(&fields, &v::SNMP_SUPPLIES)), (0, 1));
}
