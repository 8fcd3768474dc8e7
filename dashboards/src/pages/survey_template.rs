//! Filling an issuer's own workbook on a page: the file is sent, filled, and handed back; it is kept nowhere.

use super::survey_files::download;
use super::surveys::Asked;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::received;
use crate::report::{Form, Loaded, TemplateError, load, load_frozen, load_part, name_of};
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::Survey;
use rundgang_store::{School, Traeger};

/// Whose answers are filled in.
#[derive(Clone)]
enum Place {
    /// A survey of a school or of the Träger.
    Survey(Option<i64>, String),
    /// The part of a school in a survey that the Träger opened.
    Part(i64, i64),
}

/// What stands at a place.
struct Found {
    school: Option<School>,
    survey: Survey,
    loaded: Loaded,
}

#[derive(Template)]
#[template(path = "survey_template.html")]
struct Page {
    c: Chrome,
    action: String,
    back: String,
    /// The name of the cell of the first question.
    example: String,
    why: Option<String>,
}

impl Place {
    fn base(&self) -> String {
        match self {
            Self::Survey(Some(school), survey) => format!("/schule/{school}/umfrage/{survey}"),
            Self::Survey(None, survey) => format!("/umfrage/{survey}"),
            Self::Part(school, run) => format!("/schule/{school}/umfragelauf/{run}"),
        }
    }

    fn find(
        &self,
        traeger: &Traeger,
        day: Option<Timestamp>,
        now: Timestamp,
    ) -> rundgang_store::Result<Found> {
        match self {
            Self::Survey(school, id) => {
                let survey = match school {
                    Some(_) => super::surveys::own_survey(traeger, id)?,
                    None => super::traeger_surveys::traeger_survey(traeger, id)?,
                };
                let loaded = load(traeger, &survey, *school, day, now)?;
                Ok(Found { school: school.map(|school| traeger.school(school)).transpose()?, survey, loaded })
            }
            Self::Part(school, run) => {
                let run = traeger.run(*run)?;
                let loaded = match traeger.frozen_of_part(run.id, *school)? {
                    Some(frozen) => load_frozen(&run, &frozen),
                    None => {
                        traeger.part(run.id, *school)?;
                        load_part(traeger, &run, *school, now)?
                    }
                };
                Ok(Found { school: Some(traeger.school(*school)?), survey: run.survey, loaded })
            }
        }
    }
}

/// The page, with why a workbook was refused.
fn page(
    visit: &Visit,
    place: &Place,
    found: &Found,
    day: &str,
    why: Option<String>,
) -> Result<Response, Failure> {
    let (title, base) = (found.survey.title.get(visit.language.code()).to_owned(), place.base());
    let day = if day.is_empty() { String::new() } else { format!("?stichtag={day}") };
    let mut c = Chrome::new(visit, visit.language.text("template-title")).lead(title.clone());
    c = match &found.school {
        Some(school) => c
            .of_school(school, "surveys")
            .crumb(visit.language.text("surveys-title"), format!("/schule/{}/umfragen", school.id)),
        None => c.section("surveys").crumb(visit.language.text("surveys-title"), "/umfragen".to_owned()),
    };
    c = c.crumb(title, format!("{base}{day}"));
    let status = if why.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    if let Some(why) = &why {
        c = c.refused(why.clone());
    }
    let example = found.survey.questions.first().map(name_of).unwrap_or_default();
    let (action, back) = (format!("{base}/vordruck{day}"), format!("{base}{day}"));
    Ok((status, html(&Page { c, action, back, example, why })?).into_response())
}

async fn show(web: &WebState, visit: &Visit, place: Place, asked: &Asked) -> Result<Response, Failure> {
    let (now, day, here) = (visit.now, asked.day()?, place.clone());
    let found = web.ask(move |traeger| here.find(traeger, day, now)).await?;
    page(visit, &place, &found, asked.written_day(), None)
}

async fn fill(
    web: &WebState,
    visit: &Visit,
    place: Place,
    asked: &Asked,
    request: Request,
) -> Result<Response, Failure> {
    let sent = received::receive(web, visit, request).await?;
    let (now, day, language, here) = (visit.now, asked.day()?, visit.language, place.clone());
    let turn = web.turn_at_reading().await?;
    let (found, filled) = web
        .ask(move |traeger| {
            let _turn = turn;
            let found = here.find(traeger, day, now)?;
            let filled = match sent.map(|sent| sent.file) {
                None => Err(TemplateError::Large.told(language)),
                Some(None) => Err(language.text("template-no-file")),
                Some(Some((_, bytes))) => found
                    .loaded
                    .fill(language, &found.survey, now, &bytes)
                    .map_err(|refused| refused.told(language)),
            };
            Ok((found, filled))
        })
        .await?;
    match filled {
        Err(why) => page(visit, &place, &found, asked.written_day(), Some(why)),
        Ok(filled) => {
            let name = format!("{}-{}-vordruck.xlsx", found.survey.id, found.loaded.as_of.date());
            Ok(download(Form::Xlsx, &name, filled.bytes))
        }
    }
}

/// The form for a survey of a school.
pub(crate) async fn of_school(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, survey)): Path<(i64, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    show(&web, &visit, Place::Survey(Some(school), survey), &asked).await
}

/// Fills it for a survey of a school.
pub(crate) async fn fill_of_school(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, survey)): Path<(i64, String)>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result<Response, Failure> {
    fill(&web, &visit, Place::Survey(Some(school), survey), &asked, request).await
}

/// The form for a survey of the Träger.
pub(crate) async fn of_traeger(
    State(web): State<WebState>,
    visit: Visit,
    Path(survey): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    show(&web, &visit, Place::Survey(None, survey), &asked).await
}

/// Fills it for a survey of the Träger.
pub(crate) async fn fill_of_traeger(
    State(web): State<WebState>,
    visit: Visit,
    Path(survey): Path<String>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result<Response, Failure> {
    fill(&web, &visit, Place::Survey(None, survey), &asked, request).await
}

/// The form for the part of a school, submitted or not.
pub(crate) async fn of_part(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, run)): Path<(i64, i64)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    show(&web, &visit, Place::Part(school, run), &asked).await
}

/// Fills it for the part of a school.
pub(crate) async fn fill_of_part(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, run)): Path<(i64, i64)>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result<Response, Failure> {
    fill(&web, &visit, Place::Part(school, run), &asked, request).await
}
