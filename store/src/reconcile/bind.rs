//! Saying which found device an entry of the register is: one, or many at once.

use super::{Settled, Work};
use crate::{
    error::{Doing, Result},
    identity,
    register::{DocumentedSystem, find, update},
    schools::require_school,
    store::{Traeger, Tx, cells},
    views::reconcile::proposals::WITHOUT_DEVICE,
};
use rundgang_inventory::Timestamp;

impl Traeger {
    /// Binds entries to found devices: pairs of system and device. What became another's meanwhile is left: an entry for
    /// which a seen device stands, and a device that has an entry.
    ///
    /// # Errors
    /// There is no such school, or the database failed: then nothing is written.
    pub fn bind(&self, school: i64, pairs: &[(i64, i64)], by: (&str, Timestamp)) -> Result<Settled> {
        self.write(|tx| {
            tx.lock_school(school)?;
            require_school(tx, school)?;
            let mut work = Work::new(school, by);
            for (system, device) in pairs {
                work.bind(tx, *system, *device)?;
            }
            work.finish(tx)
        })
        .doing(|| format!("bind {} devices", pairs.len()))
    }
}

impl Work<'_> {
    fn bind(&mut self, tx: &mut Tx<'_>, system: i64, device: i64) -> Result<()> {
        let device = identity::present_asset(tx, device)?;
        let free = "SELECT 1 FROM asset a WHERE a.traeger_id = $1 AND a.school_id = $2 AND a.id = $3
                    AND NOT EXISTS (SELECT 1 FROM stands_for f
                      WHERE f.traeger_id = a.traeger_id AND f.asset_id = a.id)";
        let open = format!("SELECT 1 FROM documented_system s WHERE {WITHOUT_DEVICE} AND s.id = $3");
        let is_free = tx.first(free, cells![self.school, device], |_| Ok(()))?.is_some();
        let is_open = tx.first(&open, cells![self.school, system], |_| Ok(()))?.is_some();
        // In one form, neither is meant twice.
        let is_new = !self.assets.contains(&device) && !self.systems.contains(&system);
        let old = if is_free && is_open && is_new { find(tx, system)? } else { None };
        let Some(old) = old else {
            self.settled.left += 1;
            return Ok(());
        };
        self.assets.extend(old.asset.into_iter().chain([device]));
        let after = DocumentedSystem { asset: Some(device), version: old.version + 1, ..old.clone() };
        update(tx, &after, self.by.1)?;
        self.note(system, "change", serde_json::to_string(&old)?, serde_json::to_string(&after)?);
        self.settled.entered += 1;
        Ok(())
    }
}
