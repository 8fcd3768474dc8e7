//! The register as surveys ask for it, read once: its systems, what stands for which device, and the devices that are
//! nowhere but in the register.

use super::{assets::Entered, entered::number, live::Span};
use crate::{
    engine::Row,
    error::Result,
    store::{Tx, cells},
};
use rundgang_inventory::{
    Kind, Timestamp,
    survey::{self, Noun, SurveyAsset, SurveyView, Wants},
};
use std::collections::{BTreeMap, HashMap};

/// What the register says of devices.
#[derive(Default)]
pub(super) struct Documented {
    /// Of found devices, by their number.
    pub(super) standing: HashMap<i64, Entered>,
    /// Devices that no found one stands for, by school.
    pub(super) unseen: Vec<(i64, SurveyAsset)>,
}

/// Adds the systems to the views, and tells what the register says of devices. `rooms` are names by number.
pub(super) fn documented(
    tx: &mut Tx<'_>,
    span: Span,
    wants: &Wants,
    rooms: &HashMap<i64, String>,
    all: &mut BTreeMap<i64, SurveyView>,
) -> Result<Documented> {
    let mut told = Documented::default();
    // Joined here: PostgreSQL would call in further processes for it, which takes longer than the joining.
    let mut device_of: HashMap<i64, i64> = HashMap::new();
    let sql =
        "SELECT system_id, asset_id FROM stands_for WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3";
    tx.each(sql, cells![span.from, span.to], |row| {
        device_of.insert(row.int(0)?, row.int(1)?);
        Ok(())
    })?;
    let sql = "SELECT school_id, id, name, kind, status, room_id, purchased, mac, segment,
          owner, deputy, provider, credentials_place, contract, sla_reaction_hours
        FROM documented_system
        WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3 AND deleted_at IS NULL ORDER BY id";
    let (systems, devices) = (wants.noun(Noun::System), wants.noun(Noun::Asset));
    tx.each(sql, cells![span.from, span.to], |row| {
        let in_use = row.text_ref(4)? == "in-use";
        let asset = device_of.get(&row.int(1)?).copied();
        if devices && let Some(asset) = asset {
            let entered = entered(row, rooms)?;
            told.standing.entry(asset).or_insert(entered);
        } else if devices && in_use {
            let school = row.int(0)?;
            told.unseen.extend(unseen(row, rooms)?.map(|unseen| (school, unseen)));
        }
        if systems
            && in_use
            && let Some(view) = all.get_mut(&row.int(0)?)
        {
            view.systems.push(system(row, asset.is_some())?);
        }
        Ok(())
    })?;
    Ok(told)
}

fn room(row: &Row, rooms: &HashMap<i64, String>) -> Result<Option<String>> {
    Ok(row.maybe_int(5)?.and_then(|room| rooms.get(&room).cloned()))
}

fn bought(row: &Row) -> Result<Option<Timestamp>> {
    Ok(row.maybe_text_ref(6)?.and_then(Timestamp::parse_date))
}

fn entered(row: &Row, rooms: &HashMap<i64, String>) -> Result<Entered> {
    Ok(Entered {
        name: row.text(2)?,
        kind: row.text_ref(3)?.parse().ok(),
        room: room(row, rooms)?,
        bought: bought(row)?,
    })
}

/// A device of the register that no found one stands for; a service is none.
fn unseen(row: &Row, rooms: &HashMap<i64, String>) -> Result<Option<SurveyAsset>> {
    let Ok(kind) = row.text_ref(3)?.parse::<Kind>() else { return Ok(None) };
    Ok(Some(SurveyAsset {
        kind: Some(kind),
        room: room(row, rooms)?,
        seen: false,
        networked: !row.text_ref(7)?.is_empty() || !row.text_ref(8)?.is_empty(),
        bought: bought(row)?,
        ..SurveyAsset::called(&format!("system {}", row.int(1)?), row.text_ref(2)?)
    }))
}

fn system(row: &Row, is_seen: bool) -> Result<survey::System> {
    let filled = |at: usize| -> Result<Option<String>> {
        let text = row.text_ref(at)?;
        Ok((!text.trim().is_empty()).then(|| text.to_owned()))
    };
    let name = row.text(2)?;
    Ok(survey::System {
        id: row.int(1)?.to_string(),
        kind: row.text(3)?,
        product: Some(name.clone()),
        name,
        owner: filled(9)?,
        deputy: filled(10)?,
        provider: filled(11)?,
        credentials: filled(12)?,
        contract: filled(13)?,
        specification: None,
        reaction_hours: row.maybe_int(14)?.map(number),
        hosting: None,
        seen: is_seen.then_some(true),
    })
}
