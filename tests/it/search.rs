//! PJLink's search over a real link: projectors that refuse every connection are found, liars are not, and nobody is asked
//! unless the whole link is in scope. Each card searches its own link, and a port that is taken is told.

use crate::{
    lab::{program, turn},
    small,
};
use rundgang_tests::{
    school::{School, ledger, play},
    skip::skip,
};
use serde_json::Value;
use std::{
    fs,
    net::Ipv4Addr,
    process::{Child, Stdio},
};

/// A projector that answers nothing but the search, one that lies, and a computer with a random MAC address that says it is a
/// projector.
fn searched_school() -> School {
    let lies = [
        "%2SRCH",
        "%2LKUP=00:26:ab:30:00:05",
        "%2ACKN=ff:ff:ff:ff:ff:ff",
        "%1ACKN=00:26:ab:30:00:05",
        "%2ACKN=%2ACKN=%2ACKN=%2ACKN=",
        "",
    ];
    let projector = small::host("beamer", 4, "00:26:ab:30:00:04", "projector", &["%2ACKN=00:26:ab:30:00:04"]);
    let liar = small::host("liar", 5, "00:26:ab:30:00:05", "server", &lies);
    let person = small::on("sw1", "person", 6, "72:5a:11:30:00:06", "\"counted\"")
        + "secrets = [\"72:5a:11:30:00:06\", \"725a11300006\", '10.30.0.6\"']\n"
        + &small::answers(&["%2ACKN=72:5a:11:30:00:06"]);
    small::school(&(projector + &liar + &person))
}

/// What a walk over these networks says: lines for programs, and everything as text.
fn walk(running: &play::Running, scope: &str) -> (Vec<Value>, String) {
    let mut command = running.command("agent", program("rundgang-agent"));
    let log = running.folder.join("log");
    let command = command.args(["walk", "--json", "--scope", scope, "--log"]).arg(log);
    let output = command.output().expect("the agent runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, errors) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{errors}");
    let lines = out.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    (lines, out + &errors)
}

fn line<'a>(lines: &'a [Value], address: &str) -> &'a Value {
    lines.iter().find(|line| line["address"] == address).unwrap_or(&Value::Null)
}

/// Whether the search is told not to have asked all of the network.
fn is_unchecked(lines: &[Value]) -> bool {
    unchecked(lines).contains(&"pjlink-search")
}

/// The probes that are told not to have asked all of the network.
fn unchecked(lines: &[Value]) -> Vec<&str> {
    let coverage = lines.iter().find(|line| line["type"] == "coverage").expect("a line for the network");
    coverage["unchecked"].as_array().expect("a list").iter().filter_map(Value::as_str).collect()
}

/// Whether the local log counts a search in the last walk.
fn is_counted(running: &play::Running) -> bool {
    let log = fs::read_to_string(running.folder.join("log")).expect("the local log");
    let last = log.lines().rfind(|line| line.contains("conversations: ")).expect("a walk that is done");
    last.contains("pjlink-search 1")
}

/// What a host heard of searches.
fn heard(running: &play::Running, host: &str) -> Vec<String> {
    running.record(host, "pjlink-search").lines().map(str::to_owned).collect()
}

const SEARCH: &str = r#"{"heard":"%2SRCH\r","port":4352}"#;

#[test]
fn projectors_answer_one_search_of_a_whole_link() {
    if let Some(reason) = play::cannot_play() {
        return skip("search::projectors_answer_one_search_of_a_whole_link", &reason);
    }
    let school = searched_school();
    let _turn = turn();
    let guard = play::Guard(play::up(&school).expect("the school comes up"));

    // Half of the link is in scope: the other half would hear a broadcast, too.
    let (part, said) = walk(&guard.0, "10.30.0.0/29");
    assert!(heard(&guard.0, "beamer").is_empty(), "a search where only part of the link is in scope: {said}");
    assert!(is_unchecked(&part), "{said}");

    let (lines, said) = walk(&guard.0, "10.30.0.0/28");
    assert_eq!(heard(&guard.0, "beamer"), [SEARCH]);
    assert_eq!(line(&lines, "10.30.0.4")["kind"], "projector", "{said}");
    assert!(line(&lines, "10.30.0.4")["because"].to_string().contains("pjlink.search"), "{said}");
    assert_ne!(line(&lines, "10.30.0.5")["kind"], "projector", "{said}");
    for secret in school.host.iter().flat_map(|host| &host.secrets) {
        assert!(!said.contains(secret.as_str()), "{secret} in {said}");
    }
    assert!(!is_unchecked(&lines), "{said}");
    assert!(is_counted(&guard.0), "the local log");
    let sent = ledger::read(&school, &guard.0).expect("the ledger");
    let everybody = Ipv4Addr::new(10, 30, 0, 15);
    assert_eq!(sent.datagrams.get(&(everybody, 4352)), Some(&1));
    assert_eq!(sent.packets.get(&everybody), Some(&1));

    // Another program on the box has the port: nobody is asked, and the walk says so.
    let _holder = Holder::on_the_box(&guard.0);
    let (lines, said) = walk(&guard.0, "10.30.0.0/28");
    assert!(is_unchecked(&lines) && said.contains("not searched"), "{said}");
    assert!(!is_counted(&guard.0), "what never left is no conversation");
    assert_eq!(heard(&guard.0, "beamer"), [SEARCH], "nothing new");
    let counted = lines.iter().any(|line| line["type"] == "count");
    assert!(counted && line(&lines, "10.30.0.4").is_null(), "found, and not known as a projector: {said}");
}

/// Holds the port until it is told to end; a responder that ended is waited for no longer.
const HOLD: &str = "\"$0\" respond pjlink-search \"$1\" &
                    until [ -e \"$1/pjlink-search.ready\" ]; do
                        kill -0 $! || exit
                        sleep 0.1
                    done; echo ready; wait";

/// A responder that cannot begin fails the test that needs it, and does not make it endless.
#[test]
fn a_holder_that_ended_is_not_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = std::process::Command::new("timeout");
    let output =
        command.args(["30", "sh", "-c", HOLD, "false"]).arg(folder.path()).output().expect("it runs");
    assert!(output.stdout.is_empty(), "{output:?}");
    assert_eq!(output.status.code(), Some(1), "not ended from outside");
}

/// A program on the agent's box that holds the port of the search.
struct Holder(Child);

impl Drop for Holder {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Holder {
    fn on_the_box(running: &play::Running) -> Self {
        let folder = running.folder.join("holder");
        fs::create_dir(&folder).expect("a folder");
        let mut command = running.command("agent", "unshare");
        // Its processes end with the first of them.
        let command = command.args(["--pid", "--fork", "--kill-child=KILL", "sh", "-c", HOLD]);
        let command = command.arg(program("school")).arg(&folder);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("a holder of the port");
        let mut said = String::new();
        let out = child.stdout.take().expect("its words");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut said).expect("a line");
        assert_eq!(said, "ready\n");
        Self(child)
    }
}

/// A box with a card in each of two networks that one line of its scope lists: each link is asked over its own card.
#[test]
fn each_card_searches_its_own_link() {
    if let Some(reason) = play::cannot_play() {
        return skip("search::each_card_searches_its_own_link", &reason);
    }
    let segments = "[[segment]]\nname = \"eins\"\nnetwork = \"10.30.0.0/28\"\n\
                    [[segment]]\nname = \"zwei\"\nnetwork = \"10.30.0.16/28\"\n";
    let switch = "[[switch]]\nname = \"sw2\"\naddress = \"10.30.0.19\"\nmac = \"00:16:b9:30:00:13\"\nexpect = { kind = \"switch\" }\n";
    let (near, far) = ("00:26:ab:30:00:04", "00:26:ab:30:00:14");
    let hosts = small::host("beamer1", 4, near, "projector", &["%2ACKN=00:26:ab:30:00:04"])
        + &small::on("sw2", "beamer2", 20, far, "{ kind = \"projector\" }")
        + &small::answers(&["%2ACKN=00:26:ab:30:00:14"]);
    let cards = "[{ address = \"10.30.0.18\", mac = \"b8:27:eb:30:00:12\", switch = \"sw2\" }]";
    let school = small::with_cards(cards, &(segments.to_owned() + switch + &hosts));
    let _turn = turn();
    let guard = play::Guard(play::up(&school).expect("the school comes up"));
    let (lines, said) = walk(&guard.0, "10.30.0.0/27");
    for (host, address, mac) in [("beamer1", "10.30.0.4", near), ("beamer2", "10.30.0.20", far)] {
        assert_eq!(heard(&guard.0, host), [SEARCH], "{host}");
        assert_eq!(line(&lines, address)["kind"], "projector", "{said}");
        assert_eq!(line(&lines, address)["mac"], mac, "{said}");
    }
    // What leaves by one card alone was heard by half of the hosts.
    assert_eq!(unchecked(&lines), ["mdns", "ssdp", "wsd"], "{said}");
    let sent = ledger::read_cards(&school, &guard.0, "agent").expect("the ledgers");
    for (card, last) in sent.iter().zip([15, 31]) {
        let everybody = Ipv4Addr::new(10, 30, 0, last);
        assert_eq!(card.datagrams.get(&(everybody, 4352)), Some(&1), "10.30.0.{last}");
        let others = card.datagrams.keys().filter(|(to, port)| *port == 4352 && *to != everybody).count();
        assert_eq!(others, 0, "by the wrong card: {:?}", card.datagrams);
    }
    // One of the two alone: the other link's projector is not asked again.
    let (lines, said) = walk(&guard.0, "10.30.0.16/28");
    assert_eq!((heard(&guard.0, "beamer1").len(), heard(&guard.0, "beamer2").len()), (1, 2), "{said}");
    assert!(unchecked(&lines).is_empty(), "{said}");
}
