//! The shapes of what the programs' side of the book sends and takes: written once, told as JSON Schema, and compared with
//! real answers by a test.

use serde_json::{Map, Value as Json, json};

/// What a value looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Text.
    Text,
    /// A day, `2026-10-01`.
    Day,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// One of a few words.
    OneOf(&'static [&'static str]),
    /// Another shape by its name.
    Ref(&'static str),
    /// Many of one shape.
    List(&'static Shape),
    /// That shape, or `null` where it is not known.
    Maybe(&'static Shape),
    /// An object with these members.
    Object(&'static [Member]),
    /// Any JSON, since it differs from case to case.
    Any,
}

/// One member of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it looks like.
    pub(crate) shape: Shape,
    /// What it means.
    pub(crate) about: &'static str,
    /// Whether it is always there.
    pub(crate) required: bool,
}

/// A member that is always there.
pub(crate) const fn has(name: &'static str, shape: Shape, about: &'static str) -> Member {
    Member { name, shape, about, required: true }
}

/// A member that may be left out of what is sent here.
pub(crate) const fn may(name: &'static str, shape: Shape, about: &'static str) -> Member {
    Member { name, shape, about, required: false }
}

/// The same members, each of which may be left out.
pub(crate) const fn each_optional<const N: usize>(mut members: [Member; N]) -> [Member; N] {
    let mut at = 0;
    while at < N {
        members[at].required = false;
        at += 1;
    }
    members
}

/// Members behind others in one list, whose length is that of both.
pub(crate) const fn together<const A: usize, const B: usize, const BOTH: usize>(
    first: [Member; A],
    then: [Member; B],
) -> [Member; BOTH] {
    assert!(BOTH == A + B, "the length is that of both");
    let mut all = [first[0]; BOTH];
    let mut at = 0;
    while at < BOTH {
        all[at] = if at < A { first[at] } else { then[at - A] };
        at += 1;
    }
    all
}

impl Shape {
    /// The shape as JSON Schema (draft 2020-12, the dialect of OpenAPI 3.1).
    pub(crate) fn schema(&self) -> Json {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Day => json!({ "type": "string", "format": "date" }),
            Self::Integer => json!({ "type": "integer", "format": "int64" }),
            Self::Number => json!({ "type": "number" }),
            Self::YesNo => json!({ "type": "boolean" }),
            Self::OneOf(words) => json!({ "type": "string", "enum": words }),
            Self::Ref(name) => json!({ "$ref": format!("#/components/schemas/{name}") }),
            Self::List(of) => json!({ "type": "array", "items": of.schema() }),
            Self::Maybe(of) => maybe(of.schema()),
            Self::Object(members) => object(members),
            Self::Any => json!({}),
        }
    }

    /// The members of an object; none for every other shape.
    pub(crate) const fn members(&self) -> &'static [Member] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }
}

fn maybe(mut schema: Json) -> Json {
    match schema.get("type").and_then(Json::as_str).map(str::to_owned) {
        Some(kind) if schema.get("enum").is_none() => {
            schema["type"] = json!([kind, "null"]);
            schema
        }
        _ => json!({ "oneOf": [schema, { "type": "null" }] }),
    }
}

fn object(members: &[Member]) -> Json {
    let property = |member: &Member| {
        let mut schema = member.shape.schema();
        if !member.about.is_empty() {
            schema["description"] = member.about.into();
        }
        (member.name.to_owned(), schema)
    };
    let properties: Map<String, Json> = members.iter().map(property).collect();
    let required: Vec<&str> = members.iter().filter(|member| member.required).map(|m| m.name).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}
