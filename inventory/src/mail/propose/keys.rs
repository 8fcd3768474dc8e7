//! Proposals for DKIM keys. A key is never invented: a record is offered only where the provider already holds the key
//! it leads to; everything else is a request to the provider, with the names that its documentation gives.

use super::providers::{holds_key, provider};
use super::{Draft, Proposal, ZoneRecord};
use crate::mail::dkim::{Key, KeyRecord};
use crate::mail::lookup::{Outcome, RecordType};
use crate::mail::wording::Request;

impl Draft<'_> {
    /// The records that make the provider's keys known, in the place of those that are no use.
    pub(super) fn keys_of_provider(&self) -> Option<Proposal> {
        let domain = &self.evidence.domain;
        let known = provider(self.evidence)?;
        let mut proposal = Proposal { remove: self.useless(), ..Proposal::default() };
        for (selector, target) in known.targets(domain) {
            let name = format!("{selector}._domainkey.{domain}");
            let taken = self.evidence.certain(&name, RecordType::Txt).is_some_and(|answer| {
                answer.outcome == Outcome::Found && proposal.remove.iter().all(|record| record.name != name)
            });
            if holds_key(self.evidence, &target) && !taken {
                proposal.add.push(ZoneRecord::new(&name, RecordType::Cname, target));
            }
        }
        (!proposal.add.is_empty()).then_some(proposal)
    }

    /// Takes out what is no use, where good keys remain; somebody may still sign with it.
    pub(super) fn without_useless(&self) -> Option<Proposal> {
        let remove = self.useless();
        (!remove.is_empty() && self.has_good_key()).then(|| Proposal {
            remove,
            question: Some("still-signing"),
            ..Proposal::default()
        })
    }

    fn has_good_key(&self) -> bool {
        self.names().iter().any(|name| holds_key(self.evidence, name))
    }

    /// The names of the selectors that were asked for.
    fn names(&self) -> Vec<String> {
        let selectors = self.evidence.every_selector().into_iter();
        selectors.map(|selector| format!("{selector}._domainkey.{}", self.evidence.domain)).collect()
    }

    /// The records that the finding is about.
    fn useless(&self) -> Vec<ZoneRecord> {
        let mut records = Vec::new();
        for name in self.names() {
            let Some(answer) = self.evidence.certain(&name, RecordType::Txt) else { continue };
            let about = |text: &str| {
                let parsed = KeyRecord::parse(text);
                match (self.finding.id, parsed) {
                    ("dkim.syntax", parsed) => parsed.is_err(),
                    ("dkim.revoked", Ok(record)) => record.key == Key::Revoked,
                    ("dkim.weak-key", Ok(record)) => matches!(record.key, Key::Rsa(bits) if bits < 1024),
                    ("dkim.short-key", Ok(record)) => {
                        matches!(record.key, Key::Rsa(bits) if (1024..2048).contains(&bits))
                    }
                    ("dkim.multiple", Ok(record)) => answer.records.len() > 1 && record.key == Key::Revoked,
                    ("dkim.multiple", Err(_)) => answer.records.len() > 1,
                    _ => false,
                }
            };
            let dangling = self.finding.id == "dkim.cname-dangling" && answer.records.is_empty();
            match answer.aliases.first() {
                Some(target) if dangling || answer.records.iter().any(|text| about(text)) => {
                    records.push(ZoneRecord::new(&name, RecordType::Cname, target.clone()));
                }
                Some(_) => {}
                None => {
                    let texts = answer.records.iter().filter(|text| about(text));
                    records.extend(texts.map(|text| ZoneRecord::new(&name, RecordType::Txt, text.clone())));
                }
            }
        }
        records.dedup();
        records
    }

    /// The same keys without the flag that spoils them; the key itself is never touched.
    pub(super) fn keys_without_flag(&self) -> Proposal {
        let mut proposal = Proposal::default();
        for name in self.names() {
            let Some(answer) = self.evidence.certain(&name, RecordType::Txt) else { continue };
            let [text] = answer.records.as_slice() else { continue };
            let spoiled = |part: &&str| {
                let part = part.trim().to_ascii_lowercase().replace(' ', "");
                !matches!(part.as_str(), "t=y" | "t=y:s" | "t=s:y" | "h=sha1")
            };
            let better = text.split(';').filter(spoiled).map(str::trim).collect::<Vec<_>>().join("; ");
            if better != *text && answer.aliases.is_empty() {
                proposal.remove.push(ZoneRecord::new(&name, RecordType::Txt, text.clone()));
                proposal.add.push(ZoneRecord::new(&name, RecordType::Txt, better));
            }
        }
        proposal.remove.dedup();
        proposal.add.dedup();
        proposal
    }

    /// What to ask the provider for, with the names of the records to come.
    pub(super) fn key_request(&self) -> Proposal {
        let domain = &self.evidence.domain;
        let known = provider(self.evidence);
        let asks = match self.finding.id {
            "dkim.missing" => "dkim-names",
            "dkim.selector-unknown" => "dkim-selector",
            "dkim.short-key" | "dkim.weak-key" => "dkim-stronger",
            "dkim.ed25519-only" => "dkim-rsa",
            _ => "dkim-again",
        };
        let wanted = match (asks, known) {
            ("dkim-selector", _) => Vec::new(),
            (_, Some(known)) => known
                .selectors()
                .map(|selector| format!("{selector}._domainkey.{domain}. {}", known.kind.name()))
                .collect(),
            (_, None) => vec![format!("SELECTOR._domainkey.{domain}. TXT")],
        };
        let names = match asks {
            "dkim-names" => wanted.join(", "),
            _ => self.blamed().join(", "),
        };
        let bits = self.shortest().to_string();
        let with = [("domain", &**domain), ("names", &names), ("bits", &bits)];
        let ask = vec![Request::new("mail-provider", asks, with)];
        Proposal { wanted, ask, ..Proposal::default() }
    }

    /// The selectors' names that the evidence of the finding speaks of.
    fn blamed(&self) -> Vec<String> {
        let mut names = self.names();
        let lines: Vec<String> = self.finding.evidence.iter().map(ToString::to_string).collect();
        names.retain(|name| lines.iter().any(|line| line.starts_with(name.as_str())));
        names
    }

    fn shortest(&self) -> usize {
        let keys = self.blamed().into_iter().filter_map(|name| {
            let answer = self.evidence.certain(&name, RecordType::Txt)?;
            answer
                .records
                .iter()
                .filter_map(|text| KeyRecord::parse(text).ok())
                .find_map(|record| if let Key::Rsa(bits) = record.key { Some(bits) } else { None })
        });
        keys.min().unwrap_or_default()
    }
}
