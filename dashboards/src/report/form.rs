//! The forms in which a report leaves the house.

use super::Loaded;
use crate::text::Language;
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::Survey;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON object a line, in no language.
    Json,
    /// Separated values (RFC 4180).
    Csv,
    /// A workbook (ISO/IEC 29500).
    Xlsx,
    /// Tagged paper (PDF/UA-1) with the elements behind each answer.
    Pdf,
    /// Plain text for a terminal or a mail.
    Text,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The workbook was not made.
    #[error("making the workbook: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The paper was not made.
    #[error("making the paper: {0}")]
    Paper(String),
}

impl Form {
    /// The form of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Json, Self::Csv, Self::Xlsx, Self::Pdf, Self::Text]
            .into_iter()
            .find(|form| form.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
            Self::Text => "text",
        }
    }

    /// How the file's name ends.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            other => other.name(),
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

impl Loaded {
    /// The survey as a file.
    ///
    /// # Errors
    /// The file was not made.
    pub fn file(
        &self,
        language: Language,
        survey: &Survey,
        now: Timestamp,
        form: Form,
    ) -> Result<Vec<u8>, FileError> {
        match form {
            Form::Csv => Ok(self.report(language, survey, now).csv().into_bytes()),
            other => super::file_of(std::slice::from_ref(self), survey, language, now, other),
        }
    }
}
