//! The form of a documented system: its places in groups, and what stands in them as a system and back.

use crate::failure::Failure;
use rundgang_store::DocumentedSystem;
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
pub(super) struct Input {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
}

pub(super) const fn input(name: &'static str, shape: Shape) -> Input {
    Input { name, shape }
}

/// The form, in groups.
pub(super) const GROUPS: [(&str, &[Input]); 6] = [
    (
        "what",
        &[
            input("name", Shape::Text),
            input("kind", Shape::Kind),
            input("room", Shape::Room),
            input("status", Shape::Status),
            input("purpose", Shape::Text),
            input("personal_data", Shape::YesNo),
        ],
    ),
    (
        "who",
        &[
            input("owner", Shape::Text),
            input("deputy", Shape::Text),
            input("provider", Shape::Text),
            input("first_level", Shape::Text),
            input("second_level", Shape::Text),
            input("hotline", Shape::Text),
            input("changed_by", Shape::Text),
        ],
    ),
    (
        "credentials",
        &[
            input("credentials_kind", Shape::Text),
            input("credentials_place", Shape::Text),
            input("credentials_deputy", Shape::Text),
            input("credentials_checked", Shape::Day),
        ],
    ),
    (
        "contract",
        &[
            input("contract", Shape::Text),
            input("contract_from", Shape::Day),
            input("contract_until", Shape::Day),
            input("notice_until", Shape::Day),
            input("sla_hours", Shape::Text),
            input("sla_reaction_hours", Shape::Number),
        ],
    ),
    (
        "purchase",
        &[
            input("purchased", Shape::Day),
            input("warranty_until", Shape::Day),
            input("licence_until", Shape::Day),
            input("insurance", Shape::Text),
        ],
    ),
    (
        "network",
        &[
            input("serial", Shape::Text),
            input("mac", Shape::Text),
            input("segment", Shape::Text),
            input("domain", Shape::Text),
            input("notes", Shape::Long),
        ],
    ),
];

/// Kinds of systems that are no devices.
pub(super) const SERVICES: [&str; 11] = [
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
];

pub(super) const STATUSES: [&str; 6] = ["in-use", "planned", "ordered", "in-stock", "in-repair", "retired"];

pub(super) fn dashed(name: &str) -> String {
    name.replace('_', "-")
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
    for input in GROUPS.iter().flat_map(|(_, inputs)| inputs.iter()) {
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
