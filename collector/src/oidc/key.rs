//! The keys with which a provider signs (RFC 7517, RFC 7518): RSA and the curve P-256, public halves alone.

use data_encoding::BASE64URL_NOPAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

/// Keys that are looked at; a provider has a handful.
const MOST: usize = 50;

/// How a token may be signed. There is no other way: none, and none with a shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

#[derive(Clone)]
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
}

#[derive(Clone)]
struct Key {
    id: Option<String>,
    public: Public,
}

/// The keys of a provider.
#[derive(Clone)]
pub(super) struct Keys(Vec<Key>);

#[derive(Deserialize)]
struct File {
    keys: Vec<serde_json::Value>,
}

/// What is read of one key; fields of other kinds of keys are left out.
#[derive(Deserialize)]
struct Said {
    kty: String,
    #[serde(rename = "use")]
    used_for: Option<String>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Algorithm {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

impl Keys {
    /// Reads a set of keys; one of an unknown kind is left out, since providers publish keys for other uses as well.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(text)
            .map_err(|error| format!("the provider's keys do not read: {error}"))?;
        Ok(Self(file.keys.into_iter().take(MOST).filter_map(key).collect()))
    }

    /// The keys that may have signed: those of that kind, and of that name where the token names one.
    fn fitting(&self, algorithm: Algorithm, id: Option<&str>) -> impl Iterator<Item = &Key> {
        let is_kind = move |key: &&Key| {
            matches!(
                (&key.public, algorithm),
                (Public::Rsa { .. }, Algorithm::Rs256) | (Public::P256(_), Algorithm::Es256)
            )
        };
        self.0.iter().filter(is_kind).filter(move |key| id.is_none_or(|id| key.id.as_deref() == Some(id)))
    }

    /// Whether there is a key that may have signed.
    pub(super) fn has(&self, algorithm: Algorithm, id: Option<&str>) -> bool {
        self.fitting(algorithm, id).next().is_some()
    }

    /// Whether one of the keys signed a message.
    pub(super) fn signed(
        &self,
        algorithm: Algorithm,
        id: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        self.fitting(algorithm, id).any(|key| match &key.public {
            Public::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            Public::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
        })
    }
}

fn key(said: serde_json::Value) -> Option<Key> {
    let said: Said = serde_json::from_value(said).ok()?;
    if said.used_for.as_deref().is_some_and(|used_for| used_for != "sig") {
        return None;
    }
    let number = |text: &Option<String>| BASE64URL_NOPAD.decode(text.as_deref()?.as_bytes()).ok();
    let public = match (said.kty.as_str(), said.crv.as_deref()) {
        ("RSA", _) => {
            // Some write a leading zero, which is no part of the number.
            let plain = |bytes: Vec<u8>| bytes.into_iter().skip_while(|byte| *byte == 0).collect::<Vec<u8>>();
            Public::Rsa { n: plain(number(&said.n)?), e: plain(number(&said.e)?) }
        }
        ("EC", Some("P-256")) => {
            let (x, y) = (number(&said.x)?, number(&said.y)?);
            (x.len() == 32 && y.len() == 32).then(|| Public::P256([&[4][..], &x, &y].concat()))?
        }
        _ => return None,
    };
    Some(Key { id: said.kid, public })
}
