//! The agent's one way out: TLS 1.3 to a collector whose authority was pinned when the agent was invited.

use hyper_util::rt::TokioIo;
use rundgang_inventory::Timestamp;
use rundgang_proto::invitation::{PIN_SIZE, WAITS};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    time_provider::TimeProvider,
};
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::transport::{Channel, Endpoint, Uri};

/// Where the time comes from: the system's clock in `main.rs`, a fixed moment in tests.
pub type WallClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long connecting and the handshake may take together.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a collector may take to answer what it must answer at once: an enrolment, a renewal, a hello.
pub(crate) const ANSWER: Duration = Duration::from_secs(60);

/// Why there is no link to a collector.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The text is no `HOST:PORT`.
    #[error("'{0}' is no collector's address: write HOST:PORT, such as collector.example:7443")]
    Address(String),
    /// No connection.
    #[error(
        "the collector {collector} cannot be reached ({source}): is it running, does the firewall let TCP out?"
    )]
    Unreachable {
        /// The collector, `HOST:PORT`.
        collector: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another authority than the pinned one.
    #[error(
        "{0} is not the collector that this box was invited to (its authority is another one): check the address; \
         if it is right, somebody sits in between"
    )]
    WrongAuthority(String),
    /// The certificate names other hosts.
    #[error("{0} does not carry that name in its certificate: start the collector with --name {1}")]
    WrongName(String, String),
    /// One of the clocks is wrong.
    #[error(
        "the clock of this box ({now}) does not fit the collector's certificate: set the clock (NTP), then try again"
    )]
    WrongClock {
        /// What this box takes for the time.
        now: Timestamp,
    },
    /// Our certificate has run out.
    #[error(
        "this agent's certificate ran out on {0}: set the clock if it is wrong, else enrol the box again with a new invitation"
    )]
    Expired(String),
    /// The peer does not speak TLS 1.3 as the collector does.
    #[error("{collector} answers, but not as a collector does ({reason}): check host and port")]
    NotACollector {
        /// The collector, `HOST:PORT`.
        collector: String,
        /// What rustls said.
        reason: String,
    },
    /// The collector refuses what we are.
    #[error("the collector refuses: {0}")]
    Refused(String),
    /// Nobody has approved this agent yet.
    #[error("{0}; what was seen waits in the spool")]
    Waiting(String),
    /// The collector withdrew this agent.
    #[error("the collector has withdrawn this agent: {0}")]
    Revoked(String),
    /// The link broke; trying again is all that is needed.
    #[error("the link to {collector} broke: {reason}")]
    Broken {
        /// The collector, `HOST:PORT`.
        collector: String,
        /// Why.
        reason: String,
    },
    /// A key or certificate on this box cannot be used.
    #[error("this box's key or certificate cannot be used: {0}")]
    OwnKey(String),
}

/// Whom we trust, and who we are.
#[derive(Clone, Copy)]
pub enum Trust<'a> {
    /// While enrolling: an authority with this fingerprint, and no certificate of our own.
    Pinned([u8; PIN_SIZE]),
    /// Afterwards: the pinned authority itself, and our own certificate.
    Enrolled(Identity<'a>),
}

/// What an agent shows of itself once it is enrolled, and whom it trusts since.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    /// The pinned authority, DER.
    pub authority: &'a [u8],
    /// Our certificate, DER.
    pub certificate: &'a [u8],
    /// Our key, PKCS#8 DER.
    pub key: &'a [u8],
}

/// Splits `HOST:PORT` (or `[IPv6]:PORT`) into host and port.
///
/// # Errors
/// The text is neither.
pub fn split(collector: &str) -> Result<(String, u16), LinkError> {
    let wrong = || LinkError::Address(collector.to_owned());
    let (host, port) = collector.rsplit_once(':').ok_or_else(wrong)?;
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').ok_or_else(wrong)?,
        None if host.contains(':') => return Err(wrong()),
        None => host,
    };
    let port: u16 = port.parse().map_err(|_| wrong())?;
    if host.is_empty() || port == 0 { Err(wrong()) } else { Ok((host.to_owned(), port)) }
}

/// Connects to a collector and shakes hands.
///
/// # Errors
/// Each reason a person can do something about has its own variant.
pub async fn connect(collector: &str, trust: Trust<'_>, clock: &WallClock) -> Result<Channel, LinkError> {
    let (host, port) = split(collector)?;
    let name = ServerName::try_from(host.clone()).map_err(|_| LinkError::Address(collector.to_owned()))?;
    let config = client_config(trust, clock)?;
    let stream = tokio::time::timeout(PATIENCE, shake(collector, &host, port, name, config, clock))
        .await
        .map_err(|_| LinkError::Unreachable {
        collector: collector.to_owned(),
        source: std::io::ErrorKind::TimedOut.into(),
    })??;
    // The stream handed over is TLS already, so the client is told nothing of it.
    let endpoint = Endpoint::from_static("http://collector")
        .http2_keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(20))
        .keep_alive_while_idle(true);
    endpoint.connect_with_connector(Once(Some(stream))).await.map_err(|error| broken(collector, &error))
}

async fn shake(
    collector: &str,
    host: &str,
    port: u16,
    name: ServerName<'static>,
    config: ClientConfig,
    clock: &WallClock,
) -> Result<TlsStream<TcpStream>, LinkError> {
    let unreachable = |source| LinkError::Unreachable { collector: collector.to_owned(), source };
    #[allow(clippy::disallowed_methods, reason = "towards the collector, not the school: not the runner's")]
    let stream = TcpStream::connect((host, port)).await.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map_err(|error| explain(collector, host, &error, clock()))
}

fn client_config(trust: Trust<'_>, clock: &WallClock) -> Result<ClientConfig, LinkError> {
    let own = |error: &dyn fmt::Display| LinkError::OwnKey(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_details(provider.clone(), Arc::new(TlsClock(clock.clone())))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| own(&error))?;
    let mut config = match trust {
        Trust::Pinned(pin) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned { pin, provider }))
            .with_no_client_auth(),
        Trust::Enrolled(own_identity) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from(own_identity.authority.to_vec())).map_err(|error| own(&error))?;
            let key = PrivatePkcs8KeyDer::from(own_identity.key.to_vec()).into();
            builder
                .with_root_certificates(roots)
                .with_client_auth_cert(vec![own_identity.certificate.to_vec().into()], key)
                .map_err(|error| own(&error))?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

/// Our clock as rustls wants it.
struct TlsClock(WallClock);

impl fmt::Debug for TlsClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsClock")
    }
}

impl TimeProvider for TlsClock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from((self.0)().seconds()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// Accepts exactly the collectors of the authority whose fingerprint the invitation carries: the server sends that
/// authority along, and its own certificate is then verified in the ordinary way against it.
#[derive(Debug)]
struct Pinned {
    pin: [u8; PIN_SIZE],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let unknown = || rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let authority = intermediates
            .iter()
            .find(|certificate| fingerprint(certificate) == self.pin)
            .ok_or_else(unknown)?;
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned()).map_err(|_| unknown())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), self.provider.clone())
            .build()
            .map_err(|_| unknown())?;
        verifier.verify_server_cert(end_entity, &[], server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2 is not spoken here".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// SHA-256 of some bytes: how an authority is pinned.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> [u8; PIN_SIZE] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let mut out = [0; PIN_SIZE];
    out.copy_from_slice(digest.as_ref());
    out
}

/// What a failed handshake means for the person in front of the box.
fn explain(collector: &str, host: &str, error: &std::io::Error, now: Timestamp) -> LinkError {
    use rustls::Error as Tls;
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Tls>()) else {
        return LinkError::NotACollector { collector: collector.to_owned(), reason: error.to_string() };
    };
    match tls {
        Tls::InvalidCertificate(reason) => match reason {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                LinkError::WrongAuthority(collector.to_owned())
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => LinkError::WrongClock { now },
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                LinkError::WrongName(collector.to_owned(), host.to_owned())
            }
            other => {
                LinkError::NotACollector { collector: collector.to_owned(), reason: format!("{other:?}") }
            }
        },
        other => LinkError::NotACollector { collector: collector.to_owned(), reason: other.to_string() },
    }
}

/// A broken link, with the reason from the bottom of the error's chain.
pub(crate) fn broken(collector: &str, error: &(dyn std::error::Error + 'static)) -> LinkError {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    LinkError::Broken { collector: collector.to_owned(), reason: deepest.to_string() }
}

/// What a call's status means: the collector's own words where it refused, a broken link else.
pub(crate) fn status(collector: &str, status: &tonic::Status) -> LinkError {
    use tonic::Code;
    match status.code() {
        Code::PermissionDenied => LinkError::Revoked(status.message().to_owned()),
        Code::FailedPrecondition if status.message().starts_with(WAITS) => {
            LinkError::Waiting(status.message().to_owned())
        }
        Code::Unauthenticated | Code::InvalidArgument | Code::FailedPrecondition | Code::NotFound => {
            LinkError::Refused(status.message().to_owned())
        }
        _ => match std::error::Error::source(status) {
            Some(source) => broken(collector, source),
            None => {
                LinkError::Broken { collector: collector.to_owned(), reason: status.message().to_owned() }
            }
        },
    }
}

/// What a collector answers to a call, within the time it may take.
pub(crate) async fn answer<T>(
    collector: &str,
    call: impl Future<Output = Result<tonic::Response<T>, tonic::Status>>,
) -> Result<T, LinkError> {
    match tokio::time::timeout(ANSWER, call).await {
        Ok(answered) => Ok(answered.map_err(|refused| status(collector, &refused))?.into_inner()),
        Err(_) => Err(silent(collector)),
    }
}

/// A collector that keeps the connection but does not answer.
pub(crate) fn silent(collector: &str) -> LinkError {
    LinkError::Broken { collector: collector.to_owned(), reason: "it does not answer".to_owned() }
}

/// Hands one standing connection to the gRPC client; when it breaks the uplink makes a new one itself.
struct Once(Option<TlsStream<TcpStream>>);

impl tonic::codegen::Service<Uri> for Once {
    type Response = TokioIo<TlsStream<TcpStream>>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let stream = self.0.take().ok_or_else(|| std::io::ErrorKind::NotConnected.into());
        Box::pin(async move { stream.map(TokioIo::new) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let check = |text: &str, expected: Option<(&str, u16)>| {
            let expected = expected.map(|(host, port)| (host.to_owned(), port));
            assert_eq!(split(text).ok(), expected, "{text}");
        };
        check("collector.example:7443", Some(("collector.example", 7443)));
        check("[2001:db8::1]:7443", Some(("2001:db8::1", 7443)));
        check("2001:db8::1:7443", None);
        check("collector.example", None);
        check(":7443", None);
        check("collector.example:0", None);
        check("https://collector.example:7443", None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_collector_that_never_answers_a_call_is_not_waited_for() {
        let call = std::future::pending::<Result<tonic::Response<()>, tonic::Status>>();
        let waited = tokio::time::timeout(ANSWER * 2, answer("collector.example:7443", call)).await;
        let error = waited.expect("within its time").expect_err("nothing came");
        assert_eq!(error.to_string(), "the link to collector.example:7443 broke: it does not answer");
    }
}
