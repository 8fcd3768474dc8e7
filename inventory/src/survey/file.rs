//! What a survey file says: title, issuer, thresholds, blocks and questions with their formulas.

use super::formula::Expr;
use super::read::read;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A text in the three languages of the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// German.
    pub de: String,
    /// English.
    pub en: String,
    /// Dutch.
    pub nl: String,
}

impl Texts {
    /// The text in a language (`de`, `en`, `nl`); German for any other.
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        match language {
            "en" => &self.en,
            "nl" => &self.nl,
            _ => &self.de,
        }
    }

    pub(super) fn lacks(&self) -> Option<&'static str> {
        [("de", &self.de), ("en", &self.en), ("nl", &self.nl)]
            .into_iter()
            .find_map(|(language, text)| text.trim().is_empty().then_some(language))
    }
}

/// Who answers a survey as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Each school.
    School,
    /// Each main site.
    Site,
    /// The Träger for all its schools.
    Traeger,
}

/// What an answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerType {
    /// A number with a unit.
    Number,
    /// A part of a whole, from 0 to 1, shown in per cent.
    Share,
    /// Yes or no.
    YesNo,
    /// One of several bands or words.
    Choice,
    /// One of several described levels.
    Level,
    /// A date.
    Date,
    /// Free text.
    Text,
    /// Numbers by name.
    Table,
}

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The walk.
    Machine,
    /// The register or an import.
    Register,
    /// Only a person.
    Person,
}

/// A number that a formula compares with; shown with the survey, so that nobody has to guess it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The number.
    pub value: f64,
    /// Its unit, empty for a plain number or a share.
    #[serde(default)]
    pub unit: String,
    /// What it decides, and whose choice it is.
    pub meaning: Texts,
}

/// A group of questions, with one comment of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Identifier within the survey.
    pub id: String,
    /// Heading.
    pub title: Texts,
    /// Whether the issuer leaves room for a comment on the block.
    #[serde(default)]
    pub comment: bool,
}

/// One described level.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Its number; higher is better.
    pub level: u8,
    /// What it says.
    pub text: Texts,
    /// When the machine suggests it; the last level needs no condition, it is reached where the others are excluded.
    pub when: Option<Expr>,
}

/// One part of a table answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Identifier within the question.
    pub id: String,
    /// Heading.
    pub text: Texts,
    /// What it is.
    pub formula: Expr,
    /// How it is shown.
    pub answer: AnswerType,
    /// Its unit.
    pub unit: String,
    /// The name of its cell in the issuer's own workbook, where it has one there.
    pub cell: String,
}

/// One band of a choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The band holds numbers up to this one, itself included; the last band leaves it out.
    pub up_to: Option<f64>,
    /// What it is called.
    pub text: Texts,
}

/// One question.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Identifier within the survey.
    pub id: String,
    /// The block it belongs to; empty for none.
    pub block: String,
    /// The wording.
    pub text: Texts,
    /// The target or an explanation, where the issuer gives one.
    pub target: Option<Texts>,
    /// What the answer looks like.
    pub answer: AnswerType,
    /// The unit of a number.
    pub unit: String,
    /// Where the answer comes from.
    pub sources: Vec<Source>,
    /// What is worked out; absent where only a person can say.
    pub formula: Option<Expr>,
    /// Parts of a table.
    pub parts: Vec<Part>,
    /// Levels from best to worst.
    pub levels: Vec<Level>,
    /// Bands from lowest to highest.
    pub bands: Vec<Band>,
    /// Formulas that answer nothing but show a person what to rate.
    pub hints: Vec<Expr>,
    /// The name of its cell in the issuer's own workbook, where it has one there.
    pub cell: String,
    /// Identifies the formulas and thresholds that gave an answer.
    pub formula_version: String,
}

impl Question {
    /// Every formula of the question: its own, those of its parts, of its levels and of its hints.
    pub fn formulas(&self) -> impl Iterator<Item = &Expr> {
        let parts = self.parts.iter().map(|part| &part.formula);
        let levels = self.levels.iter().filter_map(|level| level.when.as_ref());
        self.formula.iter().chain(parts).chain(levels).chain(&self.hints)
    }

    /// Whether the machine can answer or suggest; else only a person can.
    #[must_use]
    pub fn is_auto(&self) -> bool {
        let computed = |expr: &Expr| !matches!(expr, Expr::Person);
        self.formula.as_ref().is_some_and(computed)
            || !self.parts.is_empty()
            || self.levels.iter().any(|level| level.when.is_some())
    }
}

/// A survey.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// Identifier, unique among surveys: lower case, digits, hyphen.
    pub id: String,
    /// Version of the file; a changed question needs a new one.
    pub version: u32,
    /// Who asks.
    pub issuer: String,
    /// Who answers as one.
    pub unit: Unit,
    /// Title.
    pub title: Texts,
    /// What the reader should know first, such as which wording is reconstructed.
    pub note: Option<Texts>,
    /// Thresholds by name.
    pub thresholds: BTreeMap<String, Threshold>,
    /// Blocks in order.
    pub blocks: Vec<Block>,
    /// Questions in order.
    pub questions: Vec<Question>,
}

/// Why a file is no survey.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct SurveyError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong and what was expected.
    pub reason: String,
}

impl Survey {
    /// Reads a survey file.
    ///
    /// # Errors
    /// The line and the reason of the first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, SurveyError> {
        read(text)
    }

    /// The text of a survey file.
    ///
    /// # Errors
    /// The first line that is no UTF-8, as in a file of an older editor, or in one that is no text.
    pub fn text(bytes: Vec<u8>) -> Result<String, SurveyError> {
        String::from_utf8(bytes).map_err(|error| {
            let sound = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            SurveyError {
                line: 1 + sound.filter(|byte| **byte == b'\n').count(),
                reason: "this is no text in UTF-8: save the file as UTF-8, or choose the right one"
                    .to_owned(),
            }
        })
    }

    /// The thresholds as formulas need them.
    #[must_use]
    pub fn threshold_values(&self) -> BTreeMap<String, f64> {
        self.thresholds.iter().map(|(name, threshold)| (name.clone(), threshold.value)).collect()
    }

    /// The question of that identifier.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }
}
