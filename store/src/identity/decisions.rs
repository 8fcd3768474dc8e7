//! What a person does about identity: merge, split, take back, settle; and what stands recorded of it.

use super::{
    Ambiguity, IdentityEvent, Move, NewEvent, give, keys_of_asset, present_asset, record, redirect, settle,
    unite,
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

    /// Takes back a merge, a split or an answer: its keys go back to where they were, as far as nobody moved them since.
    /// A question whose answer is taken back is open again.
    ///
    /// # Errors
    /// There is no such event, it was taken back before, or the database failed.
    pub fn undo_identity_event(&self, school: i64, id: i64, who: &str, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            tx.lock_school(school)?;
            let taken_back = "SELECT 1 FROM identity_event
                              WHERE traeger_id = $1 AND school_id = $2 AND reverses = $3";
            if tx.first(taken_back, cells![school, id], |_| Ok(()))?.is_some() {
                return Err(Error::Refused("this was taken back before".to_owned()));
            }
            let sql = "SELECT moves, kind, asset_id FROM identity_event
                 WHERE traeger_id = $1 AND school_id = $2 AND id = $3";
            let (moves, kind, asset) = tx
                .first(sql, cells![school, id], |row| Ok((row.text(0)?, row.text(1)?, row.int(2)?)))?
                .ok_or_else(|| Error::NotFound(format!("decision {id} about identity")))?;
            let returning = returning(tx, serde_json::from_str(&moves)?)?;
            if matches!(kind.as_str(), "merge" | "absorb") {
                for from in returning.iter().filter_map(|step| step.from).collect::<BTreeSet<_>>() {
                    redirect(tx, from, None)?;
                }
            }
            let mut back = Vec::new();
            for step in &returning {
                // Where it came from may have become part of another asset meanwhile.
                let home = step.from.map(|from| present_asset(tx, from)).transpose()?;
                back.push(Move { key: step.key, from: step.to, to: home });
                if home.is_none() {
                    ask_again(tx, step.key)?;
                }
            }
            let assets: BTreeSet<AssetId> =
                returning.iter().chain(&back).flat_map(|step| [step.from, step.to]).flatten().collect();
            let asset = assets.first().copied().unwrap_or(asset);
            let event = NewEvent { kind: "undo", who, reason: "", asset, moves: back, reverses: Some(id) };
            record(tx, school, &event, now)?;
            settle(tx, school, &assets, now)
        })
        .doing(|| format!("take back decision {id} about identity"))
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

/// The moves whose keys are still where they were moved to.
fn returning(tx: &mut Tx<'_>, moves: Vec<Move>) -> Result<Vec<Move>> {
    let sql = "SELECT asset_id FROM identity_key WHERE traeger_id = $1 AND id = $2";
    let mut returning = Vec::new();
    for step in moves {
        let owner = tx.first(sql, cells![step.key], |row| row.maybe_int(0))?.flatten();
        if owner == step.to {
            returning.push(step);
        }
    }
    Ok(returning)
}

/// Opens the question again whose answer gave away this key.
fn ask_again(tx: &mut Tx<'_>, key: i64) -> Result<()> {
    let sql = "UPDATE ambiguity SET settled_at = NULL WHERE traeger_id = $1 AND key_id = $2";
    tx.execute(sql, cells![key]).map(drop)
}

fn require_asset(tx: &mut Tx<'_>, school: i64, asset: AssetId) -> Result<()> {
    let sql = "SELECT 1 FROM asset_identity
               WHERE traeger_id = $1 AND school_id = $2 AND id = $3 AND merged_into IS NULL";
    tx.first(sql, cells![school, asset], |_| Ok(()))?
        .ok_or_else(|| Error::NotFound(format!("asset {asset} in this school")))
}
