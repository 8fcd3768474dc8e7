//! Signing in with the access token, signing out, and the choice of language.

use crate::chrome::{Chrome, html};
use crate::entry::{Outcome, Typed, cookie, name_in, sign_in};
use crate::failure::Failure;
use crate::guard::{LANGUAGE, SESSION, check_form, is_local};
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
    /// What people call the provider by which they may sign in as well.
    by: Option<String>,
    /// Whom the provider has just proven, as it calls them, where nobody here is linked to them; else empty.
    subject: String,
}

/// Why somebody was not let in.
#[derive(Default)]
pub(super) struct Refused {
    /// The reason, in their language.
    pub(super) told: Option<String>,
    /// How the provider calls them, where it proved them.
    pub(super) subject: String,
}

impl Refused {
    pub(super) const fn told(reason: String) -> Self {
        Self { told: Some(reason), subject: String::new() }
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    weiter: Option<String>,
}

impl Asked {
    /// The page that was asked for.
    pub(crate) fn onward(self) -> String {
        onward(self.weiter)
    }
}

/// Where to go after signing in: a page of this site.
fn onward(asked: Option<String>) -> String {
    asked.filter(|path| is_local(path)).unwrap_or_else(|| "/".to_owned())
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let onward = asked.onward();
    if visit.who.is_some() {
        return Ok(Redirect::to(&onward).into_response());
    }
    shown(&web, &visit, StatusCode::OK, String::new(), onward, Refused::default()).await
}

/// The sign-in page, with why somebody was not let in.
pub(super) async fn shown(
    web: &WebState,
    visit: &Visit,
    status: StatusCode,
    name: String,
    onward: String,
    refused: Refused,
) -> Result<Response, Failure> {
    let settings = web.ask(rundgang_store::Traeger::sign_in_settings).await?;
    let by = (settings.is_set() && web.shared().config.sign_in.is_some()).then_some(settings.name);
    let mut c = Chrome::new(visit, visit.language.text("login-title"));
    if let Some(told) = refused.told {
        c = c.refused(told);
    }
    Ok((status, html(&Page { c, name, onward, by, subject: refused.subject })?).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Entry {
    csrf: String,
    name: String,
    token: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    onward: Option<String>,
}

pub(crate) async fn enter(
    State(web): State<WebState>,
    visit: Visit,
    Form(entry): Form<Entry>,
) -> Result<Response, Failure> {
    check_form(&visit, &entry.csrf)?;
    let asked = onward(entry.onward);
    if web.shared().config.token.is_none() {
        return Ok(Redirect::to(&asked).into_response());
    }
    let name = name_in(&entry.name);
    let typed = Typed { name: entry.name, password: entry.token, code: entry.code };
    let (status, told) = match sign_in(&web, typed).await? {
        Outcome::In { session, home } => {
            // Whoever was in before in this browser is out.
            visit.session.iter().for_each(|before| web.close_session(before));
            let to = if asked == "/" { home } else { asked };
            return Ok(([(header::SET_COOKIE, cookie(&web, &session))], Redirect::to(&to)).into_response());
        }
        Outcome::Wrong => (StatusCode::FORBIDDEN, visit.language.text("login-wrong")),
        Outcome::Nameless => (StatusCode::FORBIDDEN, visit.language.text("login-no-name")),
        Outcome::Later(minutes) => {
            (StatusCode::TOO_MANY_REQUESTS, visit.language.with("login-later", &[("count", minutes.into())]))
        }
    };
    shown(&web, &visit, status, name, asked, Refused::told(told)).await
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
