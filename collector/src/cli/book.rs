//! Which book a command works on, and what it prints.

use super::error::CliError;
use crate::serve::{ServeError, has_book, known_traeger, open_store};
use clap::Args;
use rundgang_store::{Store, Traeger, TraegerName};
use std::{
    io::{self, Write as _},
    path::PathBuf,
};

/// Where a collector keeps its data unless told otherwise.
const DATA: &str = "/var/lib/rundgang-collector";

/// Who is noted for what is typed at the collector itself, where nobody says otherwise.
pub(super) const WHO: &str = "command line";

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
    let store = store(book)?;
    let traeger = known_traeger(&store, book.traeger.as_deref())?;
    Ok((store, traeger))
}

fn store(book: &Book) -> Result<Store, CliError> {
    if book.database.is_none() && !has_book(&book.data) {
        return Err(ServeError::NoBook(book.data.display().to_string()).into());
    }
    Ok(open_store(&book.data, book.database.as_deref())?)
}

/// The Träger of a book: the one that was named, or all.
pub(crate) fn known(book: &Book) -> Result<Vec<TraegerName>, CliError> {
    let store = store(book)?;
    let mut all = store.all_traeger()?;
    if let Some(named) = &book.traeger {
        known_traeger(&store, Some(named))?;
        all.retain(|one| one.name == *named);
    }
    Ok(all)
}

/// Prints to standard output.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    Ok(io::stdout().write_all(text.as_bytes())?)
}
