//! The ID token (RFC 7519, OpenID Connect Core section 3.1.3.7): verified whole before a word of it is believed. Time is a
//! parameter.

use super::key::{Algorithm, Keys};
use data_encoding::BASE64URL_NOPAD;
use rundgang_dashboards::sign_in::Email;
use rundgang_inventory::Timestamp;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

/// Letters of a token; one of a person with many claims has a few thousand.
const LONGEST: usize = 64 * 1024;
/// Seconds by which two clocks may differ.
const LEEWAY: i64 = 60;
/// Seconds for which a token is taken at all: it was made for this sign-in, a moment ago.
const OLDEST: i64 = 600;
/// Letters of a subject (OpenID Connect Core section 2).
const LONGEST_SUBJECT: usize = 255;

/// What a token must say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

/// Why a token proves nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Wrong {
    #[error("the ID token does not read")]
    Form,
    #[error("the ID token is not signed with RS256 or ES256")]
    Algorithm,
    #[error("the provider has no key that may have signed the ID token")]
    Key,
    #[error("the signature of the ID token is wrong")]
    Signature,
    #[error("the ID token is of another issuer")]
    Issuer,
    #[error("the ID token is for somebody else")]
    Audience,
    #[error("the ID token is over; do the clocks agree?")]
    Over,
    #[error("the ID token is from the future; do the clocks agree?")]
    Early,
    #[error("the ID token was made for another sign-in")]
    Nonce,
    #[error("the ID token names nobody")]
    Subject,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    /// What must be understood and is not (RFC 7515 section 4.1.11).
    crit: Option<serde_json::Value>,
}

/// One name, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

/// `true`, or as some providers write it, `"true"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Truth {
    Said(bool),
    Written(String),
}

/// What a token says, as far as it is asked.
#[derive(Deserialize)]
pub(super) struct Claims {
    iss: String,
    pub(super) sub: String,
    aud: Names,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    email: Option<String>,
    email_verified: Option<Truth>,
}

impl Claims {
    /// What the provider says of the mail address.
    pub(super) fn email(&self) -> Email {
        let is_verified = match &self.email_verified {
            Some(Truth::Said(truth)) => *truth,
            Some(Truth::Written(text)) => text == "true",
            None => false,
        };
        match &self.email {
            Some(email) if is_verified => Email::Verified(email.clone()),
            Some(_) => Email::Unverified,
            None => Email::Unsaid,
        }
    }
}

/// What a token says, if it is whole, signed by the provider, for us, for this sign-in, and of now.
pub(super) fn verify(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Claims, Wrong> {
    if token.len() > LONGEST {
        return Err(Wrong::Form);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Wrong::Form)?;
    let (head, body) = message.split_once('.').ok_or(Wrong::Form)?;
    let decoded = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| Wrong::Form);
    let head: Head = serde_json::from_slice(&decoded(head)?).map_err(|_| Wrong::Form)?;
    let algorithm = Algorithm::named(&head.alg).filter(|_| head.crit.is_none()).ok_or(Wrong::Algorithm)?;
    let id = head.kid.as_deref();
    if !keys.has(algorithm, id) {
        return Err(Wrong::Key);
    }
    if !keys.signed(algorithm, id, message.as_bytes(), &decoded(signature)?) {
        return Err(Wrong::Signature);
    }
    let claims: Claims = serde_json::from_slice(&decoded(body)?).map_err(|_| Wrong::Form)?;
    said(&claims, expected)?;
    Ok(claims)
}

fn said(claims: &Claims, expected: &Expected<'_>) -> Result<(), Wrong> {
    if claims.iss != expected.issuer {
        return Err(Wrong::Issuer);
    }
    let is_ours = match &claims.aud {
        Names::One(name) => name == expected.client,
        // Of several, we must be the one it was made for.
        Names::Many(names) => {
            names.iter().any(|name| name == expected.client) && (names.len() == 1 || claims.azp.is_some())
        }
    };
    if !is_ours || claims.azp.as_deref().is_some_and(|party| party != expected.client) {
        return Err(Wrong::Audience);
    }
    let (now, leeway) = (seconds(expected.now), f64::from(i32::try_from(LEEWAY).unwrap_or_default()));
    let oldest = f64::from(i32::try_from(OLDEST).unwrap_or_default());
    // Whatever is no number at all is over.
    let holds = claims.exp > now - leeway && claims.iat > now - leeway - oldest;
    if !holds {
        return Err(Wrong::Over);
    }
    if claims.iat > now + leeway || claims.nbf.is_some_and(|from| from > now + leeway) {
        return Err(Wrong::Early);
    }
    let nonce = claims.nonce.as_deref().unwrap_or_default();
    if expected.nonce.is_empty() || !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err(Wrong::Nonce);
    }
    if claims.sub.is_empty() || claims.sub.len() > LONGEST_SUBJECT {
        return Err(Wrong::Subject);
    }
    Ok(())
}

fn seconds(moment: Timestamp) -> f64 {
    moment.seconds() as f64
}

#[cfg(test)]
mod tests;
