//! A school among several leaves: its file holds all of it and nothing else, and the schools beside it stay whole.

use super::{
    domains::{DOMAIN, audited, beside, is_open, say},
    removal::{counted, fill},
    school::{School, day, device},
};
use crate::{
    DocumentedSystem, NewSchool, Store, Traeger,
    leaving::{rows_deleted, rows_of_school, rows_taken},
    migrate,
    store::cells,
};
use rundgang_inventory::{Timestamp, Value, vocabulary};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// What belongs to no school.
const OF_THE_TRAEGER: [&str; 5] = ["deletion_proof", "list", "offer", "survey_file", "survey_run"];

/// Two schools of one Träger with a row in every table each.
fn two(store: &Store) -> (Traeger, [i64; 2]) {
    let traeger = store.ensure_traeger("Kreis A", day(0)).expect("a Träger");
    let schools = [("Nordschule", 1000), ("Suedschule", 2000)].map(|(name, from)| fill(&traeger, name, from));
    (traeger, schools)
}

fn rows(export: &Json, table: &str) -> Option<usize> {
    export[table].as_array().map(Vec::len)
}

pub(super) fn a_school_takes_its_rows_along_and_no_others(store: &Store) {
    let (traeger, schools) = two(store);
    let export = traeger.export_school(schools[0]).expect("an export");
    let whole = traeger.export().expect("an export");
    for table in migrate::all_traeger_tables() {
        let expected = rows_taken(table).map(|_| 1);
        assert_eq!(rows(&export, table), expected, "{table}");
        if let Some(row) = export[table].as_array().and_then(|rows| rows.first()) {
            assert!(whole[table].as_array().is_some_and(|rows| rows.contains(row)), "{table}");
        }
    }
    let text = export.to_string();
    assert!(text.contains("Nordschule notes") && !text.contains("Suedschule"));
    // What lets somebody in, and counts of private devices, stay behind.
    for word in ["token_hash", "password_hash", "totp_secret", "Nordschule login"] {
        assert!(!text.contains(word), "{word}");
    }
    for table in
        ["documented_system", "room", "finding_event", "decision", "answer", "survey_frozen", "audit_log"]
    {
        assert_eq!(rows(&export, table), Some(1), "{table}");
    }
    let foreign = store.ensure_traeger("Kreis B", day(0)).expect("a Träger");
    assert!(foreign.export_school(schools[0]).expect_err("not theirs").is_not_found());
    assert!(
        foreign
            .remove_school(schools[0], "Nordschule name", "K", day(1))
            .expect_err("not theirs")
            .is_not_found()
    );
}

/// How many rows of a table a condition on a school finds.
fn found(traeger: &Traeger, table: &str, own: &str, school: i64) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE traeger_id = $1 AND {own}");
    let rows = traeger.read(|tx| tx.first(&sql, cells![school], |row| row.int(0))).expect("a count");
    rows.expect("a number")
}

pub(super) fn every_row_of_a_school_goes_and_no_other(store: &Store) {
    let (traeger, schools) = two(store);
    let none: BTreeSet<&str> =
        migrate::all_traeger_tables().filter(|table| rows_of_school(table).is_none()).collect();
    assert_eq!(none, OF_THE_TRAEGER.into(), "a new table says whose its rows are");
    let before = counted(&traeger);
    assert!(before.values().all(|rows| *rows == 2), "{before:?}");
    let slip = traeger.remove_school(schools[0], "Suedschule name", "K", day(1));
    assert!(slip.is_err() && counted(&traeger) == before, "a slip of the pen deletes nothing");
    let gone = traeger.remove_school(schools[0], "Nordschule name", "K", day(1)).expect("deleted");
    let mut expected = before;
    for table in migrate::all_traeger_tables() {
        let Some(own) = rows_deleted(table) else { continue };
        assert_eq!(
            (found(&traeger, table, &own, schools[0]), found(&traeger, table, &own, schools[1])),
            (0, 1),
            "{table}"
        );
        expected.insert(table, 1);
    }
    expected.insert("directory", 1);
    assert_eq!(gone, expected.values().filter(|rows| **rows == 1).count() as u64);
    // The proof of the deletion, and who did it.
    expected.extend([("deletion_proof", 3), ("audit_log", 2)]);
    assert_eq!(counted(&traeger), expected);
    let log = traeger.audit_log(&format!("school {}", schools[0])).expect("the log");
    assert_eq!(
        (log[0].what.as_str(), log[0].before.as_str(), log[0].who.as_str()),
        ("delete", "Nordschule name", "K")
    );
    let proof = traeger.deletion_proofs(day(1)).expect("proofs").remove(0);
    assert_eq!((proof.what.as_str(), u64::try_from(proof.rows).ok()), ("school", Some(gone)));
    // What was submitted stays sealed, and says that its devices are gone.
    let marked = "deleted_at = $2 AND frozen_id IN (SELECT id FROM survey_frozen WHERE traeger_id = $1)";
    let sql = format!("SELECT COUNT(*) FROM survey_evidence WHERE traeger_id = $1 AND {marked}");
    let rows = traeger.read(|tx| tx.first(&sql, cells![day(1)], |row| row.int(0))).expect("a count");
    assert_eq!(rows, Some(0), "what was marked before keeps its day");
    assert!(
        traeger.remove_school(schools[0], "Nordschule name", "K", day(2)).expect_err("gone").is_not_found()
    );
}

/// Everything of one school.
fn state(school: &School) -> BTreeMap<String, Json> {
    let all = school.traeger.export_school(school.id).expect("an export");
    let sorted = |(table, rows): (&String, &Json)| {
        let mut rows = rows.as_array().expect("rows").clone();
        rows.sort_by_key(ToString::to_string);
        (table.clone(), Json::Array(rows))
    };
    all.as_object().expect("tables").iter().map(sorted).collect()
}

/// A school in which a board is documented, and that shares its domain.
fn lived_in(school: &mut School, now: Timestamp) {
    let board = device("10.0.0.7", "00:26:ab:11:22:33").says(&vocabulary::HOST_FOUND_BY, Value::text("arp"));
    school.walk(&[board], now, &["sweep"]);
    let system = DocumentedSystem {
        school: school.id,
        name: format!("Tafel {}", school.id),
        asset: school.asset_ids().first().copied(),
        ..DocumentedSystem::default()
    };
    school.traeger.save_system(&system, "K", now).expect("a system");
}

pub(super) fn the_school_beside_it_is_as_if_it_had_never_been(store: &Store) {
    let mut leaver = School::new(store);
    let mut stays = beside(store, &leaver);
    let traeger = leaver.traeger.clone();
    [&mut leaver, &mut stays].into_iter().for_each(|school| lived_in(school, day(0)));
    let before = state(&stays);
    // Both looked at the domain; the finding stands at the one that was there first.
    say(&mut leaver, audited("mx.example", "public", day(1)), day(1));
    say(&mut stays, audited("mx.example", "public", day(1)), day(1));
    let home = |school: &School| {
        let all = traeger.findings(Some(school.id), false).expect("findings");
        all.iter().any(|finding| finding.rule == "mail.spf.missing")
    };
    assert_eq!((home(&leaver), home(&stays)), (true, false));
    // The one that stays says itself that the domain is its own.
    traeger.confirm_domain(stays.id, DOMAIN, "K", day(1)).expect("confirmed");
    let fingerprint = format!("fingerprint-{}-{}", traeger.id, leaver.agent.id);
    assert!(store.agent_by_fingerprint(&fingerprint).expect("a look").is_some());
    let name = traeger.school(leaver.id).expect("the school").entered.name;
    traeger.remove_school(leaver.id, &name, "K", day(2)).expect("deleted");
    assert!(home(&stays) && is_open(&stays, "mail.spf.missing"), "what is wrong is told where it stands now");
    let after = state(&stays);
    for table in ["documented_system", "asset", "asset_identity", "stands_for", "room", "setting", "school"] {
        assert_eq!(before[table], after[table], "{table}");
    }
    traeger.rebuild(stays.id, day(2)).expect("a rebuild");
    for (table, rows) in state(&stays) {
        assert_eq!(rows, after[&table], "a rebuild equals what stayed: {table}");
    }
    // The box that is left behind is nobody's.
    assert!(store.agent_by_fingerprint(&fingerprint).expect("a look").is_none());
    leaver.agent.sequence += 1;
    let said = traeger.append_batch(leaver.id, leaver.agent.id, leaver.agent.sequence, &[], day(3));
    assert!(said.expect_err("no such school").is_not_found());
    // The number is never given again.
    let new = NewSchool { name, ..NewSchool::default() };
    let anew = traeger.ensure_school(&new, day(3)).expect("a school");
    assert!(anew > stays.id && traeger.assets(Some(anew), 0, 10).expect("assets").is_empty());
}

pub(super) fn the_sums_of_a_school_go_with_it(store: &Store) {
    let mut leaver = School::new(store);
    let mut stays = beside(store, &leaver);
    let traeger = leaver.traeger.clone();
    [&mut leaver, &mut stays].into_iter().for_each(|school| lived_in(school, day(0)));
    let own = |table: &str, school: i64| found(&traeger, table, "school_id = $2", school);
    for table in ["school_sum", "finding_sum"] {
        assert!(own(table, leaver.id) > 0 && own(table, stays.id) > 0, "{table} is filled");
    }
    let told = |day_now: i64| {
        let lines = traeger.overview(day(day_now)).expect("an overview").schools;
        lines.into_iter().map(|line| (line.id, line.assets, line.systems)).collect::<Vec<_>>()
    };
    let of_stays: Vec<_> = told(1).into_iter().filter(|line| line.0 == stays.id).collect();
    assert_eq!((told(1).len(), of_stays.len()), (2, 1));
    let name = traeger.school(leaver.id).expect("the school").entered.name;
    traeger.remove_school(leaver.id, &name, "K", day(2)).expect("deleted");
    for table in ["school_sum", "finding_sum"] {
        assert_eq!(own(table, leaver.id), 0, "{table} of the school that left");
    }
    assert!(traeger.sums_hold().expect("sums"), "the others' sums are what is counted");
    assert_eq!(told(2), of_stays, "and the overview counts no more than them");
    // Nothing that is done afterwards brings them back.
    traeger.check_all_rules(day(3)).expect("checked");
    traeger.rebuild(stays.id, day(3)).expect("rebuilt");
    assert_eq!((own("school_sum", leaver.id), own("finding_sum", leaver.id)), (0, 0));
    assert_eq!(told(3).len(), 1);
}
