//! Where an entry and its device differ: the device's value is taken over, or the person's is kept with a reason.

use super::{Settled, Work};
use crate::{
    error::{Doing, Error, Problem, Result},
    register::{DocumentedSystem, find, update},
    schools::require_school,
    secrets::refuse_secret,
    store::{Traeger, Tx, cells},
    views::reconcile::differing,
};
use rundgang_inventory::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// A field in which an entry and its device differ, with what the device said when somebody looked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Differing {
    /// The system.
    pub system: i64,
    /// The field: `kind`, `serial`, `mac` or `segment`.
    pub field: String,
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
    /// What the device said then.
    pub machine: String,
    /// Why the person's value stays.
    pub reason: String,
    /// Who said so.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

impl Traeger {
    /// Takes what devices say over into their entries, field by field. Where a device says something else by now, or the
    /// entry was put right meanwhile, the entry is left.
    ///
    /// # Errors
    /// There is no such school, or the database failed: then nothing is written.
    pub fn take_over(&self, school: i64, meant: &[Differing], by: (&str, Timestamp)) -> Result<Settled> {
        self.settle_values(school, meant, by, |work, tx, fields| {
            let Some(old) = find(tx, fields[0].system)? else { return Ok(()) };
            let mut new = DocumentedSystem { version: old.version + 1, ..old.clone() };
            for one in fields {
                let place = match one.field.as_str() {
                    "kind" => &mut new.kind,
                    "serial" => &mut new.serial,
                    "mac" => &mut new.mac,
                    _ => &mut new.segment,
                };
                place.clone_from(&one.machine);
                work.settled.entered += 1;
            }
            update(tx, &new, work.by.1)?;
            work.assets.extend(old.asset);
            work.note(new.id, "change", serde_json::to_string(&old)?, serde_json::to_string(&new)?);
            Ok(())
        })
    }

    /// Keeps what people entered, with a reason: the difference is told again when the device says something else.
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
        self.settle_values(school, meant, by, |work, tx, fields| {
            let device = "SELECT asset_id FROM stands_for WHERE traeger_id = $1 AND system_id = $2";
            for one in fields {
                let Some(device) = tx.first(device, cells![one.system], |row| row.int(0))? else { continue };
                let sql = "INSERT INTO kept_value
                    (traeger_id, school_id, system_id, field, subject, machine, reason, who, at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                    ON CONFLICT (system_id, field) DO UPDATE SET subject = excluded.subject,
                      machine = excluded.machine, reason = excluded.reason, who = excluded.who, at = excluded.at";
                let (subject, reason) = (format!("asset {device}"), reason.trim());
                let (who, at) = work.by;
                tx.execute(
                    sql,
                    cells![work.school, one.system, &one.field, &subject, &one.machine, reason, who, at],
                )?;
                let after = serde_json::json!({ "field": one.field, "reason": reason });
                work.note(one.system, "keep", String::new(), after.to_string());
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
        settle: impl Fn(&mut Work<'_>, &mut Tx<'_>, &[&Differing]) -> Result<()>,
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
                let line = differing(tx, school, *system)?;
                let differences = line.map(|line| line.differences).unwrap_or_default();
                let stands = |one: &&&Differing| {
                    differences.iter().any(|now| now.field == one.field && now.machine == one.machine)
                };
                let mut standing: Vec<&Differing> = fields.iter().filter(stands).copied().collect();
                standing.sort();
                standing.dedup();
                work.settled.left += fields.len() - standing.len();
                if !standing.is_empty() {
                    settle(&mut work, tx, &standing)?;
                }
            }
            work.finish(tx)
        })
        .doing(|| format!("settle {} differences", meant.len()))
    }

    /// What people of a school keep against their devices, by name.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn kept_values(&self, school: i64) -> Result<Vec<KeptValue>> {
        self.school(school)?;
        let sql = "SELECT v.system_id, s.name, v.field, v.machine, v.reason, v.who, v.at FROM kept_value v
                   JOIN documented_system s ON s.traeger_id = v.traeger_id AND s.id = v.system_id
                   WHERE v.traeger_id = $1 AND v.school_id = $2 AND s.deleted_at IS NULL
                   ORDER BY s.name, s.id, v.field";
        self.read(|tx| {
            tx.list(sql, cells![school], |row| {
                Ok(KeptValue {
                    system: row.int(0)?,
                    name: row.text(1)?,
                    field: row.text(2)?,
                    machine: row.text(3)?,
                    reason: row.text(4)?,
                    who: row.text(5)?,
                    at: row.moment(6)?,
                })
            })
        })
    }

    /// Tells a difference again although somebody kept the own value.
    ///
    /// # Errors
    /// Nobody keeps that field, or the database failed.
    pub fn tell_again(&self, school: i64, system: i64, field: &str, by: (&str, Timestamp)) -> Result<()> {
        self.write(|tx| {
            tx.lock_school(school)?;
            let own = "SELECT reason FROM kept_value
                       WHERE traeger_id = $1 AND school_id = $2 AND system_id = $3 AND field = $4";
            let reason = tx
                .first(own, cells![school, system, field], |row| row.text(0))?
                .ok_or_else(|| Error::NotFound(format!("kept {field} of system {system}")))?;
            let sql = "DELETE FROM kept_value WHERE traeger_id = $1 AND system_id = $2 AND field = $3";
            tx.execute(sql, cells![system, field])?;
            let mut work = Work::new(school, by);
            let before = serde_json::json!({ "field": field, "reason": reason });
            work.note(system, "keep", before.to_string(), String::new());
            work.finish(tx).map(drop)
        })
        .doing(|| format!("tell the {field} of system {system} again"))
    }
}
