//! Migrations: ordered files with one numbering for both engines; a newer database is refused.

use crate::{
    engine::{Engine, dialect::Dialect},
    error::{Doing, Error, Result},
};

/// Every migration in order; the position is its number.
const MIGRATIONS: &[(&str, &str)] = &[
    ("schools", include_str!("../migrations/0001_schools.sql")),
    ("observations", include_str!("../migrations/0002_observations.sql")),
    ("assets", include_str!("../migrations/0003_assets.sql")),
    ("register", include_str!("../migrations/0004_register.sql")),
    ("orders", include_str!("../migrations/0005_orders.sql")),
    ("standing", include_str!("../migrations/0006_standing.sql")),
    ("lessons", include_str!("../migrations/0007_lessons.sql")),
    ("surveys", include_str!("../migrations/0008_surveys.sql")),
    ("search", include_str!("../migrations/0009_search.sql")),
    ("domains", include_str!("../migrations/0010_domains.sql")),
    ("lists", include_str!("../migrations/0011_lists.sql")),
    ("accounts", include_str!("../migrations/0012_accounts.sql")),
    ("mail", include_str!("../migrations/0013_mail.sql")),
    ("outside", include_str!("../migrations/0014_outside.sql")),
    ("long lists", include_str!("../migrations/0015_lists.sql")),
    ("commune", include_str!("../migrations/0016_commune.sql")),
    ("sign in", include_str!("../migrations/0017_sign_in.sql")),
    ("eyes", include_str!("../migrations/0018_eyes.sql")),
    ("sums", include_str!("../migrations/0019_sums.sql")),
    ("upkeep", include_str!("../migrations/0020_upkeep.sql")),
    ("lists of systems", include_str!("../migrations/0021_lists.sql")),
    ("level of a task", include_str!("../migrations/0022_level.sql")),
    ("questions passed on", include_str!("../migrations/0023_questions.sql")),
    ("versions", include_str!("../migrations/0024_versions.sql")),
    ("reading the log", include_str!("../migrations/0025_log.sql")),
    ("ends of decisions", include_str!("../migrations/0026_ends.sql")),
    ("forgetting a device", include_str!("../migrations/0027_forget.sql")),
];

/// The schema version this program writes.
pub(crate) const VERSION: usize = MIGRATIONS.len();

/// Brings the database to this program's version, all in one transaction.
pub(crate) fn migrate(engine: &dyn Engine) -> Result<()> {
    let dialect = engine.dialect();
    let mut work = |session: &mut dyn crate::Session| {
        if let Some(lock) = dialect.lock_migrations() {
            session.query(lock, &[])?;
        }
        session.batch(
            "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, name TEXT NOT NULL)",
        )?;
        let rows = session.query("SELECT COALESCE(MAX(version), 0) FROM schema_version", &[])?;
        let found = rows.first().map_or(Ok(0), |row| row.int(0))?;
        let known = i64::try_from(VERSION).unwrap_or(i64::MAX);
        if found > known {
            return Err(Error::Newer { found, known });
        }
        for (version, (name, sql)) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
            session
                .batch(&for_dialect(sql, dialect))
                .doing(|| format!("migrate to version {version} ({name})"))?;
            let note = "INSERT INTO schema_version (version, name) VALUES ($1, $2)";
            session.execute(note, &[version.into(), (*name).into()])?;
        }
        Ok(())
    };
    engine.write(None, &mut work).doing(|| "prepare the database".to_owned())
}

/// The migration with the engine's exceptions filled in, row-level security included.
fn for_dialect(sql: &str, dialect: Dialect) -> String {
    let mut text = sql.replace("{id}", dialect.id_column());
    for table in traeger_tables(sql) {
        if let Some(policy) = dialect.row_security(table) {
            text.push_str(&policy);
            text.push('\n');
        }
    }
    text
}

/// The tables of a migration that belong to a Träger: all with that column but the directory, which leads to it.
fn traeger_tables(sql: &str) -> impl Iterator<Item = &str> {
    sql.split("CREATE TABLE ").skip(1).filter_map(|rest| {
        let (name, body) = rest.split_once(" (")?;
        let (columns, _) = body.split_once("\n);")?;
        (columns.contains("traeger_id") && name != "directory").then_some(name)
    })
}

/// Every table that belongs to a Träger, in the order in which they were created.
pub(crate) fn all_traeger_tables() -> impl Iterator<Item = &'static str> {
    MIGRATIONS.iter().flat_map(|(_, sql)| traeger_tables(sql))
}

/// The columns of a table, in the order of its definition and of what later migrations added.
pub(crate) fn columns_of(table: &str) -> Vec<&'static str> {
    definitions_of(table).into_iter().map(|(column, _)| column).collect()
}

/// The columns of a table, each with how it is defined; those that a later migration added come last.
pub(crate) fn definitions_of(table: &str) -> Vec<(&'static str, &'static str)> {
    let (start, added) = (format!("CREATE TABLE {table} ("), format!("ALTER TABLE {table} ADD COLUMN "));
    let body = MIGRATIONS.iter().find_map(|(_, sql)| sql.split_once(&start)?.1.split_once("\n);"));
    let first = body.map(|(columns, _)| columns).unwrap_or_default().lines();
    let later =
        MIGRATIONS.iter().flat_map(|(_, sql)| sql.lines()).filter_map(|line| line.strip_prefix(&added));
    first
        .chain(later)
        .filter_map(|line| line.trim().trim_end_matches([',', ';']).split_once(' '))
        .filter(|(word, _)| word.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_but_the_named_ones_belongs_to_a_traeger() {
        let all: Vec<&str> = MIGRATIONS
            .iter()
            .flat_map(|(_, sql)| sql.split("CREATE TABLE ").skip(1))
            .filter_map(|rest| rest.split_once(" (").map(|(name, _)| name))
            .collect();
        let without: Vec<&str> =
            all.iter().copied().filter(|name| all_traeger_tables().all(|table| table != *name)).collect();
        assert_eq!(without, ["traeger", "directory"]);
    }

    #[test]
    fn a_column_that_came_later_is_a_column() {
        let columns = columns_of("school");
        assert!(columns.starts_with(&["id", "traeger_id", "name"]), "{columns:?}");
        assert!(columns.ends_with(&["commune", "version"]), "an export without them loses them: {columns:?}");
    }
}
