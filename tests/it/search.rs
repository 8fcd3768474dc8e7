//! PJLink's search over a real link: projectors that refuse every connection are found, liars are not, and nobody is asked
//! unless the whole link is in scope.

use crate::lab::{program, turn};
use rundgang_tests::{
    school::{School, ledger, play},
    skip::skip,
};
use std::{fs, net::Ipv4Addr};

/// A link with a projector that answers nothing but the search, one that lies, and a computer with a random MAC address that
/// says it is a projector.
const SMALL: &str = r#"
name = "Beamersuche"
network = "10.30.0.0/28"
community = "none"
zone = []
[agent]
address = "10.30.0.2"
mac = "b8:27:eb:30:00:02"
switch = "sw1"
[[switch]]
name = "sw1"
address = "10.30.0.3"
mac = "00:16:b9:30:00:03"
expect = { kind = "switch" }
[[host]]
name = "beamer"
address = "10.30.0.4"
mac = "00:26:ab:30:00:04"
switch = "sw1"
expect = { kind = "projector" }
[[host.roles]]
run = "respond"
what = "pjlink-search"
with = ["%2ACKN=00:26:ab:30:00:04"]
[[host]]
name = "liar"
address = "10.30.0.5"
mac = "00:26:ab:30:00:05"
switch = "sw1"
expect = { kind = "server" }
[[host.roles]]
run = "respond"
what = "pjlink-search"
with = ["%2SRCH", "%2LKUP=00:26:ab:30:00:05", "%2ACKN=ff:ff:ff:ff:ff:ff", "%1ACKN=00:26:ab:30:00:05", "%2ACKN=%2ACKN=%2ACKN=%2ACKN=", ""]
[[host]]
name = "person"
address = "10.30.0.6"
mac = "72:5a:11:30:00:06"
switch = "sw1"
expect = "counted"
secrets = ["72:5a:11:30:00:06", "725a11300006", "10.30.0.6\""]
[[host.roles]]
run = "respond"
what = "pjlink-search"
with = ["%2ACKN=72:5a:11:30:00:06"]
"#;

#[test]
fn projectors_answer_one_search_of_a_whole_link() {
    if let Some(reason) = play::cannot_play() {
        return skip("search::projectors_answer_one_search_of_a_whole_link", &reason);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let description = folder.path().join("school.toml");
    fs::write(&description, SMALL).expect("a description");
    let school = School::load(&description).expect("a good description");
    let _turn = turn();
    let guard = play::Guard(play::up(&school).expect("the school comes up"));
    let walk = |scope: &str| {
        let mut command = guard.0.command("agent", program("rundgang-agent"));
        let output = command.args(["walk", "--json", "--scope", scope]).output().expect("the agent runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{}", text(&output.stderr));
        (text(&output.stdout), text(&output.stderr))
    };
    let heard = || guard.0.record("beamer", "pjlink-search");

    // Half of the link is in scope: the other half would hear a broadcast, too.
    let (part, _) = walk("10.30.0.0/29");
    assert_eq!(heard(), "", "a search where only part of the link is in scope: {part}");

    let (out, errors) = walk("10.30.0.0/28");
    assert_eq!(heard().lines().collect::<Vec<_>>(), [r#"{"heard":"%2SRCH\r","port":4352}"#]);
    let line =
        |address: &str| out.lines().find(|line| line.contains(&format!("\"{address}\""))).unwrap_or_default();
    assert!(line("10.30.0.4").contains("\"kind\":\"projector\""), "{out}");
    assert!(line("10.30.0.4").contains("pjlink.search"), "{out}");
    assert!(!line("10.30.0.5").contains("projector"), "{out}");
    for secret in school.host.iter().flat_map(|host| &host.secrets) {
        assert!(!(out.clone() + &errors).contains(secret.as_str()), "{secret} in {out}{errors}");
    }
    let sent = ledger::read(&school, &guard.0).expect("the ledger");
    let everybody = Ipv4Addr::new(10, 30, 0, 15);
    assert_eq!(sent.datagrams.get(&(everybody, 4352)), Some(&1));
    assert_eq!(sent.packets.get(&everybody), Some(&1));
}
