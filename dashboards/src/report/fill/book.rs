//! A workbook as its parts: where its named cells are, and the same workbook with some of its sheets exchanged.

use super::TemplateError;
use super::sheet::{Cell, Place, Unfit, attribute, calculates, edit, name, place, value};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// A workbook that somebody made.
pub(super) struct Book<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// The path of the part that names sheets and cells.
    part: String,
    /// The paths of the sheets by name, lower case.
    sheets: BTreeMap<String, String>,
    /// The names of the workbook: as written, and what each refers to.
    pub(super) names: Vec<(String, String)>,
}

/// A cell that has a name: the path of its sheet, and its place there.
pub(super) type Target = (String, Place);

fn damaged(error: impl std::fmt::Display) -> TemplateError {
    TemplateError::Damaged(error.to_string())
}

impl<'a> Book<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, TemplateError> {
        if bytes.len() as u64 > crate::lists::LARGEST {
            return Err(TemplateError::Large);
        }
        if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            return Err(TemplateError::Old);
        }
        crate::lists::weigh(bytes).map_err(damaged)?;
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        let mut book = Self { archive, part: String::new(), sheets: BTreeMap::new(), names: Vec::new() };
        let has =
            |end: &str| book.archive.file_names().flatten().any(|name| name.to_lowercase().ends_with(end));
        if has("vbaproject.bin") {
            return Err(TemplateError::Macros);
        }
        if has("origin.sigs") {
            return Err(TemplateError::Signed);
        }
        book.part = relations(&book.text("_rels/.rels")?)
            .into_iter()
            .find(|(_, kind, _)| kind.ends_with("/officeDocument"))
            .map(|(_, _, target)| resolved("", &target))
            .ok_or(TemplateError::NoWorkbook)?;
        book.read_names()?;
        Ok(book)
    }

    /// The sheets, and the names of cells.
    fn read_names(&mut self) -> Result<(), TemplateError> {
        let (folder, file) = self.part.rsplit_once('/').unwrap_or(("", &self.part));
        let beside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let (folder, beside) = (folder.to_owned(), format!("{beside}_rels/{file}.rels"));
        let paths: BTreeMap<String, String> = relations(&self.text(&beside)?)
            .into_iter()
            .filter(|(_, kind, _)| kind.ends_with("/worksheet"))
            .map(|(id, _, target)| (id, resolved(&folder, &target)))
            .collect();
        let text = self.text(&self.part.clone())?;
        let mut reader = Reader::from_str(&text);
        let mut named: Option<(String, String)> = None;
        loop {
            match reader.read_event().map_err(damaged)? {
                Event::Eof => return Ok(()),
                Event::DocType(_) => return Err(TemplateError::Damaged("it declares entities".to_owned())),
                Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "sheet" => {
                    let id = tag.attributes().flatten().find(|one| one.key.local_name().as_ref() == "id");
                    let id = id.and_then(|id| value(&id)).unwrap_or_default();
                    if let (Some(name), Some(path)) = (attribute(&tag, "name"), paths.get(&id)) {
                        self.sheets.insert(name.to_lowercase(), path.clone());
                    }
                }
                Event::Start(tag) if tag.local_name().as_ref() == "definedName" => {
                    named = attribute(&tag, "name").map(|name| (name, String::new()));
                }
                Event::Text(part) => {
                    if let Some((_, refers)) = &mut named {
                        refers.push_str(&part.xml10_content());
                    }
                }
                Event::GeneralRef(reference) => {
                    if let Some((_, refers)) = &mut named {
                        refers.push_str(entity(&reference.xml10_content()));
                    }
                }
                Event::End(tag) if tag.local_name().as_ref() == "definedName" => {
                    self.names.extend(named.take());
                }
                _ => {}
            }
        }
    }

    /// The one cell that a name refers to; of a merged area its first.
    pub(super) fn target(&self, named: &str, refers: &str) -> Result<Target, TemplateError> {
        let no_cell = || TemplateError::NoCell(named.to_owned(), refers.to_owned());
        let (sheet, cells) = refers.rsplit_once('!').ok_or_else(no_cell)?;
        let quoted = sheet.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        let sheet = quoted.map_or_else(|| sheet.to_owned(), |sheet| sheet.replace("''", "'"));
        let (first, last) = cells.split_once(':').unwrap_or((cells, cells));
        let (first, last) = (place(first).ok_or_else(no_cell)?, place(last).ok_or_else(no_cell)?);
        if last.0 < first.0 || last.1 < first.1 {
            return Err(no_cell());
        }
        let path = self.sheets.get(&sheet.to_lowercase()).ok_or_else(no_cell)?;
        Ok((path.clone(), first))
    }

    fn text(&mut self, path: &str) -> Result<String, TemplateError> {
        let mut part = self.archive.by_name(path).map_err(|_| TemplateError::NoWorkbook)?;
        let mut text = String::new();
        part.read_to_string(&mut text)
            .map_err(|_| TemplateError::Damaged(format!("{path} is not in UTF-8")))?;
        Ok(text)
    }

    /// The workbook with cells filled. Every other part is copied as it is packed; only where a formula stands
    /// somewhere, the workbook is told to calculate when it is opened.
    pub(super) fn filled(
        mut self,
        changes: &BTreeMap<String, BTreeMap<Place, Cell>>,
    ) -> Result<Vec<u8>, TemplateError> {
        let mut new = BTreeMap::new();
        for (path, changes) in changes {
            let text = self.text(path)?;
            let sheet = || self.sheet_of(path);
            let edited = edit(text.trim_start_matches('\u{feff}'), changes).map_err(|unfit| match unfit {
                Unfit::Formula(place) => TemplateError::Formula(format!("{}!{}", sheet(), name(place))),
                Unfit::Damaged(reason) => TemplateError::Damaged(format!("{}: {reason}", sheet())),
            })?;
            new.insert(path.clone(), edited);
        }
        let paths: Vec<String> = self.sheets.values().cloned().collect();
        let mut has_formula = false;
        for path in paths {
            has_formula = has_formula || calculates(&self.text(&path)?);
        }
        if has_formula {
            let workbook = self.text(&self.part.clone())?;
            new.insert(self.part.clone(), calculated(&workbook)?);
        }
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for at in 0..self.archive.len() {
            let part = self.archive.by_index_raw(at).map_err(damaged)?;
            let name = part.name().map_err(damaged)?.into_owned();
            let Some(text) = new.get(&name) else {
                writer.raw_copy_file(part).map_err(damaged)?;
                continue;
            };
            let options = SimpleFileOptions::default()
                .compression_method(zip::CompressionMethod::Deflated)
                .last_modified_time(part.last_modified().unwrap_or_default());
            writer.start_file(name, options).map_err(damaged)?;
            writer.write_all(text.as_bytes()).map_err(damaged)?;
        }
        Ok(writer.finish().map_err(damaged)?.into_inner())
    }

    fn sheet_of(&self, path: &str) -> String {
        let found = self.sheets.iter().find(|(_, known)| *known == path);
        found.map_or_else(|| path.to_owned(), |(name, _)| name.clone())
    }
}

/// Identifier, kind and target of each relation of a part (ISO/IEC 29500-2, 9.3).
fn relations(text: &str) -> Vec<(String, String, String)> {
    let mut reader = Reader::from_str(text);
    let mut all = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "Relationship" => {
                let said = |name: &str| attribute(&tag, name).unwrap_or_default();
                if said("TargetMode") != "External" {
                    all.push((said("Id"), said("Type"), said("Target")));
                }
            }
            Ok(Event::Eof) | Err(_) => return all,
            Ok(_) => {}
        }
    }
}

/// A target as a path within the file.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(whole) = target.strip_prefix('/') {
        return whole.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            ".." => drop(steps.pop()),
            "." | "" => {}
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// The five entities that XML itself has; a sheet's name may hold an ampersand or a quote.
fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "apos" | "#39" => "'",
        "quot" => "\"",
        "lt" => "<",
        "gt" => ">",
        _ => "\u{fffd}",
    }
}

/// The workbook's own part, told to calculate all formulas when it is opened: what they showed is no longer true.
fn calculated(text: &str) -> Result<String, TemplateError> {
    let mut reader = Reader::from_str(text);
    // Elements that must stand before `calcPr` (ISO/IEC 29500-1, 18.2.27).
    let before: [&str; 5] = ["sheets", "functionGroups", "externalReferences", "definedNames", "bookViews"];
    let mut after = None;
    loop {
        let begin = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(damaged)?;
        let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match event {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "calcPr" => {
                if attribute(&tag, "fullCalcOnLoad").is_some_and(|said| said == "1" || said == "true") {
                    return Ok(text.to_owned());
                }
                let old = &text[begin..end];
                let name = tag.name().as_ref().to_owned();
                let rest: String = tag
                    .attributes()
                    .flatten()
                    .filter(|one| one.key.as_ref() != "fullCalcOnLoad")
                    .map(|one| format!(" {}=\"{}\"", one.key.as_ref(), one.value))
                    .collect();
                let close = if old.ends_with("/>") { "/>" } else { ">" };
                let new = format!("<{name}{rest} fullCalcOnLoad=\"1\"{close}");
                return Ok(format!("{}{new}{}", &text[..begin], &text[end..]));
            }
            Event::End(tag) if before.contains(&tag.local_name().as_ref()) => {
                let name = tag.name().as_ref().to_owned();
                let prefix = name.split_once(':').map(|(prefix, _)| format!("{prefix}:"));
                after = Some((end, prefix.unwrap_or_default()));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let (at, prefix) = after.ok_or(TemplateError::NoWorkbook)?;
    Ok(format!("{}<{prefix}calcPr fullCalcOnLoad=\"1\"/>{}", &text[..at], &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_paths_within_the_file() {
        for (folder, target, expected) in [
            ("", "xl/workbook.xml", "xl/workbook.xml"),
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "../other/./sheet1.xml", "other/sheet1.xml"),
        ] {
            assert_eq!(resolved(folder, target), expected);
        }
    }

    #[test]
    fn formulas_are_calculated_when_the_workbook_is_opened() {
        let check = |inner: &str, expected: &str| {
            let done =
                calculated(&format!("<workbook><sheets><s/></sheets>{inner}</workbook>")).expect("told");
            assert_eq!(done, format!("<workbook><sheets><s/></sheets>{expected}</workbook>"));
        };
        check("", "<calcPr fullCalcOnLoad=\"1\"/>");
        check("<calcPr calcId=\"1\"/>", "<calcPr calcId=\"1\" fullCalcOnLoad=\"1\"/>");
        check("<calcPr fullCalcOnLoad=\"1\"/>", "<calcPr fullCalcOnLoad=\"1\"/>");
        check("<definedNames/><x/>", "<calcPr fullCalcOnLoad=\"1\"/><definedNames/><x/>");
    }
}
