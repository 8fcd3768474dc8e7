//! Judging the list of permitted senders (SPF).

use super::Case;
use crate::mail::lookup::{Outcome, RecordType};
use crate::mail::spf::{MOST_LOOKUPS, MOST_VOID_LOOKUPS, Problem, Qualifier};

/// Longer records may not fit into one answer (RFC 7208 section 3.4).
const LONG: usize = 450;

impl Case<'_> {
    pub(super) fn sender_policy(&mut self) {
        let domain = self.evidence.domain.clone();
        if self.certain("", RecordType::Txt).is_none() {
            return;
        }
        match self.evidence.spf_records().as_slice() {
            [] => self.no_sender_policy(&domain),
            [record] => self.one_sender_policy(&domain, record),
            several => {
                self.say("spf.multiple", several.iter().map(|text| format!("{domain} TXT \"{text}\"")));
            }
        }
    }

    fn no_sender_policy(&mut self, domain: &str) {
        self.say("spf.missing", [format!("{domain} TXT: no record that begins with v=spf1")]);
        let old = self.certain("", RecordType::Spf).filter(|answer| answer.outcome == Outcome::Found);
        if let Some(old) = old {
            self.say("spf.type99-only", old.records.iter().map(|text| format!("{domain} TYPE99 \"{text}\"")));
        }
    }

    fn one_sender_policy(&mut self, domain: &str, text: &str) {
        let Some(tree) = self.facts.tree.take() else { return };
        let line = format!("{domain} TXT \"{text}\"");
        let mut voids = Vec::new();
        let mut looping = false;
        for (problem, path) in &tree.problems {
            let way = if path.len() > 1 { format!(" (via {})", path.join(" > ")) } else { String::new() };
            let (id, what) = match problem {
                Problem::Syntax(what) => ("spf.syntax", what.clone()),
                Problem::Multiple(name) => ("spf.multiple", format!("{name} has several SPF records")),
                Problem::IncludeMissing(name) => {
                    ("spf.include-missing", format!("include:{name}: no SPF record there"))
                }
                Problem::RedirectMissing(name) => {
                    ("spf.redirect-missing", format!("redirect={name}: no SPF record there"))
                }
                Problem::Loop(name) => {
                    looping = true;
                    ("spf.include-loop", format!("{name} is included again"))
                }
                Problem::Ptr(term) => ("spf.ptr", term.clone()),
                Problem::Permissive(what) => ("spf.permissive-all", what.clone()),
                Problem::Overbroad(term) => ("spf.overbroad", term.clone()),
                Problem::RedirectIgnored => ("spf.redirect-ignored", line.clone()),
                Problem::AfterAll(term) => {
                    ("spf.terms-after-all", format!("{term} stands after all: {line}"))
                }
                Problem::ManyExchangers(term) => {
                    ("spf.too-many-lookups", format!("{term}: more than ten mail exchangers"))
                }
                Problem::Void(term) => {
                    voids.push(format!("{term}: leads nowhere{way}"));
                    continue;
                }
            };
            self.say(id, [format!("{what}{way}")]);
        }
        if tree.lookups > MOST_LOOKUPS && !looping {
            let count = format!("{} terms need the DNS, {MOST_LOOKUPS} are allowed", tree.lookups);
            self.say("spf.too-many-lookups", std::iter::once(count).chain(tree.counted.iter().cloned()));
        }
        if voids.len() > MOST_VOID_LOOKUPS {
            self.say("spf.too-many-void-lookups", voids);
        } else if !voids.is_empty() {
            self.say("spf.void-lookups", voids);
        }
        if tree.rest == Some(Qualifier::Neutral) {
            self.say("spf.neutral-all", [line.clone()]);
        }
        if text.len() > LONG {
            self.say("spf.record-long", [format!("{} octets: {line}", text.len())]);
        }
        self.facts.tree = Some(tree);
    }
}
