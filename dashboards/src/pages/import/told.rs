//! What is wrong with a list, in the reader's language.

use crate::lists::{LARGEST, UnreadList, UnreadRows};
use crate::text::Language;
use rundgang_inventory::lists::{LONGEST_CELL, ListError, MOST_COLUMNS, MOST_ROWS, Problem, Wrong};

/// A cell or row that does not fit.
pub(super) struct ProblemShown {
    pub(super) row: usize,
    pub(super) column: String,
    pub(super) why: String,
}

pub(super) fn problems(language: Language, all: &[Problem], most: usize) -> Vec<ProblemShown> {
    let shown = |problem: &Problem| ProblemShown {
        row: problem.row,
        column: match &problem.column {
            Some((letters, heading)) => format!("{letters} ({heading})"),
            None => String::new(),
        },
        why: why(language, &problem.wrong),
    };
    all.iter().take(most).map(shown).collect()
}

fn why(language: Language, wrong: &Wrong) -> String {
    let with = |key: &str, value: &str| language.with(key, &[("value", value.into())]);
    match wrong {
        Wrong::NoName => language.text("wrong-no-name"),
        Wrong::Day(value) => with("wrong-day", value),
        Wrong::Mac(value) => with("wrong-mac", value),
        Wrong::Status(value) => with("wrong-status", value),
        Wrong::Truth(value) => with("wrong-truth", value),
        Wrong::Number(value) => with("wrong-number", value),
        Wrong::Secret => language.text("wrong-secret"),
        Wrong::Twice { field, first } => {
            let field = language.text(&format!("field-{field}"));
            language.with("wrong-twice", &[("field", field.into()), ("row", (*first).into())])
        }
        Wrong::NoSchool => language.text("wrong-no-school"),
        Wrong::OtherSchool(value) => with("wrong-other-school", value),
        Wrong::UnknownSchool(value) => with("wrong-unknown-school", value),
        Wrong::ManySchools(value) => with("wrong-many-schools", value),
    }
}

/// Why a file is no list.
pub(super) fn unread(language: Language, error: &UnreadRows) -> String {
    let count = |key: &str, count: usize| language.with(key, &[("count", count.into())]);
    let UnreadRows::Unread(error) = error else { return language.text("error-broken") };
    match error {
        UnreadList::Large => count("unread-large", usize::try_from(LARGEST >> 20).unwrap_or_default()),
        UnreadList::Unpacked | UnreadList::Text | UnreadList::Merged => language.text("unread-unpacked"),
        UnreadList::Old => language.text("unread-old"),
        UnreadList::NoSheet(name, _) => language.with("unread-no-sheet", &[("name", name.into())]),
        UnreadList::Damaged(_) => language.text("unread-damaged"),
        UnreadList::List(ListError::Rows) => count("unread-rows", MOST_ROWS),
        UnreadList::List(ListError::Columns(row)) => {
            language.with("unread-columns", &[("row", (*row).into()), ("count", MOST_COLUMNS.into())])
        }
        UnreadList::List(ListError::Cell(row)) => {
            language.with("unread-cell", &[("row", (*row).into()), ("count", LONGEST_CELL.into())])
        }
        UnreadList::List(ListError::NoHeadings) => language.text("unread-no-headings"),
    }
}
