//! `accounts`: who may open the pages, in which role; opening, inviting, closing, deleting.

mod tokens;

use super::{
    book::{Book, WHO, open, print},
    error::CliError,
};
use crate::{Clock, report::school_named};
use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser as _},
};
use rundgang_dashboards::PROGRAM_ROLES;
use rundgang_inventory::Role;
use rundgang_store::{Account, NewAccount, Traeger};

/// List, open, invite, close or delete accounts.
#[derive(Args, Debug)]
pub(super) struct AccountsArgs {
    #[command(flatten)]
    book: Book,
    /// Open an account under this name to sign in, and invite its holder.
    #[arg(long, value_name = "LOGIN", requires = "name", requires = "role", group = "act")]
    open: Option<String>,
    /// The name that stands beside changes.
    #[arg(long, value_name = "NAME", requires = "open")]
    name: Option<String>,
    /// What this person may do.
    #[arg(long, value_name = "ROLE", requires = "open",
          value_parser = PossibleValuesParser::new(Role::ALL.map(Role::name))
              .try_map(|word| Role::parse(&word).ok_or("no such role")))]
    role: Option<Role>,
    /// The school of a coordinator or a head; may be left out where there is only one.
    #[arg(long, value_name = "NAME")]
    school: Option<String>,
    /// The name under which the register knows a provider.
    #[arg(long, value_name = "NAME", requires = "open")]
    provider: Option<String>,
    /// Make a new link by which the holder chooses a password; a second factor is reset by it.
    #[arg(long, value_name = "LOGIN", group = "act")]
    invite: Option<String>,
    /// Let nobody in with this account.
    #[arg(long, value_name = "LOGIN", group = "act")]
    close: Option<String>,
    /// Let its holder in again.
    #[arg(long, value_name = "LOGIN", group = "act")]
    reopen: Option<String>,
    /// Delete it with all that was kept of it.
    #[arg(long, value_name = "LOGIN", group = "act")]
    remove: Option<String>,
    /// Make a token for a program of this name, in the role of --as; it is shown once.
    #[arg(long, value_name = "PROGRAM", requires = "as_role", group = "act")]
    make_token: Option<String>,
    /// What the program may do.
    #[arg(long = "as", value_name = "ROLE", requires = "make_token",
          value_parser = PossibleValuesParser::new(PROGRAM_ROLES.map(Role::name))
              .try_map(|word| Role::parse(&word).ok_or("no such role")))]
    as_role: Option<Role>,
    /// For how many days the token is good.
    #[arg(long, value_name = "DAYS", requires = "make_token", default_value_t = 365,
          value_parser = clap::value_parser!(i64).range(1..=731))]
    days: i64,
    /// Withdraw a token, named by its mark.
    #[arg(long, value_name = "MARK", group = "act")]
    revoke_token: Option<String>,
    /// List the tokens of programs.
    #[arg(long, group = "act")]
    tokens: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &AccountsArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    if args.tokens || args.make_token.is_some() || args.revoke_token.is_some() {
        return tokens::run(args, &traeger, clock);
    }
    if let (Some(login), Some(name), Some(role)) = (&args.open, &args.name, args.role) {
        let school = if role.has_school() { school_of(&traeger, args.school.as_deref())? } else { None };
        let provider = args.provider.clone().unwrap_or_default();
        let new = NewAccount { login: login.clone(), name: name.clone(), role, school, provider };
        let id = traeger.open_account(&new, WHO, clock())?;
        return invited(&traeger, id, clock);
    }
    if let Some(login) = &args.invite {
        return invited(&traeger, named(&traeger, login)?.id, clock);
    }
    for (login, closed) in [(&args.close, true), (&args.reopen, false)] {
        if let Some(login) = login {
            traeger.close_account(named(&traeger, login)?.id, closed, WHO, clock())?;
        }
    }
    if let Some(login) = &args.remove {
        traeger.remove_account(named(&traeger, login)?.id, WHO, clock())?;
    }
    let lines: Vec<String> = traeger
        .accounts()?
        .iter()
        .map(|account| line(&traeger, account, args.json))
        .collect::<Result<_, _>>()?;
    print(&lines.concat())
}

/// The school of somebody who belongs to one: the one that was named, or the only one.
fn school_of(traeger: &Traeger, name: Option<&str>) -> Result<Option<i64>, CliError> {
    if let Some(school) = school_named(traeger, name)? {
        return Ok(Some(school));
    }
    match traeger.schools()?.as_slice() {
        [only] => Ok(Some(only.id)),
        _ => Err(CliError::WhichSchool),
    }
}

pub(super) fn named(traeger: &Traeger, login: &str) -> Result<Account, CliError> {
    let wanted = login.trim().to_lowercase();
    let found = traeger.accounts()?.into_iter().find(|account| account.login == wanted);
    Ok(found.ok_or_else(|| rundgang_store::Error::NotFound(format!("account '{login}'")))?)
}

fn invited(traeger: &Traeger, id: i64, clock: &Clock) -> Result<(), CliError> {
    let (secret, until) = rundgang_dashboards::invitation(clock())?;
    let account = traeger.invite_account(id, &secret, until, WHO, clock())?;
    print(&format!(
        "Give {} this way in, best in person; behind the address of the pages it works once, until {}:\n  \
         /einladung/{secret}\n",
        account.name,
        until.date()
    ))
}

fn line(traeger: &Traeger, account: &Account, json: bool) -> Result<String, CliError> {
    if json {
        let shown = serde_json::to_string(account).map_err(rundgang_store::Error::from)?;
        return Ok(format!("{shown}\n"));
    }
    let bound = match account.school {
        Some(school) => traeger.school(school)?.entered.name,
        None => account.provider.clone(),
    };
    let state = match account {
        Account { closed_at: Some(_), .. } => "closed",
        Account { has_password: false, .. } => "no password yet",
        Account { has_second_factor: true, .. } => "open, two factors",
        _ => "open",
    };
    let text =
        format!("{:<24} {:<16} {:<18} {:<28} {bound}", account.login, account.role, state, account.name);
    Ok(format!("{}\n", text.trim_end()))
}
