//! `try`: the whole product on one machine, so that the first page shows something at once.

use crate::{
    Clock,
    cli::{CliError, make_invitation, page},
    example, report,
    serve::{self, Running, Settings, address},
};
use rundgang_agent::{
    audit::standing::{DomainAudit, RealDns},
    clock,
    daemon::{Daemon, DaemonError},
    enrol::{EnrolArgs, EnrolError, enrol},
    network::{Network, real::Real, replay::Replay},
    probe,
    scope::{Flags, NetworkClass, Scope, ScopeError},
};
use rundgang_inventory::Timestamp;
use rundgang_store::NewSchool;
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
};

/// The Träger of a try.
const TRAEGER: &str = "Probe-Träger";
/// The school that the walk of one's own networks fills.
const OWN_SCHOOL: &str = "Eigenes Netz";
/// What is walked when nothing was named: this machine alone.
const THIS_MACHINE: &str = "127.0.0.1/32";
/// Hours between walks while a try goes on.
const EVERY_MS: i64 = 12 * 3_600_000;

/// `try`: collector and agents on this machine.
#[derive(clap::Args, Clone, Debug)]
pub struct TryArgs {
    /// A network to walk, such as 192.168.10.0/24; may be repeated. Without it, this machine alone (127.0.0.1).
    #[arg(long, value_name = "CIDR", num_args = 1..)]
    scope: Vec<String>,
    /// How the networks are used: infrastructure, managed, mixed or personal.
    #[arg(long)]
    class: Option<NetworkClass>,
    /// A domain of the school whose public records are looked up; may be repeated.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    domain: Vec<String>,
    /// Leave out the recorded example school.
    #[arg(long)]
    no_example: bool,
    /// End after the first round, with a summary.
    #[arg(long)]
    once: bool,
    /// Keep everything in this directory; without it nothing is left behind.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the pages are; another port is taken where this one is in use.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    web: SocketAddr,
}

/// `try-agent`: what its process must know before it reads the order.
#[derive(clap::Args, Clone, Debug)]
pub struct TryAgentArgs {
    /// Where it keeps key, certificate and spool; the one place it may write.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
}

/// What an agent of a try is told, over its standard input: so no token stands in the list of processes.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    state: PathBuf,
    collector: String,
    token: String,
    /// Walk the recorded school instead of real networks.
    is_example: bool,
    networks: Vec<String>,
    class: String,
    domains: Vec<String>,
    once: bool,
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

/// Runs a try.
///
/// # Errors
/// One line that says what to do.
pub async fn run(args: TryArgs, clock: Clock) -> Result<(), CliError> {
    let flags = Flags {
        networks: networks(&args),
        class: args.class.unwrap_or_default(),
        domains: args.domain.clone(),
        ..Flags::default()
    };
    // A scope that the agent would refuse is refused before anything is started.
    flags.scope().map_err(|error| CliError::Try(error.to_string()))?;
    let kept = args.data.clone();
    let temporary = match &kept {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("rundgang-try-").tempdir()?),
    };
    let data = kept.as_deref().or(temporary.as_ref().map(tempfile::TempDir::path)).unwrap_or(Path::new("."));
    let mut terminate = signal(SignalKind::terminate())?;
    let running = start(data, &args, clock.clone()).await?;
    let agents = begin(&running, data, &args, &clock).await?;
    crate::cli::print(&beginning(&args))?;
    let worked = async { if args.once { finish(agents).await } else { Ok(stay(agents, &running).await?) } };
    let ended = tokio::select! {
        ended = worked => ended,
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    };
    if args.once && ended.is_ok() {
        let traeger = running.traeger.clone();
        let text = tokio::task::block_in_place(|| report::summary(&traeger))?;
        crate::cli::print(&format!("{text}{}\n{}", see_pages(), next_command()))?;
    }
    running.stop().await;
    ended
}

fn networks(args: &TryArgs) -> Vec<String> {
    if args.scope.is_empty() { vec![THIS_MACHINE.to_owned()] } else { args.scope.clone() }
}

async fn start(data: &Path, args: &TryArgs, clock: Clock) -> Result<Running, CliError> {
    let any = SocketAddr::new(args.web.ip(), 0);
    let settings = Settings {
        data: data.join("collector"),
        grpc: SocketAddr::from(([127, 0, 0, 1], 0)),
        web: if args.once { any } else { args.web },
        database: None,
        traeger: Some(TRAEGER.to_owned()),
        names: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        others: Vec::new(),
        web_token_file: None,
        web_https: false,
    };
    match serve::start(&settings, clock.clone()).await {
        Err(serve::ServeError::Port { source, .. }) if source.kind() == io::ErrorKind::AddrInUse => {
            Ok(serve::start(&Settings { web: any, ..settings }, clock).await?)
        }
        started => Ok(started?),
    }
}

/// Enters the schools and starts an agent for each.
async fn begin(
    running: &Running,
    data: &Path,
    args: &TryArgs,
    clock: &Clock,
) -> Result<Vec<(&'static str, Child)>, CliError> {
    let mut agents = Vec::new();
    let school = NewSchool { name: OWN_SCHOOL.to_owned(), ..NewSchool::default() };
    let invited = tokio::task::block_in_place(|| {
        let school = running.traeger.ensure_school(&school, clock())?;
        order(running, data, "agent", school, args.once, clock)
    })?;
    let own = Order {
        networks: networks(args),
        class: class(args).name().to_owned(),
        domains: args.domain.clone(),
        ..invited
    };
    agents.push((OWN_SCHOOL, spawn(&own).await?));
    if !args.no_example {
        let invited = tokio::task::block_in_place(|| {
            let school = example::seed(&running.traeger, clock())?;
            order(running, data, "example", school, args.once, clock)
        })?;
        agents.push(("Beispielschule", spawn(&Order { is_example: true, ..invited }).await?));
    }
    Ok(agents)
}

/// This machine is walked in full; networks that were named are mixed unless said otherwise.
fn class(args: &TryArgs) -> NetworkClass {
    let unasked = if args.scope.is_empty() { NetworkClass::Infrastructure } else { NetworkClass::Mixed };
    args.class.unwrap_or(unasked)
}

fn order(
    running: &Running,
    data: &Path,
    name: &str,
    school: i64,
    once: bool,
    clock: &Clock,
) -> Result<Order, CliError> {
    let invitation = make_invitation(&running.traeger, &running.authority, school, 1, false, clock)?;
    Ok(Order {
        state: data.join(name),
        collector: address("localhost", running.grpc.port()),
        token: invitation.to_string(),
        is_example: false,
        networks: Vec::new(),
        class: NetworkClass::Infrastructure.name().to_owned(),
        domains: Vec::new(),
        once,
    })
}

/// Starts this very program again as an agent.
async fn spawn(order: &Order) -> Result<Child, CliError> {
    // The lock of the agent's process is set for a folder that is there.
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&order.state)?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("try-agent")
        .arg("--state")
        .arg(&order.state)
        .stdin(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let text = serde_json::to_vec(order).map_err(io::Error::from)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(&text).await?;
    }
    Ok(child)
}

/// Waits until every agent has walked and delivered.
async fn finish(agents: Vec<(&'static str, Child)>) -> Result<(), CliError> {
    for (school, mut agent) in agents {
        if !agent.wait().await?.success() {
            return Err(CliError::Try(format!(
                "the agent of '{school}' failed; its own line above says why"
            )));
        }
    }
    Ok(())
}

/// Tells where the pages are, and stays until an agent fails or a signal comes.
async fn stay(agents: Vec<(&'static str, Child)>, running: &Running) -> Result<(), CliError> {
    crate::cli::print(&format!(
        "\nOpen in a browser (more appears while the walk goes on):\n  {}\n\n{}\nStop with Ctrl-C.\n",
        page(running.web),
        next_command()
    ))?;
    for (school, mut agent) in agents {
        if !agent.wait().await?.success() {
            return Err(CliError::Try(format!(
                "the agent of '{school}' failed; its own line above says why"
            )));
        }
    }
    std::future::pending().await
}

/// What a try is about to do.
fn beginning(args: &TryArgs) -> String {
    let walked = if args.scope.is_empty() {
        "this machine alone (127.0.0.1)".to_owned()
    } else {
        args.scope.join(", ")
    };
    let domains = if args.domain.is_empty() {
        String::new()
    } else {
        format!("Looking up: public mail and DNS records of {}\n", args.domain.join(", "))
    };
    let example =
        if args.no_example { "" } else { "Replaying: a recorded example school; nothing of it is sent\n" };
    format!("Walking: {walked}\n{domains}{example}")
}

/// How this program was called, so that a printed command can be typed as it stands.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "rundgang-collector".to_owned())
}

/// The same try again, with its pages.
fn see_pages() -> String {
    let words: Vec<String> = std::env::args().filter(|word| word != "--once").collect();
    format!("\nSee all of this as pages in a browser:\n  {}\n", words.join(" "))
}

/// The exact command for the network this machine is in. Reading the interfaces' addresses sends nothing.
fn next_command() -> String {
    let network = netdev::get_interfaces()
        .into_iter()
        .filter(|interface| interface.is_up() && !interface.is_loopback())
        .flat_map(|interface| interface.ipv4)
        .find(|network| {
            network.addr().is_private() && network.prefix_len() >= 16 && network.prefix_len() < 31
        });
    let (network, hint) = match network {
        Some(network) => (format!("{}/{}", network.network(), network.prefix_len()), ""),
        None => ("192.168.1.0/24".to_owned(), "\n(put your network in the place of 192.168.1.0/24)"),
    };
    format!(
        "Next, your own network and domain; walk only what you are allowed to{hint}:\n  \
         {} try --scope {network} --class mixed --domain your-school.example\n",
        program()
    )
}

/// The agent of a try: reads its order, enrols over mutual TLS like any other, and works.
///
/// # Errors
/// One line that says what went wrong.
pub async fn agent(clock: Clock) -> Result<(), AgentError> {
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
        scope: Arc::new(move |now| {
            scope(&order, now).map_err(|error| DaemonError::Scope { path: "try".to_owned(), source: error })
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

fn scope(order: &Order, now: Timestamp) -> Result<Scope, ScopeError> {
    if order.is_example {
        return example::scope(now);
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use rundgang_agent::{network::replay::Recording, walk};

    #[derive(Parser)]
    struct Words {
        #[command(flatten)]
        args: TryArgs,
    }

    struct Noon;

    impl clock::Clock for Noon {
        fn now(&self) -> Timestamp {
            Timestamp(1_790_000_000_000)
        }
    }

    /// A machine with a web server that nothing is known about.
    const MACHINE: &str = r#"
        [[host]]
        ip = "127.0.0.1"
        [[host.tcp]]
        port = 80
        exchange = [
            { expect = "GET / HTTP/1.1", answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", close = true },
        ]
    "#;

    #[tokio::test]
    async fn this_machine_is_shown_even_where_it_is_not_recognised() {
        let check = async |words: &[&str], expected: usize| {
            let args = Words::parse_from([&["try"], words].concat()).args;
            let flags = Flags { networks: networks(&args), class: class(&args), ..Flags::default() };
            let recording: Recording = toml::from_str(MACHINE).expect("a recording");
            let kept = walk::walk(
                Arc::new(flags.scope().expect("a scope")),
                Arc::default(),
                Arc::new(Replay::new(recording)),
                Arc::new(Noon),
                Arc::new(walk::Quiet),
                1,
            );
            assert_eq!(kept.await.devices().len(), expected, "{words:?}");
        };
        check(&[], 1).await;
        check(&["--class", "mixed"], 0).await;
        check(&["--scope", "127.0.0.1/32"], 0).await;
    }
}
