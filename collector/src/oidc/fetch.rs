//! Asking a provider over HTTPS: one question a connection, no redirect followed, and no more read than fits.

use crate::post::connect;
use axum::http::Uri;
use std::io::Read;

/// Octets of an answer, with its head.
const LARGEST: usize = 256 * 1024;
/// Pieces of an answer that are waited for, each as long as a server may be silent.
const MOST_PIECES: usize = 200;
/// Fields in the head of an answer.
const MOST_FIELDS: usize = 100;

/// The body of what stands at an address.
///
/// # Errors
/// What went wrong, in words.
pub(super) fn get(address: &str) -> Result<Vec<u8>, String> {
    ask(address, "GET", "", "")
}

/// What is answered to a form.
///
/// # Errors
/// What went wrong, in words.
pub(super) fn post(address: &str, form: &str, authorization: Option<&str>) -> Result<Vec<u8>, String> {
    let mut more =
        format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", form.len());
    if let Some(authorization) = authorization {
        more += &format!("Authorization: {authorization}\r\n");
    }
    ask(address, "POST", &more, form)
}

fn ask(address: &str, method: &str, more: &str, body: &str) -> Result<Vec<u8>, String> {
    let uri: Uri = address.parse().map_err(|_| format!("{address}: no address"))?;
    let (Some("https"), Some(host), Some(authority)) = (uri.scheme_str(), uri.host(), uri.authority()) else {
        return Err(format!("{address}: not HTTPS"));
    };
    if authority.as_str().contains('@') {
        return Err(format!("{address}: an address with a name in it"));
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut stream = connect::open(host, uri.port_u16().unwrap_or(443), true)?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nAccept: application/json\r\n\
         User-Agent: rundgang-collector\r\nConnection: close\r\n{more}\r\n{body}"
    );
    let failed = |error: std::io::Error| format!("{host}: {error}");
    stream.write_all(request.as_bytes()).and_then(|()| stream.flush()).map_err(failed)?;
    answered(&mut stream).map_err(|told| format!("{host}: {told}"))
}

/// Reads an answer until it is whole.
fn answered(stream: &mut impl Read) -> Result<Vec<u8>, String> {
    let mut all = Vec::new();
    for _ in 0..MOST_PIECES {
        let mut piece = [0; 16 * 1024];
        let length = match stream.read(&mut piece) {
            Ok(length) => length,
            // Some end the connection without a farewell.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => 0,
            Err(error) => return Err(error.to_string()),
        };
        all.extend_from_slice(&piece[..length]);
        if all.len() > LARGEST {
            return Err("the answer is too large".to_owned());
        }
        match body(&all, length == 0)? {
            Some(body) => return Ok(body),
            None if length == 0 => return Err("the answer breaks off".to_owned()),
            None => {}
        }
    }
    Err("the answer dribbles".to_owned())
}

/// The body of an answer (RFC 9112 section 6); nothing while there is more to come.
fn body(all: &[u8], at_end: bool) -> Result<Option<Vec<u8>>, String> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut head = httparse::Response::new(&mut fields);
    let begins = match head.parse(all) {
        Ok(httparse::Status::Complete(begins)) => begins,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(format!("no answer that is HTTP: {error}")),
    };
    let status = head.code.unwrap_or_default();
    if status != 200 {
        return Err(format!("the provider answered {status}"));
    }
    let field = |name: &str| {
        let found = head.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name));
        found.map(|field| String::from_utf8_lossy(field.value).trim().to_lowercase())
    };
    let rest = &all[begins..];
    if let Some(coding) = field("transfer-encoding") {
        if coding != "chunked" {
            return Err("the answer is coded in a way that is not known".to_owned());
        }
        return chunks(rest);
    }
    if let Some(length) = field("content-length") {
        let length: usize = length.parse().map_err(|_| "the answer has no sound length".to_owned())?;
        return Ok((rest.len() >= length).then(|| rest[..length].to_vec()));
    }
    Ok(at_end.then(|| rest.to_vec()))
}

/// Joins the chunks of a body (RFC 9112 section 7.1).
fn chunks(mut rest: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let unsound = || "the answer has unsound chunks".to_owned();
    let mut all = Vec::new();
    loop {
        let (begins, length) = match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete(found)) => found,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(unsound()),
        };
        if length == 0 {
            return Ok(Some(all));
        }
        let length = usize::try_from(length).ok().filter(|length| *length <= LARGEST).ok_or_else(unsound)?;
        let Some(chunk) = rest.get(begins..begins + length) else { return Ok(None) };
        all.extend_from_slice(chunk);
        rest = match &rest[begins + length..] {
            [b'\r', b'\n', more @ ..] => more,
            [] | [b'\r'] => return Ok(None),
            _ => return Err(unsound()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        answered(&mut text.as_bytes()).map(|body| String::from_utf8_lossy(&body).into_owned())
    }

    #[test]
    fn an_answer_is_read_in_every_form_and_no_further() {
        let check = |text: &str, expected: &str| assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}more", "{}");
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;a=b\r\n}\r\n0\r\n\r\n", "{}");
        check("HTTP/1.0 200 OK\r\n\r\n{}", "{}");
        for wrong in [
            "",
            "SSH-2.0-x\r\n",
            "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\n\r\n",
            "HTTP/1.1 500 Broken\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{{{",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".chain(std::io::repeat(b'a'));
        assert!(answered(&mut endless).is_err_and(|told| told.contains("too large")));
    }
}
