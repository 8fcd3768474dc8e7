//! A survey answered, in the words of one language: what pages show and files hold.

mod fill;
mod form;
mod load;
mod number;
mod paper;
mod pdf;
mod plain;
mod run;
mod table;
#[cfg(test)]
mod tests;
mod xlsx;

pub(crate) use fill::name_of;
pub use fill::{Filled, TemplateError};
pub use form::{FileError, Form};
pub(crate) use load::shareable;
pub use load::{Loaded, asks_schools, load};
pub(crate) use number::number;
pub use run::{file_of, load_frozen, load_part, load_run};

use crate::format;
use crate::text::Language;
use crate::words::{
    Words, coverage_text, plain_value, question_shown, rows, shown_answer, step_text, with_unit,
};
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::{Answer, Step, Survey, SurveyView, Told, answer_all, steps};
use rundgang_store::views::survey::PersonAnswer;
use std::collections::BTreeMap;

/// What a report is made of.
pub struct Input<'a> {
    /// The survey.
    pub survey: &'a Survey,
    /// The machine's answers, in the order of its questions.
    pub answers: &'a [Answer],
    /// What people answered, by question.
    pub persons: &'a BTreeMap<String, PersonAnswer>,
    /// The steps ahead, in the order of its questions.
    pub steps: &'a [Vec<Step>],
    /// The machine's answers as they were known on the reference date, where that is past.
    pub then: Option<&'a [Answer]>,
    /// Who answers: a school or the Träger.
    pub answerer: &'a str,
    /// The reference date.
    pub as_of: Timestamp,
    /// When the report is made.
    pub now: Timestamp,
    /// Who submitted it and when, and the seal; absent for a draft.
    pub signed: Option<Signed>,
    /// From when people's answers count as given; what was said before was said for an earlier survey.
    pub since: Option<Timestamp>,
}

/// Who submitted a survey.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The person.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// The seal over everything that was submitted.
    pub seal: String,
}

/// A survey answered, ready to be shown.
pub struct Report {
    /// The language of every text.
    pub language: Language,
    /// The survey's identifier and version.
    pub survey: (String, u32),
    /// Its title.
    pub title: String,
    /// Who asks.
    pub issuer: String,
    /// Who answers.
    pub answerer: String,
    /// The reference date.
    pub as_of: Timestamp,
    /// When the report was made.
    pub made: Timestamp,
    /// What the reader should know first.
    pub note: String,
    /// How much was walked.
    pub coverage: String,
    /// Thresholds: meaning and number.
    pub thresholds: Vec<(String, String)>,
    /// How far it has come.
    pub progress: Progress,
    /// The questions under their headings.
    pub blocks: Vec<BlockShown>,
    /// Who submitted it.
    pub signed: Option<Signed>,
}

/// How far a survey has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many questions there are.
    pub questions: usize,
    /// Answered by a person.
    pub confirmed: usize,
    /// The machine has a value, no person has looked yet.
    pub suggested: usize,
}

impl Progress {
    /// What a person said before `since` is a suggestion like the machine's.
    pub(crate) fn of(
        answers: &[Answer],
        persons: &BTreeMap<String, PersonAnswer>,
        since: Option<Timestamp>,
    ) -> Self {
        let said = |answer: &Answer| persons.get(&answer.question).filter(|person| !person.value.is_empty());
        let by_person = |answer: &&Answer| {
            said(answer).is_some_and(|person| since.is_none_or(|since| person.at >= since))
        };
        let confirmed = answers.iter().filter(by_person).count();
        let is_suggested = |answer: &&Answer| answer.value.is_some() || said(answer).is_some();
        let suggested = answers.iter().filter(|answer| !by_person(answer) && is_suggested(answer)).count();
        Self { questions: answers.len(), confirmed, suggested }
    }

    /// Neither the machine nor a person has an answer.
    #[must_use]
    pub const fn open(&self) -> usize {
        self.questions.saturating_sub(self.confirmed + self.suggested)
    }

    pub(crate) fn text(&self, language: &Language) -> String {
        language.with(
            "survey-progress",
            &[
                ("confirmed", self.confirmed.into()),
                ("suggested", self.suggested.into()),
                ("open", self.open().into()),
            ],
        )
    }

    pub(crate) fn bar(&self, language: &Language) -> String {
        let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let parts = [(number(self.confirmed), "one"), (number(self.suggested), "two")];
        crate::chart::bar(&self.text(language), number(self.questions), &parts)
    }
}

/// One level of a question as it is shown.
pub struct LevelShown {
    pub(crate) level: u8,
    pub(crate) text: String,
    pub(crate) suggested: bool,
    pub(crate) chosen: bool,
}

/// One element behind an answer, with the way to its page where it has one.
pub struct Shown {
    pub(crate) label: String,
    pub(crate) to: Option<String>,
}

/// One question as it is shown.
pub struct QuestionShown {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) target: String,
    pub(crate) answer: String,
    /// The value as a number, where it is one that may be shown.
    pub(crate) number: Option<f64>,
    pub(crate) lower: Option<f64>,
    pub(crate) upper: Option<f64>,
    /// Whether its number counts people's devices and is shown rounded only (promise P3).
    pub(crate) hides_count: bool,
    pub(crate) unit: String,
    pub(crate) is_unknown: bool,
    pub(crate) bounds: String,
    pub(crate) rows: Vec<(String, String)>,
    pub(crate) levels: Vec<LevelShown>,
    pub(crate) reasons: Vec<String>,
    pub(crate) confidence: &'static str,
    pub(crate) only_person: bool,
    pub(crate) evidence: Vec<Shown>,
    pub(crate) lacking: Vec<Shown>,
    /// What stood behind a submitted answer, in numbers: the list itself is not kept.
    pub(crate) counted: Option<String>,
    /// What would have to happen for the next level, the shortest list.
    pub(crate) steps: Vec<String>,
    pub(crate) person: PersonAnswer,
    pub(crate) person_at: String,
    /// The person's value in the reader's words.
    pub(crate) own: String,
    /// Whether the person said it for an earlier survey.
    pub(crate) is_earlier: bool,
    pub(crate) drift: Option<String>,
    /// What the machine said on the reference date, where it says something else today.
    pub(crate) then: Option<String>,
    pub(crate) formula_version: String,
}

impl QuestionShown {
    /// Whether nobody has answered it: the machine does not know and no person has said anything.
    pub(crate) fn is_open(&self) -> bool {
        self.person.value.is_empty() && (self.is_unknown || self.only_person)
    }

    /// The machine's value in one text, tables included.
    pub(crate) fn said(&self) -> String {
        if self.rows.is_empty() {
            return self.answer.clone();
        }
        let rows: Vec<String> = self.rows.iter().map(|(label, value)| format!("{label}: {value}")).collect();
        rows.join(" | ")
    }

    /// The value that counts: the person's where there is one.
    pub(crate) fn counts(&self) -> String {
        if self.own.is_empty() { self.said() } else { self.own.clone() }
    }
}

/// Questions under their heading.
pub struct BlockShown {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) comment: Option<PersonAnswer>,
    pub(crate) questions: Vec<QuestionShown>,
}

/// The key under which the comment of a block is kept.
pub(crate) fn comment_key(block: &str) -> String {
    format!("block:{block}")
}

/// Puts a survey and its answers into words.
#[must_use]
pub fn report(language: Language, input: &Input<'_>) -> Report {
    let (words, asked, code) = (Words { language }, input.survey, language.code());
    let heading = |id: &str, title: &str, comment| BlockShown {
        id: id.to_owned(),
        title: title.to_owned(),
        comment,
        questions: Vec::new(),
    };
    let mut blocks: Vec<BlockShown> = asked
        .blocks
        .iter()
        .map(|block| {
            let said = || input.persons.get(&comment_key(&block.id)).cloned().unwrap_or_default();
            heading(&block.id, block.title.get(code), block.comment.then(said))
        })
        .collect();
    blocks.push(heading("", "", None));
    for (nth, (question, answer)) in asked.questions.iter().zip(input.answers).enumerate() {
        let person = input.persons.get(&question.id).cloned().unwrap_or_default();
        let mut shown = question_shown(words, question, answer, person);
        shown.is_earlier =
            !shown.person.value.is_empty() && input.since.is_some_and(|since| shown.person.at < since);
        let steps = input.steps.get(nth).map(Vec::as_slice).unwrap_or_default();
        shown.steps = steps.iter().map(|step| step_text(words, step)).collect();
        shown.then = input.then.and_then(|then| then.get(nth)).and_then(|then| {
            let differs = plain_value(question, then) != plain_value(question, answer)
                || !shown.hides_count && (then.lower, then.upper) != (answer.lower, answer.upper);
            differs.then(|| then_text(words, question, then))
        });
        if let Some(block) = blocks.iter_mut().find(|block| block.id == question.block) {
            block.questions.push(shown);
        }
    }
    blocks.retain(|block| !block.questions.is_empty());
    Report {
        language,
        survey: (asked.id.clone(), asked.version),
        title: asked.title.get(code).to_owned(),
        issuer: asked.issuer.clone(),
        answerer: input.answerer.to_owned(),
        as_of: input.as_of,
        made: input.now,
        note: asked.note.as_ref().map(|note| note.get(code).to_owned()).unwrap_or_default(),
        coverage: input.answers.first().map(|answer| coverage_text(words, answer)).unwrap_or_default(),
        thresholds: thresholds(words, asked),
        progress: Progress::of(input.answers, input.persons, input.since),
        blocks,
        signed: input.signed.clone(),
    }
}

fn then_text(words: Words, question: &rundgang_inventory::survey::Question, then: &Answer) -> String {
    let table = rows(words, question, then);
    let said = if table.is_empty() {
        shown_answer(words, question, then)
    } else {
        table.iter().map(|(label, value)| format!("{label}: {value}")).collect::<Vec<_>>().join(" | ")
    };
    let bounds = crate::words::bounds(words, question, then);
    if bounds.is_empty() { said } else { format!("{said} ({bounds})") }
}

fn thresholds(words: Words, asked: &Survey) -> Vec<(String, String)> {
    let shown = asked.thresholds.values().map(|threshold| {
        let meaning = threshold.meaning.get(words.language.code()).to_owned();
        let unit = threshold.unit.as_str();
        let value = if unit.is_empty() {
            format::share(words.language, threshold.value)
        } else {
            with_unit(words, threshold.value, unit)
        };
        (meaning, value)
    });
    shown.collect()
}

/// The machine's answers, and those known on the reference date where it is past.
pub struct Answered {
    /// As known today.
    pub answers: Vec<Answer>,
    /// The steps ahead.
    pub steps: Vec<Vec<Step>>,
    /// As known on the reference date; absent for today.
    pub then: Option<Vec<Answer>>,
}

impl Answered {
    /// Answers a survey from views.
    #[must_use]
    pub fn of(
        survey: &Survey,
        (view, told): &(SurveyView, Vec<Told>),
        then: Option<&(SurveyView, Vec<Told>)>,
    ) -> Self {
        Self {
            answers: answer_all(survey, view, told),
            steps: survey
                .questions
                .iter()
                .map(|q| steps(q, view, told, &survey.threshold_values()))
                .collect(),
            then: then.map(|(view, told)| answer_all(survey, view, told)),
        }
    }
}
