//! Receiving the file of a list: a form with a file in it, of which never more than a list has is kept.

use super::refused;
use crate::drafts::Draft;
use crate::failure::Failure;
use crate::guard::check_form;
use crate::lists::LARGEST;
use crate::multipart::{boundary, read};
use crate::web::{Visit, WebState, secret};
use axum::body::{Body, HttpBody as _};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::lists::Mapping;
use std::{future::poll_fn, pin::Pin, sync::Arc};

/// Octets of the form around the file.
pub(crate) const AROUND: usize = 64 << 10;
/// Octets that are received and thrown away, so that a browser that sends too much still reads why it was refused.
/// Whoever sends more is cut off.
const THROWN_AWAY: usize = 512 << 20;
/// Letters of a file's name that are kept.
const LONGEST_NAME: usize = 120;

/// Receives a file, and leads on to what it comes to.
pub(crate) async fn receive(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    request: Request,
) -> Result<Response, Failure> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let boundary = kind.and_then(boundary).ok_or(Failure::Forged)?;
    let most = usize::try_from(LARGEST).unwrap_or(usize::MAX).saturating_add(AROUND);
    let _place = web.place_for_receiving()?;
    let Some(body) = collected(request.into_body(), most).await? else {
        let page = refused(&web, &visit, school, "unread-large").await?;
        return Ok((StatusCode::PAYLOAD_TOO_LARGE, page).into_response());
    };
    let sent = read(&body, &boundary).ok_or(Failure::Refused("error-unfit"))?;
    check_form(&visit, sent.fields.get("csrf").map_or("", String::as_str))?;
    let Some((name, bytes)) = sent.file.filter(|(_, bytes)| !bytes.is_empty()) else {
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

/// A body of at most so many octets; `None` for a larger one, of which nothing is kept.
pub(crate) async fn collected(mut body: Body, most: usize) -> Result<Option<Vec<u8>>, Failure> {
    let (mut kept, mut seen) = (Vec::new(), 0_usize);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| Failure::Refused("error-unfit"))?;
        let Ok(octets) = frame.into_data() else { continue };
        seen = seen.saturating_add(octets.len());
        if seen > THROWN_AWAY {
            break;
        }
        if seen > most {
            kept = Vec::new();
        } else {
            kept.extend_from_slice(&octets);
        }
    }
    Ok((seen <= most).then_some(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_of_a_body_that_is_too_large_is_kept() {
        let check = async |octets: usize, expected: Option<usize>| {
            let body = Body::from(vec![b'x'; octets]);
            let kept = collected(body, 10).await.expect("a body");
            assert_eq!(kept.map(|kept| kept.len()), expected, "{octets}");
        };
        check(0, Some(0)).await;
        check(10, Some(10)).await;
        check(11, None).await;
        check(1 << 20, None).await;
    }
}
