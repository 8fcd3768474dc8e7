//! Many confirmed domains audited at once, over one resolver: evidence and findings as they come.

use super::collect::{Collector, Lists};
use super::names;
use rundgang_inventory::mail::{Context, DomainEvidence, MailFinding, judge};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Domains audited at the same time.
const IN_FLIGHT: usize = 64;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A file could not be read.
    #[error("reading {0}: {1}")]
    File(PathBuf, std::io::Error),
    /// No resolver is known.
    #[error("this machine names no resolver; name one with --resolver IP")]
    NoResolver,
    /// The network cannot be used.
    #[error("opening a socket: {0}")]
    Socket(std::io::Error),
    /// The output is gone.
    #[error("writing the result: {0}")]
    Output(#[from] std::io::Error),
    /// The machine has no randomness.
    #[error("the machine has no randomness")]
    Randomness,
    /// Nothing to do.
    #[error("no domain was named; write one, or a file with --domains")]
    NoDomain,
    /// A domain cannot be one.
    #[error("'{0}' is no domain")]
    NotADomain(String),
}

/// How domains are to be audited.
#[derive(Clone, Debug)]
pub struct AuditSettings {
    /// The resolver; the machine's own where none is named.
    pub resolver: Option<SocketAddr>,
    /// The port of name servers.
    pub name_server_port: u16,
    /// Whether mail servers and policy hosts may be connected to.
    pub connect: bool,
    /// Known selectors by domain; the empty name holds those for every domain.
    pub known_selectors: HashMap<String, Vec<String>>,
    /// SPF terms of known senders by domain: what they lead to is looked up.
    pub known_senders: HashMap<String, Vec<String>>,
    /// What judgement knows besides the evidence.
    pub context: Context,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            resolver: None,
            name_server_port: 53,
            connect: true,
            known_selectors: HashMap::new(),
            known_senders: HashMap::new(),
            context: Context::default(),
        }
    }
}

/// One audited domain.
#[derive(Clone, Debug)]
pub struct Audited {
    /// What was gathered.
    pub evidence: DomainEvidence,
    /// What it means.
    pub findings: Vec<MailFinding>,
}

/// Audits confirmed domains, many at once, and hands each result over as it comes.
///
/// # Errors
/// When no resolver is known or no socket can be opened.
pub async fn audit_domains(
    domains: impl IntoIterator<Item = String>,
    settings: AuditSettings,
    mut each: impl FnMut(Audited) -> Result<(), AuditError>,
) -> Result<(), AuditError> {
    let resolver = settings.resolver.or_else(system_resolver).ok_or(AuditError::NoResolver)?;
    let lists = Lists {
        selectors: names::SELECTORS.iter().map(|&name| name.to_owned()).collect(),
        known_selectors: settings.known_selectors,
        known_senders: settings.known_senders,
        hosts: names::HOSTS.iter().map(|&name| name.to_owned()).collect(),
    };
    let collector = Collector::new(resolver, settings.name_server_port, settings.connect, lists)
        .await
        .map_err(AuditError::Socket)?;
    let context = Arc::new(settings.context);
    let mut running = JoinSet::new();
    for domain in domains {
        if running.len() >= IN_FLIGHT
            && let Some(Ok(audited)) = running.join_next().await
        {
            each(audited)?;
        }
        let canary = canary()?;
        let (collector, context) = (Arc::clone(&collector), Arc::clone(&context));
        running.spawn(async move {
            let evidence = collector.gather(&domain, &canary).await;
            let findings = judge(&evidence, &context);
            Audited { evidence, findings }
        });
    }
    while let Some(joined) = running.join_next().await {
        if let Ok(audited) = joined {
            each(audited)?;
        }
    }
    Ok(())
}

/// A label that nobody has set up.
fn canary() -> Result<String, AuditError> {
    let random = getrandom::u64().map_err(|_| AuditError::Randomness)?;
    Ok(format!("rg-{random:016x}"))
}

/// The first resolver that the machine names.
pub(super) fn system_resolver() -> Option<SocketAddr> {
    let text = std::fs::read_to_string("/etc/resolv.conf").ok()?;
    text.lines().find_map(|line| {
        let ip = line.trim().strip_prefix("nameserver")?.trim().parse().ok()?;
        Some(SocketAddr::new(ip, 53))
    })
}
