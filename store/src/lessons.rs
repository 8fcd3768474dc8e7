//! What documented devices teach about others: proposals worked out from the book, and what people accepted of them.

use crate::{
    derive,
    error::{Doing, Error, Result},
    evidence::{self, Owner, Statement},
    rules::{self, Extent},
    schools::require_school,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{
    Fields, Kind, Mac, Timestamp,
    lessons::{Lesson, Pupil, Signature, propose},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A lesson that nobody has accepted yet, and the assets that it would name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposedLesson {
    /// The documented system that teaches it.
    pub system: i64,
    /// What it teaches.
    pub lesson: Lesson,
    /// The assets that would be recognised otherwise, by number.
    pub learners: Vec<i64>,
}

/// A lesson that a person accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AcceptedLesson {
    /// Its number.
    pub id: i64,
    /// The documented system that taught it.
    pub system: i64,
    /// What it teaches.
    pub lesson: Lesson,
    /// Who accepted it.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

/// An asset with everything that holds about it.
struct Known {
    mac: Option<Mac>,
    fields: Fields,
}

impl Traeger {
    /// What documented systems of a school could teach: worked out anew from what holds now.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn proposed_lessons(&self, school: i64) -> Result<Vec<ProposedLesson>> {
        self.read(|tx| {
            require_school(tx, school)?;
            proposals(tx, school)
        })
    }

    /// A lesson that a documented device of the school teaches about this one, before anybody accepted it.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn lesson_for(&self, school: i64, asset: i64) -> Result<Option<ProposedLesson>> {
        self.read(|tx| {
            require_school(tx, school)?;
            let pupil = known(&evidence::of_asset(tx, asset)?);
            // What fits a signature that tells products apart tells as much itself.
            if !Signature::of(pupil.mac, &pupil.fields).tells() {
                return Ok(None);
            }
            let documented = teachers(tx, school)?;
            let stands: BTreeSet<i64> = documented.iter().map(|(.., asset)| *asset).collect();
            let mut known = known_of(evidence::of_assets(tx, &stands)?);
            known.insert(asset, pupil);
            known.retain(|id, _| *id == asset || stands.contains(id));
            Ok(taught(documented, &known).into_iter().find(|proposal| proposal.learners.contains(&asset)))
        })
    }

    /// The lessons that hold in a school, by number.
    ///
    /// # Errors
    /// The database failed.
    pub fn accepted_lessons(&self, school: i64) -> Result<Vec<AcceptedLesson>> {
        self.read(|tx| accepted(tx, school))
    }

    /// Accepts what a documented system teaches: the assets that present themselves as it does are recognised anew.
    /// Returns how many learned something.
    ///
    /// # Errors
    /// The system teaches nothing (any more), or the database failed.
    pub fn accept_lesson(&self, school: i64, system: i64, who: &str, now: Timestamp) -> Result<usize> {
        self.write(|tx| {
            tx.lock_school(school)?;
            let proposal = proposals(tx, school)?
                .into_iter()
                .find(|proposal| proposal.system == system)
                .ok_or_else(|| Error::NotFound(format!("a lesson of system {system}")))?;
            let sql =
                "INSERT INTO lesson (traeger_id, school_id, system_id, lesson, accepted_by, accepted_at)
                       VALUES ($1, $2, $3, $4, $5, $6)";
            let lesson = serde_json::to_string(&proposal.lesson)?;
            tx.execute(sql, cells![school, system, lesson, who, now])?;
            derive_all(tx, school, now)?;
            Ok(proposal.learners.len())
        })
        .doing(|| format!("accept what system {system} teaches"))
    }

    /// Takes a lesson back; what it named is recognised as before.
    ///
    /// # Errors
    /// No such lesson holds in the school, or the database failed.
    pub fn withdraw_lesson(&self, school: i64, lesson: i64, who: &str, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            tx.lock_school(school)?;
            let sql = "UPDATE lesson SET withdrawn_by = $4, withdrawn_at = $5
                       WHERE traeger_id = $1 AND school_id = $2 AND id = $3 AND withdrawn_at IS NULL";
            if tx.execute(sql, cells![school, lesson, who, now])? == 0 {
                return Err(Error::NotFound(format!("lesson {lesson}")));
            }
            derive_all(tx, school, now)
        })
        .doing(|| format!("withdraw lesson {lesson}"))
    }
}

/// What was accepted in a school, ready for recognition.
pub(crate) fn lessons(tx: &mut Tx<'_>, school: i64) -> Result<Vec<Lesson>> {
    Ok(accepted(tx, school)?.into_iter().map(|accepted| accepted.lesson).collect())
}

fn accepted(tx: &mut Tx<'_>, school: i64) -> Result<Vec<AcceptedLesson>> {
    let sql = "SELECT id, system_id, lesson, accepted_by, accepted_at FROM lesson
               WHERE traeger_id = $1 AND school_id = $2 AND withdrawn_at IS NULL ORDER BY id";
    tx.list(sql, cells![school], |row| {
        Ok(AcceptedLesson {
            id: row.int(0)?,
            system: row.int(1)?,
            lesson: serde_json::from_str(&row.text(2)?)?,
            who: row.text(3)?,
            at: row.moment(4)?,
        })
    })
}

/// A system that may teach: its number, name and kind, and its device.
type Teacher = (i64, String, Kind, i64);

/// The documented devices of a school that taught nothing yet.
fn teachers(tx: &mut Tx<'_>, school: i64) -> Result<Vec<Teacher>> {
    let taught: BTreeSet<i64> = accepted(tx, school)?.into_iter().map(|lesson| lesson.system).collect();
    let sql = "SELECT s.id, s.name, s.kind, f.asset_id FROM documented_system s
               JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
               WHERE s.traeger_id = $1 AND s.school_id = $2 ORDER BY s.id";
    let systems = tx
        .list(sql, cells![school], |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?, row.int(3)?)))?
        .into_iter()
        .filter(|(id, ..)| !taught.contains(id));
    let mut documented = Vec::new();
    for (id, name, kind, asset) in systems {
        if let Ok(kind) = kind.parse::<Kind>() {
            documented.push((id, name, kind, asset));
        }
    }
    Ok(documented)
}

fn proposals(tx: &mut Tx<'_>, school: i64) -> Result<Vec<ProposedLesson>> {
    let documented = teachers(tx, school)?;
    if documented.is_empty() {
        return Ok(Vec::new());
    }
    let all = evidence::of_school(tx, school)?.into_iter().filter_map(|(owner, statements)| match owner {
        Owner::Asset(id) => Some((id, statements)),
        Owner::Domain(_) => None,
    });
    Ok(taught(documented, &known_of(all.collect())))
}

fn known_of(all: BTreeMap<i64, Vec<Statement>>) -> BTreeMap<i64, Known> {
    all.into_iter().map(|(id, statements)| (id, known(&statements))).collect()
}

/// What these devices teach the others.
fn taught(documented: Vec<Teacher>, known: &BTreeMap<i64, Known>) -> Vec<ProposedLesson> {
    // Whoever is documented is known already; only the others learn.
    let stands: BTreeSet<i64> = documented.iter().map(|(.., asset)| *asset).collect();
    let pupils: Vec<Pupil<'_, i64>> = known
        .iter()
        .filter(|(id, _)| !stands.contains(id))
        .map(|(id, known)| Pupil { id: *id, mac: known.mac, fields: &known.fields })
        .collect();
    let mut all = Vec::new();
    for (system, name, kind, asset) in documented {
        let Some(teacher) = known.get(&asset) else { continue };
        let lesson = Lesson::of(&name, kind, teacher.mac, &teacher.fields);
        let proposed = propose(lesson.as_slice(), &pupils).into_iter();
        all.extend(proposed.map(|proposal| ProposedLesson {
            system,
            lesson: proposal.lesson,
            learners: proposal.learners,
        }));
    }
    all
}

fn known(statements: &[Statement]) -> Known {
    Known { mac: derive::mac_of(statements), fields: evidence::merged(statements) }
}

fn derive_all(tx: &mut Tx<'_>, school: i64, now: Timestamp) -> Result<()> {
    let sql = "SELECT id FROM asset WHERE traeger_id = $1 AND school_id = $2 ORDER BY id";
    for asset in tx.list(sql, cells![school], |row| row.int(0))? {
        derive::derive(tx, school, asset, now)?;
    }
    rules::run(tx, school, &Extent::School, now)
}
