//! As an ordinary user: the walk falls back on what it may do and says what is missing, and a try works.

use crate::{lab::program, small};
use rundgang_tests::{school::play, skip::skip};
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Runs a program without any privilege.
const AS_NOBODY: [&str; 5] =
    ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"];

/// A folder that everybody can enter, with a copy of a program in it.
fn for_everybody(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("its mode");
    let copy = folder.path().join(name);
    fs::copy(program(name), &copy).expect("a copy of the program");
    (folder, copy)
}

fn text(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_walk_without_cap_net_raw_finds_hosts_and_says_what_is_missing() {
    if let Some(reason) = play::cannot_play() {
        return skip("unprivileged::a_walk_without_cap_net_raw", &reason);
    }
    let (folder, agent) = for_everybody("rundgang-agent");
    // Beside the switch one host that runs nothing.
    let school = small::school(&small::host("quiet", 4, "00:11:32:30:00:04", "nas", &[]));
    let _turn = crate::lab::turn();
    let guard = play::Guard(play::up(&school).expect("the school comes up"));
    // First without echo requests for ordinary users, as on an old system, then with.
    for range in ["1 0", "0 2147483647"] {
        let set = format!("net.ipv4.ping_group_range={range}");
        let status = guard.0.command("agent", "sysctl").args(["-q", "-w", &set]).status().expect("sysctl");
        assert!(status.success(), "{set}");
        let walk = guard
            .0
            .command("agent", AS_NOBODY[0])
            .args(&AS_NOBODY[1..])
            .arg(&agent)
            .args(["walk", "--scope", &school.network, "--class", "infrastructure", "--json", "--log"])
            .arg(folder.path().join("no/such/log"))
            .output();
        let (out, errors) = text(&walk.expect("the agent runs"));
        for (address, mac) in [("10.30.0.3", "00:16:b9:30:00:03"), ("10.30.0.4", "00:11:32:30:00:04")] {
            let line = out.lines().find(|line| line.contains(&format!("\"{address}\""))).unwrap_or_default();
            assert!(line.contains(mac), "{address} by {range}: {line}\n{out}{errors}");
        }
        assert_eq!(out.lines().filter(|line| line.contains("\"device\"")).count(), 2, "ghosts: {out}");
        let hint: Vec<_> = errors.lines().filter(|line| line.contains("CAP_NET_RAW is missing")).collect();
        assert_eq!(hint.len(), 1, "{errors}");
        assert!(
            hint[0].contains("sudo setcap cap_net_raw+ep") && hint[0].contains("/rundgang-agent"),
            "{errors}"
        );
    }
    // With the capability nothing is missing, and nothing is said.
    let walk = guard.0.command("agent", &agent).args(["walk", "--scope", &school.network]).output();
    assert!(!text(&walk.expect("the agent runs")).1.contains("CAP_NET_RAW"));
}

/// A command as nobody on a loopback of its own.
fn alone(folder: &Path, script: &str) -> Output {
    Command::new("unshare")
        .args(["--net", "sh", "-c"])
        .arg(format!(
            "ip link set lo up && cd / && exec timeout 120 {} sh -c '{script}'",
            AS_NOBODY.join(" ")
        ))
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("TMPDIR", folder)
        .output()
        .expect("a namespace")
}

#[test]
fn a_try_works_as_an_ordinary_user() {
    if let Some(reason) = play::cannot_play() {
        return skip("unprivileged::a_try_works_as_an_ordinary_user", &reason);
    }
    let (folder, collector) = for_everybody("rundgang-collector");
    let temporary = folder.path().join("tmp");
    fs::create_dir(&temporary).expect("a folder");
    fs::set_permissions(&temporary, fs::Permissions::from_mode(0o777)).expect("its mode");
    let shown = collector.display();
    let once = alone(&temporary, &format!("{shown} try --once"));
    let (out, errors) = text(&once);
    assert!(once.status.success(), "{out}{errors}");
    for part in ["Walking: this machine alone", "Beispielschule", "See all of this as pages", "--scope "] {
        assert!(out.contains(part), "'{part}' is missing: {out}");
    }
    assert_eq!(fs::read_dir(&temporary).expect("the folder").count(), 0, "something was left behind");

    let closed = folder.path().join("closed");
    fs::create_dir(&closed).expect("a folder");
    let refused = alone(&temporary, &format!("{shown} try --once --data {}", closed.display()));
    let (_, errors) = text(&refused);
    assert!(!refused.status.success() && errors.lines().count() == 1, "{errors}");
    assert!(errors.contains("closed") && errors.contains("--data DIR"), "{errors}");
    let serve = alone(&temporary, &format!("{shown} serve --data {}", closed.join("data").display()));
    let (_, errors) = text(&serve);
    assert!(!serve.status.success() && errors.contains("run as the collector"), "{errors}");
}

/// An agent that may not write its state, or not read its scope, says whose files they are to be.
#[test]
fn an_agent_without_rights_says_what_to_do() {
    if let Some(reason) = play::cannot_play() {
        return skip("unprivileged::an_agent_without_rights", &reason);
    }
    let (folder, agent) = for_everybody("rundgang-agent");
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).expect("a folder");
    fs::write(closed.join("scope.toml"), "").expect("a file");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("its mode");
    let (agent, closed) = (agent.display(), closed.display());
    for (command, expected) in [
        (format!("enrol --collector localhost:1 --token none --state {closed}/state"), "invitation token"),
        (format!("run --once --state {closed}/state"), "run as the agent's own user"),
        (format!("pause --state {closed}/state"), "this as the agent's own user"),
        (format!("show-scope --scope-file {closed}/scope.toml"), "run as the agent's own user"),
    ] {
        let refused = alone(folder.path(), &format!("{agent} {command}"));
        let (out, errors) = text(&refused);
        assert!(!refused.status.success() && out.is_empty(), "{command}: {out}{errors}");
        // What the log tells on the way begins with the time.
        let told: Vec<&str> = errors.lines().filter(|line| line.starts_with("rundgang-agent: ")).collect();
        let logged =
            errors.lines().filter(|line| line.trim_start_matches("\u{1b}[2m").starts_with("20")).count();
        assert_eq!((told.len(), told.len() + logged), (1, errors.lines().count()), "{command}: {errors}");
        assert!(told[0].contains(expected), "{command}: {errors}");
    }
}

/// Without `--once` the first round's summary comes too, with the page and the next command; a port in use is no
/// hindrance.
#[test]
fn a_try_that_stays_tells_the_same_and_takes_another_port() {
    if let Some(reason) = play::cannot_play() {
        return skip("unprivileged::a_try_that_stays", &reason);
    }
    let (folder, collector) = for_everybody("rundgang-collector");
    let temporary = folder.path().join("tmp");
    fs::create_dir(&temporary).expect("a folder");
    fs::set_permissions(&temporary, fs::Permissions::from_mode(0o777)).expect("its mode");
    let shown = collector.display();
    // A first try holds port 8080; the second one ends when its closing line has come.
    let both = alone(
        &temporary,
        &format!(
            "{shown} try --no-example >$TMPDIR/first & first=$!;
             until grep -q 8080 $TMPDIR/first; do sleep 0.1; done;
             {shown} try >$TMPDIR/second & second=$!;
             until grep -q Ctrl-C $TMPDIR/second; do kill -0 $second || exit 1; sleep 0.1; done;
             kill $first $second; wait $second"
        ),
    );
    let said = fs::read_to_string(temporary.join("second")).unwrap_or_default();
    assert!(both.status.success(), "{said}{}", text(&both).1);
    let pages: Vec<_> = said.lines().filter(|line| line.contains("http://127.0.0.1:")).collect();
    assert!(pages.len() == 2 && pages[0] == pages[1] && !pages[0].contains(":8080"), "{said}");
    assert!(said.contains(" try --scope ") && said.contains("Beispielschule"), "{said}");
}

/// A try that is broken off leaves nothing behind, also where its terminal goes away; and whoever asked for the first round
/// alone is told that it did not come.
#[test]
fn a_try_that_is_broken_off_says_so_and_leaves_nothing_behind() {
    if let Some(reason) = play::cannot_play() {
        return skip("unprivileged::a_try_that_is_broken_off", &reason);
    }
    let (folder, collector) = for_everybody("rundgang-collector");
    let temporary = folder.path().join("tmp");
    fs::create_dir(&temporary).expect("a folder");
    fs::set_permissions(&temporary, fs::Permissions::from_mode(0o777)).expect("its mode");
    let shown = collector.display();
    for (signal, flag, expected) in [("INT", "--once", "1"), ("HUP", "--once", "1"), ("HUP", "", "0")] {
        let ended = alone(
            &temporary,
            &format!(
                "rm -f $TMPDIR/said; {shown} try {flag} >$TMPDIR/said 2>$TMPDIR/why & try=$!;
                 until grep -qs Walking: $TMPDIR/said; do kill -0 $try || exit 9; sleep 0.1; done;
                 kill -{signal} $try; wait $try; echo $?"
            ),
        );
        let read = |name: &str| fs::read_to_string(temporary.join(name)).unwrap_or_default();
        let (said, why) = (read("said"), read("why"));
        assert_eq!(text(&ended).0.trim(), expected, "{signal} {flag}: {said}{why}");
        assert!(!said.contains("See all of this as pages"), "{signal} {flag}: a summary of nothing: {said}");
        assert_eq!(
            why.contains("interrupted before the first round"),
            expected == "1",
            "{signal} {flag}: {why}"
        );
        let left = fs::read_dir(&temporary).expect("the folder").flatten();
        let left: Vec<_> =
            left.map(|entry| entry.file_name()).filter(|name| name != "said" && name != "why").collect();
        assert!(left.is_empty(), "{signal} {flag} left {left:?}");
    }
}

/// What old TLS versions a server speaks is told, against a real server.
#[test]
fn old_tls_versions_are_told() {
    if let Some(reason) = play::cannot_play() {
        return skip("unprivileged::old_tls_versions_are_told", &reason);
    }
    let (folder, agent) = for_everybody("rundgang-agent");
    let key = folder.path().join("key.pem").display().to_string();
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", "/CN=alt", "-keyout",
            &key,
        ])
        .args(["-out", &key.replace("key", "cert")])
        .output()
        .expect("openssl");
    assert!(made.status.success(), "{}", text(&made).1);
    for (option, expected) in
        [("-tls1_3", "TLSv1.3"), ("-tls1_2", "TLSv1.2"), ("-tls1_1", "tls.error"), ("-tls1", "tls.error")]
    {
        let script = format!(
            "ip link set lo up && cd {} && (openssl s_server -accept 443 {option} -cipher ALL:@SECLEVEL=0 -key key.pem -cert cert.pem -www >/dev/null 2>&1 & echo $! >pid) &&
             until grep -q :01BB /proc/net/tcp /proc/net/tcp6; do sleep 0.1; done;
             {} probe http 127.0.0.1 --class infrastructure --json; kill $(cat pid)",
            folder.path().display(),
            agent.display()
        );
        let output = Command::new("unshare")
            .args(["--net", "timeout", "60", "sh", "-c", &script])
            .output()
            .expect("a namespace");
        let (out, errors) = text(&output);
        assert!(out.contains(expected), "{option}: {out}{errors}");
        if expected == "tls.error" {
            assert!(out.contains("443: ") && out.to_lowercase().contains("version"), "{option}: {out}");
        }
    }
}
