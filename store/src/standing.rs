//! Which device a documented system stands for: the one answer that rules, pages, surveys and lists share.

use crate::{
    error::Result,
    store::{Tx, cells},
};
use std::collections::{BTreeMap, BTreeSet};

/// The device of each living system, and what moved since this was last asked.
pub(crate) struct Standing {
    /// System to device.
    pub(crate) devices: BTreeMap<i64, i64>,
    /// Devices that a system came to stand for, or no longer stands for.
    pub(crate) moved_devices: BTreeSet<i64>,
    /// Systems that came to stand for another device, or for none.
    pub(crate) moved_systems: BTreeSet<i64>,
}

/// A device and by what a system came to it: `bound`, `mac` or `serial`.
type Place = (i64, &'static str);

/// Works out anew for which device each living system of a school stands, and stores the difference. A person's binding
/// wins, merges followed; then the MAC address; then a serial number that one device alone has.
pub(crate) fn refresh(tx: &mut Tx<'_>, school: i64) -> Result<Standing> {
    let mut now = by_serial(tx, school)?;
    now.extend(by_mac(tx, school)?);
    now.extend(bound(tx, school)?);
    let sql = "SELECT system_id, asset_id, bound_by FROM stands_for WHERE traeger_id = $1 AND school_id = $2";
    let before: BTreeMap<i64, (i64, String)> = tx
        .list(sql, cells![school], |row| Ok((row.int(0)?, (row.int(1)?, row.text(2)?))))?
        .into_iter()
        .collect();
    let mut standing = Standing {
        devices: now.iter().map(|(system, (device, _))| (*system, *device)).collect(),
        moved_devices: BTreeSet::new(),
        moved_systems: BTreeSet::new(),
    };
    for (system, (device, _)) in before.iter().filter(|(system, _)| !now.contains_key(system)) {
        let sql = "DELETE FROM stands_for WHERE traeger_id = $1 AND system_id = $2";
        tx.execute(sql, cells![*system])?;
        standing.moved_devices.insert(*device);
        standing.moved_systems.insert(*system);
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
        standing.moved_devices.extend(old.map(|(old, _)| *old).into_iter().chain([device]));
        standing.moved_systems.insert(system);
    }
    Ok(standing)
}

/// What people bound, each device followed to the one it is part of today.
fn bound(tx: &mut Tx<'_>, school: i64) -> Result<Vec<(i64, Place)>> {
    let merged = "SELECT id, merged_into FROM asset_identity
                  WHERE traeger_id = $1 AND school_id = $2 AND merged_into IS NOT NULL";
    let merged: BTreeMap<i64, i64> =
        tx.list(merged, cells![school], |row| Ok((row.int(0)?, row.int(1)?)))?.into_iter().collect();
    let sql = "SELECT id, asset_id FROM documented_system WHERE traeger_id = $1 AND school_id = $2
                 AND deleted_at IS NULL AND status <> 'retired' AND asset_id IS NOT NULL";
    tx.list(sql, cells![school], |row| {
        let mut device = row.int(1)?;
        // A chain longer than this would be a circle.
        for _ in 0..64 {
            let Some(into) = merged.get(&device) else { break };
            device = *into;
        }
        Ok((row.int(0)?, (device, "bound")))
    })
}

/// Systems that name the MAC address of a device; the latest device that had it.
fn by_mac(tx: &mut Tx<'_>, school: i64) -> Result<Vec<(i64, Place)>> {
    let sql = "SELECT s.id, k.asset_id FROM documented_system s
               JOIN identity_key k ON k.traeger_id = s.traeger_id AND k.school_id = s.school_id
                 AND k.kind = 'mac' AND k.value = s.mac AND k.shared = 0
               WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL AND s.status <> 'retired'
                 AND s.asset_id IS NULL AND s.mac <> '' AND k.asset_id IS NOT NULL ORDER BY s.id, k.generation";
    tx.list(sql, cells![school], |row| Ok((row.int(0)?, (row.int(1)?, "mac"))))
}

/// Systems that name the serial number of a device. Two devices of the same number: neither is taken.
fn by_serial(tx: &mut Tx<'_>, school: i64) -> Result<BTreeMap<i64, Place>> {
    let sql = "SELECT s.id, MIN(a.id) FROM documented_system s
               JOIN asset a ON a.traeger_id = s.traeger_id AND a.school_id = s.school_id
                 AND a.serial IN (s.serial, UPPER(s.serial))
               WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL AND s.status <> 'retired'
                 AND s.asset_id IS NULL AND s.serial <> '' GROUP BY s.id HAVING COUNT(*) = 1";
    let found = tx.list(sql, cells![school], |row| Ok((row.int(0)?, (row.int(1)?, "serial"))))?;
    Ok(found.into_iter().collect())
}
