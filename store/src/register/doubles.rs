//! One device, one entry: what would be entered a second time is refused, or left out of a list.

use super::{DocumentedSystem, ask::find};
use crate::{
    error::{Error, Problem, Result},
    identity,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Kind, Mac, maker_in, search::folded};
use std::collections::HashMap;

/// Refuses a new system whose device another one stands for or names already.
pub(super) fn refuse(tx: &mut Tx<'_>, new: &DocumentedSystem) -> Result<()> {
    match double(tx, new)? {
        Some((field, _)) => Err(Error::Unfit { field, problem: Problem::Documented }),
        None => Ok(()),
    }
}

impl Traeger {
    /// The entry, with its name, that stands for the device of a new one already.
    ///
    /// # Errors
    /// The database failed.
    pub fn entry_of_device(&self, new: &DocumentedSystem) -> Result<Option<(i64, String)>> {
        self.read(|tx| {
            let Some((_, id)) = double(tx, new)? else { return Ok(None) };
            Ok(find(tx, id)?.map(|entry| (entry.id, entry.name)))
        })
    }
}

/// The field by which another entry names the device of a new one, and the number of that entry.
fn double(tx: &mut Tx<'_>, new: &DocumentedSystem) -> Result<Option<(&'static str, i64)>> {
    if let Some(asset) = new.asset {
        let asset = identity::present_asset(tx, asset)?;
        let sql = "SELECT system_id FROM stands_for
                   WHERE traeger_id = $1 AND school_id = $2 AND asset_id = $3 ORDER BY system_id LIMIT 1";
        if let Some(id) = tx.first(sql, cells![new.school, asset], |row| row.int(0))? {
            return Ok(Some(("asset", id)));
        }
    }
    Ok(Index::load(tx, new.school)?.find(new))
}

/// The systems of a school by the MAC address and serial number that they name.
pub(crate) struct Index {
    systems: Vec<Named>,
    by_mac: HashMap<Mac, Vec<usize>>,
    by_serial: HashMap<String, Vec<usize>>,
}

/// What decides whether two systems are one.
struct Named {
    id: i64,
    name: String,
    notes: String,
    is_device: bool,
    is_retired: bool,
}

impl Index {
    pub(crate) fn load(tx: &mut Tx<'_>, school: i64) -> Result<Self> {
        let mut index = Self { systems: Vec::new(), by_mac: HashMap::new(), by_serial: HashMap::new() };
        let sql = "SELECT id, name, notes, kind, status, mac, serial FROM documented_system
                   WHERE traeger_id = $1 AND school_id = $2 AND deleted_at IS NULL AND (mac <> '' OR serial <> '')
                   ORDER BY id";
        for row in tx.query(sql, cells![school])? {
            let (is_device, is_retired) = (is_device(&row.text(3)?), row.text(4)? == "retired");
            let at = index.systems.len();
            let (name, notes) = (row.text(1)?, row.text(2)?);
            index.systems.push(Named { id: row.int(0)?, name, notes, is_device, is_retired });
            if let Some(mac) = mac(&row.text(5)?) {
                index.by_mac.entry(mac).or_default().push(at);
            }
            if let Some(serial) = serial(&row.text(6)?) {
                index.by_serial.entry(serial).or_default().push(at);
            }
        }
        Ok(index)
    }

    /// The system that a new one would double, and the field that shows it. A device has one entry; the services on it
    /// (a learning platform, a filter) are entries of their own that may name its MAC address or serial number too, and
    /// what was retired may come again as another entry. Makers number apart from each other.
    pub(crate) fn find(&self, new: &DocumentedSystem) -> Option<(&'static str, i64)> {
        let among = |all: Option<&Vec<usize>>, fits: &dyn Fn(&Named) -> bool| {
            let mut all = all.into_iter().flatten().map(|at| &self.systems[*at]);
            all.find(|old| is_one(old, new) && fits(old)).map(|old| old.id)
        };
        let by_mac = mac(&new.mac).and_then(|mac| among(self.by_mac.get(&mac), &|_| true));
        let by_serial = || {
            serial(&new.serial)
                .and_then(|serial| among(self.by_serial.get(&serial), &|old| is_same_maker(old, new)))
        };
        by_mac.map(|id| ("mac", id)).or_else(|| by_serial().map(|id| ("serial", id)))
    }
}

fn is_one(old: &Named, new: &DocumentedSystem) -> bool {
    let both_devices = old.is_device && is_device(&new.kind);
    let is_present = !old.is_retired || new.status == "retired";
    // A list once more enters no service a second time.
    is_present && (both_devices || folded(old.name.trim()) == folded(new.name.trim()))
}

/// Whether nothing says that two equal serial numbers are of two makers.
fn is_same_maker(old: &Named, new: &DocumentedSystem) -> bool {
    let maker = |name: &str, notes: &str| maker_in(name).or_else(|| maker_in(notes));
    match (maker(&old.name, &old.notes), maker(&new.name, &new.notes)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// Whether an entry of this kind is a device: of a known kind, or of none that somebody said.
fn is_device(kind: &str) -> bool {
    kind.trim().is_empty() || kind.parse::<Kind>().is_ok()
}

/// The address, whatever its spelling.
fn mac(text: &str) -> Option<Mac> {
    text.trim().parse().ok()
}

fn serial(text: &str) -> Option<String> {
    Some(text.trim().to_uppercase()).filter(|serial| !serial.is_empty())
}
