//! The door of the pages: who may come in, and that nobody is led in by another site.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use data_encoding::BASE64;
use std::{net::SocketAddr, path::Path, sync::Arc};
use subtle::ConstantTimeEq;

/// The shortest token taken for pages that the network can reach.
const SHORTEST_TOKEN: usize = 20;

/// Why the pages are not opened.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// Reachable from the network without a token.
    #[error(
        "--web {0} can be reached from the network: add --web-token-file FILE (one line of at least \
         {SHORTEST_TOKEN} characters), or stay with 127.0.0.1 behind a reverse proxy with TLS"
    )]
    Open(SocketAddr),
    /// The token cannot be read.
    #[error("the token file {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The token is too short.
    #[error("the token in {0} is too short: at least {SHORTEST_TOKEN} characters on one line")]
    Short(String),
}

/// Reads the token file, and insists on one where the network can reach the pages.
///
/// # Errors
/// See [`DoorError`].
pub fn token(web: SocketAddr, file: Option<&Path>) -> Result<Option<String>, DoorError> {
    let Some(path) = file else {
        return if web.ip().is_loopback() { Ok(None) } else { Err(DoorError::Open(web)) };
    };
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|source| DoorError::File { path: shown.clone(), source })?;
    let token = text.trim().to_owned();
    if token.len() < SHORTEST_TOKEN || token.contains('\n') { Err(DoorError::Short(shown)) } else { Ok(Some(token)) }
}

/// What the door knows.
struct Door {
    token: Option<String>,
}

/// Puts the door in front of the pages.
pub fn guarded(pages: Router, token: Option<String>) -> Router {
    pages.layer(middleware::from_fn_with_state(Arc::new(Door { token }), guard))
}

async fn guard(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    match door.refuse(request.method(), request.headers()) {
        Some(refusal) => refusal,
        None => {
            let mut response = next.run(request).await;
            let headers = response.headers_mut();
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
            headers.insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
            headers.insert(header::X_FRAME_OPTIONS, header::HeaderValue::from_static("DENY"));
            response
        }
    }
}

impl Door {
    /// The refusal, where there is a reason for one.
    fn refuse(&self, method: &Method, headers: &HeaderMap) -> Option<Response> {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        match &self.token {
            // Without a token only this machine may ask, and only by a name of this machine: a page elsewhere could
            // otherwise point its own name here and read along (DNS rebinding).
            None if !is_this_machine(host) => {
                return Some(plain(StatusCode::FORBIDDEN, "These pages answer to localhost only.\n"));
            }
            Some(token) if !has_token(headers, token) => {
                let mut response = plain(StatusCode::UNAUTHORIZED, "The token is needed as the password.\n");
                let challenge = header::HeaderValue::from_static("Basic realm=\"Rundgang\", charset=\"UTF-8\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
                return Some(response);
            }
            _ => {}
        }
        let changes = !matches!(*method, Method::GET | Method::HEAD);
        (changes && is_foreign(headers, host))
            .then(|| plain(StatusCode::FORBIDDEN, "This form was sent from another site.\n"))
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], Body::from(text)).into_response()
}

/// Whether a Host header names this machine.
fn is_this_machine(host: &str) -> bool {
    if host.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback()) {
        return true;
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.eq_ignore_ascii_case("localhost") || matches!(name, "127.0.0.1" | "[::1]")
}

/// HTTP Basic with any user name and the token as the password (RFC 7617).
fn has_token(headers: &HeaderMap, token: &str) -> bool {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| BASE64.decode(encoded.trim().as_bytes()).ok())
        .and_then(|pair| String::from_utf8(pair).ok());
    given.as_deref().and_then(|pair| pair.split_once(':')).is_some_and(|(_, password)| {
        bool::from(password.as_bytes().ct_eq(token.as_bytes()))
    })
}

/// Whether a form comes from another site (Sec-Fetch-Site, else Origin; both set by the browser).
fn is_foreign(headers: &HeaderMap, host: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    match text(header::ORIGIN) {
        Some(origin) => origin.split_once("://").is_none_or(|(_, from)| from != host),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(token: Option<&str>, method: Method, headers: &[(&'static str, &str)], expected: Option<u16>) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let door = Door { token: token.map(str::to_owned) };
        let refused = door.refuse(&method, &map).map(|response| response.status().as_u16());
        assert_eq!(refused, expected, "{method} {headers:?}");
    }

    #[test]
    fn without_a_token_only_this_machine_gets_in() {
        check(None, Method::GET, &[("host", "127.0.0.1:8080")], None);
        check(None, Method::GET, &[("host", "localhost:8080")], None);
        check(None, Method::GET, &[("host", "[::1]:8080")], None);
        check(None, Method::GET, &[("host", "rebound.example:8080")], Some(403));
        check(None, Method::GET, &[], Some(403));
    }

    #[test]
    fn with_a_token_everybody_needs_it() {
        let secret = "a long enough token here";
        let good = format!("Basic {}", BASE64.encode(format!("anyone:{secret}").as_bytes()));
        let bad = format!("Basic {}", BASE64.encode(b"anyone:guess"));
        check(Some(secret), Method::GET, &[("host", "rundgang.example")], Some(401));
        check(Some(secret), Method::GET, &[("host", "rundgang.example"), ("authorization", &bad)], Some(401));
        check(Some(secret), Method::GET, &[("host", "rundgang.example"), ("authorization", &good)], None);
        check(Some(secret), Method::GET, &[("host", "127.0.0.1:8080")], Some(401));
    }

    #[test]
    fn forms_of_other_sites_are_refused() {
        let here = ("host", "localhost:8080");
        check(None, Method::POST, &[here, ("sec-fetch-site", "same-origin")], None);
        check(None, Method::POST, &[here, ("sec-fetch-site", "cross-site")], Some(403));
        check(None, Method::POST, &[here, ("origin", "http://localhost:8080")], None);
        check(None, Method::POST, &[here, ("origin", "http://elsewhere.example")], Some(403));
        check(None, Method::POST, &[here, ("origin", "null")], Some(403));
        check(None, Method::POST, &[here], None);
    }

    #[test]
    fn the_network_needs_a_token_file() {
        let outside: SocketAddr = "192.0.2.1:8080".parse().unwrap();
        let inside: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        assert!(matches!(token(inside, None), Ok(None)));
        assert!(matches!(token(outside, None), Err(DoorError::Open(_))));
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("token");
        std::fs::write(&file, "short\n").unwrap();
        assert!(matches!(token(outside, Some(&file)), Err(DoorError::Short(_))));
        std::fs::write(&file, "a long enough token here\n").unwrap();
        assert_eq!(token(outside, Some(&file)).unwrap().as_deref(), Some("a long enough token here"));
    }
}
