//! `spf-check` and the written forms of `audit` as commands, over a real name server.

use crate::lab::program;
use rundgang_tests::{school::play::cannot_run, skip::skip};
use serde_json::Value;
use std::{fmt::Write as _, fs, path::Path, process::Command};

const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/it/spf/server.sh");
const PROGRAMS: [&str; 4] = ["ip", "knotd", "ss", "unshare"];
const HEAD: &str = "$TTL 300\n@ SOA ns.example. h.example. 1 3600 900 604800 300\n@ NS ns.example.\n";
/// The zone `example`.
const ZONE: &str = r#"
ns A 127.0.0.53
schule TXT "v=spf1 ip4:192.0.2.0/28 include:_spf.post.example -all"
schule TXT "some other text"
schule MX 0 .
_spf.post TXT "v=spf1 ip4:198.51.100.0/24 ?all"
alias CNAME schule
vorsichtig TXT "v=spf1 ip4:192.0.2.1 ~all"
offen TXT "v=spf1 ip4:192.0.2.1 ?all"
endlos TXT "v=spf1 ip4:192.0.2.1"
leer TXT "no record of senders"
zwei TXT "v=spf1 -all"
zwei TXT "v=spf1 +all"
falsch TXT "v=spf1 mx ip4:192.0.2.300 -all"
stern TXT "v=spf1 include:kaputt.example -all"
fremd TXT "v=spf1 include:irgendwo.test -all"
sechs TXT "v=spf1 ip6:2001:db8:1::/48 a:mx6.example -all"
mx6 AAAA 2001:db8:2::25
makro TXT "v=spf1 exists:%{ir}.%{v}.%{l}._liste.example -all"
7.2.0.192.in-addr.anna._liste A 127.0.0.2
6.2.0.192.in-addr.postmaster._liste A 127.0.0.2
name TXT "v=spf1 ptr:mx.post.example -all"
mx.post A 192.0.2.9
mx.helo TXT "v=spf1 a -all"
mx.helo A 192.0.2.30
streng TXT "v=spf1 -all exp=warum.example"
warum TXT "%{i} darf nicht als %{s} senden"
kette TXT "v=spf1 a:g1.example mx:g2.example exists:g3.example -all"
viele A 192.0.2.99
viele TXT "v=spf1 a a a a a a a a a a a -all"
weiter TXT "v=spf1 redirect=schule.example"
xn--schule-kln-lcb TXT "v=spf1 ip4:192.0.2.1 -all"
"#;

/// Asks every question of the command line, one line each, words parted by tabs. Exit status and output of each.
fn ask(folder: &Path, questions: &[String]) -> Vec<(i32, String, String)> {
    let long: String = (0..120).fold(String::new(), |mut text, number| {
        write!(text, " \"ip4:203.0.113.{number} \"").unwrap();
        text
    });
    let zone = format!("{HEAD}{ZONE}lang TXT \"v=spf1 \"{long} \"ip4:192.0.2.1 -all\"\n");
    fs::write(folder.join("example.zone"), zone).unwrap();
    fs::write(folder.join("reverse.zone"), format!("{HEAD}9.2.0.192 PTR mx.post.example.\n")).unwrap();
    fs::write(folder.join("reverse6.zone"), HEAD).unwrap();
    fs::write(folder.join("questions"), questions.join("\n") + "\n").unwrap();
    let run = Command::new("timeout")
        .args(["300", "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL"])
        .args(["--mount-proc", "bash", SERVER])
        .arg(folder)
        .arg(program("rundgang-agent"))
        .output()
        .expect("a namespace");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let read =
        |number: usize, what: &str| fs::read_to_string(folder.join(format!("{number}.{what}"))).unwrap();
    (0..questions.len())
        .map(|number| {
            let status = read(number, "status").trim().parse().expect("an exit status");
            (status, read(number, "out"), read(number, "err"))
        })
        .collect()
}

/// Address, MAIL FROM, HELO; result, deciding term, a part of everything that is told.
const CASES: &str = r#"
192.0.2.1 | anna@schule.example | x.example | pass | schule.example: ip4:192.0.2.0/28 | "lookups":0
198.51.100.9 | anna@schule.example | x.example | pass | _spf.post.example: ip4:198.51.100.0/24 | include:_spf.post.example
203.0.113.9 | anna@schule.example | x.example | fail | schule.example: -all | "lookups":1
192.0.2.1 | anna@alias.example | x.example | pass | alias.example: ip4:192.0.2.0/28 |
192.0.2.1 | anna@weiter.example | x.example | pass | schule.example: ip4:192.0.2.0/28 | redirect=schule.example
192.0.2.2 | anna@vorsichtig.example | x.example | softfail | vorsichtig.example: ~all |
192.0.2.2 | anna@offen.example | x.example | neutral | offen.example: ?all |
192.0.2.2 | anna@endlos.example | x.example | neutral |  |
192.0.2.1 | anna@leer.example | x.example | none |  |
192.0.2.1 | anna@nirgends.example | x.example | none |  |
192.0.2.1 | anna@localhost | x.example | none |  | no proper domain
192.0.2.1 | anna@zwei.example | x.example | permerror |  | several SPF records
192.0.2.1 | anna@falsch.example | x.example | permerror |  | (octet 10)
192.0.2.1 | anna@viele.example | x.example | permerror | viele.example: a | more than 10 terms
192.0.2.1 | anna@kette.example | x.example | permerror | kette.example: exists:g3.example | "void_lookups":3
# A zone that the server cannot load, and a name that it is not asked about.
192.0.2.1 | anna@kaputt.example | x.example | temperror |  | server-failure
192.0.2.1 | anna@stern.example | x.example | temperror | stern.example: include:kaputt.example | server-failure
192.0.2.1 | anna@fremd.example | x.example | temperror | fremd.example: include:irgendwo.test | refused
2001:db8:1::25 | anna@sechs.example | x.example | pass | sechs.example: ip6:2001:db8:1::/48 |
2001:db8:2::25 | anna@sechs.example | x.example | pass | sechs.example: a:mx6.example |
2001:db8:3::25 | anna@sechs.example | x.example | fail | sechs.example: -all |
192.0.2.7 | anna@makro.example | x.example | pass | makro.example: exists:%{ir}.%{v}.%{l}._liste.example |
192.0.2.7 | bert@makro.example | x.example | fail | makro.example: -all | "void_lookups":1
192.0.2.9 | anna@name.example | x.example | pass | name.example: ptr:mx.post.example |
# Bounces have no sender: the server's own name counts.
192.0.2.30 |  | mx.helo.example | pass | mx.helo.example: a | "domain":"mx.helo.example"
192.0.2.30 | <> | MX.Helo.Example. | pass | MX.Helo.Example: a |
192.0.2.6 | <> | makro.example | pass | makro.example: exists:%{ir}.%{v}.%{l}._liste.example |
192.0.2.31 |  | mx.helo.example | fail | mx.helo.example: -all |
192.0.2.5 | anna@streng.example | x.example | fail | streng.example: -all | 192.0.2.5 darf nicht als anna@streng.example senden
# A record that fits into no datagram, and one whose name has letters of its own.
192.0.2.1 | anna@lang.example | x.example | pass | lang.example: ip4:192.0.2.1 |
192.0.2.1 | <anna@Schule-Köln.Example.> | x.example | pass | xn--schule-kln-lcb.example: ip4:192.0.2.1 |
"#;

/// One line of [`CASES`].
fn cases() -> Vec<[&'static str; 6]> {
    let lines = CASES.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines
        .map(|line| {
            let mut parts = line.split(" |").map(str::trim);
            [(); 6].map(|()| parts.next().unwrap_or_default())
        })
        .collect()
}

fn question(words: &[&str]) -> String {
    words.join("\t")
}

#[test]
fn a_server_is_told_whether_it_may_send_and_which_term_says_so() {
    if let Some(reason) = cannot_run(&PROGRAMS) {
        return skip("spf::a_server_is_told", &reason);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let resolver = ["--resolver", "127.0.0.53"];
    let cases = cases();
    let of_case = |&[ip, from, helo, ..]: &[&str; 6]| {
        let words = ["spf-check", "--ip", ip, "--mail-from", from, "--helo", helo, "--json"];
        question(&[&words[..], &resolver].concat())
    };
    let mut questions: Vec<String> = cases.iter().map(of_case).collect();
    let plain = ["spf-check", "--ip", "203.0.113.9", "--mail-from", "anna@schule.example"];
    questions.push(question(&[&plain[..], &resolver].concat()));
    questions.push(question(&[&plain[..], &["--json", "--resolver", "127.0.0.99"]].concat()));
    questions.push(question(&["spf-check", "--mail-from", "anna@schule.example"]));
    questions.push(question(&["spf-check", "--ip", "somewhere"]));
    questions.push(question(&[&plain[..], &["--resolver", "127.0.0.53:9100"]].concat()));
    let answers = ask(folder.path(), &questions);
    for (&[ip, from, helo, result, term, part], (status, out, err)) in cases.iter().zip(&answers) {
        let asked = format!("{ip} <{from}> {helo}: {out}{err}");
        let told: Value = serde_json::from_str(out).unwrap_or_else(|error| panic!("{error}: {asked}"));
        assert_eq!((*status, told["result"].as_str()), (0, Some(result)), "{asked}");
        assert_eq!(out.lines().count(), 1, "{asked}");
        for key in ["domain", "path", "reason", "explanation", "lookups", "void_lookups"] {
            assert!(told.get(key).is_some(), "{key}: {asked}");
        }
        let decided = told["term"].as_str();
        assert!(term.is_empty() || decided == Some(term), "{asked}");
        assert!(decided == told["path"].as_array().and_then(|path| path.last()?.as_str()), "{asked}");
        assert!(out.contains(part), "'{part}' is missing in {asked}");
        let is_certain = matches!(result, "pass" | "fail" | "softfail" | "neutral");
        assert!(told["reason"].is_null() == (is_certain || part.is_empty()), "{asked}");
    }
    let [plain, silent, no_address, no_ip, printer] = &answers[cases.len()..] else { panic!("{answers:?}") };
    assert_eq!(plain.1, "203.0.113.9 as schule.example: fail\n  schule.example: -all\n");
    // Nobody answers: that is an answer, and says so.
    assert!(silent.0 == 0 && silent.1.contains("\"result\":\"temperror\""), "{silent:?}");
    assert!(silent.1.contains("timed-out"), "{silent:?}");
    for wrong in [no_address, no_ip, printer] {
        assert!(wrong.0 == 2 && wrong.1.is_empty() && !wrong.2.is_empty(), "{wrong:?}");
    }
}

#[test]
fn a_domain_is_audited_however_it_is_written() {
    if let Some(reason) = cannot_run(&PROGRAMS) {
        return skip("spf::a_domain_is_audited", &reason);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join("domains");
    fs::write(&list, "# the school's\nSCHULE-KÖLN.example.   # as on paper\n").unwrap();
    let list = list.to_str().expect("a path");
    let common = ["audit", "--json", "--dns-only", "--resolver", "127.0.0.53"];
    let asked = |words: &[&str]| question(&[&common[..], words].concat());
    let questions = [
        asked(&["xn--schule-kln-lcb.example"]),
        asked(&["Schule-Köln.example"]),
        asked(&["SCHULE-KÖLN.EXAMPLE."]),
        asked(&[" XN--SCHULE-KLN-LCB.Example. "]),
        asked(&["--domains", list]),
        asked(&["schule", "a..example"]),
        // Nobody listens there.
        question(&["audit", "--json", "--dns-only", "--resolver", "127.0.0.99", "schule.example"]),
    ];
    let answers = ask(folder.path(), &questions);
    let found = |out: &str| -> Vec<(String, String)> {
        let lines = out.lines().map(|line| serde_json::from_str::<Value>(line).expect("a finding"));
        let text = |finding: &Value, key: &str| finding[key].as_str().expect("a text").to_owned();
        lines.map(|finding| (text(&finding, "domain"), text(&finding, "finding"))).collect()
    };
    let first = found(&answers[0].1);
    assert!(first.iter().any(|(_, id)| id == "dmarc.missing"), "{answers:?}");
    assert!(first.iter().all(|(domain, _)| domain == "xn--schule-kln-lcb.example"), "{first:?}");
    for (question, (status, out, err)) in questions.iter().zip(&answers).take(5) {
        assert_eq!((*status, found(out)), (0, first.clone()), "{question}: {err}");
    }
    let (status, out, err) = &answers[5];
    assert!(*status != 0 && out.is_empty() && err.contains("'schule' is no domain"), "{answers:?}");
    // No finding is no proof where nobody answered.
    let (status, out, err) = &answers[6];
    let told = err.contains("schule.example:") && err.contains("had no answer");
    assert!(*status == 0 && out.is_empty() && told, "{answers:?}");
}
