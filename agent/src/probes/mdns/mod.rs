//! Multicast DNS service discovery: asks the segment which services there are, and asks again for what the answers
//! left open. Only questions are sent, to the multicast group, from an ephemeral port.

mod attributes;
mod gather;
mod names;
mod questions;

pub(crate) use gather::Gathering;

use crate::probe::{
    Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step, Transport,
};
use questions::Asked;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The probe.
pub(crate) static PROBE: Probe = Probe {
    name: "mdns",
    sends: "DNS-SD questions to 224.0.0.251 or ff02::fb, port 5353: the service types of the segment, the types that \
            infrastructure announces, then what the answers left open; at most 48 datagrams.",
    group: Group::Announcements,
    stage: Stage::Announcements,
    plan,
    start,
};

/// Datagrams that one conversation sends at most.
const MAX_DATAGRAMS: usize = 48;
/// Rounds of questions: the first, its repetition (radio loses multicast), and two for what was left open.
const MAX_ROUNDS: usize = 4;

fn plan(_: &Host, _: &Settings) -> Vec<Plan> {
    vec![Plan { transport: Transport::Multicast, argument: String::new() }]
}

fn start(segment: &Host, _: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    Box::new(Discovery::new(segment.ip))
}

/// The multicast group of mDNS in the family of our own address (RFC 6762 section 3).
const fn group(own: IpAddr) -> SocketAddr {
    match own {
        IpAddr::V4(_) => SocketAddr::new(IpAddr::V4(Ipv4Addr::new(224, 0, 0, 251)), 5353),
        IpAddr::V6(_) => SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb)), 5353),
    }
}

struct Discovery {
    own: IpAddr,
    waiting: VecDeque<Vec<u8>>,
    sent: usize,
    rounds: usize,
    asked: Asked,
    gathering: Gathering,
}

impl Discovery {
    fn new(own: IpAddr) -> Self {
        Self {
            own,
            waiting: VecDeque::new(),
            sent: 0,
            rounds: 0,
            asked: Asked::default(),
            gathering: Gathering::default(),
        }
    }

    /// The next datagram of this round, or patience.
    fn next(&mut self) -> Step {
        match self.waiting.pop_front() {
            Some(bytes) if self.sent < MAX_DATAGRAMS => {
                self.sent += 1;
                Step::Multicast { group: group(self.own), bytes }
            }
            _ => Step::Receive,
        }
    }

    /// All was quiet: ask for what is still open, or end.
    fn next_round(&mut self) -> Step {
        self.waiting = match self.rounds {
            0 => self.asked.first_round(),
            1 => self.asked.second_round(&self.gathering),
            _ => self.asked.further_round(&self.gathering),
        }
        .into();
        self.rounds += 1;
        if self.waiting.is_empty() || self.rounds > MAX_ROUNDS || self.sent >= MAX_DATAGRAMS {
            return Step::Done(self.gathering.harvest());
        }
        self.next()
    }
}

impl Conversation for Discovery {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Received { from, bytes } => {
                self.gathering.hear(from.ip(), bytes);
                self.next()
            }
            Input::Silent if !self.waiting.is_empty() => self.next(),
            Input::Connected | Input::Silent => self.next_round(),
            Input::Secured(_) | Input::NotSecured(_) | Input::Closed | Input::Refused => {
                Step::Done(self.gathering.harvest())
            }
        }
    }

    fn has_more_to_send(&self) -> bool {
        !self.waiting.is_empty() && self.sent < MAX_DATAGRAMS
    }

    fn give_up(&mut self) -> Harvest {
        self.gathering.harvest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::transcript::{Line, lines as told, play};
    use hickory_proto::op::{Message, MessageType, OpCode};
    use hickory_proto::rr::rdata::{A, PTR, SRV, TXT};
    use hickory_proto::rr::{Name, RData, Record};
    use rundgang_wire::dns_sd::{Labels, Wanted, queries};

    const GROUP: &str = "224.0.0.251:5353";

    fn labels(text: &str) -> Labels {
        text.split('/').map(str::to_owned).collect()
    }

    fn answer(records: Vec<(&str, RData)>) -> Vec<u8> {
        let mut message = Message::new(0, MessageType::Response, OpCode::Query);
        for (name, data) in records {
            message.add_answer(Record::from_rdata(dns(name), 120, data));
        }
        message.to_vec().unwrap()
    }

    fn dns(text: &str) -> Name {
        Name::from_labels(text.split('/').map(str::as_bytes)).unwrap()
    }

    fn pointer(text: &str) -> RData {
        RData::PTR(PTR(dns(text)))
    }

    fn question(asked: &[(&str, Wanted)]) -> Vec<u8> {
        let questions: Vec<_> = asked.iter().map(|(name, wanted)| (labels(name), *wanted)).collect();
        queries(&questions).remove(0)
    }

    /// The first round: several small datagrams, with a moment of silence after each.
    fn first_round() -> Vec<Line<'static>> {
        let datagrams = Asked::default().first_round();
        assert!(datagrams.iter().all(|bytes| bytes.len() <= 260), "an answer must fit beside its question");
        datagrams.into_iter().flat_map(|bytes| [Line::Asks(GROUP, bytes), Line::Silent]).collect()
    }

    fn shown(harvest: Harvest) -> Vec<(String, Vec<String>)> {
        harvest.0.into_iter().map(|(host, fields)| (host.to_string(), told(&fields))).collect()
    }

    #[test]
    fn nobody_answers() {
        let mut discovery = Discovery::new("192.0.2.1".parse().unwrap());
        let types = question(&[("_services/_dns-sd/_udp/local", Wanted::Pointers)]);
        let mut lines = first_round();
        lines.extend([Line::Asks(GROUP, types), Line::Silent]);
        assert_eq!(play(&mut discovery, &lines), Harvest::nothing());
    }

    #[test]
    fn what_is_left_open_is_asked_for() {
        let mut discovery = Discovery::new("192.0.2.1".parse().unwrap());
        let board = "Board 3/_lernraum/_tcp/local";
        let mut lines = first_round();
        lines.pop();
        lines.extend([
            Line::HearsFrom(
                "192.0.2.9",
                answer(vec![("_services/_dns-sd/_udp/local", pointer("_lernraum/_tcp/local"))]),
            ),
            Line::Silent,
            Line::Asks(
                GROUP,
                question(&[
                    ("_services/_dns-sd/_udp/local", Wanted::Pointers),
                    ("_lernraum/_tcp/local", Wanted::Pointers),
                ]),
            ),
            Line::HearsFrom("192.0.2.9", answer(vec![("_lernraum/_tcp/local", pointer(board))])),
            Line::Silent,
            Line::Asks(GROUP, question(&[(board, Wanted::Service), (board, Wanted::Text)])),
            Line::HearsFrom(
                "192.0.2.9",
                answer(vec![
                    (board, RData::SRV(SRV::new(0, 0, 7000, dns("board-3/local")))),
                    (board, RData::TXT(TXT::from_bytes(vec![b"model=LX", b"pk=0123"]))),
                    ("board-3/local", RData::A(A::new(192, 0, 2, 9))),
                ]),
            ),
            Line::Silent,
        ]);
        let harvest = play(&mut discovery, &lines);
        let expected = vec![
            "mdns.hostname: board-3".to_owned(),
            "mdns.instances: [host=board-3, instance=Board 3, port=7000, txt=[model=LX], type=_lernraum._tcp]".to_owned(),
            "mdns.services: [_lernraum._tcp]".to_owned(),
            "mdns.txt: [_lernraum._tcp model=LX]".to_owned(),
        ];
        assert_eq!(shown(harvest), [("192.0.2.9".to_owned(), expected)]);
    }

    /// Radio loses multicast: who names a type and no instance, or whose instance stays open, is asked once more.
    #[test]
    fn a_lost_answer_is_asked_for_again_and_then_no_more() {
        let mut discovery = Discovery::new("192.0.2.1".parse().unwrap());
        let types = ("_services/_dns-sd/_udp/local", Wanted::Pointers);
        let nas = "Ablage/_http/_tcp/local";
        let mut lines = first_round();
        lines.pop();
        lines.extend([
            // It has the type, but its answer to the question for that type got lost.
            Line::HearsFrom("192.0.2.7", answer(vec![(types.0, pointer("_http/_tcp/local"))])),
            Line::Silent,
            Line::Asks(GROUP, question(&[types, ("_http/_tcp/local", Wanted::Pointers)])),
            Line::HearsFrom("192.0.2.7", answer(vec![("_http/_tcp/local", pointer(nas))])),
            Line::Silent,
            Line::Asks(GROUP, question(&[(nas, Wanted::Service), (nas, Wanted::Text)])),
            Line::Silent,
            Line::Asks(GROUP, question(&[(nas, Wanted::Service), (nas, Wanted::Text)])),
            Line::HearsFrom(
                "192.0.2.7",
                answer(vec![(nas, RData::TXT(TXT::from_bytes(vec![b"model=DS218"])))]),
            ),
            Line::Silent,
        ]);
        let harvest = shown(play(&mut discovery, &lines));
        assert!(harvest[0].1.contains(&"mdns.txt: [_http._tcp model=DS218]".to_owned()), "{harvest:?}");
    }

    #[test]
    fn the_number_of_datagrams_is_bounded() {
        let mut discovery = Discovery::new("fe80::1".parse().unwrap());
        let from = "[fe80::2]:5353".parse().unwrap();
        let mut step = discovery.step(Input::Connected);
        let mut sent = 0;
        for number in 0..10_000 {
            step = match step {
                Step::Multicast { group, .. } => {
                    assert_eq!(group.to_string(), "[ff02::fb]:5353");
                    sent += 1;
                    // A device that invents a new type for every question.
                    let kind = format!("_t{number}/_tcp/local");
                    let bytes = answer(vec![("_services/_dns-sd/_udp/local", pointer(&kind))]);
                    discovery.step(Input::Received { from, bytes: &bytes })
                }
                Step::Done(_) => {
                    assert!((1..=MAX_DATAGRAMS).contains(&sent), "{sent}");
                    return;
                }
                _ => discovery.step(Input::Silent),
            };
        }
        panic!("it does not end");
    }
}
