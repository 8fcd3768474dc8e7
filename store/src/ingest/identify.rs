//! Filing observations: which key they are kept under, and which asset that key leads to.

use super::ahead::Ahead;
use crate::{
    engine::Row,
    error::Result,
    identity,
    store::{Tx, cells},
};
use rundgang_inventory::{
    Fields, Mac, Observation, Subject, Timestamp,
    identity::{
        AssetId, Circumstances, Holder, Key, KeyKind, KeyTable, Known, Resolution, Resolved, keys_of, resolve,
    },
    recognise,
};
use std::collections::{BTreeMap, btree_map::Entry};

/// Where a group of observations was filed.
pub(super) struct Filed {
    /// The key.
    pub(super) key: i64,
    /// The asset it leads to.
    pub(super) asset: Option<AssetId>,
    /// The asset that turned out to be a part of that one.
    pub(super) absorbed: Option<AssetId>,
}

/// A row of the key table.
struct KeyRow {
    id: i64,
    asset: Option<AssetId>,
    generation: i64,
    is_shared: bool,
}

/// The rows of some keys.
type KeyRows = BTreeMap<(KeyKind, String), KeyRow>;

/// Resolves the subjects of one batch, one after the other.
pub(super) struct Identifier<'b> {
    school: i64,
    ahead: Ahead<'b>,
    /// Where this batch has seen assets: the derived rows are written only when the batch is through.
    seen: BTreeMap<AssetId, Known>,
}

impl<'b> Identifier<'b> {
    pub(super) fn new(school: i64, ahead: Ahead<'b>) -> Self {
        Self { school, ahead, seen: BTreeMap::new() }
    }

    /// Files what was seen of one device.
    pub(super) fn file(
        &mut self,
        tx: &mut Tx<'_>,
        subject: &Subject,
        observations: &[&Observation],
        now: Timestamp,
    ) -> Result<Filed> {
        let mut fields = Fields::new();
        for observation in observations {
            fields.merge(observation.fields.clone());
        }
        let day = observations.iter().map(|observation| observation.at.day()).max().unwrap_or_default();
        let mac: Option<Mac> = match subject {
            Subject::Device { mac, .. } => mac.map(|(mac, _)| mac),
            Subject::Domain(_) => None,
        };
        let recognition = recognise(mac, &fields);
        let keys = keys_of(subject, &fields, &recognition);
        let (table, rows) = self.table(tx, &keys)?;
        let is_evident = mac.is_some() || is_evident(&fields);
        let seen = Circumstances { day, is_evident };
        let resolved = resolve(&keys, &table, seen);
        for key in &resolved.shared {
            if let Some(row) = rows.get(&(key.kind, key.value.clone())) {
                let sql = "UPDATE identity_key SET shared = 1 WHERE traeger_id = $1 AND id = $2";
                tx.execute(sql, cells![row.id])?;
            }
        }
        let filed = self.carry_out(tx, &keys, &rows, &resolved, day, now)?;
        if let Some(asset) = filed.asset {
            self.remember(tx, asset, &keys, day)?;
        }
        Ok(filed)
    }

    fn table(&self, tx: &mut Tx<'_>, keys: &[Key]) -> Result<(KeyTable, KeyRows)> {
        let mut table = KeyTable::default();
        let mut rows = BTreeMap::new();
        for key in keys {
            let Some(row) = key_row(tx, self.school, key.kind.name(), &key.value)? else { continue };
            let name = (key.kind, key.value.clone());
            if row.is_shared {
                table.holders.insert(name.clone(), Holder::Shared);
            } else if let Some(asset) = row.asset {
                table.holders.insert(name.clone(), Holder::Asset(asset));
                let is_host_key = matches!(key.kind, KeyKind::SshHostKey | KeyKind::TlsKey);
                let known = match table.assets.entry(asset) {
                    Entry::Vacant(unknown) => unknown.insert(self.known(tx, asset)?),
                    Entry::Occupied(known) => known.into_mut(),
                };
                if is_host_key && keys.last().is_some_and(|address| address.value != known.address) {
                    known.whereabouts = self.ahead.whereabouts(tx, asset, known)?;
                }
            }
            rows.insert(name, row);
        }
        Ok((table, rows))
    }

    fn known(&self, tx: &mut Tx<'_>, asset: AssetId) -> Result<Known> {
        if let Some(known) = self.seen.get(&asset) {
            return Ok(known.clone());
        }
        let sql = "SELECT kind, value FROM identity_key
                   WHERE traeger_id = $1 AND asset_id = $2 AND kind <> 'address' AND shared = 0";
        let mut known = Known::default();
        for row in tx.query(sql, cells![asset])? {
            known.keys.extend(KeyKind::named(&row.text(0)?).zip(Some(row.text(1)?)));
        }
        let sql = "SELECT ip, last_seen FROM asset WHERE traeger_id = $1 AND id = $2";
        if let Some(row) = tx.query(sql, cells![asset])?.first() {
            known.address = row.text(0)?;
            known.last_seen = row.moment(1)?;
        }
        Ok(known)
    }

    fn remember(&mut self, tx: &mut Tx<'_>, asset: AssetId, keys: &[Key], day: Timestamp) -> Result<()> {
        // Keys may just have been bound, so they are read again; place and day come from this batch.
        self.seen.remove(&asset);
        let mut known = self.known(tx, asset)?;
        if let Some(address) = keys.iter().find(|key| key.kind == KeyKind::Address) {
            known.address.clone_from(&address.value);
        }
        known.last_seen = known.last_seen.max(day);
        self.seen.insert(asset, known);
        Ok(())
    }

    fn carry_out(
        &self,
        tx: &mut Tx<'_>,
        keys: &[Key],
        rows: &KeyRows,
        resolved: &Resolved,
        day: Timestamp,
        now: Timestamp,
    ) -> Result<Filed> {
        let (asset, absorbed) = match &resolved.resolution {
            Resolution::Existing(asset) => (*asset, None),
            Resolution::New => {
                let sql = "INSERT INTO asset_identity (traeger_id, school_id) VALUES ($1, $2) RETURNING id";
                (tx.insert(sql, cells![self.school])?, None)
            }
            Resolution::Absorb { into, from } => {
                identity::absorb(tx, self.school, *into, *from, &resolved.because, now)?;
                (*into, Some(*from))
            }
            Resolution::Ambiguous { candidates, reason } => {
                let filed = self.waiting(tx, "ambiguous", keys, day)?;
                identity::note_ambiguity(tx, self.school, filed.key, candidates, reason, now)?;
                return Ok(filed);
            }
            Resolution::Ghost => {
                let address = keys.last().map(std::slice::from_ref).unwrap_or_default();
                return self.waiting(tx, "ghost", address, day);
            }
        };
        let mut filed = None;
        for key in keys {
            let row = rows.get(&(key.kind, key.value.clone()));
            let held = row.filter(|row| {
                !row.is_shared && (row.asset == Some(asset) || row.asset == absorbed && absorbed.is_some())
            });
            let id = match held {
                Some(row) => Some(row.id),
                None if resolved.bind.contains(key) => {
                    let generation = row.map_or(1, |row| row.generation + 1);
                    Some(self.bind(tx, key, generation, asset, day)?)
                }
                None => None,
            };
            filed = filed.or(id);
        }
        // The address is always bound, so there is a key.
        let key = match filed {
            Some(key) => key,
            None => self.waiting(tx, "ghost", keys, day)?.key,
        };
        Ok(Filed { key, asset: Some(asset), absorbed })
    }

    fn bind(
        &self,
        tx: &mut Tx<'_>,
        key: &Key,
        generation: i64,
        asset: AssetId,
        day: Timestamp,
    ) -> Result<i64> {
        let sql = "INSERT INTO identity_key (traeger_id, school_id, kind, value, generation, origin_asset, asset_id,
                     first_seen) VALUES ($1, $2, $3, $4, $5, $6, $6, $7) RETURNING id";
        tx.insert(sql, cells![self.school, key.kind.name(), &key.value, generation, asset, day])
    }

    /// Files under a key that is no single device's: observations wait there, until a person has answered whose they
    /// are. Once answered, the answer holds for what comes later.
    fn waiting(&self, tx: &mut Tx<'_>, kind: &str, keys: &[Key], day: Timestamp) -> Result<Filed> {
        let value = keys.iter().map(Key::to_string).collect::<Vec<_>>().join(", ");
        if let Some(row) = key_row(tx, self.school, kind, &value)? {
            return Ok(Filed { key: row.id, asset: row.asset, absorbed: None });
        }
        let sql = "INSERT INTO identity_key (traeger_id, school_id, kind, value, first_seen)
                   VALUES ($1, $2, $3, $4, $5) RETURNING id";
        let key = tx.insert(sql, cells![self.school, kind, value, day])?;
        Ok(Filed { key, asset: None, absorbed: None })
    }
}

/// Whether anything but a completed handshake speaks for a device: behind a router, firewalls answer for every
/// address (promise S8).
fn is_evident(fields: &Fields) -> bool {
    let by_handshake =
        fields.named("host.found_by").and_then(rundgang_inventory::Value::as_text) == Some("tcp");
    !by_handshake || fields.iter().any(|(name, _)| !name.starts_with("host."))
}

/// The key under which everything about a domain is filed.
pub(super) fn domain_key(
    tx: &mut Tx<'_>,
    school: i64,
    name: &str,
    spoken: crate::domains::Spoken,
    now: Timestamp,
) -> Result<i64> {
    crate::domains::note(tx, school, name, spoken, now)?;
    if let Some(row) = key_row(tx, school, "domain", name)? {
        return Ok(row.id);
    }
    let sql = "INSERT INTO identity_key (traeger_id, school_id, kind, value, first_seen)
               VALUES ($1, $2, 'domain', $3, $4) RETURNING id";
    tx.insert(sql, cells![school, name, now.day()])
}

fn key_row(tx: &mut Tx<'_>, school: i64, kind: &str, value: &str) -> Result<Option<KeyRow>> {
    let sql = "SELECT id, asset_id, generation, shared FROM identity_key
               WHERE traeger_id = $1 AND school_id = $2 AND kind = $3 AND value = $4
               ORDER BY generation DESC LIMIT 1";
    tx.first(sql, cells![school, kind, value], |row: &Row| {
        Ok(KeyRow {
            id: row.int(0)?,
            asset: row.maybe_int(1)?,
            generation: row.int(2)?,
            is_shared: row.flag(3)?,
        })
    })
}
