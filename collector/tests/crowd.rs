//! A stranger who opens connections without end has no more of them than one guest may, and nobody else has fewer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use rundgang_agent::{
    link,
    spool::{Bounds, Spool},
};
use rundgang_proto::v1::{RenewRequest, collector_client::CollectorClient};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use world::{NOW, World, spool_round};

/// A connection from another address of this machine.
#[allow(clippy::disallowed_methods, reason = "the test plays a stranger on loopback")]
async fn stranger(to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    socket.connect(to).await.unwrap()
}

/// Whether the other side has closed this connection, or closes it within a moment.
async fn is_closed(stream: &mut TcpStream) -> bool {
    timeout(Duration::from_millis(20), stream.read(&mut [0])).await.is_ok_and(|read| !matches!(read, Ok(1)))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stranger_cannot_keep_an_agent_out() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    world.enrol(state.path()).await;
    let mut strangers = Vec::new();
    for _ in 0..200 {
        strangers.push(stranger(world.collector.grpc).await);
    }
    spool_round(state.path(), &[1], NOW);
    world.deliver(state.path()).await.unwrap();
    assert_eq!(Spool::open(state.path(), Bounds::default()).unwrap().waiting().unwrap(), 0);
    let mut standing = 0;
    for stream in &mut strangers[..40] {
        standing += usize::from(!is_closed(stream).await);
    }
    assert_eq!(standing, 32, "of the first forty");
    assert!(is_closed(&mut strangers[199]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_has_few_seats_whatever_certificates_it_was_given() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let [first, second] = world.enrol_and_renew(state.path()).await;
    assert_ne!(first.certificate, second.certificate);
    let clock = world.there.clock();
    let mut standing = Vec::new();
    for enrolment in [&first, &second] {
        for _ in 0..6 {
            let channel = link::connect(&enrolment.collectors[0], enrolment.trust(), &clock).await;
            let Ok(channel) = channel else { continue };
            let mut client = CollectorClient::new(channel);
            let request = RenewRequest { certificate_request: b"no request".to_vec() };
            // Whoever has no seat gets no answer at all.
            if client.renew(request).await.expect_err("no request").code() == tonic::Code::InvalidArgument {
                standing.push(client);
            }
        }
    }
    assert_eq!(standing.len(), 8);
}
