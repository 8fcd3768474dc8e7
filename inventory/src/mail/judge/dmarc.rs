//! Judging what the domain asks receivers to do with forged mail (DMARC).

use super::Case;
use crate::mail::dmarc::{self, Applying, DmarcRecord, Policy};
use crate::mail::lookup::Outcome;
use crate::mail::tags::announces;
use crate::mail::wording::Remark;

impl Case<'_> {
    pub(super) fn dmarc(&mut self) {
        let domain = self.evidence.domain.clone();
        match dmarc::applying(self.evidence) {
            Applying::Unknown => {}
            Applying::Nowhere => self.no_dmarc(&domain),
            Applying::At(name, texts) if name == domain => {
                let lines = texts.iter().map(|text| format!("_dmarc.{domain} TXT \"{text}\""));
                match texts.as_slice() {
                    [text] => match DmarcRecord::parse(text) {
                        Ok(record) => self.own_dmarc(&record, lines.collect()),
                        Err(reason) => {
                            let because = Remark::said("because", [("reason", &*reason)]);
                            self.say("dmarc.syntax", lines.map(Remark::Shown).chain([because]));
                        }
                    },
                    _ => self.say("dmarc.multiple", lines),
                }
            }
            Applying::At(name, texts) => self.inherited_dmarc(&domain, name, &texts),
        }
    }

    fn no_dmarc(&mut self, domain: &str) {
        let name = format!("_dmarc.{domain}");
        let nothing = Remark::said("no-record-begins", [("name", &*name), ("begins", "v=DMARC1")]);
        self.say("dmarc.missing", [nothing]);
    }

    fn own_dmarc(&mut self, record: &DmarcRecord, lines: Vec<String>) {
        match record.policy {
            None => self.say("dmarc.policy-missing", lines.clone()),
            Some(Policy::None) => self.say("dmarc.policy-none", lines.clone()),
            Some(_) => {}
        }
        if record.weaker_below().is_some() {
            self.say("dmarc.sp-weaker", lines.clone());
        }
        if record.percent.is_some_and(|percent| percent < 100) {
            self.say("dmarc.pct", lines.clone());
        }
        if record.testing {
            self.say("dmarc.testing", lines.clone());
        }
        if !record.wrong_reports.is_empty() {
            self.say("dmarc.rua-invalid", record.wrong_reports.iter().map(|uri| format!("rua={uri}")));
        } else if record.reports.is_empty() && !self.facts.parked {
            self.say("dmarc.rua-missing", lines);
        }
        for (address, question) in dmarc::report_authorisations(self.evidence) {
            let Some(answer) = self.evidence.certain(&question.name, question.kind) else { continue };
            let agreed =
                answer.outcome == Outcome::Found && answer.records.iter().any(|t| announces(t, "DMARC1"));
            if !agreed {
                let with = [("address", &*address), ("name", &question.name)];
                self.say("dmarc.rua-unauthorised", [Remark::said("not-agreed", with)]);
            }
        }
    }

    /// A record further up. That of a public suffix holds only where it says `psd=y` (RFC 9989 section 4.10).
    fn inherited_dmarc(&mut self, domain: &str, name: &str, texts: &[&str]) {
        let record = match texts {
            [text] => DmarcRecord::parse(text).ok(),
            _ => None,
        };
        let suffix = psl::suffix_str(name).is_some_and(|suffix| suffix == name);
        let Some(record) = record.filter(|record| !suffix || record.public_suffix) else {
            return self.no_dmarc(domain);
        };
        let line = format!("_dmarc.{name} TXT \"{}\"", texts.first().copied().unwrap_or_default());
        self.say("dmarc.inherited", [line.clone()]);
        if matches!(record.subdomains.or(record.policy), None | Some(Policy::None)) {
            self.say("dmarc.policy-none", [line]);
        }
    }

    /// Whether forged mail is put aside or refused in full, which BIMI asks for.
    pub(super) fn is_enforced(&self) -> Option<bool> {
        match dmarc::applying(self.evidence) {
            Applying::Unknown => None,
            Applying::Nowhere => Some(false),
            Applying::At(name, texts) => {
                let [text] = texts.as_slice() else { return Some(false) };
                let Ok(record) = DmarcRecord::parse(text) else { return Some(false) };
                let inherited = name != self.evidence.domain;
                let policy = if inherited { record.subdomains.or(record.policy) } else { record.policy };
                let open_below = !inherited && record.subdomains == Some(Policy::None);
                let partly = record.percent.is_some_and(|percent| percent < 100);
                Some(matches!(policy, Some(Policy::Quarantine | Policy::Reject)) && !open_below && !partly)
            }
        }
    }
}
