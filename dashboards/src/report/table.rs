//! A report as rows and columns: for CSV, and for the sheets of a workbook.

use super::{QuestionShown, Report};
use crate::format;
use crate::words::Words;

/// The texts of the columns, by key.
const COLUMNS: [&str; 15] = [
    "column-question",
    "column-wording",
    "column-machine",
    "column-lower",
    "column-upper",
    "column-unit",
    "column-confidence",
    "column-reasons",
    "column-evidence",
    "column-person",
    "column-comment",
    "column-who",
    "column-when",
    "column-then",
    "column-formula",
];

/// No cell of a table lists more than this many elements; the appendix of the PDF and the pages list all.
const LISTED: usize = 200;

impl Report {
    pub(crate) fn header(&self) -> Vec<String> {
        COLUMNS.iter().map(|key| self.language.text(key)).collect()
    }

    pub(crate) fn table(&self) -> Vec<Vec<String>> {
        self.blocks.iter().flat_map(|block| &block.questions).map(|question| self.row(question)).collect()
    }

    fn row(&self, question: &QuestionShown) -> Vec<String> {
        let words = Words { language: self.language };
        let bound = |bound: Option<f64>| {
            bound
                .filter(|_| !question.hides_count)
                .map(|value| format::number(self.language, value))
                .unwrap_or_default()
        };
        let evidence: Vec<&str> = question.evidence.iter().map(|e| e.label.as_str()).take(LISTED).collect();
        vec![
            question.id.clone(),
            question.text.clone(),
            if question.only_person { String::new() } else { question.said() },
            bound(question.lower),
            bound(question.upper),
            question.unit.clone(),
            words.word("confidence", question.confidence),
            question.reasons.join(" | "),
            question.counted.clone().unwrap_or_else(|| evidence.join(" | ")),
            question.person.value.clone(),
            question.person.comment.clone(),
            question.person.who.clone(),
            question.person_at.clone(),
            question.then.clone().unwrap_or_default(),
            question.formula_version.clone(),
        ]
    }

    /// As comma-separated values (RFC 4180, with semicolons, as spreadsheets of this country read them).
    #[must_use]
    pub fn csv(&self) -> String {
        crate::csv::table(&self.header(), &self.table())
    }
}
