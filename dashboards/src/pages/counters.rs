//! Devices that are only counted, rounded so that nobody can be made out.

use crate::chrome::{Chrome, csv_file, html};
use crate::failure::Failure;
use crate::format;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use rundgang_store::views::counters::CounterLine;

#[derive(Template)]
#[template(path = "counters.html")]
struct Page {
    c: Chrome,
    school: i64,
    lines: Vec<CounterLine>,
}

fn shown(count: &Option<u32>) -> String {
    count.map_or_else(|| "–".to_owned(), format::counter)
}

impl Page {
    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn rounded(&self, count: &Option<u32>) -> String {
        shown(count)
    }
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
) -> Result<Response, Failure> {
    let now = visit.now;
    let (entered, lines) =
        web.ask(move |traeger| Ok((traeger.school(school)?, traeger.counter_lines(school, now)?))).await?;
    let c = Chrome::new(&visit, visit.language.text("counters-title"))
        .lead(visit.language.text("counters-lead"))
        .of_school(&entered, "counters");
    html(&Page { c, school, lines })
}

pub(crate) async fn csv(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
) -> Result<Response, Failure> {
    let now = visit.now;
    let lines = web.ask(move |traeger| traeger.counter_lines(school, now)).await?;
    let c = Chrome::new(&visit, String::new());
    let header: Vec<String> =
        ["column-segment", "column-kind", "column-peak-week", "column-peak-month", "column-last-day"]
            .iter()
            .map(|key| c.t(key))
            .collect();
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            vec![
                line.segment.clone(),
                c.word("counted", &line.kind),
                shown(&line.week),
                shown(&line.month),
                line.last.date(),
            ]
        })
        .collect();
    Ok(csv_file("zaehler.csv", &header, &rows))
}
