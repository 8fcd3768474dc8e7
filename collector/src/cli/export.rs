//! `export`: the whole book as files, for people and for other programs.

use super::{
    book::{Book, open, print},
    error::CliError,
};
use crate::files::replace_private;
use clap::{Args, ValueEnum};
use rundgang_dashboards::{
    Language,
    book::{BookError, sheets, workbook},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

#[derive(Clone, Copy, Debug, ValueEnum)]
enum BookForm {
    /// Every table with every column, in one file.
    Json,
    /// Readable lists, one file each, in a folder.
    Csv,
    /// Readable lists, one sheet each.
    Xlsx,
}

#[derive(Args, Debug)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    book: Book,
    /// The form.
    #[arg(long, value_enum)]
    format: BookForm,
    /// The language of the headings: de, nl, en. JSON is in none.
    #[arg(long, value_name = "CODE", default_value = "de", value_parser = ["de", "nl", "en"])]
    language: String,
    /// The file to write, or the folder for CSV.
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
}

pub(super) fn run(args: &ExportArgs) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    let language = Language::parse(&args.language).unwrap_or_default();
    let mut written = Vec::new();
    match args.format {
        BookForm::Json => {
            let all = traeger.export()?.to_string();
            written.push(write(&args.out, all.as_bytes())?);
        }
        BookForm::Xlsx => {
            let book = workbook(&sheets(&traeger, None, language)?).map_err(BookError::from)?;
            written.push(write(&args.out, &book)?);
        }
        BookForm::Csv => {
            fs::create_dir_all(&args.out).map_err(|error| file_error(&args.out, error))?;
            for sheet in sheets(&traeger, None, language)? {
                let file = args.out.join(format!("{}.csv", sheet.name));
                written.push(write(&file, sheet.csv().as_bytes())?);
            }
        }
    }
    print(&written.concat())
}

/// Writes a file that its owner alone may read: it tells everything about a school's network.
fn write(file: &Path, bytes: &[u8]) -> Result<String, CliError> {
    replace_private(file, bytes)?;
    Ok(format!("{}\n", file.display()))
}

fn file_error(file: &Path, error: std::io::Error) -> BookError {
    BookError::File(file.display().to_string(), error)
}
