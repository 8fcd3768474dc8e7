//! The searches by broadcast beside a walk (PJLink class 2): which links they go to, whose answers count, and what is told where
//! they could not go. A walk that searches waits for their answers, and so takes eleven seconds at least.

use super::apart;
use crate::{
    network::WholeLink,
    probe::{Host, Probe, Stage, Transport},
    probes::pjlink_search::confirmed,
    runner::{Cut, Runner, Visit},
    scope::{Cidr, Segment},
};
use rundgang_inventory::{Fields, Mac, MacProvenance};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::Arc,
};
use tokio::task::JoinSet;

/// Hosts of one link that nothing but a search found: more of them than a school has are made up. What is made up on one link
/// takes no room from another.
const MAX_LATE: usize = 64;

/// One answer to a search.
pub(super) struct Answer {
    // The number of the search: each link is searched by itself.
    search: usize,
    probe: &'static str,
    ip: IpAddr,
    fields: Fields,
}

/// The searches that are under way. Devices take their time over these answers, so that they come in no heap and need not
/// wait for the sweep (promise S4). Dropped, they end.
#[derive(Default)]
pub(super) struct Searches(JoinSet<Vec<Answer>>);

impl Searches {
    /// Begins to search every link that a segment lists from end to end. Of those parts of a segment that lie elsewhere
    /// nothing is learned: then the search does not cover it.
    pub(super) fn begin(&mut self, runner: &Arc<Runner>, segment: &Segment) {
        let links = if segment.is_loopback() { Vec::new() } else { runner.network().whole_links(segment) };
        for probe in broadcasting(runner, segment) {
            if !are_all_of(&links, segment.network) {
                runner.miss(segment, probe.name);
            }
            for link in &links {
                // None of them is awaited before all have begun.
                let number = self.0.len();
                let searched = searched(runner.clone(), segment.clone(), probe, link.clone(), number);
                let (runner, segment) = (runner.clone(), segment.clone());
                self.0.spawn(async move {
                    apart(searched).await.unwrap_or_else(|| {
                        // What broke off may have heard anybody or nobody.
                        runner.miss(&segment, probe.name);
                        Vec::new()
                    })
                });
            }
        }
    }

    /// Waits for all of them.
    pub(super) async fn finish(mut self) -> Vec<Answer> {
        let mut told = Vec::new();
        while let Some(ended) = self.0.join_next().await {
            told.extend(ended.unwrap_or_default());
        }
        // Whichever was answered first: the outcome is the same.
        told.sort_by_key(|answer| (answer.search, answer.ip));
        told
    }
}

/// The probes that search by broadcast and that a segment allows.
fn broadcasting(runner: &Runner, segment: &Segment) -> impl Iterator<Item = &'static Probe> {
    let nobody = nobody(segment.network.first());
    let settings = runner.settings();
    let searches = move |probe: &&'static Probe| {
        probe.stage == Stage::Announcements
            && segment.groups.contains(&probe.group)
            && (probe.plan)(&nobody, settings)
                .iter()
                .any(|plan| matches!(plan.transport, Transport::Broadcast(_)))
    };
    runner.probes().iter().copied().filter(searches)
}

/// Stands for a host where a question goes to many.
pub(super) fn nobody(own: IpAddr) -> Host {
    Host { ip: own, mac: None, fields: Fields::new(), kind: None }
}

/// Whether a network is made up of these links and of nothing else. Each of them lies in it.
fn are_all_of(links: &[WholeLink], network: Cidr) -> bool {
    let size = |of: &Cidr| 1_u64 << (32 - u32::from(of.prefix().min(32)));
    // A link within another one adds nothing.
    let within = |inner: &Cidr| {
        links.iter().any(|outer| {
            outer.network != *inner
                && outer.network.overlaps(inner)
                && outer.network.prefix() < inner.prefix()
        })
    };
    let parts: BTreeSet<Cidr> = links.iter().map(|link| link.network).filter(|of| !within(of)).collect();
    network.first().is_ipv4() && parts.iter().map(size).sum::<u64>() == size(&network)
}

async fn searched(
    runner: Arc<Runner>,
    segment: Segment,
    probe: &'static Probe,
    link: WholeLink,
    search: usize,
) -> Vec<Answer> {
    let mut told = Vec::new();
    for plan in (probe.plan)(&nobody(link.own.into()), runner.settings()) {
        if matches!(plan.transport, Transport::Broadcast(_)) {
            let harvest = runner.search_link(&segment, probe, &plan, &link).await.unwrap_or_default();
            let answer = |(ip, fields)| Answer { search, probe: probe.name, ip, fields };
            told.extend(harvest.0.into_iter().map(answer));
        }
    }
    told
}

/// Adds what searches told to the hosts that were visited meanwhile; returns those that nothing else found. What has no MAC
/// address on the link is left out, and what tells another one than the link: anyone can write a sender's address on a datagram,
/// and a device without a MAC address cannot be told from a person's (promise P2). Where the link tells none, a projector may be
/// left out with it: then the search does not cover the segment.
pub(super) async fn add(runner: &Arc<Runner>, seen: &mut [Visit], told: Vec<Answer>) -> Vec<Visit> {
    let own = runner.network().own_addresses();
    let mut late = Late::default();
    for answer in told.into_iter().filter(|answer| !own.contains(&answer.ip)) {
        let Some(visit) = seen.iter_mut().find(|visit| visit.ip == answer.ip) else {
            late.take(runner, answer);
            continue;
        };
        // Found by an echo request, which our kernel asked for it by ARP before it sent that.
        visit.mac = visit.mac.or_else(|| of_the_kernel(runner, answer.ip));
        match visit.mac {
            Some((mac, _)) => visit.add(answer.probe, confirmed(answer.fields, mac)),
            None => left_out(runner, answer.ip, answer.probe),
        }
    }
    // Who answers for the address of another is no further host.
    let known = seen.iter().filter(|visit| visit.ip.is_ipv4()).filter_map(|visit| visit.mac);
    let known: BTreeSet<Mac> = known.map(|(mac, _)| mac).collect();
    let mut found = late.met(runner).await;
    found.retain(|visit| visit.mac.is_some_and(|(mac, _)| !known.contains(&mac)));
    found
}

/// Notes that who answered is left out.
fn left_out(runner: &Runner, ip: IpAddr, probe: &'static str) {
    if let Some(segment) = runner.segment_of(ip) {
        runner.miss(segment, probe);
    }
}

/// What hosts said that nothing but a search found.
#[derive(Default)]
struct Late {
    said: BTreeMap<IpAddr, Vec<(&'static str, Fields)>>,
    // Who was heard in which search.
    heard: BTreeMap<usize, BTreeSet<IpAddr>>,
}

impl Late {
    /// Takes an answer as long as its link has room; else its segment is not walked to its end.
    fn take(&mut self, runner: &Runner, answer: Answer) {
        let Answer { search, probe, ip, fields } = answer;
        let heard = self.heard.entry(search).or_default();
        if heard.len() < MAX_LATE || heard.contains(&ip) {
            heard.insert(ip);
            self.said.entry(ip).or_default().push((probe, fields));
        } else if let Some(segment) = runner.segment_of(ip) {
            runner.cut_short(segment, Cut::Crowded);
        }
    }

    /// Asks the link who has each of these addresses, and leaves out those that nobody has.
    async fn met(self, runner: &Arc<Runner>) -> Vec<Visit> {
        let mut asking = JoinSet::new();
        for (ip, said) in self.said {
            let runner = runner.clone();
            asking.spawn(async move {
                let told = runner.whose_surely(ip).await.ok().flatten();
                let Some(mac) = told.or_else(|| of_the_kernel(&runner, ip)) else {
                    said.iter().for_each(|(probe, _)| left_out(&runner, ip, probe));
                    return None;
                };
                let mut visit = Visit::new(ip, Some(mac), true, true);
                said.into_iter().for_each(|(probe, fields)| visit.add(probe, confirmed(fields, mac.0)));
                Some(visit)
            });
        }
        let mut found = Vec::new();
        while let Some(asked) = asking.join_next().await {
            found.extend(asked.ok().flatten());
        }
        found.sort_by_key(|visit| visit.ip);
        found
    }
}

/// What the kernel's own table says of an address, from the link itself.
fn of_the_kernel(runner: &Runner, ip: IpAddr) -> Option<(Mac, MacProvenance)> {
    runner.network().neighbour(ip).map(|mac| (mac, MacProvenance::OwnReply))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_covered_by_all_of_its_links() {
        let check = |links: &[&str], network: &str, expected: bool| {
            let link = |text: &&str| WholeLink {
                interface: "eth0".to_owned(),
                own: [10, 0, 0, 9].into(),
                network: text.parse().unwrap(),
            };
            let links: Vec<_> = links.iter().map(link).collect();
            assert_eq!(are_all_of(&links, network.parse().unwrap()), expected, "{links:?} {network}");
        };
        check(&["10.0.0.0/24"], "10.0.0.0/24", true);
        check(&["10.0.0.0/24", "10.0.1.0/24"], "10.0.0.0/23", true);
        check(&["10.0.0.0/24"], "10.0.0.0/23", false);
        check(&["10.0.0.0/24", "10.0.0.0/24"], "10.0.0.0/23", false);
        check(&["10.0.0.0/24", "10.0.0.0/25", "10.0.0.128/25"], "10.0.0.0/23", false);
        check(&["10.0.0.0/23", "10.0.1.0/24"], "10.0.0.0/23", true);
        check(&[], "10.0.0.0/24", false);
        check(&[], "fd00::/64", false);
    }
}
