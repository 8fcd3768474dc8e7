//! How fast surveys are answered for many schools: 122 of 500 devices in SQLite, 6,000 of 500 in PostgreSQL.

use super::book::{NOW, document, walk};
use anyhow::{Context as _, Result, bail};
use postgres::{Client, NoTls};
use rundgang_inventory::survey::{Wants, answer_all, survey};
use rundgang_store::{Link, NewSchool, Room, Store};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// What was promised: a survey over 122 schools of 500 devices.
const GOAL: Duration = Duration::from_secs(1);
/// And over 6,000 schools in PostgreSQL.
const GOAL_MANY: Duration = Duration::from_secs(30);
/// How often each is measured; the one in the middle counts.
const TIMES: usize = 3;
/// Numbers of rows of a school that is copied; no school has as many.
const APART: i64 = 1_000_000;

/// How many schools, and how large each is.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) schools: usize,
    pub(crate) devices: usize,
}

/// Where the book is kept.
pub(crate) enum Place {
    /// In this folder.
    Sqlite(PathBuf),
    /// In the database of this address, or in a server of its own.
    Postgres(Option<String>),
}

/// Builds the book where there is none, then measures; true where both surveys are fast enough.
#[expect(clippy::print_stdout, reason = "the figures are the output")]
pub(crate) fn run(place: Place, size: Size) -> Result<bool> {
    let begin = Instant::now();
    let (store, goal) = match place {
        Place::Postgres(address) => {
            let address = address.map_or_else(crate::server::new_database, Ok).map_err(anyhow::Error::msg)?;
            let store = Store::postgres(&address)?;
            if store.ensure_traeger("Kreis Beispiel", NOW)?.schools()?.is_empty() {
                school(&store, 0, size.devices)?;
                copy(&address.replace("user=rundgang", "user=postgres"), size.schools)?;
            }
            (store, GOAL_MANY)
        }
        Place::Sqlite(folder) => {
            std::fs::create_dir_all(&folder)?;
            let store = Store::sqlite(&folder.join("rundgang.sqlite"))?;
            let known = store.ensure_traeger("Kreis Beispiel", NOW)?.schools()?.len();
            (known..size.schools).try_for_each(|nth| school(&store, nth, size.devices))?;
            (store, GOAL)
        }
    };
    let traeger = store.ensure_traeger("Kreis Beispiel", NOW)?;
    println!("{} schools, built in {:.0} s", traeger.schools()?.len(), begin.elapsed().as_secs_f64());
    let own = told("the survey of the Träger (11 rows)", goal, || {
        let asked = survey("guetersloh-traeger").context("a survey")?;
        let (own, told) = traeger.survey_told(asked, NOW.plus_days(1))?;
        Ok((told.len(), answer_all(asked, &own, &told).len()))
    })?;
    let asked = survey("katalog").context("a survey")?;
    let wants = Wants::of([asked]);
    let each = told("the catalogue of every school (51 questions)", goal, || {
        let told =
            traeger.ask_schools(&wants, NOW.plus_days(1), |view| answer_all(asked, &view, &[]).len())?;
        Ok((told.len(), told.iter().sum()))
    })?;
    // Where the time goes: what is known of the schools, without a question.
    told("  of that, reading what is known", goal, || {
        let told = traeger.ask_schools(&wants, NOW.plus_days(1), |view| view.assets.len())?;
        Ok((told.len(), told.iter().sum()))
    })?;
    Ok(own && each)
}

/// A school that was walked, and that has rooms, lines and facts, a third of its devices documented in rooms.
fn school(store: &Store, nth: usize, devices: usize) -> Result<()> {
    let traeger = store.ensure_traeger("Kreis Beispiel", NOW)?;
    let by = ("bench", NOW);
    let name = format!("Schule {nth:05}");
    let school =
        traeger.ensure_school(&NewSchool { name, pupils: Some(700), ..NewSchool::default() }, NOW)?;
    for number in 0..60 {
        let kind = if number % 3 == 0 { "Fachraum" } else { "Klassenraum" };
        let equipment = if number % 2 == 0 { "wlan lehrer-pc" } else { "kein-wlan" };
        let (name, kind, equipment) = (format!("R{number:03}"), kind.to_owned(), equipment.to_owned());
        let room = Room { name, kind, equipment, sockets: Some(2), ..Room::default() };
        traeger.save_room(school, &room, by)?;
    }
    let (status, role) = ("active".to_owned(), "primary".to_owned());
    traeger.save_link(school, &Link { down_mbit: Some(500), status, role, ..Link::default() }, by)?;
    traeger.enter_fact(Some(school), "devices.pupil", "150", "bench", NOW)?;
    walk(store, &traeger, school, nth, devices)?;
    document(&traeger, school, nth, devices / 3)
}

/// Copies the one school until there are so many: every row that is its own, with numbers far apart.
fn copy(address: &str, schools: usize) -> Result<()> {
    let mut client = Client::connect(address, NoTls)?;
    // Keys and rows are copied table by table, and agree when all of them are there.
    client.batch_execute("SET session_replication_role = replica")?;
    let sql = "SELECT t.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_class t
               JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
               WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' ORDER BY t.oid, a.attnum";
    let mut tables: Vec<(String, Vec<(String, bool)>)> = Vec::new();
    for row in client.query(sql, &[])? {
        let (table, column, kind): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        if tables.last().is_none_or(|(last, _)| *last != table) {
            tables.push((table, Vec::new()));
        }
        tables.last_mut().context("a table")?.1.push((column, kind == "bigint"));
    }
    let last = i64::try_from(schools).context("schools")? - 1;
    for (table, columns) in tables {
        let of = match table.as_str() {
            "school" => "id > 0",
            "invitation" | "audit_log" => continue,
            // No survey reads these, and they are most of the book.
            "value_interval" | "finding_event" => continue,
            search if search.starts_with("search_") => continue,
            _ if columns.iter().any(|(column, _)| column == "school_id") => "school_id > 0",
            _ => continue,
        };
        let names: Vec<&str> = columns.iter().map(|(column, _)| column.as_str()).collect();
        let values: Vec<String> =
            columns.iter().map(|(column, is_number)| value(&table, column, *is_number)).collect();
        let sql = format!(
            "INSERT INTO {table} ({}) SELECT {} FROM {table} t, generate_series(1::bigint, {last}) AS n WHERE {of}",
            names.join(", "),
            values.join(", ")
        );
        client.batch_execute(&sql).with_context(|| format!("copying {table}: {sql}"))?;
    }
    client.batch_execute("ANALYZE")?;
    let copied: i64 = client.query_one("SELECT COUNT(*) FROM school", &[])?.get(0);
    if copied != last + 1 {
        bail!("{copied} schools were made");
    }
    Ok(())
}

/// What stands in a column of a copied row.
fn value(table: &str, column: &str, is_number: bool) -> String {
    let is_key = column == "id" || (column.ends_with("_id") && column != "traeger_id");
    match (table, column) {
        _ if is_key && is_number => format!("t.{column} + n * {APART}"),
        ("school", "name") | ("agent", "fingerprint") => format!("t.{column} || ' ' || n"),
        _ => format!("t.{column}"),
    }
}

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn told(what: &str, goal: Duration, mut work: impl FnMut() -> Result<(usize, usize)>) -> Result<bool> {
    let (mut took, mut counted) = (Vec::new(), (0, 0));
    for _ in 0..TIMES {
        let begin = Instant::now();
        counted = work()?;
        took.push(begin.elapsed());
    }
    took.sort();
    let middle = took[TIMES / 2];
    println!(
        "  {what:<48} {:>8.2} s, most {:>8.2} s, {} schools, {} answers or devices {}",
        middle.as_secs_f64(),
        took[TIMES - 1].as_secs_f64(),
        counted.0,
        counted.1,
        if middle < goal { "reached" } else { "MISSED" }
    );
    Ok(middle < goal)
}
