//! Who is let in, and what every answer carries: host names, sessions, forged forms, security headers.

use crate::api;
use crate::failure::{self, Failure};
use crate::plan::{Doors, Way};
use crate::text::Language;
use crate::web::{Session, Visit, WebState};
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::{Refusal, Rights};
use subtle::ConstantTimeEq;

/// The cookie that names a session.
pub(crate) const SESSION: &str = "rundgang";
/// The cookie that remembers the language.
pub(crate) const LANGUAGE: &str = "rundgang_sprache";

const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()"),
];

/// Every request passes here first and every answer last.
pub(crate) async fn guard(
    State((web, doors)): State<(WebState, Doors)>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let config = &web.shared().config;
    // Without a token everybody who gets here is let in: then only this machine itself is meant.
    let is_for_this_machine = config.token.is_none();
    if !is_own_host(headers, if is_for_this_machine { &[] } else { &config.hosts }) {
        // A name that is not ours may be a rebound one: nothing is said, not even that there is a page.
        return secured(StatusCode::MISDIRECTED_REQUEST.into_response());
    }
    if is_for_this_machine && came_through_a_proxy(headers) {
        return secured((StatusCode::FORBIDDEN, BEHIND_A_PROXY).into_response());
    }
    // Programs come in by another door, where no cookie counts.
    if request.uri().path().starts_with(api::BASE) {
        return secured(api::entry::answer(&web, &doors, request, next).await);
    }
    let path = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let visit = match visit(&web, request.headers().clone(), path).await {
        Ok(visit) => visit,
        Err(failure) => return secured(failure.into_response()),
    };
    let door = door(&doors, &request);
    let is_open = door == Some(None);
    if visit.who.is_none() && !is_open {
        return secured(Redirect::to(&to_login(&request, &visit.path)).into_response());
    }
    if is_writing(request.method()) && !is_own_origin(request.headers()) {
        return secured(failure::page(&Failure::Forged, &visit));
    }
    if let (Some(Some(action)), Some(rights)) = (door, &visit.rights) {
        match rights.allow(action, school_of(request.uri().path())) {
            Ok(()) => {}
            // Whoever has no overview of all schools begins elsewhere.
            Err(_) if request.uri().path() == "/" => {
                return secured(Redirect::to(&rights.home()).into_response());
            }
            Err(Refusal::OtherSchool) => return secured(failure::page(&Failure::NotFound, &visit)),
            Err(Refusal::Role) => return secured(failure::page(&Failure::NotAllowed, &visit)),
        }
    }
    request.extensions_mut().insert(visit.clone());
    let response = next.run(request).await;
    secured(match response.extensions().get::<Failure>() {
        Some(failure) => failure::page(failure, &visit),
        // What axum itself refuses (a path or form that does not parse) gets a page as well.
        None if response.status().is_client_error() && !has_type(&response, "text/html") => {
            failure::page(&Failure::Refused("error-unfit"), &visit)
        }
        None => response,
    })
}

fn is_writing(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}

/// What is done at the address that is asked for: `Some(None)` is open to everybody, `None` is no address of ours.
pub(crate) fn door(doors: &Doors, request: &Request) -> Option<Option<rundgang_inventory::Action>> {
    let path = request.extensions().get::<MatchedPath>()?;
    doors.at(path.as_str(), if is_writing(request.method()) { Way::Send } else { Way::Read })
}

/// The school that an address belongs to. A number that does not read is none that anybody has.
pub(crate) fn school_of(path: &str) -> Option<i64> {
    let rest = path.strip_prefix("/schule/").or_else(|| path.strip_prefix("/api/v1/schools/"));
    let number = rest?.split('/').next()?;
    Some(number.parse().unwrap_or(-1))
}

/// The way to the login, which leads on to the page that was asked for.
fn to_login(request: &Request, path: &str) -> String {
    if request.method() == Method::GET && path != "/" && is_local(path) {
        format!("/anmelden?weiter={}", escaped(path))
    } else {
        "/anmelden".to_owned()
    }
}

/// A path of this site: it begins with one slash, and no browser reads a host into it.
pub(crate) fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.chars().all(|c| c.is_ascii_graphic())
}

/// A text as part of a query or a form: everything but ASCII letters, digits and `-._` as `%XX` (RFC 3986 section 2.1).
#[must_use]
pub fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'.' | b'-' | b'_' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// The page of ours that the browser says it comes from; browsers tell it to the same origin only.
fn referring(headers: &HeaderMap) -> Option<String> {
    let own = text(headers, header::HOST)?;
    let (_, rest) = text(headers, header::REFERER)?.split_once("://")?;
    let path = &rest[rest.find('/')?..];
    let is_own = rest.get(..own.len()).is_some_and(|host| host.eq_ignore_ascii_case(own));
    (is_own && rest.len() == own.len() + path.len() && is_local(path)).then(|| path.to_owned())
}

fn has_type(response: &Response, kind: &str) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with(kind))
}

/// Who asks: looked up anew each time, so that an account that was changed or closed is so at once.
async fn asking(
    web: &WebState,
    session: Option<&(String, Session)>,
) -> Result<Option<(String, Rights, String)>, Failure> {
    let Some((id, session)) = session else { return Ok(None) };
    let Some(account) = session.account else {
        return Ok(Some((session.who.clone(), Rights::whole(), session.csrf.clone())));
    };
    match web.ask(move |traeger| traeger.open_account_of(account)).await {
        Ok(account) if account.sessions_from <= session.proven => {
            let rights = account.rights().map_err(Failure::from)?;
            Ok(Some((account.name, rights, session.csrf.clone())))
        }
        Ok(_) | Err(Failure::NotFound) => {
            web.close_session(id);
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

async fn visit(web: &WebState, headers: HeaderMap, path: String) -> Result<Visit, Failure> {
    let headers = &headers;
    let language = cookie(headers, LANGUAGE).and_then(Language::parse);
    // German is the default even for browsers that were left in English, as most school computers' are.
    let accepted = || {
        text(headers, header::ACCEPT_LANGUAGE)
            .and_then(Language::accepted)
            .filter(|found| *found != Language::En)
    };
    let session =
        cookie(headers, SESSION).and_then(|id| web.session(id).map(|session| (id.to_owned(), session)));
    let shared = web.shared();
    let known = asking(web, session.as_ref()).await?;
    let session = session.filter(|_| known.is_some());
    let (who, rights, csrf) = match known {
        Some((who, rights, csrf)) => (Some(who), Some(rights), csrf),
        // Without a token everybody who gets here is let in: then only this machine itself is meant.
        None if shared.config.token.is_none() => {
            (Some("lokal".to_owned()), Some(Rights::whole()), shared.csrf.clone())
        }
        None => (None, None, shared.csrf.clone()),
    };
    Ok(Visit {
        language: language.or_else(accepted).unwrap_or_default(),
        path,
        from: referring(headers),
        site: format!(
            "{}://{}",
            if shared.config.https { "https" } else { "http" },
            text(headers, header::HOST).unwrap_or_default()
        ),
        zone: shared.config.zone,
        who,
        rights,
        account: session.as_ref().and_then(|(_, session)| session.account),
        session: session.map(|(id, _)| id),
        csrf,
        now: web.now(),
    })
}

fn secured(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
}

/// The host of an authority without its port: `[::1]:8080` is `[::1]`.
fn host(authority: &str) -> &str {
    match authority.rfind(':') {
        Some(colon) if !authority[colon..].contains(']') => &authority[..colon],
        _ => authority,
    }
}

fn is_own_host(headers: &HeaderMap, allowed: &[String]) -> bool {
    let Some(authority) = text(headers, header::HOST) else { return false };
    let host = host(authority);
    let is = |name: &str| host.eq_ignore_ascii_case(name);
    is("localhost") || is("127.0.0.1") || is("[::1]") || allowed.iter().any(|name| is(name))
}

/// What an operator reads who put a proxy in front of pages without a token.
const BEHIND_A_PROXY: &str = "These pages have no token and answer on their own machine only. \
     To publish them through a proxy, start the collector with --web-token-file FILE.\n";

/// Whether a proxy says that it stands between the visitor and us.
fn came_through_a_proxy(headers: &HeaderMap) -> bool {
    const TRACES: [&str; 7] = [
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-server",
        "x-real-ip",
    ];
    TRACES.iter().any(|name| headers.contains_key(*name))
}

/// Browsers say where a form comes from; one that comes from elsewhere is refused before its token is looked at.
fn is_own_origin(headers: &HeaderMap) -> bool {
    let own = text(headers, header::HOST).unwrap_or_default();
    if let Some(origin) = text(headers, header::ORIGIN) {
        return origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(own));
    }
    headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none")
}

/// Compares two secrets in constant time.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// Refuses a form that does not carry the visit's token.
pub(crate) fn check_form(visit: &Visit, csrf: &str) -> Result<(), Failure> {
    if same(&visit.csrf, csrf) { Ok(()) } else { Err(Failure::Forged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_hosts_are_answered() {
        let check = |authority: &str, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_str(authority).expect("a header"));
            assert_eq!(
                is_own_host(&headers, &["rundgang.kreis.example".to_owned()]),
                expected,
                "{authority}"
            );
        };
        check("localhost:8080", true);
        check("127.0.0.1", true);
        check("[::1]:8080", true);
        check("RUNDGANG.kreis.example:443", true);
        check("evil.example", false);
        check("127.0.0.1.evil.example:80", false);
        check("10.0.0.1:8080", false);
        assert!(!is_own_host(&HeaderMap::new(), &[]));
    }

    #[test]
    fn forms_come_from_our_own_pages() {
        let check = |pairs: &[(&'static str, &'static str)], expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("localhost:8080"));
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            assert_eq!(is_own_origin(&headers), expected, "{pairs:?}");
        };
        check(&[("origin", "http://localhost:8080")], true);
        check(&[("origin", "http://localhost:8081")], false);
        check(&[("origin", "http://evil.example")], false);
        check(&[("origin", "null")], false);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[], true);
    }

    #[test]
    fn the_page_one_came_from_is_ours_or_none() {
        let check = |referer: &'static str, expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("localhost:8080"));
            headers.insert(header::REFERER, HeaderValue::from_static(referer));
            assert_eq!(referring(&headers).as_deref(), expected, "{referer}");
        };
        check("http://localhost:8080/schule/1?a=b", Some("/schule/1?a=b"));
        check("http://localhost:80801/schule/1", None);
        check("http://evil.example/schule/1", None);
        check("http://localhost:8080//evil.example", None);
        check("http://localhost:8080", None);
        check("nonsense", None);
    }

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; rundgang=abc"));
        headers.append(header::COOKIE, HeaderValue::from_static("rundgang_sprache=nl"));
        assert_eq!((cookie(&headers, SESSION), cookie(&headers, LANGUAGE)), (Some("abc"), Some("nl")));
        assert_eq!(cookie(&headers, "b"), None);
    }
}
