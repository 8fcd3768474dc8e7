//! An export carried by hand: taken in like a stream, once, and only from an agent that is heard.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use rundgang_agent::{
    spool::{Bounds, Spool},
    uplink::export::{ExportArgs, export},
};
use rundgang_collector::{
    ingest::carried::{CarriedError, TakenIn, import},
    report,
};
use std::path::{Path, PathBuf};
use world::{NOW, World, spool_round};

/// A world with an enrolled box that has walked once without a link.
struct Offline {
    world: World,
    state: tempfile::TempDir,
}

impl Offline {
    async fn new() -> Self {
        let world = World::new().await;
        let state = tempfile::tempdir().unwrap();
        world.enrol(state.path()).await;
        spool_round(state.path(), &[1, 2, 3], NOW);
        Self { world, state }
    }

    fn export(&self, name: &str, all: bool) -> PathBuf {
        let file = self.state.path().join(name);
        let args = ExportArgs { file: file.clone(), state: self.state.path().to_owned(), all };
        export(&args, self.world.there.clock()()).unwrap();
        file
    }

    fn import(&self, file: &Path) -> Result<TakenIn, CarriedError> {
        let clock = self.world.here.clock();
        import(file, &self.world.collector.store, &self.world.collector.authority, &clock)
    }

    /// The first refusal, in one line; nothing was taken in.
    fn refusal(&self, file: &Path) -> String {
        let before = self.observations();
        let text = self.import(file).expect_err("this file must be refused").to_string();
        assert!(!text.contains('\n'), "more than one line: {text}");
        assert_eq!(self.observations(), before, "something was taken in: {text}");
        text
    }

    fn observations(&self) -> usize {
        self.world.traeger.rebuild(self.world.school, NOW).unwrap().observations
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn carried_and_then_streamed_nothing_is_doubled() {
    let offline = Offline::new().await;
    let file = offline.export("walk.rundgang", false);
    let taken = offline.import(&file).unwrap();
    assert_eq!((taken.new, taken.repeated, taken.unknown), (1, 0, 0));
    assert_eq!(offline.observations(), 3);
    let taken = offline.import(&file).unwrap();
    assert_eq!((taken.new, taken.repeated), (0, 1), "a second time");
    // The link is back: the spool still holds what was carried, and learns that it is here.
    spool_round(offline.state.path(), &[1, 2, 3, 4], NOW.plus_days(1));
    offline.world.deliver(offline.state.path()).await.unwrap();
    assert_eq!(Spool::open(offline.state.path(), Bounds::default()).unwrap().waiting().unwrap(), 0);
    assert_eq!(offline.observations(), 4);
    let assets = report::all_assets(&offline.world.traeger, Some(offline.world.school)).unwrap();
    assert_eq!(assets.len(), 4, "a device was doubled");
    // Streamed first, and carried later.
    let args = ExportArgs {
        file: offline.state.path().join("none"),
        state: offline.state.path().to_owned(),
        all: false,
    };
    let text = export(&args, NOW).expect_err("nothing waits").to_string();
    assert!(text.contains("--all"), "{text}");
    assert!(!args.file.exists());
    let whole = offline.export("whole.rundgang", true);
    assert_eq!(offline.import(&whole).unwrap().new, 1);
    offline.world.deliver(offline.state.path()).await.unwrap();
    let said_anew = offline.observations();
    assert_eq!(offline.import(&file).unwrap().repeated, 1, "the first file once more");
    assert_eq!(offline.observations(), said_anew);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_never_has_a_link_is_carried_week_by_week() {
    let offline = Offline::new().await;
    offline.import(&offline.export("first", false)).unwrap();
    // A week later the unsent batches have outlived their 72 hours: the present state goes out in full.
    for clock in [&offline.world.here, &offline.world.there] {
        clock.days(7);
    }
    spool_round(offline.state.path(), &[2, 3, 4], offline.world.there.clock()());
    let taken = offline.import(&offline.export("second", false)).unwrap();
    assert_eq!(taken.unknown, 0, "every reference is known or said again: {taken:?}");
    assert!(taken.new > 0 && !taken.is_behind, "{taken:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_tampered_and_foreign_files_are_refused() {
    let offline = Offline::new().await;
    let file = offline.export("walk.rundgang", false);
    let bytes = std::fs::read(&file).unwrap();
    let other = offline.state.path().join("other.rundgang");
    let check = |bytes: &[u8], expected: &str| {
        std::fs::write(&other, bytes).unwrap();
        let text = offline.refusal(&other);
        assert!(text.contains(expected), "{text}");
    };
    // One octet changed, wherever it is: never taken, whichever line says why.
    for at in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x20;
        check(&changed, "other.rundgang");
    }
    check(&bytes[..bytes.len() / 2], "damaged");
    check(b"PK\x03\x04", "no export of an agent");
    check(b"", "no export of an agent");
    let foreign = Offline::new().await;
    check(&std::fs::read(foreign.export("foreign", false)).unwrap(), "not signed by an agent of this");
    assert!(offline.refusal(&offline.state.path().join("missing")).contains("missing"));

    offline.world.here.days(-2);
    assert!(offline.refusal(&file).contains("clock"));
    offline.world.here.days(2 + 30);
    let text = offline.refusal(&file);
    assert!(text.contains("expired on 2026-10-21"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_agents_file_is_refused_and_a_renewed_ones_is_taken() {
    let offline = Offline::new().await;
    let file = offline.export("walk.rundgang", false);
    for clock in [&offline.world.here, &offline.world.there] {
        clock.days(21);
    }
    // The certificate was renewed since: the one that signed still leads to the agent.
    offline.world.deliver(offline.state.path()).await.unwrap();
    assert_eq!(offline.import(&file).unwrap().new, 1, "the spool had forgotten it after 72 hours");
    let agent = offline.world.traeger.agents().unwrap()[0].id;
    offline.world.traeger.revoke_agent(agent, ("K", NOW)).unwrap();
    let text = offline.refusal(&file);
    assert!(text.contains("revoked on"), "{text}");
}
