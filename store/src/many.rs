//! Many rows in few statements: a list of ten thousand systems writes half a million rows.

use crate::{
    engine::{Cell, Row},
    error::Result,
    store::Tx,
};

/// Rows of one statement: few sizes, so that an engine prepares each statement once.
const SIZES: [usize; 3] = [128, 16, 1];
/// From so many rows on they are handed over as columns, where the engine takes that.
const AS_COLUMNS: usize = 64;
/// Rows of one statement that takes columns: some megabytes at most.
const MOST_AS_COLUMNS: usize = 4096;

impl Tx<'_> {
    /// Inserts many rows with few statements. `into` names the table and its columns, the Träger's first; `end` is what
    /// stands behind the values.
    pub(crate) fn insert_many(&mut self, into: &str, rows: &[Vec<Cell>], end: &str) -> Result<()> {
        self.insert_in_few(into, rows, end, |tx, sql, parameters| tx.execute(sql, parameters).map(drop))
    }

    /// Inserts many rows and returns their numbers in the order of the rows: both engines number the rows of one
    /// statement one after the other, though they may return them in any order.
    pub(crate) fn insert_numbered(&mut self, into: &str, rows: &[Vec<Cell>]) -> Result<Vec<i64>> {
        let mut all = Vec::new();
        self.insert_in_few(into, rows, "RETURNING id", |tx, sql, parameters| {
            let mut some = tx.list(sql, parameters, |row| row.int(0))?;
            some.sort_unstable();
            all.append(&mut some);
            Ok(())
        })?;
        Ok(all)
    }

    /// Deletes the rows of a table that have one of many numbers in a column of which the table has an index, with few
    /// statements of few sizes.
    pub(crate) fn delete_many(&mut self, table: &str, column: &str, numbers: &[i64]) -> Result<()> {
        // The plus keeps SQLite from an index that begins with the Träger: it would read all of its rows each time.
        let delete = format!("DELETE FROM {table} WHERE +traeger_id = $1 AND {column}");
        let mut rest = numbers;
        while self.dialect().takes_columns() && rest.len() >= AS_COLUMNS {
            let (now, later) = rest.split_at(rest.len().min(MOST_AS_COLUMNS));
            let now = Cell::Column(now.iter().copied().map(Cell::Int).collect());
            self.execute(&format!("{delete} = ANY($2::BIGINT[])"), &[now])?;
            rest = later;
        }
        for size in SIZES {
            let marks: Vec<String> = (2..size + 2).map(|n| format!("${n}")).collect();
            let sql = format!("{delete} IN ({})", marks.join(", "));
            while rest.len() >= size {
                let (now, later) = rest.split_at(size);
                let parameters: Vec<Cell> = now.iter().copied().map(Cell::Int).collect();
                self.execute(&sql, &parameters)?;
                rest = later;
            }
        }
        Ok(())
    }

    /// Reads the rows that have one of many numbers in a column, with few statements of few sizes, in any order. `sql` ends
    /// before the condition on the column, and says `+traeger_id = $1` where the column alone finds the rows: before the
    /// database knows how its rows are spread, SQLite would read all rows of the Träger instead.
    pub(crate) fn list_many<T>(
        &mut self,
        sql: &str,
        column: &str,
        numbers: &[i64],
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rest = numbers;
        let mut all = Vec::new();
        if self.dialect().takes_columns() && !rest.is_empty() {
            let now = Cell::Column(rest.iter().copied().map(Cell::Int).collect());
            return self.list(&format!("{sql} AND {column} = ANY($2::BIGINT[])"), &[now], read);
        }
        for size in SIZES {
            let marks: Vec<String> = (2..size + 2).map(|n| format!("${n}")).collect();
            let sql = format!("{sql} AND {column} IN ({})", marks.join(", "));
            while rest.len() >= size {
                let (now, later) = rest.split_at(size);
                let parameters: Vec<Cell> = now.iter().copied().map(Cell::Int).collect();
                all.extend(self.list(&sql, &parameters, &read)?);
                rest = later;
            }
        }
        Ok(all)
    }

    /// Runs the statements that insert rows.
    fn insert_in_few(
        &mut self,
        into: &str,
        rows: &[Vec<Cell>],
        end: &str,
        mut run: impl FnMut(&mut Self, &str, &[Cell]) -> Result<()>,
    ) -> Result<()> {
        let width = rows.first().map_or(0, Vec::len);
        let mut rest = rows;
        while self.dialect().takes_columns() && rest.len() >= AS_COLUMNS {
            let (now, later) = rest.split_at(rest.len().min(MOST_AS_COLUMNS));
            let (sql, columns) = by_columns(into, now, end);
            run(self, &sql, &columns)?;
            rest = later;
        }
        for size in SIZES {
            if rest.len() < size {
                continue;
            }
            let row = |row: usize| {
                let marks = (0..width).map(|column| format!(", ${}", 2 + row * width + column));
                format!("($1{})", marks.collect::<String>())
            };
            let marks: Vec<String> = (0..size).map(row).collect();
            let sql = format!("INSERT INTO {into} VALUES {} {end}", marks.join(", "));
            while rest.len() >= size {
                let (now, later) = rest.split_at(size);
                let parameters: Vec<Cell> = now.iter().flatten().cloned().collect();
                run(self, &sql, &parameters)?;
                rest = later;
            }
        }
        Ok(())
    }
}

/// The statement that inserts rows given as columns, and the columns. One in which nothing stands is not given: nothing
/// would tell its type.
fn by_columns(into: &str, rows: &[Vec<Cell>], end: &str) -> (String, Vec<Cell>) {
    let (mut picked, mut types, mut names, mut columns) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for at in 0..rows.first().map_or(0, Vec::len) {
        let cells: Vec<Cell> = rows.iter().map(|row| row.get(at).cloned().unwrap_or(Cell::Null)).collect();
        let kind = match cells.iter().find(|cell| **cell != Cell::Null) {
            None => {
                picked.push("NULL".to_owned());
                continue;
            }
            Some(Cell::Int(_)) => "BIGINT",
            Some(_) => "TEXT",
        };
        picked.push(format!("c{at}"));
        names.push(format!("c{at}"));
        types.push(format!("${}::{kind}[]", columns.len() + 2));
        columns.push(Cell::Column(cells));
    }
    let (picked, types, names) = (picked.join(", "), types.join(", "), names.join(", "));
    (format!("INSERT INTO {into} SELECT $1, {picked} FROM unnest({types}) AS many ({names}) {end}"), columns)
}
