//! The runner against a recorded network: what goes out, to whom, in which order, and what never does.

use super::*;
use crate::{
    clock::FixedClock,
    network::replay::{Replay, Sent},
    probe::{Conversation, Harvest, Host, Input, Plan, Stage, Step},
    scope::{Flags, NetworkClass},
    walk::{Quiet, walk_with},
};
use rundgang_inventory::{Fields, Observation, Timestamp, Value, vocabulary};

mod caution;

/// Sends one thing and reports what came under a field of SNMP's.
struct Say {
    ip: IpAddr,
    bytes: &'static [u8],
    tls: bool,
    told: Fields,
}

impl Conversation for Say {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Connected if self.bytes.is_empty() => Step::Receive,
            Input::Connected => Step::Send(self.bytes.to_vec()),
            Input::Received { bytes, .. } if bytes == b"more" => Step::Receive,
            Input::Received { bytes, .. } => {
                self.told.set(&vocabulary::SNMP_SYS_DESCR, Value::text(bytes));
                if self.tls { Step::StartTls(None) } else { self.done() }
            }
            Input::Secured(peer) => {
                self.told.set(&vocabulary::SNMP_SYS_OBJECT_ID, Value::text(&peer.version));
                self.done()
            }
            _ => self.done(),
        }
    }

    fn give_up(&mut self) -> Harvest {
        Harvest::of(self.ip, std::mem::take(&mut self.told))
    }
}

impl Say {
    fn done(&mut self) -> Step {
        Step::Done(self.give_up())
    }

    fn boxed(host: &Host, bytes: &'static [u8], tls: bool) -> Box<dyn Conversation> {
        Box::new(Self { ip: host.ip, bytes, tls, told: Fields::new() })
    }
}

/// Asks one multicast question and takes every answer.
struct Question(Vec<(IpAddr, Fields)>);

impl Conversation for Question {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Connected => {
                Step::Multicast { group: "224.0.0.251:5353".parse().unwrap(), bytes: b"who".to_vec() }
            }
            Input::Received { from, bytes } => {
                let told = Fields::new().with(
                    &vocabulary::MDNS_SERVICES,
                    Value::List(vec![String::from_utf8_lossy(bytes).into_owned()]),
                );
                self.0.push((from.ip(), told));
                Step::Receive
            }
            _ => Step::Done(self.give_up()),
        }
    }

    fn give_up(&mut self) -> Harvest {
        Harvest(std::mem::take(&mut self.0))
    }
}

static ANNOUNCE: Probe = Probe {
    name: "announce",
    sends: "One question.",
    group: Group::Announcements,
    stage: Stage::Announcements,
    plan: |_, _| vec![Plan { transport: Transport::Multicast, argument: String::new() }],
    start: |_, _, _, _| Box::new(Question(Vec::new())),
};
static GENTLE: Probe = Probe {
    name: "gentle",
    sends: "One datagram.",
    group: Group::Snmp,
    stage: Stage::Gentle,
    plan: |_, _| vec![Plan::udp(1610)],
    start: |host, _, _, _| Say::boxed(host, b"get", false),
};
static CONNECT: Probe = Probe {
    name: "connect",
    sends: "One line.",
    group: Group::Web,
    stage: Stage::Connections,
    // Greedy on purpose: the ports of promise S2 are among them.
    plan: |_, _| [80, 443, 515, 631, 2000, 9100, 9101, 9107, 9112, 9116, 9999].map(Plan::tcp).to_vec(),
    start: |host, plan, _, _| Say::boxed(host, b"hello", plan.transport == Transport::Tcp(443)),
};
/// A question to the port of printing, over TLS.
static PRINT: Probe = Probe {
    name: "print",
    sends: "One question.",
    group: Group::Printing,
    stage: Stage::Connections,
    plan: |_, _| vec![Plan::tcp(631)],
    start: |host, _, _, _| Say::boxed(host, b"question", true),
};
static PRINTING: &[&Probe] = &[&PRINT];
static PROBES: &[&Probe] = &[&ANNOUNCE, &GENTLE, &CONNECT];

const SCHOOL: &str = r#"
[[host]]
ip = "10.0.0.1"
mac = "00:11:32:00:00:01"
udp = [{ port = 1610, exchange = [{ answer = "NAS" }] }]
tcp = [
  { port = 80, exchange = [{ expect = "hello", answer = "hi" }] },
  { port = 443, exchange = [{ answer = "TLS please" }], tls = { chain = [], version = "TLSv1.3" } },
]

# A Loxone building control, known by its block.
[[host]]
ip = "10.0.0.2"
mac = "50:4f:94:00:00:02"
udp = [{ port = 1610, exchange = [{ answer = "never asked" }] }]
tcp = [{ port = 80, exchange = [{ answer = "never asked" }] }]

# A Yealink telephone, known by its block: gentle.
[[host]]
ip = "10.0.0.3"
mac = "80:5e:c0:00:00:03"
udp = [{ port = 1610, exchange = [{ answer = "Yealink" }] }]
tcp = [{ port = 80, exchange = [{ answer = "never asked" }] }]

# A random address: a person's.
[[host]]
ip = "10.0.0.4"
mac = "d2:77:1c:04:1c:5d"
udp = [{ port = 1610, exchange = [{ answer = "never asked" }] }, { port = 5353, group = "224.0.0.251", exchange = [{ answer = "_companion-link._tcp" }] }]

# Outside the scope, and talkative.
[[host]]
ip = "10.0.1.9"
mac = "00:11:32:00:00:09"
udp = [{ port = 5353, group = "224.0.0.251", exchange = [{ answer = "_ipp._tcp" }] }]

# Behind a router: a firewall that accepts everything and says nothing.
[[host]]
ip = "10.0.0.7"
tcp = [{ port = 80 }, { port = 443 }, { port = 631 }]
"#;

struct Walked {
    replay: Arc<Replay>,
    runner: Arc<Runner>,
    kept: crate::filter::Kept,
}

async fn walk(edit: impl Fn(&mut Segment)) -> Walked {
    let flags =
        Flags { networks: vec!["10.0.0.0/28".into()], class: NetworkClass::Managed, ..Flags::default() };
    let mut segments = flags.scope().unwrap().segments().to_vec();
    segments.iter_mut().for_each(&edit);
    let scope = Arc::new(Scope::new(segments, &[], &[], crate::scope::Act::Person).unwrap());
    let replay = Arc::new(Replay::read(SCHOOL).unwrap());
    let clock = Arc::new(FixedClock(Timestamp::from_seconds(1_790_000_000)));
    let runner = Arc::new(Runner::with_probes(scope, Arc::default(), replay.clone(), clock, 1, PROBES));
    let kept = walk_with(&runner, &Quiet).await;
    Walked { replay, runner, kept }
}

impl Walked {
    /// What was sent to a host, sweep aside: `udp`, `tcp 80`.
    fn sent_to(&self, last: u8) -> Vec<String> {
        let ip = IpAddr::from([10, 0, 0, last]);
        self.replay
            .ledger()
            .iter()
            .filter_map(|(_, sent)| match sent {
                Sent::Datagram(to, _) if to.ip() == ip => Some(format!("udp {}", to.port())),
                Sent::Connected(to) if to.ip() == ip => Some(format!("tcp {}", to.port())),
                _ => None,
            })
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn hosts_get_what_their_kind_allows_in_order() {
    let walked = walk(|_| {}).await;
    let sent = walked.sent_to(1);
    assert_eq!(sent.first().map(String::as_str), Some("udp 1610"), "SNMP comes before TCP");
    assert!(sent.contains(&"tcp 80".to_owned()) && !sent.contains(&"tcp 631".to_owned()), "{sent:?}");
    assert_eq!(walked.sent_to(2), [""; 0], "building control is left alone");
    assert_eq!(walked.sent_to(3), ["udp 1610"], "a telephone gets no TCP");
    assert_eq!(walked.sent_to(4), [""; 0], "a personal device gets no packet");
}

#[tokio::test(start_paused = true)]
async fn an_opted_in_device_is_walked() {
    let walked = walk(|segment| {
        segment.opted_in.insert(IpAddr::from([10, 0, 0, 2]));
    })
    .await;
    assert!(walked.sent_to(2).contains(&"udp 1610".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn raw_print_ports_never_get_a_connection() {
    let walked = walk(|_| {}).await;
    for (_, sent) in walked.replay.ledger() {
        if let Sent::Connected(to) = sent {
            assert!([80, 443, 22, 445].contains(&to.port()), "connected to {to}");
        }
    }
    for port in [515, 2000, 2001, 9100, 9103, 9107, 9112, 9116, 9999] {
        let to = SocketAddr::from(([10, 0, 0, 1], port));
        let refused = walked.runner.permit(to, Transport::Tcp(port), Group::Web).err();
        assert_eq!(refused, Some(Refusal::RawPort(port)));
        assert_eq!(walked.runner.knock(to).await, Err(Refusal::RawPort(port)), "the fall-back discovery too");
    }
    assert!(
        crate::sweep::FALLBACK_PORTS
            .iter()
            .all(|port| !NEVER_CONNECT.iter().any(|never| never.contains(port)))
    );
}

/// A host at 10.0.0.1 of which this was announced is visited with these probes; what went out to port 631.
async fn sent_to_the_port_of_printing(announced: Fields, probes: &'static [&'static Probe]) -> Vec<Sent> {
    let host = r#"
        [[host]]
        ip = "10.0.0.1"
        mac = "00:11:32:00:00:01"
        tcp = [{ port = 631, exchange = [{ answer = "HTTP/1.1 200 OK\r\n\r\n" }], tls = { chain = [] } }]
    "#;
    let flags = Flags { networks: vec!["10.0.0.0/28".into()], ..Flags::default() };
    let replay = Arc::new(Replay::read(host).unwrap());
    let clock = Arc::new(FixedClock(Timestamp::from_seconds(1_790_000_000)));
    let scope = Arc::new(flags.scope().unwrap());
    let runner = Arc::new(Runner::with_probes(scope, Arc::default(), replay.clone(), clock, 1, probes));
    let mut visit = Visit::new(IpAddr::from([10, 0, 0, 1]), None, true, true);
    visit.add("mdns", announced);
    runner.visit(visit).await;
    let sent = replay.ledger().into_iter().map(|(_, sent)| sent);
    sent.filter(|sent| {
        matches!(sent, Sent::Stream(to, _) | Sent::Secured(to) | Sent::Datagram(to, _) if to.port() == 631)
    })
    .collect()
}

fn announced(service: &str) -> Fields {
    let row = rundgang_inventory::Row::from([
        ("type".to_owned(), Value::text(service)),
        ("instance".to_owned(), Value::text("Kopierer")),
        ("port".to_owned(), Value::Int(631)),
    ]);
    Fields::new()
        .with(&vocabulary::MDNS_SERVICES, Value::List(vec![service.to_owned()]))
        .with(&vocabulary::MDNS_INSTANCES, Value::Table(vec![row]))
        .with(&vocabulary::SSDP_LOCATION, Value::List(vec!["http://10.0.0.1:631/d.xml".to_owned()]))
}

#[tokio::test(start_paused = true)]
async fn the_port_of_printing_gets_one_kind_of_question() {
    let mut questions = 0;
    for service in ["_http._tcp", "_https._tcp", "_uscan._tcp", "_ipp._tcp"] {
        for sent in sent_to_the_port_of_printing(announced(service), crate::probes::ALL).await {
            let Sent::Stream(_, bytes) = sent else { panic!("{service}: {sent:?}") };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            // Get-Printer-Attributes stands in the third and fourth octet of the body (RFC 8011).
            assert!(
                text.starts_with("POST /") && text.contains("\r\n\r\n\u{1}\u{1}\0\u{b}"),
                "{service}: {text}"
            );
            questions += 1;
        }
    }
    assert!(questions > 0, "printers are still asked");
}

#[tokio::test(start_paused = true)]
async fn tls_on_the_port_of_printing_only_where_it_is_announced() {
    let secured = |sent: &[Sent]| sent.iter().any(|sent| matches!(sent, Sent::Secured(_)));
    assert!(!secured(&sent_to_the_port_of_printing(announced("_ipp._tcp"), PRINTING).await));
    assert!(secured(&sent_to_the_port_of_printing(announced("_ipps._tcp"), PRINTING).await));
}

#[tokio::test(start_paused = true)]
async fn a_question_to_a_segment_passes_the_gate() {
    let closed = |segment: &mut Segment| segment.valid_until = Some(Timestamp(1));
    for edit in
        [closed, |segment: &mut Segment| segment.groups.retain(|group| *group != Group::Announcements)]
    {
        let walked = walk(edit).await;
        let segment = walked.runner.scope().segments()[0].clone();
        let plan = Plan { transport: Transport::Multicast, argument: String::new() };
        let before = walked.replay.ledger().len();
        let refused = walked.runner.ask_segment(&segment, &ANNOUNCE, &plan, [10, 0, 0, 9].into()).await;
        assert!(matches!(refused, Err(Refusal::Mode(_) | Refusal::Group(_))), "{refused:?}");
        assert_eq!(walked.replay.ledger().len(), before, "a packet past the gate");
    }
}

/// A polite and a fast segment side by side: the sum keeps the slower limit.
#[tokio::test(start_paused = true)]
async fn several_paces_share_one_limit() {
    let flags = Flags { networks: vec!["10.0.0.0/28".into(), "10.0.1.0/24".into()], ..Flags::default() };
    let mut segments = flags.scope().unwrap().segments().to_vec();
    segments[1].pace = Pace::Fast;
    segments[1].authority.authorised_by = "A".to_owned();
    let scope = Arc::new(Scope::new(segments, &[], &[], crate::scope::Act::Person).unwrap());
    let replay = Arc::new(Replay::read(SCHOOL).unwrap());
    let clock = Arc::new(FixedClock(Timestamp::from_seconds(1_790_000_000)));
    let runner = Arc::new(Runner::with_probes(scope, Arc::default(), replay.clone(), clock, 1, PROBES));
    walk_with(&runner, &Quiet).await;
    let moments: Vec<_> = replay.ledger().into_iter().map(|(at, _)| at).collect();
    for (number, from) in moments.iter().enumerate() {
        let within = moments[number..].iter().take_while(|at| **at < *from + Duration::from_secs(1)).count();
        assert!(within <= 100, "{within} within a second");
    }
    assert!(moments.len() > 250, "{}", moments.len());
}

#[tokio::test(start_paused = true)]
async fn nothing_leaves_the_scope() {
    let walked = walk(|_| {}).await;
    let network = walked.runner.scope().segments()[0].network;
    for (_, sent) in walked.replay.ledger() {
        let to = match sent {
            Sent::Asked(ip) | Sent::Echo(ip) => ip,
            Sent::Connected(to) | Sent::Stream(to, _) | Sent::Datagram(to, _) | Sent::Secured(to) => to.ip(),
        };
        assert!(network.is_target(to) || to.is_multicast(), "sent to {to}");
    }
    for outside in ["10.0.1.9", "10.0.0.0", "10.0.0.15", "8.8.8.8", "224.0.0.251"] {
        let ip: IpAddr = outside.parse().unwrap();
        assert_eq!(walked.runner.permit_host(ip).err(), Some(Refusal::OutOfScope(ip)));
    }
    assert!(walked.kept.devices().iter().all(|device| network.contains(device.address)));
}

#[tokio::test(start_paused = true)]
async fn a_forbidden_group_and_a_personal_network_stay_quiet() {
    let walked = walk(|segment| {
        segment.groups.remove(&Group::Web);
    })
    .await;
    assert_eq!(walked.sent_to(1), ["udp 1610"]);
    let coverage = &walked.kept.round().coverage[0];
    assert_eq!(coverage.probes, ["announce", "gentle", "sweep"], "what did not run does not cover");

    let walked = walk(|segment| segment.class = NetworkClass::Personal).await;
    assert_eq!(walked.replay.ledger().len(), 0, "no packet in a personal network");
    assert!(!walked.kept.round().coverage[0].complete);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_across_a_router_is_no_host() {
    let walked = walk(|_| {}).await;
    assert!(walked.kept.devices().iter().all(|device| device.address != IpAddr::from([10, 0, 0, 7])));
}

#[tokio::test(start_paused = true)]
async fn what_was_heard_is_kept_by_probe() {
    let walked = walk(|_| {}).await;
    let one: Vec<_> = walked
        .kept
        .round()
        .observations
        .iter()
        .filter(|seen| seen.subject.key() == "ip 10.0.0.1")
        .map(|seen| (seen.probe.as_str(), seen.fields.text(&vocabulary::SNMP_SYS_DESCR).unwrap_or_default()))
        .collect();
    assert_eq!(one, [("connect", "TLS please"), ("gentle", "NAS"), ("sweep", "")]);
    let version = walked
        .kept
        .round()
        .observations
        .iter()
        .find_map(|seen| seen.fields.text(&vocabulary::SNMP_SYS_OBJECT_ID));
    assert_eq!(version, Some("TLSv1.3"), "TLS was seen over the standing connection");
}
