//! Judgement: from raw evidence to findings. Nothing is called missing unless the DNS said so for certain.

mod dkim;
mod dmarc;
mod domain;
mod mx;
mod name_servers;
mod spf;
#[cfg(test)]
mod tests;
mod transport;
mod undecided;

pub(super) use transport::certificate_reason;
pub use undecided::undecided;

use super::catalogue::{self, Language, Severity};
use super::evidence::{DomainEvidence, PolicyFetch};
use super::lookup::{Answer, Outcome, Question, RecordType};
use super::propose::{self, Proposal};
use super::signing;
use super::spf::{Tree, names_senders, tree};
use super::wording::Remark;
use serde::Serialize;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// No finding shows more lines of evidence: a bomb of a record must not become a page.
const MOST_LINES: usize = 20;

/// What is known besides the evidence.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Where the Träger wants DMARC and TLS reports, such as `dmarc@traeger.example`.
    pub report_address: Option<String>,
    /// SPF terms of services that people named as senders besides the mail provider.
    pub known_senders: Vec<String>,
    /// Whether somebody said that these are all: then a proposed SPF record refuses everyone else.
    pub senders_complete: bool,
}

/// One finding about a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailFinding {
    /// Its id in the catalogue, such as `spf.missing`.
    pub id: &'static str,
    /// How urgent it is.
    pub severity: Severity,
    /// What was seen, one line each: records in the notation of zone files, or sentences.
    pub evidence: Vec<Remark>,
    /// What to change, where that can be said exactly.
    pub proposal: Option<Proposal>,
}

impl MailFinding {
    /// The evidence in words.
    #[must_use]
    pub fn lines(&self, language: Language) -> Vec<String> {
        self.evidence.iter().map(|remark| remark.text(language)).collect()
    }
}

/// Judges a domain.
#[must_use]
pub fn judge(evidence: &DomainEvidence, context: &Context) -> Vec<MailFinding> {
    let mut case = Case::new(evidence);
    case.judge();
    let facts = case.facts;
    let mut findings = case.findings;
    // Proposals are judged on copies; names that were guessed in vain have nothing to add.
    let evidence = &evidence.without_guesses();
    let before: BTreeSet<&str> = findings.iter().map(|finding| finding.id).collect();
    for finding in &mut findings {
        finding.proposal = propose::proposal(finding, evidence, &facts, context, &before);
    }
    findings.sort_by_key(|finding| (finding.severity, finding.id));
    findings
}

/// Findings without proposals: what proposals themselves are judged by.
pub(super) fn ids(evidence: &DomainEvidence) -> Vec<&'static str> {
    let mut case = Case::new(evidence);
    case.judge();
    case.findings.iter().map(|finding| finding.id).collect()
}

/// Look-ups that failed, each with its reason: nothing is said about them.
#[must_use]
pub fn not_checkable(evidence: &DomainEvidence) -> Vec<Remark> {
    let line = |question: &str, reason: &str| {
        Remark::said("not-answered", [("question", question), ("reason", reason)])
    };
    // What fails because the domain's own signature is wrong is a finding by itself: all of it where the SOA's is.
    let told = signing::bogus(evidence);
    let is_told = |asked: &Question| told.iter().any(|told| *told == asked || told.kind == RecordType::Soa);
    let failed = evidence
        .lookups
        .iter()
        .filter(|(_, answer)| !answer.outcome.is_certain())
        .filter(|(question, answer)| !(answer.outcome == Outcome::Bogus && is_told(question)))
        .map(|(question, answer)| line(&question.to_string(), answer.outcome.name()));
    let unheard = undecided::silent_servers(evidence);
    let silent = evidence.servers.iter().filter_map(|(ip, server)| match server.authoritative {
        None => unheard.contains(ip).then(|| line(&ip.to_string(), &server.said)),
        Some(_) if is_intercepted(evidence, *ip) => Some(line(&ip.to_string(), INTERCEPTED)),
        Some(_) => None,
    });
    let mail = evidence
        .mail_servers
        .iter()
        .filter_map(|(host, server)| Some(line(&format!("{host}:25"), server.not_checkable.as_ref()?)));
    let policy = match &evidence.policy {
        Some(PolicyFetch::NotCheckable(reason)) => Some(line(&policy_url(&evidence.domain), reason)),
        _ => None,
    };
    failed.chain(silent).chain(mail).chain(policy).collect()
}

/// Said of name servers whose questions somebody else answers.
const INTERCEPTED: &str = "a resolver on the way answered in its place";

/// Whether somebody on the way answers in place of this name server, as where port 53 is led to a resolver, often in one
/// address family alone: the domain is served, and yet every server of the family that answered knows it by hearsay only
/// and looks up names for anyone.
pub(super) fn is_intercepted(evidence: &DomainEvidence, ip: IpAddr) -> bool {
    let served = evidence.below("", RecordType::Soa).is_some_and(|soa| soa.outcome == Outcome::Found);
    let of_family = evidence.servers.iter().filter(|(other, _)| other.is_ipv4() == ip.is_ipv4());
    let mut heard =
        of_family.map(|(_, server)| server).filter(|server| server.authoritative.is_some()).peekable();
    served
        && heard.peek().is_some()
        && heard.all(|server| server.authoritative == Some(false) && server.recursion == Some(true))
}

/// Where the MTA-STS policy of a domain stands (RFC 8461 section 3.2).
pub(super) fn policy_url(domain: &str) -> String {
    format!("https://mta-sts.{domain}/.well-known/mta-sts.txt")
}

/// What judgement works out before it judges, and proposals need again.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Whether mail for the domain goes somewhere.
    pub(super) receives: bool,
    /// Whether the only MX is the null MX.
    pub(super) null_mx: bool,
    /// Whether the domain seems meant not to take part in mail at all.
    pub(super) parked: bool,
    /// Whether it seems to send mail.
    pub(super) sends: bool,
    /// The tree of its one SPF record.
    pub(super) tree: Option<Tree>,
    /// Whether the resolver validates signatures, as far as it showed.
    pub(super) validated: bool,
}

struct Case<'a> {
    evidence: &'a DomainEvidence,
    facts: Facts,
    findings: Vec<MailFinding>,
}

impl<'a> Case<'a> {
    fn new(evidence: &'a DomainEvidence) -> Self {
        let exchangers = evidence.exchangers();
        let receives = exchangers.iter().any(|(_, host)| !host.is_empty());
        let null_mx = exchangers.len() == 1 && !receives;
        let records = evidence.spf_records();
        let tree = match records.as_slice() {
            [record] => Some(tree(evidence, &evidence.domain, record)),
            _ => None,
        };
        let says_none = records.len() == 1
            && records.first().is_some_and(|text| {
                text.split_whitespace().skip(1).map(str::to_ascii_lowercase).collect::<Vec<_>>() == ["-all"]
            });
        let lists = tree.as_ref().is_some_and(|tree| !tree.senders.is_empty() || tree.depends_on_mail);
        let is_clear = tree.as_ref().is_some_and(|tree| tree.uncertain.is_empty() && !tree.is_broken());
        // Who names senders sends, even where nothing can be made of the record, or nobody answers about a part of it.
        let may_send = if is_clear { lists } else { records.iter().any(|text| names_senders(text)) };
        let parked = !receives && (null_mx || says_none) && !may_send;
        let facts = Facts {
            receives,
            null_mx,
            parked,
            sends: !parked && (receives || lists),
            tree,
            validated: evidence.lookups.values().any(|answer| answer.authentic),
        };
        Self { evidence, facts, findings: Vec::new() }
    }

    fn judge(&mut self) {
        let Some(soa) = self.evidence.below("", RecordType::Soa) else { return };
        match soa.outcome {
            Outcome::NoName => {
                self.say("domain.nxdomain", [Remark::said("no-name", [("name", &self.evidence.domain)])]);
            }
            Outcome::Bogus => self.bogus(),
            Outcome::ServerFailure => self.unresolvable(),
            Outcome::Found | Outcome::NoRecords => self.everything(),
            Outcome::Refused | Outcome::TimedOut | Outcome::Unreadable => {}
        }
    }

    fn everything(&mut self) {
        self.parked();
        self.exchangers();
        self.sender_policy();
        self.keys();
        self.dmarc();
        self.transport();
        self.dane();
        self.mail_servers();
        self.name_servers();
        self.dnssec();
        self.authorisation();
        self.names();
    }

    fn say<R: Into<Remark>>(&mut self, id: &'static str, evidence: impl IntoIterator<Item = R>) {
        let mut lines: Vec<Remark> = evidence.into_iter().map(Into::into).collect();
        lines.truncate(MOST_LINES);
        match self.findings.iter_mut().find(|finding| finding.id == id) {
            Some(finding) => {
                finding.evidence.extend(lines);
                finding.evidence.truncate(MOST_LINES);
            }
            None => self.findings.push(MailFinding {
                id,
                severity: catalogue::severity(id),
                evidence: lines,
                proposal: None,
            }),
        }
    }

    /// The answer about a name of the domain, if it is a certain one.
    fn certain(&self, label: &str, kind: RecordType) -> Option<&'a Answer> {
        self.evidence.below(label, kind).filter(|answer| answer.outcome.is_certain())
    }

    /// Whether a host certainly has no address at all.
    fn has_no_address(&self, host: &str) -> bool {
        [RecordType::A, RecordType::Aaaa].into_iter().all(|kind| {
            self.evidence
                .lookups
                .get(&Question::new(host, kind))
                .is_some_and(|answer| matches!(answer.outcome, Outcome::NoRecords | Outcome::NoName))
        })
    }
}
