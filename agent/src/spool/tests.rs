//! What the spool promises: nothing unsent is lost, unchanged goes by reference, a gap is mended.

use super::{Bounds, KEEP_UNSENT_MS, Spool};
use rundgang_inventory::{
    Coverage, Entry, Fields, Observation, Reference, Round, Subject, Timestamp, Value,
    vocabulary::HOST_FOUND_BY,
};
use std::path::Path;

pub(super) const NOW: Timestamp = Timestamp(1_790_000_000_000);

pub(super) fn open(state: &Path) -> Spool {
    Spool::open(state, Bounds { entries: 3, ..Bounds::default() }).unwrap()
}

pub(super) fn seen(host: u8, how: &str, at: Timestamp) -> Observation {
    Observation {
        subject: Subject::Device { ip: [10, 0, 0, host].into(), mac: None },
        segment: "Verwaltung".to_owned(),
        at,
        probe: "sweep".to_owned(),
        fields: Fields::new().with(&HOST_FOUND_BY, Value::text(how)),
    }
}

pub(super) fn round(observations: Vec<Observation>, at: Timestamp) -> Round {
    let coverage = Coverage::whole("Verwaltung", "10.0.0.0/24", &["sweep"]);
    Round { started: at, ended: at, observations, counts: Vec::new(), coverage: vec![coverage] }
}

/// Everything that waits, as short words: `1.0 arp` for an observation, `=1.0` for a confirmation, `end`.
pub(super) fn waiting(spool: &Spool) -> Vec<String> {
    let mut words = Vec::new();
    let mut after = 0;
    while let Some(batch) = spool.next_after(after).unwrap() {
        after = batch.sequence;
        words.extend(batch.entries.iter().map(|entry| match entry {
            Entry::Observation { index, observation } => {
                format!("{after}.{index} {}", observation.fields.text(&HOST_FOUND_BY).unwrap_or("?"))
            }
            Entry::Confirmation { reference, .. } => format!("={}.{}", reference.sequence, reference.index),
            Entry::RoundEnd { .. } => "end".to_owned(),
            Entry::Count(_) => "count".to_owned(),
        }));
    }
    words
}

#[test]
fn unchanged_goes_by_reference_and_batches_are_cut() {
    let state = tempfile::tempdir().unwrap();
    let mut spool = open(state.path());
    let first = vec![seen(1, "arp", NOW), seen(2, "arp", NOW), seen(3, "arp", NOW)];
    spool.append(&round(first, NOW), NOW).unwrap();
    assert_eq!(waiting(&spool), ["1.0 arp", "1.1 arp", "1.2 arp", "end"]);
    spool.acknowledge(2).unwrap();
    let later = NOW.plus_days(1);
    let second = vec![seen(1, "arp", later), seen(2, "icmp", later)];
    let spooled = spool.append(&round(second, later), later).unwrap();
    assert_eq!((spooled.observations, spooled.confirmations, spooled.last_sequence), (1, 1, 3));
    assert_eq!(waiting(&spool), ["=1.0", "3.1 icmp", "end"]);
}

#[test]
fn numbers_are_never_used_twice_and_survive_a_restart() {
    let state = tempfile::tempdir().unwrap();
    let mut spool = open(state.path());
    spool.append(&round(vec![seen(1, "arp", NOW)], NOW), NOW).unwrap();
    spool.acknowledge(1).unwrap();
    drop(spool);
    let mut spool = open(state.path());
    assert_eq!((spool.last_sequence().unwrap(), spool.waiting().unwrap()), (1, 0));
    spool.append(&round(vec![seen(1, "arp", NOW)], NOW), NOW).unwrap();
    assert_eq!(waiting(&spool), ["=1.0", "end"]);
    assert_eq!(spool.last_sequence().unwrap(), 2);
}

#[test]
fn what_a_collector_does_not_know_is_said_again() {
    let state = tempfile::tempdir().unwrap();
    let mut spool = open(state.path());
    spool.append(&round(vec![seen(1, "arp", NOW), seen(2, "icmp", NOW)], NOW), NOW).unwrap();
    spool.acknowledge(9).unwrap();
    let unknown = [Reference { sequence: 1, index: 1 }, Reference { sequence: 77, index: 0 }];
    spool.resend(&unknown, NOW).unwrap();
    assert_eq!(waiting(&spool), ["2.0 icmp"]);
    spool.acknowledge(2).unwrap();
    spool.append(&round(vec![seen(2, "icmp", NOW)], NOW), NOW).unwrap();
    assert_eq!(waiting(&spool), ["=2.0", "end"]);
}

#[test]
fn what_grew_too_old_goes_and_the_state_is_sent_afresh() {
    let state = tempfile::tempdir().unwrap();
    let mut spool = open(state.path());
    spool.append(&round(vec![seen(1, "arp", NOW), seen(2, "icmp", NOW)], NOW), NOW).unwrap();
    assert!(!spool.expire(Timestamp(NOW.0 + KEEP_UNSENT_MS)).unwrap());
    assert!(!spool.mend_gap(NOW).unwrap());
    let later = Timestamp(NOW.0 + KEEP_UNSENT_MS + 1);
    assert!(spool.expire(later).unwrap());
    assert!(waiting(&spool).is_empty());
    assert!(spool.mend_gap(later).unwrap());
    assert_eq!(waiting(&spool), ["2.0 arp", "2.1 icmp", "end"]);
    assert!(!spool.mend_gap(later).unwrap());
}

#[test]
fn a_full_spool_drops_the_oldest_and_says_the_state_afresh() {
    let state = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(state.path(), Bounds { unsent: 600, entries: 3, batch: 1 << 20 }).unwrap();
    for day in 0..5 {
        let at = NOW.plus_days(day);
        spool.append(&round(vec![seen(1, if day % 2 == 0 { "arp" } else { "icmp" }, at)], at), at).unwrap();
    }
    let kept = waiting(&spool);
    assert!(kept.len() < 10 && kept.first().is_some_and(|word| word.starts_with("5.")), "{kept:?}");
    assert!(spool.mend_gap(NOW.plus_days(5)).unwrap());
    assert_eq!(waiting(&spool).last().map(String::as_str), Some("end"));
}

#[test]
fn a_new_spool_counts_on_behind_what_the_collector_has() {
    let state = tempfile::tempdir().unwrap();
    let mut spool = open(state.path());
    spool.append(&round(vec![seen(1, "arp", NOW)], NOW), NOW).unwrap();
    spool.append(&round(vec![seen(1, "arp", NOW)], NOW), NOW).unwrap();
    spool.meet(2).unwrap();
    assert_eq!(waiting(&spool), ["1.0 arp", "end", "=1.0", "end"]);
    spool.meet(40).unwrap();
    assert_eq!(waiting(&spool), ["41.0 arp", "end", "=41.0", "end"]);
    assert_eq!(spool.last_sequence().unwrap(), 42);
    assert!(spool.mend_gap(NOW).unwrap());
    spool.acknowledge(43).unwrap();
    spool.append(&round(vec![seen(1, "arp", NOW)], NOW), NOW).unwrap();
    assert_eq!(waiting(&spool), ["=43.0", "end"]);
}

#[test]
fn segments_that_left_the_scope_are_forgotten() {
    let state = tempfile::tempdir().unwrap();
    let mut spool = open(state.path());
    spool.append(&round(vec![seen(1, "arp", NOW)], NOW), NOW).unwrap();
    spool.acknowledge(1).unwrap();
    spool.retain_segments(&["Pädagogik".to_owned()]).unwrap();
    spool.append(&round(vec![seen(1, "arp", NOW)], NOW), NOW).unwrap();
    assert_eq!(waiting(&spool), ["2.0 arp", "end"]);
}

#[test]
fn a_newer_and_a_damaged_file_are_told_apart() {
    let state = tempfile::tempdir().unwrap();
    let path = state.path().join("spool.sqlite");
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 9).unwrap();
    let error = Spool::open(state.path(), Bounds::default()).err().unwrap().to_string();
    assert!(error.contains("newer agent"), "{error}");
    std::fs::write(&path, [b'x'; 8192]).unwrap();
    let error = Spool::open(state.path(), Bounds::default()).err().unwrap().to_string();
    assert!(error.contains("damaged"), "{error}");
}
