//! `export`: what waits for a collector, written to one file that a person carries (promise G4).
//!
//! The file holds the very batches that the uplink would send, under the same sequences, so that whatever is carried
//! and later streamed as well comes once. The agent's key signs it; the collector finds out whose it is.

use super::wire;
use crate::{
    enrol::{EnrolError, Enrolment, STATE},
    link::LinkError,
    spool::{Bounds, Spool, SpoolError},
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use rundgang_inventory::Timestamp;
use rundgang_proto::{
    Message as _,
    carried::{FIRST_LINE, VALID_DAYS, signed},
    v1::{ExportContent, ExportFile},
};
use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// `export`: into which file, from which state.
#[derive(clap::Args, Clone, Debug)]
pub struct ExportArgs {
    /// The file to write; one that is there is replaced.
    pub file: PathBuf,
    /// Where the agent keeps key, certificate and spool.
    #[arg(long, value_name = "DIR", default_value = STATE)]
    pub state: PathBuf,
    /// The whole present state, also what a collector was told before.
    #[arg(long)]
    pub all: bool,
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Not enrolled.
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    /// The certificate.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The spool.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// Everything is delivered.
    #[error("nothing waits to be carried: every walk is delivered; --all writes the whole present state")]
    Nothing,
    /// The file.
    #[error("{path}: {source}; the spool is as it was")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Writes the export and says what it holds. The spool is as it was; it forgets when a collector acknowledges.
///
/// # Errors
/// See [`ExportError`]; no file is left behind then.
pub fn export(args: &ExportArgs, now: Timestamp) -> Result<String, ExportError> {
    let enrolment = Enrolment::load(&args.state)?;
    let (_, end) = enrolment.validity()?;
    if now >= end {
        return Err(LinkError::Expired(end.date()).into());
    }
    let mut spool = Spool::open(&args.state, Bounds::default())?;
    spool.expire(now)?;
    if args.all {
        spool.say_all_again(now)?;
    } else {
        spool.mend_gap(now)?;
    }
    let mut content = ExportContent {
        made_ms: now.0,
        expires_ms: now.plus_days(VALID_DAYS).0,
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        last_sequence: spool.last_sequence()?,
        batches: Vec::new(),
    };
    let mut after = 0;
    while let Some(batch) = spool.next_after(after)? {
        after = batch.sequence;
        content.batches.push(wire::batch(batch));
    }
    let count = content.batches.len();
    if count == 0 {
        return Err(ExportError::Nothing);
    }
    let file = sealed(&content.encode_to_vec(), &enrolment)?;
    write(&args.file, &file)
        .map_err(|source| ExportError::File { path: args.file.display().to_string(), source })?;
    Ok(format!(
        "{count} batches are in {} ({} kB). It names the school's devices: carry it like a key, and delete it afterwards.\n\
         On the collector, before {}: rundgang-collector import FILE\n",
        args.file.display(),
        file.len().div_ceil(1000),
        now.plus_days(VALID_DAYS).date()
    ))
}

/// The content with our certificate and signature.
fn sealed(content: &[u8], enrolment: &Enrolment) -> Result<Vec<u8>, LinkError> {
    let random = SystemRandom::new();
    let own = |error: &dyn std::fmt::Display| LinkError::OwnKey(error.to_string());
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &enrolment.key, &random)
        .map_err(|error| own(&error))?;
    let signature = key.sign(&random, &signed(content)).map_err(|error| own(&error))?;
    let file = ExportFile {
        content: content.to_vec(),
        certificate: enrolment.certificate.clone(),
        signature: signature.as_ref().to_vec(),
    };
    Ok([FIRST_LINE, &file.encode_to_vec()].concat())
}

/// Writes beside the file and renames, so that a full stick leaves no half export behind.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What went wrong is told; that the half file is gone as well is only tidiness.
        fs::remove_file(&beside).ok();
    }
    written
}
