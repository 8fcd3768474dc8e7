//! Which card of which host hangs on which switch, and in which network its address lies.

use super::School;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::net::Ipv4Addr;

/// One network of a school that has several.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Its name, as a scope file calls it.
    pub name: String,
    /// Its IPv4 network in CIDR notation.
    pub network: String,
}

impl Segment {
    /// First address and length of the prefix.
    pub(super) fn bounds(&self) -> Result<(Ipv4Addr, u32)> {
        let (address, length) = self.network.split_once('/').context("a network without a prefix length")?;
        Ok((address.parse()?, length.parse()?))
    }

    /// Whether an address lies in it.
    #[must_use]
    pub fn holds(&self, address: Ipv4Addr) -> bool {
        self.bounds().is_ok_and(|(first, length)| {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            first.to_bits() & mask == address.to_bits() & mask
        })
    }
}

/// A network card beside a host's first one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wire {
    /// Its address.
    pub address: Ipv4Addr,
    /// Its MAC address.
    pub mac: String,
    /// The switch it hangs on.
    pub switch: String,
}

/// A network card of a host, in order: the first one is card 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Card<'a> {
    pub(super) host: &'a str,
    pub(super) number: usize,
    pub(super) address: Option<Ipv4Addr>,
    pub(super) mac: &'a str,
    pub(super) switch: &'a str,
}

impl Card<'_> {
    /// What it is called on its host.
    pub(super) fn own_end(self) -> String {
        format!("eth{}", self.number)
    }

    /// What its port is called on the switch; `p-HOST` for the first.
    pub(super) fn port(self) -> String {
        match self.number {
            0 => format!("p-{}", self.host),
            further => format!("p{further}-{}", self.host),
        }
    }
}

impl School {
    /// Every card of every host and of the agent's box.
    pub(super) fn wires(&self) -> impl Iterator<Item = Card<'_>> {
        let hosts = self.host.iter().map(|host| {
            let first = (host.address, host.mac.as_str(), host.switch.as_str());
            (host.name.as_str(), first, host.also.as_slice())
        });
        let agent = (Some(self.agent.address), self.agent.mac.as_str(), self.agent.switch.as_str());
        hosts.chain([("agent", agent, self.agent.also.as_slice())]).flat_map(|(host, first, also)| {
            let also = also.iter().map(|wire| (Some(wire.address), wire.mac.as_str(), wire.switch.as_str()));
            let cards = std::iter::once(first).chain(also).enumerate();
            cards.map(move |(number, (address, mac, switch))| Card { host, number, address, mac, switch })
        })
    }

    /// The host that answers DNS questions for the school.
    #[must_use]
    pub fn resolver(&self) -> Option<Ipv4Addr> {
        let answers =
            |host: &&super::Host| host.roles.iter().any(|role| matches!(role, super::Role::Dnsmasq { .. }));
        self.host.iter().find(answers).and_then(|host| host.address)
    }

    /// The network in which an address lies, CIDR.
    #[must_use]
    pub fn network_of(&self, address: Ipv4Addr) -> &str {
        let segment = self.segment.iter().find(|segment| segment.holds(address));
        segment.map_or(&self.network, |segment| &segment.network)
    }

    /// Prefix length of the network in which an address lies.
    pub(super) fn prefix(&self, address: Ipv4Addr) -> &str {
        self.network_of(address).split_once('/').map_or("24", |(_, prefix)| prefix)
    }

    /// A host's way out of the network in which its address lies: the router's card there.
    pub(super) fn gateway(&self, host: &str, address: Ipv4Addr) -> Option<Ipv4Addr> {
        let network = self.network_of(address);
        let routes = |card: &Card<'_>| self.host.iter().any(|host| host.routes && host.name == card.host);
        let mut there = self.wires().filter(|card| card.host != host && routes(card));
        there.find_map(|card| card.address.filter(|address| self.network_of(*address) == network))
    }
}
