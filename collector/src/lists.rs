//! A list of a school on its way into the register: read, matched with the schools of the book, told in words.

use rundgang_dashboards::lists::{self, LARGEST, UnreadList, UnreadRows};
use rundgang_inventory::lists::{Mapping, MappingError, Target};
use rundgang_store::{Entered, Traeger};
use std::{fs::File, io::Read as _, path::Path};

/// Wrong cells that are told; who has more mends these first.
const TOLD: usize = 50;
/// Entries that are shown as they would stand.
const SHOWN: usize = 3;

/// Why a list is not entered.
#[derive(Debug, thiserror::Error)]
pub enum ListsError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// No list.
    #[error("{path}: {source}")]
    Unread {
        /// The file.
        path: String,
        /// Why.
        source: UnreadList,
    },
    /// What was said about headings.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// Rows that do not fit, with all that is wrong: a line each.
    #[error(
        "nothing was entered: {count} cells or rows do not fit; mend them in the list, or leave a column out with \
         --mapping \"HEADING=-\":\n{told}"
    )]
    Problems {
        /// How many.
        count: usize,
        /// Which.
        told: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] rundgang_store::Error),
}

/// Whether a file that is no export is a list by its name, so that a torn export is not read as one.
#[must_use]
pub fn is_list(file: &Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    matches!(ending.as_str(), "csv" | "tsv" | "txt" | "xlsx" | "xlsm" | "xls")
}

/// A list that was read, with what is told of it.
pub struct Looked(pub lists::Looked);

/// Reads the list of a file. `school` is where rows go that name none; `said` are mappings of this time.
///
/// # Errors
/// The file is no list, or the database failed.
pub fn look(
    traeger: &Traeger,
    file: &Path,
    sheet: Option<&str>,
    school: Option<i64>,
    said: &[String],
) -> Result<Looked, ListsError> {
    let mut mapping = Mapping::default();
    said.iter().try_for_each(|text| mapping.say(text))?;
    let path = || file.display().to_string();
    let bytes = bytes(file).map_err(|source| ListsError::File { path: path(), source })?;
    match lists::look(traeger, &bytes, sheet, school, mapping) {
        Ok(looked) => Ok(Looked(looked)),
        Err(UnreadRows::Unread(source)) => Err(ListsError::Unread { path: path(), source }),
        Err(UnreadRows::Store(error)) => Err(error.into()),
    }
}

/// The file, but never more of it than is read of any list.
pub(crate) fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Looked {
    /// The columns, and what becomes of each.
    #[must_use]
    pub fn columns(&self) -> String {
        let by = self.0.read.export.map(|name| format!(", as {name} exports them")).unwrap_or_default();
        let mut text = format!("Headings in row {}{by}:\n", self.0.read.headings);
        for column in self.0.read.columns.iter().filter(|column| !column.heading.is_empty()) {
            let becomes = match column.target {
                Target::Field(field) => field.to_owned(),
                Target::LeftOut => "left out".to_owned(),
                Target::Secret => "credentials_place, where it says a place; never a secret".to_owned(),
                Target::Unknown => format!("left out; take it with --mapping \"{}=FIELD\"", column.heading),
            };
            text += &format!("  {:<3} {:<28} {becomes}\n", column.letters, column.heading);
        }
        text
    }

    /// What must be mended.
    #[must_use]
    pub fn problems(&self) -> Option<ListsError> {
        let all = &self.0.read.problems;
        let mut told: Vec<String> = all.iter().take(TOLD).map(ToString::to_string).collect();
        if all.len() > TOLD {
            told.push(format!("... and {} more", all.len() - TOLD));
        }
        (!all.is_empty()).then(|| ListsError::Problems { count: all.len(), told: told.join("\n") })
    }

    /// The first entries as they would stand.
    #[must_use]
    pub fn first(&self) -> String {
        let mut text = String::new();
        for entry in self.0.read.entries.iter().take(SHOWN) {
            let fields: Vec<String> =
                entry.fields.iter().map(|(field, value)| format!("{field}={value}")).collect();
            text += &format!("  row {}: {}\n", entry.row, fields.join(", "));
        }
        text
    }

    /// What entering it came to, or would come to.
    #[must_use]
    pub fn told(&self, entered: &Entered) -> String {
        let mut text = match (entered.list, entered.systems) {
            (_, 0) => "Nothing is new".to_owned(),
            (0, systems) => format!("Would enter {systems} systems and {} new rooms", entered.rooms),
            (_, systems) => format!("Entered {systems} systems and {} new rooms", entered.rooms),
        };
        let some = |of: Vec<String>, what: &str| match of.len() {
            0 => String::new(),
            count => {
                let first: Vec<&str> = of.iter().take(5).map(String::as_str).collect();
                let more = if count > first.len() { ", ..." } else { "" };
                format!("; {count} rows {what} ({}{more})", first.join(", "))
            }
        };
        let known = entered.known.iter().map(|(row, system)| format!("row {row}: system {system}")).collect();
        text += &some(known, "stand in the register already and stay as they are there");
        let again =
            self.0.read.repeated.iter().map(|(row, first)| format!("row {row}: row {first}")).collect();
        text += &some(again, "repeat an earlier one");
        text + "\n"
    }
}
