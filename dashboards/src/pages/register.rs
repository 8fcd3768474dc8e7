//! The register: what people know of their systems; edited with a version so that nobody overwrites anybody.

mod form;
mod list;
mod page;

pub(super) use form::kinds;
pub(crate) use list::{csv, list};
pub(super) use page::change_shown;

use super::Done;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::secrets;
use crate::web::{Visit, WebState};
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use form::{Filled, dashed, system, values};
use page::edit_page;
use rundgang_store::views::assets::AssetLine;
use rundgang_store::{AuditEntry, DocumentedSystem, Question, Room};
use serde::Deserialize;

/// What a form needs beside what was filled in.
struct Around {
    school: rundgang_store::School,
    rooms: Vec<Room>,
    seen: Option<AssetLine>,
    log: Vec<AuditEntry>,
    questions: Vec<Question>,
    /// What stands there now.
    current: Option<DocumentedSystem>,
}

async fn around(
    web: &WebState,
    school: i64,
    id: i64,
    asset: Option<i64>,
    now: rundgang_inventory::Timestamp,
) -> Result<Around, Failure> {
    web.ask(move |traeger| {
        let current = if id == 0 { None } else { Some(traeger.system(id)?) };
        if current.as_ref().is_some_and(|system| system.school != school) {
            return Err(rundgang_store::Error::NotFound(format!("system {id}")));
        }
        let asset = if asset.is_none() && id != 0 { traeger.device_of_system(id)? } else { asset };
        // The device may be gone or merged; the register entry stays as it is.
        let seen = asset.and_then(|asset| traeger.asset_page(school, asset, now).ok()).map(|page| page.line);
        let log = if id == 0 { Vec::new() } else { traeger.audit_log(&format!("system {id}"))? };
        let questions = if id == 0 { Vec::new() } else { traeger.questions_about(school, id)? };
        let (school, rooms) = (traeger.school(school)?, traeger.rooms(school)?);
        Ok(Around { school, rooms, seen, log, questions, current })
    })
    .await
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct From {
    asset: Option<i64>,
    #[serde(default)]
    domain: String,
}

pub(crate) async fn blank(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(from): Query<From>,
) -> Result<Response, Failure> {
    let around = around(&web, school, 0, from.asset, visit.now).await?;
    let mut filled = around.seen.as_ref().map(|line| prefilled(&visit, line)).unwrap_or_default();
    filled.entry("status".to_owned()).or_insert_with(|| "in-use".to_owned());
    filled.entry("domain".to_owned()).or_insert(from.domain);
    html(&edit_page(&visit, around, &filled, None))
}

/// What the machine knows of a device, as a first entry of the register.
fn prefilled(visit: &Visit, line: &AssetLine) -> Filled {
    let c = Chrome::new(visit, String::new());
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let model = line.product();
    let name = match (&line.hostname, model.is_empty()) {
        (Some(hostname), _) => hostname.clone(),
        (None, false) => model.clone(),
        (None, true) => format!("{} {}", c.kind(&line.kind), line.ip),
    };
    [
        ("name", name),
        ("kind", text(&line.kind)),
        ("purpose", model),
        ("serial", text(&line.serial)),
        ("mac", text(&line.mac)),
        ("segment", line.segment.clone()),
        ("asset", line.id.to_string()),
        ("status", "in-use".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// What the machine knows of a device as an entry of the register.
pub(super) fn entry_of(visit: &Visit, line: &AssetLine, school: i64) -> Result<DocumentedSystem, Failure> {
    system(&prefilled(visit, line), school)
}

pub(crate) async fn create(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(mut filled): Form<Filled>,
) -> Result<Response, Failure> {
    check_form(&visit, filled.get("csrf").map_or("", String::as_str))?;
    let asset = filled.get("asset").and_then(|text| text.parse::<i64>().ok());
    if filled.get("click").is_some_and(|click| click == "one") {
        // One click: what the machine knows becomes the entry, a person completes it.
        let around = around(&web, school, 0, asset, visit.now).await?;
        let line = around.seen.ok_or(Failure::NotFound)?;
        if let Some((id, _)) = line.system {
            // The second of two clicks leads to what the first one made.
            return Ok(Redirect::to(&format!("/schule/{school}/register/{id}")).into_response());
        }
        filled = prefilled(&visit, &line);
    }
    filled.remove("id");
    write(&web, &visit, school, filled).await
}

pub(crate) async fn edit(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, i64)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let around = around(&web, school, id, None, visit.now).await?;
    let filled = around.current.as_ref().map(values).ok_or(Failure::NotFound)?;
    let mut page = edit_page(&visit, around, &filled, None);
    page.c = page.c.told(done.ok.as_deref());
    html(&page)
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, i64)>,
    Form(mut filled): Form<Filled>,
) -> Result<Response, Failure> {
    check_form(&visit, filled.get("csrf").map_or("", String::as_str))?;
    filled.insert("id".to_owned(), id.to_string());
    write(&web, &visit, school, filled).await
}

/// Writes what was filled in; where that is refused, the form comes back as it was with the reason.
async fn write(web: &WebState, visit: &Visit, school: i64, filled: Filled) -> Result<Response, Failure> {
    let id = filled.get("id").and_then(|id| id.parse::<i64>().ok()).unwrap_or(0);
    let (now, who) = (visit.now, visit.author());
    let secret = filled.iter().find(|(_, text)| secrets::refuse([text.as_str()]).is_err());
    let checked = match secret {
        Some((field, _)) => Err(Failure::Field(field.clone(), "error-secret")),
        None => system(&filled, school),
    };
    let entered = checked.as_ref().ok().cloned();
    let written = match checked {
        Ok(system) => {
            web.ask(move |traeger| {
                if system.id != 0 && traeger.system(system.id)?.school != school {
                    return Err(rundgang_store::Error::NotFound(format!("system {}", system.id)));
                }
                if system.id == 0 {
                    traeger.document(&system, &who, now)
                } else {
                    traeger.save_system(&system, &who, now)
                }
            })
            .await
        }
        Err(refused) => Err(refused),
    };
    let failure = match written {
        Ok(saved) => {
            let told = if id == 0 { "documented" } else { "saved" };
            return Ok(Redirect::to(&format!("/schule/{school}/register/{saved}?ok={told}")).into_response());
        }
        Err(Failure::NotFound) => return Err(Failure::NotFound),
        Err(Failure::Broken(cause)) => return Err(Failure::Broken(cause)),
        Err(failure) => failure,
    };
    let asset = filled.get("asset").and_then(|text| text.parse::<i64>().ok());
    let conflict = matches!(failure, Failure::Conflict | Failure::Field(_, "error-documented"));
    let mut page = edit_page(visit, around(web, school, id, asset, now).await?, &filled, Some(&failure));
    if let Some(system) = entered.filter(|_| matches!(failure, Failure::Field(_, "error-documented"))) {
        page.documented = web.ask(move |traeger| traeger.entry_of_device(&system)).await?;
    }
    let mut message = visit.language.text(failure.key());
    if let Failure::Unfit(reason) = &failure {
        message = format!("{message} ({reason})");
    }
    if let Failure::Field(field, _) = &failure
        && field != "asset"
    {
        message = format!("{}: {message}", page.c.t(&format!("field-{}", dashed(field))));
    }
    page.c = page.c.refused(message);
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, html(&page)?).into_response())
}

pub(crate) async fn remove(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, i64)>,
    Form(filled): Form<Filled>,
) -> Result<Response, Failure> {
    check_form(&visit, filled.get("csrf").map_or("", String::as_str))?;
    let version =
        filled.get("version").and_then(|text| text.parse().ok()).ok_or(Failure::Refused("error-unfit"))?;
    let (now, who) = (visit.now, visit.author());
    web.ask(move |traeger| {
        if traeger.system(id)?.school != school {
            return Err(rundgang_store::Error::NotFound(format!("system {id}")));
        }
        traeger.delete_system(id, version, &who, now)
    })
    .await?;
    Ok(Redirect::to(&format!("/schule/{school}/register?ok=deleted")).into_response())
}
