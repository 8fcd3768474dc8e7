//! Separated values as spreadsheets write them: semicolon, comma or tabulator, quotation marks, lines within cells.

use super::{Grid, LONGEST_CELL, ListError, MOST_COLUMNS, MOST_ROWS};

/// What may separate cells, the most usual here first.
const SEPARATORS: [char; 3] = [';', ',', '\t'];
/// Letters that are looked at to find out which one does.
const SAMPLE: usize = 16_384;

/// Reads separated values; a row is a record, however many lines its cells have.
///
/// # Errors
/// The text has more rows, columns or letters in a cell than a list has.
pub fn csv(text: &str) -> Result<Grid, ListError> {
    let (separator, text) = separator(text);
    let mut reader = Reader { grid: Grid::default(), row: Vec::new(), cell: String::new(), length: 0 };
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                reader.push('"')?;
            }
            '"' if quoted => quoted = false,
            '"' if reader.cell.trim().is_empty() => {
                reader.cell.clear();
                quoted = true;
            }
            c if quoted => reader.push(c)?,
            c if c == separator => reader.end_cell()?,
            '\n' => reader.end_row()?,
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    reader.end_row()?;
                }
            }
            c => reader.push(c)?,
        }
    }
    if !reader.row.is_empty() || !reader.cell.is_empty() {
        reader.end_row()?;
    }
    Ok(reader.grid)
}

struct Reader {
    grid: Grid,
    row: Vec<String>,
    cell: String,
    length: usize,
}

impl Reader {
    fn push(&mut self, c: char) -> Result<(), ListError> {
        self.length += 1;
        if self.length > LONGEST_CELL {
            return Err(ListError::Cell(self.grid.rows.len() + 1));
        }
        self.cell.push(c);
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), ListError> {
        if self.row.len() >= MOST_COLUMNS {
            return Err(ListError::Columns(self.grid.rows.len() + 1));
        }
        self.row.push(std::mem::take(&mut self.cell));
        self.length = 0;
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ListError> {
        self.end_cell()?;
        if self.grid.rows.len() >= MOST_ROWS {
            return Err(ListError::Rows);
        }
        self.grid.rows.push(std::mem::take(&mut self.row));
        Ok(())
    }
}

/// The separator: said in a first line `sep=;`, else the one that stands most often outside quotation marks.
fn separator(text: &str) -> (char, &str) {
    if let Some(rest) = text.strip_prefix("sep=")
        && let Some(separator) = rest.chars().next().filter(|c| SEPARATORS.contains(c))
    {
        return (separator, rest[separator.len_utf8()..].trim_start_matches(['\r', '\n']));
    }
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut quoted = false;
    for c in text.chars().take(SAMPLE) {
        if c == '"' {
            quoted = !quoted;
        }
        if let Some(at) = SEPARATORS.iter().position(|separator| *separator == c && !quoted) {
            counts[at] += 1;
        }
    }
    let best = (0..SEPARATORS.len()).max_by_key(|at| (counts[*at], SEPARATORS.len() - at)).unwrap_or(0);
    (SEPARATORS[best], text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cells_are_read_as_spreadsheets_write_them() {
        let check = |text: &str, rows: &[&[&str]]| {
            let expected: Vec<Vec<String>> =
                rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
            assert_eq!(csv(text).map(|grid| grid.rows), Ok(expected), "{text:?}");
        };
        check("", &[]);
        check("a;b\r\nc;d\r\n", &[&["a", "b"], &["c", "d"]]);
        check("a,b\nc,\"d, e\"", &[&["a", "b"], &["c", "d, e"]]);
        check("a\tb\n\n;\t", &[&["a", "b"], &[""], &[";", ""]]);
        check("sep=,\r\na;x,b\r\n", &[&["a;x", "b"]]);
        check("a;\"say \"\"hi\"\"\nthere\";c", &[&["a", "say \"hi\"\nthere", "c"]]);
        check("a;b\rc;d", &[&["a", "b"], &["c", "d"]]);
        check("65\" Tafel;B", &[&["65\" Tafel", "B"]]);
        check("a;\"never closed", &[&["a", "never closed"]]);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        assert_eq!(csv(&"a\n".repeat(MOST_ROWS + 1)), Err(ListError::Rows));
        assert_eq!(csv(&";".repeat(MOST_COLUMNS)), Err(ListError::Columns(1)));
        assert_eq!(csv(&format!("a\n\"{}", "x".repeat(LONGEST_CELL + 1))), Err(ListError::Cell(2)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a;,\t\"\r\n=]{0,200}") {
            let rows = csv(&text).map(|grid| grid.rows.len()).unwrap_or_default();
            prop_assert!(rows <= text.len() + 1);
        }
    }
}
