//! What ends a walk early, and the memory of it: a segment that was not walked to its end is never called complete.

use super::{Runner, SWEEP};
use crate::{
    probe::{Probe, Stage},
    scope::{Scope, Segment},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Why a segment was not walked to its end. Of such a segment nobody may say that something is missing in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cut {
    /// The interface is down, has lost its carrier, or went away.
    #[error("its link is gone")]
    LinkGone,
    /// An empty network and a broken way into it look the same.
    #[error("nobody answered at all, as if no way led there")]
    NobodyAnswered,
    /// Several hosts fell silent at once: not they broke, but the way to them.
    #[error("several hosts fell silent at once, as if the way to them had broken")]
    WayGone,
    /// The scope did not allow it any more.
    #[error("its hours or its authorisation ended meanwhile")]
    NotNow,
    /// The walk, or the visit of one host, took too long.
    #[error("it took too long")]
    Budget,
    /// More neighbours than are visited.
    #[error("more addresses answered than are visited")]
    Crowded,
    /// Not every address could be asked for.
    #[error("questions could not be sent")]
    Unasked,
    /// A fault of the agent's own.
    #[error("an internal error")]
    Broken,
}

/// A walk may take so long, whatever answers.
const WALK: Duration = Duration::from_secs(4 * 3600);
/// And so much longer for every address that is asked for: a /16 takes hours at the polite pace.
const PER_ADDRESS: Duration = Duration::from_millis(250);
/// The visit of one host may take so long; most take a minute.
pub(super) const VISIT: Duration = Duration::from_secs(30 * 60);

/// How long a walk over this scope may take in all.
#[must_use]
pub fn budget(scope: &Scope) -> Duration {
    let addresses: usize = scope.segments().iter().map(|segment| segment.network.targets().count()).sum();
    WALK + PER_ADDRESS.saturating_mul(u32::try_from(addresses).unwrap_or(u32::MAX))
}

/// What a walk was given, and what it did not get done.
pub(super) struct Budget {
    ends: Instant,
    cuts: Mutex<BTreeMap<String, Cut>>,
    missed: Mutex<BTreeSet<(String, &'static str)>>,
}

impl Budget {
    pub(super) fn new(budget: Duration) -> Self {
        Self { ends: Instant::now() + budget, cuts: Mutex::default(), missed: Mutex::default() }
    }

    pub(super) fn is_used_up(&self) -> bool {
        Instant::now() >= self.ends
    }
}

impl Runner {
    /// Notes that a segment is not walked to its end; the first reason stays.
    pub(crate) fn cut_short(&self, segment: &Segment, why: Cut) {
        let mut cuts = self.budget.cuts.lock().unwrap_or_else(PoisonError::into_inner);
        cuts.entry(segment.name.clone()).or_insert(why);
    }

    /// Why the segment was not walked to its end, if it was not.
    #[must_use]
    pub(crate) fn was_cut(&self, segment: &Segment) -> Option<Cut> {
        self.budget.cuts.lock().unwrap_or_else(PoisonError::into_inner).get(&segment.name).copied()
    }

    /// Notes that a probe could not ask in a segment, which says nothing about the others.
    pub(crate) fn miss(&self, segment: &Segment, probe: &'static str) {
        let mut missed = self.budget.missed.lock().unwrap_or_else(PoisonError::into_inner);
        missed.insert((segment.name.clone(), probe));
    }

    /// Notes the same of every probe and of the sweep, for a segment that is not walked at all.
    pub(crate) fn miss_all(&self, segment: &Segment) {
        self.probes.iter().map(|probe| probe.name).chain([SWEEP]).for_each(|name| self.miss(segment, name));
    }

    /// Whether a probe could not ask in a segment.
    #[must_use]
    pub(crate) fn has_missed(&self, segment: &Segment, probe: &'static str) -> bool {
        let missed = self.budget.missed.lock().unwrap_or_else(PoisonError::into_inner);
        missed.contains(&(segment.name.clone(), probe))
    }

    /// The probes that a segment allows and that could not ask all of it, by name. Nothing is said about it where they did not.
    #[must_use]
    pub(crate) fn missed_in(&self, segment: &Segment) -> BTreeSet<&'static str> {
        let missed = |probe: &&'static str| self.has_missed(segment, probe);
        self.asked_in(segment).filter(missed).collect()
    }

    /// The same for people, of every segment where there are any: its name, and the probes, or that nothing at all was asked.
    #[must_use]
    pub(crate) fn missed(&self) -> Vec<(&str, String)> {
        let told = |segment: &Segment| {
            if self.has_missed(segment, SWEEP) {
                return "everything".to_owned();
            }
            self.missed_in(segment).into_iter().collect::<Vec<_>>().join(", ")
        };
        let segments = self.scope.segments().iter().filter(|segment| !self.missed_in(segment).is_empty());
        segments.map(|segment| (segment.name.as_str(), told(segment))).collect()
    }

    /// The probes that a segment allows and that can be asked there: this machine itself has no link to ask over.
    fn asked_in(&self, segment: &Segment) -> impl Iterator<Item = &'static str> {
        let of_a_link = |probe: &Probe| probe.stage == Stage::Announcements && segment.is_loopback();
        let asked = move |probe: &&&Probe| segment.groups.contains(&probe.group) && !of_a_link(probe);
        self.probes.iter().filter(asked).map(|probe| probe.name)
    }

    /// The same runner with another budget.
    #[cfg(test)]
    pub(crate) fn within(mut self, budget: Duration) -> Self {
        self.budget = Budget::new(budget);
        self
    }
}
