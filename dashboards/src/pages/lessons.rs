//! Learning from a documented device: accepting on the page of a device that presents itself the same way.

use crate::failure::Failure;
use crate::guard::check_form;
use crate::web::{Visit, WebState};
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_store::{ProposedLesson, Result, Traeger};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    csrf: String,
    /// The documented system whose lesson is accepted.
    system: i64,
    /// The device on whose page it was proposed.
    asset: i64,
}

/// What would name this device, where a documented one could.
pub(crate) fn proposal(traeger: &Traeger, school: i64, asset: i64) -> Result<Option<ProposedLesson>> {
    traeger.lesson_for(school, asset)
}

pub(crate) async fn accept(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(answer): Form<Answer>,
) -> std::result::Result<Response, Failure> {
    check_form(&visit, &answer.csrf)?;
    let (who, now) = (visit.author(), visit.now);
    web.ask(move |traeger| traeger.accept_lesson(school, answer.system, &who, now)).await?;
    Ok(Redirect::to(&format!("/schule/{school}/geraet/{}?ok=learned", answer.asset)).into_response())
}
