//! From a TLS handshake to evidence: the certificates shown and what was agreed on. Nothing is verified.

use super::evidence::{put_int, put_text, set_list, set_text};
use crate::probe::TlsPeer;
use rundgang_inventory::vocabulary::{
    TLS_CERTIFICATES, TLS_CHAIN, TLS_ERROR, TLS_ISSUER, TLS_KEY, TLS_NOT_AFTER, TLS_NOT_BEFORE, TLS_SAN,
    TLS_SELF_SIGNED, TLS_SIGNATURE, TLS_SUBJECT, TLS_VERSION,
};
use rundgang_inventory::{Fields, Row, Timestamp, Value};
use rundgang_wire::certificate::{Certificate, certificate};

/// Certificates behind the leaf that are taken over: what the web needs is one or two.
const MAX_BEHIND: usize = 6;

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
    describe(&mut row, &leaf);
    set_list(&mut fields, &TLS_SAN, &leaf.names);
    if let Some(names) = fields.get(&TLS_SAN) {
        row.insert("san".to_owned(), names.clone());
    }
    fields.set(&TLS_CERTIFICATES, Value::Table(vec![row]));
    let behind: Vec<Row> =
        (2_i64..).zip(peer.chain.iter().skip(1)).take(MAX_BEHIND).filter_map(behind(port)).collect();
    if !behind.is_empty() {
        fields.set(&TLS_CHAIN, Value::Table(behind));
    }
    set_text(&mut fields, &TLS_SUBJECT, Some(&leaf.subject));
    set_text(&mut fields, &TLS_ISSUER, Some(&leaf.issuer));
    set_text(&mut fields, &TLS_KEY, Some(&leaf.key));
    set_text(&mut fields, &TLS_SIGNATURE, Some(&leaf.signature));
    fields.set(&TLS_NOT_BEFORE, time(leaf.not_before));
    fields.set(&TLS_NOT_AFTER, time(leaf.not_after));
    fields.set(&TLS_SELF_SIGNED, Value::Int(leaf.self_signed.into()));
    fields
}

/// What one certificate says, in columns.
fn describe(row: &mut Row, certificate: &Certificate) {
    put_text(row, "subject", Some(&certificate.subject));
    put_text(row, "issuer", Some(&certificate.issuer));
    put_text(row, "key", Some(&certificate.key));
    put_text(row, "signature", Some(&certificate.signature));
    put_text(row, "fingerprint", Some(&certificate.fingerprint));
    put_int(row, "self_signed", certificate.self_signed);
    row.insert("not_before".to_owned(), time(certificate.not_before));
    row.insert("not_after".to_owned(), time(certificate.not_after));
}

/// The row of a certificate at its place behind the leaf; none where it cannot be read.
fn behind(port: u16) -> impl Fn((i64, &Vec<u8>)) -> Option<Row> {
    move |(place, der)| {
        let mut row = Row::from([("place".to_owned(), Value::Int(place))]);
        put_int(&mut row, "port", port);
        describe(&mut row, &certificate(der)?);
        Some(row)
    }
}

fn time(seconds: i64) -> Value {
    Value::Time(Timestamp::from_seconds(seconds).0)
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
    fn the_chain_behind_the_leaf_is_evidence_and_bounded() {
        let leaf = peer().chain.remove(0);
        let authority = |name: &str, year| {
            let mut parameters = rcgen::CertificateParams::default();
            parameters.distinguished_name = rcgen::DistinguishedName::new();
            parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
            parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
            parameters.not_after = rcgen::date_time_ymd(year, 1, 1);
            parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            let key = rcgen::KeyPair::generate().unwrap();
            parameters.self_signed(&key).unwrap().der().to_vec()
        };
        let chain =
            vec![leaf.clone(), authority("Sample CA 1", 2021), vec![1, 2, 3], authority("Sample CA 2", 2022)];
        let fields = told(443, &TlsPeer { chain, ..peer() });
        let Some(Value::Table(rows)) = fields.get(&TLS_CHAIN) else { panic!("no chain: {fields:?}") };
        let told_of = |row: &Row| {
            let text = |name: &str| row.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
            let number = |name: &str| row.get(name).and_then(Value::as_int);
            (
                number("port"),
                number("place"),
                text("subject"),
                text("issuer"),
                text("key"),
                text("signature"),
                number("not_after"),
            )
        };
        let expected = |place, name: &str, until| {
            let name = format!("CN={name}");
            (
                Some(443),
                Some(place),
                name.clone(),
                name,
                "EC P-256".to_owned(),
                "ecdsa-with-SHA256".to_owned(),
                Some(until),
            )
        };
        // What cannot be read leaves its place empty.
        assert_eq!(
            rows.iter().map(told_of).collect::<Vec<_>>(),
            [expected(2, "Sample CA 1", 1_609_459_200_000), expected(4, "Sample CA 2", 1_640_995_200_000)]
        );
        let long = TlsPeer { chain: vec![leaf; 100], ..peer() };
        let fields = told(443, &long);
        assert!(matches!(fields.get(&TLS_CHAIN), Some(Value::Table(rows)) if rows.len() == MAX_BEHIND));
        assert!(told(443, &peer()).get(&TLS_CHAIN).is_none(), "a leaf alone is no chain");
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
