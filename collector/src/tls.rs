//! The collector's side of TLS: version 1.3 only, a certificate that rotates itself, agents proven by theirs.

use crate::{
    Clock,
    authority::{Authority, agent_of},
    door::{Held, Seat, Seats, Until, neighbourhood},
};
use axum::serve::Listener;
use rundgang_inventory::Timestamp;
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::UnixTime,
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
    time_provider::TimeProvider,
};
use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_stream::wrappers::ReceiverStream;

/// Handshakes under way at once: what a flood of strangers can occupy.
const HANDSHAKES: usize = 128;
/// Connections without a certificate that may stand at once: boxes that enrol.
const UNPROVEN: usize = 64;
/// Handshakes and connections without a certificate from one address (a school behind one address has few boxes).
const OF_ONE_ADDRESS: usize = 32;
/// Connections of agents.
const AGENTS: usize = 4096;
/// Of these of one agent, however many certificates it was given: it may renew them as often as it likes.
const OF_ONE_AGENT: usize = 8;
/// How long a connection without a certificate may stand: an enrolment takes a second.
const STRANGERS_STAY: Duration = Duration::from_secs(30);
/// How long a stranger may take for the handshake.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);

/// What can go wrong while TLS is set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate could not be made.
    #[error(transparent)]
    Authority(#[from] crate::authority::AuthorityError),
    /// rustls refuses the configuration.
    #[error("setting up TLS: {0}")]
    Rustls(#[from] rustls::Error),
    /// rustls refuses the authority as a root.
    #[error("setting up the check of agents' certificates: {0}")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

/// The configuration of the port that agents connect to. A client certificate is asked for and verified but not
/// demanded, since an agent that enrols has none yet; the services demand it one by one.
///
/// # Errors
/// A name that no certificate can carry.
pub fn server_config(
    authority: Arc<Authority>,
    names: Vec<String>,
    clock: Clock,
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone())?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .allow_unauthenticated()
        .build()?;
    let rotation = Rotation::new(authority, names, clock.clone())?;
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(TlsClock(clock)))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(rotation));
    config.alpn_protocols = vec![b"h2".to_vec()];
    // Without resumption every connection shows its certificate anew, so that an expired one ends.
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// Our clock as rustls wants it.
struct TlsClock(Clock);

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

/// The collector's own certificate, made anew after two thirds of its life.
struct Rotation {
    authority: Arc<Authority>,
    names: Vec<String>,
    clock: Clock,
    current: Mutex<(Timestamp, Arc<CertifiedKey>)>,
}

impl fmt::Debug for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rotation").field("names", &self.names).finish_non_exhaustive()
    }
}

impl Rotation {
    fn new(authority: Arc<Authority>, names: Vec<String>, clock: Clock) -> Result<Self, TlsError> {
        let current = Mutex::new(fresh(&authority, &names, clock())?);
        Ok(Self { authority, names, clock, current })
    }
}

/// A new certificate and the moment from which on it should be replaced.
fn fresh(
    authority: &Authority,
    names: &[String],
    now: Timestamp,
) -> Result<(Timestamp, Arc<CertifiedKey>), TlsError> {
    let (issued, key) = authority.certify_server(names, now)?;
    let key = rustls::crypto::ring::sign::any_supported_type(&key)?;
    // The authority goes along, so that an agent that enrols can compare it with its invitation.
    let chain = vec![issued.certificate, authority.certificate().clone()];
    let replace = Timestamp(now.0 + (issued.not_after.0 - now.0) / 3 * 2);
    Ok((replace, Arc::new(CertifiedKey::new(chain, key))))
}

impl ResolvesServerCert for Rotation {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let now = (self.clock)();
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= current.0 {
            match fresh(&self.authority, &self.names, now) {
                Ok(new) => *current = new,
                Err(error) => tracing::error!(%error, "the collector's certificate could not be renewed"),
            }
        }
        Some(current.1.clone())
    }
}

/// Who holds connections: strangers by their address, agents by the name that their certificates were issued to.
struct Guests {
    /// Handshakes under way, and strangers of one address with or without one behind them.
    strangers: Seats<IpAddr>,
    /// Strangers that have shaken hands but shown no certificate, as for an enrolment.
    unproven: Seats<()>,
    /// Agents. One needs one connection; those that broke stand until their keep-alive ends.
    agents: Seats<String>,
}

/// Accepts connections and shakes hands, each on its own, so that a slow stranger holds up nobody. Strangers have few
/// seats and have to go after [`STRANGERS_STAY`]; they take none from agents.
pub(crate) fn accept(
    mut listener: TcpListener,
    config: Arc<ServerConfig>,
) -> ReceiverStream<Result<Held<TlsStream<TcpStream>>, std::io::Error>> {
    let (ready, connections) = mpsc::channel(64);
    let acceptor = TlsAcceptor::from(config);
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES));
    let guests = Arc::new(Guests {
        strangers: Seats::new(HANDSHAKES + UNPROVEN, OF_ONE_ADDRESS),
        unproven: Seats::new(UNPROVEN, UNPROVEN),
        agents: Seats::new(AGENTS, OF_ONE_AGENT),
    });
    tokio::spawn(async move {
        loop {
            let Ok(permit) = handshakes.clone().acquire_owned().await else { return };
            let (stream, peer) = tokio::select! {
                () = ready.closed() => return,
                // Never fails: out of file descriptors, axum's listener logs it and waits for standing ones to end.
                accepted = Listener::accept(&mut listener) => accepted,
            };
            let Some(seat) = guests.strangers.take(neighbourhood(peer.ip())) else {
                tracing::debug!(%peer, "this address holds too many connections");
                continue;
            };
            let (acceptor, ready, guests) = (acceptor.clone(), ready.clone(), guests.clone());
            tokio::spawn(async move {
                let shaken = tokio::time::timeout(HANDSHAKE_PATIENCE, shake(&acceptor, stream)).await;
                drop(permit);
                match shaken {
                    Ok(Ok(stream)) => match guests.seated(stream, seat) {
                        // The receiver is gone only at shutdown; then the connection may fall.
                        Some(held) => drop(ready.send(Ok(held)).await),
                        None => tracing::info!(%peer, "no free seat for this connection"),
                    },
                    Ok(Err(error)) => tracing::info!(%peer, %error, "TLS handshake refused"),
                    Err(_) => tracing::info!(%peer, "TLS handshake took too long"),
                }
            });
        }
    });
    ReceiverStream::new(connections)
}

async fn shake(acceptor: &TlsAcceptor, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
    stream.set_nodelay(true)?;
    acceptor.accept(stream).await
}

impl Guests {
    /// The connection with the seat that it has a right to: an agent's own, or for a while a stranger's.
    fn seated(
        &self,
        stream: TlsStream<TcpStream>,
        strangers: Seat<IpAddr>,
    ) -> Option<Held<TlsStream<TcpStream>>> {
        let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        match certificate.and_then(|certificate| agent_of(certificate)) {
            Some(agent) => self.agents.take(agent).map(|seat| Held::new(stream, seat, Until::Open)),
            None => {
                let seats = (strangers, self.unproven.take(())?);
                Some(Held::new(stream, seats, Until::After(STRANGERS_STAY)))
            }
        }
    }
}
