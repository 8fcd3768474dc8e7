//! The evidence as it would be after a change, so that a proposal is judged before it is offered.

use super::Proposal;
use crate::mail::evidence::{DomainEvidence, PolicyFetch};
use crate::mail::lookup::{Answer, Outcome, Question, RecordType};
use std::net::IpAddr;

/// Applies a proposal.
pub(super) fn applied(evidence: &DomainEvidence, proposal: &Proposal) -> DomainEvidence {
    let mut after = evidence.clone();
    for record in &proposal.remove {
        remove(&mut after, &record.name, record.kind, &record.value);
    }
    for record in &proposal.add {
        add(&mut after, &record.name, record.kind, &record.value);
    }
    if let Some(file) = &proposal.file {
        after.policy = Some(PolicyFetch::Fetched(file.text.clone()));
        // Whoever serves the file has an address for it; which one is for them to say.
        for kind in [RecordType::A, RecordType::Aaaa] {
            let host = Question::new(&format!("mta-sts.{}", after.domain), kind);
            if after.lookups.get(&host).is_some_and(|answer| answer.outcome != Outcome::Found) {
                after.lookups.remove(&host);
            }
        }
    }
    after
}

fn remove(after: &mut DomainEvidence, name: &str, kind: RecordType, value: &str) {
    if let Some(parent) = name.strip_prefix("*.") {
        return remove_wildcard(after, parent);
    }
    let question = Question::new(name, kind);
    if kind == RecordType::Ns {
        for ip in after.addresses(value) {
            after.servers.remove(&ip);
        }
    }
    if let Some(answer) = after.lookups.get_mut(&question) {
        answer.records.retain(|known| known != value);
        if answer.records.is_empty() {
            answer.outcome = Outcome::NoRecords;
        }
    }
    if kind == RecordType::Cname {
        for kind in [RecordType::A, RecordType::Txt] {
            after.lookups.insert(Question::new(name, kind), Answer::nothing(Outcome::NoName));
        }
    }
}

/// Names that nobody set up do not exist any more.
fn remove_wildcard(after: &mut DomainEvidence, parent: &str) {
    let end = format!("{}.{parent}", after.canary);
    for (question, answer) in &mut after.lookups {
        if question.name == end {
            *answer = Answer::nothing(Outcome::NoName);
        }
    }
}

fn add(after: &mut DomainEvidence, name: &str, kind: RecordType, value: &str) {
    if kind == RecordType::Cname {
        alias(after, name, value);
    }
    if kind == RecordType::Ds {
        // From then on the chain of trust holds: the resolver vouches for what it says.
        let below = format!(".{name}");
        let inside = |question: &Question| question.name == name || question.name.ends_with(&below);
        after.lookups.iter_mut().filter(|(q, _)| inside(q)).for_each(|(_, answer)| answer.authentic = true);
    }
    if let Some((selector, domain)) = name.split_once("._domainkey.") {
        // The name above exists from then on (RFC 8020).
        let above = after.lookups.entry(Question::new(&format!("_domainkey.{domain}"), RecordType::Txt));
        let above = above.or_insert_with(|| Answer::nothing(Outcome::NoRecords));
        if above.outcome == Outcome::NoName {
            above.outcome = Outcome::NoRecords;
        }
        if !after.selectors.iter().any(|known| known == selector) {
            after.selectors.push(selector.to_owned());
        }
    }
    let authentic = kind == RecordType::Tlsa && is_signed(after, name);
    let answer =
        after.lookups.entry(Question::new(name, kind)).or_insert_with(|| Answer::nothing(Outcome::Found));
    answer.outcome = Outcome::Found;
    answer.authentic |= authentic;
    answer.aliases.clear();
    answer.records.push(value.to_owned());
}

/// A name that leads to another one answers as that one does.
fn alias(after: &mut DomainEvidence, name: &str, target: &str) {
    for kind in [RecordType::A, RecordType::Aaaa, RecordType::Txt] {
        let question = Question::new(name, kind);
        match after.lookups.get(&Question::new(target, kind)).cloned() {
            Some(mut answer) => {
                answer.aliases.insert(0, target.to_owned());
                after.lookups.insert(question, answer);
            }
            None => drop(after.lookups.remove(&question)),
        }
    }
}

/// Whether the zone of a mail exchanger's TLSA record is signed, as far as its address shows.
fn is_signed(evidence: &DomainEvidence, name: &str) -> bool {
    let host = name.strip_prefix("_25._tcp.").unwrap_or(name);
    signed_host(evidence, host)
}

/// Whether a resolver vouched for a host's addresses.
pub(super) fn signed_host(evidence: &DomainEvidence, host: &str) -> bool {
    [RecordType::A, RecordType::Aaaa].into_iter().any(|kind| {
        evidence
            .lookups
            .get(&Question::new(host, kind))
            .is_some_and(|answer| answer.authentic && answer.outcome == Outcome::Found)
    })
}

/// The first name that an address has and that leads back to it.
pub(super) fn confirmed_name(evidence: &DomainEvidence, ip: IpAddr) -> Option<String> {
    let question = Question::new(&crate::mail::lookup::reverse_name(ip), RecordType::Ptr);
    let names = &evidence.lookups.get(&question)?.records;
    names.iter().find(|name| evidence.addresses(name).contains(&ip)).cloned()
}
