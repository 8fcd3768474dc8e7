//! `run`: walks when it is time, keeps what was seen in the spool, and lets the uplink carry it away.

mod declared;
mod journal;
mod process;
mod rounds;
mod schedule;

use crate::{
    audit::standing::{DomainAudit, RealDns},
    clock::Clock,
    confine::{ConfineError, Confinement, confine, folders_of},
    credentials,
    enrol::{EnrolError, Enrolment, STATE},
    link::WallClock,
    network::{Network, real::Real},
    pause::Pause,
    probe::Settings,
    register::Register,
    runner::SWEEP,
    scope::{self, Scope, ScopeError},
    spool::{Bounds, SharedSpool, Spool, SpoolError},
    uplink::{Uplink, UplinkError, Wish},
};
use declared::{declared, names};
use process::{Signals, lock};
use rundgang_inventory::Timestamp;
use std::{fs, io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::{Notify, mpsc, watch};

/// Where the scope file lies unless told otherwise.
pub const SCOPE_FILE: &str = "/etc/rundgang-agent/scope.toml";
/// Where the SNMP credentials lie unless told otherwise.
pub const CREDENTIALS_FILE: &str = "/etc/rundgang-agent/credentials.toml";
/// How often the pause switch and the clock are looked at.
const GLANCE: Duration = Duration::from_secs(2);
/// Wishes of the collector that may wait.
const WISHES: usize = 8;

/// `run`: the agent at work.
#[derive(clap::Args, Clone, Debug)]
pub struct RunArgs {
    /// Where the agent keeps key, certificate and spool.
    #[arg(long, value_name = "DIR", default_value = STATE)]
    pub state: PathBuf,
    /// The scope file: which networks may be walked, why, and when.
    #[arg(long, value_name = "FILE", default_value = SCOPE_FILE)]
    pub scope_file: PathBuf,
    /// The file with read-only SNMP credentials; none are used where it is missing.
    #[arg(long, value_name = "FILE", default_value = CREDENTIALS_FILE)]
    pub credentials: PathBuf,
    /// Hours from the end of one walk to the beginning of the next.
    #[arg(long, value_name = "HOURS", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=24 * 14))]
    pub every: u32,
    /// Walk once, deliver everything, and end.
    #[arg(long)]
    pub once: bool,
    /// The resolver for confirmed domains; the scope file's or the machine's own where it is missing.
    #[arg(long, value_name = "IP[:PORT]", value_parser = crate::audit::resolver_address)]
    pub resolver: Option<SocketAddr>,
}

impl RunArgs {
    /// Locks the process into the state directory, and to reading where scope and credentials lie.
    ///
    /// # Errors
    /// The kernel knows a lock but refuses it.
    pub fn confine(&self) -> Result<Confinement, ConfineError> {
        let readable = [folders_of(&self.scope_file), folders_of(&self.credentials)].concat();
        confine(std::slice::from_ref(&self.state), &readable)
    }
}

/// Why the agent ended.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// Not enrolled.
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    /// The scope.
    #[error("{path}: {source}")]
    Scope {
        /// The scope file.
        path: String,
        /// What is wrong with it.
        source: ScopeError,
    },
    /// The credentials.
    #[error(transparent)]
    Credentials(#[from] crate::credentials::CredentialsError),
    /// The network cannot be used.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// A file.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Another agent works here.
    #[error("another agent is running on {0}: stop it first, or choose another --state DIR")]
    Taken(String),
    /// The spool.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The uplink.
    #[error(transparent)]
    Uplink(#[from] UplinkError),
    /// Paused, and told to walk once.
    #[error("the agent is paused: {0}")]
    Paused(String),
    /// Told to stop in the midst of the one walk.
    #[error("interrupted: the walk was broken off, and nothing of it is kept")]
    BrokenOff,
    /// The one walk is done, and no collector took it.
    #[error("{source}; the walk is on disk, {} for a collector: `run` or `export` delivers it", batches(.waiting))]
    Undelivered {
        /// How many batches wait.
        waiting: u64,
        /// Why they do.
        source: UplinkError,
    },
}

fn batches(waiting: &u64) -> String {
    if *waiting == 1 { "1 batch waits".to_owned() } else { format!("{waiting} batches wait") }
}

/// Where the scope comes from: read anew before every walk, so that an edit holds from the next one on.
pub type ScopeSource = Arc<dyn Fn(Timestamp) -> Result<Scope, DaemonError> + Send + Sync>;

/// The agent at work.
pub struct Daemon {
    /// The state directory.
    pub state: PathBuf,
    /// Where the scope comes from.
    pub scope: ScopeSource,
    /// The network to walk.
    pub network: Arc<dyn Network>,
    /// Where the evidence of confirmed domains comes from.
    pub domains: Arc<dyn DomainAudit>,
    /// Credentials and choices of the probes.
    pub settings: Arc<Settings>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Milliseconds from the end of one walk to the beginning of the next.
    pub every_ms: i64,
    /// Walk once, deliver everything, and end.
    pub once: bool,
    /// Walk right at the start, whenever the last walk was.
    pub walk_first: bool,
    /// Fresh randomness for the identifiers that protocols need.
    pub seed: u64,
}

/// Runs the agent of a state directory over the real network.
///
/// # Errors
/// What a person has to mend.
pub async fn run(args: RunArgs, clock: Arc<dyn Clock>, seed: u64) -> Result<(), DaemonError> {
    let settings = Arc::new(credentials::read(&args.credentials)?);
    let (scope, network) = (scope_file(args.scope_file), Real::new()?);
    if let Some(hindrance) = scope(clock.now()).ok().and_then(|scope| network.hindrance(&scope)) {
        tracing::warn!("{hindrance}");
    }
    let daemon = Daemon {
        settings,
        scope,
        network: Arc::new(network),
        domains: Arc::new(RealDns { resolver: args.resolver }),
        state: args.state,
        clock,
        every_ms: i64::from(args.every) * 3_600_000,
        once: args.once,
        walk_first: false,
        seed,
    };
    daemon.run().await
}

/// The scope file as a source.
#[must_use]
pub fn scope_file(path: PathBuf) -> ScopeSource {
    Arc::new(move |_now| {
        let shown = || path.display().to_string();
        let text = fs::read_to_string(&path).map_err(|source| DaemonError::File { path: shown(), source })?;
        scope::read(&text).map_err(|source| DaemonError::Scope { path: shown(), source })
    })
}

/// A clock as the link wants it.
#[must_use]
pub fn wall_clock(clock: Arc<dyn Clock>) -> WallClock {
    Arc::new(move || clock.now())
}

impl Daemon {
    /// Works until a signal comes, or until the one walk is delivered.
    ///
    /// # Errors
    /// What a person has to mend: scope, spool, certificate. A missing link is none: the spool keeps what was seen.
    pub async fn run(&self) -> Result<(), DaemonError> {
        Enrolment::load(&self.state)?;
        let _lock = lock(&self.state)?;
        let scope = self.scope_at_first()?;
        let mut spool = Spool::open(&self.state, Bounds::default())?;
        if let Some(scope) = &scope {
            spool.retain_segments(&names(scope))?;
        }
        // Which devices fell silent is in what was said of them: a restart does not forget it (promise S5).
        spool.said_by(SWEEP)?.iter().for_each(|seen| self.settings.left_alone.recall(seen));
        let spool = SharedSpool::new(spool);
        let (wishes, mut wished) = mpsc::channel(WISHES);
        let (segments, declared_segments) = watch::channel(scope.as_ref().map(declared).unwrap_or_default());
        let uplink = Uplink {
            state: self.state.clone(),
            spool: spool.clone(),
            clock: wall_clock(self.clock.clone()),
            segments: declared_segments,
            wishes,
        };
        let (stop, stopped) = watch::channel(false);
        let signals = Signals::new().map_err(|source| self.file_error(source))?;
        tokio::spawn(signals.wait(stop));
        let walk_now = Notify::new();
        if self.once {
            self.walk_once(&spool, &segments, stopped.clone()).await?;
            if let Err(error) = uplink.drain(stopped).await {
                return Err(undelivered(error, &spool).await);
            }
            while let Ok(wish) = wished.try_recv() {
                self.obey(wish, &walk_now)?;
            }
            return Ok(());
        }
        // A pause holds from the moment it comes, also while a walk is under way.
        let obeying = async {
            while let Some(wish) = wished.recv().await {
                self.obey(wish, &walk_now)?;
            }
            std::future::pending().await
        };
        tokio::select! {
            ended = uplink.run(stopped.clone()) => Ok(ended?),
            ended = self.walk_on(&spool, &segments, &walk_now, stopped) => ended,
            ended = obeying => ended,
        }
    }

    /// The scope at the start. One that cannot be read stops the walks, not the agent: what waits in the spool is
    /// still delivered. Whoever walks once is told at once.
    fn scope_at_first(&self) -> Result<Option<Scope>, DaemonError> {
        match (self.scope)(self.clock.now()) {
            Ok(scope) => Ok(Some(scope)),
            Err(error) if self.once => Err(error),
            Err(error) => {
                tracing::warn!("no walk until the scope can be read: {error}");
                Ok(None)
            }
        }
    }

    /// Does what the collector wishes, where that narrows or only hastens what the box allows (promise S1): a walk
    /// still waits for its hours, and the register's MAC addresses count only where the scope accepts them.
    fn obey(&self, wish: Wish, walk_now: &Notify) -> Result<(), DaemonError> {
        match wish {
            Wish::WalkNow => {
                tracing::info!("the collector asks for a walk now");
                self.note("order of the collector: walk now");
                walk_now.notify_one();
            }
            Wish::Pause(is_paused) => {
                let pause = Pause::of(&self.state);
                if pause.is_set_by_collector() != is_paused {
                    tracing::info!(is_paused, "the collector's own pause");
                    self.note(&format!(
                        "order of the collector: {}",
                        if is_paused { "pause" } else { "resume" }
                    ));
                }
                // An agent that cannot note its pause ends: silence is the safe side.
                pause.set_by_collector(is_paused).map_err(|source| self.file_error(source))?;
            }
            Wish::Register(macs) => {
                let kept = Register::load(&self.state);
                let told =
                    Register { told_at: self.clock.now(), macs: macs.into_iter().collect(), ..kept.clone() };
                let what = format!("{} MAC addresses of the register", told.macs.len());
                self.keep_told(&told, told.macs != kept.macs, &what);
            }
            Wish::Domains(told) => {
                let kept = Register::load(&self.state);
                let domains = told.keys().cloned().collect();
                let known = told.into_iter().filter(|(_, known)| !known.is_empty()).collect();
                let told = Register { domains, known, ..kept.clone() };
                let what = format!("{} confirmed domains", told.domains.len());
                let is_news = told.domains != kept.domains || told.known != kept.known;
                self.keep_told(&told, is_news, &what);
            }
        }
        Ok(())
    }

    /// Keeps what the collector told of the register, and notes it where it is news.
    fn keep_told(&self, register: &Register, is_news: bool, what: &str) {
        match register.save(&self.state) {
            Ok(()) => tracing::info!("the collector told {what}"),
            Err(error) => tracing::warn!(%error, "what the collector told of the register cannot be kept"),
        }
        if is_news {
            self.note(&format!("the collector told {what}"));
        }
    }

    fn file_error(&self, source: io::Error) -> DaemonError {
        DaemonError::File { path: self.state.display().to_string(), source }
    }
}

/// What whoever walks once is told where nothing was delivered: the walk is not lost.
async fn undelivered(source: UplinkError, spool: &SharedSpool) -> DaemonError {
    if !source.may_pass() {
        return source.into();
    }
    match spool.with(|spool| spool.waiting()).await {
        Ok(waiting) => DaemonError::Undelivered { waiting, source },
        Err(error) => error.into(),
    }
}

#[cfg(test)]
mod tests;
