//! Reading from the book what a report is made of: answers of today or of an earlier day, and what people said.

use super::{Answered, Input, Report, Signed, report};
use crate::text::Language;
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::{Survey, Unit};
use rundgang_store::views::survey::{AsOf, PersonAnswer};
use rundgang_store::{Result, Traeger};
use std::collections::BTreeMap;

/// A survey as one school or the Träger answers it.
pub struct Loaded {
    /// The machine's answers.
    pub answered: Answered,
    /// What people answered, by question.
    pub persons: BTreeMap<String, PersonAnswer>,
    /// Who answers.
    pub answerer: String,
    /// The reference date.
    pub as_of: Timestamp,
}

/// Answers a survey for a school, or for the Träger where no school is named. What is answered is noted, so that it
/// can be given again.
///
/// # Errors
/// There is no such school, or the database failed.
pub fn load(
    traeger: &Traeger,
    survey: &Survey,
    school: Option<i64>,
    day: Option<Timestamp>,
    now: Timestamp,
) -> Result<Loaded> {
    let past = day.filter(|day| day.day() < now.day());
    let as_of = past.unwrap_or(now).day();
    let answered = match (school, past) {
        (Some(school), None) => Answered::of(survey, &(traeger.note_survey(school, now)?, Vec::new()), None),
        (Some(school), Some(day)) => {
            traeger.note_survey(school, now)?;
            let at = |as_of| Result::Ok((traeger.survey_view_as_of(school, as_of)?, Vec::new()));
            Answered::of(survey, &at(AsOf::known_today(day, now))?, Some(&at(AsOf::known_then(day))?))
        }
        (None, None) => Answered::of(survey, &traeger.survey_told(survey, now)?, None),
        (None, Some(day)) => {
            traeger.note_surveys(now)?;
            let at = |as_of| traeger.survey_told_as_of(survey, as_of);
            Answered::of(survey, &at(AsOf::known_today(day, now))?, Some(&at(AsOf::known_then(day))?))
        }
    };
    let answerer = match school {
        Some(school) => traeger.school(school)?.entered.name,
        None => traeger.name()?,
    };
    let until = past.map_or(now, |day| Timestamp(day.day().plus_days(1).0 - 1));
    let persons = traeger.person_answers(school, &survey.id, until)?;
    Ok(Loaded { answered, persons, answerer, as_of })
}

impl Loaded {
    /// In the words of a language.
    #[must_use]
    pub fn report(
        &self,
        language: Language,
        survey: &Survey,
        now: Timestamp,
        signed: Option<Signed>,
    ) -> Report {
        report(
            language,
            &Input {
                survey,
                answers: &self.answered.answers,
                persons: &self.persons,
                steps: &self.answered.steps,
                then: self.answered.then.as_deref(),
                answerer: &self.answerer,
                as_of: self.as_of,
                now,
                signed,
            },
        )
    }

    /// One JSON object a line, one for each question, in no language.
    #[must_use]
    pub fn json_lines(&self, survey: &Survey) -> String {
        let then = |nth: usize| self.answered.then.as_ref().and_then(|then| then.get(nth));
        self.answered
            .answers
            .iter()
            .enumerate()
            .map(|(nth, answer)| {
                let known_then = then(nth).map(|then| {
                    serde_json::json!({
                        "value": then.value, "lower": then.lower, "upper": then.upper,
                        "differs": (&then.value, then.lower, then.upper)
                            != (&answer.value, answer.lower, answer.upper),
                    })
                });
                // Moments as texts: in JSON for people's scripts a number of milliseconds is a riddle.
                let (mut told, mut person) =
                    (serde_json::json!(answer), serde_json::json!(self.persons.get(&answer.question)));
                told["coverage"]["last_round"] = answer.coverage.last_round.map(|at| at.to_string()).into();
                if let Some(said) = self.persons.get(&answer.question) {
                    person["at"] = said.at.to_string().into();
                }
                let line = serde_json::json!({
                    "type": "answer",
                    "survey": survey.id,
                    "version": survey.version,
                    "answerer": self.answerer,
                    "as_of": self.as_of.date(),
                    "answer": told,
                    "steps": self.answered.steps.get(nth),
                    "known_then": known_then,
                    "person": person,
                });
                line.to_string() + "\n"
            })
            .collect()
    }
}

/// Whether a survey is answered by each school.
#[must_use]
pub fn asks_schools(survey: &Survey) -> bool {
    survey.unit != Unit::Traeger
}
