//! The numbers of a pace, and what follows from them.

use std::time::Duration;

/// So many frames of one connection may still be to come though they are paid for: acknowledgements of an answer that keeps
/// us waiting, a flight of TLS, closing. Answers that were all held up somewhere come in one heap.
pub(super) const LATE: u32 = 10;

/// The limits of a pace. All but `gap` count per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// ARP and NDP questions.
    pub arp: u32,
    /// Everything we begin: frames of a sweep, datagrams, connections, requests.
    pub overall: u32,
    /// The same for one host.
    pub host: u32,
    /// Connections open to one host at a time. What comes late of all of them fits into half of its frames.
    pub connections: usize,
    /// The least time between two connections to one host.
    pub gap: Duration,
    /// Frames on the wire in all, the kernel's own acknowledgements included.
    pub frames: u32,
    /// Frames on the wire to one host; at most half of them within 100 ms.
    pub host_frames: u32,
    /// Hosts walked side by side.
    pub hosts_at_once: usize,
}

impl Limits {
    /// How long so many frames take at an even pace, the kernel's half left out.
    #[must_use]
    pub fn time_of_frames(&self, count: u32) -> Duration {
        Duration::from_secs(1) * count / (self.frames / 2).max(1)
    }

    /// Connections open to all hosts together at a time: as many as may have to send all their late frames within one
    /// second without leaving the half of the frames that is kept for these.
    #[must_use]
    pub fn connections_in_all(&self) -> usize {
        usize::try_from(self.frames / 2 / LATE).unwrap_or(1).max(1)
    }
}
