//! When it is time, a walk: into the spool, with the audit of confirmed domains beside it.

use super::{
    Daemon, DaemonError, GLANCE,
    declared::{declared, names},
    schedule::Schedule,
};
use crate::{
    audit::standing::{DOMAIN_AUDIT, is_due, observation, search_domain},
    pause::Pause,
    probe::Settings,
    register::Register,
    runner::Runner,
    scope::{Mode, Reason, Scope, Segment},
    spool::SharedSpool,
    uplink::Declared,
    walk::{self, Quiet},
};
use rundgang_inventory::{Observation, Round, Subject, Timestamp, mail::lookup::domain_from};
use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::{Notify, watch};

impl Daemon {
    pub(super) async fn walk_once(
        &self,
        spool: &SharedSpool,
        segments: &watch::Sender<Declared>,
        stopped: watch::Receiver<bool>,
    ) -> Result<(), DaemonError> {
        let pause = Pause::of(&self.state);
        if pause.is_set() {
            return Err(DaemonError::Paused(pause.how_to_lift()));
        }
        let scope = (self.scope)(self.clock.now())?;
        match self.walk(scope, spool, segments, None, stopped).await? {
            true => Ok(()),
            false if pause.is_set() => Err(DaemonError::Paused(pause.how_to_lift())),
            false => Err(DaemonError::BrokenOff),
        }
    }

    /// Walks whenever it is time, until told to stop.
    pub(super) async fn walk_on(
        &self,
        spool: &SharedSpool,
        segments: &watch::Sender<Declared>,
        walk_now: &Notify,
        mut stopped: watch::Receiver<bool>,
    ) -> Result<(), DaemonError> {
        let pause = Pause::of(&self.state);
        let mut complaint = None;
        let first = match spool.with(|spool| spool.last_walk()).await? {
            Some(ended) if !self.walk_first => Timestamp(ended.0 + self.every_ms),
            _ => self.clock.now(),
        };
        let mut schedule = Schedule::new(first, self.every_ms);
        loop {
            tokio::select! {
                () = tokio::time::sleep(GLANCE) => {}
                _ = stopped.wait_for(|stop| *stop) => return Ok(()),
                () = walk_now.notified() => schedule.hasten(self.clock.now()),
            }
            let now = self.clock.now();
            schedule.keep_within(now);
            if pause.is_set() {
                continue;
            }
            let scope = (self.scope)(now);
            complain(&mut complaint, &scope, now);
            // A scope that cannot be read stops the walks, not the delivery of what was seen before.
            let Ok(scope) = scope else { continue };
            let open = schedule.open(&scope, now);
            // A walk that was broken off stays due.
            if !open.is_empty() && self.walk(scope, spool, segments, Some(&open), stopped.clone()).await? {
                schedule.walked(open, self.clock.now());
            }
        }
    }

    /// One walk over these networks, or all, into the spool; says whether it came to its end. The pause switch and the stop
    /// signal end it at once; then nothing of it is kept, for a walk that was broken off says nothing about what is missing.
    async fn walk(
        &self,
        scope: Scope,
        spool: &SharedSpool,
        segments: &watch::Sender<Declared>,
        only: Option<&[String]>,
        mut stopped: watch::Receiver<bool>,
    ) -> Result<bool, DaemonError> {
        let now = self.clock.now();
        tell(segments, declared(&scope));
        let kept_segments = names(&scope);
        spool.with(move |spool| spool.retain_segments(&kept_segments)).await?;
        let scope = Arc::new(only.map_or_else(|| scope.clone(), |names| scope.only(names)));
        let (network, clock) = (self.network.clone(), self.clock.clone());
        let seed = self.seed ^ now.0.cast_unsigned();
        let runner = Arc::new(Runner::new(scope.clone(), self.settings(), network, clock, seed));
        let pause = Pause::of(&self.state);
        self.note_walk(&scope);
        // One after the other: what both together send must keep the pace of one (promise S4), and the school's resolver is
        // mostly a host that is walked.
        let both = async {
            let kept = walk::walk_with(&runner, &Quiet).await;
            Ok::<_, DaemonError>((kept, self.audit(&scope, spool).await?))
        };
        let round: Round = tokio::select! {
            both = both => {
                let (kept, audited) = both?;
                self.note_end(&runner, &format!("ended, {} devices kept", kept.devices().len()));
                let mut round = kept.into_round();
                round.observations.extend(audited);
                round.ended = self.clock.now();
                round
            }
            () = paused(&pause) => {
                self.note_end(&runner, "broken off by a pause");
                return Ok(false);
            }
            _ = stopped.wait_for(|stop| *stop) => {
                self.note_end(&runner, "broken off by a signal");
                return Ok(false);
            }
        };
        let now = self.clock.now();
        let spooled = spool.with(move |spool| spool.append(&round, now)).await?;
        spool.announce();
        tracing::info!(
            new = spooled.observations,
            unchanged = spooled.confirmations,
            "a walk has ended and is on disk"
        );
        Ok(true)
    }

    /// The settings of one walk, with the register as it stands now.
    fn settings(&self) -> Arc<Settings> {
        let registered = Register::load(&self.state).macs;
        Arc::new(Settings { registered, ..self.settings.as_ref().clone() })
    }

    /// Looks up the public records of the confirmed domains, each at most once a day. A DNS that cannot be used is
    /// told and is no reason to fail the walk.
    async fn audit(&self, scope: &Scope, spool: &SharedSpool) -> Result<Vec<Observation>, DaemonError> {
        let register = if scope.accepts_domains { Register::load(&self.state) } else { Register::default() };
        let named = scope.domains.iter().chain(&register.domains);
        let domains: BTreeSet<String> = named.filter_map(|name| domain_from(name)).collect();
        let now = self.clock.now();
        let due = spool.with(move |spool| {
            let mut due = Vec::new();
            for domain in domains {
                let last = spool.last_seen(&Subject::Domain(domain.clone()).key(), DOMAIN_AUDIT)?;
                if is_due(last, now) {
                    due.push(domain);
                }
            }
            Ok(due)
        });
        let due = due.await?;
        let searched = self.domains.search_domains().into_iter().map(|name| search_domain(name, now));
        let searched: Vec<Observation> = searched.collect();
        if due.is_empty() {
            return Ok(searched);
        }
        let asked = due.len();
        self.note_domains(&due);
        let gathered = match self.domains.gather(due, &register.known, scope.resolver).await {
            Ok(gathered) => gathered,
            Err(error) => {
                tracing::warn!("the domains were not looked up: {error}");
                return Ok(searched);
            }
        };
        let now = self.clock.now();
        let view = self.domains.view(scope);
        let mut observed: Vec<_> =
            gathered.iter().filter_map(|evidence| observation(evidence, view, now)).collect();
        observed.sort_by(|a, b| a.subject.cmp(&b.subject));
        if observed.len() < asked {
            tracing::warn!(asked, answered = observed.len(), "the DNS did not answer for every domain");
        }
        observed.extend(searched);
        Ok(observed)
    }
}

/// Says what a person has to mend in the scope, each complaint once as long as nothing changes.
fn complain(last: &mut Option<String>, scope: &Result<Scope, DaemonError>, now: Timestamp) {
    let complaint = match scope {
        Err(error) => Some(format!("no walk until the scope can be read: {error}")),
        Ok(scope) => {
            let is_expired = |segment: &&Segment| scope.mode(segment, now) == Mode::Closed(Reason::Expired);
            let expired: Vec<&str> =
                scope.segments().iter().filter(is_expired).map(|segment| segment.name.as_str()).collect();
            let names = expired.join(", ");
            (!expired.is_empty()).then(|| format!("not walked any more: {names}: {}", Reason::Expired))
        }
    };
    if let Some(text) = complaint.as_ref().filter(|_| complaint != *last) {
        tracing::warn!("{text}");
    }
    *last = complaint;
}

/// Declares the scope anew, where it has changed.
fn tell(segments: &watch::Sender<Declared>, now: Declared) {
    segments.send_if_modified(|before| {
        let changed = *before != now;
        *before = now;
        changed
    });
}

/// Waits until a pause switch is set.
async fn paused(pause: &Pause) {
    while !pause.is_set() {
        tokio::time::sleep(GLANCE).await;
    }
}
