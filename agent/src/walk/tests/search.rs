//! Searches by broadcast: who may be asked, whose answers count, and what is told where nobody could be asked.

use super::*;
use crate::{output, scope::Cidr};
use rundgang_inventory::Kind;
use std::net::SocketAddr;

/// A class 2 projector that is asked over the broadcast address, and nobody else.
pub(super) const SEARCHED: &str = "[[host]]\nip = \"10.0.0.2\"\nmac = \"00:26:ab:00:00:02\"\n[[host.udp]]\nport = 4352\ngroup = \"10.0.0.15\"\n\
     exchange = [{ expect = \"%2SRCH\\r\", answer = \"%2ACKN=00:26:ab:00:00:02\\r\" }]\n\
     [[host]]\nip = \"10.0.0.5\"\nmac = \"00:11:32:00:00:05\"\n";

pub(super) fn searches(replay: &Replay) -> Vec<(SocketAddr, Vec<u8>)> {
    let search = |sent: Sent| match sent {
        Sent::Datagram(to, bytes) if to.port() == 4352 => Some((to, bytes)),
        _ => None,
    };
    replay.ledger().into_iter().filter_map(|(_, sent)| search(sent)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_search_finds_a_projector_that_refuses_every_connection() {
    let (kept, replay) = walked(segment("10.0.0.0/28"), Replay::read(SEARCHED).unwrap()).await;
    assert_eq!(searches(&replay), [("10.0.0.15:4352".parse().unwrap(), b"%2SRCH\r".to_vec())]);
    let found = |ip: &str| kept.devices().iter().find(|device| device.address.to_string() == ip).unwrap();
    let kind = |ip: &str| found(ip).recognition.kind.as_ref().map(|told| told.value.name());
    assert_eq!(kind("10.0.0.2"), Some("projector"));
    assert_ne!(kind("10.0.0.5"), Some("projector"));
    assert!(kept.round().coverage[0].probes.iter().any(|probe| probe == "pjlink-search"));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_searched_for_where_the_scope_does_not_allow_it() {
    type Edit = fn(&mut Segment);
    let edits: [(&str, Edit); 4] = [
        ("the group", |segment| segment.groups.retain(|group| *group != Group::Projection)),
        ("the class", |segment| segment.class = NetworkClass::Personal),
        ("the day", |segment| segment.valid_until = Some(Timestamp(1))),
        ("one host alone", |segment| segment.network = "10.0.0.2/32".parse().unwrap()),
    ];
    for (what, edit) in edits {
        let mut edited = segment("10.0.0.0/28");
        edit(&mut edited);
        let (kept, replay) = walked(edited, Replay::read(SEARCHED).unwrap()).await;
        assert!(searches(&replay).is_empty(), "{what}: {:?}", searches(&replay));
        assert!(kept.round().coverage[0].probes.iter().all(|probe| probe != "pjlink-search"), "{what}");
    }
}

/// A host that answers searches at the broadcast address `group` with its own MAC address (or one, if it has none) and nothing
/// else.
fn answering(ip: &str, mac: &str, group: &str, more: &str) -> String {
    claiming(if mac.is_empty() { "00:26:ab:00:00:02" } else { mac }, ip, mac, group, more)
}

/// The same where the answer claims this MAC address.
fn claiming(claimed: &str, ip: &str, mac: &str, group: &str, more: &str) -> String {
    let mac = if mac.is_empty() { String::new() } else { format!("mac = \"{mac}\"\n") };
    format!(
        "[[host]]\nip = \"{ip}\"\n{mac}{more}\n[[host.udp]]\nport = 4352\ngroup = \"{group}\"\n\
         exchange = [{{ expect = \"%2SRCH\\r\", answer = \"%2ACKN={claimed}\\r\" }}]\n"
    )
}

/// Somebody writes a teacher's address on an acknowledgement: her laptop, of a maker who says nothing of its kind, stays
/// counted, and no address or name of it is told; nor does a true one make a projector of a computer.
#[tokio::test(start_paused = true)]
async fn a_forged_answer_makes_nobodys_laptop_a_projector() {
    let group = "10.0.0.15";
    let own = ["00:ff:fe:00:00:07", "00:ff:fe:00:00:08", "a8:bb:cf:00:00:09"];
    let text = claiming("00:26:ab:00:00:02", "10.0.0.7", own[0], group, "")
        + &claiming("00:26:ab:00:00:02", "10.0.0.8", own[1], group, "unheard = 2")
        // A maker of people's devices: not even with its true address.
        + &answering("10.0.0.9", own[2], group, "")
        + &answering("10.0.0.2", "00:26:ab:00:00:02", group, "");
    let mut mixed = segment("10.0.0.0/28");
    mixed.class = NetworkClass::Mixed;
    let (kept, _) = walked(mixed, Replay::read(&text).unwrap()).await;
    assert_eq!(addresses(&kept), ["10.0.0.2"]);
    assert_eq!(projectors(&kept), ["10.0.0.2"]);
    assert_eq!(kept.round().counts.iter().map(|count| count.count).sum::<u32>(), 3);
    let told = format!("{kept:?}") + &output::json(&kept);
    for mac in own {
        assert!(!told.contains(mac), "{mac} in {told}");
    }
}

fn card(text: &str) -> (IpAddr, Cidr) {
    let (ip, prefix) = text.split_once('/').unwrap();
    let ip: IpAddr = ip.parse().unwrap();
    (ip, Cidr::around(ip, prefix.parse().unwrap()))
}

pub(super) fn addresses(kept: &Kept) -> Vec<String> {
    kept.devices().iter().map(|device| device.address.to_string()).collect()
}

fn projectors(kept: &Kept) -> Vec<String> {
    let kind = |device: &crate::filter::Device| device.recognition.kind.as_ref().map(|told| told.value);
    let projectors = kept.devices().iter().filter(|device| kind(device) == Some(Kind::Projector));
    projectors.map(|device| device.address.to_string()).collect()
}

/// Whether the search covered a segment of the walk.
pub(super) fn is_covered(kept: &Kept, segment: usize) -> bool {
    kept.round().coverage[segment].probes.iter().any(|probe| probe == "pjlink-search")
}

/// What programs and people are told of a segment beside its devices.
pub(super) fn told(runner: &Runner) -> (serde_json::Value, String) {
    (serde_json::from_str(&output::coverage(runner)).unwrap(), output::unchecked(runner))
}

/// Who else can send a datagram to the searching port: a host of another segment, one of another link within the segment, one
/// that is not there at all. None of them becomes a host, nor a projector if it is one.
#[tokio::test(start_paused = true)]
async fn an_answer_counts_only_from_the_link_that_was_searched() {
    let group = "10.0.0.15";
    let text = answering("10.0.0.2", "00:26:ab:00:00:02", group, "")
        // Known in its own segment as something else; its word over here makes no projector of it.
        + &answering("10.0.1.7", "00:11:32:00:00:07", group, "")
        // Elsewhere in scope, and found by nothing but its word over here.
        + &answering("10.0.1.8", "", group, "")
        // A made-up sender on this very link: nobody has that address.
        + &answering("10.0.0.9", "", group, "")
        // Asked by an echo request, since the link does not tell its address: it may be anybody's.
        + &answering("10.0.0.10", "", group, "echo = true");
    let gently = |network| Segment { tcp_discovery: false, ..segment(network) };
    let segments = ["10.0.0.0/28", "10.0.1.0/24"].map(gently).to_vec();
    let listed: Vec<_> = segments.iter().map(|segment| segment.network).collect();
    let scope = Scope::new(segments, &listed, &[], Act::Person).unwrap();
    let replay = Arc::new(Replay::read(&text).unwrap());
    let clock = Arc::new(Running(tokio::time::Instant::now()));
    let kept = walk(Arc::new(scope), Arc::default(), replay.clone(), clock, Arc::new(Quiet), 1).await;
    assert_eq!(addresses(&kept), ["10.0.0.2", "10.0.0.10", "10.0.1.7"]);
    assert_eq!(projectors(&kept), ["10.0.0.2"]);
    let visited = |ip: &str| {
        let to = |sent: &Sent| matches!(sent, Sent::Connected(to) if to.ip().to_string() == ip);
        replay.ledger().iter().any(|(_, sent)| to(sent))
    };
    assert!(visited("10.0.1.7") && !visited("10.0.1.8") && !visited("10.0.0.9"));
}

/// A projector whose WLAN loses the questions of the sweep: its answer is enough to ask for it once more.
#[tokio::test(start_paused = true)]
async fn a_projector_that_only_the_search_found_is_visited_with_its_mac_address() {
    let host =
        |unheard| answering("10.0.0.2", "00:26:ab:00:00:02", "10.0.0.15", &format!("unheard = {unheard}"));
    let late = Replay::read(&host(2)).unwrap();
    let (kept, _) = walked(segment("10.0.0.0/28"), late).await;
    assert_eq!(projectors(&kept), ["10.0.0.2"]);
    assert_eq!(kept.devices()[0].mac, Some("00:26:ab:00:00:02".parse().unwrap()));
    // A private computer says what it likes: its random address is known, too.
    let text = host(2).replace("00:26:ab:00:00:02", "72:5a:11:00:00:02");
    let (kept, _) = walked(segment("10.0.0.0/28"), Replay::read(&text).unwrap()).await;
    assert!(kept.devices().is_empty() && kept.round().counts.len() == 1, "{:?}", kept.round());
}

/// A lost question is no reason to leave a projector out: it is asked for as often as the sweep may ask, and where even that
/// tells nothing the search is not said to have covered the network.
#[tokio::test(start_paused = true)]
async fn who_answered_is_asked_for_up_to_three_times_and_then_told_as_unchecked() {
    let ordinary = "[[host]]\nip = \"10.0.0.5\"\nmac = \"00:11:32:00:00:05\"\n";
    // The sweep asks twice where the second round finds nobody.
    for (unheard, asked, is_found) in [(2, 3, true), (4, 5, true), (5, 5, false)] {
        let more = format!("unheard = {unheard}");
        let text = answering("10.0.0.2", "00:26:ab:00:00:02", "10.0.0.15", &more) + ordinary;
        let (runner, replay) = runner(segment("10.0.0.0/28"), Replay::read(&text).unwrap());
        let runner = Arc::new(runner);
        let kept = walk_with(&runner, &Quiet).await;
        assert_eq!(projectors(&kept).len(), usize::from(is_found), "{unheard}");
        let for_it = |(_, sent): &&_| matches!(sent, Sent::Asked(ip) if ip.to_string() == "10.0.0.2");
        assert_eq!(replay.ledger().iter().filter(for_it).count(), asked, "{unheard}");
        assert_eq!(is_covered(&kept, 0), is_found, "{unheard}");
        assert_eq!(
            told(&runner).0["unchecked"].to_string().contains("pjlink-search"),
            !is_found,
            "{unheard}"
        );
        assert!(kept.round().coverage[0].complete, "everything else was asked");
    }
    // Known by an echo request alone: what it is worth cannot be said.
    let text = answering("10.0.0.2", "", "10.0.0.15", "echo = true") + ordinary;
    let (kept, _) = walked(segment("10.0.0.0/28"), Replay::read(&text).unwrap()).await;
    assert_eq!((addresses(&kept).len(), projectors(&kept).len(), is_covered(&kept, 0)), (2, 0, false));
}

/// Somebody on one link answers with many made-up addresses: that link's segment is not walked to its end, and a projector on
/// another link is found as ever.
#[tokio::test(start_paused = true)]
async fn made_up_addresses_on_one_link_take_no_room_from_another() {
    let gently = |network| Segment { tcp_discovery: false, ..segment(network) };
    let flood = |network: &str, group: &str, made_up: usize| {
        let answer = |last| answering(&format!("{network}.{last}"), "", group, "");
        let answers: String = (3..3 + made_up).map(answer).collect();
        // Somebody must answer the sweep.
        let third = network.rsplit('.').next().unwrap();
        format!("[[host]]\nip = \"{network}.2\"\nmac = \"00:11:32:00:0{third}:02\"\n{answers}")
    };
    let text = flood("10.0.0", "10.0.0.127", 65)
        + &flood("10.0.1", "10.0.1.255", 65)
        + &flood("10.0.2", "10.0.2.255", 64)
        + &flood("10.0.3", "10.0.3.255", 0)
        + &answering("10.0.0.130", "00:26:ab:00:00:82", "10.0.0.255", "unheard = 2")
        + &answering("10.0.3.4", "00:26:ab:00:03:04", "10.0.3.255", "unheard = 2");
    let networks = ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"];
    let segments = networks.map(gently).to_vec();
    let listed: Vec<_> = segments.iter().map(|segment| segment.network).collect();
    let scope = Scope::new(segments, &listed, &[], Act::Person).unwrap();
    let cards = ["10.0.0.1/25", "10.0.0.129/25", "10.0.1.1/24", "10.0.2.1/24", "10.0.3.1/24"];
    let replay = Replay::read(&text).unwrap().with_cards(cards.map(card).to_vec());
    let clock = Arc::new(Running(tokio::time::Instant::now()));
    let kept = walk(Arc::new(scope), Arc::default(), Arc::new(replay), clock, Arc::new(Quiet), 1).await;
    assert_eq!(projectors(&kept), ["10.0.0.130", "10.0.3.4"]);
    let complete: Vec<bool> = kept.round().coverage.iter().map(|covered| covered.complete).collect();
    assert_eq!(complete, [false, false, true, true], "each that lost one, and no other");
    assert!(is_covered(&kept, 3) && !is_covered(&kept, 2), "{:?}", kept.round().coverage);
}

#[tokio::test(start_paused = true)]
async fn every_link_under_one_line_is_searched_and_what_lies_elsewhere_is_told() {
    let text = answering("10.0.0.2", "00:26:ab:00:00:02", "10.0.0.127", "")
        + &answering("10.0.0.130", "00:26:ab:00:00:82", "10.0.0.255", "");
    let both = [card("10.0.0.1/25"), card("10.0.0.129/25")];
    let searched = ["10.0.0.127:4352".parse().unwrap(), "10.0.0.255:4352".parse().unwrap()];
    let all = ["10.0.0.2", "10.0.0.130"];
    for (cards, whole) in [(&both[..], true), (&both[..1], false), (&both[1..], false), (&[][..], false)] {
        let cards = if cards.is_empty() { vec![card("10.0.7.1/24")] } else { cards.to_vec() };
        let asked: Vec<SocketAddr> = searched
            .into_iter()
            .filter(|to: &SocketAddr| cards.iter().any(|(_, network)| network.contains(to.ip())))
            .collect();
        let replay = Replay::read(&text).unwrap().with_cards(cards);
        let (runner, replay) = runner(segment("10.0.0.0/24"), replay);
        let runner = Arc::new(runner);
        let kept = walk_with(&runner, &Quiet).await;
        let mut heard: Vec<_> = searches(&replay).into_iter().map(|(to, _)| to).collect();
        heard.sort();
        assert_eq!(heard, asked);
        assert_eq!(projectors(&kept).len(), asked.len());
        assert_eq!(addresses(&kept), all);
        let covered = kept.round().coverage[0].probes.iter().any(|probe| probe == "pjlink-search");
        let (json, text) = told(&runner);
        let unchecked = json["unchecked"].as_array().unwrap().iter().any(|probe| probe == "pjlink-search");
        assert_eq!(
            (covered, unchecked, text.contains("pjlink-search")),
            (whole, !whole, !whole),
            "{json} {text}"
        );
        // Questions by multicast leave by one card, and none of these holds the whole network.
        let multicast = ["mdns", "ssdp", "wsd"];
        for probe in multicast {
            assert!(json["unchecked"].to_string().contains(&format!("\"{probe}\"")), "{probe} {json}");
            assert!(text.contains(probe), "{probe} {text}");
            let covered = &kept.round().coverage[0].probes;
            assert!(covered.iter().all(|covered| covered != probe), "{probe} {covered:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_network_within_one_link_is_covered_by_multicast() {
    for own in ["10.0.0.1/28", "10.0.0.1/24"] {
        let replay = Replay::read(SEARCHED).unwrap().with_cards(vec![card(own)]);
        let (kept, _) = walked(segment("10.0.0.0/28"), replay).await;
        let covered = &kept.round().coverage[0].probes;
        for probe in ["mdns", "ssdp", "wsd"] {
            assert!(covered.iter().any(|covered| covered == probe), "{own} {probe} {covered:?}");
        }
    }
}
