//! The register of a school as a list and as a table to take away.

use super::form::{Input, dashed, in_words, inputs, values};
use crate::chrome::{Chrome, csv_file, html};
use crate::failure::Failure;
use crate::pages::paging::Paging;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use rundgang_store::Traeger;
use rundgang_store::views::register::{SystemFilter, SystemLine};
use rundgang_store::views::slices::PART;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    kind: String,
    /// Only what lacks something.
    #[serde(default)]
    luecken: String,
    /// The line behind which the part begins.
    #[serde(default)]
    nach: String,
    ok: Option<String>,
}

impl Asked {
    fn pairs(&self) -> [(&'static str, &str); 3] {
        [("q", &self.q), ("kind", &self.kind), ("luecken", &self.luecken)]
    }
}

#[derive(Template)]
#[template(path = "register.html")]
struct ListPage {
    c: Chrome,
    school: i64,
    lines: Vec<SystemLine>,
    kinds: Vec<(String, String)>,
    asked: Asked,
    /// How many the filter lets through, and how many of them lack something.
    count: (usize, usize),
    undocumented: usize,
    paging: Paging,
}

impl ListPage {
    fn has_any(&self) -> bool {
        !self.lines.is_empty() || self.asked.pairs().iter().any(|(_, value)| !value.is_empty())
    }
}

pub(crate) async fn list(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (after, now) = (asked.nach.clone(), visit.now);
    let filter =
        SystemFilter { text: asked.q.clone(), kind: asked.kind.clone(), lacking: !asked.luecken.is_empty() };
    let (entered, slice, count, known, undocumented) = web
        .ask(move |traeger| {
            let slice = traeger.system_slice(school, &filter, &after, PART)?;
            let count = traeger.system_count(school, &filter)?;
            let found = traeger.disagreement(school, now)?.found;
            Ok((traeger.school(school)?, slice, count, traeger.system_kinds(school)?, found))
        })
        .await?;
    let c = Chrome::new(&visit, visit.language.text("register-title"))
        .lead(visit.language.text("register-lead"))
        .told(asked.ok.as_deref())
        .of_school(&entered, "register");
    let mut kinds: Vec<(String, String)> =
        known.into_iter().map(|kind| (kind.clone(), c.word("kind", &kind))).collect();
    kinds.sort_by_key(|(_, words)| words.to_lowercase());
    let path = format!("/schule/{school}/register");
    let paging = Paging::new(&path, &asked.pairs(), &asked.nach, slice.next.as_deref());
    html(&ListPage { c, school, lines: slice.lines, kinds, asked, count, undocumented, paging })
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
