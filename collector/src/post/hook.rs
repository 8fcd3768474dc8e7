//! The message for programs: one POST with a signature, no redirect followed, and of the answer the status alone read.

use super::{connect, secret};
use axum::http::Uri;
use rundgang_inventory::Timestamp;
use rundgang_store::{PostSettings, Sent};
use std::{io::Read, path::Path};

/// So many pieces of an answer are waited for, each as long as a server may be silent; its first line comes in one.
const MOST_PIECES: usize = 4;

pub(super) fn send(settings: &PostSettings, secrets: &Path, body: &str, now: Timestamp) -> Sent {
    if !settings.webhook_fits() {
        return Sent::Refused("the address is neither HTTPS nor this machine".to_owned());
    }
    let Ok(uri) = settings.webhook.parse::<Uri>() else {
        return Sent::Refused("the address does not read".to_owned());
    };
    let key = match secret::read(secrets, &settings.webhook_key_file) {
        Ok(key) => key,
        Err(told) => return Sent::Later(told),
    };
    let encrypted = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
    let mut stream = match connect::open(uri.host().unwrap_or_default(), port, encrypted) {
        Ok(stream) => stream,
        Err(told) => return Sent::Later(told),
    };
    let request = request(&uri, body, &signature(&key, body, now), now);
    if let Err(error) = stream.write_all(request.as_bytes()).and_then(|()| stream.flush()) {
        // Half a message is none: its length says how much there should be.
        return Sent::Later(error.to_string());
    }
    answered(&mut stream)
}

/// What the first line of the answer says. Nothing behind it is read, and nobody who dribbles is waited for.
fn answered(stream: &mut impl Read) -> Sent {
    let mut answer = Vec::new();
    for _ in 0..MOST_PIECES {
        let mut piece = [0; 1024];
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => answer.extend_from_slice(&piece[..length]),
            Err(error) => return Sent::Unknown(format!("no answer: {error}")),
        }
        if answer.contains(&b'\n') {
            break;
        }
    }
    status(&answer).map_or_else(|| Sent::Unknown("no answer that is HTTP".to_owned()), judged)
}

fn request(uri: &Uri, body: &str, signature: &str, now: Timestamp) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map(ToString::to_string).unwrap_or_default();
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         User-Agent: rundgang-collector\r\nX-Rundgang-Time: {}\r\nX-Rundgang-Signature: sha256={signature}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len(),
        now.seconds(),
    )
}

/// HMAC-SHA256 over the time in seconds, a dot and the message (RFC 2104), so that an old message cannot be sent again.
fn signature(key: &str, body: &str, now: Timestamp) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key.as_bytes());
    let tag = ring::hmac::sign(&key, format!("{}.{body}", now.seconds()).as_bytes());
    data_encoding::HEXLOWER.encode(tag.as_ref())
}

/// The status of an answer (RFC 9112 section 4).
fn status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\n').next()?;
    let mut words = std::str::from_utf8(line).ok()?.trim_end().split(' ');
    let (version, status) = (words.next()?, words.next()?);
    (version.starts_with("HTTP/1.") && status.len() == 3).then(|| status.parse().ok())?
}

fn judged(status: u16) -> Sent {
    match status {
        200..=299 => Sent::Taken,
        300..=399 => {
            Sent::Refused(format!("{status}: a redirect is not followed; name the address it leads to"))
        }
        408 | 425 | 429 | 500..=599 => Sent::Later(format!("the other side answered {status}")),
        _ => Sent::Refused(format!("the other side answered {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_any_other_program() {
        // printf '1790812800.{}' | openssl dgst -sha256 -hmac geheim
        let now = Timestamp::from_seconds(1_790_812_800);
        assert_eq!(signature("geheim", "{}", now), SIGNED);
    }

    const SIGNED: &str = "53b038da7b53aa9a46264a4b85fbca867b97807dc25384e4cbffa8f962ba0443";

    /// Says one octet at a time, for ever.
    struct Dribble(usize);

    impl Read for Dribble {
        fn read(&mut self, piece: &mut [u8]) -> std::io::Result<usize> {
            self.0 += 1;
            piece[0] = b'H';
            Ok(1)
        }
    }

    #[test]
    fn nobody_is_listened_to_for_ever() {
        let mut slow = Dribble(0);
        assert!(matches!(answered(&mut slow), Sent::Unknown(_)));
        assert_eq!(slow.0, MOST_PIECES);
        let mut endless = b"HTTP/1.1 200 OK\r\n".chain(std::io::repeat(b'a'));
        assert_eq!(answered(&mut endless), Sent::Taken);
        assert!(matches!(answered(&mut &b""[..]), Sent::Unknown(_)));
    }

    #[test]
    fn of_an_answer_the_status_alone_is_read() {
        let check =
            |answer: &str, expected: Option<u16>| assert_eq!(status(answer.as_bytes()), expected, "{answer}");
        check("HTTP/1.1 204 No Content\r\n\r\n", Some(204));
        check("HTTP/1.0 200\r\n", Some(200));
        check("HTTP/1.1 2000 OK\r\n", None);
        check("SSH-2.0-x\r\n", None);
        check("", None);
        assert_eq!(judged(204), Sent::Taken);
        assert!(matches!(judged(302), Sent::Refused(_)) && matches!(judged(503), Sent::Later(_)));
        assert!(matches!(judged(404), Sent::Refused(_)));
    }
}
