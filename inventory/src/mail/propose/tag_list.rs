//! Tag lists that are edited in place: one tag is changed, and every other stays as its owner wrote it.

use crate::mail::dmarc::mail_address;
use crate::mail::tags::Tags;
use std::fmt;

/// No list of more tags than this is edited: none of the formats has a fifth of them.
const MOST_TAGS: usize = 64;

/// The tags of one record in the order and spelling of its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TagList(Vec<String>);

impl TagList {
    /// The tags of a record of this version. Of a text that is no such list whatever reads as a tag is kept; one that
    /// stands twice is kept once.
    pub(super) fn read(text: &str, version: &str) -> Self {
        let fine = Tags::parse(text).is_ok_and(|tags| tags.get("v") == Some(version));
        let mut list = if fine { Self::split(text) } else { Self::saved(text) };
        let head = format!("v={version}");
        if !fine {
            list.drop("v");
        }
        if !list.has("v") {
            list.0.insert(0, head);
        }
        list
    }

    /// The parts between semicolons.
    fn split(text: &str) -> Self {
        let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty()).take(MOST_TAGS);
        Self(parts.map(str::to_owned).collect())
    }

    /// What can be read of a text whose semicolons are missing or wrong.
    fn saved(text: &str) -> Self {
        let mut list = Self(Vec::new());
        let words = text.split(|c: char| matches!(c, ';' | ',') || c.is_whitespace());
        for word in words.filter(|word| !word.is_empty()).take(MOST_TAGS) {
            let name = word.split_once('=').map(|(name, _)| name).filter(|name| is_name(name));
            match name {
                Some(name) if !list.has(&name.to_ascii_lowercase()) => list.0.push(word.to_owned()),
                // One more address of the tag before it.
                None if word.contains(':') => {
                    if let Some(last) = list.0.last_mut() {
                        *last = format!("{last},{word}");
                    }
                }
                _ => {}
            }
        }
        list
    }

    fn at(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|part| name_of(part) == name)
    }

    /// Whether a tag is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.at(name).is_some()
    }

    /// The value of a tag.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.at(name).and_then(|at| self.0[at].split_once('=')).map(|(_, value)| value.trim())
    }

    /// Changes a tag, or adds it: the policy after the version (RFC 7489 section 6.3), any other at the end.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        let part = format!("{name}={value}");
        match self.at(name) {
            Some(_) if self.get(name) == Some(value) => {}
            Some(at) => self.0[at] = part,
            None if name == "p" => self.0.insert(1.min(self.0.len()), part),
            None => self.0.push(part),
        }
    }

    /// Takes a tag out.
    pub(super) fn drop(&mut self, name: &str) {
        self.0.retain(|part| name_of(part) != name);
    }

    /// The addresses of a tag that lists them.
    pub(super) fn places(&self, name: &str) -> Vec<&str> {
        let places = self.get(name).unwrap_or_default().split(',').map(str::trim);
        places.filter(|place| !place.is_empty()).collect()
    }

    /// Takes over what another record for the same purpose says besides: further addresses, and tags that are missing.
    pub(super) fn join(&mut self, other: &Self) {
        for part in &other.0 {
            let name = name_of(part);
            if !self.has(&name) {
                self.0.push(part.clone());
            } else if matches!(&*name, "rua" | "ruf") {
                let mut places = self.places(&name);
                let more =
                    other.places(&name).into_iter().filter(|place| !self.places(&name).contains(place));
                places.extend(more);
                let places = places.join(",");
                self.set(&name, &places);
            }
        }
    }

    /// What has to be changed in the record `text` to come to this one, tag by tag: `p=none → p=quarantine`. None where
    /// the text is no proper list, so that it cannot be mended by changing single tags.
    pub(super) fn changes(&self, text: &str) -> Option<Vec<(String, String)>> {
        Tags::parse(text).ok()?;
        let old = Self::split(text);
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        for part in &self.0 {
            match (old.at(&name_of(part)), groups.last_mut()) {
                (Some(at), _) => groups.push((old.0[at].clone(), vec![part])),
                (None, Some((_, parts))) => parts.push(part),
                (None, None) => return None,
            }
        }
        let gone = old.0.iter().filter(|part| !self.has(&name_of(part)));
        groups.extend(gone.map(|part| (part.clone(), Vec::new())));
        let changed = groups.into_iter().map(|(before, after)| (before, after.join("; ")));
        Some(changed.filter(|(before, after)| before != after).collect())
    }
}

impl fmt::Display for TagList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn name_of(part: &str) -> String {
    part.split_once('=').map_or(part, |(name, _)| name).trim().to_ascii_lowercase()
}

/// A place for reports as it belongs into a record: `mailto:` is put before an address that lacks it; none for what is
/// no place at all.
pub(super) fn report_place(place: &str) -> Option<String> {
    let named = format!("mailto:{place}");
    [place, &named].into_iter().find(|place| mail_address(place).is_some()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_changed_in_place() {
        let mut list = TagList::read(
            "v=DMARC1; P = none ; adkim=s;rua=mailto:a@b.example!10m, mailto:c@d.example;",
            "DMARC1",
        );
        assert_eq!(list.places("rua"), ["mailto:a@b.example!10m", "mailto:c@d.example"]);
        list.set("p", "reject");
        list.set("fo", "1");
        let expected = "v=DMARC1; p=reject; adkim=s; rua=mailto:a@b.example!10m, mailto:c@d.example; fo=1";
        assert_eq!(list.to_string(), expected);
    }

    #[test]
    fn broken_lists_keep_what_can_be_read() {
        let check = |text: &str, expected: &str| {
            assert_eq!(TagList::read(text, "DMARC1").to_string(), expected, "{text}");
        };
        check(
            "v=DMARC1 p=none rua=mailto:a@b.example, mailto:c@d.example",
            "v=DMARC1; p=none; rua=mailto:a@b.example,mailto:c@d.example",
        );
        check("v=DMARC1, p=none; p=reject", "v=DMARC1; p=none");
        check("v=DMARC1; p", "v=DMARC1");
        check("p=none", "v=DMARC1; p=none");
        check("", "v=DMARC1");
    }

    #[test]
    fn changes_are_told_tag_by_tag() {
        let check = |before: &str, after: &str, expected: &[(&str, &str)]| {
            let told = TagList::read(after, "DMARC1").changes(before).unwrap();
            let told: Vec<(&str, &str)> = told.iter().map(|(a, b)| (&**a, &**b)).collect();
            assert_eq!(told, expected, "{before}");
        };
        check("v=DMARC1; p=none; fo=1;", "v=DMARC1; p=quarantine; fo=1", &[("p=none", "p=quarantine")]);
        check("v=DMARC1; fo=1", "v=DMARC1; p=reject; fo=1", &[("v=DMARC1", "v=DMARC1; p=reject")]);
        check("v=DMARC1; p=none; t=y", "v=DMARC1; p=none", &[("t=y", "")]);
        assert_eq!(TagList::read("v=DMARC1; p=none", "DMARC1").changes("v=DMARC1; p none"), None);
    }
}
