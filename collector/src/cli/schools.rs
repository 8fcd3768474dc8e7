//! `schools`: what is known of the schools themselves, by which sums of surveys are told.

use super::{
    book::{Book, WHO, open, print},
    error::CliError,
};
use crate::{
    Clock,
    schools::{change, list, take_in},
};
use clap::Args;
use rundgang_store::SchoolChange;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct SchoolsArgs {
    #[command(flatten)]
    book: Book,
    /// Take in a list (XLSX, CSV) with the columns Schule, Schulnummer, Schulform, Gemeinde, Schülerinnen und Schüler,
    /// Lehrkräfte, or the same in English or Dutch, as `export` writes it.
    #[arg(long, value_name = "FILE", conflicts_with = "school")]
    from: Option<PathBuf>,
    /// The school of which something is said below; without it the schools are listed.
    #[arg(long, value_name = "NAME")]
    school: Option<String>,
    /// Its official number.
    #[arg(long, value_name = "NUMBER", requires = "school")]
    number: Option<String>,
    /// The kind of school.
    #[arg(long, value_name = "KIND", requires = "school")]
    kind: Option<String>,
    /// The commune in which it lies.
    #[arg(long, value_name = "NAME", requires = "school")]
    commune: Option<String>,
    /// The number of pupils.
    #[arg(long, value_name = "NUMBER", requires = "school", value_parser = clap::value_parser!(i64).range(0..))]
    pupils: Option<i64>,
    /// The number of teachers.
    #[arg(long, value_name = "NUMBER", requires = "school", value_parser = clap::value_parser!(i64).range(0..))]
    teachers: Option<i64>,
}

pub(super) fn run(args: &SchoolsArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    if let Some(file) = &args.from {
        return print(&take_in(&traeger, file, (WHO, clock()))?);
    }
    let Some(school) = &args.school else {
        return print(&list(&traeger)?);
    };
    let said = SchoolChange {
        version: None,
        official_number: args.number.clone(),
        kind: args.kind.clone(),
        commune: args.commune.clone(),
        pupils: args.pupils,
        teachers: args.teachers,
    };
    print(&change(&traeger, school, &said, (WHO, clock()))?)
}
