//! `retention`: how long things are kept, shown or shortened.

use super::{
    book::{Book, WHO, open, print},
    error::CliError,
};
use crate::Clock;
use clap::Args;

#[derive(Args, Debug)]
pub(super) struct RetentionArgs {
    #[command(flatten)]
    book: Book,
    /// A period to shorten, in days; without any the periods are shown.
    #[arg(value_name = "NAME=DAYS")]
    periods: Vec<String>,
}

pub(super) fn run(args: &RetentionArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    let mut keep = traeger.retention()?;
    for period in &args.periods {
        let (name, days) = period.split_once('=').unwrap_or((period, ""));
        let days = days.parse().map_err(|_| CliError::NoPeriod(period.clone()))?;
        keep = keep.with(name, days)?;
    }
    if !args.periods.is_empty() {
        traeger.choose_retention(keep, WHO, clock())?;
    }
    print(&keep.named().iter().map(|(name, days)| format!("{name}={days}\n")).collect::<String>())
}
