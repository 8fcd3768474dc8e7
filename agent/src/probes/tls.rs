//! From a TLS handshake to evidence: the leaf certificate and what was agreed on. Nothing is verified.

use super::evidence::{put_int, put_text, set_list, set_text};
use crate::probe::TlsPeer;
use rundgang_inventory::vocabulary::{
    TLS_CERTIFICATES, TLS_ERROR, TLS_ISSUER, TLS_KEY, TLS_NOT_AFTER, TLS_NOT_BEFORE, TLS_SAN,
    TLS_SELF_SIGNED, TLS_SIGNATURE, TLS_SUBJECT, TLS_VERSION,
};
use rundgang_inventory::{Fields, Row, Timestamp, Value};
use rundgang_wire::certificate::certificate;

/// The evidence of a handshake on `port`.
pub(crate) fn told(port: u16, peer: &TlsPeer) -> Fields {
    let mut fields = Fields::new();
    set_text(&mut fields, &TLS_VERSION, Some(&peer.version));
    let mut row = Row::new();
    put_int(&mut row, "port", port);
    put_text(&mut row, "version", Some(&peer.version));
    put_text(&mut row, "cipher", Some(&peer.cipher));
    let Some(leaf) = peer.chain.first().and_then(|der| certificate(der)) else {
        fields.set(&TLS_CERTIFICATES, Value::Table(vec![row]));
        return fields;
    };
    let time = |seconds| Value::Time(Timestamp::from_seconds(seconds).0);
    put_text(&mut row, "subject", Some(&leaf.subject));
    put_text(&mut row, "issuer", Some(&leaf.issuer));
    put_text(&mut row, "key", Some(&leaf.key));
    put_text(&mut row, "signature", Some(&leaf.signature));
    put_text(&mut row, "fingerprint", Some(&leaf.fingerprint));
    put_int(&mut row, "self_signed", leaf.self_signed);
    row.insert("not_before".to_owned(), time(leaf.not_before));
    row.insert("not_after".to_owned(), time(leaf.not_after));
    set_list(&mut fields, &TLS_SAN, &leaf.names);
    if let Some(names) = fields.get(&TLS_SAN) {
        row.insert("san".to_owned(), names.clone());
    }
    fields.set(&TLS_CERTIFICATES, Value::Table(vec![row]));
    set_text(&mut fields, &TLS_SUBJECT, Some(&leaf.subject));
    set_text(&mut fields, &TLS_ISSUER, Some(&leaf.issuer));
    set_text(&mut fields, &TLS_KEY, Some(&leaf.key));
    set_text(&mut fields, &TLS_SIGNATURE, Some(&leaf.signature));
    fields.set(&TLS_NOT_BEFORE, time(leaf.not_before));
    fields.set(&TLS_NOT_AFTER, time(leaf.not_after));
    fields.set(&TLS_SELF_SIGNED, Value::Int(leaf.self_signed.into()));
    fields
}

/// The evidence of a handshake that failed.
pub(crate) fn failed(port: u16, reason: &str) -> Fields {
    let mut fields = Fields::new();
    set_list(&mut fields, &TLS_ERROR, [format!("{port}: {reason}")]);
    fields
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::probes::transcript::lines;

    /// A peer with a self-signed certificate valid in 2020.
    pub(crate) fn peer() -> TlsPeer {
        let mut parameters = rcgen::CertificateParams::new(vec!["box.schule.example".to_owned()]).unwrap();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "box");
        parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2021, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        let der = parameters.self_signed(&key).unwrap().der().to_vec();
        TlsPeer { chain: vec![der], version: "TLSv1.3".into(), cipher: "TLS_AES_256_GCM_SHA384".into() }
    }

    #[test]
    fn a_handshake_is_evidence() {
        let fields = told(443, &peer());
        let shown = lines(&fields);
        for expected in [
            "tls.issuer: CN=box",
            "tls.key: EC P-256",
            "tls.not_after: 1609459200000",
            "tls.not_before: 1577836800000",
            "tls.san: [box.schule.example]",
            "tls.self_signed: 1",
            "tls.signature: ecdsa-with-SHA256",
            "tls.subject: CN=box",
            "tls.version: TLSv1.3",
        ] {
            assert!(shown.iter().any(|line| line == expected), "{expected} is missing in {shown:#?}");
        }
        assert!(
            shown.iter().any(|line| line.starts_with("tls.certificates: [cipher=TLS_AES_256_GCM_SHA384"))
        );
    }

    #[test]
    fn a_certificate_that_cannot_be_read_still_leaves_the_version() {
        let broken = TlsPeer { chain: vec![vec![1, 2, 3]], ..peer() };
        assert_eq!(
            lines(&told(443, &broken)),
            [
                "tls.certificates: [cipher=TLS_AES_256_GCM_SHA384, port=443, version=TLSv1.3]",
                "tls.version: TLSv1.3"
            ]
        );
        assert_eq!(lines(&failed(8443, "protocol version")), ["tls.error: [8443: protocol version]"]);
    }
}
