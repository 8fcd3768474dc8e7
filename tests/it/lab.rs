//! The walk over the simulated school, compared with what its description expects.

use rundgang_inventory::{Kind, mail::catalogue};
use rundgang_tests::{
    measured,
    school::{Expect, School, capture::Busiest, ledger, play},
    skip::skip,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Ports that raw print data goes to (promise S2).
const RAW_PRINT: &[u16] = &[515, 2000, 2001, 9999];

pub(crate) fn is_raw_print(port: u16) -> bool {
    RAW_PRINT.contains(&port) || (9100..=9107).contains(&port) || (9112..=9116).contains(&port)
}

/// A program of this workspace, beside the test's own target folder.
pub(crate) fn program(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("the path of this test");
    let folder = own.parent().and_then(Path::parent).expect("the target folder");
    let path = folder.join(name);
    assert!(path.is_file(), "{name} is not built: cargo build --workspace");
    path
}

pub(crate) fn description() -> School {
    School::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schools/gesamtschule.toml"))
        .expect("a good description")
}

/// One school at a time: what is measured on a small machine must not be another school's load.
pub(crate) fn turn() -> std::sync::MutexGuard<'static, ()> {
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[test]
fn every_description_is_sound() {
    let school = description();
    assert!(school.host.len() > 20, "the school is too small: {}", school.host.len());
    assert_eq!(school.zone.iter().filter(|zone| !zone.is_parent).count(), 2);
}

#[test]
fn a_walk_finds_what_the_description_expects() {
    if let Some(reason) = play::cannot_play() {
        return skip("lab::a_walk_finds_what_the_description_expects", &reason);
    }
    let school = description();
    let _turn = turn();
    let guard = play::Guard(play::up(&school).expect("the school comes up"));
    let walk = measured::walk(&school, &guard.0, &program("rundgang-agent")).expect("the agent runs");
    println!("{walk}");
    let output = walk.output;
    let text = String::from_utf8(output.stdout).expect("JSON lines");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "the walk failed: {errors}");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    every_line_has_its_shape(&lines);
    devices_are_right(&school, &lines);
    people_are_counted(&lines);
    people_are_not_told(&school, &(text + &errors));
    domains_are_judged(&lines);
    nothing_forbidden_was_sent(&school, &guard, 1);
    the_pace_was_kept(&walk.wire);
    // What docs/agent-box.md promises.
    assert!((1..65 * 1024).contains(&walk.peak_memory), "{} KiB of memory", walk.peak_memory);
}

/// The limits of promise S4, in any second and any tenth of one, as the frames on the wire show them.
pub(crate) fn the_pace_was_kept(wire: &Busiest) {
    assert!(wire.frames > 500, "the capture saw too little of a walk: {wire}");
    assert!(wire.arp_second > 0 && wire.connections_second > 0, "{wire}");
    assert!(wire.second <= 200, "more than 200 frames a second: {wire}");
    assert!(wire.arp_second <= 50, "more than 50 ARP questions a second: {wire}");
    assert!(wire.connections_second <= 100, "more than 100 connection attempts a second: {wire}");
    assert!(wire.host_second <= 40, "more than 40 frames a second to one host: {wire}");
    assert!(wire.host_tenth <= 20, "more than 20 frames in 100 ms to one host: {wire}");
    let between = wire.between_connections.unwrap_or_default();
    assert!(between >= Duration::from_millis(100), "connections to one host too close: {wire}");
}

/// The form that other programs read: each key there, whether or not there is a value, and words of one vocabulary.
fn every_line_has_its_shape(lines: &[Value]) {
    for line in lines {
        let keys: &[&str] = match line["type"].as_str() {
            Some("device") => &[
                "type",
                "address",
                "mac",
                "kind",
                "vendor",
                "model",
                "serial",
                "os_version",
                "hostname",
                "services",
                "confidence",
                "because",
            ],
            Some("count") => &["type", "segment", "kind", "count", "shown"],
            Some("finding") => &["type", "domain", "finding", "severity", "evidence", "proposal"],
            Some("coverage") => &["type", "address", "network", "complete", "reason", "unchecked"],
            Some("unchecked") => &["type", "domain", "finding", "reason"],
            other => panic!("a line of the type {other:?}"),
        };
        let told = line.as_object().expect("an object");
        let mut told: Vec<&str> = told.keys().map(String::as_str).collect();
        let mut keys = keys.to_vec();
        told.sort_unstable();
        keys.sort_unstable();
        assert_eq!(told, keys, "{line}");
        if line["type"] == "device" {
            let kind = line["kind"].as_str().map(str::parse::<Kind>);
            assert!(kind.is_none_or(|kind| kind.is_ok()), "a kind of no vocabulary: {line}");
        }
        if let Some(id) = line["finding"].as_str() {
            assert!(catalogue::entry(id).is_some(), "a finding of no catalogue: {line}");
        }
    }
}

fn devices_are_right(school: &School, lines: &[Value]) {
    let devices: BTreeMap<&str, &Value> = lines
        .iter()
        .filter(|line| line["type"] == "device")
        .filter_map(|line| Some((line["address"].as_str()?, line)))
        .collect();
    let mut wrong = Vec::new();
    let mut expected = 0;
    let switches = school.switch.iter().map(|s| (&s.name, s.address.to_string(), &s.expect));
    let hosts = school.host.iter().map(|h| {
        let address = h.address.map(|a| a.to_string()).or(h.address6.map(|a| a.to_string()));
        (&h.name, address.unwrap_or_default(), &h.expect)
    });
    for (name, address, expect) in switches.chain(hosts) {
        let Expect::Device(expect) = expect else {
            if devices.contains_key(address.as_str()) {
                wrong.push(format!("{name} {address} must only be counted"));
            }
            continue;
        };
        expected += 1;
        let Some(device) = devices.get(address.as_str()) else {
            wrong.push(format!("{name} {address} was not found"));
            continue;
        };
        let mut check = |field: &str, expected: Option<&str>| {
            if expected.is_some_and(|expected| device[field].as_str() != Some(expected)) {
                wrong.push(format!("{name} {address}: {field} is {} and not {expected:?}", device[field]));
            }
        };
        check("kind", Some(&expect.kind));
        check("vendor", expect.vendor.as_deref());
        check("model", expect.model.as_deref());
        check("serial", expect.serial.as_deref());
        if let Some(service) = &expect.service {
            let listed =
                device["services"].as_array().into_iter().flatten().any(|s| s.as_str() == Some(service));
            if !listed {
                wrong.push(format!(
                    "{name} {address}: the service {service} is not among {}",
                    device["services"]
                ));
            }
        }
        if expect.without_mac && !device["mac"].is_null() {
            wrong.push(format!("{name} {address} must be kept without its MAC"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {expected} and {} ghosts:\n{}",
        wrong.len(),
        ghosts(school, &devices),
        wrong.join("\n")
    );
    assert_eq!(ghosts(school, &devices), 0, "devices that nobody described");
}

/// Devices told that the description does not know (the agent's own box is not one).
fn ghosts(school: &School, devices: &BTreeMap<&str, &Value>) -> usize {
    let known = |address: &str| {
        school.agent.address.to_string() == address
            || school.switch.iter().any(|s| s.address.to_string() == address)
            || school.host.iter().any(|h| {
                h.address.is_some_and(|a| a.to_string() == address)
                    || h.address6.is_some_and(|a| a.to_string() == address)
            })
    };
    devices.keys().filter(|address| !known(address)).count()
}

/// Devices of people are numbers, and numbers below ten are not told exactly (promises P1 and P3).
fn people_are_counted(lines: &[Value]) {
    let counts: Vec<&Value> = lines.iter().filter(|line| line["type"] == "count").collect();
    for kind in ["personal", "workstation"] {
        let told = counts.iter().find(|count| count["kind"] == kind);
        let shown = told.map(|count| (&count["count"], &count["shown"]));
        assert_eq!(shown, Some((&Value::Null, &Value::from("<10"))), "{kind} among {counts:?}");
    }
}

pub(crate) fn people_are_not_told(school: &School, output: &str) {
    let output = output.to_lowercase();
    for secret in school.host.iter().flat_map(|host| &host.secrets) {
        assert!(!output.contains(&secret.to_lowercase()), "'{secret}' stands in the agent's output");
    }
}

fn domains_are_judged(lines: &[Value]) {
    let findings = |domain: &str| -> Vec<String> {
        lines
            .iter()
            .filter(|line| line["type"] == "finding" && line["domain"] == domain)
            .filter_map(|line| line["finding"].as_str().map(str::to_owned))
            .collect()
    };
    let gappy = findings("luecken.example");
    for id in ["spf.missing", "dmarc.missing", "dkim.missing"] {
        assert!(gappy.iter().any(|finding| finding == id), "{id} is missing from {gappy:?}");
    }
    let good = findings("goethe.example");
    for id in ["spf.missing", "dmarc.missing", "dkim.missing", "dmarc.policy-none"] {
        assert!(!good.iter().any(|finding| finding == id), "{id} is a false alarm");
    }
}

pub(crate) fn nothing_forbidden_was_sent(school: &School, guard: &play::Guard, walks: u64) {
    let ledger = ledger::read(school, &guard.0).expect("the ledger");
    assert!(ledger.frames > 0, "the ledger saw nothing: it is not in the agent's way");
    for (address, port) in ledger.connections.keys() {
        assert!(!is_raw_print(*port), "a connection to {address} port {port} (promise S2)");
    }
    assert!(
        !ledger.reached6.is_empty(),
        "the ledger saw no IPv6, though a host of the school speaks nothing else"
    );
    for (address, port) in &ledger.reached6 {
        assert!(!is_raw_print(*port), "something to {address} port {port} (promise S2)");
        assert!(is_of_the_link(*address), "a packet to {address}, outside the school");
    }
    for address in ledger.packets6.keys() {
        assert!(is_of_the_link(*address), "a packet to {address}, outside the school");
    }
    // PJLink's search goes to the broadcast address, once in a walk, and nothing else does.
    let everybody = std::net::Ipv4Addr::new(10, 20, 0, 255);
    let heard = guard.0.record("beamer2", "pjlink-search").lines().count() as u64;
    assert_eq!(heard, walks, "searches for projectors");
    assert_eq!(ledger.datagrams.get(&(everybody, 4352)), Some(&walks), "what was sent to everybody");
    assert_eq!(ledger.packets.get(&everybody), Some(&walks), "more was sent to everybody");
    for address in ledger.packets.keys().filter(|address| **address != everybody) {
        let inside = address.octets()[..3] == [10, 20, 0] && ![0, 255].contains(&address.octets()[3]);
        assert!(inside || address.is_multicast(), "a packet to {address}, outside the scope");
    }
    for host in &school.host {
        let (Some(address), Expect::Device(expect)) = (host.address, &host.expect) else {
            // What announces itself as a person's is judged before any connection; a bare computer is not known to be
            // one until its few ports have been tried.
            let announces = !host.roles.is_empty();
            let touched = ledger.connections.keys().any(|(to, _)| Some(*to) == host.address);
            assert!(!(announces && touched), "a connection to {}, a person's device", host.name);
            continue;
        };
        let touched = ledger.connections.keys().chain(ledger.datagrams.keys()).any(|(to, _)| *to == address);
        assert!(!expect.hands_off || !touched, "{} must be left alone (promise S5)", host.name);
    }
    assert_eq!(ledger.over_total, 0, "more than 200 frames a second in all (promise S4): {:?}", ledger.over);
    assert_eq!(ledger.over_host, 0, "more than 40 frames a second to one host (promise S4)");
    for (host, what) in [("prn1", "raw-print"), ("bms", "bacnet")] {
        assert_eq!(guard.0.record(host, what), "", "{host} was spoken to");
    }
    no_host_is_looked_up(school, guard);
    let questions = guard.0.record("beamer2", "pjlink");
    assert_eq!(questions, "", "a projector with a password was asked");
    let asked = guard.0.record("beamer1", "pjlink");
    assert!(!asked.is_empty() && !asked.contains("POWR 1") && !asked.contains("POWR 0"), "PJLink: {asked}");
}

/// The resolver of the school was asked about the school's domains, and for no name of any host (promise S6).
fn no_host_is_looked_up(school: &School, guard: &play::Guard) {
    let resolvers = school.host.iter().filter(|host| host.address == school.resolver());
    let asked: String = resolvers.map(|host| guard.0.questions(&host.name)).collect();
    assert!(asked.contains(" query[TXT] "), "the resolver's log tells of no audit: {asked}");
    for line in asked.lines().filter(|line| line.contains(" query[")) {
        assert!(!line.contains(".20.10.in-addr.arpa"), "a host was looked up: {line}");
    }
}

/// Link-local, multicast, or one of the school's own addresses: what lies behind no router.
const fn is_of_the_link(address: std::net::Ipv6Addr) -> bool {
    address.is_unicast_link_local() || address.is_multicast() || address.is_unique_local()
}

/// The agent refuses to walk without a scope. That no packet leaves without a valid one is shown against a ledger by
/// the daemon's own tests (`an_expired_line_gets_no_packet_and_stops_nothing_else`).
#[test]
fn without_a_scope_the_agent_does_not_begin() {
    let output = Command::new(program("rundgang-agent")).arg("walk").output().expect("the agent runs");
    assert!(!output.status.success());
}
