//! Filling an issuer's own workbook: answers go into cells that have a name, and everything else stays as it is.
//!
//! A cell is found by its name in the workbook: `Rundgang_D01` for the question D01, `Rundgang_D03_class` for a part of
//! a table, or whatever name the survey file gives (`cell = "Tafeln"`). What a name may ask for besides the value stands
//! after two underscores: `Rundgang_D01__comment`.

mod book;
mod sheet;

use super::number::number;
use super::{Loaded, QuestionShown, Report, comment_key};
use crate::format;
use crate::text::Language;
use crate::words::{Words, plain_value};
use book::{Book, Target};
use rundgang_inventory::survey::formula::Expr;
use rundgang_inventory::survey::{Answer, AnswerType, AnswerValue, Question, Survey, answer::PartValue};
use rundgang_inventory::{Timestamp, Zone};
use sheet::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// How the names of our own begin.
const PREFIX: &str = "rundgang_";

/// A workbook that was filled.
#[derive(Debug)]
pub struct Filled {
    /// The workbook.
    pub bytes: Vec<u8>,
    /// How many cells got a value.
    pub filled: usize,
    /// The names of cells that were left as they are, since there is no answer that could stand there.
    pub left: Vec<String>,
}

/// Why a workbook is not filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Too large.
    #[error("the template has more than {} MB", crate::lists::LARGEST >> 20)]
    Large,
    /// The format before 2007, or under a password.
    #[error(
        "the template is a workbook in the format before 2007 or under a password: save it as .xlsx without one"
    )]
    Old,
    /// No workbook at all.
    #[error("the template is no workbook: save it as .xlsx")]
    NoWorkbook,
    /// Programs within.
    #[error("the template holds macros: save it as .xlsx, without them")]
    Macros,
    /// A digital signature.
    #[error("the template is signed, and a signature does not survive filling: save a copy without it")]
    Signed,
    /// Damaged.
    #[error("the template cannot be read ({0}): open it in a spreadsheet program and save it anew")]
    Damaged(String),
    /// No name that the survey knows.
    #[error("no cell of the template has a name of this survey, such as {0}: give the cells names")]
    NoNames(String),
    /// Names that look like ours and are none.
    #[error("the survey has nothing for these names of the template: {0}")]
    Unknown(String),
    /// A name that is no cell.
    #[error("the name {0} must refer to one cell of a sheet of the template, and refers to {1}")]
    NoCell(String, String),
    /// A formula where an answer should stand.
    #[error("a formula stands in {0}: a cell that is filled must hold none")]
    Formula(String),
    /// Two answers for one cell.
    #[error("two names refer to the same cell: {0}")]
    Twice(String),
}

impl TemplateError {
    /// The reason in the reader's language.
    #[must_use]
    pub fn told(&self, language: Language) -> String {
        let (key, what, refers) = match self {
            Self::Large => ("template-large", "", ""),
            Self::Old => ("template-old", "", ""),
            Self::NoWorkbook => ("template-none", "", ""),
            Self::Macros => ("template-macros", "", ""),
            Self::Signed => ("template-signed", "", ""),
            Self::Damaged(reason) => ("template-damaged", reason.as_str(), ""),
            Self::NoNames(example) => ("template-no-names", example.as_str(), ""),
            Self::Unknown(names) => ("template-unknown", names.as_str(), ""),
            Self::NoCell(name, refers) => ("template-no-cell", name.as_str(), refers.as_str()),
            Self::Formula(cell) => ("template-formula", cell.as_str(), ""),
            Self::Twice(names) => ("template-twice", names.as_str(), ""),
        };
        language.with(key, &[("what", what.into()), ("refers", refers.into())])
    }
}

/// What a name stands for; nothing where there is no answer to put there.
type Values = BTreeMap<String, Option<Cell>>;

impl Loaded {
    /// Fills a workbook of the issuer with the answers.
    ///
    /// # Errors
    /// The workbook cannot be filled; the reason says what to change in it.
    pub fn fill(
        &self,
        language: Language,
        survey: &Survey,
        now: Timestamp,
        template: &[u8],
    ) -> Result<Filled, TemplateError> {
        let book = Book::open(template)?;
        let report = self.report(language, survey, now);
        let values = self.values(&report, survey);
        let mut changes: BTreeMap<String, BTreeMap<sheet::Place, Cell>> = BTreeMap::new();
        let mut taken: BTreeMap<Target, String> = BTreeMap::new();
        let (mut left, mut unknown, mut filled) = (Vec::new(), Vec::new(), 0);
        for (named, refers) in &book.names {
            let key = named.to_lowercase();
            let value = match values.get(&key) {
                Some(value) => value,
                None if is_open_ended(survey, &key) => &None,
                None if key.starts_with(PREFIX) => {
                    unknown.push(named.clone());
                    continue;
                }
                None => continue,
            };
            let target = book.target(named, refers)?;
            if let Some(other) = taken.insert(target.clone(), named.clone()) {
                return Err(TemplateError::Twice(format!("{other}, {named}")));
            }
            let Some(cell) = value else {
                left.push(named.clone());
                continue;
            };
            filled += 1;
            changes.entry(target.0).or_default().insert(target.1, cell.clone());
        }
        if !unknown.is_empty() {
            return Err(TemplateError::Unknown(unknown.join(", ")));
        }
        if taken.is_empty() {
            let first = survey.questions.first().map(name_of).unwrap_or_default();
            return Err(TemplateError::NoNames(first));
        }
        Ok(Filled { bytes: book.filled(&changes)?, filled, left })
    }

    /// Everything that a name may stand for.
    fn values(&self, report: &Report, survey: &Survey) -> Values {
        let words = Words { language: report.language };
        let date = |at| Some(Cell::Text(format::date(report.language, Zone::BERLIN, at)));
        let signed = report.signed.as_ref();
        let mut all: Values = [
            ("_school", text(&report.answerer)),
            ("_title", text(&report.title)),
            ("_issuer", text(&report.issuer)),
            ("_date", date(report.as_of)),
            ("_made", date(report.made)),
            ("_coverage", text(&report.coverage)),
            ("_by", signed.and_then(|signed| text(&signed.who))),
            ("_seal", signed.and_then(|signed| text(&signed.seal))),
        ]
        .into_iter()
        .map(|(name, value)| (format!("{PREFIX}{name}"), value))
        .collect();
        for block in survey.blocks.iter().filter(|block| block.comment) {
            let said = self.persons.get(&comment_key(&block.id)).map(|said| said.comment.as_str());
            all.insert(plain(&format!("{PREFIX}_block_{}", block.id)), said.and_then(text));
        }
        let shown: BTreeMap<&str, &QuestionShown> = report
            .blocks
            .iter()
            .flat_map(|block| &block.questions)
            .map(|question| (question.id.as_str(), question))
            .collect();
        for (question, answer) in survey.questions.iter().zip(&self.answered.answers) {
            if let Some(shown) = shown.get(question.id.as_str()) {
                put(&mut all, words, question, answer, shown);
            }
        }
        all
    }
}

/// The name of the cell of a question, where the survey file gives none.
pub(crate) fn name_of(question: &Question) -> String {
    format!("Rundgang_{}", question.id.replace(|c: char| !is_plain(c), "_"))
}

fn is_plain(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

/// A name as workbooks take it: letters, digits, points and underscores; upper and lower case are the same.
fn plain(name: &str) -> String {
    name.replace(|c: char| !is_plain(c), "_").to_lowercase()
}

fn text(text: &str) -> Option<Cell> {
    (!text.is_empty()).then(|| Cell::Text(text.to_owned()))
}

/// Groups are called by what was found, so a template may ask for one of which nothing was found.
fn is_open_ended(survey: &Survey, key: &str) -> bool {
    let grouped = |question: &&Question| matches!(question.formula, Some(Expr::Groups(..)));
    let begins = |question: &Question| key.starts_with(&plain(&format!("{PREFIX}{}_", question.id)));
    survey.questions.iter().filter(grouped).any(begins)
}

/// What the names of one question stand for.
fn put(all: &mut Values, words: Words, question: &Question, answer: &Answer, shown: &QuestionShown) {
    let base = plain(&name_of(question));
    let value = value(question, shown);
    if !question.cell.is_empty() {
        all.insert(plain(&question.cell), value.clone());
    }
    all.insert(base.clone(), value);
    let bound = |bound: Option<f64>| {
        bound.filter(|_| !shown.hides_count && shown.person.value.is_empty()).map(Cell::Number)
    };
    for (what, value) in [
        ("lower", bound(shown.lower)),
        ("upper", bound(shown.upper)),
        ("unit", text(&shown.unit)),
        ("comment", text(&shown.person.comment)),
        ("by", text(&shown.person.who)),
        ("on", text(&shown.person_at)),
        ("reasons", text(&shown.reasons.join(" "))),
        ("steps", text(&shown.steps.join(" "))),
    ] {
        all.insert(format!("{base}__{what}"), value);
    }
    let is_own = !shown.person.value.is_empty();
    for level in &shown.levels {
        let is_it = if is_own { level.chosen } else { level.suggested };
        all.insert(format!("{base}__level_{}", level.level), is_it.then(|| Cell::Text("x".to_owned())));
    }
    // Whoever answered a table in words of their own said nothing of its parts.
    let counts = !is_own || shown.person.value == plain_value(question, answer);
    let mut found: BTreeSet<&str> = BTreeSet::new();
    if let Some(AnswerValue::Table(rows)) = &answer.value {
        for (name, part) in rows {
            found.insert(name);
            let value = part_value(words, part).filter(|_| counts);
            put_part(all, question, &base, name, value);
        }
    }
    for part in question.parts.iter().filter(|part| !found.contains(part.id.as_str())) {
        put_part(all, question, &base, &part.id, text(&words.t("answer-unknown")).filter(|_| counts));
    }
}

fn put_part(all: &mut Values, question: &Question, base: &str, name: &str, value: Option<Cell>) {
    let cell = question.parts.iter().find(|part| part.id == name).map(|part| part.cell.as_str());
    if let Some(cell) = cell.filter(|cell| !cell.is_empty()) {
        all.insert(plain(cell), value.clone());
    }
    all.insert(plain(&format!("{base}_{name}")), value);
}

/// What counts: the person's answer where there is one, else the machine's. Unknown is told as a word, never as zero;
/// where only a person can say and nobody has, the cell stays as it is.
fn value(question: &Question, shown: &QuestionShown) -> Option<Cell> {
    let is_own = !shown.person.value.is_empty();
    if !is_own && shown.only_person {
        return None;
    }
    if !shown.levels.is_empty() {
        let level = shown.levels.iter().find(|level| if is_own { level.chosen } else { level.suggested });
        return level.map(|level| Cell::Number(f64::from(level.level))).or_else(|| text(&shown.counts()));
    }
    let is_number = matches!(question.answer, AnswerType::Number | AnswerType::Share) && !shown.hides_count;
    let told = is_number.then(|| number(question, shown)).flatten().and_then(|number| number.value);
    told.map(Cell::Number).or_else(|| text(&shown.counts()))
}

fn part_value(words: Words, part: &PartValue) -> Option<Cell> {
    let told = match part {
        PartValue::Number(number) => match number.value {
            Some(value) => return Some(Cell::Number(value)),
            None => None,
        },
        PartValue::Date(date) => date.map(|date| words.date(&date)),
        PartValue::YesNo(flag) => flag.map(|flag| words.t(if flag { "answer-yes" } else { "answer-no" })),
        PartValue::Texts(texts) => (!texts.is_empty()).then(|| texts.join(", ")),
    };
    Some(Cell::Text(told.unwrap_or_else(|| words.t("answer-unknown"))))
}

#[cfg(test)]
mod tests;
