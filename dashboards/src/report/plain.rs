//! A report as plain text, for a terminal or a mail.

use super::{QuestionShown, Report};
use crate::format;
use crate::words::Words;
use rundgang_inventory::Zone;
use std::fmt::Write as _;

impl Report {
    /// The report as plain text.
    #[must_use]
    pub fn plain(&self) -> String {
        let (words, language) = (Words { language: self.language }, self.language);
        let mut text = format!(
            "{}\n{} · {}\n{}: {}\n{}\n{}\n",
            self.title,
            self.answerer,
            self.issuer,
            words.t("survey-as-of"),
            format::date(language, Zone::BERLIN, self.as_of),
            self.coverage,
            self.progress.text(&language),
        );
        if let Some(signed) = &self.signed {
            text.push_str(&self.signed_text(signed));
            text.push('\n');
        }
        for block in &self.blocks {
            if !block.title.is_empty() {
                let _ = write!(text, "\n== {} {} ==\n", block.id, block.title);
            }
            block.questions.iter().for_each(|question| question_text(words, question, &mut text));
            if let Some(comment) = block.comment.as_ref().filter(|comment| !comment.comment.is_empty()) {
                let _ = writeln!(
                    text,
                    "\n{}: {}",
                    words.s("survey-block-comment", "block", &block.id),
                    comment.comment
                );
            }
        }
        text
    }
}

fn question_text(words: Words, question: &QuestionShown, text: &mut String) {
    let _ = write!(text, "\n{} {}\n", question.id, question.text);
    if !question.only_person {
        let _ = writeln!(text, "  {}: {}", words.t("survey-machine"), question.answer);
    }
    for (label, value) in &question.rows {
        let _ = writeln!(text, "    {label}: {value}");
    }
    if !question.bounds.is_empty() {
        let _ = writeln!(text, "  {}", question.bounds);
    }
    for reason in &question.reasons {
        let _ = writeln!(text, "  - {reason}");
    }
    if let Some(then) = &question.then {
        let _ = writeln!(text, "  {}: {then}", words.t("column-then"));
    }
    if !question.steps.is_empty() {
        let _ = writeln!(text, "  {}:", words.t("survey-steps"));
        question.steps.iter().for_each(|step| {
            let _ = writeln!(text, "    * {step}");
        });
    }
    if !question.person.who.is_empty() {
        let person = &question.person;
        let _ = writeln!(
            text,
            "  {}: {} {} ({}, {})",
            words.t("survey-own"),
            person.value,
            person.comment,
            person.who,
            question.person_at
        );
    }
}
