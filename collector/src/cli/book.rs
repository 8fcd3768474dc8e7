//! Which book a command works on, and what it prints.

use super::error::CliError;
use crate::serve::{ServeError, has_book, known_traeger, open_store};
use clap::Args;
use rundgang_store::{Store, Traeger};
use std::{
    io::{self, Write as _},
    path::PathBuf,
};

/// Where a collector keeps its data unless told otherwise.
const DATA: &str = "/var/lib/rundgang-collector";

/// Which book.
#[derive(Args, Clone, Debug)]
pub(crate) struct Book {
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = DATA)]
    pub(crate) data: PathBuf,
    /// A PostgreSQL URL; without it a SQLite file in the data directory.
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// The Träger; may be left out where there is only one.
    #[arg(long, value_name = "NAME")]
    pub(crate) traeger: Option<String>,
}

/// Opens the book and its Träger.
pub(crate) fn open(book: &Book) -> Result<(Store, Traeger), CliError> {
    if book.database.is_none() && !has_book(&book.data) {
        return Err(ServeError::NoBook(book.data.display().to_string()).into());
    }
    let store = open_store(&book.data, book.database.as_deref())?;
    let traeger = known_traeger(&store, book.traeger.as_deref())?;
    Ok((store, traeger))
}

/// Prints to standard output.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    Ok(io::stdout().write_all(text.as_bytes())?)
}
