//! A device that answers one byte a second, for ever, costs every probe no more than its budget.

use super::*;
use crate::{
    clock::FixedClock,
    network::{Datagrams, Ended, Link, Pending, Stream, Unreached, WholeLink},
    probe::{Host, SnmpCredential, SnmpSecret},
    scope::Flags,
};
use rundgang_inventory::{Fields, Kind, Mac, Row, Timestamp, Value, vocabulary as v};
use std::io;
use tokio::time::{Instant, Interval, interval_at};

/// A network of devices that accept everything and say one byte a second.
struct Drip;

/// Something that never ends and says a byte every second of the paused clock, which costs the test no time.
struct Tap(Interval);

impl Tap {
    fn new() -> Self {
        let second = Duration::from_secs(1);
        Self(interval_at(Instant::now() + second, second))
    }

    async fn drop(&mut self) -> Vec<u8> {
        self.0.tick().await;
        vec![b'2']
    }
}

impl Stream for Tap {
    fn send<'a>(&'a mut self, _bytes: &'a [u8]) -> Pending<'a, Result<(), Ended>> {
        Box::pin(async { Ok(()) })
    }

    fn receive(&mut self) -> Pending<'_, Result<Vec<u8>, Ended>> {
        Box::pin(async { Ok(self.drop().await) })
    }

    fn secure(
        self: Box<Self>,
        _name: Option<String>,
    ) -> Pending<'static, Result<(Box<dyn Stream>, crate::probe::TlsPeer), String>> {
        Box::pin(std::future::pending())
    }
}

struct Puddle(SocketAddr, Tap);

impl Datagrams for Puddle {
    fn send<'a>(&'a mut self, _to: SocketAddr, _bytes: &'a [u8]) -> Pending<'a, io::Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn receive(&mut self) -> Pending<'_, io::Result<(SocketAddr, Vec<u8>)>> {
        Box::pin(async { Ok((self.0, self.1.drop().await)) })
    }
}

impl Network for Drip {
    fn place(&self, _segment: &Segment, _ip: IpAddr) -> Place {
        Place::OnLink
    }
    fn own_address(&self, _segment: &Segment) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, 9]))
    }
    fn connect(
        &self,
        _to: SocketAddr,
        _patience: Duration,
    ) -> Pending<'_, Result<Box<dyn Stream>, Unreached>> {
        Box::pin(async { Ok(Box::new(Tap::new()) as Box<dyn Stream>) })
    }
    fn datagrams(&self, peer: SocketAddr) -> Pending<'_, io::Result<Box<dyn Datagrams>>> {
        Box::pin(async move { Ok(Box::new(Puddle(peer, Tap::new())) as Box<dyn Datagrams>) })
    }
    fn reaches_all(&self, _segment: &Segment) -> bool {
        true
    }
    fn multicast(&self, _: &Segment, group: SocketAddr) -> Pending<'_, io::Result<Box<dyn Datagrams>>> {
        let from = SocketAddr::new(IpAddr::from([10, 0, 0, 1]), group.port());
        Box::pin(async move { Ok(Box::new(Puddle(from, Tap::new())) as Box<dyn Datagrams>) })
    }
    fn whole_links(&self, segment: &Segment) -> Vec<WholeLink> {
        let own = std::net::Ipv4Addr::new(10, 0, 0, 9);
        vec![WholeLink { interface: "eth0".to_owned(), own, network: segment.network }]
    }
    fn broadcast(&self, _link: &WholeLink, port: u16) -> Pending<'_, io::Result<Box<dyn Datagrams>>> {
        let tap = Puddle(SocketAddr::new(IpAddr::from([10, 0, 0, 1]), port), Tap::new());
        Box::pin(async move { Ok(Box::new(tap) as Box<dyn Datagrams>) })
    }
    fn link(&self, _segment: &Segment) -> Option<Box<dyn Link>> {
        None
    }
    fn echo(&self, _ip: IpAddr, _patience: Duration) -> Pending<'_, Option<bool>> {
        Box::pin(async { Some(true) })
    }
    fn neighbour(&self, _ip: IpAddr) -> Option<Mac> {
        None
    }
    fn listening(&self) -> Option<Vec<SocketAddr>> {
        None
    }
}

fn runner() -> Runner {
    let flags = Flags { networks: vec!["10.0.0.0/28".into()], ..Flags::default() };
    let scope = Arc::new(flags.scope().expect("a scope"));
    let credential = SnmpCredential {
        label: "school".into(),
        networks: Vec::new(),
        secret: SnmpSecret::V2c("drip".into()),
    };
    let settings = Settings { snmp: vec![credential], check_public_community: true, ..Settings::default() };
    let clock = Arc::new(FixedClock(Timestamp::from_seconds(1_790_000_000)));
    Runner::new(scope, Arc::new(settings), Arc::new(Drip), clock, 1)
}

/// Hosts that between them lead every probe to something it wants to ask.
fn hosts() -> Vec<Host> {
    let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.to_owned()).collect());
    let page = Row::from([
        ("port".to_owned(), Value::Int(80)),
        ("path".to_owned(), Value::text("/")),
        ("location".to_owned(), Value::text("/login")),
    ]);
    let receiver =
        Row::from([("type".to_owned(), Value::text("_airplay._tcp")), ("port".to_owned(), Value::Int(7000))]);
    let fields = Fields::new()
        .with(&v::MDNS_INSTANCES, Value::Table(vec![receiver]))
        .with(&v::HTTP_PAGES, Value::Table(vec![page]))
        .with(&v::MDNS_SERVICES, list(&["_googlecast._tcp", "_ipp._tcp"]))
        .with(&v::SSDP_ST, list(&["roku:ecp"]))
        .with(&v::SSDP_LOCATION, list(&["http://10.0.0.1:49152/d.xml"]))
        .with(&v::SNMP_CREDENTIAL, Value::text("school"));
    // A maker whose control port is documented.
    let mac = "64:1c:b0:00:00:01".parse().ok().map(|mac| (mac, rundgang_inventory::MacProvenance::OwnReply));
    [
        None,
        Some(Kind::Printer),
        Some(Kind::Projector),
        Some(Kind::Display),
        Some(Kind::Switch),
        Some(Kind::Telephony),
    ]
    .map(|kind| Host { ip: IpAddr::from([10, 0, 0, 1]), mac, fields: fields.clone(), kind })
    .to_vec()
}

#[tokio::test(start_paused = true)]
async fn one_byte_a_second_costs_a_conversation_its_budget_at_most() {
    let runner = runner();
    let segment = runner.permit_host(IpAddr::from([10, 0, 0, 1])).expect("in scope").clone();
    let budget = Patience::of(&segment).conversation + Duration::from_secs(5);
    let mut asked = std::collections::BTreeSet::new();
    for host in hosts() {
        for &probe in runner.probes() {
            for plan in (probe.plan)(&host, runner.settings()) {
                let begun = Instant::now();
                if plan.transport.asks_segment() {
                    let _asked =
                        runner.ask_segment(&segment, probe, &plan, IpAddr::from([10, 0, 0, 9])).await;
                } else {
                    runner.converse(&host, probe, &plan).await.expect("allowed");
                }
                let took = begun.elapsed();
                assert!(took <= budget, "{} {plan:?} took {took:?}", probe.name);
                asked.insert(probe.name);
            }
        }
    }
    let all: std::collections::BTreeSet<_> = runner.probes().iter().map(|probe| probe.name).collect();
    assert_eq!(asked, all, "a probe that was never held back is not shown to be bounded");
}

/// All conversations of one host in a row, each at its budget, is the worst that a walk can meet.
#[tokio::test(start_paused = true)]
async fn a_walk_past_such_devices_ends() {
    let runner = Arc::new(runner());
    let begun = Instant::now();
    let kept = crate::walk::walk_with(&runner, &crate::walk::Quiet).await;
    assert!(kept.round().coverage.iter().all(|covered| covered.complete));
    let conversations: u64 = runner.sent().values().sum();
    let budget = Patience::of(&runner.scope().segments()[0]).conversation + Duration::from_secs(5);
    let worst = budget * u32::try_from(conversations).expect("few conversations");
    assert!(begun.elapsed() <= worst, "{:?} for {conversations} conversations", begun.elapsed());
}
