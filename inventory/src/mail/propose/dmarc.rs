//! Proposals for the DMARC record: the same record with the weak tags put right.

use super::{Draft, Proposal, ZoneRecord};
use crate::mail::dmarc::{Applying, DmarcRecord, Policy, applying, organisation, report_authorisations};
use crate::mail::lookup::{Outcome, Question, RecordType};

impl Draft<'_> {
    pub(super) fn dmarc(&self) -> Option<Proposal> {
        let domain = &self.evidence.domain;
        if self.finding.id == "dmarc.rua-unauthorised" {
            return Some(self.authorise());
        }
        let name = format!("_dmarc.{domain}");
        let aliased = self.evidence.certain(&name, RecordType::Txt).is_some_and(|a| !a.aliases.is_empty());
        if aliased {
            // The record belongs to the provider that the alias leads to.
            return None;
        }
        let texts: Vec<String> = match applying(self.evidence) {
            Applying::At(place, texts) if place == domain => texts.into_iter().map(str::to_owned).collect(),
            Applying::Unknown => return None,
            _ => Vec::new(),
        };
        let (record, address, strictest) = self.better(&texts);
        let mut proposal = Proposal {
            remove: texts.iter().map(|text| ZoneRecord::new(&name, RecordType::Txt, text.clone())).collect(),
            add: vec![ZoneRecord::new(&name, RecordType::Txt, record)],
            question: (strictest.is_none_or(|policy| policy == Policy::None) && !self.facts.parked)
                .then_some("senders-signed"),
            ..Proposal::default()
        };
        proposal.add.extend(address.and_then(|address| self.authorisation(&address)));
        Some(proposal)
    }

    /// The record that should stand in the place of these, where its reports go, and the strictest policy among them.
    fn better(&self, texts: &[String]) -> (String, Option<String>, Option<Policy>) {
        let known: Vec<DmarcRecord> = texts.iter().filter_map(|text| DmarcRecord::parse(text).ok()).collect();
        let strictest = known.iter().filter_map(|record| record.policy).max();
        let policy = match strictest {
            Some(Policy::Reject) => "reject",
            _ if self.facts.parked => "reject",
            _ => "quarantine",
        };
        let kept = known.iter().flat_map(|record| record.reports.clone()).next();
        let address = kept.or_else(|| self.report_address());
        let rua = address.as_ref().map(|address| format!("; rua=mailto:{address}")).unwrap_or_default();
        (format!("v=DMARC1; p={policy}{rua}"), address, strictest)
    }

    /// The same for a record that the domain only points to.
    pub(super) fn better_dmarc(&self) -> Option<String> {
        let answer = self.evidence.certain(&format!("_dmarc.{}", self.evidence.domain), RecordType::Txt)?;
        Some(self.better(&answer.records).0)
    }

    /// The record with which a foreign domain agrees to get the reports, where it is not there yet.
    fn authorisation(&self, address: &str) -> Option<ZoneRecord> {
        let domain = &self.evidence.domain;
        let host = address.rsplit_once('@')?.1.to_ascii_lowercase();
        let name = format!("{domain}._report._dmarc.{host}");
        let known = self.evidence.lookups.get(&Question::new(&name, RecordType::Txt));
        let there = known.is_some_and(|answer| answer.outcome == Outcome::Found);
        (organisation(&host) != organisation(domain) && !there)
            .then(|| ZoneRecord::new(&name, RecordType::Txt, "v=DMARC1;"))
    }

    fn authorise(&self) -> Proposal {
        let add = report_authorisations(self.evidence)
            .into_iter()
            .filter_map(|(address, _)| self.authorisation(&address))
            .collect();
        Proposal { add, ..Proposal::default() }
    }
}
