//! The command line of the collector.

use crate::{
    Clock,
    authority::Authority,
    papers::{self, About, Periods},
    report,
    serve::{self, Announced, ServeError, Settings, address, data_directory, open_store, the_traeger},
    service::token_hash,
    survey::{self, Form},
};
use clap::{Args, Parser, Subcommand};
use rundgang_agent::confine::{ConfineError, confine};
use rundgang_proto::invitation::{Invitation, SECRET_SIZE};
use rundgang_store::{NewInvitation, NewSchool, Store, Traeger};
use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
};
use tokio::signal::unix::{SignalKind, signal};

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
    Approve(ApproveArgs),
    /// Withdraw an agent for good: nothing it says is taken from now on.
    Revoke(RevokeArgs),
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
    /// Derive assets and findings again from what was observed, as after new fingerprints.
    Rebuild(Book),
    /// Write the papers of a school: record of processing, notice, threshold sheet, staff council.
    Papers(PapersArgs),
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
}

#[derive(Args, Debug)]
struct InviteArgs {
    #[command(flatten)]
    book: Book,
    /// The school that the agent will walk; it is entered where it does not exist.
    #[arg(long, value_name = "NAME")]
    school: String,
    /// Where the agent reaches the collector, HOST:PORT; as serve announced it where left out.
    #[arg(long, value_name = "HOST:PORT")]
    collector: Option<String>,
    /// Days until the invitation expires.
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=90))]
    days: u32,
    /// Let nothing in from the agent before a person has approved it.
    #[arg(long)]
    approve: bool,
}

#[derive(Args, Debug)]
struct ApproveArgs {
    #[command(flatten)]
    book: Book,
    /// The number of the agent, as `agents` lists it.
    agent: i64,
}

#[derive(Args, Debug)]
struct RevokeArgs {
    #[command(flatten)]
    book: Book,
    /// The number of the agent, as `agents` lists it.
    agent: i64,
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

#[derive(Debug, Subcommand)]
enum SurveyCommand {
    /// Answer a survey from what is known, with bounds and evidence; what people answered stands beside it.
    Answer(SurveyArgs),
}

#[derive(Args, Debug)]
struct SurveyArgs {
    #[command(flatten)]
    book: Book,
    /// The survey's id.
    id: String,
    /// The school, for a survey that asks schools.
    #[arg(long, value_name = "NAME")]
    school: Option<String>,
    /// The reference date, YYYY-MM-DD; today where left out.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// The form of the answers.
    #[arg(long, value_enum, default_value_t = Form::Json)]
    format: Form,
}

#[derive(Args, Debug)]
struct FindingsArgs {
    #[command(flatten)]
    report: ReportArgs,
    /// Closed findings too.
    #[arg(long)]
    closed: bool,
}

#[derive(Args, Debug)]
struct PapersArgs {
    #[command(flatten)]
    book: Book,
    /// The folder to write to.
    #[arg(long, value_name = "DIR", default_value = "papiere")]
    out: PathBuf,
    /// A school to name; may be repeated. Without it the schools of the book, if there is one.
    #[arg(long, value_name = "NAME")]
    school: Vec<String>,
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
    Papers(#[from] papers::PapersError),
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
        Command::Invite(args) => {
            let text = tokio::task::block_in_place(|| invite(&args, &clock))?;
            print(&text)
        }
        Command::Agents(book) => print(&tokio::task::block_in_place(|| agents(&book, &clock))?),
        Command::Approve(args) => tokio::task::block_in_place(|| {
            let (_, traeger) = open(&args.book, &clock)?;
            print(&approve(&traeger, args.agent, &clock)?)
        }),
        Command::Revoke(args) => tokio::task::block_in_place(|| {
            let (_, traeger) = open(&args.book, &clock)?;
            traeger.revoke_agent(args.agent, clock())?;
            print(&format!("Agent {} is withdrawn.\n", args.agent))
        }),
        Command::Try(args) => crate::tryout::run(args, clock).await,
        Command::TryAgent(_) => Ok(crate::tryout::agent(clock).await?),
        Command::Assets(args) => tokio::task::block_in_place(|| {
            let (_, traeger) = open(&args.book, &clock)?;
            let school = report::school_named(&traeger, args.school.as_deref())?;
            print(&report::assets(&traeger, school)?)
        }),
        Command::Findings(args) => tokio::task::block_in_place(|| {
            let (_, traeger) = open(&args.report.book, &clock)?;
            let school = report::school_named(&traeger, args.report.school.as_deref())?;
            print(&report::findings(&traeger, school, args.closed)?)
        }),
        Command::Survey(SurveyCommand::Answer(args)) => tokio::task::block_in_place(|| {
            let (_, traeger) = open(&args.book, &clock)?;
            let school = report::school_named(&traeger, args.school.as_deref())?;
            print(&survey::answer(&traeger, &args.id, school, args.as_of.as_deref(), clock(), args.format)?)
        }),
        Command::Rebuild(book) => tokio::task::block_in_place(|| {
            let (_, traeger) = open(&book, &clock)?;
            let rebuilt = traeger.rebuild_all(clock())?;
            print(&format!("{} assets from {} observations\n", rebuilt.assets, rebuilt.observations))
        }),
        Command::Papers(args) => tokio::task::block_in_place(|| write_papers(&args, &clock)),
    }
}

pub(crate) fn print(text: &str) -> Result<(), CliError> {
    Ok(io::stdout().write_all(text.as_bytes())?)
}

/// Opens the book and its Träger.
fn open(book: &Book, clock: &Clock) -> Result<(Store, Traeger), CliError> {
    data_directory(&book.data)?;
    let store = open_store(&book.data, book.database.as_deref())?;
    let traeger = the_traeger(&store, book.traeger.as_deref(), clock)?;
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

/// Makes an invitation for a school.
///
/// # Errors
/// No random numbers, or the database failed.
pub fn make_invitation(
    traeger: &Traeger,
    authority: &Authority,
    school: i64,
    days: u32,
    needs_approval: bool,
    clock: &Clock,
) -> Result<Invitation, CliError> {
    let mut secret = [0; SECRET_SIZE];
    getrandom::fill(&mut secret).map_err(|_| CliError::Random)?;
    let invitation = Invitation { secret, authority: authority.pin() };
    let new = NewInvitation {
        school,
        token_hash: &token_hash(&invitation),
        note: "",
        needs_approval,
        expires_at: clock().plus_days(i64::from(days)),
    };
    traeger.invite(&new, clock())?;
    Ok(invitation)
}

fn invite(args: &InviteArgs, clock: &Clock) -> Result<String, CliError> {
    let (_, traeger) = open(&args.book, clock)?;
    let authority = Authority::open(&args.book.data, clock())?;
    let announced = || Announced::load(&args.book.data)?.collectors.into_iter().next();
    let collector = args.collector.clone().or_else(announced).ok_or(CliError::NoAddress)?;
    let school = NewSchool { name: args.school.clone(), ..NewSchool::default() };
    let school = traeger.ensure_school(&school, clock())?;
    let invitation = make_invitation(&traeger, &authority, school, args.days, args.approve, clock)?;
    let until = clock().plus_days(i64::from(args.days)).date();
    Ok(format!(
        "Run this once on the box, before {until}:\n\n  \
         rundgang-agent enrol --collector {collector} --token {invitation}\n"
    ))
}

fn agents(book: &Book, clock: &Clock) -> Result<String, CliError> {
    let (_, traeger) = open(book, clock)?;
    let mut text = String::from("NUMBER  STATE      LAST CONTACT          CERTIFICATE UNTIL  BOX\n");
    for agent in traeger.agents()? {
        let state = match (agent.revoked_at, agent.approved_at) {
            (Some(_), _) => "withdrawn",
            (None, None) => "waiting",
            _ => "heard",
        };
        let contact = agent.last_contact.map(|at| at.to_string()).unwrap_or_default();
        let until = agent.certificate_until.map(rundgang_inventory::Timestamp::date).unwrap_or_default();
        text += &format!("{:<7} {state:<10} {contact:<21} {until:<18} {}\n", agent.id, agent.name);
    }
    Ok(text)
}

/// Lets in an agent that waits. One that was let in before stays so, with the day it first was.
fn approve(traeger: &Traeger, number: i64, clock: &Clock) -> Result<String, CliError> {
    match traeger.agents()?.into_iter().find(|agent| agent.id == number) {
        Some(agent) if agent.revoked_at.is_some() => Err(CliError::Withdrawn(number)),
        Some(agent) if agent.approved_at.is_some() => Ok(format!("Agent {number} is heard already.\n")),
        _ => {
            traeger.approve_agent(number, clock())?;
            Ok(format!("Agent {number} is heard from now on.\n"))
        }
    }
}

fn write_papers(args: &PapersArgs, clock: &Clock) -> Result<(), CliError> {
    let mut about = About {
        traeger: args.book.traeger.clone().unwrap_or_default(),
        schools: args.school.clone(),
        periods: Periods::default(),
    };
    // Papers are wanted before there is a book; one that exists fills the blanks.
    if args.book.database.is_some() || args.book.data.join("rundgang.sqlite").exists() {
        let (store, traeger) = open(&args.book, clock)?;
        let named = |all: Vec<rundgang_store::TraegerName>| {
            all.into_iter().find(|one| one.id == traeger.id).map(|one| one.name).unwrap_or_default()
        };
        if about.traeger.is_empty() {
            about.traeger = named(store.all_traeger()?);
        }
        if about.schools.is_empty() {
            let schools = traeger.schools()?.into_iter().filter(|school| !school.entered.is_example);
            about.schools = schools.map(|school| school.entered.name).collect();
        }
    }
    let files = papers::write(&args.out, &about, clock())?;
    print(&files.iter().fold(String::new(), |text, file| text + file + "\n"))
}

/// The address of a page, for people.
#[must_use]
pub fn page(web: SocketAddr) -> String {
    format!("http://{}/", address(&web.ip().to_string(), web.port()))
}
