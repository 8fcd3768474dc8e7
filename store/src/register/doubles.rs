//! One device, one entry: what would be entered a second time is refused.

use super::{DocumentedSystem, ask::find};
use crate::{
    error::{Error, Problem, Result},
    identity,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Kind, Mac};

/// Refuses a new system whose device a living one names already. A device has one entry; the services on it (a learning
/// platform, a filter) are entries of their own and may name its MAC address or serial number too.
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
    if new.kind.parse::<Kind>().is_err() {
        return Ok(None);
    }
    let sql = "SELECT kind, mac, serial, id FROM documented_system WHERE traeger_id = $1 AND school_id = $2
                 AND deleted_at IS NULL AND status <> 'retired' AND (mac <> '' OR serial <> '')";
    let others =
        tx.list(sql, cells![new.school], |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?, row.int(3)?)))?;
    for (_, mac, serial, id) in others.iter().filter(|(kind, ..)| kind.parse::<Kind>().is_ok()) {
        let field = if same_mac(mac, &new.mac) {
            "mac"
        } else if !serial.is_empty() && serial.trim().eq_ignore_ascii_case(new.serial.trim()) {
            "serial"
        } else {
            continue;
        };
        return Ok(Some((field, *id)));
    }
    Ok(None)
}

/// Whether two texts are the same MAC address, in whatever spelling.
fn same_mac(one: &str, other: &str) -> bool {
    let read = |text: &str| text.trim().parse::<Mac>().ok();
    read(one).is_some_and(|mac| read(other) == Some(mac))
}
