//! Tables as CSV (RFC 4180) that no spreadsheet mistakes for formulas.

/// Rows of a table as CSV, with a byte order mark so that spreadsheets read it as UTF-8.
#[must_use]
pub fn table(header: &[String], rows: &[Vec<String>]) -> String {
    let mut text = String::from('\u{feff}');
    for row in std::iter::once(header).chain(rows.iter().map(Vec::as_slice)) {
        let cells: Vec<String> = row.iter().map(|cell| field(cell)).collect();
        text.push_str(&cells.join(";"));
        text.push_str("\r\n");
    }
    text
}

/// One field. What a device says may begin like a formula; an apostrophe in front keeps it text.
fn field(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok();
    let dangerous = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number;
    let safe = if dangerous { format!("'{text}") } else { text.to_owned() };
    if safe.contains([';', '"', '\n', '\r', ',']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        let check = |cell: &str, shown: &str| assert_eq!(field(cell), shown);
        check("Drucker", "Drucker");
        check("=1+1", "'=1+1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("-2", "-2");
        check("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0");
        check("\t=1", "'\t=1");
        check("a;b", "\"a;b\"");
        check("say \"hi\"", "\"say \"\"hi\"\"\"");
        check("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"");
    }

    #[test]
    fn a_table_has_a_header_and_rows() {
        let text = table(&["Name".into(), "Art".into()], &[vec!["A".into(), "b;c".into()]]);
        assert_eq!(text, "\u{feff}Name;Art\r\nA;\"b;c\"\r\n");
    }
}
