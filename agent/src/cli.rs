//! The command line of the agent.

use crate::{
    audit::{self, AuditArgs, SpfCheckArgs},
    clock::Clock,
    network::real::Real,
    output,
    pace::Pace,
    probe::{Settings, SnmpCredential, SnmpSecret},
    scope::{Flags, NetworkClass},
    walk::{self, Quiet},
};
use clap::{Args, Parser, Subcommand};
use std::{io::Write, net::SocketAddr, sync::Arc};

/// Walks a school's network, gently, and says what is there.
#[derive(Debug, Parser)]
#[command(name = "rundgang-agent", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Walk networks once, here and now, without a collector.
    Walk(WalkFlags),
    /// Look up the public mail and DNS records of domains and say what is wrong with them.
    Audit(AuditArgs),
    /// Say whether a server may send mail as a domain, and which term of the SPF record says so.
    SpfCheck(SpfCheckArgs),
    /// Make this box an agent of a collector, with a one-time invitation.
    Enrol(crate::enrol::EnrolArgs),
    /// Work as an agent: walk when it is time, and deliver what was seen.
    Run(crate::daemon::RunArgs),
    /// Pause the agent on this box: no packet goes out until `resume`.
    Pause(crate::pause::PauseArgs),
    /// Let the agent walk again.
    Resume(crate::pause::PauseArgs),
}

#[derive(Debug, Args)]
struct WalkFlags {
    /// A network to walk, such as 192.168.10.0/24; may be repeated.
    #[arg(long, value_name = "CIDR", num_args = 1..)]
    scope: Vec<String>,
    /// How the networks are used: infrastructure, managed, mixed or personal.
    #[arg(long, default_value = "mixed")]
    class: NetworkClass,
    /// A domain of the school whose public records are looked up; may be repeated.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    domain: Vec<String>,
    /// An SNMP community to read with; may be repeated.
    #[arg(long, value_name = "COMMUNITY")]
    snmp_community: Vec<String>,
    /// The resolver for domains; the machine's own where it is missing.
    #[arg(long, value_name = "IP[:PORT]", value_parser = resolver)]
    resolver: Option<SocketAddr>,
    /// How fast: polite, fast or max.
    #[arg(long)]
    pace: Option<Pace>,
    /// Who allows a pace above polite; written to the local log.
    #[arg(long, value_name = "TEXT")]
    authorised_by: Option<String>,
    /// One JSON object a line instead of a table.
    #[arg(long)]
    json: bool,
}

/// An address with or without a port; DNS answers on 53.
fn resolver(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .or_else(|_| text.parse().map(|ip| SocketAddr::new(ip, 53)))
        .map_err(|_| format!("'{text}' is no resolver; write it like 10.0.0.1 or 10.0.0.1:53"))
}

/// What went wrong, in one line.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The scope was refused.
    #[error("{0}")]
    Scope(#[from] crate::scope::ScopeError),
    /// The network cannot be used.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The audit of domains could not run.
    #[error(transparent)]
    Audit(#[from] audit::cli::AuditError),
    /// Enrolment failed.
    #[error("{0}")]
    Enrol(#[from] crate::enrol::EnrolError),
    /// The agent ended.
    #[error("{0}")]
    Daemon(#[from] crate::daemon::DaemonError),
    /// The output is gone.
    #[error("writing the result: {0}")]
    Output(#[from] std::io::Error),
}

/// Runs one command.
///
/// # Errors
/// One line that says what to do.
pub async fn run(cli: Cli, clock: Arc<dyn Clock>, seed: u64) -> Result<(), CliError> {
    match cli.command {
        Command::Walk(flags) => run_walk(flags, clock, seed).await,
        Command::Audit(arguments) => Ok(audit::run_audit(arguments).await?),
        Command::SpfCheck(arguments) => Ok(audit::run_spf_check(arguments).await?),
        Command::Enrol(args) => {
            let enrolment = crate::enrol::enrol(&args, &crate::daemon::wall_clock(clock)).await?;
            let text = format!("Enrolled as agent {}. Next: rundgang-agent run\n", enrolment.agent);
            Ok(std::io::stdout().write_all(text.as_bytes())?)
        }
        Command::Run(args) => Ok(crate::daemon::run(args, clock, seed).await?),
        Command::Pause(args) => Ok(args.switch().set()?),
        Command::Resume(args) => Ok(args.switch().lift()?),
    }
}

async fn run_walk(flags: WalkFlags, clock: Arc<dyn Clock>, seed: u64) -> Result<(), CliError> {
    let scope = Flags {
        networks: flags.scope,
        class: flags.class,
        domains: flags.domain,
        pace: flags.pace,
        authorised_by: flags.authorised_by,
    }
    .scope()?;
    let snmp = flags
        .snmp_community
        .into_iter()
        .enumerate()
        .map(|(number, community)| SnmpCredential {
            label: format!("community {}", number + 1),
            networks: Vec::new(),
            secret: SnmpSecret::V2c(community),
        })
        .collect();
    let settings = Settings { snmp, ..Settings::default() };
    let network = Arc::new(Real::new()?);
    let kept = walk::walk(Arc::new(scope), Arc::new(settings), network, clock, Arc::new(Quiet), seed).await;
    let _ = flags.resolver;
    let text = output::json(&kept);
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
