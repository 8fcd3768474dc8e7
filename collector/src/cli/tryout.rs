//! `try`: the whole product on one machine, so that the first page shows something at once.

mod texts;

use super::{book::print, error::CliError};
use crate::{
    Clock, example,
    invitation::make_invitation,
    report,
    serve::{self, Running, Settings, address},
    try_agent::Order,
};
use rundgang_agent::scope::{Flags, NetworkClass};
use rundgang_inventory::Timestamp;
use rundgang_store::{NewSchool, Traeger};
use std::{
    fs, io,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use texts::{beginning, next_command, see_pages};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
    signal::unix::{Signal, SignalKind, signal},
    task::JoinSet,
};

/// How often it is looked whether the first round is in the book.
const LOOK: Duration = Duration::from_millis(500);

/// The Träger of a try.
const TRAEGER: &str = "Probe-Träger";
/// The school that the walk of one's own networks fills.
const OWN_SCHOOL: &str = "Eigenes Netz";
/// What is walked when nothing was named: this machine alone.
const THIS_MACHINE: &str = "127.0.0.1/32";

/// `try`: collector and agents on this machine.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct TryArgs {
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

/// Runs a try.
///
/// # Errors
/// One line that says what to do.
pub(crate) async fn run(args: TryArgs, clock: Clock) -> Result<(), CliError> {
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
    let mut signals = Signals::new()?;
    let started = clock();
    let running = start(data, &args, clock.clone()).await?;
    let agents = begin(&running, data, &args, &clock).await?;
    print(&beginning(&args))?;
    let worked = async {
        if args.once { finish(agents).await } else { stay(agents, &running, started, &args, &clock).await }
    };
    let mut ended = tokio::select! {
        ended = worked => ended,
        // Whoever stays is ended by a signal, and well; whoever asked for the first round did not get it.
        () = signals.any() => if args.once { Err(interrupted()) } else { Ok(()) },
    };
    if args.once && ended.is_ok() {
        let traeger = running.traeger.clone();
        ended = tokio::task::block_in_place(|| report::summary(&traeger))
            .map_err(CliError::from)
            .and_then(|text| print(&format!("{text}{}\n{}", see_pages(), next_command(&args))));
    }
    running.stop().await;
    ended
}

/// What ends a try in good order, so that nothing of it is left behind: also the end of the terminal it runs in.
struct Signals([Signal; 3]);

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self([
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    async fn any(&mut self) {
        let [terminate, interrupt, hangup] = &mut self.0;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

fn interrupted() -> CliError {
    CliError::Try("interrupted before the first round was in the book; nothing was shown".to_owned())
}

fn networks(args: &TryArgs) -> Vec<String> {
    if args.scope.is_empty() { vec![THIS_MACHINE.to_owned()] } else { args.scope.clone() }
}

async fn start(data: &Path, args: &TryArgs, clock: Clock) -> Result<Running, CliError> {
    let any = SocketAddr::new(args.web.ip(), 0);
    let settings = Settings {
        web: if args.once { any } else { args.web },
        traeger: Some(TRAEGER.to_owned()),
        names: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        ..Settings::on_loopback(data.join("collector"))
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
    let invitation =
        make_invitation(&running.traeger, &running.authority, school, 1, false, ("try", clock()))?;
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

/// Waits until every agent has walked and delivered, and ended.
async fn finish(agents: Vec<(&'static str, Child)>) -> Result<(), CliError> {
    let mut ends = ends(agents);
    while let Some(ended) = ends.join_next().await {
        ended.map_err(|error| CliError::Try(error.to_string()))??;
    }
    Ok(())
}

/// The ends of the agents, whichever comes first; an agent that fails is an error at once.
fn ends(agents: Vec<(&'static str, Child)>) -> JoinSet<Result<(), CliError>> {
    let mut ends = JoinSet::new();
    for (school, mut agent) in agents {
        ends.spawn(async move {
            if agent.wait().await?.success() {
                return Ok(());
            }
            Err(CliError::Try(format!("the agent of '{school}' failed; its own line above says why")))
        });
    }
    ends
}

/// Tells where the pages are at once, what was found after the first round, and stays until an agent fails or a
/// signal comes.
async fn stay(
    agents: Vec<(&'static str, Child)>,
    running: &Running,
    started: Timestamp,
    args: &TryArgs,
    clock: &Clock,
) -> Result<(), CliError> {
    let pages = format!("Open in a browser:\n  {}\n", page(running.web));
    print(&format!("\n{pages}More appears there while the first walk goes on.\n"))?;
    let mut ends = ends(agents);
    let told = async {
        let traeger = running.traeger.clone();
        while !tokio::task::block_in_place(|| has_walked(&traeger, started, clock()))? {
            tokio::time::sleep(LOOK).await;
        }
        let found = tokio::task::block_in_place(|| report::summary(&traeger))?;
        print(&format!("\n{found}\n{pages}\n{}\nStop with Ctrl-C.\n", next_command(args)))?;
        std::future::pending().await
    };
    let ended = async {
        while let Some(ended) = ends.join_next().await {
            ended.map_err(|error| CliError::Try(error.to_string()))??;
        }
        std::future::pending().await
    };
    tokio::select! {
        failed = told => failed,
        failed = ended => failed,
    }
}

/// Whether a round of every school with an agent has ended and is in the book.
fn has_walked(traeger: &Traeger, started: Timestamp, now: Timestamp) -> Result<bool, CliError> {
    let schools = traeger.overview(now)?.schools;
    Ok(schools.iter().all(|school| school.walked.last_round.is_some_and(|ended| ended >= started)))
}

/// The address of a page, for people.
fn page(web: SocketAddr) -> String {
    format!("http://{}/", address(&web.ip().to_string(), web.port()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use rundgang_agent::{
        clock,
        network::replay::{Recording, Replay},
        walk,
    };
    use std::sync::Arc;

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
