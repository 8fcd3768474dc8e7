//! What a workbook may unfold to: its parts are unpacked once before anything reads them, and are read no more often than a
//! list asks for.

use super::UnreadList;
use quick_xml::{Reader, events::Event};
use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom},
};

/// Octets that the parts of a workbook may have when unpacked.
pub(super) const UNPACKED: u64 = 200 << 20;
/// So often all of its parts may be unpacked in reading it: once for texts and cells, the sheet that is read once more for
/// its merged ones, and some are named by two others.
const READINGS: u64 = 3;
/// Parts that a workbook may have.
const MOST_PARTS: usize = 2_000;
/// Texts that a workbook may say it keeps: room is made for as many before the first is read. A list has no more cells
/// with a text of their own.
const MOST_TEXTS: u64 = 2_000_000;

/// Octets of each part when unpacked, by the place in the file where its packed ones begin.
pub(crate) type Weights = BTreeMap<u64, u64>;

/// Unpacks everything once without keeping it: what a file says of its own size is no proof.
pub(crate) fn weigh(bytes: &[u8]) -> Result<Weights, UnreadList> {
    let damaged = |error: zip::result::ZipError| UnreadList::Damaged(error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MOST_PARTS {
        return Err(UnreadList::Unpacked);
    }
    let (mut left, mut weights) = (UNPACKED, Weights::new());
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(damaged)?;
        let begins = part.data_start().unwrap_or_default();
        let size = io::copy(&mut part.take(left + 1), &mut io::sink())
            .map_err(|error| UnreadList::Damaged(error.to_string()))?;
        left = left.checked_sub(size).ok_or(UnreadList::Unpacked)?;
        let weight = weights.entry(begins).or_default();
        *weight = size.max(*weight);
    }
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(damaged)?;
        if part.name_raw().to_ascii_lowercase().ends_with(b"sharedstrings.xml") {
            claim(BufReader::new(part))?;
        }
    }
    Ok(weights)
}

/// Refuses shared texts that say they are more than a list has: the number is believed by whoever reads them.
fn claim(part: impl BufRead) -> Result<(), UnreadList> {
    let mut xml = Reader::from_reader(part);
    xml.config_mut().check_end_names = false;
    let mut piece = Vec::new();
    loop {
        piece.clear();
        match xml.read_event_into(&mut piece) {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "sst" => {
                // Any number in it: how its attributes are to be read is not for us to know better.
                let said: &str = tag.as_ref();
                let numbers = said.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
                let is_sound = |digits: &str| digits.parse::<u64>().is_ok_and(|number| number <= MOST_TEXTS);
                return if numbers.clone().all(is_sound) { Ok(()) } else { Err(UnreadList::Text) };
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(UnreadList::Damaged(error.to_string())),
        }
    }
}

/// A file of which only so much is read: a workbook may name one sheet a thousand times, and each reading unpacks it anew.
pub(super) struct Rationed<'b> {
    file: Cursor<&'b [u8]>,
    weights: Weights,
    left: u64,
}

impl<'b> Rationed<'b> {
    pub(super) fn new(bytes: &'b [u8], weights: Weights) -> Self {
        let left = READINGS * weights.values().sum::<u64>();
        Self { file: Cursor::new(bytes), weights, left }
    }
}

impl Read for Rationed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // Whoever begins to read a part unpacks all of it.
        let weight = self.weights.get(&self.file.position()).copied().unwrap_or_default();
        let left = self.left.checked_sub(weight);
        self.left = left.ok_or_else(|| io::Error::other("it names the same sheet again and again"))?;
        self.file.read(into)
    }
}

impl Seek for Rationed<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MOST_SHEETS, grid};
    use super::*;
    use rust_xlsxwriter::Workbook;
    use std::io::Write as _;

    /// A workbook with some of its parts replaced.
    fn with(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut book = Workbook::new();
        book.add_worksheet().write_string(0, 0, "Bezeichnung").expect("a cell");
        let made = book.save_to_buffer().expect("a workbook");
        let mut from = zip::ZipArchive::new(Cursor::new(made.as_slice())).expect("an archive");
        let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let packed =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        for at in 0..from.len() {
            let mut part = from.by_index(at).expect("a part");
            let name = part.name().expect("a name").into_owned();
            let mut octets = Vec::new();
            part.read_to_end(&mut octets).expect("its octets");
            let other = parts.iter().find(|(other, _)| *other == name);
            to.start_file(name, packed).expect("a part");
            to.write_all(other.map_or(octets.as_slice(), |(_, text)| text.as_bytes())).expect("written");
        }
        to.finish().expect("an archive").into_inner()
    }

    /// A workbook that names its one sheet so often, in which nothing stands at such length.
    fn repeated(times: usize, megabytes: usize) -> Vec<u8> {
        let sheets: String =
            (0..times).map(|at| format!("<sheet name=\"S{at}\" sheetId=\"{at}\" r:id=\"rId1\"/>")).collect();
        let book = format!(
            "<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
             <sheets>{sheets}</sheets></workbook>"
        );
        let nothing = "<row/>".repeat((megabytes << 20) / 6);
        let sheet = format!("<worksheet><sheetData>{nothing}</sheetData></worksheet>");
        with(&[("xl/workbook.xml", &book), ("xl/worksheets/sheet1.xml", &sheet)])
    }

    #[test]
    fn a_sheet_named_again_and_again_is_not_read_again_and_again() {
        let told =
            |bytes: &[u8]| grid(bytes, None).map(|grid| grid.rows.len()).map_err(|error| error.to_string());
        assert_eq!(told(&repeated(2, 1)), Ok(0), "two sheets without anything are no harm");
        let refused = told(&repeated(MOST_SHEETS, 1)).expect_err("refused");
        assert!(refused.contains("again and again"), "{refused}");
        assert_eq!(told(&repeated(100_000, 0)), Ok(0), "no more sheets are looked at than are told");
        assert_eq!(told(&with(&[])), Ok(1), "and what stands there is read");
    }

    #[test]
    fn no_room_is_made_for_texts_that_are_not_there() {
        let check = |said: &str, is_read: bool| {
            let texts = format!("<sst {said}><si><t>Bezeichnung</t></si></sst>");
            let read = grid(&with(&[("xl/sharedStrings.xml", &texts)]), None);
            match read {
                Ok(grid) => assert!(is_read && grid.rows[0][0] == "Bezeichnung", "{said}"),
                Err(error) => {
                    assert!(!is_read && error.to_string().contains("MB of text"), "{said}: {error}");
                }
            }
        };
        check("xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" uniqueCount=\"1\"", true);
        check("uniqueCount=\"2000000\"", true);
        check("uniqueCount=\"1000000000000\"", false);
        check("count=\"1\" uniqueCount='99999999999999999999'", false);
        check("x:uniqueCount=\"1\" uniqueCount = \"9223372036854775807\"", false);
    }
}
