//! Plays a school by hand (`school up|exec|ledger|down FILE`), or plays it, walks it once and measures (`school walk FILE`).

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program")]

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use rundgang_tests::{
    measured,
    school::{School, ledger, play, respond},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Plays a school in network namespaces of its own.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Bring the school up.
    Up { file: PathBuf },
    /// End it.
    Down { file: PathBuf },
    /// Run a command on the agent's box.
    Exec {
        file: PathBuf,
        #[arg(trailing_var_arg = true, required = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Show what the agent's box ever sent, as its switch port counted it.
    Ledger { file: PathBuf },
    /// Bring the school up, walk it once, say what the walk cost and what it sent, and end it.
    Walk { file: PathBuf },
    /// Play one small responder (used by the school itself).
    #[command(hide = true)]
    Respond { what: String, folder: PathBuf, with: Vec<String> },
}

fn main() -> std::process::ExitCode {
    match run(Arguments::parse().action) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("school: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run(action: Action) -> Result<()> {
    match action {
        Action::Up { file } => up(&file),
        Action::Down { file } => {
            let state = state(&file)?;
            running(&file)?.down()?;
            fs::remove_file(&state).context("removing the run's note")
        }
        Action::Exec { file, command } => {
            let (program, arguments) = command.split_first().context("a command to run")?;
            let status =
                running(&file)?.command("agent", program).args(arguments).status().context("running it")?;
            std::process::exit(status.code().unwrap_or(1));
        }
        Action::Ledger { file } => {
            let ledger = ledger::read(&School::load(&file)?, &running(&file)?)?;
            println!(
                "frames {} (arp {}), over pace: {} in all, {} per host",
                ledger.frames, ledger.arp, ledger.over_total, ledger.over_host
            );
            for ((address, port), count) in &ledger.connections {
                println!("tcp {address} {port} {count}");
            }
            for ((address, port), count) in &ledger.datagrams {
                println!("udp {address} {port} {count}");
            }
            Ok(())
        }
        Action::Walk { file } => walk(&file),
        Action::Respond { what, folder, with } => respond::run(&what, &folder, &with),
    }
}

fn walk(file: &Path) -> Result<()> {
    let agent = std::env::current_exe().context("finding this program")?.with_file_name("rundgang-agent");
    if !agent.is_file() {
        bail!("the agent is not built: cargo build -p rundgang-agent");
    }
    let school = School::load(file)?;
    let guard = play::Guard(play::up(&school)?);
    let walk = measured::walk(&school, &guard.0, &agent)?;
    if !walk.output.status.success() {
        bail!("the walk failed: {}", String::from_utf8_lossy(&walk.output.stderr));
    }
    let lines = String::from_utf8_lossy(&walk.output.stdout).into_owned();
    let devices = lines.lines().filter(|line| line.contains("\"type\":\"device\"")).count();
    let ledger = ledger::read(&school, &guard.0)?;
    println!("{walk}");
    println!("found: {devices} devices");
    println!(
        "beyond the ledger's limits: {} frames in all, {} to one host {:?}",
        ledger.over_total, ledger.over_host, ledger.over
    );
    Ok(())
}

fn up(file: &Path) -> Result<()> {
    let school = School::load(file)?;
    let state = state(file)?;
    if state.exists() {
        bail!("{} is up already: end it with 'school down {}'", school.name, file.display());
    }
    let running = play::up(&school)?;
    fs::write(&state, serde_json::to_string(&running)?).context("noting the run")?;
    println!(
        "{} is up: {} hosts in {}. The agent's box is namespace {}.",
        school.name,
        school.host.len() + school.switch.len(),
        school.network,
        running.namespace("agent")
    );
    Ok(())
}

/// Where the note of a run lies: one per description file.
fn state(file: &Path) -> Result<PathBuf> {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).context("a description file with a name")?;
    Ok(std::env::temp_dir().join(format!("rundgang-school.{stem}.json")))
}

fn running(file: &Path) -> Result<play::Running> {
    let state = state(file)?;
    let text = fs::read_to_string(&state)
        .with_context(|| format!("this school is not up; begin with 'school up {}'", file.display()))?;
    serde_json::from_str(&text).context("reading the run's note")
}
