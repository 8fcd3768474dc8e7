//! `leave`: a school takes its whole book along in one file, and can then be deleted here.

use super::{
    book::{Book, WHO, open, print},
    error::CliError,
};
use crate::{Clock, files::replace_private, report::school_named};
use clap::Args;
use rundgang_dashboards::{Language, leaving::school_file};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct LeaveArgs {
    #[command(flatten)]
    book: Book,
    /// The school.
    #[arg(long, value_name = "NAME")]
    school: String,
    /// The file to write: one ZIP with lists for people and every row for programs.
    #[arg(long, value_name = "FILE", required_unless_present = "delete", conflicts_with = "delete")]
    out: Option<PathBuf>,
    /// The language of the headings: de, nl, en.
    #[arg(long, value_name = "CODE", default_value = "de", value_parser = ["de", "nl", "en"])]
    language: String,
    /// Delete the school with everything of it, for good: write its file first. Say its name again.
    #[arg(long, value_name = "NAME")]
    delete: Option<String>,
}

pub(super) fn run(args: &LeaveArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    // A name was given, so there is a number.
    let school = school_named(&traeger, Some(&args.school))?.unwrap_or_default();
    if let Some(name) = &args.delete {
        let rows = traeger.remove_school(school, name, WHO, clock())?;
        return print(&format!("The school '{name}' is deleted: {rows} rows.\n"));
    }
    let Some(out) = &args.out else { return Ok(()) };
    let language = Language::parse(&args.language).unwrap_or_default();
    replace_private(out, &school_file(&traeger, school, language, clock())?)?;
    print(&format!("{}\n", out.display()))
}
