//! One question answered: value, bounds, coverage, confidence with its reasons, evidence and formula version.

use super::bounds::{Interval, Truth};
use super::evaluate::{Evaluator, Evidence, Gathered, Outcome, Reason};
use super::file::{AnswerType, Band, Question, Survey};
use super::told::Told;
use super::view::{SurveyView, Walked};
use crate::{Confidence, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The value of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerValue {
    /// A number in the question's unit, or a share from 0 to 1.
    Number(f64),
    /// Yes or no.
    YesNo(bool),
    /// A level.
    Level(u8),
    /// A date.
    Date(Timestamp),
    /// Different texts; of a choice, the index of its band or its words.
    Texts(Vec<String>),
    /// The band of a choice, counted from 0.
    Band(usize),
    /// Numbers by name (a part's id, or the text that was grouped by).
    Table(Vec<(String, PartValue)>),
}

/// One row of a table answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartValue {
    /// A number with bounds.
    Number(Interval),
    /// A date.
    Date(Option<Timestamp>),
    /// A statement; `None` is unknown.
    YesNo(Option<bool>),
    /// Texts.
    Texts(Vec<String>),
}

/// One question answered by the machine. What a person says stands beside it and is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The question.
    pub question: String,
    /// The value; `None` is unknown, which is neither zero nor no.
    pub value: Option<AnswerValue>,
    /// The truth is at least this (number, share, level; yes is 1); `None` where nothing is known.
    pub lower: Option<f64>,
    /// The truth is at most this; `None` is open.
    pub upper: Option<f64>,
    /// The unit.
    pub unit: String,
    /// How much of the school was walked.
    pub coverage: Walked,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why it is not more sure.
    pub reasons: Vec<Reason>,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What would have to change for the next level or the whole.
    pub lacking: Vec<Evidence>,
    /// Identifies the formulas and thresholds.
    pub formula_version: String,
}

impl Answer {
    /// Whether lower and upper bound are both known.
    #[must_use]
    pub const fn is_bounded(&self) -> bool {
        self.lower.is_some() && self.upper.is_some()
    }
}

/// Answers every question of a survey, in its order.
#[must_use]
pub fn answer_all(survey: &Survey, view: &SurveyView, schools: &[Told]) -> Vec<Answer> {
    let thresholds = survey.threshold_values();
    survey.questions.iter().map(|question| answer(question, view, schools, &thresholds)).collect()
}

/// Answers one question. `schools` is what those of the Träger said whose own view `view` is; empty for one school.
#[must_use]
pub fn answer(
    question: &Question,
    view: &SurveyView,
    schools: &[Told],
    thresholds: &BTreeMap<String, f64>,
) -> Answer {
    let mut evaluator = Evaluator::new(view, schools, thresholds);
    let (value, bounds) = if question.levels.is_empty() {
        plain(question, &mut evaluator)
    } else {
        level(question, &mut evaluator)
    };
    for hint in &question.hints {
        // A hint shows what there is; that it is not complete says nothing about the answer.
        let reasons = evaluator.trace.reasons.clone();
        let _shown = evaluator.run(hint);
        evaluator.trace.reasons = reasons;
    }
    let Gathered { evidence, lacking, reasons, confidence } = evaluator.gathered();
    Answer {
        question: question.id.clone(),
        value,
        lower: bounds.lower,
        upper: bounds.upper,
        unit: question.unit.clone(),
        coverage: coverage(view, schools),
        confidence,
        reasons,
        evidence,
        lacking,
        formula_version: question.formula_version.clone(),
    }
}

/// The coverage of one school, or of all schools of a Träger together.
fn coverage(view: &SurveyView, schools: &[Told]) -> Walked {
    let mut all = view.walked.clone();
    for school in schools {
        all.expected += school.walked.expected;
        all.covered += school.walked.covered;
        all.silent.extend(school.walked.silent.iter().cloned());
        all.last_round = all.last_round.max(school.walked.last_round);
    }
    all
}

type Valued = (Option<AnswerValue>, Interval);

fn plain(question: &Question, evaluator: &mut Evaluator<'_>) -> Valued {
    if !question.parts.is_empty() {
        let rows: Vec<_> = question
            .parts
            .iter()
            .map(|part| (part.id.clone(), part_value(part.answer, evaluator.run(&part.formula))))
            .collect();
        return (some_known(rows), Interval::UNKNOWN);
    }
    let Some(formula) = &question.formula else {
        evaluator.trace.reasons.insert(Reason::Person);
        return (None, Interval::UNKNOWN);
    };
    let outcome = evaluator.run(formula);
    match (question.answer, outcome) {
        (_, Outcome::Person) => (None, Interval::UNKNOWN),
        (AnswerType::YesNo, outcome) => {
            let truth = outcome.truth();
            let value = match truth {
                Truth::Yes | Truth::Probably => Some(AnswerValue::YesNo(true)),
                Truth::No => Some(AnswerValue::YesNo(false)),
                Truth::Unlikely => None,
            };
            (value, Outcome::Truth(truth).number())
        }
        (AnswerType::Choice, Outcome::Number(number)) if !question.bands.is_empty() => {
            (number.value.and_then(|value| band(&question.bands, value)).map(AnswerValue::Band), number)
        }
        (_, Outcome::Table(rows)) => {
            let rows = rows.into_iter().map(|(name, number)| (name, PartValue::Number(number))).collect();
            (some_known(rows), Interval::UNKNOWN)
        }
        (_, Outcome::Texts(texts)) => {
            ((!texts.is_empty()).then_some(AnswerValue::Texts(texts)), Interval::UNKNOWN)
        }
        (_, Outcome::Date(date)) => (date.map(AnswerValue::Date), Interval::UNKNOWN),
        (_, outcome @ (Outcome::Number(_) | Outcome::Truth(_))) => {
            let number = outcome.number();
            (number.value.map(AnswerValue::Number), number)
        }
    }
}

fn part_value(answer: AnswerType, outcome: Outcome) -> PartValue {
    match (answer, outcome) {
        (AnswerType::YesNo, outcome) => PartValue::YesNo(match outcome.truth() {
            Truth::Yes | Truth::Probably => Some(true),
            Truth::No => Some(false),
            Truth::Unlikely => None,
        }),
        (AnswerType::Date, Outcome::Date(date)) => PartValue::Date(date),
        (AnswerType::Date, _) => PartValue::Date(None),
        (_, Outcome::Texts(texts)) => PartValue::Texts(texts),
        (AnswerType::Text, _) => PartValue::Texts(Vec::new()),
        (_, outcome) => PartValue::Number(outcome.number()),
    }
}

fn some_known(rows: Vec<(String, PartValue)>) -> Option<AnswerValue> {
    let known = rows.iter().any(|(_, row)| match row {
        PartValue::Number(number) => number.value.is_some(),
        PartValue::Date(date) => date.is_some(),
        PartValue::YesNo(flag) => flag.is_some(),
        PartValue::Texts(texts) => !texts.is_empty(),
    });
    known.then_some(AnswerValue::Table(rows))
}

fn band(bands: &[Band], number: f64) -> Option<usize> {
    bands.iter().position(|band| band.up_to.is_none_or(|up_to| number <= up_to))
}

/// The best level whose condition holds. A better one that is merely unknown leaves the upper bound higher; the last
/// level is suggested only where every better one is excluded, since falling through for lack of knowledge is no answer.
fn level(question: &Question, evaluator: &mut Evaluator<'_>) -> Valued {
    if !question.is_auto() {
        evaluator.trace.reasons.insert(Reason::Person);
        return (None, Interval::UNKNOWN);
    }
    let mut reasons = BTreeSet::new();
    let (mut guess, mut lower, mut upper) = (None, None, None);
    for level in &question.levels {
        let truth = match &level.when {
            Some(when) => evaluator.run(when).truth(),
            None if upper.is_none() => Truth::Yes,
            // Better levels are open: this one is the floor, not a guess.
            None => {
                lower = lower.or(Some(level.level));
                break;
            }
        };
        reasons.append(&mut evaluator.trace.reasons);
        if truth > Truth::No {
            upper = upper.or(Some(level.level));
        }
        if truth.is_guess() {
            guess = guess.or(Some(level.level));
        }
        if truth == Truth::Yes {
            lower = Some(level.level);
            break;
        }
    }
    let certain = lower.is_some() && lower == upper;
    // What made a worse level uncertain does not matter once a better one is certain.
    if !certain {
        evaluator.trace.reasons = reasons;
    }
    let interval =
        Interval { value: guess.map(f64::from), lower: lower.map(f64::from), upper: upper.map(f64::from) };
    (guess.map(AnswerValue::Level), interval)
}
