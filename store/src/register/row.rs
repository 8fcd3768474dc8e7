//! A documented system as a row of its table and back.

use super::DocumentedSystem;
use crate::{
    engine::{Cell, Row},
    error::Result,
    store::cells,
};
use rundgang_inventory::Mac;

/// The columns of a system but number and version, in the order of [`values`] and [`system`].
pub(super) const COLUMNS: &[&str] = &[
    "school_id",
    "kind",
    "name",
    "purpose",
    "room_id",
    "owner",
    "deputy",
    "provider",
    "first_level",
    "second_level",
    "hotline",
    "contract",
    "contract_from",
    "contract_until",
    "notice_until",
    "sla_hours",
    "sla_reaction_hours",
    "credentials_kind",
    "credentials_place",
    "credentials_deputy",
    "credentials_checked",
    "purchased",
    "warranty_until",
    "insurance",
    "licence_until",
    "personal_data",
    "segment",
    "domain",
    "serial",
    "mac",
    "changed_by",
    "status",
    "notes",
    "asset_id",
];

/// The columns of a system, in the order of [`system`].
pub(crate) fn columns() -> String {
    format!("id, version, {}", COLUMNS.join(", "))
}

pub(super) fn values(s: &DocumentedSystem) -> Vec<Cell> {
    cells![
        s.school,
        &s.kind,
        s.name.trim(),
        &s.purpose,
        s.room,
        &s.owner,
        &s.deputy,
        &s.provider,
        &s.first_level,
        &s.second_level,
        &s.hotline,
        &s.contract,
        s.contract_from.as_deref(),
        s.contract_until.as_deref(),
        s.notice_until.as_deref(),
        &s.sla_hours,
        s.sla_reaction_hours,
        &s.credentials_kind,
        &s.credentials_place,
        &s.credentials_deputy,
        s.credentials_checked.as_deref(),
        s.purchased.as_deref(),
        s.warranty_until.as_deref(),
        &s.insurance,
        s.licence_until.as_deref(),
        s.personal_data,
        &s.segment,
        &s.domain,
        s.serial.trim(),
        // One spelling, so that it is found again.
        s.mac.trim().parse().map_or_else(|_| s.mac.trim().to_owned(), |mac: Mac| mac.to_string()),
        &s.changed_by,
        &s.status,
        &s.notes,
        s.asset,
    ]
    .to_vec()
}

/// Reads a row of [`columns`].
pub(crate) fn system(row: &Row) -> Result<DocumentedSystem> {
    let mut at = 1;
    let mut next = || {
        at += 1;
        at
    };
    Ok(DocumentedSystem {
        id: row.int(0)?,
        version: row.int(1)?,
        school: row.int(next())?,
        kind: row.text(next())?,
        name: row.text(next())?,
        purpose: row.text(next())?,
        room: row.maybe_int(next())?,
        owner: row.text(next())?,
        deputy: row.text(next())?,
        provider: row.text(next())?,
        first_level: row.text(next())?,
        second_level: row.text(next())?,
        hotline: row.text(next())?,
        contract: row.text(next())?,
        contract_from: row.maybe_text(next())?,
        contract_until: row.maybe_text(next())?,
        notice_until: row.maybe_text(next())?,
        sla_hours: row.text(next())?,
        sla_reaction_hours: row.maybe_int(next())?,
        credentials_kind: row.text(next())?,
        credentials_place: row.text(next())?,
        credentials_deputy: row.text(next())?,
        credentials_checked: row.maybe_text(next())?,
        purchased: row.maybe_text(next())?,
        warranty_until: row.maybe_text(next())?,
        insurance: row.text(next())?,
        licence_until: row.maybe_text(next())?,
        personal_data: row.maybe_int(next())?.map(|flag| flag != 0),
        segment: row.text(next())?,
        domain: row.text(next())?,
        serial: row.text(next())?,
        mac: row.text(next())?,
        changed_by: row.text(next())?,
        status: row.text(next())?,
        notes: row.text(next())?,
        asset: row.maybe_int(next())?,
    })
}
