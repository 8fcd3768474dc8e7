//! Pace: how fast the agent may speak, to one host and in all (promise S4). The only clock here is tokio's.

mod bucket;
mod limits;
mod turn;

use bucket::Bucket;
pub use limits::Limits;
use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    str::FromStr,
    sync::{
        Arc, Mutex as StdMutex,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};
pub use turn::Turn;
use turn::{Held, HeldHost};

/// How fast to walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// The default: nobody in the school notices.
    #[default]
    Polite,
    /// For a walk somebody is waiting for and answers for.
    Fast,
    /// For one's own machine or a test network.
    Max,
}

impl Pace {
    /// The name in scope files and flags.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Polite => "polite",
            Self::Fast => "fast",
            Self::Max => "max",
        }
    }

    /// Its limits towards a school's network.
    #[must_use]
    pub const fn limits(self) -> Limits {
        match self {
            Self::Polite => Limits {
                arp: 50,
                overall: 100,
                host: 10,
                connections: 2,
                gap: Duration::from_millis(100),
                frames: 200,
                host_frames: 40,
                hosts_at_once: 24,
            },
            Self::Fast => Limits {
                arp: 800,
                overall: 1000,
                host: 40,
                connections: 4,
                gap: Duration::from_millis(20),
                frames: 2000,
                host_frames: 100,
                hosts_at_once: 96,
            },
            Self::Max => Limits {
                arp: 4000,
                overall: 20_000,
                host: 400,
                connections: 8,
                gap: Duration::ZERO,
                frames: 40_000,
                host_frames: 400,
                hosts_at_once: 192,
            },
        }
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Pace {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Polite, Self::Fast, Self::Max]
            .into_iter()
            .find(|pace| pace.name() == text)
            .ok_or_else(|| format!("'{text}' is no pace; use polite, fast or max"))
    }
}

/// What is about to happen, and what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// An ARP or NDP question or an echo request of the sweep, to nobody in particular.
    Question,
    /// One datagram.
    Datagram,
    /// One TCP connection attempt: a SYN now.
    Connection,
    /// So many frames that belong to something already begun: data, the kernel's acknowledgements, closing.
    Frames(u32),
}

impl Begin {
    const fn frames(self) -> u32 {
        match self {
            Self::Frames(count) => count,
            Self::Question | Self::Datagram | Self::Connection => 1,
        }
    }
}

/// How something ended, for backing off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// An answer of any kind, a refusal included.
    Answered,
    /// No answer from a host that is known to be there.
    Lost,
    /// A standing connection was reset.
    Reset,
}

/// Keeps the pace of one walk.
#[derive(Debug)]
pub struct Pacer {
    limits: Limits,
    // None on loopback: a machine need not be protected from itself.
    global: Option<Together>,
    hosts: StdMutex<HashMap<IpAddr, Arc<HostPace>>>,
    jitter: AtomicU64,
    trouble: AtomicU32,
}

/// What all segments have in common.
#[derive(Clone, Debug)]
struct Together {
    buckets: Arc<Mutex<Global>>,
    connections: Arc<Semaphore>,
}

#[derive(Debug)]
struct Global {
    arp: Bucket,
    overall: Bucket,
    frames: Bucket,
}

#[derive(Debug)]
struct HostPace {
    buckets: Arc<Mutex<HostBuckets>>,
    connections: Arc<Semaphore>,
    trouble: AtomicU32,
}

#[derive(Debug)]
struct HostBuckets {
    begun: Bucket,
    frames: Bucket,
    next_connection: Instant,
}

/// A place among the connections open to one host, and among all; dropping it gives the place back.
#[derive(Debug)]
pub struct Place([Option<OwnedSemaphorePermit>; 2]);

/// So many troubles in a row make the agent slower by one step; four steps are the most.
const TROUBLES_PER_STEP: u32 = 3;

impl Pacer {
    /// Keeps `limits`; `seed` varies the gaps so that many agents do not beat in time.
    #[must_use]
    pub fn new(limits: Limits, seed: u64) -> Self {
        let now = Instant::now();
        // Bursts stay small: a tenth of a second's worth, so that no switch sees a spike.
        let bucket = |limit: u32| Bucket::new(limit, limit / 10, now);
        let global = Global {
            arp: bucket(limits.arp),
            overall: bucket(limits.overall),
            // What we pay for when it begins takes one half. The other half is for what comes late: only so many connections
            // stand at a time that it holds all their frames at once.
            frames: bucket(limits.frames / 2),
        };
        let together = Together {
            buckets: Arc::new(Mutex::new(global)),
            connections: Arc::new(Semaphore::new(limits.connections_in_all())),
        };
        Self {
            limits,
            global: Some(together),
            hosts: StdMutex::default(),
            jitter: AtomicU64::new(seed | 1),
            trouble: AtomicU32::new(0),
        }
    }

    /// Limits nothing but the number of connections: for the machine the agent runs on.
    #[must_use]
    pub fn unlimited(limits: Limits) -> Self {
        Self { global: None, ..Self::new(limits, 1) }
    }

    /// The same limits towards each host, but one limit in all together with `other`: segments of several paces are
    /// visited side by side, and the school's switches see their sum (promise S4).
    #[must_use]
    pub fn sharing(self, other: &Self) -> Self {
        Self { global: other.global.clone(), ..self }
    }

    /// The limits kept.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Waits for a place among the connections to `host`, and among all; hold it as long as the connection stands.
    pub async fn place(&self, host: IpAddr) -> Place {
        let Place([of_host, _]) = self.place_at(host).await;
        let of_all = match &self.global {
            Some(together) => together.connections.clone().acquire_owned().await.ok(),
            None => None,
        };
        Place([of_host, of_all])
    }

    /// Waits for a place among the connections to `host` alone: for a bare handshake. Nothing was asked over it, so no answer
    /// can come late; a place among all would be held through the patience of every port that says nothing.
    pub async fn place_at(&self, host: IpAddr) -> Place {
        let connections = self.host(host).connections.clone();
        Place([connections.acquire_owned().await.ok(), None])
    }

    /// Waits until this may begin, towards `host` or (None) towards the segment as a whole. Who gets the turn sends while
    /// holding it; it is booked when it ends.
    pub async fn begin(&self, host: Option<IpAddr>, what: Begin) -> Turn {
        let Some(together) = &self.global else { return Turn(None) };
        // Both locks are fair queues. The host's is held while waiting for the global one, so that what waited
        // its turn there cannot be let through in a heap afterwards.
        let host = match host {
            Some(ip) => Some(self.begin_at(ip, what).await),
            None => None,
        };
        let global = together.buckets.clone().lock_owned().await;
        loop {
            let now = Instant::now();
            let ready = global.ready(what, now);
            if ready <= now {
                break;
            }
            sleep_until(ready).await;
        }
        Turn(Some(Held { what, global, stretch: step(self.trouble.load(Ordering::Relaxed) / 8), host }))
    }

    async fn begin_at(&self, ip: IpAddr, what: Begin) -> HeldHost {
        let pace = self.host(ip);
        let buckets = pace.buckets.clone().lock_owned().await;
        loop {
            let now = Instant::now();
            let ready = buckets.ready(what, now);
            if ready <= now {
                break;
            }
            sleep_until(ready).await;
        }
        let stretch = step(pace.trouble.load(Ordering::Relaxed));
        let gap = (what == Begin::Connection).then(|| {
            let gap = self.limits.gap;
            (gap + gap.mul_f64(self.random() * 0.2)) * stretch
        });
        HeldHost { buckets, stretch, gap }
    }

    /// Notes how something ended; loss and resets make the next things slower, answers faster again.
    pub fn ended(&self, host: IpAddr, ending: Ending) {
        let pace = self.host(host);
        for trouble in [&pace.trouble, &self.trouble] {
            let change = |count: u32| match ending {
                Ending::Answered => count.saturating_sub(2),
                Ending::Lost | Ending::Reset => (count + 1).min(64),
            };
            // The closure always yields a value, so the update cannot fail.
            trouble.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| Some(change(count))).ok();
        }
    }

    fn host(&self, ip: IpAddr) -> Arc<HostPace> {
        let mut hosts = self.hosts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        hosts.entry(ip).or_insert_with(|| Arc::new(HostPace::new(&self.limits))).clone()
    }

    /// The next number between 0 and 1 (xorshift64*, Vigna 2016): good enough to spread gaps.
    fn random(&self) -> f64 {
        let mut state = self.jitter.load(Ordering::Relaxed);
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        self.jitter.store(state, Ordering::Relaxed);
        let top = u32::try_from(state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32).unwrap_or(0);
        f64::from(top) / f64::from(u32::MAX)
    }
}

const fn step(trouble: u32) -> u32 {
    let steps = trouble / TROUBLES_PER_STEP;
    1 + if steps > 3 { 3 } else { steps }
}

impl HostPace {
    fn new(limits: &Limits) -> Self {
        let now = Instant::now();
        Self {
            buckets: Arc::new(Mutex::new(HostBuckets {
                begun: Bucket::new(limits.host, limits.host / 5, now),
                // The other half is for what its connections may have to come at once.
                frames: Bucket::new(limits.host_frames / 2, limits.host_frames / 20, now),
                next_connection: now,
            })),
            connections: Arc::new(Semaphore::new(limits.connections)),
            trouble: AtomicU32::new(0),
        }
    }
}

impl HostBuckets {
    fn ready(&self, what: Begin, now: Instant) -> Instant {
        let frames = self.frames.ready(what.frames(), now);
        match what {
            Begin::Frames(_) => frames,
            Begin::Question | Begin::Datagram => frames.max(self.begun.ready(1, now)),
            Begin::Connection => frames.max(self.begun.ready(1, now)).max(self.next_connection),
        }
    }

    fn take(&mut self, what: Begin, stretch: u32, now: Instant) {
        match what {
            Begin::Frames(count) => self.frames.take(count, 1, now),
            Begin::Question | Begin::Datagram | Begin::Connection => {
                self.begun.take(1, stretch, now);
                self.frames.take(1, 1, now);
            }
        }
    }
}

impl Global {
    fn ready(&self, what: Begin, now: Instant) -> Instant {
        let frames = self.frames.ready(what.frames(), now);
        match what {
            Begin::Frames(_) => frames,
            Begin::Question => frames.max(self.overall.ready(1, now)).max(self.arp.ready(1, now)),
            Begin::Datagram | Begin::Connection => frames.max(self.overall.ready(1, now)),
        }
    }

    fn take(&mut self, what: Begin, stretch: u32, now: Instant) {
        if let Begin::Frames(count) = what {
            return self.frames.take(count, 1, now);
        }
        self.frames.take(1, 1, now);
        self.overall.take(1, stretch, now);
        if what == Begin::Question {
            self.arp.take(1, stretch, now);
        }
    }
}

#[cfg(test)]
mod tests;
