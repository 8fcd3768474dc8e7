//! A report as rows and columns: for CSV, and for the sheets of a workbook.

use super::{BlockShown, QuestionShown, Report};
use crate::format;
use crate::words::Words;
use rundgang_store::views::survey::PersonAnswer;

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
        self.rows().into_iter().map(|(_, row)| row).collect()
    }

    /// The rows, each with its question; the comment on a block is a row of its own below its questions.
    pub(super) fn rows(&self) -> Vec<(Option<&QuestionShown>, Vec<String>)> {
        let of_block = |block: &BlockShown| {
            let said = block.comment.as_ref().filter(|said| !said.comment.is_empty());
            said.map(|said| (None, self.comment_row(&block.id, said)))
        };
        let of_question = |question| (Some(question), self.row(question));
        self.blocks
            .iter()
            .flat_map(|block| block.questions.iter().map(of_question).chain(of_block(block)))
            .collect()
    }

    fn comment_row(&self, block: &str, said: &PersonAnswer) -> Vec<String> {
        let words = Words { language: self.language };
        let cell = |key: &str| match key {
            "column-question" => block.to_owned(),
            "column-wording" => words.s("survey-block-comment", "block", block),
            "column-comment" => said.comment.clone(),
            "column-who" => said.who.clone(),
            "column-when" => words.date(&said.at),
            _ => String::new(),
        };
        COLUMNS.iter().map(|key| cell(key)).collect()
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
            question.own.clone(),
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
