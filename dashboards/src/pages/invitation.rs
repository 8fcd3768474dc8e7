//! An invitation: whoever holds its link chooses a password, once.

use crate::chrome::{Chrome, html};
use crate::entry::{Known, Outcome, admitted, cookie, password};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_store::Account;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "invitation.html")]
struct Page {
    c: Chrome,
    action: String,
    /// Who is invited; nobody where the link is used up or too old.
    account: Option<Account>,
}

async fn shown(
    web: &WebState,
    visit: &Visit,
    token: String,
    refused: Option<&'static str>,
) -> Result<Response, Failure> {
    let (asked, now) = (token.clone(), visit.now);
    let account = web.ask(move |traeger| traeger.invited_account(&asked, now)).await?;
    let status = match (&account, refused) {
        (None, _) => StatusCode::NOT_FOUND,
        (_, Some(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let mut c = Chrome::new(visit, visit.language.text("invitation-title"));
    if let Some(key) = refused {
        c = c.refused(visit.language.text(key));
    }
    let action = format!("/einladung/{}", crate::guard::escaped(&token));
    Ok((status, html(&Page { c, action, account })?).into_response())
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    shown(&web, &visit, token, None).await
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    csrf: String,
    password: String,
    again: String,
}

pub(crate) async fn accept(
    State(web): State<WebState>,
    visit: Visit,
    Path(token): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Failure> {
    check_form(&visit, &chosen.csrf)?;
    let (asked, now) = (token.clone(), visit.now);
    let Some(account) = web.ask(move |traeger| traeger.invited_account(&asked, now)).await? else {
        return shown(&web, &visit, token, None).await;
    };
    if chosen.password != chosen.again {
        return shown(&web, &visit, token, Some("password-different")).await;
    }
    if let Some(key) = password::objection(&chosen.password, &account.login) {
        return shown(&web, &visit, token, Some(key)).await;
    }
    let hash = web.hash(chosen.password).await?;
    let account = web.ask(move |traeger| traeger.accept_account(&token, &hash, now)).await?;
    // Whoever was in with the password of before is out.
    web.close_others(account.id, None);
    web.tries().forget(&Known::Account(account.login.clone()));
    visit.session.iter().for_each(|before| web.close_session(before));
    match admitted(&web, &account, now)? {
        Outcome::In { session, home } => {
            Ok(([(header::SET_COOKIE, cookie(&web, &session))], Redirect::to(&home)).into_response())
        }
        _ => Ok(Redirect::to("/anmelden").into_response()),
    }
}
