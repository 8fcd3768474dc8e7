//! The audit against real servers: what mail exchangers and policy hosts say, and how little they are asked.

use crate::lab::program;
use rundgang_tests::{school::play::cannot_run, skip::skip};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

const SERVERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/it/mail/servers.sh");
const PROGRAMS: [&str; 9] =
    ["ip", "keymgr", "knotd", "nft", "nginx", "openssl", "postfix", "unbound", "unshare"];
/// Every server is on loopback, which the audit rightly finds odd, and none has an IPv6 address.
const OF_THE_PLACE: [&str; 2] = ["mx.private-address", "mx.no-ipv6"];
/// What is true of the unsigned ones among the domains.
const PLAIN: [&str; 4] = ["dane.missing", "dnssec.unsigned", "mta_sts.missing", "tls_rpt.missing"];

/// Starts the servers in namespaces of their own, where no packet can leave the machine, and audits their domains.
fn audit(folder: &Path, script: &str) {
    let run = Command::new("timeout")
        .args(["120", "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "--uts"])
        .args(["--mount-proc", "bash", SERVERS])
        .arg(folder)
        .args(["bash", "-euc", script, "audit"])
        .arg(program("rundgang-agent"))
        .arg(folder)
        .output()
        .expect("a namespace");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stdout));
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn real_servers_are_judged_by_what_they_show_and_nothing_else_is_tried() {
    if let Some(reason) = cannot_run(&PROGRAMS) {
        return skip("mail::real_servers", &reason);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    audit(
        folder,
        "$1 audit gut.example alt.example falsch.example klar.example zu.example --json >$2/findings.jsonl
         $1 audit zu.example --lang de >$2/zu.txt",
    );
    let mut found: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for line in read(folder, "findings.jsonl").lines() {
        let finding: Value = serde_json::from_str(line).expect("a finding");
        let text = |key: &str| finding[key].as_str().expect("a text").to_owned();
        found.entry(text("domain")).or_default().insert(text("finding"), finding["evidence"].clone());
    }
    let check = |domain: &str, expected: &[&str]| {
        let got: BTreeSet<&str> = found[domain].keys().map(String::as_str).collect();
        assert_eq!(got, expected.iter().chain(&OF_THE_PLACE).copied().collect(), "{domain}");
    };
    // Certificate by a known authority, TLSA and policy that fit: nothing to say.
    check("gut.example", &[]);
    // TLSA of another key, policy with another exchanger.
    check("alt.example", &["dane.mismatch", "mta_sts.mx-not-listed"]);
    // Certificates of another name and by nobody known; the policy only by a redirect.
    let plain = ["dane.missing", "dnssec.unsigned"];
    check("falsch.example", &[&["mta_sts.policy-unreachable", "smtp.cert-invalid"][..], &plain].concat());
    let faults = found["falsch.example"]["smtp.cert-invalid"].to_string();
    for part in
        ["mx.falsch.example:25: The certificate is for another name", "mx2.falsch.example:25: Nobody known"]
    {
        assert!(faults.contains(part), "{faults}");
    }
    check("klar.example", &[&["smtp.no-starttls"][..], &PLAIN].concat());
    // A closed and a swallowed port 25 say nothing about the servers behind them.
    check("zu.example", &PLAIN);
    let report = read(folder, "zu.txt");
    for part in [
        "mx.zu.example:25: 127.0.25.6: die Verbindung wurde abgelehnt",
        "mx2.zu.example:25: 127.0.25.7: keine Antwort in der Zeit",
    ] {
        assert!(report.contains(part), "'{part}' is missing:\n{report}");
    }
    assert_only_greeted(&read(folder, "mail.log"));
    // One policy each, and the redirect was not followed.
    let fetched = read(folder, "nginx.access");
    let mut fetched: Vec<&str> = fetched.lines().collect();
    fetched.sort_unstable();
    let policy = |domain: &str| format!("mta-sts.{domain}.example GET /.well-known/mta-sts.txt HTTP/1.1");
    assert_eq!(fetched, ["alt", "falsch", "gut"].map(policy));
}

/// No sender, no recipient, no login: whether a server relays for strangers is never tried. Postfix counts the commands.
fn assert_only_greeted(log: &str) {
    let conversations: Vec<&str> =
        log.lines().filter_map(|line| line.split_once(": disconnect from ")).map(|(_, rest)| rest).collect();
    assert_eq!(conversations.len(), 5, "each exchanger once:\n{log}");
    for conversation in conversations {
        let commands = conversation.split_whitespace().skip(1);
        for command in commands.filter(|command| !command.starts_with("commands=")) {
            assert!(["ehlo=1", "starttls=1", "quit=1"].contains(&command), "{conversation}");
        }
    }
}
