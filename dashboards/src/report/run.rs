//! A survey that went through the schools: what each of them answers, as it stands or as it was submitted.

use super::load::Sealed;
use super::{Answered, FileError, Form, Loaded, Report, Signed, load, pdf, xlsx};
use crate::text::Language;
use crate::words::Words;
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::Survey;
use rundgang_store::views::survey::PersonAnswer;
use rundgang_store::{Frozen, FrozenAnswer, Result, Run, Traeger};
use std::collections::BTreeMap;

/// A run's survey as a school answers it now: the machine for the reference date, people as they spoke last.
///
/// # Errors
/// There is no such school, or the database failed.
pub fn load_part(traeger: &Traeger, run: &Run, school: i64, now: Timestamp) -> Result<Loaded> {
    let mut loaded = load(traeger, &run.survey, Some(school), Some(run.as_of), now)?;
    loaded.persons = traeger.person_answers(Some(school), &run.survey.id, now)?;
    (loaded.as_of, loaded.since) = (run.as_of, Some(run.opened));
    Ok(loaded)
}

/// What a school submitted.
#[must_use]
pub fn load_frozen(run: &Run, frozen: &Frozen) -> Loaded {
    let content = &frozen.content;
    let mut persons: BTreeMap<String, PersonAnswer> = content.comments.clone();
    for kept in &content.answers {
        persons.extend(kept.person.clone().map(|person| (kept.answer.question.clone(), person)));
    }
    let signed = Signed { who: frozen.who.clone(), at: frozen.at, seal: frozen.seal.clone() };
    Loaded {
        answered: Answered {
            answers: content.answers.iter().map(|kept| kept.answer.clone()).collect(),
            steps: Vec::new(),
            then: None,
        },
        persons,
        answerer: content.answerer.clone(),
        as_of: frozen.as_of,
        since: Some(run.opened),
        frozen: Some(Sealed { signed, kept: content.answers.clone() }),
    }
}

/// Puts what stood behind submitted answers beside them.
pub(super) fn count(made: &mut Report, kept: &[FrozenAnswer]) {
    let words = Words { language: made.language };
    for question in made.blocks.iter_mut().flat_map(|block| &mut block.questions) {
        let found = kept.iter().find(|kept| kept.answer.question == question.id);
        if let Some(found) = found.filter(|kept| kept.evidence > 0 && !question.hides_count) {
            question.counted = Some(counted(words, found));
        }
    }
}

/// What stood behind a frozen answer: numbers alone, and the hash of the list.
fn counted(c: Words, kept: &FrozenAnswer) -> String {
    let joined = |counts: &BTreeMap<String, u32>, word: &dyn Fn(&str) -> String| {
        let parts: Vec<String> =
            counts.iter().map(|(name, count)| format!("{} {count}", word(name))).collect();
        if parts.is_empty() { "–".to_owned() } else { parts.join(", ") }
    };
    let kind = |name: &str| match c.language.find(&format!("nouns-{name}"), &[]) {
        Some(noun) => noun,
        None => c.word("kind", name),
    };
    c.language.with(
        if kept.by_room.is_empty() { "frozen-evidence-nowhere" } else { "frozen-evidence" },
        &[
            ("count", kept.evidence.into()),
            ("kinds", joined(&kept.by_kind, &kind).into()),
            ("rooms", joined(&kept.by_room, &str::to_owned).into()),
            ("hash", kept.evidence_hash.chars().take(16).collect::<String>().into()),
        ],
    )
}

/// What every school of a run answers, by name: as it was submitted, or as it stands where it was not yet.
///
/// # Errors
/// The database failed.
pub fn load_run(traeger: &Traeger, run: &Run, now: Timestamp) -> Result<Vec<Loaded>> {
    let mut all: Vec<Loaded> = if run.submitted.is_some() {
        traeger.frozen_of_run(run.id)?.iter().map(|frozen| load_frozen(run, frozen)).collect()
    } else {
        let parts = traeger.parts(run.id)?;
        parts.iter().map(|part| load_part(traeger, run, part.school, now)).collect::<Result<_>>()?
    };
    all.sort_by(|a, b| a.answerer.cmp(&b.answerer));
    Ok(all)
}

/// What several schools answer, as one file.
///
/// # Errors
/// The file was not made, or nobody answers.
pub fn file_of(
    all: &[Loaded],
    survey: &Survey,
    language: Language,
    now: Timestamp,
    form: Form,
) -> std::result::Result<Vec<u8>, FileError> {
    let reports = || all.iter().map(|loaded| loaded.report(language, survey, now)).collect::<Vec<_>>();
    let named = |report: &Report| {
        let name = report.answerer.clone();
        report.table().into_iter().map(move |row| [vec![name.clone()], row].concat()).collect::<Vec<_>>()
    };
    Ok(match form {
        Form::Json => all.iter().map(|loaded| loaded.json_lines(survey)).collect::<String>().into_bytes(),
        Form::Pdf => pdf::pdf(&reports())?,
        Form::Xlsx => xlsx::workbook(&reports())?,
        Form::Text => reports().iter().map(Report::plain).collect::<Vec<_>>().join("\n\n").into_bytes(),
        Form::Csv => {
            let reports = reports();
            let Some(first) = reports.first() else { return Ok(Vec::new()) };
            let header = [vec![language.text("column-school")], first.header()].concat();
            crate::csv::table(&header, &reports.iter().flat_map(named).collect::<Vec<_>>()).into_bytes()
        }
    })
}
