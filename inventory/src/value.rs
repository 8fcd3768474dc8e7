//! Evidence values: what a named field can hold.

use crate::Field;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One value of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Text as the device told it, made valid UTF-8 and capped in size.
    Text(String),
    /// A number; the vocabulary names its unit.
    Int(i64),
    /// A moment, in milliseconds since the epoch.
    Time(i64),
    /// Raw bytes, for what is no text.
    Bytes(Vec<u8>),
    /// Several texts of the same meaning, in the order told.
    List(Vec<String>),
    /// Rows of a table (ports, supplies, neighbours), in the order told.
    Table(Vec<Row>),
}

/// One row of a table value: column name to value. Columns are listed with the field in the vocabulary.
pub type Row = BTreeMap<String, Value>;

/// No text of evidence is longer than this (octets); longer ones are cut at a character boundary.
pub const MAX_TEXT: usize = 4096;

impl Value {
    /// A text value from bytes of unknown quality: lossy UTF-8, control characters dropped, trimmed, capped.
    #[must_use]
    pub fn text(bytes: impl AsRef<[u8]>) -> Self {
        Self::Text(clean_text(bytes.as_ref()))
    }

    /// The text, if this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if this is one.
    #[must_use]
    pub const fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) | Self::Time(number) => Some(*number),
            _ => None,
        }
    }
}

/// Lossy UTF-8 (Latin-1 where the bytes are no UTF-8), without control characters, trimmed, at most [`MAX_TEXT`].
#[must_use]
pub fn clean_text(bytes: &[u8]) -> String {
    let decoded: String = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Old devices speak Latin-1: each octet is one character there.
        Err(_) => bytes.iter().map(|&octet| char::from(octet)).collect(),
    };
    let spaced: String = decoded
        .chars()
        .map(|c| if matches!(c, '\r' | '\n' | '\t') { ' ' } else { c })
        .filter(|c| !c.is_control())
        .collect();
    let mut text = spaced.trim().to_owned();
    if text.len() > MAX_TEXT {
        let cut = (0..=MAX_TEXT).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(cut);
    }
    text
}

/// Named evidence of one subject: field name to value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(BTreeMap<String, Value>);

impl Fields {
    /// No evidence.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Sets a field of the vocabulary; an empty text is not evidence and is left out.
    pub fn set(&mut self, field: &'static Field, value: Value) {
        if matches!(&value, Value::Text(text) if text.is_empty()) {
            return;
        }
        self.0.insert(field.name.to_owned(), value);
    }

    /// [`Self::set`], for building a value in one expression.
    #[must_use]
    pub fn with(mut self, field: &'static Field, value: Value) -> Self {
        self.set(field, value);
        self
    }

    /// Sets a field by name; for what comes over the wire, where the name was checked against the vocabulary.
    pub fn set_named(&mut self, name: String, value: Value) {
        self.0.insert(name, value);
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, field: &'static Field) -> Option<&Value> {
        self.0.get(field.name)
    }

    /// The text of a field, where it holds one.
    #[must_use]
    pub fn text(&self, field: &'static Field) -> Option<&str> {
        self.get(field).and_then(Value::as_text)
    }

    /// The number of a field, where it holds one.
    #[must_use]
    pub fn int(&self, field: &'static Field) -> Option<i64> {
        self.get(field).and_then(Value::as_int)
    }

    /// The value of a field by name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Removes a field by name and returns what it held.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// Takes over every field of `other`. Where both hold one, lists and tables are united (a host has several web
    /// pages, and several conversations of one probe tell of them); of other values that of `other` wins.
    pub fn merge(&mut self, other: Self) {
        for (name, value) in other.0 {
            match (self.0.get_mut(&name), value) {
                (Some(Value::List(ours)), Value::List(theirs)) => unite(ours, theirs),
                (Some(Value::Table(ours)), Value::Table(theirs)) => unite(ours, theirs),
                (_, value) => drop(self.0.insert(name, value)),
            }
        }
    }

    /// All fields in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there is no evidence at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// No list or table grows beyond this by merging.
pub const MAX_ROWS: usize = 4096;

fn unite<T: PartialEq>(ours: &mut Vec<T>, theirs: Vec<T>) {
    for item in theirs {
        if ours.len() < MAX_ROWS && !ours.contains(&item) {
            ours.push(item);
        }
    }
}

impl IntoIterator for Fields {
    type Item = (String, Value);
    type IntoIter = std::collections::btree_map::IntoIter<String, Value>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(String, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_unites_lists_and_tables_and_replaces_the_rest() {
        let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.to_owned()).collect());
        let row = |port| Row::from([("port".to_owned(), Value::Int(port))]);
        let named = |name: &str, value| (name.to_owned(), value);
        let mut fields = Fields::from_iter([
            named("a.list", list(&["x", "y"])),
            named("a.table", Value::Table(vec![row(80)])),
            named("a.text", Value::text("old")),
        ]);
        fields.merge(Fields::from_iter([
            named("a.list", list(&["y", "z"])),
            named("a.table", Value::Table(vec![row(80), row(443)])),
            named("a.text", Value::text("new")),
        ]));
        assert_eq!(fields.named("a.list"), Some(&list(&["x", "y", "z"])));
        assert_eq!(fields.named("a.table"), Some(&Value::Table(vec![row(80), row(443)])));
        assert_eq!(fields.named("a.text"), Some(&Value::text("new")));
    }

    #[test]
    fn text_from_devices_is_made_safe() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(clean_text(bytes), expected);
        check(b" KYOCERA\r\nECOSYS\x00 ", "KYOCERA  ECOSYS");
        check(b"B\xfcro", "Büro");
        check("Büro".as_bytes(), "Büro");
        assert_eq!(clean_text("ü".repeat(3000).as_bytes()).len(), MAX_TEXT);
    }
}
