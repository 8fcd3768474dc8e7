//! The file that a school takes along when it leaves: readable lists, every row for programs, and what it all is.

use crate::book::{BookError, Sheet, sheets, workbook};
use crate::text::Language;
use rundgang_inventory::Timestamp;
use rundgang_store::{FrozenContent, Traeger};
use serde_json::{Value as Json, json};
use std::io::{Cursor, Write as _};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Days after which nobody should have the file any more who has taken it in elsewhere (promise P8).
const DAYS: i64 = 30;

/// Columns of a table, each with the key of its heading.
type Columns = &'static [(&'static str, &'static str)];

/// Readable lists made of rows: name, table, and each column with the key of its heading. Days are days; the time of day
/// stands in the JSON where the book keeps it.
const LISTS: [(&str, &str, Columns); 6] = [
    ("facts", "setting", &[("name", "column-what"), ("value", "column-value")]),
    (
        "findings-history",
        "finding_event",
        &[
            ("at", "column-day"),
            ("kind", "column-what"),
            ("rule", "column-rule"),
            ("subject", "column-subject"),
            ("severity", "column-severity"),
            ("evidence", "column-evidence"),
        ],
    ),
    (
        "decisions",
        "decision",
        &[
            ("at", "column-day"),
            ("state", "column-state"),
            ("rule", "column-rule"),
            ("subject", "column-subject"),
            ("reason", "column-reason"),
            ("until", "column-until"),
            ("due", "column-due"),
            ("who", "column-who"),
        ],
    ),
    (
        "answers",
        "answer",
        &[
            ("recorded_at", "column-day"),
            ("survey", "column-survey"),
            ("question", "column-question"),
            ("source", "column-source"),
            ("value", "column-value"),
            ("comment", "column-comment"),
            ("who", "column-who"),
            ("replaced_at", "column-until"),
        ],
    ),
    (
        "domains",
        "domain",
        &[("name", "column-domain"), ("confirmed_at", "column-day"), ("confirmed_by", "column-who")],
    ),
    (
        "audit-log",
        "audit_log",
        &[
            ("at", "column-day"),
            ("who", "column-who"),
            ("what", "column-what"),
            ("subject", "column-subject"),
            ("before", "column-before"),
            ("after", "column-after"),
        ],
    ),
];

/// Columns that hold a moment.
const MOMENTS: [&str; 6] = ["at", "until", "due", "recorded_at", "replaced_at", "confirmed_at"];

/// The whole book of one school as one ZIP file: `README.txt`, `book.xlsx`, `csv/…`, and `book.json` with every row.
///
/// # Errors
/// There is no such school, the file was not made, or the database failed.
pub fn school_file(
    traeger: &Traeger,
    school: i64,
    language: Language,
    now: Timestamp,
) -> Result<Vec<u8>, BookError> {
    let name = traeger.school(school)?.entered.name;
    let tables = traeger.export_school(school)?;
    let mut lists = sheets(traeger, Some(school), language)?;
    lists.extend(LISTS.iter().map(|(name, table, columns)| list(language, name, &tables[*table], columns)));
    lists.push(submitted(language, &tables["survey_frozen"]));
    let until = now.plus_days(DAYS).date();
    let told: [(&str, crate::text::Argument); 3] =
        [("school", name.clone().into()), ("day", now.date().into()), ("until", until.clone().into())];
    let whole = json!({
        "format": "rundgang-school-1",
        "school": name,
        "made": now.date(),
        "delete_after": until,
        "tables": tables,
    });
    let mut parts: Vec<(String, Vec<u8>)> = vec![
        ("README.txt".to_owned(), language.with("leaving-readme", &told).replace('\n', "\r\n").into_bytes()),
        ("book.xlsx".to_owned(), workbook(&lists)?),
        ("book.json".to_owned(), serde_json::to_vec_pretty(&whole).unwrap_or_default()),
    ];
    parts.extend(lists.iter().map(|sheet| (format!("csv/{}.csv", sheet.name), sheet.csv().into_bytes())));
    packed(&parts)
}

fn packed(parts: &[(String, Vec<u8>)]) -> Result<Vec<u8>, BookError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in parts {
        archive.start_file(name.as_str(), options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn list(language: Language, name: &'static str, rows: &Json, columns: &[(&str, &str)]) -> Sheet {
    let cell = |row: &Json, column: &str| match &row[column] {
        Json::Null => String::new(),
        Json::Number(number) if MOMENTS.contains(&column) => {
            number.as_i64().map(|moment| Timestamp(moment).date()).unwrap_or_default()
        }
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let row = |row: &Json| columns.iter().map(|(column, _)| cell(row, column)).collect();
    Sheet {
        name,
        header: columns.iter().map(|(_, key)| language.text(key)).collect(),
        rows: rows.as_array().into_iter().flatten().map(row).collect(),
    }
}

/// What was submitted for the school, one answer a row.
fn submitted(language: Language, frozen: &Json) -> Sheet {
    let mut rows = Vec::new();
    for one in frozen.as_array().into_iter().flatten() {
        let content = one["content"].as_str().unwrap_or_default();
        // A row that no longer reads stands whole in the JSON.
        let Ok(content) = serde_json::from_str::<FrozenContent>(content) else { continue };
        let day = |column: &str| one[column].as_i64().map(|at| Timestamp(at).date()).unwrap_or_default();
        let text = |column: &str| one[column].as_str().unwrap_or_default().to_owned();
        for answer in content.answers {
            let machine = answer.answer.value.as_ref().map(|value| json!(value).to_string());
            let (said, comment) =
                answer.person.map(|person| (person.value, person.comment)).unwrap_or_default();
            rows.push(vec![
                text("survey"),
                day("as_of"),
                answer.answer.question,
                machine.unwrap_or_default(),
                said,
                comment,
                day("at"),
                text("who"),
            ]);
        }
    }
    let keys = [
        "column-survey",
        "survey-as-of",
        "column-question",
        "survey-machine",
        "column-value",
        "column-comment",
        "column-day",
        "column-who",
    ];
    Sheet { name: "submitted", header: keys.map(|key| language.text(key)).to_vec(), rows }
}
