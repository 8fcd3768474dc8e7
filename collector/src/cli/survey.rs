//! The commands about surveys.

use super::{
    book::{Book, open, print},
    error::CliError,
    survey_runs,
};
use crate::{
    Clock,
    files::replace_private,
    report,
    survey::{SurveyError, Wanted, answer, check, import, list},
};
use clap::{Args, Subcommand};
use rundgang_dashboards::{Language, report::Form};
use std::{
    io::{self, Write as _},
    path::PathBuf,
};

/// What can be done with surveys.
#[derive(Debug, Subcommand)]
pub(crate) enum SurveyCommand {
    /// Answer a survey from what is known, with bounds and evidence; what people answered stands beside it.
    Answer(SurveyArgs),
    /// Check a survey file: a bad one is refused with line and reason.
    Check(SurveyFileArgs),
    /// Import a survey file; a changed file needs a higher version.
    Import(SurveyImportArgs),
    /// List the surveys.
    List(Book),
    /// Take a survey through the schools: open, confirm, return, submit.
    #[command(subcommand)]
    Run(survey_runs::RunCommand),
}

/// What is answered, and how.
#[derive(Args, Debug)]
pub(crate) struct SurveyArgs {
    #[command(flatten)]
    book: Book,
    /// The survey's id.
    id: String,
    /// The school, for a survey that asks schools.
    #[arg(long, value_name = "NAME")]
    school: Option<String>,
    /// The reference date, YYYY-MM-DD; today where left out.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// The form of the answers.
    #[arg(long, value_enum, default_value_t = AnswerForm::Json)]
    format: AnswerForm,
    /// The issuer's own workbook: answers go into its cells with names (Rundgang_S4.1), everything else stays.
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// The language of texts: de, nl, en. JSON is in none.
    #[arg(long, value_name = "CODE", default_value = "de", value_parser = ["de", "nl", "en"])]
    language: String,
    /// The file to write to; standard output where left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A survey file.
#[derive(Args, Debug)]
pub(crate) struct SurveyFileArgs {
    /// The file.
    file: PathBuf,
}

/// A survey file, and the book it goes into.
#[derive(Args, Debug)]
pub(crate) struct SurveyImportArgs {
    #[command(flatten)]
    book: Book,
    /// The file.
    file: PathBuf,
}

/// Runs one of them.
///
/// # Errors
/// One line that says what to do.
pub(crate) fn run(command: &SurveyCommand, clock: &Clock) -> Result<(), CliError> {
    match command {
        SurveyCommand::Run(command) => survey_runs::run(command, clock),
        SurveyCommand::Check(args) => print(&check(&args.file)?),
        SurveyCommand::Import(args) => {
            let (_, traeger) = open(&args.book)?;
            print(&import(&traeger, &args.file, clock())?)
        }
        SurveyCommand::List(book) => print(&list(&open(book)?.1)?),
        SurveyCommand::Answer(args) => {
            let (_, traeger) = open(&args.book)?;
            if args.template.is_some() && args.format != AnswerForm::Xlsx {
                return Err(SurveyError::TemplateForm.into());
            }
            let wanted = Wanted {
                id: &args.id,
                school: report::school_named(&traeger, args.school.as_deref())?,
                as_of: args.as_of.as_deref(),
                form: args.format.into(),
                language: Language::parse(&args.language).unwrap_or_default(),
                template: args.template.as_deref(),
            };
            let answers = answer(&traeger, &wanted, clock())?;
            if let Some(told) = &answers.told {
                io::stderr().write_all(told.as_bytes())?;
            }
            match &args.out {
                Some(file) => Ok(replace_private(file, &answers.bytes)?),
                None => Ok(io::stdout().write_all(&answers.bytes)?),
            }
        }
    }
}

/// The form of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum AnswerForm {
    /// One JSON object a line, in no language.
    Json,
    /// Separated values (RFC 4180).
    Csv,
    /// A workbook.
    Xlsx,
    /// Tagged paper with the elements behind each answer.
    Pdf,
    /// Plain text.
    Text,
}

impl From<AnswerForm> for Form {
    fn from(form: AnswerForm) -> Self {
        match form {
            AnswerForm::Json => Self::Json,
            AnswerForm::Csv => Self::Csv,
            AnswerForm::Xlsx => Self::Xlsx,
            AnswerForm::Pdf => Self::Pdf,
            AnswerForm::Text => Self::Text,
        }
    }
}
