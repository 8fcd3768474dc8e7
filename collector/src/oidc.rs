//! Signing in by OpenID Connect: the authorization code with PKCE, and an ID token that is verified before anybody is in.
//!
//! Reading order: `fetch` asks over TLS, `place` is what a provider says about itself, `key` and `token` verify without any
//! network or clock. Nothing else is asked of the provider: no user info, no refresh, no groups.

mod fetch;
mod key;
mod place;
mod token;

use crate::post::secret;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use key::Keys;
use place::Place;
use ring::digest::{SHA256, digest};
use rundgang_dashboards::{
    escaped,
    sign_in::{Passage, Proven, SignIn},
};
use rundgang_inventory::Timestamp;
use rundgang_store::SignInSettings;
use serde::Deserialize;
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};
use token::{Expected, Wrong};

/// How long what a provider says about itself is believed without asking again.
const HOUR: i64 = 3_600_000;
/// Keys with which a token does not verify are asked for again no sooner.
const MINUTE: i64 = 60_000;

/// Asks providers of identities for the pages.
pub(crate) struct OpenId {
    /// The data directory; the folder of secrets lies in it.
    data: PathBuf,
    /// What the issuer said that was asked last.
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    issuer: String,
    /// When it said so.
    at: Timestamp,
    /// When it was last asked, whatever came of it.
    asked: Timestamp,
    place: Place,
    keys: Keys,
}

/// What a provider answers to a code (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3).
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl OpenId {
    pub(crate) fn new(data: &Path) -> Self {
        Self { data: data.to_owned(), known: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an issuer says about itself; asked again when it is older than an hour.
    fn known(&self, issuer: &str, now: Timestamp) -> Result<Known, String> {
        let held = self.held().clone().filter(|known| known.issuer == issuer);
        match held.filter(|known| now.0.saturating_sub(known.at.0) < HOUR) {
            Some(known) => Ok(known),
            None => self.ask(issuer, now),
        }
    }

    /// The same after a token that did not verify: asked anew, unless that was done within a minute, so that no flood of
    /// such tokens becomes one of questions.
    fn anew(&self, issuer: &str, now: Timestamp) -> Result<Known, String> {
        if let Some(known) = self.held().as_mut().filter(|known| known.issuer == issuer) {
            if now.0.saturating_sub(known.asked.0) < MINUTE {
                return Ok(known.clone());
            }
            known.asked = now;
        }
        self.ask(issuer, now)
    }

    fn ask(&self, issuer: &str, now: Timestamp) -> Result<Known, String> {
        let place = Place::parse(&fetch::get(&Place::address(issuer))?, issuer)?;
        let keys = Keys::parse(&fetch::get(&place.keys)?)?;
        let known = Known { issuer: issuer.to_owned(), at: now, asked: now, place, keys };
        *self.held() = Some(known.clone());
        Ok(known)
    }

    /// Exchanges a code for the token (RFC 6749 section 4.1.3).
    fn exchange(
        &self,
        settings: &SignInSettings,
        traeger: i64,
        place: &Place,
        code: &str,
        passage: &Passage<'_>,
    ) -> Result<String, String> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", passage.back),
            ("code_verifier", passage.verifier),
            ("client_id", settings.client.as_str()),
        ];
        let secret = if settings.secret_file.is_empty() {
            None
        } else {
            let folder = self.data.join("secrets").join(traeger.to_string());
            Some(secret::read(&folder, &settings.secret_file)?)
        };
        let authorization = match &secret {
            Some(secret) if place.takes_secret_in_form() => {
                form.push(("client_secret", secret));
                None
            }
            Some(secret) => Some(basic(&settings.client, secret)),
            None => None,
        };
        let answer = fetch::post(&place.token, &encoded(&form), authorization.as_deref())?;
        let tokens: Tokens = serde_json::from_slice(&answer)
            .map_err(|_| "the provider answered without an ID token".to_owned())?;
        Ok(tokens.id_token)
    }
}

impl SignIn for OpenId {
    fn way(
        &self,
        settings: &SignInSettings,
        _traeger: i64,
        passage: &Passage<'_>,
        now: Timestamp,
    ) -> Result<String, String> {
        let known = self.known(&settings.issuer, now)?;
        let challenge = BASE64URL_NOPAD.encode(digest(&SHA256, passage.verifier.as_bytes()).as_ref());
        let query = encoded(&[
            ("response_type", "code"),
            ("client_id", &settings.client),
            ("redirect_uri", passage.back),
            ("scope", "openid email"),
            ("state", passage.state),
            ("nonce", passage.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let joint = if known.place.authorization.contains('?') { '&' } else { '?' };
        Ok(format!("{}{joint}{query}", known.place.authorization))
    }

    fn prove(
        &self,
        settings: &SignInSettings,
        traeger: i64,
        code: &str,
        passage: &Passage<'_>,
        now: Timestamp,
    ) -> Result<Proven, String> {
        let known = self.known(&settings.issuer, now)?;
        let token = self.exchange(settings, traeger, &known.place, code, passage)?;
        let expected =
            Expected { issuer: &settings.issuer, client: &settings.client, nonce: passage.nonce, now };
        let claims = match token::verify(&token, &known.keys, &expected) {
            // The provider may have changed its keys meanwhile; some call the new one by the old one's name.
            Err(Wrong::Key | Wrong::Signature) => {
                let anew = self.anew(&settings.issuer, now)?;
                token::verify(&token, &anew.keys, &expected)
            }
            other => other,
        };
        let claims = claims.map_err(|wrong| wrong.to_string())?;
        Ok(Proven { issuer: settings.issuer.clone(), email: claims.email(), subject: claims.sub })
    }
}

/// Name and secret of a client, each encoded as in a form before they are joined (RFC 6749 section 2.3.1).
fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{}:{}", escaped(client), escaped(secret)).as_bytes()))
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", escaped(name), escaped(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}
