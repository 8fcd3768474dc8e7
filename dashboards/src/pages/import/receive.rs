//! Receiving the file of a list.

use super::refused;
use crate::drafts::Draft;
use crate::failure::Failure;
use crate::received;
use crate::web::{Visit, WebState, secret};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::lists::Mapping;
use std::sync::Arc;

/// Letters of a file's name that are kept.
const LONGEST_NAME: usize = 120;

/// Receives a file, and leads on to what it comes to.
pub(crate) async fn receive(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    request: Request,
) -> Result<Response, Failure> {
    // For a school that is not there nothing is received.
    web.ask(move |traeger| traeger.school(school).map(drop)).await?;
    let Some(sent) = received::receive(&web, &visit, request).await? else {
        let page = refused(&web, &visit, school, "unread-large").await?;
        return Ok((StatusCode::PAYLOAD_TOO_LARGE, page).into_response());
    };
    let Some((name, bytes)) = sent.file else {
        return refused(&web, &visit, school, "import-no-file").await;
    };
    // A path that some browsers send along is nobody's business.
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let draft = Draft {
        school,
        owner: visit.owner(),
        file: name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect(),
        bytes: Arc::new(bytes),
        sheet: None,
        said: Mapping::default(),
        until: visit.now,
    };
    let id = secret()?;
    web.with_drafts(|drafts| drafts.keep(&id, draft, visit.now));
    Ok(Redirect::to(&format!("/schule/{school}/einlesen?entwurf={id}")).into_response())
}
