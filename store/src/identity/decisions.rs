//! What a person does about identity: merge, split, settle; and what stands recorded of it.

use super::{
    Ambiguity, IdentityEvent, Move, NewEvent, give, keys_of_asset, present_asset, record, settle, unite,
};
use crate::{
    engine::Row,
    error::{Doing, Error, Result},
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Timestamp, identity::AssetId};
use std::collections::BTreeSet;

fn event(row: &Row) -> Result<IdentityEvent> {
    Ok(IdentityEvent {
        id: row.int(0)?,
        at: row.moment(1)?,
        who: row.text(2)?,
        kind: row.text(3)?,
        reason: row.text(4)?,
        asset: row.int(5)?,
        reverses: row.maybe_int(6)?,
    })
}

impl Traeger {
    /// Merges two assets of a school: what is known of `from` belongs to `into` from now on. Reversible.
    ///
    /// # Errors
    /// One of them does not exist in that school or is merged already, or the database failed.
    pub fn merge_assets(
        &self,
        school: i64,
        into: AssetId,
        from: AssetId,
        who: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<()> {
        if into == from {
            return Err(Error::Refused("an asset cannot be merged with itself".to_owned()));
        }
        self.write(|tx| {
            tx.lock_school(school)?;
            require_asset(tx, school, into)?;
            require_asset(tx, school, from)?;
            let event =
                NewEvent { kind: "merge", who, reason, asset: into, moves: Vec::new(), reverses: None };
            unite(tx, school, into, from, &event, now)?;
            settle(tx, school, &[into, from].into(), now)
        })
        .doing(|| format!("merge asset {from} into asset {into}"))
    }

    /// Splits keys off an asset into a new one and returns its number. `keys` are numbers from [`Traeger::asset_keys`];
    /// at least one key must stay. Reversible.
    ///
    /// # Errors
    /// A key is not the asset's, none would stay, or the database failed.
    pub fn split_asset(
        &self,
        school: i64,
        asset: AssetId,
        keys: &[i64],
        who: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<AssetId> {
        self.write(|tx| {
            tx.lock_school(school)?;
            require_asset(tx, school, asset)?;
            let held = keys_of_asset(tx, asset)?;
            let taken: BTreeSet<i64> = keys.iter().copied().collect();
            if taken.is_empty() || !taken.iter().all(|key| held.contains(key)) || taken.len() == held.len() {
                return Err(Error::Refused(
                    "split off some of the asset's own keys, and leave one".to_owned(),
                ));
            }
            let sql = "INSERT INTO asset_identity (traeger_id, school_id) VALUES ($1, $2) RETURNING id";
            let new = tx.insert(sql, cells![school])?;
            let moves = taken.into_iter().map(|key| Move { key, from: Some(asset), to: Some(new) }).collect();
            record(
                tx,
                school,
                &NewEvent { kind: "split", who, reason, asset: new, moves, reverses: None },
                now,
            )?;
            settle(tx, school, &[asset, new].into(), now)?;
            Ok(new)
        })
        .doing(|| format!("split asset {asset}"))
    }

    /// Settles an ambiguity: what waited belongs to `asset`.
    ///
    /// # Errors
    /// There is no such open ambiguity or asset, or the database failed.
    pub fn settle_ambiguity(
        &self,
        school: i64,
        id: i64,
        asset: AssetId,
        who: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            tx.lock_school(school)?;
            require_asset(tx, school, asset)?;
            let sql = "SELECT key_id FROM ambiguity
                       WHERE traeger_id = $1 AND school_id = $2 AND id = $3 AND settled_at IS NULL";
            let key = tx
                .first(sql, cells![school, id], |row| row.int(0))?
                .ok_or_else(|| Error::NotFound(format!("open question {id} about identity")))?;
            give(tx, school, id, key, asset, who, "decided by a person", now)?;
            settle(tx, school, &[asset].into(), now)
        })
        .doing(|| format!("settle question {id} about identity"))
    }

    /// The open ambiguities of a school.
    ///
    /// # Errors
    /// The database failed.
    pub fn ambiguities(&self, school: i64) -> Result<Vec<Ambiguity>> {
        let sql = "SELECT a.id, k.value, a.candidates, a.reason, a.at
                   FROM ambiguity a JOIN identity_key k ON k.id = a.key_id
                   WHERE a.traeger_id = $1 AND a.school_id = $2 AND a.settled_at IS NULL ORDER BY a.id";
        self.read(|tx| {
            tx.list(sql, cells![school], |row| {
                Ok(Ambiguity {
                    id: row.int(0)?,
                    keys: row.text(1)?,
                    candidates: serde_json::from_str(&row.text(2)?)?,
                    reason: row.text(3)?,
                    at: row.moment(4)?,
                })
            })
        })
    }

    /// Every decision about identity in a school, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn identity_events(&self, school: i64) -> Result<Vec<IdentityEvent>> {
        let sql = "SELECT id, at, who, kind, reason, asset_id, reverses FROM identity_event
                   WHERE traeger_id = $1 AND school_id = $2 ORDER BY id";
        self.read(|tx| tx.list(sql, cells![school], event))
    }

    /// The keys of an asset: number, kind, value.
    ///
    /// # Errors
    /// The database failed.
    pub fn asset_keys(&self, asset: AssetId) -> Result<Vec<(i64, String, String)>> {
        let sql = "SELECT id, kind, value FROM identity_key WHERE traeger_id = $1 AND asset_id = $2
                   ORDER BY kind, value, id";
        self.read(|tx| tx.list(sql, cells![asset], |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?))))
    }

    /// The asset that a number stands for today: an asset that was merged leads to the one it is part of.
    ///
    /// # Errors
    /// The database failed.
    pub fn present_asset(&self, asset: AssetId) -> Result<AssetId> {
        self.read(|tx| present_asset(tx, asset))
    }
}

/// An asset that stands alone and has something to be known by; what an undone split left behind has not.
fn require_asset(tx: &mut Tx<'_>, school: i64, asset: AssetId) -> Result<()> {
    let sql = "SELECT 1 FROM asset_identity a
               WHERE a.traeger_id = $1 AND a.school_id = $2 AND a.id = $3 AND a.merged_into IS NULL
                 AND EXISTS (SELECT 1 FROM identity_key k WHERE k.traeger_id = $1 AND k.asset_id = a.id)";
    tx.first(sql, cells![school, asset], |_| Ok(()))?
        .ok_or_else(|| Error::NotFound(format!("asset {asset} in this school")))
}
