//! Lists of how a school is kept up: who does which task.

use super::{BookError, Sheet};
use crate::text::Language;
use rundgang_inventory::tasks;
use rundgang_store::{School, Traeger};

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
            ]);
        }
    }
    let keys = ["column-school", "column-task", "task-who", "task-hours", "task-priority", "task-by"];
    Ok(Sheet::new(language, "tasks", &keys, rows))
}
