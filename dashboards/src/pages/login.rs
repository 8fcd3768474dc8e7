//! Signing in with the access token, signing out, and the choice of language.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::{LANGUAGE, SESSION, check_form, is_local, same};
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
    /// The page that was asked for.
    onward: String,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    weiter: Option<String>,
}

/// Where to go after signing in: a page of this site.
fn onward(asked: Option<String>) -> String {
    asked.filter(|path| is_local(path)).unwrap_or_else(|| "/".to_owned())
}

pub(crate) async fn page(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let onward = onward(asked.weiter);
    if visit.who.is_some() {
        return Ok(Redirect::to(&onward).into_response());
    }
    let c = Chrome::new(&visit, visit.language.text("login-title"));
    html(&Page { c, name: String::new(), onward })
}

#[derive(Deserialize)]
pub(crate) struct Entry {
    csrf: String,
    name: String,
    token: String,
    #[serde(default)]
    onward: Option<String>,
}

pub(crate) async fn enter(
    State(web): State<WebState>,
    visit: Visit,
    Form(entry): Form<Entry>,
) -> Result<Response, Failure> {
    check_form(&visit, &entry.csrf)?;
    let onward = onward(entry.onward);
    let Some(token) = &web.shared().config.token else { return Ok(Redirect::to(&onward).into_response()) };
    let name: String = entry.name.trim().chars().filter(|c| !c.is_control()).take(60).collect();
    if !same(token, entry.token.trim()) || name.is_empty() {
        tracing::warn!("Somebody tried to sign in with a wrong token.");
        let mut c = Chrome::new(&visit, visit.language.text("login-title"));
        c.message = Some(visit.language.text(if name.is_empty() { "login-no-name" } else { "login-wrong" }));
        c.message_is_error = true;
        return Ok((StatusCode::FORBIDDEN, html(&Page { c, name, onward })?).into_response());
    }
    let id = web.open_session(name)?;
    let secure = if web.shared().config.https { "; Secure" } else { "" };
    let cookie = format!("{SESSION}={id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800{secure}");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&onward)).into_response())
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
