//! TLS towards PostgreSQL: always verified, and demanded wherever the way to the server leaves this machine.

use crate::error::{Error, Result};
use postgres::{
    Config, Socket,
    config::{Host, SslMode},
    tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, InvalidDnsNameError, ServerName, pem::PemObject},
};
use std::{
    future::Future,
    io,
    net::IpAddr,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Where Debian and its relatives keep the authorities that the system trusts.
const SYSTEM: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A location as the `postgres` crate reads it, and the authority that vouches for the server.
pub(crate) struct Location {
    /// Hosts, user, database.
    pub(crate) config: Config,
    /// TLS, where an authority was named.
    pub(crate) tls: Option<Tls>,
}

/// Reads a URL or key-value string. Beside what the `postgres` crate knows it may hold `sslrootcert=FILE` (or
/// `system`), and the modes `verify-ca` and `verify-full`, which mean `require` here: every certificate is verified,
/// its name included.
///
/// # Errors
/// The text is none, the authority cannot be read, or TLS is missing where the server is not on this machine.
pub(crate) fn read(text: &str) -> Result<Location> {
    let failed = |cause: String| Error::Open { place: "postgresql".to_owned(), cause };
    let (rest, authority) = without_authority(text);
    let mut config: Config = rest.parse().map_err(|cause: postgres::Error| {
        failed(format!(
            "{cause}{}",
            std::error::Error::source(&cause).map(|c| format!(": {c}")).unwrap_or_default()
        ))
    })?;
    let remote = config.get_hosts().iter().find_map(distant);
    let is_refused = config.get_ssl_mode() == SslMode::Disable;
    match (authority, remote) {
        (None, Some(host)) => Err(failed(format!(
            "{host} is another machine, and its certificate cannot be checked: add sslrootcert=FILE with the \
             authority that signed it (or sslrootcert=system)"
        ))),
        (_, Some(host)) if is_refused => Err(failed(format!(
            "{host} is another machine: the way there needs TLS; take sslmode=disable away"
        ))),
        (Some(file), _) if !is_refused => {
            config.ssl_mode(SslMode::Require);
            let tls = Some(Tls::trusting(&file).map_err(|cause| failed(format!("{file}: {cause}")))?);
            Ok(Location { config, tls })
        }
        _ => Ok(Location { config, tls: None }),
    }
}

/// The location without what the `postgres` crate does not know, and the authority that it names.
fn without_authority(text: &str) -> (String, Option<String>) {
    let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
    let (base, options) = match text.split_once('?') {
        Some((base, options)) if is_url => (base, options),
        _ if is_url => (text, ""),
        _ => ("", text),
    };
    let mut authority = None;
    let mut kept: Vec<String> = Vec::new();
    for option in options.split(if is_url { '&' } else { ' ' }).filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("sslrootcert", file)) => authority = Some(file.trim_matches('\'').replace("%2F", "/")),
            Some(("sslmode", "verify-full" | "verify-ca")) => kept.push("sslmode=require".to_owned()),
            _ => kept.push(option.to_owned()),
        }
    }
    let kept = kept.join(if is_url { "&" } else { " " });
    (if is_url && !kept.is_empty() { format!("{base}?{kept}") } else { base.to_owned() + &kept }, authority)
}

/// The name of a host that is not this machine.
fn distant(host: &Host) -> Option<String> {
    match host {
        Host::Unix(_) => None,
        Host::Tcp(name) => {
            let here = name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
            (!here).then(|| name.clone())
        }
    }
}

/// Makes TLS connections that trust one authority.
#[derive(Clone)]
pub(crate) struct Tls(tokio_rustls::TlsConnector);

impl Tls {
    fn trusting(authority: &str) -> std::result::Result<Self, String> {
        let path = if authority == "system" { SYSTEM } else { authority };
        let mut roots = RootCertStore::empty();
        let certificates =
            CertificateDer::pem_file_iter(Path::new(path)).map_err(|error| error.to_string())?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| error.to_string())?;
            roots.add(certificate).map_err(|error| error.to_string())?;
        }
        if roots.is_empty() {
            return Err("no certificate in it".to_owned());
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(tokio_rustls::TlsConnector::from(Arc::new(config))))
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Secured;
    type TlsConnect = Named;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> std::result::Result<Named, InvalidDnsNameError> {
        Ok(Named { connector: self.0.clone(), name: ServerName::try_from(host.to_owned())? })
    }
}

/// A handshake with the server of that name.
pub(crate) struct Named {
    connector: tokio_rustls::TlsConnector,
    name: ServerName<'static>,
}

impl TlsConnect<Socket> for Named {
    type Stream = Secured;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Secured>> + Send>>;

    fn connect(self, stream: Socket) -> Self::Future {
        Box::pin(async move { self.connector.connect(self.name, stream).await.map(Secured) })
    }
}

/// A connection with TLS on it.
pub(crate) struct Secured(tokio_rustls::client::TlsStream<Socket>);

impl TlsStream for Secured {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_machine_needs_a_checked_certificate() {
        let check = |text: &str, expected: std::result::Result<bool, &str>| match (read(text), expected) {
            (Ok(location), Ok(has_tls)) => assert_eq!(location.tls.is_some(), has_tls, "{text}"),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{text}: {error}"),
            (Ok(_), Err(_)) => panic!("{text} must be refused"),
            (Err(error), Ok(_)) => panic!("{text}: {error}"),
        };
        check("postgres://rundgang@localhost/book", Ok(false));
        check("postgres://rundgang@127.0.0.1/book?sslmode=disable", Ok(false));
        check("postgres://rundgang@/book?host=/run/postgresql", Ok(false));
        check("host=/run/postgresql user=rundgang dbname=book", Ok(false));
        check("postgres://rundgang@db.example/book", Err("sslrootcert=FILE"));
        check("postgres://rundgang@db.example/book?sslmode=require", Err("sslrootcert=FILE"));
        check("host=10.0.0.9 user=rundgang dbname=book", Err("10.0.0.9 is another machine"));
        check("postgres://rundgang@db.example/book?sslrootcert=/nowhere.pem", Err("/nowhere.pem"));
        check(
            "postgres://rundgang@db.example/book?sslmode=disable&sslrootcert=/nowhere.pem",
            Err("take sslmode=disable away"),
        );
        check("postgres://rundgang@db.example/book?sslmode=perhaps", Err("sslmode"));
    }

    #[test]
    fn the_authority_is_taken_out() {
        let check = |text: &str, rest: &str, authority: Option<&str>| {
            let (got, named) = without_authority(text);
            assert_eq!((got.as_str(), named.as_deref()), (rest, authority), "{text}");
        };
        check("postgres://a@b/c", "postgres://a@b/c", None);
        check("postgres://a@b/c?sslrootcert=%2Fx%2Fca.pem", "postgres://a@b/c", Some("/x/ca.pem"));
        check(
            "postgres://a@b/c?sslmode=verify-full&sslrootcert=system&application_name=r",
            "postgres://a@b/c?sslmode=require&application_name=r",
            Some("system"),
        );
        check("host=b sslrootcert=/ca.pem user=a", "host=b user=a", Some("/ca.pem"));
    }
}
