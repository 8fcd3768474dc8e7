//! How large evidence may be, in one place: the agent's filter cuts to it, and the collector's ingest cuts again.
//!
//! Whatever a device says, however long it is, becomes evidence of this size or less. Nothing here refuses: one odd
//! device must never hold up what is known of the others.

pub use crate::value::{MAX_ROWS, MAX_TEXT};
use crate::{Fields, Row, Value};

/// Fields of one observation.
pub const MAX_FIELDS: usize = 256;
/// Columns of one row.
pub const MAX_COLUMNS: usize = 64;
/// Texts of one list.
pub const MAX_LIST: usize = 4096;
/// Octets of a name: a segment, a probe, a field, a column, a kind.
pub const MAX_NAME: usize = 120;
/// Octets of raw bytes in a value.
pub const MAX_BYTES: usize = 16 << 10;
/// Octets of everything that one observation says, roughly as they go over the wire.
pub const MAX_OBSERVATION: usize = 1 << 20;
/// What a value costs on the wire beside its content, at most.
const OVERHEAD: usize = 24;

/// Cuts evidence to what may be kept and sent, and says how many values were cut or left out. What fits is not
/// touched, so cutting twice changes nothing more.
#[must_use]
pub fn bound(fields: Fields) -> (Fields, usize) {
    let mut room = Room { left: MAX_OBSERVATION, cut: 0 };
    let mut bounded = Vec::new();
    for (name, value) in fields {
        let fits = bounded.len() < MAX_FIELDS && is_name(&name) && room.take(name.len());
        match if fits { room.value(value, true) } else { None } {
            Some(value) => bounded.push((name, value)),
            None => room.cut += 1,
        }
    }
    (bounded.into_iter().collect(), room.cut)
}

/// A short name, cut to what a name may be, without control characters.
#[must_use]
pub fn name(text: &str) -> String {
    let mut name: String = text.chars().filter(|c| !c.is_control()).collect();
    shorten(&mut name, MAX_NAME);
    name
}

fn is_name(text: &str) -> bool {
    text.len() <= MAX_NAME && !text.chars().any(char::is_control)
}

/// Cuts a text at a character boundary.
fn shorten(text: &mut String, most: usize) {
    if text.len() > most {
        let cut = (0..=most).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(cut);
    }
}

/// What may still be said, and how often something did not fit.
struct Room {
    left: usize,
    cut: usize,
}

impl Room {
    fn take(&mut self, octets: usize) -> bool {
        let rest = self.left.checked_sub(octets + OVERHEAD);
        self.left = rest.unwrap_or(self.left);
        rest.is_some()
    }

    /// The value as far as it fits; tables hold plain values only.
    fn value(&mut self, value: Value, tables: bool) -> Option<Value> {
        match value {
            Value::Text(text) => self.text(text).map(Value::Text),
            Value::Int(_) | Value::Time(_) => self.take(0).then_some(value),
            Value::Bytes(mut bytes) => {
                self.note(bytes.len() > MAX_BYTES);
                bytes.truncate(MAX_BYTES);
                self.take(bytes.len()).then_some(Value::Bytes(bytes))
            }
            Value::List(items) => {
                self.note(items.len() > MAX_LIST);
                let items: Vec<_> = items.into_iter().take(MAX_LIST).collect();
                Some(Value::List(items.into_iter().filter_map(|item| self.noted(Self::text, item)).collect()))
            }
            Value::Table(rows) if tables => {
                self.note(rows.len() > MAX_ROWS);
                let rows: Vec<_> = rows.into_iter().take(MAX_ROWS).collect();
                Some(Value::Table(rows.into_iter().filter_map(|row| self.noted(Self::row, row)).collect()))
            }
            Value::Table(_) => None,
        }
    }

    fn text(&mut self, mut text: String) -> Option<String> {
        // No database keeps a NUL in a text.
        self.note(text.len() > MAX_TEXT || text.contains('\0'));
        text.retain(|c| c != '\0');
        shorten(&mut text, MAX_TEXT);
        self.take(text.len()).then_some(text)
    }

    fn row(&mut self, row: Row) -> Option<Row> {
        self.take(0).then(|| {
            let mut bounded = Row::new();
            for (column, value) in row {
                let fits = bounded.len() < MAX_COLUMNS && is_name(&column) && self.take(column.len());
                match if fits { self.value(value, false) } else { None } {
                    Some(value) => drop(bounded.insert(column, value)),
                    None => self.cut += 1,
                }
            }
            bounded
        })
    }

    fn noted<T>(&mut self, fit: fn(&mut Self, T) -> Option<T>, item: T) -> Option<T> {
        let fitting = fit(self, item);
        self.note(fitting.is_none());
        fitting
    }

    fn note(&mut self, is_cut: bool) {
        self.cut += usize::from(is_cut);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: Value) -> Fields {
        Fields::from_iter([("http.title".to_owned(), value)])
    }

    fn cell(column: &str, value: Value) -> Value {
        Value::Table(vec![Row::from([(column.to_owned(), value)])])
    }

    #[test]
    fn what_is_too_large_is_cut_and_the_rest_stays() {
        let check = |value: Value, expected: Option<Value>| {
            let is_cut = Some(&value) != expected.as_ref();
            let mut fields = one(value);
            fields.set_named("a.b".to_owned(), Value::Int(1));
            let (bounded, cut) = bound(fields);
            assert_eq!(bounded.named("a.b"), Some(&Value::Int(1)), "what stands beside it");
            assert_eq!((bounded.named("http.title"), cut > 0), (expected.as_ref(), is_cut));
            assert_eq!(bound(bounded.clone()), (bounded, 0), "cutting twice");
        };
        let text = |text: &str| Value::Text(text.to_owned());
        check(text("Büro"), Some(text("Büro")));
        check(text(&"ü".repeat(3000)), Some(text(&"ü".repeat(2048))));
        check(text("a\0b"), Some(text("ab")));
        check(Value::Bytes(vec![7; MAX_BYTES + 1]), Some(Value::Bytes(vec![7; MAX_BYTES])));
        check(cell("x", Value::Int(1)), Some(cell("x", Value::Int(1))));
        check(cell(&"C".repeat(150), Value::Int(1)), Some(Value::Table(vec![Row::new()])));
        check(cell("x", Value::Table(Vec::new())), Some(Value::Table(vec![Row::new()])));
        let list = |many: usize| Value::List(vec!["x".to_owned(); many]);
        check(list(MAX_LIST + 9), Some(list(MAX_LIST)));
        let wide = |many: usize| {
            Value::Table(vec![(0..many).map(|at| (format!("{at:03}"), Value::Int(0))).collect()])
        };
        check(wide(MAX_COLUMNS + 1), Some(wide(MAX_COLUMNS)));
    }

    #[test]
    fn no_observation_outgrows_its_room() {
        let (bounded, cut) = bound(one(Value::List(vec!["x".repeat(MAX_TEXT); MAX_LIST])));
        let Some(Value::List(items)) = bounded.named("http.title") else { panic!("the list is gone") };
        assert_eq!(items.len(), MAX_OBSERVATION / (MAX_TEXT + OVERHEAD), "as many as fit");
        assert_eq!(cut, MAX_LIST - items.len());
    }

    #[test]
    fn names_are_cut() {
        assert_eq!(name("Verwal\ttung"), "Verwaltung");
        assert_eq!(name(&"ü".repeat(100)).len(), MAX_NAME);
    }
}
