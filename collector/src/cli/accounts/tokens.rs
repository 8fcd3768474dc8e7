//! `accounts --tokens`: by what programs come in; making and withdrawing their tokens.

use super::{AccountsArgs, CliError, school_of};
use crate::{
    Clock,
    cli::book::{WHO, print},
};
use rundgang_inventory::Timestamp;
use rundgang_store::{ApiToken, NewApiToken, Traeger};

pub(super) fn run(args: &AccountsArgs, traeger: &Traeger, clock: &Clock) -> Result<(), CliError> {
    let now = clock();
    if let (Some(program), Some(role)) = (&args.make_token, args.as_role) {
        let school = if role.has_school() { school_of(traeger, args.school.as_deref())? } else { None };
        let new = NewApiToken {
            name: program.clone(),
            role,
            school,
            provider: String::new(),
            expires_at: now.plus_days(args.days),
        };
        let (mark, secret) = rundgang_dashboards::random_token()?;
        let token = traeger.make_token(&new, (&mark, &secret), WHO, now)?;
        return print(&format!("{token}\n"));
    }
    if let Some(mark) = &args.revoke_token {
        let found = traeger.tokens()?.into_iter().find(|token| token.mark == *mark);
        let token = found.ok_or_else(|| rundgang_store::Error::NotFound(format!("token '{mark}'")))?;
        traeger.revoke_token(token.id, WHO, now)?;
    }
    let tokens = traeger.tokens()?;
    if tokens.is_empty() && !args.json {
        return print("No program has a token; --make-token PROGRAM --as ROLE makes one.\n");
    }
    let lines: Vec<String> =
        tokens.iter().map(|token| line(traeger, token, args.json, now)).collect::<Result<_, _>>()?;
    print(&lines.concat())
}

fn line(traeger: &Traeger, token: &ApiToken, json: bool, now: Timestamp) -> Result<String, CliError> {
    if json {
        let shown = serde_json::to_string(token).map_err(rundgang_store::Error::from)?;
        return Ok(format!("{shown}\n"));
    }
    let school = match token.school {
        Some(school) => traeger.school(school)?.entered.name,
        None => String::new(),
    };
    let state = match token {
        ApiToken { revoked_at: Some(_), .. } => "withdrawn".to_owned(),
        token if token.is_good(now) => format!("until {}", token.expires_at.date()),
        _ => "over".to_owned(),
    };
    let text = format!("{:<10} {:<16} {:<18} {:<28} {school}", token.mark, token.role, state, token.name);
    Ok(format!("{}\n", text.trim_end()))
}
