//! The library of fingerprints: read once, matched field by field against a host's evidence.

use super::{
    Confidence,
    claims::{Claims, Standing, Strength},
    fingerprint::{Attribute, Condition, File, Fingerprint, Unusable, fill},
    oids::Tree,
};
use crate::{Fields, Value};
use regex::bytes::{RegexSet, RegexSetBuilder};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::LazyLock,
};

/// Every file of fingerprints, the special before the general.
static FILES: &[(&str, &str)] = &[
    ("snmp-printers", include_str!("../../fingerprints/snmp-printers.toml")),
    ("snmp-network", include_str!("../../fingerprints/snmp-network.toml")),
    ("snmp-power", include_str!("../../fingerprints/snmp-power.toml")),
    ("snmp-others", include_str!("../../fingerprints/snmp-others.toml")),
    ("snmp-systems", include_str!("../../fingerprints/snmp-systems.toml")),
    ("snmp-words", include_str!("../../fingerprints/snmp-words.toml")),
    ("web", include_str!("../../fingerprints/web.toml")),
    ("greetings", include_str!("../../fingerprints/greetings.toml")),
    ("announcements", include_str!("../../fingerprints/announcements.toml")),
    ("printing", include_str!("../../fingerprints/printing.toml")),
    ("projection", include_str!("../../fingerprints/projection.toml")),
    ("telephony", include_str!("../../fingerprints/telephony.toml")),
    ("personal", include_str!("../../fingerprints/personal.toml")),
    ("dhcp", include_str!("../../fingerprints/dhcp.toml")),
    ("heard", include_str!("../../fingerprints/heard.toml")),
    ("boards", include_str!("../../fingerprints/boards.toml")),
];

static TREES: &[&str] = &[include_str!("../../fingerprints/enterprises.toml")];

static BUILT_IN: LazyLock<Library> = LazyLock::new(Library::built_in_or_empty);

/// All fingerprints, by the field they look at.
#[derive(Debug, Default)]
pub(super) struct Library {
    shelves: HashMap<String, Shelf>,
    /// Fields without a shelf of their own, or with more than that: whose shelf speaks of them, too.
    alike: HashMap<String, BTreeSet<String>>,
    tree: Tree,
}

/// The fingerprints of one field.
#[derive(Debug)]
struct Shelf {
    set: RegexSet,
    fingerprints: Vec<Fingerprint>,
}

/// The library that is compiled into the program.
pub(super) fn built_in() -> &'static Library {
    &BUILT_IN
}

impl Library {
    /// A test keeps the files readable, so that "or empty" never happens outside development.
    fn built_in_or_empty() -> Self {
        let tree = Self::trees().unwrap_or_default();
        let mut library = Self::read(FILES).unwrap_or_default();
        library.tree = tree;
        library
    }

    fn trees() -> Result<Tree, toml::de::Error> {
        let mut all = Tree::default();
        for text in TREES {
            all.extend(Tree::read(text)?);
        }
        Ok(all)
    }

    fn read(files: &[(&str, &str)]) -> Result<Self, Unusable> {
        let mut by_field: BTreeMap<String, Vec<Fingerprint>> = BTreeMap::new();
        for (_, text) in files {
            for fingerprint in File::read(text)? {
                by_field.entry(fingerprint.field.clone()).or_default().push(fingerprint);
            }
        }
        let mut library = Self::default();
        for fingerprint in by_field.values().flatten() {
            for field in &fingerprint.also {
                library.alike.entry(field.clone()).or_default().insert(fingerprint.field.clone());
            }
        }
        for (field, fingerprints) in by_field {
            let patterns: Vec<&str> = fingerprints.iter().map(|one| one.pattern.source()).collect();
            let set = RegexSetBuilder::new(&patterns)
                .unicode(false)
                .case_insensitive(true)
                .dot_matches_new_line(true)
                .size_limit(64 << 20)
                .dfa_size_limit(16 << 20)
                .build()
                .map_err(|reason| Unusable::Pattern { pattern: field.clone(), reason })?;
            library.shelves.insert(field, Shelf { set, fingerprints });
        }
        Ok(library)
    }

    /// What every fingerprint that matches says.
    pub(super) fn claim(&self, fields: &Fields, claims: &mut Claims) {
        for (field, value) in fields.iter() {
            if field == "snmp.sys_object_id"
                && let Some(oid) = value.as_text()
            {
                self.tree.claim(oid, claims);
            }
            if let Value::Table(rows) = value {
                for (column, value) in rows.iter().take(MAX_ROWS).flatten() {
                    self.claim_texts(&format!("{field}/{column}"), value, fields, claims);
                }
            } else {
                self.claim_texts(field, value, fields, claims);
            }
        }
    }

    fn claim_texts(&self, field: &str, value: &Value, fields: &Fields, claims: &mut Claims) {
        let alike = self.alike.get(field).into_iter().flatten().map(String::as_str);
        for shelf in std::iter::once(field).chain(alike).filter_map(|name| self.shelves.get(name)) {
            for text in texts(value) {
                for at in &shelf.set.matches(text.as_bytes()) {
                    if let Some(fingerprint) = shelf.fingerprints.get(at)
                        && fingerprint.speaks_of(field)
                        && fingerprint.applies(field, fields)
                    {
                        fingerprint.claim(field, &text, claims);
                    }
                }
            }
        }
    }
}

/// What a text weighs less in a field that its fingerprint looks at in the second place.
const SECOND_PLACE: u8 = 10;
/// Rows of a table that are looked at: neighbours and ports can be thousands, and none of them is this device.
const MAX_ROWS: usize = 256;

/// The texts of a value; numbers as decimals.
fn texts(value: &Value) -> Vec<Cow<'_, str>> {
    match value {
        Value::Text(text) => vec![Cow::Borrowed(text.as_str())],
        Value::Int(number) => vec![Cow::Owned(number.to_string())],
        Value::List(items) => items.iter().map(|item| Cow::Borrowed(item.as_str())).collect(),
        Value::Time(_) | Value::Bytes(_) | Value::Table(_) => Vec::new(),
    }
}

impl Condition {
    /// Whether the host's evidence meets the condition on this field; `table/column` looks into every row.
    fn met(&self, field: &str, fields: &Fields) -> bool {
        let matches = |value: &Value| texts(value).iter().any(|text| self.pattern.is_match(text.as_bytes()));
        let found = match field.split_once('/') {
            None => fields.named(field).is_some_and(matches),
            Some((field, column)) => match fields.named(field) {
                Some(Value::Table(rows)) => {
                    rows.iter().take(MAX_ROWS).any(|row| row.get(column).is_some_and(matches))
                }
                _ => false,
            },
        };
        found == self.wanted
    }
}

impl Fingerprint {
    fn speaks_of(&self, field: &str) -> bool {
        self.field == field || self.also.iter().any(|also| also == field)
    }

    /// Whether its conditions hold for a text of this field. What they ask of the text itself they ask of the one at hand.
    fn applies(&self, field: &str, fields: &Fields) -> bool {
        let meant = |condition: &Condition| {
            let own = condition.field == self.field;
            condition.met(if own { field } else { &condition.field }, fields)
        };
        self.conditions.iter().all(meant)
    }

    fn claim(&self, field: &str, text: &str, claims: &mut Claims) {
        let Some(caught) = self.pattern.get().and_then(|ready| ready.captures(text.as_bytes())) else {
            return;
        };
        let is_own = self.field == field;
        // Where the device says it in two places, what it says where the fingerprint looks first decides.
        let weight = if is_own { self.weight } else { self.weight.saturating_sub(SECOND_PLACE) };
        let strength = Strength(self.confidence, weight);
        // Any computer can be set up to announce a text; only what its fingerprint was written for makes an appliance.
        let standing =
            if is_own || self.standing == Standing::Computer { self.standing } else { Standing::Plain };
        let matched =
            caught.get(0).map(|matched| String::from_utf8_lossy(matched.as_bytes())).unwrap_or_default();
        let because = because(field, &matched);
        if let Some(kind) = self.kind {
            claims.kind_as(kind, strength, &because, standing);
        }
        if let Some(service) = &self.service {
            claims.services.insert(service.clone());
        }
        for (attribute, template) in &self.templates {
            let Some(value) = fill(template, &caught) else { continue };
            match attribute {
                Attribute::Vendor => claims.vendor(&value, strength, &because),
                Attribute::Model => claims.model(&value, strength, &because),
                Attribute::Serial => claims.serial(&value, strength, &because),
                Attribute::Version => claims.version(&value, strength, &because),
                Attribute::Hostname => claims.hostname(&value, strength, &because),
            }
        }
    }
}

/// A readable reason: the field under its protocol's own name, and the part of the text that spoke.
pub(super) fn because(field: &str, text: &str) -> String {
    let label = match field {
        "snmp.sys_descr" => "sysDescr",
        "snmp.sys_object_id" => "sysObjectID",
        "snmp.sys_name" => "sysName",
        "http.title" => "the page's title",
        "http.server" => "the Server header",
        "lldp.descr" => "its description by LLDP",
        "cdp.software" => "its software by CDP",
        other => other,
    };
    let mut excerpt: String = text.trim().chars().take(60).collect();
    if text.trim().chars().nth(60).is_some() {
        excerpt.push('…');
    }
    format!("{label} says \"{excerpt}\"")
}

/// The confidence a name of it alone deserves; kept here so that every extractor agrees.
pub(super) const TOLD_BY_DEVICE: Confidence = Confidence::High;

#[cfg(test)]
mod tests;
