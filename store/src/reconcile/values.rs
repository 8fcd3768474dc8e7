//! Where an entry and its device differ: the device's value is taken over, or the person's is kept with a reason.

use super::{Settled, Work};
use crate::{
    error::{Doing, Error, Problem, Result},
    register::{DocumentedSystem, find, require_sound, update},
    schools::require_school,
    secrets::refuse_secret,
    store::{Traeger, Tx, cells},
    views::reconcile::{differing, kept},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// A field in which an entry and its device differ, with what both said when somebody looked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Differing {
    /// The system.
    pub system: i64,
    /// The field: `kind`, `serial`, `mac` or `segment`.
    pub field: String,
    /// What the entry said.
    pub person: String,
    /// What the device said.
    pub machine: String,
}

/// A person's value that stays although the device says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptValue {
    /// The system.
    pub system: i64,
    /// Its name.
    pub name: String,
    /// The field.
    pub field: String,
    /// The person's value.
    pub person: String,
    /// What the device says.
    pub machine: String,
    /// Why the person's value stays.
    pub reason: String,
    /// Who said so.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

impl Traeger {
    /// Takes what devices say over into their entries, field by field. Where a device or the entry says something else by
    /// now, the entry is left; so it is where what the device says may not stand in the register.
    ///
    /// # Errors
    /// There is no such school, or the database failed: then nothing is written.
    pub fn take_over(&self, school: i64, meant: &[Differing], by: (&str, Timestamp)) -> Result<Settled> {
        self.settle_values(school, meant, by, |work, tx, _, fields| {
            let Some(old) = find(tx, fields[0].system)? else { return Ok(()) };
            let mut new = DocumentedSystem { version: old.version + 1, ..old.clone() };
            let mut taken = 0;
            for one in fields {
                let mut next = new.clone();
                let place = match one.field.as_str() {
                    "kind" => &mut next.kind,
                    "serial" => &mut next.serial,
                    "mac" => &mut next.mac,
                    _ => &mut next.segment,
                };
                place.clone_from(&one.machine);
                // A device says what it likes: what nobody may type is not taken over either.
                if require_sound(&next).is_ok() {
                    new = next;
                    taken += 1;
                }
            }
            work.settled.entered += taken;
            work.settled.left += fields.len() - taken;
            if taken == 0 {
                return Ok(());
            }
            update(tx, &new, work.by.1)?;
            work.assets.extend(old.asset);
            work.note(new.id, "change", serde_json::to_string(&old)?, serde_json::to_string(&new)?);
            Ok(())
        })
    }

    /// Keeps what people entered, with a reason: the difference is told again when the device or the entry says something
    /// else, or the entry is another device's.
    ///
    /// # Errors
    /// The reason is empty or holds a secret, there is no such school, or the database failed: then nothing is written.
    pub fn keep_own(
        &self,
        school: i64,
        meant: &[Differing],
        reason: &str,
        by: (&str, Timestamp),
    ) -> Result<Settled> {
        if reason.trim().is_empty() {
            return Err(Error::Unfit { field: "reason", problem: Problem::Empty });
        }
        refuse_secret("reason", reason)?;
        self.settle_values(school, meant, by, |work, tx, device, fields| {
            let (subject, reason) = (format!("asset {device}"), reason.trim());
            let (who, at) = work.by;
            for Differing { system, field, person, machine } in fields {
                // What somebody kept before, against what the device said then, stands in the log.
                let before = kept_before(tx, work.school, *system, field)?.unwrap_or_default();
                let sql = "INSERT INTO kept_value
                    (traeger_id, school_id, system_id, field, subject, person, machine, reason, who, at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                    ON CONFLICT (system_id, field) DO UPDATE SET subject = excluded.subject,
                      person = excluded.person, machine = excluded.machine, reason = excluded.reason,
                      who = excluded.who, at = excluded.at";
                let school = work.school;
                tx.execute(sql, cells![school, *system, field, &subject, person, machine, reason, who, at])?;
                work.note(*system, "keep", before, logged(field, person, machine, reason));
                work.settled.entered += 1;
            }
            Ok(())
        })
    }

    fn settle_values(
        &self,
        school: i64,
        meant: &[Differing],
        by: (&str, Timestamp),
        settle: impl Fn(&mut Work<'_>, &mut Tx<'_>, i64, &[&Differing]) -> Result<()>,
    ) -> Result<Settled> {
        let mut systems: BTreeMap<i64, Vec<&Differing>> = BTreeMap::new();
        for one in meant {
            systems.entry(one.system).or_default().push(one);
        }
        self.write(|tx| {
            tx.lock_school(school)?;
            require_school(tx, school)?;
            let mut work = Work::new(school, by);
            for (system, fields) in &systems {
                let Some(line) = differing(tx, school, *system)? else {
                    work.settled.left += fields.len();
                    continue;
                };
                // Who looked at other values decided about other values.
                let stands = |one: &&&Differing| {
                    line.differences.iter().any(|now| {
                        now.field == one.field && now.person == one.person && now.machine == one.machine
                    })
                };
                let mut standing: Vec<&Differing> = fields.iter().filter(stands).copied().collect();
                standing.sort();
                standing.dedup();
                work.settled.left += fields.len() - standing.len();
                if !standing.is_empty() {
                    settle(&mut work, tx, line.asset, &standing)?;
                }
            }
            work.finish(tx)
        })
        .doing(|| format!("settle {} differences", meant.len()))
    }

    /// What people of a school keep against their devices, as far as it still holds, by name: at most so many, and how
    /// many there are in all.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn kept_values(&self, school: i64, most: usize) -> Result<(Vec<KeptValue>, usize)> {
        self.school(school)?;
        let (kept, most) = (kept(), i64::try_from(most).unwrap_or(i64::MAX));
        let sql = format!(
            "SELECT v.system_id, s.name, v.field, v.person, v.machine, v.reason, v.who, v.at {kept}
             ORDER BY s.name, s.id, v.field LIMIT {most}"
        );
        self.read(|tx| {
            let lines = tx.list(&sql, cells![school], |row| {
                Ok(KeptValue {
                    system: row.int(0)?,
                    name: row.text(1)?,
                    field: row.text(2)?,
                    person: row.text(3)?,
                    machine: row.text(4)?,
                    reason: row.text(5)?,
                    who: row.text(6)?,
                    at: row.moment(7)?,
                })
            })?;
            let all = tx.first(&format!("SELECT COUNT(*) {kept}"), cells![school], |row| row.int(0))?;
            Ok((lines, usize::try_from(all.unwrap_or(0)).unwrap_or_default()))
        })
    }

    /// Tells a difference again although somebody kept the own value.
    ///
    /// # Errors
    /// Nobody keeps that field, or the database failed.
    pub fn tell_again(&self, school: i64, system: i64, field: &str, by: (&str, Timestamp)) -> Result<()> {
        self.write(|tx| {
            tx.lock_school(school)?;
            let before = kept_before(tx, school, system, field)?
                .ok_or_else(|| Error::NotFound(format!("kept {field} of system {system}")))?;
            let sql = "DELETE FROM kept_value WHERE traeger_id = $1 AND system_id = $2 AND field = $3";
            tx.execute(sql, cells![system, field])?;
            let mut work = Work::new(school, by);
            work.note(system, "keep", before, String::new());
            work.finish(tx).map(drop)
        })
        .doing(|| format!("tell the {field} of system {system} again"))
    }
}

/// A kept value as the audit log has it.
fn logged(field: &str, person: &str, machine: &str, reason: &str) -> String {
    serde_json::json!({ "field": field, "person": person, "machine": machine, "reason": reason }).to_string()
}

/// What is kept of a field, as the audit log has it.
fn kept_before(tx: &mut Tx<'_>, school: i64, system: i64, field: &str) -> Result<Option<String>> {
    let sql = "SELECT person, machine, reason FROM kept_value
               WHERE traeger_id = $1 AND school_id = $2 AND system_id = $3 AND field = $4";
    tx.first(sql, cells![school, system, field], |row| {
        Ok(logged(field, &row.text(0)?, &row.text(1)?, &row.text(2)?))
    })
}
