//! The way of a survey through the schools: opened, confirmed, returned, submitted; and what was submitted, for good.

use crate::{
    engine::Row,
    error::{Doing, Error, Obstacle, Result},
    register::{AuditEntry, audit},
    schools::require_school,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{
    Timestamp,
    survey::{Survey, Unit, shipped_text, survey},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A survey that was opened for schools.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its number.
    pub id: i64,
    /// The survey as it was when it was opened.
    pub survey: Survey,
    /// The reference date.
    pub as_of: Timestamp,
    /// Until when schools should answer.
    pub due: Option<Timestamp>,
    /// Who opened it.
    pub who: String,
    /// When.
    pub opened: Timestamp,
    /// When it was submitted.
    pub submitted: Option<Timestamp>,
}

/// A run as it stands in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct RunLine {
    /// The run.
    pub run: Run,
    /// How many schools are in each state, by its name.
    pub stands: BTreeMap<&'static str, usize>,
    /// Whether an invented school takes part.
    pub has_example: bool,
}

impl RunLine {
    /// How many schools take part.
    #[must_use]
    pub fn schools(&self) -> usize {
        self.stands.values().sum()
    }
}

/// How far a school has come with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The school has it before it.
    Open,
    /// The coordinator handed it in.
    Confirmed,
    /// The Träger gave it back with a note.
    Returned,
    /// It was submitted and is frozen.
    Submitted,
}

impl State {
    /// The name in the store, and of the text that shows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::Returned => "returned",
            Self::Submitted => "submitted",
        }
    }

    fn named(name: &str) -> Self {
        [Self::Confirmed, Self::Returned, Self::Submitted]
            .into_iter()
            .find(|state| state.name() == name)
            .unwrap_or(Self::Open)
    }

    /// Whether it is the school's turn.
    #[must_use]
    pub const fn is_awaited(self) -> bool {
        matches!(self, Self::Open | Self::Returned)
    }

    /// Whether a person may move a part on from here to there. Submitting moves all at once.
    const fn leads_to(self, next: Self) -> bool {
        match next {
            Self::Confirmed => self.is_awaited(),
            Self::Returned => matches!(self, Self::Confirmed),
            Self::Open | Self::Submitted => false,
        }
    }
}

/// The part of one school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The school.
    pub school: i64,
    /// How far it has come.
    pub state: State,
    /// What the Träger wrote when it returned it.
    pub note: String,
    /// Who moved it last.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// When the school was last reminded.
    pub reminded: Option<Timestamp>,
}

fn part(row: &Row) -> Result<Part> {
    Ok(Part {
        school: row.int(0)?,
        state: State::named(&row.text(1)?),
        note: row.text(2)?,
        who: row.text(3)?,
        at: row.moment(4)?,
        reminded: row.maybe_moment(5)?,
    })
}

const PARTS: &str = "SELECT school_id, state, note, who, at, reminded_at FROM survey_part
                     WHERE traeger_id = $1 AND run_id = $2";

const RUNS: &str = "SELECT id, content, as_of, due, who, opened_at, submitted_at, survey FROM survey_run
                    WHERE traeger_id = $1";

/// The survey of a run. Its file is mostly one of the shipped ones, which were read already.
fn survey_of(id: &str, text: &str) -> Result<Survey> {
    if let Some(known) = shipped_text(id).filter(|known| *known == text).and_then(|_| survey(id)) {
        return Ok(known.clone());
    }
    Survey::parse(text).map_err(|error| Error::Corrupt(format!("the file of a run: {error}")))
}

fn run(row: &Row) -> Result<Run> {
    Ok(Run {
        id: row.int(0)?,
        survey: survey_of(row.text_ref(7)?, row.text_ref(1)?)?,
        as_of: row.moment(2)?,
        due: row.maybe_moment(3)?,
        who: row.text(4)?,
        opened: row.moment(5)?,
        submitted: row.maybe_moment(6)?,
    })
}

impl Traeger {
    /// Opens a survey for schools; its file is kept as it is now.
    ///
    /// # Errors
    /// There is no such survey or school, it is a survey of the Träger itself, no school is named, the last day is
    /// before the reference date or past, or the database failed.
    pub fn open_run(
        &self,
        survey: &str,
        as_of: Timestamp,
        due: Option<Timestamp>,
        schools: &[i64],
        who: &str,
        now: Timestamp,
    ) -> Result<i64> {
        if self.survey(survey)?.unit == Unit::Traeger || schools.is_empty() {
            return Err(Error::Refused(
                "a survey is opened for at least one school that answers it".to_owned(),
            ));
        }
        if due.is_some_and(|due| due.day() < as_of.day() || due.day() < now.day()) {
            return Err(Error::Blocked(Obstacle::Late));
        }
        let text = self.survey_text(survey)?;
        self.write(|tx| {
            let sql = "INSERT INTO survey_run (traeger_id, survey, content, as_of, due, who, opened_at)
                       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
            let run = tx.insert(sql, cells![survey, &text, as_of.day(), due, who, now])?;
            for school in schools {
                require_school(tx, *school)?;
                let sql = "INSERT INTO survey_part (traeger_id, run_id, school_id, state, who, at)
                           VALUES ($1, $2, $3, 'open', $4, $5) ON CONFLICT (run_id, school_id) DO NOTHING";
                tx.execute(sql, cells![run, *school, who, now])?;
            }
            log(tx, None, run, "open", who, now)?;
            Ok(run)
        })
        .doing(|| format!("open the survey {survey}"))
    }

    /// Every run, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn runs(&self) -> Result<Vec<Run>> {
        let sql = format!("{RUNS} ORDER BY id DESC");
        self.read(|tx| tx.list(&sql, &[], run))
    }

    /// Every run with how many schools stand where, the newest first: two statements, however many schools there are.
    ///
    /// # Errors
    /// The database failed.
    pub fn run_lines(&self) -> Result<Vec<RunLine>> {
        let sql = format!("{RUNS} ORDER BY id DESC");
        let stands = "SELECT p.run_id, p.state, COUNT(*), MAX(s.is_example) FROM survey_part p
                      JOIN school s ON s.traeger_id = p.traeger_id AND s.id = p.school_id
                      WHERE p.traeger_id = $1 GROUP BY p.run_id, p.state";
        self.read(|tx| {
            let line = |run| RunLine { run, stands: BTreeMap::new(), has_example: false };
            let mut lines: Vec<RunLine> = tx.list(&sql, &[], run)?.into_iter().map(line).collect();
            for row in tx.query(stands, &[])? {
                let id = row.int(0)?;
                let Some(line) = lines.iter_mut().find(|line| line.run.id == id) else { continue };
                let state = State::named(row.text_ref(1)?).name();
                *line.stands.entry(state).or_default() += usize::try_from(row.int(2)?).unwrap_or_default();
                line.has_example |= row.flag(3)?;
            }
            Ok(lines)
        })
    }

    /// One run.
    ///
    /// # Errors
    /// There is no such run, or the database failed.
    pub fn run(&self, id: i64) -> Result<Run> {
        let sql = format!("{RUNS} AND id = $2");
        let found = self.read(|tx| tx.first(&sql, cells![id], run))?;
        found.ok_or_else(|| Error::NotFound(format!("run {id}")))
    }

    /// The runs in which a school takes part, with its parts, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn runs_of_school(&self, school: i64) -> Result<Vec<(Run, Part)>> {
        let sql = format!(
            "{RUNS} AND id IN (SELECT run_id FROM survey_part WHERE traeger_id = $1 AND school_id = $2)
             ORDER BY id DESC"
        );
        self.read(|tx| {
            let runs = tx.list(&sql, cells![school], run)?;
            runs.into_iter().map(|run| part_of(tx, run.id, school).map(|part| (run, part))).collect()
        })
    }

    /// The run in which a school has a survey before it, with its part; the newest.
    ///
    /// # Errors
    /// The database failed.
    pub fn run_of_school(&self, school: i64, survey: &str) -> Result<Option<(Run, Part)>> {
        let sql = format!(
            "{RUNS} AND survey = $3
               AND id IN (SELECT run_id FROM survey_part WHERE traeger_id = $1 AND school_id = $2)
             ORDER BY id DESC LIMIT 1"
        );
        self.read(|tx| {
            let newest = tx.first(&sql, cells![school, survey], run)?;
            newest.map(|run| part_of(tx, run.id, school).map(|part| (run, part))).transpose()
        })
    }

    /// The parts of a run.
    ///
    /// # Errors
    /// The database failed.
    pub fn parts(&self, run: i64) -> Result<Vec<Part>> {
        self.read(|tx| parts(tx, run))
    }

    /// The part of one school in a run.
    ///
    /// # Errors
    /// There is no such part, or the database failed.
    pub fn part(&self, run: i64, school: i64) -> Result<Part> {
        self.read(|tx| part_of(tx, run, school))
    }

    /// Moves the part of a school on: the coordinator confirms, the Träger returns with a note.
    ///
    /// # Errors
    /// A refusal where that way does not exist or a return has no note; there is no such part; the database failed.
    pub fn move_part(
        &self,
        run: i64,
        school: i64,
        next: State,
        note: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<()> {
        if next == State::Returned && note.trim().is_empty() {
            return Err(Error::Blocked(Obstacle::NoNote));
        }
        crate::secrets::refuse_secret("note", note)?;
        self.write(|tx| {
            let found = part_of(tx, run, school)?;
            step(tx, run, &found, next, note, who, now)
        })
    }

    /// Notes that a school was reminded.
    ///
    /// # Errors
    /// A refusal where the school has handed in; there is no such part; the database failed.
    pub fn note_reminder(&self, run: i64, school: i64, who: &str, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            if !part_of(tx, run, school)?.state.is_awaited() {
                return Err(Error::Blocked(Obstacle::Moved));
            }
            let sql = "UPDATE survey_part SET reminded_at = $4
                       WHERE traeger_id = $1 AND run_id = $2 AND school_id = $3";
            tx.execute(sql, cells![run, school, now])?;
            log(tx, Some(school), run, "remind", who, now)
        })
    }
}

pub(crate) fn parts(tx: &mut Tx<'_>, run: i64) -> Result<Vec<Part>> {
    tx.list(&format!("{PARTS} ORDER BY school_id"), cells![run], part)
}

pub(crate) fn part_of(tx: &mut Tx<'_>, run: i64, school: i64) -> Result<Part> {
    let found = tx.first(&format!("{PARTS} AND school_id = $3"), cells![run, school], part)?;
    found.ok_or_else(|| Error::NotFound(format!("part of school {school} in run {run}")))
}

/// Moves a part on, where that way exists.
pub(crate) fn step(
    tx: &mut Tx<'_>,
    run: i64,
    found: &Part,
    next: State,
    note: &str,
    who: &str,
    now: Timestamp,
) -> Result<()> {
    if !found.state.leads_to(next) {
        return Err(Error::Blocked(Obstacle::Moved));
    }
    let sql = "UPDATE survey_part SET state = $4, note = $5, who = $6, at = $7
               WHERE traeger_id = $1 AND run_id = $2 AND school_id = $3";
    tx.execute(sql, cells![run, found.school, next.name(), note.trim(), who, now])?;
    log(tx, Some(found.school), run, next.name(), who, now)
}

pub(crate) fn log(
    tx: &mut Tx<'_>,
    school: Option<i64>,
    run: i64,
    what: &str,
    who: &str,
    now: Timestamp,
) -> Result<()> {
    let entry = AuditEntry {
        at: now,
        who: who.to_owned(),
        what: what.to_owned(),
        subject: format!("survey run {run}"),
        before: String::new(),
        after: String::new(),
    };
    audit(tx, school, &entry)
}
