//! Three segments behind one router, walked by two boxes of which one sees a segment through the router: one device is
//! one asset, hearsay creates none, and each segment tells how it was covered.

use crate::lab::program;
use rundgang_inventory::Timestamp;
use rundgang_store::Traeger;
use rundgang_tests::{
    school::{Expect, ExpectDevice, School, ledger, play},
    skip::skip,
    whole::Whole,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    time::SystemTime,
};

fn description() -> School {
    School::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schools/drei-netze.toml"))
        .expect("a good description")
}

#[test]
fn the_description_is_sound() {
    let school = description();
    assert_eq!(school.segment.len(), 3);
    for segment in &school.segment {
        let there = expected(&school)
            .filter(|(address, ..)| matches!(address, IpAddr::V4(v4) if segment.holds(*v4)))
            .count();
        assert!(there >= 3, "{} has {there} devices", segment.name);
    }
}

/// Every device that a walk must keep: address, MAC address, and what is to be said of it.
fn expected(school: &School) -> impl Iterator<Item = (IpAddr, &str, &ExpectDevice)> {
    let switches = school.switch.iter().map(|s| (Some(s.address.into()), s.mac.as_str(), &s.expect));
    let hosts = school.host.iter().map(|host| {
        let address = host.address.map(IpAddr::V4).or(host.address6.map(IpAddr::V6));
        (address, host.mac.as_str(), &host.expect)
    });
    switches.chain(hosts).filter_map(|(address, mac, expect)| match expect {
        Expect::Device(device) => Some((address?, mac, device)),
        Expect::Counted(_) => None,
    })
}

/// The switch of the segment that the first box sees through the router alone.
const BEYOND: &str = "sw-w";

/// Whether the first box can know of a device: everything but what speaks IPv6 alone behind the router.
fn is_for_the_first(school: &School, address: IpAddr) -> bool {
    !school.host.iter().any(|host| host.switch == BEYOND && host.address6.map(IpAddr::V6) == Some(address))
}

fn book(whole: &Whole<'_>) -> Traeger {
    let store = whole.store().expect("the book");
    let traeger = store.all_traeger().expect("a Träger");
    store.traeger(traeger.first().expect("a Träger").id)
}

#[test]
fn two_boxes_in_three_segments_make_one_book() {
    if let Some(reason) = play::cannot_play() {
        return skip("segments::two_boxes_in_three_segments_make_one_book", &reason);
    }
    let school = description();
    let _turn = crate::lab::turn();
    let guard = play::Guard(play::up(&school).expect("the school comes up"));
    let programs = program("rundgang-agent").parent().map(Path::to_owned).expect("a folder of programs");
    let whole = Whole::without_agents(&school, &guard.0, &programs).expect("a collector");
    let networks: Vec<(&str, &str)> =
        school.segment.iter().map(|of| (of.name.as_str(), of.network.as_str())).collect();
    let [administration, teaching, wlan] = networks[..] else { panic!("three segments") };

    whole.add_agent("agent", &[administration, teaching, wlan]).expect("the first box");
    // Its own first walk fills the router's ARP table; the second one reads it.
    whole.round_on("agent").expect("a round");
    whole.round_on("agent").expect("a second round");
    let alone = whole.lines(&["assets", "--json"]).expect("assets");
    is_each_there_once(&school, &alone, |address| is_for_the_first(&school, address));
    each_card_reached_its_own_link_alone(&school, &guard.0);
    nothing_is_made_of_hearsay(&school, &book(&whole));

    whole.add_agent("agent2", &[wlan]).expect("the second box");
    whole.round_on("agent2").expect("a round of the second box");
    let both = whole.lines(&["assets", "--json"]).expect("assets");
    is_each_there_once(&school, &both, |_| true);
    let known = |of: &[Value]| -> BTreeMap<String, String> {
        let first = |(_, address): &(String, String)| {
            let address = address.trim_matches('"').parse().expect("an address");
            is_for_the_first(&school, address)
        };
        ids(of).into_iter().filter(first).collect()
    };
    assert_eq!(known(&both), ids(&alone), "what both boxes see is one device");
    let beyond = |address: IpAddr| {
        !is_for_the_first(&school, address)
            || matches!(address, IpAddr::V4(v4) if school.segment[2].holds(v4))
    };
    for (address, mac, _) in expected(&school).filter(|(address, ..)| beyond(*address)) {
        assert_eq!(at(&both, address)["mac"], mac, "{address}: the second box heard it itself");
    }
    the_second_box_stayed_in_its_segment(&school, &guard.0);
    // What the one knows by the router's word and the other by its own stays one.
    whole.round_on("agent").expect("a third round");
    assert_eq!(ids(&whole.lines(&["assets", "--json"]).expect("assets")), ids(&both));
    let open = book(&whole).ambiguities(the_school(&book(&whole))).expect("ambiguities");
    assert_eq!(open.len(), 0, "nothing waits for a person: {open:?}");
    each_segment_tells_how_it_was_covered(&school, &whole);
    whole.collector(&["rebuild"]).expect("a rebuild");
    assert_eq!(ids(&whole.lines(&["assets", "--json"]).expect("assets")), ids(&both), "after a rebuild");
    nobodys_telephone_is_told(&school, &whole);
}

fn ids(assets: &[Value]) -> BTreeMap<String, String> {
    assets.iter().map(|asset| (asset["id"].to_string(), asset["address"].to_string())).collect()
}

fn at(assets: &[Value], address: IpAddr) -> &Value {
    let mut there = assets.iter().filter(|asset| asset["address"] == address.to_string());
    let (first, second) = (there.next(), there.next());
    assert!(second.is_none(), "{address} is there twice");
    first.unwrap_or(&Value::Null)
}

/// The router has a card in each segment; whichever address it goes by, it is one device.
fn is_each_there_once(school: &School, assets: &[Value], within: impl Fn(IpAddr) -> bool) {
    let router = school.host.iter().find(|host| host.routes).expect("a router");
    let own = router.address.map(IpAddr::V4);
    let others = router.also.iter().map(|card| card.address.into()).chain(own);
    let seen: Vec<IpAddr> = others.filter(|address| !at(assets, *address).is_null()).collect();
    assert_eq!(seen.len(), 1, "the router is one device: {seen:?}");
    let mut wrong = Vec::new();
    for (address, _, device) in expected(school).filter(|(address, ..)| within(*address)) {
        let address = if Some(address) == own { seen[0] } else { address };
        let asset = at(assets, address);
        let mut check = |field: &str, expected: Option<&str>| {
            if expected.is_some_and(|expected| asset[field].as_str() != Some(expected)) {
                wrong.push(format!("{address}: {field} is {} and not {expected:?}", asset[field]));
            }
        };
        check("kind", Some(&device.kind));
        check("vendor", device.vendor.as_deref());
        check("model", device.model.as_deref());
        check("serial", device.serial.as_deref());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let described = expected(school).filter(|(address, ..)| within(*address)).count();
    assert_eq!(assets.len(), described, "devices that nobody described");
}

/// Seen through the router alone, a device is known by serial number, engine or certificate. Its MAC address is told by
/// the router and stands in the book, but it is no key.
fn nothing_is_made_of_hearsay(school: &School, book: &Traeger) {
    let assets = book.assets(Some(the_school(book)), 0, 100).expect("assets");
    let wlan = &school.segment[2];
    let mut strong = 0;
    // The router has a card there, too, but the box hears two others of it.
    let router = |ip: Ipv4Addr| school.host.iter().flat_map(|host| &host.also).any(|card| card.address == ip);
    let behind = |ip: &str| ip.parse().is_ok_and(|ip| wlan.holds(ip) && !router(ip));
    for asset in assets.iter().filter(|asset| behind(&asset.ip)) {
        let own =
            expected(school).find(|(address, ..)| address.to_string() == asset.ip).map(|(_, mac, _)| mac);
        assert_eq!(asset.mac.as_deref(), own, "{}: the router's word", asset.ip);
        let keys = book.asset_keys(asset.id).expect("keys");
        assert!(keys.iter().all(|(_, kind, _)| kind != "mac"), "{}: {keys:?}", asset.ip);
        strong += usize::from(keys.iter().any(|(_, kind, _)| kind != "address"));
    }
    assert!(strong >= 3, "the switch, the access point and the server have keys of their own: {strong}");
}

/// The agent's switch ports, counted by the kernel (promises S1, S2, S4): each card spoke IPv6 on its own link alone, to
/// the hosts there and to groups, and IPv4 to addresses of the scope.
fn each_card_reached_its_own_link_alone(school: &School, running: &play::Running) {
    let cards = ledger::read_cards(school, running, "agent").expect("the ledgers");
    let switches = [school.agent.switch.as_str(), school.agent.also[0].switch.as_str()];
    assert_eq!(cards.len(), switches.len());
    for (card, switch) in cards.iter().zip(switches) {
        let own = school.host.iter().find(|host| host.switch == switch && host.address6.is_some());
        let own = own.and_then(|host| host.address6).expect("a host that speaks IPv6 alone");
        assert!(card.reached6.contains(&(own, 161)), "{switch}: {own} was asked: {:?}", card.reached6);
        for other in school.host.iter().filter(|host| host.switch != switch).filter_map(|host| host.address6)
        {
            assert!(!card.packets6.contains_key(&other), "{switch}: a packet to {other}, on another link");
        }
        let own = if *switch == school.agent.switch { 1 } else { 2 };
        is_within(card, switch, own, |address| school.segment.iter().any(|segment| segment.holds(address)));
    }
}

/// The second box's scope is its own segment and no more.
fn the_second_box_stayed_in_its_segment(school: &School, running: &play::Running) {
    let cards = ledger::read_cards(school, running, "agent2").expect("the ledger");
    let [card] = cards.as_slice() else { panic!("one card") };
    let collector = school.agent.address;
    is_within(card, BEYOND, 3, |address| school.segment[2].holds(address) || address == collector);
}

/// Nothing forbidden, nothing too fast, nothing outside of what `holds`; to everybody on the link `10.31.own.0/26` that
/// hangs on this card the search for projectors alone.
fn is_within(card: &ledger::Ledger, switch: &str, own: u8, holds: impl Fn(Ipv4Addr) -> bool) {
    assert!(card.frames > 0 && !card.packets6.is_empty(), "{switch}: the ledger is not in the way");
    let ports4 = card.connections.keys().map(|(to, port)| (IpAddr::V4(*to), *port));
    let ports6 = card.reached6.iter().map(|(to, port)| (IpAddr::V6(*to), *port));
    for (to, port) in ports4.chain(ports6) {
        assert!(!crate::lab::is_raw_print(port), "{switch}: something to {to} port {port} (promise S2)");
    }
    for to in card.packets6.keys() {
        assert!(
            to.is_unicast_link_local() || to.is_multicast(),
            "{switch}: a packet to {to}, outside the scope"
        );
    }
    let everybody = Ipv4Addr::new(10, 31, own, 0x3f);
    let searched = card.datagrams.get(&(everybody, 4352));
    assert!(searched.is_some_and(|count| *count > 0), "{switch}: projectors were not searched for");
    assert_eq!(card.packets.get(&everybody), searched, "{switch}: something else to everybody");
    for to in card.packets.keys().filter(|to| !to.is_multicast() && **to != everybody) {
        let host = to.octets()[3] & 0x3f;
        assert!(holds(*to) && ![0, 0x3f].contains(&host), "{switch}: a packet to {to}, outside the scope");
    }
    assert_eq!((card.over_total, card.over_host), (0, 0), "{switch}: too fast (promise S4): {:?}", card.over);
}

fn the_school(book: &Traeger) -> i64 {
    book.schools().expect("schools").first().expect("the school").id
}

fn each_segment_tells_how_it_was_covered(school: &School, whole: &Whole<'_>) {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock");
    let now = Timestamp(i64::try_from(since.as_millis()).expect("a date"));
    let overview = book(whole).overview(now).expect("the overview");
    let walked = &overview.schools.first().expect("the school").walked;
    assert_eq!((walked.agents, walked.expected, walked.covered), (2, 3, 3), "{walked:?}");
    for segment in &school.segment {
        let told = walked.segments.iter().find(|told| told.name == segment.name);
        let told = told.unwrap_or_else(|| panic!("{} is not told", segment.name));
        assert_eq!((told.network.as_str(), told.is_fresh), (segment.network.as_str(), true));
    }
}

/// Promise P2, also through a router's ARP table.
fn nobodys_telephone_is_told(school: &School, whole: &Whole<'_>) {
    for (path, bytes) in whole.files().expect("files") {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for secret in school.host.iter().flat_map(|host| &host.secrets) {
            for form in [secret.to_lowercase(), secret.to_lowercase().replace(':', "")] {
                assert!(!text.contains(&form), "'{secret}' stands in {}", path.display());
            }
        }
    }
}
