//! The columns of a list as a form: what each is taken for, and what a person says about it.

use crate::chrome::Chrome;
use rundgang_inventory::lists::{FIELDS, Mapping, Read, Target};
use serde::Deserialize;

/// Values of a column that are shown beside it.
const SAMPLES: usize = 3;
/// Letters of one of them.
const LONGEST_SAMPLE: usize = 40;

/// A filled form, in the order of its places.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Filled(Vec<(String, String)>);

impl Filled {
    /// What stands in a place; empty where there is none.
    pub(crate) fn one(&self, name: &str) -> String {
        self.0.iter().find(|(place, _)| place == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

/// A column as it is shown.
pub(super) struct ColumnShown {
    /// Its place in the form.
    pub(super) name: String,
    pub(super) letters: String,
    pub(super) heading: String,
    /// Value, words, whether chosen.
    pub(super) options: Vec<(&'static str, String, bool)>,
    /// Whether its heading announces secrets.
    pub(super) is_secret: bool,
    pub(super) samples: String,
}

/// What a column is taken for, as a form has it.
const fn chosen(target: Target) -> &'static str {
    match target {
        Target::Field(field) => field,
        Target::LeftOut | Target::Unknown => "-",
        Target::Secret => "credentials_place",
    }
}

/// The words for a field.
pub(super) fn field_words(c: &Chrome, field: &str) -> String {
    match field {
        "school" => c.t("column-school"),
        field => c.t(&format!("field-{}", field.replace('_', "-"))),
    }
}

/// The columns that have a heading.
pub(super) fn columns(c: &Chrome, read: &Read) -> Vec<ColumnShown> {
    let shown = |(at, column): (usize, &rundgang_inventory::lists::Column)| {
        let is_secret = column.target == Target::Secret;
        let option = |field: &'static str, words: String| (field, words, field == chosen(column.target));
        let fields = FIELDS.iter().filter(|field| !is_secret || **field == "credentials_place");
        let mut options: Vec<_> = fields.map(|field| option(field, field_words(c, field))).collect();
        options.sort_by_cached_key(|(_, words, _)| words.to_lowercase());
        options.insert(0, option("-", c.t("import-left-out")));
        let samples = match column.target {
            Target::Field(field) => {
                let values =
                    read.entries.iter().map(|entry| entry.get(field)).filter(|value| !value.is_empty());
                let words =
                    |value: &str| if field == "kind" { c.word("kind", value) } else { value.to_owned() };
                let short = |value: &str| words(value).chars().take(LONGEST_SAMPLE).collect::<String>();
                values.take(SAMPLES).map(short).collect::<Vec<_>>().join(" · ")
            }
            _ => String::new(),
        };
        ColumnShown {
            name: format!("c.{at}"),
            letters: column.letters.clone(),
            heading: column.heading.clone(),
            options,
            is_secret,
            samples,
        }
    };
    let with_heading = read.columns.iter().enumerate().filter(|(_, column)| !column.heading.is_empty());
    with_heading.map(shown).collect()
}

/// What a person says about the columns beyond what was said before; `None` where the form is not ours.
pub(super) fn mapping(before: &Mapping, read: &Read, filled: &Filled) -> Option<Mapping> {
    let mut said = before.clone();
    for (at, column) in read.columns.iter().enumerate() {
        let field = filled.one(&format!("c.{at}"));
        if field.is_empty() || field == chosen(column.target) {
            continue;
        }
        said.say(&format!("{}={field}", column.heading)).ok()?;
    }
    Some(said)
}
