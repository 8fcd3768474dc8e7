//! TLS towards mail exchangers and policy hosts: the certificate is checked, and what is wrong with it is recorded.

use rundgang_inventory::mail::Certificate;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_rustls::TlsConnector;

/// Where systems keep the certificates of the authorities they trust.
const BUNDLES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// The authorities that this machine trusts; none where it names none.
pub(super) fn authorities() -> Option<Arc<WebPkiServerVerifier>> {
    let bundle = BUNDLES.iter().find_map(|path| std::fs::read(path).ok())?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&bundle).filter_map(Result::ok));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().ok()
}

/// Notes what the authorities say about a certificate and goes on, so that the whole of it can be reported.
#[derive(Debug)]
pub(super) struct Recorder {
    authorities: Option<Arc<WebPkiServerVerifier>>,
    fault: Mutex<Option<String>>,
}

impl Recorder {
    /// A recorder and the connector that uses it.
    pub(super) fn connector(
        authorities: Option<Arc<WebPkiServerVerifier>>,
    ) -> Result<(Arc<Self>, TlsConnector), Error> {
        let recorder = Arc::new(Self { authorities, fault: Mutex::new(None) });
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&recorder) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        Ok((recorder, TlsConnector::from(Arc::new(config))))
    }

    /// What is wrong with the certificate.
    pub(super) fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(authorities) = &self.authorities {
            let verdict =
                authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
            *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = verdict.err().map(|e| e.to_string());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, &known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// The organisation that issued a certificate.
pub(super) fn issuer(der: &[u8]) -> Option<String> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    let name = certificate.issuer().iter_organization().next()?.as_str().ok()?.to_owned();
    Some(name)
}

/// The digests of a certificate that TLSA records speak of (RFC 6698).
pub(super) fn digests(der: &[u8]) -> Certificate {
    use ring::digest::{SHA256, SHA512, digest};
    let hex = |algorithm, bytes| data_encoding::HEXLOWER.encode(digest(algorithm, bytes).as_ref());
    let key = x509_parser::parse_x509_certificate(der)
        .map(|(_, certificate)| certificate.public_key().raw.to_vec())
        .unwrap_or_default();
    Certificate {
        sha256: hex(&SHA256, der),
        sha512: hex(&SHA512, der),
        key_sha256: hex(&SHA256, &key),
        key_sha512: hex(&SHA512, &key),
    }
}
