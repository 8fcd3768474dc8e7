//! What may be said of a segment afterwards: unknown is not absent, and nobody makes a walk endless.

mod search;
mod unasked;

use super::*;
use crate::{
    network::replay::{Replay, Sent},
    scope::{Act, Flags, NetworkClass},
};
use rundgang_inventory::{Row, Timestamp};
use std::fmt::Write as _;

/// A clock that goes with the test's virtual time.
struct Running(tokio::time::Instant);

impl Clock for Running {
    fn now(&self) -> Timestamp {
        Timestamp(START.0 + i64::try_from(self.0.elapsed().as_millis()).unwrap())
    }
}

const START: Timestamp = Timestamp(1_790_000_000_000);

fn segment(network: &str) -> Segment {
    let flags = Flags { networks: vec![network.into()], class: NetworkClass::Managed, ..Flags::default() };
    flags.scope().unwrap().segments()[0].clone()
}

fn runner(segment: Segment, replay: Replay) -> (Runner, Arc<Replay>) {
    let listed = segment.network;
    let scope = Scope::new(vec![segment], &[listed], &[], Act::Person).unwrap();
    let replay = Arc::new(replay);
    let clock = Arc::new(Running(tokio::time::Instant::now()));
    (Runner::new(Arc::new(scope), Arc::default(), replay.clone(), clock, 1), replay)
}

async fn walked(segment: Segment, replay: Replay) -> (Kept, Arc<Replay>) {
    let (runner, replay) = runner(segment, replay);
    (walk_with(&Arc::new(runner), &Quiet).await, replay)
}

/// Hosts at these addresses, each with a MAC address of the list in turn.
fn hosts(addresses: impl Iterator<Item = String>, mac: impl Fn(usize) -> String) -> Replay {
    let mut text = String::new();
    for (number, ip) in addresses.enumerate() {
        writeln!(text, "[[host]]\nip = \"{ip}\"\nmac = \"{}\"", mac(number)).unwrap();
    }
    Replay::read(&text).unwrap()
}

fn distinct(number: usize) -> String {
    format!("00:11:32:{:02x}:{:02x}:{:02x}", number >> 16 & 255, number >> 8 & 255, number & 255)
}

fn few() -> Replay {
    hosts((1..4).map(|last| format!("10.0.0.{last}")), distinct)
}

#[tokio::test(start_paused = true)]
async fn what_was_cut_short_covers_nothing() {
    let check = |what: &str, kept: &Kept, expected: bool| {
        let coverage = &kept.round().coverage[0];
        assert_eq!(coverage.complete, expected, "{what}");
        assert_eq!(coverage.probes.is_empty(), !expected, "{what}: {:?}", coverage.probes);
    };
    let ordinary = || segment("10.0.0.0/28");
    check("an ordinary walk", &walked(ordinary(), few()).await.0, true);
    check("no link from the beginning", &walked(ordinary(), few().losing_its_link_after(0)).await.0, false);
    check("a cable pulled in the sweep", &walked(ordinary(), few().losing_its_link_after(5)).await.0, false);
    check("a cable pulled at its end", &walked(ordinary(), few().losing_its_link_after(25)).await.0, false);
    check("nobody there at all", &walked(ordinary(), Replay::read("").unwrap()).await.0, false);
    let mut ends = ordinary();
    ends.valid_until = Some(Timestamp(START.0 + 4_000));
    check("an authorisation that ends meanwhile", &walked(ends, few()).await.0, false);
    let (runner, _) = runner(ordinary(), few());
    let runner = Arc::new(runner.within(Duration::from_secs(4)));
    check("a walk that takes too long", &walk_with(&runner, &Quiet).await, false);
    let machine = walked(segment("127.0.0.9/32"), Replay::read("").unwrap()).await.0;
    check("this machine, where nothing listens", &machine, true);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_could_not_be_asked_covers_nothing() {
    let (kept, _) = walked(segment("10.0.0.0/28"), few().without_multicast()).await;
    let coverage = &kept.round().coverage[0];
    assert!(coverage.complete, "everything else was asked");
    assert!(coverage.probes.iter().any(|probe| probe == SWEEP));
    for probe in crate::probes::ALL.iter().filter(|probe| probe.stage == Stage::Announcements) {
        assert!(coverage.probes.iter().all(|covered| covered != probe.name), "{}", probe.name);
    }
}

/// With its interface down, the agent's own address answers its own echo request by the loopback.
/// Hosts that do not know where we are would all ask for us at once (promise S4), and the second round finds hardly anybody.
#[tokio::test(start_paused = true)]
async fn announcements_are_asked_for_once_every_host_was_asked_for() {
    let replay = walked(segment("10.0.0.0/24"), few()).await.1;
    let sent: Vec<Sent> = replay.ledger().into_iter().map(|(_, sent)| sent).collect();
    let asked: BTreeSet<IpAddr> =
        sent.iter().filter_map(|sent| if let Sent::Asked(ip) = sent { Some(*ip) } else { None }).collect();
    let is_group = |sent: &Sent| matches!(sent, Sent::Datagram(to, _) if to.ip().is_multicast());
    let (before, after) =
        sent.split_at(sent.iter().position(is_group).expect("announcements were asked for"));
    let count = |part: &[Sent]| part.iter().filter(|sent| matches!(sent, Sent::Asked(_))).count();
    let first = asked.len()..asked.len() + 20;
    assert!(first.contains(&count(before)), "each was asked for once before: {}", count(before));
    assert!(count(after) > 200, "the second round goes on meanwhile: {}", count(after));
}

#[tokio::test(start_paused = true)]
async fn the_agent_itself_is_no_device() {
    let own = "[[host]]\nip = \"198.51.100.1\"\necho = true\n[[host]]\nip = \"198.51.100.2\"\necho = true";
    let mut listed = segment("10.0.0.0/28");
    listed.network = "198.51.100.0/28".parse().unwrap();
    let (kept, _) = walked(listed, Replay::read(own).unwrap()).await;
    let found: Vec<String> = kept.devices().iter().map(|device| device.address.to_string()).collect();
    assert_eq!(found, ["198.51.100.2"]);
}

#[tokio::test(start_paused = true)]
async fn forged_neighbours_are_bounded_and_told() {
    let addresses = || (1..5_000).map(|number| format!("fd00::{number:x}"));
    for (what, replay, at_most) in [
        ("ever new MAC addresses", hosts(addresses(), distinct), sweep::MAX_NEIGHBOURS),
        ("one that claims them all", hosts(addresses(), |_| distinct(7)), 32),
    ] {
        let (kept, _) = walked(segment("fd00::/64"), replay).await;
        assert!((1..=at_most).contains(&kept.devices().len()), "{what}: {}", kept.devices().len());
        assert!(!kept.round().coverage[0].complete, "{what}: more is there than was visited");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_answers_for_a_whole_network_makes_no_ghosts() {
    let proxy = hosts((1..1_000).map(|n| format!("10.0.{}.{}", n / 256, n % 256)), |n| {
        // A real device among what the proxy answers for.
        distinct(if n == 500 { 1 } else { 7 })
    });
    let (kept, replay) = walked(segment("10.0.0.0/22"), proxy).await;
    assert_eq!(kept.devices().len(), 1, "{:?}", kept.devices().iter().map(|d| d.address).collect::<Vec<_>>());
    assert!(!kept.round().coverage[0].complete, "not all behind the proxy was asked for");
    let connected = replay.ledger().into_iter().filter(|(_, sent)| matches!(sent, Sent::Echo(_))).count();
    assert!(connected <= 256, "{connected}");
}

#[tokio::test(start_paused = true)]
async fn a_walk_ends_in_time_whatever_answers() {
    // Every host accepts every connection and never says a word.
    let mut text = String::new();
    for last in 1..200 {
        let open: Vec<String> =
            [22, 23, 21, 80, 443, 8080, 8443].iter().map(|port| format!("{{ port = {port} }}")).collect();
        writeln!(text, "[[host]]\nip = \"10.0.0.{last}\"\nmac = \"{}\"", distinct(last)).unwrap();
        writeln!(text, "tcp = [{}]", open.join(", ")).unwrap();
    }
    let (runner, _) = runner(segment("10.0.0.0/24"), Replay::read(&text).unwrap());
    let began = tokio::time::Instant::now();
    let runner = Arc::new(runner.within(Duration::from_secs(60)));
    let kept = walk_with(&runner, &Quiet).await;
    assert!(began.elapsed() < Duration::from_secs(60 + 120), "{:?}", began.elapsed());
    assert!(!kept.round().coverage[0].complete);
    assert_eq!(
        crate::runner::budget(runner.scope()).as_secs(),
        4 * 3600 + 254 / 4,
        "four hours and a quarter second each"
    );
}

#[tokio::test(start_paused = true)]
async fn without_leave_no_connection_goes_before_a_class_is_known() {
    let silent = "[[host]]\nip = \"10.0.0.3\"\ntcp = [{ port = 80 }]";
    for (allowed, expected) in [(true, 1), (false, 0)] {
        let mut segment = segment("10.0.0.3/32");
        segment.tcp_discovery = allowed;
        let (_, replay) = walked(segment, Replay::read(silent).unwrap()).await;
        let connections =
            replay.ledger().iter().filter(|(_, sent)| matches!(sent, Sent::Connected(_))).count();
        assert_eq!(connections.min(1), expected, "{connections} connections");
    }
}

#[tokio::test(start_paused = true)]
async fn a_single_probe_keeps_its_hands_off_too() {
    let recorded = "
        [[host]]
        ip = \"10.0.0.2\"
        mac = \"50:4f:94:00:00:02\"
        tcp = [{ port = 80 }, { port = 443 }]
        [[host]]
        ip = \"10.0.0.4\"
        mac = \"d2:77:1c:04:1c:5d\"
        tcp = [{ port = 80 }, { port = 443 }]
        [[host]]
        ip = \"10.0.0.5\"
        mac = \"00:11:32:00:00:05\"
        tcp = [{ port = 80 }, { port = 443 }]";
    let http = crate::probes::ALL.iter().copied().find(|probe| probe.name == "http").unwrap();
    // Building control; a random address; an ordinary host; building control that was opted in.
    for (last, opted_in, expected) in
        [(2, false, false), (4, false, false), (5, false, true), (2, true, true)]
    {
        let target = IpAddr::from([10, 0, 0, last]);
        let mut segment = segment("10.0.0.0/28");
        segment.opted_in.extend(opted_in.then_some(target));
        let (runner, replay) = runner(segment, Replay::read(recorded).unwrap());
        let outcome = probe(&Arc::new(runner), http, target).await;
        let connected = replay.ledger().iter().any(|(_, sent)| matches!(sent, Sent::Connected(_)));
        assert!(expected || !connected, "10.0.0.{last} {opted_in}");
        assert!(connected || last != 5, "an ordinary host is asked");
        assert_eq!(outcome.err(), (!expected).then_some(Refusal::LeftAlone));
    }
}

#[test]
fn what_is_heard_stands_with_who_said_it() {
    let [own, forger]: [Mac; 2] = ["00:11:32:00:00:02", "00:11:32:00:00:09"].map(|mac| mac.parse().unwrap());
    let at = |last: u8| IpAddr::from([10, 0, 0, last]);
    let placed = |mac: Mac, ip: Option<IpAddr>, field: &str| {
        let known =
            |last, mac| (at(last), Visit::new(at(last), Some((mac, MacProvenance::OwnReply)), true, true));
        let mut found = BTreeMap::from([known(2, own), known(9, forger)]);
        let fields = Fields::from_iter([(field.to_owned(), Value::text("x"))]);
        place_heard(&mut found, Heard { ip, mac: (mac, MacProvenance::OwnReply), fields });
        let told = |visit: &&Visit| visit.fields().named(field).is_some();
        found.values().filter(told).map(|visit| visit.ip).collect::<Vec<_>>()
    };
    assert_eq!(placed(own, Some(at(2)), "ssdp.server"), [at(2)]);
    assert!(placed(forger, Some(at(2)), "ssdp.server").is_empty(), "not its address");
    assert_eq!(placed(own, None, "dhcp.vendor_class"), [at(2)]);
    assert_eq!(placed(forger, Some(at(2)), "lldp.name"), [at(9)]);
    assert_eq!(placed("00:11:32:00:00:03".parse().unwrap(), Some(at(2)), "lldp.name"), [at(2)]);
    assert_eq!(placed("00:11:32:00:00:03".parse().unwrap(), Some(at(3)), "ssdp.server"), [at(3)]);
}

#[test]
fn a_routers_arp_table_tells_the_macs_behind_it() {
    let row = |ip: &str, mac: &str| {
        Row::from([("ip".to_owned(), Value::text(ip)), ("mac".to_owned(), Value::text(mac))])
    };
    let own = "00:a0:57:00:00:01".parse().expect("a MAC");
    let mut router =
        Visit::new(IpAddr::from([10, 0, 0, 1]), Some((own, MacProvenance::OwnReply)), true, true);
    let table = vec![
        row("10.0.0.1", "00:a0:57:00:00:99"),
        row("10.1.0.5", "00:17:c8:00:00:05"),
        row("10.1.0.6", "00:17:c8:00:00:06"),
        row("10.1.0.6", "00:17:c8:00:00:07"),
    ];
    router.add("snmp-walk", Fields::new().with(&SNMP_ARP, Value::Table(table)));
    let behind = |last| Visit::new(IpAddr::from([10, 1, 0, last]), None, false, true);
    let mut visits = vec![router, behind(5), behind(6), behind(7)];
    macs_from_routers(&mut visits);
    let macs: Vec<_> =
        visits.iter().map(|visit| visit.mac.map(|(mac, told)| (mac.to_string(), told))).collect();
    assert_eq!(
        macs,
        [
            Some(("00:a0:57:00:00:01".to_owned(), MacProvenance::OwnReply)),
            Some(("00:17:c8:00:00:05".to_owned(), MacProvenance::RouterTable)),
            None,
            None,
        ]
    );
}
