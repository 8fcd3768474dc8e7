//! Acceptance: plays the public data sets against the release build and prints the figures that were promised.

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

mod book;
mod classroom;
mod devices;
mod mail;
mod recognition;
mod replay;
#[path = "../../../../store/src/suite/server.rs"]
#[allow(dead_code, reason = "the store's own tests use the rest")]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a server that does not start ends the measurement"
)]
mod server;
mod surveys;
mod tally;

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
        /// Set where the network namespace was made already.
        #[arg(long, hide = true)]
        inside: bool,
    },
    /// Real SNMP walks and banners, replayed on loopback and walked.
    Devices {
        /// The folder with the recordings, their players and the judge.
        folder: PathBuf,
        /// Which half to play: a folder below the first one.
        #[arg(long, default_value = "open")]
        half: String,
        /// How many misses to list.
        #[arg(long, default_value_t = 0)]
        show: u32,
    },
    /// Recorded devices of classrooms, each in a namespace of its own.
    Classroom {
        /// The folder with the recordings, their player and the judge.
        folder: PathBuf,
        /// Which half to play: a folder below the first one.
        #[arg(long, default_value = "open")]
        half: String,
        /// How many misses to list.
        #[arg(long, default_value_t = 0)]
        show: u32,
    },
    /// How many devices a second one processor recognises.
    Recognition,
    /// How fast the book of a whole Kreis is: searches, lists and pages, and what is written into it.
    Book {
        /// Where the book is kept, built there once.
        folder: PathBuf,
        /// Schools.
        #[arg(long, default_value_t = 122)]
        schools: usize,
        /// Devices of all schools together.
        #[arg(long, default_value_t = 100_000)]
        devices: usize,
        /// Documented systems of all schools together.
        #[arg(long, default_value_t = 20_000)]
        systems: usize,
        /// In a PostgreSQL server of its own, in the folder that TMPDIR names; built anew each time.
        #[arg(long)]
        postgres: bool,
    },
    /// How fast surveys are answered for many schools, in SQLite or in PostgreSQL.
    Surveys {
        /// Where the book of SQLite is kept, built there once.
        folder: PathBuf,
        /// Schools.
        #[arg(long, default_value_t = 122)]
        schools: usize,
        /// Devices of each school.
        #[arg(long, default_value_t = 500)]
        devices: usize,
        /// In a PostgreSQL server of its own, in the folder that TMPDIR names; 6,000 schools take about 10 GB there.
        #[arg(long)]
        postgres: bool,
        /// In a database of PostgreSQL that is there, built once where it is empty: `host=… user=… dbname=…`. The user
        /// `postgres` of that server fills it.
        #[arg(long, conflicts_with = "postgres")]
        database: Option<String>,
    },
}

fn main() -> Result<ExitCode> {
    let reached = match Arguments::parse().part {
        Part::Recognition => recognition::run(),
        Part::Book { folder, schools, devices, systems, postgres } => {
            book::run(&folder, book::Size { schools, devices, systems }, postgres)?
        }
        Part::Surveys { folder, schools, devices, postgres, database } => {
            let place = match database {
                Some(address) => surveys::Place::Postgres(Some(address)),
                None if postgres => surveys::Place::Postgres(None),
                None => surveys::Place::Sqlite(folder),
            };
            surveys::run(place, surveys::Size { schools, devices })?
        }
        Part::Mail { folder, inside } => mail::run(&folder, inside)?,
        Part::Devices { folder, half, show } => devices::run(&folder, &half, show)?,
        Part::Classroom { folder, half, show } => classroom::run(&folder, &half, show)?,
    };
    Ok(if reached { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
