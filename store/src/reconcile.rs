//! Settling many found devices at once: entered into the register, bound to an entry, put into a room, or ignored with a
//! reason; everything in one transaction, and each of them in the audit log.

mod bind;
mod values;

pub use values::{Differing, KeptValue};

use crate::{
    error::{Doing, Result},
    findings::{DECISION, Decision, decided, decision_row, latest_of_rule, require_decidable},
    held, identity,
    register::{AuditEntry, DocumentedSystem, Index, audit_many, find, insert, require_sound, set_room},
    rules::{self, Extent},
    schools::require_school,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// From so many devices on the rules of the school run as a whole.
const AS_A_WHOLE: usize = 200;

/// What became of many devices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Entered into the register.
    pub entered: usize,
    /// Entries put into another room, or out of it.
    pub moved: usize,
    /// Left as they are: settled before, or gone.
    pub left: usize,
}

/// What is written about one device or system after the other.
struct Work<'a> {
    school: i64,
    by: (&'a str, Timestamp),
    settled: Settled,
    entries: Vec<AuditEntry>,
    assets: BTreeSet<i64>,
    systems: BTreeSet<i64>,
}

impl Traeger {
    /// Enters found devices into the register, each as a new entry `new` that names its device. Those that have an entry
    /// stay as they are, but for their room where one is said.
    ///
    /// # Errors
    /// An entry cannot be stored as it is, the room is none of the school, or the database failed: then nothing is
    /// written.
    pub fn document_many(
        &self,
        school: i64,
        new: &[DocumentedSystem],
        room: Option<i64>,
        by: (&str, Timestamp),
    ) -> Result<Settled> {
        self.settle(school, new, &[], room, by)
    }

    /// Says what stands in a room: these devices, each entered where it has no entry yet, and not these systems any more.
    ///
    /// # Errors
    /// As [`Traeger::document_many`].
    pub fn settle_room(
        &self,
        school: i64,
        room: i64,
        here: &[DocumentedSystem],
        not_here: &[i64],
        by: (&str, Timestamp),
    ) -> Result<Settled> {
        self.settle(school, here, not_here, Some(room), by)
    }

    fn settle(
        &self,
        school: i64,
        new: &[DocumentedSystem],
        out: &[i64],
        room: Option<i64>,
        by: (&str, Timestamp),
    ) -> Result<Settled> {
        for system in new {
            require_sound(system)?;
        }
        self.write(|tx| {
            tx.lock_school(school)?;
            require_school(tx, school)?;
            held::require_own(tx, "room", school, room)?;
            let mut work = Work::new(school, by);
            work.enter(tx, new, room)?;
            for id in out {
                // Only what stands in this room still is taken out of it.
                match find(tx, *id)?.filter(|old| old.school == school && old.room == room) {
                    Some(old) => work.put(tx, &old, None)?,
                    None => work.settled.left += 1,
                }
            }
            work.finish(tx)
        })
        .doing(|| format!("settle {} devices", new.len()))
    }

    /// Decides about a finding of one rule at many subjects, such as "ignore these devices". Subjects without that
    /// finding are left.
    ///
    /// # Errors
    /// The reason holds a secret, it rests the findings for good or until a day that is over, or the database failed: then
    /// nothing is written.
    pub fn decide_many(
        &self,
        school: i64,
        rule: &str,
        subjects: &BTreeSet<String>,
        decision: &Decision,
    ) -> Result<Settled> {
        require_decidable(decision)?;
        self.write(|tx| {
            tx.lock_school(school)?;
            require_school(tx, school)?;
            let sql = "SELECT subject FROM finding
                       WHERE traeger_id = $1 AND school_id = $2 AND rule = $3 AND closed_at IS NULL";
            let open: BTreeSet<String> =
                tx.list(sql, cells![school, rule], |row| row.text(0))?.into_iter().collect();
            let before = latest_of_rule(tx, school, rule)?;
            let meant: Vec<&String> = subjects.intersection(&open).collect();
            let (mut rows, mut entries) = (Vec::new(), Vec::new());
            for subject in &meant {
                let (key, before) = ((rule, subject.as_str()), before.get(*subject));
                rows.push(decision_row(school, key, decision, before.and_then(|before| before.due)));
                entries.push(decided(key, before, decision));
            }
            tx.insert_many(DECISION, &rows, "")?;
            audit_many(tx, Some(school), &entries)?;
            Ok(Settled { left: subjects.len() - meant.len(), moved: 0, entered: meant.len() })
        })
        .doing(|| format!("decide about {rule} of {} subjects", subjects.len()))
    }
}

impl<'a> Work<'a> {
    fn new(school: i64, by: (&'a str, Timestamp)) -> Self {
        let (assets, systems) = (BTreeSet::new(), BTreeSet::new());
        Self { school, by, settled: Settled::default(), entries: Vec::new(), assets, systems }
    }

    /// Writes the audit log and runs the rules over what changed.
    fn finish(self, tx: &mut Tx<'_>) -> Result<Settled> {
        audit_many(tx, Some(self.school), &self.entries)?;
        let extent = if self.systems.len() > AS_A_WHOLE {
            Extent::School
        } else {
            Extent::Entered { assets: &self.assets, systems: &self.systems }
        };
        rules::run(tx, self.school, &extent, self.by.1)?;
        Ok(self.settled)
    }
}

impl Work<'_> {
    /// Enters the devices that have no entry, and moves the entries of the others.
    fn enter(&mut self, tx: &mut Tx<'_>, new: &[DocumentedSystem], room: Option<i64>) -> Result<()> {
        let sql = "SELECT asset_id, MIN(system_id) FROM stands_for
                   WHERE traeger_id = $1 AND school_id = $2 GROUP BY asset_id";
        let mut entries: BTreeMap<i64, i64> =
            tx.list(sql, cells![self.school], |row| Ok((row.int(0)?, row.int(1)?)))?.into_iter().collect();
        let named = Index::load(tx, self.school)?;
        let mut fresh: Vec<DocumentedSystem> = Vec::new();
        for system in new {
            let Some(device) = system.asset else {
                self.settled.left += 1;
                continue;
            };
            let device = identity::present_asset(tx, device)?;
            let own = "SELECT 1 FROM asset WHERE traeger_id = $1 AND school_id = $2 AND id = $3";
            if tx.first(own, cells![self.school, device], |_| Ok(()))?.is_none() {
                self.settled.left += 1;
                continue;
            }
            let entry = entries.get(&device).copied();
            match entry.or_else(|| named.find(system).map(|(_, id)| id)) {
                // Ticked twice in one form.
                Some(0) => self.settled.left += 1,
                Some(id) => match find(tx, id)?.filter(|old| room.is_some() && old.room != room) {
                    Some(old) => self.put(tx, &old, room)?,
                    None => self.settled.left += 1,
                },
                None => {
                    entries.insert(device, 0);
                    let system = system.clone();
                    fresh.push(DocumentedSystem {
                        id: 0,
                        version: 1,
                        school: self.school,
                        asset: Some(device),
                        room: room.or(system.room),
                        ..system
                    });
                }
            }
        }
        for (id, mut system) in insert(tx, &fresh, self.by.1)?.into_iter().zip(fresh) {
            system.id = id;
            self.assets.extend(system.asset);
            self.note(id, "create", String::new(), serde_json::to_string(&system)?);
            self.settled.entered += 1;
        }
        Ok(())
    }

    /// Puts an entry into another room, or into none.
    fn put(&mut self, tx: &mut Tx<'_>, old: &DocumentedSystem, room: Option<i64>) -> Result<()> {
        set_room(tx, old.id, room, self.by.1)?;
        let after = DocumentedSystem { room, version: old.version + 1, ..old.clone() };
        self.note(old.id, "change", serde_json::to_string(old)?, serde_json::to_string(&after)?);
        self.settled.moved += 1;
        Ok(())
    }

    fn note(&mut self, id: i64, what: &str, before: String, after: String) {
        self.systems.insert(id);
        self.entries.push(AuditEntry {
            at: self.by.1,
            who: self.by.0.to_owned(),
            what: what.to_owned(),
            subject: format!("system {id}"),
            before,
            after,
        });
    }
}
