//! The accounts of the Träger: who may open the book, in which role; opening, inviting, changing, closing, deleting.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::pages::{Done, tokens};
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::{Role, Timestamp};
use rundgang_store::{Account, ApiToken, Identity, NewAccount, Traeger};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A way in, told once.
struct Invitation {
    name: String,
    link: String,
    until: String,
}

/// A token, told once.
pub(super) struct Made {
    pub(super) name: String,
    pub(super) token: String,
}

/// What is shown above the lists, and what was typed and not taken.
#[derive(Default)]
struct Told {
    invitation: Option<Invitation>,
    made: Option<Made>,
    /// A new account.
    typed: Given,
    /// A new token.
    program: tokens::Given,
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct Page {
    c: Chrome,
    accounts: Vec<Account>,
    schools: Vec<(i64, String)>,
    tokens: Vec<ApiToken>,
    invitation: Option<Invitation>,
    made: Option<Made>,
    /// What was typed for a new account and not taken.
    typed: Given,
    /// What was typed for a new token and not taken.
    program: tokens::Given,
    now: Timestamp,
    /// What people call the provider by which they may sign in, and by whom each account is proven there.
    by: Option<String>,
    identities: BTreeMap<i64, Identity>,
    /// The issuer of that provider: a link to another one lets nobody in.
    issuer: String,
}

impl Page {
    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn roles(&self) -> [Role; 7] {
        Role::ALL
    }

    fn school(&self, account: &Account) -> String {
        let known = account.school.and_then(|own| self.schools.iter().find(|(id, _)| *id == own));
        known.map(|(_, name)| name.clone()).unwrap_or_default()
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn is_at(&self, account: &Account, school: &i64) -> bool {
        account.school == Some(*school)
    }

    /// The roles that programs have any use for.
    #[expect(clippy::unused_self, reason = "the template calls it")]
    const fn program_roles(&self) -> [Role; 4] {
        tokens::ROLES
    }

    fn school_of(&self, token: &ApiToken) -> Option<&String> {
        let own = token.school?;
        self.schools.iter().find(|(id, _)| *id == own).map(|(_, name)| name)
    }

    fn is_good(&self, token: &ApiToken) -> bool {
        token.is_good(self.now)
    }

    /// How somebody gets in with this account, or why not: the key of a text.
    fn state(&self, account: &Account) -> &'static str {
        match account {
            Account { closed_at: Some(_), .. } => "account-closed",
            _ if self.is_linked(account) => "account-linked",
            Account { has_password: false, .. } if self.is_invited(account) => "account-invited",
            Account { has_password: false, .. } => "account-not-invited",
            Account { has_second_factor: true, .. } => "account-two-factors",
            _ => "account-open",
        }
    }

    /// Whether somebody signs in with it by the provider.
    fn is_linked(&self, account: &Account) -> bool {
        self.identities.get(&account.id).is_some_and(|one| one.is_linked_at(&self.issuer))
    }

    /// Whether somebody can sign in with it now.
    fn lets_in(&self, account: &Account) -> bool {
        account.closed_at.is_none() && (account.has_password || self.is_linked(account))
    }

    /// The mail address that is awaited.
    fn awaited(&self, account: &Account) -> &str {
        self.identities.get(&account.id).map_or("", |one| one.email.as_str())
    }

    /// Whether an invitation can still be followed.
    fn is_invited(&self, account: &Account) -> bool {
        account.invited_until.is_some_and(|until| until > self.now)
    }
}

/// What a form sends: what is to be done, with which account, and what is entered about it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    csrf: String,
    act: String,
    id: i64,
    login: String,
    name: String,
    role: String,
    school: String,
    provider: String,
    email: String,
}

impl Given {
    fn account(&self) -> Result<NewAccount, Failure> {
        Ok(NewAccount {
            login: self.login.clone(),
            name: self.name.clone(),
            role: Role::parse(&self.role).ok_or(Failure::Refused("error-choose"))?,
            school: self.school.parse().ok(),
            provider: self.provider.clone(),
        })
    }
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Query(told): Query<Done>,
) -> Result<Response, Failure> {
    shown(&web, &visit, |c| c.told(told.ok.as_deref()), Told::default()).await
}

async fn shown(
    web: &WebState,
    visit: &Visit,
    tell: impl FnOnce(Chrome) -> Chrome,
    told: Told,
) -> Result<Response, Failure> {
    let (accounts, schools, tokens, settings, identities) = web
        .ask(|traeger| {
            let schools = traeger.schools()?.into_iter().map(|s| (s.id, s.entered.name)).collect();
            let (settings, identities) = (traeger.sign_in_settings()?, traeger.identities()?);
            Ok((traeger.accounts()?, schools, traeger.tokens()?, settings, identities))
        })
        .await?;
    let c = Chrome::new(visit, visit.language.text("accounts-title"))
        .lead(visit.language.text("accounts-lead"))
        .section("accounts");
    let Told { invitation, made, typed, program } = told;
    let (c, now) = (tell(c), visit.now);
    let by = settings.is_set().then_some(settings.name);
    let issuer = settings.issuer;
    html(&Page {
        c,
        accounts,
        schools,
        tokens,
        invitation,
        made,
        typed,
        program,
        now,
        by,
        identities,
        issuer,
    })
}

pub(crate) async fn decide(
    State(web): State<WebState>,
    visit: Visit,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    check_form(&visit, &given.csrf)?;
    // Nobody shuts themselves out, or takes their own role away.
    if given.act != "invite" && Some(given.id) == visit.account {
        return Err(Failure::Refused("account-own"));
    }
    let (id, who, now) = (given.id, visit.author(), visit.now);
    let done = match given.act.as_str() {
        "open" => return opened(&web, &visit, given).await,
        "invite" => return invited(&web, &visit, id).await,
        "change" => return changed(&web, &visit, given).await,
        "identity" => {
            let email = given.email.clone();
            let done = web.ask(move |traeger| traeger.await_identity(id, &email, &who, now)).await;
            if let Err(failure) = done {
                return not_taken(&web, &visit, failure, Given::default(), tokens::Given::default()).await;
            }
            "saved"
        }
        "close" | "reopen" => {
            let closes = given.act == "close";
            web.ask(move |traeger| traeger.close_account(id, closes, &who, now)).await?;
            "saved"
        }
        "remove" => {
            web.ask(move |traeger| traeger.remove_account(id, &who, now)).await?;
            "account-removed"
        }
        _ => return Err(Failure::Refused("error-unfit")),
    };
    web.close_others(id, None);
    Ok(Redirect::to(&format!("/konten?ok={done}")).into_response())
}

/// What was entered about an account. What is not taken is told above the list.
async fn changed(web: &WebState, visit: &Visit, given: Given) -> Result<Response, Failure> {
    let (id, who, now) = (given.id, visit.author(), visit.now);
    let done = match given.account() {
        Ok(new) => web.ask(move |traeger: &Traeger| traeger.change_account(id, &new, &who, now)).await,
        Err(failure) => Err(failure),
    };
    match done {
        Ok(()) => Ok(Redirect::to("/konten?ok=saved").into_response()),
        Err(failure) => not_taken(web, visit, failure, Given::default(), tokens::Given::default()).await,
    }
}

/// The page again with what was not taken and why; other failures stay what they are.
pub(super) async fn not_taken(
    web: &WebState,
    visit: &Visit,
    failure: Failure,
    typed: Given,
    program: tokens::Given,
) -> Result<Response, Failure> {
    let told = match &failure {
        Failure::Field(field, key) => {
            let named = visit.language.text(&format!("account-{field}"));
            format!("{named}: {}", visit.language.text(key))
        }
        Failure::Refused(key) => visit.language.text(key),
        _ => return Err(failure),
    };
    let page = shown(web, visit, |c| c.refused(told), Told { typed, program, ..Told::default() }).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// A new account with its invitation. What is not taken stays in the form.
async fn opened(web: &WebState, visit: &Visit, given: Given) -> Result<Response, Failure> {
    let (who, now) = (visit.author(), visit.now);
    let opened = match given.account() {
        Ok(new) => web.ask(move |traeger: &Traeger| traeger.open_account(&new, &who, now)).await,
        Err(failure) => Err(failure),
    };
    match opened {
        Ok(id) => invited(web, visit, id).await,
        Err(failure) => not_taken(web, visit, failure, given, tokens::Given::default()).await,
    }
}

/// Invites somebody, and shows the way in: only this once, since only its hash is kept.
async fn invited(web: &WebState, visit: &Visit, id: i64) -> Result<Response, Failure> {
    let (secret, until) =
        crate::entry::invitation(visit.now).map_err(|error| Failure::Broken(error.to_string()))?;
    let link = format!("{}/einladung/{secret}", visit.site);
    let (who, now) = (visit.author(), visit.now);
    let account = web.ask(move |traeger| traeger.invite_account(id, &secret, until, &who, now)).await?;
    let until = crate::format::date(visit.language, visit.zone, until);
    let invitation = Some(Invitation { name: account.name, link, until });
    shown(web, visit, |c| c, Told { invitation, ..Told::default() }).await
}

/// Shows a token that was just made.
pub(super) async fn with_token(web: &WebState, visit: &Visit, made: Made) -> Result<Response, Failure> {
    shown(web, visit, |c| c, Told { made: Some(made), ..Told::default() }).await
}
