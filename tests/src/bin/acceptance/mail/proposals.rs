//! Every proposal applied to its zone: the domain is gathered again over the same servers with the change in place, and
//! judged again. The finding must be gone and no other may have come.

use anyhow::Result;
use rundgang_agent::audit::collect::{Collector, Lists};
use rundgang_inventory::mail::lookup::{Answer, Outcome, Question, RecordType, is_or_below};
use rundgang_inventory::mail::plan::{self, Limits};
use rundgang_inventory::mail::{
    BASELINE, Context, DomainEvidence, NameServer, PolicyFetch, Proposal, Severity, ZoneRecord, judge,
};
use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// How the proposals of a set did.
#[derive(Debug, Default)]
pub(crate) struct Proposals {
    /// Findings that offer an exact change.
    pub(crate) changes: usize,
    /// Those of them whose change closes the finding and raises no other.
    pub(crate) sound: usize,
    /// Findings that offer a request or a question instead.
    pub(crate) requests: usize,
    /// Findings that are facts and need nothing.
    pub(crate) facts: usize,
    /// Ids of findings that offered an exact change somewhere.
    pub(crate) ids: BTreeSet<&'static str>,
    /// What went wrong, a line each.
    pub(crate) misses: Vec<String>,
}

impl Proposals {
    pub(crate) const fn is_reached(&self) -> bool {
        self.changes > 0 && self.sound == self.changes && self.misses.is_empty()
    }
}

impl fmt::Display for Proposals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "proposals: {} findings of {} ids offer an exact change; applied to its zone, {} close their finding and raise \
             no other; {} more offer a request or a question, {} are facts",
            self.changes,
            self.ids.len(),
            self.sound,
            self.requests,
            self.facts
        )?;
        self.misses.iter().try_for_each(|miss| write!(f, "\n  {miss}"))
    }
}

/// Facts that need nothing: all is well, or a parent decided.
const NOTHING_TO_DO: [&str; 3] = ["domain.parked", "dmarc.inherited", "domain.expiry"];

/// Tries every proposal for these domains.
pub(crate) fn run(runtime: &Runtime, resolver: SocketAddr, domains: &[DomainEvidence]) -> Result<Proposals> {
    let lists = Lists::default();
    let collector = runtime.block_on(Collector::new(resolver, 53, true, lists))?;
    // A Träger that has a mailbox for reports, so that records which need one are offered as well.
    let report_address = Some("berichte@traeger.example".to_owned());
    let context = Context { report_address, ..Context::default() };
    let mut tried = Proposals::default();
    for evidence in domains {
        let findings = judge(evidence, &context);
        let before: BTreeSet<&str> = findings.iter().map(|finding| finding.id).collect();
        for finding in &findings {
            let Some(proposal) = finding.proposal.as_ref().filter(|proposal| proposal.changes()) else {
                let says = |p: &Proposal| !p.ask.is_empty() || p.question.is_some();
                if finding.proposal.as_ref().is_some_and(says) {
                    tried.requests += 1;
                } else if NOTHING_TO_DO.contains(&finding.id) {
                    tried.facts += 1;
                } else {
                    tried.misses.push(format!("{}: {} offers nothing", evidence.domain, finding.id));
                }
                continue;
            };
            tried.changes += 1;
            tried.ids.insert(finding.id);
            let world = Changed { runtime, collector: &collector, before: evidence, proposal };
            let left = judge(&world.gather(), &context);
            let is_left = left.iter().any(|after| after.id == finding.id);
            // What is true of nearly every domain, and facts, may come with a first mail exchanger.
            let is_fault =
                |id: &str, severity: Severity| severity != Severity::Info && !BASELINE.contains(&id);
            let new: Vec<&str> = left
                .iter()
                .filter(|after| is_fault(after.id, after.severity) && !before.contains(after.id))
                .map(|after| after.id)
                .collect();
            if is_left || !new.is_empty() {
                let left = if is_left { "it stays" } else { "it goes" };
                tried.misses.push(format!("{}: {}: {left}, new: {new:?}", evidence.domain, finding.id));
            } else {
                tried.sound += 1;
            }
        }
    }
    Ok(tried)
}

/// The servers of the set with one change in place.
struct Changed<'a> {
    runtime: &'a Runtime,
    collector: &'a Arc<Collector>,
    before: &'a DomainEvidence,
    proposal: &'a Proposal,
}

const LIMITS: Limits = Limits { connect: true, ask_servers: true, loopback: true };

impl Changed<'_> {
    /// Gathers the domain anew.
    fn gather(&self) -> DomainEvidence {
        let before = self.before;
        let mut evidence = DomainEvidence::new(&before.domain, &before.canary);
        evidence.selectors.clone_from(&before.selectors);
        evidence.known_selectors.clone_from(&before.known_selectors);
        evidence.hosts.clone_from(&before.hosts);
        // Whoever follows a DKIM proposal tells the selector.
        for record in &self.proposal.add {
            if let Some((selector, _)) = record.name.split_once("._domainkey.") {
                evidence.known_selectors.push(selector.to_owned());
            }
        }
        plan::gather(&mut evidence, LIMITS, |evidence, wanted| {
            for (question, _) in wanted.questions {
                let answer = self.answer(&question, 0);
                evidence.lookups.insert(question, answer);
            }
            for ip in wanted.servers {
                let server = before
                    .servers
                    .get(&ip)
                    .cloned()
                    .unwrap_or_else(|| NameServer { authoritative: Some(true), ..NameServer::default() });
                evidence.servers.insert(ip, server);
            }
            if let Some(server) = wanted.transfer.and_then(|ip| evidence.servers.get_mut(&ip)) {
                server.transfer = server.transfer.or(Some(false));
            }
            for (host, _) in wanted.mail_servers {
                evidence
                    .mail_servers
                    .insert(host.clone(), before.mail_servers.get(&host).cloned().unwrap_or_default());
            }
            if wanted.policy.is_some() {
                evidence.policy.clone_from(&before.policy);
            }
        });
        if let Some(file) = &self.proposal.file {
            evidence.policy = Some(PolicyFetch::Fetched(file.text.clone()));
        }
        evidence
    }

    /// What the DNS says after the change.
    fn answer(&self, question: &Question, depth: usize) -> Answer {
        let here = |record: &&ZoneRecord| record.name == question.name;
        let (remove, add) = (&self.proposal.remove, &self.proposal.add);
        let new_alias = add.iter().filter(here).find(|record| record.kind == RecordType::Cname);
        if let Some(alias) = new_alias.filter(|_| question.kind != RecordType::Cname && depth < 8) {
            let mut answer = self.answer(&Question::new(&alias.value, question.kind), depth + 1);
            answer.aliases.insert(0, alias.value.clone());
            return answer;
        }
        let mut answer = self.served(question);
        let old_alias = remove.iter().filter(here).any(|record| record.kind == RecordType::Cname);
        if old_alias || self.is_by_wildcard(question) {
            answer = Answer::nothing(Outcome::NoName);
        }
        let same = |record: &&ZoneRecord| record.name == question.name && record.kind == question.kind;
        answer.records.retain(|value| !remove.iter().filter(same).any(|record| record.value == *value));
        answer.records.extend(add.iter().filter(same).map(|record| record.value.clone()));
        if answer.outcome.is_certain() {
            let below = format!(".{}", question.name);
            let exists =
                add.iter().any(|record| record.name == question.name || record.name.ends_with(&below));
            answer.outcome = match answer.outcome {
                _ if !answer.records.is_empty() => Outcome::Found,
                Outcome::NoName if !exists => Outcome::NoName,
                _ => Outcome::NoRecords,
            };
        }
        // From the day its parent vouches for it, a resolver vouches for the zone.
        let domain = &self.before.domain;
        let is_within = is_or_below(&question.name, domain);
        answer.authentic |= is_within && add.iter().any(|record| record.kind == RecordType::Ds);
        self.with_policy_host(question, answer)
    }

    /// Whoever serves the policy file has an address for its host.
    fn with_policy_host(&self, question: &Question, answer: Answer) -> Answer {
        let host = format!("mta-sts.{}", self.before.domain);
        let is_wanted =
            self.proposal.file.is_some() && question.name == host && question.kind == RecordType::A;
        if is_wanted && answer.records.is_empty() {
            return Answer::found(vec!["93.184.1.1".to_owned()]);
        }
        answer
    }

    /// What the servers of the set really say.
    fn served(&self, question: &Question) -> Answer {
        let known = self.before.lookups.get(question).cloned();
        known.unwrap_or_else(|| self.runtime.block_on(self.collector.resolve(question)))
    }

    /// Whether only a wildcard that goes answered for this name.
    fn is_by_wildcard(&self, question: &Question) -> bool {
        let canary = self.before.question(&self.before.canary, question.kind).name;
        let wildcard = format!("*.{}", self.before.domain);
        let goes = self.proposal.remove.iter().any(|record| record.name == wildcard);
        goes && question.name == canary
    }
}
