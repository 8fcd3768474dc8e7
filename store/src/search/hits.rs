//! What the best documents of a search say, read with few statements however many they are.

use super::Hit;
use crate::{
    error::Result,
    register::{DocumentedSystem, columns, system},
    store::Tx,
    views::assets::{AssetLine, LINE, line},
};
use std::collections::BTreeMap;

/// A document: its school, the school's name, whether that is an example, and whom it is about.
type Place = (i64, String, bool, String, i64);

/// What these documents say, in their order.
pub(super) fn hits(tx: &mut Tx<'_>, ranked: &[(i64, f64)]) -> Result<Vec<Hit>> {
    let numbers: Vec<i64> = ranked.iter().map(|(document, _)| *document).collect();
    let places = places(tx, &numbers)?;
    let about = |noun: &str| -> Vec<i64> {
        places.values().filter(|(.., other, _)| other == noun).map(|(.., number)| *number).collect()
    };
    let systems = systems(tx, &about("system"))?;
    let living: Vec<i64> = systems.keys().copied().collect();
    let sql = "SELECT system_id, asset_id FROM stands_for WHERE +traeger_id = $1";
    let stands: BTreeMap<i64, i64> =
        tx.list_many(sql, "system_id", &living, |row| Ok((row.int(0)?, row.int(1)?)))?.into_iter().collect();
    let wanted: Vec<i64> = stands.values().copied().chain(about("asset")).collect();
    let devices = devices(tx, &wanted)?;
    let rooms: Vec<i64> = systems.values().filter_map(|system| system.room).collect();
    let sql = "SELECT id, name FROM room WHERE +traeger_id = $1";
    let rooms: BTreeMap<i64, String> =
        tx.list_many(sql, "id", &rooms, |row| Ok((row.int(0)?, row.text(1)?)))?.into_iter().collect();
    let mut hits = Vec::new();
    for (document, fits) in ranked {
        let Some((school, school_name, is_example, noun, number)) = places.get(document) else { continue };
        let system = if noun == "system" { systems.get(number).cloned() } else { None };
        let device = if noun == "system" { stands.get(number) } else { Some(number) };
        let hit = Hit {
            school: *school,
            school_name: school_name.clone(),
            is_example: *is_example,
            room: system.as_ref().and_then(|system| system.room).and_then(|room| rooms.get(&room).cloned()),
            system,
            device: device.and_then(|device| devices.get(device).cloned()),
            fits: *fits,
        };
        if hit.system.is_some() || hit.device.is_some() {
            hits.push(hit);
        }
    }
    Ok(hits)
}

fn places(tx: &mut Tx<'_>, documents: &[i64]) -> Result<BTreeMap<i64, Place>> {
    let sql = "SELECT d.id, d.subject, d.school_id, s.name, s.is_example FROM search_document d
               JOIN school s ON s.traeger_id = d.traeger_id AND s.id = d.school_id
               WHERE +d.traeger_id = $1";
    let read = |row: &crate::Row| {
        let subject = row.text(1)?;
        let (noun, number) = subject.split_once(' ').unwrap_or_default();
        let about = (noun.to_owned(), number.parse().unwrap_or_default());
        Ok((row.int(0)?, (row.int(2)?, row.text(3)?, row.flag(4)?, about.0, about.1)))
    };
    Ok(tx.list_many(sql, "d.id", documents, read)?.into_iter().collect())
}

fn systems(tx: &mut Tx<'_>, numbers: &[i64]) -> Result<BTreeMap<i64, DocumentedSystem>> {
    let sql =
        format!("SELECT {} FROM documented_system WHERE +traeger_id = $1 AND deleted_at IS NULL", columns());
    Ok(tx.list_many(&sql, "id", numbers, system)?.into_iter().map(|system| (system.id, system)).collect())
}

/// Devices; of two systems that stand for one, the older names it.
fn devices(tx: &mut Tx<'_>, numbers: &[i64]) -> Result<BTreeMap<i64, AssetLine>> {
    let sql = format!("SELECT {LINE} WHERE +a.traeger_id = $1");
    let mut all: BTreeMap<i64, AssetLine> = BTreeMap::new();
    for device in tx.list_many(&sql, "a.id", numbers, line)? {
        let named = |line: &AssetLine| line.system.as_ref().map_or(i64::MAX, |(id, _)| *id);
        if all.get(&device.id).is_none_or(|known| named(known) > named(&device)) {
            all.insert(device.id, device);
        }
    }
    Ok(all)
}
