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
        let (id, receiver) = self.register()?;
        let result = self.exchange(id, receiver, question, manner, patience).await;
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        result
    }

    fn register(&self) -> Result<(u16, oneshot::Receiver<Vec<u8>>), Failure> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut id = random_id()?;
        while waiting.contains_key(&id) {
            id = id.wrapping_add(1);
        }
        waiting.insert(id, sender);
        Ok((id, receiver))
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
