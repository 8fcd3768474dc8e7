//! A school takes its whole book along in one file, nothing of another school stands in it, and then it is deleted here.

use crate::accounts::{enter, open};
use crate::sample::NOW;
use crate::site::{Site, location, site};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use rundgang_inventory::Role;
use rundgang_store::{DocumentedSystem, NewSchool, Traeger};
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use tower::ServiceExt as _;

/// The files of an archive.
fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    (0..archive.len())
        .map(|at| {
            let mut file = archive.by_index(at).expect("a file");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("its bytes");
            (file.name().expect("a name").into_owned(), bytes)
        })
        .collect()
}

/// Everything that stands in an archive, workbook included, as one text.
fn all_text(bytes: &[u8]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let of = |(name, bytes): (&String, &Vec<u8>)| match name.ends_with(".xlsx") {
        true => unpacked(bytes).values().map(|part| text(part)).collect::<String>(),
        false => text(bytes),
    };
    unpacked(bytes).iter().map(of).collect()
}

/// Documents something in a school under a name that a spreadsheet would take for a formula.
fn document(traeger: &Traeger, school: i64, mark: &str) {
    let system = DocumentedSystem {
        school,
        name: format!("=HYPERLINK(\"http://x\";\"{mark}\")"),
        notes: format!("Merkzeichen {mark}"),
        ..DocumentedSystem::default()
    };
    traeger.save_system(&system, mark, NOW).expect("a system");
}

async fn download(site: &Site, path: &str) -> (StatusCode, Vec<u8>) {
    let request = Request::get(path).header("host", "localhost:8080").body(Body::empty()).expect("a request");
    let answer = site.router.clone().oneshot(request).await.expect("an answer");
    (answer.status(), to_bytes(answer.into_body(), 20_000_000).await.expect("a body").to_vec())
}

#[tokio::test]
async fn a_school_takes_its_book_along_and_is_deleted() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let foreign = site.store.ensure_traeger("Kreis Anderswo", NOW).expect("another Träger");
    let elsewhere = NewSchool { name: "Schule Anderswo".into(), ..NewSchool::default() };
    let elsewhere = foreign.ensure_school(&elsewhere, NOW).expect("a school");
    document(&traeger, 1, "Nordstern");
    document(&traeger, 2, "Suedwind");
    document(&foreign, elsewhere, "Ostsee");
    let beside = traeger.export_school(2).expect("an export");

    let (status, bytes) = download(&site, "/schule/1/mitnehmen.zip").await;
    assert_eq!(status, StatusCode::OK);
    let files = unpacked(&bytes);
    let csv = |name: &str| String::from_utf8(files[&format!("csv/{name}.csv")].clone()).expect("UTF-8");
    for name in
        ["schools", "rooms", "systems", "devices", "findings", "findings-history", "answers", "audit-log"]
    {
        assert!(csv(name).lines().count() > 1 || name == "answers", "{name}: {}", csv(name));
    }
    assert!(csv("kept").contains("Grund"), "what is kept against devices, with the reason");
    assert!(csv("systems").contains("\"'=HYPERLINK"), "no cell is a formula");
    let sheets = unpacked(&files["book.xlsx"]);
    let formulas = sheets.values().filter(|part| String::from_utf8_lossy(part).contains("<f>")).count();
    assert_eq!(formulas, 0, "nor in the workbook");
    let readme = String::from_utf8(files["README.txt"].clone()).expect("UTF-8");
    let name = traeger.school(1).expect("the school").entered.name;
    assert!(readme.contains(&name) && readme.contains("csv/"), "{readme}");
    let whole: serde_json::Value = serde_json::from_slice(&files["book.json"]).expect("JSON");
    assert_eq!(whole["tables"]["school"].as_array().map(Vec::len), Some(1));
    assert_eq!(whole["delete_after"], NOW.plus_days(30).date());
    let text = all_text(&bytes);
    let other = traeger.school(2).expect("the school").entered.name;
    assert!(text.contains("Nordstern"));
    for word in ["Suedwind", "Ostsee", "Kreis Anderswo", &other] {
        assert!(!text.contains(word), "{word} stands in the file of another school");
    }
    assert_eq!(download(&site, &format!("/schule/{elsewhere}/mitnehmen.zip")).await.0, StatusCode::NOT_FOUND);

    let csrf = site.csrf().await;
    let slip = site.post("/schule/1/mitnehmen", &[("csrf", &csrf), ("name", &other)]).await;
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(slip.text.contains("Nichts wurde gelöscht"), "{}", slip.text);
    assert_eq!(site.get("/schule/1").await.status, StatusCode::OK);
    let gone = site.post("/schule/1/mitnehmen", &[("csrf", &csrf), ("name", &name)]).await;
    assert_eq!((gone.status, location(&gone)), (StatusCode::SEE_OTHER, "/?ok=school-removed"));
    assert!(site.get("/?ok=school-removed").await.text.contains("Die Schule ist gelöscht"));
    assert_eq!(site.get("/schule/1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/schule/2").await.status, StatusCode::OK);
    assert!(!site.get("/suche?q=Nordstern").await.text.contains("HYPERLINK"), "the search forgets it");
    let after = traeger.export_school(2).expect("an export");
    // What was looked up on the word of the school that left falls with it.
    let moved = |table: &str| ["domain", "finding", "finding_event"].contains(&table);
    for (table, rows) in beside.as_object().expect("tables").iter().filter(|(table, _)| !moved(table)) {
        assert_eq!(rows, &after[table], "the school beside it keeps every row: {table}");
    }
}

#[tokio::test]
async fn whoever_belongs_to_a_school_that_left_is_out() {
    let site = site(Some("a long enough token here"));
    open(&site, "koordination", Role::Coordinator, Some(1), "");
    let cookie = enter(&site, "koordination").await;
    assert_eq!(site.get_as("/schule/1", &cookie).await.status, StatusCode::OK);
    let traeger = site.store.traeger(site.traeger);
    let name = traeger.school(1).expect("the school").entered.name;
    traeger.remove_school(1, &name, "T", NOW).expect("deleted");
    let answer = site.get_as("/schule/1", &cookie).await;
    assert!(location(&answer).starts_with("/anmelden"), "{} {}", answer.status, location(&answer));
}
