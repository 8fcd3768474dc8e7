//! Whether a host fell silent after a probe, and who can bear witness to it (promise S5).

use super::{Cut, IPP_PORT, NEVER_CONNECT, Patience, Refusal, Runner, SWEEP, Visit, converse::How};
use crate::{
    left_alone::Silence,
    network::{Place, Unreached},
    pace::Begin,
    probe::Transport,
    scope::{Cidr, Segment},
};
use rundgang_inventory::{Mac, MacProvenance, vocabulary::HOST_FOUND_BY};
use rundgang_wire::ndp;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// So many conversations in a row must go unanswered before a host is suspected in the midst of its visit.
const SILENCES: u32 = 3;
/// Between two questions to a host that may have fallen silent: a device that sleeps, or a cell of a WLAN that is busy,
/// gets the time to answer.
const BETWEEN: Duration = Duration::from_secs(2);
/// So many hosts of a segment that fall silent while nobody else of it answers are no devices at fault.
const SEVERAL: usize = 3;
/// An answer to ARP or an echo request takes no longer than this.
const REPLY: Duration = Duration::from_millis(700);

/// Whom to ask whether a host still answers: what it answered before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Witness {
    /// A TCP port that accepted or refused a connection.
    Port(u16),
    /// ARP.
    Link,
    /// An echo request.
    Echo,
}

/// What is heard of a host while it is visited.
#[derive(Default)]
pub(super) struct Hearing {
    // TCP ports by what became of them.
    open: BTreeSet<u16>,
    refused: BTreeSet<u16>,
    silent: BTreeSet<u16>,
    // Conversations without an answer since the last one that had one.
    in_a_row: u32,
    // When the first of them was asked.
    silent_from: Option<Instant>,
    last_answered: Option<&'static str>,
    first_silent: Option<&'static str>,
}

impl Hearing {
    /// Notes how a conversation went whose first question left then.
    pub(super) fn note(
        &mut self,
        probe: &'static str,
        transport: Transport,
        how: How,
        asked: Option<Instant>,
    ) {
        if let Transport::Tcp(port) = transport {
            match how {
                How::Silent => self.silent.insert(port),
                How::Refused => self.refused.insert(port),
                How::Connected | How::Answered => self.open.insert(port),
            };
        }
        match how {
            How::Silent => {
                self.in_a_row += 1;
                self.silent_from = self.silent_from.or(asked);
                self.first_silent.get_or_insert(probe);
            }
            How::Refused => self.proved_alive(),
            How::Connected | How::Answered => {
                self.proved_alive();
                self.last_answered = Some(probe);
            }
        }
    }

    /// The host has shown that it is there.
    pub(super) fn proved_alive(&mut self) {
        self.in_a_row = 0;
        self.silent_from = None;
        self.first_silent = None;
    }

    /// TCP ports that accepted a connection, ascending.
    pub(super) fn open(&self) -> impl Iterator<Item = u16> {
        self.open.iter().copied()
    }

    /// Whether the port is known to be closed or silent: it is not tried again.
    pub(super) fn has_no_port(&self, transport: Transport) -> bool {
        matches!(transport, Transport::Tcp(port) if self.refused.contains(&port) || self.silent.contains(&port))
    }

    /// Whether the last conversation went unanswered.
    pub(super) fn is_silent(&self) -> bool {
        self.in_a_row > 0
    }

    /// Whether several in a row did.
    pub(super) fn is_suspicious(&self) -> bool {
        self.in_a_row >= SILENCES
    }

    /// The probe after which the host fell silent: the last one that it answered, else the first one that it did not.
    pub(super) fn after(&self) -> &'static str {
        self.last_answered.or(self.first_silent).unwrap_or(SWEEP)
    }

    /// Who can say whether the host is still there; nobody, where it answered nothing of the kind before. Ports are
    /// knocked on only where a host may be asked by TCP at all, and never that of printing (promises S5, S2).
    pub(super) fn witness(&self, visit: &Visit, may_connect: bool) -> Option<Witness> {
        let ports = self.open.iter().chain(&self.refused).filter(|_| may_connect);
        let port = ports.copied().find(|port| *port != IPP_PORT);
        port.map(Witness::Port).or_else(|| match visit.seen.get(SWEEP)?.text(&HOST_FOUND_BY)? {
            "arp" => Some(Witness::Link),
            "icmp" => Some(Witness::Echo),
            _ => None,
        })
    }

    /// Whether nobody else of the segment has answered since the host fell silent.
    pub(super) fn is_alone(&self, heard: Option<Instant>) -> bool {
        heard.zip(self.silent_from).is_none_or(|(heard, from)| heard <= from)
    }
}

/// That a host fell silent during a walk, until the walk's end tells what to make of it.
pub(crate) struct Fallen {
    pub(super) silence: Silence,
    /// Whether nobody else of its segment answered meanwhile.
    pub(super) alone: bool,
}

/// When something of a segment answered last.
#[derive(Default)]
pub(super) struct LastHeard(Mutex<BTreeMap<String, Instant>>);

impl LastHeard {
    pub(super) fn note(&self, segment: &Segment, at: Instant) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = heard.entry(segment.name.clone()).or_insert(at);
        *last = at.max(*last);
    }

    pub(super) fn of(&self, segment: &Segment) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&segment.name).copied()
    }
}

impl Runner {
    /// Whether what answered before no longer does: asked twice, by ARP three times (promise S4), with pauses between.
    /// `None` where it could not be asked, which proves nothing.
    pub(super) async fn fell_silent(&self, segment: &Segment, ip: IpAddr, witness: Witness) -> Option<bool> {
        let tries = if witness == Witness::Link { 3 } else { 2 };
        for attempt in 0..tries {
            if attempt > 0 {
                tokio::time::sleep(BETWEEN).await;
            }
            let answers = match witness {
                Witness::Port(port) => self.knock(SocketAddr::new(ip, port)).await.map(Some),
                Witness::Link => self.ask_link(ip).await.map(|said| said.map(|mac| mac.is_some())),
                Witness::Echo => self.echoes(ip).await,
            };
            if answers.ok()?? {
                return Some(false);
            }
        }
        // A cable that was pulled makes silence of everything, and nobody's fault of it.
        self.network.is_attached(segment).then_some(true)
    }

    /// Reports the devices that fell silent during a walk, unless the way to them broke: then their
    /// segment was not walked to its end, nothing is held against them, and they are forgotten.
    pub(crate) fn settle(&self, visits: &mut [Visit]) {
        for segment in self.scope.segments() {
            let of_segment =
                |visit: &Visit| self.segment_of(visit.ip).is_some_and(|of| of.name == segment.name);
            let alone = |visit: &&Visit| {
                visit.fallen.as_ref().is_some_and(|fallen| fallen.alone) && of_segment(visit)
            };
            let way_is_gone = visits.iter().filter(alone).count() >= SEVERAL;
            if way_is_gone {
                self.cut_short(segment, Cut::WayGone);
            }
            for visit in visits.iter_mut().filter(|visit| of_segment(visit)) {
                let Some(Fallen { silence, alone }) = visit.fallen.take() else { continue };
                if alone && way_is_gone {
                    self.settings.left_alone.forget(&segment.name, visit);
                    continue;
                }
                let probe = &silence.after;
                tracing::warn!(segment = segment.name, probe, "a device fell silent; it is left alone");
                visit.note(silence.fields());
            }
        }
    }

    /// Whether a port answers a connection at all, be it with a refusal. Nothing is sent over the connection.
    ///
    /// # Errors
    /// A refusal, before anything was sent.
    pub(crate) async fn knock(&self, to: SocketAddr) -> Result<bool, Refusal> {
        let segment = self.permit_host(to.ip())?;
        if NEVER_CONNECT.iter().any(|ports| ports.contains(&to.port())) {
            return Err(Refusal::RawPort(to.port()));
        }
        if to.port() == IPP_PORT {
            return Err(Refusal::PrintPort(to.port()));
        }
        let pacer = self.pacer(segment);
        let _place = pacer.place_at(to.ip()).await;
        let turn = pacer.begin(Some(to.ip()), Begin::Connection).await;
        let to = self.socket(segment, to.ip(), to.port());
        let outcome = turn.send(self.network.connect(to, Patience::of(segment).connect)).await;
        if outcome.is_ok() {
            drop(pacer.begin(Some(to.ip()), Begin::Frames(3)).await);
        }
        Ok(!matches!(outcome, Err(Unreached::Silent)))
    }

    /// The MAC address behind one address of a link, before anything else is sent there.
    ///
    /// # Errors
    /// A refusal, before anything was sent.
    pub(crate) async fn whose(&self, target: IpAddr) -> Result<Option<(Mac, MacProvenance)>, Refusal> {
        let own = |mac| (mac, MacProvenance::OwnReply);
        Ok(self.ask_link(target).await?.flatten().map(own))
    }

    /// The same of an address that somebody has just answered from: a question that is lost says nothing, so it is asked up to
    /// three times (promise S4). Where our kernel asks for us, an echo request has one retry.
    ///
    /// # Errors
    /// A refusal, before anything was sent.
    pub(crate) async fn whose_surely(&self, target: IpAddr) -> Result<Option<(Mac, MacProvenance)>, Refusal> {
        let tries = if self.network.link(self.permit_host(target)?).is_some() { 3 } else { 2 };
        for _ in 0..tries {
            let Some(said) = self.ask_link(target).await? else { break };
            if let Some(mac) = said {
                return Ok(Some((mac, MacProvenance::OwnReply)));
            }
        }
        Ok(None)
    }

    /// The same as `whose`; `None` on the outside where no question could be asked, which proves nothing.
    async fn ask_link(&self, target: IpAddr) -> Result<Option<Option<Mac>>, Refusal> {
        let segment = self.permit_host(target)?;
        if self.place(segment, target) != Place::OnLink {
            return Ok(None);
        }
        let pacer = self.pacer(segment);
        if target.is_ipv6() {
            // Before it answers it asks where we are: our kernel tells it, and makes sure of it a moment later.
            drop(pacer.begin(Some(target), Begin::Frames(2)).await);
        }
        let turn = pacer.begin(Some(target), Begin::Question).await;
        let Some(mut link) = self.network.link(segment) else {
            // The kernel asks by ARP before it sends the request.
            let echoed = turn.send(self.network.echo(target, REPLY)).await;
            let mac = self.network.neighbour(target);
            return Ok((mac.is_some() || echoed.is_some()).then_some(mac));
        };
        let asked = match target {
            IpAddr::V4(v4) => link.ask(v4),
            // By its own group, since of a crowd all would ask back at once (promise S4).
            IpAddr::V6(v6) => {
                let near = if v6.is_unicast_link_local() { Cidr::LINK_LOCAL } else { segment.network };
                link.ask_group(ndp::solicited_node(v6), &[near])
            }
        };
        drop(turn);
        if asked.is_err() {
            return Ok(None);
        }
        let until = Instant::now() + REPLY;
        loop {
            match timeout_at(until, link.heard()).await {
                Ok(Some(neighbour)) if neighbour.ip == target => return Ok(Some(Some(neighbour.mac))),
                Ok(Some(_)) => {}
                // The link went away meanwhile.
                Ok(None) => return Ok(None),
                Err(_) => return Ok(Some(None)),
            }
        }
    }

    /// `None` where no echo request could be sent.
    async fn echoes(&self, ip: IpAddr) -> Result<Option<bool>, Refusal> {
        let segment = self.permit_host(ip)?;
        let turn = self.pacer(segment).begin(Some(ip), Begin::Question).await;
        Ok(turn.send(self.network.echo(ip, REPLY)).await)
    }
}
