//! `import`: an export that a person carried here, checked as strictly as a stream, and taken in by the same path.

use super::{Accepted, Refused, entries};
use crate::{Clock, authority::Authority, authority::sha256, hearing::hear};
use data_encoding::HEXLOWER;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rundgang_inventory::{Timestamp, time::DAY_MS};
use rundgang_proto::{
    Message as _,
    carried::{FIRST_LINE, VALID_DAYS, signed},
    v1::{ExportContent, ExportFile},
};
use rundgang_store::{Agent, Store};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, UnixTime},
    server::WebPkiClientVerifier,
};
use std::{fs::File, io::Read as _, path::Path, sync::Arc, time::Duration};

/// Octets of an export; the agent's spool never makes a larger one.
const MAX_FILE: u64 = 256 << 20;

/// Why an export is refused; nothing of it was taken in, unless the text says so.
#[derive(Debug, thiserror::Error)]
pub enum CarriedError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// No export, or a damaged one.
    #[error("{0} is no export of an agent, or it is damaged: carry it again (rundgang-agent export)")]
    NotAnExport(String),
    /// Somebody changed it, or it was made for another collector.
    #[error(
        "{0} was not signed by an agent of this collector, or was changed on the way: nothing of it is taken"
    )]
    NotSigned(String),
    /// Too old.
    #[error(
        "{path} was made on {made} and expired on {expired}: delete it, and carry a new one (rundgang-agent export)"
    )]
    Expired {
        /// The file.
        path: String,
        /// The day it was made.
        made: String,
        /// The day it expired.
        expired: String,
    },
    /// From the future.
    #[error(
        "{path} says that it was made on {made}: the clock of the box or of this machine is wrong; set it, then export anew"
    )]
    WrongClock {
        /// The file.
        path: String,
        /// When it says it was made.
        made: Timestamp,
    },
    /// The agent is not heard.
    #[error("the agent of {path} is not heard here: {reason}")]
    NotHeard {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// A batch makes no sense.
    #[error("a batch of {path} was refused: {source}; nothing of the file is taken")]
    Batch {
        /// The file.
        path: String,
        /// Why.
        source: Refused,
    },
    /// The authority cannot be used.
    #[error("the authority cannot check certificates: {0}")]
    Authority(String),
    /// The database failed; what was taken in before stays, and the file can be imported again.
    #[error("{0}; import the file again when that is mended, nothing is doubled by it")]
    Store(#[from] rundgang_store::Error),
}

/// What an import came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenIn {
    /// The agent's number.
    pub agent: i64,
    /// What its box calls itself.
    pub name: String,
    /// Batches that were new.
    pub new: usize,
    /// Batches that were here before.
    pub repeated: usize,
    /// Confirmations of observations that are not known here.
    pub unknown: usize,
    /// Whether the box counts from an earlier number than it did before.
    pub is_behind: bool,
}

/// Whether a file is an agent's export, by what it begins with and not by its name. What can be read only once, such as
/// a pipe, is not looked into: it is taken for one.
///
/// # Errors
/// The file cannot be read.
pub fn is_export(path: &Path) -> Result<bool, CarriedError> {
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return Ok(true);
    }
    let mut first = Vec::new();
    let read = File::open(path).and_then(|file| file.take(FIRST_LINE.len() as u64).read_to_end(&mut first));
    read.map_err(|source| CarriedError::File { path: path.display().to_string(), source })?;
    Ok(first == FIRST_LINE)
}

/// Checks an export and takes it in.
///
/// # Errors
/// See [`CarriedError`].
pub fn import(
    path: &Path,
    store: &Store,
    authority: &Authority,
    clock: &Clock,
) -> Result<TakenIn, CarriedError> {
    let shown = path.display().to_string();
    let failed = |source| CarriedError::File { path: shown.clone(), source };
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(MAX_FILE).read_to_end(&mut bytes).map_err(failed)?;
    let (agent, content) = verified(&shown, &bytes, store, authority, clock())?;
    let batches = content.batches.into_iter().map(entries).collect::<Result<Vec<_>, _>>();
    let batches = batches.map_err(|source| CarriedError::Batch { path: shown, source })?;
    let is_behind = content.last_sequence < agent.last_sequence;
    take_in(store, &agent, &batches, is_behind, clock)
}

fn take_in(
    store: &Store,
    agent: &Agent,
    batches: &[Accepted],
    is_behind: bool,
    clock: &Clock,
) -> Result<TakenIn, CarriedError> {
    let traeger = store.traeger(agent.traeger);
    let name = agent.name.clone();
    let mut taken = TakenIn { agent: agent.id, name, new: 0, repeated: 0, unknown: 0, is_behind };
    for batch in batches {
        batch.tell(agent.id);
        let outcome =
            traeger.append_batch(agent.school, agent.id, batch.sequence, &batch.entries, clock())?;
        if outcome.has_wrong_clock {
            tracing::warn!(agent = agent.id, "{}", super::WRONG_CLOCK);
        }
        if outcome.is_repeated {
            taken.repeated += 1;
        } else {
            taken.new += 1;
        }
        taken.unknown += outcome.unknown_references.len();
    }
    Ok(taken)
}

/// Whose export it is, and what it holds, once everything about it is as it should be.
fn verified(
    path: &str,
    bytes: &[u8],
    store: &Store,
    authority: &Authority,
    now: Timestamp,
) -> Result<(Agent, ExportContent), CarriedError> {
    let not = || CarriedError::NotAnExport(path.to_owned());
    let file = bytes.strip_prefix(FIRST_LINE).ok_or_else(not)?;
    let file = ExportFile::decode(file).map_err(|_| not())?;
    let content = ExportContent::decode(file.content.as_slice()).map_err(|_| not())?;
    let made = Timestamp(content.made_ms);
    check_signature(path, &file)?;
    check_certificate(path, &file.certificate, authority, made)?;
    let expires = Timestamp(content.expires_ms.min(made.0.saturating_add(VALID_DAYS * DAY_MS)));
    if made.0 > now.0.saturating_add(DAY_MS) {
        return Err(CarriedError::WrongClock { path: path.to_owned(), made });
    }
    if now >= expires {
        let (made, expired) = (made.date(), expires.date());
        return Err(CarriedError::Expired { path: path.to_owned(), made, expired });
    }
    let not_heard = |reason: String| CarriedError::NotHeard { path: path.to_owned(), reason };
    let agent = store
        .agent_by_fingerprint(&HEXLOWER.encode(&sha256(&file.certificate)))?
        .ok_or_else(|| not_heard("its certificate was replaced since; export anew on the box".to_owned()))?;
    hear(&agent).map_err(|status| not_heard(status.message().to_owned()))?;
    Ok((agent, content))
}

/// The signature fits the certificate that came along.
fn check_signature(path: &str, file: &ExportFile) -> Result<(), CarriedError> {
    let not = || CarriedError::NotSigned(path.to_owned());
    let (_, certificate) = x509_parser::parse_x509_certificate(&file.certificate).map_err(|_| not())?;
    let key = &certificate.public_key().subject_public_key.data;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
        .verify(&signed(&file.content), &file.signature)
        .map_err(|_| not())
}

/// The certificate is of our authority and held when the file was made, by the same check that a stream passes.
fn check_certificate(
    path: &str,
    certificate: &[u8],
    authority: &Authority,
    made: Timestamp,
) -> Result<(), CarriedError> {
    let unusable = |error: &dyn std::fmt::Display| CarriedError::Authority(error.to_string());
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone()).map_err(|error| unusable(&error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| unusable(&error))?;
    let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(made.seconds()).unwrap_or(0)));
    verifier
        .verify_client_cert(&CertificateDer::from(certificate), &[], at)
        .map(drop)
        .map_err(|_| CarriedError::NotSigned(path.to_owned()))
}
