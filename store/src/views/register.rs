//! The register as a list: documented systems, what each still lacks, and what the machine sees of it.

use super::slices::{Slice, pattern, rooms_named};
use crate::{
    engine::{Cell, Row},
    error::Result,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// One documented system in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SystemLine {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its room.
    pub room: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Who runs it.
    pub provider: String,
    /// Where its credentials are kept.
    pub credentials_place: String,
    /// `in-use`, `planned`, `stock`, `retired`.
    pub status: String,
    /// The last day of its contract.
    pub contract_until: Option<String>,
    /// The device that stands for it in the network.
    pub asset: Option<i64>,
    /// The day that device was last seen.
    pub last_seen: Option<Timestamp>,
    /// When it was last changed.
    pub changed: Timestamp,
}

impl SystemLine {
    /// What a person should still enter: `owner`, `provider`, `credentials`.
    #[must_use]
    pub fn lacks(&self) -> Vec<&'static str> {
        let places =
            [("owner", &self.owner), ("provider", &self.provider), ("credentials", &self.credentials_place)];
        places.into_iter().filter(|(_, text)| text.trim().is_empty()).map(|(name, _)| name).collect()
    }
}

/// Which systems a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemFilter {
    /// Only systems that hold this text, or stand in a room whose name holds it.
    pub text: String,
    /// Only this kind.
    pub kind: String,
    /// Only systems in use that lack an owner, a provider or the place of their credentials.
    pub lacking: bool,
}

/// A documented system in a room: its number, its name, and its device where one was found.
pub type InRoom = (i64, String, Option<i64>);

/// What a system lacks.
const LACKING: &str = "s.status = 'in-use' AND (TRIM(s.owner) = '' OR TRIM(s.provider) = ''
    OR TRIM(s.credentials_place) = '')";

fn condition(
    tx: &mut Tx<'_>,
    school: i64,
    filter: &SystemFilter,
    from: usize,
) -> Result<(String, Vec<Cell>)> {
    let (mut sql, mut parameters) = (String::new(), Vec::new());
    if !filter.kind.is_empty() {
        sql += &format!(" AND s.kind = ${from}");
        parameters.push(Cell::from(filter.kind.as_str()));
    }
    if filter.lacking {
        sql += &format!(" AND {LACKING}");
    }
    if !filter.text.trim().is_empty() {
        let rooms = rooms_named(tx, school, &filter.text)?;
        sql += &format!(
            " AND (s.search LIKE ${} ESCAPE '\\' OR s.room_id IN ({rooms}))",
            from + parameters.len()
        );
        parameters.push(pattern(&filter.text).into());
    }
    Ok((sql, parameters))
}

impl Traeger {
    /// The documented systems of a school, by name.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn system_lines(&self, school: i64) -> Result<Vec<SystemLine>> {
        Ok(self.system_slice(school, &SystemFilter::default(), "", usize::MAX - 1)?.lines)
    }

    /// A part of the documented systems of a school that a filter lets through, by name, behind `after` (the beginning
    /// for an empty text, or one that is no such place).
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn system_slice(
        &self,
        school: i64,
        filter: &SystemFilter,
        after: &str,
        most: usize,
    ) -> Result<Slice<SystemLine>> {
        self.school(school)?;
        let place = after.split_once('~').and_then(|(id, name)| Some((id.parse::<i64>().ok()?, name)));
        self.read(|tx| {
            let mut parameters: Vec<Cell> = cells![school].to_vec();
            let behind = place.map(|(id, name)| {
                parameters.extend(cells![name, id].iter().cloned());
                "AND (s.name, s.id) > ($3, $4)"
            });
            let (condition, more) = condition(tx, school, filter, parameters.len() + 2)?;
            parameters.extend(more);
            let limit = i64::try_from(most + 1).unwrap_or(i64::MAX);
            let sql = format!(
                "{LINE} WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL {} {condition}
                 ORDER BY s.name, s.id LIMIT {limit}",
                behind.unwrap_or_default()
            );
            let lines = tx.list(&sql, &parameters, line)?;
            Ok(Slice::of(lines, most, |line| format!("{}~{}", line.id, line.name)))
        })
    }

    /// How many systems of a school a filter lets through, and how many of them lack something.
    ///
    /// # Errors
    /// The database failed.
    pub fn system_count(&self, school: i64, filter: &SystemFilter) -> Result<(usize, usize)> {
        self.read(|tx| {
            let (condition, more) = condition(tx, school, filter, 3)?;
            let sql = format!(
                "SELECT COUNT(*), COUNT(*) FILTER (WHERE {LACKING}) FROM documented_system s
                 WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL {condition}"
            );
            let parameters: Vec<Cell> = cells![school].iter().cloned().chain(more).collect();
            let count = |number: i64| usize::try_from(number).unwrap_or_default();
            let found = tx.first(&sql, &parameters, |row| Ok((count(row.int(0)?), count(row.int(1)?))))?;
            Ok(found.unwrap_or_default())
        })
    }

    /// What stands in each room of a school, by name: number, name, and device where one was found.
    ///
    /// # Errors
    /// The database failed.
    pub fn in_rooms(&self, school: i64) -> Result<BTreeMap<i64, Vec<InRoom>>> {
        let sql = "SELECT s.room_id, s.id, s.name, f.asset_id FROM documented_system s
                   LEFT JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
                   WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL AND s.status <> 'retired'
                     AND s.room_id IS NOT NULL ORDER BY s.name, s.id";
        let read = |row: &Row| Ok((row.int(0)?, (row.int(1)?, row.text(2)?, row.maybe_int(3)?)));
        let mut rooms: BTreeMap<i64, Vec<InRoom>> = BTreeMap::new();
        for (room, system) in self.read(|tx| tx.list(sql, cells![school], read))? {
            rooms.entry(room).or_default().push(system);
        }
        Ok(rooms)
    }

    /// The kinds of a school's documented systems.
    ///
    /// # Errors
    /// The database failed.
    pub fn system_kinds(&self, school: i64) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT kind FROM documented_system
                   WHERE traeger_id = $1 AND school_id = $2 AND deleted_at IS NULL AND kind <> ''";
        self.read(|tx| tx.list(sql, cells![school], |row| row.text(0)))
    }
}

const LINE: &str = "SELECT s.id, s.name, s.kind, r.name, s.owner, s.provider, s.credentials_place, s.status,
       s.contract_until, f.asset_id, a.last_seen, s.changed_at
     FROM documented_system s
     LEFT JOIN room r ON r.traeger_id = s.traeger_id AND r.id = s.room_id
     LEFT JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
     LEFT JOIN asset a ON a.traeger_id = s.traeger_id AND a.id = f.asset_id";

fn line(row: &Row) -> Result<SystemLine> {
    Ok(SystemLine {
        id: row.int(0)?,
        name: row.text(1)?,
        kind: row.text(2)?,
        room: row.maybe_text(3)?,
        owner: row.text(4)?,
        provider: row.text(5)?,
        credentials_place: row.text(6)?,
        status: row.text(7)?,
        contract_until: row.maybe_text(8)?,
        asset: row.maybe_int(9)?,
        last_seen: row.maybe_moment(10)?,
        changed: row.moment(11)?,
    })
}
