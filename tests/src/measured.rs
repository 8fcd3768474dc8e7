//! One walk of a simulated school with everything measured: time, memory, and what went over the wire.

use crate::school::{
    School,
    capture::{Busiest, Capture},
    play::Running,
};
use anyhow::{Context, Result};
use std::{
    fmt, fs,
    path::Path,
    process::{Output, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

/// What a walk printed and what it cost.
#[derive(Debug)]
pub struct Walk {
    /// Its output and how it ended.
    pub output: Output,
    /// How long it took.
    pub time: Duration,
    /// The most memory that the agent's process held at once, in KiB (`VmHWM`, proc_pid_status(5)).
    pub peak_memory: u64,
    /// What left its switch port.
    pub wire: Busiest,
}

impl fmt::Display for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, memory) = (self.time.as_secs_f64(), self.peak_memory);
        write!(
            f,
            "walk: {seconds:.1} s, {}.{} MB\nwire: {}",
            memory / 1024,
            memory % 1024 * 10 / 1024,
            self.wire
        )
    }
}

/// Walks the whole school from the agent's box with `rundgang-agent walk --json`, its domains included.
///
/// # Errors
/// Where agent or capture do not start.
pub fn walk(school: &School, running: &Running, agent: &Path) -> Result<Walk> {
    let capture = Capture::begin(school, running)?;
    let mut command = running.command("agent", agent);
    command.args(["walk", "--json", "--scope", &school.network, "--snmp-community", &school.community]);
    for zone in school.zone.iter().filter(|zone| !zone.is_parent) {
        command.args(["--domain", &zone.name]);
    }
    if let Some(resolver) = school.resolver() {
        command.args(["--resolver", &resolver.to_string()]);
    }
    let begun = Instant::now();
    let child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("starting the agent")?;
    let (ended, watch) = mpsc::channel();
    let id = child.id();
    let watching = std::thread::spawn(move || peak_memory(id, &watch));
    let output = child.wait_with_output().context("waiting for the agent")?;
    let time = begun.elapsed();
    drop(ended);
    let peak_memory = watching.join().ok().context("watching the agent's memory")?;
    Ok(Walk { output, time, peak_memory, wire: Busiest::of(&capture.end()?) })
}

/// Looks ten times a second, until the other end hangs up. The kernel keeps the peak, so only one of the very last
/// moments can be missed.
fn peak_memory(id: u32, watch: &mpsc::Receiver<()>) -> u64 {
    let mut peak = 0;
    loop {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let told =
            line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok());
        peak = peak.max(told.unwrap_or(0));
        if watch.recv_timeout(Duration::from_millis(100)) == Err(mpsc::RecvTimeoutError::Disconnected) {
            return peak;
        }
    }
}
