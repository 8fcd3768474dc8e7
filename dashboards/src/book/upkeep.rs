//! Lists of how a school is kept up: who does which task, whom to call, what the Träger offers, and which entries differ
//! from their devices on purpose.

use super::{BookError, Sheet};
use crate::text::Language;
use rundgang_inventory::{Timestamp, tasks};
use rundgang_store::{Contact, School, Traeger};

/// Hundredths as a number with a point, as spreadsheets and programs read it.
fn hours(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Tasks that somebody said something of.
pub(super) fn tasks(traeger: &Traeger, schools: &[School], language: Language) -> Result<Sheet, BookError> {
    let mut rows = Vec::new();
    for school in schools {
        let said = traeger.school_tasks(school.id)?;
        for (task, said) in tasks::all().iter().filter_map(|task| Some((task, said.get(&task.id)?))) {
            rows.push(vec![
                school.entered.name.clone(),
                task.title.get(language.code()).to_owned(),
                said.who.clone(),
                said.hours.map(hours).unwrap_or_default(),
                said.priority.clone(),
                said.done_by.clone(),
                said.level.clone(),
            ]);
        }
    }
    let keys =
        ["column-school", "column-task", "task-who", "task-hours", "task-priority", "task-by", "task-level"];
    Ok(Sheet::new(language, "tasks", &keys, rows))
}

/// Whom to call: at each school, and at the Träger itself, which has no school beside it.
pub(super) fn contacts(
    traeger: &Traeger,
    schools: &[School],
    language: Language,
) -> Result<Sheet, BookError> {
    let row = |school: &str, one: Contact| {
        vec![school.to_owned(), one.function, one.name, one.phone, one.mail, one.purpose]
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    for school in schools {
        let own = traeger.contacts(Some(school.id))?;
        rows.extend(own.into_iter().map(|one| row(&school.entered.name, one)));
    }
    rows.extend(traeger.contacts(None)?.into_iter().map(|one| row("", one)));
    let keys = [
        "column-school",
        "contact-function",
        "contact-name",
        "contact-phone",
        "contact-mail",
        "contact-purpose",
    ];
    Ok(Sheet::new(language, "contacts", &keys, rows))
}

/// What the Träger offers, school by school, with whether it is used there.
pub(super) fn offers(traeger: &Traeger, schools: &[School], language: Language) -> Result<Sheet, BookError> {
    let mut rows = Vec::new();
    for school in schools {
        for line in traeger.offers_of_school(school.id)? {
            let is_used = line.is_used().to_string();
            let offer = line.offer;
            let name = school.entered.name.clone();
            rows.push(vec![
                name,
                offer.name,
                offer.kind,
                offer.provider,
                offer.description,
                offer.ask,
                is_used,
            ]);
        }
    }
    let keys = [
        "column-school",
        "offer-name",
        "offer-kind",
        "offer-provider",
        "offer-description",
        "offer-ask",
        "offer-state",
    ];
    Ok(Sheet::new(language, "offers", &keys, rows))
}

/// Values that people keep against their devices, each with the reason.
pub(super) fn kept(traeger: &Traeger, schools: &[School], language: Language) -> Result<Sheet, BookError> {
    let mut rows = Vec::new();
    for school in schools {
        let (kept, _) = traeger.kept_values(school.id, usize::MAX)?;
        rows.extend(kept.into_iter().map(|one| {
            let name = school.entered.name.clone();
            vec![name, one.name, one.field, one.person, one.machine, one.reason, one.who, one.at.date()]
        }));
    }
    let keys = [
        "column-school",
        "column-system",
        "column-field",
        "reconcile-person",
        "reconcile-machine",
        "column-reason",
        "column-who",
        "column-day",
    ];
    Ok(Sheet::new(language, "kept", &keys, rows))
}

/// Questions about systems that were passed on.
pub(super) fn questions(
    traeger: &Traeger,
    schools: &[School],
    language: Language,
) -> Result<Sheet, BookError> {
    let mut rows = Vec::new();
    for school in schools {
        rows.extend(traeger.questions(school.id, usize::MAX)?.into_iter().map(|one| {
            let answered = one.answered_at.map(Timestamp::date).unwrap_or_default();
            let asked = (one.at.date(), one.due.date());
            let name = school.entered.name.clone();
            vec![
                name, one.name, one.whom, one.mail, one.text, one.who, asked.0, asked.1, answered, one.answer,
            ]
        }));
    }
    let keys = [
        "column-school",
        "column-system",
        "question-whom",
        "question-other-mail",
        "question-text",
        "column-who",
        "question-asked",
        "question-due-day",
        "question-state-answered",
        "question-answer",
    ];
    Ok(Sheet::new(language, "questions", &keys, rows))
}
