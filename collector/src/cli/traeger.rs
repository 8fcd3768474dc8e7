//! `traeger`: whose book it is, and another name for it.

use super::{
    book::{Book, open, print},
    error::CliError,
};
use crate::Clock;
use clap::Args;

#[derive(Args, Debug)]
pub(super) struct TraegerArgs {
    #[command(flatten)]
    book: Book,
    /// The name it bears from now on; without it the Träger of the book are listed.
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
}

pub(super) fn run(args: &TraegerArgs, clock: &Clock) -> Result<(), CliError> {
    let Some(name) = &args.rename else {
        let (store, _) = open(&args.book)?;
        let all = store.all_traeger()?;
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
