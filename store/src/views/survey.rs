//! What is known of a school for its surveys, and the answers that people gave.
//!
//! What people enter for a whole school (pupils, support contacts) are settings named `fact.NAME`; lists a person
//! keeps complete are settings named `kept.LIST`.

mod assets;
mod documented;
mod entered;
mod live;
mod notes;
mod rooms;

use crate::{
    answers::{Answer, NewAnswer, Source},
    error::{Error, Result},
    facts::{self, StandingFact},
    schools::put_setting,
    store::{Traeger, Tx, cells},
};
use live::Span;
pub use notes::AsOf;
pub use rooms::room_kind;
use rundgang_inventory::{
    Kind, Timestamp,
    survey::{Fact, Noun},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A person's answer to one question; the machine's stands beside it and never replaces it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonAnswer {
    /// The value as entered; a level is its number. Empty where only a comment was given.
    pub value: String,
    /// The comment.
    pub comment: String,
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// What the machine said at that time, to show the drift; empty where nothing.
    pub machine: String,
}

impl Traeger {
    /// The facts of a school, or of the Träger where `school` is `None`.
    ///
    /// # Errors
    /// The database failed.
    pub fn facts(&self, school: Option<i64>) -> Result<BTreeMap<String, Fact>> {
        self.read(|tx| facts(tx, school.unwrap_or(0)).map(|(facts, _)| facts))
    }

    /// The lists of a school that a person keeps complete.
    ///
    /// # Errors
    /// The database failed.
    pub fn kept_lists(&self, school: Option<i64>) -> Result<BTreeSet<String>> {
        self.read(|tx| facts(tx, school.unwrap_or(0)).map(|(_, kept)| kept))
    }

    /// The answers people gave to a survey, by question; `school` is `None` for the Träger's own.
    ///
    /// # Errors
    /// The database failed.
    pub fn person_answers(
        &self,
        school: Option<i64>,
        survey: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<String, PersonAnswer>> {
        if let Some(school) = school {
            return Ok(of_people(self.answers_as_of(school, survey, now, now)?));
        }
        // Answers belong to schools; those of the Träger itself are settings of its own.
        let prefix = format!("answer.{survey}.");
        let sql = "SELECT name, value FROM setting WHERE traeger_id = $1 AND school_id = 0";
        let rows = self.read(|tx| tx.list(sql, &[], |row| Ok((row.text(0)?, row.text(1)?))))?;
        rows.into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?.to_owned(), value)))
            .map(|(question, value)| Ok((question, serde_json::from_str(&value)?)))
            .collect()
    }

    /// The answers people of every school gave to a survey, by school and question, in one statement.
    ///
    /// # Errors
    /// The database failed.
    pub fn persons_of_schools(
        &self,
        survey: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<i64, BTreeMap<String, PersonAnswer>>> {
        let sql = "SELECT school_id, question, value, comment, who, recorded_at FROM (
                     SELECT school_id, question, value, comment, who, recorded_at,
                       ROW_NUMBER() OVER (PARTITION BY school_id, question ORDER BY valid_from DESC, id DESC) AS nth
                     FROM answer
                     WHERE traeger_id = $1 AND survey = $2 AND source = 'person' AND valid_from <= $3
                       AND recorded_at <= $3 AND (replaced_at IS NULL OR replaced_at > $3)) AS held
                   WHERE nth = 1";
        let mut all: BTreeMap<i64, BTreeMap<String, PersonAnswer>> = BTreeMap::new();
        for row in self.read(|tx| tx.query(sql, cells![survey, now]))? {
            let value: serde_json::Value = serde_json::from_str(row.text_ref(2)?)?;
            let said = said(&value, row.text(3)?, row.text(4)?, row.moment(5)?);
            all.entry(row.int(0)?).or_default().insert(row.text(1)?, said);
        }
        Ok(all)
    }

    /// How many questions of each survey of its own the Träger has answered, by the survey's id.
    ///
    /// # Errors
    /// The database failed.
    pub fn own_answers(&self) -> Result<BTreeMap<String, usize>> {
        let sql = "SELECT name, value FROM setting
                   WHERE traeger_id = $1 AND school_id = 0 AND name LIKE 'answer.%'";
        let mut all = BTreeMap::new();
        for row in self.read(|tx| tx.query(sql, &[]))? {
            let said: PersonAnswer = serde_json::from_str(row.text_ref(1)?)?;
            let survey = row.text_ref(0)?.split('.').nth(1).unwrap_or_default();
            if !said.value.is_empty() {
                *all.entry(survey.to_owned()).or_default() += 1;
            }
        }
        Ok(all)
    }

    /// Records a person's answer beside the machine's.
    ///
    /// # Errors
    /// There is no such school, the answer is too long or looks like a secret, or the database failed.
    pub fn answer_question(
        &self,
        school: Option<i64>,
        survey: &str,
        question: &str,
        answer: &PersonAnswer,
    ) -> Result<()> {
        answer.check()?;
        let Some(school) = school else {
            let name = format!("answer.{survey}.{question}");
            let said = serde_json::to_string(answer)?;
            return self.write(|tx| put_setting(tx, None, &name, &said));
        };
        self.record_answer(&answer.new_answer(school, survey, question), answer.at)
    }
}

/// What a person said, from the value as it is recorded.
fn said(value: &serde_json::Value, comment: String, who: String, at: Timestamp) -> PersonAnswer {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    PersonAnswer { value: text("value"), machine: text("machine"), comment, who, at }
}

/// What people said, by question.
pub(crate) fn of_people(answers: Vec<Answer>) -> BTreeMap<String, PersonAnswer> {
    let person = |answer: Answer| {
        let said = said(&answer.value, answer.comment, answer.who, answer.recorded_at);
        (answer.question, said)
    };
    answers.into_iter().filter(|answer| answer.source == Source::Person).map(person).collect()
}

impl PersonAnswer {
    /// The answer as it is recorded for a school.
    pub(crate) fn new_answer<'a>(&'a self, school: i64, survey: &'a str, question: &'a str) -> NewAnswer<'a> {
        NewAnswer {
            school,
            survey,
            question,
            source: Source::Person,
            value: serde_json::json!({ "value": self.value, "machine": self.machine }),
            comment: &self.comment,
            evidence: serde_json::Value::Null,
            who: &self.who,
            valid_from: self.at,
        }
    }

    /// Refuses what is too long to be kept.
    pub(crate) fn check(&self) -> Result<()> {
        if self.value.len() + self.comment.len() > LONGEST {
            return Err(Error::Refused(format!(
                "an answer and its comment hold at most {LONGEST} characters"
            )));
        }
        Ok(())
    }
}

/// So many octets an answer and its comment hold together.
const LONGEST: usize = 20_000;

fn facts(tx: &mut Tx<'_>, school: i64) -> Result<(BTreeMap<String, Fact>, BTreeSet<String>)> {
    let (mut facts, mut kept) = (BTreeMap::new(), BTreeSet::new());
    for (name, fact) in facts::standing(tx, school)? {
        if !fact.value.is_empty() {
            facts.insert(name, Fact { value: fact.value, at: fact.at, by: fact.by });
        }
    }
    for (_, name, value) in settings(tx, Span::one(school))? {
        if !name.starts_with("fact.") {
            read_setting(&name, &value, &mut BTreeMap::new(), &mut kept)?;
        }
    }
    Ok((facts, kept))
}

/// The settings that surveys ask for: school, name, value. The Träger's own stand under the number 0.
fn settings(tx: &mut Tx<'_>, span: Span) -> Result<Vec<(i64, String, String)>> {
    let sql = "SELECT school_id, name, value FROM setting
               WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3
                 AND (name LIKE 'fact.%' OR name LIKE 'kept.%')";
    tx.list(sql, cells![span.from, span.to], |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?)))
}

fn read_setting(
    name: &str,
    value: &str,
    facts: &mut BTreeMap<String, Fact>,
    kept: &mut BTreeSet<String>,
) -> Result<()> {
    if let Some(name) = name.strip_prefix("fact.") {
        let stored: StandingFact = serde_json::from_str(value)?;
        // A number that stands with the school itself is what counts.
        let stored = match facts.get(name) {
            Some(of_school) => stored.beside(&of_school.value),
            None => stored.alone(name),
        };
        if !stored.value.is_empty() {
            facts.insert(name.to_owned(), Fact { value: stored.value, at: stored.at, by: stored.by });
        }
    } else if let Some(list) = name.strip_prefix("kept.").filter(|_| value == "yes") {
        kept.insert(list.to_owned());
    }
    Ok(())
}

/// Kinds whose lists a person may declare complete, because they need not be in the network.
#[must_use]
pub fn keepable() -> Vec<String> {
    let kinds = [
        Kind::Board,
        Kind::Display,
        Kind::Projector,
        Kind::DocumentCamera,
        Kind::Printer,
        Kind::Switch,
        Kind::Camera,
        Kind::Telephony,
        Kind::BuildingControl,
        Kind::Bell,
        Kind::MediaReceiver,
    ];
    let lists = [Noun::System, Noun::Document];
    let kinds = kinds.iter().map(|kind| kind.name().to_owned());
    kinds.chain(lists.iter().map(|noun| noun.word().to_owned())).collect()
}
