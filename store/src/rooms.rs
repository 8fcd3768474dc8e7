//! The rooms of a school: one by one, and as a list that somebody pastes.

use crate::{
    engine::{Cell, Row},
    error::{Error, Occupant, Problem, Result},
    held::{self, By, Held},
    places::{Building, require_empty, require_name},
    search::index,
    secrets::refuse_texts,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A room of a school.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Room {
    /// Its number; 0 for a new one.
    pub id: i64,
    /// The version that was looked at before changing it; 0 for a new one.
    pub version: i64,
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

/// What a line of a list says of a room; what it does not say stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SaidRoom {
    /// The name, by which it is known.
    pub name: String,
    /// Its kind.
    pub kind: Option<String>,
    /// The number of network sockets.
    pub sockets: Option<i64>,
    /// What stands there.
    pub equipment: Option<String>,
    /// The building by its name; entered where the school has none of that name.
    pub building: Option<String>,
}

/// Letters of a name, of a kind, and of what stands there.
const LONGEST: [usize; 3] = [60, 120, 300];

/// Network sockets of a room.
const MOST_SOCKETS: i64 = 10_000;

impl Held for Room {
    const TABLE: &'static str = "room";
    const COLUMNS: &'static str = "building_id, name, kind, sockets, equipment";
    const ORDER: &'static str = "name";
    const UNIQUE: Option<&'static str> = Some("name");

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.int(0)?,
            version: row.int(1)?,
            building: row.maybe_int(2)?,
            name: row.text(3)?,
            kind: row.text(4)?,
            sockets: row.maybe_int(5)?,
            equipment: row.text(6)?,
        })
    }

    fn cells(&self) -> Vec<Cell> {
        cells![self.building, &self.name, &self.kind, self.sockets, &self.equipment].to_vec()
    }

    fn key(&self) -> (i64, i64) {
        (self.id, self.version)
    }

    fn tidy(&self, id: i64, version: i64) -> Self {
        let (kind, equipment) = (self.kind.trim().to_owned(), self.equipment.trim().to_owned());
        Self {
            id,
            version,
            building: self.building,
            name: self.called(),
            kind,
            sockets: self.sockets,
            equipment,
        }
    }

    fn called(&self) -> String {
        self.name.trim().to_owned()
    }

    fn require_sound(&self) -> Result<()> {
        require_name(&self.name)?;
        if self.sockets.is_some_and(|number| !(0..=MOST_SOCKETS).contains(&number)) {
            return Err(Error::Unfit { field: "sockets", problem: Problem::NoNumber });
        }
        let texts = [("name", &self.name), ("kind", &self.kind), ("equipment", &self.equipment)];
        texts.into_iter().zip(LONGEST).try_for_each(|(text, most)| refuse_texts([text], most))
    }

    fn require_fit(&self, tx: &mut Tx<'_>, school: i64) -> Result<()> {
        held::require_own(tx, "building", school, self.building)
    }
}

impl SaidRoom {
    /// Refuses what cannot stand there.
    ///
    /// # Errors
    /// The field at fault and why.
    pub fn require_sound(&self) -> Result<()> {
        self.over(Room { name: self.name.clone(), ..Room::default() }).require_sound()?;
        match &self.building {
            Some(name) => Building { name: name.clone(), ..Building::default() }.require_sound(),
            None => Ok(()),
        }
    }

    fn over(&self, stands: Room) -> Room {
        Room {
            kind: self.kind.clone().unwrap_or(stands.kind),
            sockets: self.sockets.or(stands.sockets),
            equipment: self.equipment.clone().unwrap_or(stands.equipment),
            ..stands
        }
    }
}

/// Writes a room, and its new name into the search of what stands there.
fn put(tx: &mut Tx<'_>, school: i64, room: &Room, by: By<'_>) -> Result<i64> {
    let id = held::put(tx, school, room, by)?;
    if room.id == 0 {
        return Ok(id);
    }
    let sql = "SELECT id FROM documented_system
               WHERE traeger_id = $1 AND school_id = $2 AND room_id = $3 AND deleted_at IS NULL";
    let systems: BTreeSet<i64> = tx.list(sql, cells![school, id], |row| row.int(0))?.into_iter().collect();
    if !systems.is_empty() {
        index::refresh(tx, school, Some((&BTreeSet::new(), &systems)))?;
    }
    Ok(id)
}

/// The number of a building by its name, which is entered where the school has none of that name.
fn building_named(
    tx: &mut Tx<'_>,
    school: i64,
    name: &str,
    known: &mut BTreeMap<String, i64>,
    by: By<'_>,
) -> Result<i64> {
    let name = name.trim();
    if let Some(id) = known.get(name) {
        return Ok(*id);
    }
    let new = Building { name: name.to_owned(), ..Building::default() };
    let id = held::put(tx, school, &new, by)?;
    known.insert(name.to_owned(), id);
    Ok(id)
}

impl Traeger {
    /// Enters a new room (`id` 0) or changes one, and returns its number.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; a refusal of an empty name or one that another room has, of a number below
    /// 0, of a text that is too long or looks like a secret; there is no such school, room or building; or the database
    /// failed.
    pub fn save_room(&self, school: i64, room: &Room, by: (&str, Timestamp)) -> Result<i64> {
        self.write_school(school, |tx| put(tx, school, room, by))
    }

    /// Enters a list of rooms, all or none: new ones, and of those that are known by name what the list says.
    ///
    /// # Errors
    /// A refusal as of [`Traeger::save_room`], there is no such school, or the database failed.
    pub fn enter_rooms(&self, school: i64, said: &[SaidRoom], by: (&str, Timestamp)) -> Result<()> {
        said.iter().try_for_each(SaidRoom::require_sound)?;
        self.write_school(school, |tx| {
            let rooms: Vec<Room> = held::all(tx, school)?;
            let mut known: BTreeMap<String, Room> =
                rooms.into_iter().map(|room| (room.name.clone(), room)).collect();
            let buildings: Vec<Building> = held::all(tx, school)?;
            let mut buildings = buildings.into_iter().map(|one| (one.name, one.id)).collect();
            for line in said {
                let name = line.name.trim().to_owned();
                let stands = known.get(&name).cloned();
                let stands = stands.unwrap_or_else(|| Room { name: name.clone(), ..Room::default() });
                let mut new = line.over(stands.clone());
                if let Some(building) = &line.building {
                    new.building = Some(building_named(tx, school, building, &mut buildings, by)?);
                }
                let id = put(tx, school, &new, by)?;
                // A later line may say more of the same room.
                let is_same = new.tidy(id, stands.version) == stands;
                let version = stands.version + i64::from(!is_same);
                known.insert(name, new.tidy(id, version));
            }
            Ok(())
        })
    }

    /// Removes a room in which nothing stands; the audit log keeps what stood there.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; [`Error::Occupied`] where the register has systems in it; there is no such
    /// room; or the database failed.
    pub fn remove_room(&self, school: i64, id: i64, version: i64, by: (&str, Timestamp)) -> Result<()> {
        let systems = "documented_system WHERE traeger_id = $1 AND room_id = $2 AND deleted_at IS NULL";
        self.write_school(school, |tx| {
            held::remove(tx, school, (id, version), by, |tx, gone: &Room| {
                require_empty(tx, (id, || gone.called()), Occupant::System, systems)?;
                // What is deleted and only waits for its end must not hold the room, nor the list that named it first.
                let sql =
                    "UPDATE documented_system SET room_id = NULL WHERE traeger_id = $1 AND room_id = $2";
                tx.execute(sql, cells![id])?;
                tx.execute("DELETE FROM list_room WHERE traeger_id = $1 AND room_id = $2", cells![id])
                    .map(drop)
            })
        })
    }

    /// Rooms, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn rooms(&self, school: i64) -> Result<Vec<Room>> {
        self.read(|tx| held::all(tx, school))
    }
}
