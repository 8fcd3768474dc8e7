//! What people at the collector ask of an agent reaches it over its standing stream, and never widens its scope.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use rundgang_agent::{
    enrol::Enrolment,
    link,
    register::Known,
    spool::{Bounds, SharedSpool, Spool},
    uplink::{Declared, DeclaredSegment, Uplink, Wish},
};
use rundgang_inventory::{
    Mac,
    mail::{KnownSender, MailFacts},
};
use rundgang_proto::v1::{
    Batch, FromAgent, FromCollector, Hello, Task, WalkTaken, collector_client::CollectorClient, from_agent,
    from_collector, task,
};
use rundgang_store::{DocumentedSystem, NewSchool};
use std::{collections::BTreeMap, path::Path, time::Duration};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use world::{NOW, World};

/// An agent's uplink at work; what it is asked comes out of `wished`.
struct Standing {
    wished: mpsc::Receiver<Wish>,
    declare: watch::Sender<Declared>,
    stop: watch::Sender<bool>,
}

fn stand(world: &World, state: &Path, accept_register: bool) -> Standing {
    let spool = SharedSpool::new(Spool::open(state, Bounds::default()).unwrap());
    let (wishes, wished) = mpsc::channel(8);
    let (declare, segments) = watch::channel(scope(accept_register));
    let (stop, stopped) = watch::channel(false);
    let uplink = Uplink { state: state.to_owned(), spool, clock: world.there.clock(), segments, wishes };
    tokio::spawn(async move { uplink.run(stopped).await });
    Standing { wished, declare, stop }
}

/// A scope that accepts all that the book knows, or nothing of it.
fn scope(accepts: bool) -> Declared {
    let name = "Verwaltung".to_owned();
    let segment = DeclaredSegment { name, accept_register: accepts, ..DeclaredSegment::default() };
    Declared { segments: vec![segment], accepts_domains: accepts, sees_public: false }
}

impl Standing {
    async fn next(&mut self) -> Wish {
        let next = tokio::time::timeout(Duration::from_secs(30), self.wished.recv());
        next.await.expect("a wish within 30 seconds").expect("a standing uplink")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_and_a_pause_are_asked_for_over_the_standing_stream() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let agent = world.enrol(state.path()).await.agent.parse().unwrap();
    // Asked before the agent is in touch: told when it is.
    world.traeger.ask_walk(agent, ("K", NOW)).unwrap();
    let mut box_ = stand(&world, state.path(), false);
    assert_eq!(box_.next().await, Wish::Pause(false));
    assert_eq!(box_.next().await, Wish::Register(Vec::new()), "no segment accepts the register");
    assert_eq!(box_.next().await, Wish::Domains(BTreeMap::new()), "the scope accepts no domains");
    assert_eq!(box_.next().await, Wish::WalkNow);
    world.traeger.pause_agent(agent, ("K", NOW)).unwrap();
    assert_eq!(box_.next().await, Wish::Pause(true));
    world.traeger.resume_agent(agent, ("K", NOW)).unwrap();
    assert_eq!(box_.next().await, Wish::Pause(false));
    world.traeger.ask_walk(agent, ("K", NOW.plus_days(1))).unwrap();
    assert_eq!(box_.next().await, Wish::WalkNow);
    world.traeger.pause_agent(agent, ("K", NOW)).unwrap();
    assert_eq!(box_.next().await, Wish::Pause(true), "each wish is told once");
    assert_eq!(world.traeger.orders(agent).unwrap().walk_asked_at, None);
    box_.stop.send_replace(true);
}

/// A stream of somebody who hears what the collector wishes and says nothing, as a link does whose other end is gone.
async fn deaf(world: &World, state: &Path) -> (mpsc::Sender<FromAgent>, Streaming<FromCollector>) {
    says(world, state, Hello::default()).await
}

/// The same with a Hello of one's own.
async fn says(
    world: &World,
    state: &Path,
    hello: Hello,
) -> (mpsc::Sender<FromAgent>, Streaming<FromCollector>) {
    let enrolment = Enrolment::load(state).unwrap();
    let clock = world.there.clock();
    let channel = link::connect(&enrolment.collectors[0], enrolment.trust(), &clock).await.unwrap();
    let (up, messages) = mpsc::channel(4);
    up.send(FromAgent { message: Some(from_agent::Message::Hello(hello)) }).await.unwrap();
    let mut client = CollectorClient::new(channel);
    (up, client.converse(ReceiverStream::new(messages)).await.unwrap().into_inner())
}

async fn is_told_to_walk(down: &mut Streaming<FromCollector>) {
    let told = async {
        loop {
            let message = down.message().await.unwrap().expect("a standing stream").message;
            if message == Some(from_collector::Message::Task(Task { task: Some(task::Task::WalkNow(true)) }))
            {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), told).await.expect("told within 30 seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_that_nobody_took_is_told_with_the_next_stream() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let agent = world.enrol(state.path()).await.agent.parse().unwrap();
    world.traeger.ask_walk(agent, ("K", NOW)).unwrap();
    for _ in 0..2 {
        let (_up, mut down) = deaf(&world, state.path()).await;
        is_told_to_walk(&mut down).await;
    }
    let asked = || world.traeger.orders(agent).unwrap().walk_asked_at;
    assert_eq!(asked(), Some(NOW), "nobody said that it is known");
    // Asked again meanwhile: what is taken is what was told.
    let (up, mut down) = deaf(&world, state.path()).await;
    is_told_to_walk(&mut down).await;
    world.traeger.ask_walk(agent, ("K", NOW.plus_days(1))).unwrap();
    let taken = || FromAgent { message: Some(from_agent::Message::WalkTaken(WalkTaken {})) };
    up.send(taken()).await.unwrap();
    is_told_to_walk(&mut down).await;
    up.send(taken()).await.unwrap();
    // The stream ends behind what it said.
    drop(up);
    while let Ok(Some(_)) = down.message().await {}
    assert_eq!(asked(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_always_has_more_to_say_hears_a_pause() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let agent = world.enrol(state.path()).await.agent.parse().unwrap();
    let (up, mut down) = deaf(&world, state.path()).await;
    let batch = |sequence| FromAgent {
        message: Some(from_agent::Message::Batch(Batch { sequence, entries: Vec::new() })),
    };
    let mut said = 0;
    let mut is_paused = false;
    let heard = async {
        loop {
            // Three more always wait to be read.
            while up.try_send(batch(said + 1)).is_ok() {
                said += 1;
            }
            match down.message().await.unwrap().expect("a standing stream").message {
                Some(from_collector::Message::Task(Task { task: Some(task::Task::Pause(true)) })) => break,
                // More than it may say at once: from here on a message always waits for its turn.
                Some(from_collector::Message::Acknowledge(taken)) if taken.sequence > 220 && !is_paused => {
                    world.traeger.pause_agent(agent, ("K", NOW)).unwrap();
                    is_paused = true;
                }
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), heard).await.expect("paused within 30 seconds");
}

/// The names of the domains that the agent of this Hello is told.
async fn told_domains(world: &World, state: &Path) -> Vec<String> {
    let hello = Hello { accept_domains: true, public_view: true, ..Hello::default() };
    let (_up, mut down) = says(world, state, hello).await;
    let told = async {
        loop {
            let message = down.message().await.unwrap().expect("a standing stream").message;
            if let Some(from_collector::Message::Task(Task {
                task: Some(task::Task::ConfirmedDomains(told)),
            })) = message
            {
                return told.names;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), told).await.expect("told within 30 seconds")
}

#[tokio::test(flavor = "multi_thread")]
async fn other_schools_domains_are_told_to_the_eyes_of_all_alone() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let agent = world.enrol(state.path()).await.agent.parse().unwrap();
    let other = NewSchool { name: "Realschule".to_owned(), ..NewSchool::default() };
    let other = world.traeger.ensure_school(&other, NOW).unwrap();
    world.traeger.confirm_domain(world.school, "schule.example", "A", NOW).unwrap();
    world.traeger.confirm_domain(other, "andere.example", "A", NOW).unwrap();
    // Whoever holds a box can write this Hello.
    assert_eq!(told_domains(&world, state.path()).await, ["schule.example"]);
    world.traeger.set_public_view(agent, true, "T", NOW).unwrap();
    assert_eq!(told_domains(&world, state.path()).await, ["andere.example", "schule.example"]);
    world.traeger.set_public_view(agent, false, "T", NOW).unwrap();
    assert_eq!(told_domains(&world, state.path()).await, ["schule.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_agent_that_says_nothing_is_told_nothing_more() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let agent = world.enrol(state.path()).await.agent.parse().unwrap();
    let (_up, mut down) = deaf(&world, state.path()).await;
    assert!(down.message().await.unwrap().is_some(), "it is heard");
    world.traeger.revoke_agent(agent, ("K", NOW)).unwrap();
    let ends = async { while let Ok(Some(_)) = down.message().await {} };
    tokio::time::timeout(Duration::from_secs(30), ends).await.expect("its stream ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_is_told_where_the_scope_accepts_it() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    world.enrol(state.path()).await;
    let system = DocumentedSystem {
        school: world.school,
        name: "PC Verwaltung".to_owned(),
        mac: "00:25:90:00:00:07".to_owned(),
        ..DocumentedSystem::default()
    };
    world.traeger.save_system(&system, "A", NOW).unwrap();
    let mac: Mac = system.mac.parse().unwrap();
    world.traeger.confirm_domain(world.school, "Schule.Example.", "A", NOW).unwrap();
    world.traeger.confirm_domain(world.school, "fremd.example", "A", NOW).unwrap();
    let sender = KnownSender { term: "spf.dienst.example".to_owned(), name: "Dienst".to_owned() };
    let facts = MailFacts { selectors: vec!["RZ2024b".to_owned()], senders: vec![sender], is_complete: true };
    for domain in ["schule.example", "fremd.example"] {
        world.traeger.set_mail_facts(world.school, domain, (&facts, 0), ("A", NOW)).unwrap();
    }
    world.traeger.decline_domain(world.school, "fremd.example", "A", NOW).unwrap();
    let mut box_ = stand(&world, state.path(), true);
    assert_eq!(box_.next().await, Wish::Pause(false));
    assert_eq!(box_.next().await, Wish::Register(vec![mac]));
    let known = Known {
        selectors: ["rz2024b".to_owned()].into(),
        senders: ["include:spf.dienst.example".to_owned()].into(),
    };
    let told = [("schule.example".to_owned(), known)].into();
    assert_eq!(
        box_.next().await,
        Wish::Domains(told),
        "confirmed ones only, with what is known of their mail"
    );
    // The scope file was edited: the agent says so at once, and is told to forget what it may not use.
    box_.declare.send_replace(scope(false));
    assert_eq!(box_.next().await, Wish::Pause(false));
    assert_eq!(box_.next().await, Wish::Register(Vec::new()));
    assert_eq!(box_.next().await, Wish::Domains(BTreeMap::new()));
    let declared = &world.traeger.agents().unwrap()[0].scope;
    assert!(declared.contains("\"accept_register\":false"), "{declared}");
    box_.stop.send_replace(true);
}
