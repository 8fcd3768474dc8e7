//! Entering, changing and deleting a documented system; the rules are checked at once.

use super::{
    AuditEntry, DocumentedSystem,
    ask::find,
    audit, doubles,
    row::{COLUMNS, values},
    sound::require_sound,
};
use crate::{
    engine::Cell,
    error::{Doing, Error, Result, require_version},
    findings, identity,
    rules::{self, Extent},
    schools::require_school,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use std::collections::BTreeSet;

impl Traeger {
    /// Enters a new system (`id` 0) or changes one, and returns its number. Who looked at an older version than the
    /// one that stands there is told so, and nothing is written. Rules are checked at once.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; a refusal for an empty name, an unknown status, a day that is none, or
    /// text that looks like a secret; or the database failed.
    pub fn save_system(&self, new: &DocumentedSystem, who: &str, now: Timestamp) -> Result<i64> {
        self.save(new, who, now, |_, _| Ok(()))
    }

    /// Enters a new system as [`Traeger::save_system`] does, unless the register has its device already. Both happen at
    /// once, so that of two people who take the same device over only the first makes an entry.
    ///
    /// # Errors
    /// [`Problem::Documented`](crate::Problem::Documented) with the field `asset`, `mac` or `serial` by which another
    /// system names that device; else as [`Traeger::save_system`].
    pub fn document(&self, new: &DocumentedSystem, who: &str, now: Timestamp) -> Result<i64> {
        self.save(new, who, now, doubles::refuse)
    }

    fn save(
        &self,
        new: &DocumentedSystem,
        who: &str,
        now: Timestamp,
        check: fn(&mut Tx<'_>, &DocumentedSystem) -> Result<()>,
    ) -> Result<i64> {
        let mut new = new.clone();
        if new.status.is_empty() {
            "in-use".clone_into(&mut new.status);
        }
        require_sound(&new)?;
        self.write(|tx| {
            tx.lock_school(new.school)?;
            require_school(tx, new.school)?;
            require_bindings(tx, &new)?;
            check(tx, &new)?;
            let before = if new.id == 0 { None } else { Some(current(tx, &new)?) };
            let id = match &before {
                None => insert(tx, std::slice::from_ref(&new), now)?
                    .pop()
                    .ok_or_else(|| Error::Corrupt("an insert returned no number".to_owned()))?,
                Some(_) => update(tx, &new, now)?,
            };
            let after = DocumentedSystem { id, version: new.version + 1, ..new.clone() };
            let both = (before.as_ref(), Some(&after));
            let entry = AuditEntry::of_change(format!("system {id}"), both, (who, now))?;
            audit(tx, Some(new.school), &entry)?;
            let assets = [new.asset, before.and_then(|before| before.asset)];
            recheck(tx, new.school, id, assets.into_iter().flatten(), now)?;
            Ok(id)
        })
        .doing(|| format!("save the system {}", new.name))
    }

    /// Deletes a system; the audit log keeps what stood there.
    ///
    /// # Errors
    /// There is no such system, it was changed meanwhile, or the database failed.
    pub fn delete_system(&self, id: i64, version: i64, who: &str, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            let wanted = DocumentedSystem { id, version, ..DocumentedSystem::default() };
            let found = find(tx, id)?.ok_or_else(|| Error::NotFound(format!("system {id}")))?;
            tx.lock_school(found.school)?;
            let before = current(tx, &wanted)?;
            let sql = "UPDATE documented_system SET deleted_at = $3, version = version + 1
                       WHERE traeger_id = $1 AND id = $2";
            tx.execute(sql, cells![id, now])?;
            let both = (Some(&before), None);
            let entry = AuditEntry::of_change(format!("system {id}"), both, (who, now))?;
            audit(tx, Some(before.school), &entry)?;
            findings::close_subject(tx, before.school, &format!("system {id}"), now)?;
            recheck(tx, before.school, id, before.asset.into_iter(), now)
        })
        .doing(|| format!("delete system {id}"))
    }
}

/// What stands there, provided that it is what the writer had seen.
fn current(tx: &mut Tx<'_>, new: &DocumentedSystem) -> Result<DocumentedSystem> {
    let found = find(tx, new.id)?.ok_or_else(|| Error::NotFound(format!("system {}", new.id)))?;
    require_version(|| format!("system {}", found.name), new.version, found.version)?;
    Ok(found)
}

/// Rooms and assets must be the school's own.
fn require_bindings(tx: &mut Tx<'_>, new: &DocumentedSystem) -> Result<()> {
    for (table, id) in [("room", new.room), ("asset_identity", new.asset)] {
        let Some(id) = id else { continue };
        let sql = format!("SELECT 1 FROM {table} WHERE traeger_id = $1 AND school_id = $2 AND id = $3");
        tx.first(&sql, cells![new.school, id], |_| Ok(()))?.ok_or_else(|| {
            Error::NotFound(format!("{} {id} in this school", table.trim_end_matches("_identity")))
        })?;
    }
    Ok(())
}

fn search_text(s: &DocumentedSystem) -> String {
    [&s.name, &s.kind, &s.purpose, &s.owner, &s.provider, &s.hotline, &s.domain, &s.serial, &s.mac, &s.notes]
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(|text| text.to_lowercase())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Enters new systems and returns their numbers, in their order.
pub(crate) fn insert(tx: &mut Tx<'_>, new: &[DocumentedSystem], now: Timestamp) -> Result<Vec<i64>> {
    let row = |system: &DocumentedSystem| {
        let mut row = values(system);
        row.extend([search_text(system).into(), now.into(), now.into()]);
        row
    };
    let rows: Vec<Vec<Cell>> = new.iter().map(row).collect();
    let columns = COLUMNS.join(", ");
    let into = format!("documented_system (traeger_id, {columns}, search, created_at, changed_at)");
    tx.insert_numbered(&into, &rows)
}

/// Writes a system over what stands there, as the next version, and returns its number.
pub(crate) fn update(tx: &mut Tx<'_>, new: &DocumentedSystem, now: Timestamp) -> Result<i64> {
    let sets: Vec<String> = COLUMNS.iter().zip(2..).map(|(column, n)| format!("{column} = ${n}")).collect();
    let next = COLUMNS.len() + 2;
    let sql = format!(
        "UPDATE documented_system SET {}, search = ${next}, changed_at = ${}, version = version + 1
         WHERE traeger_id = $1 AND id = ${} RETURNING id",
        sets.join(", "),
        next + 1,
        next + 2,
    );
    let mut row = values(new);
    row.extend([search_text(new).into(), now.into(), new.id.into()]);
    tx.insert(&sql, &row)
}

/// Puts a system into another room, or into none, as a new version.
pub(crate) fn set_room(tx: &mut Tx<'_>, id: i64, room: Option<i64>, now: Timestamp) -> Result<()> {
    let sql = "UPDATE documented_system SET room_id = $3, changed_at = $4, version = version + 1
               WHERE traeger_id = $1 AND id = $2 AND deleted_at IS NULL";
    tx.execute(sql, cells![id, room, now]).map(drop)
}

/// Checks the rules for a system and the assets it stands or stood for.
fn recheck(
    tx: &mut Tx<'_>,
    school: i64,
    system: i64,
    assets: impl Iterator<Item = i64>,
    now: Timestamp,
) -> Result<()> {
    let mut present = BTreeSet::new();
    for asset in assets {
        present.insert(identity::present_asset(tx, asset)?);
    }
    let systems = BTreeSet::from([system]);
    let extent = Extent::Entered { assets: &present, systems: &systems };
    rules::run(tx, school, &extent, now)
}
