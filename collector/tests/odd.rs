//! One odd device must not silence a school: whatever it says is cut to size, and everything else arrives.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use proptest::{collection::vec, prelude::*};
use rundgang_agent::{
    spool::{Batch, Bounds, Spool},
    uplink::wire,
};
use rundgang_collector::ingest;
use rundgang_inventory::{
    Entry, Fields, Mac, MacProvenance, Observation, Round, Row, Subject, Value, limits, privacy::mask_fields,
    vocabulary,
};
use rundgang_proto::Message as _;
use world::{NOW, World};

/// A batch of one observation, as the agent would send it.
fn batch(fields: Fields) -> Batch {
    let observation = Observation {
        subject: Subject::Device { ip: [10, 0, 0, 7].into(), mac: None },
        segment: "Verwaltung".to_owned(),
        at: NOW,
        probe: "http".to_owned(),
        fields,
    };
    Batch { sequence: 1, entries: vec![Entry::Observation { index: 0, observation }] }
}

/// What passed the filter's exit must pass ingest as it is, and fit into one message.
fn passes(fields: Fields) {
    let (fields, _) = limits::bound(mask_fields(fields));
    let batch = batch(fields);
    let message = wire::batch(batch.clone());
    assert!(message.encoded_len() + (1 << 20) < ingest::MAX_MESSAGE, "{} octets", message.encoded_len());
    let accepted = ingest::entries(message).expect("a batch of the agent is never refused");
    assert_eq!((accepted.entries, accepted.cut), (batch.entries, 0));
    assert!(accepted.unknown.is_empty());
}

fn one(name: &str, value: Value) -> Fields {
    Fields::from_iter([(name.to_owned(), value)])
}

#[test]
fn what_lengthened_under_the_mask_or_was_named_by_a_device_arrives_cut() {
    passes(one("http.title", Value::text("a@b ".repeat(1024))));
    let column = format!("x.{}", "C".repeat(150));
    passes(one("upnp.devices", Value::Table(vec![Row::from([(column, Value::text("x"))])])));
    passes(one("http.title", Value::List(vec!["Jo ".repeat(1365); 5000])));
}

#[test]
fn the_collector_cuts_one_value_and_keeps_the_batch() {
    let mut fields = one("http.title", Value::Text("x".repeat(5000)));
    fields.set_named("http.server".to_owned(), Value::text("nginx"));
    fields.set_named("tomorrow.field".to_owned(), Value::Int(1));
    let accepted = ingest::entries(wire::batch(batch(fields))).expect("a batch");
    assert_eq!((accepted.cut, accepted.unknown.len()), (1, 1));
    let [Entry::Observation { observation, .. }] = accepted.entries.as_slice() else {
        panic!("no observation")
    };
    assert_eq!(observation.fields.named("http.server"), Some(&Value::text("nginx")));
    assert_eq!(observation.fields.named("http.title"), Some(&Value::Text("x".repeat(limits::MAX_TEXT))));
    assert_eq!(observation.fields.named("tomorrow.field"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_batch_does_not_hold_up_the_others() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    world.enrol(state.path()).await;
    let refused = Value::Table(vec![Row::from([("x".to_owned(), Value::Table(Vec::new()))])]);
    let mac = |host: u8| Some((Mac([0, 0x26, 0xab, 0, 0, host]), MacProvenance::OwnReply));
    let observation = |host: u8| Observation {
        subject: Subject::Device { ip: [10, 0, 0, host].into(), mac: mac(host) },
        segment: "Verwaltung".to_owned(),
        at: NOW,
        probe: "http".to_owned(),
        fields: one("http.title", if host == 3 { refused.clone() } else { Value::text("Seite") }),
    };
    let observations = (1..=4).map(observation).collect();
    let round = Round { started: NOW, ended: NOW, observations, ..Round::default() };
    Spool::open(state.path(), Bounds::default()).unwrap().append(&round, NOW).unwrap();
    world.deliver(state.path()).await.unwrap();
    assert_eq!(Spool::open(state.path(), Bounds::default()).unwrap().waiting().unwrap(), 0);
    let export = world.traeger.export().unwrap();
    let arrived = |host: u8| export["observation"].to_string().contains(&format!("\"10.0.0.{host}\""));
    assert_eq!((1..=4).filter(|&host| arrived(host)).collect::<Vec<_>>(), [1, 2, 4]);
}

fn texts() -> impl Strategy<Value = String> {
    let short = "(a@b |Jo |x|ü|\\PC|\0|Frau Li ){0,8}";
    (short, prop_oneof![Just(1_usize), Just(40), Just(1500)]).prop_map(|(text, times)| text.repeat(times))
}

fn plain() -> impl Strategy<Value = Value> {
    prop_oneof![
        texts().prop_map(Value::Text),
        any::<i64>().prop_map(Value::Int),
        any::<i64>().prop_map(Value::Time),
        (any::<u8>(), 0..40_000_usize).prop_map(|(octet, many)| Value::Bytes(vec![octet; many])),
        (texts(), 0..6000_usize).prop_map(|(text, many)| {
            let most = (1 << 21) / (text.len() + 1);
            Value::List(vec![text; many.min(most)])
        }),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let cell = prop_oneof![plain(), Just(Value::Table(vec![Row::new()]))];
    let table = (vec((texts(), cell), 0..4), 0..70_usize, 0..5000_usize).prop_map(|(told, columns, rows)| {
        let numbered = (0..columns).map(|at| (at.to_string(), Value::Int(1)));
        let row: Row = told.into_iter().chain(numbered).collect();
        let most = if format!("{row:?}").len() > 1 << 14 { 9 } else { 5000 };
        Value::Table(vec![row; rows.min(most)])
    });
    prop_oneof![3 => plain(), 1 => table]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn nothing_that_a_device_says_is_refused(
        told in vec((any::<prop::sample::Index>(), values()), 0..6),
        stray in texts(),
    ) {
        let all: Vec<_> = vocabulary::all().collect();
        let mut fields: Fields =
            told.into_iter().map(|(at, value)| (all[at.index(all.len())].name.to_owned(), value)).collect();
        fields.set_named("http.title".to_owned(), Value::List(vec![stray]));
        passes(fields);
    }
}
