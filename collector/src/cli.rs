//! The command line of the collector.

mod accounts;
mod agents;
mod book;
mod domains;
mod error;
mod export;
mod identity;
mod leave;
mod lessons;
mod lists;
mod papers;
mod post;
mod retention;
mod schools;
mod serve;
mod sign_in;
mod subject;
mod survey;
mod survey_runs;
mod traeger;
mod tryout;

pub use error::CliError;

use crate::{Clock, report, try_agent};
use agents::{AgentArgs, InviteArgs, PublicViewArgs};
use book::{Book, open, print};
use clap::{Args, Parser, Subcommand};
use papers::PapersArgs;
use rundgang_agent::confine::{ConfineError, confine};
use tokio::task::block_in_place;

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
    Serve(serve::ServeArgs),
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
    /// Make an agent the eyes of all schools, such as the box at the Träger: it is told every school's confirmed domains.
    PublicView(PublicViewArgs),
    /// List the domains that were found, and say which are the school's; only those are ever looked up.
    Domains(domains::DomainsArgs),
    /// Take in a file: a list of systems (XLSX, CSV) into the register, or what an agent exported where it has no link.
    Import(agents::ImportArgs),
    /// Show the lists that were entered into the register, or take one back.
    Lists(lists::ListsArgs),
    /// Write the whole book into files that any spreadsheet or program reads.
    Export(export::ExportArgs),
    /// Try everything on this machine: a collector, an agent, and a recorded example school.
    Try(tryout::TryArgs),
    /// The agent of a try; started by `try` itself.
    #[command(hide = true)]
    TryAgent(try_agent::TryAgentArgs),
    /// Print the assets, one JSON object a line.
    Assets(ReportArgs),
    /// Print the open findings, one JSON object a line.
    Findings(FindingsArgs),
    /// Surveys from data files.
    #[command(subcommand)]
    Survey(survey::SurveyCommand),
    /// List what fits several devices; answer it, merge or split assets, take such a decision back.
    Identity(identity::IdentityArgs),
    /// List what documented devices could teach about others; accept a lesson, or take one back.
    Lessons(lessons::LessonsArgs),
    /// Derive assets and findings again from what was observed, as after new fingerprints.
    Rebuild(Book),
    /// Show how long things are kept, or shorten it: retention observations=14 audit=180 (days).
    Retention(retention::RetentionArgs),
    /// List the schools, say kind, commune and numbers of one, or take in a list of them.
    Schools(schools::SchoolsArgs),
    /// A school leaves: write its whole book into one file, or delete it here.
    Leave(leave::LeaveArgs),
    /// Show the Träger of the book, or rename it.
    Traeger(traeger::TraegerArgs),
    /// List who may open the pages; open, invite, close or delete an account.
    Accounts(accounts::AccountsArgs),
    /// Say by which provider of identities (OpenID Connect) people may sign in, and whom it proves.
    SignIn(sign_in::SignInArgs),
    /// Say how the weekly mail and the message for programs leave; show what was sent; try it.
    Post(post::PostArgs),
    /// Write the papers of a school: record of processing, notice, threshold sheet, staff council, Strukturanalyse.
    Papers(PapersArgs),
    /// Answer a data subject: what is stored under a MAC address, or forget it.
    DataSubject(subject::SubjectArgs),
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
        Command::Serve(args) => serve::run(args, clock).await,
        Command::Invite(args) => block_in_place(|| agents::invite(&args, &clock)),
        Command::Agents(book) => block_in_place(|| agents::list(&book)),
        Command::Approve(args) => block_in_place(|| agents::approve(&args, &clock)),
        Command::Revoke(args) => block_in_place(|| agents::revoke(&args, &clock)),
        Command::WalkNow(args) => block_in_place(|| agents::walk_now(&args, &clock)),
        Command::Pause(args) => block_in_place(|| agents::pause(&args, &clock)),
        Command::Resume(args) => block_in_place(|| agents::resume(&args, &clock)),
        Command::PublicView(args) => block_in_place(|| agents::public_view(&args, &clock)),
        Command::Accounts(args) => block_in_place(|| accounts::run(&args, &clock)),
        Command::Domains(args) => block_in_place(|| domains::run(&args, &clock)),
        Command::Import(args) => block_in_place(|| agents::import(&args, &clock)),
        Command::Lists(args) => block_in_place(|| lists::run(&args, &clock)),
        Command::Export(args) => block_in_place(|| export::run(&args)),
        Command::Try(args) => tryout::run(args, clock).await,
        Command::TryAgent(_) => Ok(try_agent::agent(clock).await?),
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
        Command::Identity(args) => block_in_place(|| identity::run(&args, &clock)),
        Command::Lessons(args) => block_in_place(|| lessons::run(&args, &clock)),
        Command::Rebuild(book) => block_in_place(|| {
            let (_, traeger) = open(&book)?;
            let rebuilt = traeger.rebuild_all(clock())?;
            print(&format!("{} assets from {} observations\n", rebuilt.assets, rebuilt.observations))
        }),
        Command::Retention(args) => block_in_place(|| retention::run(&args, &clock)),
        Command::Schools(args) => block_in_place(|| schools::run(&args, &clock)),
        Command::Leave(args) => block_in_place(|| leave::run(&args, &clock)),
        Command::Traeger(args) => block_in_place(|| traeger::run(&args, &clock)),
        Command::SignIn(args) => block_in_place(|| sign_in::run(&args, &clock)),
        Command::Post(args) => block_in_place(|| post::run(&args, &clock)),
        Command::Papers(args) => block_in_place(|| papers::write(&args, &clock)),
        Command::DataSubject(args) => block_in_place(|| subject::run(&args, &clock)),
    }
}
