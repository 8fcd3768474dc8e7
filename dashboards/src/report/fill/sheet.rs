//! One sheet of a workbook, edited as text: cells get new values, every other octet stays as it is (ISO/IEC 29500-1,
//! part 18.3).

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;

/// What is written into a cell; never a formula.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// A number, shown as the cell's own format has it.
    Number(f64),
    /// A text.
    Text(String),
}

/// Row and column of a cell, both counted from 1.
pub(super) type Place = (u32, u32);

/// Why a sheet is not edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// A formula stands in the cell.
    Formula(Place),
    /// The sheet is not what a spreadsheet program writes.
    Damaged(String),
}

/// A cell holds at most this many characters.
const LONGEST: usize = 32_767;

/// The sheet with the cells filled.
pub(super) fn edit(xml: &str, changes: &BTreeMap<Place, Cell>) -> Result<String, Unfit> {
    let mut editor = Editor {
        xml,
        changes: changes.iter().map(|(place, cell)| (*place, cell)).collect(),
        done: String::with_capacity(xml.len() + changes.len() * 80),
        copied: 0,
        prefix: String::new(),
    };
    editor.run()?;
    Ok(editor.done)
}

/// Whether a formula stands anywhere in the sheet.
pub(super) fn calculates(xml: &str) -> bool {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "f" => return true,
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

struct Editor<'a> {
    xml: &'a str,
    /// What is still to be written, in the order of rows and columns.
    changes: BTreeMap<Place, &'a Cell>,
    done: String,
    /// So far the sheet was taken over.
    copied: usize,
    /// The prefix of the elements with its colon; most programs write none.
    prefix: String,
}

impl<'a> Editor<'a> {
    fn run(&mut self) -> Result<(), Unfit> {
        let mut reader = Reader::from_str(self.xml);
        let (mut row, mut is_in_cells, mut found) = (0, false, false);
        loop {
            let begin = at(&reader);
            let event = reader.read_event().map_err(|error| Unfit::Damaged(error.to_string()))?;
            match event {
                Event::DocType(_) => return Err(Unfit::Damaged("it declares entities".to_owned())),
                Event::Eof if found => break,
                Event::Eof => return Err(Unfit::Damaged("it holds no cells".to_owned())),
                Event::Start(tag) if tag.local_name().as_ref() == "sheetData" => {
                    (is_in_cells, found) = (true, true);
                    self.prefix = prefix(&tag);
                }
                Event::Empty(tag) if tag.local_name().as_ref() == "sheetData" => {
                    found = true;
                    self.prefix = prefix(&tag);
                    self.opened(begin, at(&reader), |editor| editor.rows_before(u32::MAX));
                }
                Event::End(tag) if tag.local_name().as_ref() == "sheetData" => {
                    self.take_over(begin);
                    self.rows_before(u32::MAX);
                    is_in_cells = false;
                }
                Event::Start(tag) if is_in_cells && tag.local_name().as_ref() == "row" => {
                    row = self.row(&tag, row, begin)?;
                    self.cells(&mut reader, row)?;
                }
                Event::Empty(tag) if is_in_cells && tag.local_name().as_ref() == "row" => {
                    row = self.row(&tag, row, begin)?;
                    if self.changes.range((row, 0)..(row + 1, 0)).next().is_some() {
                        self.opened(begin, at(&reader), |editor| editor.cells_before((row + 1, 0)));
                    }
                }
                _ => {}
            }
        }
        self.take_over(self.xml.len());
        Ok(())
    }

    /// The number of a row that begins; what belongs above it is written.
    fn row(&mut self, tag: &BytesStart<'_>, before: u32, begin: usize) -> Result<u32, Unfit> {
        let named = attribute(tag, "r").map(|number| number.parse().map_err(|_| disorder()));
        let row: u32 = named.unwrap_or(Ok(before + 1))?;
        if row <= before || row > 1_048_576 {
            return Err(disorder());
        }
        if self.changes.keys().next().is_some_and(|(first, _)| *first < row) {
            self.take_over(begin);
            self.rows_before(row);
        }
        Ok(row)
    }

    /// The cells of a row up to its end.
    fn cells(&mut self, reader: &mut Reader<&'a [u8]>, row: u32) -> Result<(), Unfit> {
        let mut column = 0;
        loop {
            let begin = at(reader);
            let event = reader.read_event().map_err(|error| Unfit::Damaged(error.to_string()))?;
            let (tag, is_empty) = match event {
                Event::Start(tag) if tag.local_name().as_ref() == "c" => (tag, false),
                Event::Empty(tag) if tag.local_name().as_ref() == "c" => (tag, true),
                Event::End(tag) if tag.local_name().as_ref() == "row" => {
                    if self.is_awaited(row) {
                        self.take_over(begin);
                        self.cells_before((row + 1, 0));
                    }
                    return Ok(());
                }
                Event::Eof => return Err(Unfit::Damaged("it breaks off".to_owned())),
                _ => continue,
            };
            let named = attribute(&tag, "r").map(|name| place(&name).ok_or_else(disorder));
            let (in_row, here) = named.unwrap_or(Ok((row, column + 1)))?;
            if in_row != row || here <= column {
                return Err(disorder());
            }
            column = here;
            let style = attribute(&tag, "s");
            let calculates = !is_empty && skip_cell(reader)?;
            if self.is_awaited(row) {
                self.cell(((row, column), style, calculates), (begin, at(reader)))?;
            }
        }
    }

    fn is_awaited(&self, row: u32) -> bool {
        self.changes.keys().next().is_some_and(|(first, _)| *first == row)
    }

    /// A cell that is there: what belongs before it is written, and it is replaced where it is meant.
    fn cell(
        &mut self,
        (place, style, calculates): (Place, Option<String>, bool),
        (begin, end): (usize, usize),
    ) -> Result<(), Unfit> {
        if self.changes.keys().next().is_some_and(|first| *first < place) {
            self.take_over(begin);
            self.cells_before(place);
        }
        let Some(cell) = self.changes.remove(&place) else { return Ok(()) };
        if calculates {
            return Err(Unfit::Formula(place));
        }
        self.take_over(begin);
        self.write(place, style.as_deref(), cell);
        self.copied = end;
        Ok(())
    }

    /// Takes the sheet over up to a place.
    fn take_over(&mut self, end: usize) {
        if end > self.copied {
            self.done.push_str(&self.xml[self.copied..end]);
            self.copied = end;
        }
    }

    /// An element without content gets some: `<row/>` becomes `<row>…</row>`.
    fn opened(&mut self, begin: usize, end: usize, fill: impl FnOnce(&mut Self)) {
        self.take_over(begin);
        let tag = self.xml[begin..end].trim_end_matches('>').trim_end().trim_end_matches('/');
        let name = tag.trim_start_matches('<').split(|c: char| c.is_whitespace()).next().unwrap_or_default();
        self.done.push_str(&format!("{}>", tag.trim_end()));
        fill(self);
        self.done.push_str(&format!("</{name}>"));
        self.copied = end;
    }

    /// Rows that the sheet does not have yet.
    fn rows_before(&mut self, row: u32) {
        while let Some((first, _)) = self.changes.keys().next().copied().filter(|(first, _)| *first < row) {
            let prefix = self.prefix.clone();
            self.done.push_str(&format!("<{prefix}row r=\"{first}\">"));
            self.cells_before((first + 1, 0));
            self.done.push_str(&format!("</{prefix}row>"));
        }
    }

    /// Cells that their row does not have yet.
    fn cells_before(&mut self, place: Place) {
        while let Some(first) = self.changes.first_entry().filter(|first| *first.key() < place) {
            let (place, cell) = first.remove_entry();
            self.write(place, None, cell);
        }
    }

    fn write(&mut self, place: Place, style: Option<&str>, cell: &Cell) {
        let p = &self.prefix;
        let style = style.filter(|style| style.bytes().all(|byte| byte.is_ascii_digit()));
        let style = style.map(|style| format!(" s=\"{style}\"")).unwrap_or_default();
        let name = name(place);
        let written = match cell {
            Cell::Number(number) if number.is_finite() => {
                format!("<{p}c r=\"{name}\"{style}><{p}v>{number}</{p}v></{p}c>")
            }
            Cell::Number(_) => format!("<{p}c r=\"{name}\"{style}/>"),
            Cell::Text(text) => {
                let text = escaped(text);
                let space = "xml:space=\"preserve\"";
                format!(
                    "<{p}c r=\"{name}\"{style} t=\"inlineStr\"><{p}is><{p}t {space}>{text}</{p}t></{p}is></{p}c>"
                )
            }
        };
        self.done.push_str(&written);
    }
}

/// Reads to the end of a cell; whether a formula stands in it.
fn skip_cell(reader: &mut Reader<&[u8]>) -> Result<bool, Unfit> {
    let (mut depth, mut calculates) = (0, false);
    loop {
        match reader.read_event().map_err(|error| Unfit::Damaged(error.to_string()))? {
            Event::Start(tag) => {
                calculates |= tag.local_name().as_ref() == "f";
                depth += 1;
            }
            Event::Empty(tag) => calculates |= tag.local_name().as_ref() == "f",
            Event::End(_) if depth == 0 => return Ok(calculates),
            Event::End(_) => depth -= 1,
            Event::Eof => return Err(Unfit::Damaged("it breaks off".to_owned())),
            _ => {}
        }
    }
}

fn at(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn disorder() -> Unfit {
    Unfit::Damaged("its rows or cells are not in order".to_owned())
}

fn prefix(tag: &BytesStart<'_>) -> String {
    let name = tag.name();
    let name = name.as_ref();
    name.split_once(':').map(|(prefix, _)| format!("{prefix}:")).unwrap_or_default()
}

pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == name)?;
    value(&found)
}

/// What stands in an attribute.
pub(super) fn value(attribute: &Attribute<'_>) -> Option<String> {
    Some(unescape(&attribute.value).ok()?.into_owned())
}

/// The place that `B3` or `$B$3` names.
pub(super) fn place(name: &str) -> Option<Place> {
    let name = name.strip_prefix('$').unwrap_or(name);
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = name.split_at(letters);
    let row = row.strip_prefix('$').unwrap_or(row);
    if !(1..=3).contains(&letters) || row.len() > 7 || !row.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let column =
        column.bytes().fold(0, |sum, letter| sum * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let row: u32 = row.parse().ok()?;
    ((1..=1_048_576).contains(&row) && column <= 16_384).then_some((row, column))
}

/// What a place is called.
pub(super) fn name((row, mut column): Place) -> String {
    let mut letters = Vec::new();
    while column > 0 {
        let letter = u8::try_from((column - 1) % 26).unwrap_or_default();
        letters.insert(0, char::from(b'A' + letter));
        column = (column - 1) / 26;
    }
    letters.into_iter().collect::<String>() + &row.to_string()
}

/// A text as the content of an element. What XML cannot hold is left out; what a spreadsheet program would read as one
/// of its own marks (`_x000D_`) is marked (ISO/IEC 29500-1, 22.9.2.19).
fn escaped(text: &str) -> String {
    let mut done = String::with_capacity(text.len());
    for (at, letter) in text.char_indices().take(LONGEST) {
        match letter {
            '&' => done.push_str("&amp;"),
            '<' => done.push_str("&lt;"),
            '>' => done.push_str("&gt;"),
            '\r' | '\u{fffe}' | '\u{ffff}' => {}
            '\t' | '\n' => done.push(letter),
            letter if letter < ' ' => {}
            '_' if is_mark(&text[at..]) => done.push_str("_x005F_"),
            letter => done.push(letter),
        }
    }
    done
}

fn is_mark(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7 && bytes[1] == b'x' && bytes[6] == b'_' && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests;
