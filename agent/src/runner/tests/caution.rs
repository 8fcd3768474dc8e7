//! What is not known is treated with care (promise S5), what is a person's is left alone (P2), and without authority
//! the agent only listens and counts (P6).

use super::*;
use crate::{
    left_alone::{LEFT_ALONE_DAYS, LeftAlone},
    output, scope,
};
use rundgang_inventory::MacProvenance;

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

/// Several workers see the same silence: one of them makes sure of it, and the others wait.
#[tokio::test(start_paused = true)]
async fn one_proof_is_enough() {
    let ports = PORTS.map(|port| format!("{{ port = {port} }}")).join(",");
    let school = format!(
        "[[host]]\nip = \"10.0.0.1\"\nmac = \"00:11:32:00:00:01\"\nsilent_after = 3\ntcp = [{ports}]\n"
    );
    let fallen = walk_in(network(NetworkClass::Managed), &school).await;
    assert!(fell_silent(&fallen).is_some());
    let witness = connections(&fallen, 1).into_iter().filter(|to| to == "tcp 80").count();
    assert_eq!(witness, 3, "the port's own turn, and asked twice whether it still answers");
}

/// The witness keeps to what the host may be asked: no port of a telephone, and never that of printing.
#[test]
fn a_witness_is_as_careful_as_the_visit() {
    let check = |open: &[u16], may_connect, found_by: &str, expected| {
        let mut visit = Visit::new([10, 0, 0, 1].into(), None, true, true);
        visit.add(SWEEP, Fields::new().with(&vocabulary::HOST_FOUND_BY, Value::text(found_by)));
        let mut hearing = silence::Hearing::default();
        for port in open {
            hearing.note("many", Transport::Tcp(*port), converse::How::Connected, None);
        }
        assert_eq!(hearing.witness(&visit, may_connect), expected, "{open:?} {may_connect} {found_by}");
    };
    use silence::Witness::{Echo, Link, Port};
    check(&[80, 443], true, "arp", Some(Port(80)));
    check(&[631, 8080], true, "arp", Some(Port(8080)));
    check(&[631], true, "arp", Some(Link));
    check(&[80], false, "arp", Some(Link));
    check(&[80], false, "icmp", Some(Echo));
    check(&[80], false, "tcp", None);
}

/// What tells what it is and falls silent by that is noticed, though it is asked nothing more but by ARP.
#[tokio::test(start_paused = true)]
async fn building_control_that_falls_silent_is_noticed() {
    static SHY: Probe = Probe {
        name: "shy",
        sends: "Two datagrams.",
        group: Group::Snmp,
        stage: Stage::Gentle,
        plan: |_, _| vec![Plan::udp(1611)],
        start: |host, _, _, _| Say::boxed(host, b"get", false),
    };
    static PROBES: &[&Probe] = &[&SHY];
    let school = "[[host]]\nip = \"10.0.0.2\"\nmac = \"50:4f:94:00:00:02\"\nsilent_after = 0\n";
    let replay = Arc::new(Replay::read(school).unwrap());
    let clock = Arc::new(FixedClock(Timestamp::from_seconds(1_790_000_000)));
    let scope = Arc::new(network(NetworkClass::Managed));
    let runner = Arc::new(Runner::with_probes(scope, Arc::default(), replay.clone(), clock, 1, PROBES));
    let mac = Some(("50:4f:94:00:00:02".parse().unwrap(), MacProvenance::OwnReply));
    let mut visit = Visit::new([10, 0, 0, 2].into(), mac, true, true);
    visit.add(SWEEP, Fields::new().with(&vocabulary::HOST_FOUND_BY, Value::text("arp")));
    let mut hearing = silence::Hearing::default();
    hearing.note("shy", Transport::Udp(1611), converse::How::Silent, None);
    assert!(runner.fallen_after(visit, hearing).await, "nobody answers ARP any more");
    let asked = replay.ledger();
    assert!(asked.iter().all(|(_, sent)| matches!(sent, Sent::Asked(_))), "{asked:?}");
    assert_eq!(asked.len(), 3);
    let spaced = asked.windows(2).all(|pair| pair[1].0 - pair[0].0 >= Duration::from_secs(2));
    assert!(spaced, "with time to answer between: {asked:?}");
}

/// Where none of our addresses lies in the device's network nobody can be asked, and then silence is nobody's.
#[tokio::test(start_paused = true)]
async fn who_could_not_be_asked_has_not_fallen_silent() {
    for (own, lives, fallen) in [
        ("fe80::1", true, false),
        ("fe80::1", false, false),
        ("fd00::1", true, false),
        ("fd00::1", false, true),
    ] {
        let life = if lives { "" } else { "silent_after = 0\n" };
        let school =
            format!("own = [\"{own}\"]\n[[host]]\nip = \"fd00::2\"\nmac = \"50:4f:94:00:00:02\"\n{life}");
        let replay = Arc::new(Replay::read(&school).unwrap());
        let clock = Arc::new(FixedClock(Timestamp::from_seconds(1_790_000_000)));
        let flags =
            Flags { networks: vec!["fd00::/64".into()], class: NetworkClass::Managed, ..Flags::default() };
        let scope = Arc::new(flags.scope().unwrap());
        let runner = Arc::new(Runner::with_probes(scope, Arc::default(), replay.clone(), clock, 1, CAUTIOUS));
        let mac = Some(("50:4f:94:00:00:02".parse().unwrap(), MacProvenance::OwnReply));
        let mut visit = Visit::new("fd00::2".parse().unwrap(), mac, true, true);
        visit.add(SWEEP, Fields::new().with(&vocabulary::HOST_FOUND_BY, Value::text("arp")));
        let mut hearing = silence::Hearing::default();
        hearing.note("shy", Transport::Udp(1611), converse::How::Silent, None);
        let said = runner.fallen_after(visit, hearing).await;
        let asked = replay.ledger().iter().filter(|(_, sent)| matches!(sent, Sent::Echo(_))).count();
        assert_eq!((said, asked > 0), (fallen, own == "fd00::1"), "from {own}, lives: {lives}");
    }
}

/// A conversation that waits in vain for more is no sign of the host for all that while.
#[tokio::test(start_paused = true)]
async fn a_host_is_heard_when_it_speaks_and_not_when_a_conversation_ends() {
    let check = async |ports: &str, expected| {
        let school = format!("[[host]]\nip = \"10.0.0.1\"\nmac = \"00:11:32:00:00:01\"\ntcp = [{ports}]\n");
        let replay = Arc::new(Replay::read(&school).unwrap());
        let clock = Arc::new(FixedClock(Timestamp::from_seconds(1_790_000_000)));
        let scope = Arc::new(network(NetworkClass::Managed));
        let runner = Runner::with_probes(scope, Arc::default(), replay.clone(), clock, 1, CAUTIOUS);
        let host = Host { ip: [10, 0, 0, 1].into(), mac: None, fields: Fields::new(), kind: None };
        let outcome = runner.converse(&host, &MANY, &Plan::tcp(80)).await.unwrap();
        let waited = outcome.heard.map(|heard| heard.elapsed() >= Duration::from_secs(1));
        assert_eq!((outcome.how, waited), expected, "{ports}");
    };
    use converse::How::{Answered, Connected, Refused};
    check("{ port = 80 }", (Connected, Some(true))).await;
    check("{ port = 80, exchange = [{ answer = \"hi\" }] }", (Answered, Some(false))).await;
    check("{ port = 80, exchange = [{ answer = \"more\" }] }", (Answered, Some(true))).await;
    check("{ port = 81 }", (Refused, Some(false))).await;
}

/// A way that breaks makes silence of every host behind it, and is none of theirs.
#[tokio::test(start_paused = true)]
async fn several_silences_at_once_are_a_broken_way() {
    let host = |last: u8, life: &str| {
        let ports = PORTS.map(|port| format!("{{ port = {port} }}")).join(",");
        format!(
            "[[host]]\nip = \"10.0.0.{last}\"\nmac = \"00:11:32:00:00:0{last}\"\n{life}\ntcp = [{ports}]\n"
        )
    };
    // Where somebody else goes on answering, the way is there: a question that fells every device of one model.
    let other = host(9, "");
    for (many, other, expected) in [(2, "", (2, true)), (3, "", (0, false)), (3, other.as_str(), (3, true))] {
        let silent = (1..=many).map(|last| host(last, "silent_after = 3"));
        let school: String = silent.chain([other.to_owned()]).collect();
        let walked = walk_in(network(NetworkClass::Managed), &school).await;
        let seen = walked.kept.round().observations.iter();
        let told = seen.filter(|seen| seen.fields.text(&vocabulary::HOST_FELL_SILENT).is_some()).count();
        assert_eq!(
            (told, walked.kept.round().coverage[0].complete),
            expected,
            "{many} hosts, {}",
            other.len()
        );
        let remembered = format!("LeftAlone({})", expected.0);
        assert_eq!(format!("{:?}", walked.runner.settings().left_alone), remembered);
    }
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
