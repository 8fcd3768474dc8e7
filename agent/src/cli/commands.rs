//! What the subcommands do: flags become a scope, the scope is walked or explained, the result printed.

use super::{Act, CliError, ExplainFlags, ProbeFlags, ScopeFlags, WalkFlags};
use crate::{
    audit::{AuditSettings, Audited, audit_domains},
    clock::Clock,
    credentials, explain,
    log::{self, LocalLog},
    network::real::Real,
    output::{self, progress::Line},
    pause::PauseArgs,
    probe::Settings,
    register::Register,
    runner::Runner,
    scope::{self, Flags, Scope},
    walk,
};
use rundgang_inventory::mail::Language;
use std::{io::Write, path::PathBuf, sync::Arc};

/// What to try next where something was only counted.
const ASK_BY_SNMP: &str = "Switches, access points and routers often say what they are over SNMP alone: with a read-only community\n\
                           (--snmp-community NAME) they are named instead of counted.\n";

pub(super) async fn walk(flags: WalkFlags, clock: Arc<dyn Clock>, seed: u64) -> Result<(), CliError> {
    let scope = Arc::new(flags.act.flags(flags.scope, flags.domain).scope()?);
    let log = begin(&flags.act, "walk", &scope, clock.as_ref())?;
    let network = Arc::new(Real::new()?);
    if let Some(hindrance) = network.hindrance(&scope) {
        writeln!(std::io::stderr(), "rundgang-agent: {hindrance}")?;
    }
    let settings = Arc::new(flags.act.settings());
    let runner = Arc::new(Runner::new(scope.clone(), settings, network, clock.clone(), seed));
    let line = Line::new();
    let kept = walk::walk_with(&runner, &line).await;
    line.finish();
    print(&if flags.act.json {
        output::json(&kept) + &output::coverage(&runner)
    } else {
        output::table(&kept) + &output::unchecked(&runner)
    })?;
    if !flags.act.json && flags.act.snmp_community.is_empty() && !kept.round().counts.is_empty() {
        print(ASK_BY_SNMP)?;
    }
    audit(&scope, flags.resolver, flags.act.json).await?;
    let ended = format!("walk ended, {} devices kept, {}", kept.devices().len(), log::done(&runner));
    // The walk itself is done; a log that has become full since is no reason to fail it.
    log.write(clock.now(), &ended).ok();
    Ok(())
}

/// Looks up the domains and prints what was found.
async fn audit(scope: &Scope, resolver: Option<std::net::SocketAddr>, json: bool) -> Result<(), CliError> {
    if scope.domains.is_empty() {
        return Ok(());
    }
    let settings = AuditSettings { resolver, ..AuditSettings::default() };
    audit_domains(scope.domains.clone(), settings, |audited: Audited| {
        let text = if json { output::findings(&audited) } else { crate::audit::text(&audited, Language::En) };
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    })
    .await?;
    Ok(())
}

pub(super) async fn probe(flags: ProbeFlags, clock: Arc<dyn Clock>, seed: u64) -> Result<(), CliError> {
    let Some(&probe) = crate::probes::ALL.iter().find(|probe| probe.name == flags.name) else {
        let names: Vec<_> = crate::probes::ALL.iter().map(|probe| probe.name).collect();
        return Err(CliError::NoSuchProbe(flags.name, names.join(", ")));
    };
    let opted_in = if flags.opt_in { vec![flags.target] } else { Vec::new() };
    let asked = flags.act.flags(vec![flags.target.to_string()], Vec::new());
    let scope = Arc::new(Flags { opted_in, ..asked }.scope()?);
    begin(&flags.act, &format!("probe {}", probe.name), &scope, clock.as_ref())?;
    let runner =
        Arc::new(Runner::new(scope, Arc::new(flags.act.settings()), Arc::new(Real::new()?), clock, seed));
    let kept = walk::probe(&runner, probe, flags.target).await?;
    if flags.act.json { print(&output::evidence_json(&kept)) } else { print(&output::evidence(&kept)) }
}

pub(super) fn show_scope(flags: ScopeFlags, clock: &dyn Clock) -> Result<(), CliError> {
    let register = Register::load(&flags.state);
    let scope = read(flags)?;
    print(&explain::show_scope(&scope, &register, clock.now()))
}

pub(super) fn pause(args: &PauseArgs) -> Result<(), CliError> {
    // An emergency brake does not ask whether anything is moving: the folder is made where it is missing.
    let pulled = std::fs::create_dir_all(&args.state).and_then(|()| args.switch().set());
    pulled.map_err(|error| CliError::Switch(args.state.clone(), error))?;
    print(&format!(
        "Paused: from the next two seconds on no packet goes out, until rundgang-agent resume ({}).\n",
        args.state.display()
    ))
}

pub(super) fn resume(args: &PauseArgs) -> Result<(), CliError> {
    let switch = args.switch();
    if !args.state.is_dir() {
        return Err(CliError::NoState(args.state.clone()));
    }
    switch.lift().map_err(|error| CliError::Switch(args.state.clone(), error))?;
    if switch.is_set_by_collector() {
        print(&format!("The agent is still paused: {}.\n", switch.how_to_lift()))
    } else {
        print("Not paused any more: the agent walks again as its scope says.\n")
    }
}

pub(super) fn explain(flags: ExplainFlags, clock: &dyn Clock) -> Result<(), CliError> {
    let register = Register::load(&flags.scope.state);
    let is_file = flags.scope.scope.is_empty();
    let scope = read(flags.scope)?;
    // What the daemon sends depends on its credentials; a walk of one's own gets none of them.
    let settings = if is_file { credentials::read(&flags.credentials)? } else { Settings::default() };
    print(&explain::explain(&scope, &register, &settings, crate::probes::ALL, clock.now()))
}

fn read(flags: ScopeFlags) -> Result<Scope, CliError> {
    if !flags.scope.is_empty() {
        let ScopeFlags { scope: networks, domain: domains, class, pace, authorised_by, .. } = flags;
        return Ok(Flags { networks, class, domains, pace, authorised_by, opted_in: Vec::new() }.scope()?);
    }
    let text = std::fs::read_to_string(&flags.file)
        .map_err(|source| CliError::ScopeFile { path: flags.file, source })?;
    Ok(scope::read(&text)?)
}

/// Notes a person's act in the local log before the first packet. Where somebody answers for a faster pace, the
/// note is part of the promise; otherwise a machine without a place for a log may still be walked.
fn begin(act: &Act, what: &str, scope: &Scope, clock: &dyn Clock) -> Result<LocalLog, CliError> {
    let path = act.log.clone().unwrap_or_else(|| LocalLog::default_path(|name| std::env::var(name).ok()));
    let log = LocalLog::at(path);
    let networks: Vec<_> = scope.segments().iter().map(|segment| segment.network.to_string()).collect();
    let few = if networks.len() > 20 { format!("{} networks", networks.len()) } else { networks.join(" ") };
    let pace = scope.segments().iter().map(|segment| segment.pace).max().unwrap_or_default();
    let by = act.authorised_by.as_deref().unwrap_or("the person at the keyboard");
    let event = format!(
        "{what}: {few}, class {}, pace {pace}, domains {}, authorised by \"{by}\"",
        act.class.name(),
        scope.domains.len()
    );
    match log.write(clock.now(), &event) {
        Err(error) if act.authorised_by.is_some() => Err(CliError::Log(PathBuf::from(log.path()), error)),
        _ => Ok(log),
    }
}

fn print(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
