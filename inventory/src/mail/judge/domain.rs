//! Judging the domain as a whole: does it exist, is it signed, is it parked, does any name lead nowhere.

use super::Case;
use crate::mail::dmarc::{self, Applying, Policy};
use crate::mail::lookup::{Outcome, Question, RecordType};
use crate::mail::signing;
use crate::mail::wording::Remark;

impl Case<'_> {
    /// What the resolver refuses because the signature is wrong.
    pub(super) fn bogus(&mut self) {
        let refused = signing::bogus(self.evidence);
        if !refused.is_empty() {
            let line = |question: &&Question| Remark::said("bogus", [("question", &question.to_string())]);
            self.say("dnssec.bogus", refused.iter().map(line));
        }
    }

    /// No server answers, although those of the parent do: so it is not our own line that is broken.
    pub(super) fn unresolvable(&mut self) {
        let domain = &self.evidence.domain;
        let parents = self.evidence.parents();
        let (Some(parent), Some(proof)) = (parents.first(), self.evidence.beside()) else { return };
        if self.evidence.certain(&proof.name, proof.kind).is_some() {
            let with = [("domain", &**domain), ("parent", parent)];
            self.say("domain.unresolvable", [Remark::said("unresolvable", with)]);
        }
    }

    /// A domain that is meant not to take part in mail says so three times (RFC 7505, RFC 7208 section 10.1.2, DMARC).
    pub(super) fn parked(&mut self) {
        if !self.facts.parked {
            return;
        }
        let denies = self.evidence.spf_records().len() == 1
            && self.facts.tree.as_ref().is_some_and(|tree| {
                tree.senders.is_empty() && tree.rest == Some(crate::mail::spf::Qualifier::Fail)
            });
        let applying = dmarc::applying(self.evidence);
        if applying == Applying::Unknown {
            return;
        }
        let rejects = applying.policy() == Some(Policy::Reject);
        if self.certain("", RecordType::Txt).is_none() || self.certain("", RecordType::Mx).is_none() {
            return;
        }
        let parts = [("null MX", self.facts.null_mx), ("v=spf1 -all", denies), ("DMARC p=reject", rejects)];
        let line = |wanted: bool, says: &'static str| {
            let names: Vec<&str> =
                parts.iter().filter(|(_, there)| *there == wanted).map(|(n, _)| *n).collect();
            (!names.is_empty()).then(|| Remark::said(says, [("parts", &*names.join(", "))]))
        };
        let lines: Vec<Remark> =
            [line(true, "parts-there"), line(false, "parts-missing")].into_iter().flatten().collect();
        let id =
            if parts.iter().all(|(_, there)| *there) { "domain.parked" } else { "domain.parked-incomplete" };
        self.say(id, lines);
    }

    pub(super) fn dnssec(&mut self) {
        let domain = self.evidence.domain.clone();
        let Some(soa) = self.certain("", RecordType::Soa) else { return };
        if soa.authentic {
            return self.bogus();
        }
        match self.certain("", RecordType::Dnskey).map(|answer| answer.outcome) {
            // Where the parent has a DS record after all, it speaks of an algorithm that this resolver does not know;
            // where the parent did not answer, it may have one.
            Some(Outcome::Found) if self.facts.validated && self.lacks_delegation_signer() => {
                self.say("dnssec.no-ds", [Remark::said("no-ds", [("domain", &*domain)])]);
            }
            Some(Outcome::NoRecords) => {
                let with = [("name", &*domain), ("kind", "DNSKEY")];
                self.say("dnssec.unsigned", [Remark::said("no-record", with)]);
            }
            _ => {}
        }
    }

    fn lacks_delegation_signer(&self) -> bool {
        let lacks = |outcome| matches!(outcome, Outcome::NoRecords | Outcome::NoName);
        self.certain("", RecordType::Ds).is_some_and(|answer| lacks(answer.outcome))
    }

    pub(super) fn authorisation(&mut self) {
        let domain = self.evidence.domain.clone();
        for name in std::iter::once(domain.as_str()).chain(self.evidence.parents()) {
            match self.evidence.certain(name, RecordType::Caa).map(|answer| answer.outcome) {
                Some(Outcome::NoRecords | Outcome::NoName) => {}
                _ => return,
            }
        }
        self.say("caa.missing", [Remark::said("no-caa", [("domain", &*domain)])]);
    }

    /// Names of the domain: a wildcard, and aliases that lead nowhere.
    pub(super) fn names(&mut self) {
        let domain = self.evidence.domain.clone();
        let kinds: Vec<&str> = self.evidence.wildcards().into_iter().map(RecordType::name).collect();
        if !kinds.is_empty() {
            self.say("dns.wildcard", [format!("*.{domain} {}", kinds.join(", "))]);
        }
        for host in &self.evidence.hosts {
            let name = format!("{host}.{domain}");
            let aliased = self.certain(host, RecordType::Cname).is_some_and(|a| a.outcome == Outcome::Found);
            let Some(answer) = self.evidence.lookups.get(&Question::new(&name, RecordType::A)) else {
                continue;
            };
            if let Some(target) =
                answer.aliases.last().filter(|_| aliased && answer.outcome == Outcome::NoName)
            {
                let with = [("name", &*name), ("target", target)];
                self.say("dns.dangling-cname", [Remark::said("alias-nowhere", with)]);
            }
        }
    }
}
