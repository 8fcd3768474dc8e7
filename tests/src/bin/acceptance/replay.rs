//! Players of recorded devices and the agent that walks them, inside a network namespace that the command makes.

use anyhow::{Context, Result, bail, ensure};
use std::{
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Set inside the namespace, so that the command knows where it is.
const INSIDE: &str = "RUNDGANG_ACCEPTANCE_INSIDE";

/// Whether this process runs inside the namespace already.
pub(crate) fn is_inside() -> bool {
    env::var_os(INSIDE).is_some()
}

/// Runs this very command again inside a new network namespace, from which nothing can leave the machine. True where
/// it ended well.
pub(crate) fn again_inside() -> Result<bool> {
    let own = env::current_exe().context("asking for this program's path")?;
    let status = Command::new("unshare")
        .arg("-n")
        .arg(own)
        .args(env::args_os().skip(1))
        .env(INSIDE, "1")
        .status()
        .context("making a network namespace with unshare (needs root)")?;
    Ok(status.success())
}

/// Brings the namespace's loopback up.
pub(crate) fn loopback_up() -> Result<()> {
    let status = Command::new("ip").args(["link", "set", "lo", "up"]).status().context("running ip")?;
    ensure!(status.success(), "the loopback interface does not come up");
    Ok(())
}

/// A player in the background; it ends with this value.
pub(crate) struct Player(Child);

impl Player {
    /// Starts a player of recordings and waits until it says that it is ready.
    pub(crate) fn start(script: &Path, arguments: &[&str]) -> Result<Self> {
        let mut child = Command::new("python3")
            .arg(script)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", script.display()))?;
        let lines = child.stdout.take().context("the player has no output")?;
        let player = Self(child);
        for line in BufReader::new(lines).lines() {
            if line.context("reading from the player")?.contains("READY") {
                return Ok(player);
            }
        }
        bail!("the player ended before it was ready")
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// The agent's own binary beside this one, freshly built where cargo runs us.
pub(crate) fn agent() -> Result<PathBuf> {
    let own = env::current_exe().context("asking for this program's path")?;
    let folder = own.parent().context("this program stands in no folder")?;
    if let Some(cargo) = env::var_os("CARGO").filter(|_| !is_inside()) {
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--package", "rundgang-agent", "--bin", "rundgang-agent"]);
        if folder.ends_with("release") {
            build.arg("--release");
        }
        ensure!(build.status().context("building the agent")?.success(), "the agent does not build");
    }
    let agent = folder.join("rundgang-agent");
    ensure!(agent.exists(), "{} is missing: build it first", agent.display());
    Ok(agent)
}

/// Runs a command that walks and prints JSON lines; what it printed, and how long it took.
pub(crate) fn timed(command: &mut Command) -> Result<(String, Duration)> {
    let begin = Instant::now();
    let output = command.stderr(Stdio::inherit()).output().context("running the agent")?;
    let took = begin.elapsed();
    ensure!(output.status.success(), "the agent ended with {}", output.status);
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), took))
}

/// Runs the data set's own judge twice: its table for people, its figures for us.
pub(crate) fn judge(
    script: &Path,
    truth: &Path,
    found: &Path,
    more: &[&str],
) -> Result<(String, serde_json::Value)> {
    let run = |extra: &[&str]| -> Result<String> {
        let output = Command::new("python3")
            .arg(script)
            .args([truth, found])
            .args(extra)
            .stderr(Stdio::inherit())
            .output()
            .context("running the judge")?;
        ensure!(output.status.success(), "the judge ended with {}", output.status);
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let figures = serde_json::from_str(&run(&["--json"])?).context("reading the judge's figures")?;
    Ok((run(more)?, figures))
}
