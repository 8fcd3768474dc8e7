//! A provider of identities on loopback: TLS, discovery, keys, codes with PKCE, and lies on request.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use ring::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use serde_json::{Value as Json, json};
use std::{
    collections::BTreeMap,
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

pub(crate) const CLIENT: &str = "rundgang";
pub(crate) const SECRET: &str = "Kreide/Schwamm+Tafel";

/// How a token is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    None,
    Nonce,
    Audience,
    Issuer,
    Over,
    Forged,
    Unsigned,
    NoToken,
    OtherVerifier,
}

impl Lie {
    pub(crate) const ALL: [Self; 8] = [
        Self::Nonce,
        Self::Audience,
        Self::Issuer,
        Self::Over,
        Self::Forged,
        Self::Unsigned,
        Self::NoToken,
        Self::OtherVerifier,
    ];
}

/// Whom a code is for, and for which sign-in.
pub(crate) struct Grant {
    pub(crate) challenge: String,
    pub(crate) nonce: String,
    pub(crate) subject: String,
    pub(crate) email: Option<(String, bool)>,
    pub(crate) lie: Lie,
}

struct Shared {
    issuer: String,
    clock: Arc<AtomicI64>,
    key: Mutex<(usize, EcdsaKeyPair)>,
    grants: Mutex<BTreeMap<String, Grant>>,
    asked: AtomicUsize,
}

pub(crate) struct Provider {
    pub(crate) issuer: String,
    shared: Arc<Shared>,
}

/// Writes an authority of its own and, for the provider, a certificate of it with its key.
pub(crate) fn certify(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = params.self_signed(&key).expect("an authority");
    let own = KeyPair::generate().expect("a key");
    let params_own = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate = params_own.signed_by(&own, &Issuer::new(params, key)).expect("a certificate");
    fs::write(folder.join("authority.pem"), authority.pem()).expect("written");
    fs::write(folder.join("provider.pem"), certificate.pem()).expect("written");
    fs::write(folder.join("provider.key"), own.serialize_pem()).expect("written");
}

fn new_key() -> EcdsaKeyPair {
    let (random, how) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let made = EcdsaKeyPair::generate_pkcs8(how, &random).expect("a key");
    EcdsaKeyPair::from_pkcs8(how, made.as_ref(), &random).expect("a key")
}

impl Provider {
    pub(crate) fn start(folder: &Path, clock: Arc<AtomicI64>) -> Self {
        let certificate = CertificateDer::from_pem_file(folder.join("provider.pem")).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(folder.join("provider.key")).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a certificate with its key");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let issuer = format!("https://localhost:{port}");
        let shared = Arc::new(Shared {
            issuer: issuer.clone(),
            clock,
            key: Mutex::new((1, new_key())),
            grants: Mutex::default(),
            asked: AtomicUsize::new(0),
        });
        let (served, config) = (shared.clone(), Arc::new(config));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                served.asked.fetch_add(1, Ordering::SeqCst);
                served.answer(stream, config.clone());
            }
        });
        Self { issuer, shared }
    }

    /// How many connections there were.
    pub(crate) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// A code for a grant.
    pub(crate) fn grant(&self, grant: Grant) -> String {
        let mut grants = self.shared.grants.lock().expect("grants");
        let code = format!("code-{}", digest_of(&grant.nonce));
        grants.insert(code.clone(), grant);
        code
    }

    /// Signs with another key from now on, under another name or the old one.
    pub(crate) fn change_keys(&self, is_renamed: bool) {
        let mut key = self.shared.key.lock().expect("a key");
        *key = (key.0 + usize::from(is_renamed), new_key());
    }
}

fn digest_of(text: &str) -> String {
    BASE64URL_NOPAD.encode(digest(&SHA256, text.as_bytes()).as_ref())
}

/// A form's text as it was meant.
fn plain(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| u8::from_str_radix(&text[at + 1..at + 3], 16).expect("hex"));
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).expect("UTF-8")
}

impl Shared {
    fn answer(&self, stream: TcpStream, config: Arc<ServerConfig>) {
        let mut stream = StreamOwned::new(ServerConnection::new(config).expect("a connection"), stream);
        let mut request = String::new();
        let mut piece = [0; 4096];
        let whole = |request: &str| {
            let (head, body) = request.split_once("\r\n\r\n")?;
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            (body.len() >= length.map_or(0, |length| length.parse().expect("a length"))).then_some(())
        };
        while whole(&request).is_none() {
            match stream.read(&mut piece) {
                Ok(0) | Err(_) => return,
                Ok(length) => request.push_str(std::str::from_utf8(&piece[..length]).expect("UTF-8")),
            }
        }
        let path = request.split(' ').nth(1).unwrap_or_default();
        let (status, body) = match path {
            "/.well-known/openid-configuration" => (200, self.said()),
            "/keys" => (200, self.keys()),
            "/token" => self.token(&request),
            _ => (404, json!({})),
        };
        let body = body.to_string();
        // In two chunks, as larger servers answer.
        let (one, two) = body.split_at(body.len() / 2);
        let chunk = |text: &str| {
            if text.is_empty() { String::new() } else { format!("{:x}\r\n{text}\r\n", text.len()) }
        };
        let answer = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{}{}0\r\n\r\n",
            chunk(one),
            chunk(two)
        );
        stream.write_all(answer.as_bytes()).and_then(|()| stream.flush()).ok();
        stream.conn.send_close_notify();
        stream.flush().ok();
    }

    fn said(&self) -> Json {
        json!({
            "issuer": self.issuer, "authorization_endpoint": format!("{}/auth", self.issuer),
            "token_endpoint": format!("{}/token", self.issuer), "jwks_uri": format!("{}/keys", self.issuer),
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        })
    }

    fn keys(&self) -> Json {
        let key = self.key.lock().expect("a key");
        let point = key.1.public_key().as_ref();
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        json!({ "keys": [{
            "kty": "EC", "kid": format!("k{}", key.0), "crv": "P-256", "use": "sig",
            "x": text(&point[1..33]), "y": text(&point[33..]),
        }] })
    }

    fn token(&self, request: &str) -> (u16, Json) {
        let (head, body) = request.split_once("\r\n\r\n").expect("a request");
        let field = |name: &str| {
            let found = body.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
            plain(found.unwrap_or_default())
        };
        // Name and secret are encoded before they are joined (RFC 6749 section 2.3.1).
        let secret = SECRET.replace('/', "%2F").replace('+', "%2B");
        let basic = BASE64.encode(format!("{CLIENT}:{secret}").as_bytes());
        let is_client = head.lines().any(|line| line == format!("Authorization: Basic {basic}"));
        let grant = self.grants.lock().expect("grants").remove(&field("code"));
        let Some(grant) = grant.filter(|_| is_client && field("grant_type") == "authorization_code") else {
            return (400, json!({ "error": "invalid_grant" }));
        };
        let verifier = field("code_verifier");
        let is_theirs = (43..=128).contains(&verifier.len()) && digest_of(&verifier) == grant.challenge;
        if !is_theirs
            || !field("redirect_uri").ends_with("/anmelden/zurueck")
            || grant.lie == Lie::OtherVerifier
        {
            return (400, json!({ "error": "invalid_grant" }));
        }
        if grant.lie == Lie::NoToken {
            return (200, json!({ "access_token": "x", "token_type": "Bearer" }));
        }
        (200, json!({ "access_token": "x", "token_type": "Bearer", "id_token": self.signed(&grant) }))
    }

    fn signed(&self, grant: &Grant) -> String {
        let now = self.clock.load(Ordering::SeqCst) / 1000;
        let honest = |lie: Lie, truth: &str, other: &str| {
            if grant.lie == lie { other.to_owned() } else { truth.to_owned() }
        };
        let from = if grant.lie == Lie::Over { now - 3600 } else { now };
        let mut claims = json!({
            "iss": honest(Lie::Issuer, &self.issuer, "https://evil.example"),
            "aud": honest(Lie::Audience, CLIENT, "another"),
            "nonce": honest(Lie::Nonce, &grant.nonce, "another"),
            "sub": grant.subject, "iat": from, "exp": from + 300, "roles": ["administrator"],
        });
        if let Some((email, verified)) = &grant.email {
            claims["email"] = json!(email);
            claims["email_verified"] = json!(verified);
        }
        let key = self.key.lock().expect("a key");
        let alg = honest(Lie::Unsigned, "ES256", "none");
        let head = json!({ "alg": alg, "kid": format!("k{}", key.0) });
        let part = |json: &Json| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
        let message = format!("{}.{}", part(&head), part(&claims));
        let signer = if grant.lie == Lie::Forged { &new_key() } else { &key.1 };
        let signature = signer.sign(&SystemRandom::new(), message.as_bytes()).expect("signed");
        let signature = if grant.lie == Lie::Unsigned { &[] } else { signature.as_ref() };
        format!("{message}.{}", BASE64URL_NOPAD.encode(signature))
    }
}
