//! Accounts, as a person opens, invites, closes and deletes them at the collector.

use super::Scene;
use std::{fs, path::Path};

pub(super) fn are_let_in(scene: &mut Scene) {
    let head = ["accounts", "--open", "K.Beispiel", "--name", "Karl", "--role", "head"];
    scene.refuses(&head, "--school");
    scene.says(&[&head[..], &["--school", "Grundschule"]].concat(), &["Give Karl", "/einladung/"]);
    scene.refuses(&[&head[..], &["--school", "Grundschule"]].concat(), "this name is taken");
    let firm = ["accounts", "--open", "firma", "--name", "Firma", "--role", "provider"];
    scene.refuses(&firm, "provider: must not be empty");
    scene.says(&["accounts", "--invite", "k.beispiel"], &["Give Karl", "once"]);
    scene.says(&["accounts"], &["k.beispiel", "head", "no password yet", "Grundschule"]);
    scene.says(&["accounts", "--close", "k.beispiel"], &["closed"]);
    scene.refuses(&["accounts", "--invite", "k.beispiel"], "is closed: open it first");
    scene.says(
        &["accounts", "--reopen", "k.beispiel", "--json"],
        &["\"closed_at\":null", "\"role\":\"head\""],
    );
    scene.refuses(&["accounts", "--remove", "k.beispiel"], "is open: close it first");
    scene.says(&["accounts", "--close", "k.beispiel"], &["closed"]);
    scene.says(&["accounts", "--remove", "k.beispiel"], &[]);
    scene.refuses(&["accounts", "--close", "k.beispiel"], "there is no account 'k.beispiel'");
}

/// By a provider of identities that the Träger names.
pub(super) fn are_proven_elsewhere(scene: &mut Scene) {
    let alone = ["with their passwords here alone"];
    scene.says(&["sign-in"], &alone);
    let open =
        ["accounts", "--open", "a.beispiel", "--name", "Anna", "--role", "head", "--school", "Grundschule"];
    scene.says(&open, &["Give Anna"]);
    let named = ["--client", "rundgang", "--name", "Schulportal"];
    let plain = ["sign-in", "--issuer", "http://idm.kreis.example"];
    scene.refuses(&[&plain[..], &named].concat(), "issuer");
    let issuer = ["sign-in", "--issuer", "https://idm.kreis.example"];
    let told = "may sign in with Schulportal (https://idm.kreis.example, client rundgang)";
    scene.says(&[&issuer[..], &named].concat(), &[told]);
    let whom = ["sign-in", "--account", "a.beispiel", "--email", "anna@kreis.example"];
    scene.says(&whom, &[told, "a.beispiel", "awaits anna@kreis.example"]);
    scene.says(&["sign-in", "--account", "a.beispiel", "--subject", "4711"], &["a.beispiel", "4711"]);
    scene.refuses(&["sign-in", "--account", "niemand", "--subject", "1"], "there is no account 'niemand'");
    scene.says(&["sign-in", "--issuer", ""], &alone);
}

/// A school takes its book along, and is deleted here by its whole name.
pub(super) fn leave_with_their_school(scene: &mut Scene, folder: &Path) {
    let file = folder.join("grundschule.zip");
    let leave = ["leave", "--school", "Grundschule"];
    let out = file.to_str().expect("a name");
    scene.says(&[&leave[..], &["--out", out]].concat(), &[out]);
    assert!(fs::read(&file).expect("the file").starts_with(b"PK"));
    scene.refuses(
        &[&leave[..], &["--delete", "Gesamtschule"]].concat(),
        "this school is called 'Grundschule'",
    );
    scene
        .says(&[&leave[..], &["--delete", "Grundschule"]].concat(), &["The school 'Grundschule' is deleted"]);
    scene.refuses(&[&leave[..], &["--out", out]].concat(), "there is no school 'Grundschule'");
}
