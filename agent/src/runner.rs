//! The runner: the only way from a probe to the network. It checks scope, ports, groups, pace and patience.

mod converse;
mod cut;
#[cfg(test)]
mod drip;
mod silence;
mod visit;

pub use cut::{Cut, budget};
pub use visit::{SWEEP, Visit};

use crate::{
    clock::Clock,
    network::{Network, Place},
    pace::{Pace, Pacer},
    probe::{Group, Probe, Settings, Transport},
    scope::{Mode, Scope, Segment},
};
use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Ports that never get a connection, on any host, in any mode (promise S2): line printer daemon, raw print and
/// raw data ports. Printers print what they receive there.
pub const NEVER_CONNECT: &[std::ops::RangeInclusive<u16>] =
    &[515..=515, 2000..=2001, 9100..=9107, 9112..=9116, 9999..=9999];

/// The port of IPP and of CUPS: it receives a well-formed Get-Printer-Attributes and nothing else (promise S2).
pub const IPP_PORT: u16 = 631;

/// Why the runner does not send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Outside every network of the scope, or a network or broadcast address.
    #[error("{0} is not in scope")]
    OutOfScope(IpAddr),
    /// A raw-print or raw-data port.
    #[error("port {0} may print what it receives; it never gets a connection")]
    RawPort(u16),
    /// The port of printing, and the probe does not ask a printer for its attributes.
    #[error("port {0} receives a question for a printer's attributes and nothing else")]
    PrintPort(u16),
    /// The scope line forbids the probe's group.
    #[error("the scope does not allow the group {0}")]
    Group(&'static str),
    /// The walk has used up its time.
    #[error("the walk has taken too long")]
    Budget,
    /// Building control and the like, or a device that is a person's: it gets no such packet.
    #[error(
        "this host is left alone: it may be fragile, or a person's own; --opt-in walks a fragile device of the school"
    )]
    LeftAlone,
    /// The segment is closed or passive now.
    #[error("not now: {0}")]
    Mode(crate::scope::Reason),
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection to stand. Under a second, so that the kernel sends no second SYN of its own.
    pub connect: Duration,
    /// For the next bytes or datagram.
    pub step: Duration,
    /// For answers to a multicast question to go quiet.
    pub multicast: Duration,
    /// For one conversation in all; then the probe hands over what it has.
    pub conversation: Duration,
}

impl Patience {
    /// The patience that goes with a segment's pace. This machine itself gets the most: what is not there refuses
    /// at once, and what is there may be busy being walked.
    #[must_use]
    pub fn of(segment: &Segment) -> Self {
        let (connect, step, multicast, conversation) = match segment.pace {
            _ if segment.is_loopback() => (3000, 5000, 1500, 60_000),
            Pace::Polite => (950, 3000, 2500, 60_000),
            Pace::Fast => (800, 1500, 1500, 10_000),
            Pace::Max => (800, 1500, 1500, 10_000),
        };
        Self {
            connect: Duration::from_millis(connect),
            step: Duration::from_millis(step),
            multicast: Duration::from_millis(multicast),
            conversation: Duration::from_millis(conversation),
        }
    }
}

/// Drives conversations over one network within one scope.
pub struct Runner {
    scope: Arc<Scope>,
    settings: Arc<Settings>,
    network: Arc<dyn Network>,
    clock: Arc<dyn Clock>,
    probes: &'static [&'static Probe],
    pacers: HashMap<(bool, Pace), Arc<Pacer>>,
    seed: AtomicU64,
    sent: Mutex<BTreeMap<&'static str, u64>>,
    budget: cut::Budget,
    last_heard: silence::LastHeard,
    // Link-local neighbours by the number of the segment on whose interface they answered.
    link_local: Mutex<HashMap<IpAddr, usize>>,
}

impl Runner {
    /// A runner for this scope; `seed` is fresh randomness.
    #[must_use]
    pub fn new(
        scope: Arc<Scope>,
        settings: Arc<Settings>,
        network: Arc<dyn Network>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Self {
        Self::with_probes(scope, settings, network, clock, seed, crate::probes::ALL)
    }

    /// The same with other probes, for tests.
    #[must_use]
    pub fn with_probes(
        scope: Arc<Scope>,
        settings: Arc<Settings>,
        network: Arc<dyn Network>,
        clock: Arc<dyn Clock>,
        seed: u64,
        probes: &'static [&'static Probe],
    ) -> Self {
        let slowest = scope.segments().iter().filter(|segment| !segment.is_loopback()).map(|s| s.pace).min();
        let together = Pacer::new(slowest.unwrap_or_default().limits(), seed);
        let pacers = [Pace::Polite, Pace::Fast, Pace::Max]
            .into_iter()
            .flat_map(|pace| {
                let limits = pace.limits();
                let own = if pace == Pace::Max { Pacer::unlimited(limits) } else { Pacer::new(limits, seed) };
                [
                    ((true, pace), Arc::new(own)),
                    ((false, pace), Arc::new(Pacer::new(limits, seed).sharing(&together))),
                ]
            })
            .collect();
        let budget = cut::Budget::new(budget(&scope));
        Self {
            scope,
            settings,
            network,
            clock,
            probes,
            pacers,
            seed: AtomicU64::new(seed),
            sent: Mutex::default(),
            budget,
            last_heard: silence::LastHeard::default(),
            link_local: Mutex::default(),
        }
    }

    /// The scope it keeps to.
    #[must_use]
    pub const fn scope(&self) -> &Arc<Scope> {
        &self.scope
    }

    /// The network it speaks over.
    #[must_use]
    pub const fn network(&self) -> &Arc<dyn Network> {
        &self.network
    }

    /// The probes it has.
    #[must_use]
    pub const fn probes(&self) -> &'static [&'static Probe] {
        self.probes
    }

    /// The settings that probes get.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The clock it was given.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// The pace kept in a segment.
    #[must_use]
    pub fn pacer(&self, segment: &Segment) -> Arc<Pacer> {
        let key = (segment.is_loopback(), segment.pace);
        // Every pace has its pacer from the beginning; a new one would still keep the limits.
        self.pacers.get(&key).cloned().unwrap_or_else(|| Arc::new(Pacer::new(segment.pace.limits(), 1)))
    }

    /// How many conversations of which probe were begun, for the local log.
    #[must_use]
    pub fn sent(&self) -> BTreeMap<&'static str, u64> {
        self.sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn count(&self, probe: &'static str) {
        *self.sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner).entry(probe).or_default() += 1;
    }

    fn fresh_seed(&self) -> u64 {
        // A step of splitmix64 (Steele, Lea, Flood 2014) over a counter that began with real randomness.
        let mut mixed = self.seed.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The one gate before every packet to a host (promises S1, S2, P7): the segment that allows it.
    ///
    /// # Errors
    /// The promise that it would break.
    pub fn permit(&self, to: SocketAddr, transport: Transport, group: Group) -> Result<&Segment, Refusal> {
        let segment = self.permit_host(to.ip())?;
        if matches!(transport, Transport::Tcp(_))
            && NEVER_CONNECT.iter().any(|ports| ports.contains(&to.port()))
        {
            return Err(Refusal::RawPort(to.port()));
        }
        if to.port() == IPP_PORT && group != Group::Printing {
            return Err(Refusal::PrintPort(to.port()));
        }
        if segment.groups.contains(&group) { Ok(segment) } else { Err(Refusal::Group(group.name())) }
    }

    /// The gate before a question to a whole segment, which has no single target (promises S1, P7).
    ///
    /// # Errors
    /// The promise that it would break.
    pub(crate) fn permit_segment(&self, segment: &Segment, group: Group) -> Result<(), Refusal> {
        self.permit_mode(segment)?;
        if segment.groups.contains(&group) { Ok(()) } else { Err(Refusal::Group(group.name())) }
    }

    fn permit_mode(&self, segment: &Segment) -> Result<(), Refusal> {
        // Whatever is refused here was not done: the segment is not covered.
        let (cut, refusal) = match self.scope.mode(segment, self.clock.now()) {
            Mode::Active if !self.budget.is_used_up() => return Ok(()),
            Mode::Active => (Cut::Budget, Refusal::Budget),
            Mode::Passive(reason) | Mode::Closed(reason) => (Cut::NotNow, Refusal::Mode(reason)),
        };
        self.cut_short(segment, cut);
        Err(refusal)
    }

    /// The same for host discovery, which belongs to no group.
    ///
    /// # Errors
    /// The promise that it would break.
    pub fn permit_host(&self, ip: IpAddr) -> Result<&Segment, Refusal> {
        let segment = self.segment_of(ip).ok_or(Refusal::OutOfScope(ip))?;
        self.permit_mode(segment)?;
        Ok(segment)
    }

    /// The segment in which an address may be a target: the one whose network holds it, or for a link-local
    /// address the one on whose interface it answered (promise S1).
    #[must_use]
    pub fn segment_of(&self, ip: IpAddr) -> Option<&Segment> {
        let of_neighbour = || {
            let known = self.link_local.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(&ip).and_then(|&number| self.scope.segments().get(number))
        };
        self.scope.target(ip).or_else(of_neighbour)
    }

    /// Takes a link-local neighbour that answered on the interface of a listed segment into the scope.
    pub(crate) fn admit_neighbour(&self, segment: &Segment, ip: Ipv6Addr) {
        let number = self.scope.segments().iter().position(|listed| listed.name == segment.name);
        if let Some(number) = number.filter(|_| ip.is_unicast_link_local()) {
            self.link_local.lock().unwrap_or_else(PoisonError::into_inner).insert(ip.into(), number);
        }
    }

    /// The socket address of a host; a link-local one needs the number of its interface.
    fn socket(&self, segment: &Segment, ip: IpAddr, port: u16) -> SocketAddr {
        match ip {
            IpAddr::V6(v6) if v6.is_unicast_link_local() => {
                SocketAddrV6::new(v6, port, 0, self.network.zone(segment).unwrap_or(0)).into()
            }
            _ => SocketAddr::new(ip, port),
        }
    }

    /// Where an address lies.
    #[must_use]
    pub fn place(&self, segment: &Segment, ip: IpAddr) -> Place {
        self.network.place(segment, ip)
    }
}

#[cfg(test)]
mod tests;
