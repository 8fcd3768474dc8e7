//! An entry of the audit log in words: what was done to what, and what stood there before and stands there now.

use crate::chrome::Chrome;
use crate::pages::register::change_shown;
use rundgang_inventory::Timestamp;
use rundgang_store::Room;
use rundgang_store::views::log::LogLine;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// An entry in words.
pub(super) struct Told {
    pub(super) who: String,
    pub(super) what: String,
    pub(super) subject: String,
    /// The place (empty for the whole), what stood there, and what stands there.
    pub(super) fields: Vec<(String, String, String)>,
}

/// What counts the changes of a row, or says where it belongs, is nothing that somebody entered.
const ROW: [&str; 5] = ["id", "version", "school", "traeger", "rule"];

pub(super) fn told(c: &Chrome, rooms: &[Room], line: &LogLine) -> Told {
    let entry = &line.entry;
    let shown = change_shown(c, rooms, entry);
    let is_register =
        entry.subject.starts_with("system ") || matches!(entry.what.as_str(), "keep" | "due" | "decide");
    let fields = if is_register && !shown.fields.is_empty() {
        shown.fields
    } else {
        differing(c, &entry.before, &entry.after)
    };
    Told { who: shown.who, what: shown.what, subject: subject(c, line), fields }
}

/// What an entry is about: its kind, and its name or number.
fn subject(c: &Chrome, line: &LogLine) -> String {
    let subject = line.entry.subject.as_str();
    // The school stands beside it.
    let subject = subject.split_once(" of school ").map_or(subject, |(subject, _)| subject);
    let (noun, rest) = subject.rsplit_once(' ').unwrap_or((subject, ""));
    let noun = c.word("log-subject", noun);
    let name = if line.label.is_empty() { rest } else { &line.label };
    if name.is_empty() { noun } else { format!("{noun} {name}") }
}

/// A value with its place before it.
pub(super) fn labelled(place: &str, value: &str) -> String {
    if place.is_empty() { value.to_owned() } else { format!("{place}: {value}") }
}

/// The places in which two rows differ; what is no row differs as a whole.
fn differing(c: &Chrome, before: &str, after: &str) -> Vec<(String, String, String)> {
    let row = |text: &str| match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(row)) => Some(row),
        _ if text.is_empty() => Some(Map::new()),
        _ => None,
    };
    let (Some(old), Some(new)) = (row(before), row(after)) else {
        return vec![(String::new(), before.to_owned(), after.to_owned())];
    };
    let places: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let told = |row: &Map<String, Json>, place: &String| {
        row.get(place).map(|value| value_told(c, place, value)).unwrap_or_default()
    };
    let places = places.into_iter().filter(|place| !ROW.contains(&place.as_str()));
    let places = places.map(|place| (place_told(c, place), told(&old, place), told(&new, place)));
    places.filter(|(_, old, new)| old != new).collect()
}

/// The place of a row as people call it.
fn place_told(c: &Chrome, place: &str) -> String {
    let dashed = place.replace('_', "-");
    let known = ["log-field", "field", "column"]
        .iter()
        .find_map(|family| c.language.find(&format!("{family}-{dashed}"), &[]));
    known.unwrap_or_else(|| place.to_owned())
}

fn value_told(c: &Chrome, place: &str, value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::Bool(is) => c.t(if *is { "answer-yes" } else { "answer-no" }),
        Json::String(text) if place == "state" => c.word("agent-state", text),
        Json::String(text) => {
            let day = Timestamp::parse_date(text).map(|day| c.date(&Timestamp(day.0 + 43_200_000)));
            day.unwrap_or_else(|| text.clone())
        }
        Json::Array(all) => all.iter().map(|one| value_told(c, "", one)).collect::<Vec<_>>().join(", "),
        Json::Number(_) | Json::Object(_) => value.to_string(),
    }
}
