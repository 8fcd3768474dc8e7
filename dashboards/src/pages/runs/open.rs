//! Opening a survey: for which schools, for which day, until when.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::pages::surveys::own_survey;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::Timestamp;
use rundgang_store::Run;
use serde::Deserialize;
use std::collections::BTreeSet;

/// A school that may be chosen.
struct Choice {
    id: i64,
    name: String,
    kind: String,
    is_example: bool,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "run_open.html")]
struct Page {
    c: Chrome,
    action: String,
    schools: Vec<Choice>,
    as_of: String,
    due: String,
    /// A run of this survey that was not submitted yet, and its reference date.
    open: Option<(i64, String)>,
    /// The field that was refused, and why.
    refused: Option<(&'static str, String)>,
}

impl Page {
    /// Why a field was refused.
    fn error(&self, field: &str) -> Option<&str> {
        self.refused.as_ref().filter(|(at, _)| *at == field).map(|(_, why)| why.as_str())
    }
}

/// What was filled in.
#[derive(Default)]
struct Filled {
    schools: BTreeSet<i64>,
    as_of: String,
    due: String,
}

pub(crate) async fn blank(
    State(web): State<WebState>,
    visit: Visit,
    Path(survey): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Failure> {
    html(&shown(&web, &visit, &survey, chosen, None).await?)
}

/// Which schools are chosen before anybody has chosen.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Chosen {
    /// `alle` or `keine`; left out, every school that is no example.
    wahl: Option<String>,
}

async fn shown(
    web: &WebState,
    visit: &Visit,
    id: &str,
    chosen: Chosen,
    filled: Option<&Filled>,
) -> Result<Page, Failure> {
    let name = id.to_owned();
    let (survey, schools, runs) = web
        .ask(move |traeger| Ok((own_survey(traeger, &name)?, traeger.schools()?, traeger.runs()?)))
        .await?;
    let is_open = |run: &&Run| run.survey.id == survey.id && run.submitted.is_none();
    let open = runs.iter().find(is_open).map(|run| (run.id, run.as_of));
    let only_examples = schools.iter().all(|school| school.entered.is_example);
    let choice = |school: rundgang_store::School| Choice {
        id: school.id,
        chosen: match filled {
            Some(filled) => filled.schools.contains(&school.id),
            None if chosen.wahl.as_deref() == Some("keine") => false,
            None if chosen.wahl.as_deref() == Some("alle") => true,
            // An invented school answers only where there is no other.
            None => only_examples || !school.entered.is_example,
        },
        name: school.entered.name,
        kind: school.entered.kind,
        is_example: school.entered.is_example,
    };
    let mut schools: Vec<Choice> = schools.into_iter().map(choice).collect();
    schools.sort_by(|a, b| a.name.cmp(&b.name));
    let c = Chrome::new(visit, visit.language.text("run-open-title"))
        .lead(survey.title.get(visit.language.code()).to_owned())
        .section("surveys")
        .crumb(visit.language.text("surveys-title"), "/umfragen".to_owned());
    Ok(Page {
        as_of: filled.map_or_else(|| c.day(&visit.now), |filled| filled.as_of.clone()),
        due: filled.map(|filled| filled.due.clone()).unwrap_or_default(),
        action: format!("/umfrage/{id}/eroeffnen"),
        open: open.map(|(run, as_of)| (run, c.date(&as_of))),
        refused: None,
        schools,
        c,
    })
}

pub(crate) async fn create(
    State(web): State<WebState>,
    visit: Visit,
    Path(survey): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let all = |name: &'static str| {
        pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    };
    let one = |name| all(name).next().unwrap_or_default().to_owned();
    check_form(&visit, &one("csrf"))?;
    let filled = Filled {
        schools: all("school").filter_map(|number| number.parse().ok()).collect(),
        as_of: one("as_of"),
        due: one("due"),
    };
    let (field, key) = match days(&filled) {
        Ok((as_of, due)) => {
            let (now, who, name) = (visit.now, visit.author(), survey.clone());
            let schools: Vec<i64> = filled.schools.iter().copied().collect();
            let opened =
                web.ask(move |traeger| traeger.open_run(&name, as_of, due, &schools, &who, now)).await;
            match opened {
                Ok(run) => return Ok(Redirect::to(&format!("/umfragelauf/{run}?ok=opened")).into_response()),
                Err(Failure::Refused(key)) => ("due", key),
                Err(failure) => return Err(failure),
            }
        }
        Err(refused) => refused,
    };
    let mut page = shown(&web, &visit, &survey, Chosen::default(), Some(&filled)).await?;
    let why = visit.language.text(key);
    page.c = page.c.refused(why.clone());
    page.refused = Some((field, why));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}

/// The reference date and the last day; what cannot be taken comes with its field and the key of the reason.
fn days(filled: &Filled) -> Result<(Timestamp, Option<Timestamp>), (&'static str, &'static str)> {
    if filled.schools.is_empty() {
        return Err(("school", "error-no-school"));
    }
    let as_of = Timestamp::parse_date(&filled.as_of).ok_or(("as_of", "error-date"))?;
    let due = match filled.due.as_str() {
        "" => None,
        day => Some(Timestamp::parse_date(day).ok_or(("due", "error-date"))?),
    };
    Ok((as_of, due))
}
