//! SSDP: two searches to the segment; devices answer with what they are and where their description stands. The
//! descriptions are read by another probe.

use super::evidence::set_list;
use crate::probe::{
    Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step, Transport,
};
use rundgang_inventory::Fields;
use rundgang_inventory::vocabulary::{
    SSDP_HEADERS, SSDP_HEARD_LOCATION, SSDP_LOCATION, SSDP_SERVER, SSDP_ST, SSDP_USN,
};
use rundgang_wire::ssdp::{Message, Sort, message, search};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The probe.
pub(crate) static PROBE: Probe = Probe {
    name: "ssdp",
    sends: "Two M-SEARCH datagrams to 239.255.255.250 or ff02::c, port 1900: for ssdp:all and for upnp:rootdevice.",
    group: Group::Announcements,
    stage: Stage::Announcements,
    plan,
    start,
};

/// What is searched for, in this order. Some devices answer only the second.
const TARGETS: [&str; 2] = ["ssdp:all", "upnp:rootdevice"];
/// Seconds over which devices spread their answers.
const WAIT: u8 = 1;
/// Hosts that are listened to in one segment, and answers of one host.
const MAX_HOSTS: usize = 4096;
const MAX_ANSWERS: usize = 64;
/// Octets of answers kept of one segment; made-up senders fill this and no more.
const MAX_OCTETS: usize = 8 * 1024 * 1024;

/// Header fields that the standard defines; the others are a vendor's own word.
const STANDARD: &[&str] = &[
    "cache-control",
    "date",
    "ext",
    "location",
    "server",
    "st",
    "nt",
    "nts",
    "usn",
    "host",
    "content-length",
    "opt",
    "01-nls",
    "bootid.upnp.org",
    "configid.upnp.org",
    "searchport.upnp.org",
    "securelocation.upnp.org",
    "connection",
    "nextbootid.upnp.org",
    "nls",
    "wakeup",
];

fn plan(_: &Host, _: &Settings) -> Vec<Plan> {
    vec![Plan { transport: Transport::Multicast, argument: String::new() }]
}

fn start(segment: &Host, _: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    let address = match segment.ip {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::new(239, 255, 255, 250)),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x0c)),
    };
    Box::new(Search { group: SocketAddr::new(address, 1900), asked: 0, answers: Gathering::default() })
}

struct Search {
    group: SocketAddr,
    asked: usize,
    answers: Gathering,
}

impl Conversation for Search {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Received { from, bytes } => {
                self.answers.hear(from.ip(), bytes, Sort::Answer);
                // The first answer shows that the first question is out; the second need not wait for silence.
                self.ask().unwrap_or(Step::Receive)
            }
            Input::Connected | Input::Silent => {
                self.ask().unwrap_or_else(|| Step::Done(self.answers.harvest()))
            }
            _ => Step::Done(self.answers.harvest()),
        }
    }

    fn give_up(&mut self) -> Harvest {
        self.answers.harvest()
    }
}

impl Search {
    /// The next question, if there is one.
    fn ask(&mut self) -> Option<Step> {
        let target = TARGETS.get(self.asked)?;
        self.asked += 1;
        Some(Step::Multicast { group: self.group, bytes: search(&self.group.to_string(), target, WAIT) })
    }
}

/// What hosts said, by sender: answers to a search, or what they announce unasked.
#[derive(Default)]
pub(crate) struct Gathering {
    hosts: BTreeMap<IpAddr, Vec<Message>>,
    octets: usize,
}

impl Gathering {
    /// Takes in one datagram where it is of this sort. Who takes leave is not there any more and says nothing.
    pub(crate) fn hear(&mut self, from: IpAddr, bytes: &[u8], sort: Sort) {
        let Some(message) = message(bytes).filter(|message| message.sort == sort) else { return };
        let is_full = self.hosts.len() >= MAX_HOSTS && !self.hosts.contains_key(&from);
        if is_full || self.octets >= MAX_OCTETS || message.header("nts") == Some("ssdp:byebye") {
            return;
        }
        let said = self.hosts.entry(from).or_default();
        if said.len() < MAX_ANSWERS && !said.contains(&message) {
            // Each header field costs its two strings' own bookkeeping besides its text.
            self.octets += bytes.len() + 64 * message.headers.len() + 128;
            said.push(message);
        }
    }

    /// The evidence, by host.
    pub(crate) fn harvest(&self) -> Harvest {
        let hosts = self.hosts.iter().map(|(&host, said)| (host, told(said)));
        Harvest(hosts.filter(|(_, fields)| !fields.is_empty()).collect())
    }
}

/// The evidence of one host's messages, sorted: they come in any order.
fn told(messages: &[Message]) -> Fields {
    let of = |sort: Option<Sort>, name: &str| {
        let counts = |message: &&Message| sort.is_none_or(|sort| message.sort == sort);
        let mut values: Vec<&str> =
            messages.iter().filter(counts).filter_map(|message| message.header(name)).collect();
        values.sort_unstable();
        values
    };
    let all = |name: &str| of(None, name);
    let mut own: Vec<String> = messages
        .iter()
        .flat_map(|message| &message.headers)
        .filter(|(name, value)| !STANDARD.contains(&name.as_str()) && !value.is_empty())
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    own.sort_unstable();
    let is_type = |target: &&str| !target.starts_with("uuid:") && *target != "upnp:rootdevice";
    // What an answer calls ST a notice calls NT (UPnP Device Architecture 2.0, 1.2.2 and 1.3.3).
    let mut types: Vec<&str> = [all("st"), all("nt")].concat().into_iter().filter(is_type).collect();
    types.sort_unstable();
    let mut fields = Fields::new();
    set_list(&mut fields, &SSDP_SERVER, all("server"));
    set_list(&mut fields, &SSDP_LOCATION, of(Some(Sort::Answer), "location"));
    // A field of its own: what somebody sent unasked makes nobody fetch anything.
    set_list(&mut fields, &SSDP_HEARD_LOCATION, of(Some(Sort::Notice), "location"));
    set_list(&mut fields, &SSDP_ST, types);
    set_list(&mut fields, &SSDP_USN, all("usn").into_iter().filter_map(|usn| usn.split("::").next()));
    set_list(&mut fields, &SSDP_HEADERS, own);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::tests::host;
    use crate::probes::transcript::{Line, lines, play};

    const GROUP: &str = "239.255.255.250:1900";

    #[test]
    fn nobody_answers() {
        let segment = host(None, Fields::new());
        let mut conversation =
            start(&segment, &plan(&segment, &Settings::default())[0], &Settings::default(), 0);
        let harvest = play(
            conversation.as_mut(),
            &[
                Line::Asks(GROUP, search(GROUP, "ssdp:all", 1)),
                Line::Silent,
                Line::Asks(GROUP, search(GROUP, "upnp:rootdevice", 1)),
                Line::Silent,
            ],
        );
        assert_eq!(harvest, Harvest::nothing());
    }

    #[test]
    fn a_search() {
        let answer = |st: &str, extra: &str| {
            format!("HTTP/1.1 200 OK\r\nST: {st}\r\nUSN: uuid:1::{st}\r\nLOCATION: http://192.0.2.9:49152/d.xml\r\nSERVER: Linux UPnP/1.0 X\r\nDATE: now\r\n{extra}\r\n").into_bytes()
        };
        let segment = host(None, Fields::new());
        let mut conversation =
            start(&segment, &plan(&segment, &Settings::default())[0], &Settings::default(), 0);
        let harvest = play(
            conversation.as_mut(),
            &[
                Line::Asks(GROUP, search(GROUP, "ssdp:all", 1)),
                Line::HearsFrom("192.0.2.9", answer("urn:b:2", "X-Model: Y 1\r\n")),
                Line::Asks(GROUP, search(GROUP, "upnp:rootdevice", 1)),
                Line::HearsFrom("192.0.2.9", answer("upnp:rootdevice", "")),
                Line::HearsFrom("192.0.2.9", b"NOTIFY * HTTP/1.1\r\nNT: x\r\n\r\n".to_vec()),
                Line::HearsFrom("192.0.2.10", b"nonsense".to_vec()),
                Line::HearsFrom("192.0.2.9", answer("urn:a:1", "")),
                Line::Silent,
            ],
        );
        assert_eq!(harvest.0.len(), 1);
        assert_eq!(
            lines(&harvest.0[0].1),
            [
                "ssdp.headers: [x-model: Y 1]",
                "ssdp.location: [http://192.0.2.9:49152/d.xml]",
                "ssdp.server: [Linux UPnP/1.0 X]",
                "ssdp.st: [urn:a:1 | urn:b:2]",
                "ssdp.usn: [uuid:1]",
            ]
        );
    }
}
