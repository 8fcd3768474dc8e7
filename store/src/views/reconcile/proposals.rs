//! Which found device may be which entry that nobody saw: proposals with their reasons, and what else is of that kind.

use super::device_kinds;
use crate::{
    error::Result,
    store::{Traeger, Tx, cells},
    views::{assets::AssetFilter, slices},
};
use rundgang_inventory::{Kind, Mac, Timestamp, product, search::folded};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Proposals for one line.
const MOST_PROPOSED: usize = 3;
/// Others of the same kind to choose from for one line.
const MOST_OTHERS: usize = 20;

/// Why a found device may be a documented system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likeness {
    /// Both name the same serial number.
    Serial,
    /// Both name the same MAC address.
    Mac,
    /// The device calls itself as the entry is called.
    Name,
    /// The entry names the model of the device.
    Model,
    /// The device's name holds the room of the entry.
    Room,
    /// Both are of the same kind.
    Kind,
}

impl Likeness {
    /// The name in pages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::Mac => "mac",
            Self::Name => "name",
            Self::Model => "model",
            Self::Room => "room",
            Self::Kind => "kind",
        }
    }

    const fn weight(self) -> u32 {
        match self {
            Self::Serial | Self::Mac => 32,
            Self::Name => 16,
            Self::Model => 8,
            Self::Room => 4,
            Self::Kind => 1,
        }
    }
}

/// Something that may be the other half of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The number of the system, or of the device.
    pub id: i64,
    /// What people call it.
    pub label: String,
    /// The room of the system.
    pub room: Option<String>,
    /// Why, the weightiest first.
    pub likeness: Vec<Likeness>,
}

/// What one line may be bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What speaks for itself, the likeliest first.
    pub proposals: Vec<Proposal>,
    /// Others of that kind: number and name.
    pub others: Vec<(i64, String)>,
}

/// Living entries in use for which no device stands that was seen; of device kinds, of none, or naming a device.
pub(crate) const WITHOUT_DEVICE: &str = "s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL
    AND s.status = 'in-use' AND (NOT EXISTS (SELECT 1 FROM stands_for f
        WHERE f.traeger_id = s.traeger_id AND f.system_id = s.id)
      OR EXISTS (SELECT 1 FROM finding n WHERE n.traeger_id = s.traeger_id AND n.school_id = s.school_id
        AND n.rule = 'system.not-seen' AND n.subject = 'system ' || s.id AND n.closed_at IS NULL))";

/// An entry as far as it is compared.
struct Entry {
    id: i64,
    name: String,
    kind: Option<Kind>,
    room: Option<String>,
    serial: String,
    mac: Option<Mac>,
    words: BTreeSet<String>,
    /// Name and purpose as one text.
    about: String,
}

/// A device as far as it is compared.
struct Device {
    id: i64,
    label: String,
    kind: Option<Kind>,
    serial: String,
    mac: Option<Mac>,
    words: BTreeSet<String>,
    model: String,
}

/// Letters and digits of a text, umlauts spelled out.
fn compact(text: &str) -> String {
    folded(text).chars().filter(char::is_ascii_alphanumeric).collect()
}

fn words(text: &str) -> BTreeSet<String> {
    let folded = folded(text);
    let words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Whether two names say the same: equal, or at least two words of which one name holds all of the other.
fn is_same_name(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    let joined = |all: &BTreeSet<String>| all.iter().map(String::as_str).collect::<String>();
    let (few, many) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    !few.is_empty() && ((few.len() > 1 && few.is_subset(many)) || joined(few) == joined(many))
}

fn likeness(entry: &Entry, device: &Device) -> Vec<Likeness> {
    let is_serial = !entry.serial.is_empty() && entry.serial.eq_ignore_ascii_case(&device.serial);
    let is_mac = entry.mac.is_some() && entry.mac == device.mac;
    let differ = entry.kind.is_some() && device.kind.is_some() && entry.kind != device.kind;
    if differ && !is_serial && !is_mac {
        return Vec::new();
    }
    let room = entry.room.as_deref().map(compact).filter(|room| room.len() > 1);
    let says = [
        (is_serial, Likeness::Serial),
        (is_mac, Likeness::Mac),
        (is_same_name(&entry.words, &device.words), Likeness::Name),
        (device.model.len() > 3 && entry.about.contains(&device.model), Likeness::Model),
        (room.is_some_and(|room| device.words.contains(&room)), Likeness::Room),
        (entry.kind.is_some() && entry.kind == device.kind, Likeness::Kind),
    ];
    says.into_iter().filter(|(is_so, _)| *is_so).map(|(_, likeness)| likeness).collect()
}

/// The likeliest of what one line may be, and others of that kind. Being alike in kind is a reason where there is but one
/// of it on either side.
fn choice(mut all: Vec<Proposal>, is_only_one: bool) -> Choice {
    let weight = |one: &Proposal| one.likeness.iter().map(|likeness| likeness.weight()).sum::<u32>();
    all.sort_by_cached_key(|one| (std::cmp::Reverse(weight(one)), one.label.to_lowercase(), one.id));
    let speaks = |one: &Proposal| weight(one) > 1 || (is_only_one && weight(one) == 1);
    let proposed = all.iter().take(MOST_PROPOSED).filter(|one| speaks(one)).count();
    let mut others = all.split_off(proposed);
    others.sort_by_cached_key(|one| (one.label.to_lowercase(), one.id));
    let others = others.into_iter().take(MOST_OTHERS).map(|one| (one.id, one.label)).collect();
    Choice { proposals: all, others }
}

/// Both halves of a school.
struct Halves {
    entries: Vec<Entry>,
    devices: Vec<Device>,
}

impl Halves {
    fn load(tx: &mut Tx<'_>, school: i64, now: Timestamp) -> Result<Self> {
        Ok(Self { entries: entries(tx, school)?, devices: devices(tx, school, now)? })
    }

    /// Whether there is one entry and one device of that kind.
    fn is_only_one(&self, kind: Option<Kind>) -> bool {
        kind.is_some()
            && self.entries.iter().filter(|entry| entry.kind == kind).count() == 1
            && self.devices.iter().filter(|device| device.kind == kind).count() == 1
    }
}

/// Whether two kinds do not deny each other.
fn may_be(entry: &Entry, device: &Device) -> bool {
    entry.kind.is_none() || device.kind.is_none() || entry.kind == device.kind
}

fn entries(tx: &mut Tx<'_>, school: i64) -> Result<Vec<Entry>> {
    let sql = format!(
        "SELECT s.id, s.name, s.kind, r.name, s.serial, s.mac, s.purpose FROM documented_system s
         LEFT JOIN room r ON r.traeger_id = s.traeger_id AND r.id = s.room_id
         WHERE {WITHOUT_DEVICE} AND (s.kind IN ('', {}) OR s.serial <> '' OR s.mac <> '')",
        device_kinds()
    );
    tx.list(&sql, cells![school], |row| {
        let (name, purpose) = (row.text(1)?, row.text(6)?);
        Ok(Entry {
            id: row.int(0)?,
            kind: row.text(2)?.parse().ok(),
            room: row.maybe_text(3)?,
            serial: row.text(4)?.trim().to_owned(),
            mac: row.text(5)?.trim().parse().ok(),
            words: words(&name),
            about: compact(&format!("{name} {purpose}")),
            name,
        })
    })
}

/// Devices that no entry stands for and that nobody ignores.
fn devices(tx: &mut Tx<'_>, school: i64, now: Timestamp) -> Result<Vec<Device>> {
    let filter = AssetFilter { undocumented: true, unsettled_at: Some(now), ..AssetFilter::default() };
    let open: BTreeSet<i64> = slices::ids_of(tx, school, &filter)?.into_iter().collect();
    let sql = "SELECT id, kind, serial, mac, hostname, vendor, model, ip FROM asset
               WHERE traeger_id = $1 AND school_id = $2";
    let mut all = tx.list(sql, cells![school], |row| {
        let text = |at: usize| row.maybe_text(at).map(Option::unwrap_or_default);
        let (hostname, model) = (text(4)?, text(6)?);
        let product = product(
            row.maybe_text(5)?.as_deref(),
            Some(&model).filter(|m| !m.is_empty()).map(String::as_str),
        );
        let called = if hostname.is_empty() { &product } else { &hostname };
        Ok(Device {
            id: row.int(0)?,
            label: format!("{called} ({})", row.text(7)?).trim().to_owned(),
            kind: text(1)?.parse().ok(),
            serial: text(2)?,
            mac: text(3)?.parse().ok(),
            words: words(&hostname),
            model: compact(&model),
        })
    })?;
    all.retain(|device| open.contains(&device.id));
    Ok(all)
}

impl Traeger {
    /// What each of these found devices may be: entries of the register that no seen device stands for.
    ///
    /// # Errors
    /// The database failed.
    pub fn entries_for(
        &self,
        school: i64,
        wanted: &BTreeSet<i64>,
        now: Timestamp,
    ) -> Result<BTreeMap<i64, Choice>> {
        let halves = self.read(|tx| Halves::load(tx, school, now))?;
        let of = |device: &Device| {
            let fitting = halves.entries.iter().filter_map(|entry| {
                let likeness = likeness(entry, device);
                (!likeness.is_empty() || may_be(entry, device)).then(|| Proposal {
                    id: entry.id,
                    label: entry.name.clone(),
                    room: entry.room.clone(),
                    likeness,
                })
            });
            (device.id, choice(fitting.collect(), halves.is_only_one(device.kind)))
        };
        Ok(halves.devices.iter().filter(|device| wanted.contains(&device.id)).map(of).collect())
    }

    /// Which found device each of these entries may be.
    ///
    /// # Errors
    /// The database failed.
    pub fn devices_for(
        &self,
        school: i64,
        wanted: &BTreeSet<i64>,
        now: Timestamp,
    ) -> Result<BTreeMap<i64, Choice>> {
        let halves = self.read(|tx| Halves::load(tx, school, now))?;
        let of = |entry: &Entry| {
            let fitting = halves.devices.iter().filter_map(|device| {
                let likeness = likeness(entry, device);
                (!likeness.is_empty() || may_be(entry, device)).then(|| Proposal {
                    id: device.id,
                    label: device.label.clone(),
                    room: None,
                    likeness,
                })
            });
            (entry.id, choice(fitting.collect(), halves.is_only_one(entry.kind)))
        };
        Ok(halves.entries.iter().filter(|entry| wanted.contains(&entry.id)).map(of).collect())
    }
}
