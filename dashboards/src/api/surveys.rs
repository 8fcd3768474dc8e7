//! Surveys for programs: which there are, and what a school answers.

use super::{asked::Asked, day, problem::Problem, told};
use crate::pages::surveys::own_survey;
use crate::report::{asks_schools, load, shareable};
use crate::web::{Visit, WebState};
use crate::words::counts_people;
use axum::extract::{Path, State};
use axum::response::Response;
use rundgang_inventory::survey::{Answer, Question};
use rundgang_store::views::survey::PersonAnswer;
use serde_json::{Value, json};

pub(super) async fn list(
    State(web): State<WebState>,
    visit: Visit,
    _: Asked,
    Path(school): Path<i64>,
) -> Result<Response, Problem> {
    let code = visit.language.code();
    let surveys = web.ask(move |traeger| traeger.school(school).and_then(|_| traeger.surveys())).await?;
    let items: Vec<Value> = surveys
        .iter()
        .filter(|survey| asks_schools(survey))
        .map(|survey| {
            json!({
                "id": survey.id, "version": survey.version, "title": survey.title.get(code),
                "issuer": survey.issuer, "questions": survey.questions.len(),
            })
        })
        .collect();
    Ok(told(json!({ "items": items, "next": null })))
}

pub(super) async fn answers(
    State(web): State<WebState>,
    visit: Visit,
    asked: Asked,
    Path((school, id)): Path<(i64, String)>,
) -> Result<Response, Problem> {
    let (now, as_of, code) = (visit.now, asked.day("as_of"), visit.language.code());
    let loaded = web.ask(move |traeger| {
        let survey = own_survey(traeger, &id)?;
        let loaded = load(traeger, &survey, Some(school), as_of, now)?;
        Ok((survey, loaded))
    });
    let (survey, loaded) = loaded.await?;
    let pairs = survey.questions.iter().zip(&loaded.answered.answers);
    let answers: Vec<Value> = pairs
        .map(|(question, answer)| told_answer(question, code, answer, loaded.persons.get(&question.id)))
        .collect();
    Ok(told(json!({
        "survey": survey.id, "version": survey.version, "answerer": loaded.answerer,
        "as_of": day(loaded.as_of), "answers": answers,
    })))
}

fn told_answer(question: &Question, code: &str, answer: &Answer, person: Option<&PersonAnswer>) -> Value {
    // A list behind a count of people's devices would tell the count.
    let evidence = if counts_people(question) { 0 } else { answer.evidence.len() };
    let answer = shareable(question, answer);
    let said = |said: &PersonAnswer| json!({ "value": said.value, "comment": said.comment, "who": said.who, "at": day(said.at) });
    json!({
        "question": answer.question, "text": question.text.get(code), "value": answer.value,
        "lower": answer.lower, "upper": answer.upper, "unit": answer.unit, "confidence": answer.confidence,
        "segments_expected": answer.coverage.expected, "segments_covered": answer.coverage.covered,
        "evidence": evidence, "formula_version": answer.formula_version, "person": person.map(said),
    })
}
