//! The sockets of the domain audit: DNS over UDP and TCP. They lead to the resolver that the box, its scope file or a
//! person names, which may stand in the school's network, and to the name servers of a confirmed domain; nowhere else.

use super::dns::{self, Manner, Reply};
use rundgang_inventory::mail::lookup::Question;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

/// Sockets for one server: several ports make forged answers hard to place.
const SOCKETS: usize = 4;

/// Why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Nothing came in time.
    #[error("no answer in time")]
    TimedOut,
    /// No way to the server: nobody listens, or there is no route.
    #[error("no connection")]
    Unreachable,
    /// The question has no form on the wire.
    #[error("no proper name")]
    NoName,
}

/// Bursts towards one server at the same time, and questions of one burst that may be open.
const BURSTS: usize = 2;
const WINDOW: usize = 48;

type Waiting = Mutex<HashMap<u16, oneshot::Sender<Vec<u8>>>>;

/// One UDP socket towards one server, shared by many questions.
struct Line {
    socket: UdpSocket,
    waiting: Waiting,
}

impl Line {
    async fn open(server: SocketAddr) -> io::Result<Arc<Self>> {
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

    async fn ask(&self, question: &Question, manner: Manner, patience: Duration) -> Result<Reply, Failure> {
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
async fn open(server: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    socket.connect(server).await?;
    Ok(socket)
}

fn random_id() -> Result<u16, Failure> {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).map_err(|_| Failure::Unreachable)?;
    Ok(u16::from_be_bytes(bytes))
}

/// A DNS server with its lines and a limit on questions in flight.
pub(crate) struct Server {
    address: SocketAddr,
    lines: Vec<Arc<Line>>,
    limit: Semaphore,
    // Bursts at the same time: more would overrun the server's buffer.
    bursts: Semaphore,
    // When the next question may leave.
    next: tokio::sync::Mutex<tokio::time::Instant>,
}

/// The time between two questions to one server. A resolver inside a school is somebody's router: it gets ten a
/// second, as every host of the school does (promise S4). This machine's own may be asked at any speed.
const fn between(server: IpAddr) -> Duration {
    let inside = match server {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    };
    match server {
        _ if inside => Duration::from_millis(100),
        IpAddr::V4(v4) if v4.is_loopback() => Duration::ZERO,
        IpAddr::V6(v6) if v6.is_loopback() => Duration::ZERO,
        _ => Duration::from_millis(10),
    }
}

impl Server {
    /// Opens the lines to a server; at most `limit` questions are in flight at once.
    pub(crate) async fn open(address: SocketAddr, limit: usize) -> io::Result<Self> {
        let mut lines = Vec::with_capacity(SOCKETS);
        for _ in 0..SOCKETS {
            lines.push(Line::open(address).await?);
        }
        let next = tokio::sync::Mutex::new(tokio::time::Instant::now());
        Ok(Self { address, lines, limit: Semaphore::new(limit), bursts: Semaphore::new(BURSTS), next })
    }

    /// Waits until the next question may leave.
    async fn turn(&self) {
        let between = between(self.address.ip());
        if between.is_zero() {
            return;
        }
        let mut next = self.next.lock().await;
        tokio::time::sleep_until(*next).await;
        *next = tokio::time::Instant::now() + between;
    }

    /// Asks over UDP, twice where needed, and over TCP where the answer is cut off.
    pub(crate) async fn ask(
        &self,
        question: &Question,
        manner: Manner,
        patience: Duration,
    ) -> Result<Reply, Failure> {
        let Ok(_permit) = self.limit.acquire().await else { return Err(Failure::Unreachable) };
        let mut failure = Failure::Unreachable;
        let at = question.name.len();
        for (attempt, wait) in [patience, patience * 2].into_iter().enumerate() {
            let Some(line) = self.lines.get((at + attempt) % SOCKETS) else { break };
            self.turn().await;
            match line.ask(question, manner, wait).await {
                Ok(reply) if reply.truncated => return self.ask_tcp(question, manner, patience * 2).await,
                Ok(reply) => return Ok(reply),
                Err(Failure::NoName) => return Err(Failure::NoName),
                Err(other) => failure = other,
            }
        }
        Err(failure)
    }

    /// Asks many small questions over one socket of their own, which costs far less than one by one. Those without a
    /// whole answer stay open and are for [`Self::ask`].
    pub(crate) async fn ask_all(
        &self,
        questions: &[Question],
        manner: Manner,
        patience: Duration,
    ) -> Vec<Option<Reply>> {
        let mut replies: Vec<Option<Reply>> = questions.iter().map(|_| None).collect();
        let Ok(_permit) = self.bursts.acquire().await else { return replies };
        let (Ok(socket), Ok(base)) = (open(self.address).await, random_id()) else { return replies };
        let mut buffer = vec![0; 4096];
        let (mut next, mut open) = (0, 0);
        while next < questions.len() || open > 0 {
            while open < WINDOW
                && let Some(question) = questions.get(next)
            {
                let id = base.wrapping_add(u16::try_from(next).unwrap_or_default());
                next += 1;
                let Some(bytes) = dns::query(id, question, manner) else { continue };
                self.turn().await;
                if socket.send(&bytes).await.is_err() {
                    return replies;
                }
                open += 1;
            }
            if open == 0 {
                break;
            }
            let Ok(Ok(length)) = timeout(patience, socket.recv(&mut buffer)).await else { break };
            let bytes = buffer.get(..length).unwrap_or_default();
            let at = dns::id_of(bytes).map(|id| usize::from(id.wrapping_sub(base)));
            if let Some((question, reply)) = at.and_then(|at| questions.get(at).zip(replies.get_mut(at)))
                && reply.is_none()
                && let Some(read) = dns::read(bytes, question)
            {
                open = open.saturating_sub(1);
                *reply = Some(read);
            }
        }
        replies.iter_mut().for_each(|reply| drop(reply.take_if(|reply| reply.truncated)));
        replies
    }

    async fn ask_tcp(
        &self,
        question: &Question,
        manner: Manner,
        patience: Duration,
    ) -> Result<Reply, Failure> {
        let id = random_id()?;
        let bytes = dns::query(id, question, manner).ok_or(Failure::NoName)?;
        let exchange = async {
            let mut stream = connect(self.address).await?;
            send(&mut stream, &bytes).await?;
            receive(&mut stream).await
        };
        let bytes = timeout(patience, exchange).await.map_err(|_| Failure::TimedOut)?;
        let bytes = bytes.map_err(|_| Failure::Unreachable)?;
        if dns::id_of(&bytes) != Some(id) {
            return Err(Failure::Unreachable);
        }
        dns::read(&bytes, question).ok_or(Failure::Unreachable)
    }
}

/// One bounded attempt to get a whole zone: whether the server would hand it out. The zone itself is not kept; the
/// connection is closed as soon as the answer is clear.
pub(crate) async fn transfers(server: SocketAddr, zone: &str, patience: Duration) -> Option<bool> {
    let bytes = dns::transfer(random_id().ok()?, zone)?;
    let attempt = async {
        let mut stream = connect(server).await.ok()?;
        send(&mut stream, &bytes).await.ok()?;
        let mut records = 0;
        for _ in 0..2 {
            let Ok(message) = receive(&mut stream).await else { return Some(false) };
            match dns::transferred(&message) {
                Some((true, count)) => records += count,
                Some((false, count)) if records > 0 => records += count,
                _ => return Some(false),
            }
            if records > 1 {
                return Some(true);
            }
        }
        Some(false)
    };
    timeout(patience, attempt).await.ok().flatten()
}

#[expect(
    clippy::disallowed_methods,
    reason = "towards name servers, mail exchangers and the policy host of a confirmed domain, not into the school"
)]
pub(crate) async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect(address).await
}

async fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    let framed = [&length.to_be_bytes(), message].concat();
    stream.write_all(&framed).await
}

async fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = stream.read_u16().await?;
    let mut bytes = vec![0; usize::from(length)];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}
