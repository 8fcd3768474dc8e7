//! The commands of surveys, from a file to what was frozen.

use super::Scene;
use std::{fs, path::Path};

/// A survey is checked, imported, answered, confirmed, returned, submitted and read again.
pub(super) fn are_taken_through(scene: &mut Scene, folder: &Path) {
    const ID: &str = "guetersloh-schule";
    scene.says(&["survey", "list"], &[ID, "schools", "Kreis Gütersloh"]);
    scene.refuses(
        &["survey", "answer", ID],
        "name one with --school NAME; there are Gesamtschule, Grundschule",
    );
    scene.says(&["survey", "answer", ID, "--school", "Gesamtschule"], &["\"question\":\"S4.1\""]);
    scene.refuses(
        &["survey", "answer", "guetersloh-traeger", "--school", "Gesamtschule"],
        "leave out --school",
    );
    for shipped in fs::read_dir("../inventory/surveys").unwrap().map(|file| file.unwrap().path()) {
        if shipped.extension().is_some_and(|end| end == "toml") {
            scene.says(&["survey", "check", shipped.to_str().unwrap()], &["is sound"]);
        }
    }
    let file = folder.join("umfrage.toml");
    fs::write(&file, SURVEY).unwrap();
    let file = file.to_str().unwrap();
    scene.says(&["survey", "check", file], &["'probe' in version 1 is sound"]);
    scene.says(&["survey", "import", file], &["'probe' is here in version 1"]);
    fs::write(file, SURVEY.replace("Wie viele", "Wieviele")).unwrap();
    scene.refuses(&["survey", "import", file], "version");
    let theirs = folder.join("mitgeliefert.toml");
    fs::write(&theirs, SURVEY.replace("\"probe\"", "\"overzicht-systemen\"")).unwrap();
    scene.says(&["survey", "import", theirs.to_str().unwrap()], &["in place of the one of that id"]);
    fills_a_form(scene, folder);
    let run = |what| ["survey", "run", what];
    let by = ["--by", "Frau Beispiel"];
    let school = ["--school", "Gesamtschule"];
    let with = |parts: &[&[&'static str]]| parts.concat();
    scene.says(
        &with(&[&run("open"), &["probe"], &school, &by]),
        &["Run 1: the survey 'probe' is open for 1 schools"],
    );
    scene.says(&with(&[&run("confirm"), &["1"], &school, &by]), &["Gesamtschule: confirmed"]);
    let note = ["--note", "Bitte Raum 3 ergänzen"];
    scene.says(&with(&[&run("return"), &["1"], &school, &note, &by]), &["Gesamtschule: returned"]);
    scene.says(&run("list"), &["Run 1 probe", "Gesamtschule: returned Bitte Raum 3 ergänzen"]);
    scene.refuses(&with(&[&run("submit"), &["1"], &by]), "not every school has handed in");
    scene.says(&with(&[&run("confirm"), &["1"], &school, &by]), &["Gesamtschule: confirmed"]);
    scene.refuses(&with(&[&run("submit"), &["1"]]), "--by NAME");
    scene.says(&with(&[&run("submit"), &["1"], &by]), &["Run 1 is submitted: 1 schools are frozen"]);
    scene.says(&with(&[&run("frozen"), &["1"]]), &["\"submitted_by\":\"Frau Beispiel\"", "\"whole\":true"]);
}

/// The issuer's own workbook is filled, or refused with the reason.
fn fills_a_form(scene: &mut Scene, folder: &Path) {
    let form = |name: &str, file: &str| {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet().set_name("Bogen").unwrap();
        book.define_name(name, "=Bogen!$B$2").unwrap();
        let path = folder.join(file);
        book.save(&path).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (good, bad) = (form("Rundgang_P1", "vordruck.xlsx"), form("Rundgang_P2", "fremd.xlsx"));
    let filled = folder.join("ausgefuellt.xlsx");
    let ask = ["survey", "answer", "probe", "--school", "Gesamtschule"];
    let with = |template: &str| [&ask[..], &["--format", "xlsx", "--template", template]].concat().join("\n");
    let line = with(&good);
    let mut arguments: Vec<&str> = line.lines().collect();
    arguments.extend(["--out", filled.to_str().unwrap()]);
    scene.says(&arguments, &[]);
    assert!(fs::read(&filled).unwrap().starts_with(b"PK"));
    let line = with(&bad);
    scene.refuses(
        &line.lines().collect::<Vec<_>>(),
        "the survey has nothing for these names of the template: Rundgang_P2",
    );
    scene.refuses(&[&ask[..], &["--template", &good]].concat(), "add --format xlsx");
}

/// A survey of one question.
const SURVEY: &str = r#"
id = "probe"
version = 1
issuer = "Kreis Beispiel"
unit = "school"
title = { de = "Probe", en = "Trial", nl = "Proef" }
[[question]]
id = "P1"
text = { de = "Wie viele Tafeln gibt es?", en = "How many boards?", nl = "Hoeveel borden?" }
from = ["machine"]
answer = "number"
formula = "count(asset where kind = board)"
"#;
