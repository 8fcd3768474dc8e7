//! Devices: real SNMP walks and banners are replayed on loopback inside a namespace of our own, the agent walks them
//! like a school, and the data set's judge compares.

use super::{
    replay::{self, Player},
    tally::{Goal, compare, shares},
};
use anyhow::{Context, Result};
use std::{path::Path, process::Command};

const SNMP: &[Goal] = &[
    Goal { attribute: "kind", right: 92.0, wrong: Some(4.0) },
    Goal { attribute: "vendor", right: 95.0, wrong: Some(4.0) },
    Goal { attribute: "model", right: 80.0, wrong: Some(4.0) },
    Goal { attribute: "serial", right: 85.0, wrong: Some(4.0) },
    Goal { attribute: "os_version", right: 88.0, wrong: Some(4.0) },
];
const EACH: &[Goal] = &[Goal { attribute: "kind", right: 90.0, wrong: None }];
const BANNERS: &[Goal] = &[
    Goal { attribute: "kind", right: 85.0, wrong: None },
    Goal { attribute: "vendor", right: 85.0, wrong: None },
];

/// Runs everything; true where all that was promised is reached.
pub(crate) fn run(folder: &Path, half: &str, show: u32) -> Result<bool> {
    let agent = replay::agent()?;
    if !replay::is_inside() {
        return replay::again_inside();
    }
    replay::loopback_up()?;
    let (snmp, banners) = if half == "open" { ("127.1", "127.11") } else { ("127.2", "127.12") };
    let walks = snmp_devices(folder, half, &agent, snmp, show)?;
    let greetings = banner_devices(folder, half, &agent, banners, show)?;
    Ok(walks && greetings)
}

/// The first network of the players holds so many devices, which are walked within so many seconds.
const FIRST: usize = 200;
const SECONDS: f64 = 10.0;

/// The command that walks networks of the namespace as fast as it can.
fn walk(agent: &Path, networks: &[String]) -> Command {
    let mut walk = Command::new(agent);
    walk.args(["walk", "--class", "managed", "--pace", "max", "--snmp-community", "public", "--json"]);
    for network in networks {
        walk.args(["--scope", network]);
    }
    walk
}

/// How long the first devices take by themselves; a device that is not found does not count as walked.
#[expect(clippy::print_stdout, reason = "the table is the output")]
fn walk_the_first(agent: &Path, first: &str, truth: &Path) -> Result<bool> {
    let there = std::fs::read_to_string(truth).context("reading the truths")?.lines().count().min(FIRST);
    let (found, took) = replay::timed(&mut walk(agent, &[first.to_owned()]))?;
    let devices = found.lines().filter(|line| line.contains("\"type\":\"device\"")).count();
    let seconds = took.as_secs_f64();
    let reached = devices >= there && seconds <= SECONDS;
    println!(
        "The first {there} SNMP devices at --pace max: {devices} found in {seconds:.1} s of <= {SECONDS} s {}",
        if reached { "reached" } else { "MISSED" }
    );
    Ok(reached)
}

/// Walks networks of the namespace and judges what was found.
#[expect(clippy::print_stdout, reason = "the table is the output")]
fn walk_and_judge(
    agent: &Path,
    networks: &[String],
    judge: &Path,
    truth: &Path,
    show: u32,
) -> Result<serde_json::Value> {
    let (found, took) = replay::timed(&mut walk(agent, networks))?;
    let results = tempfile::NamedTempFile::new().context("making a file for the results")?;
    std::fs::write(results.path(), found).context("writing the results")?;
    let show = show.to_string();
    let (table, figures) = replay::judge(judge, truth, results.path(), &["--show", &show])?;
    println!("{table}walked in {:.1} s", took.as_secs_f64());
    Ok(figures)
}

/// The networks that hold so many devices: the players put 200 into each /24.
fn networks(prefix: &str, truth: &Path) -> Result<Vec<String>> {
    let devices = std::fs::read_to_string(truth).context("reading the truths")?.lines().count();
    Ok((0..devices.div_ceil(200)).map(|third| format!("{prefix}.{third}.0/24")).collect())
}

#[expect(clippy::print_stdout, reason = "the table is the output")]
fn snmp_devices(folder: &Path, half: &str, agent: &Path, prefix: &str, show: u32) -> Result<bool> {
    let truth = folder.join(half).join("index.jsonl");
    let _player = Player::start(&folder.join("replay_snmp.py"), &["--set", half])?;
    println!("SNMP devices ({half} half)");
    let figures = walk_and_judge(agent, &networks(prefix, &truth)?, &folder.join("score.py"), &truth, show)?;
    let mut reached = compare("All kinds", &figures, "ALL", SNMP);
    for kind in ["printer", "access-point", "av"] {
        reached &= compare(kind, &figures, kind, EACH);
    }
    let kinds = figures.as_object().into_iter().flat_map(|kinds| kinds.keys()).filter(|kind| *kind != "ALL");
    let right: Vec<f64> =
        kinds.filter_map(|kind| shares(&figures, kind, "kind")).map(|(right, ..)| right).collect();
    let count = u32::try_from(right.len()).unwrap_or(u32::MAX);
    println!(
        "Macro average of kind over {count} kinds: {:.1} %",
        right.iter().sum::<f64>() / f64::from(count.max(1))
    );
    if let Some(first) = networks(prefix, &truth)?.first() {
        reached &= walk_the_first(agent, first, &truth)?;
    }
    Ok(reached)
}

#[expect(clippy::print_stdout, reason = "the table is the output")]
fn banner_devices(folder: &Path, half: &str, agent: &Path, prefix: &str, show: u32) -> Result<bool> {
    let truth = folder.join(half).join("banner_devices.jsonl");
    let _player = Player::start(&folder.join("replay_banners.py"), &["--set", half, "--only-devices"])?;
    println!("Banner devices ({half} half)");
    let figures = walk_and_judge(agent, &networks(prefix, &truth)?, &folder.join("score.py"), &truth, show)?;
    Ok(compare("All kinds", &figures, "ALL", BANNERS))
}
