//! The schools of a Träger as a list: told, changed one by one, or taken in from a file.

use rundgang_dashboards::{
    Language,
    book::SCHOOL_COLUMNS,
    lists::{UnreadList, grid},
};
use rundgang_inventory::{Timestamp, search::folded, whole_number};
use rundgang_store::{NewSchool, School, SchoolChange, Traeger};
use std::path::Path;

/// Why schools are not entered.
#[derive(Debug, thiserror::Error)]
pub enum SchoolsError {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// The file is no list.
    #[error("{0}: {1}")]
    Unread(String, UnreadList),
    /// No heading is that of a school.
    #[error(
        "{0}: no row has a column 'Schule' (school); others are Schulnummer, Schulform, Gemeinde, pupils, teachers"
    )]
    NoHeadings(String),
    /// Rows that do not fit.
    #[error("nothing was entered: {count} rows do not fit:\n{told}")]
    Rows {
        /// How many.
        count: usize,
        /// Which, a line each.
        told: String,
    },
    /// No such school.
    #[error("there is no school '{0}'; there are {1}")]
    Unknown(String, String),
    /// The store.
    #[error(transparent)]
    Store(#[from] rundgang_store::Error),
}

/// Every school, a line each.
///
/// # Errors
/// The database failed.
pub fn list(traeger: &Traeger) -> Result<String, SchoolsError> {
    let line = |school: School| {
        let e = school.entered;
        let count =
            |word: &str, number: Option<i64>| number.map(|n| format!("{n} {word}")).unwrap_or_default();
        let parts =
            [e.official_number, e.kind, e.commune, count("pupils", e.pupils), count("teachers", e.teachers)];
        let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{}: {}\n", e.name, if told.is_empty() { "–".to_owned() } else { told.join(", ") })
    };
    Ok(traeger.schools()?.into_iter().map(line).collect())
}

/// Changes what is said of one school.
///
/// # Errors
/// There is no such school, or the database failed.
pub fn change(
    traeger: &Traeger,
    name: &str,
    said: &SchoolChange,
    by: (&str, Timestamp),
) -> Result<String, SchoolsError> {
    let schools = traeger.schools()?;
    let Some(school) = schools.iter().find(|school| folded(&school.entered.name) == folded(name)) else {
        let names: Vec<&str> = schools.iter().map(|school| school.entered.name.as_str()).collect();
        return Err(SchoolsError::Unknown(name.to_owned(), names.join(", ")));
    };
    traeger.change_school(school.id, said, by)?;
    Ok(format!("{}: entered.\n", school.entered.name))
}

/// Takes schools in from a list (XLSX, CSV): those of a known name are changed, others are new. Every
/// row is checked before the first is entered; an empty cell changes nothing.
///
/// # Errors
/// The file is no list of schools, a row does not fit, or the database failed.
pub fn take_in(
    traeger: &Traeger,
    file: &Path,
    (who, now): (&str, Timestamp),
) -> Result<String, SchoolsError> {
    let path = || file.display().to_string();
    let bytes = crate::lists::bytes(file).map_err(|cause| SchoolsError::File(path(), cause))?;
    let grid = grid(&bytes, None).map_err(|cause| SchoolsError::Unread(path(), cause))?;
    let (at, columns) = headings(&grid.rows).ok_or_else(|| SchoolsError::NoHeadings(path()))?;
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for (nth, row) in grid.rows.iter().enumerate().skip(at + 1) {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match read(row, &columns) {
            Ok(read) => rows.push(read),
            Err(reason) => wrong.push(format!("row {}: {reason}", nth + 1)),
        }
    }
    if !wrong.is_empty() {
        return Err(SchoolsError::Rows { count: wrong.len(), told: wrong.join("\n") });
    }
    let (known, before) = (traeger.schools()?, rows.len());
    let mut new = 0;
    for (name, said) in rows {
        let found = known.iter().find(|school| folded(&school.entered.name) == folded(&name));
        match found {
            Some(school) => traeger.change_school(school.id, &said, (who, now))?,
            None => {
                new += 1;
                let school = traeger.ensure_school(&NewSchool { name, ..NewSchool::default() }, now)?;
                traeger.change_school(school, &said, (who, now))?;
            }
        }
    }
    Ok(format!("{before} schools are entered, {new} of them new.\n"))
}

/// The row of headings, and which column each of [`SCHOOL_COLUMNS`] is.
fn headings(rows: &[Vec<String>]) -> Option<(usize, [Option<usize>; 6])> {
    let words = SCHOOL_COLUMNS.map(|key| Language::ALL.map(|language| folded(&language.text(key))));
    rows.iter().take(20).enumerate().find_map(|(at, row)| {
        let cells: Vec<String> = row.iter().map(|cell| folded(cell)).collect();
        let columns = words
            .each_ref()
            .map(|words| cells.iter().position(|cell| !cell.is_empty() && words.contains(cell)));
        columns[0].map(|_| (at, columns))
    })
}

fn read(row: &[String], columns: &[Option<usize>; 6]) -> Result<(String, SchoolChange), String> {
    let text = |nth: usize| {
        let cell = columns[nth].and_then(|column| row.get(column)).map(|cell| cell.trim().to_owned());
        cell.filter(|cell| !cell.is_empty())
    };
    let number = |nth: usize| match text(nth) {
        None => Ok(None),
        Some(text) => match whole_number(&text) {
            Some(number) => Ok(Some(number)),
            None => Err(format!("'{}' is no number", rundgang_inventory::lists::shown(&text))),
        },
    };
    let name = text(0).ok_or_else(|| "the school has no name".to_owned())?;
    let said = SchoolChange {
        version: None,
        official_number: text(1),
        kind: text(2),
        commune: text(3),
        pupils: number(4)?,
        teachers: number(5)?,
    };
    said.require_sound().map_err(|refusal| refusal.to_string())?;
    Ok((name, said))
}
