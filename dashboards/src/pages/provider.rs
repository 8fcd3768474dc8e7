//! Signing in by a provider of identities: the way there, and coming back with what it says.

use super::login;
use crate::entry::{Outcome, admitted, cookie};
use crate::failure::Failure;
use crate::guard;
use crate::sign_in::{OnItsWay, Passage, Proven};
use crate::web::{Visit, WebState, secret};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_store::SignInSettings;
use serde::Deserialize;

/// The cookie that binds a sign-in on its way to the browser that began it.
const BROWSER: &str = "rundgang_weg";

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
    let (browser, state, nonce) = (secret()?, secret()?, secret()?);
    // Of two, since a verifier has 43 letters at least (RFC 7636 section 4.1).
    let verifier = format!("{}{}", secret()?, secret()?);
    let onward = asked.onward();
    let one = OnItsWay::new(browser.clone(), nonce.clone(), verifier.clone(), onward.clone(), visit.now);
    let (back, traeger, now, asked) = (back(&visit), web.shared().config.traeger, visit.now, state.clone());
    let way = web
        .with_provider(move |provider| {
            let passage = Passage { state: &asked, nonce: &nonce, verifier: &verifier, back: &back };
            provider.way(&settings, traeger, &passage, now)
        })
        .await?;
    let way = match way {
        Ok(way) => way,
        Err(told) => return not_in(&web, &visit, onward, "sign-in-failed", &told).await,
    };
    web.with_passages(|all| all.begin(state, one, visit.now));
    let secure = if web.shared().config.https { "; Secure" } else { "" };
    let cookie = format!("{BROWSER}={browser}; Path=/anmelden; HttpOnly; SameSite=Lax; Max-Age=600{secure}");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&way)).into_response())
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
    let settings = settings(&web).await?;
    let browser = guard::cookie(&headers, BROWSER).unwrap_or_default().to_owned();
    let begun = web.with_passages(|all| all.end(&brought.state, &browser, visit.now));
    let Some(begun) = begun else {
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
        let passage = Passage { state: "", nonce: &begun.nonce, verifier: &begun.verifier, back: &back };
        provider.prove(&settings, traeger, &code, &passage, now)
    })
    .await
}

/// Lets somebody in who was proven and has an account here; what they may do stands there.
async fn entered(web: &WebState, visit: &Visit, proven: Proven, onward: String) -> Result<Response, Failure> {
    let now = visit.now;
    let account = web
        .ask(move |traeger| {
            traeger.account_of_identity(&proven.issuer, &proven.subject, proven.email.as_deref(), now)
        })
        .await?;
    let Some(account) = account else {
        return not_in(web, visit, onward, "sign-in-unknown", "nobody here is linked to them").await;
    };
    match admitted(web, &account, now)? {
        Outcome::In { session, home } => {
            // Whoever was in before in this browser is out.
            visit.session.iter().for_each(|before| web.close_session(before));
            let to = if onward == "/" { home } else { onward };
            Ok(([(header::SET_COOKIE, cookie(web, &session))], Redirect::to(&to)).into_response())
        }
        _ => not_in(web, visit, onward, "sign-in-failed", "no session").await,
    }
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
    login::shown(web, visit, StatusCode::FORBIDDEN, String::new(), onward, Some(visit.language.text(key)))
        .await
}
