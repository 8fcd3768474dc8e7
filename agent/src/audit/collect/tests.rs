//! Resolvers that fail in different ways, played on loopback.

#![expect(clippy::disallowed_methods, reason = "the test plays the resolver")]

use super::*;
use tokio::net::UdpSocket;

const NO_ERROR: u8 = 0;
const SERVER_FAILURE: u8 = 2;

/// What an audit makes of a resolver that answers the n-th question with that code; true where it is not to check
/// signatures. How often it was asked comes with it.
async fn heard(code: fn(usize, bool) -> u8) -> (Outcome, usize) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked);
    let playing = tokio::spawn(async move {
        let mut buffer = [0; 512];
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let number = {
                let mut count = count.lock().unwrap();
                *count += 1;
                *count
            };
            // The question comes back without its additional record.
            let unchecked = buffer[3] & 0x10 != 0;
            buffer[2] |= 0x80;
            buffer[3] = 0x80 | code(number, unchecked);
            buffer[11] = 0;
            socket.send_to(&buffer[..length - 11], from).await.unwrap();
        }
    });
    let collector = Collector::new(address, 53, false, Lists::default()).await.unwrap();
    let answer = collector.resolve(&Question::new("schule.example", RecordType::Soa)).await;
    playing.abort();
    let asked = *asked.lock().unwrap();
    (answer.outcome, asked)
}

#[tokio::test]
async fn only_a_failure_that_lasts_while_signatures_are_checked_is_a_wrong_signature() {
    let passing = |number, _| if number == 1 { SERVER_FAILURE } else { NO_ERROR };
    assert_eq!(heard(passing).await, (Outcome::NoRecords, 3), "a cold resolver");
    let wrong = |_, unchecked| if unchecked { NO_ERROR } else { SERVER_FAILURE };
    assert_eq!(heard(wrong).await, (Outcome::Bogus, 3));
    assert_eq!(heard(|_, _| SERVER_FAILURE).await, (Outcome::ServerFailure, 2));
    assert_eq!(heard(|_, _| NO_ERROR).await, (Outcome::NoRecords, 1));
}
