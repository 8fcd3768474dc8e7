//! What the register and the network do not agree about: documented and not seen, documented and different. (What was
//! found and is not documented is a filter of the list of devices.)

pub mod proposals;

use super::slices::Slice;
use crate::{
    engine::{Cell, Row},
    error::Result,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Kind, Mac, Recognition, Timestamp, kind::Class};
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
    /// By what it saw that, as an English sentence of evidence; empty where the value itself is what was seen.
    pub source: String,
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

/// Kinds of devices, for `IN (…)`: a service on a device has a kind of its own.
pub(super) fn device_kinds() -> String {
    let devices = Kind::ALL.iter().filter(|kind| kind.class() != Class::Personal);
    devices.map(|kind| format!("'{}'", kind.name())).collect::<Vec<_>>().join(", ")
}

/// Whether `v` keeps the own value of a field of the system `s` against what its device `a` says: this value, this device
/// and what it says today. Of another one of the three, nobody said that it stays.
fn holds(field: &str) -> String {
    format!(
        "v.field = '{field}' AND v.subject = 'asset ' || a.id AND v.person = s.{field} AND v.machine = a.{field}"
    )
}

/// Whether a person keeps the own value of a field.
fn is_kept(field: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM kept_value v WHERE v.traeger_id = s.traeger_id AND v.system_id = s.id
           AND {})",
        holds(field)
    )
}

/// The values of a school (`$2`) that people keep against their devices, as far as they still hold.
pub(crate) fn kept() -> String {
    format!(
        "FROM kept_value v
         JOIN documented_system s ON s.traeger_id = v.traeger_id AND s.id = v.system_id
         JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
         JOIN asset a ON a.traeger_id = f.traeger_id AND a.id = f.asset_id
         WHERE v.traeger_id = $1 AND v.school_id = $2 AND s.deleted_at IS NULL AND s.status = 'in-use'
           AND ({})",
        FIELDS.map(|field| format!("({})", holds(field))).join(" OR ")
    )
}

/// Systems whose device says otherwise. A kind is compared where the entry is a device, since services on it have kinds
/// of their own; an address or number may be any that the device ever had. What a person keeps is not told again.
fn different() -> String {
    let [kind, serial, mac, segment] = FIELDS.map(is_kept);
    format!(
        "FROM stands_for f
         JOIN documented_system s ON s.traeger_id = f.traeger_id AND s.id = f.system_id
         JOIN asset a ON a.traeger_id = f.traeger_id AND a.id = f.asset_id
         WHERE f.traeger_id = $1 AND f.school_id = $2 AND s.deleted_at IS NULL AND s.status = 'in-use'
           AND ((s.kind IN ({}) AND a.kind <> s.kind AND NOT {kind})
             OR (s.serial <> '' AND UPPER(a.serial) <> UPPER(s.serial) AND NOT {serial})
             OR (s.mac <> '' AND a.mac <> s.mac AND NOT {mac} AND NOT EXISTS (SELECT 1 FROM identity_key k
                   WHERE k.traeger_id = a.traeger_id AND k.school_id = a.school_id AND k.kind = 'mac'
                     AND k.value = s.mac AND k.asset_id = a.id))
             OR (s.segment <> '' AND a.segment <> s.segment AND NOT {segment}))",
        device_kinds()
    )
}

/// The fields that are compared.
const FIELDS: [&str; 4] = ["kind", "serial", "mac", "segment"];

/// What [`different_line`] reads.
fn different_columns() -> String {
    let kept = FIELDS.map(|field| format!("CASE WHEN {} THEN 1 ELSE 0 END", is_kept(field)));
    format!(
        "s.id, s.name, s.kind, s.serial, s.mac, s.segment, a.id, a.kind, a.serial, a.mac, a.segment,
         a.last_seen, CASE WHEN EXISTS (SELECT 1 FROM identity_key k WHERE k.traeger_id = a.traeger_id
           AND k.school_id = a.school_id AND k.kind = 'mac' AND k.value = s.mac AND k.asset_id = a.id)
           THEN 1 ELSE 0 END, a.recognition, {}",
        kept.join(", ")
    )
}

/// How one system differs from its device, as far as nobody keeps the own value.
pub(crate) fn differing(tx: &mut Tx<'_>, school: i64, system: i64) -> Result<Option<DifferentLine>> {
    let sql = format!("SELECT {} {} AND s.id = $3", different_columns(), different());
    tx.first(&sql, cells![school, system], different_line)
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
        let columns = different_columns();
        let lines =
            self.read(|tx| by_name(tx, school, &columns, &different(), after, most, different_line))?;
        Ok(Slice::of(lines, most, |line| format!("{}~{}", line.id, line.name)))
    }
}

fn different_line(row: &Row) -> Result<DifferentLine> {
    let mut differences = Vec::new();
    let recognition: Recognition = serde_json::from_str(&row.text(13)?).unwrap_or_default();
    let mut compare = |nth: usize, is_same: &dyn Fn(&str, &str) -> bool| {
        let (person, machine) = (row.text(2 + nth)?, row.maybe_text(7 + nth)?.unwrap_or_default());
        let is_kept = row.flag(14 + nth)?;
        if !person.is_empty() && !machine.is_empty() && !is_kept && !is_same(&person, &machine) {
            let source = source(&recognition, FIELDS[nth]);
            differences.push(Difference { field: FIELDS[nth], person, machine, source });
        }
        Ok::<(), crate::Error>(())
    };
    let is_known = row.flag(12)?;
    compare(0, &|person, machine| person.parse::<Kind>().is_err() || person == machine)?;
    compare(1, &|person, machine| person.eq_ignore_ascii_case(machine))?;
    let mac = |text: &str| text.parse::<Mac>().ok();
    compare(2, &|person, machine| is_known || mac(person) == mac(machine))?;
    compare(3, &|person, machine| person == machine)?;
    Ok(DifferentLine {
        id: row.int(0)?,
        name: row.text(1)?,
        asset: row.int(6)?,
        seen: row.moment(11)?,
        differences,
    })
}

/// By what the machine knows a field.
fn source(recognition: &Recognition, field: &str) -> String {
    let because = match field {
        "kind" => recognition.kind.as_ref().map(|told| &told.because),
        "serial" => recognition.serial.as_ref().map(|told| &told.because),
        _ => None,
    };
    because.cloned().unwrap_or_default()
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
