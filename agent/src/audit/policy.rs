//! Fetches the MTA-STS policy of a domain (RFC 8461 section 3.3): one GET, no redirect followed.

use super::net::{because, connect};
use super::tls::Recorder;
use rundgang_inventory::mail::PolicyFetch;
use rundgang_wire::http::{self, Progress, Response};
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::ServerName;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// How long the fetch may take.
const PATIENCE: Duration = Duration::from_secs(6);
/// No more addresses of the host are tried.
const MOST_ADDRESSES: usize = 4;

/// Fetches the policy from the first address of the host that answers to the end. Where none does, or connections break off,
/// that may be a firewall on the way: it says nothing about the host.
pub(super) async fn fetch(
    host: &str,
    addresses: &[IpAddr],
    port: u16,
    authorities: Option<Arc<WebPkiServerVerifier>>,
) -> PolicyFetch {
    let mut reason = "no address".to_owned();
    for &ip in addresses.iter().take(MOST_ADDRESSES) {
        match timeout(PATIENCE, attempt(host, SocketAddr::new(ip, port), authorities.clone())).await {
            Ok(Ok(fetched)) => return fetched,
            Ok(Err(why)) => reason = format!("{ip}: {why}"),
            Err(_) => reason = format!("{ip}: no answer in time"),
        }
    }
    PolicyFetch::NotCheckable(reason)
}

/// What one address answers; why there was no answer, where there was none.
async fn attempt(
    host: &str,
    address: SocketAddr,
    authorities: Option<Arc<WebPkiServerVerifier>>,
) -> Result<PolicyFetch, String> {
    let stream = connect(address).await.map_err(|error| because(&error))?;
    let (Ok(name), Ok((recorder, connector))) =
        (ServerName::try_from(host.to_owned()), Recorder::connector(authorities))
    else {
        return Err("TLS cannot be set up".to_owned());
    };
    let mut secured = match connector.connect(name, stream).await {
        Ok(secured) => secured,
        Err(error) if is_of_tls(&error) => {
            return Ok(PolicyFetch::Failed(format!("TLS: {error}")));
        }
        Err(error) => return Err(because(&error)),
    };
    if let Some(fault) = recorder.fault() {
        return Ok(PolicyFetch::Failed(fault));
    }
    let request = format!(
        "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {host}\r\nUser-Agent: rundgang\r\nConnection: close\r\n\r\n"
    );
    let mut bytes = Vec::new();
    secured.write_all(request.as_bytes()).await.map_err(|error| because(&error))?;
    let most = u64::try_from(http::MAX_RESPONSE).unwrap_or(u64::MAX);
    match secured.take(most).read_to_end(&mut bytes).await {
        Ok(_) => {}
        // A server that closes without a farewell has still said what it had to say.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof && !bytes.is_empty() => {}
        Err(error) => return Err(because(&error)),
    }
    match response(&bytes) {
        // Half an answer is none, as with a reset: the next address may give the whole.
        PolicyFetch::NotCheckable(why) => Err(why),
        fetched => Ok(fetched),
    }
}

/// Whether TLS itself failed, and not the connection below it.
fn is_of_tls(error: &io::Error) -> bool {
    let Some(inner) = error.get_ref() else { return false };
    inner.is::<rustls::Error>()
}

/// Reads an HTTP response. One that broke off says nothing about the policy, and of one that fills the bound (RFC 8461
/// section 3.2 suggests 64 KiB) nobody knows what stood behind it.
pub(super) fn response(bytes: &[u8]) -> PolicyFetch {
    if bytes.len() >= http::MAX_RESPONSE {
        return PolicyFetch::Failed("longer than 64 KiB".to_owned());
    }
    let broken_off = || PolicyFetch::NotCheckable("the connection broke off".to_owned());
    let answer = match http::response(bytes, false) {
        Progress::Complete(answer) => answer,
        Progress::Incomplete(Some(answer)) if !tells_its_end(&answer) => answer,
        Progress::Incomplete(None) if !bytes.is_empty() => return broken_off(),
        Progress::Incomplete(Some(answer)) if answer.status == 200 => return broken_off(),
        Progress::Incomplete(Some(answer)) => answer,
        Progress::Incomplete(None) | Progress::Malformed => {
            return PolicyFetch::Failed("the server does not speak HTTP".to_owned());
        }
    };
    match answer.status {
        200 => PolicyFetch::Fetched(String::from_utf8_lossy(&answer.body).into_owned()),
        status @ 300..400 => PolicyFetch::Failed(format!("HTTP status {status}: a redirect, not allowed")),
        status => PolicyFetch::Failed(format!("HTTP status {status}")),
    }
}

/// Whether an answer says where it ends; otherwise it ends with the connection (RFC 9112 section 6.3).
fn tells_its_end(answer: &Response) -> bool {
    ["content-length", "transfer-encoding"].into_iter().any(|name| answer.header(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::net::{TcpListener, TcpStream};
    use tokio_rustls::TlsAcceptor;

    const HOST: &str = "mta-sts.schule.example";

    /// What comes of a host where 127.0.0.2 refuses connections and 127.0.0.1 takes one and does this with it.
    async fn fetched<F: Future<Output = ()> + Send + 'static>(
        play: impl FnOnce(TcpStream) -> F + Send + 'static,
    ) -> PolicyFetch {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let playing = tokio::spawn(async move { play(listener.accept().await.unwrap().0).await });
        let addresses = ["127.0.0.2", "127.0.0.1"].map(|ip| ip.parse().unwrap());
        let fetched = fetch(HOST, &addresses, port, None).await;
        playing.await.unwrap();
        fetched
    }

    /// Answers every request with that text, over TLS.
    async fn serve(stream: TcpStream, answer: &[u8]) {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        let chain = vec![certificate.self_signed(&key).unwrap().der().clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(chain, key)
                .unwrap();
        let mut secured = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
        assert_ne!(secured.read(&mut [0; 1024]).await.unwrap(), 0, "a request");
        secured.write_all(answer).await.unwrap();
        secured.shutdown().await.unwrap();
    }

    #[tokio::test]
    async fn what_lies_on_the_way_is_no_fault_of_the_host() {
        let broken = fetched(|stream| async move { drop(stream) }).await;
        assert!(
            matches!(&broken, PolicyFetch::NotCheckable(why) if why.starts_with("127.0.0.1: ")),
            "{broken:?}"
        );
        let silent = fetched(|stream| serve(stream, b"")).await;
        assert_eq!(silent, PolicyFetch::Failed("the server does not speak HTTP".to_owned()));
        let speaks_no_tls = |mut stream: TcpStream| async move {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            stream.read_to_end(&mut Vec::new()).await.ok();
        };
        let plain = fetched(speaks_no_tls).await;
        assert!(matches!(&plain, PolicyFetch::Failed(why) if why.starts_with("TLS: ")), "{plain:?}");
        let refused = fetch(HOST, &["127.0.0.2".parse().unwrap()], 1, None).await;
        assert_eq!(refused, PolicyFetch::NotCheckable("127.0.0.2: the connection was refused".to_owned()));
    }

    #[tokio::test]
    async fn the_policy_is_fetched_from_the_address_that_answers() {
        let policy = fetched(|stream| serve(stream, b"HTTP/1.1 200 OK\r\n\r\nversion: STSv1\n")).await;
        assert_eq!(policy, PolicyFetch::Fetched("version: STSv1\n".to_owned()));
    }

    #[tokio::test]
    async fn what_broke_off_is_fetched_from_the_next_address() {
        let half = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nversion: STSv1\nmode: enf";
        let whole = b"HTTP/1.1 200 OK\r\n\r\nversion: STSv1\n";
        let fetched_after = |answers: Vec<&'static [u8]>| async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let addresses = vec![address.ip(); answers.len()];
            let playing = tokio::spawn(async move {
                for answer in answers {
                    serve(listener.accept().await.unwrap().0, answer).await;
                }
            });
            let fetched = fetch(HOST, &addresses, address.port(), None).await;
            playing.await.unwrap();
            fetched
        };
        let policy = fetched_after(vec![half, whole]).await;
        assert_eq!(policy, PolicyFetch::Fetched("version: STSv1\n".to_owned()));
        let broken = fetched_after(vec![half, half]).await;
        assert_eq!(broken, PolicyFetch::NotCheckable("127.0.0.1: the connection broke off".to_owned()));
    }

    #[test]
    fn a_policy_longer_than_the_bound_is_not_taken_for_whole() {
        for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n"] {
            let mut told = head.as_bytes().to_vec();
            told.resize(http::MAX_RESPONSE, b'\n');
            assert_eq!(response(&told), PolicyFetch::Failed("longer than 64 KiB".to_owned()), "{head}");
        }
        let mut told = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        told.resize(http::MAX_RESPONSE - 1, b'\n');
        assert!(matches!(response(&told), PolicyFetch::Fetched(_)), "what fits is whole");
    }

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
        let told = "HTTP/1.1 200 OK\r\ncontent-length:  8 \r\n\r\nversion: and more";
        assert_eq!(response(told.as_bytes()), fetched("version:"));
        let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nmode: none\n";
        assert_eq!(response(interim.as_bytes()), fetched("mode: none\n"));
        for text in [
            "HTTP/1.1 301 Moved\r\n\r\n",
            "HTTP/1.1 404 No\r\n\r\n",
            "HTTP/1.1 404 No\r\nContent-Length: 99\r\n\r\nbroken",
            "HTTP/1.1 503 Later\r\nRetry-After: 9\r\n\r\n",
            "",
            "SSH-2.0",
            "200 OK\r\n\r\nversion: STSv1\n",
        ] {
            assert!(matches!(response(text.as_bytes()), PolicyFetch::Failed(_)), "{text}");
        }
        for text in [
            "HTTP/1.1 2",
            "HTTP/1.1 200 OK\r\nContent-Le",
            "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nversion: STSv1\nmode: enf",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nversion: STSv1\nmode: enf",
        ] {
            assert!(matches!(response(text.as_bytes()), PolicyFetch::NotCheckable(_)), "{text}");
        }
    }

    proptest! {
        /// A policy in one piece or in chunks, whole or broken off: it is read as it was sent, or not at all.
        #[test]
        fn a_policy_is_read_whole_or_not_at_all(
            body in prop::collection::vec("[ -~]{0,30}\r?\n", 0..12),
            pieces in prop::collection::vec(1..40_usize, 0..20),
            cut in any::<prop::sample::Index>(),
            is_cut in any::<bool>(),
        ) {
            let body = body.concat();
            let mut told = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n".to_vec();
            if pieces.is_empty() {
                told.extend(format!("Content-Length: {}\r\n\r\n{body}", body.len()).bytes());
            } else {
                told.extend(b"Transfer-Encoding: chunked\r\n\r\n");
                let mut rest = body.as_str();
                for size in pieces.iter().cycle() {
                    let (piece, after) = rest.split_at((*size).min(rest.len()));
                    told.extend(format!("{:x}\r\n{piece}\r\n", piece.len()).bytes());
                    if piece.is_empty() {
                        break;
                    }
                    rest = after;
                }
            }
            if is_cut {
                told.truncate(cut.index(told.len()));
            }
            match response(&told) {
                PolicyFetch::Fetched(text) => prop_assert_eq!(text, body),
                PolicyFetch::NotCheckable(_) => prop_assert!(is_cut),
                PolicyFetch::Failed(_) => prop_assert!(is_cut && told.is_empty()),
            }
        }

        /// Whatever a stranger's server answers is read without harm, and no more of it is kept than came.
        #[test]
        fn any_answer_is_read(
            head in "(HTTP/1\\.[01] ?[0-9]{0,5} ?[ -~]{0,20}\r?\n)?([A-Za-z-]{0,20}: ?[ -~]{0,40}\r?\n){0,6}(\r?\n)?",
            lines in prop::collection::vec("(Transfer-Encoding: chunked|Content-Length: [0-9]{1,25})?\r\n|[0-9a-fA-F]{0,17}(;[a-z]{0,3})?\r\n", 0..6),
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            times in 1..40_usize,
        ) {
            let told = [head.as_bytes(), lines.concat().repeat(times).as_bytes(), &bytes].concat();
            if let PolicyFetch::Fetched(text) = response(&told) {
                // What is no UTF-8 becomes a character of three octets.
                prop_assert!(text.len() <= told.len() * 3);
            }
        }
    }
}
