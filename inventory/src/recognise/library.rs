//! The library of fingerprints: read once, matched field by field against a host's evidence.

use super::{
    Confidence,
    claims::{Claims, Strength},
    fingerprint::{Attribute, Condition, File, Fingerprint, Unusable, fill},
    oids::Tree,
};
use crate::{Fields, Value};
use regex::bytes::{RegexSet, RegexSetBuilder};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
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
    ("boards", include_str!("../../fingerprints/boards.toml")),
];

static TREES: &[&str] = &[include_str!("../../fingerprints/enterprises.toml")];

static BUILT_IN: LazyLock<Library> = LazyLock::new(Library::built_in_or_empty);

/// All fingerprints, by the field they look at.
#[derive(Debug, Default)]
pub(super) struct Library {
    shelves: HashMap<String, Shelf>,
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
        for (field, fingerprints) in by_field {
            let patterns: Vec<&str> = fingerprints.iter().map(|one| one.source_pattern.as_str()).collect();
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
        let Some(shelf) = self.shelves.get(shelf_of(field)) else { return };
        for text in texts(value) {
            for at in &shelf.set.matches(text.as_bytes()) {
                if let Some(fingerprint) = shelf.fingerprints.get(at)
                    && fingerprint.applies(fields)
                {
                    fingerprint.claim(&text, claims);
                }
            }
        }
    }
}

/// Fields that say the same kind of thing share a shelf.
fn shelf_of(field: &str) -> &str {
    match field {
        // A telephone names itself in either header field (RFC 3261 sections 20.35 and 20.41).
        "sip.server" => "sip.user_agent",
        other => other,
    }
}

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
    /// Whether the host's evidence meets the condition; `table/column` looks into every row.
    fn met(&self, fields: &Fields) -> bool {
        let matches = |value: &Value| texts(value).iter().any(|text| self.pattern.is_match(text.as_bytes()));
        let found = match self.field.split_once('/') {
            None => fields.named(&self.field).is_some_and(matches),
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
    fn applies(&self, fields: &Fields) -> bool {
        self.conditions.iter().all(|condition| condition.met(fields))
    }

    fn claim(&self, text: &str, claims: &mut Claims) {
        let Some(caught) = self.pattern.captures(text.as_bytes()) else { return };
        let strength = Strength(self.confidence, self.weight);
        let matched =
            caught.get(0).map(|matched| String::from_utf8_lossy(matched.as_bytes())).unwrap_or_default();
        let because = because(&self.field, &matched);
        if let Some(kind) = self.kind {
            claims.kind_as(kind, strength, &because, self.standing);
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
mod tests {
    use super::*;
    use crate::Kind;
    use crate::recognise::{
        Told,
        fingerprint::{Example, Never},
        recognise, vendors,
    };
    use std::collections::BTreeSet;

    fn evidence(field: &str, text: &str, with: &BTreeMap<String, String>) -> Fields {
        let mut fields = Fields::new();
        for (field, text) in with.iter().map(|(a, b)| (a.as_str(), b.as_str())).chain([(field, text)]) {
            match field.split_once('/') {
                None => {
                    let told = match fields.remove(field) {
                        Some(Value::Text(other)) => Value::List(vec![other, text.to_owned()]),
                        _ => Value::Text(text.to_owned()),
                    };
                    fields.set_named(field.to_owned(), told);
                }
                Some((table, column)) => {
                    let mut row = match fields.remove(table) {
                        Some(Value::Table(mut rows)) => rows.pop().unwrap_or_default(),
                        _ => BTreeMap::new(),
                    };
                    row.insert(column.to_owned(), Value::Text(text.to_owned()));
                    fields.set_named(table.to_owned(), Value::Table(vec![row]));
                }
            }
        }
        fields
    }

    fn check_yield(fingerprint: &Fingerprint, example: &Example, fields: &Fields) {
        let shown = format!("{} on \"{}\"", fingerprint.source_pattern, example.text);
        assert!(fingerprint.applies(fields), "its conditions do not hold: {shown}");
        let mut claims = Claims::default();
        fingerprint.claim(&example.text, &mut claims);
        let first =
            |claims: &[super::super::claims::Claim<String>]| claims.first().map(|claim| claim.value.clone());
        let wanted = [
            ("vendor", &example.vendor, first(&claims.vendor)),
            ("model", &example.model, first(&claims.model)),
            ("serial", &example.serial, first(&claims.serial)),
            ("version", &example.version, first(&claims.version)),
            ("hostname", &example.hostname, first(&claims.hostname)),
        ];
        for (name, expected, found) in wanted {
            let caught = fingerprint.pattern.capture_names().flatten().any(|group| group == name);
            if expected.is_some() || (caught && name != "vendor") {
                assert_eq!(found.as_ref(), expected.as_ref(), "{name}: {shown}");
            }
        }
    }

    #[test]
    fn every_example_matches_its_own_fingerprint_and_no_earlier_one() {
        let library = Library::read(FILES).expect("the fingerprint files");
        let mut bare = Vec::new();
        for shelf in library.shelves.values() {
            for (at, fingerprint) in shelf.fingerprints.iter().enumerate() {
                if fingerprint.examples.is_empty() {
                    bare.push(fingerprint.source_pattern.clone());
                }
                for example in &fingerprint.examples {
                    let text = &example.text;
                    assert!(
                        fingerprint.pattern.is_match(text.as_bytes()),
                        "{} does not match \"{text}\"",
                        fingerprint.source_pattern
                    );
                    let fields = evidence(&fingerprint.field, text, &example.with);
                    check_yield(fingerprint, example, &fields);
                    for earlier in
                        shelf.fingerprints.iter().take(at).filter(|one| !one.adds && !fingerprint.adds)
                    {
                        assert!(
                            !(earlier.pattern.is_match(text.as_bytes()) && earlier.applies(&fields)),
                            "\"{text}\" of {} also matches the earlier {}",
                            fingerprint.source_pattern,
                            earlier.source_pattern
                        );
                    }
                }
            }
        }
        assert!(bare.is_empty(), "{} fingerprints have no example: {bare:#?}", bare.len());
    }

    /// What a text sounds like and is not: by the whole library, since it does not matter which fingerprint is wrong.
    fn check_never(fingerprint: &Fingerprint, never: &Never, shown: &str) {
        let fields = evidence(&fingerprint.field, &never.text, &never.with);
        let told = recognise(None, &fields);
        let kind = told.kind.as_ref().map(|told| told.value);
        let vendor = told.vendor.as_ref().map(|told| told.value.as_str());
        let named = !(never.kinds.is_empty() && never.vendors.is_empty() && never.texts.is_empty());
        let known = [&never.vendor, &never.model, &never.version].iter().any(|text| text.is_some());
        if !named && !known && never.kind.is_none() {
            assert!(fingerprint.pattern.is_match(never.text.as_bytes()), "does not match: {shown}");
            assert!(!fingerprint.applies(&fields), "speaks all the same: {shown}");
            assert!(kind.is_none() || kind != fingerprint.kind, "another says the same kind: {shown}");
        }
        assert!(kind.is_none_or(|kind| !never.kinds.contains(&kind)), "{kind:?} comes out: {shown}");
        let named = |vendor: &str| never.vendors.iter().any(|wrong| wrong == vendor);
        assert!(!vendor.is_some_and(named), "{vendor:?} comes out: {shown}");
        let text = |told: &Option<Told<String>>| told.as_ref().map(|told| told.value.clone());
        for found in [&told.model, &told.serial, &told.os_version].into_iter().filter_map(text) {
            assert!(!never.texts.contains(&found), "{found} comes out: {shown}");
        }
        if never.kind.is_some() {
            assert_eq!(kind, never.kind, "the kind: {shown}");
        }
        let wanted = [
            ("vendor", &never.vendor, &told.vendor),
            ("model", &never.model, &told.model),
            ("version", &never.version, &told.os_version),
        ];
        for (name, expected, found) in wanted.into_iter().filter(|(_, expected, _)| expected.is_some()) {
            assert_eq!(text(found).as_ref(), expected.as_ref(), "{name}: {shown}");
        }
    }

    #[test]
    fn what_is_never_meant_comes_out_of_no_fingerprint() {
        let library = Library::read(FILES).expect("the fingerprint files");
        let all = library.shelves.values().flat_map(|shelf| &shelf.fingerprints);
        for (fingerprint, never) in all.flat_map(|one| one.never.iter().map(move |never| (one, never))) {
            check_never(fingerprint, never, &format!("{} on \"{}\"", fingerprint.source_pattern, never.text));
        }
    }

    /// Names as a school could give its computers: the words of every example of a sysDescr, and of its pattern.
    fn names_like_the_examples(library: &Library) -> BTreeSet<String> {
        let shelf = library.shelves.get("snmp.sys_descr").map(|shelf| shelf.fingerprints.as_slice());
        let mut names = BTreeSet::new();
        for fingerprint in shelf.unwrap_or_default() {
            let texts = fingerprint.examples.iter().map(|example| example.text.as_str());
            for text in texts.chain([fingerprint.source_pattern.as_str()]) {
                let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
                for word in words.map(|word| word.trim_matches(['-', '.', '_'])).filter(|word| word.len() > 1)
                {
                    names.extend([
                        word.to_owned(),
                        word.to_lowercase(),
                        format!("{}01", word.to_lowercase()),
                    ]);
                }
            }
        }
        names
    }

    #[test]
    fn no_name_makes_a_computer_another_thing() {
        const MINE: &[&str] = &["Linux", "FreeBSD", "Proxmox"];
        let library = Library::read(FILES).expect("the fingerprint files");
        let names = names_like_the_examples(&library);
        assert!(names.len() > 1000, "only {} names", names.len());
        let mut wrong = Vec::new();
        for name in &names {
            for descr in [
                format!(
                    "Linux {name} 6.1.0-9-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.90-1 (2024-05-03) x86_64"
                ),
                format!("Linux {name} 6.8.0-40-generic #40-Ubuntu SMP Fri Jul 5 10:34:03 UTC 2024 aarch64"),
                format!("FreeBSD {name} 14.1-RELEASE-p5 FreeBSD 14.1-RELEASE-p5 GENERIC amd64"),
            ] {
                let told = recognise(None, &evidence("snmp.sys_descr", &descr, &BTreeMap::new()));
                let kind = told.kind.map(|told| told.value);
                let vendor = told.vendor.map(|told| told.value).unwrap_or_default();
                if !(kind == Some(Kind::Server) && MINE.contains(&vendor.as_str()) && told.model.is_none()) {
                    wrong.push(format!("{descr}: {kind:?} {vendor} {:?}", told.model.map(|told| told.value)));
                }
            }
        }
        assert!(wrong.is_empty(), "{} texts: {:#?}", wrong.len(), wrong.iter().take(40).collect::<Vec<_>>());
    }

    #[test]
    fn every_fingerprint_yields_something_and_names_its_source() {
        for (name, text) in FILES {
            for fingerprint in File::read(text).expect("a fingerprint file") {
                let yields = fingerprint.kind.is_some()
                    || fingerprint.service.is_some()
                    || !fingerprint.templates.is_empty();
                assert!(yields, "{name}: {} yields nothing", fingerprint.source_pattern);
                assert!(
                    !fingerprint.source.is_empty(),
                    "{name}: {} has no source",
                    fingerprint.source_pattern
                );
                assert!(fingerprint.weight <= 100, "{name}: {} weighs too much", fingerprint.source_pattern);
                for (attribute, template) in &fingerprint.templates {
                    if *attribute == Attribute::Vendor && !template.contains('{') {
                        assert_eq!(
                            &vendors::canonical(template),
                            template,
                            "{name}: another spelling is shown"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_trees_read() {
        assert!(Library::trees().is_ok());
    }
}
