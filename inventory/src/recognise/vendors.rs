//! Makers of devices: one spelling for each, and what a maker builds where it builds one sort of thing only.

use crate::Kind;
use serde::Deserialize;
use std::{collections::HashMap, sync::LazyLock};

static TEXT: &str = include_str!("../../fingerprints/vendors.toml");
static BOOK: LazyLock<Book> = LazyLock::new(|| Book::read(TEXT).unwrap_or_default());

#[derive(Debug, Default)]
struct Book {
    by_alias: HashMap<String, usize>,
    makers: Vec<Maker>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vendor: Vec<Maker>,
}

/// One maker as the data file lists it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Maker {
    /// The spelling we show.
    pub(crate) name: String,
    /// Other spellings, also those of the IEEE registry; legal forms ("GmbH", "Co., Ltd.") are left out.
    #[serde(default)]
    aliases: Vec<String>,
    /// What it builds, where a MAC block of its own tells the kind.
    pub(super) kind: Option<Kind>,
    /// It sells chips, modules or finished devices to others: its MAC block names no maker.
    #[serde(default)]
    pub(super) parts: bool,
}

impl Book {
    fn read(text: &str) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(text)?;
        let mut book = Self::default();
        for (at, maker) in file.vendor.iter().enumerate() {
            for alias in std::iter::once(&maker.name).chain(&maker.aliases) {
                book.by_alias.insert(squeeze(&without_legal_form(alias)), at);
            }
        }
        book.makers = file.vendor;
        Ok(book)
    }

    fn find(&self, name: &str) -> Option<&Maker> {
        let at = self.by_alias.get(&squeeze(&without_legal_form(name)))?;
        self.makers.get(*at)
    }
}

/// What is known of the maker of that name.
pub(crate) fn maker(name: &str) -> Option<&'static Maker> {
    BOOK.find(name)
}

/// The spelling we show for a maker's name; an unknown name loses its legal form and its shouting.
pub(super) fn canonical(name: &str) -> String {
    let name = name.trim().trim_matches('"');
    maker(name).map_or_else(|| quiet(&without_legal_form(name)), |maker| maker.name.clone())
}

/// Letters and digits alone, in lower case.
pub(super) fn squeeze(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name without "Inc.", "GmbH & Co. KG", "Co., Ltd." and their like at its end.
fn without_legal_form(name: &str) -> String {
    const FORMS: &[&str] = &[
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "ltd",
        "limited",
        "llc",
        "lp",
        "plc",
        "gmbh",
        "ag",
        "kg",
        "se",
        "sa",
        "sas",
        "srl",
        "spa",
        "bv",
        "nv",
        "ab",
        "as",
        "oy",
        "oyj",
        "aps",
        "kk",
        "pty",
        "pte",
        "sro",
        "doo",
        "mbh",
        "ug",
        "ohg",
        "ev",
        "international",
        "zrt",
        "kft",
        "sl",
    ];
    let mut words: Vec<&str> = name.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    while words.len() > 1 {
        let Some(last) = words.last() else { break };
        let bare = squeeze(last);
        if !(bare.is_empty() || FORMS.contains(&bare.as_str())) {
            break;
        }
        words.pop();
    }
    words.join(" ").trim_end_matches(['.', '&']).trim().to_owned()
}

/// A name in capitals becomes one with capital initials; short ones are abbreviations and stay.
fn quiet(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | ','));
    let shouting = plain && name.len() > 4 && !name.chars().any(char::is_lowercase);
    if !shouting {
        return name.to_owned();
    }
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            if word.len() <= 3 {
                word.to_owned()
            } else {
                format!("{first}{}", letters.as_str().to_lowercase())
            }
        })
    };
    name.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_one_spelling() {
        let check = |name: &str, expected: &str| assert_eq!(canonical(name), expected, "{name}");
        check("Hewlett-Packard Company", "HP");
        check("Seiko Epson Corporation", "Epson");
        check("SMART Technologies, Inc.", "SMART Technologies");
        check("KYOCERA Display Corporation", "Kyocera");
        check("Some New Maker GmbH & Co. KG", "Some New Maker");
        check("LOUD VOICES CO., LTD.", "Loud Voices");
    }

    #[test]
    fn the_file_reads_and_no_alias_is_claimed_twice() {
        let file: File = toml::from_str(TEXT).expect("vendors.toml");
        let mut seen: HashMap<String, &str> = HashMap::new();
        for maker in &file.vendor {
            for alias in std::iter::once(&maker.name).chain(&maker.aliases) {
                let before = seen.insert(squeeze(&without_legal_form(alias)), &maker.name);
                assert!(before.is_none_or(|name| name == maker.name), "{alias} belongs to two makers");
            }
        }
    }
}
