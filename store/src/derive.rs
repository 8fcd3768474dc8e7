//! Deriving an asset from the statements about it: recognised anew whenever they change.

use crate::{
    engine::Cell,
    error::Result,
    evidence::{self, Statement},
    intervals, lessons,
    store::{Tx, cells},
};
use rundgang_inventory::{Mac, Recognition, Timestamp, Told, lessons::recognise_taught};

/// The columns of an asset whose history is kept. Its address is not: that would be a diary of where it was.
fn remembered(recognition: &Recognition, segment: &str) -> [(&'static str, Option<String>); 7] {
    let text = |told: &Option<Told<String>>| told.as_ref().map(|told| told.value.clone());
    [
        ("kind", recognition.kind.as_ref().map(|told| told.value.name().to_owned())),
        ("vendor", text(&recognition.vendor)),
        ("model", text(&recognition.model)),
        ("serial", text(&recognition.serial)),
        ("os_version", text(&recognition.os_version)),
        ("hostname", text(&recognition.hostname)),
        ("segment", Some(segment.to_owned())),
    ]
}

/// Derives one asset. Without statements it stays as it was (its statements were deleted for their age), unless no
/// key leads to it any more, and then it is part of another asset.
pub(crate) fn derive(tx: &mut Tx<'_>, school: i64, asset: i64, now: Timestamp) -> Result<()> {
    let statements = evidence::of_asset(tx, asset)?;
    let sql = "SELECT MIN(first_seen) FROM identity_key WHERE traeger_id = $1 AND asset_id = $2";
    let Some(first_seen) = tx.first(sql, cells![asset], |row| row.maybe_moment(0))?.flatten() else {
        return remove(tx, asset);
    };
    let Some(latest) = statements.last() else { return Ok(()) };
    let mac = mac_of(&statements);
    let lessons = lessons::lessons(tx, school)?;
    let recognition = recognise_taught(mac, &evidence::merged(&statements), &lessons);
    let last_seen = statements.iter().map(|statement| statement.last_confirmed).max().unwrap_or_default();
    let fields = remembered(&recognition, &latest.segment);
    let [kind, vendor, model, serial, os_version, hostname, _] =
        fields.each_ref().map(|(_, value)| value.clone());
    let mac = mac.map(|mac| mac.to_string());
    let search = [&kind, &vendor, &model, &serial, &hostname, &mac, &Some(latest.ip.clone())]
        .into_iter()
        .flatten()
        .map(|text| text.to_lowercase())
        .collect::<Vec<_>>()
        .join(" ");
    let row: &[Cell] = cells![
        asset,
        school,
        kind,
        vendor,
        model,
        serial,
        os_version,
        hostname,
        &latest.ip,
        mac,
        &latest.segment,
        first_seen,
        last_seen,
        serde_json::to_string(&recognition)?,
        search,
    ];
    tx.execute(UPSERT, row)?;
    let subject = format!("asset {asset}");
    intervals::machine_values(tx, school, &subject, &fields, last_seen, now)
}

const UPSERT: &str = "INSERT INTO asset (traeger_id, id, school_id, kind, vendor, model, serial, os_version, hostname,
      ip, mac, segment, first_seen, last_seen, recognition, search)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    ON CONFLICT (id) DO UPDATE SET school_id = excluded.school_id, kind = excluded.kind, vendor = excluded.vendor,
      model = excluded.model, serial = excluded.serial, os_version = excluded.os_version,
      hostname = excluded.hostname, ip = excluded.ip, mac = excluded.mac, segment = excluded.segment,
      first_seen = excluded.first_seen, last_seen = excluded.last_seen, recognition = excluded.recognition,
      search = excluded.search";

pub(crate) fn remove(tx: &mut Tx<'_>, asset: i64) -> Result<()> {
    tx.execute("DELETE FROM asset WHERE traeger_id = $1 AND id = $2", cells![asset]).map(drop)
}

/// The MAC by which the device is best known: seen by ourselves before told by others, the latest first.
pub(crate) fn mac_of(statements: &[Statement]) -> Option<Mac> {
    statements
        .iter()
        .filter_map(|statement| statement.mac)
        .max_by_key(|(_, provenance)| *provenance)
        .map(|(mac, _)| mac)
}
