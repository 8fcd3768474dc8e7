//! Commands about agents: invite, list, let in, withdraw, and what they are asked to do.

use super::{
    book::{Book, WHO, open, print},
    error::CliError,
};
use crate::{
    Clock, authority::Authority, ingest::carried, invitation::make_invitation, lists::is_list,
    serve::Announced,
};
use clap::Args;
use rundgang_store::NewSchool;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct InviteArgs {
    #[command(flatten)]
    pub(super) book: Book,
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

/// `import`: which file.
#[derive(Args, Debug)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    pub(super) book: Book,
    /// The file that `rundgang-agent export` wrote, or a list of systems (.xlsx, .csv, .txt).
    file: PathBuf,
    #[command(flatten)]
    list: super::lists::ListArgs,
}

/// One agent of the book.
#[derive(Args, Debug)]
pub(super) struct AgentArgs {
    #[command(flatten)]
    pub(super) book: Book,
    /// The number of the agent, as `agents` lists it.
    agent: i64,
}

/// `public-view`: which agent, and whether.
#[derive(Args, Debug)]
pub(super) struct PublicViewArgs {
    #[command(flatten)]
    agent: AgentArgs,
    /// Take it back: the agent is told the domains of its own school alone.
    #[arg(long)]
    off: bool,
}

pub(super) fn invite(args: &InviteArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    let authority = Authority::open(&args.book.data, clock())?;
    let announced = || Announced::load(&args.book.data)?.collectors.into_iter().next();
    let collector = args.collector.clone().or_else(announced).ok_or(CliError::NoAddress)?;
    let school = NewSchool { name: args.school.clone(), ..NewSchool::default() };
    let school = traeger.ensure_school(&school, clock())?;
    let invitation = make_invitation(&traeger, &authority, school, args.days, args.approve, (WHO, clock()))?;
    let until = clock().plus_days(i64::from(args.days)).date();
    print(&format!(
        "Run this once on the box, before {until}, as the agent's own user:\n\n  \
         rundgang-agent enrol --collector {collector} --token {invitation}\n\n\
         Set up as docs/agent-box.md says, that is `sudo -u rundgang-agent` and then this command.\n\
         A box that is enrolled already needs `--again` as well.\n"
    ))
}

pub(super) fn list(book: &Book) -> Result<(), CliError> {
    let (_, traeger) = open(book)?;
    let mut text = String::from("NUMBER  STATE      LAST CONTACT          CERTIFICATE UNTIL  BOX\n");
    for agent in traeger.agents()? {
        let state = match agent.state() {
            "heard" if traeger.orders(agent.id)?.paused_at.is_some() => "paused",
            state => state,
        };
        let contact = agent.last_contact.map(|at| at.to_string()).unwrap_or_default();
        let until = agent.certificate_until.map(rundgang_inventory::Timestamp::date).unwrap_or_default();
        let eyes = if agent.public_view { "  (all schools' domains)" } else { "" };
        text += &format!("{:<7} {state:<10} {contact:<21} {until:<18} {}{eyes}\n", agent.id, agent.name);
    }
    print(&text)
}

/// Lets in an agent that waits. One that was let in before stays so, with the day it first was.
pub(super) fn approve(args: &AgentArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    let number = args.agent;
    match traeger.agents()?.into_iter().find(|agent| agent.id == number) {
        Some(agent) if agent.revoked_at.is_some() => Err(CliError::Withdrawn(number)),
        Some(agent) if agent.approved_at.is_some() => print(&format!("Agent {number} is heard already.\n")),
        _ => {
            traeger.approve_agent(number, (WHO, clock()))?;
            print(&format!("Agent {number} is heard from now on.\n"))
        }
    }
}

pub(super) fn revoke(args: &AgentArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    traeger.revoke_agent(args.agent, (WHO, clock()))?;
    print(&format!("Agent {} is withdrawn.\n", args.agent))
}

pub(super) fn walk_now(args: &AgentArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    traeger.ask_walk(args.agent, (WHO, clock()))?;
    print(&format!(
        "Agent {} is asked to walk as soon as it is in touch, within its scope and its hours.\n",
        args.agent
    ))
}

pub(super) fn pause(args: &AgentArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    traeger.pause_agent(args.agent, (WHO, clock()))?;
    print(&format!("Agent {} is silent as soon as it is in touch, until resume.\n", args.agent))
}

pub(super) fn resume(args: &AgentArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    traeger.resume_agent(args.agent, (WHO, clock()))?;
    print(&format!(
        "Agent {} may walk again as soon as it is in touch; a pause that was set at the box still holds.\n",
        args.agent
    ))
}

pub(super) fn public_view(args: &PublicViewArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.agent.book)?;
    let number = args.agent.agent;
    traeger.set_public_view(number, !args.off, WHO, clock())?;
    print(&if args.off {
        format!("Agent {number} is told the domains of its own school alone.\n")
    } else {
        format!(
            "Agent {number} is told every school's domains that a person confirmed, where its scope file has\n\
             accept_confirmed_domains = true and it sees the public DNS (dns_view = \"public\").\n"
        )
    })
}

pub(super) fn import(args: &ImportArgs, clock: &Clock) -> Result<(), CliError> {
    let is_export = carried::is_export(&args.file)?;
    if !is_export && is_list(&args.file) {
        return super::lists::import(&args.book, &args.file, &args.list, clock);
    }
    if let Some(flag) = args.list.given().filter(|_| is_export) {
        return Err(CliError::NotOfAnExport(flag));
    }
    let (store, _) = open(&args.book)?;
    let authority = Authority::open(&args.book.data, clock())?;
    let taken = carried::import(&args.file, &store, &authority, clock)?;
    let mut text = format!(
        "Agent {} ({}): {} batches taken in, {} were here before.\n",
        taken.agent, taken.name, taken.new, taken.repeated
    );
    if taken.unknown > 0 {
        text += &format!(
            "{} confirmations refer to what is not known here: carry `rundgang-agent export --all` next.\n",
            taken.unknown
        );
    }
    if taken.is_behind {
        text += "The box counts from an earlier number than before (a new or restored spool, or an old file): connect it once, or it may not be heard.\n";
    }
    print(&text)
}
