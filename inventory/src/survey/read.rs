//! From the text of a survey file to the survey; a bad file is refused with its line and the reason.

use super::file::{
    AnswerType, Band, Block, Level, Part, Question, Source, Survey, SurveyError, Texts, Threshold, Unit,
};
use super::formula::Expr;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;

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
    #[serde(default)]
    cell: String,
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
    #[serde(default)]
    cell: String,
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

/// Reads a survey file; the first thing that is wrong is told with its line.
pub(super) fn read(text: &str) -> Result<Survey, SurveyError> {
    let raw: RawSurvey = toml::from_str(text).map_err(|error| SurveyError {
        line: error.span().map_or(1, |span| line_of(text, &span)),
        reason: in_words(error.message()),
    })?;
    Reader { text, thresholds: raw.thresholds.keys().cloned().collect(), unit: raw.unit }.survey(raw)
}

/// What the reader of TOML says, without the names that only its programmers know.
fn in_words(message: &str) -> String {
    [
        ("expected u32", "a whole number is expected"),
        ("expected u8", "a whole number up to 255 is expected"),
        ("expected f64", "a number is expected"),
        ("unknown variant", "unknown word"),
        ("unknown field", "unknown name"),
        ("missing field", "it lacks"),
        ("invalid type: string", "this is a text:"),
        ("invalid type: integer", "this is a number:"),
        ("expected a string", "a text in quotation marks is expected"),
        ("expected a sequence", "a list in square brackets is expected"),
    ]
    .iter()
    .fold(message.to_owned(), |said, (theirs, ours)| said.replace(theirs, ours))
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
        let cells = std::iter::once(&raw.cell).chain(raw.parts.iter().map(|part| &part.cell));
        if let Some(cell) = cells.into_iter().find(|cell| !is_cell_name(cell)) {
            return refuse(format!("'{cell}' is no name that a workbook gives a cell"));
        }
        let formula_version = version_of(&raw, version, values);
        let formula = raw.formula.as_ref().map(|text| self.formula(text)).transpose()?;
        if raw.answer == AnswerType::Choice
            && raw.bands.is_empty()
            && formula.as_ref().is_some_and(Expr::is_number)
        {
            return refuse(
                "a choice by a number needs [[question.bands]] that say which number is which".into(),
            );
        }
        Ok(Question {
            formula,
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
            cell: raw.cell,
            formula_version,
        })
    }

    fn part(&self, raw: RawPart) -> Result<Part, SurveyError> {
        let formula = self.formula(&raw.formula)?;
        let (text, unit, cell) = (raw.text, raw.unit, raw.cell);
        Ok(Part { id: raw.id, text, formula, answer: raw.answer, unit, cell })
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

/// Whether a workbook takes this as the name of a cell: it begins with a letter and cannot be read as a cell itself.
fn is_cell_name(name: &str) -> bool {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let is_place = (1..=3).contains(&letters) && name[letters..].bytes().all(|byte| byte.is_ascii_digit());
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    name.is_empty() || (plain && !is_place && name.starts_with(|c: char| c.is_alphabetic() || c == '_'))
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

    fn error_of(text: &str) -> SurveyError {
        Survey::parse(text).map(|_| ()).expect_err("a bad file")
    }

    fn refused(body: &str) -> SurveyError {
        error_of(&format!("{HEAD}{body}"))
    }

    #[test]
    fn bad_files_are_refused_with_line_and_reason() {
        let check = |body: &str, line: usize, reason: &str| {
            let error = refused(body);
            assert!(error.line == line && error.reason.contains(reason), "{error}");
        };
        check("", 1, "at least one");
        check("colour = 1\n", 6, "unknown name `colour`");
        let question = |rest: &str| format!("[[question]]\nid = \"A\"\n{TEXT}from = [\"register\"]\n{rest}");
        check(&question("answer = \"number\"\n"), 7, "needs a formula");
        check(&question("answer = \"number\"\nformula = \"count(teapot)\"\n"), 11, "cannot be counted");
        check(
            &question("answer = \"number\"\nformula = \"count(room) > $many\"\n"),
            11,
            "no [thresholds.many]",
        );
        check(&question("answer = \"number\"\nformula = \"sum_of_schools(1)\"\n"), 11, "unit = \"traeger\"");
        check(&question("answer = \"colour\"\n"), 10, "unknown word `colour`");
        check(&question("answer = \"choice\"\nformula = \"count(room)\"\n"), 7, "needs [[question.bands]]");
        check(
            &question("answer = \"number\"\nformula = \"cuont(room)\"\n"),
            11,
            "there are count, any, share",
        );
        let kind = "answer = \"number\"\nformula = \"count(asset where kind = beamer)\"\n";
        check(&question(kind), 11, "'beamer' is no kind of device; there are");
        let old = error_of(&HEAD.replace("version = 1", "version = \"eins\""));
        assert!(old.line == 2 && old.reason.contains("a whole number is expected"), "{old}");
        check(
            &question("answer = \"number\"\nformula = \"count(room)\"\ncell = \"A1\"\n"),
            7,
            "'A1' is no name",
        );
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
