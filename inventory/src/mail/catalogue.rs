//! The catalogue of findings: urgency, source and texts of each, read from one data file.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// How urgent a finding is; the most urgent one comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Act today.
    Critical,
    /// Mail is lost or can be forged.
    High,
    /// Should be put right soon.
    Medium,
    /// Could be better.
    Low,
    /// A fact, no fault.
    Info,
}

impl Severity {
    /// The name in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

/// One finding of the catalogue.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// How urgent it is.
    pub severity: Severity,
    /// The standard that says so.
    pub reference: String,
    /// German texts.
    pub de: Texts,
    /// English texts.
    pub en: Texts,
    /// Dutch texts.
    pub nl: Texts,
}

/// What is said to people about a finding.
#[derive(Clone, Debug, Deserialize)]
pub struct Texts {
    /// What is wrong, in one sentence.
    pub wrong: String,
    /// What happens because of it.
    pub effect: String,
    /// What to do.
    pub remedy: String,
}

/// A language of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// German.
    De,
    /// English.
    En,
    /// Dutch.
    Nl,
}

impl Language {
    /// The language of a code such as `de`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [("de", Self::De), ("en", Self::En), ("nl", Self::Nl)]
            .into_iter()
            .find(|(known, _)| code.eq_ignore_ascii_case(known))
            .map(|(_, language)| language)
    }
}

impl Entry {
    /// The texts in a language.
    #[must_use]
    pub const fn texts(&self, language: Language) -> &Texts {
        match language {
            Language::De => &self.de,
            Language::En => &self.en,
            Language::Nl => &self.nl,
        }
    }
}

/// True of nearly every domain: folded into one "could be better" line.
pub const BASELINE: [&str; 5] =
    ["caa.missing", "dane.missing", "dnssec.unsigned", "mta_sts.missing", "tls_rpt.missing"];

/// Whether a rule (`mail.caa.missing`) is one of these: what nearly every domain could do better, and no gap.
#[must_use]
pub fn is_baseline(rule: &str) -> bool {
    rule.strip_prefix("mail.").is_some_and(|id| BASELINE.contains(&id))
}

/// What a finding is about, as people name the technique: `MTA-STS` for `mta_sts.missing`.
#[must_use]
pub fn technique(id: &str) -> String {
    id.split('.').next().unwrap_or(id).replace('_', "-").to_ascii_uppercase()
}

/// All findings by id. Empty only if the data file is broken, which a test prevents.
#[must_use]
pub fn all() -> &'static BTreeMap<String, Entry> {
    static ALL: OnceLock<BTreeMap<String, Entry>> = OnceLock::new();
    ALL.get_or_init(|| toml::from_str(include_str!("catalogue.toml")).unwrap_or_default())
}

/// The entry of a finding.
#[must_use]
pub fn entry(id: &str) -> Option<&'static Entry> {
    all().get(id)
}

/// The urgency of a finding.
#[must_use]
pub fn severity(id: &str) -> Severity {
    entry(id).map_or(Severity::Medium, |entry| entry.severity)
}
