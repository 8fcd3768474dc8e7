//! What a server gets to see of an audit, played on loopback.

#![expect(clippy::disallowed_methods, reason = "the test plays the server")]

use super::*;
use rundgang_inventory::mail::lookup::{Outcome, RecordType};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::{TcpListener, UdpSocket};

/// A turn for everything else that can run; nothing here waits for a clock.
async fn settle() {
    for _ in 0..2000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn few_transfers_are_asked_of_a_server_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Arc::new(Server::name_server(listener.local_addr().unwrap()).await.unwrap());
    let asking: Vec<_> = (0..16)
        .map(|_| {
            let server = Arc::clone(&server);
            tokio::spawn(async move { server.transfers("schule.example", Duration::from_secs(60)).await })
        })
        .collect();
    let seen = Arc::new(AtomicUsize::new(0));
    let (mut open, count) = (Vec::new(), Arc::clone(&seen));
    let serving = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            open.push(stream);
            // The first ones are held until nobody else comes any more.
            if open.len() >= CONNECTIONS {
                tokio::select! {
                    biased;
                    () = settle() => open.clear(),
                    _ = listener.accept() => panic!("more than {CONNECTIONS} connections at once"),
                }
            }
        }
    });
    for asked in asking {
        assert_eq!(asked.await.unwrap(), Some(false), "a closed connection hands out nothing");
    }
    assert_eq!(seen.load(Ordering::SeqCst), 16);
    serving.abort();
}

#[tokio::test]
async fn a_silent_name_server_is_left_alone_and_a_resolver_is_not() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let short = Duration::from_millis(5);
    let question = Question::new("schule.example", RecordType::Soa);
    let server = Server::name_server(address).await.unwrap();
    let mut said = Vec::new();
    for _ in 0..5 {
        said.push(server.ask(&question, Manner::Direct, short).await.err());
    }
    let (late, silent) = (Some(Failure::TimedOut), Some(Failure::Silent));
    assert_eq!(said, [late, late, late, silent, silent]);
    assert!(
        server
            .ask_all(std::slice::from_ref(&question), Manner::Direct, short)
            .await
            .iter()
            .all(Option::is_none)
    );
    let mut datagrams = 0;
    socket.readable().await.unwrap();
    while socket.try_recv_from(&mut [0; 512]).is_ok() {
        datagrams += 1;
    }
    assert_eq!(datagrams, 6, "three questions, each asked twice, and no packet more");

    let resolver = Server::resolver(address).await.unwrap();
    for _ in 0..5 {
        assert_eq!(resolver.ask(&question, Manner::Resolve, short).await.err(), late);
    }
}

#[tokio::test]
async fn noise_does_not_keep_a_burst_waiting() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = Server::name_server(socket.local_addr().unwrap()).await.unwrap();
    let noise = tokio::spawn(async move {
        let mut buffer = [0; 512];
        let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
        // One right answer, and then for ever what answers nothing.
        buffer[2] |= 0x84;
        buffer[11] = 0;
        socket.send_to(&buffer[..length - 11], from).await.unwrap();
        loop {
            drop(socket.send_to(b"noise", from).await);
            tokio::task::yield_now().await;
        }
    });
    let questions = ["a", "b"].map(|label| Question::new(&format!("{label}.schule.example"), RecordType::A));
    let replies = server.ask_all(&questions, Manner::Direct, Duration::from_millis(50)).await;
    let outcomes: Vec<_> = replies.iter().map(|reply| reply.as_ref().map(|r| r.answer.outcome)).collect();
    assert_eq!(outcomes, [Some(Outcome::NoRecords), None]);
    noise.abort();
}
