//! Who does which task at a school, edited with a version so that nobody overwrites anybody.

use crate::{
    engine::Row,
    error::{Doing, Error, Problem, Result, require_version},
    register::{AuditEntry, audit_many},
    schools::require_school,
    secrets::refuse_texts,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Timestamp, tasks};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who may do a task: the school itself, the Träger, or somebody who is paid for it.
pub const DONE_BY: &[&str] = &["school", "traeger", "provider"];
/// At which level a task is done: by several schools together, by the school, or by its team for technology.
pub const LEVELS: &[&str] = &["schools", "school", "team"];
/// How soon a task that is not done is to be taken up.
pub const PRIORITIES: &[&str] = &["short", "long"];
/// Hundredths of an hour a week that one task can take: two people.
const MOST_HOURS: i64 = 8_000;
/// Letters of a function.
const LONGEST: usize = 200;

/// Who does a task at a school.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchoolTask {
    /// The task of the catalogue.
    pub task: String,
    /// The version that was looked at before changing it; 0 where nothing stands there.
    pub version: i64,
    /// Who does it, as a function: "IT-Koordination".
    pub who: String,
    /// One of [`DONE_BY`]; empty where nobody said.
    pub done_by: String,
    /// One of [`LEVELS`]; empty where nobody said.
    #[serde(default)]
    pub level: String,
    /// One of [`PRIORITIES`]; empty for none.
    pub priority: String,
    /// Hundredths of an hour a week.
    pub hours: Option<i64>,
}

impl SchoolTask {
    /// Whether both say the same, whatever their versions.
    fn is_as(&self, other: &Self) -> bool {
        let bare = |task: &Self| Self { version: 0, ..task.clone() };
        bare(self) == bare(other)
    }

    /// Refuses a value that is none, a text that is too long, and one that looks like a secret.
    ///
    /// # Errors
    /// [`Error::Unfit`] with the field, a refusal of the function, or there is no such task.
    pub fn require_sound(&self) -> Result<()> {
        let unfit = |field, problem| Err(Error::Unfit { field, problem });
        if tasks::find(&self.task).is_none() {
            return Err(Error::NotFound(format!("task {}", self.task)));
        }
        let choices = [
            ("done_by", &self.done_by, DONE_BY),
            ("level", &self.level, LEVELS),
            ("priority", &self.priority, PRIORITIES),
        ];
        for (field, said, known) in choices {
            if !said.is_empty() && !known.contains(&said.as_str()) {
                return unfit(field, Problem::NoChoice);
            }
        }
        if self.hours.is_some_and(|hours| !(0..=MOST_HOURS).contains(&hours)) {
            return unfit("hours", Problem::NoChoice);
        }
        refuse_texts([("who", &self.who)], LONGEST)
    }
}

fn read(row: &Row) -> Result<SchoolTask> {
    Ok(SchoolTask {
        task: row.text(0)?,
        version: row.int(1)?,
        who: row.text(2)?,
        done_by: row.text(3)?,
        priority: row.text(4)?,
        hours: row.maybe_int(5)?,
        level: row.text(6)?,
    })
}

fn standing(tx: &mut Tx<'_>, school: i64) -> Result<BTreeMap<String, SchoolTask>> {
    let sql = "SELECT task, version, who, done_by, priority, hours, level FROM school_task
               WHERE traeger_id = $1 AND school_id = $2";
    let all = tx.list(sql, cells![school], read)?;
    Ok(all.into_iter().map(|task| (task.task.clone(), task)).collect())
}

impl Traeger {
    /// What was said about the tasks of a school, by task; a task that nobody said anything about is not among them.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn school_tasks(&self, school: i64) -> Result<BTreeMap<String, SchoolTask>> {
        self.school(school)?;
        self.read(|tx| standing(tx, school))
    }

    /// Writes what was said about tasks, all or nothing, and returns how many changed. What says the same as before is left
    /// as it is.
    ///
    /// # Errors
    /// [`Error::Conflict`] where one of them was changed since it was looked at; a refusal of a value that is none or of
    /// text that looks like a secret; there is no such task or school; or the database failed.
    pub fn save_tasks(&self, school: i64, new: &[SchoolTask], by: (&str, Timestamp)) -> Result<usize> {
        new.iter().try_for_each(SchoolTask::require_sound)?;
        self.write(|tx| {
            tx.lock_school(school)?;
            require_school(tx, school)?;
            let before = standing(tx, school)?;
            let nothing = SchoolTask::default();
            let mut log = Vec::new();
            for task in new {
                let old = before.get(&task.task);
                let blank = SchoolTask { task: task.task.clone(), ..nothing.clone() };
                if task.is_as(old.unwrap_or(&blank)) {
                    continue;
                }
                let found = old.map_or(0, |old| old.version);
                require_version(|| format!("task {}", task.task), task.version, found)?;
                let after = SchoolTask { version: found + 1, ..task.clone() };
                put(tx, school, &after)?;
                let subject = format!("task {} of school {school}", task.task);
                log.push(AuditEntry::of_change(subject, (old, Some(&after)), by)?);
            }
            audit_many(tx, Some(school), &log)?;
            Ok(log.len())
        })
        .doing(|| format!("save {} tasks", new.len()))
    }
}

fn put(tx: &mut Tx<'_>, school: i64, task: &SchoolTask) -> Result<()> {
    let sql =
        "INSERT INTO school_task (traeger_id, school_id, task, version, who, done_by, priority, hours, level)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (school_id, task) DO UPDATE SET
                 version = excluded.version, who = excluded.who, done_by = excluded.done_by,
                 priority = excluded.priority, hours = excluded.hours,
                 level = excluded.level";
    let t = task;
    let row = cells![school, &t.task, t.version, t.who.trim(), &t.done_by, &t.priority, t.hours, &t.level];
    tx.execute(sql, row).map(drop)
}
