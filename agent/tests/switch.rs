//! Pause and resume from the command line, and a box that is not enrolled: each says what it did or what to do.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::{
    path::Path,
    process::{Command, Output},
};

fn agent(arguments: &[&str], state: &Path) -> Output {
    let program = env!("CARGO_BIN_EXE_rundgang-agent");
    Command::new(program).args(arguments).arg("--state").arg(state).output().expect("the agent")
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[test]
fn the_brake_works_before_there_is_an_agent() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let paused = agent(&["pause"], &state);
    assert!(paused.status.success(), "{}", text(&paused.stderr));
    assert!(text(&paused.stdout).contains("no packet goes out"));
    assert!(state.join("pause").exists());
    let resumed = agent(&["resume"], &state);
    assert!(resumed.status.success() && text(&resumed.stdout).contains("Not paused any more"));
    assert!(!state.join("pause").exists());
}

#[test]
fn resuming_in_a_wrong_folder_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let output = agent(&["resume"], &folder.path().join("elsewhere"));
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("--state DIR"), "{}", text(&output.stderr));
}

#[test]
fn a_box_that_is_not_enrolled_is_told_how() {
    let folder = tempfile::tempdir().unwrap();
    let output = agent(&["run"], folder.path());
    assert!(!output.status.success());
    let told = text(&output.stderr);
    let told = told.lines().last().unwrap_or_default();
    assert!(told.contains("rundgang-agent enrol"), "{told}");
    assert!(told.matches("os error").count() <= 1, "{told}");
}
