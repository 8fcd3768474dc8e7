//! The sockets of the domain audit: DNS over UDP and TCP. They lead to the resolver that the box, its scope file or a
//! person names, which may stand in the school's network, and to the name servers of a confirmed domain; nowhere else.

mod line;
mod silence;
mod tcp;
#[cfg(test)]
mod tests;

use super::dns::{self, Manner, Reply};
use line::{Line, open, random_id};
use rundgang_inventory::mail::lookup::Question;
use silence::Silence;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

pub(super) use tcp::{because, connect};

/// Sockets for one server: several ports make forged answers hard to place.
const SOCKETS: usize = 4;
/// Questions in flight to the resolver.
const RESOLVER_LIMIT: usize = 200;
/// Questions in flight to one name server.
const SERVER_LIMIT: usize = 24;
/// Connections to one server at the same time. Servers queue few of them and drop the first packet of the others, which
/// then wait a whole second before they try again.
const CONNECTIONS: usize = 4;
/// The same inside a school, as to every host there (promise S4).
const CONNECTIONS_INSIDE: usize = 2;
/// Bursts towards one server at the same time, and questions of one burst that may be open.
const BURSTS: usize = 2;
const WINDOW: usize = 48;
/// A burst ends after so many times the patience, however slowly the server answers.
const WHOLE_BURST: u32 = 8;

/// Why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Nothing came in time.
    #[error("no answer in time")]
    TimedOut,
    /// The server answered nothing for a while, and is left alone.
    #[error("not asked again, since it had not answered before")]
    Silent,
    /// No way to the server: nobody listens, or there is no route.
    #[error("no connection")]
    Unreachable,
    /// The question has no form on the wire.
    #[error("no proper name")]
    NoName,
}

/// A DNS server with its lines and a limit on questions in flight.
pub(crate) struct Server {
    address: SocketAddr,
    lines: Vec<Arc<Line>>,
    limit: Semaphore,
    // Bursts at the same time: more would overrun the server's buffer.
    bursts: Semaphore,
    connections: Semaphore,
    between: Duration,
    // When the next question may leave.
    next: tokio::sync::Mutex<Instant>,
    // None for a resolver, which may be silent about some domains and answer for others.
    silence: Option<Silence>,
}

/// Whether an address lies inside a school's network: it is somebody's router, and S4 holds for it.
const fn is_inside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// How fast a server is asked, and over how many connections at once.
#[derive(Clone, Copy)]
struct Pace {
    between: Duration,
    connections: usize,
}

impl Pace {
    /// A resolver inside a school gets ten questions a second, as every host of the school does (promise S4). This
    /// machine's own may be asked at any speed.
    const fn towards(server: IpAddr) -> Self {
        if is_inside(server) {
            return Self { between: Duration::from_millis(100), connections: CONNECTIONS_INSIDE };
        }
        let is_own = match server {
            IpAddr::V4(v4) => v4.is_loopback(),
            IpAddr::V6(v6) => v6.is_loopback(),
        };
        let between = if is_own { Duration::ZERO } else { Duration::from_millis(10) };
        Self { between, connections: CONNECTIONS }
    }
}

impl Server {
    /// Opens the lines to a resolver.
    pub(crate) async fn resolver(address: SocketAddr) -> io::Result<Self> {
        Self::open(address, Pace::towards(address.ip()), RESOLVER_LIMIT, None).await
    }

    /// Opens the lines to a name server. One that answers nothing is left alone for a while.
    pub(crate) async fn name_server(address: SocketAddr) -> io::Result<Self> {
        Self::open(address, Pace::towards(address.ip()), SERVER_LIMIT, Some(Silence::default())).await
    }

    async fn open(
        address: SocketAddr,
        pace: Pace,
        limit: usize,
        silence: Option<Silence>,
    ) -> io::Result<Self> {
        let mut lines = Vec::with_capacity(SOCKETS);
        for _ in 0..SOCKETS {
            lines.push(Line::open(address).await?);
        }
        Ok(Self {
            address,
            lines,
            limit: Semaphore::new(limit),
            bursts: Semaphore::new(BURSTS),
            connections: Semaphore::new(pace.connections),
            between: pace.between,
            next: tokio::sync::Mutex::new(Instant::now()),
            silence,
        })
    }

    /// Waits until the next question may leave.
    async fn turn(&self) {
        if self.between.is_zero() {
            return;
        }
        let mut next = self.next.lock().await;
        tokio::time::sleep_until(*next).await;
        *next = Instant::now() + self.between;
    }

    fn is_silent(&self) -> bool {
        self.silence.as_ref().is_some_and(|silence| !silence.grants(Instant::now()))
    }

    fn heard(&self, answered: bool) {
        if let Some(silence) = &self.silence {
            silence.note(answered, Instant::now());
        }
    }

    /// Asks over UDP, twice where needed, and over TCP where the answer is cut off.
    pub(crate) async fn ask(
        &self,
        question: &Question,
        manner: Manner,
        patience: Duration,
    ) -> Result<Reply, Failure> {
        let Ok(_permit) = self.limit.acquire().await else { return Err(Failure::Unreachable) };
        if self.is_silent() {
            return Err(Failure::Silent);
        }
        let mut failure = Failure::Unreachable;
        let at = question.name.len();
        for (attempt, wait) in [patience, patience * 2].into_iter().enumerate() {
            let Some(line) = self.lines.get((at + attempt) % SOCKETS) else { break };
            self.turn().await;
            match line.ask(question, manner, wait).await {
                Ok(reply) => {
                    self.heard(true);
                    if reply.truncated {
                        return self.ask_tcp(question, manner, patience * 2).await;
                    }
                    return Ok(reply);
                }
                Err(Failure::NoName) => return Err(Failure::NoName),
                Err(other) => failure = other,
            }
        }
        self.heard(false);
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
        if self.is_silent() {
            return replies;
        }
        let (Ok(socket), Ok(base)) = (open(self.address).await, random_id()) else { return replies };
        let mut buffer = vec![0; 4096];
        let (mut next, mut open) = (0, 0);
        // Only an answer to one of the questions buys more time; what else arrives does not. What the pace takes to ask
        // them all is no patience.
        let asking = self.between.saturating_mul(u32::try_from(questions.len()).unwrap_or(u32::MAX));
        let end = Instant::now() + patience * WHOLE_BURST + asking;
        let mut heard = Instant::now();
        'burst: while next < questions.len() || open > 0 {
            while open < WINDOW
                && let Some(question) = questions.get(next)
            {
                let id = base.wrapping_add(u16::try_from(next).unwrap_or_default());
                next += 1;
                let Some(bytes) = dns::query(id, question, manner) else { continue };
                self.turn().await;
                // An error here is the word that nobody listens there.
                if socket.send(&bytes).await.is_err() {
                    break 'burst;
                }
                heard = Instant::now();
                open += 1;
            }
            if open == 0 {
                break;
            }
            let until = (heard + patience).min(end);
            let Ok(Ok(length)) = timeout_at(until, socket.recv(&mut buffer)).await else { break };
            let bytes = buffer.get(..length).unwrap_or_default();
            let at = dns::id_of(bytes).map(|id| usize::from(id.wrapping_sub(base)));
            if let Some((question, reply)) = at.and_then(|at| questions.get(at).zip(replies.get_mut(at)))
                && reply.is_none()
                && let Some(read) = dns::read(bytes, question)
            {
                open = open.saturating_sub(1);
                heard = Instant::now();
                *reply = Some(read);
            }
        }
        // Where there was nothing to ask, nothing stayed without an answer.
        if next > 0 {
            self.heard(replies.iter().any(Option::is_some));
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
        let Ok(_permit) = self.connections.acquire().await else { return Err(Failure::Unreachable) };
        self.turn().await;
        let exchange = async {
            let mut stream = connect(self.address).await?;
            tcp::send(&mut stream, &bytes).await?;
            tcp::receive(&mut stream).await
        };
        let bytes = timeout(patience, exchange).await.map_err(|_| Failure::TimedOut)?;
        let bytes = bytes.map_err(|_| Failure::Unreachable)?;
        if dns::id_of(&bytes) != Some(id) {
            return Err(Failure::Unreachable);
        }
        dns::read(&bytes, question).ok_or(Failure::Unreachable)
    }

    /// One bounded attempt to get a whole zone: whether the server would hand it out. The zone itself is not kept; the
    /// connection is closed as soon as the answer is clear.
    pub(crate) async fn transfers(&self, zone: &str, patience: Duration) -> Option<bool> {
        let bytes = dns::transfer(random_id().ok()?, zone)?;
        let _permit = self.connections.acquire().await.ok()?;
        self.turn().await;
        let attempt = async {
            let mut stream = connect(self.address).await.ok()?;
            tcp::send(&mut stream, &bytes).await.ok()?;
            let mut records = 0;
            for _ in 0..2 {
                let Ok(message) = tcp::receive(&mut stream).await else { return Some(false) };
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
}
