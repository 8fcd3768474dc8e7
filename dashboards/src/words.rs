//! Answers of the machine in words: values, bounds, reasons and evidence in the visitor's language.

use crate::format;
use crate::report::{LevelShown, QuestionShown, Shown};
use crate::text::{Argument, Language};
use rundgang_inventory::Timestamp;
use rundgang_inventory::Zone;
use rundgang_inventory::survey::answer::PartValue;
use rundgang_inventory::survey::{
    Answer, AnswerType, AnswerValue, Evidence, Interval, Question, Reason, Step,
};
use rundgang_store::views::survey::PersonAnswer;

/// The texts of one language; what a page's frame offers, for files that have no page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    pub(crate) language: Language,
}

impl Words {
    pub(crate) fn t(self, key: &str) -> String {
        self.language.text(key)
    }

    pub(crate) fn n(self, key: &str, name: &str, count: impl Into<Argument>) -> String {
        self.language.with(key, &[(name, count.into())])
    }

    pub(crate) fn s(self, key: &str, name: &str, word: impl Into<Argument>) -> String {
        self.n(key, name, word)
    }

    /// A word of the vocabulary; the word itself where it is unknown.
    pub(crate) fn word(self, family: &str, word: &str) -> String {
        let key = format!("{family}-{}", word.replace(['.', '_', ' '], "-"));
        self.language.find(&key, &[]).unwrap_or_else(|| word.to_owned())
    }

    pub(crate) fn date(self, moment: &Timestamp) -> String {
        format::date(self.language, Zone::BERLIN, *moment)
    }

    pub(crate) fn moment(self, moment: &Timestamp) -> String {
        format::moment(self.language, Zone::BERLIN, *moment)
    }
}

pub(crate) fn coverage_text(c: Words, answer: &Answer) -> String {
    let walked = &answer.coverage;
    if walked.expected == 0 {
        return c.t("coverage-none");
    }
    let mut text = c.language.with(
        "coverage-networks",
        &[("covered", walked.covered.into()), ("expected", walked.expected.into())],
    );
    if let Some(at) = &walked.last_round {
        text.push(' ');
        text.push_str(&c.s("coverage-last-round", "moment", c.moment(at)));
    }
    if !walked.silent.is_empty() {
        text.push(' ');
        text.push_str(&c.s("coverage-silent", "agents", walked.silent.join(", ")));
    }
    text
}

pub(crate) fn question_shown(
    c: Words,
    question: &Question,
    answer: &Answer,
    person: PersonAnswer,
) -> QuestionShown {
    let code = c.language.code();
    let suggested = match &answer.value {
        Some(AnswerValue::Level(level)) => Some(*level),
        _ => None,
    };
    let levels = question.levels.iter().map(|level| LevelShown {
        level: level.level,
        text: level.text.get(code).to_owned(),
        suggested: suggested == Some(level.level),
        chosen: person.value == level.level.to_string(),
    });
    let machine = shown_answer(c, question, answer);
    let then = kept_word(question, &person.machine);
    let drift =
        (!person.value.is_empty() && !then.is_empty() && then != plain_value(question, answer)).then(|| {
            let then = own_text(c, question, answer, &then);
            c.language.with("survey-drift", &[("then", then.into()), ("now", machine.clone().into())])
        });
    QuestionShown {
        id: question.id.clone(),
        lower: answer.lower,
        upper: answer.upper,
        number: match &answer.value {
            Some(AnswerValue::Number(number)) if !counts_people(question) => Some(*number),
            Some(AnswerValue::Level(level)) => Some(f64::from(*level)),
            _ => None,
        },
        hides_count: counts_people(question),
        unit: question.unit.clone(),
        then: None,
        steps: Vec::new(),
        text: question.text.get(code).to_owned(),
        target: question.target.as_ref().map(|target| target.get(code).to_owned()).unwrap_or_default(),
        is_unknown: answer.value.is_none(),
        bounds: bounds(c, question, answer),
        rows: rows(c, question, answer),
        answer: machine,
        levels: levels.collect(),
        reasons: answer.reasons.iter().filter(|r| **r != Reason::Person).map(|r| reason_text(c, r)).collect(),
        confidence: crate::pages::assets::confidence(answer.confidence),
        only_person: !question.is_auto(),
        evidence: answer.evidence.iter().map(|e| evidence_shown(c, e)).collect(),
        counted: None,
        lacking: answer.lacking.iter().map(|e| evidence_shown(c, e)).collect(),
        own: own_text(c, question, answer, &person.value),
        is_earlier: false,
        person_at: if person.who.is_empty() { String::new() } else { c.date(&person.at) },
        person,
        drift,
        formula_version: answer.formula_version.clone(),
    }
}

/// What a person said, in the reader's words: who confirmed the machine's value as it was kept it in no language.
pub(crate) fn own_text(c: Words, question: &Question, answer: &Answer, value: &str) -> String {
    if value.is_empty() || !question.levels.is_empty() {
        return value.to_owned();
    }
    if value == plain_value(question, answer) {
        let table = rows(c, question, &stated(answer));
        if table.is_empty() {
            return shown_answer(c, question, answer);
        }
        return table
            .iter()
            .map(|(label, value)| format!("{label}: {value}"))
            .collect::<Vec<_>>()
            .join(" | ");
    }
    match (question.answer, value) {
        (AnswerType::YesNo, "yes") => c.t("answer-yes"),
        (AnswerType::YesNo, "no") => c.t("answer-no"),
        (AnswerType::Date, _) => {
            Timestamp::parse_date(value).map_or_else(|| value.to_owned(), |day| c.date(&day))
        }
        _ => value.to_owned(),
    }
}

/// An answer as a person states it: who confirms a number confirms no bounds around it.
fn stated(answer: &Answer) -> Answer {
    let mut stated = answer.clone();
    if let Some(AnswerValue::Table(rows)) = &mut stated.value {
        for (_, part) in rows {
            if let PartValue::Number(interval) = part {
                *interval = interval.value.map_or(*interval, Interval::exact);
            }
        }
    }
    stated
}

/// A value of the machine as it was kept beside a person's answer; a count of people's devices never exact.
pub(crate) fn kept_word(question: &Question, word: &str) -> String {
    match word.parse() {
        Ok(count) if counts_people(question) => people(count),
        _ => word.to_owned(),
    }
}

/// The machine's value as one word that can be compared later; empty where unknown, rounded where it counts people's
/// devices (promise P3).
pub(crate) fn plain_value(question: &Question, answer: &Answer) -> String {
    match &answer.value {
        None => String::new(),
        Some(AnswerValue::Number(number)) if counts_people(question) => people(*number),
        Some(AnswerValue::Number(number)) => format::number(Language::En, *number),
        Some(AnswerValue::YesNo(flag)) => if *flag { "yes" } else { "no" }.to_owned(),
        Some(AnswerValue::Level(level)) => level.to_string(),
        Some(AnswerValue::Date(date)) => date.date(),
        Some(AnswerValue::Texts(texts)) => texts.join(", "),
        Some(AnswerValue::Band(band)) => band.to_string(),
        Some(AnswerValue::Table(rows)) => {
            let cell = |value: &PartValue| match value {
                PartValue::Number(number) => {
                    number.value.map(|v| format::number(Language::En, v)).unwrap_or_default()
                }
                PartValue::Date(date) => date.map(Timestamp::date).unwrap_or_default(),
                PartValue::YesNo(flag) => flag.map(|flag| flag.to_string()).unwrap_or_default(),
                PartValue::Texts(texts) => texts.join(" "),
            };
            rows.iter().map(|(name, value)| format!("{name}={}", cell(value))).collect::<Vec<_>>().join(", ")
        }
    }
}

pub(crate) fn with_unit(c: Words, value: f64, unit: &str) -> String {
    let number = format::number(c.language, value);
    if unit.is_empty() { number } else { format!("{number}\u{a0}{}", c.word("unit", unit)) }
}

pub(crate) fn shown_number(c: Words, answer: AnswerType, unit: &str, value: f64) -> String {
    match answer {
        AnswerType::Share => format::share(c.language, value),
        AnswerType::Level => c.s("answer-level", "level", format::number(c.language, value)),
        _ => with_unit(c, value, unit),
    }
}

/// The value in the visitor's language; of a counter of people's devices, rounded (promise P3).
pub(crate) fn shown_answer(c: Words, question: &Question, answer: &Answer) -> String {
    match &answer.value {
        None => c.t("answer-unknown"),
        Some(AnswerValue::Number(value)) if counts_people(question) => people(*value),
        Some(AnswerValue::Number(value)) => shown_number(c, question.answer, &question.unit, *value),
        Some(AnswerValue::YesNo(flag)) => c.t(if *flag { "answer-yes" } else { "answer-no" }),
        Some(AnswerValue::Level(level)) => c.n("answer-level", "level", i64::from(*level)),
        Some(AnswerValue::Date(date)) => c.date(date),
        Some(AnswerValue::Texts(texts)) => {
            texts.iter().map(|text| c.word("choice", text)).collect::<Vec<_>>().join(", ")
        }
        Some(AnswerValue::Band(band)) => question
            .bands
            .get(*band)
            .map(|band| band.text.get(c.language.code()).to_owned())
            .unwrap_or_default(),
        Some(AnswerValue::Table(_)) => String::new(),
    }
}

pub(crate) fn counts_people(question: &Question) -> bool {
    matches!(question.formula, Some(rundgang_inventory::survey::formula::Expr::Counter(_)))
}

pub(crate) fn people(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    format::counter(value.clamp(0.0, 1e9) as u32)
}

pub(crate) fn bounds(c: Words, question: &Question, answer: &Answer) -> String {
    let interval = Interval { value: None, lower: answer.lower, upper: answer.upper };
    let numeric = matches!(question.answer, AnswerType::Number | AnswerType::Share | AnswerType::Level);
    if !numeric || interval.is_exact() || counts_people(question) || !question.is_auto() {
        return String::new();
    }
    interval_text(c, question.answer, &question.unit, &interval)
}

pub(crate) fn interval_text(c: Words, answer: AnswerType, unit: &str, interval: &Interval) -> String {
    let shown = |value: f64| shown_number(c, answer, unit, value);
    match (interval.lower, interval.upper) {
        (Some(lower), Some(upper)) => c
            .language
            .with("bounds-between", &[("lower", shown(lower).into()), ("upper", shown(upper).into())]),
        (Some(lower), None) => c.s("bounds-open", "lower", shown(lower)),
        (None, Some(upper)) => c.s("bounds-at-most", "upper", shown(upper)),
        (None, None) => String::new(),
    }
}

pub(crate) fn rows(c: Words, question: &Question, answer: &Answer) -> Vec<(String, String)> {
    let Some(AnswerValue::Table(rows)) = &answer.value else { return Vec::new() };
    rows.iter()
        .map(|(name, value)| {
            let part = question.parts.iter().find(|part| part.id == *name);
            let label = match part {
                Some(part) => part.text.get(c.language.code()).to_owned(),
                None if name.is_empty() => c.t("kind-unknown"),
                None => {
                    let kind = c.word("kind", name);
                    if kind == *name { c.word("choice", name) } else { kind }
                }
            };
            let (answer, unit) =
                part.map_or((AnswerType::Number, ""), |part| (part.answer, part.unit.as_str()));
            (label, part_text(c, answer, unit, value))
        })
        .collect()
}

pub(crate) fn part_text(c: Words, answer: AnswerType, unit: &str, value: &PartValue) -> String {
    let unknown = || c.t("answer-unknown");
    match value {
        PartValue::Number(interval) => {
            let Some(value) = interval.value else { return unknown() };
            let shown = shown_number(c, answer, unit, value);
            if interval.is_exact() {
                return shown;
            }
            let around = interval_text(c, answer, unit, interval);
            if around.is_empty() { shown } else { format!("{shown} ({around})") }
        }
        PartValue::Date(date) => date.map_or_else(unknown, |date| c.date(&date)),
        PartValue::YesNo(flag) => {
            flag.map_or_else(unknown, |flag| c.t(if flag { "answer-yes" } else { "answer-no" }))
        }
        PartValue::Texts(texts) if texts.is_empty() => unknown(),
        PartValue::Texts(texts) => texts.join(", "),
    }
}

pub(crate) fn reason_text(c: Words, reason: &Reason) -> String {
    let key = format!("reason-{}", reason.name());
    match reason {
        Reason::SegmentsMissing { covered, expected } => {
            c.language.with(&key, &[("covered", (*covered).into()), ("expected", (*expected).into())])
        }
        Reason::AgentSilent { agent } => c.s(&key, "agent", agent),
        Reason::KindMayHide { kind } => c.s(&key, "kind", c.word("kind", kind)),
        Reason::Unrecognised { count } | Reason::NotSeen { count } | Reason::Unplaced { count } => {
            c.n(&key, "count", *count)
        }
        Reason::FactMissing { fact } | Reason::FactOld { fact } => c.s(&key, "fact", c.word("fact", fact)),
        Reason::ListOpen { list } => c.s(&key, "list", c.word("list", list)),
        Reason::FieldMissing { field, count } => {
            c.language.with(&key, &[("field", c.word("field", field).into()), ("count", (*count).into())])
        }
        Reason::NeverWalked | Reason::Person => c.t(&key),
    }
}

/// No sentence lists more elements than this.
const NAMED: usize = 40;

/// One step as a sentence.
pub(crate) fn step_text(c: Words, step: &Step) -> String {
    let word = |key: &String| match key.split_once(':') {
        Some((family, word)) => c.word(family, word),
        None => key.clone(),
    };
    let or = |words: Vec<String>| words.join(&format!(" {} ", c.t("step-or")));
    match step {
        Step::Lacking { noun, lacks, count, of, needed, unknown, which } => {
            let mut names: Vec<&str> = which.iter().map(|e| e.label.as_str()).take(NAMED).collect();
            if which.len() > NAMED {
                names.push("…");
            }
            let mut text = c.language.with(
                "step-lacking",
                &[
                    ("count", (*count).into()),
                    ("of", (*of).into()),
                    ("nouns", c.word("nouns-of", noun).into()),
                    ("lacks", or(lacks.iter().map(word).collect()).into()),
                    ("names", names.join(", ").into()),
                ],
            );
            if needed < count {
                text.push(' ');
                text.push_str(&c.n("step-needed", "count", *needed));
            }
            if *unknown > 0 {
                text.push(' ');
                text.push_str(&c.n("step-unknown", "count", *unknown));
            }
            text
        }
        Step::Fact { fact } => c.s("step-fact", "fact", c.word("fact", fact)),
        Step::Document { kind } => c.s("step-document", "kind", c.word("document", kind)),
        Step::Link { at_least: Some(number) } => {
            c.s("step-link-at-least", "number", format::number(c.language, *number))
        }
        Step::Link { at_least: None } => c.t("step-link"),
        Step::Element { kinds, noun } if kinds.is_empty() => c.s("step-list", "list", c.word("nouns", noun)),
        Step::Element { kinds, .. } => {
            c.s("step-element", "kinds", or(kinds.iter().map(|kind| c.word("kind", kind)).collect()))
        }
        Step::More { fact, count } => c.language.with(
            "step-more",
            &[("number", format::number(c.language, *count).into()), ("fact", c.word("fact", fact).into())],
        ),
        Step::Walk => c.t("step-walk"),
    }
}

pub(crate) fn evidence_shown(c: Words, evidence: &Evidence) -> Shown {
    let school = &evidence.school;
    let to = match evidence.noun.as_ref() {
        "school" => Some(format!("/schule/{school}")),
        _ if school.is_empty() => None,
        "asset" => Some(match evidence.id.strip_prefix("system ") {
            Some(system) => format!("/schule/{school}/register/{system}"),
            None => format!("/schule/{school}/geraet/{}", evidence.id),
        }),
        "system" => Some(format!("/schule/{school}/register/{}", evidence.id)),
        "finding" => Some(format!("/schule/{school}/befunde")),
        _ => Some(format!("/schule/{school}/stammdaten")),
    };
    let label = match (evidence.noun.as_ref(), evidence.label.split_once(" = ")) {
        ("fact", Some((name, value))) => format!("{}: {value}", c.word("fact", name)),
        _ => evidence.label.clone(),
    };
    Shown { label, to }
}
