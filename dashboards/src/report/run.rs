//! A survey that went through the schools: what each of them answers, as it stands or as it was submitted.

use super::{FileError, Form, Input, Loaded, Report, Signed, load, pdf, report, xlsx};
use crate::text::Language;
use crate::words::Words;
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::Answer;
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
    loaded.as_of = run.as_of;
    Ok(loaded)
}

/// What a school submitted, in the words of a language.
#[must_use]
pub fn frozen_report(language: Language, run: &Run, frozen: &Frozen) -> Report {
    let content = &frozen.content;
    let answers: Vec<Answer> = content.answers.iter().map(|kept| kept.answer.clone()).collect();
    let mut persons: BTreeMap<String, PersonAnswer> = content.comments.clone();
    for kept in &content.answers {
        persons.extend(kept.person.clone().map(|person| (kept.answer.question.clone(), person)));
    }
    let mut made = report(
        language,
        &Input {
            survey: &run.survey,
            answers: &answers,
            persons: &persons,
            steps: &[],
            then: None,
            answerer: &content.answerer,
            as_of: frozen.as_of,
            now: frozen.at,
            signed: Some(Signed { who: frozen.who.clone(), at: frozen.at, seal: frozen.seal.clone() }),
        },
    );
    for question in made.blocks.iter_mut().flat_map(|block| &mut block.questions) {
        let kept = content.answers.iter().find(|kept| kept.answer.question == question.id);
        if let Some(kept) = kept.filter(|kept| kept.evidence > 0 && !question.hides_count) {
            question.counted = Some(counted(Words { language }, kept));
        }
    }
    made
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
        "frozen-evidence",
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
pub fn run_reports(traeger: &Traeger, run: &Run, language: Language, now: Timestamp) -> Result<Vec<Report>> {
    let mut reports = Vec::new();
    if run.submitted.is_some() {
        let frozen = traeger.frozen_of_run(run.id)?;
        reports.extend(frozen.iter().map(|frozen| frozen_report(language, run, frozen)));
    } else {
        for part in traeger.parts(run.id)? {
            let loaded = load_part(traeger, run, part.school, now)?;
            reports.push(loaded.report(language, &run.survey, now, None));
        }
    }
    reports.sort_by(|a, b| a.answerer.cmp(&b.answerer));
    Ok(reports)
}

/// Reports of several schools as one file.
///
/// # Errors
/// The file was not made, or there is no report.
pub fn file_of(reports: &[Report], form: Form) -> std::result::Result<Vec<u8>, FileError> {
    let named = |report: &Report, rows: Vec<Vec<String>>| {
        let name = report.answerer.clone();
        rows.into_iter().map(move |row| [vec![name.clone()], row].concat()).collect::<Vec<_>>()
    };
    Ok(match form {
        Form::Pdf => pdf::pdf(reports)?,
        Form::Xlsx => xlsx::workbook(reports)?,
        Form::Text => reports.iter().map(Report::plain).collect::<Vec<_>>().join("\n\n").into_bytes(),
        Form::Json => {
            let mut all = Vec::new();
            for report in reports {
                all.extend(report.file(Form::Json)?);
            }
            all
        }
        Form::Csv => {
            let Some(first) = reports.first() else { return Ok(Vec::new()) };
            let header = [vec![first.language.text("column-school")], first.header()].concat();
            let rows: Vec<_> = reports.iter().flat_map(|report| named(report, report.table())).collect();
            crate::csv::table(&header, &rows).into_bytes()
        }
    })
}
