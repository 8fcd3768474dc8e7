//! The same database with somebody looking on, so that a test or a measurement can say what a page reads.

use crate::{
    engine::{Cell, Engine, Row, Session, Work, dialect::Dialect},
    error::Result,
    store::Store,
};
use std::sync::Arc;

/// What is told of every statement before it runs: its text, without the values.
type Told = Arc<dyn Fn(&str) + Send + Sync>;

impl Store {
    /// The same database; every statement that runs through what is returned is told to `told`.
    #[must_use]
    pub fn watched(&self, told: Told) -> Self {
        self.with_engine(|engine| Arc::new(Watched { engine, told }))
    }
}

struct Watched {
    engine: Arc<dyn Engine>,
    told: Told,
}

impl Engine for Watched {
    fn read(&self, traeger: Option<i64>, work: Work<'_>) -> Result<()> {
        self.engine.read(traeger, &mut |session| work(&mut Watching { session, told: &self.told }))
    }

    fn write(&self, traeger: Option<i64>, work: Work<'_>) -> Result<()> {
        self.engine.write(traeger, &mut |session| work(&mut Watching { session, told: &self.told }))
    }

    fn dialect(&self) -> Dialect {
        self.engine.dialect()
    }
}

struct Watching<'s> {
    session: &'s mut dyn Session,
    told: &'s Told,
}

impl Session for Watching<'_> {
    fn execute(&mut self, sql: &str, parameters: &[Cell]) -> Result<u64> {
        (self.told)(sql);
        self.session.execute(sql, parameters)
    }

    fn query(&mut self, sql: &str, parameters: &[Cell]) -> Result<Vec<Row>> {
        (self.told)(sql);
        self.session.query(sql, parameters)
    }

    fn each(
        &mut self,
        sql: &str,
        parameters: &[Cell],
        seen: &mut dyn FnMut(&Row) -> Result<()>,
    ) -> Result<()> {
        (self.told)(sql);
        self.session.each(sql, parameters, seen)
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        (self.told)(sql);
        self.session.batch(sql)
    }
}
