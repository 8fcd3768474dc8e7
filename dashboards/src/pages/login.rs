//! Signing in with the access token, signing out, and the choice of language.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::{LANGUAGE, SESSION, check_form, same};
use crate::text::Language;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "login.html")]
struct Page {
    c: Chrome,
    name: String,
}

pub(crate) async fn page(visit: Visit) -> Result<Response, Failure> {
    if visit.who.is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    html(&Page { c: Chrome::new(&visit, visit.language.text("login-title")), name: String::new() })
}

#[derive(Deserialize)]
pub(crate) struct Entry {
    csrf: String,
    name: String,
    token: String,
}

pub(crate) async fn enter(
    State(web): State<WebState>,
    visit: Visit,
    Form(entry): Form<Entry>,
) -> Result<Response, Failure> {
    check_form(&visit, &entry.csrf)?;
    let Some(token) = &web.shared().config.token else { return Ok(Redirect::to("/").into_response()) };
    let name: String = entry.name.trim().chars().filter(|c| !c.is_control()).take(60).collect();
    if !same(token, entry.token.trim()) || name.is_empty() {
        tracing::warn!("Somebody tried to sign in with a wrong token.");
        let mut c = Chrome::new(&visit, visit.language.text("login-title"));
        c.message = Some(visit.language.text(if name.is_empty() { "login-no-name" } else { "login-wrong" }));
        c.message_is_error = true;
        return Ok((StatusCode::FORBIDDEN, html(&Page { c, name })?).into_response());
    }
    let id = web.open_session(name)?;
    let secure = if web.shared().config.https { "; Secure" } else { "" };
    let cookie = format!("{SESSION}={id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800{secure}");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Leave {
    csrf: String,
}

pub(crate) async fn leave(
    State(web): State<WebState>,
    visit: Visit,
    Form(form): Form<Leave>,
) -> Result<Response, Failure> {
    check_form(&visit, &form.csrf)?;
    if let Some(session) = &visit.session {
        web.close_session(session);
    }
    let cookie = format!("{SESSION}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/anmelden")).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Back {
    back: Option<String>,
}

/// Remembers the language and leads back to where the visitor came from, on this site only.
pub(crate) async fn language(
    Path(code): Path<String>,
    Query(query): Query<Back>,
) -> Result<Response, Failure> {
    let language = Language::parse(&code).ok_or(Failure::NotFound)?;
    let back = query.back.filter(|back| is_local(back)).unwrap_or_else(|| "/".to_owned());
    let cookie = format!("{LANGUAGE}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000", language.code());
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&back)).into_response())
}

/// A path of this site: it begins with one slash, and no browser reads a host into it.
fn is_local(back: &str) -> bool {
    back.starts_with('/')
        && !back.starts_with("//")
        && !back.contains('\\')
        && back.chars().all(|c| c.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    #[test]
    fn nobody_is_led_elsewhere() {
        let check = |back: &str, expected: bool| assert_eq!(super::is_local(back), expected, "{back}");
        check("/schule/1?kind=board", true);
        check("//evil.example", false);
        check("/\\evil.example", false);
        check("https://evil.example", false);
        check("/\r\nSet-Cookie: a", false);
        check("", false);
    }
}
