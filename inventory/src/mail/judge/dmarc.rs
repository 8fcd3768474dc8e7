//! Judging what the domain asks receivers to do with forged mail (DMARC).

use super::Case;
use crate::mail::dmarc::{self, Above, Applying, DmarcRecord, Policy};
use crate::mail::lookup::Outcome;
use crate::mail::tags::announces;
use crate::mail::wording::Remark;

impl Case<'_> {
    pub(super) fn dmarc(&mut self) {
        let domain = self.evidence.domain.clone();
        match dmarc::applying(self.evidence) {
            Applying::Unknown => {}
            Applying::Nowhere => self.no_dmarc(&domain),
            Applying::Own(texts) => {
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
            Applying::Above(above) => self.inherited_dmarc(&domain, &above),
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
        // Of a domain that belongs to a larger one nobody asks what holds below it (RFC 9989 section 4.7, "sp").
        let decides = dmarc::organisation(self.evidence) == Some(&*self.evidence.domain);
        if decides && record.weaker_below().is_some() {
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

    /// A record further up: that of the organisation, or of a public suffix above it.
    fn inherited_dmarc(&mut self, domain: &str, above: &Above<'_>) {
        // Without a policy and without anybody who reads reports it counts for nothing.
        let Some(policy) = above.record.asked_below(true) else { return self.no_dmarc(domain) };
        let line = format!("_dmarc.{} TXT \"{}\"", above.name, above.text);
        self.say("dmarc.inherited", [line.clone()]);
        if policy == Policy::None {
            self.say("dmarc.policy-none", [line]);
        }
    }

    /// Whether forged mail is put aside or refused in full, which BIMI asks for.
    pub(super) fn is_enforced(&self) -> Option<bool> {
        let applying = dmarc::applying(self.evidence);
        if applying == Applying::Unknown {
            return None;
        }
        let (Some(record), Some(policy)) = (applying.record(), applying.policy()) else { return Some(false) };
        let open_below = matches!(applying, Applying::Own(_)) && record.subdomains == Some(Policy::None);
        let partly = record.percent.is_some_and(|percent| percent < 100);
        let policy = if record.testing { policy.easier() } else { policy };
        Some(policy != Policy::None && !open_below && !partly)
    }
}
