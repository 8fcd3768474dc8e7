//! A recorded network: hosts that answer from transcripts, so that a whole school can be walked without one.

mod link;
mod recording;

pub use recording::{Bytes, Exchange, Host, Recording, Tcp, Tls, Udp, Variable};

use super::{Datagrams, Ended, Link, Network, Pending, Place, Stream, Unreached, WholeLink};
use crate::{
    probe::TlsPeer,
    scope::{Cidr, Segment},
};
use rundgang_inventory::Mac;
use rundgang_wire::snmp::{Oid, responder};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{sync::mpsc, time::Instant};

/// A packet that would have been sent, as the ledger notes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// An ARP question.
    Asked(IpAddr),
    /// An echo request, to a host or to a group of IPv6 nodes.
    Echo(IpAddr),
    /// A connection attempt.
    Connected(SocketAddr),
    /// Bytes over a connection.
    Stream(SocketAddr, Vec<u8>),
    /// A datagram.
    Datagram(SocketAddr, Vec<u8>),
    /// A TLS handshake begun.
    Secured(SocketAddr),
}

/// A recorded network and a ledger of everything that was sent into it.
pub struct Replay {
    hosts: Arc<BTreeMap<IpAddr, Recorded>>,
    /// The agent's own addresses on the link; where none is listed it has one in every network.
    own: Vec<IpAddr>,
    /// What is heard on the link.
    frames: Vec<Vec<u8>>,
    ledger: Ledger,
    questions: Arc<AtomicUsize>,
    is_deaf: bool,
    /// How often each answer to a datagram is given.
    times: usize,
    /// The agent's cards, by address and network; where none is listed it has one in every network, as wide as that.
    cards: Vec<(IpAddr, Cidr)>,
}

type Ledger = Arc<Mutex<Vec<(Instant, Sent)>>>;

struct Recorded {
    host: Host,
    snmp: responder::Table,
}

/// The agent's own address in a recorded network: one that no host may have.
const OWN: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);

impl Replay {
    /// Reads a recording.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text).map(Self::new)
    }

    /// A network of these hosts.
    #[must_use]
    pub fn new(recording: Recording) -> Self {
        let recorded = |host: Host| {
            let variable =
                |(oid, value): (&String, &Variable)| Some((oid.parse::<Oid>().ok()?, value.value()?));
            let snmp = host.snmp.iter().filter_map(variable).collect();
            (host.ip, Recorded { host, snmp })
        };
        let hosts = Arc::new(recording.host.into_iter().map(recorded).collect());
        let frames = recording.frame.into_iter().map(|frame| frame.0).collect();
        Self {
            hosts,
            own: recording.own,
            frames,
            ledger: Ledger::default(),
            questions: Arc::new(AtomicUsize::new(usize::MAX)),
            is_deaf: false,
            times: 1,
            cards: Vec::new(),
        }
    }

    /// The same network with a link that goes away after so many ARP questions.
    #[must_use]
    pub fn losing_its_link_after(self, questions: usize) -> Self {
        Self { questions: Arc::new(AtomicUsize::new(questions)), ..self }
    }

    /// The same network, but no socket for questions by multicast or broadcast can be had.
    #[must_use]
    pub fn without_multicast(self) -> Self {
        Self { is_deaf: true, ..self }
    }

    /// The same network, whose hosts give every answer to a datagram so often.
    #[must_use]
    pub fn repeating(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// The same network, where the agent has these addresses in these networks.
    #[must_use]
    pub fn with_cards(self, cards: Vec<(IpAddr, Cidr)>) -> Self {
        Self { cards, ..self }
    }

    /// A socket for questions to many, where one can be had.
    fn played(&self) -> Pending<'_, io::Result<Box<dyn Datagrams>>> {
        let datagrams = PlayedDatagrams::new(self);
        let refused = self.is_deaf;
        Box::pin(async move {
            if refused {
                return Err(io::Error::from(ErrorKind::AddrInUse));
            }
            Ok(Box::new(datagrams) as Box<dyn Datagrams>)
        })
    }

    /// Everything that was sent so far, in order, with its moment.
    #[must_use]
    pub fn ledger(&self) -> Vec<(Instant, Sent)> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn note(ledger: &Ledger, sent: Sent) {
    ledger.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), sent));
}

impl Network for Replay {
    fn place(&self, segment: &Segment, ip: IpAddr) -> Place {
        match self.hosts.get(&ip) {
            Some(recorded) if recorded.host.mac.is_none() && !segment.is_loopback() => Place::Routed,
            _ if segment.is_loopback() => Place::Loopback,
            _ => Place::OnLink,
        }
    }

    fn is_attached(&self, _segment: &Segment) -> bool {
        self.questions.load(Ordering::Relaxed) > 0
    }

    fn own_addresses(&self) -> BTreeSet<IpAddr> {
        BTreeSet::from([OWN.into()])
    }

    fn own_address(&self, _segment: &Segment) -> Option<IpAddr> {
        Some(OWN.into())
    }

    fn connect(&self, to: SocketAddr, patience: Duration) -> Pending<'_, Result<Box<dyn Stream>, Unreached>> {
        let ledger = self.ledger.clone();
        let recorded = self.hosts.get(&to.ip()).filter(|recorded| recorded.lives(&ledger));
        note(&self.ledger, Sent::Connected(to));
        Box::pin(async move {
            let Some(recorded) = recorded else {
                tokio::time::sleep(patience).await;
                return Err(Unreached::Silent);
            };
            let tcp = recorded.host.tcp.iter().find(|tcp| tcp.port == to.port()).ok_or(Unreached::Refused)?;
            let coming = VecDeque::from_iter((!tcp.greeting.0.is_empty()).then(|| tcp.greeting.0.clone()));
            Ok(Box::new(Played { to, tcp: tcp.clone(), coming, closed: false, ledger }) as Box<dyn Stream>)
        })
    }

    fn datagrams(&self, _peer: SocketAddr) -> Pending<'_, io::Result<Box<dyn Datagrams>>> {
        let datagrams = PlayedDatagrams::new(self);
        Box::pin(async { Ok(Box::new(datagrams) as Box<dyn Datagrams>) })
    }

    fn reaches_all(&self, segment: &Segment) -> bool {
        let (first, last) = (segment.network.first(), segment.network.last());
        // Questions to many leave by the first card that leads there, as on a real machine.
        let leading = self.cards.iter().find(|(_, own)| own.overlaps(&segment.network));
        self.cards.is_empty() || leading.is_some_and(|(_, own)| own.contains(first) && own.contains(last))
    }

    fn multicast(
        &self,
        _segment: &Segment,
        _group: SocketAddr,
    ) -> Pending<'_, io::Result<Box<dyn Datagrams>>> {
        self.played()
    }

    fn whole_links(&self, segment: &Segment) -> Vec<WholeLink> {
        let everywhere = [(OWN.into(), segment.network)];
        let cards = if self.cards.is_empty() { &everywhere } else { self.cards.as_slice() };
        WholeLink::among("eth0", cards, segment.network).collect()
    }

    fn broadcast(&self, _link: &WholeLink, _port: u16) -> Pending<'_, io::Result<Box<dyn Datagrams>>> {
        self.played()
    }

    fn link(&self, _segment: &Segment) -> Option<Box<dyn Link>> {
        let (heard_by, heard) = mpsc::unbounded_channel();
        Some(Box::new(link::PlayedLink {
            hosts: self.hosts.clone(),
            own: self.own.clone(),
            ledger: self.ledger.clone(),
            heard_by,
            heard,
            questions: self.questions.clone(),
        }))
    }

    fn listen(&self, _segment: &Segment) -> Option<mpsc::Receiver<Vec<u8>>> {
        if self.frames.is_empty() {
            return None;
        }
        let (heard_by, heard) = mpsc::channel(self.frames.len());
        self.frames.iter().cloned().for_each(|frame| drop(heard_by.try_send(frame)));
        // Nothing more is heard, and the ear stays open as a real one does.
        Some(heard)
    }

    fn echo(&self, ip: IpAddr, patience: Duration) -> Pending<'_, Option<bool>> {
        note(&self.ledger, Sent::Echo(ip));
        Box::pin(async move {
            let there = self
                .hosts
                .get(&ip)
                .is_some_and(|recorded| recorded.host.echo && recorded.lives(&self.ledger));
            if !there {
                tokio::time::sleep(patience).await;
            }
            Some(there)
        })
    }

    fn neighbour(&self, ip: IpAddr) -> Option<Mac> {
        // Who never heard a question for its address never told its own.
        self.hosts.get(&ip).filter(|recorded| recorded.hears(&self.ledger))?.host.mac
    }

    fn listening(&self) -> Option<Vec<SocketAddr>> {
        Some(self.hosts.keys().map(|&ip| SocketAddr::new(ip, 0)).collect())
    }
}

struct Played {
    to: SocketAddr,
    tcp: Tcp,
    coming: VecDeque<Vec<u8>>,
    closed: bool,
    ledger: Ledger,
}

impl Stream for Played {
    fn send<'a>(&'a mut self, bytes: &'a [u8]) -> Pending<'a, Result<(), Ended>> {
        note(&self.ledger, Sent::Stream(self.to, bytes.to_vec()));
        if let Some((answer, close)) =
            self.tcp.exchange.iter().find_map(|exchange| Some((exchange.answer(bytes)?, exchange.close)))
        {
            self.coming.push_back(answer);
            self.closed = close;
        }
        Box::pin(async { Ok(()) })
    }

    fn receive(&mut self) -> Pending<'_, Result<Vec<u8>, Ended>> {
        let next = self.coming.pop_front();
        let closed = self.closed;
        Box::pin(async move {
            match next {
                Some(bytes) => Ok(bytes),
                None if closed => Err(Ended::Closed),
                None => std::future::pending().await,
            }
        })
    }

    fn secure(
        mut self: Box<Self>,
        _name: Option<String>,
    ) -> Pending<'static, Result<(Box<dyn Stream>, TlsPeer), String>> {
        note(&self.ledger, Sent::Secured(self.to));
        Box::pin(async move {
            let tls = self.tcp.tls.clone().ok_or("the peer speaks no TLS")?;
            let decode = |text: &String| {
                let digits: String = text.split_whitespace().collect();
                data_encoding::BASE64.decode(digits.as_bytes()).map_err(|error| error.to_string())
            };
            let chain = tls.chain.iter().map(decode).collect::<Result<_, _>>()?;
            self.coming.clear();
            Ok((self as Box<dyn Stream>, TlsPeer { chain, version: tls.version, cipher: tls.cipher }))
        })
    }
}

struct PlayedDatagrams {
    hosts: Arc<BTreeMap<IpAddr, Recorded>>,
    ledger: Ledger,
    coming: VecDeque<(SocketAddr, Vec<u8>)>,
    refused: bool,
    times: usize,
}

impl PlayedDatagrams {
    fn new(replay: &Replay) -> Self {
        let (hosts, ledger) = (replay.hosts.clone(), replay.ledger.clone());
        Self { hosts, ledger, coming: VecDeque::new(), refused: false, times: replay.times }
    }
}

impl Recorded {
    /// Whether it still answers anything.
    fn lives(&self, ledger: &Ledger) -> bool {
        let Some(most) = self.host.silent_after else { return true };
        let asked = |(_, sent): &&(Instant, Sent)| match sent {
            Sent::Connected(to) | Sent::Datagram(to, _) => to.ip() == self.host.ip,
            _ => false,
        };
        ledger.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(asked).count() < most
    }

    /// Whether the last ARP question for it reached it.
    fn hears(&self, ledger: &Ledger) -> bool {
        let for_it = |(_, sent): &&(Instant, Sent)| *sent == Sent::Asked(self.host.ip);
        let sent = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        self.host.unheard == 0 || sent.iter().filter(for_it).count() > self.host.unheard
    }

    fn answers(&self, to: SocketAddr, bytes: &[u8]) -> Option<Vec<u8>> {
        if to.port() == 161 && to.ip() == self.host.ip {
            return responder::respond(bytes, self.host.community.as_bytes(), &self.snmp);
        }
        // A group, or the broadcast address of the link: whatever is no host's own.
        let group = (to.ip() != self.host.ip).then_some(to.ip());
        let scripts = self.host.udp.iter().filter(|udp| udp.port == to.port());
        scripts
            .filter(|udp| group.is_none() || udp.group == group)
            .flat_map(|udp| &udp.exchange)
            .find_map(|exchange| exchange.answer(bytes))
    }

    fn listens(&self, port: u16) -> bool {
        self.host.udp.iter().any(|udp| udp.port == port) || (port == 161 && !self.snmp.is_empty())
    }
}

impl Datagrams for PlayedDatagrams {
    fn send<'a>(&'a mut self, to: SocketAddr, bytes: &'a [u8]) -> Pending<'a, io::Result<()>> {
        // This datagram may be the one that silences a host, which still answers the ones before it: so it is noted last.
        let lives = |recorded: &&Recorded| recorded.lives(&self.ledger);
        let answer = |recorded: &Recorded| {
            let from = SocketAddr::new(recorded.host.ip, to.port());
            Some((from, recorded.answers(to, bytes)?))
        };
        let addressed = self.hosts.get(&to.ip()).filter(lives);
        let answers: Vec<_> = match addressed {
            None if !self.hosts.contains_key(&to.ip()) => {
                self.hosts.values().filter(lives).filter_map(answer).collect()
            }
            addressed => addressed.and_then(answer).into_iter().collect(),
        };
        for _ in 0..self.times {
            self.coming.extend(answers.iter().cloned());
        }
        self.refused = addressed.is_some_and(|recorded| !recorded.listens(to.port()));
        note(&self.ledger, Sent::Datagram(to, bytes.to_vec()));
        Box::pin(async { Ok(()) })
    }

    fn receive(&mut self) -> Pending<'_, io::Result<(SocketAddr, Vec<u8>)>> {
        let next = self.coming.pop_front();
        let refused = self.refused;
        Box::pin(async move {
            match next {
                Some(datagram) => Ok(datagram),
                None if refused => Err(io::Error::from(ErrorKind::ConnectionRefused)),
                None => std::future::pending().await,
            }
        })
    }
}
