//! `audit` and `spf-check` on the command line.

use super::collect::{Collector, Lists};
use super::domains::{AuditError, AuditSettings, Audited, audit_domains, system_resolver};
use crate::runner::{IPP_PORT, NEVER_CONNECT};
use clap::Args;
use rundgang_inventory::mail::lookup::domain_from;
use rundgang_inventory::mail::spf::{Sender, evaluate};
use rundgang_inventory::mail::{Context, Language, not_checkable};
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// Look up the public mail and DNS records of domains and say what is wrong with them.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Domains to audit: your own, or those of schools that agreed.
    domains: Vec<String>,
    /// A file with one domain a line; what follows `#` is a comment.
    #[arg(long = "domains", value_name = "FILE", id = "domains-file")]
    list: Option<PathBuf>,
    /// The resolver to ask; the machine's own where it is missing.
    #[arg(long, value_name = "IP[:PORT]", value_parser = server)]
    resolver: Option<SocketAddr>,
    /// A file with known DKIM selectors: lines of `SELECTOR` or `DOMAIN SELECTOR...`, or JSON by domain.
    #[arg(long, value_name = "FILE")]
    selectors: Option<PathBuf>,
    /// Where the school board wants DMARC and TLS reports; used in proposals.
    #[arg(long, value_name = "ADDRESS")]
    report_address: Option<String>,
    /// Ask the DNS only: connect to no mail server and fetch no MTA-STS policy.
    #[arg(long)]
    dns_only: bool,
    /// The port of name servers asked themselves, for laboratories.
    #[arg(long, value_name = "PORT", default_value_t = 53, hide = true)]
    name_server_port: u16,
    /// One JSON object a line: domain, finding, severity, evidence, proposal.
    #[arg(long)]
    json: bool,
    /// The language of the report: de, en or nl; that of LANG where it is missing, English where that is unclear.
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    lang: Option<Language>,
}

/// Say whether a server may send mail as a domain, and which term of the SPF record says so.
///
/// The exit status is 0 whatever the answer is, `temperror` among them; 1 where there is none, 2 where the question is wrong.
#[derive(Debug, Args)]
pub struct SpfCheckArgs {
    /// The address of the sending server.
    #[arg(long, value_name = "IP")]
    ip: IpAddr,
    /// The sender of the envelope (MAIL FROM); may be empty.
    #[arg(long, value_name = "ADDRESS", default_value = "")]
    mail_from: String,
    /// The name that the server gives in HELO or EHLO.
    #[arg(long, value_name = "NAME", default_value = "")]
    helo: String,
    /// The resolver to ask; the machine's own where it is missing.
    #[arg(long, value_name = "IP[:PORT]", value_parser = server)]
    resolver: Option<SocketAddr>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// An address with or without a port.
pub(crate) fn server(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .or_else(|_| text.parse().map(|ip| SocketAddr::new(ip, 53)))
        .map_err(|_| format!("'{text}' is no resolver; write it like 10.0.0.1 or 10.0.0.1:53"))?;
    // A question too long for UDP is repeated over TCP: never to a port that prints it (promise S2).
    let port = address.port();
    if port == IPP_PORT || NEVER_CONNECT.iter().any(|ports| ports.contains(&port)) {
        return Err(format!("port {port} may print what it receives; no resolver listens there"));
    }
    Ok(address)
}

fn language(code: &str) -> Result<Language, String> {
    Language::from_code(code).ok_or_else(|| format!("'{code}' is no language here; known are de, en and nl"))
}

/// The language that the system speaks.
fn system_language() -> Option<Language> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set)?;
    Language::from_code(locale.get(..2)?)
}

/// Runs `audit`.
///
/// # Errors
/// One line that says what to do.
pub async fn run_audit(args: AuditArgs) -> Result<(), AuditError> {
    let mut domains = args.domains.clone();
    if let Some(list) = &args.list {
        let text = read(list)?;
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        domains.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
    }
    if domains.is_empty() {
        return Err(AuditError::NoDomain);
    }
    let mut names = Vec::with_capacity(domains.len());
    for domain in domains {
        names.push(domain_from(&domain).ok_or(AuditError::NotADomain(domain))?);
    }
    let settings = AuditSettings {
        resolver: args.resolver,
        name_server_port: args.name_server_port,
        connect: !args.dns_only,
        known_selectors: match &args.selectors {
            Some(file) => selectors(&read(file)?),
            None => HashMap::new(),
        },
        known_senders: HashMap::new(),
        context: Context { report_address: args.report_address.clone(), ..Context::default() },
    };
    let mut out = std::io::stdout().lock();
    let json = args.json;
    // What machines read is in English, whatever the machine speaks.
    let spoken = if json { None } else { system_language() };
    let language = args.lang.or(spoken).unwrap_or(Language::En);
    audit_domains(names, settings, |audited| {
        let text =
            if json { json_lines(&audited, language) } else { super::report::text(&audited, language) };
        out.write_all(text.as_bytes())?;
        if let Some(line) = unanswered(&audited, language).filter(|_| json) {
            writeln!(std::io::stderr(), "{line}")?;
        }
        Ok(out.flush()?)
    })
    .await
}

/// What those must know who read findings alone: that no finding is no proof here. None where every question had an answer.
fn unanswered(audited: &Audited, language: Language) -> Option<String> {
    let failed = not_checkable(&audited.evidence);
    let first = failed.first()?.text(language);
    let domain = &audited.evidence.domain;
    Some(format!(
        "{domain}: {} questions had no answer, so what hangs on them is unknown: {first} ...",
        failed.len()
    ))
}

fn read(file: &Path) -> Result<String, AuditError> {
    std::fs::read_to_string(file).map_err(|error| AuditError::File(file.to_owned(), error))
}

/// Known selectors by domain from a file: JSON by domain, or lines of `SELECTOR` or `DOMAIN SELECTOR...`.
fn selectors(text: &str) -> HashMap<String, Vec<String>> {
    let mut known: HashMap<String, Vec<String>> = HashMap::new();
    if let Ok(by_domain) = serde_json::from_str::<BTreeMap<String, Vec<String>>>(text) {
        for (domain, names) in by_domain {
            known.entry(domain_from(&domain).unwrap_or_default()).or_default().extend(names);
        }
        return known;
    }
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default()) {
        let separator = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '=');
        let mut words = line.split(separator).filter(|word| !word.is_empty());
        let Some(first) = words.next() else { continue };
        let rest: Vec<String> = words.map(str::to_ascii_lowercase).collect();
        match domain_from(first) {
            Some(domain) if !rest.is_empty() => known.entry(domain).or_default().extend(rest),
            _ => known.entry(String::new()).or_default().push(first.to_ascii_lowercase()),
        }
    }
    known
}

/// The findings of a domain as JSON, one a line.
#[must_use]
pub fn json_lines(audited: &Audited, language: Language) -> String {
    let mut text = String::new();
    for finding in &audited.findings {
        let line = serde_json::json!({
            "domain": audited.evidence.domain,
            "finding": finding.id,
            "severity": finding.severity.name(),
            "evidence": finding.lines(language),
            "proposal": finding.proposal.as_ref().map(|proposal| proposal.told(language)),
        });
        text.push_str(&line.to_string());
        text.push('\n');
    }
    text
}

/// Runs `spf-check`.
///
/// # Errors
/// One line that says what to do.
pub async fn run_spf_check(args: SpfCheckArgs) -> Result<(), AuditError> {
    let resolver = args.resolver.or_else(system_resolver).ok_or(AuditError::NoResolver)?;
    let collector =
        Collector::new(resolver, 53, false, Lists::default()).await.map_err(AuditError::Socket)?;
    let sender = Sender::new(args.ip, &args.mail_from, &args.helo);
    let mut known = BTreeMap::new();
    let verdict = loop {
        match evaluate(&known, &sender) {
            Ok(verdict) => break verdict,
            Err(questions) => {
                for question in questions {
                    let answer = collector.resolve(&question).await;
                    known.insert(question, answer);
                }
            }
        }
    };
    let text = if args.json {
        let line = serde_json::json!({
            "result": verdict.result.name(),
            "domain": sender.domain,
            "term": verdict.path.last(),
            "path": verdict.path,
            "reason": verdict.reason,
            "explanation": verdict.explanation,
            "lookups": verdict.lookups,
            "void_lookups": verdict.voids,
        });
        format!("{line}\n")
    } else {
        super::report::verdict(&sender, &verdict)
    };
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read_in_every_form() {
        let check = |text: &str, domain: &str, expected: &[&str]| {
            assert_eq!(
                selectors(text).get(domain).map(Vec::as_slice).unwrap_or_default(),
                expected,
                "{text}"
            );
        };
        check("rz2024b\n# a comment\nRZ2025", "", &["rz2024b", "rz2025"]);
        check("Schule.Example. rz2024b, x1", "schule.example", &["rz2024b", "x1"]);
        check("{\"schule.example\": [\"rz2024b\"]}", "schule.example", &["rz2024b"]);
        check("schule.example: a", "schule.example", &["a"]);
    }
}
