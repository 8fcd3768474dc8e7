//! One Träger among several is exported and deleted: all of it goes, and the others keep every row of every table.

use super::school::day;
use crate::{Cell, Store, Traeger, migrate, store::cells};
use std::collections::BTreeMap;

/// A Träger with one row of invented words in every table there is.
fn filled(store: &Store, name: &str) -> Traeger {
    let traeger = store.ensure_traeger(name, day(0)).expect("a Träger");
    fill(&traeger, name, 1000 * traeger.id);
    traeger
}

/// Where a number leads that no table is named for in its definition.
fn leads_to(column: &str) -> Option<&'static str> {
    Some(match column {
        "school_id" => "school",
        "agent_id" => "agent",
        "key_id" => "identity_key",
        "word_id" => "search_word",
        "document_id" => "search_document",
        "system_id" => "documented_system",
        "room_id" => "room",
        "recipient" => "account",
        _ => return None,
    })
}

/// Enters one row of invented words, which hangs together with the others, into every table there is, so that a table that
/// is added is looked at as well. Other numbers begin at `from`. Returns the number of the school.
pub(super) fn fill(traeger: &Traeger, name: &str, from: i64) -> i64 {
    let mut ids: BTreeMap<&str, i64> = BTreeMap::new();
    for table in migrate::all_traeger_tables().chain(["directory"]) {
        let own: Vec<_> = migrate::definitions_of(table)
            .into_iter()
            .filter(|(column, definition)| *column != "traeger_id" && *definition != "{id}")
            .collect();
        let cell = |(nth, (column, definition)): (usize, &(&str, &str))| {
            let referred = definition.split_once("REFERENCES ").and_then(|(_, rest)| rest.split(' ').next());
            match (table, *column, referred.or_else(|| leads_to(column))) {
                ("directory", "kind", _) => "agent".into(),
                ("directory", "key", _) => format!("{name} fingerprint").into(),
                ("dispatch", "kind", _) => "digest".into(),
                (_, _, Some(to)) => Cell::Int(ids[to]),
                _ if definition.starts_with("TEXT") => Cell::from(format!("{name} {column}")),
                _ => Cell::Int(from + i64::try_from(nth).expect("a small number")),
            }
        };
        let row: Vec<Cell> = own.iter().enumerate().map(cell).collect();
        let columns: Vec<&str> = own.iter().map(|(column, _)| *column).collect();
        let places: Vec<String> = (2..).take(own.len()).map(|place| format!("${place}")).collect();
        let has_number = migrate::columns_of(table).contains(&"id");
        let sql = format!(
            "INSERT INTO {table} (traeger_id, {}) VALUES ($1, {}){}",
            columns.join(", "),
            places.join(", "),
            if has_number { " RETURNING id" } else { "" }
        );
        traeger
            .write(|tx| {
                if has_number {
                    ids.insert(table, tx.insert(&sql, &row)?);
                    return Ok(());
                }
                tx.execute(&sql, &row).map(drop)
            })
            .unwrap_or_else(|error| panic!("{table}: {error}"));
    }
    ids["school"]
}

/// The rows of each table.
pub(super) fn counted(traeger: &Traeger) -> BTreeMap<&'static str, i64> {
    let count = |table: &'static str| {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE traeger_id = $1");
        let rows = traeger.read(|tx| tx.first(&sql, cells![], |row| row.int(0))).expect("a count");
        (table, rows.expect("a number"))
    };
    migrate::all_traeger_tables().chain(["directory"]).map(count).collect()
}

pub(super) fn one_traeger_among_several_is_deleted_whole(store: &Store) {
    let [a, b, c] = ["Kreis A", "Kreis B", "Kreis C"].map(|name| filled(store, name));
    let before = [&a, &c].map(|traeger| (counted(traeger), traeger.export().expect("an export")));
    assert!(counted(&b).values().all(|rows| *rows == 1), "{:?}", counted(&b));
    assert!(b.remove_whole("Kreis C").is_err(), "a slip of the pen deletes nobody");
    assert!(counted(&b).values().all(|rows| *rows == 1));
    let gone = b.remove_whole("Kreis B").expect("deleted");
    assert_eq!(gone.len(), counted(&b).len());
    assert!(gone.iter().all(|(_, rows)| *rows == 1), "{gone:?}");
    assert!(counted(&b).values().all(|rows| *rows == 0), "{:?}", counted(&b));
    let names: Vec<String> = store.all_traeger().expect("all").into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["Kreis A", "Kreis C"]);
    let after = [&a, &c].map(|traeger| (counted(traeger), traeger.export().expect("an export")));
    assert_eq!(before, after, "the others keep every row");
    assert!(before[0].0.values().all(|rows| *rows == 1));
    assert!(b.remove_whole("Kreis B").is_err(), "gone is gone");
    // The name may be entered again, and finds nothing of before.
    let anew = store.ensure_traeger("Kreis B", day(1)).expect("a Träger");
    assert!(anew.id != b.id && counted(&anew).values().all(|rows| *rows == 0));
}

pub(super) fn an_export_holds_one_traeger_and_nothing_of_another(store: &Store) {
    let [a, b] = ["Kreis A", "Kreis B"].map(|name| filled(store, name));
    let export = a.export().expect("an export");
    let tables = export.as_object().expect("tables");
    for table in migrate::all_traeger_tables() {
        let rows = tables.get(table).and_then(|rows| rows.as_array()).map(Vec::len);
        // What proves who somebody is opens nothing elsewhere and is nobody's data to carry along.
        assert_eq!(rows, (!table.ends_with("_secret")).then_some(1), "{table}");
    }
    assert!(!export.to_string().contains("Kreis B"));
    assert!(b.export().expect("an export").to_string().contains("Kreis B"));
}
