//! X.509 certificates as far as an inventory reads them (RFC 5280). Nothing is verified here: it is recorded.

use sha2::{Digest, Sha256};
use std::net::IpAddr;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Name};
use x509_parser::public_key::PublicKey;

/// Names of a certificate that are taken over.
const MAX_NAMES: usize = 64;

/// What a certificate says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The subject as `CN=…, O=…`, in the order of the certificate.
    pub subject: String,
    /// The issuer, likewise.
    pub issuer: String,
    /// Seconds since the epoch at which it becomes valid.
    pub not_before: i64,
    /// Seconds since the epoch at which it expires.
    pub not_after: i64,
    /// The alternative names: DNS names and addresses.
    pub names: Vec<String>,
    /// Subject and issuer are the same.
    pub self_signed: bool,
    /// Key type and size: `RSA 2048`, `EC P-256`, `Ed25519`.
    pub key: String,
    /// Signature algorithm: `sha256WithRSAEncryption`, else the object identifier.
    pub signature: String,
    /// SHA-256 over the whole certificate, lower-case hexadecimal.
    pub fingerprint: String,
}

/// Reads one certificate in DER. `None` where the bytes are none.
#[must_use]
pub fn certificate(der: &[u8]) -> Option<Certificate> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    let names = parsed.subject_alternative_name().ok().flatten().map_or_else(Vec::new, |extension| {
        extension.value.general_names.iter().filter_map(general_name).take(MAX_NAMES).collect()
    });
    Some(Certificate {
        subject: distinguished(parsed.subject()),
        issuer: distinguished(parsed.issuer()),
        not_before: parsed.validity().not_before.timestamp(),
        not_after: parsed.validity().not_after.timestamp(),
        names,
        self_signed: parsed.subject().as_raw() == parsed.issuer().as_raw(),
        key: key(&parsed),
        signature: signature(&parsed.signature_algorithm.algorithm.to_id_string()),
        fingerprint: data_encoding::HEXLOWER.encode(&Sha256::digest(der)),
    })
}

fn general_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => match octets.len() {
            4 => <[u8; 4]>::try_from(*octets).ok().map(|o| IpAddr::from(o).to_string()),
            16 => <[u8; 16]>::try_from(*octets).ok().map(|o| IpAddr::from(o).to_string()),
            _ => None,
        },
        // Mail addresses and the like name persons.
        _ => None,
    }
}

/// `CN=…, O=…` in the certificate's own order; attributes without a short name are shown by their identifier.
fn distinguished(name: &X509Name<'_>) -> String {
    let parts = name.iter_attributes().filter_map(|attribute| {
        let oid = attribute.attr_type().to_id_string();
        let short = match oid.as_str() {
            "2.5.4.3" => "CN",
            "2.5.4.5" => "serialNumber",
            "2.5.4.6" => "C",
            "2.5.4.7" => "L",
            "2.5.4.8" => "ST",
            "2.5.4.10" => "O",
            "2.5.4.11" => "OU",
            "0.9.2342.19200300.100.1.25" => "DC",
            // A mail address is a person's or a mailbox, neither is needed.
            "1.2.840.113549.1.9.1" => return None,
            other => other,
        };
        let value = attribute
            .as_str()
            .map_or_else(|_| String::from_utf8_lossy(attribute.as_slice()).into_owned(), str::to_owned);
        Some(format!("{short}={value}"))
    });
    parts.take(16).collect::<Vec<_>>().join(", ")
}

fn key(certificate: &X509Certificate<'_>) -> String {
    let info = certificate.public_key();
    match info.parsed() {
        Ok(PublicKey::RSA(rsa)) => format!("RSA {}", rsa.key_size()),
        Ok(PublicKey::DSA(_)) => "DSA".to_owned(),
        Ok(PublicKey::EC(point)) => match info.algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok()) {
            Some(curve) => match curve.to_id_string().as_str() {
                "1.2.840.10045.3.1.7" => "EC P-256".to_owned(),
                "1.3.132.0.34" => "EC P-384".to_owned(),
                "1.3.132.0.35" => "EC P-521".to_owned(),
                other => format!("EC {other}"),
            },
            None => format!("EC {}", point.key_size()),
        },
        _ => match info.algorithm.algorithm.to_id_string().as_str() {
            "1.3.101.112" => "Ed25519".to_owned(),
            "1.3.101.113" => "Ed448".to_owned(),
            other => other.to_owned(),
        },
    }
}

fn signature(oid: &str) -> String {
    match oid {
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "rsassaPss",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.3.101.112" => "Ed25519",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Vec<u8> {
        let mut parameters =
            rcgen::CertificateParams::new(vec!["switch-3.schule.example".to_owned(), "192.0.2.9".to_owned()])
                .unwrap();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "switch-3");
        parameters.distinguished_name.push(rcgen::DnType::OrganizationName, "Beispiel AG");
        parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2021, 1, 1);
        let pair = rcgen::KeyPair::generate().unwrap();
        parameters.self_signed(&pair).unwrap().der().to_vec()
    }

    #[test]
    fn a_certificate_is_read() {
        let got = certificate(&sample()).unwrap();
        assert_eq!(got.subject, "CN=switch-3, O=Beispiel AG");
        assert_eq!(got.issuer, got.subject);
        assert_eq!((got.not_before, got.not_after), (1_577_836_800, 1_609_459_200));
        assert_eq!(got.names, ["switch-3.schule.example", "192.0.2.9"]);
        assert!(got.self_signed);
        assert_eq!((got.key.as_str(), got.signature.as_str()), ("EC P-256", "ecdsa-with-SHA256"));
        assert_eq!(got.fingerprint.len(), 64);
    }

    proptest! {
        #[test]
        fn damaged_certificates_do_not_panic(at in 0..500usize, octet: u8) {
            let mut der = sample();
            let length = der.len();
            der[at % length] = octet;
            prop_assert!(certificate(&der).is_none_or(|read| read.names.len() <= MAX_NAMES));
        }

        /// Octets changed, a piece left out, and a piece put in again and again: nothing grows beyond what came.
        #[test]
        fn a_mangled_certificate_stays_small(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            piece in (any::<prop::sample::Index>(), 0..40_usize, 0..200_usize),
        ) {
            let mut der = sample();
            for (at, octet) in changes {
                let at = at.index(der.len());
                der[at] = octet;
            }
            let (at, length, times) = piece;
            let at = at.index(der.len());
            let piece: Vec<u8> = der[at..].iter().copied().take(length).collect();
            der.splice(at..at + piece.len(), piece.repeat(times));
            if let Some(read) = certificate(&der) {
                let names: usize = read.names.iter().map(String::len).sum();
                let texts = [&read.subject, &read.issuer, &read.key, &read.signature];
                let told = names + texts.iter().map(|text| text.len()).sum::<usize>();
                prop_assert!(told <= 8 * der.len(), "{told} octets of text from {}", der.len());
                prop_assert!(read.names.len() <= MAX_NAMES);
                prop_assert_eq!(read.fingerprint.len(), 64);
            }
        }
    }
}
