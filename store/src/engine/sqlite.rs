//! SQLite behind the trait: one writer, a pool of readers, write-ahead log, every commit on disk.

use super::{Cell, Engine, Row, Session, Work, dialect::Dialect, refill, statement_error};
use crate::error::{Error, Result};
use rusqlite::{Connection, OpenFlags, types::ValueRef};
use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Readers kept open between queries; more are opened under load and closed again.
const IDLE_READERS: usize = 4;
/// Prepared statements kept per connection.
const STATEMENTS: usize = 256;

/// A SQLite database in one file.
pub(crate) struct Sqlite {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// Opens the file, which is created where it does not exist.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let writer = connect(path, false).map_err(|cause| open_error(path, &cause))?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), readers: Mutex::default() })
    }

    fn reader(&self) -> Result<Connection> {
        let idle = lock(&self.readers).pop();
        idle.map_or_else(|| connect(&self.path, true).map_err(|cause| open_error(&self.path, &cause)), Ok)
    }
}

fn open_error(path: &Path, cause: &rusqlite::Error) -> Error {
    // A full disk has no room for the index beside the log, which SQLite reports as a failure of the disk.
    let is_disk = cause.sqlite_error_code() == Some(rusqlite::ErrorCode::SystemIoFailure);
    let hint = if is_disk { ": is the disk full? Free some space there" } else { "" };
    Error::Open { place: path.display().to_string(), cause: format!("{cause}{hint}") }
}

/// A new book is readable by its owner alone, whatever folder it lies in. SQLite gives its side files the same mode;
/// what fails here is told by the opening that follows.
fn for_its_owner_alone(path: &Path) {
    OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).ok();
}

fn connect(path: &Path, read_only: bool) -> rusqlite::Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_READ_WRITE;
    if !read_only {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
        for_its_owner_alone(path);
    }
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;",
    )?;
    if read_only {
        connection.execute_batch("PRAGMA query_only = ON")?;
    }
    Ok(connection)
}

/// A poisoned lock only tells that a thread died in a transaction, which was then rolled back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine for Sqlite {
    fn read(&self, _traeger: Option<i64>, work: Work<'_>) -> Result<()> {
        let mut reader = self.reader()?;
        let outcome = transaction(&mut reader, "BEGIN", work);
        let mut idle = lock(&self.readers);
        if idle.len() < IDLE_READERS {
            idle.push(reader);
        }
        outcome
    }

    fn write(&self, _traeger: Option<i64>, work: Work<'_>) -> Result<()> {
        transaction(&mut lock(&self.writer), "BEGIN IMMEDIATE", work)
    }

    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }
}

fn transaction(connection: &mut Connection, begin: &str, work: Work<'_>) -> Result<()> {
    /// Rolls back unless the transaction was committed, also when the work panics.
    struct Open<'c>(&'c Connection);
    impl Drop for Open<'_> {
        fn drop(&mut self) {
            if !self.0.is_autocommit()
                && let Err(error) = self.0.execute_batch("ROLLBACK")
            {
                tracing::warn!(%error, "cannot roll back a transaction");
            }
        }
    }
    connection.execute_batch(begin).map_err(|cause| statement_error(begin, cause))?;
    let open = Open(connection);
    work(&mut Inside(open.0))?;
    open.0.execute_batch("COMMIT").map_err(|cause| statement_error("COMMIT", cause))
}

struct Inside<'c>(&'c Connection);

impl Inside<'_> {
    fn prepared(&self, sql: &str, parameters: &[Cell]) -> rusqlite::Result<rusqlite::CachedStatement<'_>> {
        // `?1` is numbered in SQLite; `$1` would be a name.
        let mut statement = self.0.prepare_cached(&sql.replace('$', "?"))?;
        for (at, cell) in parameters.iter().enumerate() {
            match cell {
                Cell::Null => statement.raw_bind_parameter(at + 1, rusqlite::types::Null)?,
                Cell::Int(number) => statement.raw_bind_parameter(at + 1, number)?,
                Cell::Text(text) => statement.raw_bind_parameter(at + 1, text)?,
                Cell::Column(_) => {
                    let cause = "a column as a parameter, which SQLite does not take";
                    return Err(rusqlite::Error::ToSqlConversionFailure(cause.into()));
                }
            }
        }
        Ok(statement)
    }
}

impl Session for Inside<'_> {
    fn execute(&mut self, sql: &str, parameters: &[Cell]) -> Result<u64> {
        let run = || Ok(self.prepared(sql, parameters)?.raw_execute()? as u64);
        run().map_err(|cause: rusqlite::Error| statement_error(sql, cause))
    }

    fn query(&mut self, sql: &str, parameters: &[Cell]) -> Result<Vec<Row>> {
        let run = || {
            let mut statement = self.prepared(sql, parameters)?;
            let columns = statement.column_count();
            let mut rows = statement.raw_query();
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                let cells: rusqlite::Result<Vec<Cell>> =
                    (0..columns).map(|at| row.get_ref(at).map(cell_of)).collect();
                all.push(Row(cells?));
            }
            Ok(all)
        };
        run().map_err(|cause: rusqlite::Error| statement_error(sql, cause))
    }

    fn each(
        &mut self,
        sql: &str,
        parameters: &[Cell],
        seen: &mut dyn FnMut(&Row) -> Result<()>,
    ) -> Result<()> {
        let failed = |cause: rusqlite::Error| statement_error(sql, cause);
        let mut statement = self.prepared(sql, parameters).map_err(failed)?;
        let mut row = Row(vec![Cell::Null; statement.column_count()]);
        let mut rows = statement.raw_query();
        while let Some(next) = rows.next().map_err(failed)? {
            for (at, cell) in row.0.iter_mut().enumerate() {
                match next.get_ref(at).map_err(failed)? {
                    ValueRef::Text(text) | ValueRef::Blob(text) => {
                        refill(cell, &String::from_utf8_lossy(text));
                    }
                    other => *cell = cell_of(other),
                }
            }
            seen(&row)?;
        }
        Ok(())
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        self.0.execute_batch(sql).map_err(|cause| statement_error(sql, cause))
    }
}

fn cell_of(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        #[allow(
            clippy::cast_possible_truncation,
            reason = "no column holds fractions; a computed one is shown rounded towards zero"
        )]
        ValueRef::Real(number) => Cell::Int(number as i64),
        ValueRef::Text(text) | ValueRef::Blob(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
    }
}
