//! The answers to a survey as a file: table, workbook, paper, plain text, lines of JSON.

use super::surveys::Asked;
use crate::failure::Failure;
use crate::report::{Form, load};
use crate::web::{Visit, WebState};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};

/// Of one school.
pub(crate) async fn of_school(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id, form)): Path<(i64, String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    file(&web, &visit, Some(school), id, &form, &asked).await
}

/// Of the Träger.
pub(crate) async fn of_traeger(
    State(web): State<WebState>,
    visit: Visit,
    Path((id, form)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    file(&web, &visit, None, id, &form, &asked).await
}

/// The table alone, under the address it always had.
pub(crate) async fn csv_of_school(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, String)>,
) -> Result<Response, Failure> {
    file(&web, &visit, Some(school), id, "csv", &Asked::default()).await
}

/// The table of the Träger alone.
pub(crate) async fn csv_of_traeger(
    State(web): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    file(&web, &visit, None, id, "csv", &Asked::default()).await
}

async fn file(
    web: &WebState,
    visit: &Visit,
    school: Option<i64>,
    id: String,
    form: &str,
    asked: &Asked,
) -> Result<Response, Failure> {
    let form = Form::parse(form).ok_or(Failure::NotFound)?;
    let (now, day, language) = (visit.now, asked.day()?, visit.language);
    let bytes = web
        .ask(move |traeger| {
            let survey = match school {
                Some(_) => super::surveys::own_survey(traeger, &id)?,
                None => super::traeger_surveys::traeger_survey(traeger, &id)?,
            };
            let loaded = load(traeger, &survey, school, day, now)?;
            let name = format!("{}-{}.{}", survey.id, loaded.as_of.date(), form.extension());
            Ok(loaded.file(language, &survey, now, form).map(|bytes| (name, bytes)))
        })
        .await?;
    let (name, bytes) = bytes.map_err(|error| Failure::Broken(error.to_string()))?;
    Ok(download(form, &name, bytes))
}

/// A file to take away.
pub(super) fn download(form: Form, name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        ("content-type", form.media_type().to_owned()),
        ("content-disposition", format!("attachment; filename=\"{name}\"")),
    ];
    (headers, bytes).into_response()
}
