//! Proposals for mail exchangers, name servers and other names of the zone.

use super::applied::confirmed_name;
use super::providers::provider;
use super::{Draft, Proposal, ZoneRecord};
use crate::mail::evidence::literal;
use crate::mail::lookup::{Outcome, Question, RecordType, is_private, reverse_name};
use std::net::IpAddr;

impl Draft<'_> {
    /// All three marks of a domain without mail.
    pub(super) fn park(&self) -> Proposal {
        let domain = &self.evidence.domain;
        let mut proposal = Proposal::default();
        if !self.facts.null_mx {
            proposal.add.push(ZoneRecord::new(domain, RecordType::Mx, "0 ."));
        }
        for text in self.evidence.spf_records() {
            proposal.remove.push(ZoneRecord::new(domain, RecordType::Txt, text));
        }
        proposal.add.push(ZoneRecord::new(domain, RecordType::Txt, "v=spf1 -all"));
        if let Some((known, refusing)) = self.refusing() {
            proposal.remove.extend(known);
            proposal.add.push(refusing);
        }
        proposal.question = Some("no-mail");
        proposal
    }

    /// The mail exchangers of the provider that the SPF record names, where they are the same for everyone.
    pub(super) fn exchangers_of_provider(&self) -> Option<Proposal> {
        let known = provider(self.evidence)?;
        let resolves = |host: &str| !self.evidence.addresses(host).is_empty();
        let hosts = known.exchangers.iter().filter(|(_, host)| resolves(host));
        let add: Vec<ZoneRecord> = hosts
            .map(|(rank, host)| {
                ZoneRecord::new(&self.evidence.domain, RecordType::Mx, format!("{rank} {host}"))
            })
            .collect();
        (!add.is_empty()).then(|| Proposal { add, ..Proposal::default() })
    }

    /// Takes out the records of the domain that the filter names.
    pub(super) fn without(&self, kind: RecordType, filter: impl Fn(&str) -> bool) -> Proposal {
        let domain = &self.evidence.domain;
        let records = self.evidence.below("", kind).map(|answer| answer.records.clone()).unwrap_or_default();
        let remove = records
            .into_iter()
            .filter(|value| filter(value))
            .map(|value| ZoneRecord::new(domain, kind, value));
        Proposal { remove: remove.collect(), ..Proposal::default() }
    }

    pub(super) fn has_no_address(&self, value: &str) -> bool {
        let host = value.rsplit(' ').next().unwrap_or(value);
        [RecordType::A, RecordType::Aaaa].into_iter().all(|kind| {
            self.evidence.certain(host, kind).is_some_and(|answer| answer.outcome != Outcome::Found)
        })
    }

    /// Whether a mail exchanger has addresses of an internal network only.
    pub(super) fn is_internal(&self, value: &str) -> bool {
        let host = value.rsplit(' ').next().unwrap_or(value);
        let addresses = self.evidence.addresses(host);
        !addresses.is_empty() && addresses.into_iter().any(is_private)
    }

    /// Whether every server of a name server's name denied the domain.
    pub(super) fn is_lame(&self, host: &str) -> bool {
        let addresses = self.evidence.addresses(host);
        let denies =
            |ip: &IpAddr| self.evidence.servers.get(ip).is_some_and(|s| s.authoritative == Some(false));
        !addresses.is_empty() && addresses.iter().all(denies)
    }

    /// Puts the name of a server in the place of its address.
    pub(super) fn named(&self) -> Proposal {
        let domain = &self.evidence.domain;
        let listed = self.evidence.exchangers();
        let mut proposal = Proposal::default();
        for (rank, host) in &listed {
            let Some(ip) = literal(host, domain) else { continue };
            proposal.remove.push(ZoneRecord::new(domain, RecordType::Mx, format!("{rank} {host}")));
            if let Some(name) = confirmed_name(self.evidence, ip)
                && listed.iter().all(|(_, other)| *other != name)
            {
                proposal.add.push(ZoneRecord::new(domain, RecordType::Mx, format!("{rank} {name}")));
            }
        }
        proposal
    }

    /// Puts the real name in the place of an alias.
    pub(super) fn canonical(&self, kind: RecordType) -> Option<Proposal> {
        let domain = &self.evidence.domain;
        let mut proposal = Proposal::default();
        let records = self.evidence.below("", kind)?.records.clone();
        for value in &records {
            let (before, host) = value.rsplit_once(' ').map_or(("", value.as_str()), |(p, host)| (p, host));
            let alias = self.evidence.certain(host, RecordType::A).and_then(|answer| answer.aliases.last());
            let Some(target) = alias else { continue };
            proposal.remove.push(ZoneRecord::new(domain, kind, value.clone()));
            let better = if before.is_empty() { target.clone() } else { format!("{before} {target}") };
            if !records.contains(&better) {
                proposal.add.push(ZoneRecord::new(domain, kind, better));
            }
        }
        Some(proposal)
    }

    /// The PTR records that the addresses of the mail exchangers should have; whoever holds the address sets them.
    pub(super) fn pointers(&self) -> Proposal {
        let mut proposal = Proposal::default();
        for host in self.evidence.mail_hosts() {
            for ip in self.evidence.addresses(&host).into_iter().filter(|&ip| !is_private(ip)) {
                let name = reverse_name(ip);
                let Some(answer) = self.evidence.certain(&name, RecordType::Ptr) else { continue };
                if confirmed_name(self.evidence, ip).is_some() {
                    continue;
                }
                let wrong =
                    answer.records.iter().map(|old| ZoneRecord::new(&name, RecordType::Ptr, old.clone()));
                proposal.remove.extend(wrong);
                if proposal.add.iter().all(|record| record.name != name) {
                    proposal.add.push(ZoneRecord::new(&name, RecordType::Ptr, host.clone()));
                    proposal.ask.push(self.pointer_request(ip, &host));
                }
            }
        }
        proposal
    }

    pub(super) fn without_aliases(&self) -> Proposal {
        let mut proposal = Proposal::default();
        for host in &self.evidence.hosts {
            let name = format!("{host}.{}", self.evidence.domain);
            let Some(alias) = self.evidence.certain(&name, RecordType::Cname) else { continue };
            let dead =
                self.evidence.certain(&name, RecordType::A).is_some_and(|a| a.outcome == Outcome::NoName);
            if dead {
                let values =
                    alias.records.iter().map(|value| ZoneRecord::new(&name, RecordType::Cname, value));
                proposal.remove.extend(values);
            }
        }
        proposal
    }

    /// Takes out the wildcard, as the label that nobody has set up shows it.
    pub(super) fn without_wildcard(&self) -> Proposal {
        let name = format!("*.{}", self.evidence.domain);
        let mut remove = Vec::new();
        for kind in self.evidence.wildcards() {
            let asked = if kind == RecordType::Cname { RecordType::A } else { kind };
            let Some(answer) = self.evidence.lookups.get(&self.question_about_nobody(asked)) else {
                continue;
            };
            let values: Vec<String> = match kind {
                RecordType::Cname => answer.aliases.iter().take(1).cloned().collect(),
                _ => answer.records.clone(),
            };
            remove.extend(values.into_iter().map(|value| ZoneRecord::new(&name, kind, value)));
        }
        Proposal { remove, question: Some("wildcard-wanted"), ..Proposal::default() }
    }

    fn question_about_nobody(&self, kind: RecordType) -> Question {
        self.evidence.question(&self.evidence.canary, kind)
    }
}
