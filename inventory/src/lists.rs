//! Lists as schools keep them: bytes to cells, columns to fields, and each row a documented system or the reason why not.
//!
//! Reading order: [`decode`] and [`csv`] make a [`Grid`] of a text file (a workbook is read elsewhere); [`Mapping`] says
//! which column is which field; [`read`] makes entries of the rows. Nothing here writes: a list with one wrong row can be
//! refused as a whole.

mod columns;
mod csv;
mod days;
mod decode;
mod exports;
mod rows;
mod words;

pub use columns::{Column, FIELDS, Mapping, MappingError, Target};
pub use csv::csv;
pub use days::day;
pub use decode::decode;
pub use rows::{Entry, Problem, Read, Wrong, read, read_knowing, shown};

/// Rows of a list that are read; a school has hundreds, a Kreis thousands.
pub const MOST_ROWS: usize = 50_000;
/// Columns of a list that are read.
pub const MOST_COLUMNS: usize = 256;
/// Letters of one cell; a longer one is no entry of a list.
pub const LONGEST_CELL: usize = 8_000;

/// The cells of a list: the first row is row 1, as a spreadsheet counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// Every row, empty ones too, so that numbers fit.
    pub rows: Vec<Vec<String>>,
}

/// Why a file is no list that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Too many rows.
    #[error("the list has more than {MOST_ROWS} rows: split it")]
    Rows,
    /// Too many columns.
    #[error("row {0} has more than {MOST_COLUMNS} columns: is this a list?")]
    Columns(usize),
    /// A cell that no list has.
    #[error("a cell in row {0} is longer than {LONGEST_CELL} letters: is a quotation mark left open there?")]
    Cell(usize),
    /// No row of headings.
    #[error(
        "no row of the first 30 has a heading that is known (such as Bezeichnung, Raum, Seriennummer): \
         say what stands where with --mapping \"HEADING=FIELD\""
    )]
    NoHeadings,
}

/// The letters by which a spreadsheet names a column: A for 0, AA for 26.
#[must_use]
pub fn letters(column: usize) -> String {
    let mut name = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or_default();
        name.push(char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    name.iter().rev().collect()
}

#[cfg(test)]
mod tests;
