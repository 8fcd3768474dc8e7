//! The network as the runner sees it: connections, datagrams, announcements and the link. Behind this trait lies
//! either the real network ([`real`]) or a recorded one ([`replay`]); nothing else in the agent opens a socket.

pub(crate) mod ear;
pub mod link;
pub mod real;
pub mod replay;
mod tls;

use crate::{
    probe::TlsPeer,
    scope::{Cidr, Segment},
};
use rundgang_inventory::Mac;
use std::{
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    time::Duration,
};

/// A boxed future, so that the traits here can be used as objects.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why a connection does not stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreached {
    /// The host said no.
    Refused,
    /// Nobody answered within the patience, or no way leads there.
    Silent,
}

/// What a receive ended with, where no bytes came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The peer closed the stream in order.
    Closed,
    /// The peer reset it, or an ICMP error refused it.
    Refused,
}

/// A stream with TLS on it and what its peer showed, or why there is none.
pub type Secured = Result<(Box<dyn Stream>, TlsPeer), String>;

/// A network of one of our own links that a segment lists from end to end: whoever hears a broadcast there is in scope
/// (promise S1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeLink {
    /// The card that leads there.
    pub interface: String,
    /// Our own address there.
    pub own: Ipv4Addr,
    /// The network.
    pub network: Cidr,
}

impl WholeLink {
    /// Those of a card's addresses, each with the network it lies in, whose network `listed` holds from end to end.
    /// Networks of one or two addresses have no broadcast address (RFC 3021).
    pub(crate) fn among(
        interface: &str,
        addresses: &[(IpAddr, Cidr)],
        listed: Cidr,
    ) -> impl Iterator<Item = Self> {
        addresses.iter().filter_map(move |&(own, network)| match own {
            IpAddr::V4(own)
                if network.prefix() < 31
                    && listed.contains(network.first())
                    && listed.contains(network.last()) =>
            {
                Some(Self { interface: interface.to_owned(), own, network })
            }
            _ => None,
        })
    }

    /// The broadcast address of the network, with this port.
    #[must_use]
    pub fn everybody(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.network.last(), port)
    }
}

/// A standing byte stream.
pub trait Stream: Send {
    /// Sends all of these bytes.
    fn send<'a>(&'a mut self, bytes: &'a [u8]) -> Pending<'a, Result<(), Ended>>;
    /// Waits for the next piece, at most a few kilobytes.
    fn receive(&mut self) -> Pending<'_, Result<Vec<u8>, Ended>>;
    /// Begins TLS, verifying nothing and recording what the peer shows.
    fn secure(self: Box<Self>, name: Option<String>) -> Pending<'static, Secured>;
}

/// A bound datagram socket.
pub trait Datagrams: Send {
    /// Sends one datagram.
    fn send<'a>(&'a mut self, to: SocketAddr, bytes: &'a [u8]) -> Pending<'a, io::Result<()>>;
    /// Waits for the next one; an error means that an ICMP message refused what was sent.
    fn receive(&mut self) -> Pending<'_, io::Result<(SocketAddr, Vec<u8>)>>;
}

/// A host that answered on the link itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its address.
    pub ip: IpAddr,
    /// The MAC address its frame came from.
    pub mac: Mac,
}

/// The link that a segment hangs on, for questions below IP.
pub trait Link: Send {
    /// Sends one ARP question for this IPv4 address.
    fn ask(&mut self, ip: Ipv4Addr) -> io::Result<()>;
    /// Sends one echo request to the IPv6 nodes of the link that are in this group (RFC 4291 section 2.7.1), from each of
    /// our own addresses that lies in one of these networks.
    ///
    /// # Errors
    /// Also where none of ours does: then nothing was asked, and that nobody answers means nothing.
    fn ask_group(&mut self, group: std::net::Ipv6Addr, networks: &[Cidr]) -> io::Result<()>;
    /// Waits for the next neighbour heard; `None` when the link is gone.
    fn heard(&mut self) -> Pending<'_, Option<Neighbour>>;
}

/// Those of our own addresses that a question to these networks goes out from.
///
/// # Errors
/// None of them can ask there.
fn speakers(own: impl Iterator<Item = IpAddr>, networks: &[Cidr]) -> io::Result<Vec<std::net::Ipv6Addr>> {
    let near = own.filter(|own| networks.iter().any(|network| network.contains(*own)));
    let speakers: Vec<_> = near
        .filter_map(|own| match own {
            IpAddr::V6(v6) => Some(v6),
            IpAddr::V4(_) => None,
        })
        .collect();
    if speakers.is_empty() { Err(io::ErrorKind::AddrNotAvailable.into()) } else { Ok(speakers) }
}

/// Where a segment lies as seen from the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On this machine.
    Loopback,
    /// On a link of this machine.
    OnLink,
    /// Behind a router.
    Routed,
}

/// A network to walk.
pub trait Network: Send + Sync {
    /// Where an address of the segment lies.
    fn place(&self, segment: &Segment, ip: IpAddr) -> Place;
    /// Whether the way to this segment stands as far as this machine can tell: the interface it hangs on is up and has
    /// a carrier. Looks at the interfaces anew.
    fn is_attached(&self, _segment: &Segment) -> bool {
        true
    }
    /// Every address of this machine, of interfaces that are down too.
    fn own_addresses(&self) -> std::collections::BTreeSet<IpAddr> {
        std::collections::BTreeSet::new()
    }
    /// The agent's own address towards this segment.
    fn own_address(&self, segment: &Segment) -> Option<IpAddr>;
    /// The number of the segment's interface, which link-local addresses need; `None` unless the segment lists the
    /// interface as a whole, so that no neighbour outside the listed network is taken in (promise S1).
    fn zone(&self, _segment: &Segment) -> Option<u32> {
        None
    }
    /// Opens a TCP connection.
    fn connect(&self, to: SocketAddr, patience: Duration) -> Pending<'_, Result<Box<dyn Stream>, Unreached>>;
    /// Binds a socket for datagrams with this one peer.
    fn datagrams(&self, peer: SocketAddr) -> Pending<'_, io::Result<Box<dyn Datagrams>>>;
    /// Whether a question by multicast, which leaves by one card alone, reaches all of the segment: one network of that card
    /// holds it from end to end.
    fn reaches_all(&self, segment: &Segment) -> bool;
    /// Binds a socket on the segment's interface for multicast questions and the answers of anyone.
    fn multicast(&self, segment: &Segment, group: SocketAddr) -> Pending<'_, io::Result<Box<dyn Datagrams>>>;
    /// The networks of our own links that the segment lists from end to end, each once, whichever cards lead there.
    fn whole_links(&self, segment: &Segment) -> Vec<WholeLink>;
    /// Binds a socket on that link's card alone, from this port, for questions to its broadcast address and the answers of
    /// anyone.
    ///
    /// # Errors
    /// Also where another program has the port.
    fn broadcast(&self, link: &WholeLink, port: u16) -> Pending<'_, io::Result<Box<dyn Datagrams>>>;
    /// The segment's link, where the agent is on it and may speak below IP.
    fn link(&self, segment: &Segment) -> Option<Box<dyn Link>>;
    /// Frames of discovery protocols that anyone sends on the segment's link, where the agent may listen there.
    fn listen(&self, _segment: &Segment) -> Option<tokio::sync::mpsc::Receiver<Vec<u8>>> {
        None
    }
    /// Sends one echo request and waits for its answer; `None` where the agent may not.
    fn echo(&self, ip: IpAddr, patience: Duration) -> Pending<'_, Option<bool>>;
    /// What the kernel's own neighbour table says of this address, after something was sent to it.
    fn neighbour(&self, ip: IpAddr) -> Option<Mac>;
    /// The addresses of this machine's loopback net that something listens on; `None` where it cannot be told.
    fn listening(&self) -> Option<Vec<SocketAddr>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broadcast_address_is_told_where_its_network_is_listed_whole() {
        let check = |own: &[&str], listed: &str, expected: &[&str]| {
            let card = |own: &&str| {
                let (ip, prefix) = own.split_once('/').unwrap();
                let ip: IpAddr = ip.parse().unwrap();
                (ip, Cidr::around(ip, prefix.parse().unwrap()))
            };
            let addresses: Vec<_> = own.iter().map(card).collect();
            let links = WholeLink::among("eth0", &addresses, listed.parse().unwrap());
            let told: Vec<_> = links.map(|link| format!("{} {}", link.own, link.everybody(1).ip())).collect();
            assert_eq!(told, expected, "{own:?} {listed}");
        };
        check(&["10.1.0.9/24"], "10.1.0.0/24", &["10.1.0.9 10.1.0.255"]);
        check(&["10.1.0.9/24"], "10.1.0.0/16", &["10.1.0.9 10.1.0.255"]);
        check(
            &["10.1.0.9/24", "fd00::9/64", "10.1.7.9/24"],
            "10.1.0.0/16",
            &["10.1.0.9 10.1.0.255", "10.1.7.9 10.1.7.255"],
        );
        check(&["10.1.0.9/24"], "10.1.0.0/25", &[]);
        check(&["10.1.0.9/16"], "10.1.0.0/24", &[]);
        check(&["10.1.0.9/24"], "10.1.0.77/32", &[]);
        check(&["10.1.0.9/24"], "10.2.0.0/24", &[]);
        check(&["10.1.0.8/31"], "10.1.0.0/24", &[]);
        check(&["10.1.0.9/32"], "10.1.0.0/24", &[]);
        check(&["fd00::9/64"], "fd00::/64", &[]);
    }
}
