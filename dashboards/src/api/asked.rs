//! What stands in the query of a question: only what the table names, and only as it says.

use super::{problem::Problem, shape::Shape};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use rundgang_inventory::Timestamp;
use std::collections::BTreeMap;

/// One thing that may stand in a query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) about: &'static str,
}

/// Where the next part begins.
pub(crate) const AFTER: Parameter =
    Parameter { name: "after", shape: Shape::Text, about: "what `next` of the part before said" };
/// How much one part holds.
pub(crate) const LIMIT: Parameter = Parameter {
    name: "limit",
    shape: Shape::Integer,
    about: "how many at most: 1 to 500, 100 where left out",
};

const MOST: usize = 500;
const USUAL: usize = 100;

/// The query of a question, checked against the table.
#[derive(Debug)]
pub(crate) struct Asked(BTreeMap<String, String>);

impl Asked {
    /// A parameter as text; nothing where it is left out or empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// A parameter as a whole number.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// A parameter as yes or no.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }

    /// A parameter as a day.
    pub(crate) fn day(&self, name: &str) -> Option<Timestamp> {
        Timestamp::parse_date(self.text(name)?)
    }

    /// How many at most.
    pub(crate) fn limit(&self) -> usize {
        self.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(USUAL)
    }

    /// The number after which a part begins.
    ///
    /// # Errors
    /// It is none that a part before named.
    pub(crate) fn after_number(&self) -> Result<Option<i64>, Problem> {
        let parse = |text: &str| text.parse().map_err(|_| Problem::parameter("after"));
        self.text("after").map(parse).transpose()
    }
}

/// Whether a text has the shape that the table names.
fn fits(parameter: &Parameter, text: &str) -> bool {
    match parameter.shape {
        Shape::Integer if parameter.name == LIMIT.name => {
            text.parse().is_ok_and(|limit: usize| (1..=MOST).contains(&limit))
        }
        Shape::Integer => text.parse::<i64>().is_ok(),
        Shape::YesNo => matches!(text, "true" | "false"),
        Shape::Day => Timestamp::parse_date(text).is_some(),
        Shape::OneOf(words) => words.contains(&text),
        _ => text.chars().count() <= 200,
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let allowed = super::entry::operation(parts).map(|operation| operation.query).unwrap_or_default();
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Query(pairs) = pairs.map_err(|_| Problem::parameter("query"))?;
        let mut asked = BTreeMap::new();
        for (name, text) in pairs {
            let parameter = allowed.iter().find(|parameter| parameter.name == name);
            if !parameter.is_some_and(|parameter| fits(parameter, text.trim())) || asked.contains_key(&name) {
                return Err(Problem::parameter(&name));
            }
            asked.insert(name, text);
        }
        Ok(Self(asked))
    }
}
