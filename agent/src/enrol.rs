//! Enrolment: a one-time invitation becomes a short-lived certificate for a key that never leaves the box.

use crate::link::{self, Identity, LinkError, Trust, WallClock};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rundgang_inventory::Timestamp;
use rundgang_proto::{
    invitation::{Invitation, NotAnInvitation},
    v1::{EnrolRequest, EnrolResponse, enrolment_client::EnrolmentClient},
};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Where an agent keeps its state unless told otherwise.
pub const STATE: &str = "/var/lib/rundgang-agent";
/// The file with identity, key and certificate; one file, so that they change together.
const FILE: &str = "enrolment.json";
/// The key of an enrolment under way: on disk before the token is used, so that a full disk shows in time.
const PENDING: &str = "enrolment.pending";

/// `enrol`: make this box an agent of a collector.
#[derive(clap::Args, Debug)]
pub struct EnrolArgs {
    /// The collector, HOST:PORT.
    #[arg(long, value_name = "HOST:PORT")]
    pub collector: String,
    /// The invitation that `rundgang-collector invite` printed.
    #[arg(long)]
    pub token: String,
    /// Where the agent keeps key, certificate and spool.
    #[arg(long, value_name = "DIR", default_value = STATE)]
    pub state: PathBuf,
    /// Enrol even though this box is enrolled already; the old identity is given up.
    #[arg(long)]
    pub again: bool,
}

/// Why an enrolment failed.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The token is none.
    #[error(transparent)]
    Token(#[from] NotAnInvitation),
    /// No link, or the collector refused.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Enrolled already.
    #[error(
        "this box is enrolled already, as agent {agent} of {collector}: add --again to give that up and enrol anew"
    )]
    Already {
        /// The agent's id.
        agent: String,
        /// Its collector.
        collector: String,
    },
    /// Not enrolled yet.
    #[error(
        "this box is not enrolled yet ({0}): run rundgang-agent enrol --collector HOST:PORT --token TOKEN"
    )]
    NotYet(String),
    /// A file of the state directory.
    #[error("{path}: {source}{}", hint(.source))]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file is damaged.
    #[error("{0} is damaged: enrol the box again with a new invitation and --again")]
    Damaged(String),
    /// The key could not be made.
    #[error("making a key: {0}")]
    Key(#[from] rcgen::Error),
    /// The collector's answer does not fit the invitation.
    #[error("the collector's answer does not fit: {0}")]
    Answer(&'static str),
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull => ": free some space there, then try again (the token is still good)",
        io::ErrorKind::PermissionDenied => ": run as the agent's own user, or choose --state DIR",
        _ => "",
    }
}

/// Who this agent is, and whom it trusts. The key never leaves the box.
#[derive(Clone, Serialize, Deserialize)]
pub struct Enrolment {
    /// The agent's id, as the collector knows it.
    pub agent: String,
    /// Collectors to use, HOST:PORT, in order.
    pub collectors: Vec<String>,
    /// The pinned authority, DER.
    #[serde(with = "base64")]
    pub authority: Vec<u8>,
    /// Our certificate, DER.
    #[serde(with = "base64")]
    pub certificate: Vec<u8>,
    /// Our key, PKCS#8 DER.
    #[serde(with = "base64")]
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Enrolment {
    /// Never shows the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolment").field("agent", &self.agent).finish_non_exhaustive()
    }
}

/// Bytes as base64 text in JSON.
mod base64 {
    use data_encoding::BASE64;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        BASE64.decode(text.as_bytes()).map_err(D::Error::custom)
    }
}

impl Enrolment {
    /// Reads the enrolment of a state directory.
    ///
    /// # Errors
    /// There is none yet, or it cannot be read.
    pub fn load(state: &Path) -> Result<Self, EnrolError> {
        let path = state.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|_| EnrolError::Damaged(path.display().to_string()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(EnrolError::NotYet(path.display().to_string()))
            }
            Err(source) => Err(EnrolError::File { path: path.display().to_string(), source }),
        }
    }

    /// Replaces the enrolment of a state directory; the old one stays whole until the new one is on disk.
    ///
    /// # Errors
    /// The disk is full or not writable.
    pub fn save(&self, state: &Path) -> Result<(), EnrolError> {
        let path = state.join(FILE);
        let failed = |source| EnrolError::File { path: path.display().to_string(), source };
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        replace_private(&path, &bytes).map_err(failed)
    }

    /// Whom we trust and who we are, for a connection.
    #[must_use]
    pub fn trust(&self) -> Trust<'_> {
        Trust::Enrolled(Identity {
            authority: &self.authority,
            certificate: &self.certificate,
            key: &self.key,
        })
    }

    /// When our certificate begins and ends.
    ///
    /// # Errors
    /// The certificate cannot be read.
    pub fn validity(&self) -> Result<(Timestamp, Timestamp), LinkError> {
        let (_, parsed) = x509_parser::parse_x509_certificate(&self.certificate)
            .map_err(|error| LinkError::OwnKey(error.to_string()))?;
        let validity = parsed.validity();
        let at = |moment: &x509_parser::time::ASN1Time| Timestamp::from_seconds(moment.timestamp());
        Ok((at(&validity.not_before), at(&validity.not_after)))
    }

    /// Whether two thirds of the certificate's life are over.
    ///
    /// # Errors
    /// The certificate cannot be read.
    pub fn renewal_due(&self, now: Timestamp) -> Result<bool, LinkError> {
        let (begin, end) = self.validity()?;
        Ok(now.0 >= begin.0 + (end.0 - begin.0) / 3 * 2)
    }

    /// Takes over a new certificate for this key, as enrolment and renewal bring it.
    fn accept(&mut self, answer: EnrolResponse, key: &KeyPair) -> Result<(), EnrolError> {
        let (_, parsed) = x509_parser::parse_x509_certificate(&answer.certificate)
            .map_err(|_| EnrolError::Answer("its certificate cannot be read"))?;
        if parsed.public_key().raw != rcgen::PublicKeyData::subject_public_key_info(key) {
            return Err(EnrolError::Answer("its certificate is for another key"));
        }
        if answer.ca != self.authority {
            return Err(EnrolError::Answer("it names another authority than the pinned one"));
        }
        self.agent = answer.agent_id;
        self.certificate = answer.certificate;
        self.key = key.serialize_der();
        for collector in answer.collectors.into_iter().take(16) {
            if link::split(&collector).is_ok() && !self.collectors.contains(&collector) {
                self.collectors.push(collector);
            }
        }
        Ok(())
    }

    /// Takes over a renewed certificate.
    ///
    /// # Errors
    /// The answer does not fit the key or the pinned authority.
    pub fn renewed(&self, answer: EnrolResponse, key: &KeyPair) -> Result<Self, EnrolError> {
        let mut renewed = self.clone();
        renewed.accept(answer, key)?;
        Ok(renewed)
    }
}

/// A new key and the request for its certificate (PKCS#10, DER).
///
/// # Errors
/// No random numbers.
pub fn new_request() -> Result<(KeyPair, Vec<u8>), EnrolError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let request = request_for(&key)?;
    Ok((key, request))
}

fn request_for(key: &KeyPair) -> Result<Vec<u8>, EnrolError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    Ok(params.serialize_request(key)?.der().to_vec())
}

/// Enrols this box: key, request, pinned connection, certificate. The token is used only once everything that can
/// fail on this side has been tried.
///
/// # Errors
/// See [`EnrolError`]; nothing has changed then, and the same token can be tried again.
pub async fn enrol(args: &EnrolArgs, clock: &WallClock) -> Result<Enrolment, EnrolError> {
    let invitation: Invitation = args.token.parse()?;
    link::split(&args.collector)?;
    if !args.again
        && let Ok(old) = Enrolment::load(&args.state)
    {
        let collector = old.collectors.first().cloned().unwrap_or_default();
        return Err(EnrolError::Already { agent: old.agent, collector });
    }
    let key = pending_key(&args.state)?;
    let request = EnrolRequest {
        token: invitation.to_string(),
        certificate_request: request_for(&key)?,
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        box_name: box_name(),
    };
    let channel = link::connect(&args.collector, Trust::Pinned(invitation.authority), clock).await?;
    let mut client = EnrolmentClient::new(channel).max_decoding_message_size(1 << 20);
    let answer = link::answer(&args.collector, client.enrol(request)).await?;
    if link::fingerprint(&answer.ca) != invitation.authority {
        return Err(EnrolError::Answer("its authority is not the invitation's"));
    }
    let mut enrolment = Enrolment {
        agent: String::new(),
        collectors: vec![args.collector.clone()],
        authority: answer.ca.clone(),
        certificate: Vec::new(),
        key: Vec::new(),
    };
    enrolment.accept(answer, &key)?;
    enrolment.save(&args.state)?;
    let pending = args.state.join(PENDING);
    fs::remove_file(&pending)
        .map_err(|source| EnrolError::File { path: pending.display().to_string(), source })?;
    Ok(enrolment)
}

/// The key of the enrolment under way, on disk before the token is used; padded, so that a full disk shows now.
fn pending_key(state: &Path) -> Result<KeyPair, EnrolError> {
    let path = state.join(PENDING);
    let failed = |source| EnrolError::File { path: path.display().to_string(), source };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(state).map_err(failed)?;
    if let Ok(text) = fs::read_to_string(&path)
        && let Ok(key) = KeyPair::from_pem(text.trim_end_matches(' '))
    {
        return Ok(key);
    }
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let padded = format!("{:<8192}", key.serialize_pem());
    replace_private(&path, padded.as_bytes()).map_err(failed)?;
    Ok(key)
}

/// What the box calls itself, for the person who looks at the list of agents.
fn box_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().chars().filter(|c| !c.is_control()).take(100).collect()
}

/// Replaces a file that only its owner can read: written beside it, on disk, then renamed over it.
pub(crate) fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    match path.parent() {
        Some(parent) => fs::File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
