//! What the register and the network do not agree about: documented and not seen, documented and different. (What was
//! found and is not documented is a filter of the list of devices.)

use super::slices::Slice;
use crate::{
    engine::{Cell, Row},
    error::Result,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Kind, Mac, Timestamp, kind::Class};
use serde::Serialize;

/// A documented device that was not seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotSeenLine {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its room.
    pub room: Option<String>,
    /// Whether its network was walked to the end without finding it; else nobody looked.
    pub was_looked_for: bool,
    /// Since when it was not seen, or nobody looked.
    pub since: Option<Timestamp>,
}

/// A field in which a person and the machine differ. The person's value stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The field: `kind`, `serial`, `mac` or `segment`.
    pub field: &'static str,
    /// What a person entered.
    pub person: String,
    /// What the machine saw.
    pub machine: String,
}

/// A documented system that is not as its device says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DifferentLine {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its device.
    pub asset: i64,
    /// The day on which the device was last seen.
    pub seen: Timestamp,
    /// In what they differ.
    pub differences: Vec<Difference>,
}

/// How long the three lists of a school are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// Found and not documented, and not ignored.
    pub found: usize,
    /// Documented and not seen.
    pub not_seen: usize,
    /// Documented and different.
    pub different: usize,
}

/// Systems in use that name a device which no walk shows: either one looked in vain, or none looked at all.
const NOT_SEEN: &str = "FROM documented_system s
    LEFT JOIN room r ON r.traeger_id = s.traeger_id AND r.id = s.room_id
    LEFT JOIN finding n ON n.traeger_id = s.traeger_id AND n.school_id = s.school_id
      AND n.rule = 'system.not-seen' AND n.subject = 'system ' || s.id AND n.closed_at IS NULL
    WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL AND s.status = 'in-use'
      AND (s.mac <> '' OR s.serial <> '' OR s.asset_id IS NOT NULL)
      AND (n.rule IS NOT NULL OR NOT EXISTS (SELECT 1 FROM stands_for f
        WHERE f.traeger_id = s.traeger_id AND f.system_id = s.id))";

/// Systems whose device says otherwise. A kind is compared where the entry is a device, since services on it have kinds
/// of their own; an address or number may be any that the device ever had.
fn different() -> String {
    let devices = Kind::ALL.iter().filter(|kind| kind.class() != Class::Personal);
    let devices: Vec<String> = devices.map(|kind| format!("'{}'", kind.name())).collect();
    format!(
        "FROM stands_for f
         JOIN documented_system s ON s.traeger_id = f.traeger_id AND s.id = f.system_id
         JOIN asset a ON a.traeger_id = f.traeger_id AND a.id = f.asset_id
         WHERE f.traeger_id = $1 AND f.school_id = $2 AND s.deleted_at IS NULL AND s.status = 'in-use'
           AND ((s.kind IN ({}) AND a.kind <> s.kind)
             OR (s.serial <> '' AND UPPER(a.serial) <> UPPER(s.serial))
             OR (s.mac <> '' AND a.mac <> s.mac AND NOT EXISTS (SELECT 1 FROM identity_key k
                   WHERE k.traeger_id = a.traeger_id AND k.school_id = a.school_id AND k.kind = 'mac'
                     AND k.value = s.mac AND k.asset_id = a.id))
             OR (s.segment <> '' AND a.segment <> s.segment))",
        devices.join(", ")
    )
}

impl Traeger {
    /// How long the three lists of a school are.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn disagreement(&self, school: i64, now: Timestamp) -> Result<Disagreement> {
        self.school(school)?;
        let filter = super::assets::AssetFilter {
            undocumented: true,
            unsettled_at: Some(now),
            ..super::assets::AssetFilter::default()
        };
        self.read(|tx| {
            let mut count = |from: &str| -> Result<usize> {
                let sql = format!("SELECT COUNT(*) {from}");
                let found = tx.first(&sql, cells![school], |row| row.int(0))?.unwrap_or(0);
                Ok(usize::try_from(found).unwrap_or_default())
            };
            let (not_seen, different) = (count(NOT_SEEN)?, count(&different())?);
            let found = super::slices::ids_of(tx, school, &filter)?.len();
            Ok(Disagreement { found, not_seen, different })
        })
    }

    /// A part of the documented devices of a school that were not seen, by name.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn not_seen_slice(&self, school: i64, after: &str, most: usize) -> Result<Slice<NotSeenLine>> {
        self.school(school)?;
        let columns = "s.id, s.name, s.kind, r.name, n.rule, n.evidence, n.unknown_since";
        let lines = self.read(|tx| {
            by_name(tx, school, columns, NOT_SEEN, after, most, |row| {
                let evidence = row.maybe_text(5)?.unwrap_or_default();
                let evidence: serde_json::Value = serde_json::from_str(&evidence).unwrap_or_default();
                let unknown = row.maybe_moment(6)?;
                let since = evidence["since"].as_str().and_then(Timestamp::parse_date);
                Ok(NotSeenLine {
                    id: row.int(0)?,
                    name: row.text(1)?,
                    kind: row.text(2)?,
                    room: row.maybe_text(3)?,
                    was_looked_for: row.maybe_text(4)?.is_some() && unknown.is_none(),
                    since: unknown.or(since),
                })
            })
        })?;
        Ok(Slice::of(lines, most, |line| format!("{}~{}", line.id, line.name)))
    }

    /// A part of the documented systems of a school that are not as their devices say, by name.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn different_slice(&self, school: i64, after: &str, most: usize) -> Result<Slice<DifferentLine>> {
        self.school(school)?;
        let columns =
            "s.id, s.name, s.kind, s.serial, s.mac, s.segment, a.id, a.kind, a.serial, a.mac, a.segment,
            a.last_seen, CASE WHEN EXISTS (SELECT 1 FROM identity_key k WHERE k.traeger_id = a.traeger_id
              AND k.school_id = a.school_id AND k.kind = 'mac' AND k.value = s.mac AND k.asset_id = a.id)
              THEN 1 ELSE 0 END";
        let lines =
            self.read(|tx| by_name(tx, school, columns, &different(), after, most, different_line))?;
        Ok(Slice::of(lines, most, |line| format!("{}~{}", line.id, line.name)))
    }
}

fn different_line(row: &Row) -> Result<DifferentLine> {
    let mut differences = Vec::new();
    let mut compare = |field: &'static str, at: usize, seen: usize, is_same: &dyn Fn(&str, &str) -> bool| {
        let (person, machine) = (row.text(at)?, row.maybe_text(seen)?.unwrap_or_default());
        if !person.is_empty() && !machine.is_empty() && !is_same(&person, &machine) {
            differences.push(Difference { field, person, machine });
        }
        Ok::<(), crate::Error>(())
    };
    let is_known = row.flag(12)?;
    compare("kind", 2, 7, &|person, machine| person.parse::<Kind>().is_err() || person == machine)?;
    compare("serial", 3, 8, &|person, machine| person.eq_ignore_ascii_case(machine))?;
    let mac = |text: &str| text.parse::<Mac>().ok();
    compare("mac", 4, 9, &|person, machine| is_known || mac(person) == mac(machine))?;
    compare("segment", 5, 10, &|person, machine| person == machine)?;
    Ok(DifferentLine {
        id: row.int(0)?,
        name: row.text(1)?,
        asset: row.int(6)?,
        seen: row.moment(11)?,
        differences,
    })
}

/// Lines by name and number, behind a place, one more than is shown.
fn by_name<T>(
    tx: &mut Tx<'_>,
    school: i64,
    columns: &str,
    from: &str,
    after: &str,
    most: usize,
    read: impl Fn(&Row) -> Result<T>,
) -> Result<Vec<T>> {
    let mut parameters: Vec<Cell> = cells![school].to_vec();
    let place = after.split_once('~').and_then(|(id, name)| Some((id.parse::<i64>().ok()?, name)));
    let behind = place.map(|(id, name)| {
        parameters.extend(cells![name, id].iter().cloned());
        "AND (s.name, s.id) > ($3, $4)"
    });
    let limit = i64::try_from(most + 1).unwrap_or(i64::MAX);
    let behind = behind.unwrap_or_default();
    let sql = format!("SELECT {columns} {from} {behind} ORDER BY s.name, s.id LIMIT {limit}");
    tx.list(&sql, &parameters, read)
}
