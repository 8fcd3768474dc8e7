//! A school year of daily walks over real mutual TLS: what stands in the book is what stands in the school, and neither the
//! book nor the collector's memory grows with the days.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use rundgang_agent::spool::{Bounds, Spool};
use rundgang_inventory::{
    Coverage, Fields, Mac, MacProvenance, Observation, Round, Subject, Timestamp, Value,
    vocabulary::{HOST_FOUND_BY, IPP_MAKE_AND_MODEL, IPP_SERIAL},
};
use rundgang_store::Retention;
use std::{fs, path::Path};
use world::World;

/// Devices of the school.
const DEVICES: u8 = 60;
/// Days after which everything that grows only at first has grown: observations are kept for 30 days.
const GROWN: u32 = 35;

/// Days that pass; the long run asks for more than a year.
fn days() -> u32 {
    std::env::var("RUNDGANG_SOAK_DAYS").ok().and_then(|number| number.parse().ok()).unwrap_or(50)
}

/// What is seen on one day: every device, one in ten under another address than the day before, one in ten switched off.
fn round(day: u32, at: Timestamp) -> Round {
    let day = u8::try_from(day % 180).unwrap();
    let observation = |device: u8| {
        let moves = u8::from(device.is_multiple_of(10)) * (day % 5);
        let mac = Mac([0x00, 0x26, 0xab, 0, 0, device]);
        let ip = [10, 0, moves, device].into();
        Observation {
            subject: Subject::Device { ip, mac: Some((mac, MacProvenance::OwnReply)) },
            segment: "Unterricht".to_owned(),
            at,
            probe: "ipp".to_owned(),
            fields: Fields::new()
                .with(&HOST_FOUND_BY, Value::text("arp"))
                .with(&IPP_MAKE_AND_MODEL, Value::text("HP LaserJet M507"))
                .with(&IPP_SERIAL, Value::text(format!("VNB3K{device:05}"))),
        }
    };
    let on = (1..=DEVICES).filter(|device| !(device + day).is_multiple_of(10) || device.is_multiple_of(10));
    Round {
        started: at,
        ended: at,
        observations: on.map(observation).collect(),
        counts: Vec::new(),
        coverage: vec![Coverage::whole("Unterricht", "10.0.0.0/16", &["ipp"])],
    }
}

/// What must not grow: rows of observations, octets of the book on the disk, octets of memory of this process.
#[derive(Clone, Copy, Debug)]
struct Size {
    observations: usize,
    book: u64,
    memory: u64,
}

fn size(world: &World) -> Size {
    let files = fs::read_dir(world.data.path()).unwrap().map(|file| file.unwrap());
    let book = files.filter(|file| file.file_name().to_string_lossy().starts_with("rundgang.sqlite"));
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let memory: u64 = memory.trim().trim_end_matches(" kB").parse().unwrap();
    Size {
        observations: world.traeger.export().unwrap()["observation"].as_array().unwrap().len(),
        book: book.map(|file| file.metadata().unwrap().len()).sum(),
        memory: memory * 1024,
    }
}

/// One day: a walk, what the link carries, and what the collector's timer does.
async fn pass(world: &World, state: &Path, day: u32) {
    let now = world.there.clock()();
    Spool::open(state, Bounds::default()).unwrap().append(&round(day, now), now).unwrap();
    world.deliver(state).await.unwrap();
    world.traeger.retain(Retention::default(), now).unwrap();
    world.traeger.check_all_rules(now).unwrap();
    world.here.days(1);
    world.there.days(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_walks_leaves_a_book_of_one_school() {
    let (world, state) = (World::new().await, tempfile::tempdir().unwrap());
    let agent: i64 = world.enrol(state.path()).await.agent.parse().unwrap();
    let mut grown = None;
    for day in 0..days() {
        pass(&world, state.path(), day).await;
        if day == GROWN {
            grown = Some(size(&world));
        }
    }
    let (grown, end) = (grown.unwrap(), size(&world));
    let more = u64::from(days() - GROWN);
    println!("after {} days {end:?}, after {GROWN} {grown:?}", days());
    assert_eq!(world.traeger.agent(agent).unwrap().last_sequence, u64::from(days()));
    let assets = world.traeger.export().unwrap()["asset"].as_array().unwrap().len();
    assert_eq!(assets, usize::from(DEVICES), "one device each, whatever its address");
    assert!(end.observations <= grown.observations + usize::from(DEVICES), "{end:?} {grown:?}");
    assert!(grown.observations > 0 && grown.book > 0, "{grown:?}");
    // What a day leaves for two years: its coverage, the proofs of deletion, addresses that changed.
    assert!(end.book <= grown.book + more * 64 * 1024, "{end:?} {grown:?}");
    assert!(end.memory <= grown.memory + (32 << 20), "{end:?} {grown:?}");
}
