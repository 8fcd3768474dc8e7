//! Opening a database, and the handle through which everything of one Träger is read and written.

use crate::{
    engine::{Cell, Engine, Row, Session, dialect::Dialect, postgres::Postgres, sqlite::Sqlite},
    error::{Doing, Error, Result},
    migrate,
};
use rundgang_inventory::Timestamp;
use std::{
    collections::{BTreeSet, HashSet},
    path::Path,
    sync::Arc,
};

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
}

/// One Träger by number and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraegerName {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// Everything of one Träger. Another Träger's rows do not exist for it. Cheap to clone.
#[derive(Clone)]
pub struct Traeger {
    engine: Arc<dyn Engine>,
    /// The number of the Träger.
    pub id: i64,
}

impl Store {
    /// Opens `postgres://…` (or `postgresql://…`) or else the SQLite file of that path, and migrates it.
    ///
    /// # Errors
    /// The database cannot be opened, is newer than this program, or its role would bypass row-level security.
    pub fn open(location: &str) -> Result<Self> {
        if location.starts_with("postgres://") || location.starts_with("postgresql://") {
            Self::postgres(location)
        } else {
            Self::sqlite(Path::new(location))
        }
    }

    /// Opens a SQLite file, which is created where it does not exist.
    ///
    /// # Errors
    /// The file cannot be opened or is newer than this program.
    pub fn sqlite(path: &Path) -> Result<Self> {
        Self::with(Arc::new(Sqlite::open(path)?))
    }

    /// Connects to PostgreSQL with a URL or a key-value string.
    ///
    /// # Errors
    /// The server cannot be reached, the database is newer than this program, or the role would bypass
    /// row-level security.
    pub fn postgres(url: &str) -> Result<Self> {
        Self::with(Arc::new(Postgres::open(url)?))
    }

    fn with(engine: Arc<dyn Engine>) -> Result<Self> {
        migrate::migrate(engine.as_ref())?;
        Ok(Self { engine })
    }

    /// The same database through another engine that is made of this one.
    pub(crate) fn with_engine(&self, make: impl FnOnce(Arc<dyn Engine>) -> Arc<dyn Engine>) -> Self {
        Self { engine: make(Arc::clone(&self.engine)) }
    }

    /// The handle of a Träger by its number. That the number exists is not checked; a wrong one sees nothing.
    #[must_use]
    pub fn traeger(&self, id: i64) -> Traeger {
        Traeger { engine: Arc::clone(&self.engine), id }
    }

    /// The Träger of that name, created where it does not exist.
    ///
    /// # Errors
    /// The database failed.
    pub fn ensure_traeger(&self, name: &str, now: Timestamp) -> Result<Traeger> {
        let sql = "INSERT INTO traeger (name, created_at) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id";
        let mut id = None;
        self.engine
            .write(None, &mut |session| {
                let rows = session.query(sql, &[name.into(), now.into()])?;
                id = rows.first().map(|row| row.int(0)).transpose()?;
                Ok(())
            })
            .doing(|| format!("enter the Träger {name}"))?;
        id.map(|id| self.traeger(id)).ok_or_else(|| Error::NotFound(format!("Träger {name}")))
    }

    /// Renews what the planner knows of the tables; for a timer, once an hour and after a large import.
    ///
    /// # Errors
    /// The database failed.
    pub fn tidy(&self) -> Result<()> {
        let sql = self.engine.dialect().tidy();
        self.engine.write(None, &mut |session| session.batch(sql)).doing(|| "tidy the database".to_owned())
    }

    /// Every Träger, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn all_traeger(&self) -> Result<Vec<TraegerName>> {
        let mut all = Vec::new();
        self.engine.read(None, &mut |session| {
            let rows = session.query("SELECT id, name FROM traeger ORDER BY name", &[])?;
            all = rows
                .iter()
                .map(|row| Ok(TraegerName { id: row.int(0)?, name: row.text(1)? }))
                .collect::<Result<_>>()?;
            Ok(())
        })?;
        Ok(all)
    }

    /// The Träger to which a credential leads: `kind` is `agent` (certificate fingerprint) or `invitation` (hashed
    /// token).
    pub(crate) fn directory(&self, kind: &str, key: &str) -> Result<Option<Traeger>> {
        let mut found = None;
        self.engine.read(None, &mut |session| {
            let sql = "SELECT traeger_id FROM directory WHERE kind = $1 AND key = $2";
            let rows = session.query(sql, &[kind.into(), key.into()])?;
            found = rows.first().map(|row| row.int(0)).transpose()?;
            Ok(())
        })?;
        Ok(found.map(|id| self.traeger(id)))
    }

    /// Migrates once more, as opening does.
    #[cfg(test)]
    pub(crate) fn migrate_again(&self) -> Result<()> {
        migrate::migrate(self.engine.as_ref())
    }

    /// Which engine stands behind the store.
    #[must_use]
    pub fn dialect(&self) -> crate::Dialect {
        self.engine.dialect()
    }
}

impl Traeger {
    /// Reads one consistent state.
    pub(crate) fn read<T>(&self, mut work: impl FnMut(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut result = None;
        self.engine.read(Some(self.id), &mut |session| {
            result = Some(work(&mut Tx::new(session, self.id, self.engine.as_ref()))?);
            Ok(())
        })?;
        result.ok_or_else(|| Error::Corrupt("a transaction ended without a result".to_owned()))
    }

    /// Writes in one transaction; an error rolls everything back.
    pub(crate) fn write<T>(&self, mut work: impl FnMut(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut result = None;
        self.engine.write(Some(self.id), &mut |session| {
            result = Some(work(&mut Tx::new(session, self.id, self.engine.as_ref()))?);
            Ok(())
        })?;
        result.ok_or_else(|| Error::Corrupt("a transaction ended without a result".to_owned()))
    }
}

/// An open transaction of one Träger. `$1` is always the Träger, and a statement that does not use it for the column
/// `traeger_id` is refused; the caller's parameters begin with `$2`.
pub(crate) struct Tx<'s> {
    session: &'s mut dyn Session,
    traeger: i64,
    engine: &'s dyn Engine,
    /// Statements of this transaction that were found to name their Träger: a list of thousands runs few texts often.
    sound: HashSet<String>,
}

impl<'s> Tx<'s> {
    fn new(session: &'s mut dyn Session, traeger: i64, engine: &'s dyn Engine) -> Self {
        Self { session, traeger, engine, sound: HashSet::new() }
    }
}

impl Tx<'_> {
    fn parameters(&mut self, sql: &str, parameters: &[Cell]) -> Result<Vec<Cell>> {
        if !self.sound.contains(sql) {
            if !asks_for_its_traeger(sql) {
                return Err(Error::Refused(format!("a statement asks without its Träger: {sql}")));
            }
            self.sound.insert(sql.to_owned());
        }
        Ok(std::iter::once(Cell::Int(self.traeger)).chain(parameters.iter().cloned()).collect())
    }

    /// Runs a statement and tells how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &str, parameters: &[Cell]) -> Result<u64> {
        let all = self.parameters(sql, parameters)?;
        self.session.execute(sql, &all)
    }

    /// Renames the Träger itself, the one row whose number is not in a column `traeger_id`.
    pub(crate) fn rename(&mut self, name: &str) -> Result<String> {
        let of = |rows: &[Row]| rows.first().map(|row| row.text(0)).transpose();
        let other = "SELECT name FROM traeger WHERE name = $2 AND id <> $1";
        if of(&self.session.query(other, cells![self.traeger, name])?)?.is_some() {
            return Err(Error::Refused(format!("the book holds a Träger '{name}' already")));
        }
        let before =
            of(&self.session.query("SELECT name FROM traeger WHERE id = $1", cells![self.traeger])?)?;
        self.session.execute("UPDATE traeger SET name = $2 WHERE id = $1", cells![self.traeger, name])?;
        before.ok_or_else(|| Error::NotFound(format!("Träger {}", self.traeger)))
    }

    /// Deletes the row of the Träger itself, once nothing refers to it any more.
    pub(crate) fn remove_traeger(&mut self) -> Result<()> {
        self.session.execute("DELETE FROM traeger WHERE id = $1", cells![self.traeger]).map(drop)
    }

    /// Runs a query.
    pub(crate) fn query(&mut self, sql: &str, parameters: &[Cell]) -> Result<Vec<Row>> {
        let all = self.parameters(sql, parameters)?;
        self.session.query(sql, &all)
    }

    /// Runs a query and reads each row.
    pub(crate) fn list<T>(
        &mut self,
        sql: &str,
        parameters: &[Cell],
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.query(sql, parameters)?.iter().map(read).collect()
    }

    /// Runs a query and shows one row after the other, for results too long to be held at once.
    pub(crate) fn each(
        &mut self,
        sql: &str,
        parameters: &[Cell],
        mut seen: impl FnMut(&Row) -> Result<()>,
    ) -> Result<()> {
        let all = self.parameters(sql, parameters)?;
        self.session.each(sql, &all, &mut seen)
    }

    /// Runs a query and reads its first row, if it has one.
    pub(crate) fn first<T>(
        &mut self,
        sql: &str,
        parameters: &[Cell],
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        self.query(sql, parameters)?.first().map(read).transpose()
    }

    /// Runs an `INSERT … RETURNING id`.
    pub(crate) fn insert(&mut self, sql: &str, parameters: &[Cell]) -> Result<i64> {
        self.first(sql, parameters, |row| row.int(0))?
            .ok_or_else(|| Error::Corrupt("an insert returned no number".to_owned()))
    }

    /// What differs between the engines.
    pub(crate) fn dialect(&self) -> Dialect {
        self.engine.dialect()
    }

    /// Lets the planner look at the tables where it knows nothing of them yet.
    pub(crate) fn know_tables(&mut self) -> Result<()> {
        if let Some((question, sql)) = self.engine.dialect().unknown_tables()
            && !self.session.query(question, &[])?.is_empty()
        {
            self.session.batch(sql)?;
        }
        Ok(())
    }

    /// Makes this transaction the only one that settles something between the Träger's schools until it ends. Taken after
    /// every lock of a school, so that none waits for another in a ring.
    pub(crate) fn lock_between_schools(&mut self) -> Result<()> {
        // No school has a negative number.
        self.lock_school(-self.traeger)
    }

    /// Makes this transaction the only writer of these schools until it ends: the greatest number first, as everywhere, so
    /// that two that wait for several schools never wait for each other.
    pub(crate) fn lock_schools(&mut self, schools: &BTreeSet<i64>) -> Result<()> {
        schools.iter().rev().try_for_each(|school| self.lock_school(*school))
    }

    /// Makes this transaction the only writer of every school of the Träger until it ends, and returns these.
    pub(crate) fn lock_all_schools(&mut self) -> Result<BTreeSet<i64>> {
        let sql = "SELECT id FROM school WHERE traeger_id = $1";
        let schools = self.list(sql, &[], |row| row.int(0))?.into_iter().collect();
        self.lock_schools(&schools)?;
        Ok(schools)
    }

    /// Makes this transaction the school's only writer until it ends.
    pub(crate) fn lock_school(&mut self, school: i64) -> Result<()> {
        if let Some(sql) = self.engine.dialect().lock_school() {
            self.session.query(sql, &[school.into()])?;
        }
        Ok(())
    }
}

/// Whether a statement says that its Träger is `$1`: by the condition `traeger_id = $1`, or by an insert whose first
/// column is `traeger_id` and first value `$1`.
fn asks_for_its_traeger(sql: &str) -> bool {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let sql = words.join(" ");
    let goes_on = |at: usize| sql[at..].bytes().next().is_some_and(|next| next.is_ascii_digit());
    let mut conditions = sql.match_indices("traeger_id = $1");
    if conditions.any(|(at, found)| !goes_on(at + found.len())) {
        return true;
    }
    let Some((head, rest)) = sql.strip_prefix("INSERT INTO ").and_then(|rest| rest.split_once(") ")) else {
        return false;
    };
    let names_it =
        head.split_once(" (traeger_id").is_some_and(|(_, more)| more.is_empty() || more.starts_with(','));
    let is_given = ["VALUES ($1", "SELECT $1"]
        .iter()
        .filter_map(|opening| rest.strip_prefix(opening))
        .any(|more| more.starts_with([',', ')', ' ']) && !more.starts_with(" -") && !more.starts_with(" +"));
    names_it && is_given
}

/// Cells for the parameters of a statement, in order.
macro_rules! cells {
    ($($value:expr),* $(,)?) => { &[$($crate::engine::Cell::from($value)),*] };
}
pub(crate) use cells;
