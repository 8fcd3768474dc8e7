//! The enrolment authority: the one key that says which agents and collectors belong together.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SerialNumber,
};
use rundgang_inventory::Timestamp;
use rundgang_proto::invitation::PIN_SIZE;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

/// How long an agent's certificate lives; it renews itself after two thirds of that.
pub const AGENT_DAYS: i64 = 30;
/// How long the collector's own certificate lives; a fresh one is made after two thirds of that.
pub const SERVER_DAYS: i64 = 30;
/// How long the authority lives: longer than any box it signs for.
const AUTHORITY_DAYS: i64 = 20 * 365;
/// Certificates are valid from a little before now, for boxes whose clock is a little behind.
const CLOCK_GRACE_MS: i64 = 3_600_000;
/// The file in the data directory that holds key and certificate; one file, so that they cannot come apart.
const FILE: &str = "authority.pem";

/// What can go wrong with the authority.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The file cannot be read or written.
    #[error("the enrolment authority's file {path}: {source}{}", crate::advice::hint(.source))]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error(
        "{0} is damaged: restore it from a backup (a new authority would mean enrolling every agent again)"
    )]
    Damaged(String),
    /// Making a certificate failed.
    #[error("making a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The request of an agent is not acceptable.
    #[error("the certificate request is not acceptable: {0}")]
    Request(&'static str),
    /// No random numbers.
    #[error("the system gave no random numbers")]
    Random,
}

/// The enrolment authority of one collector, or of several that share a data base.
pub struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate just made, with what the register of agents keeps of it.
pub struct Issued {
    /// The certificate.
    pub certificate: CertificateDer<'static>,
    /// When it ends.
    pub not_after: Timestamp,
}

impl Authority {
    /// Opens the authority in the data directory; makes one on the first start (readable by its owner alone).
    ///
    /// # Errors
    /// The file cannot be read, written or understood.
    pub fn open(data: &Path, now: Timestamp) -> Result<Self, AuthorityError> {
        let path = data.join(FILE);
        let failed = |source| AuthorityError::File { path: path.display().to_string(), source };
        match fs::read(&path) {
            Ok(pem) => Self::from_pem(&pem, &path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let made = Self::fresh_pem(now)?;
                let temporary = data.join(format!("{FILE}.{}", std::process::id()));
                write_private(&temporary, made.as_bytes()).map_err(failed)?;
                // A link fails where the file exists: of two collectors that start at once, one wins.
                let linked = fs::hard_link(&temporary, &path);
                fs::remove_file(&temporary).map_err(failed)?;
                match linked {
                    Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(error)),
                    _ => Self::from_pem(&fs::read(&path).map_err(failed)?, &path),
                }
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Key and certificate of a new authority.
    fn fresh_pem(now: Timestamp) -> Result<String, AuthorityError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named("Rundgang enrolment authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.serial_number = Some(random_serial()?);
        (params.not_before, params.not_after) = validity(now, AUTHORITY_DAYS);
        Ok(format!("{}{}", key.serialize_pem(), params.self_signed(&key)?.pem()))
    }

    fn from_pem(pem: &[u8], path: &Path) -> Result<Self, AuthorityError> {
        let damaged = || AuthorityError::Damaged(path.display().to_string());
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|_| damaged())?;
        let certificate = CertificateDer::from_pem_slice(pem).map_err(|_| damaged())?;
        let key = KeyPair::try_from(&key).map_err(|_| damaged())?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key).map_err(|_| damaged())?;
        Ok(Self { certificate, issuer })
    }

    /// The authority's certificate.
    #[must_use]
    pub const fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// SHA-256 of the authority's certificate, as invitations carry it.
    #[must_use]
    pub fn pin(&self) -> [u8; PIN_SIZE] {
        sha256(&self.certificate)
    }

    /// A certificate for an agent's request. Only the public key is taken from the request: name, purpose and
    /// lifetime are ours.
    ///
    /// # Errors
    /// The request is malformed, its signature is wrong, or its key is of a kind we do not take.
    pub fn certify_agent(
        &self,
        request: &[u8],
        agent: &str,
        now: Timestamp,
    ) -> Result<Issued, AuthorityError> {
        let request = CertificateSigningRequestParams::from_der(&request.into())
            .map_err(|_| AuthorityError::Request("it cannot be read or its signature is wrong"))?;
        if request.public_key.algorithm() != &PKCS_ECDSA_P256_SHA256 {
            return Err(AuthorityError::Request("its key is not ECDSA P-256"));
        }
        let mut params = CertificateParams::default();
        params.distinguished_name = named(agent);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.serial_number = Some(random_serial()?);
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = validity(now, AGENT_DAYS);
        let certificate = params.signed_by(&request.public_key, &self.issuer)?;
        Ok(Issued { certificate: certificate.into(), not_after: now.plus_days(AGENT_DAYS) })
    }

    /// A fresh key and certificate for the collector itself, valid for these names and addresses.
    ///
    /// # Errors
    /// A name that is neither a DNS name nor an address.
    pub fn certify_server(
        &self,
        names: &[String],
        now: Timestamp,
    ) -> Result<(Issued, PrivateKeyDer<'static>), AuthorityError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(names.to_vec())?;
        params.distinguished_name = named("Rundgang collector");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.serial_number = Some(random_serial()?);
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = validity(now, SERVER_DAYS);
        let certificate = params.signed_by(&key, &self.issuer)?;
        let issued = Issued { certificate: certificate.into(), not_after: now.plus_days(SERVER_DAYS) };
        Ok((issued, PrivatePkcs8KeyDer::from(key.serialize_der()).into()))
    }
}

/// The agent that a certificate was issued to: its common name. The certificate must have been verified before.
#[must_use]
pub fn agent_of(certificate: &[u8]) -> Option<String> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let name = parsed.subject().iter_common_name().next()?;
    name.as_str().ok().map(str::to_owned)
}

/// SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn validity(now: Timestamp, days: i64) -> (time::OffsetDateTime, time::OffsetDateTime) {
    let at = |moment: Timestamp| {
        time::OffsetDateTime::from_unix_timestamp(moment.seconds())
            .unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
    };
    (at(Timestamp(now.0.saturating_sub(CLOCK_GRACE_MS))), at(now.plus_days(days)))
}

/// A positive serial number of 126 random bits (RFC 5280, section 4.1.2.2).
fn random_serial() -> Result<SerialNumber, AuthorityError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| AuthorityError::Random)?;
    bytes[0] = bytes[0] & 0x3f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

/// Writes a file that only its owner can read, and has it on disk when it returns.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    #[test]
    fn the_authority_outlives_a_restart_and_is_private() {
        let data = tempfile::tempdir().unwrap();
        let first = Authority::open(data.path(), NOW).unwrap().pin();
        assert_eq!(Authority::open(data.path(), NOW).unwrap().pin(), first);
        let mode = fs::metadata(data.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_file_is_named_and_kept() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join(FILE), "half a fi").unwrap();
        let error = Authority::open(data.path(), NOW).err().unwrap().to_string();
        assert!(error.contains("damaged") && error.contains("backup"), "{error}");
        assert_eq!(fs::read(data.path().join(FILE)).unwrap(), b"half a fi");
    }

    #[test]
    fn name_and_purpose_of_an_agent_are_ours() {
        let data = tempfile::tempdir().unwrap();
        let authority = Authority::open(data.path(), NOW).unwrap();
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut greedy = CertificateParams::new(vec!["collector.example".to_owned()]).unwrap();
        greedy.distinguished_name = named("another agent");
        greedy.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let request = greedy.serialize_request(&key).unwrap();
        let issued = authority.certify_agent(request.der(), "agent-1", NOW).unwrap();
        assert_eq!(agent_of(&issued.certificate).as_deref(), Some("agent-1"));
        let (_, parsed) = x509_parser::parse_x509_certificate(&issued.certificate).unwrap();
        assert!(!parsed.is_ca());
        assert!(parsed.subject_alternative_name().unwrap().is_none());
        let usage = parsed.extended_key_usage().unwrap().unwrap().value;
        assert!(usage.client_auth && !usage.server_auth);
        assert!(authority.certify_agent(b"no request", "agent-1", NOW).is_err());
    }
}
