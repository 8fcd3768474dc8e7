//! What the Träger settles for all of its schools: where reports on its mail go, and how its own mail leaves.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::pages::Done;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_store::{Dispatched, PostSettings};
use serde::Deserialize;

/// How many of what was sent are shown.
const MOST: i64 = 10;

/// What was typed and not taken, and why.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) address: Option<String>,
    pub(super) refused: Option<String>,
    pub(super) post: Option<PostSettings>,
    /// The field and the reason.
    pub(super) refused_post: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct Page {
    c: Chrome,
    address: String,
    refused: Option<String>,
    post: PostSettings,
    refused_post: Option<(String, String)>,
    dispatched: Vec<Dispatched>,
    /// The folder of secrets, below the data directory.
    folder: String,
}

impl Page {
    /// Why a field was refused.
    fn why(&self, field: &str) -> Option<&str> {
        self.refused_post.as_ref().filter(|(at, _)| at == field).map(|(_, why)| why.as_str())
    }

    fn port(&self) -> String {
        if self.post.port == 0 { "587".to_owned() } else { self.post.port.to_string() }
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    const fn securities(&self) -> [&'static str; 3] {
        ["starttls", "tls", "none"]
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn arrived(&self, one: &Dispatched) -> bool {
        matches!(one.state.as_str(), "taken" | "quiet")
    }
}

fn frame(visit: &Visit, told: Option<&str>) -> Chrome {
    Chrome::new(visit, visit.language.text("settings-title"))
        .crumb(visit.language.text("nav-schools"), "/".to_owned())
        .lead(visit.language.text("settings-lead"))
        .section("settings")
        .told(told)
}

pub(super) async fn shown(
    web: &WebState,
    visit: &Visit,
    shown: Shown,
    refused: Option<String>,
    told: Option<&str>,
) -> Result<Response, Failure> {
    let (address, post, dispatched) = web
        .ask(|traeger| Ok((traeger.report_address()?, traeger.post_settings()?, traeger.dispatches(MOST)?)))
        .await?;
    let c = frame(visit, told);
    html(&Page {
        c: match refused {
            Some(text) => c.refused(text),
            None => c,
        },
        address: shown.address.or(address).unwrap_or_default(),
        refused: shown.refused,
        post: shown.post.unwrap_or(post),
        refused_post: shown.refused_post,
        dispatched,
        folder: format!("secrets/{}/", web.shared().config.traeger),
    })
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Query(told): Query<Done>,
) -> Result<Response, Failure> {
    shown(&web, &visit, Shown::default(), None, told.ok.as_deref()).await
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
            let told =
                Shown { address: Some(settled.address), refused: Some(why.clone()), ..Shown::default() };
            let page = shown(&web, &visit, told, Some(why), None).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(failure) => Err(failure),
    }
}
