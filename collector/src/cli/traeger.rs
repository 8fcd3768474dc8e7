//! `traeger`: whose book it is, and another name for it.

use super::{
    book::{Book, known, open, print},
    error::CliError,
};
use crate::Clock;
use clap::Args;

#[derive(Args, Debug)]
pub(super) struct TraegerArgs {
    #[command(flatten)]
    book: Book,
    /// The name it bears from now on; without it the Träger of the book are listed, or the one of --traeger alone.
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
}

pub(super) fn run(args: &TraegerArgs, clock: &Clock) -> Result<(), CliError> {
    let Some(name) = &args.rename else {
        // One that was named is shown if it is there; which of several is no question here.
        let all = known(&args.book)?;
        return print(&all.into_iter().map(|one| one.name + "\n").collect::<String>());
    };
    let (_, traeger) = open(&args.book)?;
    let before = traeger.rename(name, "command line", clock())?;
    print(&format!(
        "The Träger '{before}' is called '{}' now. The pages show it when serve is started anew; where serve is told \
         --traeger, change it there first.\n",
        name.trim()
    ))
}
