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
    /// What was typed there is no address.
    weekly_refused: Option<String>,
}

/// What is shown beside the account as it is kept.
#[derive(Default)]
struct Shown {
    /// Why something was not done.
    refused: Option<String>,
    /// The secret of another factor, to be tried again.
    secret: Option<String>,
    /// What was typed for the weekly mail and not taken, with the reason.
    weekly: Option<((String, String), String)>,
}

/// Why something is not done with an account.
enum Objection {
    /// The key of the text that says why.
    Wrong(&'static str),
    /// Too many codes were wrong: to be tried again in so many minutes.
    Later(i64),
}

impl Objection {
    fn told(&self, language: Language) -> (StatusCode, String) {
        match self {
            Self::Wrong(key) => (StatusCode::UNPROCESSABLE_ENTITY, language.text(key)),
            Self::Later(minutes) => {
                (StatusCode::TOO_MANY_REQUESTS, language.with("login-later", &[("count", (*minutes).into())]))
            }
        }
    }
}

async fn own(web: &WebState, visit: &Visit) -> Result<Option<Credentials>, Failure> {
    let Some(id) = visit.account else { return Ok(None) };
    web.ask(move |traeger| {
        let account = traeger.open_account_of(id)?;
        traeger.credentials(&account.login)
    })
    .await
}

async fn shown(web: &WebState, visit: &Visit, done: Option<&str>, shown: Shown) -> Result<Response, Failure> {
    let account = own(web, visit).await?.map(|own| own.account);
    let school = match account.as_ref().and_then(|account| account.school) {
        Some(school) => web.ask(move |traeger| traeger.school(school)).await?.entered.name,
        None => String::new(),
    };
    let is_changing = shown.secret.is_some();
    let secret = match shown.secret {
        Some(secret) => secret,
        None if account.is_some() => factor::new_secret().unwrap_or_default(),
        None => String::new(),
    };
    let login = account.as_ref().map(|account| account.login.clone()).unwrap_or_default();
    let picture = if secret.is_empty() { String::new() } else { factor::picture(&secret, &login) };
    let (typed, weekly_refused) = shown.weekly.unzip();
    let kept = match visit.account {
        Some(id) => web.ask(move |traeger| traeger.weekly_mail(id)).await?,
        None => None,
    };
    let weekly = typed.or(kept).unwrap_or_else(|| (String::new(), visit.language.code().to_owned()));
    let mut c = Chrome::new(visit, visit.language.text("account-title")).section("account").told(done);
    if let Some(why) = shown.refused {
        c = c.refused(why);
    }
    html(&Page { c, account, school, secret, picture, is_changing, weekly, weekly_refused })
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Query(told): Query<Done>,
) -> Result<Response, Failure> {
    shown(&web, &visit, told.ok.as_deref(), Shown::default()).await
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
    // Without a password the session is all the proof there is: nothing that a password guards is done with it.
    let has_password = !own.password_hash.is_empty();
    if has_password && !is_holder(&web, &visit, &own, given.current.clone()).await? {
        let refused = Some(visit.language.text("password-current-wrong"));
        let page = shown(&web, &visit, None, Shown { refused, ..Shown::default() }).await?;
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    }
    let (done, objection) = match given.act.as_str() {
        "weekly" => return weekly(&web, &visit, own.account.id, &given).await,
        _ if !has_password => return Err(Failure::NotAllowed),
        "password" => ("password-changed", new_password(&web, &visit, &own, &given).await?),
        "factor" => ("factor-set", new_factor(&web, &visit, &own, &given).await?),
        "no-factor" => ("factor-removed", no_factor(&web, &visit, &own, &given).await?),
        _ => return Err(Failure::Refused("error-unfit")),
    };
    if let Some(objection) = objection {
        let secret = Some(given.secret).filter(|secret| !secret.is_empty() && given.act == "factor");
        let (status, told) = objection.told(visit.language);
        let shown_again = Shown { refused: Some(told), secret, weekly: None };
        return Ok((status, shown(&web, &visit, None, shown_again).await?).into_response());
    }
    // Whoever else is in with this account has to prove it anew.
    visit.session.iter().for_each(|kept| web.prove_again(kept, visit.now));
    web.close_others(own.account.id, visit.session.as_deref());
    Ok(Redirect::to(&format!("/konto?ok={done}")).into_response())
}

/// Whether the password of now is right. Whoever sits down at an open session cannot guess it here any faster than at the
/// door.
async fn is_holder(
    web: &WebState,
    visit: &Visit,
    own: &Credentials,
    password: String,
) -> Result<bool, Failure> {
    let holder = Known::Holder(own.account.id);
    if web.tries().take(holder.clone(), visit.now).is_some() {
        return Ok(false);
    }
    let is_right = web.verify(password, own.password_hash.clone()).await?;
    if is_right {
        web.tries().forget(&holder);
    }
    Ok(is_right)
}

async fn new_password(
    web: &WebState,
    visit: &Visit,
    own: &Credentials,
    given: &Given,
) -> Result<Option<Objection>, Failure> {
    if given.password != given.again {
        return Ok(Some(Objection::Wrong("password-different")));
    }
    if let Some(key) = password::objection(&given.password, &own.account.login) {
        return Ok(Some(Objection::Wrong(key)));
    }
    let (id, now) = (own.account.id, visit.now);
    let hash = web.hash(given.password.clone()).await?;
    web.ask(move |traeger| traeger.set_password_hash(id, &hash, now)).await?;
    Ok(None)
}

/// Where the weekly mail goes: the holder's own choice. What is no address stays in the form.
async fn weekly(web: &WebState, visit: &Visit, id: i64, given: &Given) -> Result<Response, Failure> {
    let language = Language::parse(&given.language).ok_or(Failure::Refused("error-choose"))?;
    let (who, now, address) = (visit.author(), visit.now, given.address.clone());
    match web.ask(move |traeger| traeger.set_weekly_mail(id, &address, language.code(), &who, now)).await {
        Ok(()) => Ok(Redirect::to("/konto?ok=saved").into_response()),
        Err(Failure::Field(..)) => {
            let why = visit.language.text("error-weekly-address");
            let typed = (given.address.clone(), language.code().to_owned());
            let again = Shown { refused: Some(why.clone()), weekly: Some((typed, why)), secret: None };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(web, visit, None, again).await?).into_response())
        }
        Err(failure) => Err(failure),
    }
}

/// Sets a second factor up once its first code is right: else somebody would be locked out by a wrong scan. One that
/// there is gives way to whoever has it.
async fn new_factor(
    web: &WebState,
    visit: &Visit,
    own: &Credentials,
    given: &Given,
) -> Result<Option<Objection>, Failure> {
    let Some(step) = factor::step(&given.secret, &given.code, visit.now) else {
        return Ok(Some(Objection::Wrong("factor-wrong")));
    };
    let (id, now, secret) = (own.account.id, visit.now, given.secret.clone());
    if !own.totp_secret.is_empty()
        && let Some(objection) = present(web, own, &given.present, now, "factor-present-wrong")
    {
        return Ok(Some(objection));
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
) -> Result<Option<Objection>, Failure> {
    let (id, now) = (own.account.id, visit.now);
    if let Some(objection) = present(web, own, &given.code, now, "factor-wrong") {
        return Ok(Some(objection));
    }
    web.ask(move |traeger| traeger.set_second_factor(id, "", now)).await?;
    Ok(None)
}

/// Why a code is not taken for one of the account's factor; each opens once. Wrong codes are counted apart from wrong
/// passwords: whoever knows the password would else begin anew with each right one.
fn present(
    web: &WebState,
    own: &Credentials,
    code: &str,
    now: Timestamp,
    wrong: &'static str,
) -> Option<Objection> {
    let counted = Known::Factor(own.account.id);
    if let Some(minutes) = web.tries().take(counted.clone(), now) {
        return Some(Objection::Later(minutes));
    }
    let step = factor::step(&own.totp_secret, code, now);
    if !step.is_some_and(|step| web.use_code(own.account.id, step)) {
        return Some(Objection::Wrong(wrong));
    }
    web.tries().forget(&counted);
    None
}
