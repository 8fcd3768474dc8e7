//! What is not known is treated with care (promise S5), what is a person's is left alone (P2), and without authority
//! the agent only listens and counts (P6).

use super::*;
use crate::{
    left_alone::{LEFT_ALONE_DAYS, LeftAlone},
    output, scope,
};

const PORTS: [u16; 9] = [80, 81, 82, 83, 84, 85, 86, 87, 88];

static MANY: Probe = Probe {
    name: "many",
    sends: "One line to each of nine ports.",
    group: Group::Web,
    stage: Stage::Connections,
    plan: |_, _| PORTS.map(Plan::tcp).to_vec(),
    start: |host, _, _, _| Say::boxed(host, b"hello", false),
};
static CAUTIOUS: &[&Probe] = &[&ANNOUNCE, &GENTLE, &MANY];

async fn walk_in(scope: Scope, school: &str) -> Walked {
    let replay = Arc::new(Replay::read(school).unwrap());
    let clock = Arc::new(FixedClock(Timestamp::from_seconds(1_790_000_000)));
    let runner =
        Arc::new(Runner::with_probes(Arc::new(scope), Arc::default(), replay.clone(), clock, 1, CAUTIOUS));
    let kept = walk_with(&runner, &Quiet).await;
    Walked { replay, runner, kept }
}

fn network(class: NetworkClass) -> Scope {
    Flags { networks: vec!["10.0.0.0/28".into()], class, ..Flags::default() }.scope().unwrap()
}

fn connections(walked: &Walked, last: u8) -> Vec<String> {
    walked.sent_to(last).into_iter().filter(|sent| sent.starts_with("tcp")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_device_that_falls_silent_is_left_alone_and_reported() {
    let ports = PORTS.map(|port| format!("{{ port = {port} }}")).join(",");
    let school = |life: &str| {
        format!("[[host]]\nip = \"10.0.0.1\"\nmac = \"00:11:32:00:00:01\"\n{life}\ntcp = [{ports}]\n")
    };
    let healthy = walk_in(network(NetworkClass::Managed), &school("")).await;
    assert_eq!(connections(&healthy, 1).len(), PORTS.len());
    assert_eq!(fell_silent(&healthy), None);

    let fallen = walk_in(network(NetworkClass::Managed), &school("silent_after = 3")).await;
    assert_eq!(fell_silent(&fallen).as_deref(), Some("many"), "what it fell silent after is told");
    let tried: std::collections::BTreeSet<_> = connections(&fallen, 1).into_iter().collect();
    assert!(tried.len() < PORTS.len(), "it is left alone: {tried:?}");
}

fn fell_silent(walked: &Walked) -> Option<String> {
    let seen = &walked.kept.round().observations;
    seen.iter().find_map(|seen| seen.fields.text(&vocabulary::HOST_FELL_SILENT)).map(str::to_owned)
}

/// What has no open port can fall silent, too: then ARP bears witness, for it was found that way.
#[tokio::test(start_paused = true)]
async fn a_device_that_one_datagram_silences_is_noticed() {
    // A telephone: SNMP and nothing else, and it answers that no more.
    let school = |life: &str| {
        let udp = "udp = [{ port = 1610, exchange = [] }]";
        format!("[[host]]\nip = \"10.0.0.4\"\nmac = \"80:5e:c0:00:00:03\"\n{life}\n{udp}\n")
    };
    let mute = walk_in(network(NetworkClass::Managed), &school("")).await;
    assert_eq!((mute.sent_to(4), fell_silent(&mute)), (vec!["udp 1610".to_owned()], None), "mute, but there");
    let fallen = walk_in(network(NetworkClass::Managed), &school("silent_after = 1")).await;
    assert_eq!(fell_silent(&fallen).as_deref(), Some("gentle"));
}

#[tokio::test(start_paused = true)]
async fn a_device_that_fell_silent_is_left_alone_for_days() {
    // A server that only its port tells, in a network where the unknown is only counted; and one that stays unknown.
    let host = |last: u8, mac: &str, title: &str, life: &str| {
        let udp = format!("udp = [{{ port = 1610, exchange = [{{ answer = \"{title}\" }}] }}]");
        format!("[[host]]\nip = \"10.0.0.{last}\"\nmac = \"{mac}\"\n{life}\n{udp}\n")
    };
    let school = |life: &str| {
        [host(1, "00:11:32:00:00:01", "x", life), host(2, "00:ff:fe:00:00:02", "x", life)].concat()
    };
    let day = Timestamp::parse_date("2026-09-21").unwrap();
    let left_alone = Arc::new(LeftAlone::default());
    let walk = async |day: Timestamp, left_alone: &Arc<LeftAlone>, life: &str| {
        let settings = Settings { left_alone: left_alone.clone(), ..Settings::default() };
        let replay = Arc::new(Replay::read(&school(life)).unwrap());
        let clock = Arc::new(FixedClock(Timestamp(day.0 + 8 * 3_600_000)));
        let scope = Arc::new(network(NetworkClass::Mixed));
        let runner =
            Arc::new(Runner::with_probes(scope, Arc::new(settings), replay.clone(), clock, 1, CAUTIOUS));
        let kept = walk_with(&runner, &Quiet).await;
        Walked { replay, runner, kept }
    };
    let until = |walked: &Walked| {
        let seen = walked.kept.round().observations.iter();
        let told = |seen: &Observation| seen.fields.get(&vocabulary::HOST_LEFT_ALONE_UNTIL).cloned();
        seen.filter_map(told).collect::<Vec<_>>()
    };
    let expected = vec![Value::Time(day.plus_days(LEFT_ALONE_DAYS).0)];

    let first = walk(day, &left_alone, "silent_after = 2").await;
    assert_eq!(until(&first), expected, "the one that may be kept is reported");
    // Both have come back: neither is asked, also not by an agent that was started anew.
    let restarted = Arc::new(LeftAlone::default());
    first.kept.round().observations.iter().for_each(|seen| restarted.recall(seen));
    for later in [1, LEFT_ALONE_DAYS - 1] {
        let next = walk(day.plus_days(later), &left_alone, "").await;
        assert_eq!((next.sent_to(1), next.sent_to(2)), (Vec::new(), Vec::new()), "day {later}");
        assert_eq!(until(&next), expected, "reported for as long as it is left alone");
        let next = walk(day.plus_days(later), &restarted, "").await;
        assert_eq!((next.sent_to(1), until(&next)), (Vec::new(), expected.clone()), "day {later}");
    }
    let afterwards = walk(day.plus_days(LEFT_ALONE_DAYS), &left_alone, "").await;
    assert!(!afterwards.sent_to(1).is_empty() && !afterwards.sent_to(2).is_empty(), "asked again");
    assert_eq!(until(&afterwards), Vec::new());
}

/// The decision note `unknown-hosts.md` says why.
#[tokio::test(start_paused = true)]
async fn an_unknown_host_is_asked_gently_first_and_a_persons_not_at_all() {
    let school = r#"
        [[host]]
        ip = "10.0.0.1"
        mac = "00:ff:fe:00:00:01"
        udp = [{ port = 1610, exchange = [{ answer = "something" }] }]
        tcp = [{ port = 80, exchange = [{ answer = "hi" }] }]
        # Blocks of Apple and Xiaomi.
        [[host]]
        ip = "10.0.0.2"
        mac = "a8:bb:cf:09:9b:bc"
        [[host]]
        ip = "10.0.0.3"
        mac = "64:cc:2e:00:00:03"
        # A telephone by its block.
        [[host]]
        ip = "10.0.0.4"
        mac = "80:5e:c0:00:00:03"
    "#;
    let walked = walk_in(network(NetworkClass::Mixed), school).await;
    assert_eq!(walked.sent_to(1).first().map(String::as_str), Some("udp 1610"), "SNMP before TCP");
    assert_eq!(connections(&walked, 1).len(), PORTS.len());
    assert_eq!(walked.sent_to(2), [""; 0], "a phone's or laptop's maker");
    assert_eq!(walked.sent_to(3), [""; 0], "a telephone's maker");
    assert_eq!(walked.sent_to(4), ["udp 1610"], "no TCP scan of a telephone");
    let kept: Vec<_> = walked.kept.devices().iter().map(|device| device.address.to_string()).collect();
    assert_eq!(kept, ["10.0.0.4"], "what stays unknown is counted");
    let lines = output::json(&walked.kept);
    assert!(lines.contains(r#""count":null,"shown":"<10""#), "{lines}");
}

#[tokio::test(start_paused = true)]
async fn without_authority_the_agent_listens_and_counts() {
    let scope = |papers: &str| {
        let text =
            format!("[[network]]\nname = \"S\"\nnetwork = \"10.0.0.0/24\"\nclass = \"managed\"\n{papers}");
        scope::read(&text).unwrap()
    };
    let arp = |host: u8, third: u8| {
        let mac = [0x00, 0x11, 0x32, 0, third, host];
        let frame = rundgang_wire::arp::request(mac, [10, 0, third, host].into(), [10, 0, third, 1].into());
        format!("{{ hex = \"{}\" }}", data_encoding::HEXLOWER.encode(&frame))
    };
    // One of them twice, and one of another network on the same link, which is not ours to count.
    let frames: Vec<_> = (10..30).map(|host| arp(host, 0)).chain([arp(10, 0), arp(10, 9)]).collect();
    let recorded = format!("frame = [{}]\n{SCHOOL}", frames.join(","));

    let one_missing = "authorised_by = \"A\"\nlegal_basis = \"B\"\n";
    for papers in ["", one_missing] {
        let walked = walk_in(scope(papers), &recorded).await;
        assert_eq!(walked.replay.ledger().len(), 0, "a packet without authority");
        assert!(walked.kept.devices().is_empty() && walked.kept.round().observations.is_empty());
        let counts: Vec<_> = walked.kept.round().counts.iter().map(|count| count.count).collect();
        assert_eq!(counts, [20], "twenty senders of this network");
        assert!(!walked.kept.round().coverage[0].complete, "nothing is covered by listening");
        assert!(output::json(&walked.kept).contains(r#""count":20,"shown":"20""#));
    }
    let complete = walk_in(scope(&format!("{one_missing}staff_council = \"2026-09-01\"\n")), &recorded).await;
    assert!(!complete.replay.ledger().is_empty(), "with all three it walks");
}
