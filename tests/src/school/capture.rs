//! What left the agent's box, frame by frame with the kernel's time: how many in any second and any tenth of one.

use super::{School, play::Running};
use anyhow::{Context, Result, ensure};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    io::{BufRead as _, BufReader},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// One frame that the agent's switch port received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// When, since the epoch, as the kernel of the switch says.
    pub at: Duration,
    /// What it was.
    pub what: What,
}

/// The kinds of frames that limits are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An ARP question of the agent's box.
    ArpQuestion,
    /// A TCP connection attempt.
    Connection(IpAddr),
    /// Any other packet.
    Packet(IpAddr),
    /// An ARP answer, or a frame of another protocol.
    Other,
}

impl What {
    /// The one host it went to; `None` where it went to many.
    #[must_use]
    pub const fn host(self) -> Option<IpAddr> {
        match self {
            Self::Connection(to) | Self::Packet(to) if !to.is_multicast() => Some(to),
            _ => None,
        }
    }
}

/// A capture under way on the agent's switch port. Its process ends with it.
pub struct Capture {
    child: Child,
    file: PathBuf,
}

impl Capture {
    /// Begins; what the agent sends from now on is taken down.
    ///
    /// # Errors
    /// Where tcpdump does not start.
    pub fn begin(school: &School, running: &Running) -> Result<Self> {
        let tcpdump = running.command(&school.agent.switch, "tcpdump");
        Self::of(tcpdump, "p-agent", running.folder.join("agent.pcap"))
    }

    /// The same for what comes in on any interface; `tcpdump` starts that program where the interface is.
    ///
    /// # Errors
    /// Where tcpdump does not start.
    pub fn of(mut tcpdump: Command, interface: &str, file: PathBuf) -> Result<Self> {
        let mut child = tcpdump
            .args(["-i", interface, "-Q", "in", "-n", "-s", "96", "-B", "4096", "-U", "--immediate-mode"])
            .args(["-Z", "root", "-w"])
            .arg(&file)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting tcpdump")?;
        let said = child.stderr.take().context("reading what tcpdump says")?;
        let mut lines = BufReader::new(said).lines();
        let begun = lines.by_ref().map_while(Result::ok).any(|line| line.contains("listening on"));
        // What it says at its end must find a reader.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        ensure!(begun, "tcpdump ended by itself");
        Ok(Self { child, file })
    }

    /// Ends; every frame in the order of time.
    ///
    /// # Errors
    /// Where the file cannot be read or understood.
    pub fn end(mut self) -> Result<Vec<Frame>> {
        // `ip netns exec` becomes the program, so the child is tcpdump; asked to end, it writes what it still holds.
        let id = self.child.id().to_string();
        ensure!(Command::new("kill").args(["-INT", &id]).status()?.success(), "ending tcpdump");
        self.child.wait().context("waiting for tcpdump")?;
        read(&fs::read(&self.file).context("reading the capture")?)
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The most frames within any stretch of time, as a walk showed them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Busiest {
    /// All frames.
    pub frames: usize,
    /// All frames within a second.
    pub second: usize,
    /// All frames within a tenth of a second.
    pub tenth: usize,
    /// ARP questions within a second.
    pub arp_second: usize,
    /// TCP connection attempts within a second.
    pub connections_second: usize,
    /// Frames to one host within a second.
    pub host_second: usize,
    /// Frames to one host within a tenth of a second.
    pub host_tenth: usize,
    /// The least time between two connection attempts to one host.
    pub between_connections: Option<Duration>,
}

impl Busiest {
    /// Counts.
    #[must_use]
    pub fn of(frames: &[Frame]) -> Self {
        let (second, tenth) = (Duration::from_secs(1), Duration::from_millis(100));
        let moments = |keep: &dyn Fn(What) -> bool| -> Vec<Duration> {
            frames.iter().filter(|frame| keep(frame.what)).map(|frame| frame.at).collect()
        };
        let hosts: BTreeSet<IpAddr> = frames.iter().filter_map(|frame| frame.what.host()).collect();
        let of_host: BTreeMap<IpAddr, Vec<Duration>> =
            hosts.into_iter().map(|host| (host, moments(&|what| what.host() == Some(host)))).collect();
        let most_of_one = |window| of_host.values().map(|all| most(all, window)).max().unwrap_or(0);
        let gaps = of_host.keys().flat_map(|host| {
            let begun = moments(&|what| what == What::Connection(*host));
            begun.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect::<Vec<_>>()
        });
        Self {
            frames: frames.len(),
            second: most(&moments(&|_| true), second),
            tenth: most(&moments(&|_| true), tenth),
            arp_second: most(&moments(&|what| what == What::ArpQuestion), second),
            connections_second: most(&moments(&|what| matches!(what, What::Connection(_))), second),
            host_second: most_of_one(second),
            host_tenth: most_of_one(tenth),
            between_connections: gaps.min(),
        }
    }
}

impl fmt::Display for Busiest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} frames; at most {} a second and {} in 100 ms; {} ARP questions and {} connection attempts a second; to one host {} a second and {} in 100 ms; connections to one host at least {:?} apart",
            self.frames,
            self.second,
            self.tenth,
            self.arp_second,
            self.connections_second,
            self.host_second,
            self.host_tenth,
            self.between_connections.unwrap_or_default()
        )
    }
}

/// The largest number of moments (ascending) within any stretch of this length.
fn most(moments: &[Duration], window: Duration) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (last, at) in moments.iter().enumerate() {
        while moments[first] + window <= *at {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

/// Reads a capture file (pcap of version 2.4 with microseconds, as tcpdump writes it on this machine).
fn read(bytes: &[u8]) -> Result<Vec<Frame>> {
    let word = |at: usize| -> Option<u32> {
        Some(u32::from_ne_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
    };
    ensure!(word(0) == Some(0xa1b2_c3d4), "no capture file");
    ensure!(word(20) == Some(1), "not a capture of Ethernet");
    let mut frames = Vec::new();
    let mut at = 24;
    while let (Some(seconds), Some(micros), Some(length)) = (word(at), word(at + 4), word(at + 8)) {
        let end = at + 16 + usize::try_from(length)?;
        let Some(octets) = bytes.get(at + 16..end) else { break };
        let moment = Duration::from_secs(seconds.into()) + Duration::from_micros(micros.into());
        frames.push(Frame { at: moment, what: what(octets) });
        at = end;
    }
    frames.sort_by_key(|frame| frame.at);
    Ok(frames)
}

/// What an Ethernet frame is.
fn what(octets: &[u8]) -> What {
    packet(octets).unwrap_or(What::Other)
}

fn packet(octets: &[u8]) -> Option<What> {
    let (to, protocol, above): (IpAddr, u8, usize) = match octets.get(12..14)? {
        [8, 6] => return Some(if octets.get(21) == Some(&1) { What::ArpQuestion } else { What::Other }),
        [8, 0] => {
            let to: [u8; 4] = octets.get(30..34)?.try_into().ok()?;
            (Ipv4Addr::from(to).into(), *octets.get(23)?, 14 + usize::from(octets.get(14)? & 15) * 4)
        }
        [0x86, 0xdd] => {
            let to: [u8; 16] = octets.get(38..54)?.try_into().ok()?;
            (Ipv6Addr::from(to).into(), *octets.get(20)?, 54)
        }
        _ => return None,
    };
    let flags = octets.get(above + 13).filter(|_| protocol == 6);
    // SYN without ACK.
    let begins = flags.is_some_and(|flags| flags & 0x12 == 2);
    Some(if begins { What::Connection(to) } else { What::Packet(to) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_stretch_may_begin_anywhere() {
        let check = |millis: &[u64], window: u64, expected: usize| {
            let moments: Vec<_> = millis.iter().copied().map(Duration::from_millis).collect();
            assert_eq!(most(&moments, Duration::from_millis(window)), expected, "{millis:?} {window}");
        };
        check(&[], 100, 0);
        check(&[0, 50, 99, 100, 101, 199], 100, 4);
        check(&[0, 100, 200], 100, 1);
        check(&[0, 900, 1000, 1100, 1899], 1000, 4);
    }

    #[test]
    fn frames_are_told_apart() {
        let mut frame = vec![0; 12];
        frame.extend([8, 0, 0x45, 0]);
        frame.resize(60, 0);
        frame[23] = 6;
        frame[30..34].copy_from_slice(&[10, 20, 0, 6]);
        let host = IpAddr::from([10, 20, 0, 6]);
        frame[47] = 2;
        assert_eq!(what(&frame), What::Connection(host));
        frame[47] = 0x12;
        assert_eq!(what(&frame), What::Packet(host));
        let mut arp = vec![0; 12];
        arp.extend([8, 6, 0, 1, 8, 0, 6, 4, 0, 1]);
        assert_eq!(what(&arp), What::ArpQuestion);
        assert_eq!(what(&arp[..13]), What::Other);

        let mut file = Vec::new();
        for word in [0xa1b2_c3d4_u32, 0, 0, 0, 96, 1, 5, 250_000, 60, 60] {
            file.extend(word.to_ne_bytes());
        }
        file.extend(&frame);
        let expected = Frame { at: Duration::from_millis(5250), what: What::Packet(host) };
        assert_eq!(read(&file).unwrap(), [expected]);
        assert!(read(b"something else").is_err());
    }
}
