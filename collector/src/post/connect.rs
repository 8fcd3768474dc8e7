//! Connections of the collector's own: to a server that the Träger named, never to a school.

use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs as _},
    sync::Arc,
    time::Duration,
};

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection, encrypted or to this machine.
pub(crate) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// Connects to a host; without encryption to this machine alone, whatever its name leads to.
///
/// # Errors
/// What went wrong, in words.
pub(crate) fn open(host: &str, port: u16, encrypted: bool) -> Result<Box<dyn Stream>, String> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses = (bare, port).to_socket_addrs().map_err(|error| format!("{host}: {error}"))?;
    let allowed = |address: &SocketAddr| encrypted || address.ip().is_loopback();
    let mut failed = format!("{host}: no address that may be used");
    for address in addresses.filter(allowed).take(4) {
        match connect(address) {
            Ok(stream) if encrypted => {
                return secured(bare, stream).map_err(|error| format!("{host}: {error}"));
            }
            Ok(stream) => return Ok(Box::new(stream)),
            Err(error) => failed = format!("{address}: {error}"),
        }
    }
    Err(failed)
}

#[allow(clippy::disallowed_methods, reason = "a server that the Träger named, not one of a school")]
fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn secured(host: &str, stream: TcpStream) -> Result<Box<dyn Stream>, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err("this machine names no authorities: install ca-certificates".to_owned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    let client = rustls::ClientConnection::new(Arc::new(config), name).map_err(|error| error.to_string())?;
    Ok(Box::new(rustls::StreamOwned::new(client, stream)))
}
