//! Receivers for AirPlay: one GET of `/info` on the port they announce, the page every sender reads before it offers
//! them. Only boards, displays, projectors and receivers are asked, never a computer that can receive.

use super::{
    evidence::set_text,
    exchange::{Exchange, asked},
    planning::{announced_ports, is_kind, may_connect},
};
use crate::probe::{Conversation, Group, Harvest, Host, Plan, Probe, Settings, Stage, Transport};
use rundgang_inventory::{
    Field, Fields, Kind,
    vocabulary::{AIRPLAY_FIRMWARE, AIRPLAY_MANUFACTURER, AIRPLAY_MODEL, AIRPLAY_SERIAL},
};
use rundgang_wire::{http::get, plist::texts};
use std::net::IpAddr;

/// The probe.
pub(crate) static PROBE: Probe = Probe {
    name: "airplay",
    sends: "One GET of /info on the port that a board, display, projector or receiver announces for AirPlay; no \
            session is begun and nothing appears on the screen.",
    group: Group::Web,
    stage: Stage::FollowUps,
    plan,
    start,
};

const SERVICE: &str = "_airplay._tcp";
/// What is taken of the answer. The receiver's name and its addresses are announced, and masked, anyway.
static TAKEN: &[(&str, &Field)] = &[
    ("manufacturer", &AIRPLAY_MANUFACTURER),
    ("model", &AIRPLAY_MODEL),
    ("serialNumber", &AIRPLAY_SERIAL),
    ("firmwareRevision", &AIRPLAY_FIRMWARE),
];

fn plan(host: &Host, _: &Settings) -> Vec<Plan> {
    use Kind::{Board, Display, MediaReceiver, Projector};
    if !may_connect(host) || !is_kind(host, &[Board, Display, MediaReceiver, Projector]) {
        return Vec::new();
    }
    announced_ports(host, SERVICE).first().map(|&port| Plan::tcp(port)).into_iter().collect()
}

fn start(host: &Host, plan: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    let request = match plan.transport {
        Transport::Tcp(port) => get(host.ip, port, false, "/info"),
        Transport::Udp(_) | Transport::Multicast | Transport::Broadcast(_) => None,
    };
    let ip = host.ip;
    let exchange = request.map(|request| Exchange::new(false, request));
    asked(exchange, move |exchange| harvest(ip, exchange))
}

fn harvest(host: IpAddr, exchange: &Exchange) -> Harvest {
    let answer = exchange.response.as_ref().filter(|answer| answer.status == 200);
    let Some(told) = answer.and_then(|answer| texts(&answer.body)) else { return Harvest::nothing() };
    let mut fields = Fields::new();
    for (key, field) in TAKEN {
        set_text(&mut fields, field, told.get(*key));
    }
    Harvest::of(host, fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::tests::announcing;
    use crate::probes::transcript::{Line, fields, lines, play};

    fn receiver(kind: Option<Kind>, port: u16) -> Host {
        Host { kind, ..announcing(SERVICE, port, &["model=X9"]) }
    }

    #[test]
    fn only_what_hangs_in_a_classroom_is_asked() {
        let check = |host: &Host, expected: &[Plan]| {
            assert_eq!(plan(host, &Settings::default()), expected, "{:?}", host.kind);
        };
        check(&receiver(Some(Kind::Board), 7000), &[Plan::tcp(7000)]);
        check(&receiver(Some(Kind::MediaReceiver), 49152), &[Plan::tcp(49152)]);
        // A computer or tablet that can receive, what is not known yet, and a port that prints.
        check(&receiver(Some(Kind::Workstation), 7000), &[]);
        check(&receiver(Some(Kind::Tablet), 7000), &[]);
        check(&receiver(None, 7000), &[]);
        check(&receiver(Some(Kind::Board), 9100), &[]);
        check(&Host { kind: Some(Kind::Board), ..announcing("_raop._tcp", 7000, &[]) }, &[]);
    }

    #[test]
    fn a_board_tells_what_it_is() {
        let told: &[(&[u8], &[u8])] = &[
            (b"\x54name", b"\x57Raum 12"),
            (b"\x55model", b"\x58Sample 9"),
            (b"\x5c\x73erialNumber", b"\x54S123"),
            (b"\x5f\x10\x10firmwareRevision", b"\x55p99.1"),
        ];
        let mut body = b"bplist00\xd4\x01\x02\x03\x04\x05\x06\x07\x08".to_vec();
        let mut offsets = vec![8_u8];
        for object in told.iter().map(|(key, _)| key).chain(told.iter().map(|(_, value)| value)) {
            offsets.push(u8::try_from(body.len()).unwrap());
            body.extend(*object);
        }
        let table = u8::try_from(body.len()).unwrap();
        body.extend(&offsets);
        body.extend([0, 0, 0, 0, 0, 0, 1, 1]);
        for number in [9, 0, table] {
            body.extend([0, 0, 0, 0, 0, 0, 0, number]);
        }
        let request = b"GET /info HTTP/1.1\r\nHost: 192.0.2.7:7000\r\nUser-Agent: Rundgang (network inventory, read only)\r\nAccept: */*\r\nConnection: close\r\n\r\n";
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-apple-binary-plist\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let board = receiver(Some(Kind::Board), 7000);
        let ask = |answer: &[u8]| {
            let mut conversation = start(&board, &Plan::tcp(7000), &Settings::default(), 0);
            lines(&fields(play(conversation.as_mut(), &[Line::Sends(request), Line::Hears(answer)])))
        };
        // Its name is announced anyway and not taken here.
        let expected = ["airplay.firmware: p99.1", "airplay.model: Sample 9", "airplay.serial: S123"];
        assert_eq!(ask(&[head.as_bytes(), &body].concat()), expected);
        assert_eq!(ask(b"RTSP/1.0 403 Forbidden\r\n\r\n"), Vec::<String>::new());
    }
}
