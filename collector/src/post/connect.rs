//! Connections of the collector's own: to a server that the Träger named, never to a school.

use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs as _},
    sync::Arc,
    time::{Duration, Instant},
};

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long one question may take from the first packet to the last, however busily a server drips.
const WHOLE: Duration = Duration::from_secs(40);

/// A connection, encrypted or to this machine.
pub(crate) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// Something that waits for the other side only so long.
trait Patient: Read + Write {
    fn wait_at_most(&self, patience: Duration) -> io::Result<()>;
}

impl Patient for TcpStream {
    fn wait_at_most(&self, patience: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(patience))?;
        self.set_write_timeout(Some(patience))
    }
}

/// A connection that is over at a moment, whatever the other side sends until then.
struct Ending<S, L> {
    stream: S,
    /// How much time is left.
    left: L,
}

impl<S: Patient, L: Fn() -> Duration> Ending<S, L> {
    fn hurry(&self) -> io::Result<()> {
        self.stream.wait_at_most(patience((self.left)())?)
    }
}

impl<S: Patient, L: Fn() -> Duration> Read for Ending<S, L> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.hurry()?;
        self.stream.read(into)
    }
}

impl<S: Patient, L: Fn() -> Duration> Write for Ending<S, L> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.hurry()?;
        self.stream.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// How long the next step may wait where so much time is left.
fn patience(left: Duration) -> io::Result<Duration> {
    if left.is_zero() {
        return Err(io::Error::new(io::ErrorKind::TimedOut, "the server takes too long"));
    }
    Ok(left.min(PATIENCE))
}

/// Connects to a host for one question; without encryption to this machine alone, whatever its name leads to.
///
/// # Errors
/// What went wrong, in words.
pub(crate) fn open(host: &str, port: u16, encrypted: bool) -> Result<Box<dyn Stream>, String> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses = (bare, port).to_socket_addrs().map_err(|error| format!("{host}: {error}"))?;
    let allowed = |address: &SocketAddr| encrypted || address.ip().is_loopback();
    let mut failed = format!("{host}: no address that may be used");
    let end = Instant::now() + WHOLE;
    let left = move || end.saturating_duration_since(Instant::now());
    for address in addresses.filter(allowed).take(4) {
        match connect(address, left) {
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
fn connect<L: Fn() -> Duration>(address: SocketAddr, left: L) -> io::Result<Ending<TcpStream, L>> {
    let stream = TcpStream::connect_timeout(&address, patience(left())?)?;
    Ok(Ending { stream, left })
}

fn secured(host: &str, stream: impl Read + Write + 'static) -> Result<Box<dyn Stream>, String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, rc::Rc};

    /// A server that sends one octet every fifteen seconds, for ever, and takes as long for each that it is sent.
    struct Drip {
        gone: Rc<Cell<Duration>>,
        allowed: Rc<Cell<Duration>>,
    }

    impl Drip {
        fn pass(&self) -> io::Result<usize> {
            let takes = Duration::from_secs(15);
            if self.allowed.get() < takes {
                self.gone.set(self.gone.get() + self.allowed.get());
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.gone.set(self.gone.get() + takes);
            Ok(1)
        }
    }

    impl Read for Drip {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            self.pass()
        }
    }

    impl Write for Drip {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            self.pass()
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Patient for Drip {
        fn wait_at_most(&self, patience: Duration) -> io::Result<()> {
            self.allowed.set(patience);
            Ok(())
        }
    }

    #[test]
    fn whoever_drips_is_left_when_the_time_of_a_question_is_over() {
        let check = |step: &dyn Fn(&mut dyn Stream) -> io::Result<usize>| {
            let gone = Rc::new(Cell::new(Duration::ZERO));
            let left = {
                let gone = gone.clone();
                move || WHOLE.saturating_sub(gone.get())
            };
            let stream = Drip { gone: gone.clone(), allowed: Rc::default() };
            let mut ending = Ending { stream, left };
            let steps = (0..1000).take_while(|_| step(&mut ending).is_ok()).count();
            assert_eq!((steps, gone.get()), (2, WHOLE), "no step outlasts the question");
            let late = step(&mut ending).expect_err("it is over");
            assert_eq!(late.kind(), io::ErrorKind::TimedOut);
        };
        check(&|stream| stream.read(&mut [0; 8]));
        check(&|stream| stream.write(&[0; 8]));
    }

    #[test]
    fn a_silent_server_is_waited_for_no_longer_than_before() {
        let left = |seconds: u64| patience(Duration::from_secs(seconds)).ok();
        assert_eq!(left(40), Some(PATIENCE));
        assert_eq!(left(3), Some(Duration::from_secs(3)));
        assert_eq!(left(0), None);
    }
}
