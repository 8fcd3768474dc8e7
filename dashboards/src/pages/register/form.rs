//! The form of a documented system: its places in groups, and what stands in them as a system and back.

use crate::chrome::Chrome;
use crate::failure::Failure;
use rundgang_inventory::{Kind, kind::Class};
use rundgang_store::{DocumentedSystem, Room};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// How a place of the form is filled in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Long,
    Day,
    Number,
    Kind,
    Status,
    Room,
    YesNo,
}

/// One place of the form.
#[derive(Clone, Copy)]
pub(super) struct Input {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
}

/// The form: its groups with the names of their places.
const GROUPS: [(&str, &[&str]); 6] = [
    ("what", &["name", "kind", "room", "status", "purpose", "personal_data"]),
    ("who", &["owner", "deputy", "provider", "first_level", "second_level", "hotline", "changed_by"]),
    ("credentials", &["credentials_kind", "credentials_place", "credentials_deputy", "credentials_checked"]),
    (
        "contract",
        &["contract", "contract_from", "contract_until", "notice_until", "sla_hours", "sla_reaction_hours"],
    ),
    ("purchase", &["purchased", "warranty_until", "licence_until", "insurance"]),
    ("network", &["serial", "mac", "segment", "domain", "notes"]),
];

fn shape(name: &str) -> Shape {
    match name {
        "kind" => Shape::Kind,
        "room" => Shape::Room,
        "status" => Shape::Status,
        "personal_data" => Shape::YesNo,
        "sla_reaction_hours" => Shape::Number,
        "notes" => Shape::Long,
        "credentials_checked"
        | "contract_from"
        | "contract_until"
        | "notice_until"
        | "purchased"
        | "warranty_until"
        | "licence_until" => Shape::Day,
        _ => Shape::Text,
    }
}

/// The places of the form in their groups.
pub(super) fn groups() -> impl Iterator<Item = (&'static str, Vec<Input>)> {
    let input = |name: &&'static str| Input { name, shape: shape(name) };
    GROUPS.into_iter().map(move |(group, names)| (group, names.iter().map(input).collect()))
}

/// Every place of the form.
pub(super) fn inputs() -> impl Iterator<Item = Input> {
    groups().flat_map(|(_, inputs)| inputs)
}

/// Kinds of systems that are no devices.
const SERVICES: [&str; 12] = [
    "lms",
    "mail",
    "cloud",
    "video",
    "idm",
    "school-server",
    "mdm",
    "filter",
    "website",
    "software",
    "service",
    "licence",
];

/// The kinds of documented systems, services and devices, in the order of their words: value, words, whether chosen.
pub(in crate::pages) fn kinds(c: &Chrome, chosen: &str) -> Vec<(String, String, bool)> {
    let devices = Kind::ALL.iter().filter(|kind| kind.class() != Class::Personal).map(|kind| kind.name());
    let option = |name: &str| (name.to_owned(), c.word("kind", name), name == chosen);
    let mut all: Vec<_> = SERVICES.into_iter().chain(devices).map(option).collect();
    all.sort_by_key(|(_, words, _)| words.to_lowercase());
    all
}

pub(super) const STATUSES: [&str; 6] = ["in-use", "planned", "ordered", "in-stock", "in-repair", "retired"];

pub(super) fn dashed(name: &str) -> String {
    name.replace('_', "-")
}

/// A value as the form's choices call it: the same words in the log, in tables and beside a conflict.
pub(super) fn in_words(c: &Chrome, input: Input, value: &str, rooms: &[Room]) -> String {
    match input.shape {
        _ if value.is_empty() => String::new(),
        Shape::Kind => c.word("kind", value),
        Shape::Status => c.word("status", value),
        Shape::Room => {
            let room = rooms.iter().find(|room| room.id.to_string() == value);
            room.map(|room| room.name.clone()).unwrap_or_default()
        }
        Shape::YesNo => c.t(if value == "true" { "answer-yes" } else { "answer-no" }),
        _ => value.to_owned(),
    }
}

pub(super) type Filled = BTreeMap<String, String>;

/// What stands in a system, by the names of the form.
pub(super) fn values(system: &DocumentedSystem) -> Filled {
    let Ok(Json::Object(map)) = serde_json::to_value(system) else { return Filled::new() };
    map.into_iter()
        .map(|(name, value)| {
            let text = match value {
                Json::Null => String::new(),
                Json::String(text) => text,
                other => other.to_string(),
            };
            (name, text)
        })
        .collect()
}

/// The system that a filled form describes.
pub(super) fn system(filled: &Filled, school: i64) -> Result<DocumentedSystem, Failure> {
    let mut map = Map::new();
    for input in inputs() {
        let text = filled.get(input.name).map(|text| text.trim()).unwrap_or_default();
        let value = match input.shape {
            Shape::Day | Shape::Number | Shape::Room | Shape::YesNo if text.is_empty() => Json::Null,
            Shape::Number | Shape::Room => Json::from(
                text.parse::<i64>().map_err(|_| Failure::Field(input.name.to_owned(), "error-number"))?,
            ),
            Shape::YesNo => Json::from(text == "true"),
            Shape::Text | Shape::Long | Shape::Day | Shape::Kind | Shape::Status => Json::from(text),
        };
        map.insert(input.name.to_owned(), value);
    }
    for name in ["id", "version", "asset"] {
        if let Some(number) = filled.get(name).and_then(|text| text.parse::<i64>().ok()) {
            map.insert(name.to_owned(), Json::from(number));
        }
    }
    map.insert("school".to_owned(), Json::from(school));
    serde_json::from_value(Json::Object(map)).map_err(|_| Failure::Refused("error-unfit"))
}
