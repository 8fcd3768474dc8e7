//! The commands about surveys: answering one, checking a file, importing one.

use crate::{
    Clock,
    cli::{Book, CliError, open, print},
    report,
};
use clap::{Args, Subcommand};
use rundgang_dashboards::{
    Language,
    report::{FileError, Form, asks_schools, load},
};
use rundgang_inventory::{
    Timestamp,
    survey::{Question, Survey},
};
use rundgang_store::Traeger;
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What can be done with surveys.
#[derive(Debug, Subcommand)]
pub enum SurveyCommand {
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
    Run(crate::survey_runs::RunCommand),
}

/// What is answered, and how.
#[derive(Args, Debug)]
pub struct SurveyArgs {
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
    /// The language of texts: de, nl, en. JSON is in none.
    #[arg(long, value_name = "CODE", default_value = "de", value_parser = ["de", "nl", "en"])]
    language: String,
    /// The file to write to; standard output where left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A survey file.
#[derive(Args, Debug)]
pub struct SurveyFileArgs {
    /// The file.
    file: PathBuf,
}

/// A survey file, and the book it goes into.
#[derive(Args, Debug)]
pub struct SurveyImportArgs {
    #[command(flatten)]
    book: Book,
    /// The file.
    file: PathBuf,
}

/// Runs one of them.
///
/// # Errors
/// One line that says what to do.
pub fn run(command: &SurveyCommand, clock: &Clock) -> Result<(), CliError> {
    match command {
        SurveyCommand::Run(command) => crate::survey_runs::run(command, clock),
        SurveyCommand::Check(args) => print(&check(&args.file)?),
        SurveyCommand::Import(args) => {
            let (_, traeger) = open(&args.book)?;
            print(&import(&traeger, &args.file, clock())?)
        }
        SurveyCommand::List(book) => print(&list(&open(book)?.1)?),
        SurveyCommand::Answer(args) => {
            let (_, traeger) = open(&args.book)?;
            let wanted = Wanted {
                id: &args.id,
                school: report::school_named(&traeger, args.school.as_deref())?,
                as_of: args.as_of.as_deref(),
                form: args.format.into(),
                language: Language::parse(&args.language).unwrap_or_default(),
            };
            let bytes = answer(&traeger, &wanted, clock())?;
            match &args.out {
                Some(file) => Ok(std::fs::write(file, bytes)?),
                None => Ok(io::stdout().write_all(&bytes)?),
            }
        }
    }
}

/// The form of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum AnswerForm {
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

/// Why a survey is not answered, checked or imported.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// No such survey.
    #[error("there is no survey '{0}'; known are {1}")]
    Unknown(String, String),
    /// The date is none.
    #[error("'{0}' is no date: write YYYY-MM-DD")]
    Date(String),
    /// The date lies ahead.
    #[error("{0} lies ahead: an answer can be given for today or an earlier day")]
    Future(String),
    /// A survey of schools, and several schools.
    #[error("the survey '{0}' is answered by schools: name one with --school NAME; there are {1}")]
    WhichSchool(String, String),
    /// A survey of the Träger.
    #[error("the survey '{0}' is answered by the Träger: leave out --school")]
    NoSchool(String),
    /// Nobody submits.
    #[error("who submits signs: name the person with --by NAME")]
    Nobody,
    /// The file cannot be read.
    #[error("{file}: {cause}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is no survey.
    #[error("{file}: {cause}")]
    Bad {
        /// The file.
        file: String,
        /// Line and reason.
        cause: rundgang_inventory::survey::SurveyError,
    },
    /// The file of answers was not made.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database.
    #[error(transparent)]
    Store(#[from] rundgang_store::Error),
}

/// What is asked for.
pub struct Wanted<'a> {
    /// The survey's id.
    pub id: &'a str,
    /// The school, for a survey that asks schools.
    pub school: Option<i64>,
    /// The reference date, `YYYY-MM-DD`.
    pub as_of: Option<&'a str>,
    /// The form.
    pub form: Form,
    /// The language of texts; JSON is in none.
    pub language: Language,
}

/// Answers a survey for a school, or for the Träger.
///
/// # Errors
/// There is no such survey or date, a school is missing or too many, or the database failed.
pub fn answer(traeger: &Traeger, wanted: &Wanted<'_>, now: Timestamp) -> Result<Vec<u8>, SurveyError> {
    let surveys = traeger.surveys()?;
    let known = || surveys.iter().map(|survey| survey.id.as_str()).collect::<Vec<_>>().join(", ");
    let survey = surveys
        .iter()
        .find(|survey| survey.id == wanted.id)
        .ok_or_else(|| SurveyError::Unknown(wanted.id.to_owned(), known()))?;
    let day = match wanted.as_of {
        None => None,
        Some(text) => {
            let day = Timestamp::parse_date(text).ok_or_else(|| SurveyError::Date(text.to_owned()))?;
            if day.day() > now.day() {
                return Err(SurveyError::Future(text.to_owned()));
            }
            Some(day)
        }
    };
    let school = answering(traeger, survey, wanted.school)?;
    let loaded = load(traeger, survey, school, day, now)?;
    Ok(loaded.file(wanted.language, survey, now, wanted.form)?)
}

/// Who answers: the school that is named, the only one there is, or the Träger.
fn answering(traeger: &Traeger, survey: &Survey, named: Option<i64>) -> Result<Option<i64>, SurveyError> {
    if !asks_schools(survey) {
        return match named {
            Some(_) => Err(SurveyError::NoSchool(survey.id.clone())),
            None => Ok(None),
        };
    }
    if named.is_some() {
        return Ok(named);
    }
    let schools = traeger.schools()?;
    match schools.as_slice() {
        [only] => Ok(Some(only.id)),
        all => {
            let names: Vec<&str> = all.iter().map(|school| school.entered.name.as_str()).collect();
            Err(SurveyError::WhichSchool(survey.id.clone(), names.join(", ")))
        }
    }
}

/// Reads a survey file and says what is in it.
///
/// # Errors
/// The file cannot be read, or is no survey: then with line and reason.
pub fn check(file: &Path) -> Result<String, SurveyError> {
    let (survey, _) = read(file)?;
    let auto = survey.questions.iter().filter(|question| question.is_auto()).count();
    let parts: usize = survey.questions.iter().map(|question: &Question| question.parts.len()).sum();
    Ok(format!(
        "{}: the survey '{}' in version {} is sound: {} questions ({auto} answered by the machine, {} by people), \
         {parts} parts, {} thresholds\n",
        file.display(),
        survey.id,
        survey.version,
        survey.questions.len(),
        survey.questions.len() - auto,
        survey.thresholds.len(),
    ))
}

/// Imports a survey file.
///
/// # Errors
/// The file cannot be read or is no survey, its version was not raised, or the database failed.
pub fn import(traeger: &Traeger, file: &Path, now: Timestamp) -> Result<String, SurveyError> {
    let (_, text) = read(file)?;
    let survey = traeger.import_survey(&text, "rundgang-collector", now)?;
    Ok(format!("The survey '{}' is here in version {}.\n", survey.id, survey.version))
}

/// Every survey with who asks and who answers.
///
/// # Errors
/// The database failed.
pub fn list(traeger: &Traeger) -> Result<String, SurveyError> {
    let mut text = String::new();
    for survey in traeger.surveys()? {
        let by = if asks_schools(&survey) { "schools" } else { "Träger" };
        let (count, issuer) = (survey.questions.len(), &survey.issuer);
        text += &format!("{:<28} {:>3} questions  {by:<8} {issuer}\n", survey.id, count);
    }
    Ok(text)
}

fn read(file: &Path) -> Result<(Survey, String), SurveyError> {
    let name = || file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|cause| SurveyError::Read { file: name(), cause })?;
    let survey = Survey::parse(&text).map_err(|cause| SurveyError::Bad { file: name(), cause })?;
    Ok((survey, text))
}
