//! The forms in which a report leaves the house.

use super::{Loaded, Report, pdf, xlsx};
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
        if form == Form::Json {
            return Ok(self.json_lines(survey).into_bytes());
        }
        self.report(language, survey, now, None).file(form)
    }
}

impl Report {
    /// The report as a file. Lines of JSON are in no language and made of the answers themselves; here they are the
    /// table, one object a line.
    ///
    /// # Errors
    /// The file was not made.
    pub fn file(&self, form: Form) -> Result<Vec<u8>, FileError> {
        Ok(match form {
            Form::Json => self.rows_as_json().into_bytes(),
            Form::Csv => self.csv().into_bytes(),
            Form::Text => self.plain().into_bytes(),
            Form::Pdf => pdf::pdf(std::slice::from_ref(self))?,
            Form::Xlsx => xlsx::workbook(std::slice::from_ref(self))?,
        })
    }

    fn rows_as_json(&self) -> String {
        let header = self.header();
        let object = |row: Vec<String>| -> serde_json::Map<String, serde_json::Value> {
            header.iter().cloned().zip(row.into_iter().map(serde_json::Value::String)).collect()
        };
        self.table().into_iter().map(|row| serde_json::json!(object(row)).to_string() + "\n").collect()
    }
}
