//! One's own account: who one is here, another password, and the second factor.

use crate::chrome::{Chrome, html};
use crate::entry::{Known, factor, password};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::pages::Done;
use crate::text::Language;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::Timestamp;
use rundgang_store::{Account, Credentials};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    c: Chrome,
    /// The account; `None` for whoever came with the access token.
    account: Option<Account>,
    school: String,
    /// A new secret for the second factor, where one is to be set up, and its picture.
    secret: String,
    picture: String,
    /// Another factor was to take the place of the one there is, and was refused.
    is_changing: bool,
    /// Where the weekly mail goes, and in which language.
    weekly: (String, String),
}

async fn own(web: &WebState, visit: &Visit) -> Result<Option<Credentials>, Failure> {
    let Some(id) = visit.account else { return Ok(None) };
    web.ask(move |traeger| {
        let account = traeger.open_account_of(id)?;
        traeger.credentials(&account.login)
    })
    .await
}

async fn shown(
    web: &WebState,
    visit: &Visit,
    tell: impl FnOnce(Chrome) -> Chrome,
    secret: Option<String>,
) -> Result<Response, Failure> {
    let account = own(web, visit).await?.map(|own| own.account);
    let school = match account.as_ref().and_then(|account| account.school) {
        Some(school) => web.ask(move |traeger| traeger.school(school)).await?.entered.name,
        None => String::new(),
    };
    let is_changing = secret.is_some();
    let secret = match secret {
        Some(secret) => secret,
        None if account.is_some() => factor::new_secret().unwrap_or_default(),
        None => String::new(),
    };
    let login = account.as_ref().map(|account| account.login.clone()).unwrap_or_default();
    let picture = if secret.is_empty() { String::new() } else { factor::picture(&secret, &login) };
    let weekly = match visit.account {
        Some(id) => web.ask(move |traeger| traeger.weekly_mail(id)).await?,
        None => None,
    };
    let weekly = weekly.unwrap_or_else(|| (String::new(), visit.language.code().to_owned()));
    let c = Chrome::new(visit, visit.language.text("account-title")).section("account");
    html(&Page { c: tell(c), account, school, secret, picture, is_changing, weekly })
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Query(told): Query<Done>,
) -> Result<Response, Failure> {
    shown(&web, &visit, |c| c.told(told.ok.as_deref()), None).await
}

/// What a form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    csrf: String,
    act: String,
    /// The password of now, without which nothing is changed.
    current: String,
    password: String,
    again: String,
    secret: String,
    code: String,
    /// The code of the factor that there is, where another one is to take its place.
    present: String,
    address: String,
    language: String,
}

pub(crate) async fn change(
    State(web): State<WebState>,
    visit: Visit,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    check_form(&visit, &given.csrf)?;
    let Some(own) = own(&web, &visit).await? else { return Err(Failure::NotAllowed) };
    let has_factor = !own.totp_secret.is_empty();
    let refused = |key: &'static str| {
        let told = visit.language.text(key);
        move |c: Chrome| c.refused(told)
    };
    // Whoever sits down at an open session cannot guess the password or a code here any faster than at the door.
    let (holder, now) = (Known::Holder(own.account.id), visit.now);
    let may_try = web.tries().take(holder.clone(), now).is_none();
    if !may_try || !web.verify(given.current.clone(), own.password_hash.clone()).await? {
        let page = shown(&web, &visit, refused("password-current-wrong"), None).await?;
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    }
    let (done, objection) = match given.act.as_str() {
        "password" => ("password-changed", new_password(&web, &visit, &own, &given).await?),
        "factor" => ("factor-set", new_factor(&web, &visit, &own, &given).await?),
        "weekly" => {
            weekly(&web, &visit, own.account.id, &given).await?;
            return Ok(Redirect::to("/konto?ok=saved").into_response());
        }
        "no-factor" => ("factor-removed", no_factor(&web, &visit, &own, &given).await?),
        _ => return Err(Failure::Refused("error-unfit")),
    };
    if !(has_factor && matches!(objection, Some("factor-wrong" | "factor-present-wrong"))) {
        web.tries().forget(&holder);
    }
    if let Some(key) = objection {
        let kept = Some(given.secret).filter(|secret| !secret.is_empty() && given.act == "factor");
        let page = shown(&web, &visit, refused(key), kept).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    // Whoever else is in with this account has to prove it anew.
    visit.session.iter().for_each(|kept| web.prove_again(kept, now));
    web.close_others(own.account.id, visit.session.as_deref());
    Ok(Redirect::to(&format!("/konto?ok={done}")).into_response())
}

async fn new_password(
    web: &WebState,
    visit: &Visit,
    own: &Credentials,
    given: &Given,
) -> Result<Option<&'static str>, Failure> {
    if given.password != given.again {
        return Ok(Some("password-different"));
    }
    if let Some(key) = password::objection(&given.password, &own.account.login) {
        return Ok(Some(key));
    }
    let (id, now) = (own.account.id, visit.now);
    let hash = web.hash(given.password.clone()).await?;
    web.ask(move |traeger| traeger.set_password_hash(id, &hash, now)).await?;
    Ok(None)
}

/// Where the weekly mail goes: the holder's own choice.
async fn weekly(web: &WebState, visit: &Visit, id: i64, given: &Given) -> Result<(), Failure> {
    let language = Language::parse(&given.language).ok_or(Failure::Refused("error-choose"))?;
    let (who, now, address) = (visit.author(), visit.now, given.address.clone());
    web.ask(move |traeger| traeger.set_weekly_mail(id, &address, language.code(), &who, now)).await
}

/// Sets a second factor up once its first code is right: else somebody would be locked out by a wrong scan. One that
/// there is gives way to whoever has it.
async fn new_factor(
    web: &WebState,
    visit: &Visit,
    own: &Credentials,
    given: &Given,
) -> Result<Option<&'static str>, Failure> {
    let Some(step) = factor::step(&given.secret, &given.code, visit.now) else {
        return Ok(Some("factor-wrong"));
    };
    let (id, now, secret) = (own.account.id, visit.now, given.secret.clone());
    if !own.totp_secret.is_empty() && !is_present(web, own, &given.present, now) {
        return Ok(Some("factor-present-wrong"));
    }
    web.ask(move |traeger| traeger.set_second_factor(id, &secret, now)).await?;
    web.use_code(id, step);
    Ok(None)
}

/// Takes the second factor away, for whoever has it: a password alone is what it guards against.
async fn no_factor(
    web: &WebState,
    visit: &Visit,
    own: &Credentials,
    given: &Given,
) -> Result<Option<&'static str>, Failure> {
    let (id, now) = (own.account.id, visit.now);
    if !is_present(web, own, &given.code, now) {
        return Ok(Some("factor-wrong"));
    }
    web.ask(move |traeger| traeger.set_second_factor(id, "", now)).await?;
    Ok(None)
}

/// Whether a code is one of the account's factor, and was not used before.
fn is_present(web: &WebState, own: &Credentials, code: &str, now: Timestamp) -> bool {
    factor::step(&own.totp_secret, code, now).is_some_and(|step| web.use_code(own.account.id, step))
}
