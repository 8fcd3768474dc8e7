//! Workbooks filled: read back with a reader of its own, and part by part as they were.

use super::*;
use crate::report::Answered;
use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};
use rundgang_inventory::Kind;
use rundgang_inventory::survey::{Fact, Room, SurveyAsset, SurveyView, survey};
use rundgang_store::views::survey::PersonAnswer;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};
use std::io::{Cursor, Read as _};

const DAY: Timestamp = Timestamp::from_seconds(1_790_812_800);

/// A school that has two rooms with a board and one without, and whose agent is silent.
fn loaded(survey: &Survey) -> Loaded {
    let room = |n: u32| Room { name: format!("R{n}"), kind: "class".into(), ..Room::default() };
    let board = |n: u32| SurveyAsset {
        kind: Some(Kind::Board),
        room: Some(format!("R{n}")),
        ..SurveyAsset::called(&n.to_string(), "=Tafel")
    };
    let mut view = SurveyView {
        as_of: DAY,
        rooms: (1..=3).map(room).collect(),
        assets: vec![board(1), board(2)],
        ..SurveyView::default()
    };
    view.facts.insert("pupils".into(), Fact { value: "600".into(), at: DAY, by: "A".into() });
    view.walked.silent = vec!["box".into()];
    Loaded {
        answered: Answered::of(survey, &(view, Vec::new()), None),
        persons: BTreeMap::new(),
        answerer: "Schule <1> & =2".to_owned(),
        as_of: DAY,
        since: None,
        frozen: None,
    }
}

/// A form of an issuer: two sheets, formats, a formula, and cells with names.
fn form(names: &[(&str, &str)]) -> Vec<u8> {
    let mut book = Workbook::new();
    // Made twice, it is the same form: without a day of its own it would hold the second in which it was made.
    let day = ExcelDateTime::from_ymd(2026, 10, 1).expect("a day");
    book.set_properties(&DocProperties::new().set_creation_datetime(&day));
    let cover = book.add_worksheet();
    cover.set_name("Deckblatt & mehr").expect("a sheet");
    cover.write_string(0, 0, "Bitte nicht verändern").expect("a cell");
    let sheet = book.add_worksheet();
    sheet.set_name("Bogen").expect("a sheet");
    let frame = Format::new().set_bold().set_num_format("0.0");
    sheet.write_string(1, 0, "Tafeln").expect("a cell");
    sheet.write_blank(1, 1, &frame).expect("a cell");
    sheet.write_blank(2, 1, &frame).expect("a cell");
    sheet.write_formula(5, 1, "=B2*2").expect("a cell");
    for (name, refers) in names {
        book.define_name(*name, refers).expect("a name");
    }
    book.save_to_buffer().expect("a workbook")
}

fn filled(names: &[(&str, &str)]) -> Result<Filled, TemplateError> {
    let survey = survey("katalog").expect("shipped");
    loaded(survey).fill(Language::De, survey, DAY, &form(names))
}

fn cell(bytes: &[u8], sheet: &str, place: (u32, u32)) -> Data {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    let range = book.worksheet_range(sheet).expect("a sheet");
    range.get_value(place).cloned().unwrap_or(Data::Empty)
}

fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a workbook");
    let count = archive.len();
    let read = |at| {
        let mut part = archive.by_index(at).expect("a part");
        let mut octets = Vec::new();
        part.read_to_end(&mut octets).expect("octets");
        (part.name().expect("a name").into_owned(), octets)
    };
    (0..count).map(read).collect()
}

#[test]
fn answers_stand_in_the_cells_with_their_names() {
    let names = [
        ("Rundgang_A01", "=Bogen!$B$3"),
        ("rundgang_d01", "=Bogen!$B$2"),
        ("Rundgang_D01__lower", "=Bogen!$C$2"),
        ("Rundgang_D03_class", "=Bogen!$D$9"),
        ("Rundgang_C03", "=Bogen!$A$9"),
        ("Rundgang_F03", "=Bogen!$A$10"),
        ("Rundgang__school", "='Deckblatt & mehr'!$A$2:$C$2"),
        ("Druckbereich_eigener", "=Bogen!$A$1:$B$2"),
    ];
    let filled = filled(&names).expect("a workbook");
    assert_eq!((filled.filled, filled.left.as_slice()), (6, &["Rundgang_F03".to_owned()][..]));
    let bytes = &filled.bytes;
    let check = |sheet: &str, place: (u32, u32), expected: Data| {
        assert_eq!(cell(bytes, sheet, place), expected, "{sheet} {place:?}");
    };
    check("Bogen", (2, 1), Data::Float(600.0));
    check("Bogen", (1, 1), Data::Float(2.0));
    check("Bogen", (1, 2), Data::Float(2.0));
    check("Bogen", (8, 3), Data::Float(2.0));
    check("Bogen", (8, 0), Data::String("unbekannt".to_owned()));
    check("Bogen", (1, 0), Data::String("Tafeln".to_owned()));
    check("Deckblatt & mehr", (1, 0), Data::String("Schule <1> & =2".to_owned()));
    check("Deckblatt & mehr", (0, 0), Data::String("Bitte nicht verändern".to_owned()));
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    let formulas = book.worksheet_formula("Bogen").expect("a sheet");
    let all: Vec<_> = formulas.used_cells().map(|(_, _, formula)| formula.clone()).collect();
    assert_eq!(all, ["B2*2"], "the form's own formula and no other");
}

#[test]
fn everything_else_stays_as_it_was() {
    let names = [("Rundgang_D01", "=Bogen!$B$2")];
    let (before, after) = (parts(&form(&names)), parts(&filled(&names).expect("a workbook").bytes));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let changed: Vec<&String> =
        before.iter().filter(|(name, octets)| after[*name] != **octets).map(|(name, _)| name).collect();
    // This form is calculated whenever it is opened; one that is not is told to.
    assert_eq!(changed, ["xl/worksheets/sheet2.xml"]);
    let text = |parts: &BTreeMap<String, Vec<u8>>| {
        String::from_utf8(parts["xl/worksheets/sheet2.xml"].clone()).expect("UTF-8")
    };
    let (before, after) = (text(&before), text(&after));
    let empty = "<c r=\"B2\" s=\"1\"/>";
    assert!(before.contains(empty), "{before}");
    assert_eq!(after, before.replace(empty, "<c r=\"B2\" s=\"1\"><v>2</v></c>"));
}

#[test]
fn what_a_person_said_counts() {
    let survey = survey("guetersloh-schule").expect("shipped");
    let mut all = loaded(survey);
    let said = |value: &str, comment: &str| PersonAnswer {
        value: value.to_owned(),
        comment: comment.to_owned(),
        who: "K".to_owned(),
        at: DAY,
        ..PersonAnswer::default()
    };
    all.persons.insert("S1".to_owned(), said("2", "=Entwurf"));
    all.persons.insert(comment_key("1"), said("", "Bemerkung"));
    let names = [
        ("Rundgang_S1", "=Bogen!$B$2"),
        ("Rundgang_S1__level_2", "=Bogen!$C$2"),
        ("Rundgang_S1__level_3", "=Bogen!$D$2"),
        ("Rundgang_S1__comment", "=Bogen!$E$2"),
        ("Rundgang__block_1", "=Bogen!$F$2"),
    ];
    let filled = all.fill(Language::De, survey, DAY, &form(&names)).expect("a workbook");
    assert_eq!(filled.left, ["Rundgang_S1__level_3"], "only the chosen level gets its cross");
    let row: Vec<Data> = (1..=5).map(|column| cell(&filled.bytes, "Bogen", (1, column))).collect();
    let text = |text: &str| Data::String(text.to_owned());
    assert_eq!(row, [Data::Float(2.0), text("x"), Data::Empty, text("=Entwurf"), text("Bemerkung")]);
}

#[test]
fn the_survey_file_may_name_the_cells_of_its_issuer() {
    let text = rundgang_inventory::survey::shipped_text("katalog").expect("shipped");
    let text = text.replacen("id = \"A01\"", "id = \"A01\"\ncell = \"Schülerzahl\"", 1);
    let survey = Survey::parse(&text).expect("a survey");
    let form = form(&[("Schülerzahl", "=Bogen!$B$2")]);
    let filled = loaded(&survey).fill(Language::De, &survey, DAY, &form).expect("a workbook");
    assert_eq!(cell(&filled.bytes, "Bogen", (1, 1)), Data::Float(600.0));
}

#[test]
fn a_form_that_cannot_be_filled_is_refused_with_the_reason() {
    let check = |names: &[(&str, &str)], expected: TemplateError| {
        let refused = filled(names).expect_err("refused");
        assert_eq!(refused, expected);
        assert!(!refused.told(Language::De).starts_with("template-"), "{refused}");
    };
    let s = str::to_owned;
    check(&[], TemplateError::NoNames(s("Rundgang_A01")));
    check(&[("Rundgang_Z99", "=Bogen!$B$2")], TemplateError::Unknown(s("Rundgang_Z99")));
    check(&[("Rundgang_A01", "=Bogen!$B$6")], TemplateError::Formula(s("bogen!B6")));
    check(&[("Rundgang_A01", "=1+1")], TemplateError::NoCell(s("Rundgang_A01"), s("1+1")));
    check(&[("Rundgang_A01", "=Fehlt!$A$1")], TemplateError::NoCell(s("Rundgang_A01"), s("Fehlt!$A$1")));
    check(
        &[("Rundgang_A01", "=Bogen!$B$2"), ("Rundgang_A02", "=Bogen!$B$2")],
        TemplateError::Twice(s("Rundgang_A01, Rundgang_A02")),
    );
    let survey = survey("katalog").expect("shipped");
    let open = |bytes: &[u8]| loaded(survey).fill(Language::De, survey, DAY, bytes).map(|_| ());
    assert_eq!(open(b"\xd0\xcf\x11\xe0 old"), Err(TemplateError::Old));
    assert!(matches!(open(b"Name;Raum\n"), Err(TemplateError::Damaged(_))));
    let whole = form(&[("Rundgang_A01", "=Bogen!$B$2")]);
    assert!(matches!(open(&whole[..whole.len() / 2]), Err(TemplateError::Damaged(_))));
    let mut macros = zip::ZipWriter::new(Cursor::new(Vec::new()));
    macros.start_file("xl/vbaProject.bin", zip::write::SimpleFileOptions::default()).expect("a part");
    assert_eq!(open(&macros.finish().expect("a file").into_inner()), Err(TemplateError::Macros));
}
