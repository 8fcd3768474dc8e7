//! HTTP/1.1 as far as an inventory needs it (RFC 9110, RFC 9112): one GET, and reading its answer from a stream
//! that may stop anywhere.

use std::net::IpAddr;

/// No answer is read further than this (octets of head and body together).
pub const MAX_RESPONSE: usize = 64 * 1024;
/// So many interim answers (RFC 9110 section 15.2) are passed over; nobody who was asked one plain question has more to say
/// before the answer.
const MOST_INTERIM: usize = 8;
/// Header fields of one answer that are looked at.
const MAX_HEADERS: usize = 64;
/// How the agent names itself, so that an administrator who finds it in a log knows what it was.
pub const USER_AGENT: &str = "Rundgang (network inventory, read only)";

/// An answer, complete or as far as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header fields in the order sent; names in lower case, values as text (Latin-1 where they are no UTF-8).
    pub headers: Vec<(String, String)>,
    /// The body, decoded if it was sent in chunks.
    pub body: Vec<u8>,
}

/// How far the answer has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More bytes are needed; this is what can be told by now (`None` while the head is incomplete).
    Incomplete(Option<Response>),
    /// Whole.
    Complete(Response),
    /// This is no HTTP.
    Malformed,
}

impl Response {
    /// The first header field of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All header fields of that name (lower case).
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The `Host` field of a request (RFC 9110 section 7.2): an IPv6 address stands in brackets, and the port is left
/// out where it is the scheme's own.
#[must_use]
pub fn authority(host: IpAddr, port: u16, secure: bool) -> String {
    let name = match host {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    if port == if secure { 443 } else { 80 } { name } else { format!("{name}:{port}") }
}

/// A GET request for `path`. Returns `None` where the path is not one that may stand in a request line: it comes
/// from devices' answers.
#[must_use]
pub fn get(host: IpAddr, port: u16, secure: bool, path: &str) -> Option<Vec<u8>> {
    let speakable =
        path.starts_with('/') && path.len() <= 1024 && path.bytes().all(|b| (0x21..0x7f).contains(&b));
    speakable.then(|| {
        format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nConnection: close\r\n\r\n",
            authority(host, port, secure)
        )
        .into_bytes()
    })
}

/// Reads an answer from the beginning of a stream. `ended` tells that no more will come: the peer closed, or the
/// reader will wait no longer. Interim answers before it are passed over as long as they are few.
#[must_use]
pub fn response(bytes: &[u8], ended: bool) -> Progress {
    let ended = ended || bytes.len() >= MAX_RESPONSE;
    let mut rest = bytes;
    // A loop and no recursion: how many interim answers there are is a stranger's choice.
    for _ in 0..=MOST_INTERIM {
        let (response, length) = match head(rest, ended) {
            Ok(read) => read,
            Err(progress) => return progress,
        };
        rest = &rest[length..];
        if !(100..200).contains(&response.status) {
            return body(response, rest, ended);
        }
    }
    Progress::Malformed
}

/// Reads the head of one answer, with its length in octets; how far the stream has come where there is none yet.
fn head(bytes: &[u8], ended: bool) -> Result<(Response, usize), Progress> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Response::new(&mut lines);
    // Embedded web servers bend the rules; what can be understood is.
    let parsed = httparse::ParserConfig::default()
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .ignore_invalid_headers_in_responses(true)
        .parse_response(&mut head, bytes);
    let length = match parsed {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if !ended => return Err(Progress::Incomplete(None)),
        // The stream ended within the head: what stands in it still counts.
        Ok(httparse::Status::Partial) => bytes.len(),
        Err(_) => return Err(Progress::Malformed),
    };
    let Some(status) = head.code else { return Err(Progress::Malformed) };
    let headers: Vec<(String, String)> = head
        .headers
        .iter()
        .take_while(|header| !header.name.is_empty())
        .map(|header| (header.name.to_ascii_lowercase(), text(header.value)))
        .collect();
    Ok((Response { status, headers, body: Vec::new() }, length))
}

/// Adds the body by the rules of RFC 9112 section 6.3.
fn body(mut response: Response, bytes: &[u8], ended: bool) -> Progress {
    let chunked =
        response.all("transfer-encoding").any(|value| value.to_ascii_lowercase().contains("chunked"));
    let complete = if chunked {
        let (decoded, complete) = dechunk(bytes);
        response.body = decoded;
        complete
    } else {
        let announced =
            response.header("content-length").and_then(|value| value.trim().parse::<usize>().ok());
        let length = announced.map_or(bytes.len(), |length| length.min(bytes.len()));
        response.body = bytes[..length].to_vec();
        announced.is_some_and(|announced| length == announced) || matches!(response.status, 204 | 304)
    };
    if complete || ended { Progress::Complete(response) } else { Progress::Incomplete(Some(response)) }
}

/// Joins chunks (RFC 9112 section 7.1); stops at the first that is incomplete or broken.
fn dechunk(mut bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut joined = Vec::new();
    loop {
        let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") else { return (joined, false) };
        let line = std::str::from_utf8(&bytes[..end]).unwrap_or_default();
        let digits = line.split(';').next().unwrap_or_default().trim();
        let Ok(size) = usize::from_str_radix(digits, 16) else { return (joined, false) };
        bytes = &bytes[end + 2..];
        if size == 0 {
            return (joined, true);
        }
        let available = size.min(bytes.len());
        joined.extend_from_slice(&bytes[..available]);
        // Past the chunk and its line end; where either is missing, there is nothing more to join.
        match size.checked_add(2).and_then(|skip| bytes.get(skip..)) {
            Some(rest) => bytes = rest,
            None => return (joined, false),
        }
    }
}

fn text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.trim().to_owned(),
        Err(_) => value.iter().map(|&octet| char::from(octet)).collect::<String>().trim().to_owned(),
    }
}

/// The realm of a `WWW-Authenticate` field (RFC 9110 section 11.5), with or without quotes.
#[must_use]
pub fn realm(challenge: &str) -> Option<&str> {
    let at = challenge.to_ascii_lowercase().find("realm=")?;
    let value = &challenge[at + "realm=".len()..];
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split([',', ' ']).next(),
    }
    .filter(|realm| !realm.is_empty())
}

/// The name of the cookie that a `Set-Cookie` field sets; the value is never looked at.
#[must_use]
pub fn cookie_name(set_cookie: &str) -> Option<&str> {
    set_cookie
        .split_once('=')
        .map(|(name, _)| name.trim())
        .filter(|name| !name.is_empty() && name.len() <= 128)
}

/// Where a URL points to: scheme, host, port and path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whether the scheme is `https`.
    pub secure: bool,
    /// The host as written, without brackets; empty for a reference relative to the page.
    pub host: String,
    /// The port, told or implied.
    pub port: u16,
    /// The path with its query, beginning with `/`; fragments are cut off.
    pub path: String,
}

/// Reads an absolute `http` or `https` URL, or a reference relative to a page at `port` (RFC 3986 section 4.2, as
/// far as web interfaces use it). Dot segments and other schemes are refused.
#[must_use]
pub fn place(reference: &str, secure: bool, port: u16) -> Option<Place> {
    let reference = reference.trim().split('#').next().unwrap_or_default();
    let lower = reference.to_ascii_lowercase();
    let (secure, default, rest) = if lower.starts_with("http://") {
        (false, 80, &reference[7..])
    } else if lower.starts_with("https://") {
        (true, 443, &reference[8..])
    } else if reference.contains("://") || lower.starts_with("javascript:") || reference.starts_with("//") {
        return None;
    } else {
        let path = format!("/{}", reference.trim_start_matches("./").trim_start_matches('/'));
        return speakable(&path).then(|| Place { secure, host: String::new(), port, path });
    };
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let (host, told) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let port = match told {
        Some(digits) => digits.parse().ok()?,
        None => default,
    };
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    (!host.is_empty() && speakable(&path)).then(|| Place {
        secure,
        host: host.to_ascii_lowercase(),
        port,
        path,
    })
}

fn speakable(path: &str) -> bool {
    path.len() <= 1024
        && path.bytes().all(|b| (0x21..0x7f).contains(&b))
        && !path.split('/').any(|part| part == "..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOST: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

    #[test]
    fn a_request_is_these_bytes() {
        let expected = "GET /a?b=1 HTTP/1.1\r\nHost: 192.0.2.7:8080\r\nUser-Agent: Rundgang (network inventory, read only)\r\nAccept: */*\r\nConnection: close\r\n\r\n";
        assert_eq!(get(HOST, 8080, false, "/a?b=1").as_deref(), Some(expected.as_bytes()));
        assert_eq!(get(HOST, 80, false, "/a b"), None);
        assert_eq!(get(HOST, 80, false, "/a\r\nX: y"), None);
        assert_eq!(authority(HOST, 443, true), "192.0.2.7");
        assert_eq!(authority("fe80::1".parse().unwrap(), 443, false), "[fe80::1]:443");
    }

    #[test]
    fn answers() {
        let check = |bytes: &str, ended: bool, expected: Option<(u16, &str)>| {
            let got = match response(bytes.as_bytes(), ended) {
                Progress::Complete(r) => Some((r.status, String::from_utf8_lossy(&r.body).into_owned())),
                Progress::Incomplete(_) | Progress::Malformed => None,
            };
            assert_eq!(got, expected.map(|(status, body)| (status, body.to_owned())), "{bytes:?}");
        };
        check("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", false, Some((200, "abc")));
        check("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", false, None);
        check("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", true, Some((200, "abc")));
        check("HTTP/1.0 404 Not Found\r\n\r\n", false, None);
        check("HTTP/1.0 404 Not Found\r\n\r\n", true, Some((404, "")));
        let chunks =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        check(chunks, false, Some((200, "abcde")));
        check(&chunks[..chunks.len() - 12], true, Some((200, "abc")));
        check("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", false, Some((204, "")));
        check("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x", true, Some((401, "")));
        check("SSH-2.0-dropbear\r\n", false, None);
    }

    #[test]
    fn few_interim_answers_are_passed_over_and_many_are_no_http() {
        let interim = |count: usize| b"HTTP/1.1 100\r\n\r\n".repeat(count);
        let read = |count: usize, ended: bool| {
            let told = [interim(count), b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()].concat();
            response(&told, ended)
        };
        let plain = Response { status: 204, ..Response::default() };
        for ended in [false, true] {
            for few in [0, 1, MOST_INTERIM] {
                assert_eq!(read(few, ended), Progress::Complete(plain.clone()), "{few} {ended}");
            }
            for many in [MOST_INTERIM + 1, 4096, 100_000] {
                assert_eq!(read(many, ended), Progress::Malformed, "{many} {ended}");
            }
            assert_eq!(response(&interim(4096), ended), Progress::Malformed, "{ended}");
        }
        assert_eq!(response(&interim(MOST_INTERIM), false), Progress::Incomplete(None));
    }

    /// The bound is one for all that was read, interim answers included.
    #[test]
    fn what_fills_the_bound_is_read_no_further() {
        let told = |octets: usize| {
            let mut told = b"HTTP/1.1 100\r\n\r\nHTTP/1.1 200 OK\r\n\r\n".to_vec();
            told.resize(octets, b'a');
            response(&told, false)
        };
        assert!(matches!(told(MAX_RESPONSE - 1), Progress::Incomplete(Some(_))));
        assert!(matches!(told(MAX_RESPONSE), Progress::Complete(_)));
    }

    #[test]
    fn half_a_head_still_names_the_server() {
        let Progress::Complete(got) = response(b"HTTP/1.1 200 OK\r\nServer: Boa/0.94\r\nDate: Mo", true)
        else {
            panic!("not read");
        };
        assert_eq!(got.header("server"), Some("Boa/0.94"));
    }

    #[test]
    fn small_parts() {
        assert_eq!(realm("Basic realm=\"NETGEAR WNR2000\", charset=x"), Some("NETGEAR WNR2000"));
        assert_eq!(realm("Digest qop=auth, Realm=abc, nonce=1"), Some("abc"));
        assert_eq!(realm("Negotiate"), None);
        assert_eq!(cookie_name("MoodleSession=abc; path=/"), Some("MoodleSession"));
        assert_eq!(cookie_name("nonsense"), None);
    }

    #[test]
    fn places() {
        let check = |reference: &str, expected: Option<(bool, &str, u16, &str)>| {
            let got = place(reference, true, 8443);
            let got = got.as_ref().map(|p| (p.secure, p.host.as_str(), p.port, p.path.as_str()));
            assert_eq!(got, expected, "{reference}");
        };
        check("http://10.0.0.1/x?y#z", Some((false, "10.0.0.1", 80, "/x?y")));
        check("HTTPS://Box.Local:5001", Some((true, "box.local", 5001, "/")));
        check("http://[fe80::1]:49000/igd.xml", Some((false, "fe80::1", 49000, "/igd.xml")));
        check("/iserv/auth/login", Some((true, "", 8443, "/iserv/auth/login")));
        check("./login.html", Some((true, "", 8443, "/login.html")));
        check("../etc", None);
        check("ftp://x/y", None);
        check("//evil/x", None);
        check("http://x:99999/", None);
        check("http:///x", None);
        check("/a b", None);
    }

    proptest! {
        #[test]
        fn no_stream_panics(bytes in proptest::collection::vec(any::<u8>(), 0..600), ended: bool) {
            prop_assert!(!ended || !matches!(response(&bytes, ended), Progress::Incomplete(_)));
        }

        #[test]
        fn no_cut_panics(cut in 0..90usize, ended: bool) {
            let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
            let got = response(&bytes[..cut.min(bytes.len())], ended);
            prop_assert!(!ended || !matches!(got, Progress::Incomplete(_)));
        }

        #[test]
        fn no_reference_panics(reference in ".{0,80}") {
            prop_assert!(place(&reference, false, 80).is_none_or(|place| place.path.starts_with('/')));
            prop_assert!(realm(&reference).is_none_or(|realm| !realm.is_empty()));
        }
    }
}
