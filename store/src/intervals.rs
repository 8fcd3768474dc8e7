//! Values over time, of machines and of people, so that "as of 1 October" has an answer, and keeps it.

use crate::{
    answers::Source,
    engine::Row,
    error::Result,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;

/// A value and when it was so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// What it is about: `asset 7`, `system 3`.
    pub subject: String,
    /// Which value.
    pub field: String,
    /// Who says so.
    pub source: Source,
    /// The value; nothing where it was not known.
    pub value: Option<String>,
    /// The person who said so; empty for machines.
    pub who: String,
    /// From when it was so.
    pub valid_from: Timestamp,
    /// Until when it was so; open where it still is.
    pub valid_to: Option<Timestamp>,
    /// When the book learned it.
    pub recorded_at: Timestamp,
}

const COLUMNS: &str = "subject, field, source, value, who, valid_from, valid_to, recorded_at";

fn interval(row: &Row) -> Result<Interval> {
    Ok(Interval {
        subject: row.text(0)?,
        field: row.text(1)?,
        source: Source::named(&row.text(2)?),
        value: row.maybe_text(3)?,
        who: row.text(4)?,
        valid_from: row.moment(5)?,
        valid_to: row.maybe_moment(6)?,
        recorded_at: row.moment(7)?,
    })
}

/// Records what machines say about a subject, field by field; nothing is written where they say the same as before, and
/// one question tells that.
pub(crate) fn machine_values(
    tx: &mut Tx<'_>,
    school: i64,
    subject: &str,
    values: &[(&str, Option<String>)],
    valid_from: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let sql = "SELECT field, value FROM value_interval
               WHERE traeger_id = $1 AND school_id = $2 AND subject = $3 AND source = $4
                 AND valid_to IS NULL AND replaced_at IS NULL";
    let open = tx.list(sql, cells![school, subject, Source::Machine.name()], |row| {
        Ok((row.text(0)?, row.maybe_text(1)?))
    })?;
    for (field, value) in values {
        let said = open.iter().find(|(known, _)| known == field).and_then(|(_, said)| said.as_deref());
        if said != value.as_deref() {
            let value = value.as_deref();
            let new = NewValue { subject, field, source: Source::Machine, value, who: "", valid_from };
            record(tx, school, &new, now)?;
        }
    }
    Ok(())
}

pub(crate) struct NewValue<'a> {
    pub(crate) subject: &'a str,
    pub(crate) field: &'a str,
    pub(crate) source: Source,
    pub(crate) value: Option<&'a str>,
    pub(crate) who: &'a str,
    pub(crate) valid_from: Timestamp,
}

/// Closes the interval that is open and opens a new one. The closed one is written as a new row, and the old row is
/// marked as replaced: what the book said before can still be read.
pub(crate) fn record(tx: &mut Tx<'_>, school: i64, new: &NewValue<'_>, now: Timestamp) -> Result<()> {
    let find = "SELECT id, value, valid_from, recorded_at, who FROM value_interval
                WHERE traeger_id = $1 AND school_id = $2 AND subject = $3 AND field = $4 AND source = $5
                  AND valid_to IS NULL AND replaced_at IS NULL";
    let key = cells![school, new.subject, new.field, new.source.name()];
    let open = tx.first(find, key, |row| {
        Ok((row.int(0)?, row.maybe_text(1)?, row.moment(2)?, row.moment(3)?, row.text(4)?))
    })?;
    let insert =
        "INSERT INTO value_interval (traeger_id, school_id, subject, field, source, value, who, valid_from,
                  valid_to, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let source = new.source.name();
    match open {
        Some((_, value, ..)) if value.as_deref() == new.value => return Ok(()),
        Some((id, value, from, _, who)) => {
            let replace = "UPDATE value_interval SET replaced_at = $3 WHERE traeger_id = $1 AND id = $2";
            tx.execute(replace, cells![id, now])?;
            if from < new.valid_from {
                let until = new.valid_from;
                let closed = cells![school, new.subject, new.field, source, value, who, from, until, now];
                tx.execute(insert, closed)?;
            }
        }
        None if new.value.is_none() => return Ok(()),
        None => {}
    }
    let none: Option<i64> = None;
    let row = cells![school, new.subject, new.field, source, new.value, new.who, new.valid_from, none, now];
    tx.execute(insert, row).map(drop)
}

impl Traeger {
    /// Records a value that a person states about an asset or a system (`asset 7`), valid from a day on. It never
    /// touches what machines said.
    ///
    /// # Errors
    /// The database failed.
    #[allow(
        clippy::too_many_arguments,
        reason = "one statement: about what, its value, and who said it when"
    )]
    pub fn state_value(
        &self,
        school: i64,
        subject: &str,
        field: &str,
        value: Option<&str>,
        who: &str,
        valid_from: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        let new = NewValue { subject, field, source: Source::Person, value, who, valid_from };
        self.write(|tx| {
            crate::schools::require_school(tx, school)?;
            crate::secrets::refuse_secret("value", value.unwrap_or_default())?;
            record(tx, school, &new, now)
        })
    }

    /// Every value of a subject that was so at `valid_at`, as the book knew it at `known_at`.
    ///
    /// # Errors
    /// The database failed.
    pub fn values_as_of(
        &self,
        school: i64,
        subject: &str,
        valid_at: Timestamp,
        known_at: Timestamp,
    ) -> Result<Vec<Interval>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM value_interval
             WHERE traeger_id = $1 AND school_id = $2 AND subject = $3
               AND valid_from <= $4 AND (valid_to IS NULL OR valid_to > $4)
               AND recorded_at <= $5 AND (replaced_at IS NULL OR replaced_at > $5)
             ORDER BY field, source, id"
        );
        self.read(|tx| tx.list(&sql, cells![school, subject, valid_at, known_at], interval))
    }
}
