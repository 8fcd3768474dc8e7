//! `traeger`: whose book it is, another name for it, where its reports on mail go, and deleting it whole.

use super::{
    book::{Book, WHO, known, open, print},
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
    /// Delete this Träger with everything of it, for good: export it first, and end serve. Say its name again.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["rename", "report_address"])]
    delete: Option<String>,
    /// The mailbox for reports on mail (DMARC, TLS) that proposed records name; "" takes it back. Set it up first.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "rename")]
    report_address: Option<String>,
}

pub(super) fn run(args: &TraegerArgs, clock: &Clock) -> Result<(), CliError> {
    if let Some(name) = &args.delete {
        let (_, traeger) = open(&args.book)?;
        let rows: u64 = traeger.remove_whole(name)?.iter().map(|(_, rows)| rows).sum();
        return print(&format!(
            "The Träger '{name}' is deleted: {rows} rows. What was exported before is elsewhere.\n"
        ));
    }
    if let Some(address) = &args.report_address {
        let (_, traeger) = open(&args.book)?;
        traeger.set_report_address(address, WHO, clock())?;
        return shown(&args.book);
    }
    let Some(name) = &args.rename else {
        return shown(&args.book);
    };
    let (_, traeger) = open(&args.book)?;
    let before = traeger.rename(name, WHO, clock())?;
    print(&format!(
        "The Träger '{before}' is called '{}' now. The pages show it when serve is started anew; where serve is told \
         --traeger, change it there first.\n",
        name.trim()
    ))
}

/// One that was named is shown if it is there; which of several is no question here.
fn shown(book: &Book) -> Result<(), CliError> {
    let mut text = String::new();
    for one in known(book)? {
        let (_, traeger) = open(&Book { traeger: Some(one.name.clone()), ..book.clone() })?;
        text += &format!("{}\n", one.name);
        if let Some(address) = traeger.report_address()? {
            text += &format!("  reports on mail go to {address}\n");
        }
    }
    print(&text)
}
