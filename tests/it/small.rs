//! The smallest school: a box and a switch, and what a test adds to them.

use rundgang_tests::school::School;

/// The agent's box on a switch in `10.30.0.0/28`.
const BASE: &str = r#"
name = "Kleine Schule"
network = "10.30.0.0/28"
community = "none"
zone = []
[[switch]]
name = "sw1"
address = "10.30.0.3"
mac = "00:16:b9:30:00:03"
expect = { kind = "switch" }
"#;

/// The box itself; further lines of it may follow.
const BOX: &str = r#"
[agent]
address = "10.30.0.2"
mac = "b8:27:eb:30:00:02"
switch = "sw1"
"#;

/// That school with these tables besides, hosts above all.
pub(crate) fn school(more: &str) -> School {
    with_cards("", more)
}

/// The same where the box has these network cards besides (a TOML array), and its segments stand among the tables.
pub(crate) fn with_cards(cards: &str, more: &str) -> School {
    let also = if cards.is_empty() { String::new() } else { format!("also = {cards}\n") };
    School::read(&format!("{BASE}{more}{BOX}{also}")).expect("a good description")
}

/// A host on the first switch; `says` are the arguments of its responder to searches, and nothing runs on it without any.
pub(crate) fn host(name: &str, last: u8, mac: &str, kind: &str, says: &[&str]) -> String {
    on("sw1", name, last, mac, &format!("{{ kind = \"{kind}\" }}")) + &answers(says)
}

/// A host on a switch, of which a walk is to say this.
pub(crate) fn on(switch: &str, name: &str, last: u8, mac: &str, expect: &str) -> String {
    format!(
        "[[host]]\nname = \"{name}\"\naddress = \"10.30.0.{last}\"\nmac = \"{mac}\"\nswitch = \"{switch}\"\nexpect = {expect}\n"
    )
}

/// That it answers PJLink's search with these datagrams.
pub(crate) fn answers(says: &[&str]) -> String {
    if says.is_empty() {
        return String::new();
    }
    format!("[[host.roles]]\nrun = \"respond\"\nwhat = \"pjlink-search\"\nwith = {says:?}\n")
}
