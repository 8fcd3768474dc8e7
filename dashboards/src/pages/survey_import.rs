//! A survey file of the Träger's own on its way into the book: sent, checked with line and reason, and listed with the others.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::received;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::survey::{Survey, survey as shipped};

#[derive(Template)]
#[template(path = "survey_import.html")]
struct Page {
    c: Chrome,
    why: Option<Why>,
}

/// What is wrong with what was sent.
struct Why {
    text: String,
    /// Reasons with the line in the file are in English on every page: so is the language of the file.
    is_english: bool,
}

impl Why {
    fn own(visit: &Visit, key: &str) -> Option<Self> {
        Some(Self { text: visit.language.text(key), is_english: false })
    }

    const fn of_file(text: String) -> Option<Self> {
        Some(Self { text, is_english: true })
    }
}

fn shown(visit: &Visit, why: Option<Why>) -> Result<Response, Failure> {
    let mut c = Chrome::new(visit, visit.language.text("survey-import-title"))
        .lead(visit.language.text("survey-import-lead"))
        .section("surveys")
        .crumb(visit.language.text("surveys-title"), "/umfragen".to_owned());
    let status = if why.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    if why.is_some() {
        c = c.refused(visit.language.text("survey-import-refused"));
    }
    Ok((status, html(&Page { c, why })?).into_response())
}

pub(crate) async fn page(visit: Visit) -> Result<Response, Failure> {
    shown(&visit, None)
}

pub(crate) async fn receive(
    State(web): State<WebState>,
    visit: Visit,
    request: Request,
) -> Result<Response, Failure> {
    let Some(sent) = received::receive(&web, &visit, request).await? else {
        return shown(&visit, Why::own(&visit, "survey-import-large"));
    };
    let Some((_, octets)) = sent.file else {
        return shown(&visit, Why::own(&visit, "survey-import-none"));
    };
    let text = match Survey::text(octets) {
        Ok(text) => text,
        Err(error) => return shown(&visit, Why::of_file(error.to_string())),
    };
    let (who, now) = (visit.author(), visit.now);
    match web.ask(move |traeger| traeger.import_survey(&text, &who, now)).await {
        Ok(survey) => {
            let done = if shipped(&survey.id).is_some() { "survey-replaces" } else { "survey-imported" };
            Ok(Redirect::to(&format!("/umfragen?ok={done}")).into_response())
        }
        Err(Failure::Unfit(why)) => shown(&visit, Why::of_file(why)),
        Err(failure) => Err(failure),
    }
}
