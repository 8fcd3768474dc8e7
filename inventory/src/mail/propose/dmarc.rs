//! Proposals for the DMARC record: the same record with the weak tags put right and all others left alone.

use super::tag_list::{TagList, report_place};
use super::{Draft, Proposal, ZoneRecord};
use crate::mail::dmarc::{
    Applying, DmarcRecord, Policy, applying, is_elsewhere, is_foreign, mail_address, report_authorisations,
};
use crate::mail::lookup::{Outcome, Question, RecordType};

const VERSION: &str = "DMARC1";

impl Draft<'_> {
    pub(super) fn dmarc(&self) -> Option<Proposal> {
        let domain = &self.evidence.domain;
        if self.finding.id == "dmarc.rua-unauthorised" {
            return Some(self.authorise());
        }
        let name = format!("_dmarc.{domain}");
        if self.is_alias(&name) {
            // The record belongs to the provider that the alias leads to.
            return None;
        }
        let texts: Vec<String> = match applying(self.evidence) {
            Applying::Own(texts) => texts.into_iter().map(str::to_owned).collect(),
            // Whoever keeps the record above decides; one of the domain's own could only say less.
            Applying::Above(_) if self.finding.id == "dmarc.inherited" => return None,
            Applying::Unknown => return None,
            _ => Vec::new(),
        };
        let record = self.better(&texts, self.facts.parked);
        let in_force = texts.iter().filter_map(|text| DmarcRecord::parse(text).ok()?.policy).max();
        let mut proposal = Proposal {
            remove: texts.iter().map(|text| ZoneRecord::new(&name, RecordType::Txt, text.clone())).collect(),
            add: vec![ZoneRecord::new(&name, RecordType::Txt, record.to_string())],
            question: (in_force.is_none_or(|policy| policy == Policy::None) && !self.facts.parked)
                .then_some("senders-signed"),
            ..Proposal::default()
        };
        proposal.add.extend(self.authorisations(&record));
        if record.places("rua").is_empty() && !self.facts.parked {
            // Nobody's mailbox is invented: the reports wait until somebody names one.
            proposal.ask.push(self.address_request());
        }
        Some(proposal)
    }

    fn is_alias(&self, name: &str) -> bool {
        self.evidence.certain(name, RecordType::Txt).is_some_and(|answer| !answer.aliases.is_empty())
    }

    /// The record that should stand in the place of these: the strictest of them, what the others say besides, and the
    /// weak tags put right. It names a place for reports only where one is known.
    fn better(&self, texts: &[String], refuse: bool) -> TagList {
        let mut lists: Vec<TagList> = texts.iter().map(|text| TagList::read(text, VERSION)).collect();
        let asked = |list: &TagList| list.get("p").and_then(Policy::parse);
        // The first of equals: `max_by_key` would take the last one.
        lists.sort_by_key(|list| std::cmp::Reverse(asked(list)));
        let mut lists = lists.into_iter();
        let mut record = lists.next().unwrap_or_else(|| TagList::read("", VERSION));
        lists.for_each(|other| record.join(&other));
        let (policy, word) = match asked(&record) {
            Some(Policy::Reject) => (Policy::Reject, "reject"),
            _ if refuse => (Policy::Reject, "reject"),
            _ => (Policy::Quarantine, "quarantine"),
        };
        if asked(&record) != Some(policy) {
            record.set("p", word);
        }
        for below in ["sp", "np"] {
            if record.has(below) && record.get(below).and_then(Policy::parse).is_none_or(|sub| sub < policy) {
                record.set(below, word);
            }
        }
        if record.get("pct").and_then(|text| text.parse::<u8>().ok()).is_some_and(|percent| percent < 100) {
            record.set("pct", "100");
        }
        if record.get("t").is_some_and(|text| text.eq_ignore_ascii_case("y")) {
            record.set("t", "n");
        }
        self.with_places(&mut record);
        record
    }

    /// Puts the places for reports right; where none is left, that of the Träger is taken.
    fn with_places(&self, record: &mut TagList) {
        let places = record.places("rua");
        // Receivers pass over places that they cannot write to; whoever can keeps them.
        let kept =
            |place: &str| if is_elsewhere(place) { Some(place.to_owned()) } else { report_place(place) };
        let mut good: Vec<String> = places.iter().filter_map(|place| kept(place)).collect();
        let is_read = |places: &[String]| places.iter().any(|place| mail_address(place).is_some());
        if !is_read(&good) {
            good.extend(self.report_address().map(|address| format!("mailto:{address}")));
        }
        if !is_read(&good) {
            record.drop("rua");
        } else if good != places {
            record.set("rua", &good.join(","));
        }
    }

    /// The record of a domain that takes no part in mail, and what stands there now; nothing where that does already.
    pub(super) fn refusing(&self) -> Option<(Vec<ZoneRecord>, ZoneRecord)> {
        let name = format!("_dmarc.{}", self.evidence.domain);
        let known = self.texts(&name, VERSION);
        let texts: Vec<String> = known.iter().map(|record| record.value.clone()).collect();
        let record = if texts.is_empty() {
            "v=DMARC1; p=reject;".to_owned()
        } else {
            self.better(&texts, true).to_string()
        };
        let stands = matches!(texts.as_slice(), [text] if DmarcRecord::parse(text).is_ok()
            && TagList::read(text, VERSION).to_string() == record);
        (!stands).then(|| (known, ZoneRecord::new(&name, RecordType::Txt, record)))
    }

    /// What the record that the domain only points to should say.
    pub(super) fn better_dmarc(&self) -> Option<(Vec<String>, TagList)> {
        let answer = self.evidence.certain(&format!("_dmarc.{}", self.evidence.domain), RecordType::Txt)?;
        let texts: Vec<String> =
            answer.records.iter().filter(|text| crate::mail::dmarc::is_record(text)).cloned().collect();
        let record = self.better(&texts, false);
        Some((texts, record))
    }

    /// The records with which foreign domains agree to get the reports, where they are not there yet.
    fn authorisations(&self, record: &TagList) -> Vec<ZoneRecord> {
        let places = record.places("rua");
        let addresses = places.iter().filter_map(|place| mail_address(place)).take(8);
        let mut needed: Vec<ZoneRecord> =
            addresses.filter_map(|address| self.authorisation(address)).collect();
        needed.sort_by(|a, b| a.name.cmp(&b.name));
        needed.dedup();
        needed
    }

    /// The record with which a foreign domain agrees to get the reports, where it is not there yet.
    fn authorisation(&self, address: &str) -> Option<ZoneRecord> {
        let domain = &self.evidence.domain;
        let host = address.rsplit_once('@')?.1.to_ascii_lowercase();
        let name = format!("{domain}._report._dmarc.{host}");
        let known = self.evidence.lookups.get(&Question::new(&name, RecordType::Txt));
        let there = known.is_some_and(|answer| answer.outcome == Outcome::Found);
        (is_foreign(self.evidence, &host) && !there)
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
