//! Where batches go; refused until the store can take them in.

use rundgang_inventory::{Entry, Reference, Timestamp};
use rundgang_store::{Error, Result, Traeger};

/// What became of a batch.
pub struct Outcome {
    /// References that are not known here.
    pub unknown: Vec<Reference>,
}

/// Takes in a batch.
///
/// # Errors
/// Always, for now: nothing is acknowledged that is not committed.
pub fn append_batch(
    _traeger: &Traeger,
    _agent: i64,
    _sequence: u64,
    _entries: &[Entry],
    _now: Timestamp,
) -> Result<Outcome> {
    Err(Error::Refused("this collector cannot take in batches yet".to_owned()))
}
