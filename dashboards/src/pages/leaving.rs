//! A school leaves: its whole book as one file to take along, and deleting it here.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::leaving::school_file;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "leaving.html")]
struct Page {
    c: Chrome,
    action: String,
    /// What the school is called.
    name: String,
    /// What was typed instead.
    given: String,
    refused: Option<String>,
}

async fn shown(web: &WebState, visit: &Visit, school: i64, given: Option<String>) -> Result<Page, Failure> {
    let entered = web.ask(move |traeger| traeger.school(school)).await?;
    let refused = given.as_ref().map(|_| visit.language.text("leaving-other-name"));
    let mut c = Chrome::new(visit, visit.language.text("leaving-title"))
        .lead(visit.language.text("leaving-lead"))
        .of_school(&entered, "facts")
        .crumb(visit.language.text("facts-title"), format!("/schule/{school}/stammdaten"));
    if let Some(why) = &refused {
        c = c.refused(why.clone());
    }
    let action = format!("/schule/{school}/mitnehmen");
    Ok(Page { c, action, name: entered.entered.name, given: given.unwrap_or_default(), refused })
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
) -> Result<Response, Failure> {
    html(&shown(&web, &visit, school, None).await?)
}

pub(crate) async fn file(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
) -> Result<Response, Failure> {
    let (language, now) = (visit.language, visit.now);
    let made = web
        .ask(move |traeger| {
            traeger.school(school)?;
            Ok(school_file(traeger, school, language, now))
        })
        .await?;
    let bytes = made.map_err(|error| Failure::Broken(error.to_string()))?;
    let name = format!("attachment; filename=\"schule-{school}-{}.zip\"", now.date());
    let headers = [("content-type", "application/zip".to_owned()), ("content-disposition", name)];
    Ok((headers, bytes).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    csrf: String,
    #[serde(default)]
    name: String,
}

pub(crate) async fn remove(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    check_form(&visit, &asked.csrf)?;
    let (who, now, name) = (visit.author(), visit.now, asked.name.clone());
    match web.ask(move |traeger| traeger.remove_school(school, &name, &who, now)).await {
        Ok(_) => Ok(Redirect::to("/?ok=school-removed").into_response()),
        Err(Failure::Unfit(_)) => {
            let page = shown(&web, &visit, school, Some(asked.name)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
        }
        Err(failure) => Err(failure),
    }
}
