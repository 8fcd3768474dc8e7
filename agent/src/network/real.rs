//! The real network: the one place that opens sockets towards the school (invariant 1).
#![allow(
    clippy::disallowed_methods,
    reason = "this is the runner's own transport, the one place allowed to open sockets towards the school"
)]

use super::{
    Datagrams, Ended, Link, Network, Pending, Place, Stream, Unreached, WholeLink,
    link::{self, Interface},
    tls,
};
use crate::{
    probe::TlsPeer,
    scope::{Cidr, Realm, Scope, Segment},
};
use rundgang_inventory::Mac;
use rustls::ClientConfig;
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};
use std::{
    collections::BTreeSet,
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream, UdpSocket},
    time::timeout,
};

/// The network this machine is attached to.
pub struct Real {
    interfaces: RwLock<Vec<Arc<Interface>>>,
    tls: Arc<ClientConfig>,
}

impl Real {
    /// Looks at this machine's interfaces; nothing is sent.
    ///
    /// # Errors
    /// When TLS cannot be set up at all.
    pub fn new() -> Result<Self, rustls::Error> {
        let interfaces = link::interfaces().into_iter().filter(|interface| interface.is_up).map(Arc::new);
        Ok(Self { interfaces: RwLock::new(interfaces.collect()), tls: tls::config()? })
    }

    /// What this process may not do and how to let it, in one line; `None` where nothing is missing for this scope.
    #[must_use]
    pub fn hindrance(&self, scope: &Scope) -> Option<String> {
        let needs_it = scope
            .segments()
            .iter()
            .any(|segment| !segment.is_loopback() && self.interface(segment).is_some());
        if !needs_it || link::may_go_below_ip() {
            return None;
        }
        let program = std::env::current_exe().map(|path| path.display().to_string());
        Some(format!(
            "CAP_NET_RAW is missing: hosts are looked for by echo requests and connections instead of ARP, which finds \
             less, and nothing is heard passively; to give it: sudo setcap cap_net_raw+ep {}",
            program.as_deref().unwrap_or("rundgang-agent")
        ))
    }

    /// The interface on whose link the segment lies: of several one with a carrier, where there is any.
    fn interface(&self, segment: &Segment) -> Option<Arc<Interface>> {
        let known = self.interfaces.read().unwrap_or_else(PoisonError::into_inner);
        let leading = || known.iter().filter(|interface| interface.leads_to(segment));
        leading().find(|interface| interface.has_carrier).or_else(|| leading().next()).cloned()
    }
}

// A small window keeps a talkative host from sending dozens of segments that our kernel would acknowledge within
// a tenth of a second (promise S4).
const RECEIVE_WINDOW: u32 = 4 * 1024;
const PIECE: usize = 4 * 1024;

impl Network for Real {
    fn place(&self, segment: &Segment, ip: IpAddr) -> Place {
        if segment.is_loopback() {
            Place::Loopback
        } else if self.interface(segment).is_some_and(|interface| interface.is_next_to(ip)) {
            Place::OnLink
        } else {
            Place::Routed
        }
    }

    fn is_attached(&self, segment: &Segment) -> bool {
        let all = link::interfaces();
        let mut leading = all.iter().filter(|interface| interface.leads_to(segment)).peekable();
        let attached = match leading.peek() {
            _ if segment.is_loopback() => true,
            // Behind a router, unless the scope names the interface.
            None => segment.interface.is_none(),
            Some(_) => leading.any(|interface| interface.is_up && interface.has_carrier),
        };
        let up = all.into_iter().filter(|interface| interface.is_up).map(Arc::new).collect();
        *self.interfaces.write().unwrap_or_else(PoisonError::into_inner) = up;
        attached
    }

    fn own_addresses(&self) -> BTreeSet<IpAddr> {
        link::interfaces().iter().flat_map(|interface| &interface.addresses).map(|&(ip, _)| ip).collect()
    }

    fn own_address(&self, segment: &Segment) -> Option<IpAddr> {
        if segment.is_loopback() {
            return Some(match segment.network.first() {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        self.interface(segment)?.address_in(segment.network)
    }

    fn zone(&self, segment: &Segment) -> Option<u32> {
        let interface = self.interface(segment)?;
        let listed =
            |own: &Cidr| segment.network.contains(own.first()) && segment.network.contains(own.last());
        let whole = interface.addresses.iter().any(|(_, own)| listed(own)) || segment.interface.is_some();
        whole.then_some(interface.index)
    }

    fn connect(&self, to: SocketAddr, patience: Duration) -> Pending<'_, Result<Box<dyn Stream>, Unreached>> {
        Box::pin(async move {
            let socket = if to.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
            let socket = socket.map_err(|_| Unreached::Silent)?;
            // Best effort: a kernel that refuses a smaller window still connects.
            socket.set_recv_buffer_size(RECEIVE_WINDOW).ok();
            match timeout(patience, socket.connect(to)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true).ok();
                    Ok(Box::new(Tcp { stream, peer: to.ip(), tls: self.tls.clone() }) as Box<dyn Stream>)
                }
                Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => Err(Unreached::Refused),
                Ok(Err(error)) if error.kind() == ErrorKind::ConnectionReset => Err(Unreached::Refused),
                Ok(Err(_)) | Err(_) => Err(Unreached::Silent),
            }
        })
    }

    fn datagrams(&self, peer: SocketAddr) -> Pending<'_, io::Result<Box<dyn Datagrams>>> {
        Box::pin(async move {
            let any: SocketAddr = match peer.ip() {
                IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
                IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
            };
            let socket = UdpSocket::bind(any).await?;
            // A connected socket takes datagrams of this peer alone and learns of its ICMP refusals.
            socket.connect(peer).await?;
            Ok(Box::new(Udp { socket, connected: Some(peer) }) as Box<dyn Datagrams>)
        })
    }

    fn reaches_all(&self, segment: &Segment) -> bool {
        self.interface(segment).is_some_and(|interface| interface.holds(segment))
    }

    fn multicast(&self, segment: &Segment, group: SocketAddr) -> Pending<'_, io::Result<Box<dyn Datagrams>>> {
        let interface = self.interface(segment);
        Box::pin(async move {
            let interface = interface.ok_or_else(|| io::Error::from(ErrorKind::NetworkUnreachable))?;
            let domain = if group.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 };
            let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
            match group.ip() {
                IpAddr::V4(_) => {
                    let own = interface.ipv4().ok_or_else(|| io::Error::from(ErrorKind::AddrNotAvailable))?;
                    socket.set_multicast_if_v4(&own)?;
                    socket.set_multicast_ttl_v4(if group.port() == 5353 { 255 } else { 2 })?;
                    socket.set_multicast_loop_v4(false)?;
                    socket.bind(&SockAddr::from(SocketAddr::from((own, 0))))?;
                }
                IpAddr::V6(_) => {
                    socket.set_multicast_if_v6(interface.index)?;
                    socket.set_multicast_hops_v6(if group.port() == 5353 { 255 } else { 2 })?;
                    socket.set_multicast_loop_v6(false)?;
                    socket.bind(&SockAddr::from(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))))?;
                }
            }
            // A whole school answers within a second.
            socket.set_recv_buffer_size(1 << 20).ok();
            socket.set_nonblocking(true)?;
            let socket = UdpSocket::from_std(socket.into())?;
            Ok(Box::new(Udp { socket, connected: None }) as Box<dyn Datagrams>)
        })
    }

    fn whole_links(&self, segment: &Segment) -> Vec<WholeLink> {
        let known = self.interfaces.read().unwrap_or_else(PoisonError::into_inner);
        // Nobody hears a question over a card without a cable, though it counts as sent.
        let leading = known.iter().filter(|interface| interface.has_carrier && interface.leads_to(segment));
        let mut links: Vec<WholeLink> = Vec::new();
        for link in leading.flat_map(|interface| interface.listed_whole(segment.network)) {
            // Two cards in one network hang on one link.
            if links.iter().all(|known| known.network != link.network) {
                links.push(link);
            }
        }
        links
    }

    fn broadcast(&self, link: &WholeLink, port: u16) -> Pending<'_, io::Result<Box<dyn Datagrams>>> {
        let link = link.clone();
        Box::pin(async move {
            let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
            // By this card and no other, whatever the table of routes prefers.
            socket.bind_device(Some(link.interface.as_bytes()))?;
            socket.set_broadcast(true)?;
            socket.set_ttl_v4(1)?;
            socket.bind(&SockAddr::from(SocketAddr::from((link.own, port))))?;
            socket.set_nonblocking(true)?;
            let socket = UdpSocket::from_std(socket.into())?;
            Ok(Box::new(Udp { socket, connected: None }) as Box<dyn Datagrams>)
        })
    }

    fn link(&self, segment: &Segment) -> Option<Box<dyn Link>> {
        let interface = self.interface(segment)?;
        link::open(&interface).ok().map(|link| Box::new(link) as Box<dyn Link>)
    }

    fn listen(&self, segment: &Segment) -> Option<tokio::sync::mpsc::Receiver<Vec<u8>>> {
        super::ear::open(self.interface(segment)?.as_ref()).ok()
    }

    fn echo(&self, ip: IpAddr, patience: Duration) -> Pending<'_, Option<bool>> {
        Box::pin(link::echo(ip, patience))
    }

    fn neighbour(&self, ip: IpAddr) -> Option<Mac> {
        let table = std::fs::read_to_string("/proc/net/arp").ok()?;
        neighbour_in(&table, ip)
    }

    fn listening(&self) -> Option<Vec<SocketAddr>> {
        link::listening()
    }
}

/// The MAC address of `ip` in the kernel's table (`/proc/net/arp`), where the entry is complete.
fn neighbour_in(table: &str, ip: IpAddr) -> Option<Mac> {
    table.lines().skip(1).find_map(|line| {
        let mut columns = line.split_whitespace();
        let address: IpAddr = columns.next()?.parse().ok()?;
        let flags = columns.nth(1)?;
        let mac: Mac = columns.next()?.parse().ok()?;
        (address == ip && flags != "0x0" && mac.0 != [0; 6]).then_some(mac)
    })
}

struct Tcp<S> {
    stream: S,
    peer: IpAddr,
    tls: Arc<ClientConfig>,
}

impl Stream for Tcp<TcpStream> {
    fn send<'a>(&'a mut self, bytes: &'a [u8]) -> Pending<'a, Result<(), Ended>> {
        Box::pin(async move { self.stream.write_all(bytes).await.map_err(ended) })
    }

    fn receive(&mut self) -> Pending<'_, Result<Vec<u8>, Ended>> {
        Box::pin(read_piece(&mut self.stream))
    }

    fn secure(
        self: Box<Self>,
        name: Option<String>,
    ) -> Pending<'static, Result<(Box<dyn Stream>, TlsPeer), String>> {
        Box::pin(async move {
            let connector = tokio_rustls::TlsConnector::from(self.tls.clone());
            let name = tls::server_name(name, self.peer);
            let stream = connector.connect(name, self.stream).await.map_err(|error| tls::reason(&error))?;
            let peer = tls::peer(stream.get_ref().1);
            let secured = Tcp { stream: Box::new(stream), peer: self.peer, tls: self.tls };
            Ok((Box::new(secured) as Box<dyn Stream>, peer))
        })
    }
}

impl Stream for Tcp<Box<tokio_rustls::client::TlsStream<TcpStream>>> {
    fn send<'a>(&'a mut self, bytes: &'a [u8]) -> Pending<'a, Result<(), Ended>> {
        Box::pin(async move {
            self.stream.write_all(bytes).await.map_err(ended)?;
            self.stream.flush().await.map_err(ended)
        })
    }

    fn receive(&mut self) -> Pending<'_, Result<Vec<u8>, Ended>> {
        Box::pin(read_piece(&mut self.stream))
    }

    fn secure(
        self: Box<Self>,
        _name: Option<String>,
    ) -> Pending<'static, Result<(Box<dyn Stream>, TlsPeer), String>> {
        Box::pin(async { Err("TLS stands already".to_owned()) })
    }
}

async fn read_piece(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Result<Vec<u8>, Ended> {
    let mut piece = vec![0; PIECE];
    match stream.read(&mut piece).await {
        Ok(0) => Err(Ended::Closed),
        Ok(length) => {
            piece.truncate(length);
            Ok(piece)
        }
        // A TLS peer that hangs up without a closing alert has closed all the same.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(Ended::Closed),
        Err(error) => Err(ended(error)),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it maps errors")]
fn ended(error: io::Error) -> Ended {
    match error.kind() {
        ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused => Ended::Refused,
        _ => Ended::Closed,
    }
}

struct Udp {
    socket: UdpSocket,
    connected: Option<SocketAddr>,
}

impl Datagrams for Udp {
    fn send<'a>(&'a mut self, to: SocketAddr, bytes: &'a [u8]) -> Pending<'a, io::Result<()>> {
        Box::pin(async move {
            // At once, since it is our turn now: tokio's own way would first wait for its reactor.
            let socket = SockRef::from(&self.socket);
            let sent = match self.connected {
                Some(_) => socket.send(bytes),
                None => socket.send_to(bytes, &to.into()),
            };
            match sent {
                Err(error) if error.kind() == ErrorKind::WouldBlock => match self.connected {
                    Some(_) => self.socket.send(bytes).await.map(drop),
                    None => self.socket.send_to(bytes, to).await.map(drop),
                },
                sent => sent.map(drop),
            }
        })
    }

    fn receive(&mut self) -> Pending<'_, io::Result<(SocketAddr, Vec<u8>)>> {
        Box::pin(async move {
            let mut bytes = vec![0; 65_536];
            let (length, from) = match self.connected {
                Some(peer) => (self.socket.recv(&mut bytes).await?, peer),
                None => self.socket.recv_from(&mut bytes).await?,
            };
            bytes.truncate(length);
            Ok((from, bytes))
        })
    }
}

/// Whether the network lies on a link of this machine: its realm says it can.
pub(super) fn can_be_on_link(network: Cidr) -> bool {
    matches!(network.realm(), Realm::Private | Realm::LinkLocal | Realm::Public)
}

#[cfg(test)]
mod tests;
