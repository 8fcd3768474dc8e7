//! One thing among several as a form: what stands there, what was filled in and could not be kept, and why.

use crate::chrome::Chrome;

/// One place of a form.
pub(super) struct Place {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) value: String,
    /// How it is typed.
    pub(super) typed: Typed,
    /// Value, words, whether chosen; none for a place to type into.
    pub(super) options: Vec<(String, String, bool)>,
    /// What stands there now, where somebody else changed it meanwhile.
    pub(super) other: Option<String>,
    /// Why it was refused.
    pub(super) error: Option<String>,
    pub(super) is_required: bool,
}

/// How a place is typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Typed {
    /// Letters.
    #[default]
    Text,
    /// A number; signs between its thousands may be typed.
    Number,
    /// A day.
    Day,
}

impl Typed {
    /// What the browser is told of it.
    pub(super) const fn attribute(self) -> &'static str {
        match self {
            Self::Text => "",
            Self::Number => " inputmode=\"numeric\"",
            Self::Day => " type=\"date\"",
        }
    }
}

/// A thing as a form; number 0 for a new one.
pub(super) struct Item {
    pub(super) part: String,
    pub(super) id: i64,
    pub(super) version: i64,
    /// Its heading.
    pub(super) title: String,
    /// What is said of it in one line.
    pub(super) line: String,
    pub(super) places: Vec<Place>,
    pub(super) is_open: bool,
    /// Why it was refused as a whole.
    pub(super) why: Option<String>,
}

/// What a place is, whatever stands there.
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) typed: Typed,
    /// Value and words; none for a place to type into.
    pub(super) choices: Vec<(String, String)>,
    pub(super) is_required: bool,
}

/// What somebody filled in and could not be kept.
pub(super) struct Refused<'a> {
    /// What stands in a place.
    pub(super) get: &'a dyn Fn(&str) -> String,
    /// The place at fault; empty for none in particular.
    pub(super) field: &'a str,
    pub(super) why: &'a str,
}

/// A thing as it stands.
pub(super) struct Stands<'a> {
    pub(super) part: &'a str,
    pub(super) id: i64,
    pub(super) version: i64,
    pub(super) title: String,
    pub(super) line: String,
    /// Values by place.
    pub(super) values: Vec<(&'static str, String)>,
}

impl Item {
    /// From what stands there, and what somebody filled in and could not be kept.
    pub(super) fn of(stands: Stands<'_>, specs: Vec<Spec>, given: Option<&Refused<'_>>) -> Self {
        let Stands { part, id, version, title, line, values } = stands;
        // Whoever saves again has seen what the other one wrote.
        let is_stale = given.is_some_and(|given| (given.get)("version") != version.to_string());
        let place = |spec: Spec| {
            let now = values.iter().find(|(name, _)| *name == spec.name);
            let now = now.map(|(_, value)| value.clone()).unwrap_or_default();
            let value = given.map_or_else(|| now.clone(), |given| (given.get)(spec.name));
            let words = spec.choices.iter().find(|(known, _)| *known == now);
            let words = words.map_or_else(|| now.clone(), |(_, words)| words.clone());
            let is_known = spec.choices.is_empty() || spec.choices.iter().any(|(known, _)| *known == value);
            // What stands there stays a choice, whatever it is.
            let own = (!is_known).then(|| (value.clone(), value.clone()));
            let choices = spec.choices.into_iter().chain(own);
            let options = choices.map(|(known, words)| (known == value, known, words));
            Place {
                name: spec.name,
                label: spec.label,
                typed: spec.typed,
                options: options.map(|(chosen, known, words)| (known, words, chosen)).collect(),
                other: (is_stale && id != 0 && value != now)
                    .then(|| if words.is_empty() { "–".to_owned() } else { words }),
                error: given.filter(|given| given.field == spec.name).map(|given| given.why.to_owned()),
                is_required: spec.is_required,
                value,
            }
        };
        Self {
            part: part.to_owned(),
            id,
            version,
            title,
            line,
            places: specs.into_iter().map(place).collect(),
            is_open: given.is_some(),
            why: given.filter(|given| given.field.is_empty()).map(|given| given.why.to_owned()),
        }
    }
}

/// A choice of nothing, and the others.
pub(super) fn or_none(all: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), "–".to_owned())).chain(all).collect()
}

/// Words of a family as choices.
pub(super) fn choices(c: &Chrome, family: &str, words: &[&str]) -> Vec<(String, String)> {
    words.iter().map(|word| ((*word).to_owned(), c.word(family, word))).collect()
}
