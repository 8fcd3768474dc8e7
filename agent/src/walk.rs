//! One walk over the scope: sweep, announcements, visits, filter.

mod search;

use crate::{
    clock::Clock,
    filter::{Kept, Sieve},
    network::Network,
    passive::{self, Heard},
    probe::{Group, Probe, Settings, Stage, Transport},
    runner::{Cut, Refusal, Runner, SWEEP, Visit},
    scope::{Mode, Scope, Segment},
    sweep,
};
use rundgang_inventory::{Coverage, Fields, Mac, MacProvenance, Value, vocabulary::SNMP_ARP};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};
use tokio::sync::oneshot;

/// What a walk tells while it goes on. Nothing of a device is told before the filter has decided.
pub trait Progress: Send + Sync {
    /// A segment is being swept.
    fn sweeping(&self, segment: &Segment);
    /// So many hosts of a segment are about to be visited.
    fn visiting(&self, segment: &Segment, hosts: usize);
    /// One more has been visited.
    fn visited(&self);
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn sweeping(&self, _segment: &Segment) {}
    fn visiting(&self, _segment: &Segment, _hosts: usize) {}
    fn visited(&self) {}
}

/// Walks the whole scope once. The one entry point: the command line and the daemon both use it.
///
/// `seed` is fresh randomness for the identifiers that protocols need.
pub async fn walk(
    scope: Arc<Scope>,
    settings: Arc<Settings>,
    network: Arc<dyn Network>,
    clock: Arc<dyn Clock>,
    progress: Arc<dyn Progress>,
    seed: u64,
) -> Kept {
    let runner = Arc::new(Runner::new(scope, settings, network, clock, seed));
    walk_with(&runner, progress.as_ref()).await
}

/// The same with a runner made before.
pub async fn walk_with(runner: &Arc<Runner>, progress: &dyn Progress) -> Kept {
    let started = runner.clock().now();
    let mut sieve = Sieve::new(runner.settings().registered.clone());
    let scope = runner.scope().clone();
    let mut visits: Vec<Visit> = Vec::new();
    let mut searches = search::Searches::default();
    for segment in scope.segments() {
        match scope.mode(segment, runner.clock().now()) {
            Mode::Active if runner.network().is_attached(segment) => {
                progress.sweeping(segment);
                searches.begin(runner, segment);
                let found = discover(runner, segment).await;
                if found.is_empty() && !segment.is_loopback() {
                    runner.cut_short(segment, Cut::NobodyAnswered);
                }
                progress.visiting(segment, found.len());
                visits.extend(found);
            }
            Mode::Active => leave_out(runner, segment, Cut::LinkGone),
            Mode::Passive(_) => {
                leave_out(runner, segment, Cut::NotNow);
                let heard = listen(runner, segment).await;
                if heard > 0 {
                    sieve.count(segment, runner.clock().now(), "personal", heard);
                }
            }
            Mode::Closed(_) => leave_out(runner, segment, Cut::NotNow),
        }
    }
    drop_second_addresses(&mut visits);
    let mut seen = visit_all(runner, progress, visits).await;
    let late = search::add(runner, &mut seen, searches.finish().await).await;
    seen.extend(visit_all(runner, progress, late).await);
    runner.settle(&mut seen);
    macs_from_routers(&mut seen);
    for visit in seen {
        if let Some(segment) = runner.segment_of(visit.ip) {
            sieve.take(segment, visit, runner.clock().now());
        }
    }
    let coverage = scope.segments().iter().map(|segment| cover(runner, segment)).collect();
    sieve.close(started, runner.clock().now(), coverage)
}

/// Notes that a segment is not walked at all: no question is asked there.
fn leave_out(runner: &Runner, segment: &Segment, why: Cut) {
    runner.cut_short(segment, why);
    runner.miss_all(segment);
}

/// Visits hosts side by side, and returns those that are there at all.
async fn visit_all(runner: &Arc<Runner>, progress: &dyn Progress, visits: Vec<Visit>) -> Vec<Visit> {
    let at_once = runner.scope().segments().iter().map(hosts_at_once).max().unwrap_or(1);
    let mut tasks = tokio::task::JoinSet::new();
    let mut seen = Vec::new();
    for visit in visits {
        while tasks.len() >= at_once {
            seen.extend(ended(runner, progress, tasks.join_next().await));
        }
        tasks.spawn(runner.clone().visit(visit));
    }
    while !tasks.is_empty() {
        seen.extend(ended(runner, progress, tasks.join_next().await));
    }
    seen
}

/// Does something in a task of its own, so that a fault in it ends nothing else; `None` where it broke off. What is not awaited
/// any more is not done any more either.
async fn apart<T: Send + 'static>(doing: impl Future<Output = T> + Send + 'static) -> Option<T> {
    let mut task = tokio::task::JoinSet::new();
    task.spawn(doing);
    task.join_next().await.and_then(Result::ok)
}

/// What may be said of a segment after all is done: unknown is not absent, so only what ran to its end covers it.
fn cover(runner: &Runner, segment: &Segment) -> Coverage {
    // A cable that was pulled while hosts were visited made silence of them.
    if !runner.network().is_attached(segment) {
        runner.cut_short(segment, Cut::LinkGone);
    }
    let cut = runner.was_cut(segment);
    if let Some(why) = cut {
        tracing::warn!(segment = segment.name, "not walked to its end: {why}");
    }
    let ran =
        |probe: &&&Probe| segment.groups.contains(&probe.group) && !runner.has_missed(segment, probe.name);
    let probes = runner.probes().iter().filter(ran).map(|probe| probe.name).chain([SWEEP]);
    Coverage {
        segment: segment.name.clone(),
        network: segment.network.to_string(),
        probes: probes.filter(|_| cut.is_none()).map(str::to_owned).collect(),
        complete: cut.is_none(),
    }
}

/// A host found by IPv4 is not visited once more by IPv6: its MAC address tells that it is the same.
fn drop_second_addresses(visits: &mut Vec<Visit>) {
    let mac = |visit: &Visit| visit.mac.map(|(mac, _)| mac);
    let known: BTreeSet<_> = visits.iter().filter(|visit| visit.ip.is_ipv4()).filter_map(mac).collect();
    visits.retain(|visit| visit.ip.is_ipv4() || mac(visit).is_none_or(|mac| !known.contains(&mac)));
}

/// How many hosts of a segment are visited side by side. What answers on this machine shares its processors.
fn hosts_at_once(segment: &Segment) -> usize {
    let limit = segment.pace.limits().hosts_at_once;
    if segment.is_loopback() { limit.min(32) } else { limit }
}

/// Holds one probe's conversations with one host, and nothing else.
///
/// # Errors
/// When the scope does not allow it.
pub async fn probe(runner: &Arc<Runner>, probe: &'static Probe, target: IpAddr) -> Result<Kept, Refusal> {
    let started = runner.clock().now();
    let segment = runner.permit_host(target)?;
    let mac = runner.whose(target).await?;
    let mut visit = Visit::new(target, mac, runner.is_near(segment, target), false);
    runner.hold_all(probe, &mut visit).await?;
    let mut sieve = Sieve::new(runner.settings().registered.clone());
    let ended = runner.clock().now();
    if visit.is_host() {
        sieve.take(segment, visit, ended);
    }
    Ok(sieve.close(started, ended, Vec::new()))
}

/// How long a network is listened to that may only be counted.
const LISTEN: Duration = Duration::from_secs(10);

/// Counts who speaks on a link, without sending a packet (promises P6, P7): whoever announces anything that the
/// kernel's filter lets through, else whoever asks by ARP or NDP.
async fn listen(runner: &Arc<Runner>, segment: &Segment) -> u32 {
    let until = tokio::time::Instant::now() + LISTEN;
    if let Some(ear) = runner.network().listen(segment) {
        let ((), heard) = passive::listen_during(Some(ear), tokio::time::sleep_until(until)).await;
        // Who has no address yet may be of another network on the same link.
        let own = |heard: &Heard| heard.ip.is_some_and(|ip| segment.network.is_target(ip));
        let senders: BTreeSet<_> = heard.iter().filter(|heard| own(heard)).map(|heard| heard.mac.0).collect();
        return u32::try_from(senders.len()).unwrap_or(u32::MAX);
    }
    let Some(mut link) = runner.network().link(segment) else { return 0 };
    let mut heard = BTreeSet::new();
    while let Ok(Some(neighbour)) = tokio::time::timeout_at(until, link.heard()).await {
        if segment.network.is_target(neighbour.ip) {
            heard.insert(neighbour.mac);
        }
    }
    u32::try_from(heard.len()).unwrap_or(u32::MAX)
}

/// A visit that is over, where there is a host at all.
fn ended(
    runner: &Runner,
    progress: &dyn Progress,
    visit: Option<Result<Visit, tokio::task::JoinError>>,
) -> Option<Visit> {
    progress.visited();
    let visit = visit?;
    if visit.is_err() {
        // A visit that broke off may have been anybody's.
        for segment in runner.scope().segments() {
            runner.cut_short(segment, Cut::Broken);
        }
    }
    visit.ok().filter(Visit::is_host)
}

/// Behind a router no MAC address can be heard; the router's own ARP table tells it. That is a third party's word and
/// marked so: it may match an asset and never creates one. Two routers that contradict each other tell nothing.
fn macs_from_routers(visits: &mut [Visit]) {
    let mut told: BTreeMap<IpAddr, BTreeSet<Mac>> = BTreeMap::new();
    for fields in visits.iter().flat_map(|visit| visit.seen.values()) {
        let Some(Value::Table(rows)) = fields.get(&SNMP_ARP) else { continue };
        for row in rows {
            let text = |column: &str| row.get(column).and_then(Value::as_text);
            let ip = text("ip").and_then(|ip| ip.parse().ok());
            let mac = text("mac").and_then(|mac| mac.parse::<Mac>().ok()).filter(|mac| !mac.is_group());
            if let (Some(ip), Some(mac)) = (ip, mac) {
                told.entry(ip).or_default().insert(mac);
            }
        }
    }
    for visit in visits.iter_mut().filter(|visit| visit.mac.is_none()) {
        let macs = told.get(&visit.ip).into_iter().flatten().collect::<Vec<_>>();
        if let [mac] = macs.as_slice() {
            visit.mac = Some((**mac, MacProvenance::RouterTable));
        }
    }
}

/// Sweeps a segment, asks it for announcements once it was asked for its hosts, and listens to what anyone says meanwhile. In
/// this order: whoever was asked by ARP knows where we are, and need not ask our kernel all at once before they answer
/// (promise S4).
async fn discover(runner: &Arc<Runner>, segment: &Segment) -> Vec<Visit> {
    let (met, are_met) = oneshot::channel();
    let told = async {
        // Only its end is waited for; nothing is sent over it.
        are_met.await.ok();
        announcements(runner, segment).await
    };
    let asking = async { tokio::join!(sweep::sweep(runner, segment, met), told) };
    let ear = runner.network().listen(segment).filter(|_| segment.groups.contains(&Group::Announcements));
    let ((mut found, announced), heard) = passive::listen_during(ear, asking).await;
    for heard in heard {
        // Who has no address yet, or another network's, is known by its MAC or not at all.
        let ip = heard.ip.filter(|ip| runner.permit_host(*ip).is_ok());
        place_heard(&mut found, Heard { ip, ..heard });
    }
    for (probe, ip, fields) in announced {
        let near = runner.is_near(segment, ip);
        found.entry(ip).or_insert_with(|| Visit::new(ip, None, near, true)).add(probe, fields);
    }
    // Announcements cross segments that share a link: each host is visited with its own segment.
    let of_segment = |visit: &Visit| runner.segment_of(visit.ip).is_some_and(|of| of.name == segment.name);
    // This machine is no device of the school, also where its own address answers by another way.
    let own = if segment.is_loopback() { BTreeSet::new() } else { runner.network().own_addresses() };
    let mut neighbours = 0;
    let mut room = |visit: &Visit| {
        neighbours += usize::from(visit.ip.is_ipv6());
        visit.ip.is_ipv4() || neighbours <= sweep::MAX_NEIGHBOURS
    };
    let all: Vec<Visit> = found.into_values().filter(of_segment).collect();
    let count = all.len();
    let kept: Vec<Visit> = all.into_iter().filter(|visit| room(visit)).collect();
    if kept.len() < count {
        runner.cut_short(segment, Cut::Crowded);
    }
    kept.into_iter().filter(|visit| !own.contains(&visit.ip)).collect()
}

/// Puts what was heard with who said it. Anyone can write a sender's address on a datagram: where the link knows the address by
/// another MAC, it is not that host's word. What is said on the link itself (LLDP, CDP) names an address only beside.
fn place_heard(found: &mut BTreeMap<IpAddr, Visit>, heard: Heard) {
    let Heard { ip, mac, fields } = heard;
    let (of_link, of_address): (Vec<_>, Vec<_>) =
        fields.into_iter().partition(|(name, _)| name.starts_with("lldp.") || name.starts_with("cdp."));
    let mac_of = |ip: IpAddr, found: &BTreeMap<IpAddr, Visit>| found.get(&ip).and_then(|visit| visit.mac);
    let of_mac = |found: &BTreeMap<IpAddr, Visit>| {
        found.values().find(|visit| visit.mac.is_some_and(|known| known.0 == mac.0)).map(|visit| visit.ip)
    };
    let is_own = ip.is_none_or(|ip| mac_of(ip, found).is_none_or(|known| known.0 == mac.0));
    let own = if is_own { ip.or_else(|| of_mac(found)) } else { None };
    let on_link = of_mac(found).or(ip).filter(|_| !of_link.is_empty());
    // A bare sign of life is one of the sender's address, too.
    let own = own.filter(|_| !of_address.is_empty() || of_link.is_empty());
    for (at, said) in [(own, of_address), (on_link, of_link)] {
        let Some(at) = at else { continue };
        let visit = found.entry(at).or_insert_with(|| Visit::new(at, Some(mac), true, true));
        visit.mac = visit.mac.or(Some(mac));
        visit.add(passive::LISTEN, said.into_iter().collect());
    }
}

async fn announcements(runner: &Arc<Runner>, segment: &Segment) -> Vec<(&'static str, IpAddr, Fields)> {
    let questions = || runner.probes().iter().filter(|probe| probe.stage == Stage::Announcements);
    let Some(own) = runner.network().own_address(segment).filter(|_| !segment.is_loopback()) else {
        // Announcements do not cross routers: behind one nobody was asked.
        questions().for_each(|probe| runner.miss(segment, probe.name));
        return Vec::new();
    };
    let nobody = search::nobody(own);
    if !runner.network().reaches_all(segment) {
        // They leave by one card: who is behind a router, or on the link of another card, does not hear them.
        let by_multicast = |probe: &&&Probe| {
            let plans = (probe.plan)(&nobody, runner.settings());
            plans.iter().any(|plan| plan.transport == Transport::Multicast)
        };
        questions().filter(by_multicast).for_each(|probe| runner.miss(segment, probe.name));
    }
    // Each question waits for quiet: asked side by side, they share that wait. The pacer still spaces them.
    let mut asking = tokio::task::JoinSet::new();
    for &probe in questions() {
        if !segment.groups.contains(&probe.group) {
            continue;
        }
        for plan in (probe.plan)(&nobody, runner.settings()) {
            if plan.transport == Transport::Multicast {
                let (of, within) = (runner.clone(), segment.clone());
                let asked = apart(async move { of.ask_segment(&within, probe, &plan, own).await });
                asking.spawn(async move { (probe.name, asked.await) });
            }
        }
    }
    let mut told = Vec::new();
    for (probe, harvest) in asking.join_all().await {
        let Some(harvest) = harvest else {
            runner.miss(segment, probe);
            continue;
        };
        told.extend(harvest.unwrap_or_default().0.into_iter().map(|(ip, fields)| (probe, ip, fields)));
    }
    // Whichever was answered first: the outcome is the same.
    told.sort_by_key(|(probe, ip, _)| (*probe, *ip));
    told
}

#[cfg(test)]
mod tests;
