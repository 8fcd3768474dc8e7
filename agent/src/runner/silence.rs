//! Whether a host fell silent after a probe, and who can bear witness to it (promise S5).

use super::{IPP_PORT, NEVER_CONNECT, Patience, Refusal, Runner, SWEEP, Visit, converse::How};
use crate::{
    network::{Place, Unreached},
    pace::Begin,
    probe::Transport,
    scope::Segment,
};
use rundgang_inventory::{Mac, MacProvenance, vocabulary::HOST_FOUND_BY};
use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// So many conversations in a row must go unanswered before a host is suspected in the midst of its visit.
const SILENCES: u32 = 3;
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
    last_answered: Option<&'static str>,
    first_silent: Option<&'static str>,
}

impl Hearing {
    /// Notes how a conversation went.
    pub(super) fn note(&mut self, probe: &'static str, transport: Transport, how: How) {
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

    /// Who can say whether the host is still there; nobody, where it answered nothing of the kind before.
    pub(super) fn witness(&self, visit: &Visit) -> Option<Witness> {
        let port = self.open.first().or_else(|| self.refused.iter().find(|port| **port != IPP_PORT));
        port.map(|port| Witness::Port(*port)).or_else(|| {
            match visit.seen.get(SWEEP)?.text(&HOST_FOUND_BY)? {
                "arp" => Some(Witness::Link),
                "icmp" => Some(Witness::Echo),
                _ => None,
            }
        })
    }
}

impl Runner {
    /// Whether what answered before no longer does, asked twice.
    pub(super) async fn fell_silent(&self, segment: &Segment, ip: IpAddr, witness: Witness) -> bool {
        for _ in 0..2 {
            let answers = match witness {
                Witness::Port(port) => self.knock(SocketAddr::new(ip, port)).await,
                Witness::Link => self.whose(ip).await.map(|mac| mac.is_some()),
                Witness::Echo => self.echoes(ip).await,
            };
            if answers.unwrap_or(true) {
                return false;
            }
        }
        // A cable that was pulled makes silence of everything, and nobody's fault of it.
        self.network.is_attached(segment)
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
        let pacer = self.pacer(segment);
        let _place = pacer.place(to.ip()).await;
        pacer.begin(Some(to.ip()), Begin::Connection).await;
        let to = self.socket(segment, to.ip(), to.port());
        let outcome = self.network.connect(to, Patience::of(segment).connect).await;
        if outcome.is_ok() {
            pacer.begin(Some(to.ip()), Begin::Frames(3)).await;
        }
        Ok(!matches!(outcome, Err(Unreached::Silent)))
    }

    /// The MAC address behind one address of a link, before anything else is sent there.
    ///
    /// # Errors
    /// A refusal, before anything was sent.
    pub(crate) async fn whose(&self, target: IpAddr) -> Result<Option<(Mac, MacProvenance)>, Refusal> {
        let segment = self.permit_host(target)?;
        if self.place(segment, target) != Place::OnLink {
            return Ok(None);
        }
        let own = |mac| (mac, MacProvenance::OwnReply);
        self.pacer(segment).begin(Some(target), Begin::Question).await;
        let Some(mut link) = self.network.link(segment) else {
            // The kernel asks by ARP before it sends the request.
            self.network.echo(target, REPLY).await;
            return Ok(self.network.neighbour(target).map(own));
        };
        let asked = match target {
            IpAddr::V4(v4) => link.ask(v4),
            IpAddr::V6(_) => link.ask_all_nodes(&[segment.network]),
        };
        let until = Instant::now() + REPLY;
        while asked.is_ok()
            && let Ok(Some(neighbour)) = timeout_at(until, link.heard()).await
        {
            if neighbour.ip == target {
                return Ok(Some(own(neighbour.mac)));
            }
        }
        Ok(None)
    }

    async fn echoes(&self, ip: IpAddr) -> Result<bool, Refusal> {
        let segment = self.permit_host(ip)?;
        self.pacer(segment).begin(Some(ip), Begin::Question).await;
        // None: no echo request could be sent, which proves nothing.
        Ok(self.network.echo(ip, REPLY).await.unwrap_or(true))
    }
}
