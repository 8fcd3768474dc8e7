//! Letting programs in: by their token alone, never by a cookie, and with the rights of its role.
//!
//! A browser sends cookies along by itself, a token it does not; so a page of another site cannot ask anything here in
//! somebody's name, and there is nothing for a form's token to guard.

use super::{
    OPERATIONS,
    operations::{Operation, Verb},
    problem::Problem,
};
use crate::entry::Known;
use crate::failure::Failure;
use crate::guard;
use crate::plan::Doors;
use crate::text::Language;
use crate::web::{Visit, WebState};
use axum::extract::{MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use rundgang_inventory::{Refusal, Rights};
use rundgang_store::{ApiToken, Traeger};

/// Answers one question of a program, or says why not.
pub(crate) async fn answer(web: &WebState, doors: &Doors, mut request: Request, next: Next) -> Response {
    let visit = nobody(web, &request);
    let door = guard::door(doors, &request);
    let visit = if door == Some(None) {
        visit
    } else {
        match admitted(web, &visit, request.headers()).await {
            Ok(token) => token,
            Err(problem) => return problem.told(&visit),
        }
    };
    if let (Some(Some(action)), Some(rights)) = (door, &visit.rights) {
        let refused = match rights.allow(action, guard::school_of(request.uri().path())) {
            Ok(()) => None,
            Err(Refusal::OtherSchool) => Some(Failure::NotFound),
            Err(Refusal::Role) => Some(Failure::NotAllowed),
        };
        if let Some(failure) = refused {
            return Problem::Failure(failure).told(&visit);
        }
    }
    request.extensions_mut().insert(visit.clone());
    in_words(next.run(request).await, &visit)
}

/// Whatever went wrong, as problem details.
fn in_words(response: Response, visit: &Visit) -> Response {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return problem.told(visit);
    }
    if let Some(failure) = response.extensions().get::<Failure>() {
        return Problem::Failure(failure.clone()).told(visit);
    }
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return response;
    }
    // What axum itself refuses: another method, a body that is no JSON, a number that is none.
    let problem = match response.status() {
        StatusCode::NOT_FOUND => Problem::Failure(Failure::NotFound),
        status => Problem::Refused(status),
    };
    let mut told = problem.told(visit);
    if let Some(allowed) = response.headers().get(header::ALLOW) {
        told.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    told
}

/// Whoever asks before a token was looked at. English is spoken where no language is named: these are programs.
fn nobody(web: &WebState, request: &Request) -> Visit {
    let config = &web.shared().config;
    let named = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Visit {
        language: named.and_then(Language::accepted).unwrap_or(Language::En),
        path: request.uri().path().to_owned(),
        from: None,
        site: String::new(),
        zone: config.zone,
        who: None,
        rights: None,
        account: None,
        session: None,
        csrf: String::new(),
        now: web.now(),
    }
}

/// The visit of the program whose token is good.
async fn admitted(web: &WebState, visit: &Visit, headers: &HeaderMap) -> Result<Visit, Problem> {
    let token = bearer(headers).ok_or(Problem::NoToken)?.to_owned();
    let mark = ApiToken::mark_in(&token).ok_or(Problem::NoToken)?;
    let (mark, now) = (mark.to_owned(), visit.now);
    let tried = Known::Token(mark.clone());
    if let Some(minutes) = web.tries().waits(&tried, now) {
        return Err(Problem::Later(minutes));
    }
    let shown = move |traeger: &Traeger| match traeger.token_shown(&token, now)? {
        Some(token) => Ok((Some(token), true)),
        None => Ok((None, traeger.has_token(&mark)?)),
    };
    let (token, is_marked) = web.ask(shown).await?;
    let Some(token) = token else {
        tracing::warn!("A program came with a token that is not good.");
        // A mark that no token has is worth no place: whoever makes one up fills nothing.
        if is_marked {
            web.tries().take(tried, now);
        }
        return Err(Problem::NoToken);
    };
    let rights: Rights = token.rights().map_err(Failure::from)?;
    Ok(Visit { who: Some(format!("{} (API)", token.name)), rights: Some(rights), ..visit.clone() })
}

/// The token of a request (RFC 6750 section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What is asked at an address in that way.
pub(super) fn operation(parts: &Parts) -> Option<&'static Operation> {
    let path = parts.extensions.get::<MatchedPath>()?;
    let verb = match parts.method {
        Method::POST => Verb::Post,
        Method::PATCH => Verb::Patch,
        _ => Verb::Get,
    };
    OPERATIONS.iter().find(|operation| operation.path == path.as_str() && operation.verb == verb)
}
