//! Judging the keys for signatures (DKIM).

use super::Case;
use crate::mail::dkim::{Key, KeyRecord};
use crate::mail::lookup::{Answer, Outcome, RecordType};
use crate::mail::wording::Remark;

/// Shorter RSA keys can be broken and must not be accepted (RFC 8301 section 3.2).
const WEAK: usize = 1024;
/// Shorter RSA keys should be replaced (RFC 8301 section 3.2).
const SHORT: usize = 2048;

impl Case<'_> {
    pub(super) fn keys(&mut self) {
        let Some(tree) = self.certain("_domainkey", RecordType::Txt) else { return };
        // The rule for a domain without mail is a key that is revoked (RFC 6376 section 3.6.1: an empty "p").
        if self.facts.parked {
            return;
        }
        let found = self.selectors();
        if found.is_empty() {
            if self.facts.sends {
                self.no_key(tree.outcome == Outcome::NoName);
            }
            return;
        }
        let mut keys = Vec::new();
        let mut revoked = Vec::new();
        for (name, answer) in found {
            match answer.records.as_slice() {
                [] => {
                    let target = answer.aliases.last().cloned().unwrap_or_default();
                    let line = Remark::said("alias-without-key", [("name", &*name), ("target", &target)]);
                    self.say("dkim.cname-dangling", [line]);
                }
                [text] => match KeyRecord::parse(text) {
                    Err(reason) => {
                        let with = [("name", &*name), ("text", &short(text)), ("reason", &reason)];
                        self.say("dkim.syntax", [Remark::said("unreadable-key", with)]);
                    }
                    Ok(KeyRecord { key: Key::Revoked, .. }) => {
                        revoked.push(format!("{name} TXT \"{}\"", short(text)));
                    }
                    Ok(record) => {
                        self.key(&name, record);
                        keys.push((name, record));
                    }
                },
                several => {
                    let count = several.len().to_string();
                    let line = Remark::said("several-texts", [("name", &*name), ("count", &count)]);
                    self.say("dkim.multiple", [line]);
                    keys.extend(
                        several.iter().filter_map(|t| KeyRecord::parse(t).ok()).map(|k| (name.clone(), k)),
                    );
                }
            }
        }
        if keys.is_empty() && !revoked.is_empty() {
            self.say("dkim.revoked", revoked);
        }
        if !keys.is_empty() && keys.iter().all(|(_, record)| record.key == Key::Ed25519) {
            self.say(
                "dkim.ed25519-only",
                keys.iter().map(|(name, _)| Remark::said("ed25519-alone", [("name", name)])),
            );
        }
    }

    /// No key was found: there can be none, or it may lie under a name that nobody would guess.
    fn no_key(&mut self, is_nothing_below: bool) {
        let name = format!("_domainkey.{}", self.evidence.domain);
        if is_nothing_below {
            self.say("dkim.missing", [Remark::said("no-selector-below", [("name", &*name)])]);
        } else if self.asked_for_all() {
            let asked = self.evidence.every_selector().len().to_string();
            let unusual = Remark::said("no-usual-selector", [("name", &*name), ("count", &asked)]);
            let below = |selector: &String| format!("{selector}.{name}");
            let gone = self.evidence.known_selectors.iter().map(below);
            let gone = gone.map(|name| Remark::said("no-record", [("name", &*name), ("kind", "TXT")]));
            self.say("dkim.selector-unknown", gone.chain([unusual]));
        }
    }

    /// Whether every selector that was asked for was answered for certain: one that was not may be the one.
    fn asked_for_all(&self) -> bool {
        let answer = |selector: &str| self.evidence.below(&format!("{selector}._domainkey"), RecordType::Txt);
        let mut answers = self.evidence.every_selector().into_iter().filter_map(answer);
        answers.all(|answer| answer.outcome.is_certain())
    }

    /// The selectors that are there, each with its answer; what a wildcard answers is no selector.
    fn selectors(&self) -> Vec<(String, Answer)> {
        let anything = self.evidence.below(&format!("{}._domainkey", self.evidence.canary), RecordType::Txt);
        let mut found: Vec<(String, Answer)> = Vec::new();
        for selector in self.evidence.every_selector() {
            let name = format!("{selector}._domainkey");
            let Some(answer) = self.certain(&name, RecordType::Txt) else { continue };
            let there = answer.outcome == Outcome::Found || !answer.aliases.is_empty();
            let wild =
                anything.is_some_and(|any| any.records == answer.records && any.aliases == answer.aliases);
            let name = format!("{name}.{}", self.evidence.domain);
            if there && !wild {
                found.push((name, answer.clone()));
            }
        }
        found
    }

    fn key(&mut self, name: &str, record: KeyRecord) {
        if let Key::Rsa(bits) = record.key {
            let line = Remark::said("rsa-bits", [("name", name), ("count", &bits.to_string())]);
            if bits < WEAK {
                self.say("dkim.weak-key", [line]);
            } else if bits < SHORT {
                self.say("dkim.short-key", [line]);
            }
        }
        if record.testing {
            self.say("dkim.testing", [format!("{name}: t=y")]);
        }
        if record.sha1_only {
            self.say("dkim.sha1-only", [format!("{name}: h=sha1")]);
        }
    }
}

fn short(text: &str) -> String {
    if text.chars().count() > 80 {
        text.chars().take(77).chain("...".chars()).collect()
    } else {
        text.to_owned()
    }
}
