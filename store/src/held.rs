//! What a school holds, one row each with a version: sites, buildings, rooms, links, documents. All are written in one
//! way: two who change one at once are told, and the audit log keeps what stood there before.

use crate::{
    engine::{Cell, Row},
    error::{Doing, Error, Problem, Result, require_version},
    register::{AuditEntry, audit},
    schools::require_school,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;

/// Who changes something, and when.
pub(crate) type By<'a> = (&'a str, Timestamp);

/// One kind of what a school holds.
pub(crate) trait Held: Clone + PartialEq + Serialize + Sized {
    /// The table; the audit log calls the thing by the same word.
    const TABLE: &'static str;
    /// Its columns behind `id` and `version`.
    const COLUMNS: &'static str;
    /// In which order they are told.
    const ORDER: &'static str;
    /// The column in which no two of a school are alike.
    const UNIQUE: Option<&'static str> = None;

    /// From a row of `id, version` and the columns.
    fn read(row: &Row) -> Result<Self>;
    /// The columns, in their order.
    fn cells(&self) -> Vec<Cell>;
    /// Number and version; both 0 for a new one.
    fn key(&self) -> (i64, i64);
    /// The same under another number and version, its texts without blanks around them.
    fn tidy(&self, id: i64, version: i64) -> Self;
    /// What people call it.
    fn called(&self) -> String;
    /// Refuses what cannot stand there, whatever else does.
    fn require_sound(&self) -> Result<()>;
    /// Refuses what does not fit to the rest of the school.
    fn require_fit(&self, _tx: &mut Tx<'_>, _school: i64) -> Result<()> {
        Ok(())
    }
}

/// All of a kind that a school holds.
pub(crate) fn all<H: Held>(tx: &mut Tx<'_>, school: i64) -> Result<Vec<H>> {
    let sql = format!(
        "SELECT id, version, {} FROM {} WHERE traeger_id = $1 AND school_id = $2 ORDER BY {}",
        H::COLUMNS,
        H::TABLE,
        H::ORDER
    );
    tx.list(&sql, cells![school], H::read)
}

/// The one of that number, provided that it is what the writer had seen.
fn current<H: Held>(tx: &mut Tx<'_>, school: i64, id: i64, version: i64) -> Result<H> {
    let sql = format!(
        "SELECT id, version, {} FROM {} WHERE traeger_id = $1 AND school_id = $2 AND id = $3",
        H::COLUMNS,
        H::TABLE
    );
    let found = tx.first(&sql, cells![school, id], H::read)?;
    let found = found.ok_or_else(|| Error::NotFound(format!("{} {id}", H::TABLE)))?;
    require_version(|| format!("{} {}", H::TABLE, found.called()), version, found.key().1)?;
    Ok(found)
}

/// Whether a row of that number is the school's.
pub(crate) fn require_own(tx: &mut Tx<'_>, table: &str, school: i64, id: Option<i64>) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let sql = format!("SELECT 1 FROM {table} WHERE traeger_id = $1 AND school_id = $2 AND id = $3");
    tx.first(&sql, cells![school, id], |_| Ok(()))?
        .ok_or_else(|| Error::NotFound(format!("{table} {id} in this school")))
}

/// Enters a new one or changes one, within a transaction that holds the school; what says the same as before is left.
pub(crate) fn put<H: Held>(tx: &mut Tx<'_>, school: i64, new: &H, by: By<'_>) -> Result<i64> {
    new.require_sound()?;
    let (id, version) = new.key();
    let before: Option<H> = if id == 0 { None } else { Some(current(tx, school, id, version)?) };
    let after = new.tidy(id, version);
    if before.as_ref() == Some(&after) {
        return Ok(id);
    }
    after.require_fit(tx, school)?;
    require_unique(tx, school, &after)?;
    let columns: Vec<&str> = H::COLUMNS.split(", ").collect();
    let mut row = cells![school].to_vec();
    row.extend(after.cells());
    let sql = if before.is_some() {
        let sets: Vec<String> =
            columns.iter().zip(3..).map(|(column, n)| format!("{column} = ${n}")).collect();
        row.push(id.into());
        format!(
            "UPDATE {} SET version = version + 1, {} WHERE traeger_id = $1 AND school_id = $2 AND id = ${} RETURNING id",
            H::TABLE,
            sets.join(", "),
            columns.len() + 3
        )
    } else {
        let places: Vec<String> = (3..).take(columns.len()).map(|n| format!("${n}")).collect();
        format!(
            "INSERT INTO {} (traeger_id, school_id, {}) VALUES ($1, $2, {}) RETURNING id",
            H::TABLE,
            H::COLUMNS,
            places.join(", ")
        )
    };
    let id = tx.insert(&sql, &row)?;
    let after = after.tidy(id, version + 1);
    let subject = format!("{} {id}", H::TABLE);
    audit(tx, Some(school), &AuditEntry::of_change(subject, (before.as_ref(), Some(&after)), by)?)?;
    Ok(id)
}

/// Refuses a second one of the same name.
fn require_unique<H: Held>(tx: &mut Tx<'_>, school: i64, new: &H) -> Result<()> {
    let Some(column) = H::UNIQUE else { return Ok(()) };
    let sql = format!(
        "SELECT 1 FROM {} WHERE traeger_id = $1 AND school_id = $2 AND {column} = $3 AND id <> $4",
        H::TABLE
    );
    match tx.first(&sql, cells![school, new.called(), new.key().0], |_| Ok(()))? {
        Some(()) => Err(Error::Unfit { field: column, problem: Problem::Named }),
        None => Ok(()),
    }
}

/// Removes one, within a transaction that holds the school.
pub(crate) fn remove<H: Held>(
    tx: &mut Tx<'_>,
    school: i64,
    (id, version): (i64, i64),
    by: By<'_>,
    free: impl FnOnce(&mut Tx<'_>, &H) -> Result<()>,
) -> Result<()> {
    let before: H = current(tx, school, id, version)?;
    free(tx, &before)?;
    let sql = format!("DELETE FROM {} WHERE traeger_id = $1 AND school_id = $2 AND id = $3", H::TABLE);
    tx.execute(&sql, cells![school, id])?;
    let entry = AuditEntry::of_change(format!("{} {id}", H::TABLE), (Some(&before), None), by)?;
    audit(tx, Some(school), &entry)
}

impl Traeger {
    /// Runs a change of what a school holds as its only writer.
    pub(crate) fn write_school<T>(
        &self,
        school: i64,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        self.write(|tx| {
            tx.lock_school(school)?;
            require_school(tx, school)?;
            work(tx)
        })
        .doing(|| format!("change what school {school} holds"))
    }
}
