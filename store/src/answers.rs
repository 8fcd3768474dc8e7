//! Survey answers: the machine's suggestion and the person's answer stand beside each other, and every old one is kept.

use crate::{
    engine::Row,
    error::{Error, Result},
    schools::require_school,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::{Deserialize, Serialize};

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// It was derived from what agents saw and what the register says.
    Machine,
    /// A person said so; it wins.
    Person,
}

impl Source {
    /// The name in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Person => "person",
        }
    }

    pub(crate) fn named(name: &str) -> Self {
        if name == "person" { Self::Person } else { Self::Machine }
    }
}

/// An answer to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAnswer<'a> {
    /// The school.
    pub school: i64,
    /// The survey, by the id of its data file.
    pub survey: &'a str,
    /// The question, by its id in that file.
    pub question: &'a str,
    /// Who answers.
    pub source: Source,
    /// The answer itself; its shape is the survey's business.
    pub value: serde_json::Value,
    /// A comment in people's own words.
    pub comment: &'a str,
    /// What shows it: counts, numbers of assets and systems, coverage.
    pub evidence: serde_json::Value,
    /// The person; empty for machines.
    pub who: &'a str,
    /// From when it is so.
    pub valid_from: Timestamp,
}

/// An answer as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The question.
    pub question: String,
    /// Who answers.
    pub source: Source,
    /// The answer itself.
    pub value: serde_json::Value,
    /// The comment.
    pub comment: String,
    /// What shows it.
    pub evidence: serde_json::Value,
    /// The person; empty for machines.
    pub who: String,
    /// From when it is so.
    pub valid_from: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

fn answer(row: &Row) -> Result<Answer> {
    Ok(Answer {
        question: row.text(0)?,
        source: Source::named(&row.text(1)?),
        value: serde_json::from_str(&row.text(2)?)?,
        comment: row.text(3)?,
        evidence: serde_json::from_str(&row.text(4)?)?,
        who: row.text(5)?,
        valid_from: row.moment(6)?,
        recorded_at: row.moment(7)?,
    })
}

impl Traeger {
    /// Records an answer. A machine's answer never touches a person's; one equal to what the same source said last is
    /// not recorded again.
    ///
    /// # Errors
    /// There is no such school, a person's answer names no person or looks like a secret, or the database failed.
    pub fn record_answer(&self, new: &NewAnswer<'_>, now: Timestamp) -> Result<()> {
        self.write(|tx| record(tx, new, now, None))
    }

    /// The answers of a school to a survey that held at `valid_at`, as the book knew them at `known_at`: at most one
    /// of the machine and one of a person for each question.
    ///
    /// # Errors
    /// The database failed.
    pub fn answers_as_of(
        &self,
        school: i64,
        survey: &str,
        valid_at: Timestamp,
        known_at: Timestamp,
    ) -> Result<Vec<Answer>> {
        self.read(|tx| held(tx, school, survey, valid_at, known_at))
    }
}

/// Records an answer. What the same source said before `since` is said again even where it is the same.
pub(crate) fn record(
    tx: &mut Tx<'_>,
    new: &NewAnswer<'_>,
    now: Timestamp,
    since: Option<Timestamp>,
) -> Result<()> {
    if new.source == Source::Person && new.who.trim().is_empty() {
        return Err(Error::Refused("an answer needs the person who gives it".to_owned()));
    }
    crate::secrets::refuse_secret("comment", new.comment)?;
    let (value, evidence) = (new.value.to_string(), new.evidence.to_string());
    require_school(tx, new.school)?;
    let last = "SELECT id, value, comment, evidence, valid_from FROM answer
                WHERE traeger_id = $1 AND school_id = $2 AND survey = $3 AND question = $4 AND source = $5
                  AND replaced_at IS NULL ORDER BY valid_from DESC, id DESC LIMIT 1";
    let key = cells![new.school, new.survey, new.question, new.source.name()];
    let same = tx.first(last, key, |row| {
        Ok((
            row.int(0)?,
            row.text(1)? == value && row.text(2)? == new.comment && row.text(3)? == evidence,
            row.moment(4)?,
        ))
    })?;
    if let Some((id, is_same, valid_from)) = same {
        if is_same && since.is_none_or(|since| valid_from >= since) {
            return Ok(());
        }
        // A correction for the same day or before replaces; a later one leaves the earlier answer valid.
        if valid_from >= new.valid_from {
            let sql = "UPDATE answer SET replaced_at = $3 WHERE traeger_id = $1 AND id = $2";
            tx.execute(sql, cells![id, now])?;
        }
    }
    let insert =
        "INSERT INTO answer (traeger_id, school_id, survey, question, source, value, comment, evidence,
                    who, valid_from, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let row = cells![
        new.school,
        new.survey,
        new.question,
        new.source.name(),
        &value,
        new.comment,
        &evidence,
        new.who,
        new.valid_from,
        now
    ];
    tx.execute(insert, row).map(drop)
}

/// The answers that held at `valid_at` as known at `known_at`.
pub(crate) fn held(
    tx: &mut Tx<'_>,
    school: i64,
    survey: &str,
    valid_at: Timestamp,
    known_at: Timestamp,
) -> Result<Vec<Answer>> {
    let sql = "SELECT question, source, value, comment, evidence, who, valid_from, recorded_at FROM (
                 SELECT question, source, value, comment, evidence, who, valid_from, recorded_at,
                        ROW_NUMBER() OVER (PARTITION BY question, source ORDER BY valid_from DESC, id DESC) AS nth
                 FROM answer
                 WHERE traeger_id = $1 AND school_id = $2 AND survey = $3 AND valid_from <= $4
                   AND recorded_at <= $5 AND (replaced_at IS NULL OR replaced_at > $5)) AS held
               WHERE nth = 1 ORDER BY question, source";
    tx.list(sql, cells![school, survey, valid_at, known_at], answer)
}
