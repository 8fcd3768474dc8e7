//! Conversations with played devices: every request is decoded and counted, every answer comes from a table.

mod walks;

use super::{SNMP, SNMP_WALK};
use crate::probe::{Host, Input, Plan, Settings, SnmpCredential, SnmpSecret, Step};
use rundgang_inventory::{Fields, Kind, Value as Field, vocabulary as v};
use rundgang_wire::snmp::{Oid, Value, responder};

const COMMUNITY: &str = "walk-only";

fn community(networks: Vec<(std::net::IpAddr, u8)>, secret: SnmpSecret) -> SnmpCredential {
    SnmpCredential { label: "school".to_owned(), networks, secret }
}

fn settings(secret: SnmpSecret) -> Settings {
    Settings { snmp: vec![community(vec![], secret)], ..Settings::default() }
}

fn v2c() -> Settings {
    settings(SnmpSecret::V2c(COMMUNITY.to_owned()))
}

fn host(fields: Fields, kind: Option<Kind>) -> Host {
    Host { ip: "127.0.0.1".parse().unwrap(), mac: None, fields, kind }
}

fn text(text: &str) -> Value {
    Value::Octets(text.as_bytes().to_vec())
}

fn table(rows: &[(&str, Value)]) -> responder::Table {
    rows.iter().map(|(oid, value)| (oid.parse().unwrap(), value.clone())).collect()
}

/// Plays a whole conversation; answers come from `answer`, and nothing means silence. Returns what was learned and
/// how many datagrams were sent.
fn play(
    probe: &crate::probe::Probe,
    host: &Host,
    settings: &Settings,
    answer: impl Fn(usize, &[u8]) -> Option<Vec<u8>>,
) -> (Fields, usize) {
    let plans = (probe.plan)(host, settings);
    let Some(plan) = plans.first() else { return (Fields::new(), 0) };
    assert_eq!(plan.transport, Plan::udp(161).transport);
    let mut conversation = (probe.start)(host, plan, settings, 0x1234_5678_9abc_def0);
    let from = "127.0.0.1:161".parse().unwrap();
    let mut step = conversation.step(Input::Connected);
    let mut sent = 0;
    for _ in 0..2000 {
        step = match step {
            Step::Send(bytes) => {
                sent += 1;
                match answer(sent, &bytes) {
                    Some(bytes) => conversation.step(Input::Received { from, bytes: &bytes }),
                    None => conversation.step(Input::Silent),
                }
            }
            Step::Receive => conversation.step(Input::Silent),
            Step::Done(harvest) => {
                let fields = harvest.0.into_iter().next().map(|(_, fields)| fields).unwrap_or_default();
                return (fields, sent);
            }
            other => panic!("an SNMP probe does not do {other:?}"),
        };
    }
    panic!("the conversation does not end");
}

fn respond(table: &responder::Table) -> impl Fn(usize, &[u8]) -> Option<Vec<u8>> {
    move |_, request| responder::respond(request, COMMUNITY.as_bytes(), table)
}

fn printer() -> responder::Table {
    table(&[
        ("1.3.6.1.2.1.1.1.0", text("KYOCERA Document Solutions Printing System")),
        ("1.3.6.1.2.1.1.2.0", Value::Oid("1.3.6.1.4.1.1347.41".parse().unwrap())),
        ("1.3.6.1.2.1.1.3.0", Value::TimeTicks(4711)),
        ("1.3.6.1.2.1.1.5.0", text("KM-LEHRERZIMMER")),
        ("1.3.6.1.2.1.25.3.2.1.2.1", Value::Oid("1.3.6.1.2.1.25.3.1.5".parse().unwrap())),
        ("1.3.6.1.2.1.25.3.2.1.3.1", text("ECOSYS M2540dn")),
        ("1.3.6.1.2.1.43.10.2.1.4.1.1", Value::Counter32(81_234)),
        ("1.3.6.1.2.1.43.11.1.1.5.1.1", Value::Integer(3)),
        ("1.3.6.1.2.1.43.11.1.1.6.1.1", text("TK-1170S")),
        ("1.3.6.1.2.1.43.11.1.1.8.1.1", Value::Integer(7200)),
        ("1.3.6.1.2.1.43.11.1.1.9.1.1", Value::Integer(-3)),
        ("1.3.6.1.4.1.1347.43.5.1.1.1.1", text("ECOSYS M2540dn")),
        ("1.3.6.1.4.1.1347.43.5.1.1.28.1", text("VUL7X00001")),
        ("1.3.6.1.4.1.1347.43.5.4.1.5.1.1", text("2S5_2000.005.012")),
    ])
}

#[test]
fn a_printer_in_two_gets() {
    let (fields, sent) = play(&SNMP, &host(Fields::new(), None), &v2c(), respond(&printer()));
    assert_eq!(sent, 2);
    let check = |field, expected: &str| assert_eq!(fields.text(field), Some(expected));
    check(&v::SNMP_SYS_OBJECT_ID, "1.3.6.1.4.1.1347.41");
    check(&v::SNMP_SYS_NAME, "KM-LEHRERZIMMER");
    check(&v::SNMP_DEVICE_DESCR, "ECOSYS M2540dn");
    check(&v::SNMP_VENDOR_MODEL, "ECOSYS M2540dn");
    check(&v::SNMP_VENDOR_SERIAL, "VUL7X00001");
    check(&v::SNMP_VENDOR_VERSION, "2S5_2000.005.012");
    check(&v::SNMP_VERSION, "v2c");
    check(&v::SNMP_CREDENTIAL, "school");
    assert_eq!(fields.int(&v::SNMP_PAGE_COUNT), Some(81_234));
    assert_eq!(fields.get(&v::SNMP_CREDENTIAL_ERROR), None);
}

#[test]
fn v1_finds_its_way_round_missing_objects() {
    let settings = settings(SnmpSecret::V1(COMMUNITY.to_owned()));
    let (fields, sent) = play(&SNMP, &host(Fields::new(), None), &settings, respond(&printer()));
    assert_eq!(fields.text(&v::SNMP_VENDOR_SERIAL), Some("VUL7X00001"));
    assert_eq!(fields.text(&v::SNMP_VERSION), Some("v1"));
    assert!(sent <= 16, "{sent} requests");
}

#[test]
fn a_silent_host_gets_two_datagrams_for_each_credential() {
    let (fields, sent) = play(&SNMP, &host(Fields::new(), None), &v2c(), |_, _| None);
    assert_eq!((fields.len(), sent), (0, 2));
    let user = SnmpSecret::V3 { user: "walker".to_owned(), auth: None, privacy: None };
    let mut three = v2c();
    three.snmp.insert(0, community(vec![], user.clone()));
    three.snmp.insert(0, community(vec![], user));
    let (fields, sent) = play(&SNMP, &host(Fields::new(), None), &three, |_, _| None);
    // One discovery for both users, one community, each with its one retry.
    assert_eq!((fields.len(), sent), (0, 4));
}

#[test]
fn a_lost_datagram_is_sent_once_more() {
    let table = printer();
    let (fields, sent) = play(&SNMP, &host(Fields::new(), None), &v2c(), |number, request| {
        if number == 1 { None } else { respond(&table)(number, request) }
    });
    assert_eq!((fields.text(&v::SNMP_VENDOR_SERIAL), sent), (Some("VUL7X00001"), 3));
}

#[test]
fn credentials_go_only_where_they_belong() {
    let elsewhere = community(vec![("10.0.0.0".parse().unwrap(), 8)], SnmpSecret::V2c("secret".to_owned()));
    let settings = Settings { snmp: vec![elsewhere], ..Settings::default() };
    assert_eq!((SNMP.plan)(&host(Fields::new(), None), &settings), []);
}

#[test]
fn noise_is_not_taken_for_an_answer() {
    let other = table(&[("1.3.6.1.2.1.1.1.0", text("another device"))]);
    let (fields, _) = play(&SNMP, &host(Fields::new(), None), &v2c(), |_, request| {
        // The same answer with another request id: an answer to somebody else's question.
        let mut bytes = respond(&other)(0, request)?;
        let at = bytes.windows(2).position(|pair| pair == [0x02, 0x04])? + 5;
        *bytes.get_mut(at)? ^= 1;
        Some(bytes)
    });
    assert_eq!(fields, Fields::new());
}

fn known(kind: Kind, id: &str) -> Host {
    let fields = Fields::new()
        .with(&v::SNMP_CREDENTIAL, Field::text("school"))
        .with(&v::SNMP_SYS_OBJECT_ID, Field::text(id))
        .with(&v::SNMP_SYS_SERVICES, Field::Int(2));
    host(fields, Some(kind))
}

#[test]
fn gentle_kinds_are_not_walked() {
    for kind in [Kind::Ups, Kind::Telephony, Kind::EnvironmentSensor, Kind::BuildingControl] {
        assert_eq!((SNMP_WALK.plan)(&known(kind, "1.3.6.1.4.1.318"), &v2c()), [], "{kind}");
    }
    assert_eq!((SNMP_WALK.plan)(&host(Fields::new(), Some(Kind::Switch)), &v2c()), [], "never answered");
}

/// One row of a table field, as text.
fn row(fields: &Fields, field: &'static rundgang_inventory::Field, at: usize) -> String {
    let Some(Field::Table(rows)) = fields.get(field) else { return "no table".to_owned() };
    let show = |value: &Field| match value {
        Field::Int(number) => number.to_string(),
        Field::Text(text) => text.clone(),
        other => format!("{other:?}"),
    };
    let Some(row) = rows.get(at) else { return "no row".to_owned() };
    row.iter().map(|(name, value)| format!("{name}={}", show(value))).collect::<Vec<_>>().join(" ")
}

#[test]
fn supplies_of_a_printer() {
    let (fields, sent) =
        play(&SNMP_WALK, &known(Kind::Printer, "1.3.6.1.4.1.1347.41"), &v2c(), respond(&printer()));
    // Supplies, devices, and the maker's page counters.
    assert_eq!(sent, 3);
    assert_eq!(row(&fields, &v::SNMP_SUPPLIES, 0), "descr=TK-1170S index=1 level=-3 max=7200 type=3");
    assert_eq!(fields.text(&v::SNMP_DEVICE_DESCR), Some("ECOSYS M2540dn"));
}

#[test]
fn networks_of_an_access_point() {
    let vap = |column: u32, row: u32| format!("1.3.6.1.4.1.41112.1.6.1.2.1.{column}.{row}");
    let rows: Vec<(String, Value)> = vec![
        ("1.2.840.10036.4.1.1.1.1".to_owned(), Value::Integer(7)),
        ("1.2.840.10036.4.1.1.1.2".to_owned(), Value::Integer(9)),
        (vap(6, 1), text("Schule")),
        (vap(6, 2), text("Schule")),
        (vap(6, 3), text("Gast")),
        (vap(8, 1), Value::Integer(11)),
        (vap(8, 2), Value::Gauge32(17)),
        (vap(8, 3), Value::Integer(-1)),
    ];
    let rows: Vec<(&str, Value)> = rows.iter().map(|(oid, value)| (oid.as_str(), value.clone())).collect();
    let device = table(&rows);
    for settings in [v2c(), settings(SnmpSecret::V1(COMMUNITY.to_owned()))] {
        let access_point = known(Kind::AccessPoint, "1.3.6.1.4.1.41112");
        let (fields, _) = play(&SNMP_WALK, &access_point, &settings, respond(&device));
        let list = |names: &[&str]| Field::List(names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(fields.get(&v::SNMP_WLAN_NETWORKS), Some(&list(&["Gast", "Schule"])));
        assert_eq!(fields.get(&v::SNMP_WLAN_STANDARDS), Some(&list(&["802.11ac", "802.11n"])));
        // 28 devices of people: the number leaves the probe rounded, and none of theirs stands anywhere (P3).
        assert_eq!(fields.text(&v::SNMP_WLAN_CLIENTS), Some("30"));
        assert!(!format!("{fields:?}").contains("11,"), "{fields:?}");
    }
    // A switch is not asked for WLAN.
    let (fields, _) = play(&SNMP_WALK, &known(Kind::Switch, "1.3.6.1.4.1.41112"), &v2c(), respond(&device));
    assert_eq!(fields.get(&v::SNMP_WLAN_CLIENTS), None);
}

#[test]
fn networks_and_devices_by_the_tables_of_each_maker() {
    let check = |kind: Kind, id: &str, told: &[(&str, Value)], networks: &[&str], clients: Option<&str>| {
        let (fields, _) = play(&SNMP_WALK, &known(kind, id), &v2c(), respond(&table(told)));
        let networks: Vec<String> = networks.iter().map(|&name| name.to_owned()).collect();
        let expected = (!networks.is_empty()).then_some(Field::List(networks));
        assert_eq!(fields.get(&v::SNMP_WLAN_NETWORKS), expected.as_ref(), "{id}");
        assert_eq!(fields.text(&v::SNMP_WLAN_CLIENTS), clients, "{id}");
    };
    // LANCOM numbers its rows by the interface's name.
    let lancom = [
        ("1.3.6.1.4.1.2356.11.1.3.56.1.3.6.87.76.65.78.45.49", text("Schule")),
        ("1.3.6.1.4.1.2356.11.1.3.56.1.4.6.87.76.65.78.45.49", Value::Integer(21)),
    ];
    check(Kind::AccessPoint, "1.3.6.1.4.1.2356.11.8.71", &lancom, &["Schule"], Some("20"));
    let lx = [("1.3.6.1.4.1.2356.13.1.3.51.1.2.4.71.97.115.116.1", text("Gast"))];
    check(Kind::AccessPoint, "1.3.6.1.4.1.2356.13.8.4", &lx, &["Gast"], None);
    let aerohive = [
        ("1.3.6.1.4.1.26928.1.1.1.2.1.1.1.2.7", text("N/A")),
        ("1.3.6.1.4.1.26928.1.1.1.2.1.1.1.2.14", text("Schule")),
        ("1.3.6.1.4.1.26928.1.2.9.0", Value::Integer(4)),
    ];
    check(Kind::AccessPoint, "1.3.6.1.4.1.26928.1", &aerohive, &["Schule"], Some("<10"));
    let zyxel = [
        ("1.3.6.1.4.1.890.1.15.3.5.1.1.2.1", Value::Gauge32(8)),
        ("1.3.6.1.4.1.890.1.15.3.5.1.1.2.2", Value::Gauge32(14)),
    ];
    check(Kind::AccessPoint, "1.3.6.1.4.1.890.1.15", &zyxel, &[], Some("20"));
    // A firewall that controls access points.
    let fortinet = [
        ("1.3.6.1.4.1.12356.101.14.3.1.1.1.31", text("Schule")),
        ("1.3.6.1.4.1.12356.101.14.3.1.12.1.31", Value::Gauge32(52)),
    ];
    check(Kind::Firewall, "1.3.6.1.4.1.12356.101.1.1041", &fortinet, &["Schule"], Some("50"));
}

#[test]
fn a_switch_with_its_neighbours() {
    let mac = |last| Value::Octets(vec![0x00, 0x26, 0xab, 0, 0, last]);
    let table = table(&[
        ("1.0.8802.1.1.2.1.4.1.1.4.0.7.1", Value::Integer(4)),
        ("1.0.8802.1.1.2.1.4.1.1.5.0.7.1", mac(9)),
        ("1.0.8802.1.1.2.1.4.1.1.6.0.7.1", Value::Integer(5)),
        ("1.0.8802.1.1.2.1.4.1.1.7.0.7.1", text("gi24")),
        ("1.0.8802.1.1.2.1.4.1.1.9.0.7.1", text("sw-verwaltung")),
        ("1.0.8802.1.1.2.1.4.1.1.12.0.7.1", Value::Octets(vec![0x28, 0])),
        ("1.0.8802.1.1.2.1.4.2.1.3.0.7.1.1.4.10.1.0.2", Value::Integer(2)),
        ("1.3.6.1.2.1.2.2.1.2.1007", text("GigabitEthernet7")),
        ("1.3.6.1.2.1.2.2.1.3.1007", Value::Integer(6)),
        ("1.3.6.1.2.1.2.2.1.5.1007", Value::Gauge32(1_000_000_000)),
        ("1.3.6.1.2.1.2.2.1.6.1007", mac(7)),
        ("1.3.6.1.2.1.2.2.1.8.1007", Value::Integer(1)),
        ("1.3.6.1.2.1.17.1.4.1.2.7", Value::Integer(1007)),
        ("1.3.6.1.2.1.17.7.1.2.2.1.2.20.0.38.171.1.2.3", Value::Integer(7)),
        ("1.3.6.1.2.1.17.7.1.2.2.1.3.20.0.38.171.1.2.3", Value::Integer(3)),
        ("1.3.6.1.2.1.31.1.1.1.1.1007", text("gi7")),
        ("1.3.6.1.2.1.31.1.1.1.18.1007", text("Uplink Verwaltung")),
        ("1.3.6.1.2.1.47.1.1.1.1.5.1001", Value::Integer(3)),
        ("1.3.6.1.2.1.47.1.1.1.1.5.1002", Value::Integer(10)),
        ("1.3.6.1.2.1.47.1.1.1.1.11.1001", text("FOC1426Y2AY")),
        ("1.3.6.1.2.1.47.1.1.1.1.13.1001", text("WS-C3560G-24TS-S")),
        ("1.3.6.1.2.1.105.1.1.1.6.1.7", Value::Integer(3)),
        ("1.3.6.1.2.1.105.1.1.1.10.1.7", Value::Integer(5)),
        ("1.3.6.1.2.1.105.1.3.1.1.2.1", Value::Gauge32(370)),
        ("1.3.6.1.2.1.105.1.3.1.1.4.1", Value::Gauge32(41)),
    ]);
    for settings in [v2c(), settings(SnmpSecret::V1(COMMUNITY.to_owned()))] {
        let (fields, sent) =
            play(&SNMP_WALK, &known(Kind::Switch, "1.3.6.1.4.1.9.1.615"), &settings, respond(&table));
        assert!(sent <= 40, "{sent} requests");
        let check = |field, expected: &str| assert_eq!(row(&fields, field, 0), expected);
        check(&v::SNMP_ENTITY, "class=chassis index=1001 model=WS-C3560G-24TS-S serial=FOC1426Y2AY");
        check(
            &v::SNMP_INTERFACES,
            "alias=Uplink Verwaltung descr=GigabitEthernet7 index=1007 mac=00:26:ab:00:00:07 name=gi7 type=6",
        );
        check(&v::SNMP_INTERFACE_STATUS, "index=1007 speed=1000 status=up");
        check(
            &v::SNMP_LLDP_NEIGHBOURS,
            "capabilities=20 ip=10.1.0.2 mac=00:26:ab:00:00:09 port=7 port_id=gi24 sys_name=sw-verwaltung",
        );
        check(&v::SNMP_FDB, "bridge_port=7 mac=00:26:ab:01:02:03 port=1007 vlan=20");
        check(&v::SNMP_POE_PORTS, "class=4 group=1 port=7 status=delivering");
        check(&v::SNMP_POE_SUPPLIES, "group=1 power=370 used=41");
        assert_eq!(row(&fields, &v::SNMP_ENTITY, 1), "no row");
    }
}

#[test]
fn no_answer_makes_the_probes_panic_or_run_on() {
    // Answers to everything are the request itself, bent into a response: a device gone mad.
    let mad = |_: usize, request: &[u8]| {
        let mut bytes = request.to_vec();
        let at = bytes.iter().position(|octet| matches!(octet, 0xa0 | 0xa1 | 0xa5))?;
        *bytes.get_mut(at)? = 0xa2;
        Some(bytes)
    };
    let (_, sent) = play(&SNMP, &host(Fields::new(), None), &v2c(), mad);
    assert!(sent <= 30, "{sent}");
    let (_, sent) = play(&SNMP_WALK, &known(Kind::Switch, "1.3.6.1.4.1.9.1.615"), &v2c(), mad);
    assert!(sent <= 120, "{sent}");
    let endless = |_: usize, request: &[u8]| {
        // Every GetBulk finds yet another row: the caps end it.
        let rows: responder::Table = (0..3000)
            .map(|row| (Oid::new(&[1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 5, row]), Value::Integer(3)))
            .collect();
        responder::respond(request, COMMUNITY.as_bytes(), &rows)
    };
    let (fields, sent) = play(&SNMP_WALK, &known(Kind::Switch, "1.3.6.1.4.1.9.1.615"), &v2c(), endless);
    assert!(sent <= 120, "{sent}");
    assert_eq!(fields.get(&v::SNMP_ENTITY), None, "rows that say only their class say nothing");
}
