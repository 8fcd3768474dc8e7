//! Kill -9 of the collector in mid-stream and of the agent: nothing that was on disk is lost, nothing is doubled.
//!
//! Real processes and real files: the collector is the built binary, the agent is this test binary started again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use rundgang_agent::{
    enrol::{EnrolArgs, enrol},
    spool::{Bounds, SharedSpool, Spool},
    uplink::Uplink,
};
use rundgang_collector::{Clock, authority::Authority, invitation::make_invitation, report, serve};
use rundgang_inventory::{
    Coverage, Fields, Mac, MacProvenance, Observation, Round, Subject, Timestamp, Value,
    vocabulary::HOST_FOUND_BY,
};
use rundgang_store::NewSchool;
use std::{collections::BTreeSet, io::Write, path::Path, process::Stdio, sync::Arc, time::SystemTime};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    sync::{mpsc, watch},
};

/// How often each side is killed; the long run asks for more.
fn kills() -> u32 {
    std::env::var("RUNDGANG_KILLS").ok().and_then(|number| number.parse().ok()).unwrap_or(4)
}
/// Rounds the agent spools before the next kill.
const ROUNDS: usize = 15;
/// Set in the environment of the agent's process: state directory and first host.
const AGENT: &str = "RUNDGANG_CRASH_AGENT";

#[allow(clippy::disallowed_methods, reason = "the processes under test read the clock too")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}

fn clock() -> Clock {
    Arc::new(now)
}

/// A round that sees one new host and all the unchanged ones before it, up to ten.
fn round(host: u32) -> Round {
    let at = now();
    let observation = |host: u32| {
        let [_, b, c, d] = host.to_be_bytes();
        let mac = Mac([0x00, 0x25, 0x90, b, c, d]);
        Observation {
            subject: Subject::Device { ip: [10, b, c, d].into(), mac: Some((mac, MacProvenance::OwnReply)) },
            segment: "Verwaltung".to_owned(),
            at,
            probe: "sweep".to_owned(),
            fields: Fields::new().with(&HOST_FOUND_BY, Value::text("arp")),
        }
    };
    let coverage = Coverage::whole("Verwaltung", "10.0.0.0/16", &["sweep"]);
    let observations = (host.saturating_sub(10).max(1)..=host).map(observation).collect();
    Round { started: at, ended: at, observations, counts: Vec::new(), coverage: vec![coverage] }
}

fn uplink(state: &Path, spool: SharedSpool) -> Uplink {
    let (wishes, _) = mpsc::channel(1);
    let (_, segments) = watch::channel(rundgang_agent::uplink::Declared::default());
    Uplink { state: state.to_owned(), spool, clock: clock(), segments, wishes }
}

/// The agent's process: spools round after round and says so once each is on disk, while its uplink delivers.
#[tokio::test(flavor = "multi_thread")]
async fn agent_process() {
    // Only with an order in its environment is this the agent; in an ordinary run there is nothing to do here.
    let Ok(order) = std::env::var(AGENT) else { return };
    let (host, state) = order.split_once(' ').unwrap();
    let state = Path::new(state);
    let spool = SharedSpool::new(Spool::open(state, Bounds::default()).unwrap());
    let (_stop, stopped) = watch::channel(false);
    let uplink = uplink(state, spool.clone());
    let walking = async {
        for host in host.parse::<u32>().unwrap().. {
            spool.with(move |spool| spool.append(&round(host), now())).await.unwrap();
            spool.announce();
            let mut out = std::io::stdout();
            writeln!(out, "\nspooled {host}").and_then(|()| out.flush()).unwrap();
        }
    };
    tokio::select! {
        ended = uplink.run(stopped) => ended.unwrap(),
        () = walking => {}
    }
}

async fn start_agent(state: &Path, first: u32) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "agent_process", "--nocapture", "--test-threads=1"])
        .env(AGENT, format!("{first} {}", state.display()))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

/// Reads until so many rounds are on disk; the highest host.
async fn spooled(lines: &mut Lines<BufReader<ChildStdout>>, rounds: usize) -> u32 {
    let mut seen = Vec::new();
    while seen.len() < rounds {
        let line = lines.next_line().await.unwrap().expect("the agent's process ended by itself");
        seen.extend(line.strip_prefix("spooled ").map(|host| host.parse::<u32>().unwrap()));
    }
    seen.into_iter().max().unwrap()
}

async fn start_collector(data: &Path, port: u16) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rundgang-collector"))
        .args(["serve", "--web", "127.0.0.1:0", "--name", "localhost"])
        .args(["--grpc", &format!("127.0.0.1:{port}"), "--data", &data.display().to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.starts_with("Agents:") {
            return child;
        }
    }
    panic!("the collector did not start");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_is_doubled() {
    if std::env::var(AGENT).is_ok() {
        return;
    }
    let (data, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // The port stays the same over every restart, as it does in the field.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut collector = start_collector(data.path(), port).await;
    let store = serve::open_store(data.path(), None).unwrap();
    let traeger = serve::the_traeger(&store, None, &clock()).unwrap();
    let school = NewSchool { name: "Gesamtschule".to_owned(), ..NewSchool::default() };
    let school = traeger.ensure_school(&school, now()).unwrap();
    let authority = Authority::open(data.path(), now()).unwrap();
    let invitation = make_invitation(&traeger, &authority, school, 1, false, ("K", clock()())).unwrap();
    let args = EnrolArgs {
        collector: format!("localhost:{port}"),
        token: invitation.to_string(),
        state: state.path().to_owned(),
        again: false,
    };
    let agent = enrol(&args, &clock()).await.unwrap().agent.parse().unwrap();

    let mut hosts = 0;
    for _ in 0..kills() {
        let (mut box_, mut lines) = start_agent(state.path(), hosts + 1).await;
        spooled(&mut lines, ROUNDS).await;
        collector.kill().await.unwrap();
        // What the agent forgot must have been committed when the collector died.
        let first_waiting = Spool::open(state.path(), Bounds::default()).unwrap().next_after(0).unwrap();
        let committed = traeger.agent(agent).unwrap().last_sequence;
        assert!(
            first_waiting.is_none_or(|batch| batch.sequence <= committed + 1),
            "acknowledged before commit"
        );
        collector = start_collector(data.path(), port).await;
        hosts = spooled(&mut lines, ROUNDS).await;
        box_.kill().await.unwrap();
    }
    let spool = Spool::open(state.path(), Bounds::default()).unwrap();
    let last = spool.last_sequence().unwrap();
    let (_stop, stopped) = watch::channel(false);
    uplink(state.path(), SharedSpool::new(spool)).drain(stopped).await.unwrap();

    let assets = report::all_assets(&traeger, Some(school)).unwrap();
    let macs: BTreeSet<_> = assets.iter().filter_map(|asset| asset.mac.clone()).collect();
    assert_eq!(macs.len(), assets.len(), "a device was doubled");
    // The agent may have spooled one round more than it could still tell.
    let more = u32::try_from(assets.len()).unwrap().checked_sub(hosts).expect("a device was lost");
    assert!(more < 200, "{more} devices more than were told");
    for host in 1..=hosts {
        let [_, b, c, d] = host.to_be_bytes();
        assert!(macs.contains(&Mac([0x00, 0x25, 0x90, b, c, d]).to_string()), "host {host} was lost");
    }
    assert!(traeger.agent(agent).unwrap().last_sequence >= last);
    let rebuilt = traeger.rebuild(school, now()).unwrap();
    assert_eq!(
        (rebuilt.assets, rebuilt.observations),
        (assets.len(), assets.len()),
        "an observation was doubled"
    );
    collector.kill().await.unwrap();
}
