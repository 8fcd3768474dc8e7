//! Cells are written where they belong, and everything else stays as it is.

use super::*;

const HEAD: &str = "<?xml version=\"1.0\"?><worksheet xmlns=\"m\"><cols/>";
const TAIL: &str = "<pageMargins left=\"0.7\"/></worksheet>";

fn edited(cells: &str, changes: &[(&str, Cell)]) -> Result<String, Unfit> {
    let changes = changes
        .iter()
        .map(|(name, cell)| (place(name).expect("a place"), cell.clone()))
        .collect::<BTreeMap<_, _>>();
    let done = edit(&format!("{HEAD}{cells}{TAIL}"), &changes)?;
    let inner = done.strip_prefix(HEAD).and_then(|rest| rest.strip_suffix(TAIL));
    Ok(inner.expect("what stands around the cells is as it was").to_owned())
}

#[test]
fn cells_are_filled_and_their_neighbours_stay() {
    let check = |cells: &str, name: &str, expected: &str| {
        assert_eq!(edited(cells, &[(name, Cell::Number(7.0))]).as_deref(), Ok(expected), "{cells} {name}");
    };
    let row = "<sheetData><row r=\"2\" spans=\"1:3\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"C2\" s=\"4\"/></row></sheetData>";
    check(row, "C2", &row.replace("<c r=\"C2\" s=\"4\"/>", "<c r=\"C2\" s=\"4\"><v>7</v></c>"));
    check(row, "B2", &row.replace("<c r=\"C2\"", "<c r=\"B2\"><v>7</v></c><c r=\"C2\""));
    check(row, "D2", &row.replace("</row>", "<c r=\"D2\"><v>7</v></c></row>"));
    check(row, "A1", &row.replace("<row r=\"2\"", "<row r=\"1\"><c r=\"A1\"><v>7</v></c></row><row r=\"2\""));
    check(row, "B9", &row.replace("</sheetData>", "<row r=\"9\"><c r=\"B9\"><v>7</v></c></row></sheetData>"));
    check("<sheetData/>", "A1", "<sheetData><row r=\"1\"><c r=\"A1\"><v>7</v></c></row></sheetData>");
    check(
        "<sheetData><row r=\"3\" ht=\"20\" /></sheetData>",
        "A3",
        "<sheetData><row r=\"3\" ht=\"20\"><c r=\"A3\"><v>7</v></c></row></sheetData>",
    );
    // Neither rows nor cells need say where they stand.
    check(
        "<sheetData><row><c><v>1</v></c><c s=\"2\"><v>2</v></c></row></sheetData>",
        "B1",
        "<sheetData><row><c><v>1</v></c><c r=\"B1\" s=\"2\"><v>7</v></c></row></sheetData>",
    );
    check(
        "<x:sheetData><x:row r=\"1\"><x:c r=\"A1\"><x:v>1</x:v></x:c></x:row></x:sheetData>",
        "A1",
        "<x:sheetData><x:row r=\"1\"><x:c r=\"A1\"><x:v>7</x:v></x:c></x:row></x:sheetData>",
    );
}

#[test]
fn a_text_is_never_a_formula_nor_a_mark() {
    let check = |text: &str, expected: &str| {
        let done = edited("<sheetData/>", &[("A1", Cell::Text(text.to_owned()))]).expect("filled");
        let inner = done.split("preserve\">").nth(1).and_then(|rest| rest.split("</t>").next());
        assert_eq!(inner, Some(expected), "{done}");
        assert!(done.contains("t=\"inlineStr\"") && !done.contains("<f"), "{done}");
    };
    check("=1+1", "=1+1");
    check("<f>1</f> & mehr", "&lt;f&gt;1&lt;/f&gt; &amp; mehr");
    check("a\u{0}b\r\nc", "ab\nc");
    check("_x000D_ _x12", "_x005F_x000D_ _x12");
    check("]]>", "]]&gt;");
}

#[test]
fn what_cannot_be_edited_is_refused() {
    let check = |cells: &str, expected: &Unfit| {
        assert_eq!(edited(cells, &[("A1", Cell::Number(1.0))]).as_ref(), Err(expected), "{cells}");
    };
    let formula = "<sheetData><row r=\"1\"><c r=\"A1\"><f>B1*2</f><v>4</v></c></row></sheetData>";
    check(formula, &Unfit::Formula((1, 1)));
    check("<sheetData><row r=\"2\"/><row r=\"1\"/></sheetData>", &disorder());
    check("<sheetData><row r=\"1\"><c r=\"B1\"/><c r=\"A1\"/></row></sheetData>", &disorder());
    assert!(matches!(edited("", &[]), Err(Unfit::Damaged(_))));
    assert!(calculates(formula) && !calculates("<sheetData/>"));
}

#[test]
fn no_torn_sheet_makes_it_panic() {
    let whole =
        format!("{HEAD}<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData>{TAIL}");
    let changes = BTreeMap::from([((1, 1), Cell::Number(1.0)), ((2, 2), Cell::Text("ä".to_owned()))]);
    for end in 0..whole.len() {
        let _edited = edit(&whole[..end], &changes);
    }
}

#[test]
fn places_have_names() {
    for (text, expected) in
        [("A1", Some((1, 1))), ("$AB$12", Some((12, 28))), ("XFD1048576", Some((1_048_576, 16_384)))]
    {
        assert_eq!(place(text), expected, "{text}");
        assert_eq!(expected.map(name), Some(text.replace('$', "")), "{text}");
    }
    for text in ["", "A", "1", "A0", "XFE1", "A1048577", "A1:B2", "AAAA1", "$A$"] {
        assert_eq!(place(text), None, "{text}");
    }
}
