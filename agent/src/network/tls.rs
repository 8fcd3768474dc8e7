//! TLS that verifies nothing and records everything: what a device shows is evidence, not trust.

use crate::probe::TlsPeer;
use rundgang_inventory::vocabulary::TLS_TOO_OLD;
use rustls::{
    AlertDescription, ClientConfig, DigitallySignedStruct, Error, PeerIncompatible, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use std::{net::IpAddr, sync::Arc};

/// The client configuration for looking at devices: TLS 1.2 and 1.3, any certificate.
pub(super) fn config() -> Result<Arc<ClientConfig>, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Observer(provider)))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The name to ask for: the host's name where one is known, else its address (which sends no SNI, RFC 6066).
pub(super) fn server_name(name: Option<String>, ip: IpAddr) -> ServerName<'static> {
    name.and_then(|name| ServerName::try_from(name).ok()).unwrap_or_else(|| ServerName::from(ip))
}

/// What a finished handshake tells of the peer.
pub(super) fn peer(connection: &rustls::CommonState) -> TlsPeer {
    let chain = connection.peer_certificates().unwrap_or_default().iter().map(|der| der.to_vec()).collect();
    let version = match connection.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3".to_owned(),
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2".to_owned(),
        other => other.map(|version| format!("{version:?}")).unwrap_or_default(),
    };
    let cipher = connection
        .negotiated_cipher_suite()
        .and_then(|suite| suite.suite().as_str().map(iana_name))
        .unwrap_or_default();
    TlsPeer { chain, version, cipher }
}

/// Why a handshake failed. That a peer speaks only old versions is told in words of our own, however it was noticed: the
/// peer chose one, or would not have ours.
pub(super) fn reason(error: &std::io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let is_old = matches!(
        inner,
        Some(
            Error::AlertReceived(AlertDescription::ProtocolVersion)
                | Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13)
        )
    );
    if is_old { TLS_TOO_OLD.to_owned() } else { error.to_string() }
}

/// rustls writes the suites of TLS 1.3 with their version in front; the registry does not.
fn iana_name(name: &str) -> String {
    name.strip_prefix("TLS13_").map_or_else(|| name.to_owned(), |rest| format!("TLS_{rest}"))
}

/// Accepts every certificate. Signatures of the handshake are still checked, so that a recorded chain belongs to
/// the peer that showed it.
#[derive(Debug)]
struct Observer(Arc<CryptoProvider>);

impl ServerCertVerifier for Observer {
    fn verify_server_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        // An old device's certificate of an old form must not hide the device: then nothing is asserted of it.
        rustls::crypto::verify_tls12_signature(message, certificate, signed, known).or_else(|error| {
            if is_form(&error) { Ok(HandshakeSignatureValid::assertion()) } else { Err(error) }
        })
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, known).or_else(|error| {
            if is_form(&error) { Ok(HandshakeSignatureValid::assertion()) } else { Err(error) }
        })
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Whether the certificate's form, and not the signature, is what was found wanting.
const fn is_form(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(inner) if !matches!(inner, rustls::CertificateError::BadSignature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_are_told_in_words_of_our_own() {
        let check = |answer: &[u8], expected: &str| {
            let name = server_name(None, IpAddr::from([127, 0, 0, 1]));
            let mut client = rustls::ClientConnection::new(config().unwrap(), name).unwrap();
            client.write_tls(&mut Vec::new()).unwrap();
            client.read_tls(&mut &*answer).unwrap();
            let error = std::io::Error::other(client.process_new_packets().unwrap_err());
            assert_eq!(reason(&error), expected);
        };
        // A fatal alert: protocol version.
        check(&[21, 3, 1, 0, 2, 2, 70], TLS_TOO_OLD);
        check(&[21, 3, 3, 0, 2, 2, 40], "received fatal alert: HandshakeFailure");
        // A ServerHello of TLS 1.0: its random, no session, a suite, no compression.
        let hello = [&[22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
        check(&hello, TLS_TOO_OLD);
    }
}
