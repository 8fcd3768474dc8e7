//! Fields of TLS: the certificates that the ports of a host show, and how the handshake went.

use super::Field;

/// Every certificate, by port.
pub static TLS_CERTIFICATES: Field = Field::name(
    "tls.certificates",
    "Leaf certificates by port, as a table: port (number), subject, issuer, key, signature, version, cipher, \
     fingerprint (texts), not_before, not_after (times), san (list), self_signed (number, 1 or 0)",
);
/// What stands behind the leaf.
pub static TLS_CHAIN: Field = Field::name(
    "tls.chain",
    "Further certificates that a port shows behind its leaf, as a table: port, place (numbers; 2 stands behind the leaf), \
     subject, issuer, key, signature, fingerprint (texts), not_before, not_after (times), self_signed (number, 1 or 0)",
);
/// The subject.
pub static TLS_SUBJECT: Field = Field::name(
    "tls.subject",
    "Subject of the certificate, 'CN=…, O=…' (RFC 5280); of the last port asked, see tls.certificates",
);
/// The issuer.
pub static TLS_ISSUER: Field = Field::name(
    "tls.issuer",
    "Issuer of the certificate (RFC 5280); of the last port asked, see tls.certificates",
);
/// The beginning of validity.
pub static TLS_NOT_BEFORE: Field =
    Field::plain("tls.not_before", "Time from which the certificate is valid (RFC 5280 section 4.1.2.5)");
/// The end of validity.
pub static TLS_NOT_AFTER: Field = Field::plain(
    "tls.not_after",
    "Time at which the certificate expires (RFC 5280 section 4.1.2.5); of the last port asked, see tls.certificates",
);
/// The alternative names.
pub static TLS_SAN: Field =
    Field::name("tls.san", "Alternative names of the certificates: DNS names and addresses, as a list");
/// Whether it signed itself.
pub static TLS_SELF_SIGNED: Field =
    Field::plain("tls.self_signed", "1 where subject and issuer of the certificate are the same, else 0");
/// The key.
pub static TLS_KEY: Field =
    Field::plain("tls.key", "Type and size of the certificate's key, such as 'RSA 2048'");
/// The signature algorithm.
pub static TLS_SIGNATURE: Field = Field::plain(
    "tls.signature",
    "Signature algorithm of the certificate, such as 'sha256WithRSAEncryption'",
);
/// The protocol version.
pub static TLS_VERSION: Field = Field::plain("tls.version", "TLS version agreed on, such as 'TLSv1.3'");
/// Why it failed.
pub static TLS_ERROR: Field = Field::plain(
    "tls.error",
    "Ports on which the TLS handshake failed, with the reason, as a list of 'PORT: reason'; a version too old is told \
     in words of its own and is a finding",
);

/// The reason in [`TLS_ERROR`] for a port that speaks nothing but versions which nobody should use any more.
pub const TLS_TOO_OLD: &str = "only versions of TLS before 1.2";

pub(super) static ALL: &[&Field] = &[
    &TLS_CERTIFICATES,
    &TLS_CHAIN,
    &TLS_ERROR,
    &TLS_ISSUER,
    &TLS_KEY,
    &TLS_NOT_AFTER,
    &TLS_NOT_BEFORE,
    &TLS_SAN,
    &TLS_SELF_SIGNED,
    &TLS_SIGNATURE,
    &TLS_SUBJECT,
    &TLS_VERSION,
];
