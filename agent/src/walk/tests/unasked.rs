//! Questions to many that were not asked, or not to their end: nobody is told that they covered a network.

use super::{
    search::{SEARCHED, addresses, is_covered, searches, told},
    *,
};
use crate::probe::{Conversation, Harvest, Host, Input, Plan, Step};

fn pjlink_search() -> &'static Probe {
    crate::probes::ALL.iter().find(|probe| probe.name == "pjlink-search").unwrap()
}

/// A runner with these probes alone.
fn with_probes(replay: Replay, probes: &'static [&'static Probe]) -> Arc<Runner> {
    let scope =
        Flags { networks: vec!["10.0.0.0/28".into()], class: NetworkClass::Managed, ..Flags::default() };
    let clock = Arc::new(Running(tokio::time::Instant::now()));
    let scope = scope.scope().unwrap().into();
    Arc::new(Runner::with_probes(scope, Arc::default(), Arc::new(replay), clock, 1, probes))
}

/// Another program has the port, or no socket can be had at all: the walk goes on, and says what it could not ask.
#[tokio::test(start_paused = true)]
async fn a_port_that_is_taken_is_told() {
    let (runner, replay) =
        runner(segment("10.0.0.0/28"), Replay::read(SEARCHED).unwrap().without_multicast());
    let runner = Arc::new(runner);
    let kept = walk_with(&runner, &Quiet).await;
    assert!(searches(&replay).is_empty());
    assert_eq!(addresses(&kept), ["10.0.0.2", "10.0.0.5"]);
    let (json, text) = told(&runner);
    assert!(json["complete"] == true && json["unchecked"].to_string().contains("pjlink-search"), "{json}");
    assert!(text.starts_with("10.0.0.0/28: unchecked") && text.contains("pjlink-search"), "{text}");
    let log = crate::log::done(&runner);
    assert!(log.contains("; unchecked in 10.0.0.0/28: ") && log.contains("pjlink-search"), "{log}");
    // What never left is not counted as a conversation.
    assert!(!log.contains("pjlink-search 1") && !log.contains("mdns 1"), "{log}");
    assert!(kept.round().coverage[0].probes.iter().all(|probe| probe != "pjlink-search"));
}

/// Whoever floods the search keeps the others' answers from being heard: then it was not asked to its end.
#[tokio::test(start_paused = true)]
async fn a_search_that_is_flooded_covers_nothing() {
    let long = SEARCHED.replace("00:02\\r", &("00:02\\r".to_owned() + &" ".repeat(1100)));
    for (text, times, whole) in [(SEARCHED, 4000, true), (SEARCHED, 6000, false), (&long, 4000, false)] {
        let flooded = Replay::read(text).unwrap().repeating(times);
        let (runner, _) = runner(segment("10.0.0.0/28"), flooded);
        let runner = Arc::new(runner);
        let kept = walk_with(&runner, &Quiet).await;
        let covered = is_covered(&kept, 0);
        let unchecked = told(&runner).0["unchecked"].to_string().contains("pjlink-search");
        assert_eq!((covered, unchecked), (whole, !whole), "{times}");
        assert!(crate::log::done(&runner).contains("pjlink-search 1"), "asked all the same");
    }
}

/// In a busy walk the pacer lets a question wait longer than its answers may take.
#[tokio::test(start_paused = true)]
async fn the_time_for_answers_begins_when_the_search_is_asked() {
    use crate::{network::Network as _, pace::Begin};
    let listed = segment("10.0.0.0/28");
    let (runner, replay) = runner(listed.clone(), Replay::read(SEARCHED).unwrap());
    drop(runner.pacer(&listed).begin(None, Begin::Frames(2000)).await);
    let link = replay.whole_links(&listed).remove(0);
    let plan = Plan { transport: Transport::Broadcast(4352), argument: String::new() };
    let begun = tokio::time::Instant::now();
    let harvest = runner.search_link(&listed, pjlink_search(), &plan, &link).await.unwrap();
    let asked = replay.ledger()[0].0;
    let (waited, heard) = (asked - begun, asked.elapsed());
    assert!(waited > Duration::from_millis(10_500), "{waited:?}");
    assert!(heard >= Duration::from_millis(10_500) && heard < Duration::from_secs(11), "{heard:?}");
    assert_eq!((searches(&replay).len(), harvest.0.len()), (1, 1));
    assert!(!runner.has_missed(&listed, "pjlink-search"));
}

/// The hours may end while a search is about to begin.
#[tokio::test(start_paused = true)]
async fn a_search_that_is_refused_is_told() {
    use crate::network::Network as _;
    let mut ended = segment("10.0.0.0/28");
    ended.valid_until = Some(Timestamp(1));
    let (runner, replay) = runner(ended.clone(), Replay::read(SEARCHED).unwrap());
    let link = replay.whole_links(&ended).remove(0);
    let plan = Plan { transport: Transport::Broadcast(4352), argument: String::new() };
    assert!(runner.search_link(&ended, pjlink_search(), &plan, &link).await.is_err());
    assert!(searches(&replay).is_empty());
    assert_eq!(told(&runner).0["unchecked"], serde_json::json!(["pjlink-search"]));
    assert_eq!(crate::log::done(&runner), "conversations: none; unchecked in 10.0.0.0/28: pjlink-search");
}

/// Programs, people and the local log are told the same: of a network that was not walked at all, nothing was asked.
#[tokio::test(start_paused = true)]
async fn a_network_that_was_not_walked_is_unchecked_as_a_whole() {
    type Edit = fn(&mut Segment);
    let edits: [(&str, Edit); 3] = [
        ("the class", |segment| segment.class = NetworkClass::Personal),
        ("the day", |segment| segment.valid_until = Some(Timestamp(1))),
        ("the groups", |segment| segment.groups.retain(|group| *group == Group::Projection)),
    ];
    for (what, edit) in edits {
        let mut edited = segment("10.0.0.0/28");
        edited.valid_until = Some(Timestamp(1));
        edit(&mut edited);
        let allowed = |probe: &&&Probe| edited.groups.contains(&probe.group);
        let mut names: Vec<&str> =
            crate::probes::ALL.iter().filter(allowed).map(|probe| probe.name).collect();
        names.sort_unstable();
        let (runner, _) = runner(edited, Replay::read(SEARCHED).unwrap());
        let runner = Arc::new(runner);
        walk_with(&runner, &Quiet).await;
        let (json, text) = told(&runner);
        assert_eq!(json["unchecked"], serde_json::json!(names), "{what}");
        assert!(!names.is_empty() && text.ends_with(": everything\n"), "{what}: {text}");
        let log = crate::log::done(&runner);
        assert_eq!(log, "conversations: none; unchecked in 10.0.0.0/28: everything", "{what}");
    }
}

/// A conversation with a fault of our own.
struct Faulty;

impl Conversation for Faulty {
    fn step(&mut self, _: Input<'_>) -> Step {
        panic!("a fault")
    }

    fn give_up(&mut self) -> Harvest {
        Harvest::nothing()
    }
}

fn faulty(_: &Host, _: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    Box::new(Faulty)
}

static FAULTY: [Probe; 2] = [
    Probe {
        name: "faulty-search",
        sends: "",
        group: Group::Projection,
        stage: Stage::Announcements,
        plan: |_, _| vec![Plan { transport: Transport::Broadcast(4352), argument: String::new() }],
        start: faulty,
    },
    Probe {
        name: "faulty-question",
        sends: "",
        group: Group::Announcements,
        stage: Stage::Announcements,
        plan: |_, _| vec![Plan { transport: Transport::Multicast, argument: String::new() }],
        start: faulty,
    },
];

#[tokio::test(start_paused = true)]
async fn a_fault_in_one_question_ends_nothing_else() {
    static PROBES: [&Probe; 2] = [&FAULTY[0], &FAULTY[1]];
    let runner = with_probes(Replay::read(SEARCHED).unwrap(), &PROBES);
    let kept = walk_with(&runner, &Quiet).await;
    assert_eq!(addresses(&kept), ["10.0.0.2", "10.0.0.5"]);
    let coverage = &kept.round().coverage[0];
    assert!(coverage.complete && coverage.probes == [SWEEP], "{coverage:?}");
    assert_eq!(told(&runner).0["unchecked"], serde_json::json!(["faulty-question", "faulty-search"]));
}

/// A conversation that never gets to its end.
struct Endless;

impl Conversation for Endless {
    fn step(&mut self, _: Input<'_>) -> Step {
        Step::Multicast { group: "224.0.0.251:5353".parse().unwrap(), bytes: Vec::new() }
    }

    fn has_more_to_send(&self) -> bool {
        true
    }

    fn give_up(&mut self) -> Harvest {
        Harvest::nothing()
    }
}

static ENDLESS: Probe = Probe {
    name: "endless-question",
    sends: "",
    group: Group::Announcements,
    stage: Stage::Announcements,
    plan: |_, _| vec![Plan { transport: Transport::Multicast, argument: String::new() }],
    start: |_, _, _, _| Box::new(Endless),
};

/// The time of a question ended before all of its datagrams had left.
#[tokio::test(start_paused = true)]
async fn what_was_left_to_ask_is_told() {
    static PROBES: [&Probe; 1] = [&ENDLESS];
    let runner = with_probes(Replay::read(SEARCHED).unwrap(), &PROBES);
    let kept = walk_with(&runner, &Quiet).await;
    assert_eq!(kept.round().coverage[0].probes, [SWEEP]);
    assert_eq!(told(&runner).0["unchecked"], serde_json::json!(["endless-question"]));
}
