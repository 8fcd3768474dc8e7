//! What the uplink takes from a collector that errs.

use super::*;
use crate::spool::{Bounds, Spool};
use rundgang_inventory::{Round, Timestamp};
use std::sync::Arc;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

#[tokio::test]
async fn no_collector_can_acknowledge_what_was_never_sent() {
    let state = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(state.path(), Bounds::default()).unwrap();
    for _ in 0..3 {
        spool.append(&Round::default(), NOW).unwrap();
    }
    let (wishes, _wished) = mpsc::channel(1);
    let (_declare, segments) = watch::channel(Declared::default());
    let uplink = Uplink {
        state: state.path().to_owned(),
        spool: SharedSpool::new(spool),
        clock: Arc::new(|| NOW),
        segments,
        wishes,
    };
    let acknowledges = |sequence| {
        let message = from_collector::Message::Acknowledge(v1::Acknowledge { sequence });
        Ok(Some(v1::FromCollector { message: Some(message) }))
    };
    let mut sending = Sending { greeted: true, sent: 1, in_flight: vec![1], ..Sending::default() };
    uplink.take("collector.example:7443", acknowledges(1_000_000), &mut sending).await.unwrap();
    assert!(sending.in_flight.is_empty());
    assert_eq!(uplink.spool.with(|spool| spool.waiting()).await.unwrap(), 2, "two were never sent");
}
