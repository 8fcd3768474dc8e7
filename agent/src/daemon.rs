//! `run`: walks when it is time, keeps what was seen in the spool, and lets the uplink carry it away.

use crate::{
    audit::standing::{DOMAIN_AUDIT, DomainAudit, RealDns, is_due, observation},
    clock::Clock,
    confine::{ConfineError, Confinement, confine, folders_of},
    credentials,
    enrol::{EnrolError, Enrolment, STATE},
    link::WallClock,
    network::{Network, real::Real},
    pause::Pause,
    probe::Settings,
    scope::{self, Mode, Scope, ScopeError},
    spool::{Bounds, SharedSpool, Spool, SpoolError},
    uplink::{DeclaredSegment, Uplink, UplinkError, Wish},
    walk::{self, Quiet},
};
use rundgang_inventory::{Observation, Round, Subject, Timestamp, mail::lookup::domain_from};
use std::{
    fs::{self, File},
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
};

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
    #[arg(long, value_name = "FILE", default_value = "/etc/rundgang-agent/scope.toml")]
    pub scope_file: PathBuf,
    /// The file with read-only SNMP credentials; none are used where it is missing.
    #[arg(long, value_name = "FILE", default_value = "/etc/rundgang-agent/credentials.toml")]
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
    #[error("the agent is paused: remove {0}, or run rundgang-agent resume")]
    Paused(String),
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
    let daemon = Daemon {
        settings: Arc::new(credentials::read(&args.credentials)?),
        scope: scope_file(args.scope_file),
        network: Arc::new(Real::new()?),
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
    Arc::new(move |now| {
        let shown = || path.display().to_string();
        let text = fs::read_to_string(&path).map_err(|source| DaemonError::File { path: shown(), source })?;
        scope::read(&text, now).map_err(|source| DaemonError::Scope { path: shown(), source })
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
        let _lock = lock(&self.state)?;
        Enrolment::load(&self.state)?;
        let scope = (self.scope)(self.clock.now())?;
        let mut spool = Spool::open(&self.state, Bounds::default())?;
        spool.retain_segments(&names(&scope))?;
        let spool = SharedSpool::new(spool);
        let (wishes, mut wished) = mpsc::channel(WISHES);
        let (segments, declared_segments) = watch::channel(declared(&scope));
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
        if self.once {
            self.walk_once(&spool, &segments, stopped.clone()).await?;
            return Ok(uplink.drain(stopped).await?);
        }
        tokio::select! {
            ended = uplink.run(stopped.clone()) => Ok(ended?),
            ended = self.walk_on(&spool, &segments, &mut wished, stopped) => ended,
        }
    }

    async fn walk_once(
        &self,
        spool: &SharedSpool,
        segments: &watch::Sender<Vec<DeclaredSegment>>,
        stopped: watch::Receiver<bool>,
    ) -> Result<(), DaemonError> {
        let pause = Pause::of(&self.state);
        if pause.is_set() {
            return Err(DaemonError::Paused(pause.path().display().to_string()));
        }
        self.walk(spool, segments, stopped).await
    }

    /// Walks whenever it is time, until told to stop.
    async fn walk_on(
        &self,
        spool: &SharedSpool,
        segments: &watch::Sender<Vec<DeclaredSegment>>,
        wished: &mut mpsc::Receiver<Wish>,
        mut stopped: watch::Receiver<bool>,
    ) -> Result<(), DaemonError> {
        let pause = Pause::of(&self.state);
        let mut due = match spool.with(|spool| spool.last_walk()).await? {
            Some(ended) if !self.walk_first => Timestamp(ended.0 + self.every_ms),
            _ => self.clock.now(),
        };
        loop {
            tokio::select! {
                () = tokio::time::sleep(GLANCE) => {}
                _ = stopped.wait_for(|stop| *stop) => return Ok(()),
                Some(wish) = wished.recv() => match wish {
                    Wish::WalkNow => due = self.clock.now(),
                    Wish::Pause => pause.set().map_err(|source| self.file_error(source))?,
                    Wish::Register(macs) => tracing::debug!(count = macs.len(), "the register was told"),
                },
            }
            let now = self.clock.now();
            // A clock set back must not put the next walk off for ever.
            due = due.min(Timestamp(now.0 + self.every_ms));
            if now >= due && !pause.is_set() && is_open(&(self.scope)(now)?, now) {
                self.walk(spool, segments, stopped.clone()).await?;
                due = Timestamp(self.clock.now().0 + self.every_ms);
            }
        }
    }

    /// One walk, into the spool. The pause switch and the stop signal end it at once; then nothing of it is kept, for
    /// a walk that was broken off says nothing about what is missing.
    async fn walk(
        &self,
        spool: &SharedSpool,
        segments: &watch::Sender<Vec<DeclaredSegment>>,
        mut stopped: watch::Receiver<bool>,
    ) -> Result<(), DaemonError> {
        let now = self.clock.now();
        let scope = (self.scope)(now)?;
        segments.send_replace(declared(&scope));
        let kept_segments = names(&scope);
        spool.with(move |spool| spool.retain_segments(&kept_segments)).await?;
        let scope = Arc::new(scope);
        let walk = walk::walk(
            scope.clone(),
            self.settings.clone(),
            self.network.clone(),
            self.clock.clone(),
            Arc::new(Quiet),
            self.seed ^ now.0.cast_unsigned(),
        );
        let pause = Pause::of(&self.state);
        let both = async { tokio::join!(walk, self.audit(&scope, spool)) };
        let round: Round = tokio::select! {
            (kept, audited) = both => {
                let mut round = kept.into_round();
                round.observations.extend(audited?);
                round.ended = self.clock.now();
                round
            }
            () = paused(&pause) => return Ok(()),
            _ = stopped.wait_for(|stop| *stop) => return Ok(()),
        };
        let now = self.clock.now();
        let spooled = spool.with(move |spool| spool.append(&round, now)).await?;
        spool.announce();
        tracing::info!(
            new = spooled.observations,
            unchanged = spooled.confirmations,
            "a walk has ended and is on disk"
        );
        Ok(())
    }

    /// Looks up the public records of the confirmed domains, each at most once a day. A DNS that cannot be used is
    /// told and is no reason to fail the walk.
    async fn audit(&self, scope: &Scope, spool: &SharedSpool) -> Result<Vec<Observation>, DaemonError> {
        let domains: Vec<String> = scope.domains.iter().filter_map(|name| domain_from(name)).collect();
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
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let asked = due.len();
        let gathered = match self.domains.gather(due, scope.resolver).await {
            Ok(gathered) => gathered,
            Err(error) => {
                tracing::warn!("the domains were not looked up: {error}");
                return Ok(Vec::new());
            }
        };
        let now = self.clock.now();
        let mut observed: Vec<_> =
            gathered.iter().filter_map(|evidence| observation(evidence, now)).collect();
        observed.sort_by(|a, b| a.subject.cmp(&b.subject));
        if observed.len() < asked {
            tracing::warn!(asked, answered = observed.len(), "the DNS did not answer for every domain");
        }
        Ok(observed)
    }

    fn file_error(&self, source: io::Error) -> DaemonError {
        DaemonError::File { path: self.state.display().to_string(), source }
    }
}

/// Waits until the pause switch is set.
async fn paused(pause: &Pause) {
    while !pause.is_set() {
        tokio::time::sleep(GLANCE).await;
    }
}

/// Whether at least one segment may be walked now; in quiet hours the walk waits.
fn is_open(scope: &Scope, now: Timestamp) -> bool {
    let is_closed = |segment| matches!(scope.mode(segment, now), Mode::Closed(_));
    scope.segments().is_empty() || !scope.segments().iter().all(is_closed)
}

fn names(scope: &Scope) -> Vec<String> {
    scope.segments().iter().map(|segment| segment.name.clone()).collect()
}

/// The scope as the collector is shown it.
fn declared(scope: &Scope) -> Vec<DeclaredSegment> {
    let segment = |segment: &scope::Segment| DeclaredSegment {
        name: segment.name.clone(),
        network: segment.network.to_string(),
        class: segment.class.name().to_owned(),
        purpose: segment.purpose.clone(),
        authorised_by: segment.authority.authorised_by.clone(),
        legal_basis: segment.authority.legal_basis.clone(),
        staff_council_date: segment.authority.staff_council.clone(),
        valid_until: segment.valid_until.map(Timestamp::date).unwrap_or_default(),
        groups: segment.groups.iter().map(|group| group.name().to_owned()).collect(),
    };
    scope.segments().iter().map(segment).collect()
}

/// One agent for each state directory. The kernel drops the lock with the process, however it ends.
fn lock(state: &Path) -> Result<File, DaemonError> {
    let path = state.join("lock");
    let failed = |source| DaemonError::File { path: path.display().to_string(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(DaemonError::Taken(state.display().to_string())),
        Err(fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The signals that end the agent in good order.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(mut self, stop: watch::Sender<bool>) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        stop.send_replace(true);
    }
}
