//! The grammar of fingerprint files: one pattern over one evidence field, what it yields, and examples as tests.

use super::{Confidence, claims::Standing};
use crate::Kind;
use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::OnceLock};

/// A file of fingerprints. What stands at its top holds for every fingerprint that does not say otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    field: Option<String>,
    confidence: Option<Confidence>,
    source: Option<String>,
    /// Holds beside what a fingerprint has of its own, also on the same field: either of the two is enough.
    #[serde(default)]
    unless: BTreeMap<String, String>,
    /// Other fields that hold the same sort of text: what looks at the one looks at these, too.
    #[serde(default)]
    also: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    fingerprint: Vec<Written>,
}

/// One fingerprint as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    field: Option<String>,
    pattern: String,
    /// Other fields that must match too.
    #[serde(default)]
    when: BTreeMap<String, String>,
    /// Other fields that must not match.
    #[serde(default)]
    unless: BTreeMap<String, String>,
    kind: Option<Kind>,
    vendor: Option<String>,
    model: Option<String>,
    serial: Option<String>,
    version: Option<String>,
    hostname: Option<String>,
    service: Option<String>,
    confidence: Option<Confidence>,
    /// Among fingerprints of the same confidence: 50 unless it says otherwise.
    weight: Option<u8>,
    /// Adds to what other fingerprints say of the same text instead of standing for itself.
    #[serde(default)]
    adds: bool,
    /// How its kind stands to the word "computer": what SNMP says is no word of a private computer, unless it says otherwise.
    standing: Option<Standing>,
    source: Option<String>,
    #[serde(default)]
    examples: Vec<Example>,
    /// Texts of which something comes near to it and must not be said.
    #[serde(default)]
    never: Vec<Never>,
}

/// A text that sounds like a fingerprint's and is another's: either the conditions keep it silent, or the whole library
/// does not say what is named here.
#[cfg_attr(not(test), expect(dead_code, reason = "the examples are the tests"))]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Never {
    pub(super) text: String,
    /// Other fields of the same host.
    #[serde(default)]
    pub(super) with: BTreeMap<String, String>,
    /// Kinds that must not be said by all fingerprints together; the fingerprint's own where nothing is named.
    #[serde(default)]
    pub(super) kinds: Vec<Kind>,
    /// Makers that must not be named.
    #[serde(default)]
    pub(super) vendors: Vec<String>,
    /// Models, serials and versions that must not be told.
    #[serde(default)]
    pub(super) texts: Vec<String>,
    /// What it is instead, where that is known.
    pub(super) kind: Option<Kind>,
    pub(super) vendor: Option<String>,
    pub(super) model: Option<String>,
    pub(super) version: Option<String>,
}

/// A text that must match, and what it must yield.
#[cfg_attr(not(test), expect(dead_code, reason = "the examples are the tests"))]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Example {
    pub(super) text: String,
    /// Other fields of the same host, for fingerprints with conditions.
    #[serde(default)]
    pub(super) with: BTreeMap<String, String>,
    pub(super) vendor: Option<String>,
    pub(super) model: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) version: Option<String>,
    pub(super) hostname: Option<String>,
}

/// The attributes whose values are templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Vendor,
    Model,
    Serial,
    Version,
    Hostname,
}

impl Attribute {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Vendor, "vendor"),
        (Self::Model, "model"),
        (Self::Serial, "serial"),
        (Self::Version, "version"),
        (Self::Hostname, "hostname"),
    ];
}

/// A condition on another field of the same host.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) field: String,
    pub(super) pattern: Expression,
    pub(super) wanted: bool,
}

/// One fingerprint, ready to match.
#[derive(Debug)]
pub(super) struct Fingerprint {
    pub(super) field: String,
    /// Other fields whose texts it takes for those of its own.
    pub(super) also: Vec<String>,
    pub(super) pattern: Expression,
    pub(super) conditions: Vec<Condition>,
    pub(super) kind: Option<Kind>,
    /// Templates: text with `{group}` for what a named group of the pattern caught.
    pub(super) templates: Vec<(Attribute, String)>,
    pub(super) service: Option<String>,
    pub(super) confidence: Confidence,
    pub(super) weight: u8,
    #[cfg_attr(not(test), expect(dead_code, reason = "for the reader and the tests"))]
    pub(super) adds: bool,
    /// How its kind stands to the word "computer".
    pub(super) standing: Standing,
    /// Where we know it from.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the reader and the tests"))]
    pub(super) source: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "for the reader and the tests"))]
    pub(super) examples: Vec<Example>,
    /// Texts of which something comes near to it and must not be said.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the reader and the tests"))]
    pub(super) never: Vec<Never>,
}

/// A fingerprint file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("reading the fingerprint file: {0}")]
    Toml(#[from] toml::de::Error),
    #[error("compiling '{pattern}': {reason}")]
    Pattern { pattern: String, reason: regex::Error },
    #[error("'{0}' names no field, and neither does the top of its file")]
    NoField(String),
}

/// An expression that is made ready when it is first asked: of a thousand, a walk asks few, and each one takes memory.
#[derive(Debug)]
pub(super) struct Expression {
    source: String,
    ready: OnceLock<Option<Regex>>,
}

impl Expression {
    pub(super) const fn new(source: String) -> Self {
        Self { source, ready: OnceLock::new() }
    }

    /// The expression as it is written.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// The expression, ready to be asked. Patterns see octets, without regard to case; `\d`, `\w` and `.` mean ASCII, which
    /// keeps them small and fast. None for one that cannot be read; that every one of ours can is a test's.
    pub(super) fn get(&self) -> Option<&Regex> {
        let build = || {
            let mut builder = RegexBuilder::new(&self.source);
            builder.unicode(false).case_insensitive(true).dot_matches_new_line(true).build().ok()
        };
        self.ready.get_or_init(build).as_ref()
    }

    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        self.get().is_some_and(|ready| ready.is_match(text))
    }

    /// Whether a group of that name stands in it.
    fn catches(&self, group: &str) -> bool {
        ["?<", "?P<"].iter().any(|begins| self.source.contains(&format!("{begins}{group}>")))
    }
}

impl File {
    /// Reads a file and makes its fingerprints ready.
    pub(super) fn read(text: &str) -> Result<Vec<Fingerprint>, Unusable> {
        let mut file: Self = toml::from_str(text)?;
        let written = std::mem::take(&mut file.fingerprint);
        written.into_iter().map(|written| written.ready(&file)).collect()
    }
}

impl Written {
    fn ready(self, file: &File) -> Result<Fingerprint, Unusable> {
        let field = self
            .field
            .clone()
            .or_else(|| file.field.clone())
            .ok_or_else(|| Unusable::NoField(self.pattern.clone()))?;
        let pattern = Expression::new(self.pattern);
        let mut conditions = Vec::new();
        for (map, wanted) in [(&self.when, true), (&self.unless, false), (&file.unless, false)] {
            for (field, pattern) in map {
                conditions.push(Condition {
                    field: field.clone(),
                    pattern: Expression::new(pattern.clone()),
                    wanted,
                });
            }
        }
        let told = [&self.vendor, &self.model, &self.serial, &self.version, &self.hostname];
        let templates = Attribute::ALL
            .iter()
            .zip(told)
            .filter_map(|(&(attribute, name), told)| {
                let template =
                    told.clone().or_else(|| pattern.catches(name).then(|| format!("{{{name}}}")))?;
                Some((attribute, template))
            })
            .collect();
        let by_field = if field.starts_with("snmp.") { Standing::Appliance } else { Standing::Plain };
        Ok(Fingerprint {
            also: file.also.get(&field).cloned().unwrap_or_default(),
            field,
            pattern,
            conditions,
            kind: self.kind,
            templates,
            service: self.service,
            confidence: self.confidence.or(file.confidence).unwrap_or(Confidence::Medium),
            weight: self.weight.unwrap_or(50),
            adds: self.adds,
            standing: self.standing.unwrap_or(by_field),
            source: self.source.as_deref().or(file.source.as_deref()).unwrap_or_default().to_owned(),
            examples: self.examples,
            never: self.never,
        })
    }
}

/// Fills `{group}` in a template with what the pattern caught; None where a group caught nothing.
pub(super) fn fill(template: &str, caught: &regex::bytes::Captures<'_>) -> Option<String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (group, behind) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(&String::from_utf8_lossy(caught.name(group)?.as_bytes()));
        rest = behind;
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_top_of_a_file_rules_out_stands_beside_each_fingerprint_s_own() {
        let text = r#"
            field = "snmp.sys_descr"
            unless = { "snmp.sys_descr" = "^linux" }
            [[fingerprint]]
            pattern = "a"
            [[fingerprint]]
            pattern = "b"
            when = { "http.title" = "c" }
            unless = { "snmp.sys_descr" = "^darwin", "snmp.sys_name" = "d" }
        "#;
        let shown = |one: &Fingerprint| {
            let sign = |wanted: bool| if wanted { '+' } else { '-' };
            let condition =
                |one: &Condition| format!("{}{} {}", sign(one.wanted), one.field, one.pattern.source());
            one.conditions.iter().map(condition).collect::<Vec<_>>()
        };
        let read: Vec<Vec<String>> = File::read(text).unwrap().iter().map(shown).collect();
        let of_file = "-snmp.sys_descr ^linux";
        let own = ["+http.title c", "-snmp.sys_descr ^darwin", "-snmp.sys_name d", of_file];
        assert_eq!(read, [vec![of_file], own.to_vec()]);
    }
}
