//! Mail servers in the school's network: SMTP and IMAP greetings, and the certificate that STARTTLS shows. No mail,
//! no login.

use super::evidence::{set_list, set_text};
use super::planning::{is_kind, may_connect};
use super::tls;
use crate::probe::{
    Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step, Transport,
};
use rundgang_inventory::vocabulary::{
    IMAP_BANNER, IMAP_STARTTLS, SMTP_BANNER, SMTP_EXTENSIONS, SMTP_STARTTLS,
};
use rundgang_inventory::{Fields, Kind, Value};
use rundgang_wire::greeting::{line, reply};
use std::net::IpAddr;

/// SMTP.
pub(crate) static SMTP: Probe = Probe {
    name: "smtp",
    sends: "On port 25 (servers also 587), after the greeting: EHLO rundgang.invalid, STARTTLS where offered, QUIT.",
    group: Group::Mail,
    stage: Stage::Connections,
    plan: |host, _| plan(host, 25, 587),
    start: start_smtp,
};

/// IMAP.
pub(crate) static IMAP: Probe = Probe {
    name: "imap",
    sends: "On port 143 (servers also 993, over TLS), after the greeting: STARTTLS, LOGOUT.",
    group: Group::Mail,
    stage: Stage::Connections,
    plan: |host, _| plan(host, 143, 993),
    start: start_imap,
};

/// No dialogue is read further than this (octets).
const MAX_STREAM: usize = 8192;

fn plan(host: &Host, port: u16, servers: u16) -> Vec<Plan> {
    if !may_connect(host) {
        return Vec::new();
    }
    match host.kind {
        None => vec![Plan::tcp(port)],
        Some(_) if is_kind(host, &[Kind::Server]) => vec![Plan::tcp(port), Plan::tcp(servers)],
        Some(_) if is_kind(host, &[Kind::Firewall, Kind::Nas]) => vec![Plan::tcp(port)],
        Some(_) => Vec::new(),
    }
}

const fn port(plan: &Plan) -> u16 {
    match plan.transport {
        Transport::Tcp(port) | Transport::Udp(port) => port,
        Transport::Multicast | Transport::Broadcast(_) => 0,
    }
}

/// What a mail dialogue waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Greeting,
    Capabilities,
    StartTls,
    Farewell,
}

/// What both protocols share: a stream of lines, a certificate, and the farewell.
struct Dialogue {
    host: IpAddr,
    port: u16,
    stream: Vec<u8>,
    waiting: Waiting,
    fields: Fields,
    farewell: &'static [u8],
}

impl Dialogue {
    fn new(host: &Host, plan: &Plan, farewell: &'static [u8]) -> Self {
        let (host, port) = (host.ip, port(plan));
        Self { host, port, stream: Vec::new(), waiting: Waiting::Greeting, fields: Fields::new(), farewell }
    }

    fn done(&mut self) -> Step {
        Step::Done(Harvest::of(self.host, std::mem::take(&mut self.fields)))
    }

    fn say(&mut self, waiting: Waiting, bytes: &[u8]) -> Step {
        self.waiting = waiting;
        Step::Send(bytes.to_vec())
    }

    fn leave(&mut self) -> Step {
        self.say(Waiting::Farewell, self.farewell)
    }

    fn secured(&mut self, peer: &crate::probe::TlsPeer) {
        self.fields.merge(tls::told(self.port, peer));
        self.stream.clear();
    }

    fn not_secured(&mut self, reason: &str) -> Step {
        self.fields.merge(tls::failed(self.port, reason));
        self.done()
    }

    /// Takes in bytes; false where the dialogue has become too long to be one.
    fn take(&mut self, bytes: &[u8]) -> bool {
        self.stream.extend_from_slice(&bytes[..bytes.len().min(MAX_STREAM)]);
        self.stream.len() <= MAX_STREAM
    }
}

fn start_smtp(host: &Host, plan: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    Box::new(Smtp(Dialogue::new(host, plan, b"QUIT\r\n")))
}

struct Smtp(Dialogue);

impl Conversation for Smtp {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Connected => Step::Receive,
            Input::Secured(peer) => {
                self.0.secured(peer);
                self.0.leave()
            }
            Input::NotSecured(reason) => self.0.not_secured(reason),
            Input::Received { bytes, .. } if self.0.take(bytes) => match reply(&self.0.stream) {
                Some(reply) => {
                    self.0.stream.drain(..reply.length);
                    self.hear(reply.code, &reply.lines)
                }
                // Something else speaks here.
                None if self.0.stream.first().is_some_and(|octet| !octet.is_ascii_digit()) => self.0.done(),
                None => Step::Receive,
            },
            _ => self.0.done(),
        }
    }

    fn give_up(&mut self) -> Harvest {
        Harvest::of(self.0.host, std::mem::take(&mut self.0.fields))
    }
}

impl Smtp {
    fn hear(&mut self, code: u16, lines: &[Vec<u8>]) -> Step {
        match (self.0.waiting, code) {
            (Waiting::Greeting, _) => {
                let text = [format!("{code} ").as_bytes(), &lines.join(&b' ')].concat();
                set_text(&mut self.0.fields, &SMTP_BANNER, Some(text));
                if code == 220 {
                    // RFC 2606: a name that is nobody's. The agent has none of its own.
                    self.0.say(Waiting::Capabilities, b"EHLO rundgang.invalid\r\n")
                } else {
                    self.0.leave()
                }
            }
            (Waiting::Capabilities, 250) => {
                let keywords =
                    lines.iter().skip(1).filter_map(|line| line.split(u8::is_ascii_whitespace).next());
                let keywords: Vec<Vec<u8>> = keywords.map(<[u8]>::to_ascii_uppercase).collect();
                let offered = keywords.iter().any(|keyword| keyword == b"STARTTLS");
                set_list(&mut self.0.fields, &SMTP_EXTENSIONS, keywords);
                self.0.fields.set(&SMTP_STARTTLS, Value::Int(offered.into()));
                if offered { self.0.say(Waiting::StartTls, b"STARTTLS\r\n") } else { self.0.leave() }
            }
            (Waiting::StartTls, 220) => Step::StartTls(None),
            (Waiting::Farewell, _) => self.0.done(),
            (Waiting::Capabilities | Waiting::StartTls, _) => self.0.leave(),
        }
    }
}

fn start_imap(host: &Host, plan: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    Box::new(Imap { secure: port(plan) == 993, dialogue: Dialogue::new(host, plan, b"r2 LOGOUT\r\n") })
}

struct Imap {
    /// TLS from the first byte (RFC 8314).
    secure: bool,
    dialogue: Dialogue,
}

impl Conversation for Imap {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Connected if self.secure => Step::StartTls(None),
            Input::Connected => Step::Receive,
            Input::Secured(peer) => {
                self.dialogue.secured(peer);
                if self.secure { Step::Receive } else { self.dialogue.leave() }
            }
            Input::NotSecured(reason) => self.dialogue.not_secured(reason),
            Input::Received { bytes, .. } if self.dialogue.take(bytes) => self.read(),
            _ => self.dialogue.done(),
        }
    }

    fn give_up(&mut self) -> Harvest {
        Harvest::of(self.dialogue.host, std::mem::take(&mut self.dialogue.fields))
    }
}

impl Imap {
    fn read(&mut self) -> Step {
        while let Some(line) = line(&self.dialogue.stream).map(<[u8]>::to_vec) {
            let end = self.dialogue.stream.iter().position(|&octet| octet == b'\n').map_or(0, |end| end + 1);
            self.dialogue.stream.drain(..end);
            if let Some(step) = self.hear(&line) {
                return step;
            }
        }
        Step::Receive
    }

    fn hear(&mut self, line: &[u8]) -> Option<Step> {
        match self.dialogue.waiting {
            Waiting::Greeting => {
                if !line.starts_with(b"* ") {
                    return Some(self.dialogue.done());
                }
                set_text(&mut self.dialogue.fields, &IMAP_BANNER, Some(line));
                let open = line.starts_with(b"* OK") && !self.secure;
                Some(if open {
                    self.dialogue.say(Waiting::StartTls, b"r1 STARTTLS\r\n")
                } else {
                    self.dialogue.leave()
                })
            }
            Waiting::StartTls if line.starts_with(b"r1 ") => {
                let accepted = line.starts_with(b"r1 OK");
                self.dialogue.fields.set(&IMAP_STARTTLS, Value::Int(accepted.into()));
                Some(if accepted { Step::StartTls(None) } else { self.dialogue.leave() })
            }
            Waiting::Farewell if line.starts_with(b"r2 ") => Some(self.dialogue.done()),
            // Untagged lines between.
            Waiting::StartTls | Waiting::Farewell | Waiting::Capabilities => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::tests::host;
    use crate::probes::tls::tests::peer;
    use crate::probes::transcript::{Line, fields, lines, play};

    fn talk(probe: &Probe, port: u16, transcript: &[Line<'_>]) -> Vec<String> {
        let server = host(Some(Kind::Server), Fields::new());
        assert!((probe.plan)(&server, &Settings::default()).contains(&Plan::tcp(port)));
        let mut conversation = (probe.start)(&server, &Plan::tcp(port), &Settings::default(), 0);
        let mut told = lines(&fields(play(conversation.as_mut(), transcript)));
        told.retain(|line| {
            !line.starts_with("tls.") || line.starts_with("tls.subject") || line.starts_with("tls.err")
        });
        told
    }

    #[test]
    fn smtp_with_starttls() {
        let got = talk(
            &SMTP,
            25,
            &[
                Line::Hears(b"220 mail.example ESMTP Post"),
                Line::Hears(b"fix\r\n"),
                Line::Sends(b"EHLO rundgang.invalid\r\n"),
                Line::Hears(b"250-mail.example\r\n250-SIZE 100\r\n250 STARTTLS\r\n"),
                Line::Sends(b"STARTTLS\r\n"),
                Line::Hears(b"220 go\r\n"),
                Line::StartsTls,
                Line::Secured(peer()),
                Line::Sends(b"QUIT\r\n"),
                Line::Hears(b"221 bye\r\n"),
            ],
        );
        assert_eq!(
            got,
            [
                "smtp.banner: 220 mail.example ESMTP Postfix",
                "smtp.extensions: [SIZE | STARTTLS]",
                "smtp.starttls: 1",
                "tls.subject: CN=box",
            ]
        );
    }

    #[test]
    fn smtp_without() {
        let got = talk(
            &SMTP,
            587,
            &[
                Line::Hears(b"220 x\r\n"),
                Line::Sends(b"EHLO rundgang.invalid\r\n"),
                Line::Hears(b"250 x\r\n"),
                Line::Sends(b"QUIT\r\n"),
                Line::Closed,
            ],
        );
        assert_eq!(got, ["smtp.banner: 220 x", "smtp.starttls: 0"]);
        let refused = [Line::Hears(b"554 no\r\n"), Line::Sends(b"QUIT\r\n"), Line::Closed];
        assert_eq!(talk(&SMTP, 25, &refused), ["smtp.banner: 554 no"]);
        assert!(talk(&SMTP, 25, &[Line::Hears(b"SSH-2.0-x\r\n")]).is_empty());
        assert!(talk(&SMTP, 25, &[Line::Silent]).is_empty());
    }

    #[test]
    fn imap_with_and_without_starttls() {
        let got = talk(
            &IMAP,
            143,
            &[
                Line::Hears(b"* OK Dovecot ready.\r\n"),
                Line::Sends(b"r1 STARTTLS\r\n"),
                Line::Hears(b"* x\r\nr1 OK begin\r\n"),
                Line::StartsTls,
                Line::Secured(peer()),
                Line::Sends(b"r2 LOGOUT\r\n"),
                Line::Hears(b"* BYE\r\nr2 OK\r\n"),
            ],
        );
        assert_eq!(got, ["imap.banner: * OK Dovecot ready.", "imap.starttls: 1", "tls.subject: CN=box"]);
        let got = talk(
            &IMAP,
            143,
            &[
                Line::Hears(b"* OK x\r\n"),
                Line::Sends(b"r1 STARTTLS\r\n"),
                Line::Hears(b"r1 BAD no\r\n"),
                Line::Sends(b"r2 LOGOUT\r\n"),
                Line::Closed,
            ],
        );
        assert_eq!(got, ["imap.banner: * OK x", "imap.starttls: 0"]);
    }

    #[test]
    fn imap_over_tls() {
        let got = talk(
            &IMAP,
            993,
            &[
                Line::StartsTls,
                Line::Secured(peer()),
                Line::Hears(b"* OK x\r\n"),
                Line::Sends(b"r2 LOGOUT\r\n"),
                Line::Silent,
            ],
        );
        assert_eq!(got, ["imap.banner: * OK x", "tls.subject: CN=box"]);
        let got = talk(&IMAP, 993, &[Line::StartsTls, Line::NotSecured("too old")]);
        assert_eq!(got, ["tls.error: [993: too old]"]);
    }
}
