//! The command line of the collector.

mod agents;
mod domains;
mod lessons;
mod papers;
mod subject;

pub use agents::make_invitation;

use crate::{
    Clock, report,
    serve::{self, ServeError, Settings, address, has_book, known_traeger, open_store},
    survey::{self, SurveyCommand},
};
use agents::{AgentArgs, InviteArgs};
use clap::{Args, Parser, Subcommand};
use papers::PapersArgs;
use rundgang_agent::confine::{ConfineError, confine};
use rundgang_store::{Store, Traeger};
use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::block_in_place,
};

/// Where a collector keeps its data unless told otherwise.
const DATA: &str = "/var/lib/rundgang-collector";

/// Keeps the book of what agents saw.
#[derive(Debug, Parser)]
#[command(name = "rundgang-collector", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the collector: the port for agents, and the pages.
    Serve(ServeArgs),
    /// Invite a box: print the one command that makes it an agent of a school.
    Invite(InviteArgs),
    /// List the agents and what became of them.
    Agents(Book),
    /// Let in an agent that was invited with --approve.
    Approve(AgentArgs),
    /// Withdraw an agent for good: nothing it says is taken from now on.
    Revoke(AgentArgs),
    /// Ask an agent to walk now, within its scope and its hours.
    WalkNow(AgentArgs),
    /// Ask an agent to be silent until `resume`.
    Pause(AgentArgs),
    /// Take the pause back; one that was set at the box still holds.
    Resume(AgentArgs),
    /// List the domains that were found, and say which are the school's; only those are ever looked up.
    Domains(domains::DomainsArgs),
    /// Take in a file that an agent exported, where it has no link.
    Import(agents::ImportArgs),
    /// Try everything on this machine: a collector, an agent, and a recorded example school.
    Try(crate::tryout::TryArgs),
    /// The agent of a try; started by `try` itself.
    #[command(hide = true)]
    TryAgent(crate::tryout::TryAgentArgs),
    /// Print the assets, one JSON object a line.
    Assets(ReportArgs),
    /// Print the open findings, one JSON object a line.
    Findings(FindingsArgs),
    /// Surveys from data files.
    #[command(subcommand)]
    Survey(SurveyCommand),
    /// List what documented devices could teach about others; accept a lesson, or take one back.
    Lessons(lessons::LessonsArgs),
    /// Derive assets and findings again from what was observed, as after new fingerprints.
    Rebuild(Book),
    /// Show how long things are kept, or shorten it: retention observations=14 audit=180 (days).
    Retention(RetentionArgs),
    /// Write the papers of a school: record of processing, notice, threshold sheet, staff council, Strukturanalyse.
    Papers(PapersArgs),
    /// Answer a data subject: what is stored under a MAC address, or forget it.
    DataSubject(subject::SubjectArgs),
}

/// Which book.
#[derive(Args, Clone, Debug)]
pub struct Book {
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = DATA)]
    pub data: PathBuf,
    /// A PostgreSQL URL; without it a SQLite file in the data directory.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// The Träger; may be left out where there is only one.
    #[arg(long, value_name = "NAME")]
    pub traeger: Option<String>,
}

#[derive(Args, Debug)]
struct RetentionArgs {
    #[command(flatten)]
    book: Book,
    /// A period to shorten, in days; without any the periods are shown.
    #[arg(value_name = "NAME=DAYS")]
    periods: Vec<String>,
}

#[derive(Args, Debug)]
struct ServeArgs {
    #[command(flatten)]
    book: Book,
    /// Where agents connect to.
    #[arg(long, value_name = "ADDR:PORT", default_value = "0.0.0.0:7443")]
    grpc: SocketAddr,
    /// Where the pages are.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    web: SocketAddr,
    /// A name or address under which agents reach this collector; may be repeated, the first is put into invitations.
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
    /// A further collector of the same database, HOST:PORT, that agents fall back on; may be repeated.
    #[arg(long, value_name = "HOST:PORT")]
    other: Vec<String>,
    /// A file with the token for the pages; needed where the network can reach them.
    #[arg(long, value_name = "FILE")]
    web_token_file: Option<PathBuf>,
    /// A reverse proxy publishes the pages over HTTPS: cookies insist on it. Needs --web-token-file.
    #[arg(long)]
    web_https: bool,
    /// The time zone by whose clocks the pages show days and hours.
    #[arg(long, value_name = "ZONE", default_value = "Europe/Berlin")]
    time_zone: rundgang_inventory::Zone,
}

#[derive(Args, Debug)]
struct ReportArgs {
    #[command(flatten)]
    book: Book,
    /// One school only.
    #[arg(long, value_name = "NAME")]
    school: Option<String>,
    /// One JSON object a line; the only form there is.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
struct FindingsArgs {
    #[command(flatten)]
    report: ReportArgs,
    /// Closed findings too.
    #[arg(long)]
    closed: bool,
}

/// What went wrong, in one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Starting.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The store.
    #[error(transparent)]
    Store(#[from] rundgang_store::Error),
    /// The authority.
    #[error(transparent)]
    Authority(#[from] crate::authority::AuthorityError),
    /// The papers.
    #[error(transparent)]
    Papers(#[from] crate::papers::PapersError),
    /// No MAC address.
    #[error("'{0}' is no MAC address: write it as 00:11:22:33:44:55")]
    NotAMac(String),
    /// No period.
    #[error("'{0}' is no period: write NAME=DAYS, such as observations=14")]
    NoPeriod(String),
    /// The output is gone.
    #[error("writing the result: {0}")]
    Output(#[from] io::Error),
    /// Approving what was withdrawn.
    #[error("agent {0} is withdrawn for good; invite the box anew")]
    Withdrawn(i64),
    /// The system has no random numbers.
    #[error("the system gave no random numbers")]
    Random,
    /// The survey.
    #[error(transparent)]
    Survey(#[from] survey::SurveyError),
    /// A try.
    #[error("{0}")]
    Try(String),
    /// The agent of a try.
    #[error(transparent)]
    TryAgent(#[from] crate::tryout::AgentError),
    /// A carried export.
    #[error(transparent)]
    Carried(#[from] crate::ingest::carried::CarriedError),
    /// A change that needs one school.
    #[error("there are several schools: say which with --school NAME")]
    WhichSchool,
    /// No address for agents.
    #[error(
        "nobody has said where agents reach the collector: start it with serve --name HOST, or add --collector HOST:PORT"
    )]
    NoAddress,
}

impl Cli {
    /// Locks the agent of a try into its state directory, before any thread is started.
    ///
    /// # Errors
    /// The kernel knows a lock but refuses it.
    pub fn confine(&self) -> Result<(), ConfineError> {
        match &self.command {
            Command::TryAgent(args) => confine(std::slice::from_ref(&args.state), &[]).map(drop),
            _ => Ok(()),
        }
    }

    /// What of the log is shown: a try speaks for itself, unless something goes wrong.
    #[must_use]
    pub const fn log_level(&self) -> tracing::Level {
        match self.command {
            Command::Try(_) | Command::TryAgent(_) => tracing::Level::WARN,
            _ => tracing::Level::INFO,
        }
    }
}

/// Runs one command.
///
/// # Errors
/// One line that says what to do.
pub async fn run(cli: Cli, clock: Clock) -> Result<(), CliError> {
    match cli.command {
        Command::Serve(args) => run_serve(args, clock).await,
        Command::Invite(args) => block_in_place(|| agents::invite(&args, &clock)),
        Command::Agents(book) => block_in_place(|| agents::list(&book)),
        Command::Approve(args) => block_in_place(|| agents::approve(&args, &clock)),
        Command::Revoke(args) => block_in_place(|| agents::revoke(&args, &clock)),
        Command::WalkNow(args) => block_in_place(|| agents::walk_now(&args, &clock)),
        Command::Pause(args) => block_in_place(|| agents::pause(&args, &clock)),
        Command::Resume(args) => block_in_place(|| agents::resume(&args)),
        Command::Domains(args) => block_in_place(|| domains::run(&args, &clock)),
        Command::Import(args) => block_in_place(|| agents::import(&args, &clock)),
        Command::Try(args) => crate::tryout::run(args, clock).await,
        Command::TryAgent(_) => Ok(crate::tryout::agent(clock).await?),
        Command::Assets(args) => block_in_place(|| {
            let (_, traeger) = open(&args.book)?;
            let school = report::school_named(&traeger, args.school.as_deref())?;
            print(&report::assets(&traeger, school)?)
        }),
        Command::Findings(args) => block_in_place(|| {
            let (_, traeger) = open(&args.report.book)?;
            let school = report::school_named(&traeger, args.report.school.as_deref())?;
            print(&report::findings(&traeger, school, args.closed)?)
        }),
        Command::Survey(command) => block_in_place(|| survey::run(&command, &clock)),
        Command::Lessons(args) => block_in_place(|| lessons::run(&args, &clock)),
        Command::Rebuild(book) => block_in_place(|| {
            let (_, traeger) = open(&book)?;
            let rebuilt = traeger.rebuild_all(clock())?;
            print(&format!("{} assets from {} observations\n", rebuilt.assets, rebuilt.observations))
        }),
        Command::Retention(args) => block_in_place(|| retention(&args, &clock)),
        Command::Papers(args) => block_in_place(|| papers::write(&args, &clock)),
        Command::DataSubject(args) => block_in_place(|| subject::run(&args, &clock)),
    }
}

fn retention(args: &RetentionArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    let mut keep = traeger.retention()?;
    for period in &args.periods {
        let (name, days) = period.split_once('=').unwrap_or((period, ""));
        let days = days.parse().map_err(|_| CliError::NoPeriod(period.clone()))?;
        keep = keep.with(name, days)?;
    }
    if !args.periods.is_empty() {
        traeger.choose_retention(keep, "command line", clock())?;
    }
    print(&keep.named().iter().map(|(name, days)| format!("{name}={days}\n")).collect::<String>())
}

pub(crate) fn print(text: &str) -> Result<(), CliError> {
    Ok(io::stdout().write_all(text.as_bytes())?)
}

/// Opens the book and its Träger.
pub(crate) fn open(book: &Book) -> Result<(Store, Traeger), CliError> {
    if book.database.is_none() && !has_book(&book.data) {
        return Err(ServeError::NoBook(book.data.display().to_string()).into());
    }
    let store = open_store(&book.data, book.database.as_deref())?;
    let traeger = known_traeger(&store, book.traeger.as_deref())?;
    Ok((store, traeger))
}

async fn run_serve(args: ServeArgs, clock: Clock) -> Result<(), CliError> {
    let settings = Settings {
        data: args.book.data,
        grpc: args.grpc,
        web: args.web,
        database: args.book.database,
        traeger: args.book.traeger,
        names: if args.name.is_empty() { own_names() } else { args.name },
        others: args.other,
        web_token_file: args.web_token_file,
        web_https: args.web_https,
        zone: args.time_zone,
    };
    let mut terminate = signal(SignalKind::terminate())?;
    let running = serve::start(&settings, clock).await?;
    print(&format!(
        "Pages:  http://{}/\nAgents: {} ({})\nNext:   rundgang-collector invite --data {} --school NAME\n",
        running.web,
        running.grpc,
        settings.names.join(", "),
        settings.data.display()
    ))?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    running.stop().await;
    Ok(())
}

/// The names of this machine that agents can try.
fn own_names() -> Vec<String> {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim().to_owned();
    let is_name =
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    let local = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    is_name.then_some(host).into_iter().chain(local).collect()
}

/// The address of a page, for people.
#[must_use]
pub fn page(web: SocketAddr) -> String {
    format!("http://{}/", address(&web.ip().to_string(), web.port()))
}
