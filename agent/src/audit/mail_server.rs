//! Greets a mail exchanger: EHLO, STARTTLS, the certificate, QUIT. No mail is sent, no address is tried.

use super::net::{because, connect};
use super::tls::{Recorder, digests, issuer};
use rundgang_inventory::mail::MailServer;
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::ServerName;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the whole conversation may take: many servers make strangers wait for their greeting.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the connection may take; a blocked port 25 answers nothing.
const CONNECT_PATIENCE: Duration = Duration::from_secs(4);
/// No longer reply is read.
const MOST_BYTES: usize = 16 * 1024;

/// Greets the first address of a mail exchanger that can be connected to.
pub(super) async fn greet(
    host: &str,
    addresses: &[IpAddr],
    port: u16,
    authorities: Option<Arc<WebPkiServerVerifier>>,
) -> MailServer {
    let mut reason = "no address".to_owned();
    for &ip in addresses.iter().take(2) {
        match timeout(CONNECT_PATIENCE, connect(SocketAddr::new(ip, port))).await {
            Err(_) => reason = format!("{ip}: no answer in time"),
            Ok(Err(error)) => reason = format!("{ip}: {}", because(&error)),
            Ok(Ok(stream)) => {
                return match timeout(PATIENCE, converse(host, stream, authorities)).await {
                    Ok(Ok(server)) => server,
                    Ok(Err(reason)) => not_checkable(reason),
                    Err(_) => not_checkable("the conversation took too long".to_owned()),
                };
            }
        }
    }
    not_checkable(reason)
}

fn not_checkable(reason: String) -> MailServer {
    MailServer { not_checkable: Some(reason), ..MailServer::default() }
}

async fn converse(
    host: &str,
    mut stream: TcpStream,
    authorities: Option<Arc<WebPkiServerVerifier>>,
) -> Result<MailServer, String> {
    let own = stream.local_addr().map_err(|error| because(&error))?.ip();
    let greeting = reply(&mut stream).await?;
    if !greeting.starts_with("220") {
        return Err(format!("greeted with {}", greeting.get(..3).unwrap_or("nothing readable")));
    }
    let literal = if own.is_ipv4() { format!("[{own}]") } else { format!("[IPv6:{own}]") };
    say(&mut stream, &format!("EHLO {literal}\r\n")).await?;
    let offers = reply(&mut stream).await?;
    if !offers.starts_with("250") {
        return Err(format!("answered EHLO with {}", offers.get(..3).unwrap_or("nothing readable")));
    }
    let starttls = offers_starttls(&offers);
    if !starttls && is_masked(&offers) {
        say(&mut stream, "QUIT\r\n").await.ok();
        return Err("a firewall on the way hides what the server offers".to_owned());
    }
    let mut server = MailServer { starttls: Some(starttls), ..MailServer::default() };
    if !starttls {
        say(&mut stream, "QUIT\r\n").await.ok();
        return Ok(server);
    }
    say(&mut stream, "STARTTLS\r\n").await?;
    if !reply(&mut stream).await?.starts_with("220") {
        return Ok(server);
    }
    secure(host, stream, authorities, &mut server).await?;
    Ok(server)
}

/// Whether one of the lines of an EHLO reply is STARTTLS.
fn offers_starttls(reply: &str) -> bool {
    reply.lines().any(|line| line.get(4..).is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS")))
}

/// Whether one of the words of an EHLO reply was crossed out, as by firewalls that will not let mail be encrypted:
/// they write `XXXXXXXA` or `XXXXXXXX` over it, so that its length stays.
fn is_masked(reply: &str) -> bool {
    let crossed_out = |word: &str| {
        let kept = word.strip_suffix('A').unwrap_or(word);
        kept.len() >= 4 && kept.bytes().all(|byte| byte == b'X')
    };
    reply.lines().any(|line| line.get(4..).is_some_and(|word| crossed_out(word.trim())))
}

async fn secure(
    host: &str,
    stream: TcpStream,
    authorities: Option<Arc<WebPkiServerVerifier>>,
    server: &mut MailServer,
) -> Result<(), String> {
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    let (recorder, connector) = Recorder::connector(authorities).map_err(|error| error.to_string())?;
    let mut secured = match connector.connect(name, stream).await {
        Ok(secured) => secured,
        Err(error) => {
            // The server speaks nothing newer than TLS 1.1 (RFC 8996).
            if error.to_string().contains("ProtocolVersion") {
                server.tls_version = Some("TLSv1.1".to_owned());
            } else {
                server.not_checkable = Some(format!("TLS: {error}"));
            }
            return Ok(());
        }
    };
    let (_, connection) = secured.get_ref();
    server.tls_version = connection.protocol_version().map(|version| match version {
        rustls::ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
        _ => "TLSv1.2".to_owned(),
    });
    server.chain =
        connection.peer_certificates().unwrap_or_default().iter().take(10).map(|c| digests(c)).collect();
    server.issuer = connection
        .peer_certificates()
        .and_then(|chain| issuer(chain.first()?))
        .map(|name| name.chars().take(120).collect());
    server.certificate_fault = recorder.fault();
    secured.write_all(b"QUIT\r\n").await.ok();
    secured.shutdown().await.ok();
    Ok(())
}

async fn say(stream: &mut TcpStream, line: &str) -> Result<(), String> {
    stream.write_all(line.as_bytes()).await.map_err(|error| because(&error))
}

/// One reply: lines up to the first whose fourth character is no hyphen (RFC 5321 section 4.2.1).
async fn reply(stream: &mut (impl AsyncRead + Unpin)) -> Result<String, String> {
    let mut bytes = Vec::new();
    while bytes.len() < MOST_BYTES {
        let byte = stream.read_u8().await.map_err(|error| because(&error))?;
        bytes.push(byte);
        if byte == b'\n' {
            let before = bytes.get(..bytes.len() - 1).unwrap_or_default();
            let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
            if before.get(start + 3) != Some(&b'-') {
                return Ok(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    Err("an endless reply".to_owned())
}

/// How many replies these bytes hold, one after the other, each read as in a conversation.
pub(super) fn replies(mut bytes: &[u8]) -> usize {
    let mut count = 0;
    loop {
        let mut context = Context::from_waker(Waker::noop());
        // What is read is at hand, so there is nothing to wait for.
        let said = pin!(reply(&mut bytes)).poll(&mut context);
        let Poll::Ready(Ok(text)) = said else { return count };
        std::hint::black_box((offers_starttls(&text), is_masked(&text)));
        count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn replies_end_at_their_last_line() {
        let mut told: &[u8] = b"250-mx.example\r\n250-SIZE 1\r\n250 starttls\r\n220 next\r\n";
        let first = reply(&mut told).await.unwrap();
        assert!(first.ends_with("250 starttls\r\n") && offers_starttls(&first));
        assert_eq!(reply(&mut told).await.unwrap(), "220 next\r\n");
        assert!(reply(&mut told).await.is_err());
        assert_eq!(replies(b"250-mx.example\r\n250 SIZE 1\r\n220 next\r\n250-open\r\n"), 2);
        assert!(!offers_starttls("250-mx.example\r\n250 SIZE\r\n"));
    }

    /// What is said of a mail exchanger that answers EHLO with this.
    async fn greeted(offers: &'static str) -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let playing = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"220 mx.schule.example\r\n").await.unwrap();
            reply(&mut stream).await.unwrap();
            stream.write_all(offers.as_bytes()).await.unwrap();
            reply(&mut stream).await.unwrap()
        });
        let server = greet("mx.schule.example", &[address.ip()], address.port(), None).await;
        assert_eq!(playing.await.unwrap(), "QUIT\r\n");
        server
    }

    #[tokio::test]
    async fn what_a_firewall_crossed_out_is_not_called_missing() {
        for masked in
            ["250-mx.example\r\n250-XXXXXXXA\r\n250 SIZE 1\r\n", "250-mx.example\r\n250 XXXXXXXX\r\n"]
        {
            let server = greeted(masked).await;
            assert_eq!(server.starttls, None, "{masked}");
            assert!(server.not_checkable.unwrap().contains("firewall"), "{masked}");
        }
        let plain = greeted("250-mx.example\r\n250-XCLIENT ADDR\r\n250 SIZE 1\r\n").await;
        assert_eq!((plain.starttls, plain.not_checkable), (Some(false), None));
    }

    /// What is read as a reply where these bytes arrive in pieces of that size, and what is left unread.
    fn replied(bytes: &[u8], piece: usize) -> (Result<String, String>, Vec<u8>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut near, mut far) = tokio::io::duplex(piece);
            let telling = async move {
                // The reader may have had enough.
                far.write_all(bytes).await.ok();
            };
            let reading = async {
                let said = reply(&mut near).await;
                let mut rest = Vec::new();
                near.read_to_end(&mut rest).await.unwrap();
                (said, rest)
            };
            tokio::join!(telling, reading).1
        })
    }

    proptest! {
        #[test]
        fn a_reply_is_read_to_its_last_line_and_no_further(
            lines in prop::collection::vec("[ -~]{0,60}", 1..12),
            code in 200..600_u16,
            end in prop::sample::select(vec!["\r\n", "\n"]),
            rest in prop::collection::vec(any::<u8>(), 0..40),
            piece in 1..90_usize,
        ) {
            let last = lines.len() - 1;
            let mark = |number| if number == last { ' ' } else { '-' };
            let lines = lines.iter().enumerate();
            let told: String = lines.map(|(number, line)| format!("{code}{}{line}{end}", mark(number))).collect();
            let (said, left) = replied(&[told.as_bytes(), &rest].concat(), piece);
            prop_assert_eq!(said, Ok(told));
            prop_assert_eq!(left, rest);
        }

        #[test]
        fn any_bytes_are_taken_for_a_reply_or_none(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b'-')], 0..300),
            piece in 1..90_usize,
        ) {
            let (said, left) = replied(&bytes, piece);
            match said {
                Ok(text) => {
                    std::hint::black_box(offers_starttls(&text));
                    prop_assert!(bytes[..bytes.len() - left.len()].ends_with(b"\n"));
                }
                Err(_) => prop_assert!(left.is_empty(), "it was given up before its end"),
            }
        }

        #[test]
        fn an_endless_reply_is_given_up(line in "[2-5][0-9][0-9]-[ -~]{0,80}", more in 1..500_usize) {
            let line = format!("{line}\r\n");
            let told = line.repeat((MOST_BYTES + more).div_ceil(line.len()));
            let (said, left) = replied(told.as_bytes(), 1024);
            prop_assert_eq!(said, Err("an endless reply".to_owned()));
            prop_assert_eq!(left.len(), told.len() - MOST_BYTES);
        }
    }
}
