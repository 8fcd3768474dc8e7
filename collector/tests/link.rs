//! Enrolment and the stream over real mutual TLS on loopback: who gets in, who does not, and what each is told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use rundgang_agent::{
    cli::CliError,
    daemon::DaemonError,
    enrol::{EnrolArgs, EnrolError, Enrolment, enrol},
    link::{self, LinkError, Trust},
    spool::{Bounds, Spool},
    uplink::UplinkError,
};
use rundgang_collector::{
    Clock,
    invitation::make_invitation,
    serve::{self, Settings, address},
};
use rundgang_proto::{
    invitation::Invitation,
    v1::{EnrolRequest, enrolment_client::EnrolmentClient},
};
use std::time::Duration;
use world::{NOW, World, settings, spool_round};

/// The text of an enrolment's failure.
async fn refusal(args: &EnrolArgs, clock: &Clock) -> String {
    let error = enrol(args, clock).await.expect_err("this enrolment must fail");
    assert!(Enrolment::load(&args.state).is_err(), "a failed enrolment leaves no identity behind");
    error.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_once() {
    let world = World::new().await;
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let invitation = world.invite();
    let enrolment = enrol(&world.args(first.path(), &invitation), &world.there.clock()).await.unwrap();
    let agents = world.traeger.agents().unwrap();
    assert_eq!(agents.len(), 1);
    assert_eq!(agents[0].id.to_string(), enrolment.agent);
    assert_eq!(agents[0].school, world.school);
    let text = refusal(&world.args(second.path(), &invitation), &world.there.clock()).await;
    assert!(text.contains("used before"), "{text}");
    let again = enrol(&world.args(first.path(), &world.invite()), &world.there.clock()).await;
    assert!(matches!(again, Err(EnrolError::Already { .. })), "an enrolled box says so");
    assert_eq!(world.traeger.agents().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_signed_before_the_token_is_known_to_be_good() {
    let world = World::new().await;
    let good = world.invite();
    let unknown = Invitation { secret: [9; 16], ..good.clone() };
    let ask = async |invitation: &Invitation| {
        let collector = address("localhost", world.collector.grpc.port());
        let clock = world.there.clock();
        let channel = link::connect(&collector, Trust::Pinned(invitation.authority), &clock).await.unwrap();
        let mut client = EnrolmentClient::new(channel);
        let request = EnrolRequest {
            token: invitation.to_string(),
            certificate_request: b"no request".to_vec(),
            ..EnrolRequest::default()
        };
        client.enrol(request).await.expect_err("this cannot be signed").message().to_owned()
    };
    let text = ask(&unknown).await;
    assert!(text.contains("not known"), "a stranger's request is not looked at: {text}");
    let text = ask(&good).await;
    assert!(text.contains("cannot be read"), "{text}");
    assert!(world.traeger.agents().unwrap().is_empty());
    let state = tempfile::tempdir().unwrap();
    enrol(&world.args(state.path(), &good), &world.there.clock()).await.expect("the token is still good");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_an_unknown_and_a_garbled_token_are_told_apart() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let old = world.invite();
    let unknown = Invitation { secret: [9; 16], ..old.clone() };
    let text = refusal(&world.args(state.path(), &unknown), &world.there.clock()).await;
    assert!(text.contains("not known"), "{text}");
    world.here.days(8);
    world.there.days(8);
    let text = refusal(&world.args(state.path(), &old), &world.there.clock()).await;
    assert!(text.contains("expired"), "{text}");
    let garbled = EnrolArgs { token: "rdg1.nonsense".to_owned(), ..world.args(state.path(), &old) };
    assert!(refusal(&garbled, &world.there.clock()).await.contains("no invitation token"));
    assert!(world.traeger.agents().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_collector_cannot_take_the_invited_ones_place() {
    let (world, other) = (World::new().await, World::new().await);
    let state = tempfile::tempdir().unwrap();
    let args = EnrolArgs {
        collector: address("localhost", other.collector.grpc.port()),
        ..world.args(state.path(), &world.invite())
    };
    let error = enrol(&args, &world.there.clock()).await.expect_err("a foreign authority");
    assert!(matches!(error, EnrolError::Link(LinkError::WrongAuthority(_))), "{error}");
    // Nor later: an enrolled agent speaks only to its own authority's collectors.
    let mut enrolment = world.enrol(state.path()).await;
    enrolment.collectors = vec![args.collector];
    let clock = world.there.clock();
    let trust = enrolment.trust();
    let error =
        rundgang_agent::link::connect(&enrolment.collectors[0], trust, &clock).await.expect_err("foreign");
    assert!(matches!(error, LinkError::WrongAuthority(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_and_a_wrong_name_are_named() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let args = world.args(state.path(), &world.invite());
    world.there.days(-400);
    let text = refusal(&args, &world.there.clock()).await;
    assert!(text.contains("clock of this box (2025-08-17"), "{text}");
    world.there.days(800);
    assert!(refusal(&args, &world.there.clock()).await.contains("clock of this box"));
    world.there.days(-400);
    let by_address = EnrolArgs { collector: address("127.0.0.1", world.collector.grpc.port()), ..args };
    let text = refusal(&by_address, &world.there.clock()).await;
    assert!(text.contains("--name 127.0.0.1"), "{text}");
    let nobody = EnrolArgs { collector: "127.0.0.1:1".to_owned(), ..by_address };
    assert!(refusal(&nobody, &world.there.clock()).await.contains("cannot be reached"));
    let pages = EnrolArgs { collector: address("localhost", world.collector.web.port()), ..nobody };
    assert!(refusal(&pages, &world.there.clock()).await.contains("not as a collector does"));
    // Nothing of that has used up the token.
    enrol(
        &EnrolArgs { collector: address("localhost", world.collector.grpc.port()), ..pages },
        &world.there.clock(),
    )
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_or_closed_disk_does_not_use_up_the_token() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let blocked = state.path().join("a-file");
    std::fs::write(&blocked, b"").unwrap();
    let invitation = world.invite();
    let error =
        enrol(&world.args(&blocked, &invitation), &world.there.clock()).await.expect_err("no directory");
    assert!(matches!(error, EnrolError::File { .. }), "{error}");
    enrol(&world.args(&state.path().join("agent"), &invitation), &world.there.clock()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_agent_is_told_and_stops() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let agent = world.enrol(state.path()).await.agent.parse().unwrap();
    world.traeger.revoke_agent(agent, ("K", NOW)).unwrap();
    spool_round(state.path(), &[1], NOW);
    let error = world.deliver(state.path()).await.expect_err("revoked");
    assert!(matches!(error, UplinkError::Link(LinkError::Revoked(_))), "{error}");
    assert_eq!(CliError::from(DaemonError::from(error)).exit_status(), 5, "it need not be started again");
    assert_eq!(Spool::open(state.path(), Bounds::default()).unwrap().waiting().unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_waits_for_approval_is_told_how_and_is_seen_to_call() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let (traeger, clock) = (&world.traeger, world.here.clock());
    let invitation =
        make_invitation(traeger, &world.collector.authority, world.school, 7, true, ("K", clock())).unwrap();
    enrol(&world.args(state.path(), &invitation), &world.there.clock()).await.unwrap();
    spool_round(state.path(), &[1], NOW);
    assert_eq!(traeger.agents().unwrap()[0].last_contact, None);
    world.here.days(1);
    world.there.days(1);
    let error = world.deliver(state.path()).await.expect_err("nobody has approved it");
    assert!(matches!(error, UplinkError::Link(LinkError::Waiting(_))), "{error}");
    assert!(error.to_string().contains("run rundgang-collector approve 1; what was seen waits"), "{error}");
    assert_eq!(CliError::from(DaemonError::from(error)).exit_status(), 3, "scripts tell it from a failure");
    let waiting = &traeger.agents().unwrap()[0];
    assert_eq!((waiting.last_contact, waiting.approved_at), (Some(clock()), None), "it is seen to call");
    traeger.approve_agent(waiting.id, ("K", clock())).unwrap();
    world.deliver(state.path()).await.unwrap();
    let waiting = Spool::open(state.path(), Bounds::default()).unwrap().waiting().unwrap();
    assert_eq!(waiting, 0, "what waited has come");
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_renew_themselves_and_run_out() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let [first, second] = world.enrol_and_renew(state.path()).await;
    assert!(first.key != second.key && first.agent == second.agent);
    // The answer of a renewal can get lost: the certificate before it still opens the door.
    first.save(state.path()).unwrap();
    world.deliver(state.path()).await.unwrap();
    let third = Enrolment::load(state.path()).unwrap();
    assert!(third.key != first.key && third.key != second.key);
    second.save(state.path()).unwrap();
    for clock in [&world.here, &world.there] {
        clock.days(31);
    }
    third.save(state.path()).unwrap();
    let error = world.deliver(state.path()).await.expect_err("run out");
    assert!(matches!(error, UplinkError::Link(LinkError::Expired(_))), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_far_ahead_is_named_instead_of_renewing_for_ever() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    world.enrol(state.path()).await;
    spool_round(state.path(), &[1], NOW);
    world.there.days(25);
    let delivered = tokio::time::timeout(Duration::from_secs(120), world.deliver(state.path())).await;
    let error = delivered.expect("it comes to an end").expect_err("a wrong clock");
    assert!(matches!(error, UplinkError::Link(LinkError::WrongClock { .. })), "{error}");
    world.there.days(-25);
    world.deliver(state.path()).await.expect("once it is put right");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_delivers_once_reaches_the_one_that_is_there_or_is_told_what_to_mend() {
    let (world, other) = (World::new().await, World::new().await);
    let state = tempfile::tempdir().unwrap();
    let mut enrolment = world.enrol(state.path()).await;
    let (ours, nobody) = (enrolment.collectors.clone(), "127.0.0.1:1".to_owned());
    spool_round(state.path(), &[1], NOW);
    // Another authority on the first, and nobody on the second: it comes to an end, with what a person can mend.
    enrolment.collectors = vec![address("localhost", other.collector.grpc.port()), nobody.clone()];
    enrolment.save(state.path()).unwrap();
    let delivered = tokio::time::timeout(Duration::from_secs(120), world.deliver(state.path())).await;
    let error = delivered.expect("it comes to an end").expect_err("nobody took it");
    assert!(matches!(error, UplinkError::Link(LinkError::WrongAuthority(_))), "{error}");
    // Nobody on the first: the second one is reached.
    enrolment.collectors = [vec![nobody], ours].concat();
    enrolment.save(state.path()).unwrap();
    world.deliver(state.path()).await.unwrap();
    assert_eq!(Spool::open(state.path(), Bounds::default()).unwrap().waiting().unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_collector_for_a_directory_and_one_program_for_a_port() {
    let world = World::new().await;
    let error = serve::start(&settings(world.data.path()), world.here.clock()).await.err().unwrap();
    assert!(error.to_string().contains("another collector is running"), "{error}");
    let data = tempfile::tempdir().unwrap();
    let taken = Settings { grpc: world.collector.grpc, ..settings(data.path()) };
    let error = serve::start(&taken, world.here.clock()).await.err().unwrap();
    assert!(error.to_string().contains("in use") && error.to_string().contains("--grpc"), "{error}");
    world.collector.stop().await;
    serve::start(&settings(world.data.path()), world.here.clock()).await.unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_is_committed_and_comes_once() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let enrolment = world.enrol(state.path()).await;
    let agent = enrolment.agent.parse().unwrap();
    spool_round(state.path(), &[1, 2, 3], NOW);
    world.deliver(state.path()).await.unwrap();
    assert_eq!(world.traeger.agent(agent).unwrap().last_sequence, 1);
    assert_eq!(Spool::open(state.path(), Bounds::default()).unwrap().waiting().unwrap(), 0);
    spool_round(state.path(), &[1, 2, 3], NOW.plus_days(1));
    world.deliver(state.path()).await.unwrap();
    assert_eq!(world.traeger.agent(agent).unwrap().last_sequence, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_spool_counts_on_behind_what_the_collector_has() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let agent = world.enrol(state.path()).await.agent.parse().unwrap();
    for day in 0..3 {
        spool_round(state.path(), &[1, 2], NOW.plus_days(day));
    }
    world.deliver(state.path()).await.unwrap();
    for file in ["spool.sqlite", "spool.sqlite-wal", "spool.sqlite-shm"] {
        drop(std::fs::remove_file(state.path().join(file)));
    }
    spool_round(state.path(), &[1, 2], NOW.plus_days(3));
    world.deliver(state.path()).await.unwrap();
    assert!(world.traeger.agent(agent).unwrap().last_sequence > 3);
}
