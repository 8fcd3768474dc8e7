//! Who answered on a link: a bounded table, whatever is claimed there.

use crate::{network::Neighbour, scope::Segment};
use rundgang_inventory::Mac;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

/// IPv6 neighbours of one segment that are visited; an IPv4 network bounds itself.
pub(crate) const MAX_NEIGHBOURS: usize = 1024;
/// IPv6 addresses of one interface: a computer with two prefixes and a week of temporary addresses has about 20.
const MAX_OF_ONE: u16 = 32;
/// Whoever answers for more IPv4 addresses than this speaks for others (proxy ARP): its word is no sign of a host.
const MAX_OWN: usize = 16;
/// Addresses that somebody else answers for and that are asked one by one.
pub(super) const MAX_PROXIED: usize = 256;

/// The answers so far.
#[derive(Default)]
pub(super) struct Answers {
    found: BTreeMap<IpAddr, Mac>,
    // IPv6 addresses by MAC address; never longer than the IPv6 part of `found`.
    of_one: BTreeMap<Mac, u16>,
    neighbours: usize,
    is_crowded: bool,
}

impl Answers {
    /// Takes in one answer. The first one for an address counts: a second would be a conflict or a proxy.
    pub(super) fn note(&mut self, segment: &Segment, Neighbour { ip, mac }: Neighbour) {
        let link_local = matches!(ip, IpAddr::V6(v6) if v6.is_unicast_link_local());
        if self.found.contains_key(&ip) || !(segment.network.is_target(ip) || link_local) {
            return;
        }
        if ip.is_ipv6() {
            if self.neighbours >= MAX_NEIGHBOURS {
                self.is_crowded = true;
                return;
            }
            let of_one = self.of_one.entry(mac).or_default();
            if *of_one >= MAX_OF_ONE {
                self.is_crowded = true;
                return;
            }
            *of_one += 1;
            self.neighbours += 1;
        }
        self.found.insert(ip, mac);
    }

    /// Whether somebody answered for this address.
    pub(super) fn has(&self, ip: IpAddr) -> bool {
        self.found.contains_key(&ip)
    }

    /// How many answers there are.
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether more answered than are kept.
    pub(super) const fn is_crowded(&self) -> bool {
        self.is_crowded
    }

    /// The neighbours, and the addresses for which somebody else answers.
    pub(super) fn split(self) -> (BTreeMap<IpAddr, Mac>, Vec<IpAddr>) {
        let mut owned: BTreeMap<Mac, usize> = BTreeMap::new();
        for (_, mac) in self.found.iter().filter(|(ip, _)| ip.is_ipv4()) {
            *owned.entry(*mac).or_default() += 1;
        }
        let proxies: BTreeSet<Mac> =
            owned.into_iter().filter(|&(_, count)| count > MAX_OWN).map(|(mac, _)| mac).collect();
        let (proxied, own): (BTreeMap<IpAddr, Mac>, BTreeMap<IpAddr, Mac>) =
            self.found.into_iter().partition(|(ip, mac)| ip.is_ipv4() && proxies.contains(mac));
        (own, proxied.into_keys().collect())
    }
}
