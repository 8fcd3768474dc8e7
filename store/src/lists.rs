//! Lists entered into the register: every row or none, and what was entered can be taken back as a whole.

mod row;

pub use row::ListRow;

use crate::{
    engine::Cell,
    error::{Doing, Error, Result},
    findings,
    register::{AuditEntry, DocumentedSystem, Index, audit_many, insert},
    rules::{self, Extent},
    schools::{put_setting, require_school, setting},
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Timestamp, lists::Mapping};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// From so many systems of a school on, its rules run as a whole instead of system by system.
const AS_A_WHOLE: usize = 200;
/// The setting under which the meaning of headings is remembered.
const HEADINGS: &str = "list.headings";

/// What entering a list comes to, or would come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Entered {
    /// The number by which the list can be taken back; 0 where it was only looked at.
    pub list: i64,
    /// Systems entered.
    pub systems: usize,
    /// Rooms entered.
    pub rooms: usize,
    /// Rows whose serial number or MAC address stands in the register already, with the system that has it: they are
    /// left as people typed them.
    pub known: Vec<(usize, i64)>,
}

/// A list that was entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnteredList {
    /// Its number.
    pub id: i64,
    /// The file it came from.
    pub file: String,
    /// Who entered it.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// Systems that came from it.
    pub systems: i64,
    /// How many of them somebody changed since: then it cannot be taken back.
    pub changed: i64,
    /// When it was taken back.
    pub undone: Option<Timestamp>,
}

/// What of a list is new.
struct New<'r> {
    rows: Vec<&'r ListRow>,
    rooms: BTreeSet<(i64, &'r str)>,
    known: Vec<(usize, i64)>,
}

impl Traeger {
    /// What entering a list would come to; nothing is written.
    ///
    /// # Errors
    /// What entering it would refuse, row by row; a school does not exist, or the database failed.
    pub fn look_at_list(&self, rows: &[ListRow]) -> Result<Entered> {
        row::require_sound_rows(rows)?;
        self.read(|tx| {
            let new = new_rows(tx, rows)?;
            Ok(Entered { list: 0, systems: new.rows.len(), rooms: new.rooms.len(), known: new.known })
        })
        .doing(|| "look at a list".to_owned())
    }

    /// Enters a list: every row, or none where one of them cannot be entered; what a person `said` about its headings is
    /// remembered with it. A list in which nothing is new leaves no trace; its number is 0.
    ///
    /// # Errors
    /// A refusal that names every row that cannot be entered, or the database failed.
    pub fn enter_list(
        &self,
        file: &str,
        rows: &[ListRow],
        said: &Mapping,
        (who, now): (&str, Timestamp),
    ) -> Result<Entered> {
        row::require_sound_rows(rows)?;
        self.write(|tx| {
            let schools: BTreeSet<i64> = rows.iter().map(|row| row.system.school).collect();
            tx.lock_schools(&schools)?;
            let new = new_rows(tx, rows)?;
            if new.rows.is_empty() {
                return Ok(Entered { known: new.known, ..Entered::default() });
            }
            let sql = "INSERT INTO list (traeger_id, file, who, at) VALUES ($1, $2, $3, $4) RETURNING id";
            let list = tx.insert(sql, cells![file, who, now])?;
            let rooms = enter_rooms(tx, list, &new.rooms, &schools)?;
            let entered = enter(tx, &new.rows, &rooms, (who, now))?;
            let ids: Vec<_> = entered.ids().map(|id| cells![list, id].to_vec()).collect();
            tx.insert_many("list_system (traeger_id, list_id, system_id)", &ids, "")?;
            entered.check(tx, now)?;
            remember(tx, said, &schools)?;
            Ok(Entered { list, systems: new.rows.len(), rooms: new.rooms.len(), known: new.known })
        })
        .doing(|| format!("enter the list {file}"))
    }

    /// Takes a list back: the systems that came from it and the rooms that only it named. What somebody changed since
    /// is somebody's work: then nothing is taken back.
    ///
    /// # Errors
    /// There is no such list, it was taken back before, or something of it was changed since; or the database failed.
    pub fn take_list_back(&self, list: i64, who: &str, now: Timestamp) -> Result<Entered> {
        self.write(|tx| {
            // What is read before the schools are locked may have changed after it.
            let schools = format!("SELECT DISTINCT s.school_id {STANDING}");
            let schools = tx.list(&schools, cells![list], |row| row.int(0))?.into_iter().collect();
            tx.lock_schools(&schools)?;
            claim(tx, list, now)?;
            let systems = unchanged(tx, list)?;
            // The room may go as well, and must not be held by what is gone.
            let sql = "UPDATE documented_system SET deleted_at = $3, version = version + 1, room_id = NULL
                       WHERE traeger_id = $1 AND deleted_at IS NULL AND version = 1
                         AND id IN (SELECT system_id FROM list_system WHERE traeger_id = $1 AND list_id = $2)";
            tx.execute(sql, cells![list, now])?;
            let mut gone = Moved::default();
            for (id, school) in &systems {
                gone.note(*school, *id, "delete", String::new(), (who, now));
            }
            gone.close(tx, now)?;
            let rooms = take_rooms_back(tx, list)?;
            gone.check(tx, now)?;
            Ok(Entered { list, systems: systems.len(), rooms, known: Vec::new() })
        })
        .doing(|| format!("take list {list} back"))
    }

    /// The lists that were entered, the latest first: of all schools, or for `Some` those that are of this school alone.
    ///
    /// # Errors
    /// The database failed.
    pub fn lists(&self, school: Option<i64>) -> Result<Vec<EnteredList>> {
        let own = "AND l.id IN (SELECT o.list_id FROM documented_system d CROSS JOIN list_system o
                     WHERE d.traeger_id = $1 AND d.school_id = $2
                       AND o.traeger_id = d.traeger_id AND o.system_id = d.id)
                   AND NOT EXISTS (SELECT 1 FROM list_system o JOIN documented_system d
                     ON d.traeger_id = o.traeger_id AND d.id = o.system_id
                     WHERE o.traeger_id = l.traeger_id AND o.list_id = l.id AND d.school_id <> $2)";
        let sql = format!(
            "SELECT l.id, l.file, l.who, l.at, l.undone_at,
               (SELECT COUNT(*) FROM list_system s WHERE s.traeger_id = l.traeger_id AND s.list_id = l.id),
               (SELECT COUNT(*) FROM list_system s JOIN documented_system d
                  ON d.traeger_id = s.traeger_id AND d.id = s.system_id
                WHERE s.traeger_id = l.traeger_id AND s.list_id = l.id AND d.deleted_at IS NULL AND d.version <> 1)
             FROM list l WHERE l.traeger_id = $1 {} ORDER BY l.id DESC",
            if school.is_some() { own } else { "" }
        );
        let parameters: Vec<Cell> = school.map(Cell::from).into_iter().collect();
        self.read(|tx| {
            tx.list(&sql, &parameters, |row| {
                Ok(EnteredList {
                    id: row.int(0)?,
                    file: row.text(1)?,
                    who: row.text(2)?,
                    at: row.moment(3)?,
                    undone: row.maybe_moment(4)?,
                    systems: row.int(5)?,
                    changed: row.int(6)?,
                })
            })
        })
    }

    /// What people said about the headings of lists of all schools, and of this one, which wins.
    ///
    /// # Errors
    /// The database failed.
    pub fn headings(&self, school: Option<i64>) -> Result<Mapping> {
        self.read(|tx| {
            let mut all = said_of(tx, None)?;
            if let Some(school) = school {
                all.merge(&said_of(tx, Some(school))?);
            }
            Ok(all)
        })
    }
}

/// What was said about the headings of a school's lists, or of lists of several schools.
fn said_of(tx: &mut Tx<'_>, school: Option<i64>) -> Result<Mapping> {
    let text = setting(tx, school, HEADINGS)?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default())
}

/// Remembers what people said about the headings of a list beside what was said before: with its school, since every
/// school writes lists of its own; with the Träger where the list is of several.
fn remember(tx: &mut Tx<'_>, said: &Mapping, schools: &BTreeSet<i64>) -> Result<()> {
    if said.is_empty() {
        return Ok(());
    }
    let one = if schools.len() == 1 { schools.first().copied() } else { None };
    let mut all = said_of(tx, one)?;
    all.merge(said);
    put_setting(tx, one, HEADINGS, &serde_json::to_string(&all)?)
}

/// The systems of a list that are not deleted.
const STANDING: &str = "FROM documented_system s JOIN list_system l
    ON l.traeger_id = s.traeger_id AND l.system_id = s.id
    WHERE s.traeger_id = $1 AND l.list_id = $2 AND s.deleted_at IS NULL";

/// Marks a list as taken back, which one caller alone can do.
fn claim(tx: &mut Tx<'_>, list: i64, now: Timestamp) -> Result<()> {
    let sql = "UPDATE list SET undone_at = $3 WHERE traeger_id = $1 AND id = $2 AND undone_at IS NULL";
    if tx.execute(sql, cells![list, now])? > 0 {
        return Ok(());
    }
    let sql = "SELECT 1 FROM list WHERE traeger_id = $1 AND id = $2";
    Err(match tx.first(sql, cells![list], |_| Ok(()))? {
        Some(()) => Error::Refused(format!("list {list} was taken back before")),
        None => Error::NotFound(format!("list {list}")),
    })
}

/// The systems of a list that still stand, with their schools; refused where somebody changed one.
fn unchanged(tx: &mut Tx<'_>, list: i64) -> Result<Vec<(i64, i64)>> {
    let sql = format!("SELECT s.name {STANDING} AND s.version <> 1 ORDER BY s.id");
    let changed = tx.list(&sql, cells![list], |row| row.text(0))?;
    if let Some(first) = changed.first() {
        return Err(Error::Refused(format!(
            "{} systems of this list were changed since (such as '{first}'): delete by hand what is wrong",
            changed.len()
        )));
    }
    let sql = format!("SELECT s.id, s.school_id {STANDING} ORDER BY s.id");
    tx.list(&sql, cells![list], |row| Ok((row.int(0)?, row.int(1)?)))
}

/// What of a list the register does not have.
fn new_rows<'r>(tx: &mut Tx<'_>, rows: &'r [ListRow]) -> Result<New<'r>> {
    let schools: BTreeSet<i64> = rows.iter().map(|row| row.system.school).collect();
    let mut named: BTreeMap<i64, Index> = BTreeMap::new();
    let mut rooms: BTreeSet<(i64, String)> = BTreeSet::new();
    for school in schools {
        require_school(tx, school)?;
        named.insert(school, Index::load(tx, school)?);
        let sql = "SELECT name FROM room WHERE traeger_id = $1 AND school_id = $2";
        rooms.extend(tx.list(sql, cells![school], |row| Ok((school, row.text(0)?)))?);
    }
    let mut new = New { rows: Vec::new(), rooms: BTreeSet::new(), known: Vec::new() };
    for row in rows {
        let school = row.system.school;
        if let Some((_, id)) = named.get(&school).and_then(|index| index.find(&row.system)) {
            new.known.push((row.row, id));
            continue;
        }
        new.rows.push(row);
        if let Some(room) = row.room.as_deref().filter(|room| !rooms.contains(&(school, (*room).to_owned())))
        {
            new.rooms.insert((school, room));
        }
    }
    Ok(new)
}

/// Enters the rooms that a list names first, and gives every room of its schools its number.
fn enter_rooms(
    tx: &mut Tx<'_>,
    list: i64,
    new: &BTreeSet<(i64, &str)>,
    schools: &BTreeSet<i64>,
) -> Result<BTreeMap<(i64, String), i64>> {
    for (school, name) in new {
        let sql = "INSERT INTO room (traeger_id, school_id, name) VALUES ($1, $2, $3) RETURNING id";
        let room = tx.insert(sql, cells![*school, *name])?;
        let note = "INSERT INTO list_room (traeger_id, list_id, room_id) VALUES ($1, $2, $3)";
        tx.execute(note, cells![list, room])?;
    }
    let mut rooms = BTreeMap::new();
    for school in schools {
        let sql = "SELECT name, id FROM room WHERE traeger_id = $1 AND school_id = $2";
        rooms.extend(tx.list(sql, cells![*school], |row| Ok(((*school, row.text(0)?), row.int(1)?)))?);
    }
    Ok(rooms)
}

/// Systems that came or went, by school, with the entries of the audit log about them.
#[derive(Default)]
struct Moved(BTreeMap<i64, (BTreeSet<i64>, Vec<AuditEntry>)>);

impl Moved {
    fn note(&mut self, school: i64, id: i64, what: &str, after: String, (who, at): (&str, Timestamp)) {
        let (ids, entries) = self.0.entry(school).or_default();
        ids.insert(id);
        entries.push(AuditEntry {
            at,
            who: who.to_owned(),
            what: what.to_owned(),
            subject: format!("system {id}"),
            // What stood in a system that goes is in the entry of its creation.
            before: String::new(),
            after,
        });
    }

    fn ids(&self) -> impl Iterator<Item = i64> {
        self.0.values().flat_map(|(ids, _)| ids.iter().copied())
    }

    /// Closes what was found about them.
    fn close(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
        for (school, (systems, _)) in &self.0 {
            let subjects = systems.iter().map(|id| format!("system {id}")).collect();
            findings::close_subjects(tx, *school, &subjects, now)?;
        }
        Ok(())
    }

    /// Writes the audit log and runs the rules, school by school.
    fn check(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
        let no_assets = BTreeSet::new();
        for (school, (systems, entries)) in &self.0 {
            audit_many(tx, Some(*school), entries)?;
            let extent = if systems.len() > AS_A_WHOLE {
                Extent::School
            } else {
                Extent::Entered { assets: &no_assets, systems }
            };
            rules::run(tx, *school, &extent, now)?;
        }
        Ok(())
    }
}

fn enter(
    tx: &mut Tx<'_>,
    rows: &[&ListRow],
    rooms: &BTreeMap<(i64, String), i64>,
    by: (&str, Timestamp),
) -> Result<Moved> {
    let system = |row: &&ListRow| {
        let room = row.room.as_ref().and_then(|room| rooms.get(&(row.system.school, room.clone())));
        DocumentedSystem { id: 0, version: 1, asset: None, room: room.copied(), ..row.system.clone() }
    };
    let mut systems: Vec<DocumentedSystem> = rows.iter().map(system).collect();
    let mut entered = Moved::default();
    for (id, system) in insert(tx, &systems, by.1)?.into_iter().zip(&mut systems) {
        system.id = id;
        entered.note(system.school, id, "create", serde_json::to_string(&system)?, by);
    }
    Ok(entered)
}

/// Takes back the rooms that a list named first, where nothing stands in them and nobody said anything about them.
fn take_rooms_back(tx: &mut Tx<'_>, list: i64) -> Result<usize> {
    let sql = "DELETE FROM room WHERE traeger_id = $1 AND kind = '' AND sockets IS NULL AND equipment = ''
                 AND building_id IS NULL
                 AND id IN (SELECT room_id FROM list_room WHERE traeger_id = $1 AND list_id = $2)
                 AND NOT EXISTS (SELECT 1 FROM documented_system s
                   WHERE s.traeger_id = room.traeger_id AND s.room_id = room.id)";
    Ok(usize::try_from(tx.execute(sql, cells![list])?).unwrap_or(usize::MAX))
}
