//! Signing in: who somebody proves to be, with a password and a code or with the access token of the collector.

pub(crate) mod factor;
pub(crate) mod password;
mod tries;

pub(crate) use tries::{Known, Tries};

use crate::failure::Failure;
use crate::guard::same;
use crate::web::{Session, WebState, secret};
use rundgang_inventory::Timestamp;
use rundgang_store::{Account, Credentials};
use tokio::sync::OwnedSemaphorePermit;

/// Days for which an invitation can be followed.
const INVITATION_DAYS: i64 = 7;

/// A secret that invites somebody to choose a password, and until when: `/einladung/SECRET` on the pages.
///
/// # Errors
/// The system yields no random numbers.
pub fn invitation(now: Timestamp) -> Result<(String, Timestamp), std::io::Error> {
    let secret = secret().map_err(|_| std::io::Error::other("the system yields no random numbers"))?;
    Ok((secret, now.plus_days(INVITATION_DAYS)))
}

/// What somebody typed.
pub(crate) struct Typed {
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) code: String,
}

/// What came of it.
pub(crate) enum Outcome {
    /// A session was opened under this number; where to begin.
    In {
        /// The value of the cookie.
        session: String,
        /// The page on which they begin.
        home: String,
    },
    /// Name, password or code are wrong; which of them is not said.
    Wrong,
    /// The access token is right, but nobody said who is holding it.
    Nameless,
    /// Too many were wrong: to be tried again in so many minutes.
    Later(i64),
}

/// Lets somebody in, or not.
///
/// # Errors
/// The database failed, or the system yields no random numbers.
pub(crate) async fn sign_in(web: &WebState, typed: Typed) -> Result<Outcome, Failure> {
    let name = name_in(&typed.name);
    let now = web.now();
    if let Some(token) = &web.shared().config.token
        && same(token, typed.password.trim())
    {
        if name.is_empty() {
            return Ok(Outcome::Nameless);
        }
        return opened(web, name, None, "/".to_owned(), now);
    }
    // No password is that long: not worth a hash, nor a place among the names that wait.
    if password::is_too_long(&typed.password) {
        return Ok(Outcome::Wrong);
    }
    if let Some(minutes) = web.tries().name_waits(&name, now) {
        return Ok(Outcome::Later(minutes));
    }
    // Nothing is counted without a place for its hash, so that names come no faster than hashes are made.
    let place = web.place_for_hashing()?;
    let asked = name.clone();
    let known = web.ask(move |traeger| traeger.credentials(&asked)).await?;
    let counted = known.as_ref().map(|known| Known::Account(known.account.login.clone()));
    // Counted before it is looked at: many tries at once are many tries.
    let waits = match &counted {
        Some(account) => web.tries().take(account.clone(), now),
        None => web.tries().take_stranger(&name, now),
    };
    if let Some(minutes) = waits {
        return Ok(Outcome::Later(minutes));
    }
    let Some(account) = proven(web, place, known, typed).await? else {
        tracing::warn!("Somebody tried to sign in with a wrong name, password or code.");
        return Ok(Outcome::Wrong);
    };
    counted.iter().for_each(|account| web.tries().forget(account));
    admitted(web, &account, now)
}

/// The name that was typed, in the one form under which it is counted and looked up.
pub(crate) fn name_in(typed: &str) -> String {
    let shown: String = typed.chars().filter(|c| !c.is_control()).collect();
    let short: String = shown.trim().chars().take(60).collect();
    short.trim().to_owned()
}

/// Opens a session for somebody whose account was proven at that moment.
///
/// # Errors
/// The system yields no random numbers, or the account's role is unknown.
pub(crate) fn admitted(web: &WebState, account: &Account, at: Timestamp) -> Result<Outcome, Failure> {
    let home = account.rights().map_err(Failure::from)?.home();
    opened(web, account.name.clone(), Some(account.id), home, at)
}

fn opened(
    web: &WebState,
    who: String,
    account: Option<i64>,
    home: String,
    at: Timestamp,
) -> Result<Outcome, Failure> {
    Ok(Outcome::In { session: web.open_session(who, account, at)?, home })
}

/// The account whose password and code were typed. Somebody without an account takes as long as somebody with one.
async fn proven(
    web: &WebState,
    place: OwnedSemaphorePermit,
    known: Option<Credentials>,
    typed: Typed,
) -> Result<Option<Account>, Failure> {
    let hash = known.as_ref().map(|known| known.password_hash.clone()).unwrap_or_default();
    let is_right = web.verify_in(place, typed.password, hash).await?;
    let Some(known) = known.filter(|_| is_right) else { return Ok(None) };
    if known.totp_secret.is_empty() {
        return Ok(Some(known.account));
    }
    let Some(step) = factor::step(&known.totp_secret, &typed.code, web.now()) else { return Ok(None) };
    Ok(web.use_code(known.account.id, step).then_some(known.account))
}

/// The value that sets the cookie of a session.
pub(crate) fn cookie(web: &WebState, session: &str) -> String {
    let secure = if web.shared().config.https { "; Secure" } else { "" };
    let seconds = Session::HOURS * 3600;
    format!("{}={session}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}", crate::guard::SESSION)
}

#[cfg(test)]
mod tests {
    use super::name_in;

    #[test]
    fn a_name_is_counted_as_it_is_looked_up() {
        let check = |typed: &str, expected: &str| assert_eq!(name_in(typed), expected, "{typed:?}");
        check(" a.beispiel ", "a.beispiel");
        check("\u{1} a.beispiel", "a.beispiel");
        check("\u{2003}\u{1}\u{a0}a.beispiel\u{7f} ", "a.beispiel");
        check(&format!("{} x", "b".repeat(59)), &"b".repeat(59));
    }
}
