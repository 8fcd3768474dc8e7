//! Where a school is: its sites, main and branch, and the buildings on them.

use crate::{
    engine::{Cell, Row},
    error::{Error, Occupant, Problem, Result},
    held::{self, Held},
    secrets::refuse_texts,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;

/// A site of a school.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Site {
    /// Its number; 0 for a new one.
    pub id: i64,
    /// The version that was looked at before changing it; 0 for a new one.
    pub version: i64,
    /// Its name, unique within the school.
    pub name: String,
    /// Its postal address.
    pub address: String,
    /// Whether it is the main site.
    pub is_main: bool,
}

/// A building of a school.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Building {
    /// Its number; 0 for a new one.
    pub id: i64,
    /// The version that was looked at before changing it; 0 for a new one.
    pub version: i64,
    /// The site it stands on.
    pub site: Option<i64>,
    /// Its name, unique within the school.
    pub name: String,
}

/// Letters of one text.
const LONGEST: usize = 120;

pub(crate) fn require_name(name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(Error::Unfit { field: "name", problem: Problem::Empty });
    }
    Ok(())
}

impl Held for Site {
    const TABLE: &'static str = "site";
    const COLUMNS: &'static str = "name, address, is_main";
    const ORDER: &'static str = "name";
    const UNIQUE: Option<&'static str> = Some("name");

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.int(0)?,
            version: row.int(1)?,
            name: row.text(2)?,
            address: row.text(3)?,
            is_main: row.flag(4)?,
        })
    }

    fn cells(&self) -> Vec<Cell> {
        cells![&self.name, &self.address, self.is_main].to_vec()
    }

    fn key(&self) -> (i64, i64) {
        (self.id, self.version)
    }

    fn tidy(&self, id: i64, version: i64) -> Self {
        let (name, address) = (self.called(), self.address.trim().to_owned());
        Self { id, version, name, address, is_main: self.is_main }
    }

    fn called(&self) -> String {
        self.name.trim().to_owned()
    }

    fn require_sound(&self) -> Result<()> {
        require_name(&self.name)?;
        refuse_texts([("name", &self.name)], LONGEST)?;
        refuse_texts([("address", &self.address)], 2 * LONGEST)
    }
}

impl Held for Building {
    const TABLE: &'static str = "building";
    const COLUMNS: &'static str = "site_id, name";
    const ORDER: &'static str = "name";
    const UNIQUE: Option<&'static str> = Some("name");

    fn read(row: &Row) -> Result<Self> {
        Ok(Self { id: row.int(0)?, version: row.int(1)?, site: row.maybe_int(2)?, name: row.text(3)? })
    }

    fn cells(&self) -> Vec<Cell> {
        cells![self.site, &self.name].to_vec()
    }

    fn key(&self) -> (i64, i64) {
        (self.id, self.version)
    }

    fn tidy(&self, id: i64, version: i64) -> Self {
        Self { id, version, site: self.site, name: self.called() }
    }

    fn called(&self) -> String {
        self.name.trim().to_owned()
    }

    fn require_sound(&self) -> Result<()> {
        require_name(&self.name)?;
        refuse_texts([("name", &self.name)], LONGEST)
    }

    fn require_fit(&self, tx: &mut Tx<'_>, school: i64) -> Result<()> {
        held::require_own(tx, "site", school, self.site)
    }
}

/// Refuses to remove a place in which something stands; `found` asks for rows by the number of the place (`$2`).
pub(crate) fn require_empty(
    tx: &mut Tx<'_>,
    (place, what): (i64, impl FnOnce() -> String),
    occupant: Occupant,
    found: &str,
) -> Result<()> {
    let sql = format!("SELECT COUNT(*) FROM {found}");
    let count = tx.first(&sql, cells![place], |row| row.int(0))?.unwrap_or_default();
    if count == 0 { Ok(()) } else { Err(Error::Occupied { what: what(), occupant, count }) }
}

impl Traeger {
    /// Enters a new site (`id` 0) or changes one, and returns its number.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; a refusal of an empty name or one that another site has, of a text that is
    /// too long or looks like a secret; there is no such school or site; or the database failed.
    pub fn save_site(&self, school: i64, site: &Site, by: (&str, Timestamp)) -> Result<i64> {
        self.write_school(school, |tx| held::put(tx, school, site, by))
    }

    /// Removes a site on which nothing stands; the audit log keeps what stood there.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; [`Error::Occupied`] where buildings stand there or links lead there; there
    /// is no such site; or the database failed.
    pub fn remove_site(&self, school: i64, id: i64, version: i64, by: (&str, Timestamp)) -> Result<()> {
        let buildings = "building WHERE traeger_id = $1 AND site_id = $2";
        let links = "link WHERE traeger_id = $1 AND site_id = $2";
        self.write_school(school, |tx| {
            held::remove(tx, school, (id, version), by, |tx, gone: &Site| {
                require_empty(tx, (id, || gone.called()), Occupant::Building, buildings)?;
                require_empty(tx, (id, || gone.called()), Occupant::Link, links)
            })
        })
    }

    /// Enters a new building (`id` 0) or changes one, and returns its number.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; a refusal of an empty name or one that another building has, of a text
    /// that is too long or looks like a secret; there is no such school, building or site; or the database failed.
    pub fn save_building(&self, school: i64, building: &Building, by: (&str, Timestamp)) -> Result<i64> {
        self.write_school(school, |tx| held::put(tx, school, building, by))
    }

    /// Removes a building without rooms; the audit log keeps what stood there.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; [`Error::Occupied`] where it has rooms; there is no such building; or the
    /// database failed.
    pub fn remove_building(&self, school: i64, id: i64, version: i64, by: (&str, Timestamp)) -> Result<()> {
        let rooms = "room WHERE traeger_id = $1 AND building_id = $2";
        self.write_school(school, |tx| {
            held::remove(tx, school, (id, version), by, |tx, gone: &Building| {
                require_empty(tx, (id, || gone.called()), Occupant::Room, rooms)
            })
        })
    }

    /// Sites, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn sites(&self, school: i64) -> Result<Vec<Site>> {
        self.read(|tx| held::all(tx, school))
    }

    /// Buildings, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn buildings(&self, school: i64) -> Result<Vec<Building>> {
        self.read(|tx| held::all(tx, school))
    }
}
