//! The book of a school as a file: readable lists as a workbook or as JSON, and the Strukturanalyse.

use crate::book::{Sheet, sheets, workbook};
use crate::failure::Failure;
use crate::structure;
use crate::web::{Visit, WebState};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json};

/// The lists as JSON: by name, each row with its headings.
fn json(sheets: &[Sheet]) -> String {
    let row = |sheet: &Sheet, cells: &Vec<String>| {
        let pairs = sheet.header.iter().cloned().zip(cells.iter().cloned().map(Json::from));
        Json::Object(pairs.collect())
    };
    let lists: Map<String, Json> = sheets
        .iter()
        .map(|sheet| (sheet.name.to_owned(), sheet.rows.iter().map(|cells| row(sheet, cells)).collect()))
        .collect();
    Json::Object(lists).to_string()
}

pub(crate) async fn file(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, form)): Path<(i64, String)>,
) -> Result<Response, Failure> {
    let (language, now) = (visit.language, visit.now);
    let broken = |error: crate::book::BookError| Failure::Broken(error.to_string());
    let all = async || {
        web.ask(move |traeger| {
            traeger.school(school)?;
            Ok(sheets(traeger, Some(school), language))
        })
        .await?
        .map_err(broken)
    };
    let (media, name, bytes) = match form.as_str() {
        "xlsx" => {
            let book = workbook(&all().await?).map_err(|error| broken(error.into()))?;
            (crate::report::Form::Xlsx.media_type(), "buch", book)
        }
        "json" => ("application/json", "buch", json(&all().await?).into_bytes()),
        "csv" => {
            let table = web.ask(move |traeger| structure::table(Some(traeger), Some(school), now)).await?;
            ("text/csv; charset=utf-8", "strukturanalyse", table.into_bytes())
        }
        _ => return Err(Failure::NotFound),
    };
    let name = format!("attachment; filename=\"{name}-{school}-{}.{form}\"", now.date());
    Ok(([("content-type", media.to_owned()), ("content-disposition", name)], bytes).into_response())
}
