//! The link below IP: interfaces, ARP and IPv6 neighbours over packet sockets, echo requests, local listeners.
#![allow(
    clippy::disallowed_methods,
    reason = "part of the runner's own transport: the link below IP, where the segment hangs on it"
)]

use super::{Link, Neighbour, Pending, WholeLink, real, speakers};
use crate::scope::{Cidr, Segment};
use pnet_datalink::{Channel, ChannelType, DataLinkReceiver, DataLinkSender, NetworkInterface};
use rundgang_inventory::Mac;
use rundgang_wire::{arp, icmp, ndp};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    os::fd::IntoRawFd,
    time::Duration,
};
use tokio::{net::UdpSocket, sync::mpsc, time::timeout};

/// An interface of this machine with its addresses.
#[derive(Clone, Debug)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its number.
    pub index: u32,
    /// Its MAC address.
    pub mac: Option<Mac>,
    /// Its addresses, each with the network it lies in.
    pub addresses: Vec<(IpAddr, Cidr)>,
    /// Whether it is switched on.
    pub is_up: bool,
    /// Whether anything is plugged in.
    pub has_carrier: bool,
    device: NetworkInterface,
}

impl Interface {
    /// Whether a segment hangs on it: the one that the scope names, or one whose link holds part of it.
    #[must_use]
    pub fn leads_to(&self, segment: &Segment) -> bool {
        segment.interface.as_ref().map_or_else(|| self.reaches(segment.network), |name| *name == self.name)
    }

    /// Whether part of `network` lies on its link.
    #[must_use]
    pub fn reaches(&self, network: Cidr) -> bool {
        real::can_be_on_link(network) && self.addresses.iter().any(|(_, own)| own.overlaps(&network))
    }

    /// Whether all of the segment lies on its link: in one of its networks, or wherever link-local addresses are.
    #[must_use]
    pub fn holds(&self, segment: &Segment) -> bool {
        let (first, last) = (segment.network.first(), segment.network.last());
        let named = segment.interface.as_ref().is_some_and(|name| *name == self.name);
        named || self.addresses.iter().any(|(_, own)| own.contains(first) && own.contains(last))
    }

    /// Whether this address lies on its link.
    #[must_use]
    pub fn is_next_to(&self, ip: IpAddr) -> bool {
        self.addresses.iter().any(|(_, own)| own.contains(ip))
    }

    /// Its own address in `network`, or one whose link holds it.
    #[must_use]
    pub fn address_in(&self, network: Cidr) -> Option<IpAddr> {
        let inside = self.addresses.iter().find(|(ip, _)| network.contains(*ip));
        inside.or_else(|| self.addresses.iter().find(|(_, own)| own.overlaps(&network))).map(|&(ip, _)| ip)
    }

    /// Its networks that `listed` holds from end to end.
    pub fn listed_whole(&self, listed: Cidr) -> impl Iterator<Item = WholeLink> {
        WholeLink::among(&self.name, &self.addresses, listed)
    }

    /// The device as the packet socket wants it.
    pub(super) const fn device(&self) -> &NetworkInterface {
        &self.device
    }

    /// Its first IPv4 address.
    #[must_use]
    pub fn ipv4(&self) -> Option<Ipv4Addr> {
        self.addresses.iter().find_map(|(ip, _)| match ip {
            IpAddr::V4(v4) => Some(*v4),
            IpAddr::V6(_) => None,
        })
    }
}

/// All interfaces, those that are down too, the loopback left out.
#[must_use]
pub fn interfaces() -> Vec<Interface> {
    let others = |device: &NetworkInterface| !device.is_loopback();
    pnet_datalink::interfaces().into_iter().filter(others).map(interface).collect()
}

pub(super) fn interface(device: NetworkInterface) -> Interface {
    let addresses = device.ips.iter().map(|own| (own.ip(), Cidr::around(own.ip(), own.prefix()))).collect();
    let mac = device.mac.map(|mac| Mac(mac.octets()));
    let (is_up, has_carrier) = (device.is_up(), device.is_running());
    Interface { name: device.name.clone(), index: device.index, mac, addresses, is_up, has_carrier, device }
}

/// Whether this process may open packet sockets at all.
pub(super) fn may_go_below_ip() -> bool {
    let protocol = Protocol::from(i32::from(arp::ETHERTYPE.to_be()));
    !Socket::new(Domain::PACKET, Type::RAW, Some(protocol))
        .is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// Opens the link below IP; needs CAP_NET_RAW.
///
/// # Errors
/// Without that capability, or where the interface is no Ethernet.
pub(super) fn open(interface: &Interface) -> io::Result<PacketLink> {
    let mac = interface.mac.ok_or_else(|| io::Error::from(ErrorKind::Unsupported))?;
    let (heard_by, heard) = mpsc::channel(4096);
    let arp = channel(interface, arp::ETHERTYPE)?;
    let ndp = channel(interface, ndp::ETHERTYPE)?;
    listen(arp.1, heard_by.clone(), |frame| {
        arp::sender(frame).map(|told| Neighbour { ip: told.ip.into(), mac: Mac(told.mac) })
    })?;
    listen(ndp.1, heard_by, |frame| {
        ndp::sender(frame).map(|told| Neighbour { ip: told.ip.into(), mac: Mac(told.mac) })
    })?;
    Ok(PacketLink { mac, addresses: interface.addresses.clone(), arp: arp.0, ndp: ndp.0, heard })
}

type Halves = (Box<dyn DataLinkSender>, Box<dyn DataLinkReceiver>);

/// A packet socket that the kernel feeds frames of one EtherType only (promise P5).
fn channel(interface: &Interface, ethertype: u16) -> io::Result<Halves> {
    let protocol = Protocol::from(i32::from(ethertype.to_be()));
    let socket = Socket::new(Domain::PACKET, Type::RAW, Some(protocol))?;
    let config = pnet_datalink::Config {
        promiscuous: false,
        read_timeout: Some(Duration::from_millis(100)),
        channel_type: ChannelType::Layer3(ethertype),
        socket_fd: Some(socket.into_raw_fd()),
        ..pnet_datalink::Config::default()
    };
    match pnet_datalink::channel(&interface.device, config)? {
        Channel::Ethernet(sender, receiver) => Ok((sender, receiver)),
        _ => Err(io::Error::from(ErrorKind::Unsupported)),
    }
}

/// Reads frames in a thread of its own until nobody listens any more.
fn listen(
    mut receiver: Box<dyn DataLinkReceiver>,
    heard_by: mpsc::Sender<Neighbour>,
    read: fn(&[u8]) -> Option<Neighbour>,
) -> io::Result<()> {
    let thread = std::thread::Builder::new().name("link".to_owned());
    thread.spawn(move || {
        while !heard_by.is_closed() {
            match receiver.next() {
                Ok(frame) => {
                    // A full queue drops what a retry will bring again.
                    if let Some(neighbour) = read(frame) {
                        heard_by.try_send(neighbour).ok();
                    }
                }
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted
                    ) => {}
                Err(_) => break,
            }
        }
    })?;
    Ok(())
}

/// A link over packet sockets.
pub(super) struct PacketLink {
    mac: Mac,
    addresses: Vec<(IpAddr, Cidr)>,
    arp: Box<dyn DataLinkSender>,
    ndp: Box<dyn DataLinkSender>,
    heard: mpsc::Receiver<Neighbour>,
}

impl Link for PacketLink {
    fn ask(&mut self, ip: Ipv4Addr) -> io::Result<()> {
        let own = self.addresses.iter().find_map(|(own, network)| match own {
            IpAddr::V4(v4) if network.contains(ip.into()) => Some(*v4),
            _ => None,
        });
        let frame = arp::request(self.mac.0, own.unwrap_or(Ipv4Addr::UNSPECIFIED), ip);
        sent(self.arp.send_to(&frame, None))
    }

    fn ask_group(&mut self, group: Ipv6Addr, networks: &[Cidr]) -> io::Result<()> {
        for from in speakers(self.addresses.iter().map(|(own, _)| *own), networks)? {
            sent(self.ndp.send_to(&ndp::group_echo(self.mac.0, from, group, 0x5247), None))?;
        }
        Ok(())
    }

    fn heard(&mut self) -> Pending<'_, Option<Neighbour>> {
        Box::pin(self.heard.recv())
    }
}

fn sent(outcome: Option<io::Result<()>>) -> io::Result<()> {
    outcome.unwrap_or_else(|| Err(io::Error::from(ErrorKind::WriteZero)))
}

/// Sends one echo request and waits for its answer; `None` where neither kind of socket is allowed.
pub(super) async fn echo(ip: IpAddr, patience: Duration) -> Option<bool> {
    let IpAddr::V4(_) = ip else { return None };
    let open = |kind| Socket::new(Domain::IPV4, kind, Some(Protocol::ICMPV4));
    let socket = open(Type::DGRAM).or_else(|_| open(Type::RAW)).ok()?;
    socket.set_nonblocking(true).ok()?;
    socket.connect(&SocketAddr::new(ip, 0).into()).ok()?;
    // At once, since it is our turn now.
    if socket.send(&icmp::echo_request(0x5247, 1)).is_err() {
        return Some(false);
    }
    // Tokio's datagram socket receives on any socket of datagrams, these included.
    let socket = UdpSocket::from_std(socket.into()).ok()?;
    Some(timeout(patience, reply(&socket)).await.is_ok_and(|answered| answered))
}

async fn reply(socket: &UdpSocket) -> bool {
    let mut bytes = [0; 256];
    loop {
        match socket.recv(&mut bytes).await {
            Ok(length) if icmp::echo_reply(&bytes[..length]).is_some() => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

/// What listens on this machine, from the kernel's own tables; `None` where there are none to read.
pub(super) fn listening() -> Option<Vec<SocketAddr>> {
    let mut found = Vec::new();
    let mut readable = false;
    // TCP state 0A is LISTEN; an unconnected UDP socket has state 07.
    for (file, state) in [("tcp", "0A"), ("udp", "07"), ("tcp6", "0A"), ("udp6", "07")] {
        if let Ok(table) = std::fs::read_to_string(format!("/proc/net/{file}")) {
            readable = true;
            found.extend(table.lines().skip(1).filter_map(|line| local_address(line, state)));
        }
    }
    readable.then_some(found)
}

/// The local address of one line of `/proc/net/{tcp,udp}` (hexadecimal, in the machine's byte order).
fn local_address(line: &str, wanted: &str) -> Option<SocketAddr> {
    let mut columns = line.split_whitespace();
    let local = columns.nth(1)?;
    let state = columns.nth(1)?;
    if state != wanted {
        return None;
    }
    let (address, port) = local.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let words: Option<Vec<[u8; 4]>> = (0..address.len() / 8)
        .map(|word| u32::from_str_radix(address.get(word * 8..word * 8 + 8)?, 16).ok().map(u32::to_ne_bytes))
        .collect();
    let octets = words?.concat();
    let ip = match <[u8; 4]>::try_from(octets.as_slice()) {
        Ok(v4) => IpAddr::from(v4),
        Err(_) => IpAddr::from(<[u8; 16]>::try_from(octets.as_slice()).ok()?),
    };
    Some(SocketAddr::new(ip.to_canonical(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn local_listeners_are_read() {
        let check = |line: &str, state: &str, expected: Option<&str>| {
            assert_eq!(local_address(line, state).map(|a| a.to_string()).as_deref(), expected, "{line}");
        };
        check("  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000", "0A", Some("127.0.0.1:8080"));
        check("  0: 0100007F:1F90 0100007F:9C40 01 00000000:00000000", "0A", None);
        check(" 12: 0A00017F:00A1 00000000:0000 07 00000000:00000000", "07", Some("127.1.0.10:161"));
        check(
            "  1: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A",
            "0A",
            Some("[::1]:22"),
        );
        check("garbage", "0A", None);
    }
}
