//! What the uplink takes from a collector that errs.

use super::*;
use crate::spool::{Bounds, Spool};
use rundgang_inventory::{Round, Timestamp};
use rundgang_proto::v1::from_collector;
use std::{path::Path, sync::Arc};

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

/// An uplink of a box that is enrolled with these collectors, and one walk in its spool.
fn with_one_walk(state: &Path, collectors: &[&str]) -> Uplink {
    let (key, _) = enrol::new_request().unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap().der().to_vec();
    let enrolment = Enrolment {
        agent: "1".to_owned(),
        collectors: collectors.iter().map(|&collector| collector.to_owned()).collect(),
        authority: certificate.clone(),
        certificate,
        key: key.serialize_der(),
    };
    enrolment.save(state).unwrap();
    let mut spool = Spool::open(state, Bounds::default()).unwrap();
    spool.append(&Round::default(), NOW).unwrap();
    Uplink {
        state: state.to_owned(),
        spool: SharedSpool::new(spool),
        clock: Arc::new(|| NOW),
        segments: watch::channel(Declared::default()).1,
        wishes: mpsc::channel(1).0,
    }
}

/// What whoever delivers once is told where nobody takes anything; in virtual time.
async fn given_up(collectors: &[&str]) -> UplinkError {
    let state = tempfile::tempdir().unwrap();
    let uplink = with_one_walk(state.path(), collectors);
    let (_stop, stopped) = watch::channel(false);
    let drained = tokio::time::timeout(Duration::from_secs(600), uplink.drain(stopped)).await;
    let error = drained.expect("it comes to an end").expect_err("nobody took it");
    assert!(error.may_pass(), "{error}");
    assert_eq!(uplink.spool.with(|spool| spool.waiting()).await.unwrap(), 1, "the walk is still there");
    error
}

/// No collector: nothing listens there.
const CLOSED: &str = "127.0.0.1:1";

#[tokio::test(start_paused = true)]
async fn a_closed_port_is_tried_a_few_times_and_told() {
    let error = given_up(&[CLOSED]).await;
    assert!(matches!(&error, UplinkError::Link(LinkError::Unreachable { .. })), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_port_that_hangs_is_tried_a_few_times_and_so_is_everyone_on_the_list() {
    let hangs = || {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        port.set_nonblocking(true).unwrap();
        let address = port.local_addr().unwrap().to_string();
        (port, address)
    };
    let calls = |port: &std::net::TcpListener| std::iter::from_fn(|| port.accept().ok()).count();
    let (alone, address) = hangs();
    let error = given_up(&[&address]).await;
    assert!(error.to_string().contains("cannot be reached"), "{error}");
    assert_eq!(calls(&alone), 3);
    let (second, address) = hangs();
    let error = given_up(&[CLOSED, &address]).await;
    assert!(error.to_string().contains(CLOSED), "of two that tell as much, the first: {error}");
    assert_eq!(calls(&second), 3, "the second one in each turn");
}

#[tokio::test(start_paused = true)]
async fn an_interruption_is_told_where_something_waits() {
    let state = tempfile::tempdir().unwrap();
    let uplink = with_one_walk(state.path(), &[CLOSED]);
    let (stop, stopped) = watch::channel(false);
    stop.send_replace(true);
    let error = uplink.drain(stopped.clone()).await.expect_err("it waits still");
    assert!(matches!(error, UplinkError::Interrupted) && error.may_pass(), "{error}");
    uplink.run(stopped.clone()).await.expect("whoever works on and on ends in good order");
    uplink.spool.with(|spool| spool.acknowledge(1)).await.unwrap();
    uplink.drain(stopped).await.expect("nothing waits");
}
