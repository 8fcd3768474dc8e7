//! Commands that read the book: they make none, and enter nobody by a slip of the pen.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use rundgang_inventory::Timestamp;
use rundgang_store::Store;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output},
};

fn collector(arguments: &[&str], data: &Path) -> Output {
    let program = env!("CARGO_BIN_EXE_rundgang-collector");
    Command::new(program).args(arguments).arg("--data").arg(data).output().expect("the collector")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn book(folder: &Path) -> Store {
    let store = Store::sqlite(&folder.join("rundgang.sqlite")).unwrap();
    store.ensure_traeger("Kreis Beispiel", Timestamp(0)).unwrap();
    store
}

#[test]
fn a_wrong_folder_is_refused_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("nowhere");
    for arguments in [
        &["assets", "--json"][..],
        &["findings", "--json"],
        &["agents"],
        &["rebuild"],
        &["survey", "answer", "katalog"],
        &["invite", "--school", "Gesamtschule"],
        &["approve", "1"],
    ] {
        for data in [folder.path(), absent.as_path()] {
            let output = collector(arguments, data);
            assert!(!output.status.success(), "{arguments:?}");
            let told = told(&output);
            assert!(told.contains("there is no book in"), "{arguments:?}: {told}");
            assert_eq!(told.lines().count(), 1, "{told}");
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn papers_under_another_name_enter_no_second_traeger() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let out = folder.path().join("papers");
    let out = out.to_str().unwrap();
    let written = collector(&["papers", "--traeger", "Landkreis Muster", "--out", out], folder.path());
    assert!(written.status.success(), "{}", told(&written));
    let record = fs::read_to_string(Path::new(out).join("1-verzeichnis-art-30.md")).unwrap();
    assert!(record.contains("Landkreis Muster"), "the name that was asked for");
    let names: Vec<_> = store.all_traeger().unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["Kreis Beispiel"]);
    assert!(collector(&["agents"], folder.path()).status.success());
}

#[test]
fn an_unknown_traeger_is_named_with_those_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let output = collector(&["assets", "--traeger", "Kreis Biespiel"], folder.path());
    assert!(!output.status.success());
    let told = told(&output);
    assert!(told.contains("'Kreis Biespiel'") && told.contains("Kreis Beispiel"), "{told}");
    assert_eq!(store.all_traeger().unwrap().len(), 1);
}

#[test]
fn a_book_is_readable_by_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let _store = book(folder.path());
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
    }
}

#[test]
fn a_refusal_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        collector(&["serve", "--grpc", "127.0.0.1:0", "--web", "127.0.0.1:0"], Path::new("/proc/nowhere"));
    assert!(!output.status.success());
    let told = told(&output);
    assert_eq!(told.matches("os error").count(), 1, "{told}");
    drop(folder);
}

#[test]
fn a_school_leaves_with_its_file_and_the_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let traeger = book(folder.path()).ensure_traeger("Kreis Beispiel", Timestamp(0)).unwrap();
    for name in ["Nordschule", "Südschule"] {
        let new = rundgang_store::NewSchool { name: name.to_owned(), ..Default::default() };
        traeger.ensure_school(&new, Timestamp(0)).unwrap();
    }
    let file = folder.path().join("nord.zip");
    let out = file.to_str().unwrap();
    let written = collector(&["leave", "--school", "Nordschule", "--out", out], folder.path());
    assert!(written.status.success(), "{}", told(&written));
    let bytes = fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"PK") && bytes.windows(9).any(|part| part == b"book.json"));
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let slip = collector(&["leave", "--school", "Nordschule", "--delete", "Südschule"], folder.path());
    assert!(
        !slip.status.success() && told(&slip).contains("this school is called 'Nordschule'"),
        "{}",
        told(&slip)
    );
    let gone = collector(&["leave", "--school", "Nordschule", "--delete", "Nordschule"], folder.path());
    assert!(gone.status.success(), "{}", told(&gone));
    let names: Vec<_> = traeger.schools().unwrap().into_iter().map(|school| school.entered.name).collect();
    assert_eq!(names, ["Südschule"]);
    let again = collector(&["leave", "--school", "Nordschule", "--out", out], folder.path());
    assert!(!again.status.success(), "gone is gone");
}
