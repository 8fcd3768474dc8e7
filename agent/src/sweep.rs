//! Host discovery: who is there, asked below IP where possible, and never blindly (promises S4, S8).

mod answers;

pub(crate) use answers::MAX_NEIGHBOURS;

use crate::{
    network::{Link, Place},
    pace::Begin,
    runner::{Cut, Runner, SWEEP, Visit},
    scope::{Cidr, Segment},
};
use answers::{Answers, MAX_PROXIED};
use rundgang_inventory::{Fields, Mac, MacProvenance, Value, vocabulary::HOST_FOUND_BY};
use rundgang_wire::ndp;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, timeout_at},
};

/// Ports tried where neither ARP nor echo requests are possible: common ones that never print.
pub(crate) const FALLBACK_PORTS: &[u16] = &[80, 443, 22, 445];

/// After the last question answers may still come for so long.
const LATE: Duration = Duration::from_millis(700);

/// After so long the kernel asks neighbours that it was asked by whether they are still there (RFC 4861 section 10,
/// DELAY_FIRST_PROBE_TIME, with the rounding of its timers).
const DELAY: Duration = Duration::from_millis(5150);

/// Finds the hosts of one segment. `met` is dropped as soon as the hosts know where we are.
pub(crate) async fn sweep(
    runner: &Arc<Runner>,
    segment: &Segment,
    met: oneshot::Sender<()>,
) -> BTreeMap<IpAddr, Visit> {
    let mut found = BTreeMap::new();
    let mut routed = Vec::new();
    let mut linked = Vec::new();
    let mut own = Vec::new();
    for ip in segment.network.targets() {
        match runner.place(segment, ip) {
            Place::Loopback => own.push(ip),
            Place::OnLink => linked.push(ip),
            Place::Routed => routed.push(ip),
        }
    }
    if !own.is_empty() {
        found.extend(on_this_machine(runner, own));
    }
    if !linked.is_empty() || segment.network.first().is_ipv6() {
        let own_ip = runner.network().own_address(segment);
        linked.retain(|ip| Some(*ip) != own_ip);
        match runner.network().link(segment) {
            Some(link) => found.extend(ask_link(runner, segment, link, &linked, met).await),
            None => found.extend(knock_all(runner, linked, true).await),
        }
    }
    if !routed.is_empty() {
        found.extend(knock_all(runner, routed, false).await);
    }
    found
}

fn visit(ip: IpAddr, mac: Option<Mac>, near: bool, heard: bool, found_by: &str) -> (IpAddr, Visit) {
    let mut visit = Visit::new(ip, mac.map(|mac| (mac, MacProvenance::OwnReply)), near, heard);
    visit.add(SWEEP, Fields::new().with(&HOST_FOUND_BY, Value::text(found_by)));
    visit.heard = heard;
    (ip, visit)
}

/// More addresses than this are looked up in the kernel's table of listeners rather than tried one by one.
const FEW: usize = 256;

/// The machine's own addresses: every one of them would answer, so those count that something listens on.
fn on_this_machine(runner: &Arc<Runner>, addresses: Vec<IpAddr>) -> Vec<(IpAddr, Visit)> {
    let listening: Option<BTreeSet<IpAddr>> =
        runner.network().listening().map(|sockets| sockets.iter().map(SocketAddr::ip).collect());
    let chosen: Vec<IpAddr> = match listening {
        Some(listening) => addresses
            .into_iter()
            .filter(|ip| {
                let everywhere = match ip {
                    IpAddr::V4(v4) => *v4 == std::net::Ipv4Addr::LOCALHOST,
                    IpAddr::V6(_) => true,
                };
                everywhere || listening.contains(ip)
            })
            .collect(),
        None if addresses.len() <= FEW => addresses,
        None => Vec::new(),
    };
    chosen.into_iter().map(|ip| visit(ip, None, false, false, "local")).collect()
}

/// Asks for every address by ARP, up to three times, and then once for all IPv6 neighbours. Whoever answers has learned where
/// we are from the question itself (RFC 826), which is once for nearly all.
async fn ask_link(
    runner: &Arc<Runner>,
    segment: &Segment,
    mut link: Box<dyn Link>,
    addresses: &[IpAddr],
    met: oneshot::Sender<()>,
) -> Vec<(IpAddr, Visit)> {
    let mut met = Some(met);
    let mut answers = Answers::default();
    let is_ipv6 = segment.network.first().is_ipv6();
    // On an IPv4 segment that lists its whole interface, one echo request finds the hosts without an IPv4 address.
    let neighbours =
        is_ipv6.then_some(segment.network).or(runner.network().zone(segment).map(|_| Cidr::LINK_LOCAL));
    let mut alive = true;
    let mut lossy = true;
    for round in 0..3 {
        if !alive || (round == 2 && !lossy) {
            break;
        }
        let before = answers.len();
        alive = ask_round(runner, segment, link.as_mut(), addresses, &mut answers).await
            && listen(link.as_mut(), Instant::now() + LATE, segment, &mut answers).await;
        lossy = round > 0 && answers.len() > before;
        met.take_if(|_| !is_ipv6);
    }
    if let Some(neighbours) = neighbours.filter(|_| alive) {
        alive = ask_neighbours(runner, segment, link.as_mut(), neighbours, &mut answers).await;
    }
    if !alive {
        runner.cut_short(segment, Cut::LinkGone);
    }
    if answers.is_crowded() {
        runner.cut_short(segment, Cut::Crowded);
    }
    let (mut found, proxied) = answers.split();
    let is_ours = |ip: IpAddr| neighbours.is_some_and(|neighbours| neighbours.contains(ip));
    found.retain(|ip, _| segment.network.is_target(*ip) || is_ours(*ip));
    admit(runner, segment, &found);
    let name = |ip: &IpAddr| if ip.is_ipv4() { "arp" } else { "ndp" };
    let mut visits: Vec<_> =
        found.into_iter().map(|(ip, mac)| visit(ip, Some(mac), true, true, name(&ip))).collect();
    visits.extend(behind_proxies(runner, segment, proxied).await);
    visits
}

/// Asks all IPv6 nodes of the link at once; says whether the link still stands.
///
/// Before it answers, each host looks for us, and our kernel tells each of them where we are: within a moment as many frames
/// as there are hosts, and as many again when the kernel makes sure of all these neighbours (promise S4). Both are paid for
/// beforehand, by as many as answered ARP and some more. Where they alone would be too many nobody is asked: hosts that speak
/// IPv6 alone are then found by what they announce.
async fn ask_neighbours(
    runner: &Arc<Runner>,
    segment: &Segment,
    link: &mut dyn Link,
    neighbours: Cidr,
    answers: &mut Answers,
) -> bool {
    let pacer = runner.pacer(segment);
    let is_ipv6 = segment.network.first().is_ipv6();
    let most = pacer.limits().frames / 4 * 3;
    let expected = u32::try_from(answers.len()).unwrap_or(u32::MAX).saturating_mul(5) / 4;
    // Of a segment that is asked by IPv6 alone nothing is known yet.
    let expected = if is_ipv6 { most } else { expected.max(8) };
    if expected > most {
        tracing::info!(segment = segment.name, "too many hosts to ask them all at once by IPv6");
        return true;
    }
    drop(pacer.begin(None, Begin::Question).await);
    let turn = pacer.begin(None, Begin::Frames(expected)).await;
    let asked = link.ask_group(ndp::ALL_NODES, &[neighbours]);
    drop(turn);
    if asked.is_err() && is_ipv6 {
        runner.cut_short(segment, Cut::Unasked);
    }
    tokio::spawn(async move {
        // Half of the quiet lies before the kernel's questions, which is what the pacer waits for, and half behind them.
        sleep(DELAY - pacer.limits().time_of_frames(expected)).await;
        drop(pacer.begin(None, Begin::Frames(expected)).await);
    });
    let patience = if is_ipv6 { LATE * 3 } else { LATE };
    listen(link, Instant::now() + patience, segment, answers).await
}

/// Asks once for every address that nobody has answered for; says whether the link still stands.
async fn ask_round(
    runner: &Arc<Runner>,
    segment: &Segment,
    link: &mut dyn Link,
    addresses: &[IpAddr],
    answers: &mut Answers,
) -> bool {
    let pacer = runner.pacer(segment);
    let missing: Vec<IpAddr> = addresses.iter().copied().filter(|ip| !answers.has(*ip)).collect();
    for ip in missing {
        let IpAddr::V4(v4) = ip else { continue };
        if answers.has(ip) {
            continue;
        }
        // Hours or time that are over now do not come back within this walk.
        if runner.permit_host(ip).is_err() {
            return true;
        }
        let ready = pacer.begin(None, Begin::Question);
        tokio::pin!(ready);
        let turn = loop {
            tokio::select! {
                biased;
                turn = &mut ready => break turn,
                heard = link.heard() => match heard {
                    Some(neighbour) => answers.note(segment, neighbour),
                    None => return false,
                },
            }
        };
        let asked = link.ask(v4);
        drop(turn);
        if asked.is_err() {
            runner.cut_short(segment, Cut::Unasked);
        }
    }
    true
}

/// Addresses that one device answers for in bulk: as behind a router, each must show itself (promise S8).
async fn behind_proxies(
    runner: &Arc<Runner>,
    segment: &Segment,
    mut proxied: Vec<IpAddr>,
) -> Vec<(IpAddr, Visit)> {
    if proxied.is_empty() {
        return Vec::new();
    }
    tracing::warn!(
        segment = segment.name,
        addresses = proxied.len(),
        "one device answers ARP for all of these: only those that answer an echo request are taken for hosts"
    );
    if proxied.len() > MAX_PROXIED {
        proxied.truncate(MAX_PROXIED);
        runner.cut_short(segment, Cut::Crowded);
    }
    knock_all(runner, proxied, false).await
}

/// Takes the link-local neighbours of a listed interface into the scope.
fn admit(runner: &Arc<Runner>, segment: &Segment, found: &BTreeMap<IpAddr, Mac>) {
    for ip in found.keys() {
        if let IpAddr::V6(v6) = ip {
            runner.admit_neighbour(segment, *v6);
        }
    }
}

/// Listens until then; `false` when the link is gone before.
async fn listen(link: &mut dyn Link, until: Instant, segment: &Segment, answers: &mut Answers) -> bool {
    loop {
        match timeout_at(until, link.heard()).await {
            Ok(Some(neighbour)) => answers.note(segment, neighbour),
            Ok(None) => return false,
            Err(_) => return true,
        }
    }
}

/// Tries echo requests and then connections, a bounded number side by side: the kernel's neighbour table holds
/// only so many.
async fn knock_all(runner: &Arc<Runner>, addresses: Vec<IpAddr>, near: bool) -> Vec<(IpAddr, Visit)> {
    let mut found = Vec::new();
    let mut tasks = tokio::task::JoinSet::new();
    let segment = addresses.first().and_then(|ip| runner.segment_of(*ip));
    let broke_off = || {
        if let Some(segment) = segment {
            runner.cut_short(segment, Cut::Broken);
        }
        None
    };
    for ip in addresses {
        while tasks.len() >= 128 {
            found.extend(tasks.join_next().await.and_then(|knocked| knocked.unwrap_or_else(|_| broke_off())));
        }
        let runner = runner.clone();
        tasks.spawn(async move { knock(&runner, ip, near).await });
    }
    while let Some(knocked) = tasks.join_next().await {
        found.extend(knocked.unwrap_or_else(|_| broke_off()));
    }
    found
}

async fn knock(runner: &Arc<Runner>, ip: IpAddr, near: bool) -> Option<(IpAddr, Visit)> {
    let segment = runner.permit_host(ip).ok()?;
    let turn = runner.pacer(segment).begin(Some(ip), Begin::Question).await;
    let echoed = turn.send(runner.network().echo(ip, Duration::from_millis(900))).await;
    let mac = || if near { runner.network().neighbour(ip) } else { None };
    if echoed == Some(true) {
        return Some(visit(ip, mac(), near, true, "icmp"));
    }
    if near && echoed.is_some() {
        // The kernel asked by ARP to send the request: its table knows whether anyone answered.
        if let Some(mac) = mac() {
            return Some(visit(ip, Some(mac), true, true, "arp"));
        }
    }
    // A connection before the host's class is known is for a person, or the scope line, to allow (promise S5).
    let ports = if segment.tcp_discovery { FALLBACK_PORTS } else { &[] };
    for &port in ports {
        if runner.knock(SocketAddr::new(ip, port)).await == Ok(true) {
            return Some(visit(ip, mac(), near, false, "tcp"));
        }
        if let Some(mac) = mac() {
            return Some(visit(ip, Some(mac), true, true, "arp"));
        }
    }
    None
}
