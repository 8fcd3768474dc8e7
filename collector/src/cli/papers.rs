//! `papers`: from what stands in the book, or before there is one.

use super::{
    book::{Book, open, print},
    error::CliError,
};
use crate::{
    Clock,
    papers::{self, About, Form, Periods},
    serve::{ServeError, has_book},
};
use clap::Args;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct PapersArgs {
    #[command(flatten)]
    pub(super) book: Book,
    /// The folder to write to.
    #[arg(long, value_name = "DIR", default_value = "papiere")]
    out: PathBuf,
    /// A school to name; may be repeated. Without it the schools of the book, if there is one.
    #[arg(long, value_name = "NAME")]
    school: Vec<String>,
    /// The form of the texts; the table of the Strukturanalyse is always CSV.
    #[arg(long, value_enum, default_value_t = Form::Markdown)]
    format: Form,
}

pub(super) fn write(args: &PapersArgs, clock: &Clock) -> Result<(), CliError> {
    let mut about = About {
        traeger: args.book.traeger.clone().unwrap_or_default(),
        schools: args.school.clone(),
        periods: Periods::default(),
    };
    let mut book = None;
    // Papers are wanted before there is a book; one that exists fills the blanks.
    if args.book.database.is_some() || has_book(&args.book.data) {
        let (store, traeger) = match open(&args.book) {
            // The papers may bear another name than the book, as long as it is clear whose book it is.
            Err(CliError::Serve(ServeError::NoSuchTraeger(..))) => {
                open(&Book { traeger: None, ..args.book.clone() })?
            }
            other => other?,
        };
        if about.traeger.is_empty() {
            let named = store.all_traeger()?.into_iter().find(|one| one.id == traeger.id);
            about.traeger = named.map(|one| one.name).unwrap_or_default();
        }
        if about.schools.is_empty() {
            let schools = traeger.schools()?.into_iter().filter(|school| !school.entered.is_example);
            about.schools = schools.map(|school| school.entered.name).collect();
        }
        about.periods = traeger.retention()?.into();
        book = Some(traeger);
    }
    let files = papers::write(&args.out, &about, book.as_ref(), args.format, clock())?;
    print(&files.iter().fold(String::new(), |text, file| text + file + "\n"))
}
