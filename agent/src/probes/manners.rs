//! For all probes at once: whatever a device says, nothing leaves that is not one of the few requests that are
//! documented, and no conversation goes on for ever.

use super::{ALL, planning, tls};
use crate::probe::{Group, Host, Input, Plan, Settings, Step, Transport};
use proptest::prelude::*;
use rundgang_inventory::vocabulary::{HTTP_COOKIES, HTTP_PAGES, HTTP_TITLE, SSDP_LOCATION, SSDP_ST};
use rundgang_inventory::{Fields, Kind, Row, Value};
use rundgang_wire::ssh;
use std::net::SocketAddr;

/// What devices say, good and bad.
const SAID: &[&[u8]] = &[
    b"PJLINK 0\r",
    b"PJLINK 1 12345678\r",
    b"%1CLSS=2\r",
    b"%1INF1=X\r",
    b"%1INF2=ERR1\r",
    b"%2SNUM=1\r",
    b"PJLINK ERRA\r",
    b"220 x\r\n",
    b"250-x\r\n250 STARTTLS\r\n",
    b"554 no\r\n",
    b"* OK x\r\n",
    b"r1 OK x\r\n",
    b"r1 NO\r\n",
    b"* BYE\r\n",
    b"SSH-2.0-x\r\n",
    b"SSH-2.0-OpenSSH_9.2p1\r\n",
    b"\x00\x00\x00\x02\x00\x14",
    b"\xff\xfd\x18login: ",
    b"HTTP/1.1 200 OK\r\n\r\n<title>x</title>",
    b"HTTP/1.1 302 x\r\n",
    b"Location: http://192.0.2.9/\r\n\r\n",
    b"SIP/2.0 100 x\r\n\r\n",
    b"SIP/2.0 401 x\r\nWWW-Authenticate: Digest\r\n\r\n",
    b"\x00\xff\x01",
    b"",
    b"\r\n",
];

/// Hosts that make every probe plan something.
fn hosts() -> Vec<Host> {
    let texts = |items: &[&str]| Value::List(items.iter().map(|&item| item.to_owned()).collect());
    let page = Row::from([
        ("port".to_owned(), Value::Int(80)),
        ("path".to_owned(), Value::text("/")),
        ("location".to_owned(), Value::text("/login")),
    ]);
    let told = Fields::new()
        .with(&HTTP_PAGES, Value::Table(vec![page]))
        .with(&HTTP_TITLE, texts(&["FRITZ!Box"]))
        .with(&HTTP_COOKIES, texts(&["nc_sameSiteCookielax"]))
        .with(&SSDP_ST, texts(&["roku:ecp", "urn:samsung.com:x"]))
        .with(&SSDP_LOCATION, texts(&["http://192.0.2.7:49152/d.xml", "http://192.0.2.7:9100/d.xml"]));
    let kinds = [None, Some(Kind::Server), Some(Kind::Printer), Some(Kind::Projector)];
    let mut hosts: Vec<Host> = kinds.iter().map(|&kind| planning::tests::host(kind, told.clone())).collect();
    for service in ["_ipps._tcp", "_uscan._tcp", "_googlecast._tcp", "_soundtouch._tcp", "_https._tcp"] {
        hosts.push(planning::tests::announcing(service, 8443, &[]));
    }
    let receiver = planning::tests::announcing("_airplay._tcp", 7000, &[]);
    hosts.push(Host { kind: Some(Kind::Board), ..receiver });
    hosts
}

/// Every request that may leave over a connection or as a single datagram, SNMP apart (it has its own tests).
fn is_documented(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let whole_head = text.find("\r\n\r\n").is_some_and(|end| end + 4 == text.len());
    let pjlink = ["CLSS", "INF1", "INF2", "INFO", "NAME", "LAMP", "ERST", "SNUM", "SVER"];
    (whole_head && (text.starts_with("GET /") || text.starts_with("OPTIONS sip:")))
        // The operation stands in the third and fourth octet of the body.
        || (text.starts_with("POST /") && text.contains("\r\n\r\n\u{1}\u{1}\0\u{b}"))
        || pjlink.iter().any(|body| text == format!("%1{body} ?\r") || text == format!("%2{body} ?\r"))
        || matches!(&*text, "EHLO rundgang.invalid\r\n" | "STARTTLS\r\n" | "QUIT\r\n")
        || matches!(&*text, "r1 STARTTLS\r\n" | "r2 LOGOUT\r\n")
        // The opening of a key exchange, with the seed of these conversations, and one half of it.
        || bytes == ssh::opening(1)
        || bytes == ssh::half()
}

/// Holds one conversation along a random course and counts what it sends.
fn converse(
    host: &Host,
    probe: &crate::probe::Probe,
    plan: &Plan,
    course: &[usize],
) -> Result<(), TestCaseError> {
    let peer = tls::tests::peer();
    let from = SocketAddr::new(host.ip, 9);
    let mut conversation = (probe.start)(host, plan, &Settings::default(), 1);
    let mut step = conversation.step(Input::Connected);
    let mut sent = 0;
    for &turn in course {
        match &step {
            Step::Done(_) => return Ok(()),
            Step::Send(bytes) => {
                sent += 1;
                prop_assert!(is_documented(bytes), "{}: {:?}", probe.name, String::from_utf8_lossy(bytes));
            }
            Step::Multicast { .. } => prop_assert!(false, "{} asks the segment about one host", probe.name),
            Step::Receive | Step::StartTls(_) => {}
        }
        prop_assert!(sent <= 9, "{} sends without end", probe.name);
        step = match (&step, turn) {
            (Step::StartTls(_), turn) if turn % 2 == 0 => conversation.step(Input::Secured(&peer)),
            (Step::StartTls(_), _) => conversation.step(Input::NotSecured("no")),
            (_, turn) if turn < SAID.len() => conversation.step(Input::Received { from, bytes: SAID[turn] }),
            (_, turn) if turn % 3 == 0 => conversation.step(Input::Closed),
            _ => conversation.step(Input::Silent),
        };
    }
    if !matches!(step, Step::Done(_)) {
        let harvest = conversation.give_up();
        prop_assert!(harvest.0.iter().all(|(ip, _)| *ip == host.ip));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_undocumented_is_ever_sent(course in proptest::collection::vec(0..SAID.len() + 3, 0..40)) {
        for host in hosts() {
            for probe in ALL.iter().filter(|probe| probe.group != Group::Snmp) {
                for plan in (probe.plan)(&host, &Settings::default()) {
                    if !plan.transport.asks_segment() {
                        converse(&host, probe, &plan, &course)?;
                    }
                }
            }
        }
    }
}

#[test]
fn no_plan_names_a_port_that_prints_and_unknown_hosts_get_few_connections() {
    for host in hosts() {
        for probe in ALL {
            for plan in (probe.plan)(&host, &Settings::default()) {
                if let Transport::Tcp(port) = plan.transport {
                    assert!(!planning::is_raw_data_port(port), "{} plans {port}", probe.name);
                }
            }
        }
    }
    let unknown = planning::tests::host(None, Fields::new());
    let count = |host: &Host| {
        let plans = ALL.iter().flat_map(|probe| (probe.plan)(host, &Settings::default()));
        plans.filter(|plan| matches!(plan.transport, Transport::Tcp(_))).count()
    };
    // 80, 443, 8080, 8443, 631, 4352, 22, 21, 23, 25, 143.
    assert_eq!(count(&unknown), 11);
    for kind in Kind::ALL.iter().filter(|kind| kind.caution() != rundgang_inventory::kind::Caution::Normal) {
        assert_eq!(count(&planning::tests::host(Some(*kind), Fields::new())), 0, "{kind}");
    }
}
