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

/// The digests of a certificate that TLSA records speak of (RFC 6698); those of its key are empty where it cannot be
/// read.
pub(super) fn digests(der: &[u8]) -> Certificate {
    use ring::digest::{SHA256, SHA512, digest};
    let hex = |algorithm, bytes| data_encoding::HEXLOWER.encode(digest(algorithm, bytes).as_ref());
    let key = x509_parser::parse_x509_certificate(der).ok().map(|(_, read)| read.public_key().raw.to_vec());
    let of_key = |algorithm| key.as_ref().map(|key| hex(algorithm, key.as_slice())).unwrap_or_default();
    Certificate {
        sha256: hex(&SHA256, der),
        sha512: hex(&SHA512, der),
        key_sha256: of_key(&SHA256),
        key_sha512: of_key(&SHA512),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;
    use std::time::Duration;

    /// An authority and the certificate of a mail server that it issued.
    static ISSUED: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
        let mut root = rcgen::CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        root.distinguished_name.push(rcgen::DnType::OrganizationName, "Beispiel AG");
        let (root_key, key) = (rcgen::KeyPair::generate().unwrap(), rcgen::KeyPair::generate().unwrap());
        let authority = root.self_signed(&root_key).unwrap().der().to_vec();
        let issuer = rcgen::Issuer::new(root, root_key);
        let leaf = rcgen::CertificateParams::new(vec!["mx.schule.example".to_owned()]).unwrap();
        [authority, leaf.signed_by(&key, &issuer).unwrap().der().to_vec()]
    });

    /// What is found wrong with a certificate that claims to be the mail server's, in the year 2026.
    fn fault(der: &[u8]) -> Option<String> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(ISSUED[0].clone())).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let recorder = Recorder { authorities: Some(verifier), fault: Mutex::new(None) };
        let name = ServerName::try_from("mx.schule.example").unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_790_000_000));
        recorder.verify_server_cert(&CertificateDer::from(der), &[], &name, &[], now).unwrap();
        recorder.fault()
    }

    #[test]
    fn a_certificate_is_checked_and_described() {
        let [authority, leaf] = &*ISSUED;
        assert_eq!(fault(leaf), None);
        assert!(fault(authority).is_some(), "the authority's is not the server's");
        assert_eq!(issuer(leaf).as_deref(), Some("Beispiel AG"));
        let read = digests(leaf);
        assert_eq!([read.sha256.len(), read.sha512.len()], [64, 128]);
        assert_eq!([read.key_sha256.len(), read.key_sha512.len()], [64, 128]);
        let unreadable = digests(b"nothing");
        assert_eq!((unreadable.sha256.len(), unreadable.key_sha256.as_str()), (64, ""));
    }

    proptest! {
        /// A certificate with octets changed, a piece left out, and a piece put in again and again.
        #[test]
        fn a_changed_certificate_is_described_and_never_passes(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            piece in (any::<prop::sample::Index>(), 0..40_usize, 0..200_usize),
        ) {
            let mut der = ISSUED[1].clone();
            for (at, octet) in changes {
                let at = at.index(der.len());
                der[at] = octet;
            }
            let (at, length, times) = piece;
            let at = at.index(der.len());
            let piece: Vec<u8> = der[at..].iter().copied().take(length).collect();
            der.splice(at..at + piece.len(), piece.repeat(times));
            prop_assert!(der == ISSUED[1] || fault(&der).is_some());
            prop_assert!(issuer(&der).is_none_or(|name| name.len() <= der.len()));
            prop_assert_eq!(digests(&der).sha256.len(), 64);
        }
    }
}
