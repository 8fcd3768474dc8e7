//! Which column is which field: found by its heading, or as a person says.

use super::{Grid, ListError, Read, exports, exports::Export, letters, words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows among which the row of headings is looked for; lists begin with a title, a date, a logo.
const HEADINGS_WITHIN: usize = 30;

/// Every field that a column can be.
pub const FIELDS: &[&str] = &[
    "name",
    "kind",
    "purpose",
    "school",
    "room",
    "owner",
    "deputy",
    "provider",
    "first_level",
    "second_level",
    "hotline",
    "contract",
    "contract_from",
    "contract_until",
    "notice_until",
    "sla_hours",
    "sla_reaction_hours",
    "credentials_kind",
    "credentials_place",
    "credentials_deputy",
    "credentials_checked",
    "purchased",
    "warranty_until",
    "licence_until",
    "insurance",
    "personal_data",
    "segment",
    "domain",
    "serial",
    "mac",
    "changed_by",
    "status",
    "notes",
    "vendor",
    "model",
];

/// What becomes of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// It is a field.
    Field(&'static str),
    /// A person said that it is left out, or it is known to be nothing for the register.
    LeftOut,
    /// Its heading says nothing; it is left out and told.
    Unknown,
    /// Its heading announces secrets: taken only where it says where they are kept.
    Secret,
}

/// One column of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its letters, as a spreadsheet shows them.
    pub letters: String,
    /// Its heading.
    pub heading: String,
    /// What becomes of it.
    pub target: Target,
}

/// What people said about headings, remembered from list to list: heading to field, or to `-` for "leave it out".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(BTreeMap<String, String>);

/// Why a mapping is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// No `=`.
    #[error("'{0}' is no mapping: write HEADING=FIELD, or HEADING=- to leave a column out")]
    Form(String),
    /// No such field.
    #[error("there is no field '{0}'; known are {fields}", fields = FIELDS.join(", "))]
    Field(String),
    /// The heading announces secrets (promise P9).
    #[error(
        "a column headed '{0}' is taken for secrets, which do not belong into the register: leave it out with \
         HEADING=-, or give it another heading if something else stands in it"
    )]
    Secret(String),
}

impl Mapping {
    /// Adds what a person says: `HEADING=FIELD`, or `HEADING=-`.
    ///
    /// # Errors
    /// The text has another form, there is no such field, or the heading announces secrets and is no more than left out.
    pub fn say(&mut self, text: &str) -> Result<(), MappingError> {
        let (said, field) = text.rsplit_once('=').ok_or_else(|| MappingError::Form(text.to_owned()))?;
        let (heading, field) = (words::joined(said), field.trim());
        if heading.is_empty() {
            return Err(MappingError::Form(text.to_owned()));
        }
        if field != "-" && !FIELDS.contains(&field) {
            return Err(MappingError::Field(field.to_owned()));
        }
        // That it tells a place is looked at cell by cell anyway.
        if words::is_secret(said) && !matches!(field, "-" | "credentials_place") {
            return Err(MappingError::Secret(said.trim().to_owned()));
        }
        self.0.insert(heading, field.to_owned());
        Ok(())
    }

    /// Whether nobody said anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds everything that was said in another one, which wins.
    pub fn merge(&mut self, newer: &Self) {
        self.0.extend(newer.0.iter().map(|(heading, field)| (heading.clone(), field.clone())));
    }

    /// What becomes of a column: `self` is what people say of this list, `before` what they said of others. The list
    /// of a device manager names pupils and teachers under headings that elsewhere mean something else, so that
    /// nothing that was said of others counts there (promise P1).
    fn target(&self, before: &Self, heading: &str, export: Option<&Export>) -> Target {
        let key = words::joined(heading);
        let is_closed = export.is_some_and(|export| export.closed);
        let said = self.0.get(&key).or_else(|| before.0.get(&key).filter(|_| !is_closed)).map(String::as_str);
        let known = |field: &str| FIELDS.iter().find(|known| **known == field).copied();
        match said {
            Some("-") => Target::LeftOut,
            // No mapping makes notes of passwords, also none that was remembered before this was so.
            _ if words::is_secret(heading) => Target::Secret,
            Some(field) => known(field).map_or(Target::Unknown, Target::Field),
            None if heading.trim().is_empty() => Target::Unknown,
            None if let Some(field) = export.and_then(|export| export.column(heading)) => {
                known(field).map_or(Target::LeftOut, Target::Field)
            }
            None => words::field(heading).and_then(known).map_or(Target::Unknown, Target::Field),
        }
    }

    /// The row that may be the headings of a list in which none is known, as a list without entries: the first of the
    /// rows in which most stands. A person can then say what they mean.
    #[must_use]
    pub fn unknown(&self, grid: &Grid) -> Read {
        let filled = |row: &Vec<String>| row.iter().filter(|cell| !cell.trim().is_empty()).count();
        let rows = grid.rows.iter().take(HEADINGS_WITHIN).enumerate();
        let most =
            rows.map(|(at, row)| (at, filled(row))).max_by_key(|(at, count)| (*count, usize::MAX - at));
        let Some((at, headings)) = most.and_then(|(at, _)| Some((at, grid.rows.get(at)?))) else {
            return Read::default();
        };
        let column = |(at, heading): (usize, &String)| Column {
            letters: letters(at),
            heading: heading.split_whitespace().collect::<Vec<_>>().join(" "),
            target: self.target(&Self::default(), heading, None),
        };
        Read {
            headings: at + 1,
            columns: headings.iter().enumerate().map(column).collect(),
            ..Read::default()
        }
    }

    /// The row of headings (counted from 0) and the columns under it: the row in which most headings are known, the
    /// first of several. A field is given to its first column; a second one of the same field is left out and told,
    /// but for notes, of which there may be many. A list that another program exported is read as that program means it.
    pub(super) fn columns(
        &self,
        grid: &Grid,
        before: &Self,
    ) -> Result<(usize, Vec<Column>, Option<&'static Export>), ListError> {
        let known = |row: &Vec<String>| {
            row.iter()
                .filter(|cell| matches!(self.target(before, cell, None), Target::Field(_) | Target::Secret))
                .count()
        };
        // A lone word that is a heading elsewhere ("System" above the list) is no row of headings, unless the list has
        // one column.
        let filled = |row: &Vec<String>| row.iter().filter(|cell| !cell.trim().is_empty()).count();
        let is_narrow = grid.rows.iter().all(|row| filled(row) <= 1);
        let rows = grid.rows.iter().take(HEADINGS_WITHIN).enumerate();
        let rows = rows.filter(|(_, row)| is_narrow || filled(row) > 1).map(|(at, row)| (at, known(row)));
        let (at, count) = rows.max_by_key(|(at, count)| (*count, usize::MAX - at)).unwrap_or_default();
        let Some(headings) = grid.rows.get(at).filter(|_| count > 0) else {
            return Err(ListError::NoHeadings);
        };
        let export = exports::of(headings);
        let mut taken: Vec<&str> = Vec::new();
        let columns = headings.iter().enumerate().map(|(at, heading)| {
            let target = match self.target(before, heading, export) {
                Target::Field(field) if field != "notes" && taken.contains(&field) => Target::Unknown,
                target => target,
            };
            if let Target::Field(field) = target {
                taken.push(field);
            }
            let heading = heading.split_whitespace().collect::<Vec<_>>().join(" ");
            Column { letters: letters(at), heading, target }
        });
        Ok((at, columns.collect(), export))
    }
}
