//! What a list comes to for a book: each row with its school, and every row that does not fit. The command line and the
//! page both look here.

use super::{UnreadList, grid};
use rundgang_inventory::{
    lists::{ListError, Mapping, Problem, Read, Wrong, read_knowing, shown},
    search::folded,
};
use rundgang_store::{ListRow, School, Traeger};

/// Why nothing of a list is known.
#[derive(Debug, thiserror::Error)]
pub enum UnreadRows {
    /// It is no list.
    #[error(transparent)]
    Unread(#[from] UnreadList),
    /// The store.
    #[error(transparent)]
    Store(#[from] rundgang_store::Error),
}

/// A list that was read, and what it comes to for this book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// What stands in it.
    pub read: Read,
    /// The rows, each with its school.
    pub rows: Vec<ListRow>,
    /// What was said about headings now.
    pub said: Mapping,
}

/// Reads a list and looks up its schools. `school` is where rows go that name none, and a row that names another one
/// is refused; `said` is what a person says about headings this time, beside what was said before.
///
/// # Errors
/// The octets are no list, or the database failed.
pub fn look(
    traeger: &Traeger,
    bytes: &[u8],
    sheet: Option<&str>,
    school: Option<i64>,
    said: Mapping,
) -> Result<Looked, UnreadRows> {
    let before = traeger.headings(school)?;
    let grid = grid(bytes, sheet)?;
    let mut read = read_knowing(&grid, &said, &before).map_err(|error: ListError| UnreadList::from(error))?;
    let schools = traeger.schools()?;
    let column = read.column_of("school");
    let mut rows = Vec::new();
    for entry in &read.entries {
        match school_of(&schools, entry.get("school"), school) {
            Ok(school) => rows.push(ListRow::of(entry, school)?),
            Err(wrong) => read.problems.push(Problem { row: entry.row, column: column.clone(), wrong }),
        }
    }
    read.problems.sort_by_key(|problem| problem.row);
    Ok(Looked { read, rows, said })
}

fn school_of(schools: &[School], named: &str, chosen: Option<i64>) -> Result<i64, Wrong> {
    if named.is_empty() {
        let only = || if let [only] = schools { Some(only.id) } else { None };
        return chosen.or_else(only).ok_or(Wrong::NoSchool);
    }
    let wanted = folded(named);
    let fits = |school: &&School| {
        folded(&school.entered.name) == wanted || school.entered.official_number.trim() == named.trim()
    };
    match schools.iter().filter(fits).collect::<Vec<_>>()[..] {
        [one] if chosen.is_none_or(|chosen| chosen == one.id) => Ok(one.id),
        // Whoever sees one school alone does not learn here which others there are.
        _ if chosen.is_some() => Err(Wrong::OtherSchool(shown(named))),
        [] => Err(Wrong::UnknownSchool(shown(named))),
        _ => Err(Wrong::ManySchools(shown(named))),
    }
}
