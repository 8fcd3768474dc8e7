//! The Träger itself: giving it another name.

use crate::{
    error::{Doing, Error, Problem, Result},
    register::{AuditEntry, audit},
    store::Traeger,
};
use rundgang_inventory::Timestamp;

impl Traeger {
    /// Gives the Träger another name and returns the one before; written to the audit log.
    ///
    /// # Errors
    /// The name is empty or another Träger's, or the database failed.
    pub fn rename(&self, name: &str, who: &str, now: Timestamp) -> Result<String> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Error::Unfit { field: "name", problem: Problem::Empty });
        }
        if name.chars().any(char::is_control) {
            return Err(Error::Refused("name: a name is one line without control characters".to_owned()));
        }
        self.write(|tx| {
            let before = tx.rename(name)?;
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: "change".to_owned(),
                subject: "traeger".to_owned(),
                before: before.clone(),
                after: name.to_owned(),
            };
            audit(tx, None, &entry)?;
            Ok(before)
        })
        .doing(|| format!("rename the Träger to {name}"))
    }
}
