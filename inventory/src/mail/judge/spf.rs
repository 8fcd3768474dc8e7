//! Judging the list of permitted senders (SPF).

use super::Case;
use crate::mail::lookup::{Outcome, RecordType};
use crate::mail::spf::{MOST_LOOKUPS, MOST_VOID_LOOKUPS, Problem, Qualifier, Tree};
use crate::mail::wording::Remark;

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
        let nothing = Remark::said("no-record-begins", [("name", domain), ("begins", "v=spf1")]);
        self.say("spf.missing", [nothing]);
        let old = self.certain("", RecordType::Spf).filter(|answer| answer.outcome == Outcome::Found);
        if let Some(old) = old {
            self.say("spf.type99-only", old.records.iter().map(|text| format!("{domain} TYPE99 \"{text}\"")));
        }
    }

    fn one_sender_policy(&mut self, domain: &str, text: &str) {
        let Some(tree) = self.facts.tree.take() else { return };
        let line = format!("{domain} TXT \"{text}\"");
        self.problems(&tree, &line);
        let looping = tree.problems.iter().any(|(problem, _)| matches!(problem, Problem::Loop(_)));
        if tree.lookups > MOST_LOOKUPS && !looping {
            let counts = [("count", &*tree.lookups.to_string()), ("most", &MOST_LOOKUPS.to_string())];
            let terms = tree.counted.iter().cloned().map(Remark::Shown);
            let first = std::iter::once(Remark::said("count-lookups", counts));
            self.say("spf.too-many-lookups", first.chain(terms));
        }
        if tree.rest == Some(Qualifier::Neutral) {
            self.say("spf.neutral-all", [line.clone()]);
        }
        if text.len() > LONG {
            let count = text.len().to_string();
            self.say("spf.record-long", [Remark::said("octets", [("count", &*count), ("record", &line)])]);
        }
        self.facts.tree = Some(tree);
    }

    /// The faults of the tree, each under its id; references into the void are one finding, grave or not.
    fn problems(&mut self, tree: &Tree, line: &str) {
        let mut voids = Vec::new();
        for (problem, path) in &tree.problems {
            let named = |says, name: &str| Remark::said(says, [("name", name)]);
            let (id, remark) = match problem {
                Problem::Syntax(domain, error) => {
                    let position = error.position.to_string();
                    let with: [(&str, &str); 4] = [
                        ("domain", domain),
                        ("term", &error.term),
                        ("position", &position),
                        ("reason", error.reason),
                    ];
                    ("spf.syntax", Remark::said("spf-wrong", with))
                }
                Problem::Multiple(name) => ("spf.multiple", named("several-spf", name)),
                Problem::IncludeMissing(name) => ("spf.include-missing", named("include-nothing", name)),
                Problem::RedirectMissing(name) => ("spf.redirect-missing", named("redirect-nothing", name)),
                Problem::Loop(name) => ("spf.include-loop", named("included-again", name)),
                Problem::Ptr(term) => ("spf.ptr", Remark::Shown(term.clone())),
                Problem::Permissive(what) => ("spf.permissive-all", Remark::Shown(what.clone())),
                Problem::Overbroad(term) => ("spf.overbroad", Remark::Shown(term.clone())),
                Problem::RedirectIgnored => ("spf.redirect-ignored", Remark::Shown(line.to_owned())),
                Problem::AfterAll(term) => {
                    ("spf.terms-after-all", Remark::said("after-all", [("term", &**term), ("record", line)]))
                }
                Problem::ManyExchangers(term) => {
                    ("spf.too-many-lookups", Remark::said("many-exchangers", [("term", term)]))
                }
                Problem::Void(term) => {
                    voids.push(Remark::said("leads-nowhere", [("term", term)]).reached(path));
                    continue;
                }
            };
            self.say(id, [remark.reached(path)]);
        }
        if voids.len() > MOST_VOID_LOOKUPS {
            self.say("spf.too-many-void-lookups", voids);
        } else if !voids.is_empty() {
            self.say("spf.void-lookups", voids);
        }
    }
}
