//! A real walk over a recorded network and what it leaves in the book: what a scope does not allow is unknown and not absent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use rundgang_agent::{
    clock::FixedClock,
    network::replay::Replay,
    probe::Group,
    scope::{Act, Flags, NetworkClass, Scope},
    spool::{Bounds, Spool},
    walk::{Quiet, walk},
};
use rundgang_inventory::{Round, vocabulary::PJLINK_PASSWORD};
use std::{path::Path, sync::Arc};
use world::World;

/// A projector with a page, which asks for a password or does not.
fn projector(last: u8, password: bool) -> String {
    let greeting = if password { "PJLINK 1 3a7c21f0\\r" } else { "PJLINK 0\\r" };
    format!(
        "[[host]]\nip = \"127.0.9.{last}\"\n\
         [[host.tcp]]\nport = 80\nexchange = [{{ expect = \"GET\", close = true, \
         answer = \"HTTP/1.1 200 OK\\r\\nContent-Length: 34\\r\\n\\r\\n<title>EPSON EB-L200F</title>     \" }}]\n\
         [[host.tcp]]\nport = 4352\ngreeting = \"{greeting}\"\n\
         exchange = [{{ expect = \"%1CLSS\", answer = \"%1CLSS=1\\r\", close = true }}]\n"
    )
}

/// A walk over these hosts, of which the scope allows these groups.
async fn walked(hosts: &str, groups: &[Group], world: &World) -> Round {
    let network = "127.0.9.0/28";
    let flags = Flags { networks: vec![network.into()], class: NetworkClass::Managed, ..Flags::default() };
    let mut segment = flags.scope().unwrap().segments()[0].clone();
    segment.groups = groups.iter().copied().collect();
    let scope = Scope::new(vec![segment], &[], &[], Act::Person).unwrap();
    let clock = Arc::new(FixedClock((world.there.clock())()));
    let replay = Arc::new(Replay::read(hosts).unwrap());
    walk(Arc::new(scope), Arc::default(), replay, clock, Arc::new(Quiet), 1).await.into_round()
}

/// What the book says of projectors.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    /// Whom it finds to have no password.
    open: Vec<String>,
    /// Of each device, ascending by address, whether it asks for a password, where that is known.
    password: Vec<Option<String>>,
}

/// A day later, a walk's round is taken into the book.
async fn taken_in(world: &World, state: &Path, hosts: &str, groups: &[Group]) -> Told {
    for clock in [&world.here, &world.there] {
        clock.days(1);
    }
    let round = walked(hosts, groups, world).await;
    Spool::open(state, Bounds::default()).unwrap().append(&round, (world.there.clock())()).unwrap();
    world.deliver(state).await.unwrap();
    let found = world.traeger.findings(Some(world.school), false).unwrap();
    let open = found.into_iter().filter(|of| of.rule == "projector.no-password").map(|of| of.subject);
    let mut assets = world.traeger.assets(Some(world.school), 0, 100).unwrap();
    assets.sort_by(|a, b| a.ip.cmp(&b.ip));
    let password = assets.iter().map(|asset| {
        let evidence = world.traeger.asset_evidence(asset.id).unwrap();
        evidence.text(&PJLINK_PASSWORD).map(str::to_owned)
    });
    Told { open: open.collect(), password: password.collect() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_not_allowed_opens_nothing_and_closes_nothing() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    world.enrol(state.path()).await;
    let state = state.path();
    let without: Vec<Group> =
        Group::ALL.iter().copied().filter(|group| *group != Group::Projection).collect();
    let word = |text: &str| Some(text.to_owned());

    let first = taken_in(&world, state, &projector(2, false), Group::ALL).await;
    assert_eq!((first.open.len(), &first.password[..]), (1, &[word("no")][..]));

    // Now it has a password, a second projector has none, and nobody may ask either of them.
    let both = projector(2, true) + &projector(3, false);
    let unasked = taken_in(&world, state, &both, &without).await;
    assert_eq!(unasked.open, first.open, "neither closed nor opened");
    assert_eq!(unasked.password, [word("no"), None], "what was known stays, and nothing comes to it");

    // Asked again, each has what it has now.
    let asked = taken_in(&world, state, &both, Group::ALL).await;
    assert_eq!(asked.password, [word("yes"), word("no")]);
    assert!(asked.open.len() == 1 && asked.open != first.open, "{:?}, then {:?}", first.open, asked.open);
}
