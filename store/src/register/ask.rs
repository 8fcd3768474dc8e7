//! Questions about documented systems: one, those of a school, those that stand for a device or that a finding is about.

use super::{DocumentedSystem, columns, system};
use crate::{
    error::{Error, Result},
    store::{Traeger, Tx, cells},
};
use std::collections::BTreeSet;

impl Traeger {
    /// The devices that the systems of a school stand for, by system.
    ///
    /// # Errors
    /// The database failed.
    pub fn devices_of_systems(&self, school: i64) -> Result<Vec<(i64, i64)>> {
        let sql = "SELECT system_id, asset_id FROM stands_for WHERE traeger_id = $1 AND school_id = $2
                   ORDER BY system_id";
        self.read(|tx| tx.list(sql, cells![school], |row| Ok((row.int(0)?, row.int(1)?))))
    }

    /// One system.
    ///
    /// # Errors
    /// There is no such system, or the database failed.
    pub fn system(&self, id: i64) -> Result<DocumentedSystem> {
        self.read(|tx| find(tx, id))?.ok_or_else(|| Error::NotFound(format!("system {id}")))
    }

    /// The systems of a school, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn systems(&self, school: i64) -> Result<Vec<DocumentedSystem>> {
        let sql = format!(
            "SELECT {} FROM documented_system
             WHERE traeger_id = $1 AND school_id = $2 AND deleted_at IS NULL ORDER BY name, id",
            columns()
        );
        self.read(|tx| tx.list(&sql, cells![school], system))
    }

    /// The systems that stand for an asset: bound to it, or naming its MAC address or serial number.
    ///
    /// # Errors
    /// The database failed.
    pub fn systems_of_asset(&self, school: i64, asset: i64) -> Result<Vec<DocumentedSystem>> {
        let sql = format!(
            "SELECT {} FROM documented_system WHERE traeger_id = $1 AND school_id = $2 AND deleted_at IS NULL
               AND id IN (SELECT system_id FROM stands_for WHERE traeger_id = $1 AND asset_id = $3) ORDER BY name, id",
            columns()
        );
        self.read(|tx| tx.list(&sql, cells![school, asset], system))
    }

    /// The systems that a finding is about: the system itself, those that stand for the device, or those that stand
    /// for the domain (or, where none does, for a domain above it).
    ///
    /// # Errors
    /// The database failed.
    pub fn systems_about(&self, school: i64, subject: &str) -> Result<Vec<DocumentedSystem>> {
        match subject.split_once(' ').map(|(noun, name)| (noun, name, name.parse::<i64>())) {
            Some(("asset", _, Ok(asset))) => self.systems_of_asset(school, asset),
            Some(("system", _, Ok(id))) => Ok(self
                .read(|tx| find(tx, id))?
                .into_iter()
                .filter(|system| system.school == school)
                .collect()),
            Some(("domain", name, _)) => {
                let mut systems = self.systems(school)?;
                let above = |system: &DocumentedSystem| nearness(name, &system.domain, &system.status);
                let nearest = systems.iter().map(above).max().unwrap_or(0);
                systems.retain(|system| nearest > 0 && above(system) == nearest);
                Ok(systems)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The device that a system stands for, if one was found.
    ///
    /// # Errors
    /// The database failed.
    pub fn device_of_system(&self, system: i64) -> Result<Option<i64>> {
        let sql = "SELECT asset_id FROM stands_for WHERE traeger_id = $1 AND system_id = $2";
        self.read(|tx| tx.first(sql, cells![system], |row| row.int(0)))
    }

    /// The devices of a school (of all schools for `None`) that a documented system stands for: the one answer to
    /// "what is documented".
    ///
    /// # Errors
    /// The database failed.
    pub fn documented_assets(&self, school: Option<i64>) -> Result<BTreeSet<i64>> {
        let sql = "SELECT asset_id FROM stands_for WHERE traeger_id = $1 AND ($2 = 0 OR school_id = $2)";
        let all = self.read(|tx| tx.list(sql, cells![school.unwrap_or(0)], |row| row.int(0)))?;
        Ok(all.into_iter().collect())
    }
}

/// How near the domain of an entry is to one that a finding is about: of several the longest counts; 0 for none.
pub(crate) fn nearness(name: &str, entered: &str, status: &str) -> usize {
    let domain = entered.trim().trim_end_matches('.').to_lowercase();
    let is_above = name == domain || name.ends_with(&format!(".{domain}"));
    if domain.is_empty() || status == "retired" || !is_above { 0 } else { domain.len() }
}

pub(crate) fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<DocumentedSystem>> {
    let sql = format!(
        "SELECT {} FROM documented_system WHERE traeger_id = $1 AND id = $2 AND deleted_at IS NULL",
        columns()
    );
    tx.first(&sql, cells![id], system)
}
