//! One device, one entry: what would be entered a second time is refused.

use super::DocumentedSystem;
use crate::{
    error::{Error, Problem, Result},
    identity,
    store::{Tx, cells},
};
use rundgang_inventory::{Kind, Mac};

/// Refuses a new system whose device a living one names already. A device has one entry; the services on it (a learning
/// platform, a filter) are entries of their own and may name its MAC address or serial number too.
pub(super) fn refuse(tx: &mut Tx<'_>, new: &DocumentedSystem) -> Result<()> {
    if let Some(asset) = new.asset {
        let asset = identity::present_asset(tx, asset)?;
        let sql = "SELECT 1 FROM stands_for WHERE traeger_id = $1 AND school_id = $2 AND asset_id = $3";
        if tx.first(sql, cells![new.school, asset], |_| Ok(()))?.is_some() {
            return Err(Error::Unfit { field: "asset", problem: Problem::Documented });
        }
    }
    if new.kind.parse::<Kind>().is_err() {
        return Ok(());
    }
    let sql = "SELECT kind, mac, serial FROM documented_system WHERE traeger_id = $1 AND school_id = $2
                 AND deleted_at IS NULL AND status <> 'retired' AND (mac <> '' OR serial <> '')";
    let others = tx.list(sql, cells![new.school], |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?)))?;
    for (_, mac, serial) in others.iter().filter(|(kind, ..)| kind.parse::<Kind>().is_ok()) {
        let field = if same_mac(mac, &new.mac) {
            "mac"
        } else if !serial.is_empty() && serial.trim().eq_ignore_ascii_case(new.serial.trim()) {
            "serial"
        } else {
            continue;
        };
        return Err(Error::Unfit { field, problem: Problem::Documented });
    }
    Ok(())
}

/// Whether two texts are the same MAC address, in whatever spelling.
fn same_mac(one: &str, other: &str) -> bool {
    let read = |text: &str| text.trim().parse::<Mac>().ok();
    read(one).is_some_and(|mac| read(other) == Some(mac))
}
