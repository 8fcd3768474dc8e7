//! One host, visited stage by stage: what it is known to be decides what it may be asked next (promise S5).

use super::{Cut, Refusal, Runner, converse::How, cut::VISIT};
use crate::{
    filter,
    network::Place,
    probe::{Harvest, Host, Plan, Probe, Stage, Transport},
    scope::Segment,
};
use rundgang_inventory::{
    Fields, Kind, Mac, MacProvenance, Value,
    kind::Caution,
    recognise,
    vocabulary::{HOST_FELL_SILENT, HOST_OPEN_TCP},
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::time::Instant;

/// A host while it is visited and after: everything seen of it, not yet filtered. It never leaves the agent as it
/// is; only [`filter::Sieve`] takes it.
pub struct Visit {
    /// Its address.
    pub(crate) ip: IpAddr,
    /// Its MAC address, where known.
    pub(crate) mac: Option<(Mac, MacProvenance)>,
    /// What each probe saw; the sweep's own fields stand under `sweep`.
    pub(crate) seen: BTreeMap<&'static str, Fields>,
    /// Whether a bare handshake may count as a sign of the host (promise S8).
    pub(crate) near: bool,
    /// Whether anything but a bare handshake was heard of it.
    pub(crate) heard: bool,
}

/// The name under which host discovery reports.
pub const SWEEP: &str = "sweep";

impl Visit {
    /// A host of which nothing is known but how it was found.
    #[must_use]
    pub(crate) fn new(ip: IpAddr, mac: Option<(Mac, MacProvenance)>, near: bool, heard: bool) -> Self {
        Self { ip, mac, seen: BTreeMap::new(), near, heard }
    }

    /// Everything seen, merged.
    #[must_use]
    pub(crate) fn fields(&self) -> Fields {
        let mut merged = Fields::new();
        for fields in self.seen.values() {
            merged.merge(fields.clone());
        }
        merged
    }

    /// Adds what a probe saw.
    pub(crate) fn add(&mut self, probe: &'static str, fields: Fields) {
        if !fields.is_empty() {
            self.heard = true;
            self.seen.entry(probe).or_default().merge(fields);
        }
    }

    /// Whether there is a host at all: over a router a bare handshake is none (promise S8).
    #[must_use]
    pub(crate) fn is_host(&self) -> bool {
        self.near || self.heard
    }

    fn host(&self) -> Host {
        let fields = self.fields();
        let kind = recognise(self.mac.map(|(mac, _)| mac), &fields).kind.map(|told| told.value);
        Host { ip: self.ip, mac: self.mac, fields, kind }
    }
}

/// What may still be sent to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Allowed {
    Nothing,
    Gentle,
    /// As gentle, and what stands behind its own announcements, at the follow-ups.
    Announced,
    Everything,
}

impl Allowed {
    /// What a stage needs.
    const fn needed(stage: Stage) -> Self {
        match stage {
            Stage::Announcements | Stage::Gentle => Self::Gentle,
            Stage::Connections => Self::Everything,
            Stage::FollowUps => Self::Announced,
        }
    }
}

struct Progress {
    visit: Visit,
    // TCP ports by what became of them.
    open: BTreeSet<u16>,
    refused: BTreeSet<u16>,
    silent: BTreeSet<u16>,
    silences: u32,
    last_answer: &'static str,
    over: bool,
    // A host that answers each question at the last moment must not hold up the walk.
    until: Instant,
}

type Queue = VecDeque<(&'static Probe, Plan)>;

impl Runner {
    /// Visits one host: what it may be asked is decided anew after every stage and every answer.
    pub(crate) async fn visit(self: Arc<Self>, visit: Visit) -> Visit {
        let Ok(segment) = self.permit_host(visit.ip) else { return visit };
        let progress = Progress {
            visit,
            open: BTreeSet::new(),
            refused: BTreeSet::new(),
            silent: BTreeSet::new(),
            silences: 0,
            last_answer: SWEEP,
            over: false,
            until: Instant::now() + VISIT,
        };
        let shared = Arc::new(Mutex::new(progress));
        let mut done = BTreeSet::new();
        for stage in [Stage::Gentle, Stage::Connections, Stage::FollowUps, Stage::FollowUps] {
            let workers;
            let queue = {
                let progress = lock(&shared);
                let host = progress.visit.host();
                let allowed = self.allowed(segment, &progress.visit, host.kind);
                if progress.over || allowed < Allowed::Gentle {
                    break;
                }
                if allowed < Allowed::needed(stage) {
                    continue;
                }
                // Until a host's class is known it is treated as fragile: one request in flight.
                let gentle = stage == Stage::Gentle || allowed < Allowed::Everything;
                workers = if gentle { 1 } else { self.pacer(segment).limits().connections };
                self.plans(&host, stage, &mut done)
            };
            self.clone().work(shared.clone(), queue, stage, workers).await;
        }
        let mut progress = match Arc::try_unwrap(shared) {
            Ok(mutex) => mutex.into_inner().unwrap_or_else(PoisonError::into_inner),
            // Every worker has ended and dropped its share; there is nothing else to wait for.
            Err(shared) => {
                return std::mem::replace(
                    &mut lock(&shared).visit,
                    Visit::new(IpAddr::from([0; 4]), None, false, false),
                );
            }
        };
        progress.note_ports();
        progress.visit
    }

    /// Holds every conversation that one probe plans with a host, as a person asked for. What the host is known to be
    /// decides before each of them, as in a walk (promises S5, P2).
    ///
    /// # Errors
    /// The first refusal; where it is the first conversation's, nothing was sent.
    pub(crate) async fn hold_all(&self, probe: &'static Probe, visit: &mut Visit) -> Result<(), Refusal> {
        let host = visit.host();
        let segment = self.permit_host(visit.ip)?;
        let may =
            |visit: &Visit| self.allowed(segment, visit, visit.host().kind) >= Allowed::needed(probe.stage);
        if !may(visit) {
            return Err(Refusal::LeftAlone);
        }
        for plan in (probe.plan)(&host, &self.settings) {
            if !may(visit) {
                return Err(Refusal::LeftAlone);
            }
            let outcome = self.converse(&host, probe, &plan).await?;
            visit.heard |= outcome.how == How::Answered;
            for (_, fields) in outcome.harvest.0 {
                visit.add(probe.name, fields);
            }
        }
        Ok(())
    }

    /// What may be sent to a host of this kind in this segment (promises S5, P2).
    fn allowed(&self, segment: &Segment, visit: &Visit, kind: Option<Kind>) -> Allowed {
        if filter::is_personal(segment, &self.settings.registered, visit) {
            return Allowed::Nothing;
        }
        if segment.opted_in.contains(&visit.ip) {
            return Allowed::Everything;
        }
        match kind.map(Kind::caution) {
            Some(Caution::HandsOff) => Allowed::Nothing,
            Some(Caution::Gentle) => Allowed::Gentle,
            Some(Caution::Announced) => Allowed::Announced,
            Some(Caution::Normal) | None => Allowed::Everything,
        }
    }

    /// The conversations that the probes of a stage would like to hold and have not held yet.
    fn plans(&self, host: &Host, stage: Stage, done: &mut BTreeSet<(&'static str, Plan)>) -> Queue {
        let mut queue = Queue::new();
        for probe in self.probes.iter().filter(|probe| probe.stage == stage) {
            for plan in (probe.plan)(host, &self.settings) {
                if plan.transport != Transport::Multicast && done.insert((probe.name, plan.clone())) {
                    queue.push_back((*probe, plan));
                }
            }
        }
        queue
    }

    async fn work(self: Arc<Self>, shared: Arc<Mutex<Progress>>, queue: Queue, stage: Stage, workers: usize) {
        let workers = workers.min(queue.len());
        let queue = Arc::new(Mutex::new(queue));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..workers {
            let (runner, shared, queue) = (self.clone(), shared.clone(), queue.clone());
            tasks.spawn(async move {
                loop {
                    let next = lock(&queue).pop_front();
                    let Some((probe, plan)) = next else { break };
                    if !runner.hold(&shared, probe, &plan, stage).await {
                        lock(&queue).clear();
                    }
                }
            });
        }
        tasks.join_all().await;
    }

    /// Holds one conversation; says whether the visit goes on.
    async fn hold(&self, shared: &Mutex<Progress>, probe: &'static Probe, plan: &Plan, stage: Stage) -> bool {
        let host = {
            let mut progress = lock(shared);
            if progress.over {
                return false;
            }
            if Instant::now() >= progress.until {
                if let Some(segment) = self.segment_of(progress.visit.ip) {
                    self.cut_short(segment, Cut::Budget);
                }
                progress.over = true;
                return false;
            }
            if let Transport::Tcp(port) = plan.transport
                && (progress.refused.contains(&port) || progress.silent.contains(&port))
            {
                return true;
            }
            progress.visit.host()
        };
        let outcome = match self.converse(&host, probe, plan).await {
            Ok(outcome) => outcome,
            // A port or group that is not allowed concerns this plan alone.
            Err(Refusal::RawPort(_) | Refusal::PrintPort(_) | Refusal::Group(_)) => return true,
            Err(Refusal::OutOfScope(_) | Refusal::Mode(_) | Refusal::Budget | Refusal::LeftAlone) => {
                return false;
            }
        };
        let suspicion = lock(shared).note(probe.name, plan, outcome.harvest, outcome.how);
        if let Some(suspected) = suspicion
            && self.fell_silent(host.ip, suspected.port).await
        {
            let mut progress = lock(shared);
            let after = Value::text(suspected.after);
            progress.visit.add(SWEEP, Fields::new().with(&HOST_FELL_SILENT, after));
            progress.over = true;
            return false;
        }
        let progress = lock(shared);
        let Ok(segment) = self.permit_host(host.ip) else { return false };
        let kind = progress.visit.host().kind;
        self.allowed(segment, &progress.visit, kind) >= Allowed::needed(stage)
    }

    /// Whether a port that answered before no longer does, asked twice: then the host is left alone.
    async fn fell_silent(&self, ip: IpAddr, port: u16) -> bool {
        for _ in 0..2 {
            match self.knock(SocketAddr::new(ip, port)).await {
                Ok(answered) if !answered => {}
                Ok(_) | Err(_) => return false,
            }
        }
        true
    }

    /// Whether a port answers a connection at all, be it with a refusal. Nothing is sent over the connection.
    ///
    /// # Errors
    /// A refusal, before anything was sent.
    pub(crate) async fn knock(&self, to: SocketAddr) -> Result<bool, Refusal> {
        use crate::{network::Unreached, pace::Begin};
        let segment = self.permit_host(to.ip())?;
        if super::NEVER_CONNECT.iter().any(|ports| ports.contains(&to.port())) {
            return Err(Refusal::RawPort(to.port()));
        }
        let pacer = self.pacer(segment);
        let _place = pacer.place(to.ip()).await;
        pacer.begin(Some(to.ip()), Begin::Connection).await;
        let to = self.socket(segment, to.ip(), to.port());
        let outcome = self.network.connect(to, super::Patience::of(segment).connect).await;
        if outcome.is_ok() {
            pacer.begin(Some(to.ip()), Begin::Frames(3)).await;
        }
        Ok(!matches!(outcome, Err(Unreached::Silent)))
    }

    /// Takes in what multicast questions brought about hosts, found or not found before.
    pub(crate) fn is_near(&self, segment: &Segment, ip: IpAddr) -> bool {
        matches!(self.place(segment, ip), Place::Loopback | Place::OnLink)
    }
}

struct Suspicion {
    after: &'static str,
    port: u16,
}

/// So many connections in a row must go unanswered before a host is suspected to have fallen silent.
const SILENCES: u32 = 3;

impl Progress {
    /// Notes an outcome; a suspicion is returned when a host that answered before has gone quiet.
    fn note(&mut self, probe: &'static str, plan: &Plan, harvest: Harvest, how: How) -> Option<Suspicion> {
        for (_, fields) in harvest.0 {
            self.visit.add(probe, fields);
        }
        let Transport::Tcp(port) = plan.transport else {
            if how == How::Answered {
                self.visit.heard = true;
                self.last_answer = probe;
            }
            return None;
        };
        match how {
            How::Silent => {
                self.silent.insert(port);
                self.silences += 1;
                let witness = self.open.first().or_else(|| self.refused.first()).copied();
                let suspicion = witness.map(|port| Suspicion { after: self.last_answer, port });
                if self.silences.is_multiple_of(SILENCES) { suspicion } else { None }
            }
            How::Refused => {
                self.silences = 0;
                self.refused.insert(port);
                None
            }
            How::Connected | How::Answered => {
                self.silences = 0;
                self.open.insert(port);
                self.last_answer = probe;
                None
            }
        }
    }

    fn note_ports(&mut self) {
        if !self.open.is_empty() {
            let ports = self.open.iter().map(ToString::to_string).collect();
            let heard = self.visit.heard;
            self.visit.add(SWEEP, Fields::new().with(&HOST_OPEN_TCP, Value::List(ports)));
            // An open port alone is a bare handshake.
            self.visit.heard = heard;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
