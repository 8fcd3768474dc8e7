//! What was submitted: values, bounds, coverage, formula versions, counts by room and kind, and a hash of the evidence.
//! Nothing here is ever changed; a row carries the seal of everything in it and of the row before.

use crate::{
    engine::Row,
    error::{Doing, Error, Obstacle, Result},
    store::{Traeger, Tx, cells},
    survey_runs::{Part, Run, State, log, parts},
    views::survey::{AsOf, PersonAnswer},
};
use rundgang_inventory::{
    Timestamp,
    survey::{Answer, Evidence, SurveyView, answer_all},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// One answer as it was submitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrozenAnswer {
    /// The machine's answer, without the elements behind it.
    pub answer: Answer,
    /// How many elements stood behind it.
    pub evidence: u32,
    /// How many of them in each room.
    pub by_room: BTreeMap<String, u32>,
    /// How many of each kind.
    pub by_kind: BTreeMap<String, u32>,
    /// The SHA-256 over the list of the elements.
    pub evidence_hash: String,
    /// What the person said.
    pub person: Option<PersonAnswer>,
}

/// What one school submitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrozenContent {
    /// The survey and its version.
    pub survey: (String, u32),
    /// The school's name then.
    pub answerer: String,
    /// The answers in the order of the questions.
    pub answers: Vec<FrozenAnswer>,
    /// Comments on blocks.
    pub comments: BTreeMap<String, PersonAnswer>,
}

/// A submitted survey.
#[derive(Clone, Debug, PartialEq)]
pub struct Frozen {
    /// Its number.
    pub id: i64,
    /// The run.
    pub run: Option<i64>,
    /// The school.
    pub school: i64,
    /// The survey.
    pub survey: String,
    /// The reference date.
    pub as_of: Timestamp,
    /// Who submitted it.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// What was submitted.
    pub content: FrozenContent,
    /// The seal of the row before.
    pub seal_before: String,
    /// The seal.
    pub seal: String,
    /// Whether the seal still fits what stands there.
    pub is_whole: bool,
}

/// A device behind a frozen answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenLink {
    /// The question.
    pub question: String,
    /// The number of the device.
    pub asset: i64,
    /// When it was deleted under retention; open while it is held.
    pub deleted: Option<Timestamp>,
}

/// What one school submits, and the devices behind its answers: question and number.
type Content = (FrozenContent, Vec<(String, i64)>);

/// What is about to be submitted: the parts as they were read, and what stands behind each.
pub(crate) struct Ready {
    run: Run,
    parts: Vec<Part>,
    contents: Vec<Content>,
}

const COLUMNS: &str =
    "SELECT id, run_id, school_id, survey, as_of, who, at, content, seal_before, seal FROM survey_frozen";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The seal of a row.
fn seal_of(before: &str, school: i64, as_of: Timestamp, who: &str, at: Timestamp, content: &str) -> String {
    let mut hash = Sha256::new();
    for part in [before, &school.to_string(), &as_of.0.to_string(), who, &at.0.to_string(), content] {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}

fn frozen(row: &Row) -> Result<Frozen> {
    let (school, as_of, who, at) = (row.int(2)?, row.moment(4)?, row.text(5)?, row.moment(6)?);
    let (content, seal_before, seal) = (row.text(7)?, row.text(8)?, row.text(9)?);
    Ok(Frozen {
        id: row.int(0)?,
        run: row.maybe_int(1)?,
        is_whole: seal_of(&seal_before, school, as_of, &who, at, &content) == seal,
        school,
        survey: row.text(3)?,
        as_of,
        who,
        at,
        content: serde_json::from_str(&content)?,
        seal_before,
        seal,
    })
}

impl Traeger {
    /// Submits a run: every part must be confirmed. What each school answers on the reference date is frozen.
    ///
    /// # Errors
    /// A part is not confirmed, the reference date lies ahead, or the run was submitted before; or the database failed.
    pub fn submit_run(&self, id: i64, who: &str, now: Timestamp) -> Result<()> {
        let ready = self.ready(id, now)?;
        self.submit(&ready, who, now)
    }

    /// What every school of a run would submit now.
    pub(crate) fn ready(&self, id: i64, now: Timestamp) -> Result<Ready> {
        let run = self.run(id)?;
        if run.submitted.is_some() {
            return Err(Error::Blocked(Obstacle::Submitted));
        }
        if run.as_of.day() > now.day() {
            return Err(Error::Blocked(Obstacle::Early));
        }
        let parts = self.parts(id)?;
        if parts.iter().any(|part| part.state != State::Confirmed) {
            return Err(Error::Blocked(Obstacle::Awaited));
        }
        let contents =
            parts.iter().map(|part| self.content_of(&run, part.school, now)).collect::<Result<Vec<_>>>()?;
        Ok(Ready { run, parts, contents })
    }

    /// Freezes what is ready, unless a part was moved since it was read.
    pub(crate) fn submit(&self, ready: &Ready, who: &str, now: Timestamp) -> Result<()> {
        let id = ready.run.id;
        self.write(|tx| {
            let sql = "UPDATE survey_run SET submitted_at = $3
                       WHERE traeger_id = $1 AND id = $2 AND submitted_at IS NULL";
            if tx.execute(sql, cells![id, now])? == 0 {
                return Err(Error::Blocked(Obstacle::Submitted));
            }
            // A part that was returned meanwhile stays returned, and its answers are read again next time.
            let now_there = parts(tx, id)?;
            let is_as_read = |(there, read): (&Part, &Part)| {
                (there.state, there.at, &there.who) == (State::Confirmed, read.at, &read.who)
            };
            if now_there.len() != ready.parts.len() || !now_there.iter().zip(&ready.parts).all(is_as_read) {
                return Err(Error::Blocked(Obstacle::Moved));
            }
            for (part, (content, links)) in ready.parts.iter().zip(&ready.contents) {
                freeze(tx, &ready.run, part.school, content, links, who, now)?;
            }
            log(tx, None, id, "submit", who, now)
        })
        .doing(|| format!("submit run {id}"))
    }

    /// What a school's view was on the reference date of a run, or is today where that is not past.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn view_of_run(&self, run: &Run, school: i64, now: Timestamp) -> Result<SurveyView> {
        if run.as_of.day() < now.day() {
            return self.survey_view_as_of(school, AsOf::known_today(run.as_of, now));
        }
        self.survey_view(school, now)
    }

    fn content_of(&self, run: &Run, school: i64, now: Timestamp) -> Result<Content> {
        self.note_survey(school, now)?;
        let view = self.view_of_run(run, school, now)?;
        let persons = self.person_answers(Some(school), &run.survey.id, now)?;
        let mut links = Vec::new();
        let answers = answer_all(&run.survey, &view, &[])
            .into_iter()
            .map(|answer| {
                let of = |e: &Evidence| Some((answer.question.clone(), e.id.parse().ok()?));
                links.extend(answer.evidence.iter().filter(|e| e.noun == "asset").filter_map(of));
                let person = persons.get(&answer.question).cloned();
                frozen_answer(answer, &view, person)
            })
            .collect();
        let comments = persons.into_iter().filter(|(key, _)| key.starts_with("block:")).collect();
        let survey = (run.survey.id.clone(), run.survey.version);
        Ok((FrozenContent { survey, answerer: view.name.clone(), answers, comments }, links))
    }

    /// A submitted survey.
    ///
    /// # Errors
    /// There is none of that number, or the database failed.
    pub fn frozen(&self, id: i64) -> Result<Frozen> {
        let sql = format!("{COLUMNS} WHERE traeger_id = $1 AND id = $2");
        self.read(|tx| tx.first(&sql, cells![id], frozen))?
            .ok_or_else(|| Error::NotFound(format!("submitted survey {id}")))
    }

    /// The submitted surveys of a run, by school.
    ///
    /// # Errors
    /// The database failed.
    pub fn frozen_of_run(&self, run: i64) -> Result<Vec<Frozen>> {
        let sql = format!("{COLUMNS} WHERE traeger_id = $1 AND run_id = $2 ORDER BY school_id");
        self.read(|tx| tx.list(&sql, cells![run], frozen))
    }

    /// What one school submitted in a run; nothing before that.
    ///
    /// # Errors
    /// The database failed.
    pub fn frozen_of_part(&self, run: i64, school: i64) -> Result<Option<Frozen>> {
        let sql = format!("{COLUMNS} WHERE traeger_id = $1 AND run_id = $2 AND school_id = $3");
        self.read(|tx| tx.first(&sql, cells![run, school], frozen))
    }

    /// What the same school submitted to the same survey for an earlier date, the latest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn frozen_before(&self, this: &Frozen) -> Result<Vec<Frozen>> {
        let sql = format!(
            "{COLUMNS} WHERE traeger_id = $1 AND school_id = $2 AND survey = $3 AND as_of < $4
             ORDER BY as_of DESC, id DESC"
        );
        self.read(|tx| tx.list(&sql, cells![this.school, &this.survey, this.as_of], frozen))
    }

    /// The devices behind a frozen answer: a link leads there while the device is held.
    ///
    /// # Errors
    /// The database failed.
    pub fn frozen_links(&self, id: i64) -> Result<Vec<FrozenLink>> {
        let sql = "SELECT question, subject, deleted_at FROM survey_evidence
                   WHERE traeger_id = $1 AND frozen_id = $2 ORDER BY question, subject";
        self.read(|tx| {
            tx.list(sql, cells![id], |row| {
                let subject = row.text(1)?;
                let asset = subject.strip_prefix("asset ").and_then(|number| number.parse().ok());
                Ok(FrozenLink {
                    question: row.text(0)?,
                    asset: asset.ok_or_else(|| Error::Corrupt(format!("the evidence '{subject}'")))?,
                    deleted: row.maybe_moment(2)?,
                })
            })
        })
    }
}

fn frozen_answer(answer: Answer, view: &SurveyView, person: Option<PersonAnswer>) -> FrozenAnswer {
    let (mut by_room, mut by_kind) = (BTreeMap::new(), BTreeMap::new());
    let mut hash = Sha256::new();
    for e in &answer.evidence {
        hash.update(format!("{}|{}|{}\n", e.noun, e.school, e.id).as_bytes());
        let device = view.assets.iter().find(|asset| e.noun == "asset" && asset.id == e.id);
        let kind = device.and_then(|device| device.kind).map_or(e.noun.as_ref(), |kind| kind.name());
        *by_kind.entry(kind.to_owned()).or_insert(0) += 1;
        if let Some(room) = device.and_then(|device| device.room.as_ref()) {
            *by_room.entry(room.clone()).or_insert(0) += 1;
        }
    }
    FrozenAnswer {
        evidence: u32::try_from(answer.evidence.len()).unwrap_or(u32::MAX),
        evidence_hash: hex(&hash.finalize()),
        answer: Answer { evidence: Vec::new(), lacking: Vec::new(), ..answer },
        by_room,
        by_kind,
        person,
    }
}

fn freeze(
    tx: &mut Tx<'_>,
    run: &Run,
    school: i64,
    content: &FrozenContent,
    links: &[(String, i64)],
    who: &str,
    now: Timestamp,
) -> Result<()> {
    let text = serde_json::to_string(content)?;
    let last = "SELECT seal FROM survey_frozen WHERE traeger_id = $1 ORDER BY id DESC LIMIT 1";
    let before = tx.first(last, &[], |row| row.text(0))?.unwrap_or_default();
    let seal = seal_of(&before, school, run.as_of, who, now, &text);
    let sql = "INSERT INTO survey_frozen (traeger_id, run_id, school_id, survey, as_of, who, at, content, seal_before,
                 seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id";
    let row = cells![run.id, school, &run.survey.id, run.as_of, who, now, &text, &before, &seal];
    let frozen = tx.insert(sql, row)?;
    for (question, asset) in links {
        let sql = "INSERT INTO survey_evidence (traeger_id, frozen_id, question, school_id, subject)
                   VALUES ($1, $2, $3, $4, $5)";
        tx.execute(sql, cells![frozen, question, school, format!("asset {asset}")])?;
    }
    let sql = "UPDATE survey_part SET state = 'submitted', who = $4, at = $5
               WHERE traeger_id = $1 AND run_id = $2 AND school_id = $3";
    tx.execute(sql, cells![run.id, school, who, now]).map(drop)
}

/// Notes on the evidence of frozen answers that a device is gone; the number alone says nothing about it any more.
pub(crate) fn mark_deleted(tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
    let sql = "UPDATE survey_evidence SET deleted_at = $2 WHERE traeger_id = $1 AND deleted_at IS NULL
                 AND NOT EXISTS (SELECT 1 FROM asset a WHERE a.traeger_id = survey_evidence.traeger_id
                                   AND survey_evidence.subject = 'asset ' || a.id)";
    tx.execute(sql, cells![now]).map(drop)
}
