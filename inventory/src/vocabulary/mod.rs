//! The one vocabulary of evidence: every field any probe may yield, with its meaning, privacy mark and volatility.
//!
//! One file per protocol; each lists its fields in `ALL`. A field that is not listed here is refused at ingest.

mod airplay;
mod control;
mod dns;
mod greeting;
mod heard;
mod host;
mod http;
mod ipp;
mod mdns;
mod pjlink;
mod sip;
mod snmp;
mod tls;
mod told;
mod upnp;
mod wsd;

pub use airplay::*;
pub use control::*;
pub use dns::*;
pub use greeting::*;
pub use heard::*;
pub use host::*;
pub use http::*;
pub use ipp::*;
pub use mdns::*;
pub use pjlink::*;
pub use sip::*;
pub use snmp::*;
pub use tls::*;
pub use told::*;
pub use upnp::*;
pub use wsd::*;

use crate::mail::catalogue::Language;
use std::{collections::BTreeMap, sync::LazyLock};

/// The meaning of a field in the languages besides English.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Meaning {
    de: String,
    nl: String,
}

/// By the field's name. Empty only if the data file is broken, which a test prevents.
static MEANINGS: LazyLock<BTreeMap<String, Meaning>> =
    LazyLock::new(|| toml::from_str(include_str!("meanings.toml")).unwrap_or_default());

/// One field of evidence, named `protocol.field`.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// The name on the wire and in the store, `protocol.field` in lower case.
    pub name: &'static str,
    /// What it holds, with its unit and its source (RFC and section, MIB object).
    pub meaning: &'static str,
    /// Whether it may hold something about a person.
    pub privacy: Privacy,
    /// How often it changes; only stable fields decide whether a subject is unchanged.
    pub volatility: Volatility,
}

/// Whether a field may hold something about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// Never about a person.
    Plain,
    /// A name given by somebody: what looks like a person's name in it is masked (promise P4).
    Name,
}

/// How often a field changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volatility {
    /// Changes only when the device changes.
    Stable,
    /// A counter of which one sample a day is kept.
    Slow,
    /// Changes all the time; never stored.
    Volatile,
}

impl Field {
    /// A stable field that never holds anything about a person.
    #[must_use]
    pub const fn plain(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, privacy: Privacy::Plain, volatility: Volatility::Stable }
    }

    /// A stable field that holds a name given by somebody.
    #[must_use]
    pub const fn name(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, privacy: Privacy::Name, volatility: Volatility::Stable }
    }

    /// What it holds, in a language. The English meaning stands here with its source; the others in `meanings.toml`.
    #[must_use]
    pub fn meaning_in(&self, language: Language) -> &'static str {
        let told = MEANINGS.get(self.name);
        match language {
            Language::En => None,
            Language::De => told.map(|told| told.de.as_str()),
            Language::Nl => told.map(|told| told.nl.as_str()),
        }
        .unwrap_or(self.meaning)
    }

    /// This field, sampled once a day.
    #[must_use]
    pub const fn slow(mut self) -> Self {
        self.volatility = Volatility::Slow;
        self
    }

    /// This field, never stored.
    #[must_use]
    pub const fn volatile(mut self) -> Self {
        self.volatility = Volatility::Volatile;
        self
    }
}

/// Every field of every protocol.
pub fn all() -> impl Iterator<Item = &'static Field> {
    [
        airplay::ALL,
        control::ALL,
        dns::ALL,
        greeting::ALL,
        heard::ALL,
        host::ALL,
        http::ALL,
        ipp::ALL,
        mdns::ALL,
        pjlink::ALL,
        sip::ALL,
        snmp::ALL,
        tls::ALL,
        told::ALL,
        upnp::ALL,
        wsd::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The field of that name.
#[must_use]
pub fn field(name: &str) -> Option<&'static Field> {
    all().find(|field| field.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for field in all() {
            assert!(seen.insert(field.name), "{} is listed twice", field.name);
            let (protocol, rest) = field.name.split_once('.').unwrap_or_default();
            assert!(!protocol.is_empty() && !rest.is_empty(), "{} is not protocol.field", field.name);
            assert!(!field.meaning.is_empty(), "{} has no meaning", field.name);
        }
    }

    #[test]
    fn every_field_has_its_meaning_in_german_and_dutch() {
        for field in all() {
            let [english, german, dutch] =
                [Language::En, Language::De, Language::Nl].map(|language| field.meaning_in(language));
            assert!(!german.is_empty() && german != english, "{} has no German meaning", field.name);
            assert!(!dutch.is_empty() && dutch != english, "{} has no Dutch meaning", field.name);
        }
        let strangers: Vec<_> = MEANINGS.keys().filter(|name| field(name).is_none()).collect();
        assert!(strangers.is_empty(), "no such fields: {strangers:?}");
    }
}
