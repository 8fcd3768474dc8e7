//! `survey answer`: the machine's answers with bounds and evidence, and what people answered beside them.

use rundgang_inventory::{
    Timestamp,
    survey::{self, Answer, answer_all},
};
use rundgang_store::{Traeger, views::survey::PersonAnswer};
use std::collections::BTreeMap;

/// The form of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// One JSON object a line.
    Json,
    /// Comma-separated values (RFC 4180).
    Csv,
}

/// Why a survey is not answered.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// No such survey.
    #[error("there is no survey '{0}'; known are {1}")]
    Unknown(String, String),
    /// The date is none.
    #[error("'{0}' is no date: write YYYY-MM-DD")]
    Date(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] rundgang_store::Error),
}

/// Answers a survey for a school, or for the whole Träger where no school is named.
///
/// # Errors
/// There is no such survey, the date is none, or the database failed.
pub fn answer(
    traeger: &Traeger,
    id: &str,
    school: Option<i64>,
    as_of: Option<&str>,
    now: Timestamp,
    form: Form,
) -> Result<String, SurveyError> {
    let known = || survey::shipped().iter().map(|survey| survey.id.clone()).collect::<Vec<_>>().join(", ");
    let survey = survey::survey(id).ok_or_else(|| SurveyError::Unknown(id.to_owned(), known()))?;
    let at = match as_of {
        // The whole of that day counts, but not the future.
        Some(text) => {
            let day = Timestamp::parse_date(text).ok_or_else(|| SurveyError::Date(text.to_owned()))?;
            day.plus_days(1).min(now)
        }
        None => now,
    };
    let answers = match school {
        Some(school) => answer_all(survey, &traeger.survey_view(school, at)?, &[]),
        None => {
            let (own, schools) = traeger.survey_views(at)?;
            answer_all(survey, &own, &schools)
        }
    };
    let persons = traeger.person_answers(school, id, at)?;
    Ok(match form {
        Form::Json => answers.iter().map(|answer| json(id, at, answer, &persons) + "\n").collect(),
        Form::Csv => csv(&answers, &persons),
    })
}

fn json(survey: &str, at: Timestamp, answer: &Answer, persons: &BTreeMap<String, PersonAnswer>) -> String {
    serde_json::json!({
        "type": "answer",
        "survey": survey,
        "as_of": at.date(),
        "answer": answer,
        "person": persons.get(&answer.question),
    })
    .to_string()
}

fn csv(answers: &[Answer], persons: &BTreeMap<String, PersonAnswer>) -> String {
    let mut text = String::from("question,value,lower,upper,unit,confidence,person,comment\r\n");
    for answer in answers {
        let person = persons.get(&answer.question);
        let number = |bound: Option<f64>| bound.map(|number| number.to_string()).unwrap_or_default();
        let value = answer.value.as_ref().map(|value| serde_json::json!(value).to_string());
        let cells = [
            answer.question.clone(),
            value.unwrap_or_default(),
            number(answer.lower),
            number(answer.upper),
            answer.unit.clone(),
            serde_json::json!(answer.confidence).as_str().unwrap_or_default().to_owned(),
            person.map(|person| person.value.clone()).unwrap_or_default(),
            person.map(|person| person.comment.clone()).unwrap_or_default(),
        ];
        text += &(cells.map(|cell| quoted(&cell)).join(",") + "\r\n");
    }
    text
}

/// A cell of RFC 4180. A leading sign that a spreadsheet would take for a formula gets an apostrophe before it.
fn quoted(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    let safe = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if safe.contains([',', '"', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_safe_in_a_spreadsheet() {
        let check = |cell: &str, expected: &str| assert_eq!(quoted(cell), expected);
        check("plain", "plain");
        check("-3.5", "-3.5");
        check("=1+1", "'=1+1");
        check("a, \"b\"", "\"a, \"\"b\"\"\"");
    }
}
