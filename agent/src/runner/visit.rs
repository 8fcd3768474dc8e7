//! One host, visited stage by stage: what it is known to be decides what it may be asked next (promise S5).

use super::{
    Cut, Refusal, Runner,
    converse::{How, Outcome},
    cut::VISIT,
    silence::{Fallen, Hearing},
};
use crate::{
    filter,
    left_alone::Silence,
    network::Place,
    probe::{Host, Plan, Probe, Stage, Transport},
    scope::Segment,
};
use rundgang_inventory::{
    Fields, Kind, Mac, MacProvenance, Value, kind::Caution, recognise, vocabulary::HOST_OPEN_TCP,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::IpAddr,
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
    /// Whether it is left alone now and was kept when it last could be asked what it is.
    pub(crate) was_kept: bool,
    /// That it fell silent during this walk.
    pub(super) fallen: Option<Fallen>,
}

/// The name under which host discovery reports.
pub const SWEEP: &str = "sweep";

impl Visit {
    /// A host of which nothing is known but how it was found.
    #[must_use]
    pub(crate) fn new(ip: IpAddr, mac: Option<(Mac, MacProvenance)>, near: bool, heard: bool) -> Self {
        Self { ip, mac, seen: BTreeMap::new(), near, heard, was_kept: false, fallen: None }
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

    /// Adds what the runner itself has to say of it, which is no word of the host's own.
    pub(crate) fn note(&mut self, fields: Fields) {
        self.seen.entry(SWEEP).or_default().merge(fields);
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
    /// ARP and echo requests.
    Presence,
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
    hearing: Hearing,
    over: bool,
    // Held by who makes sure whether the host fell silent; the others wait for what comes of it.
    proof: Arc<tokio::sync::Mutex<()>>,
    // A host that answers each question at the last moment must not hold up the walk.
    until: Instant,
}

type Queue = VecDeque<(&'static Probe, Plan)>;

impl Runner {
    /// Visits one host: what it may be asked is decided anew after every stage and every answer.
    pub(crate) async fn visit(self: Arc<Self>, mut visit: Visit) -> Visit {
        let Ok(segment) = self.permit_host(visit.ip) else { return visit };
        if let Some(memory) = self.settings.left_alone.find(&segment.name, &visit, self.clock.now()) {
            if memory.is_told {
                visit.note(memory.silence.fields());
            }
            visit.was_kept = memory.vouches;
            return visit;
        }
        let hearing = Hearing::default();
        let (proof, until) = (Arc::default(), Instant::now() + VISIT);
        let progress = Progress { visit, hearing, over: false, proof, until };
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
        // What fell silent at the last question shows nowhere else.
        self.look_after(segment, &shared, Hearing::is_silent).await;
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
            Some(Caution::HandsOff) => Allowed::Presence,
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
                if !plan.transport.asks_segment() && done.insert((probe.name, plan.clone())) {
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

    /// Where a host seems to have fallen silent, makes sure of it; then it is left alone (promise S5). Says whether the
    /// visit is over by that.
    async fn look_after(
        &self,
        segment: &Segment,
        shared: &Mutex<Progress>,
        seems_silent: fn(&Hearing) -> bool,
    ) -> bool {
        let proof = {
            let progress = lock(shared);
            if progress.over || !seems_silent(&progress.hearing) {
                return progress.over;
            }
            progress.proof.clone()
        };
        let _proving = proof.lock().await;
        let (ip, witness) = {
            let progress = lock(shared);
            // Another may have made sure of it meanwhile.
            if progress.over || !seems_silent(&progress.hearing) {
                return progress.over;
            }
            let allowed = self.allowed(segment, &progress.visit, progress.visit.host().kind);
            let witness = progress.hearing.witness(&progress.visit, allowed == Allowed::Everything);
            (progress.visit.ip, witness.filter(|_| allowed >= Allowed::Presence))
        };
        let Some(witness) = witness else { return false };
        let silent = self.fell_silent(segment, ip, witness).await;
        let mut progress = lock(shared);
        if silent == Some(false) {
            self.last_heard.note(segment, Instant::now());
        }
        if silent != Some(true) || !seems_silent(&progress.hearing) {
            progress.hearing.proved_alive();
            return false;
        }
        let was_kept = filter::is_kept(segment, &self.settings.registered, &progress.visit);
        let silence = Silence::from(self.clock.now(), progress.hearing.after(), was_kept);
        let alone = progress.hearing.is_alone(self.last_heard.of(segment));
        // Now, since the same device may have another address that is yet to be visited.
        let left_alone = &self.settings.left_alone;
        left_alone.remember(&segment.name, &progress.visit, silence.clone(), self.clock.now());
        progress.visit.fallen = Some(Fallen { silence, alone });
        progress.over = true;
        true
    }

    /// Whether a host of which this was seen and heard is found to have fallen silent, with nothing sent before.
    #[cfg(test)]
    pub(super) async fn fallen_after(&self, visit: Visit, hearing: Hearing) -> bool {
        let Ok(segment) = self.permit_host(visit.ip) else { return false };
        let (proof, until) = (Arc::default(), Instant::now() + VISIT);
        let progress = Mutex::new(Progress { visit, hearing, over: false, proof, until });
        self.look_after(segment, &progress, Hearing::is_silent).await
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
            if progress.hearing.has_no_port(plan.transport) {
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
        let heard = outcome.heard;
        lock(shared).note(probe.name, plan, outcome);
        let Ok(segment) = self.permit_host(host.ip) else { return false };
        if let Some(at) = heard {
            self.last_heard.note(segment, at);
        }
        if self.look_after(segment, shared, Hearing::is_suspicious).await {
            return false;
        }
        let progress = lock(shared);
        let kind = progress.visit.host().kind;
        self.allowed(segment, &progress.visit, kind) >= Allowed::needed(stage)
    }

    /// Takes in what multicast questions brought about hosts, found or not found before.
    pub(crate) fn is_near(&self, segment: &Segment, ip: IpAddr) -> bool {
        matches!(self.place(segment, ip), Place::Loopback | Place::OnLink)
    }
}

impl Progress {
    /// Notes what a conversation yielded and how it went.
    fn note(&mut self, probe: &'static str, plan: &Plan, outcome: Outcome) {
        for (_, fields) in outcome.harvest.0 {
            self.visit.add(probe, fields);
        }
        // An open port alone is a bare handshake.
        self.visit.heard |= outcome.how == How::Answered && !matches!(plan.transport, Transport::Tcp(_));
        self.hearing.note(probe, plan.transport, outcome.how, outcome.asked);
    }

    fn note_ports(&mut self) {
        let ports: Vec<String> = self.hearing.open().map(|port| port.to_string()).collect();
        if !ports.is_empty() {
            self.visit.note(Fields::new().with(&HOST_OPEN_TCP, Value::List(ports)));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
