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

/// What something is called: the words of it, and all of them as one.
struct Called {
    words: BTreeSet<String>,
    joined: String,
}

/// An entry as far as it is compared.
struct Entry {
    id: i64,
    name: String,
    kind: Option<Kind>,
    room: Option<String>,
    /// The room as a word of a device's name; none where it is too short to tell anything.
    room_word: Option<String>,
    serial: String,
    mac: Option<Mac>,
    called: Called,
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
    called: Called,
    model: String,
}

/// Letters and digits of a text, umlauts spelled out.
fn compact(text: &str) -> String {
    folded(text).chars().filter(char::is_ascii_alphanumeric).collect()
}

impl Called {
    fn new(name: &str) -> Self {
        let folded = folded(name);
        let words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let words: BTreeSet<String> = words.map(str::to_owned).collect();
        Self { joined: words.iter().map(String::as_str).collect(), words }
    }

    /// Whether two names say the same: equal, or at least two words of which one name holds all of the other.
    fn is_same(&self, other: &Self) -> bool {
        let (few, many) = if self.words.len() <= other.words.len() { (self, other) } else { (other, self) };
        !few.words.is_empty()
            && (few.joined == many.joined || (few.words.len() > 1 && few.words.is_subset(&many.words)))
    }
}

/// In what two halves are alike, the weightiest first.
type Alike = [Option<Likeness>; 6];

/// In what an entry and a device are alike; `None` where their kinds deny each other. A school has thousands of pairs:
/// nothing is made here that is not compared.
fn alike(entry: &Entry, device: &Device) -> Option<Alike> {
    let is_serial = !entry.serial.is_empty() && entry.serial.eq_ignore_ascii_case(&device.serial);
    let is_mac = entry.mac.is_some() && entry.mac == device.mac;
    let differ = entry.kind.is_some() && device.kind.is_some() && entry.kind != device.kind;
    if differ && !is_serial && !is_mac {
        return None;
    }
    let is_in_room = entry.room_word.as_ref().is_some_and(|room| device.called.words.contains(room));
    Some([
        is_serial.then_some(Likeness::Serial),
        is_mac.then_some(Likeness::Mac),
        entry.called.is_same(&device.called).then_some(Likeness::Name),
        (device.model.len() > 3 && entry.about.contains(&device.model)).then_some(Likeness::Model),
        is_in_room.then_some(Likeness::Room),
        (entry.kind.is_some() && entry.kind == device.kind).then_some(Likeness::Kind),
    ])
}

fn weight(alike: &Alike) -> u32 {
    alike.iter().flatten().map(|likeness| likeness.weight()).sum()
}

/// The likeliest of what one line may be, and others of that kind. Being alike in kind is a reason where there is but one
/// of it on either side. The halves come by name.
fn choice<T>(
    halves: &[T],
    alike: impl Fn(&T) -> Option<Alike>,
    is_only_one: bool,
    told: impl Fn(&T) -> (i64, &str, Option<&String>),
) -> Choice {
    let fitting = || halves.iter().enumerate().filter_map(|(at, half)| Some((at, half, alike(half)?)));
    let mut telling: Vec<(usize, &T, Alike)> =
        fitting().filter(|(_, _, alike)| weight(alike) > u32::from(!is_only_one)).collect();
    telling.sort_by_key(|(at, _, alike)| (std::cmp::Reverse(weight(alike)), *at));
    telling.truncate(MOST_PROPOSED);
    let left = fitting().filter(|(at, ..)| telling.iter().all(|(proposed, ..)| proposed != at));
    let others = left.take(MOST_OTHERS).map(|(_, half, _)| {
        let (id, label, _) = told(half);
        (id, label.to_owned())
    });
    let others = others.collect();
    let proposal = |(_, half, alike): (usize, &T, Alike)| {
        let (id, label, room) = told(half);
        let likeness = alike.into_iter().flatten().collect();
        Proposal { id, label: label.to_owned(), room: room.cloned(), likeness }
    };
    Choice { proposals: telling.into_iter().map(proposal).collect(), others }
}

/// Both halves of a school, each by name.
struct Halves {
    entries: Vec<Entry>,
    devices: Vec<Device>,
}

impl Halves {
    fn load(tx: &mut Tx<'_>, school: i64, now: Timestamp) -> Result<Self> {
        let (mut entries, mut devices) = (entries(tx, school)?, devices(tx, school, now)?);
        entries.sort_by_cached_key(|entry| (entry.name.to_lowercase(), entry.id));
        devices.sort_by_cached_key(|device| (device.label.to_lowercase(), device.id));
        Ok(Self { entries, devices })
    }

    /// Whether there is one entry and one device of that kind.
    fn is_only_one(&self, kind: Option<Kind>) -> bool {
        kind.is_some()
            && self.entries.iter().filter(|entry| entry.kind == kind).count() == 1
            && self.devices.iter().filter(|device| device.kind == kind).count() == 1
    }
}

fn entries(tx: &mut Tx<'_>, school: i64) -> Result<Vec<Entry>> {
    let sql = format!(
        "SELECT s.id, s.name, s.kind, r.name, s.serial, s.mac, s.purpose FROM documented_system s
         LEFT JOIN room r ON r.traeger_id = s.traeger_id AND r.id = s.room_id
         WHERE {WITHOUT_DEVICE} AND (s.kind IN ('', {}) OR s.serial <> '' OR s.mac <> '')",
        device_kinds()
    );
    tx.list(&sql, cells![school], |row| {
        let (name, purpose, room) = (row.text(1)?, row.text(6)?, row.maybe_text(3)?);
        Ok(Entry {
            id: row.int(0)?,
            kind: row.text(2)?.parse().ok(),
            room_word: room.as_deref().map(compact).filter(|room| room.len() > 1),
            room,
            serial: row.text(4)?.trim().to_owned(),
            mac: row.text(5)?.trim().parse().ok(),
            called: Called::new(&name),
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
            called: Called::new(&hostname),
            model: compact(&model),
        })
    })?;
    all.retain(|device| open.contains(&device.id));
    Ok(all)
}

fn entry_told(entry: &Entry) -> (i64, &str, Option<&String>) {
    (entry.id, &entry.name, entry.room.as_ref())
}

fn device_told(device: &Device) -> (i64, &str, Option<&String>) {
    (device.id, &device.label, None)
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
            let is_only_one = halves.is_only_one(device.kind);
            (device.id, choice(&halves.entries, |entry| alike(entry, device), is_only_one, entry_told))
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
            let is_only_one = halves.is_only_one(entry.kind);
            (entry.id, choice(&halves.devices, |device| alike(entry, device), is_only_one, device_told))
        };
        Ok(halves.entries.iter().filter(|entry| wanted.contains(&entry.id)).map(of).collect())
    }
}
