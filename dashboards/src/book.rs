//! The whole book of a Träger as files: readable sheets as CSV or as one workbook, or every table as JSON.

mod places;
mod upkeep;

use crate::{csv, text::Language};
use rundgang_inventory::{Timestamp, lists::FIELDS};
use rundgang_store::{Asset, DocumentedSystem, Finding, School, Traeger};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Devices read at once.
const PAGE: i64 = 1_000;

/// The headings of the list of schools, which `schools --from` reads in any language.
pub const SCHOOL_COLUMNS: [&str; 6] = [
    "column-school",
    "column-official-number",
    "column-school-kind",
    "column-commune",
    "fact-pupils",
    "fact-teachers",
];

/// Why there are no files.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The store.
    #[error(transparent)]
    Store(#[from] rundgang_store::Error),
    /// The workbook was not made.
    #[error("making the workbook: {0}")]
    Workbook(#[from] XlsxError),
    /// The archive was not made.
    #[error("making the archive: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// A file in it was not made.
    #[error("making the archive: {0}")]
    Part(#[from] std::io::Error),
    /// A file cannot be written.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
}

/// One list of the book. Kinds and states are words of the vocabulary, the same in every language; days are
/// `2026-10-01`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its name, for a file or a tab.
    pub name: &'static str,
    /// The headings.
    pub header: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    fn new(language: Language, name: &'static str, keys: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self { name, header: keys.iter().map(|key| language.text(key)).collect(), rows }
    }

    /// As separated values in which nothing is a formula.
    #[must_use]
    pub fn csv(&self) -> String {
        csv::table(&self.header, &self.rows)
    }
}

/// Every sheet of the book, of one school or of all.
///
/// # Errors
/// There is no such school, or the database failed.
pub fn sheets(traeger: &Traeger, school: Option<i64>, language: Language) -> Result<Vec<Sheet>, BookError> {
    let schools = match school {
        Some(school) => vec![traeger.school(school)?],
        None => traeger.schools()?,
    };
    Ok(vec![
        school_sheet(&schools, language),
        places::sites(traeger, &schools, language)?,
        places::buildings(traeger, &schools, language)?,
        places::rooms(traeger, &schools, language)?,
        systems(traeger, &schools, language)?,
        devices(traeger, school, &schools, language)?,
        findings(traeger, school, &schools, language)?,
        places::links(traeger, &schools, language)?,
        documents(traeger, &schools, language)?,
        upkeep::tasks(traeger, &schools, language)?,
        upkeep::contacts(traeger, &schools, language)?,
        upkeep::offers(traeger, &schools, language)?,
        upkeep::kept(traeger, &schools, language)?,
        upkeep::questions(traeger, &schools, language)?,
    ])
}

/// The sheets as one workbook. Every cell is text: no spreadsheet reckons with what a device calls itself.
///
/// # Errors
/// The workbook was not made.
pub fn workbook(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let head = Format::new().set_bold();
    let mut book = Workbook::new();
    for sheet in sheets {
        let tab = book.add_worksheet();
        tab.set_name(sheet.name)?;
        for (column, cell) in (0_u16..).zip(&sheet.header) {
            tab.write_string_with_format(0, column, cell, &head)?;
        }
        // A spreadsheet has 1,048,576 rows; the CSV holds all of them.
        for (row, cells) in (1_u32..1_048_576).zip(&sheet.rows) {
            for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                tab.write_string(row, column, cell.chars().take(32_767).collect::<String>())?;
            }
        }
        tab.set_freeze_panes(1, 0)?;
    }
    book.save_to_buffer()
}

fn number(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn school_sheet(schools: &[School], language: Language) -> Sheet {
    let row = |school: &School| {
        let e = &school.entered;
        let texts = [&e.name, &e.official_number, &e.kind, &e.commune].map(Clone::clone);
        [&texts[..], &[number(e.pupils), number(e.teachers)]].concat()
    };
    Sheet::new(language, "schools", &SCHOOL_COLUMNS, schools.iter().map(row).collect())
}

/// Documented systems, under headings that `import` knows: what is exported can be entered elsewhere.
fn systems(traeger: &Traeger, schools: &[School], language: Language) -> Result<Sheet, BookError> {
    let fields: Vec<&str> =
        FIELDS.iter().copied().filter(|field| !matches!(*field, "vendor" | "model")).collect();
    let mut rows = Vec::new();
    for school in schools {
        let rooms: BTreeMap<i64, String> =
            traeger.rooms(school.id)?.into_iter().map(|room| (room.id, room.name)).collect();
        for system in traeger.systems(school.id)? {
            rows.push(system_row(&fields, &system, &school.entered.name, &rooms));
        }
    }
    let key = |field: &&str| match *field {
        "school" => "column-school".to_owned(),
        field => format!("field-{}", field.replace('_', "-")),
    };
    let keys: Vec<String> = fields.iter().map(key).collect();
    Ok(Sheet::new(language, "systems", &keys.iter().map(String::as_str).collect::<Vec<_>>(), rows))
}

fn system_row(
    fields: &[&str],
    system: &DocumentedSystem,
    school: &str,
    rooms: &BTreeMap<i64, String>,
) -> Vec<String> {
    let told = serde_json::to_value(system).unwrap_or_default();
    let cell = |field: &&str| match *field {
        "school" => school.to_owned(),
        "room" => system.room.and_then(|room| rooms.get(&room)).cloned().unwrap_or_default(),
        field => match &told[field] {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        },
    };
    fields.iter().map(cell).collect()
}

fn devices(
    traeger: &Traeger,
    school: Option<i64>,
    schools: &[School],
    language: Language,
) -> Result<Sheet, BookError> {
    let names = names(schools);
    let documented = traeger.documented_assets(school)?;
    let mut rows = Vec::new();
    let mut after = 0;
    loop {
        let page = traeger.assets(school, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        rows.extend(page.iter().map(|asset| device_row(asset, &names, documented.contains(&asset.id))));
    }
    let keys = [
        "column-school",
        "column-kind",
        "column-vendor",
        "column-model",
        "column-serial",
        "column-version",
        "column-hostname",
        "column-address",
        "column-mac",
        "column-segment",
        "column-first-seen",
        "column-last-seen",
        "column-register",
    ];
    Ok(Sheet::new(language, "devices", &keys, rows))
}

fn device_row(asset: &Asset, names: &BTreeMap<i64, String>, is_documented: bool) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        names.get(&asset.school).cloned().unwrap_or_default(),
        asset.kind.map(|kind| kind.name().to_owned()).unwrap_or_default(),
        text(&asset.vendor),
        text(&asset.model),
        text(&asset.serial),
        text(&asset.os_version),
        text(&asset.hostname),
        asset.ip.clone(),
        text(&asset.mac),
        asset.segment.clone(),
        asset.first_seen.date(),
        asset.last_seen.date(),
        is_documented.to_string(),
    ]
}

fn findings(
    traeger: &Traeger,
    school: Option<i64>,
    schools: &[School],
    language: Language,
) -> Result<Sheet, BookError> {
    let names = names(schools);
    let row = |finding: &Finding| {
        vec![
            names.get(&finding.school).cloned().unwrap_or_default(),
            finding.rule.clone(),
            finding.subject.clone(),
            finding.severity.name().to_owned(),
            finding.opened_at.date(),
            finding.closed_at.map(Timestamp::date).unwrap_or_default(),
            finding.evidence.to_string(),
        ]
    };
    let rows = traeger.findings(school, true)?.iter().map(row).collect();
    let keys = [
        "column-school",
        "column-rule",
        "column-subject",
        "column-severity",
        "column-opened",
        "column-closed",
        "column-evidence",
    ];
    Ok(Sheet::new(language, "findings", &keys, rows))
}

fn documents(traeger: &Traeger, schools: &[School], language: Language) -> Result<Sheet, BookError> {
    let mut rows = Vec::new();
    for school in schools {
        for document in traeger.documents(school.id)? {
            let name = school.entered.name.clone();
            let dated = document.dated.unwrap_or_default();
            rows.push(vec![name, document.kind, document.name, dated, document.place]);
        }
    }
    let keys = ["column-school", "column-kind", "document-name", "document-date", "document-place"];
    Ok(Sheet::new(language, "documents", &keys, rows))
}

fn names(schools: &[School]) -> BTreeMap<i64, String> {
    schools.iter().map(|school| (school.id, school.entered.name.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::grid;
    use rundgang_inventory::lists::{Mapping, read};
    use rundgang_store::{ListRow, NewSchool, Room, Store};

    const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800);

    fn book(folder: &std::path::Path, name: &str) -> (Traeger, i64) {
        let store = Store::sqlite(&folder.join(name)).expect("a book");
        let traeger = store.ensure_traeger("Kreis Beispiel", NOW).expect("a Träger");
        let school = NewSchool { name: "Gesamtschule".into(), ..NewSchool::default() };
        let school = traeger.ensure_school(&school, NOW).expect("a school");
        (traeger, school)
    }

    fn documented(school: i64, room: i64) -> DocumentedSystem {
        DocumentedSystem {
            school,
            name: "=HYPERLINK(\"http://x\")".into(),
            kind: "access-point".into(),
            room: Some(room),
            owner: "IT-Koordination".into(),
            hotline: "+49 5241 1234".into(),
            credentials_place: "Tresor, Umschlag 3".into(),
            purchased: Some("2024-10-01".into()),
            warranty_until: Some("2027-09-30".into()),
            sla_reaction_hours: Some(4),
            personal_data: Some(false),
            serial: "X-1".into(),
            mac: "00:26:ab:00:00:01".into(),
            status: "in-repair".into(),
            notes: "zwei; drei, \"vier\"".into(),
            ..DocumentedSystem::default()
        }
    }

    #[test]
    fn what_is_exported_can_be_entered_elsewhere_in_every_language_and_form() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, school) = book(folder.path(), "from.db");
        let room = Room { name: "A-104".into(), ..Room::default() };
        let room = from.save_room(school, &room, ("K", NOW)).expect("a room");
        from.save_system(&documented(school, room), "K", NOW).expect("a system");
        for (at, language) in Language::ALL.into_iter().enumerate() {
            let sheets = sheets(&from, None, language).expect("sheets");
            for sheet in &sheets {
                assert!(
                    sheet.header.iter().all(|head| !head.contains('-')
                        || head.contains(' ')
                        || !head.starts_with(char::is_lowercase)),
                    "{:?}",
                    sheet.header
                );
                assert!(sheet.rows.iter().all(|row| row.len() == sheet.header.len()), "{}", sheet.name);
            }
            let systems = sheets.iter().find(|sheet| sheet.name == "systems").expect("systems");
            let workbook = workbook(std::slice::from_ref(systems)).expect("a workbook");
            for (form, bytes) in [("csv", systems.csv().into_bytes()), ("xlsx", workbook)] {
                let list = read(&grid(&bytes, None).expect("cells"), &Mapping::default()).expect("a list");
                assert_eq!(list.problems, [], "{language:?} {form}");
                let (to, school) = book(folder.path(), &format!("{at}.{form}"));
                let rows: Vec<ListRow> =
                    list.entries.iter().map(|entry| ListRow::of(entry, school).expect("a row")).collect();
                to.enter_list("systems", &rows, &Mapping::default(), ("K", NOW)).expect("entered");
                let entered = to.systems(school).expect("systems").remove(0);
                let expected = DocumentedSystem {
                    id: entered.id,
                    version: 1,
                    ..documented(school, entered.room.expect("a room"))
                };
                assert_eq!(entered, expected, "{language:?} {form}");
            }
            assert!(systems.csv().contains("\"'=HYPERLINK"), "no cell is a formula");
            assert!(systems.csv().contains("'+49 5241 1234"), "nor a telephone number");
        }
    }
}
