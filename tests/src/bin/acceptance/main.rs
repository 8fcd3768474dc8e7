//! Acceptance: plays the public data sets against the release build and prints the figures that were promised.

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

mod mail;

/// Measures Rundgang against a folder of reference data.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// Mail and DNS: faults found, false alarms, the SPF suite, domains per second.
    Mail {
        /// The folder with the zones, the expected findings and the SPF suite.
        folder: PathBuf,
        /// Which half of the zones to play: a folder below the first one.
        #[arg(long, default_value = "open")]
        half: String,
    },
}

fn main() -> Result<ExitCode> {
    let reached = match Arguments::parse().part {
        Part::Mail { folder, half } => mail::run(&folder, &half)?,
    };
    Ok(if reached { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
