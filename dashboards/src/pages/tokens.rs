//! Tokens of programs, on the page of accounts: made and shown once, withdrawn.

use super::accounts::{Made, not_taken, with_token};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::web::{Visit, WebState, secret};
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::Role;
use rundgang_store::NewApiToken;
use serde::Deserialize;

/// The roles that programs have any use for: what the others may see is on pages alone.
pub const ROLES: [Role; 4] = [Role::Reader, Role::Coordinator, Role::Head, Role::Administrator];

/// What a form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    csrf: String,
    act: String,
    id: i64,
    pub(super) name: String,
    pub(super) role: String,
    pub(super) school: String,
    pub(super) days: String,
}

/// A random mark and secret for a token, as [`rundgang_store::Traeger::make_token`] takes them.
///
/// # Errors
/// The system yields no random numbers.
pub fn random_token() -> Result<(String, String), std::io::Error> {
    let failed = |_| std::io::Error::other("the system yields no random numbers");
    let mark: String = secret().map_err(failed)?.chars().take(8).collect();
    Ok((mark, secret().map_err(failed)?))
}

pub(crate) async fn decide(
    State(web): State<WebState>,
    visit: Visit,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    check_form(&visit, &given.csrf)?;
    match given.act.as_str() {
        "make" => made(&web, &visit, given).await,
        "revoke" => {
            let (id, who, now) = (given.id, visit.author(), visit.now);
            web.ask(move |traeger| traeger.revoke_token(id, &who, now)).await?;
            Ok(Redirect::to("/konten?ok=token-revoked#tokens").into_response())
        }
        _ => Err(Failure::Refused("error-unfit")),
    }
}

/// Makes a token and shows it: only this once, since only its hash is kept.
async fn made(web: &WebState, visit: &Visit, given: Given) -> Result<Response, Failure> {
    let (who, now) = (visit.author(), visit.now);
    let done = match new(&given, visit) {
        Ok(new) => {
            let (mark, secret) = random_token().map_err(|error| Failure::Broken(error.to_string()))?;
            let name = new.name.clone();
            let token = web.ask(move |traeger| traeger.make_token(&new, (&mark, &secret), &who, now)).await;
            token.map(|token| Made { name, token })
        }
        Err(failure) => Err(failure),
    };
    match done {
        Ok(made) => with_token(web, visit, made).await,
        Err(failure) => not_taken(web, visit, failure, super::accounts::Given::default(), given).await,
    }
}

fn new(given: &Given, visit: &Visit) -> Result<NewApiToken, Failure> {
    let unfit = || Failure::Field("days".to_owned(), "error-unfit");
    let days: i64 =
        given.days.trim().parse().ok().filter(|days| (1..=731).contains(days)).ok_or_else(unfit)?;
    Ok(NewApiToken {
        name: given.name.clone(),
        role: Role::parse(&given.role)
            .filter(|role| ROLES.contains(role))
            .ok_or(Failure::Refused("error-choose"))?,
        school: given.school.parse().ok(),
        provider: String::new(),
        expires_at: visit.now.plus_days(days),
    })
}
