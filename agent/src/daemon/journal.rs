//! What the daemon notes in the local log on the box: every walk, every look-up of domains, every order (promise G3).

use super::Daemon;
use crate::{
    log::{LocalLog, done, networks},
    runner::Runner,
    scope::Scope,
};

/// So many names are written out; of more only their number is told.
const MOST_NAMES: usize = 50;

impl Daemon {
    /// Notes an event. A log that cannot be written is told; the walk itself fails where the disk holds nothing more.
    pub(super) fn note(&self, event: &str) {
        let log = LocalLog::at(self.state.join("agent.log"));
        if let Err(error) = log.keep_small().and_then(|()| log.write(self.clock.now(), event)) {
            tracing::warn!("the local log {} cannot be written: {error}", log.path().display());
        }
    }

    /// Notes a walk before its first packet.
    pub(super) fn note_walk(&self, scope: &Scope) {
        self.note(&format!("walk begins: {}", networks(scope, self.clock.now())));
    }

    /// Notes what a walk sent, however it ended.
    pub(super) fn note_end(&self, runner: &Runner, how: &str) {
        self.note(&format!("walk {how}, {}", done(runner)));
    }

    /// Notes whose public records are looked up.
    pub(super) fn note_domains(&self, domains: &[String]) {
        let named = if domains.len() > MOST_NAMES {
            format!("{} domains", domains.len())
        } else {
            domains.join(", ")
        };
        self.note(&format!("public records are looked up: {named}"));
    }
}
