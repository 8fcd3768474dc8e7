//! The register of a school as a list and as a table to take away.

use super::form::{Input, dashed, in_words, inputs, values};
use crate::chrome::{Chrome, csv_file, html};
use crate::failure::Failure;
use crate::pages::Done;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use rundgang_store::Traeger;
use rundgang_store::views::register::SystemLine;

#[derive(Template)]
#[template(path = "register.html")]
struct ListPage {
    c: Chrome,
    school: i64,
    lines: Vec<SystemLine>,
    undocumented: usize,
}

impl ListPage {
    fn gaps(&self) -> usize {
        self.lines.iter().filter(|line| line.status == "in-use" && !line.lacks().is_empty()).count()
    }
}

pub(crate) async fn list(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let (entered, lines, undocumented) = web
        .ask(move |traeger| {
            let filter =
                rundgang_store::views::assets::AssetFilter { undocumented: true, ..Default::default() };
            let undocumented = traeger.asset_lines(school, &filter)?.len();
            Ok((traeger.school(school)?, traeger.system_lines(school)?, undocumented))
        })
        .await?;
    let c = Chrome::new(&visit, visit.language.text("register-title"))
        .lead(visit.language.text("register-lead"))
        .told(done.ok.as_deref())
        .of_school(&entered, "register");
    html(&ListPage { c, school, lines, undocumented })
}

pub(crate) async fn csv(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
) -> Result<Response, Failure> {
    let asked = move |traeger: &Traeger| {
        // A school that is not there has no register, not an empty one.
        traeger.school(school)?;
        Ok((traeger.systems(school)?, traeger.rooms(school)?))
    };
    let (systems, rooms) = web.ask(asked).await?;
    let c = Chrome::new(&visit, String::new());
    let names: Vec<Input> = inputs().collect();
    let header: Vec<String> =
        names.iter().map(|input| c.t(&format!("field-{}", dashed(input.name)))).collect();
    let rows = systems
        .iter()
        .map(|system| {
            let values = values(system);
            let cell = |input: &Input| {
                in_words(&c, *input, values.get(input.name).map_or("", String::as_str), &rooms)
            };
            names.iter().map(cell).collect()
        })
        .collect::<Vec<Vec<String>>>();
    Ok(csv_file("register.csv", &header, &rows))
}
