//! FTP and telnet: connect, read what the service says by itself, close. Not a byte is sent.

mod ssh;

pub(crate) use ssh::SSH;

use super::planning::{is_kind, may_connect};
use crate::probe::{Conversation, Group, Harvest, Host, Input, Plan, Probe, Stage, Step};
use rundgang_inventory::vocabulary::{FTP_BANNER, TELNET_BANNER};
use rundgang_inventory::{Field, Fields, Kind, Value};
use rundgang_wire::greeting::{line, reply, telnet_text};
use std::net::IpAddr;

/// FTP.
pub(crate) static FTP: Probe = Probe {
    name: "ftp",
    sends: "Nothing: a connection to port 21, and its greeting is read.",
    group: Group::Greetings,
    stage: Stage::Connections,
    plan: |host, _| plan(host, 21, FTP_KINDS),
    start: |host, _, _, _| listen(host, &FTP_BANNER, ftp),
};

/// Telnet.
pub(crate) static TELNET: Probe = Probe {
    name: "telnet",
    sends: "Nothing, not even option negotiation: a connection to port 23, and its greeting is read.",
    group: Group::Greetings,
    stage: Stage::Connections,
    plan: |host, _| plan(host, 23, TELNET_KINDS),
    start: |host, _, _, _| listen(host, &TELNET_BANNER, telnet),
};

/// Kinds that are known and whose greeting still tells something new: version, or that telnet is open at all.
const SSH_KINDS: &[Kind] = &[
    Kind::Server,
    Kind::Nas,
    Kind::Switch,
    Kind::Router,
    Kind::Firewall,
    Kind::AccessPoint,
    Kind::WlanController,
    Kind::ManagementController,
    Kind::DeviceServer,
];
const FTP_KINDS: &[Kind] = &[Kind::Server, Kind::Nas, Kind::DeviceServer, Kind::Camera];
const TELNET_KINDS: &[Kind] = &[
    Kind::Switch,
    Kind::Router,
    Kind::Firewall,
    Kind::AccessPoint,
    Kind::WlanController,
    Kind::DeviceServer,
    Kind::Projector,
];

/// No greeting is read further than this (octets).
const MAX_GREETING: usize = 4096;

fn plan(host: &Host, port: u16, kinds: &[Kind]) -> Vec<Plan> {
    let likely = host.kind.is_none() || is_kind(host, kinds);
    if may_connect(host) && likely { vec![Plan::tcp(port)] } else { Vec::new() }
}

/// What a stream says by now: the greeting, and whether it is whole.
type Reading = fn(&[u8]) -> (Vec<u8>, bool);

fn listen(host: &Host, field: &'static Field, reading: Reading) -> Box<dyn Conversation> {
    Box::new(Listener { host: host.ip, field, reading, stream: Vec::new() })
}

struct Listener {
    host: IpAddr,
    field: &'static Field,
    reading: Reading,
    stream: Vec<u8>,
}

impl Conversation for Listener {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Connected => return Step::Receive,
            Input::Received { bytes, .. } => {
                let room = MAX_GREETING.saturating_sub(self.stream.len());
                self.stream.extend_from_slice(&bytes[..bytes.len().min(room)]);
                if !(self.reading)(&self.stream).1 && self.stream.len() < MAX_GREETING {
                    return Step::Receive;
                }
            }
            _ => {}
        }
        Step::Done(self.give_up())
    }

    fn give_up(&mut self) -> Harvest {
        let greeting = (self.reading)(&self.stream).0;
        Harvest::of(self.host, Fields::new().with(self.field, Value::text(greeting)))
    }
}

/// RFC 4253 section 4.2: other lines may come before the identification.
fn ssh_line(stream: &[u8]) -> (Vec<u8>, bool) {
    let mut rest = stream;
    while let Some(line) = line(rest) {
        if line.starts_with(b"SSH-") {
            return (line.to_vec(), true);
        }
        let end = rest.iter().position(|&octet| octet == b'\n').map_or(rest.len(), |end| end + 1);
        rest = &rest[end..];
    }
    (if rest.starts_with(b"SSH-") { rest.to_vec() } else { Vec::new() }, false)
}

fn ftp(stream: &[u8]) -> (Vec<u8>, bool) {
    match reply(stream) {
        Some(reply) => {
            let text: Vec<Vec<u8>> = reply.lines.into_iter().filter(|line| !line.is_empty()).collect();
            ([format!("{} ", reply.code).as_bytes(), &text.join(&b' ')].concat(), true)
        }
        // A greeting without its end still names the product.
        None if stream.starts_with(b"2") => (stream.to_vec(), false),
        None => (Vec::new(), false),
    }
}

/// A prompt has no end of its own: silence ends it.
fn telnet(stream: &[u8]) -> (Vec<u8>, bool) {
    (telnet_text(stream), false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Settings;
    use crate::probes::planning::tests::host;
    use crate::probes::transcript::{Line, fields, lines, play};

    fn hear(probe: &Probe, transcript: &[Line<'_>]) -> Vec<String> {
        let host = host(None, Fields::new());
        let plans = (probe.plan)(&host, &Settings::default());
        assert_eq!(plans.len(), 1);
        let mut conversation = (probe.start)(&host, &plans[0], &Settings::default(), 0);
        // The transcript has no line that the conversation sends: it could not be played if it sent one.
        lines(&fields(play(conversation.as_mut(), transcript)))
    }

    #[test]
    fn ftp_greets() {
        assert_eq!(hear(&FTP, &[Line::Hears(b"220-A\r\n220 B\r\n")]), ["ftp.banner: 220 A B"]);
        assert_eq!(hear(&FTP, &[Line::Hears(b"220 Printer"), Line::Silent]), ["ftp.banner: 220 Printer"]);
    }

    #[test]
    fn telnet_negotiation_is_not_answered() {
        let got =
            hear(&TELNET, &[Line::Hears(b"\xff\xfd\x18Switch 3\r\n"), Line::Hears(b"login: "), Line::Silent]);
        assert_eq!(got, ["telnet.banner: Switch 3  login:"]);
    }

    #[test]
    fn a_greeting_without_end_is_cut() {
        let flood = vec![b'x'; 10_000];
        assert!(hear(&FTP, &[Line::Hears(&flood)]).is_empty());
    }

    #[test]
    fn printers_and_telephones_are_not_greeted() {
        for probe in [&SSH, &FTP, &TELNET] {
            for kind in [Kind::Printer, Kind::Telephony, Kind::BuildingControl, Kind::Phone] {
                assert!((probe.plan)(&host(Some(kind), Fields::new()), &Settings::default()).is_empty());
            }
        }
    }
}
