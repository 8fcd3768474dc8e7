//! The devices of a school: the list with its filter, and one device with its evidence.

use crate::{
    engine::Row,
    error::Result,
    store::{Traeger, cells},
};
use rundgang_inventory::{Confidence, Fields, Recognition, Timestamp};
use serde::Serialize;

/// One device in a list. Days only, never times of day (promise P6).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssetLine {
    /// Its number.
    pub id: i64,
    /// What it is.
    pub kind: Option<String>,
    /// Who made it.
    pub vendor: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// Version of its firmware or operating system.
    pub os_version: Option<String>,
    /// The name it gives itself.
    pub hostname: Option<String>,
    /// Its address.
    pub ip: String,
    /// Its MAC address.
    pub mac: Option<String>,
    /// The segment it was seen in.
    pub segment: String,
    /// The day it was first seen.
    pub first_seen: Timestamp,
    /// The day it was last seen.
    pub last_seen: Timestamp,
    /// The documented system that stands for it: number and name.
    pub system: Option<(i64, String)>,
    /// The room of that system.
    pub room: Option<String>,
    /// What it was recognised as, with reasons.
    pub recognition: Recognition,
}

impl AssetLine {
    /// What people would call it: the register's name, its own name, its product, or its address.
    #[must_use]
    pub fn label(&self) -> String {
        let named = self.system.as_ref().map(|(_, name)| name).or(self.hostname.as_ref());
        named.cloned().unwrap_or_else(|| match self.product() {
            product if product.is_empty() => self.ip.clone(),
            product if self.model.is_none() => format!("{product} {}", self.ip),
            product => product,
        })
    }

    /// Maker and model; empty where neither is known.
    #[must_use]
    pub fn product(&self) -> String {
        rundgang_inventory::product(self.vendor.as_deref(), self.model.as_deref())
    }

    /// How sure the kind is.
    #[must_use]
    pub fn confidence(&self) -> Option<Confidence> {
        self.recognition.kind.as_ref().map(|told| told.confidence)
    }
}

/// Which devices a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssetFilter {
    /// Only this kind; `-` for devices that are not recognised.
    pub kind: String,
    /// Only devices that hold this text, case-insensitively.
    pub text: String,
    /// Only devices that no documented system stands for.
    pub undocumented: bool,
    /// Only devices that stand in no room.
    pub unplaced: bool,
    /// Only devices whose missing entry nobody ignores or accepts at that moment.
    pub unsettled_at: Option<Timestamp>,
}

/// One device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssetPage {
    /// The device.
    pub line: AssetLine,
    /// What was said of it, by probe.
    pub evidence: Vec<Sighting>,
    /// The newest sample of every counter.
    pub counters: Fields,
    /// How its values changed, the newest first.
    pub history: Vec<Change>,
    /// Its findings, open ones first.
    pub findings: Vec<super::findings::FindingLine>,
}

/// What one probe saw.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sighting {
    /// The probe.
    pub probe: String,
    /// The address.
    pub ip: String,
    /// The segment.
    pub segment: String,
    /// The day it was first said.
    pub since: Timestamp,
    /// The day it was last confirmed.
    pub confirmed: Timestamp,
    /// What it saw.
    pub fields: Fields,
}

/// A value over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The field.
    pub field: String,
    /// `machine` or `person`.
    pub source: String,
    /// The value, nothing where it ended.
    pub value: Option<String>,
    /// Who entered it.
    pub who: String,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Option<Timestamp>,
}

pub(crate) const LINE: &str =
    "a.id, a.kind, a.vendor, a.model, a.serial, a.os_version, a.hostname, a.ip, a.mac, a.segment,
    a.first_seen, a.last_seen, a.recognition, s.id, s.name, r.name
    FROM asset a
    LEFT JOIN stands_for f ON f.traeger_id = a.traeger_id AND f.asset_id = a.id
    LEFT JOIN documented_system s ON s.traeger_id = f.traeger_id AND s.id = f.system_id
    LEFT JOIN room r ON r.traeger_id = a.traeger_id AND r.id = s.room_id";

/// As [`LINE`], with one row for each device: the older of two systems that stand for one names it.
pub(super) const ONE_LINE: &str =
    "a.id, a.kind, a.vendor, a.model, a.serial, a.os_version, a.hostname, a.ip, a.mac, a.segment,
    a.first_seen, a.last_seen, a.recognition, s.id, s.name, r.name
    FROM asset a
    LEFT JOIN documented_system s ON s.traeger_id = a.traeger_id AND s.id = (SELECT MIN(f.system_id)
      FROM stands_for f WHERE f.traeger_id = a.traeger_id AND f.asset_id = a.id)
    LEFT JOIN room r ON r.traeger_id = a.traeger_id AND r.id = s.room_id";

pub(crate) fn line(row: &Row) -> Result<AssetLine> {
    let recognition = row.text(12)?;
    Ok(AssetLine {
        id: row.int(0)?,
        kind: row.maybe_text(1)?,
        vendor: row.maybe_text(2)?,
        model: row.maybe_text(3)?,
        serial: row.maybe_text(4)?,
        os_version: row.maybe_text(5)?,
        hostname: row.maybe_text(6)?,
        ip: row.text(7)?,
        mac: row.maybe_text(8)?,
        segment: row.text(9)?,
        first_seen: row.moment(10)?,
        last_seen: row.moment(11)?,
        // An older program's words are no reason to hide the device.
        recognition: serde_json::from_str(&recognition).unwrap_or_default(),
        system: row.maybe_int(13)?.zip(row.maybe_text(14)?),
        room: row.maybe_text(15)?,
    })
}

impl Traeger {
    /// The devices of a school that a filter lets through, by kind and address.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn asset_lines(&self, school: i64, filter: &AssetFilter) -> Result<Vec<AssetLine>> {
        Ok(self.asset_slice(school, filter, "", usize::MAX - 1)?.lines)
    }

    /// One device with its evidence, history and findings.
    ///
    /// # Errors
    /// There is no such device, or the database failed.
    pub fn asset_page(&self, school: i64, asset: i64, now: Timestamp) -> Result<AssetPage> {
        self.school(school)?;
        let subject = format!("asset {asset}");
        let mut findings =
            self.read(|tx| super::findings::lines(tx, school, super::findings::Only::Asset(asset)))?;
        findings.sort_by_cached_key(|line| (!line.is_open(now), line.rank(), line.rule.clone()));
        let one =
            format!("SELECT {LINE} WHERE a.traeger_id = $1 AND a.school_id = $2 AND a.id = $3 ORDER BY s.id");
        let evidence = "SELECT o.probe, o.ip, o.segment, o.day, o.last_confirmed, o.fields FROM present p
             JOIN observation o ON o.traeger_id = p.traeger_id AND o.id = p.observation_id
             JOIN identity_key k ON k.traeger_id = p.traeger_id AND k.id = p.key_id
             WHERE p.traeger_id = $1 AND k.asset_id = $2 ORDER BY o.probe, o.ip, o.id";
        let counted = "SELECT s.field, s.value FROM sample s
             JOIN identity_key k ON k.traeger_id = s.traeger_id AND k.id = s.key_id
             WHERE s.traeger_id = $1 AND k.asset_id = $2 ORDER BY s.day";
        let history = "SELECT field, source, value, who, valid_from, valid_to FROM value_interval
             WHERE traeger_id = $1 AND school_id = $2 AND subject = $3 AND replaced_at IS NULL
             ORDER BY valid_from DESC, field";
        self.read(|tx| {
            let line = tx
                .first(&one, cells![school, asset], line)?
                .ok_or_else(|| crate::Error::NotFound(format!("device {asset}")))?;
            let evidence = tx.list(evidence, cells![asset], |row| {
                Ok(Sighting {
                    probe: row.text(0)?,
                    ip: row.text(1)?,
                    segment: row.text(2)?,
                    since: row.moment(3)?,
                    confirmed: row.moment(4)?,
                    fields: serde_json::from_str(&row.text(5)?)?,
                })
            })?;
            let history = tx.list(history, cells![school, &subject], |row| {
                Ok(Change {
                    field: row.text(0)?,
                    source: row.text(1)?,
                    value: row.maybe_text(2)?,
                    who: row.text(3)?,
                    from: row.moment(4)?,
                    to: row.maybe_moment(5)?,
                })
            })?;
            let mut counters = Fields::new();
            for (field, value) in tx.list(counted, cells![asset], |row| Ok((row.text(0)?, row.text(1)?)))? {
                counters.set_named(field, serde_json::from_str(&value)?);
            }
            Ok(AssetPage { line, evidence, counters, history, findings: findings.clone() })
        })
    }
}
