//! What a survey file says, read from TOML; a bad file is refused with its line and the reason.

use super::formula::Expr;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;

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

    fn lacks(&self) -> Option<&'static str> {
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
    /// Identifies the formulas and thresholds that gave an answer.
    pub formula_version: String,
}

impl Question {
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSurvey {
    id: Spanned<String>,
    version: u32,
    issuer: String,
    unit: Unit,
    title: Spanned<Texts>,
    note: Option<Texts>,
    #[serde(default)]
    thresholds: BTreeMap<String, Threshold>,
    #[serde(default, rename = "block")]
    blocks: Vec<Block>,
    #[serde(default, rename = "question")]
    questions: Vec<RawQuestion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQuestion {
    id: Spanned<String>,
    #[serde(default)]
    block: String,
    text: Texts,
    target: Option<Texts>,
    answer: AnswerType,
    #[serde(default)]
    unit: String,
    from: Vec<Source>,
    formula: Option<Spanned<String>>,
    #[serde(default)]
    parts: Vec<RawPart>,
    #[serde(default)]
    levels: Vec<RawLevel>,
    #[serde(default)]
    bands: Vec<Band>,
    #[serde(default)]
    hints: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPart {
    id: String,
    text: Texts,
    formula: Spanned<String>,
    #[serde(default = "number")]
    answer: AnswerType,
    #[serde(default)]
    unit: String,
}

const fn number() -> AnswerType {
    AnswerType::Number
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLevel {
    level: u8,
    text: Texts,
    when: Option<Spanned<String>>,
}

impl Survey {
    /// Reads a survey file.
    ///
    /// # Errors
    /// The line and the reason of the first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, SurveyError> {
        let raw: RawSurvey = toml::from_str(text).map_err(|error| SurveyError {
            line: error.span().map_or(1, |span| line_of(text, &span)),
            reason: error.message().to_owned(),
        })?;
        Reader { text, thresholds: raw.thresholds.keys().cloned().collect(), unit: raw.unit }.survey(raw)
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

fn line_of(text: &str, span: &Range<usize>) -> usize {
    1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count()
}

/// Checks what TOML alone cannot.
struct Reader<'a> {
    text: &'a str,
    thresholds: BTreeSet<String>,
    unit: Unit,
}

impl Reader<'_> {
    fn refuse<T>(&self, span: &Range<usize>, reason: impl Into<String>) -> Result<T, SurveyError> {
        Err(SurveyError { line: line_of(self.text, span), reason: reason.into() })
    }

    fn survey(&self, raw: RawSurvey) -> Result<Survey, SurveyError> {
        let id = raw.id.get_ref();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || !id.chars().all(plain) {
            return self.refuse(&raw.id.span(), format!("the id '{id}' may hold a-z, 0-9 and '-' only"));
        }
        if let Some(language) = raw.title.get_ref().lacks() {
            return self.refuse(&raw.title.span(), format!("the title lacks the language '{language}'"));
        }
        if raw.questions.is_empty() {
            return self.refuse(&(0..0), "a survey needs at least one [[question]]");
        }
        let blocks: BTreeSet<&str> = raw.blocks.iter().map(|block| block.id.as_str()).collect();
        let values =
            raw.thresholds.iter().map(|(name, threshold)| (name.as_str(), threshold.value)).collect();
        let mut seen = BTreeSet::new();
        let mut questions = Vec::new();
        for question in raw.questions {
            let span = question.id.span();
            let id = question.id.get_ref().clone();
            if !seen.insert(id.clone()) {
                return self.refuse(&span, format!("the question '{id}' is there twice"));
            }
            if !question.block.is_empty() && !blocks.contains(question.block.as_str()) {
                return self.refuse(&span, format!("there is no [[block]] '{}'", question.block));
            }
            questions.push(self.question(question, raw.version, &values)?);
        }
        Ok(Survey {
            id: raw.id.into_inner(),
            version: raw.version,
            issuer: raw.issuer,
            unit: raw.unit,
            title: raw.title.into_inner(),
            note: raw.note,
            thresholds: raw.thresholds,
            blocks: raw.blocks,
            questions,
        })
    }

    fn question(
        &self,
        raw: RawQuestion,
        version: u32,
        values: &BTreeMap<&str, f64>,
    ) -> Result<Question, SurveyError> {
        let span = raw.id.span();
        let refuse =
            |reason: String| self.refuse(&span, format!("question '{}': {reason}", raw.id.get_ref()));
        if let Some(language) = raw.text.lacks() {
            return refuse(format!("the text lacks the language '{language}'"));
        }
        if raw.from.is_empty() {
            return refuse("'from' must name machine, register or person".into());
        }
        if (raw.answer == AnswerType::Level) == raw.levels.is_empty() {
            return refuse("levels belong to an answer of the type 'level', and to no other".into());
        }
        if !raw.parts.is_empty() && raw.answer != AnswerType::Table {
            return refuse("parts belong to an answer of the type 'table'".into());
        }
        if !raw.levels.is_sorted_by(|a, b| a.level > b.level) {
            return refuse("levels go from the best to the worst, each once".into());
        }
        let by_person = raw.from == [Source::Person] || raw.answer == AnswerType::Level;
        if raw.formula.is_none() && raw.parts.is_empty() && !by_person {
            return refuse("it needs a formula, parts or levels (or 'from = [\"person\"]')".into());
        }
        let ordered = |a: &Band, b: &Band| match (a.up_to, b.up_to) {
            (Some(a), Some(b)) => a < b,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if !raw.bands.is_sorted_by(ordered) {
            return refuse("bands go from the lowest to the highest, and only the last is open".into());
        }
        let formula_version = version_of(&raw, version, values);
        Ok(Question {
            formula: raw.formula.as_ref().map(|text| self.formula(text)).transpose()?,
            parts: raw.parts.into_iter().map(|part| self.part(part)).collect::<Result<_, _>>()?,
            levels: raw.levels.into_iter().map(|level| self.level(level)).collect::<Result<_, _>>()?,
            hints: raw.hints.iter().map(|hint| self.formula(hint)).collect::<Result<_, _>>()?,
            id: raw.id.into_inner(),
            block: raw.block,
            text: raw.text,
            target: raw.target,
            answer: raw.answer,
            unit: raw.unit,
            sources: raw.from,
            bands: raw.bands,
            formula_version,
        })
    }

    fn part(&self, raw: RawPart) -> Result<Part, SurveyError> {
        let formula = self.formula(&raw.formula)?;
        Ok(Part { id: raw.id, text: raw.text, formula, answer: raw.answer, unit: raw.unit })
    }

    fn level(&self, raw: RawLevel) -> Result<Level, SurveyError> {
        let when = raw.when.as_ref().map(|text| self.formula(text)).transpose()?;
        Ok(Level { level: raw.level, text: raw.text, when })
    }

    fn formula(&self, text: &Spanned<String>) -> Result<Expr, SurveyError> {
        let expr = match Expr::parse(text.get_ref()) {
            Ok(expr) => expr,
            Err(error) => return self.refuse(&text.span(), error.to_string()),
        };
        if let Some(name) = expr.thresholds().into_iter().find(|name| !self.thresholds.contains(*name)) {
            return self.refuse(&text.span(), format!("there is no [thresholds.{name}]"));
        }
        if expr.asks_schools() && self.unit != Unit::Traeger {
            return self.refuse(&text.span(), "only a survey with unit = \"traeger\" asks about schools");
        }
        Ok(expr)
    }
}

/// A short name that changes with the formulas of a question and the thresholds they compare with.
fn version_of(raw: &RawQuestion, version: u32, values: &BTreeMap<&str, f64>) -> String {
    let formulas = raw.formula.iter().map(Spanned::get_ref);
    let parts = raw.parts.iter().map(|part| part.formula.get_ref());
    let levels = raw.levels.iter().filter_map(|level| level.when.as_ref()).map(Spanned::get_ref);
    let mut said: String = formulas.chain(parts).chain(levels).fold(String::new(), |mut said, formula| {
        said.push_str(formula);
        said.push('\n');
        said
    });
    for (name, value) in values {
        if said.contains(&format!("${name}")) {
            said.push_str(&format!("{name}={value}\n"));
        }
    }
    // FNV-1a: short, stable over releases, and nobody gains anything by a collision.
    let hash = said.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{version}-{:08x}", hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "id = \"x\"\nversion = 1\nissuer = \"us\"\nunit = \"school\"\ntitle = { de = \"T\", en = \"T\", nl = \"T\" }\n";
    const TEXT: &str = "text = { de = \"F\", en = \"Q\", nl = \"V\" }\n";

    fn refused(body: &str) -> SurveyError {
        Survey::parse(&format!("{HEAD}{body}")).map(|_| ()).expect_err("a bad file")
    }

    #[test]
    fn bad_files_are_refused_with_line_and_reason() {
        let check = |body: &str, line: usize, reason: &str| {
            let error = refused(body);
            assert!(error.line == line && error.reason.contains(reason), "{error}");
        };
        check("", 1, "at least one");
        check("colour = 1\n", 6, "unknown field");
        let question = |rest: &str| format!("[[question]]\nid = \"A\"\n{TEXT}from = [\"register\"]\n{rest}");
        check(&question("answer = \"number\"\n"), 7, "needs a formula");
        check(&question("answer = \"number\"\nformula = \"count(teapot)\"\n"), 11, "cannot be counted");
        check(
            &question("answer = \"number\"\nformula = \"count(room) > $many\"\n"),
            11,
            "no [thresholds.many]",
        );
        check(&question("answer = \"number\"\nformula = \"sum_of_schools(1)\"\n"), 11, "unit = \"traeger\"");
        check(&question("answer = \"colour\"\n"), 10, "unknown variant");
        check(&question("answer = \"level\"\n"), 7, "levels belong");
        let twice = question("answer = \"number\"\nformula = \"count(room)\"\n");
        check(&format!("{twice}{twice}"), 13, "there twice");
        check(
            "[[question]]\nid = \"A\"\ntext = { de = \"F\", en = \"\", nl = \"V\" }\nfrom = [\"person\"]\nanswer = \"text\"\n",
            7,
            "'en'",
        );
    }

    #[test]
    fn the_formula_version_follows_formula_and_threshold() {
        let version = |threshold: u32, formula: &str| {
            let meaning = "{ de = \"m\", en = \"m\", nl = \"m\" }";
            let text = format!(
                "{HEAD}[thresholds.many]\nvalue = {threshold}\nmeaning = {meaning}\n[[question]]\nid = \"A\"\n{TEXT}from = [\"register\"]\nanswer = \"yes-no\"\nformula = \"{formula}\"\n"
            );
            Survey::parse(&text).map(|survey| survey.questions[0].formula_version.clone())
        };
        let first = version(50, "count(room) > $many");
        assert!(first.is_ok());
        assert_eq!(first, version(50, "count(room) > $many"));
        assert_ne!(first, version(51, "count(room) > $many"));
        assert_ne!(first, version(50, "count(room) >= $many"));
        assert_eq!(version(1, "any(room)"), version(2, "any(room)"), "an unused threshold changes nothing");
    }
}
