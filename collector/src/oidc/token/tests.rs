//! Tokens that prove somebody and, one by one, everything that proves nobody. Keys and signatures are real ones.

use super::*;
use ring::{
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::{Value as Json, json};

const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800);
const ISSUER: &str = "https://konto.kreis.example";
/// A key made for these tests; it opens nothing.
const RSA: &[u8] = include_bytes!("for-tests.pk8");

struct Signer {
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
}

impl Signer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let how = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let made = EcdsaKeyPair::generate_pkcs8(how, &random).expect("a key");
        Self {
            rsa: RsaKeyPair::from_pkcs8(RSA).expect("a key"),
            p256: EcdsaKeyPair::from_pkcs8(how, made.as_ref(), &random).expect("a key"),
        }
    }

    fn keys(&self) -> Keys {
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let rsa = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public());
        let point = self.p256.public_key().as_ref();
        let set = json!({ "keys": [
            { "kty": "oct", "kid": "shared", "k": "c2VjcmV0" },
            { "kty": "RSA", "kid": "r", "use": "sig", "n": text(&[&[0][..], &rsa.n].concat()), "e": text(&rsa.e) },
            { "kty": "EC", "kid": "p", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..]) },
            { "kty": "RSA", "kid": "enc", "use": "enc", "n": text(&rsa.n), "e": text(&rsa.e) },
            "nonsense",
        ]});
        Keys::parse(set.to_string().as_bytes()).expect("keys")
    }

    fn sign(&self, head: &Json, claims: &Json) -> String {
        let part = |json: &Json| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
        let message = format!("{}.{}", part(head), part(claims));
        let random = SystemRandom::new();
        let signature = match head["alg"].as_str() {
            Some("RS256") => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                self.rsa
                    .sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature)
                    .expect("signed");
                signature
            }
            Some("ES256") => self.p256.sign(&random, message.as_bytes()).expect("signed").as_ref().to_vec(),
            Some("HS256") => {
                // As if the public key were a shared secret, an old trick.
                let secret = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public()).n;
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
                ring::hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
            _ => Vec::new(),
        };
        format!("{message}.{}", BASE64URL_NOPAD.encode(&signature))
    }
}

/// Good claims, with one of them another.
fn claims(name: &str, value: Json) -> Json {
    let now = NOW.seconds();
    let mut claims = json!({
        "iss": ISSUER, "sub": "4711", "aud": "rundgang", "exp": now + 300, "iat": now, "nonce": "n-1",
        "email": "k.beispiel@kreis.example", "email_verified": true, "groups": ["admin"],
    });
    if value.is_null() {
        claims.as_object_mut().expect("claims").remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

fn expected() -> Expected<'static> {
    Expected { issuer: ISSUER, client: "rundgang", nonce: "n-1", now: NOW }
}

#[test]
fn a_token_that_is_ours_proves_somebody() {
    let signer = Signer::new();
    for (alg, kid) in
        [("RS256", json!("r")), ("ES256", json!("p")), ("RS256", Json::Null), ("ES256", Json::Null)]
    {
        let mut head = json!({ "alg": alg, "kid": kid });
        if kid.is_null() {
            head.as_object_mut().expect("a head").remove("kid");
        }
        let token = signer.sign(&head, &claims("x", json!(1)));
        let said = verify(&token, &signer.keys(), &expected()).expect("proven");
        assert_eq!(said.sub, "4711");
        assert_eq!(said.email(), Email::Verified("k.beispiel@kreis.example".to_owned()));
    }
    let head = json!({ "alg": "RS256", "kid": "r" });
    let several = signer.sign(&head, &{
        let mut several = claims("aud", json!(["other", "rundgang"]));
        several["azp"] = json!("rundgang");
        several
    });
    assert!(verify(&several, &signer.keys(), &expected()).is_ok());
}

#[test]
fn everything_else_proves_nobody() {
    let signer = Signer::new();
    let head = json!({ "alg": "RS256", "kid": "r" });
    let now = NOW.seconds();
    let check = |name: &str, value: Json, wrong: Wrong| {
        let token = signer.sign(&head, &claims(name, value.clone()));
        let said = verify(&token, &signer.keys(), &expected()).err();
        assert_eq!(said, Some(wrong), "{name} = {value}");
    };
    check("iss", json!("https://konto.kreis.example/"), Wrong::Issuer);
    check("iss", Json::Null, Wrong::Form);
    check("aud", json!("somebody-else"), Wrong::Audience);
    check("aud", json!(["rundgang", "other"]), Wrong::Audience);
    check("aud", json!([]), Wrong::Audience);
    check("azp", json!("other"), Wrong::Audience);
    check("exp", json!(now - 61), Wrong::Over);
    check("exp", Json::Null, Wrong::Form);
    check("iat", json!(now - 700), Wrong::Over);
    check("iat", json!(now + 61), Wrong::Early);
    check("nbf", json!(now + 61), Wrong::Early);
    check("nonce", json!("n-2"), Wrong::Nonce);
    check("nonce", Json::Null, Wrong::Nonce);
    check("sub", json!(""), Wrong::Subject);
    check("sub", json!("x".repeat(256)), Wrong::Subject);
    let unasked = Expected { nonce: "", ..expected() };
    let token = signer.sign(&head, &claims("nonce", json!("")));
    assert_eq!(verify(&token, &signer.keys(), &unasked).err(), Some(Wrong::Nonce));
}

#[test]
fn a_signature_of_nobody_or_of_another_is_refused() {
    let (signer, other) = (Signer::new(), Signer::new());
    let check = |token: &str, wrong: Wrong| {
        assert_eq!(verify(token, &signer.keys(), &expected()).err(), Some(wrong), "{token}");
    };
    let good = claims("x", json!(1));
    for alg in ["none", "None", "HS256", "RS384", "PS256", ""] {
        check(&signer.sign(&json!({ "alg": alg, "kid": "r" }), &good), Wrong::Algorithm);
    }
    check(&signer.sign(&json!({ "alg": "RS256", "kid": "r", "crit": ["x"] }), &good), Wrong::Algorithm);
    check(&other.sign(&json!({ "alg": "ES256", "kid": "p" }), &good), Wrong::Signature);
    // Keys for another use, of another kind, of another name.
    for (alg, kid) in [("RS256", "enc"), ("ES256", "r"), ("RS256", "shared"), ("RS256", "unknown")] {
        check(&signer.sign(&json!({ "alg": alg, "kid": kid }), &good), Wrong::Key);
    }
    let token = signer.sign(&json!({ "alg": "RS256", "kid": "r" }), &good);
    let (message, _) = token.rsplit_once('.').expect("a token");
    check(&format!("{message}."), Wrong::Signature);
    let (head, rest) = message.split_once('.').expect("a token");
    let changed = BASE64URL_NOPAD.encode(claims("sub", json!("1")).to_string().as_bytes());
    let signature = token.rsplit('.').next().expect("a signature");
    check(&format!("{head}.{changed}.{signature}"), Wrong::Signature);
    for text in ["", ".", "..", "a.b.c", rest, &"x.".repeat(40_000)] {
        check(text, Wrong::Form);
    }
}

#[test]
fn an_address_that_nobody_verified_is_none() {
    let signer = Signer::new();
    let head = json!({ "alg": "ES256", "kid": "p" });
    let verified = Email::Verified("k.beispiel@kreis.example".to_owned());
    for (name, value, expected_email) in [
        ("email_verified", json!(false), Email::Unverified),
        ("email_verified", Json::Null, Email::Unverified),
        ("email_verified", json!("no"), Email::Unverified),
        ("email_verified", json!("true"), verified),
        ("email", Json::Null, Email::Unsaid),
    ] {
        let token = signer.sign(&head, &claims(name, value.clone()));
        let said = verify(&token, &signer.keys(), &expected()).expect("proven");
        assert_eq!(said.email(), expected_email, "{name} {value}");
    }
}
