//! Lists as files: a workbook or separated values, from bytes to cells, with bounds on what a file may unfold to.

mod look;
mod weight;

pub use look::{Looked, UnreadRows, look};
pub(crate) use weight::weigh;

use calamine::{Data, Dimensions, Reader as _, Xlsx, open_workbook_from_rs};
use rundgang_inventory::lists::{Grid, LONGEST_CELL, ListError, MOST_COLUMNS, MOST_ROWS, csv, decode};
use std::io::Cursor;
use weight::{Rationed, UNPACKED};

/// Octets of a file that are read; ten thousand rows need two million.
pub const LARGEST: u64 = 20 << 20;
/// Sheets of a workbook that are told, and looked at for the first in which anything stands.
const MOST_SHEETS: usize = 100;
/// Octets of the cells of a sheet, those of merged ones counted in every row: a text that a workbook keeps once may stand
/// in fifty thousand cells.
const MOST_TEXT: usize = 32 << 20;
/// Cells of a sheet that merged areas may name below their first one. Areas of a sheet never lie over each other, and
/// fifty thousand rows with twenty merged columns need no more; a file may name the same area a million times.
const MOST_MERGED: usize = 1_000_000;

/// Why a file is no list.
#[derive(Debug, thiserror::Error)]
pub enum UnreadList {
    /// Too large.
    #[error("the file has more than {} MB: leave out pictures and other sheets, or split the list", LARGEST >> 20)]
    Large,
    /// A small file that unfolds to a huge one.
    #[error("the workbook unpacks to more than {} MB: copy the list alone into a new workbook", UNPACKED >> 20)]
    Unpacked,
    /// A sheet whose cells come to more than a list has.
    #[error("the sheet holds more than {} MB of text: copy the list alone into a new workbook", MOST_TEXT >> 20)]
    Text,
    /// Merged areas that lie over each other, or more of them than a list has.
    #[error("the sheet merges more than {MOST_MERGED} cells: copy the list alone into a new workbook")]
    Merged,
    /// The format before 2007, or a workbook under a password.
    #[error(
        "this is a workbook in the format before 2007 or under a password: save it as .xlsx without one, or as CSV"
    )]
    Old,
    /// No such sheet.
    #[error("there is no sheet '{0}'; there are {1}")]
    NoSheet(String, String),
    /// Damaged.
    #[error("the workbook cannot be read ({0}): open it in a spreadsheet program and save it anew")]
    Damaged(String),
    /// Cells of no list.
    #[error(transparent)]
    List(#[from] ListError),
}

impl From<calamine::XlsxError> for UnreadList {
    fn from(error: calamine::XlsxError) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// The cells of a file: of the sheet named, or of the first one in which anything stands.
///
/// # Errors
/// The file is too large, damaged, or no list.
pub fn grid(bytes: &[u8], sheet: Option<&str>) -> Result<Grid, UnreadList> {
    if bytes.len() as u64 > LARGEST {
        return Err(UnreadList::Large);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(UnreadList::Old);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return workbook(bytes, sheet);
    }
    Ok(csv(&decode(bytes))?)
}

fn workbook(bytes: &[u8], sheet: Option<&str>) -> Result<Grid, UnreadList> {
    let weights = weigh(bytes)?;
    let mut book: Xlsx<_> = open_workbook_from_rs(Rationed::new(bytes, weights))?;
    let names = book.sheet_names();
    if let Some(wanted) = sheet {
        if !names.iter().any(|name| name == wanted) {
            return Err(UnreadList::NoSheet(wanted.to_owned(), names.join(", ")));
        }
        return cells(&mut book, wanted);
    }
    for name in names.iter().take(MOST_SHEETS) {
        let grid = cells(&mut book, name)?;
        if !grid.rows.is_empty() {
            return Ok(grid);
        }
    }
    Ok(Grid::default())
}

/// The names of the sheets of a workbook; none of a text file, nor of what is no workbook.
#[must_use]
pub fn sheets(bytes: &[u8]) -> Vec<String> {
    if !bytes.starts_with(b"PK\x03\x04") || bytes.len() as u64 > LARGEST || weigh(bytes).is_err() {
        return Vec::new();
    }
    let book: Result<Xlsx<_>, _> = open_workbook_from_rs(Cursor::new(bytes));
    book.map(|book| book.sheet_names().into_iter().take(MOST_SHEETS).collect()).unwrap_or_default()
}

fn cells(book: &mut Xlsx<Rationed<'_>>, name: &str) -> Result<Grid, UnreadList> {
    let (mut grid, mut left) = (Grid::default(), MOST_TEXT);
    let mut reader = book.worksheet_cells_reader(name)?;
    while let Some(cell) = reader.next_cell()? {
        let (row, column) = place(cell.get_position());
        let text = text(&cell.get_value().clone().into());
        if text.trim().is_empty() {
            continue;
        }
        if row >= MOST_ROWS {
            return Err(ListError::Rows.into());
        }
        if column >= MOST_COLUMNS {
            return Err(ListError::Columns(row + 1).into());
        }
        if text.chars().count() > LONGEST_CELL {
            return Err(ListError::Cell(row + 1).into());
        }
        take(&mut left, &text)?;
        put(&mut grid, row, column, text);
    }
    drop(reader);
    if !grid.rows.is_empty() {
        let merged = book.merge_cells_by_sheet_name(name)?;
        fill_down(&mut grid, &merged, &mut left)?;
    }
    Ok(grid)
}

/// Takes a text out of what a sheet may hold.
fn take(left: &mut usize, text: &str) -> Result<(), UnreadList> {
    *left = left.checked_sub(text.len()).ok_or(UnreadList::Text)?;
    Ok(())
}

fn place((row, column): (u32, u32)) -> (usize, usize) {
    (usize::try_from(row).unwrap_or(usize::MAX), usize::try_from(column).unwrap_or(usize::MAX))
}

fn put(grid: &mut Grid, row: usize, column: usize, text: String) {
    if grid.rows.len() <= row {
        grid.rows.resize(row + 1, Vec::new());
    }
    let cells = &mut grid.rows[row];
    if cells.len() <= column {
        cells.resize(column + 1, String::new());
    }
    cells[column] = text;
}

/// A room that is written once beside five devices is the room of all five. Only rows in which something stands are
/// filled, so that a merged margin makes no entries.
fn fill_down(grid: &mut Grid, merged: &[Dimensions], left: &mut usize) -> Result<(), UnreadList> {
    // What fills a row stood in it before: which rows are filled does not change on the way.
    let is_filled: Vec<bool> = grid.rows.iter().map(|row| row.iter().any(|cell| !cell.is_empty())).collect();
    let mut cells = MOST_MERGED;
    for area in merged {
        let ((first, column), (last, _)) = (place(area.start), place(area.end));
        let text = grid.rows.get(first).and_then(|row| row.get(column)).filter(|text| !text.is_empty());
        let Some(text) = text.cloned() else { continue };
        let below = first + 1..is_filled.len().min(last.saturating_add(1));
        cells = cells.checked_sub(below.len()).ok_or(UnreadList::Merged)?;
        for row in below.filter(|row| is_filled[*row]) {
            take(left, &text)?;
            put(grid, row, column, text.clone());
        }
    }
    Ok(())
}

/// A cell as people see it; a day as `YYYY-MM-DD`.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        // 104 is kept as 104.0; a number of more digits than these was never typed as one.
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::Float(number) => number.to_string(),
        Data::Bool(truth) => truth.to_string(),
        Data::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::DateTime(span) => span.as_f64().to_string(),
        Data::Error(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rundgang_inventory::lists::{Mapping, read};
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

    /// A list as a caretaker keeps it: a title, days as days, a room that stands once beside three devices.
    fn made() -> Vec<u8> {
        let mut book = Workbook::new();
        book.add_worksheet().set_name("Deckblatt").expect("a sheet");
        let sheet = book.add_worksheet();
        sheet.set_name("Geräte").expect("a sheet");
        let plain = Format::new();
        sheet.merge_range(0, 0, 0, 3, "Inventar der Gesamtschule", &plain).expect("a title");
        for (at, heading) in (0..).zip(["Raum", "Bezeichnung", "Gekauft am", "Seriennummer"]) {
            sheet.write_string(2, at, heading).expect("a heading");
        }
        sheet.merge_range(3, 0, 6, 0, "", &plain).expect("merged");
        sheet.write_number(3, 0, 104).expect("a room");
        let day = ExcelDateTime::from_ymd(2026, 10, 1).expect("a day");
        for row in 3..6 {
            sheet.write_string(row, 1, format!("Gerät {row}")).expect("a name");
            sheet
                .write_datetime_with_format(row, 2, &day, &Format::new().set_num_format("dd.mm.yyyy"))
                .expect("a day");
            sheet.write_number(row, 3, 4_711_000_000_123.0 + f64::from(row)).expect("a number");
        }
        book.save_to_buffer().expect("a workbook")
    }

    #[test]
    fn a_workbook_is_read_with_its_merged_cells_and_days() {
        let grid = grid(&made(), None).expect("cells");
        let list = read(&grid, &Mapping::default()).expect("a list");
        assert_eq!((list.headings, list.problems.len(), list.entries.len()), (3, 0, 3));
        for (entry, row) in list.entries.iter().zip(4..) {
            assert_eq!(entry.row, row);
            assert_eq!([entry.get("room"), entry.get("purchased")], ["104", "2026-10-01"]);
            assert_eq!(entry.get("serial"), format!("471100000012{}", row + 2));
        }
    }

    #[test]
    fn what_is_no_list_is_refused_with_what_to_do() {
        let check = |bytes: &[u8], sheet: Option<&str>, expected: &str| {
            let error = grid(bytes, sheet).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(&vec![b'a'; usize::try_from(LARGEST).expect("a size") + 1], None, "more than 20 MB");
        check(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None, "save it as .xlsx");
        check(b"PK\x03\x04 torn", None, "cannot be read");
        assert_eq!(sheets(&made()), ["Deckblatt", "Geräte"]);
        assert_eq!(sheets(b"PK\x03\x04 torn"), [""; 0]);
        check(&made(), Some("Tabelle 7"), "there is no sheet 'Tabelle 7'; there are Deckblatt, Geräte");
        let made = made();
        for end in [10, made.len() / 2, made.len() - 1] {
            check(&made[..end], None, "cannot be read");
        }
        check(&bomb(), None, "unpacks to more than 200 MB");
        check(&repeated(LONGEST_CELL + 1, 1, false), None, "row 1 is longer than 8000 letters");
        check(&repeated(LONGEST_CELL, 4_200, false), None, "more than 32 MB of text");
        check(&repeated(LONGEST_CELL, 4_200, true), None, "more than 32 MB of text");
    }

    #[test]
    fn areas_named_again_and_again_cost_nothing_or_are_refused() {
        let rows = u32::try_from(MOST_ROWS).expect("a number") - 1;
        let list = |text: &str| Grid {
            rows: (0..=rows)
                .map(|row| vec![if row == 0 { text } else { "" }.to_owned(), "1".to_owned()])
                .collect(),
        };
        let whole = Dimensions { start: (0, 0), end: (rows, 0) };
        let check = |text: &str, areas: usize, is_read: bool| {
            let (mut grid, mut left) = (list(text), MOST_TEXT);
            let filled = fill_down(&mut grid, &vec![whole; areas], &mut left);
            match filled {
                Ok(()) => assert!(is_read && grid.rows.iter().all(|row| row[0] == text), "{areas}"),
                Err(refused) => {
                    assert!(!is_read && refused.to_string().contains("merges more than"), "{refused}");
                }
            }
        };
        check("", 100_000, true);
        check("104", 1, true);
        check("104", 20, true);
        check("104", 100_000, false);
        // An area that ends beyond every sheet ends with this one.
        let endless = Dimensions { start: (0, 0), end: (u32::MAX, u32::MAX) };
        let mut grid = list("104");
        fill_down(&mut grid, &[endless], &mut { MOST_TEXT }).expect("filled");
        assert_eq!((grid.rows.len(), grid.rows[MOST_ROWS - 1][0].as_str()), (MOST_ROWS, "104"));
    }

    /// One long text in many rows: once in each, or once in all of them together.
    fn repeated(letters: usize, rows: u32, is_merged: bool) -> Vec<u8> {
        let text = "x".repeat(letters);
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        if is_merged {
            sheet.merge_range(0, 0, rows - 1, 0, &text, &Format::new()).expect("merged");
        }
        for row in 0..rows {
            let (column, text) = if is_merged { (1, "Gerät") } else { (0, text.as_str()) };
            sheet.write_string(row, column, text).expect("a cell");
        }
        book.save_to_buffer().expect("a workbook")
    }

    /// A small file of very many equal octets.
    fn bomb() -> Vec<u8> {
        use std::io::Write as _;
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let packed =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        archive.start_file("xl/worksheets/sheet1.xml", packed).expect("a part");
        let block = vec![b' '; 1 << 20];
        for _ in 0..=UNPACKED >> 20 {
            archive.write_all(&block).expect("written");
        }
        archive.finish().expect("an archive").into_inner()
    }
}
