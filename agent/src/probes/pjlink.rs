//! PJLink: projectors and displays tell maker, model and serial number where no password is set. Where one is, the
//! greeting alone is evidence, and not a byte is sent.

use super::evidence::{set_list, set_text};
use super::planning::{is_kind, may_connect};
use crate::probe::{Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step};
use rundgang_inventory::vocabulary::{
    PJLINK_CLASS, PJLINK_ERRORS, PJLINK_LAMP_HOURS, PJLINK_MANUFACTURER, PJLINK_MODEL, PJLINK_NAME,
    PJLINK_OTHER, PJLINK_PASSWORD, PJLINK_SERIAL, PJLINK_VERSION,
};
use rundgang_inventory::{Field, Fields, Kind, Value};
use rundgang_wire::pjlink::{Answer, Greeting, PORT, Query, answer, greeting, line};
use std::net::IpAddr;

/// The probe.
pub(crate) static PROBE: Probe = Probe {
    name: "pjlink",
    sends: "On port 4352, if the greeting says that no password is set: the PJLink queries CLSS, INF1, INF2, INFO, \
            NAME, LAMP, ERST, and of class 2 SNUM and SVER. With a password set: nothing.",
    group: Group::Projection,
    stage: Stage::Connections,
    plan,
    start,
};

/// What is asked, in this order; the second class only of those that say they know it.
static QUERIES: &[(Query, &Field)] = &[
    (Query::one("CLSS"), &PJLINK_CLASS),
    (Query::one("INF1"), &PJLINK_MANUFACTURER),
    (Query::one("INF2"), &PJLINK_MODEL),
    (Query::one("INFO"), &PJLINK_OTHER),
    (Query::one("NAME"), &PJLINK_NAME),
    (Query::two("SNUM"), &PJLINK_SERIAL),
    (Query::two("SVER"), &PJLINK_VERSION),
    (Query::one("LAMP"), &PJLINK_LAMP_HOURS),
    (Query::one("ERST"), &PJLINK_ERRORS),
];

/// Lines that answer nothing we asked, in one conversation.
const MAX_STRAY: usize = 8;
/// A line is at most 136 octets (PJLink section 2.2); more without an end is no PJLink.
const MAX_LINE: usize = 512;

fn plan(host: &Host, _: &Settings) -> Vec<Plan> {
    let likely = host.kind.is_none()
        || is_kind(host, &[Kind::Projector, Kind::Display, Kind::Board, Kind::Av, Kind::MediaReceiver]);
    if may_connect(host) && likely { vec![Plan::tcp(PORT)] } else { Vec::new() }
}

fn start(host: &Host, _: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    Box::new(Interview { host: host.ip, stream: Vec::new(), asked: None, stray: 0, fields: Fields::new() })
}

struct Interview {
    host: IpAddr,
    stream: Vec<u8>,
    /// The index of the query under way; `None` before the greeting.
    asked: Option<usize>,
    stray: usize,
    fields: Fields,
}

impl Conversation for Interview {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Connected => Step::Receive,
            Input::Received { bytes, .. } => {
                let room = MAX_LINE.saturating_sub(self.stream.len());
                self.stream.extend_from_slice(&bytes[..bytes.len().min(room)]);
                self.read_lines()
            }
            _ => self.done(),
        }
    }

    fn give_up(&mut self) -> Harvest {
        Harvest::of(self.host, std::mem::take(&mut self.fields))
    }
}

impl Interview {
    fn done(&mut self) -> Step {
        Step::Done(self.give_up())
    }

    fn read_lines(&mut self) -> Step {
        let stream = std::mem::take(&mut self.stream);
        let mut rest = stream.as_slice();
        while let Some((line, after)) = line(rest) {
            rest = after;
            if let Some(step) = self.hear(line) {
                self.stream = rest.to_vec();
                return step;
            }
        }
        self.stream = rest.to_vec();
        if self.stream.len() >= MAX_LINE { self.done() } else { Step::Receive }
    }

    /// Takes one line; `None` where it leads to nothing.
    fn hear(&mut self, line: &[u8]) -> Option<Step> {
        let Some(index) = self.asked else {
            return Some(match greeting(line) {
                Some(Greeting::Open) => {
                    set_text(&mut self.fields, &PJLINK_PASSWORD, Some("no"));
                    self.ask(0)
                }
                Some(Greeting::Locked) => {
                    set_text(&mut self.fields, &PJLINK_PASSWORD, Some("yes"));
                    self.done()
                }
                Some(Greeting::Refused) | None => self.done(),
            });
        };
        let (query, field) = QUERIES.get(index)?;
        match answer(line, *query) {
            Answer::Value(value) => {
                self.take(field, value);
                Some(self.ask(index + 1))
            }
            Answer::Error => Some(self.ask(index + 1)),
            Answer::Locked => {
                set_text(&mut self.fields, &PJLINK_PASSWORD, Some("yes"));
                Some(self.done())
            }
            Answer::Other => {
                self.stray += 1;
                (self.stray > MAX_STRAY).then(|| self.done())
            }
        }
    }

    /// The query at `index`, or the next that this projector knows.
    fn ask(&mut self, index: usize) -> Step {
        let second = self.fields.text(&PJLINK_CLASS).is_some_and(|class| class.starts_with('2'));
        let next = QUERIES.iter().enumerate().skip(index).find(|(_, (query, _))| query.class == 1 || second);
        let Some((index, (query, _))) = next else { return self.done() };
        self.asked = Some(index);
        Step::Send(query.bytes())
    }

    fn take(&mut self, field: &'static Field, value: &[u8]) {
        if field == &PJLINK_LAMP_HOURS {
            // Pairs of hours and on/off, for each lamp (PJLink section 4.8).
            let text = String::from_utf8_lossy(value);
            let hours = text.split_whitespace().step_by(2).filter(|hours| hours.parse::<u32>().is_ok());
            set_list(&mut self.fields, field, hours);
        } else {
            self.fields.set(field, Value::text(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::tests::host;
    use crate::probes::transcript::{Line, fields, lines, play};

    fn talk(transcript: &[Line<'_>]) -> Vec<String> {
        let projector = host(Some(Kind::Projector), Fields::new());
        let mut conversation = start(&projector, &Plan::tcp(PORT), &Settings::default(), 0);
        lines(&fields(play(conversation.as_mut(), transcript)))
    }

    #[test]
    fn a_projector_of_class_two() {
        let got = talk(&[
            Line::Hears(b"PJLINK 0\r"),
            Line::Sends(b"%1CLSS ?\r"),
            Line::Hears(b"%1CLSS=2\r"),
            Line::Sends(b"%1INF1 ?\r"),
            Line::Hears(b"%1INF1=EXAM"),
            Line::Hears(b"PLE\r"),
            Line::Sends(b"%1INF2 ?\r"),
            Line::Hears(b"%1INF2=X 1\r"),
            Line::Sends(b"%1INFO ?\r"),
            Line::Hears(b"%1INFO=ERR1\r"),
            Line::Sends(b"%1NAME ?\r"),
            Line::Hears(b"%1NAME=Raum 12\r"),
            Line::Sends(b"%2SNUM ?\r"),
            Line::Hears(b"%2SNUM=S1\r"),
            Line::Sends(b"%2SVER ?\r"),
            Line::Hears(b"%2SVER=1.0\r"),
            Line::Sends(b"%1LAMP ?\r"),
            Line::Hears(b"%1LAMP=1200 1 30 0\r"),
            Line::Sends(b"%1ERST ?\r"),
            Line::Hears(b"%1ERST=000020\r"),
        ]);
        assert_eq!(
            got,
            [
                "pjlink.class: 2",
                "pjlink.errors: 000020",
                "pjlink.lamp_hours: [1200 | 30]",
                "pjlink.manufacturer: EXAMPLE",
                "pjlink.model: X 1",
                "pjlink.name: Raum 12",
                "pjlink.password: no",
                "pjlink.serial: S1",
                "pjlink.version: 1.0",
            ]
        );
    }

    #[test]
    fn with_a_password_not_a_byte_is_sent() {
        assert_eq!(talk(&[Line::Hears(b"PJLINK 1 498e4a67\r")]), ["pjlink.password: yes"]);
    }

    #[test]
    fn what_is_no_projector_is_left_alone() {
        assert!(talk(&[Line::Hears(b"SSH-2.0-x\r\n")]).is_empty());
        assert!(talk(&[Line::Silent]).is_empty());
        assert!(talk(&[Line::Hears(&[b'x'; 600])]).is_empty());
    }

    #[test]
    fn a_projector_that_falls_silent_has_still_said_something() {
        let got = talk(&[
            Line::Hears(b"PJLINK 0\r"),
            Line::Sends(b"%1CLSS ?\r"),
            Line::Hears(b"%1CLSS=ERR1\r"),
            Line::Sends(b"%1INF1 ?\r"),
            Line::Hears(b"%1INF1=EXAMPLE\r"),
            Line::Sends(b"%1INF2 ?\r"),
            Line::Silent,
        ]);
        assert_eq!(got, ["pjlink.manufacturer: EXAMPLE", "pjlink.password: no"]);
    }
}
