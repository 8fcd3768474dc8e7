//! PostgreSQL behind the trait: a pool of connections, every transaction bound to its Träger by row-level security.

use super::{
    Cell, Engine, Row, Session, Work,
    dialect::Dialect,
    refill, statement_error,
    tls::{self, Location, Tls},
};
use crate::error::{Error, Result};
use bytes::BytesMut;
use postgres::{
    Client, Config, NoTls, Statement,
    fallible_iterator::FallibleIterator as _,
    types::{IsNull, Kind, ToSql, Type, to_sql_checked},
};
use std::{
    collections::HashMap,
    error::Error as StdError,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// Prepared statements that a connection keeps, the one used longest ago goes first. More texts than this come only of
/// statements that are put together from what a person asked.
const STATEMENTS: usize = 256;
/// Connections open at once; whoever needs one more waits for one to come free.
const CONNECTIONS: usize = 16;

/// A PostgreSQL database. Blocking: call it from a thread that may wait, never from inside an async task.
pub(crate) struct Postgres {
    config: Config,
    tls: Option<Tls>,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Connection>,
    open: usize,
}

struct Connection {
    client: Client,
    /// By text, each with when it was last used.
    statements: HashMap<String, (Statement, u64)>,
    /// How many statements were run.
    used: u64,
}

impl Postgres {
    /// Connects with a URL or key-value string and refuses a role that row-level security would not bind.
    pub(crate) fn open(url: &str) -> Result<Self> {
        let Location { config, tls } = tls::read(url)?;
        let engine = Self { config, tls, pool: Mutex::default(), returned: Condvar::new() };
        let mut unbound = false;
        engine.read(None, &mut |session| {
            let sql = "SELECT CASE WHEN rolsuper OR rolbypassrls THEN 1 ELSE 0 END FROM pg_roles \
                       WHERE rolname = current_user";
            let rows = session.query(sql, &[])?;
            unbound = rows.first().map_or(Ok(1), |row| row.int(0))? != 0;
            Ok(())
        })?;
        if unbound {
            return Err(engine.open_error(
                "this role is a superuser or bypasses row-level security; give the collector a role of its own \
                 (CREATE ROLE rundgang LOGIN) that owns its database",
            ));
        }
        Ok(engine)
    }

    fn open_error(&self, cause: &str) -> Error {
        let place = format!(
            "postgresql {:?} on {:?}",
            self.config.get_dbname().unwrap_or_default(),
            self.config.get_hosts()
        );
        Error::Open { place, cause: cause.to_owned() }
    }

    fn take(&self) -> Result<Connection> {
        let mut pool = lock(&self.pool);
        loop {
            while let Some(connection) = pool.idle.pop() {
                if !connection.client.is_closed() {
                    return Ok(connection);
                }
                pool.open -= 1;
            }
            if pool.open < CONNECTIONS {
                pool.open += 1;
                break;
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
        drop(pool);
        self.connect().map_err(|cause| {
            lock(&self.pool).open -= 1;
            self.returned.notify_one();
            self.open_error(&describe(&cause))
        })
    }

    /// A plan kept from the day when the tables were empty reads them whole for ever: every statement is planned anew,
    /// which costs a tenth of a millisecond. Compiling plans pays for no statement as short as ours.
    fn connect(&self) -> std::result::Result<Connection, postgres::Error> {
        let mut client = match &self.tls {
            Some(tls) => self.config.connect(tls.clone())?,
            None => self.config.connect(NoTls)?,
        };
        client.batch_execute("SET plan_cache_mode = force_custom_plan; SET jit = off")?;
        Ok(Connection { client, statements: HashMap::new(), used: 0 })
    }

    /// Puts a connection back; a broken one is dropped, so that a restarted server is simply reached anew.
    fn give_back(&self, connection: Option<Connection>) {
        let mut pool = lock(&self.pool);
        match connection {
            Some(connection) if !connection.client.is_closed() => pool.idle.push(connection),
            _ => pool.open -= 1,
        }
        drop(pool);
        self.returned.notify_one();
    }

    fn transaction(&self, begin: &str, traeger: Option<i64>, work: Work<'_>) -> Result<()> {
        let mut lease = Lease { engine: self, connection: Some(self.take()?) };
        let Some(connection) = lease.connection.as_mut() else { return Ok(()) };
        connection.batch(begin)?;
        let outcome = connection.set_traeger(traeger).and_then(|()| work(connection));
        match outcome {
            Ok(()) => connection.batch("COMMIT"),
            Err(error) => {
                if let Err(second) = connection.batch("ROLLBACK") {
                    tracing::warn!(error = %second, "cannot roll back a transaction");
                    // Its state is unknown: closing it makes the server roll back.
                    lease.connection = None;
                    self.give_back(None);
                }
                Err(error)
            }
        }
    }
}

impl Drop for Postgres {
    /// Closing waits for the server, which an async task may not: a thread of its own does it.
    fn drop(&mut self) {
        let idle = std::mem::take(&mut lock(&self.pool).idle);
        if !idle.is_empty() && std::thread::spawn(move || drop(idle)).join().is_err() {
            tracing::warn!("a connection to the database was not closed in order");
        }
    }
}

/// A connection on loan: returned when the transaction ended, closed when the work panicked in its middle.
struct Lease<'e> {
    engine: &'e Postgres,
    connection: Option<Connection>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.engine.give_back((!std::thread::panicking()).then_some(connection));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The error with the server's own words, which its display leaves out.
fn describe(error: &postgres::Error) -> String {
    let cause = StdError::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}")
}

impl Engine for Postgres {
    fn read(&self, traeger: Option<i64>, work: Work<'_>) -> Result<()> {
        self.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", traeger, work)
    }

    fn write(&self, traeger: Option<i64>, work: Work<'_>) -> Result<()> {
        self.transaction("BEGIN", traeger, work)
    }

    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }
}

impl Connection {
    /// Binds the transaction to a Träger; without one, the tables of every Träger look empty.
    fn set_traeger(&mut self, traeger: Option<i64>) -> Result<()> {
        let value = traeger.map(|id| id.to_string()).unwrap_or_default();
        self.query("SELECT set_config('rundgang.traeger', $1, true)", &[Cell::Text(value)]).map(drop)
    }

    fn statement(&mut self, sql: &str) -> std::result::Result<Statement, postgres::Error> {
        self.used += 1;
        if let Some((statement, used)) = self.statements.get_mut(sql) {
            *used = self.used;
            return Ok(statement.clone());
        }
        if self.statements.len() >= STATEMENTS {
            let eldest =
                self.statements.iter().min_by_key(|(_, (_, used))| *used).map(|(sql, _)| sql.clone());
            // The server forgets it when its last copy is dropped.
            eldest.and_then(|sql| self.statements.remove(&sql));
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql.to_owned(), (statement.clone(), self.used));
        Ok(statement)
    }
}

impl Session for Connection {
    fn execute(&mut self, sql: &str, parameters: &[Cell]) -> Result<u64> {
        let mut run = || {
            let statement = self.statement(sql)?;
            let slices: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|cell| cell as _).collect();
            self.client.execute(&statement, &slices)
        };
        run().map_err(|cause| statement_error(sql, describe(&cause)))
    }

    fn query(&mut self, sql: &str, parameters: &[Cell]) -> Result<Vec<Row>> {
        let mut run = || {
            let statement = self.statement(sql)?;
            let slices: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|cell| cell as _).collect();
            self.client.query(&statement, &slices)
        };
        let rows = run().map_err(|cause| statement_error(sql, describe(&cause)))?;
        rows.iter()
            .map(|row| (0..row.len()).map(|at| cell_of(row, at)).collect::<Result<Vec<_>>>().map(Row))
            .collect::<Result<Vec<_>>>()
            .map_err(|error| statement_error(sql, error))
    }

    fn each(
        &mut self,
        sql: &str,
        parameters: &[Cell],
        seen: &mut dyn FnMut(&Row) -> Result<()>,
    ) -> Result<()> {
        let failed = |cause: postgres::Error| statement_error(sql, describe(&cause));
        let statement = self.statement(sql).map_err(failed)?;
        let kinds: Vec<Type> = statement.columns().iter().map(|column| column.type_().clone()).collect();
        let mut row = Row(vec![Cell::Null; kinds.len()]);
        let mut rows = self.client.query_raw(&statement, parameters).map_err(failed)?;
        while let Some(next) = rows.next().map_err(failed)? {
            for ((at, cell), kind) in row.0.iter_mut().enumerate().zip(&kinds) {
                put(&next, at, kind, cell).map_err(|error| statement_error(sql, error))?;
            }
            seen(&row)?;
        }
        Ok(())
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).map_err(|cause| statement_error(sql, describe(&cause)))
    }
}

fn cell_of(row: &postgres::Row, at: usize) -> Result<Cell> {
    let kind = row.columns().get(at).map(postgres::Column::type_).cloned().unwrap_or(Type::UNKNOWN);
    let mut cell = Cell::Null;
    put(row, at, &kind, &mut cell)?;
    Ok(cell)
}

/// Puts the value of a column into a cell.
fn put(row: &postgres::Row, at: usize, kind: &Type, cell: &mut Cell) -> Result<()> {
    let unreadable = |cause: postgres::Error| Error::Corrupt(format!("column {at} of type {kind}: {cause}"));
    *cell = match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(at).map_err(unreadable)?.into(),
        Type::INT4 => row.try_get::<_, Option<i32>>(at).map_err(unreadable)?.map(i64::from).into(),
        Type::BOOL => row.try_get::<_, Option<bool>>(at).map_err(unreadable)?.into(),
        Type::VOID => Cell::Null,
        _ => match row.try_get::<_, Option<&str>>(at).map_err(unreadable)? {
            Some(text) => {
                refill(cell, text);
                return Ok(());
            }
            None => Cell::Null,
        },
    };
    Ok(())
}

impl ToSql for Cell {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self, kind) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Column(cells), kind) if matches!(kind.kind(), Kind::Array(_)) => cells.to_sql(kind, out),
            (Self::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(kind, out),
            (Self::Int(number), &Type::BOOL) => (*number != 0).to_sql(kind, out),
            (Self::Int(number), &Type::INT8) => number.to_sql(kind, out),
            (Self::Text(text), &(Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN)) => {
                text.to_sql(kind, out)
            }
            (cell, kind) => Err(format!("{cell:?} was given where the statement wants {kind}").into()),
        }
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
