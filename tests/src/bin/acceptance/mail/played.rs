//! Plays a set of zones: starts its servers, audits every domain, measures pace and memory.

use super::Expectations;
use super::proposals::{self, Proposals};
use anyhow::{Context, Result, ensure};
use rundgang_agent::audit::{AuditSettings, audit_domains};
use rundgang_inventory::mail::lookup::domain_from;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Where the servers of the set listen.
const RESOLVER: ([u8; 4], u16) = ([127, 0, 53, 2], 53);
/// How often the list is audited for the figure of domains a second and for the memory.
const PASSES: usize = 12;

/// Running servers; dropping it stops them.
pub(crate) struct Servers {
    script: PathBuf,
    half: PathBuf,
}

impl Servers {
    /// Starts the servers of a set.
    pub(crate) fn start(script: &Path, half: &Path) -> Result<Self> {
        let status =
            Command::new(script).arg(half).stdout(Stdio::null()).status().context("starting the servers")?;
        ensure!(status.success(), "the servers did not start");
        Ok(Self { script: script.to_owned(), half: half.to_owned() })
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        Command::new(&self.script).arg("stop").arg(&self.half).status().ok();
    }
}

/// What was found and how fast.
pub(crate) struct Played {
    /// Ids by domain.
    pub(crate) findings: BTreeMap<String, BTreeSet<String>>,
    first_per_second: f64,
    steady_per_second: f64,
    slowest_alone: f64,
    memory_first: u64,
    memory_last: u64,
    forms: Vec<String>,
    checkdmarc: String,
    /// Every proposal, applied to its zone.
    pub(crate) proposals: Proposals,
}

impl Played {
    /// 200 domains a second, one domain within a second, flat memory, the same findings for every way to write it.
    pub(crate) fn is_reached(&self) -> bool {
        self.first_per_second >= 200.0
            && self.steady_per_second >= 200.0
            && self.slowest_alone < 1.0
            && self.memory_last < self.memory_first + 8 * 1024
            && self.forms.is_empty()
    }
}

/// Audits everything.
#[expect(clippy::cast_precision_loss, reason = "counts of a data set are small")]
pub(crate) fn run(half: &Path, expected: &Expectations) -> Result<Played> {
    let text = std::fs::read_to_string(half.join("domains.txt")).context("reading domains.txt")?;
    let domains: Vec<String> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let settings = AuditSettings {
        resolver: Some(SocketAddr::from(RESOLVER)),
        known_selectors: expected
            .iter()
            .map(|(domain, zone)| (domain.clone(), zone.selectors().to_vec()))
            .collect(),
        ..AuditSettings::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let audit = |names: Vec<String>| -> Result<BTreeMap<String, BTreeSet<String>>> {
        let mut found = BTreeMap::new();
        runtime.block_on(audit_domains(names, settings.clone(), |audited| {
            let ids = audited.findings.iter().map(|finding| finding.id.to_owned()).collect();
            found.insert(audited.evidence.domain, ids);
            Ok(())
        }))?;
        Ok(found)
    };
    let mut gathered = Vec::new();
    let started = Instant::now();
    let mut findings = BTreeMap::new();
    runtime.block_on(audit_domains(domains.clone(), settings.clone(), |audited| {
        let ids = audited.findings.iter().map(|finding| finding.id.to_owned()).collect();
        findings.insert(audited.evidence.domain.clone(), ids);
        gathered.push(audited.evidence);
        Ok(())
    }))?;
    let first_per_second = domains.len() as f64 / started.elapsed().as_secs_f64();
    let mut slowest_alone = 0.0_f64;
    for domain in domains.iter().step_by(6) {
        let started = Instant::now();
        audit(vec![domain.clone()])?;
        slowest_alone = slowest_alone.max(started.elapsed().as_secs_f64());
    }
    let many: Vec<String> = std::iter::repeat_n(&domains, PASSES / 2).flatten().cloned().collect();
    let started = Instant::now();
    audit(many.clone())?;
    let memory_first = memory();
    audit(many)?;
    let steady_per_second = (domains.len() * PASSES) as f64 / started.elapsed().as_secs_f64();
    let memory_last = memory();
    let mut forms = Vec::new();
    for domain in domains.iter().filter(|domain| domain.starts_with("xn--")).chain(domains.first()) {
        let written = format!(" {}. ", domain.to_ascii_uppercase());
        let name = domain_from(&written).context("a written form")?;
        if audit(vec![name])?.get(domain) != findings.get(domain) {
            forms.push(written);
        }
    }
    gathered.sort_by(|a, b| a.domain.cmp(&b.domain));
    let proposals = proposals::run(&runtime, SocketAddr::from(RESOLVER), &gathered)?;
    Ok(Played {
        findings,
        proposals,
        first_per_second,
        steady_per_second,
        slowest_alone,
        memory_first,
        memory_last,
        forms,
        checkdmarc: checkdmarc(&domains),
    })
}

/// The same domains with checkdmarc, where it is installed, for the figure beside ours.
#[expect(clippy::cast_precision_loss, reason = "counts of a data set are small")]
fn checkdmarc(domains: &[String]) -> String {
    let resolver = std::net::Ipv4Addr::from(RESOLVER.0).to_string();
    let started = Instant::now();
    let run = Command::new("checkdmarc")
        .args(domains)
        .args(["--wait", "0", "--nameserver", &resolver])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match run {
        Ok(status) if status.success() => {
            let pace = domains.len() as f64 / started.elapsed().as_secs_f64();
            format!("checkdmarc, same domains and resolver: {pace:.1} domains a second")
        }
        Ok(status) => format!("checkdmarc: no figure, it ended with {status}"),
        Err(error) => format!("checkdmarc: no figure, it is not installed here ({error})"),
    }
}

/// The memory in use, in KiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB")?.trim().parse().ok())
        .unwrap_or_default()
}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "domains a second, 64 in flight: {:.0} over {PASSES} passes; {:.0} at first, while the set's own resolver \
             still had to learn every zone",
            self.steady_per_second, self.first_per_second
        )?;
        writeln!(f, "slowest domain alone: {:.3} s", self.slowest_alone)?;
        write!(
            f,
            "memory: {} KiB after half of the passes, {} KiB at the end",
            self.memory_first, self.memory_last
        )?;
        write!(f, "\n{}", self.checkdmarc)?;
        for form in &self.forms {
            write!(f, "\nother findings when written as '{form}'")?;
        }
        Ok(())
    }
}
