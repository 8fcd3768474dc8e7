//! The devices of a school as surveys count them: found ones, and documented ones that stand for no found device.

use super::{documented::Documented, live::Span};
use crate::{
    engine::Row,
    error::Result,
    store::{Tx, cells},
};
use rundgang_inventory::{
    Confidence, Kind, Timestamp,
    survey::{Noun, SurveyAsset, SurveyView, Wants, wlan_generation},
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What of a recognition surveys ask for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Recognised {
    kind: Option<Sure>,
    services: Vec<String>,
}

#[derive(Deserialize)]
struct Sure {
    confidence: Confidence,
}

/// Adds the devices to the views, which know already when they were last walked.
pub(super) fn assets(
    tx: &mut Tx<'_>,
    span: Span,
    wants: &Wants,
    documented: &mut Documented,
    all: &mut BTreeMap<i64, SurveyView>,
) -> Result<()> {
    let asks = |field: &str| wants.field(Noun::Asset, field);
    let managed = if asks("managed") || asks("poe") { managed(tx, span)? } else { HashMap::new() };
    // In the order of the index, so that nothing is sorted.
    let sql = "SELECT school_id, id, kind, vendor, model, hostname, ip, first_seen, last_seen, recognition
        FROM asset WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3 ORDER BY school_id, id";
    tx.each(sql, cells![span.from, span.to], |row| {
        let id = row.int(1)?;
        let Some(view) = all.get_mut(&row.int(0)?) else { return Ok(()) };
        let mut asset = found_asset(row, view, documented.standing.remove(&id))?;
        if let Some(poe) = managed.get(&id) {
            asset.managed = Some(true);
            asset.poe = Some(*poe);
        }
        view.assets.push(asset);
        Ok(())
    })?;
    for (school, asset) in std::mem::take(&mut documented.unseen) {
        if let Some(view) = all.get_mut(&school) {
            view.assets.push(asset);
        }
    }
    Ok(())
}

/// What the register says of a found device.
pub(super) struct Entered {
    pub(super) name: String,
    pub(super) kind: Option<Kind>,
    pub(super) room: Option<String>,
    pub(super) bought: Option<Timestamp>,
}

fn found_asset(row: &Row, view: &SurveyView, entered: Option<Entered>) -> Result<SurveyAsset> {
    // A device counts as seen when the last rounds confirmed it; days are all that is kept.
    let since = view.walked.last_round.map(|ended| ended.plus_days(-crate::views::FRESH_DAYS).day());
    let recognised: Recognised = serde_json::from_str(row.text_ref(9)?).unwrap_or_default();
    let seen_as: Option<Kind> = row.maybe_text_ref(2)?.and_then(|kind| kind.parse().ok());
    let documented = entered.is_some();
    let (name, entered_as, room, bought) =
        entered.map_or((None, None, None, None), |said| (Some(said.name), said.kind, said.room, said.bought));
    // Whoever entered the device in the register said what it is; a machine's guess is none beside that.
    let kind = entered_as.or(seen_as);
    let (vendor, model, last_seen) = (row.maybe_text(3)?, row.maybe_text(4)?, row.moment(8)?);
    let label = match name {
        Some(name) => name,
        None => row.maybe_text(5)?.or_else(|| model.clone()).map_or_else(|| row.text(6), Ok)?,
    };
    let generation = model
        .as_deref()
        .filter(|_| kind == Some(Kind::AccessPoint))
        .and_then(|model| wlan_generation(vendor.as_deref(), model));
    Ok(SurveyAsset {
        id: row.int(1)?.to_string(),
        label,
        kind,
        confidence: match entered_as {
            Some(_) => Confidence::High,
            None => recognised.kind.map_or(Confidence::Low, |told| told.confidence),
        },
        generation: generation.map(str::to_owned),
        vendor,
        model,
        room,
        documented,
        seen: since.is_some_and(|since| last_seen >= since),
        networked: true,
        bought,
        first_seen: Some(row.moment(7)?),
        services: recognised.services,
        managed: Some(false),
        poe: None,
        supported: None,
        plaintext: Some(false),
    })
}

/// The devices that answer SNMP, which makes them managed, each with whether it tells of power over Ethernet
/// (RFC 3621).
fn managed(tx: &mut Tx<'_>, span: Span) -> Result<HashMap<i64, bool>> {
    // What moves from walk to walk is kept as samples of its own, and power is such a thing. The sum keeps SQLite from
    // the index of the days, through which it would read every sample of the Träger for each device.
    let sql = "SELECT k.asset_id, MAX(CASE WHEN EXISTS (SELECT 1 FROM sample s WHERE s.key_id = p.key_id
           AND s.traeger_id + 0 = p.traeger_id AND s.field LIKE 'snmp.poe_%') THEN 1 ELSE 0 END) FROM present p
         JOIN observation o ON o.traeger_id = p.traeger_id AND o.id = p.observation_id
         JOIN identity_key k ON k.traeger_id = p.traeger_id AND k.id = p.key_id
         WHERE p.traeger_id = $1 AND p.school_id BETWEEN $2 AND $3 AND p.probe LIKE 'snmp%' AND k.asset_id IS NOT NULL
           AND o.fields <> '{}' GROUP BY k.asset_id";
    let mut all = HashMap::new();
    tx.each(sql, cells![span.from, span.to], |row| {
        all.insert(row.int(0)?, row.int(1)? > 0);
        Ok(())
    })?;
    Ok(all)
}

/// Marks the devices that findings name as answering the default community or unencrypted management.
pub(super) fn mark_plaintext(view: &mut SurveyView, subjects: &BTreeSet<String>) {
    if subjects.is_empty() {
        return;
    }
    for asset in &mut view.assets {
        if subjects.contains(&format!("asset {}", asset.id)) {
            asset.plaintext = Some(true);
        }
    }
}
