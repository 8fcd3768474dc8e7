//! Reports as a workbook: a sheet of answers for each who answers, the elements behind them, and the steps ahead.

use super::{Report, Signed};
use crate::format;
use crate::words::Words;
use rundgang_inventory::Zone;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use std::collections::BTreeSet;

/// A sheet's name holds at most this many characters.
const NAME: usize = 31;

/// The widths of the columns of answers, in characters.
const WIDTHS: [f64; 15] =
    [8.0, 48.0, 30.0, 10.0, 10.0, 8.0, 12.0, 40.0, 40.0, 16.0, 40.0, 16.0, 12.0, 30.0, 14.0];

struct Styles {
    title: Format,
    head: Format,
    text: Format,
    number: Format,
}

/// A workbook of one report, or of several: then with a first sheet that sets them side by side.
pub(crate) fn workbook(reports: &[Report]) -> Result<Vec<u8>, XlsxError> {
    let styles = Styles {
        title: Format::new().set_bold().set_font_size(14),
        head: Format::new().set_bold().set_background_color(0x00E6_EEF4).set_text_wrap(),
        text: Format::new().set_text_wrap().set_align(FormatAlign::Top),
        number: Format::new().set_align(FormatAlign::Top),
    };
    let mut book = Workbook::new();
    if let Some(first) = reports.first() {
        let mut properties = DocProperties::new().set_title(&first.title).set_author("Rundgang");
        if let Ok(made) = ExcelDateTime::from_timestamp(first.made.seconds()) {
            properties = properties.set_creation_datetime(&made);
        }
        book.set_properties(&properties);
    }
    let mut names = BTreeSet::new();
    if reports.len() > 1 {
        let sheet = book.add_worksheet();
        names.insert("Übersicht".to_owned());
        side_by_side(sheet, reports, &styles)?;
    }
    for report in reports {
        let words = Words { language: report.language };
        let title = if reports.len() > 1 { report.answerer.clone() } else { words.t("sheet-answers") };
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(&title, &mut names))?;
        answers(sheet, report, &styles)?;
    }
    for (key, write) in [("sheet-evidence", evidence as Write), ("sheet-steps", steps as Write)] {
        let Some(first) = reports.first() else { break };
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(&first.language.text(key), &mut names))?;
        write(sheet, reports, &styles)?;
    }
    book.save_to_buffer()
}

type Write = fn(&mut Worksheet, &[Report], &Styles) -> Result<(), XlsxError>;

/// A name that no other sheet has and that spreadsheets accept.
fn sheet_name(title: &str, names: &mut BTreeSet<String>) -> String {
    let plain: String =
        title.chars().map(|c| if "[]:*?/\\'".contains(c) { ' ' } else { c }).take(NAME).collect();
    let plain = if plain.trim().is_empty() { "Blatt".to_owned() } else { plain.trim().to_owned() };
    let mut name = plain.clone();
    let mut nth = 2;
    while names.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
        let end = format!(" {nth}");
        name = plain.chars().take(NAME - end.len()).collect::<String>() + &end;
        nth += 1;
    }
    names.insert(name.clone());
    name
}

fn row_number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

fn column(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// What stands above the answers; returns the next free row.
fn heading(sheet: &mut Worksheet, report: &Report, styles: &Styles) -> Result<usize, XlsxError> {
    let (words, language) = (Words { language: report.language }, report.language);
    let version = format!("{} {}", report.survey.0, report.survey.1);
    let signed = report.signed.as_ref().map(|signed| report.signed_text(signed));
    let lines = [
        format!("{} · {}", report.answerer, report.issuer),
        format!(
            "{}: {} · {version}",
            words.t("survey-as-of"),
            format::date(language, Zone::BERLIN, report.as_of)
        ),
        report.coverage.clone(),
        report.note.clone(),
        signed.unwrap_or_default(),
    ];
    sheet.write_string_with_format(0, 0, &report.title, &styles.title)?;
    let mut row = 1;
    for line in lines.iter().filter(|line| !line.is_empty()) {
        sheet.write_string(row_number(row), 0, line)?;
        row += 1;
    }
    Ok(row + 1)
}

fn answers(sheet: &mut Worksheet, report: &Report, styles: &Styles) -> Result<(), XlsxError> {
    let mut row = heading(sheet, report, styles)?;
    for (nth, width) in WIDTHS.iter().enumerate() {
        sheet.set_column_width(column(nth), *width)?;
    }
    let header = report.header();
    for (nth, cell) in header.iter().enumerate() {
        sheet.write_string_with_format(row_number(row), column(nth), cell, &styles.head)?;
    }
    row += 1;
    sheet.set_freeze_panes(row_number(row), 2)?;
    for (question, cells) in report.rows() {
        for (nth, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let number = match nth {
                2 => question.and_then(|q| q.number.filter(|_| q.levels.is_empty() && !q.only_person)),
                3 => question.and_then(|q| q.lower.filter(|_| !q.hides_count)),
                4 => question.and_then(|q| q.upper.filter(|_| !q.hides_count)),
                9 => cell.replace(',', ".").parse().ok(),
                _ => None,
            };
            let (row, column) = (row_number(row), column(nth));
            match number {
                Some(number) => sheet.write_number_with_format(row, column, number, &styles.number)?,
                None => sheet.write_string_with_format(row, column, cell, &styles.text)?,
            };
        }
        row += 1;
    }
    thresholds(sheet, report, row + 1, styles)
}

fn thresholds(sheet: &mut Worksheet, report: &Report, row: usize, styles: &Styles) -> Result<(), XlsxError> {
    if report.thresholds.is_empty() {
        return Ok(());
    }
    let title = report.language.text("survey-thresholds");
    sheet.write_string_with_format(row_number(row), 1, &title, &styles.head)?;
    for (nth, (meaning, value)) in report.thresholds.iter().enumerate() {
        sheet.write_string_with_format(row_number(row + 1 + nth), 1, meaning, &styles.text)?;
        sheet.write_string(row_number(row + 1 + nth), 2, value)?;
    }
    Ok(())
}

/// Who answers in rows, questions in columns.
fn side_by_side(sheet: &mut Worksheet, reports: &[Report], styles: &Styles) -> Result<(), XlsxError> {
    sheet.set_name("Übersicht")?;
    let Some(first) = reports.first() else { return Ok(()) };
    sheet.write_string_with_format(0, 0, &first.title, &styles.title)?;
    let head = 2;
    sheet.write_string_with_format(head, 0, first.language.text("column-school"), &styles.head)?;
    sheet.set_column_width(0, 32)?;
    for (nth, question) in first.blocks.iter().flat_map(|block| &block.questions).enumerate() {
        let text = format!("{} {}", question.id, question.text);
        sheet.write_string_with_format(head, column(nth + 1), text, &styles.head)?;
        sheet.set_column_width(column(nth + 1), 24)?;
    }
    for (row, report) in (head + 1..).zip(reports) {
        sheet.write_string_with_format(row, 0, &report.answerer, &styles.text)?;
        for (nth, question) in report.blocks.iter().flat_map(|block| &block.questions).enumerate() {
            match question.number.filter(|_| question.person.value.is_empty()) {
                Some(number) => {
                    sheet.write_number_with_format(row, column(nth + 1), number, &styles.number)?
                }
                None => {
                    sheet.write_string_with_format(row, column(nth + 1), question.counts(), &styles.text)?
                }
            };
        }
    }
    sheet.set_freeze_panes(head + 1, 1)?;
    Ok(())
}

fn evidence(sheet: &mut Worksheet, reports: &[Report], styles: &Styles) -> Result<(), XlsxError> {
    let lines = reports.iter().flat_map(|report| {
        let questions = report.blocks.iter().flat_map(|block| &block.questions);
        questions.flat_map(move |question| {
            let of = |list: &[super::Shown], key: &str| {
                let word = report.language.text(key);
                list.iter()
                    .map(|shown| shown.label.clone())
                    .map(|label| (word.clone(), label))
                    .collect::<Vec<_>>()
            };
            let counted =
                question.counted.clone().map(|text| (report.language.text("column-evidence"), text));
            let all = [
                counted.into_iter().collect(),
                of(&question.evidence, "column-evidence"),
                of(&question.lacking, "column-lacking"),
            ];
            all.concat()
                .into_iter()
                .map(move |(word, label)| [report.answerer.clone(), question.id.clone(), word, label])
        })
    });
    let keys = ["column-answerer", "column-question", "column-role", "column-element"];
    list(sheet, reports, &keys, lines, styles)
}

fn steps(sheet: &mut Worksheet, reports: &[Report], styles: &Styles) -> Result<(), XlsxError> {
    let lines = reports.iter().flat_map(|report| {
        let questions = report.blocks.iter().flat_map(|block| &block.questions);
        questions.flat_map(move |question| {
            let of = move |step: &String| {
                [report.answerer.clone(), question.id.clone(), question.text.clone(), step.clone()]
            };
            question.steps.iter().map(of)
        })
    });
    let keys = ["column-answerer", "column-question", "column-wording", "column-step"];
    list(sheet, reports, &keys, lines, styles)
}

fn list(
    sheet: &mut Worksheet,
    reports: &[Report],
    keys: &[&str; 4],
    lines: impl Iterator<Item = [String; 4]>,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let Some(first) = reports.first() else { return Ok(()) };
    for (nth, (key, width)) in keys.iter().zip([28.0, 10.0, 40.0, 70.0]).enumerate() {
        sheet.set_column_width(column(nth), width)?;
        sheet.write_string_with_format(0, column(nth), first.language.text(key), &styles.head)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    // A spreadsheet has 1,048,576 rows; what does not fit stands on the pages.
    for (row, line) in (1..1_000_000).zip(lines) {
        for (nth, cell) in line.iter().enumerate() {
            sheet.write_string_with_format(row, column(nth), cell, &styles.text)?;
        }
    }
    Ok(())
}

impl Report {
    /// Who submitted it and when, with the seal.
    pub(crate) fn signed_text(&self, signed: &Signed) -> String {
        self.language.with(
            "survey-signed",
            &[
                ("who", signed.who.as_str().into()),
                ("moment", format::moment(self.language, Zone::BERLIN, signed.at).into()),
                ("seal", signed.seal.as_str().into()),
            ],
        )
    }
}
