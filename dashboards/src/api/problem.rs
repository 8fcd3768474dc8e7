//! What went wrong, as programs read it: problem details (RFC 9457).

use crate::failure::Failure;
use crate::web::Visit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(crate) enum Problem {
    /// No token, or one that is not good.
    NoToken,
    /// Too many wrong tries: to be tried again in so many minutes.
    Later(i64),
    /// A parameter is unknown, stands twice or does not have its shape.
    Parameter(String),
    /// A member of what was sent is unknown or does not have its shape.
    Member(String),
    /// What pages would tell as well.
    Failure(Failure),
    /// What the server refuses before anything of ours is asked.
    Refused(StatusCode),
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Problem {
    pub(crate) fn parameter(name: &str) -> Self {
        Self::Parameter(name.chars().take(60).collect())
    }

    pub(crate) fn member(name: &str) -> Self {
        Self::Member(name.chars().take(60).collect())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::Later(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Parameter(_) => StatusCode::BAD_REQUEST,
            Self::Member(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Failure(failure) => failure.status(),
            Self::Refused(status) => *status,
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::NoToken => "no-token",
            Self::Later(_) => "too-many-tries",
            Self::Parameter(_) => "unfit-parameter",
            Self::Member(_) => "unfit-member",
            Self::Failure(failure) => match failure {
                Failure::NotFound => "not-found",
                Failure::Conflict => "conflict",
                Failure::NotAllowed | Failure::Forged => "not-allowed",
                Failure::Busy => "busy",
                Failure::Broken(_) => "broken",
                Failure::Refused(_) | Failure::Field(..) | Failure::Unfit(_) => "unfit-member",
            },
            Self::Refused(_) => "refused",
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Parameter(name) | Self::Member(name) | Self::Failure(Failure::Field(name, _)) => Some(name),
            _ => None,
        }
    }

    fn detail(&self, visit: &Visit) -> String {
        let language = visit.language;
        match self {
            Self::NoToken => language.text("api-no-token"),
            Self::Later(minutes) => language.with("api-later", &[("minutes", (*minutes).into())]),
            Self::Parameter(name) => language.with("api-parameter", &[("name", name.into())]),
            Self::Member(name) => language.with("api-member", &[("name", name.into())]),
            Self::Failure(Failure::Unfit(reason)) => reason.clone(),
            Self::Failure(failure) => language.text(failure.key()),
            Self::Refused(_) => language.text("api-refused"),
        }
    }

    /// The answer, in the visitor's language.
    pub(crate) fn told(&self, visit: &Visit) -> Response {
        let status = self.status();
        let mut problem = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": status.as_u16(),
            "code": self.code(),
            "detail": self.detail(visit),
        });
        if let Some(field) = self.field() {
            problem["field"] = field.into();
        }
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (status, kind, problem.to_string()).into_response();
        match self {
            Self::NoToken => {
                let ask = HeaderValue::from_static("Bearer realm=\"rundgang\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, ask);
            }
            Self::Later(minutes) => {
                let seconds = HeaderValue::from(minutes.saturating_mul(60));
                response.headers_mut().insert(header::RETRY_AFTER, seconds);
            }
            _ => {}
        }
        response
    }
}

impl IntoResponse for Problem {
    /// The entry tells it in the visitor's language; until there it travels with the answer.
    fn into_response(self) -> Response {
        if let Self::Failure(Failure::Broken(cause)) = &self {
            tracing::error!(cause, "A question of a program could not be answered.");
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
