//! What the Träger settles for all of its schools: where reports on its mail go.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::pages::Done;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "settings.html")]
struct Page {
    c: Chrome,
    address: String,
    refused: Option<String>,
}

fn frame(visit: &Visit, told: Option<&str>) -> Chrome {
    Chrome::new(visit, visit.language.text("settings-title"))
        .crumb(visit.language.text("nav-schools"), "/".to_owned())
        .lead(visit.language.text("settings-lead"))
        .section("settings")
        .told(told)
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Query(told): Query<Done>,
) -> Result<Response, Failure> {
    let address = web.ask(rundgang_store::Traeger::report_address).await?.unwrap_or_default();
    html(&Page { c: frame(&visit, told.ok.as_deref()), address, refused: None })
}

#[derive(Debug, Deserialize)]
pub(crate) struct Settled {
    csrf: String,
    #[serde(default)]
    address: String,
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Form(settled): Form<Settled>,
) -> Result<Response, Failure> {
    check_form(&visit, &settled.csrf)?;
    let (who, now, address) = (visit.author(), visit.now, settled.address.clone());
    let saved = web.ask(move |traeger| traeger.set_report_address(&address, &who, now)).await;
    match saved {
        Ok(()) => Ok(Redirect::to("/einstellungen?ok=settings").into_response()),
        Err(Failure::Unfit(_)) => {
            let why = visit.language.text("error-report-address");
            let c = frame(&visit, None).refused(why.clone());
            let page = Page { c, address: settled.address, refused: Some(why) };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
        }
        Err(failure) => Err(failure),
    }
}
