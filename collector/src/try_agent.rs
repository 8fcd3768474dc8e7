//! The agent of a try: a process of its own that is told what to do over its standard input.

use crate::{Clock, example};
use rundgang_agent::{
    audit::standing::{DomainAudit, RealDns},
    clock,
    daemon::{Daemon, DaemonError},
    enrol::{EnrolArgs, EnrolError, enrol},
    network::{Network, real::Real, replay::Replay},
    probe,
    scope::{Flags, Scope, ScopeError},
};
use rundgang_inventory::Timestamp;
use serde::{Deserialize, Serialize};
use std::{io, path::PathBuf, sync::Arc};

/// Hours between walks while a try goes on.
const EVERY_MS: i64 = 12 * 3_600_000;

/// `try-agent`: what its process must know before it reads the order.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct TryAgentArgs {
    /// Where it keeps key, certificate and spool; the one place it may write.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
}

/// What an agent of a try is told, over its standard input: so no token stands in the list of processes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) state: PathBuf,
    pub(crate) collector: String,
    pub(crate) token: String,
    /// Walk the recorded school instead of real networks.
    pub(crate) is_example: bool,
    pub(crate) networks: Vec<String>,
    pub(crate) class: String,
    pub(crate) domains: Vec<String>,
    pub(crate) once: bool,
}

/// Why the agent of a try ended.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The order did not come.
    #[error("reading the order: {0}")]
    Order(#[from] io::Error),
    /// The scope.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// Enrolment.
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    /// The daemon.
    #[error(transparent)]
    Daemon(#[from] DaemonError),
    /// The network.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The recording.
    #[error("the example's recording: {0}")]
    Recording(#[from] example::ExampleError),
    /// The class of the networks.
    #[error("{0}")]
    Class(String),
}

/// The agent of a try: reads its order, enrols over mutual TLS like any other, and works.
///
/// # Errors
/// One line that says what went wrong.
pub(crate) async fn agent(clock: Clock) -> Result<(), AgentError> {
    let order: Order = serde_json::from_reader(io::stdin().lock()).map_err(io::Error::from)?;
    let args = EnrolArgs {
        collector: order.collector.clone(),
        token: order.token.clone(),
        state: order.state.clone(),
        again: true,
    };
    enrol(&args, &clock).await?;
    let once = order.once;
    let (network, domains, settings): (Arc<dyn Network>, Arc<dyn DomainAudit>, _) = if order.is_example {
        (Arc::new(Replay::new(example::recording()?)), Arc::new(example::dns()?), example::credentials())
    } else {
        (Arc::new(Real::new()?), Arc::new(RealDns::default()), probe::Settings::default())
    };
    let daemon = Daemon {
        state: order.state.clone(),
        scope: Arc::new(move |_now| {
            scope(&order).map_err(|error| DaemonError::Scope { path: "try".to_owned(), source: error })
        }),
        network,
        domains,
        settings: Arc::new(settings),
        clock: Arc::new(Borrowed(clock)),
        every_ms: EVERY_MS,
        once,
        walk_first: true,
        seed: getrandom::u64().map_err(|error| io::Error::other(error.to_string()))?,
    };
    Ok(daemon.run().await?)
}

fn scope(order: &Order) -> Result<Scope, ScopeError> {
    if order.is_example {
        return example::scope();
    }
    let class = order.class.parse().map_err(ScopeError::File)?;
    Flags { networks: order.networks.clone(), class, domains: order.domains.clone(), ..Flags::default() }
        .scope()
}

/// The collector's clock as the agent's library wants it.
struct Borrowed(Clock);

impl clock::Clock for Borrowed {
    fn now(&self) -> Timestamp {
        (self.0)()
    }
}
