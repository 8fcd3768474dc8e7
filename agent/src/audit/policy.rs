//! Fetches the MTA-STS policy of a domain (RFC 8461 section 3.3): one GET, no redirect followed.

use super::net::{because, connect};
use super::tls::Recorder;
use rundgang_inventory::mail::PolicyFetch;
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::ServerName;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// How long the fetch may take.
const PATIENCE: Duration = Duration::from_secs(6);
/// No longer policy is read (RFC 8461 section 3.2 suggests 64 KiB).
const MOST_BYTES: u64 = 64 * 1024;

/// Fetches the policy from the first address of the host.
pub(super) async fn fetch(
    host: &str,
    addresses: &[IpAddr],
    port: u16,
    authorities: Option<Arc<WebPkiServerVerifier>>,
) -> PolicyFetch {
    let Some(&ip) = addresses.first() else { return PolicyFetch::NotCheckable("no address".to_owned()) };
    match timeout(PATIENCE, attempt(host, SocketAddr::new(ip, port), authorities)).await {
        Ok(fetched) => fetched,
        Err(_) => PolicyFetch::NotCheckable("no answer in time".to_owned()),
    }
}

async fn attempt(
    host: &str,
    address: SocketAddr,
    authorities: Option<Arc<WebPkiServerVerifier>>,
) -> PolicyFetch {
    let stream = match connect(address).await {
        Ok(stream) => stream,
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            return PolicyFetch::Failed("the connection was refused".to_owned());
        }
        Err(error) => return PolicyFetch::NotCheckable(because(&error)),
    };
    let (Ok(name), Ok((recorder, connector))) =
        (ServerName::try_from(host.to_owned()), Recorder::connector(authorities))
    else {
        return PolicyFetch::NotCheckable("TLS cannot be set up".to_owned());
    };
    let mut secured = match connector.connect(name, stream).await {
        Ok(secured) => secured,
        Err(error) => return PolicyFetch::Failed(format!("TLS: {error}")),
    };
    if let Some(fault) = recorder.fault() {
        return PolicyFetch::Failed(fault);
    }
    let request = format!(
        "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {host}\r\nUser-Agent: rundgang\r\nConnection: close\r\n\r\n"
    );
    let mut bytes = Vec::new();
    if let Err(error) = secured.write_all(request.as_bytes()).await {
        return PolicyFetch::NotCheckable(because(&error));
    }
    // A server that closes without a farewell has still said what it had to say.
    secured.take(MOST_BYTES).read_to_end(&mut bytes).await.ok();
    response(&bytes)
}

/// Reads an HTTP response.
fn response(bytes: &[u8]) -> PolicyFetch {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let chunked = lines.any(|line| {
        let line = line.to_ascii_lowercase();
        line.starts_with("transfer-encoding:") && line.contains("chunked")
    });
    match status {
        "200" if chunked => PolicyFetch::Fetched(unchunked(body)),
        "200" => PolicyFetch::Fetched(body.to_owned()),
        "" => PolicyFetch::Failed("the server does not speak HTTP".to_owned()),
        _ if status.starts_with('3') => {
            PolicyFetch::Failed(format!("HTTP status {status}: a redirect, not allowed"))
        }
        _ => PolicyFetch::Failed(format!("HTTP status {status}")),
    }
}

/// Takes the chunk sizes out (RFC 9112 section 7.1).
fn unchunked(body: &str) -> String {
    let mut text = String::new();
    let mut rest = body;
    while let Some((size, after)) = rest.split_once("\r\n") {
        let digits = size.split(';').next().unwrap_or_default().trim();
        let Ok(size) = usize::from_str_radix(digits, 16) else { break };
        let Some(chunk) = after.get(..size).filter(|_| size > 0) else { break };
        text.push_str(chunk);
        rest = after.get(size + 2..).unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_are_read() {
        let fetched = |text: &str| PolicyFetch::Fetched(text.to_owned());
        assert_eq!(response(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nversion: STSv1\n"), fetched("version: STSv1\n"));
        assert_eq!(
            response(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nvers\r\n3;x\r\nion\r\n0\r\n\r\n"
            ),
            fetched("version")
        );
        for text in ["HTTP/1.1 301 Moved\r\n\r\n", "HTTP/1.1 404 No\r\n\r\n", "", "SSH-2.0"] {
            assert!(matches!(response(text.as_bytes()), PolicyFetch::Failed(_)), "{text}");
        }
    }
}
