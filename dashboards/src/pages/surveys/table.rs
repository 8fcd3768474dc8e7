//! A survey as a table to take away.

use super::words::{counts_people, reason_text, rows, shown_answer};
use crate::chrome::{Chrome, csv_file};
use crate::format;
use crate::pages::assets::confidence;
use axum::response::Response;
use rundgang_inventory::survey::{Survey, SurveyView, answer_all};
use rundgang_store::views::survey::PersonAnswer;
use std::collections::BTreeMap;

/// A survey as a table: what the machine says, its bounds and reasons, and what the person says beside it.
pub(crate) fn survey_csv(
    c: &Chrome,
    asked: &Survey,
    view: &SurveyView,
    schools: &[SurveyView],
    persons: &BTreeMap<String, PersonAnswer>,
) -> Response {
    let header: Vec<String> = [
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
        "column-formula",
    ]
    .iter()
    .map(|key| c.t(key))
    .collect();
    let bound = |bound: Option<f64>| bound.map(|value| format::number(c.language, value)).unwrap_or_default();
    let rows: Vec<Vec<String>> = asked
        .questions
        .iter()
        .zip(answer_all(asked, view, schools))
        .map(|(question, answer)| {
            let person = persons.get(&question.id).cloned().unwrap_or_default();
            let table: Vec<String> = rows(c, question, &answer)
                .into_iter()
                .map(|(label, value)| format!("{label}: {value}"))
                .collect();
            let machine =
                if table.is_empty() { shown_answer(c, question, &answer) } else { table.join(" | ") };
            let hidden = counts_people(question);
            let reasons: Vec<String> = answer.reasons.iter().map(|reason| reason_text(c, reason)).collect();
            let evidence: Vec<&str> = answer.evidence.iter().map(|e| e.label.as_str()).take(200).collect();
            vec![
                question.id.clone(),
                question.text.get(c.language.code()).to_owned(),
                machine,
                if hidden { String::new() } else { bound(answer.lower) },
                if hidden { String::new() } else { bound(answer.upper) },
                question.unit.clone(),
                c.word("confidence", confidence(answer.confidence)),
                reasons.join(" | "),
                evidence.join(" | "),
                person.value,
                person.comment,
                person.who.clone(),
                if person.who.is_empty() { String::new() } else { person.at.date() },
                answer.formula_version,
            ]
        })
        .collect();
    csv_file(&format!("{}.csv", asked.id), &header, &rows)
}
