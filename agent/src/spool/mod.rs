//! The spool: what the agent saw stays on disk here until a collector has committed it.
//!
//! Beside the unsent batches it keeps one current-state row for each kept subject and probe. So an unchanged subject
//! goes out as a confirmation by reference, and after a gap the whole state can be sent as a fresh round.

mod aside;
mod gaps;
mod rounds;
mod writer;

pub use aside::Aside;

use rundgang_inventory::{Entry, Observation, Reference, Timestamp, time::DAY_MS};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Notify;

/// The version of the tables below.
const VERSION: i64 = 1;
/// Unsent observations are kept this long (promise P8).
pub const KEEP_UNSENT_MS: i64 = 72 * 3_600_000;
/// State of subjects not seen for this long is forgotten (promise P8: raw observations).
const KEEP_STATE_MS: i64 = 30 * DAY_MS;

/// Bounds of a spool; the defaults suit a box with little storage.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Octets that unsent batches may take; the oldest go first, and the state is sent afresh later.
    pub unsent: u64,
    /// Entries in one batch.
    pub entries: usize,
    /// Octets of one batch, as JSON, roughly.
    pub batch: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { unsent: 64 << 20, entries: 500, batch: 1 << 20 }
    }
}

/// Why the spool cannot keep something.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The disk is full.
    #[error("the disk that holds {0} is full: free some space there; what is spooled is kept")]
    Full(String),
    /// The file is of a newer agent.
    #[error(
        "{path} was written by a newer agent (version {found}, this one knows {known}): install that one"
    )]
    Newer {
        /// The file.
        path: String,
        /// Its version.
        found: i64,
        /// The version known here.
        known: i64,
    },
    /// The file is damaged.
    #[error("{0} is damaged: move it away; the agent then sends its state afresh")]
    Damaged(String),
    /// Anything else the database said.
    #[error("{path}: {source}")]
    Database {
        /// The file.
        path: String,
        /// What it said.
        source: rusqlite::Error,
    },
    /// A stored row does not read back, or a value cannot be written.
    #[error("{0}: a row does not read back")]
    Row(String),
}

/// A batch as it lies in the spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its sequence: never used twice by one agent.
    pub sequence: u64,
    /// Its entries.
    pub entries: Vec<Entry>,
}

/// What spooling a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spooled {
    /// Observations that go out in full.
    pub observations: usize,
    /// Observations that go out as a confirmation.
    pub confirmations: usize,
    /// The last sequence used.
    pub last_sequence: u64,
}

/// The spool of one agent.
pub struct Spool {
    connection: Connection,
    path: PathBuf,
    bounds: Bounds,
}

const SCHEMA: &str = "
CREATE TABLE batch (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  spooled_ms INTEGER NOT NULL,
  entries TEXT NOT NULL
);
CREATE TABLE current (
  subject TEXT NOT NULL,
  segment TEXT NOT NULL,
  probe TEXT NOT NULL,
  nth INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  position INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  sampled_day INTEGER NOT NULL,
  observation TEXT NOT NULL,
  PRIMARY KEY (subject, segment, probe, nth)
) WITHOUT ROWID;
CREATE INDEX current_reference ON current (sequence, position);
CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
";

impl Spool {
    /// Opens the spool of a state directory; makes an empty one where there is none.
    ///
    /// # Errors
    /// The file cannot be opened, is damaged, or was written by a newer agent.
    pub fn open(state: &Path, bounds: Bounds) -> Result<Self, SpoolError> {
        let path = state.join("spool.sqlite");
        let failed = |source| explain(&path, source);
        let connection = Connection::open(&path).map_err(failed)?;
        // WAL with synchronous=FULL: a commit is on disk when it returns, also when the power fails right after.
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        connection.pragma_update(None, "secure_delete", true).map_err(failed)?;
        // The agent is locked into its own folders: a temporary file elsewhere would be refused.
        connection.pragma_update(None, "temp_store", "MEMORY").map_err(failed)?;
        connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(failed)?;
        let found: i64 =
            connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
        match found {
            0 => connection
                .execute_batch(&format!("BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"))
                .map_err(failed)?,
            VERSION => {}
            _ => {
                let path = path.display().to_string();
                return Err(SpoolError::Newer { path, found, known: VERSION });
            }
        }
        Ok(Self { connection, path, bounds })
    }

    /// The highest sequence ever used, sent or not.
    ///
    /// # Errors
    /// The database failed.
    pub fn last_sequence(&self) -> Result<u64, SpoolError> {
        last_sequence(&self.connection).map_err(|error| self.explain(error))
    }

    /// How many batches wait for a collector.
    ///
    /// # Errors
    /// The database failed.
    pub fn waiting(&self) -> Result<u64, SpoolError> {
        let count: i64 = self
            .connection
            .query_row("SELECT count(*) FROM batch", [], |row| row.get(0))
            .map_err(|error| self.explain(error))?;
        Ok(count.unsigned_abs())
    }

    /// The first unsent batch behind `sequence`.
    ///
    /// # Errors
    /// The database failed.
    pub fn next_after(&self, sequence: u64) -> Result<Option<Batch>, SpoolError> {
        let sql = "SELECT sequence, entries FROM batch WHERE sequence > ?1 ORDER BY sequence LIMIT 1";
        let found: Option<(i64, String)> = self
            .connection
            .query_row(sql, [sequence.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(|error| self.explain(error))?;
        found
            .map(|(sequence, entries)| {
                let entries = serde_json::from_str(&entries).map_err(|_| self.unreadable())?;
                Ok(Batch { sequence: sequence.cast_unsigned(), entries })
            })
            .transpose()
    }

    /// A collector has committed everything up to and with `sequence`: it may go.
    ///
    /// # Errors
    /// The database failed; the batches are sent again then, which does no harm.
    pub fn acknowledge(&mut self, sequence: u64) -> Result<(), SpoolError> {
        self.connection
            .execute("DELETE FROM batch WHERE sequence <= ?1", [sequence.cast_signed()])
            .map_err(|error| self.explain(error))?;
        Ok(())
    }

    /// Forgets what is older than the promise allows, and the state of subjects long gone. Returns whether unsent
    /// batches were lost by that; the state is due as a fresh round then.
    ///
    /// # Errors
    /// The database failed.
    pub fn expire(&mut self, now: Timestamp) -> Result<bool, SpoolError> {
        let path = self.path.clone();
        let failed = |source| explain(&path, source);
        let transaction = self.begin()?;
        let old = transaction
            .execute("DELETE FROM batch WHERE spooled_ms < ?1", [now.0 - KEEP_UNSENT_MS])
            .map_err(failed)?;
        transaction
            .execute("DELETE FROM current WHERE seen_ms < ?1", [now.0 - KEEP_STATE_MS])
            .map_err(failed)?;
        if old > 0 {
            note(&transaction, "gap", "1").map_err(failed)?;
        }
        transaction.commit().map_err(failed)?;
        Ok(old > 0)
    }

    /// Forgets the state of every segment that the scope no longer lists.
    ///
    /// # Errors
    /// The database failed.
    pub fn retain_segments(&mut self, segments: &[String]) -> Result<(), SpoolError> {
        let list = serde_json::to_string(segments).map_err(|_| self.unreadable())?;
        // Domains have no segment; they are confirmed per walk and age away.
        let sql = "DELETE FROM current WHERE segment <> ''
                   AND segment NOT IN (SELECT value FROM json_each(?1))";
        self.connection.execute(sql, [list]).map_err(|error| self.explain(error))?;
        Ok(())
    }

    /// The observation that a reference names, as it stands in the current state.
    fn observation(&self, reference: Reference) -> Result<Option<Observation>, SpoolError> {
        let sql = "SELECT observation, seen_ms FROM current WHERE sequence = ?1 AND position = ?2";
        let key = params![reference.sequence.cast_signed(), reference.index];
        let found: Option<(String, i64)> = self
            .connection
            .query_row(sql, key, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(|error| self.explain(error))?;
        found.map(|(text, seen)| self.read_observation(&text, seen)).transpose()
    }

    /// An observation of the current state, with the moment it was last seen.
    fn read_observation(&self, text: &str, seen: i64) -> Result<Observation, SpoolError> {
        let mut observation: Observation = serde_json::from_str(text).map_err(|_| self.unreadable())?;
        observation.at = Timestamp(seen);
        Ok(observation)
    }

    fn begin(&mut self) -> Result<rusqlite::Transaction<'_>, SpoolError> {
        let path = self.path.clone();
        self.connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|source| explain(&path, source))
    }

    fn explain(&self, source: rusqlite::Error) -> SpoolError {
        explain(&self.path, source)
    }

    fn unreadable(&self) -> SpoolError {
        SpoolError::Row(self.path.display().to_string())
    }
}

fn last_sequence(connection: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'batch'";
    let last: Option<i64> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    Ok(last.unwrap_or(0).cast_unsigned())
}

fn note(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    let sql = "INSERT INTO note (name, value) VALUES (?1, ?2)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    connection.execute(sql, [name, value]).map(drop)
}

fn noted(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    connection.query_row("SELECT value FROM note WHERE name = ?1", [name], |row| row.get(0)).optional()
}

/// Tells the failures that a person can do something about from the others.
fn explain(path: &Path, source: rusqlite::Error) -> SpoolError {
    use rusqlite::ErrorCode;
    let path = path.display().to_string();
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => SpoolError::Full(path),
        // The index beside the log could not grow: a full disk shows like this when a database is opened.
        _ if source
            .sqlite_error()
            .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE) =>
        {
            SpoolError::Full(path)
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => SpoolError::Damaged(path),
        _ => SpoolError::Database { path, source },
    }
}

/// A spool that the walk fills while the uplink empties it.
#[derive(Clone)]
pub struct SharedSpool {
    spool: Arc<Mutex<Spool>>,
    changed: Arc<Notify>,
}

impl SharedSpool {
    /// Shares a spool.
    #[must_use]
    pub fn new(spool: Spool) -> Self {
        Self { spool: Arc::new(Mutex::new(spool)), changed: Arc::new(Notify::new()) }
    }

    /// Works with the spool on a thread that may wait for the disk.
    ///
    /// # Errors
    /// What the work returned.
    pub async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Spool) -> Result<T, SpoolError> + Send + 'static,
    ) -> Result<T, SpoolError> {
        let spool = self.spool.clone();
        let blocking = tokio::task::spawn_blocking(move || {
            work(&mut spool.lock().unwrap_or_else(PoisonError::into_inner))
        });
        blocking.await.unwrap_or_else(|error| Err(SpoolError::Row(error.to_string())))
    }

    /// Says that there is something to send.
    pub fn announce(&self) {
        self.changed.notify_one();
    }

    /// Waits until there may be something to send.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}

/// The reference that stands in two columns of a row.
fn reference(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Reference> {
    Ok(Reference { sequence: row.get::<_, i64>(at)?.cast_unsigned(), index: row.get(at + 1)? })
}

#[cfg(test)]
mod tests;
