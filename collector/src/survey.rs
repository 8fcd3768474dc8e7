//! Surveys from data files: answering one, checking a file, importing one.

use crate::lists;
use rundgang_dashboards::{
    Language,
    report::{FileError, Form, asks_schools, load},
};
use rundgang_inventory::{
    Timestamp,
    survey::{Question, Survey, survey as shipped},
};
use rundgang_store::Traeger;
use std::path::Path;

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
    /// A template, and another form.
    #[error("a template is a workbook: add --format xlsx")]
    TemplateForm,
    /// The template is not filled.
    #[error("{file}: {cause}")]
    Template {
        /// The file.
        file: String,
        /// Why, and what to change in it.
        cause: rundgang_dashboards::report::TemplateError,
    },
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
    /// The issuer's own workbook, to be filled instead of a new one.
    pub template: Option<&'a Path>,
}

/// A survey answered.
#[derive(Debug)]
pub struct Answers {
    /// The file.
    pub bytes: Vec<u8>,
    /// What became of the issuer's workbook.
    pub told: Option<String>,
}

/// Answers a survey for a school, or for the Träger.
///
/// # Errors
/// There is no such survey or date, a school is missing or too many, the template cannot be filled, or the database
/// failed.
pub fn answer(traeger: &Traeger, wanted: &Wanted<'_>, now: Timestamp) -> Result<Answers, SurveyError> {
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
    let Some(template) = wanted.template else {
        return Ok(Answers { bytes: loaded.file(wanted.language, survey, now, wanted.form)?, told: None });
    };
    let file = || template.display().to_string();
    let form = lists::bytes(template).map_err(|cause| SurveyError::Read { file: file(), cause })?;
    let filled = loaded
        .fill(wanted.language, survey, now, &form)
        .map_err(|cause| SurveyError::Template { file: file(), cause })?;
    let mut told = format!("{}: {} cells filled.\n", file(), filled.filled);
    if !filled.left.is_empty() {
        told += &format!("Left as they are, since nothing can stand there: {}\n", filled.left.join(", "));
    }
    Ok(Answers { bytes: filled.bytes, told: Some(told) })
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
    let mut told = format!("The survey '{}' is here in version {}.\n", survey.id, survey.version);
    if shipped(&survey.id).is_some() {
        told += "It holds in place of the one of that id that comes with the product.\n";
    }
    Ok(told)
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
    let bytes = std::fs::read(file).map_err(|cause| SurveyError::Read { file: name(), cause })?;
    let text = Survey::text(bytes).map_err(|cause| SurveyError::Bad { file: name(), cause })?;
    let survey = Survey::parse(&text).map_err(|cause| SurveyError::Bad { file: name(), cause })?;
    Ok((survey, text))
}
