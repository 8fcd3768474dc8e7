//! Accounts, as a person opens, invites, closes and deletes them at the collector.

use super::Scene;

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
