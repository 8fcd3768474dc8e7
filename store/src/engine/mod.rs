//! The narrow trait behind which SQLite and PostgreSQL stand: transactions, statements, cells and rows.

pub(crate) mod dialect;
pub(crate) mod postgres;
pub(crate) mod sqlite;
pub(crate) mod tls;

use crate::error::{Error, Result};
use rundgang_inventory::Timestamp;

/// One value of a row or a parameter. Both engines store whole numbers and text, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// No value.
    Null,
    /// A whole number; moments are milliseconds since the epoch, truth values 0 and 1.
    Int(i64),
    /// Text, JSON included.
    Text(String),
    /// A column of many rows, as a parameter where the engine takes columns; no row ever holds one.
    Column(Vec<Self>),
}

/// A row of a result, read by position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(pub(crate) Vec<Cell>);

/// The work done inside one transaction.
pub type Work<'w> = &'w mut dyn FnMut(&mut dyn Session) -> Result<()>;

/// A database engine: it opens transactions in the context of a Träger (or of none, for the few tables that
/// belong to all) and commits them when the work succeeds.
pub trait Engine: Send + Sync {
    /// Runs `work` in a transaction that sees one consistent state and changes nothing.
    ///
    /// # Errors
    /// What `work` returned, or that the engine could not begin.
    fn read(&self, traeger: Option<i64>, work: Work<'_>) -> Result<()>;

    /// Runs `work` in a transaction and commits it; an error rolls everything back.
    ///
    /// # Errors
    /// What `work` returned, or that the engine could not begin or commit.
    fn write(&self, traeger: Option<i64>, work: Work<'_>) -> Result<()>;

    /// The few statements that differ between the engines.
    fn dialect(&self) -> dialect::Dialect;
}

/// An open transaction. Placeholders are `$1`, `$2` and so on in both engines.
pub trait Session {
    /// Runs a statement and tells how many rows it changed.
    ///
    /// # Errors
    /// What the engine answered, with the statement.
    fn execute(&mut self, sql: &str, parameters: &[Cell]) -> Result<u64>;

    /// Runs a query and returns its rows.
    ///
    /// # Errors
    /// What the engine answered, with the statement.
    fn query(&mut self, sql: &str, parameters: &[Cell]) -> Result<Vec<Row>>;

    /// Runs a query and shows one row after the other, for results too long to be held at once. The row is the
    /// same every time, with other contents.
    ///
    /// # Errors
    /// What the engine answered, with the statement, or what `seen` returned.
    fn each(
        &mut self,
        sql: &str,
        parameters: &[Cell],
        seen: &mut dyn FnMut(&Row) -> Result<()>,
    ) -> Result<()>;

    /// Runs several statements without parameters; for migrations.
    ///
    /// # Errors
    /// What the engine answered.
    fn batch(&mut self, sql: &str) -> Result<()>;
}

/// The error of a statement, with the statement shortened to what fits a line.
pub(crate) fn statement_error(sql: &str, cause: impl std::fmt::Display) -> Error {
    let words: String = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    Error::Statement { statement: words.chars().take(160).collect(), cause: cause.to_string() }
}

/// Puts a text into a cell; the room of an earlier text is used again.
fn refill(cell: &mut Cell, text: &str) {
    match cell {
        Cell::Text(old) => text.clone_into(old),
        other => *other = Cell::Text(text.to_owned()),
    }
}

impl Row {
    fn cell(&self, at: usize) -> Result<&Cell> {
        self.0.get(at).ok_or_else(|| Error::Corrupt(format!("a row has no column {at}")))
    }

    /// The number in column `at`.
    ///
    /// # Errors
    /// That the column holds no number.
    pub fn int(&self, at: usize) -> Result<i64> {
        match self.cell(at)? {
            Cell::Int(number) => Ok(*number),
            other => Err(Error::Corrupt(format!("column {at} holds {other:?} instead of a number"))),
        }
    }

    /// The text in column `at`.
    ///
    /// # Errors
    /// That the column holds no text.
    pub fn text(&self, at: usize) -> Result<String> {
        self.text_ref(at).map(str::to_owned)
    }

    /// The text in column `at`, where it need not be kept.
    ///
    /// # Errors
    /// That the column holds no text.
    pub fn text_ref(&self, at: usize) -> Result<&str> {
        match self.cell(at)? {
            Cell::Text(text) => Ok(text),
            other => Err(Error::Corrupt(format!("column {at} holds {other:?} instead of text"))),
        }
    }

    /// The number in column `at`, or nothing where it is null.
    ///
    /// # Errors
    /// That the column holds text.
    pub fn maybe_int(&self, at: usize) -> Result<Option<i64>> {
        if *self.cell(at)? == Cell::Null { Ok(None) } else { self.int(at).map(Some) }
    }

    /// The text in column `at`, or nothing where it is null.
    ///
    /// # Errors
    /// That the column holds a number.
    pub fn maybe_text(&self, at: usize) -> Result<Option<String>> {
        if *self.cell(at)? == Cell::Null { Ok(None) } else { self.text(at).map(Some) }
    }

    /// The text in column `at`, where it need not be kept, or nothing where it is null.
    ///
    /// # Errors
    /// That the column holds a number.
    pub fn maybe_text_ref(&self, at: usize) -> Result<Option<&str>> {
        if *self.cell(at)? == Cell::Null { Ok(None) } else { self.text_ref(at).map(Some) }
    }

    /// The truth value in column `at`.
    ///
    /// # Errors
    /// That the column holds no number.
    pub fn flag(&self, at: usize) -> Result<bool> {
        Ok(self.int(at)? != 0)
    }

    /// The moment in column `at`.
    ///
    /// # Errors
    /// That the column holds no number.
    pub fn moment(&self, at: usize) -> Result<Timestamp> {
        self.int(at).map(Timestamp)
    }

    /// The moment in column `at`, or nothing where it is null.
    ///
    /// # Errors
    /// That the column holds text.
    pub fn maybe_moment(&self, at: usize) -> Result<Option<Timestamp>> {
        Ok(self.maybe_int(at)?.map(Timestamp))
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}
impl From<bool> for Cell {
    fn from(truth: bool) -> Self {
        Self::Int(i64::from(truth))
    }
}
impl From<Timestamp> for Cell {
    fn from(moment: Timestamp) -> Self {
        Self::Int(moment.0)
    }
}
impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        // PostgreSQL cannot store NUL in text; no honest text holds one.
        Self::Text(if text.contains('\0') { text.replace('\0', "") } else { text.to_owned() })
    }
}
impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.contains('\0') { Self::from(text.as_str()) } else { Self::Text(text) }
    }
}
impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
