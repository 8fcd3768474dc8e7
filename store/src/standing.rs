//! Which device a documented system stands for: the one answer that rules, pages, surveys and lists share.

use crate::{
    engine::Cell,
    error::Result,
    store::{Tx, cells},
};
use std::collections::{BTreeMap, BTreeSet};

/// What moved since this was last asked.
#[derive(Default)]
pub(crate) struct Moved {
    /// Devices that a system came to stand for, or no longer stands for.
    pub(crate) devices: BTreeSet<i64>,
    /// Systems that came to stand for another device, or for none.
    pub(crate) systems: BTreeSet<i64>,
}

/// Up to so many systems are worked out one by one.
const FEW: usize = 20;

/// A device and by what a system came to it: `bound`, `mac` or `serial`.
type Place = (i64, &'static str);

/// Works out anew for which device each living system of a school stands (or each of `some`, where no device changed), and
/// stores the difference. A person's binding wins, merges followed; then the MAC address; then a serial number that one
/// device alone has.
pub(crate) fn refresh(tx: &mut Tx<'_>, school: i64, some: Option<&BTreeSet<i64>>) -> Result<Moved> {
    let Some(some) = some.filter(|some| some.len() <= FEW) else { return refresh_part(tx, school, None) };
    let mut all = Moved::default();
    for system in some {
        let moved = refresh_part(tx, school, Some(*system))?;
        all.devices.extend(moved.devices);
        all.systems.extend(moved.systems);
    }
    Ok(all)
}

/// These systems, and those that stand for these devices.
pub(crate) fn with_those_for(
    tx: &mut Tx<'_>,
    systems: &BTreeSet<i64>,
    devices: &BTreeSet<i64>,
) -> Result<BTreeSet<i64>> {
    let sql = "SELECT system_id FROM stands_for WHERE traeger_id = $1 AND asset_id = $2";
    let mut all = systems.clone();
    for device in devices {
        all.extend(tx.list(sql, cells![*device], |row| row.int(0))?);
    }
    Ok(all)
}

/// The devices of a school for which a system stands, or those among some.
pub(crate) fn documented(
    tx: &mut Tx<'_>,
    school: i64,
    some: Option<&BTreeSet<i64>>,
) -> Result<BTreeSet<i64>> {
    let sql = "SELECT asset_id FROM stands_for WHERE traeger_id = $1 AND school_id = $2";
    let Some(some) = some else {
        return Ok(tx.list(sql, cells![school], |row| row.int(0))?.into_iter().collect());
    };
    let one = format!("{sql} AND asset_id = $3 LIMIT 1");
    let mut all = BTreeSet::new();
    for device in some {
        all.extend(tx.first(&one, cells![school, *device], |row| row.int(0))?);
    }
    Ok(all)
}

fn refresh_part(tx: &mut Tx<'_>, school: i64, one: Option<i64>) -> Result<Moved> {
    let mut now = by_serial(tx, school, one)?;
    now.extend(by_mac(tx, school, one)?);
    now.extend(bound(tx, school, one)?);
    let sql = "SELECT s.system_id, s.asset_id, s.bound_by FROM stands_for s WHERE s.traeger_id = $1 AND s.school_id = $2";
    let (sql, parameters) = only(sql, "s.system_id", school, one);
    let before: BTreeMap<i64, (i64, String)> = tx
        .list(&sql, &parameters, |row| Ok((row.int(0)?, (row.int(1)?, row.text(2)?))))?
        .into_iter()
        .collect();
    let mut moved = Moved::default();
    for (system, (device, _)) in before.iter().filter(|(system, _)| !now.contains_key(system)) {
        let sql = "DELETE FROM stands_for WHERE traeger_id = $1 AND system_id = $2";
        tx.execute(sql, cells![*system])?;
        moved.devices.insert(*device);
        moved.systems.insert(*system);
    }
    for (system, (device, by)) in now {
        let old = before.get(&system);
        if old.is_some_and(|(old, old_by)| *old == device && old_by == by) {
            continue;
        }
        let sql = "INSERT INTO stands_for (traeger_id, school_id, system_id, asset_id, bound_by)
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (system_id) DO UPDATE SET
                     school_id = excluded.school_id, asset_id = excluded.asset_id, bound_by = excluded.bound_by";
        tx.execute(sql, cells![school, system, device, by])?;
        moved.devices.extend(old.map(|(old, _)| *old).into_iter().chain([device]));
        moved.systems.insert(system);
    }
    Ok(moved)
}

/// A query of a school, narrowed to one system, with its parameters: one statement for every system.
fn only(sql: &str, column: &str, school: i64, one: Option<i64>) -> (String, Vec<Cell>) {
    match one {
        Some(one) => (format!("{sql} AND {column} = $3"), cells![school, one].to_vec()),
        None => (sql.to_owned(), cells![school].to_vec()),
    }
}

/// What people bound, each device followed to the one it is part of today.
fn bound(tx: &mut Tx<'_>, school: i64, one: Option<i64>) -> Result<Vec<(i64, Place)>> {
    let sql = "SELECT id, asset_id FROM documented_system WHERE traeger_id = $1 AND school_id = $2
                 AND deleted_at IS NULL AND status <> 'retired' AND asset_id IS NOT NULL";
    let (sql, parameters) = only(sql, "id", school, one);
    let bound = tx.list(&sql, &parameters, |row| Ok((row.int(0)?, row.int(1)?)))?;
    if bound.is_empty() {
        return Ok(Vec::new());
    }
    let merged = "SELECT id, merged_into FROM asset_identity
                  WHERE traeger_id = $1 AND school_id = $2 AND merged_into IS NOT NULL";
    let merged: BTreeMap<i64, i64> =
        tx.list(merged, cells![school], |row| Ok((row.int(0)?, row.int(1)?)))?.into_iter().collect();
    let present = |(system, mut device): (i64, i64)| {
        // A chain longer than this would be a circle.
        for _ in 0..64 {
            let Some(into) = merged.get(&device) else { break };
            device = *into;
        }
        (system, (device, "bound"))
    };
    Ok(bound.into_iter().map(present).collect())
}

/// Systems that name the MAC address of a device; the latest device that had it. Of all indexes that of bound systems
/// leads to the entries of every school: what is not bound is not asked for by it, here and below.
fn by_mac(tx: &mut Tx<'_>, school: i64, one: Option<i64>) -> Result<Vec<(i64, Place)>> {
    let sql = "SELECT s.id, k.asset_id FROM documented_system s CROSS JOIN identity_key k
               WHERE k.traeger_id = s.traeger_id AND k.school_id = s.school_id AND k.kind = 'mac'
                 AND k.value = s.mac AND k.shared = 0 AND s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL AND s.status <> 'retired'
                 AND COALESCE(s.asset_id, 0) = 0 AND s.mac <> ''
                 AND COALESCE(k.asset_id, 0) > 0";
    let (sql, parameters) = only(sql, "s.id", school, one);
    tx.list(&format!("{sql} ORDER BY s.id, k.generation"), &parameters, |row| {
        Ok((row.int(0)?, (row.int(1)?, "mac")))
    })
}

/// Systems that name the serial number of a device. Two devices of the same number: neither is taken.
fn by_serial(tx: &mut Tx<'_>, school: i64, one: Option<i64>) -> Result<BTreeMap<i64, Place>> {
    let sql = "SELECT s.id, MIN(a.id) FROM documented_system s CROSS JOIN asset a
               WHERE a.traeger_id = s.traeger_id AND a.school_id = s.school_id
                 AND a.serial IN (s.serial, UPPER(s.serial)) AND s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL AND s.status <> 'retired'
                 AND COALESCE(s.asset_id, 0) = 0 AND s.serial > ''";
    let (sql, parameters) = only(sql, "s.id", school, one);
    let sql = format!("{sql} GROUP BY s.id HAVING COUNT(*) = 1");
    let found = tx.list(&sql, &parameters, |row| Ok((row.int(0)?, (row.int(1)?, "serial"))))?;
    Ok(found.into_iter().collect())
}
