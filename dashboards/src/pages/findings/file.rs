//! The findings of a school as a table.

use super::{state, title, told::Told};
use crate::chrome::{Chrome, csv_file};
use crate::failure::Failure;
use crate::web::{Visit, WebState};
use axum::extract::{Path, State};
use axum::response::Response;

pub(crate) async fn csv(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
) -> Result<Response, Failure> {
    let now = visit.now;
    let lines = web.ask(move |traeger| traeger.findings_page(school, now)).await?;
    let c = Chrome::new(&visit, String::new());
    let header: Vec<String> = [
        "column-severity",
        "column-finding",
        "column-rule",
        "column-subject",
        "column-responsible",
        "column-state",
        "column-opened",
        "column-due",
        "column-remedy",
        "column-evidence",
    ]
    .iter()
    .map(|key| c.t(key))
    .collect();
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            let told = Told::of(&c, line);
            vec![
                c.word("severity", &line.severity),
                title(&c, &line.rule),
                line.rule.clone(),
                line.label.clone(),
                line.responsible.clone(),
                state(&c, line, now).1,
                c.day(&line.opened),
                line.due.map(|due| c.day(&due)).unwrap_or_default(),
                std::iter::once(told.remedy)
                    .chain(told.records.into_iter().map(|record| record.line))
                    .collect::<Vec<_>>()
                    .join(" ")
                    .trim()
                    .to_owned(),
                told.evidence
                    .iter()
                    .map(|(name, lines)| format!("{name}: {}", lines.join(", ")))
                    .collect::<Vec<_>>()
                    .join(" | "),
            ]
        })
        .collect();
    Ok(csv_file("befunde.csv", &header, &rows))
}
