//! Mail and DNS: the zones are served on loopback inside a network namespace of our own, the agent audits them, and
//! what it found is compared with what is there.

mod played;
mod proposals;
mod score;
mod suite;

use anyhow::{Context, Result, bail, ensure};
use score::{Expected, Score};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs everything; true where all that was promised is reached.
#[expect(clippy::print_stdout, reason = "the table is the output")]
pub(crate) fn run(folder: &Path, inside: bool) -> Result<bool> {
    let folder = folder.canonicalize().with_context(|| format!("finding {}", folder.display()))?;
    if !inside {
        return run_in_namespace(&folder);
    }
    ensure!(Command::new("ip").args(["link", "set", "lo", "up"]).status()?.success(), "bringing loopback up");
    let mut reached = true;
    if let Some(file) = find(&folder, "rfc7208/rfc7208-tests.json") {
        let suite = suite::run(&file)?;
        println!("SPF suite of RFC 7208: {} of {} tests pass", suite.passed, suite.total);
        for miss in &suite.misses {
            println!("  {miss}");
        }
        reached &= suite.passed == suite.total;
    } else {
        println!("SPF suite of RFC 7208: not run, no rfc7208/rfc7208-tests.json in the folder or above it");
        reached = false;
    }
    let halves = halves(&folder)?;
    ensure!(!halves.is_empty(), "no zones in {}", folder.display());
    for half in halves {
        reached &= play(&half)?;
    }
    println!("{}", if reached { "REACHED" } else { "NOT REACHED" });
    Ok(reached)
}

/// A namespace of our own with nothing but loopback: whatever the zones say, no packet can leave the machine.
fn run_in_namespace(folder: &Path) -> Result<bool> {
    let own = std::env::current_exe().context("finding this program")?;
    let status = Command::new("unshare")
        .args(["--net", "--"])
        .arg(own)
        .arg("mail")
        .arg(folder)
        .arg("--inside")
        .status();
    match status {
        Ok(status) => Ok(status.success()),
        Err(error) => bail!("a network namespace is needed (root, unshare): {error}"),
    }
}

/// A file of the folder or of the one above it.
fn find(folder: &Path, file: &str) -> Option<PathBuf> {
    [Some(folder), folder.parent()]
        .into_iter()
        .flatten()
        .map(|place| place.join(file))
        .find(|path| path.exists())
}

/// The folders that hold zones: the given one, or those directly below it.
fn halves(folder: &Path) -> Result<Vec<PathBuf>> {
    if folder.join("domains.txt").exists() {
        return Ok(vec![folder.to_owned()]);
    }
    let mut halves = Vec::new();
    for entry in std::fs::read_dir(folder).context("listing the folder")? {
        let path = entry?.path();
        if path.join("domains.txt").exists() {
            halves.push(path);
        }
    }
    halves.sort();
    Ok(halves)
}

#[expect(clippy::print_stdout, reason = "the table is the output")]
fn play(half: &Path) -> Result<bool> {
    let serve = find(half, "serve.sh").context("the folder has no serve.sh")?;
    let expected = score::expected(&half.join("expected"))?;
    let served = played::Servers::start(&serve, half)?;
    let played = played::run(half, &expected);
    drop(served);
    let played = played?;
    let score = Score::of(&expected, &played.findings);
    println!("{score}");
    println!("{played}");
    println!("{}", played.proposals);
    Ok(score.is_reached() && played.is_reached() && played.proposals.is_reached())
}

/// The domains of a half with what is expected of each.
type Expectations = std::collections::BTreeMap<String, Expected>;
