//! One UDP socket towards one server, shared by many questions: each datagram goes to the question that waits for it.

use super::Failure;
use crate::audit::dns::{self, Manner, Reply};
use rundgang_inventory::mail::lookup::Question;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// A question that is open. However it ends, be it that nobody waits for it any more, its number is free again.
struct Open<'a> {
    waiting: &'a Waiting,
    id: u16,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

type Waiting = Mutex<HashMap<u16, oneshot::Sender<Vec<u8>>>>;

/// One UDP socket towards one server, shared by many questions.
pub(super) struct Line {
    socket: UdpSocket,
    waiting: Waiting,
}

impl Line {
    pub(super) async fn open(server: SocketAddr) -> io::Result<Arc<Self>> {
        let socket = open(server).await?;
        let line = Arc::new(Self { socket, waiting: Mutex::default() });
        tokio::spawn(Self::listen(Arc::downgrade(&line)));
        Ok(line)
    }

    /// Hands each datagram to the question that waits for it, until nobody uses the line any more.
    async fn listen(line: Weak<Self>) {
        let mut buffer = vec![0; 65_535];
        while let Some(line) = line.upgrade() {
            // Looking up now and then whether the line is still used costs nothing.
            let Ok(received) = timeout(Duration::from_secs(2), line.socket.recv(&mut buffer)).await else {
                continue;
            };
            let mut waiting = line.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            match received {
                Ok(length) => {
                    let bytes = &buffer[..length];
                    if let Some(sender) = dns::id_of(bytes).and_then(|id| waiting.remove(&id)) {
                        drop(sender.send(bytes.to_vec()));
                    }
                }
                // An ICMP error: everyone who waits learns it by the closed channel.
                Err(_) => waiting.clear(),
            }
        }
    }

    pub(super) async fn ask(
        &self,
        question: &Question,
        manner: Manner,
        patience: Duration,
    ) -> Result<Reply, Failure> {
        let (open, receiver) = self.register()?;
        self.exchange(open.id, receiver, question, manner, patience).await
    }

    fn register(&self) -> Result<(Open<'_>, oneshot::Receiver<Vec<u8>>), Failure> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut id = random_id()?;
        while waiting.contains_key(&id) {
            id = id.wrapping_add(1);
        }
        waiting.insert(id, sender);
        Ok((Open { waiting: &self.waiting, id }, receiver))
    }

    async fn exchange(
        &self,
        id: u16,
        receiver: oneshot::Receiver<Vec<u8>>,
        question: &Question,
        manner: Manner,
        patience: Duration,
    ) -> Result<Reply, Failure> {
        let bytes = dns::query(id, question, manner).ok_or(Failure::NoName)?;
        self.socket.send(&bytes).await.map_err(|_| Failure::Unreachable)?;
        match timeout(patience, receiver).await {
            Err(_) => Err(Failure::TimedOut),
            Ok(Err(_)) => Err(Failure::Unreachable),
            // A reply to another question is a forgery or a stray; waiting for the right one ends in a time-out.
            Ok(Ok(bytes)) => dns::read(&bytes, question).ok_or(Failure::TimedOut),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "DNS goes to the resolver and to name servers of a confirmed domain, not into the school"
)]
pub(super) async fn open(server: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    socket.connect(server).await?;
    Ok(socket)
}

pub(super) fn random_id() -> Result<u16, Failure> {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).map_err(|_| Failure::Unreachable)?;
    Ok(u16::from_be_bytes(bytes))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test plays the server")]
mod tests {
    use super::*;
    use rundgang_inventory::mail::lookup::{Outcome, RecordType};
    use tokio::task::JoinHandle;

    struct Played {
        server: UdpSocket,
        line: Arc<Line>,
    }

    impl Played {
        async fn new() -> Self {
            let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let line = Line::open(server.local_addr().unwrap()).await.unwrap();
            Self { server, line }
        }

        /// Asks, and gives the question as the server gets it.
        async fn ask(&self, name: &str) -> (JoinHandle<Result<Reply, Failure>>, Vec<u8>) {
            let (line, question) = (Arc::clone(&self.line), Question::new(name, RecordType::A));
            let asking =
                tokio::spawn(
                    async move { line.ask(&question, Manner::Direct, Duration::from_secs(60)).await },
                );
            (asking, self.asked().await)
        }

        async fn asked(&self) -> Vec<u8> {
            let mut buffer = [0; 512];
            let (length, from) = self.server.recv_from(&mut buffer).await.unwrap();
            self.server.connect(from).await.unwrap();
            buffer[..length].to_vec()
        }

        /// Answers a question with no records and this code, without the additional record of the question.
        async fn answer(&self, asked: &[u8], code: u8) {
            let mut bytes = asked[..asked.len() - 11].to_vec();
            (bytes[2], bytes[3], bytes[11]) = (bytes[2] | 0x80, code, 0);
            self.server.send(&bytes).await.unwrap();
        }

        fn open(&self) -> usize {
            self.line.waiting.lock().unwrap().len()
        }
    }

    #[tokio::test]
    async fn an_answer_that_comes_late_is_nobody_elses() {
        let played = Played::new().await;
        let given_up = Question::new("a.schule.example", RecordType::A);
        let said = played.line.ask(&given_up, Manner::Direct, Duration::ZERO).await;
        assert_eq!((said.err(), played.open()), (Some(Failure::TimedOut), 0));
        let mut late = played.asked().await;

        let (asking, asked) = played.ask("b.schule.example").await;
        assert_eq!(played.open(), 1);
        // The number of the question given up is any that nobody waits for.
        late[..2].copy_from_slice(&[asked[0], asked[1] ^ 1]);
        played.answer(&late, 3).await;
        played.answer(&asked, 0).await;
        let reply = asking.await.unwrap().unwrap();
        assert_eq!((reply.answer.outcome, played.open()), (Outcome::NoRecords, 0));

        let (asking, asked) = played.ask("c.schule.example").await;
        late[..2].copy_from_slice(&asked[..2]);
        played.answer(&late, 3).await;
        assert_eq!(asking.await.unwrap().err(), Some(Failure::TimedOut), "another's answer under its number");
        assert_eq!(played.open(), 0);
    }

    #[tokio::test]
    async fn a_question_that_nobody_waits_for_leaves_nothing_open() {
        let played = Played::new().await;
        let (asking, asked) = played.ask("schule.example").await;
        assert_eq!(played.open(), 1);
        asking.abort();
        assert!(asking.await.is_err());
        assert_eq!(played.open(), 0);
        // Its answer is dropped, and the line goes on.
        played.answer(&asked, 0).await;
        let (asking, asked) = played.ask("b.schule.example").await;
        played.answer(&asked, 3).await;
        assert_eq!(asking.await.unwrap().unwrap().answer.outcome, Outcome::NoName);
    }
}
