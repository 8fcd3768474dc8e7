//! The command line of the agent.

mod commands;

use crate::{
    audit::{AuditArgs, SpfCheckArgs, resolver_address, run_audit, run_spf_check},
    clock::Clock,
    confine::{ConfineError, Confinement},
    pace::Pace,
    probe::{Settings, SnmpCredential, SnmpSecret},
    scope::{Flags, NetworkClass},
};
use clap::{Args, Parser, Subcommand};
use std::{
    io::Write as _,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

/// Walks a school's network, gently, and says what is there.
#[derive(Debug, Parser)]
#[command(name = "rundgang-agent", version, about)]
pub struct Cli {
    /// A newer list of MAC address blocks: one PREFIX<TAB>ORGANISATION a line; in place of the built-in one.
    #[arg(long, value_name = "FILE", global = true)]
    mac_blocks: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Walk networks once, here and now, without a collector.
    ///
    /// A walk is your own act. Where ARP and echo requests are not possible (without CAP_NET_RAW, or behind a router), it
    /// looks for hosts by connections to TCP 80, 443, 22 and 445, before anybody knows what they are; an agent that runs
    /// by its scope file does so only where a line says `tcp_discovery = true`.
    Walk(WalkFlags),
    /// Hold the conversations of one probe with one host.
    Probe(ProbeFlags),
    /// Show the scope as it is understood.
    ShowScope(ScopeFlags),
    /// List every kind of packet a walk would send, to whom and how fast; nothing is sent.
    Explain(ExplainFlags),
    /// Look up the public mail and DNS records of domains and say what is wrong with them.
    Audit(AuditArgs),
    /// Say whether a server may send mail as a domain, and which term of the SPF record says so.
    SpfCheck(SpfCheckArgs),
    /// Make this box an agent of a collector, with a one-time invitation.
    Enrol(crate::enrol::EnrolArgs),
    /// Work as an agent: walk when it is time, and deliver what was seen.
    Run(crate::daemon::RunArgs),
    /// Write what waits for a collector to one file, to be carried by hand where there is no link.
    Export(crate::uplink::export::ExportArgs),
    /// Pause the agent on this box: no packet goes out until `resume`.
    Pause(crate::pause::PauseArgs),
    /// Let the agent walk again.
    Resume(crate::pause::PauseArgs),
}

/// How a person's own act is scoped.
#[derive(Clone, Debug, Args)]
struct Act {
    /// How the networks are used: infrastructure, managed, mixed or personal.
    #[arg(long, default_value = "mixed")]
    class: NetworkClass,
    /// An SNMP community to read with; may be repeated.
    #[arg(long, value_name = "COMMUNITY")]
    snmp_community: Vec<String>,
    /// How fast: polite, fast or max. The default is polite, and max for this machine itself.
    #[arg(long)]
    pace: Option<Pace>,
    /// Who allows a pace above polite; written to the local log.
    #[arg(long, value_name = "TEXT")]
    authorised_by: Option<String>,
    /// The local log.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// One JSON object a line instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct WalkFlags {
    /// A network to walk, such as 192.168.10.0/24; may be repeated.
    #[arg(long, value_name = "CIDR", num_args = 1..)]
    scope: Vec<String>,
    /// A domain of the school whose public records are looked up; may be repeated.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    domain: Vec<String>,
    /// The resolver for domains; the machine's own where it is missing.
    #[arg(long, value_name = "IP[:PORT]", value_parser = resolver_address)]
    resolver: Option<SocketAddr>,
    #[command(flatten)]
    act: Act,
}

#[derive(Debug, Args)]
struct ProbeFlags {
    /// The probe's name, as `explain` lists it.
    name: String,
    /// The host's address.
    target: IpAddr,
    /// The host is the school's and may be asked although it belongs to a kind that is left alone.
    #[arg(long)]
    opt_in: bool,
    #[command(flatten)]
    act: Act,
}

#[derive(Debug, Args)]
struct ScopeFlags {
    /// The scope file.
    #[arg(long = "scope-file", alias = "file", value_name = "FILE", default_value = crate::daemon::SCOPE_FILE, conflicts_with = "scope")]
    file: PathBuf,
    /// Where the agent keeps its state: what the register told it.
    #[arg(long, value_name = "DIR", default_value = crate::enrol::STATE)]
    state: PathBuf,
    /// Networks instead of a file, as for `walk`.
    #[arg(long, value_name = "CIDR", num_args = 1..)]
    scope: Vec<String>,
    /// Domains instead of a file, as for `walk`.
    #[arg(long, value_name = "NAME", num_args = 1.., requires = "scope")]
    domain: Vec<String>,
    /// The class of those networks.
    #[arg(long, default_value = "mixed", requires = "scope")]
    class: NetworkClass,
    /// The pace in those networks.
    #[arg(long, requires = "scope")]
    pace: Option<Pace>,
    /// Who allows a pace above polite.
    #[arg(long, value_name = "TEXT", requires = "scope")]
    authorised_by: Option<String>,
}

#[derive(Debug, Args)]
struct ExplainFlags {
    #[command(flatten)]
    scope: ScopeFlags,
    /// The file with read-only SNMP credentials, as for `run`; not read for networks named on the command line.
    #[arg(long, value_name = "FILE", default_value = crate::daemon::CREDENTIALS_FILE)]
    credentials: PathBuf,
}

fn scope_hint(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => "run as the agent's own user, or name networks with --scope",
        _ => "write one as docs/agent-box.md shows, or name networks with --scope",
    }
}

/// What went wrong, in one line.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The scope was refused.
    #[error(transparent)]
    Scope(#[from] crate::scope::ScopeError),
    /// The scope file cannot be read.
    #[error("scope file {path}: {source}; {}", scope_hint(.source))]
    ScopeFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The list of MAC address blocks cannot be used.
    #[error("list of MAC address blocks {0}: {1}")]
    MacBlocks(PathBuf, String),
    /// The network cannot be used.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The credentials cannot be used.
    #[error(transparent)]
    Credentials(#[from] crate::credentials::CredentialsError),
    /// Enrolment failed.
    #[error(transparent)]
    Enrol(#[from] crate::enrol::EnrolError),
    /// Nothing was exported.
    #[error(transparent)]
    Export(#[from] crate::uplink::export::ExportError),
    /// The agent ended.
    #[error(transparent)]
    Daemon(#[from] crate::daemon::DaemonError),
    /// The output is gone.
    #[error("writing the result")]
    Output(#[from] std::io::Error),
    /// The pause switch cannot be turned.
    #[error("the pause switch in {0}: {1}; run this as the agent's own user, or name its --state DIR")]
    Switch(PathBuf, std::io::Error),
    /// There is no agent there.
    #[error("there is no agent's state in {0}: name it with --state DIR")]
    NoState(PathBuf),
    /// A walk that must be logged cannot be.
    #[error("the local log {0} cannot be written ({1}); name another file with --log")]
    Log(PathBuf, std::io::Error),
    /// No such probe.
    #[error("there is no probe '{0}'; there are {1}")]
    NoSuchProbe(String, String),
    /// The runner refused.
    #[error(transparent)]
    Refused(#[from] crate::runner::Refusal),
    /// Domains could not be audited.
    #[error(transparent)]
    Audit(#[from] crate::audit::AuditError),
}

/// How a program ends whose walk is done but waits in the spool for a person's approval.
const WAITS_FOR_APPROVAL: u8 = 3;
/// How a program ends whose walk is done but waits in the spool since no collector took it.
const UNDELIVERED: u8 = 4;
/// How a program ends whom the collector has withdrawn: starting it again changes nothing.
const WITHDRAWN: u8 = 5;

impl CliError {
    /// The exit status: scripts tell a box that waits for approval, for a link or for a new invitation from one that failed.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        use crate::{daemon::DaemonError, link::LinkError, uplink::UplinkError};
        match self {
            Self::Daemon(DaemonError::Uplink(UplinkError::Link(LinkError::Waiting(_)))) => WAITS_FOR_APPROVAL,
            Self::Daemon(DaemonError::Uplink(UplinkError::Link(LinkError::Revoked(_)))) => WITHDRAWN,
            Self::Daemon(DaemonError::Undelivered { .. }) => UNDELIVERED,
            _ => 1,
        }
    }
}

impl Cli {
    /// Locks the process into what its command needs, before any thread is started. Only the daemon is locked: the
    /// other commands are a person's own act and may write where the person says.
    ///
    /// # Errors
    /// The kernel knows a lock but refuses it.
    pub fn confine(&self) -> Result<Option<Confinement>, ConfineError> {
        match &self.command {
            Command::Run(args) => args.confine().map(Some),
            _ => Ok(None),
        }
    }
}

/// Puts the list of MAC address blocks in force that the command line names; before anything is locked or recognised.
///
/// # Errors
/// The file cannot be read, or is no such list.
pub fn use_mac_blocks(cli: &Cli) -> Result<(), CliError> {
    use rundgang_inventory::recognise::oui::{Table, replace};
    let Some(path) = &cli.mac_blocks else { return Ok(()) };
    let unusable = |reason: String| CliError::MacBlocks(path.clone(), reason);
    let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    replace(Table::parse(&text).map_err(|error| unusable(error.to_string()))?);
    Ok(())
}

/// Runs one command.
///
/// # Errors
/// One line that says what to do.
pub async fn run(cli: Cli, clock: Arc<dyn Clock>, seed: u64) -> Result<(), CliError> {
    match cli.command {
        Command::Walk(flags) => commands::walk(flags, clock, seed).await,
        Command::Probe(flags) => commands::probe(flags, clock, seed).await,
        Command::ShowScope(flags) => commands::show_scope(flags, clock.as_ref()),
        Command::Explain(flags) => commands::explain(flags, clock.as_ref()),
        Command::Audit(args) => Ok(run_audit(args).await?),
        Command::SpfCheck(args) => Ok(run_spf_check(args).await?),
        Command::Enrol(args) => {
            let enrolment = crate::enrol::enrol(&args, &crate::daemon::wall_clock(clock)).await?;
            let text = format!("Enrolled as agent {}. Next: rundgang-agent run\n", enrolment.agent);
            Ok(std::io::stdout().write_all(text.as_bytes())?)
        }
        Command::Run(args) => Ok(crate::daemon::run(args, clock, seed).await?),
        Command::Export(args) => {
            let text = tokio::task::block_in_place(|| crate::uplink::export::export(&args, clock.now()))?;
            Ok(std::io::stdout().write_all(text.as_bytes())?)
        }
        Command::Pause(args) => commands::pause(&args),
        Command::Resume(args) => commands::resume(&args),
    }
}

impl Act {
    fn flags(&self, networks: Vec<String>, domains: Vec<String>) -> Flags {
        Flags {
            networks,
            class: self.class,
            domains,
            pace: self.pace,
            authorised_by: self.authorised_by.clone(),
            opted_in: Vec::new(),
        }
    }

    fn settings(&self) -> Settings {
        let credential = |(number, community): (usize, &String)| SnmpCredential {
            label: format!("community {}", number + 1),
            networks: Vec::new(),
            secret: SnmpSecret::V2c(community.clone()),
        };
        let snmp = self.snmp_community.iter().enumerate().map(credential).collect();
        Settings { snmp, ..Settings::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{daemon::DaemonError, link::LinkError, uplink::UplinkError};

    #[test]
    fn what_walk_does_by_itself_and_a_scope_file_must_allow_is_told() {
        use clap::CommandFactory as _;
        let help = Cli::command().find_subcommand_mut("walk").map(|walk| walk.render_long_help().to_string());
        let help = help.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let ports: Vec<_> = crate::sweep::FALLBACK_PORTS.iter().map(ToString::to_string).collect();
        assert_eq!(ports, ["80", "443", "22", "445"], "the help names them");
        assert!(help.contains("TCP 80, 443, 22 and 445"), "{help}");
    }

    #[test]
    fn scripts_tell_why_nothing_was_delivered() {
        let withdrawn = LinkError::Revoked("by hand".to_owned());
        let status = CliError::from(DaemonError::from(UplinkError::from(withdrawn))).exit_status();
        assert_eq!(status, 5);
        let unit = include_str!("../../docs/systemd/rundgang-agent.service");
        assert!(unit.contains(&format!("RestartPreventExitStatus={status}\n")), "it is not started again");
        let told = |waiting| {
            let source = LinkError::WrongAuthority("collector.example:7443".to_owned()).into();
            let error = CliError::from(DaemonError::Undelivered { waiting, source });
            assert_eq!(error.exit_status(), 4);
            rundgang_inventory::told::one_line(&error)
        };
        let one = told(1);
        assert!(one.starts_with("collector.example:7443 is not the collector"), "{one}");
        assert!(
            one.ends_with(
                "; the walk is on disk, 1 batch waits for a collector: `run` or `export` delivers it"
            ),
            "{one}"
        );
        assert!(told(2).contains("2 batches wait for"));
        assert_eq!(CliError::from(DaemonError::BrokenOff).exit_status(), 1);
    }
}
