//! What can go wrong with a page; the guard shows it in the visitor's language.

use crate::chrome::Chrome;
use crate::web::Visit;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use rundgang_store::{Obstacle, Occupant, Problem};

/// Why a page cannot be shown.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// There is no such page, school or device.
    NotFound,
    /// Somebody else changed it meanwhile.
    Conflict,
    /// The form cannot be accepted; the key of the text that says why.
    Refused(&'static str),
    /// A field of a form cannot be accepted: its name, and the key of the text that says why.
    Field(String, &'static str),
    /// The store refused what was entered; its own words.
    Unfit(String),
    /// The form does not come from our pages.
    Forged,
    /// The visitor's role does not do this.
    NotAllowed,
    /// Too many want the same at once.
    Busy,
    /// Something broke; told to the log, not to the visitor.
    Broken(String),
}

impl From<rundgang_store::Error> for Failure {
    fn from(error: rundgang_store::Error) -> Self {
        match error.root() {
            rundgang_store::Error::NotFound(_) => Self::NotFound,
            rundgang_store::Error::Conflict { .. } => Self::Conflict,
            rundgang_store::Error::Unfit { field, problem } => {
                Self::Field((*field).to_owned(), problem_key(*problem))
            }
            rundgang_store::Error::Occupied { occupant, .. } => Self::Refused(occupant_key(*occupant)),
            rundgang_store::Error::Blocked(obstacle) => Self::Refused(obstacle_key(*obstacle)),
            rundgang_store::Error::Refused(reason) => Self::Unfit(reason.clone()),
            _ => Self::Broken(error.to_string()),
        }
    }
}

const fn occupant_key(occupant: Occupant) -> &'static str {
    match occupant {
        Occupant::System => "error-occupied-room",
        Occupant::Room => "error-occupied-building",
        Occupant::Building => "error-occupied-site",
        Occupant::Link => "error-occupied-by-link",
    }
}

const fn obstacle_key(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Moved => "error-run-moved",
        Obstacle::Awaited => "error-run-open",
        Obstacle::Submitted => "error-run-submitted",
        Obstacle::Early => "error-run-early",
        Obstacle::Late => "error-run-late",
        Obstacle::NoNote => "error-return-note",
    }
}

const fn problem_key(problem: Problem) -> &'static str {
    match problem {
        Problem::Empty => "error-empty",
        Problem::Long => "error-too-long",
        Problem::Secret(_) => "error-secret",
        Problem::NoDay => "error-date",
        Problem::Past => "error-past",
        Problem::Endless => "error-endless",
        Problem::NoNumber => "error-number",
        Problem::Named => "error-named",
        Problem::NoMac => "error-mac",
        Problem::NoChoice => "error-unfit",
        Problem::Documented => "error-documented",
        Problem::Taken => "error-taken",
        Problem::NoLogin => "error-login",
        Problem::Elsewhere => "error-domain-elsewhere",
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self::Broken(format!("a page did not render: {error}"))
    }
}

impl Failure {
    /// The same where a form can show it beside what was filled in; otherwise it ends the page.
    ///
    /// # Errors
    /// There is no such thing, or something broke.
    pub(crate) fn for_form(self) -> Result<Self, Self> {
        if matches!(self, Self::NotFound | Self::Broken(_)) { Err(self) } else { Ok(self) }
    }

    /// The place of a form that is at fault; empty for none in particular.
    pub(crate) fn place(&self) -> &str {
        if let Self::Field(place, _) = self { place } else { "" }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Refused(_) | Self::Field(..) | Self::Unfit(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Forged | Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) const fn key(&self) -> &'static str {
        match self {
            Self::NotFound => "error-not-found",
            Self::Conflict => "error-conflict",
            Self::Refused(key) | Self::Field(_, key) => key,
            Self::Unfit(_) => "error-unfit",
            Self::Forged => "error-forged",
            Self::NotAllowed => "error-not-allowed",
            Self::Busy => "error-busy",
            Self::Broken(_) => "error-broken",
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if let Self::Broken(cause) = &self {
            tracing::error!(cause, "A page could not be shown.");
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct Page {
    c: Chrome,
    text: String,
    detail: String,
    /// The page one came from.
    back: Option<String>,
}

/// The page that tells a failure.
pub(crate) fn page(failure: &Failure, visit: &Visit) -> Response {
    let chrome = Chrome::new(visit, visit.language.text("error-title"));
    let detail = match failure {
        Failure::Unfit(reason) => reason.clone(),
        _ => String::new(),
    };
    let back = visit.from.clone().filter(|from| *from != visit.path);
    let page = Page { back, text: visit.language.text(failure.key()), c: chrome, detail };
    match page.render() {
        Ok(html) => (failure.status(), Html(html)).into_response(),
        Err(_) => failure.status().into_response(),
    }
}

/// Every address that is none.
pub(crate) async fn nowhere() -> Failure {
    Failure::NotFound
}
