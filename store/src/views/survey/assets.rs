//! The devices of a school as surveys count them: found ones, and documented ones that stand for no found device.

use super::live::Span;
use crate::{
    engine::Row,
    error::Result,
    store::{Tx, cells},
};
use rundgang_inventory::{
    Confidence, Kind, Timestamp,
    survey::{SurveyAsset, SurveyView, wlan_generation},
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

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
pub(super) fn assets(tx: &mut Tx<'_>, span: Span, all: &mut BTreeMap<i64, SurveyView>) -> Result<()> {
    let found =
        "SELECT a.school_id, a.id, a.kind, a.vendor, a.model, a.hostname, a.ip, a.first_seen, a.last_seen,
          a.recognition, s.id, s.name, r.name, s.purchased, s.kind
        FROM asset a
        LEFT JOIN stands_for f ON f.traeger_id = a.traeger_id AND f.asset_id = a.id
        LEFT JOIN documented_system s ON s.traeger_id = f.traeger_id AND s.id = f.system_id
        LEFT JOIN room r ON r.traeger_id = a.traeger_id AND r.id = s.room_id
        WHERE a.traeger_id = $1 AND a.school_id BETWEEN $2 AND $3 ORDER BY a.id, s.id";
    let managed = managed(tx, span)?;
    let mut last = 0;
    for row in tx.query(found, cells![span.from, span.to])? {
        let (school, id) = (row.int(0)?, row.int(1)?);
        let Some(view) = all.get_mut(&school).filter(|_| id != last) else { continue };
        last = id;
        let mut asset = found_asset(&row, view)?;
        if let Some(poe) = managed.get(&id) {
            asset.managed = Some(true);
            asset.poe = Some(*poe);
        }
        view.assets.push(asset);
    }
    for (school, asset) in only_documented(tx, span)? {
        if let Some(view) = all.get_mut(&school) {
            view.assets.push(asset);
        }
    }
    Ok(())
}

fn found_asset(row: &Row, view: &SurveyView) -> Result<SurveyAsset> {
    // A device counts as seen when the last rounds confirmed it; days are all that is kept.
    let since = view.walked.last_round.map(|ended| ended.plus_days(-crate::views::FRESH_DAYS).day());
    let recognised: Recognised = serde_json::from_str(row.text_ref(9)?).unwrap_or_default();
    let seen_as: Option<Kind> = row.maybe_text(2)?.and_then(|kind| kind.parse().ok());
    // Whoever entered the device in the register said what it is; a machine's guess is none beside that.
    let entered_as: Option<Kind> = row.maybe_text(14)?.and_then(|kind| kind.parse().ok());
    let kind = entered_as.or(seen_as);
    let (vendor, model, hostname) = (row.maybe_text(3)?, row.maybe_text(4)?, row.maybe_text(5)?);
    let (system, last_seen) = (row.maybe_int(10)?, row.moment(8)?);
    let label = row.maybe_text(11)?.or(hostname).or_else(|| model.clone());
    let generation = model
        .as_deref()
        .filter(|_| kind == Some(Kind::AccessPoint))
        .and_then(|model| wlan_generation(vendor.as_deref(), model));
    Ok(SurveyAsset {
        id: row.int(1)?.to_string(),
        label: label.map_or_else(|| row.text(6), Ok)?,
        kind,
        confidence: match entered_as {
            Some(_) => Confidence::High,
            None => recognised.kind.map_or(Confidence::Low, |told| told.confidence),
        },
        generation: generation.map(str::to_owned),
        vendor,
        model,
        room: row.maybe_text(12)?,
        documented: system.is_some(),
        seen: since.is_some_and(|since| last_seen >= since),
        networked: true,
        bought: row.maybe_text(13)?.as_deref().and_then(Timestamp::parse_date),
        first_seen: Some(row.moment(7)?),
        services: recognised.services,
        managed: Some(false),
        poe: None,
        supported: None,
        plaintext: Some(false),
    })
}

fn only_documented(tx: &mut Tx<'_>, span: Span) -> Result<Vec<(i64, SurveyAsset)>> {
    let sql = "SELECT s.school_id, s.id, s.kind, s.name, r.name, s.purchased, s.mac, s.segment
        FROM documented_system s LEFT JOIN room r ON r.traeger_id = s.traeger_id AND r.id = s.room_id
        WHERE s.traeger_id = $1 AND s.school_id BETWEEN $2 AND $3 AND s.deleted_at IS NULL AND s.status = 'in-use'
          AND NOT EXISTS (SELECT 1 FROM stands_for f WHERE f.traeger_id = s.traeger_id AND f.system_id = s.id)
        ORDER BY s.id";
    let rows = tx.list(sql, cells![span.from, span.to], |row| {
        let Ok(kind) = row.text(2)?.parse::<Kind>() else { return Ok(None) };
        let asset = SurveyAsset {
            kind: Some(kind),
            room: row.maybe_text(4)?,
            seen: false,
            networked: !row.text(6)?.is_empty() || !row.text(7)?.is_empty(),
            bought: row.maybe_text(5)?.as_deref().and_then(Timestamp::parse_date),
            ..SurveyAsset::called(&format!("system {}", row.int(1)?), &row.text(3)?)
        };
        Ok(Some((row.int(0)?, asset)))
    })?;
    Ok(rows.into_iter().flatten().collect())
}

/// The devices that answer SNMP, which makes them managed, each with whether it tells of power over Ethernet
/// (RFC 3621).
fn managed(tx: &mut Tx<'_>, span: Span) -> Result<BTreeMap<i64, bool>> {
    // What moves from walk to walk is kept as samples of its own, and power is such a thing.
    let sql = "SELECT k.asset_id, MAX(CASE WHEN EXISTS (SELECT 1 FROM sample s WHERE s.traeger_id = p.traeger_id
           AND s.key_id = p.key_id AND s.field LIKE 'snmp.poe_%') THEN 1 ELSE 0 END) FROM present p
         JOIN observation o ON o.traeger_id = p.traeger_id AND o.id = p.observation_id
         JOIN identity_key k ON k.traeger_id = p.traeger_id AND k.id = p.key_id
         WHERE p.traeger_id = $1 AND p.school_id BETWEEN $2 AND $3 AND p.probe LIKE 'snmp%' AND k.asset_id IS NOT NULL
           AND o.fields <> '{}' GROUP BY k.asset_id";
    Ok(tx
        .list(sql, cells![span.from, span.to], |row| Ok((row.int(0)?, row.int(1)? > 0)))?
        .into_iter()
        .collect())
}

/// Marks the devices that findings name as answering the default community or unencrypted management.
pub(super) fn mark_plaintext(view: &mut SurveyView, subjects: &BTreeSet<String>) {
    for asset in &mut view.assets {
        if subjects.contains(&format!("asset {}", asset.id)) {
            asset.plaintext = Some(true);
        }
    }
}
