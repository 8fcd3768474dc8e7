//! Lists that schools have, read in and taken back by commands.

use super::Scene;
use std::{fs, path::Path};

/// A list enters after a look, is known the second time, and is taken back; the book goes out as files.
pub(super) fn are_taken_in(scene: &mut Scene, folder: &Path) {
    let file = folder.join("liste.csv");
    let list = file.to_str().unwrap().to_owned();
    let import = ["import", list.as_str()];
    let with = |more: &[&'static str]| [&import[..], more].concat();
    fs::write(&file, "Bezeichnung;Raum;Anschaffung;Passwort\nBeamer;104;31.2.2026;\nNAS;;;Sommer2026\n")
        .unwrap();
    let told = [
        "nothing was entered: 2 cells or rows do not fit",
        "row 2, column C (Anschaffung): '31.2.2026' is no day",
        "row 3, column D (Passwort): this looks like a secret",
    ];
    scene.refuses_in_lines(&import, &told);
    scene.refuses_in_lines(&with(&["--dry-run"]), &told);
    fs::write(&file, b"Was?;Raum;Seriennummer\nT\xfcrsprechanlage;104;SN-1\nBeamer;104;SN-2\n").unwrap();
    let school = ["--school", "Gesamtschule", "--mapping", "Was?=name"];
    let told = ["nothing was entered: 2 cells or rows do not fit", "row 2: ", "row 3: "];
    scene.refuses_in_lines(&with(&["--mapping", "Was?=name"]), &told);
    let look = with(&[&school[..], &["--dry-run"]].concat());
    scene.says(
        &look,
        &["A   Was?", "name=Türsprechanlage", "2 systems and 1 new rooms", "Nothing was written"],
    );
    scene.says(&["lists"], &["NUMBER"]);
    scene.says(&with(&school), &["Entered 2 systems and 1 new rooms", "rundgang-collector lists --undo 1"]);
    // What the heading means is remembered, and what stands there is known.
    scene.says(&with(&school[..2]), &["Nothing is new", "2 rows stand in the register already"]);
    let out = folder.join("buch");
    let path = |name: &str| out.join(name);
    scene.says(
        &["export", "--format", "csv", "--out", out.to_str().unwrap()],
        &["systems.csv", "devices.csv"],
    );
    let systems = fs::read_to_string(path("systems.csv")).unwrap();
    assert!(systems.contains("Türsprechanlage;;;Gesamtschule;104;"), "{systems}");
    scene.says(&["export", "--format", "xlsx", "--out", path("book.xlsx").to_str().unwrap()], &["book.xlsx"]);
    assert!(fs::read(path("book.xlsx")).unwrap().starts_with(b"PK"));
    scene.says(&["export", "--format", "json", "--out", path("book.json").to_str().unwrap()], &["book.json"]);
    let book: serde_json::Value = serde_json::from_slice(&fs::read(path("book.json")).unwrap()).unwrap();
    assert_eq!(book["list"].as_array().map(Vec::len), Some(1));
    scene.says(&["lists", "--undo", "1"], &["List 1 is taken back: 2 systems and 1 rooms"]);
    scene.says(&["lists"], &["taken back", "liste.csv"]);
    scene.refuses(&["lists", "--undo", "1"], "was taken back before");
}
