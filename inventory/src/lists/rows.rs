//! Rows of a list as documented systems: each value in its field and its spelling, and every row that does not fit told.

use super::{Column, Grid, ListError, Mapping, Target, days, words};
use crate::{
    Mac,
    privacy::{Style, mask},
    product, secrets,
};
use std::collections::BTreeMap;

/// Letters of a cell that are told again: enough to find it, too few for what somebody wrote there in confidence.
const SHOWN: usize = 20;

/// A row that can be entered: field to value, empty fields left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The row, as a spreadsheet counts.
    pub row: usize,
    /// What stands in it.
    pub fields: BTreeMap<&'static str, String>,
}

impl Entry {
    /// The value of a field; empty where the list has none.
    #[must_use]
    pub fn get(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }
}

/// What is wrong with a cell or a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Nothing says what the system is called.
    #[error("the row has no name, and neither maker nor model")]
    NoName,
    /// No day.
    #[error("'{0}' is no day: write 2026-10-01, 1.10.2026, 1/10/2026 (the day first) or 1. Oktober 2026")]
    Day(String),
    /// No MAC address.
    #[error("'{0}' is no MAC address: twelve hexadecimal digits, as 00:26:ab:11:22:33")]
    Mac(String),
    /// No status.
    #[error("'{0}' is no status: planned, ordered, in-use, in-stock, in-repair or retired")]
    Status(String),
    /// Neither yes nor no.
    #[error("'{0}' is neither yes nor no")]
    Truth(String),
    /// No number.
    #[error("'{0}' is no whole number of hours")]
    Number(String),
    /// A secret. Its text is never repeated.
    #[error(
        "this looks like a secret, which does not belong into the register: take it out, and write where it is kept \
         into the field credentials_place (such as: safe, envelope 3)"
    )]
    Secret,
    /// The same serial number or MAC address once more.
    #[error("the {field} stands in row {first} already, and the rows differ")]
    Twice {
        /// `serial` or `mac`.
        field: &'static str,
        /// The first row that has it.
        first: usize,
    },
    /// Nothing says whose the system is.
    #[error("the row names no school: add --school NAME")]
    NoSchool,
    /// The row names another school than the one whose list this is.
    #[error("'{0}' is another school than the one whose list this is")]
    OtherSchool(String),
    /// The book has no such school.
    #[error("there is no school '{0}'")]
    UnknownSchool(String),
    /// A name that several schools bear.
    #[error("several schools are called '{0}': write the official number")]
    ManySchools(String),
}

/// One thing that must be mended before the list can be entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The row, as a spreadsheet counts.
    pub row: usize,
    /// The column's letters and heading, where one cell is meant.
    pub column: Option<(String, String)>,
    /// What is wrong.
    pub wrong: Wrong,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {}", self.row)?;
        if let Some((letters, heading)) = &self.column {
            write!(f, ", column {letters} ({heading})")?;
        }
        write!(f, ": {}", self.wrong)
    }
}

/// A list that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The row of headings, as a spreadsheet counts.
    pub headings: usize,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows that can be entered.
    pub entries: Vec<Entry>,
    /// Rows that say the same as an earlier one, with that one; they are left out.
    pub repeated: Vec<(usize, usize)>,
    /// What must be mended.
    pub problems: Vec<Problem>,
    /// The program whose export this is, as far as its headings tell.
    pub export: Option<&'static str>,
}

impl Read {
    /// The column that a field stands in.
    #[must_use]
    pub fn column_of(&self, field: &str) -> Option<(String, String)> {
        let is_it = |column: &&Column| matches!(column.target, Target::Field(known) if known == field);
        self.columns.iter().find(is_it).map(|column| (column.letters.clone(), column.heading.clone()))
    }
}

/// The beginning of a cell, as it is told again.
#[must_use]
pub fn shown(cell: &str) -> String {
    let mut text: String = cell.chars().take(SHOWN).collect();
    if text.len() < cell.len() {
        text.push('…');
    }
    text
}

/// Reads a list of which nothing was said before.
///
/// # Errors
/// No row of headings.
pub fn read(grid: &Grid, said: &Mapping) -> Result<Read, ListError> {
    read_knowing(grid, said, &Mapping::default())
}

/// Reads a list. `said` is what a person says about its headings, `before` what was said about those of other lists.
///
/// # Errors
/// No row of headings.
pub fn read_knowing(grid: &Grid, said: &Mapping, before: &Mapping) -> Result<Read, ListError> {
    let (at, columns, export) = said.columns(grid, before)?;
    let export_name = export.map(|export| export.name.as_str());
    let mut read = Read { headings: at + 1, columns, export: export_name, ..Read::default() };
    let mut keys = Keys::new();
    for (index, cells) in grid.rows.iter().enumerate().skip(at + 1) {
        let row = index + 1;
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let before = read.problems.len();
        let mut entry = entry(row, cells, &read.columns, &mut read.problems);
        // "iPad von Anna": a list of devices that people carry names them, and the register does not.
        if let Some(name) =
            entry.fields.get_mut("name").filter(|_| export.is_some_and(|export| export.closed))
        {
            *name = mask(name, Style::Name);
        }
        if read.problems.len() > before {
            continue;
        }
        if entry.get("name").is_empty() {
            read.problems.push(Problem { row, column: None, wrong: Wrong::NoName });
            continue;
        }
        // Ten equal chairs may be ten rows; only what names one device can be the same one.
        if let Some((field, first)) = twice(&entry, &mut keys) {
            let earlier = read.entries.binary_search_by_key(&first, |entry| entry.row);
            if earlier.is_ok_and(|at| read.entries[at].fields == entry.fields) {
                read.repeated.push((row, first));
            } else {
                let column = read.column_of(field);
                read.problems.push(Problem { row, column, wrong: Wrong::Twice { field, first } });
            }
            continue;
        }
        read.entries.push(entry);
    }
    Ok(read)
}

/// The row that named a device first, by field, value and maker.
type Keys = BTreeMap<(&'static str, String, String), usize>;

/// The field by which an earlier row names the same device, and that row.
fn twice(entry: &Entry, keys: &mut Keys) -> Option<(&'static str, usize)> {
    for field in ["serial", "mac"] {
        let value = entry.get(field).to_uppercase();
        if value.is_empty() {
            continue;
        }
        // Makers number apart from each other; so do schools that write lists of their own.
        let by = if field == "serial" { entry.get("vendor").to_lowercase() } else { String::new() };
        let first = *keys.entry((field, value, by)).or_insert(entry.row);
        if first != entry.row {
            return Some((field, first));
        }
    }
    None
}

/// One row. A cell that does not fit is told, and the others are still looked at.
fn entry(row: usize, cells: &[String], columns: &[Column], problems: &mut Vec<Problem>) -> Entry {
    let mut entry = Entry { row, fields: BTreeMap::new() };
    let mut notes: Vec<String> = Vec::new();
    for (column, cell) in columns.iter().zip(cells) {
        let text = plain(cell);
        if text.is_empty() {
            continue;
        }
        let outcome = match column.target {
            Target::LeftOut | Target::Unknown => continue,
            Target::Secret => place(&text).map(|place| ("credentials_place", place)),
            // "Community" over "geheim123" announces what the cell alone does not.
            Target::Field(field)
                if !field.starts_with("credentials_")
                    && secrets::find(&format!("{}: {text}", column.heading)).is_some() =>
            {
                Err(Wrong::Secret)
            }
            Target::Field(field) => value(field, &text).map(|value| (field, value)),
        };
        match outcome {
            Ok(("notes", text)) if words::joined(&column.heading) != "notes" && !is_notes(column) => {
                notes.push(format!("{}: {text}", column.heading));
            }
            Ok(("notes", text)) => notes.push(text),
            Ok((field, text)) => {
                entry.fields.entry(field).or_insert(text);
            }
            Err(wrong) => {
                let column = Some((column.letters.clone(), column.heading.clone()));
                problems.push(Problem { row, column, wrong });
            }
        }
    }
    let said = |field| Some(entry.get(field)).filter(|text| !text.is_empty());
    let product = product(said("vendor"), said("model"));
    if entry.get("name").is_empty() && !product.is_empty() {
        entry.fields.insert("name", product);
    } else if !product.is_empty() && product != entry.get("name") {
        notes.push(product);
    }
    if !notes.is_empty() {
        entry.fields.insert("notes", notes.join("; "));
    }
    entry
}

/// Whether the heading itself says "notes"; a column that a person sent there keeps its heading before its text.
fn is_notes(column: &Column) -> bool {
    words::field(&column.heading) == Some("notes")
}

/// One line without control characters, and without the apostrophe that keeps a spreadsheet from reckoning.
fn plain(cell: &str) -> String {
    let text: String = cell.chars().map(|c| if c.is_control() || c == '\u{a0}' { ' ' } else { c }).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => text,
    }
}

/// The place that a column of secrets names. Anything else is a secret until shown otherwise.
fn place(text: &str) -> Result<String, Wrong> {
    let is_secret = secrets::find(text).or_else(|| secrets::find(&format!("Passwort: {text}"))).is_some();
    if is_secret || text.chars().count() < 3 { Err(Wrong::Secret) } else { Ok(text.to_owned()) }
}

/// The value of a field in the spelling of the register. Whatever the field: a secret is refused first, and not told.
fn value(field: &'static str, text: &str) -> Result<String, Wrong> {
    if secrets::find(text).is_some() {
        return Err(Wrong::Secret);
    }
    let own = || shown(text);
    match field {
        "contract_from"
        | "contract_until"
        | "notice_until"
        | "credentials_checked"
        | "purchased"
        | "warranty_until"
        | "licence_until" => days::day(text).ok_or_else(|| Wrong::Day(own())),
        // A path of places, as other programs write it: the last one is where it stands.
        "room" => Ok(text.rsplit(" > ").next().unwrap_or(text).trim().to_owned()),
        "mac" => first_mac(text).map(|mac| mac.to_string()).ok_or_else(|| Wrong::Mac(own())),
        "status" => words::status(text).map(str::to_owned).ok_or_else(|| Wrong::Status(own())),
        "personal_data" => {
            words::truth(text).map(|truth| u8::from(truth).to_string()).ok_or_else(|| Wrong::Truth(own()))
        }
        "sla_reaction_hours" => {
            hours(text).map(|hours| hours.to_string()).ok_or_else(|| Wrong::Number(own()))
        }
        "kind" => Ok(words::kind(text)),
        "credentials_place" if secrets::is_no_place(text) => Err(Wrong::Secret),
        _ => Ok(text.to_owned()),
    }
}

/// The MAC address of a cell; of several, as of a device with several cards, the first.
fn first_mac(text: &str) -> Option<Mac> {
    let text = text.replace("<br>", " ").replace("<br />", " ");
    let mut all = text.split([' ', ',', ';']).filter(|one| !one.is_empty()).map(str::parse::<Mac>);
    let first = all.next()?.ok()?;
    all.all(|other| other.is_ok()).then_some(first)
}

/// A whole number of hours, with or without a word for hours; of minutes and days it makes no hours.
fn hours(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let is_hours = matches!(
        words::joined(unit).as_str(),
        "" | "h" | "std" | "stunde" | "stunden" | "hour" | "hours" | "uur"
    );
    number.parse().ok().filter(|_| is_hours)
}
