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
    // Patience enough for a busy machine; with the noise taken for answers it would never end.
    let replies = server.ask_all(&questions, Manner::Direct, Duration::from_secs(2)).await;
    let outcomes: Vec<_> = replies.iter().map(|reply| reply.as_ref().map(|r| r.answer.outcome)).collect();
    assert_eq!(outcomes, [Some(Outcome::NoRecords), None]);
    noise.abort();
}

#[test]
fn inside_a_school_a_resolver_is_asked_as_slowly_as_every_host() {
    let check = |ip: &str, expected: (u64, usize)| {
        let pace = Pace::towards(ip.parse().unwrap());
        assert_eq!((pace.between, pace.connections), (Duration::from_millis(expected.0), expected.1), "{ip}");
    };
    for inside in ["192.168.1.1", "10.0.0.1", "172.16.0.1", "169.254.0.1", "fd00::1", "fe80::1"] {
        check(inside, (100, 2));
    }
    check("127.0.0.53", (0, 4));
    check("::1", (0, 4));
    check("9.9.9.9", (10, 4));
}

/// A server whose every answer is cut off, asked at the pace of a school: how many connections stood at once, and how
/// long it took for so many to come.
#[tokio::test]
async fn cut_off_answers_open_few_connections_inside_a_school() {
    const ASKED: usize = 6;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let socket = UdpSocket::bind(address).await.unwrap();
    let pace = Pace::towards("192.168.1.1".parse().unwrap());
    let server = Arc::new(Server::open(address, pace, RESOLVER_LIMIT, None).await.unwrap());
    let truncating = tokio::spawn(async move {
        let mut buffer = [0; 512];
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            // An answer, cut off, without the additional record of the question.
            buffer[2] |= 0x86;
            buffer[11] = 0;
            socket.send_to(&buffer[..length - 11], from).await.unwrap();
        }
    });
    let began = Instant::now();
    let asking: Vec<_> = (0..ASKED)
        .map(|number| {
            let (server, question) = (Arc::clone(&server), format!("{number}.schule.example"));
            let question = Question::new(&question, RecordType::A);
            tokio::spawn(async move { server.ask(&question, Manner::Resolve, Duration::from_secs(60)).await })
        })
        .collect();
    let mut open = Vec::new();
    for number in 0..ASKED {
        if open.len() >= CONNECTIONS_INSIDE {
            tokio::select! {
                biased;
                () = settle() => open.clear(),
                _ = listener.accept() => panic!("more than {CONNECTIONS_INSIDE} connections at once"),
            }
        }
        open.push(listener.accept().await.unwrap());
        let turns = u32::try_from(number + 1).unwrap();
        assert!(began.elapsed() >= pace.between * turns, "connection {number} took no turn");
    }
    open.clear();
    for asked in asking {
        assert_eq!(
            asked.await.unwrap().err(),
            Some(Failure::Unreachable),
            "a closed connection says nothing"
        );
    }
    truncating.abort();
}
