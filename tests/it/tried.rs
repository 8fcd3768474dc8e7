//! What a new user does with a network of their own, in the simulated school: `try --scope`, and `walk` in a terminal.

use crate::lab::{
    description, nothing_forbidden_was_sent, people_are_not_told, program, the_pace_was_kept, turn,
};
use rundgang_tests::{
    school::{
        School,
        capture::{Busiest, Capture},
        play,
    },
    skip::skip,
};
use serde_json::Value;

#[test]
fn a_new_user_sees_the_school_and_nobody_in_it() {
    if let Some(reason) = play::cannot_play() {
        return skip("tried::a_new_user_sees_the_school", &reason);
    }
    let school = description();
    let _turn = turn();
    let guard = play::Guard(play::up(&school).expect("the school comes up"));
    a_try_walks_the_network_it_was_given(&school, &guard.0);
    a_walk_in_a_terminal_shows_progress_and_a_table(&school, &guard.0);
    nothing_forbidden_was_sent(&school, &guard, 1);
}

fn a_try_walks_the_network_it_was_given(school: &School, running: &play::Running) {
    let data = running.folder.join("try").display().to_string();
    let of_try = ["try", "--once", "--no-example", "--scope", &school.network, "--class", "mixed"];
    let more = ["--domain", "luecken.example", "--data", &data];
    let capture = Capture::begin(school, running).expect("a capture");
    let mut command = running.command("agent", program("rundgang-collector"));
    let output = command.args(of_try).args(more).output().expect("the collector runs");
    let wire = Busiest::of(&capture.end().expect("what was captured"));
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains(&school.network) && !said.contains("Beispielschule"), "{said}");
    people_are_not_told(school, &said);
    the_pace_was_kept(&wire);

    let kept = format!("{data}/collector");
    let lines = |what: &str| -> Vec<Value> {
        let mut command = running.command("agent", program("rundgang-collector"));
        let output = command.args([what, "--json", "--data", &kept]).output().expect("the collector runs");
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
    };
    let assets = lines("assets");
    for (address, kind) in [("10.20.0.20", "printer"), ("10.20.0.40", "board"), ("10.20.0.41", "projector")] {
        let there =
            assets.iter().filter(|asset| asset["address"] == address && asset["kind"] == kind).count();
        assert_eq!(there, 1, "{kind} {address} among {assets:?}");
    }
    let gaps = lines("findings");
    for rule in [
        "mail.spf.missing",
        "mail.dkim.missing",
        "mail.dmarc.missing",
        "projector.no-password",
        "tls.expired",
    ] {
        assert!(gaps.iter().any(|gap| gap["finding"] == rule), "{rule} among {gaps:?}");
    }
}

/// In a terminal of its own (script(1)): one line that moves, then a table, and of people's devices a number alone.
fn a_walk_in_a_terminal_shows_progress_and_a_table(school: &School, running: &play::Running) {
    let walk = format!(
        "stty cols 120; exec {} walk --scope 10.20.0.40/29 10.20.0.64/26 --log {}",
        program("rundgang-agent").display(),
        running.folder.join("walk.log").display()
    );
    let output = running.command("agent", "script").args(["-qefc", &walk, "/dev/null"]).output();
    let output = output.expect("script(1) runs");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{shown}");
    for part in
        ["asking 10.20.0.40/29", "visiting 10.20.0.64/26", "10.20.0.41", "EB-L200F", "fewer than 10 tablet"]
    {
        assert!(shown.contains(part), "'{part}' is not in the terminal: {shown}");
    }
    people_are_not_told(school, &shown);
}
