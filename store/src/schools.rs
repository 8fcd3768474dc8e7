//! Schools, sites, buildings, rooms, domains and settings of a Träger.

use crate::{
    engine::Row,
    error::{Doing, Error, Result},
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::{Deserialize, Serialize};

/// A school as it is entered or imported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewSchool {
    /// The name, unique within its Träger.
    pub name: String,
    /// The official school number of its Land.
    pub official_number: String,
    /// The kind of school, free text: Grundschule, Gesamtschule ...
    pub kind: String,
    /// The commune in which it lies; sums of surveys are told by it.
    pub commune: String,
    /// The number of pupils.
    pub pupils: Option<i64>,
    /// The number of teachers.
    pub teachers: Option<i64>,
    /// Whether it is an example and marked so on every page.
    pub is_example: bool,
}

/// A school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct School {
    /// Its number.
    pub id: i64,
    /// What was entered.
    #[serde(flatten)]
    pub entered: NewSchool,
}

/// A site of a school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Site {
    /// Its number.
    pub id: i64,
    /// Its name, unique within the school.
    pub name: String,
    /// Its postal address.
    pub address: String,
    /// Whether it is the main site.
    pub is_main: bool,
}

/// A building of a school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Building {
    /// Its number.
    pub id: i64,
    /// The site it stands on.
    pub site: Option<i64>,
    /// Its name, unique within the school.
    pub name: String,
}

/// A room of a school.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Room {
    /// Its number; 0 for a new one.
    pub id: i64,
    /// The building it lies in.
    pub building: Option<i64>,
    /// Its name, unique within the school.
    pub name: String,
    /// Its kind: classroom, subject room, office, server room ...
    pub kind: String,
    /// The number of network sockets.
    pub sockets: Option<i64>,
    /// What stands there, free text.
    pub equipment: String,
}

const SCHOOL: &str = "id, name, official_number, kind, pupils, teachers, is_example, commune";

fn school(row: &Row) -> Result<School> {
    Ok(School {
        id: row.int(0)?,
        entered: NewSchool {
            name: row.text(1)?,
            official_number: row.text(2)?,
            kind: row.text(3)?,
            pupils: row.maybe_int(4)?,
            teachers: row.maybe_int(5)?,
            is_example: row.flag(6)?,
            commune: row.text(7)?,
        },
    })
}

impl Traeger {
    /// The school of that name, created where it does not exist; an existing one keeps what people entered.
    ///
    /// # Errors
    /// The name is empty, or the database failed.
    pub fn ensure_school(&self, new: &NewSchool, now: Timestamp) -> Result<i64> {
        if new.name.trim().is_empty() {
            return Err(Error::Refused("a school needs a name".to_owned()));
        }
        let sql = "INSERT INTO school
            (traeger_id, name, official_number, kind, pupils, teachers, is_example, created_at, commune)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (traeger_id, name) DO UPDATE SET name = excluded.name RETURNING id";
        let parameters = cells![
            &new.name,
            &new.official_number,
            &new.kind,
            new.pupils,
            new.teachers,
            new.is_example,
            now,
            new.commune.trim()
        ];
        self.write(|tx| tx.insert(sql, parameters)).doing(|| format!("enter the school {}", new.name))
    }

    /// Changes what was entered about a school.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn update_school(&self, school: &School) -> Result<()> {
        let sql = "UPDATE school SET name = $3, official_number = $4, kind = $5, pupils = $6, teachers = $7,
                     commune = $8
                   WHERE traeger_id = $1 AND id = $2";
        let e = &school.entered;
        let changed = self.write(|tx| {
            let (kind, commune) = (e.kind.trim(), e.commune.trim());
            tx.execute(
                sql,
                cells![school.id, &e.name, &e.official_number, kind, e.pupils, e.teachers, commune],
            )
        })?;
        if changed == 0 { Err(Error::NotFound(format!("school {}", school.id))) } else { Ok(()) }
    }

    /// Every school, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn schools(&self) -> Result<Vec<School>> {
        let sql = format!("SELECT {SCHOOL} FROM school WHERE traeger_id = $1 ORDER BY name");
        self.read(|tx| tx.list(&sql, &[], school))
    }

    /// One school.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn school(&self, id: i64) -> Result<School> {
        let sql = format!("SELECT {SCHOOL} FROM school WHERE traeger_id = $1 AND id = $2");
        self.read(|tx| tx.first(&sql, cells![id], school))?
            .ok_or_else(|| Error::NotFound(format!("school {id}")))
    }

    /// The site of that name, created where it does not exist.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn ensure_site(&self, school: i64, name: &str, address: &str, is_main: bool) -> Result<i64> {
        let sql =
            "INSERT INTO site (traeger_id, school_id, name, address, is_main) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (school_id, name) DO UPDATE SET name = excluded.name RETURNING id";
        self.write(|tx| {
            require_school(tx, school)?;
            tx.insert(sql, cells![school, name, address, is_main])
        })
    }

    /// The building of that name, created where it does not exist.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn ensure_building(&self, school: i64, site: Option<i64>, name: &str) -> Result<i64> {
        let sql = "INSERT INTO building (traeger_id, school_id, site_id, name) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (school_id, name) DO UPDATE SET name = excluded.name RETURNING id";
        self.write(|tx| {
            require_school(tx, school)?;
            tx.insert(sql, cells![school, site, name])
        })
    }

    /// The room of that name, created where it does not exist and changed where it does.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn save_room(&self, school: i64, room: &Room) -> Result<i64> {
        if room.name.trim().is_empty() {
            return Err(Error::Refused("a room needs a name".to_owned()));
        }
        let sql = "INSERT INTO room (traeger_id, school_id, building_id, name, kind, sockets, equipment)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (school_id, name) DO UPDATE SET building_id = excluded.building_id,
                     kind = excluded.kind, sockets = excluded.sockets, equipment = excluded.equipment
                   RETURNING id";
        self.write(|tx| {
            require_school(tx, school)?;
            let cells =
                cells![school, room.building, room.name.trim(), &room.kind, room.sockets, &room.equipment];
            tx.insert(sql, cells)
        })
    }

    /// Sites, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn sites(&self, school: i64) -> Result<Vec<Site>> {
        let sql = "SELECT id, name, address, is_main FROM site WHERE traeger_id = $1 AND school_id = $2
                   ORDER BY name";
        self.read(|tx| {
            tx.list(sql, cells![school], |row| {
                Ok(Site { id: row.int(0)?, name: row.text(1)?, address: row.text(2)?, is_main: row.flag(3)? })
            })
        })
    }

    /// Buildings, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn buildings(&self, school: i64) -> Result<Vec<Building>> {
        let sql =
            "SELECT id, site_id, name FROM building WHERE traeger_id = $1 AND school_id = $2 ORDER BY name";
        self.read(|tx| {
            tx.list(sql, cells![school], |row| {
                Ok(Building { id: row.int(0)?, site: row.maybe_int(1)?, name: row.text(2)? })
            })
        })
    }

    /// Rooms, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn rooms(&self, school: i64) -> Result<Vec<Room>> {
        let sql = "SELECT id, building_id, name, kind, sockets, equipment FROM room
                   WHERE traeger_id = $1 AND school_id = $2 ORDER BY name";
        self.read(|tx| {
            tx.list(sql, cells![school], |row| {
                Ok(Room {
                    id: row.int(0)?,
                    building: row.maybe_int(1)?,
                    name: row.text(2)?,
                    kind: row.text(3)?,
                    sockets: row.maybe_int(4)?,
                    equipment: row.text(5)?,
                })
            })
        })
    }

    /// Enters a domain of the school (lower case, A-labels, no trailing dot).
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn ensure_domain(&self, school: i64, name: &str, now: Timestamp) -> Result<()> {
        let sql = "INSERT INTO domain (traeger_id, school_id, name, added_at, confirmed_at)
                   VALUES ($1, $2, $3, $4, $4) ON CONFLICT (school_id, name) DO NOTHING";
        self.write(|tx| {
            require_school(tx, school)?;
            tx.execute(sql, cells![school, name, now]).map(drop)
        })
    }

    /// The school's confirmed domains, by name: entered ones and those an agent looked up.
    ///
    /// # Errors
    /// The database failed.
    pub fn domains(&self, school: i64) -> Result<Vec<String>> {
        let sql =
            "SELECT name FROM domain WHERE traeger_id = $1 AND school_id = $2 AND confirmed_at IS NOT NULL
                   ORDER BY name";
        self.read(|tx| tx.list(sql, cells![school], |row| row.text(0)))
    }

    /// A setting of a school, or of the Träger where `school` is `None`.
    ///
    /// # Errors
    /// The database failed.
    pub fn setting(&self, school: Option<i64>, name: &str) -> Result<Option<String>> {
        self.read(|tx| setting(tx, school, name))
    }

    /// Changes a setting of a school, or of the Träger where `school` is `None`.
    ///
    /// # Errors
    /// The database failed.
    pub fn set_setting(&self, school: Option<i64>, name: &str, value: &str) -> Result<()> {
        self.write(|tx| put_setting(tx, school, name, value))
    }
}

pub(crate) fn put_setting(tx: &mut Tx<'_>, school: Option<i64>, name: &str, value: &str) -> Result<()> {
    let sql = "INSERT INTO setting (traeger_id, school_id, name, value) VALUES ($1, $2, $3, $4)
               ON CONFLICT (traeger_id, school_id, name) DO UPDATE SET value = excluded.value";
    tx.execute(sql, cells![school.unwrap_or(0), name, value]).map(drop)
}

pub(crate) fn setting(tx: &mut Tx<'_>, school: Option<i64>, name: &str) -> Result<Option<String>> {
    let sql = "SELECT value FROM setting WHERE traeger_id = $1 AND school_id = $2 AND name = $3";
    tx.first(sql, cells![school.unwrap_or(0), name], |row| row.text(0))
}

/// Refuses a school that does not exist for this Träger; what is entered under it would belong to nobody.
pub(crate) fn require_school(tx: &mut Tx<'_>, school: i64) -> Result<()> {
    let sql = "SELECT 1 FROM school WHERE traeger_id = $1 AND id = $2";
    match tx.first(sql, cells![school], |_| Ok(()))? {
        Some(()) => Ok(()),
        None => Err(Error::NotFound(format!("school {school}"))),
    }
}
