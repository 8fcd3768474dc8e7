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
                write!(text, "\n== {} {} ==\n", block.id, block.title).ok();
            }
            block.questions.iter().for_each(|question| question_text(words, question, &mut text));
            if let Some(comment) = block.comment.as_ref().filter(|comment| !comment.comment.is_empty()) {
                writeln!(
                    text,
                    "\n{}: {}",
                    words.s("survey-block-comment", "block", &block.id),
                    comment.comment
                )
                .ok();
            }
        }
        text
    }
}

fn question_text(words: Words, question: &QuestionShown, text: &mut String) {
    write!(text, "\n{} {}\n", question.id, question.text).ok();
    if !question.only_person {
        writeln!(text, "  {}: {}", words.t("survey-machine"), question.answer).ok();
    }
    for (label, value) in &question.rows {
        writeln!(text, "    {label}: {value}").ok();
    }
    if !question.bounds.is_empty() {
        writeln!(text, "  {}", question.bounds).ok();
    }
    for reason in &question.reasons {
        writeln!(text, "  - {reason}").ok();
    }
    if let Some(then) = &question.then {
        writeln!(text, "  {}: {then}", words.t("column-then")).ok();
    }
    if !question.steps.is_empty() {
        writeln!(text, "  {}:", words.t("survey-steps")).ok();
        question.steps.iter().for_each(|step| {
            writeln!(text, "    * {step}").ok();
        });
    }
    if !question.person.who.is_empty() {
        let person = &question.person;
        writeln!(
            text,
            "  {}: {} {} ({}, {})",
            words.t("column-person"),
            question.own,
            person.comment,
            person.who,
            question.person_at
        )
        .ok();
    }
}
