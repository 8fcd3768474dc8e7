//! The agent's binary: reads the command line, the clock and the randomness, and hands over to the library.

use anyhow::Context as _;
use clap::Parser as _;
use rundgang_agent::{cli, clock::Clock};
use rundgang_inventory::{Timestamp, told::one_line};
use std::{io::Write as _, process::ExitCode, sync::Arc, time::SystemTime};

/// The time of day as the machine knows it.
struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

fn main() -> ExitCode {
    // A panic's text may quote what a device said; only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        writeln!(std::io::stderr(), "rundgang-agent: internal error at {place}; please report this line")
            .ok();
    }));
    let command_line = cli::Cli::parse();
    match run(command_line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr(), "rundgang-agent: {}", one_line(error.as_ref())).ok();
            ExitCode::from(error.downcast_ref::<cli::CliError>().map_or(1, cli::CliError::exit_status))
        }
    }
}

fn run(command_line: cli::Cli) -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO).init();
    // Before the lock: the list may lie anywhere.
    cli::use_mac_blocks(&command_line).context("reading the MAC address blocks")?;
    // Before the runtime: a thread that exists already would keep its freedom.
    if let Some(confinement) = command_line.confine().context("locking the agent in")? {
        tracing::info!("{confinement}");
    }
    let seed = getrandom::u64().context("the machine has no randomness")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("starting the runtime")?;
    runtime.block_on(cli::run(command_line, Arc::new(SystemClock), seed))?;
    Ok(())
}
