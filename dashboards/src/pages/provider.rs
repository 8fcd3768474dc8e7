//! Signing in by a provider of identities: the way there, and coming back with what it says.

use super::login;
use crate::entry::{Outcome, admitted, cookie};
use crate::failure::Failure;
use crate::guard;
use crate::sign_in::{Email, MINUTES, OnItsWay, Passage, Proven};
use crate::web::{Visit, WebState};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use rundgang_store::{Admitted, SignInSettings};
use serde::Deserialize;

/// The cookie with a sign-in on its way, in the browser that began it.
const ON_ITS_WAY: &str = "rundgang_weg";

/// Where the provider sends browsers back to.
fn back(visit: &Visit) -> String {
    format!("{}/anmelden/zurueck", visit.site)
}

async fn settings(web: &WebState) -> Result<SignInSettings, Failure> {
    let settings = web.ask(rundgang_store::Traeger::sign_in_settings).await?;
    if settings.is_set() && web.shared().config.sign_in.is_some() {
        Ok(settings)
    } else {
        Err(Failure::NotFound)
    }
}

pub(crate) async fn leave(
    State(web): State<WebState>,
    visit: Visit,
    Query(asked): Query<login::Asked>,
) -> Result<Response, Failure> {
    let settings = settings(&web).await?;
    let (one, kept) = web.passages().begin(&asked.onward(), visit.now)?;
    let onward = one.onward.clone();
    let (back, traeger, now) = (back(&visit), web.shared().config.traeger, visit.now);
    let way = web
        .with_provider(move |provider| {
            let passage =
                Passage { state: &one.state, nonce: &one.nonce, verifier: &one.verifier, back: &back };
            provider.way(&settings, traeger, &passage, now)
        })
        .await?;
    let way = match way {
        Ok(way) => way,
        Err(told) => return not_in(&web, &visit, onward, "sign-in-failed", &told).await,
    };
    let cookie = on_its_way(&web, &kept, MINUTES * 60);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&way)).into_response())
}

/// The value that sets the cookie of a sign-in on its way for so many seconds. Browsers bring it along when the provider
/// sends them back, which is a way from another site: hence lax.
fn on_its_way(web: &WebState, kept: &str, seconds: i64) -> String {
    let secure = if web.shared().config.https { "; Secure" } else { "" };
    format!("{ON_ITS_WAY}={kept}; Path=/anmelden; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// What a browser brings back (RFC 6749 section 4.1.2, RFC 9207).
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Brought {
    state: String,
    code: String,
    error: String,
    iss: Option<String>,
}

pub(crate) async fn come(
    State(web): State<WebState>,
    visit: Visit,
    headers: HeaderMap,
    Query(brought): Query<Brought>,
) -> Result<Response, Failure> {
    // No page that follows leads back here, nor names the code.
    let visit = Visit { path: "/anmelden".to_owned(), ..visit };
    let settings = settings(&web).await?;
    let kept = guard::cookie(&headers, ON_ITS_WAY).unwrap_or_default();
    let Some(begun) = web.passages().end(&brought.state, kept, visit.now) else {
        return not_in(&web, &visit, "/".to_owned(), "sign-in-over", "no sign-in of this browser").await;
    };
    let onward = begun.onward.clone();
    let is_theirs = brought.iss.as_ref().is_none_or(|issuer| *issuer == settings.issuer);
    if !brought.error.is_empty() || brought.code.is_empty() || !is_theirs {
        return not_in(&web, &visit, onward, "sign-in-refused", "the provider sent nobody").await;
    }
    match proven(&web, &visit, settings, brought.code, begun).await? {
        Ok(proven) => entered(&web, &visit, proven, onward).await,
        Err(told) => not_in(&web, &visit, onward, "sign-in-failed", &told).await,
    }
}

async fn proven(
    web: &WebState,
    visit: &Visit,
    settings: SignInSettings,
    code: String,
    begun: OnItsWay,
) -> Result<Result<Proven, String>, Failure> {
    let (back, traeger, now) = (back(visit), web.shared().config.traeger, visit.now);
    web.with_provider(move |provider| {
        let passage =
            Passage { state: &begun.state, nonce: &begun.nonce, verifier: &begun.verifier, back: &back };
        provider.prove(&settings, traeger, &code, &passage, now)
    })
    .await
}

/// Lets somebody in who was proven and has an account here; what they may do stands there.
async fn entered(web: &WebState, visit: &Visit, proven: Proven, onward: String) -> Result<Response, Failure> {
    let (now, subject, email) = (visit.now, proven.subject.clone(), proven.email.clone());
    let found = web
        .ask(move |traeger| {
            traeger.account_of_identity(&proven.issuer, &proven.subject, proven.email.verified(), now)
        })
        .await?;
    let account = match found {
        Admitted::Account(account) => account,
        Admitted::Closed => {
            return unknown(web, visit, onward, "the account that is linked to them is closed", subject)
                .await;
        }
        Admitted::Nobody => return unknown(web, visit, onward, unlinked(&email), subject).await,
    };
    match admitted(web, &account, now)? {
        Outcome::In { session, home } => {
            // Whoever was in before in this browser is out.
            visit.session.iter().for_each(|before| web.close_session(before));
            let to = if onward == "/" { home } else { onward };
            let cookies = [cookie(web, &session), on_its_way(web, "", 0)];
            let cookies = cookies.map(|cookie| (header::SET_COOKIE, cookie));
            Ok((AppendHeaders(cookies), Redirect::to(&to)).into_response())
        }
        _ => not_in(web, visit, onward, "sign-in-failed", "no session").await,
    }
}

/// Why no account is linked to somebody, for whoever runs the collector.
const fn unlinked(email: &Email) -> &'static str {
    match email {
        Email::Unsaid => {
            "no account is linked to their subject, and the provider tells no mail address (scope email)"
        }
        Email::Unverified => {
            "no account is linked to their subject, and the provider does not say that it verified their mail \
             address (email_verified): link them by --subject"
        }
        Email::Verified(_) => {
            "no account is linked to their subject, and no open account awaits their verified mail address"
        }
    }
}

/// The sign-in page for somebody who was proven and has no account here: their own subject stands on it, so that they can
/// tell it to whoever links accounts. The log says why, and not who it was (promise P6).
async fn unknown(
    web: &WebState,
    visit: &Visit,
    onward: String,
    told: &str,
    subject: String,
) -> Result<Response, Failure> {
    tracing::warn!(told, "Somebody whom the provider of identities proved was not let in.");
    let refused = login::Refused { subject, ..login::Refused::told(visit.language.text("sign-in-unknown")) };
    login::shown(web, visit, StatusCode::FORBIDDEN, String::new(), onward, refused).await
}

/// The sign-in page with the reason; what the provider said is told to the log alone.
async fn not_in(
    web: &WebState,
    visit: &Visit,
    onward: String,
    key: &str,
    told: &str,
) -> Result<Response, Failure> {
    tracing::warn!(told, "Somebody was not let in by the provider of identities.");
    let refused = login::Refused::told(visit.language.text(key));
    login::shown(web, visit, StatusCode::FORBIDDEN, String::new(), onward, refused).await
}
