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

/// `explain` tells what the daemon would send, and that depends on the credentials that lie on the box.
#[test]
fn what_is_explained_follows_the_credentials_on_the_box() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (scope, credentials) = (path("scope.toml"), path("credentials.toml"));
    let network = "[[network]]\nname = \"A\"\nnetwork = \"10.1.0.0/24\"\nauthorised_by = \"T\"\nlegal_basis = \"G\"\nstaff_council = \"2026-09-01\"\n";
    std::fs::write(&scope, network).unwrap();
    let explain =
        || agent(&["explain", "--scope-file", &scope, "--credentials", &credentials], folder.path());
    let without = text(&explain().stdout);
    assert!(without.contains("SNMP credentials: none") && without.contains("public: not tried"), "{without}");
    assert!(!without.contains("To UDP 161"), "{without}");
    let content = "check_public_community = true\n[[snmp]]\nlabel = \"Switche\"\nnetworks = [\"10.1.0.0/25\"]\ncommunity = \"geheim77\"\n";
    std::fs::write(&credentials, content).unwrap();
    std::fs::set_permissions(&credentials, std::fs::Permissions::from_mode(0o640)).unwrap();
    let told = text(&explain().stdout);
    for words in ["SNMP credential 'Switche': only to 10.1.0.0/25.", "public: tried", "To UDP 161"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("geheim77"), "a secret is shown");
    std::fs::write(&credentials, "[[snmp]]\nlable = 1\n").unwrap();
    let refused = explain();
    assert!(
        !refused.status.success() && text(&refused.stderr).contains("credentials.toml"),
        "as run refuses it"
    );
}
