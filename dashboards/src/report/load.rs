//! Reading from the book what a report is made of: answers of today or of an earlier day, and what people said.

use super::{Answered, Input, Report, Signed, report};
use crate::text::Language;
use crate::words::{counts_people, kept_word, people};
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::{Answer, AnswerValue, Question, Survey, Unit};
use rundgang_store::views::survey::{AsOf, PersonAnswer};
use rundgang_store::{FrozenAnswer, Result, Traeger};
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
    /// From when people's answers count as given; open where the survey was not opened for schools.
    pub since: Option<Timestamp>,
    /// What was submitted, and by whom; absent for a draft.
    pub frozen: Option<Sealed>,
}

/// What stands beside submitted answers.
pub struct Sealed {
    /// Who submitted them.
    pub signed: Signed,
    /// What stood behind each answer, in numbers.
    pub kept: Vec<FrozenAnswer>,
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
    Ok(Loaded { answered, persons, answerer, as_of, since: None, frozen: None })
}

impl Loaded {
    /// In the words of a language.
    #[must_use]
    pub fn report(&self, language: Language, survey: &Survey, now: Timestamp) -> Report {
        let signed = self.frozen.as_ref().map(|sealed| sealed.signed.clone());
        let mut made = report(
            language,
            &Input {
                survey,
                answers: &self.answered.answers,
                persons: &self.persons,
                steps: &self.answered.steps,
                then: self.answered.then.as_deref(),
                answerer: &self.answerer,
                as_of: self.as_of,
                now: signed.as_ref().map_or(now, |signed| signed.at),
                signed,
                since: self.since,
            },
        );
        if let Some(sealed) = &self.frozen {
            super::run::count(&mut made, &sealed.kept);
        }
        made
    }

    /// One JSON object a line, one for each question and for each comment on a block, in no language.
    #[must_use]
    pub fn json_lines(&self, survey: &Survey) -> String {
        let about = |kind: &str| {
            serde_json::json!({
                "type": kind, "survey": survey.id, "version": survey.version,
                "answerer": self.answerer, "as_of": self.as_of.date(),
            })
        };
        let mut lines = String::new();
        for (nth, (question, answer)) in survey.questions.iter().zip(&self.answered.answers).enumerate() {
            let mut line = about("answer");
            let answer = shareable(question, answer);
            let then = self.answered.then.as_ref().and_then(|then| then.get(nth));
            line["known_then"] =
                serde_json::json!(then.map(|then| known_then(&shareable(question, then), &answer)));
            // Moments as texts: in JSON for people's scripts a number of milliseconds is a riddle.
            let mut told = serde_json::json!(answer);
            told["coverage"]["last_round"] = answer.coverage.last_round.map(|at| at.to_string()).into();
            line["answer"] = told;
            line["steps"] = serde_json::json!(self.answered.steps.get(nth));
            let said = self.persons.get(&question.id);
            line["person"] = serde_json::json!(said.map(|said| told_by(said, Some(question))));
            lines.push_str(&format!("{line}\n"));
        }
        for block in &survey.blocks {
            let said = self.persons.get(&super::comment_key(&block.id));
            if let Some(said) = said.filter(|said| !said.comment.is_empty()) {
                let mut line = about("comment");
                line["block"] = block.id.as_str().into();
                line["person"] = told_by(said, None);
                lines.push_str(&format!("{line}\n"));
            }
        }
        lines
    }
}

fn known_then(then: &Answer, now: &Answer) -> serde_json::Value {
    let differs = (&then.value, then.lower, then.upper) != (&now.value, now.lower, now.upper);
    serde_json::json!({ "value": then.value, "lower": then.lower, "upper": then.upper, "differs": differs })
}

fn told_by(said: &PersonAnswer, question: Option<&Question>) -> serde_json::Value {
    let mut told = serde_json::json!(said);
    told["at"] = said.at.to_string().into();
    told["machine"] = question.map_or(String::new(), |question| kept_word(question, &said.machine)).into();
    told
}

/// An answer as it may leave the house: a count of people's devices is rounded, below ten it is not told (promise P3).
pub(crate) fn shareable(question: &Question, answer: &Answer) -> Answer {
    let mut answer = answer.clone();
    if !counts_people(question) {
        return answer;
    }
    (answer.lower, answer.upper) = (None, None);
    if let Some(AnswerValue::Number(count)) = answer.value {
        let rounded = people(count).parse().ok();
        answer.value = rounded.map(AnswerValue::Number);
        (answer.lower, answer.upper) = rounded.map_or((Some(0.0), Some(9.0)), |ten| (Some(ten), Some(ten)));
    }
    answer
}

/// Whether a survey is answered by each school.
#[must_use]
pub fn asks_schools(survey: &Survey) -> bool {
    survey.unit != Unit::Traeger
}
