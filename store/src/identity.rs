//! What people (and certain evidence) decide about identity: merges, splits and bindings of keys, kept and reversible.

use crate::{
    derive,
    engine::Row,
    error::{Doing, Error, Result},
    evidence, findings,
    rules::{self, Extent},
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Timestamp, identity::AssetId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A key that changes its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Move {
    key: i64,
    from: Option<AssetId>,
    to: Option<AssetId>,
}

/// A decision about identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentityEvent {
    /// Its number; the order of events.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who decided; `evidence` where certain evidence did.
    pub who: String,
    /// `merge`, `absorb`, `split`, `bind` or `undo`.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// The asset that stayed, was split off, or took over the keys.
    pub asset: AssetId,
    /// The event it takes back.
    pub reverses: Option<i64>,
}

/// Evidence that fits several assets; none was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ambiguity {
    /// Its number.
    pub id: i64,
    /// The keys of the device in question, readable.
    pub keys: String,
    /// The assets that fit.
    pub candidates: Vec<AssetId>,
    /// Why each fits.
    pub reason: String,
    /// When it was noticed.
    pub at: Timestamp,
}

/// The asset that a number stands for today, merges followed.
pub(crate) fn present_asset(tx: &mut Tx<'_>, mut asset: AssetId) -> Result<AssetId> {
    let sql = "SELECT merged_into FROM asset_identity WHERE traeger_id = $1 AND id = $2";
    // A chain longer than this would be a circle.
    for _ in 0..64 {
        match tx.first(sql, cells![asset], |row| row.maybe_int(0))?.flatten() {
            Some(into) => asset = into,
            None => break,
        }
    }
    Ok(asset)
}

fn keys_of_asset(tx: &mut Tx<'_>, asset: AssetId) -> Result<Vec<i64>> {
    let sql = "SELECT id FROM identity_key WHERE traeger_id = $1 AND asset_id = $2 ORDER BY id";
    tx.list(sql, cells![asset], |row| row.int(0))
}

struct NewEvent<'a> {
    kind: &'a str,
    who: &'a str,
    reason: &'a str,
    asset: AssetId,
    moves: Vec<Move>,
    reverses: Option<i64>,
}

fn record(tx: &mut Tx<'_>, school: i64, event: &NewEvent<'_>, now: Timestamp) -> Result<i64> {
    let sql =
        "INSERT INTO identity_event (traeger_id, school_id, at, who, kind, reason, moves, asset_id, reverses)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
    let moves = serde_json::to_string(&event.moves)?;
    let row = cells![school, now, event.who, event.kind, event.reason, moves, event.asset, event.reverses];
    let id = tx.insert(sql, row)?;
    carry_out(tx, &event.moves)?;
    Ok(id)
}

fn carry_out(tx: &mut Tx<'_>, moves: &[Move]) -> Result<()> {
    let sql = "UPDATE identity_key SET asset_id = $3 WHERE traeger_id = $1 AND id = $2";
    moves.iter().try_for_each(|step| tx.execute(sql, cells![step.key, step.to]).map(drop))
}

fn redirect(tx: &mut Tx<'_>, from: AssetId, into: Option<AssetId>) -> Result<()> {
    let sql = "UPDATE asset_identity SET merged_into = $3 WHERE traeger_id = $1 AND id = $2";
    tx.execute(sql, cells![from, into]).map(drop)
}

/// Takes one asset into another because the evidence told every key of it.
pub(crate) fn absorb(
    tx: &mut Tx<'_>,
    school: i64,
    into: AssetId,
    from: AssetId,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    unite(
        tx,
        school,
        into,
        from,
        &NewEvent { kind: "absorb", who: "evidence", reason, asset: into, moves: Vec::new(), reverses: None },
        now,
    )
}

fn unite(
    tx: &mut Tx<'_>,
    school: i64,
    into: AssetId,
    from: AssetId,
    event: &NewEvent<'_>,
    now: Timestamp,
) -> Result<()> {
    let moves = keys_of_asset(tx, from)?
        .into_iter()
        .map(|key| Move { key, from: Some(from), to: Some(into) })
        .collect();
    record(tx, school, &NewEvent { moves, ..*event }, now)?;
    redirect(tx, from, Some(into))?;
    settle_ambiguities(tx, school, now)
}

/// Records that evidence fits several assets, once for each set of keys.
pub(crate) fn note_ambiguity(
    tx: &mut Tx<'_>,
    school: i64,
    key: i64,
    candidates: &[AssetId],
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO ambiguity (traeger_id, school_id, key_id, candidates, reason, at)
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key_id) DO NOTHING";
    tx.execute(sql, cells![school, key, serde_json::to_string(candidates)?, reason, now]).map(drop)
}

/// Ambiguities whose candidates became one are over: what waited belongs to that one.
fn settle_ambiguities(tx: &mut Tx<'_>, school: i64, now: Timestamp) -> Result<()> {
    let sql = "SELECT id, key_id, candidates FROM ambiguity
               WHERE traeger_id = $1 AND school_id = $2 AND settled_at IS NULL";
    let open = tx.list(sql, cells![school], |row| Ok((row.int(0)?, row.int(1)?, row.text(2)?)))?;
    for (id, key, candidates) in open {
        let mut now_one = BTreeSet::new();
        for asset in serde_json::from_str::<Vec<AssetId>>(&candidates)? {
            now_one.insert(present_asset(tx, asset)?);
        }
        if let [only] = now_one.into_iter().collect::<Vec<_>>().as_slice() {
            give(tx, school, id, key, *only, "evidence", "the assets that fitted are one", now)?;
        }
    }
    Ok(())
}

/// Gives what waited under an ambiguous key to an asset.
#[allow(clippy::too_many_arguments)]
fn give(
    tx: &mut Tx<'_>,
    school: i64,
    ambiguity: i64,
    key: i64,
    asset: AssetId,
    who: &str,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    let moves = vec![Move { key, from: None, to: Some(asset) }];
    record(tx, school, &NewEvent { kind: "bind", who, reason, asset, moves, reverses: None }, now)?;
    let sql = "UPDATE ambiguity SET settled_at = $3 WHERE traeger_id = $1 AND id = $2";
    tx.execute(sql, cells![ambiguity, now]).map(drop)
}

/// Brings assets and their findings up to date after keys moved.
fn settle(tx: &mut Tx<'_>, school: i64, assets: &BTreeSet<AssetId>, now: Timestamp) -> Result<()> {
    let mut bare = Vec::new();
    for asset in assets {
        if evidence::of_asset(tx, *asset)?.is_empty() {
            bare.push(*asset);
        }
    }
    for asset in assets {
        derive::derive(tx, school, *asset, now)?;
        // Its statements went with its keys: nothing is left to show for it until it is seen again.
        if bare.contains(asset) && bare.len() < assets.len() {
            derive::remove(tx, *asset)?;
        }
        let sql = "SELECT 1 FROM asset WHERE traeger_id = $1 AND id = $2";
        if tx.first(sql, cells![*asset], |_| Ok(()))?.is_none() {
            findings::close_subject(tx, school, &format!("asset {asset}"), now)?;
        }
    }
    let none = BTreeSet::new();
    rules::run(tx, school, &Extent::Some { assets, domains: &BTreeSet::new(), systems: &none }, now)
}

/// The present owners of all keys follow from the first owner of each and every event in its order.
pub(crate) fn replay(tx: &mut Tx<'_>, school: i64) -> Result<()> {
    let sql = "UPDATE identity_key SET asset_id = origin_asset WHERE traeger_id = $1 AND school_id = $2";
    tx.execute(sql, cells![school])?;
    let sql = "SELECT moves FROM identity_event WHERE traeger_id = $1 AND school_id = $2 ORDER BY id";
    for moves in tx.list(sql, cells![school], |row| row.text(0))? {
        carry_out(tx, &serde_json::from_str::<Vec<Move>>(&moves)?)?;
    }
    Ok(())
}

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

    /// Takes back a merge or a split: its keys go back to where they were, as far as nobody moved them since.
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
            let sql =
                "SELECT moves, kind FROM identity_event WHERE traeger_id = $1 AND school_id = $2 AND id = $3";
            let (moves, kind) = tx
                .first(sql, cells![school, id], |row| Ok((row.text(0)?, row.text(1)?)))?
                .ok_or_else(|| Error::NotFound(format!("decision {id} about identity")))?;
            let moves: Vec<Move> = serde_json::from_str(&moves)?;
            let mut back = Vec::new();
            for step in &moves {
                let sql = "SELECT asset_id FROM identity_key WHERE traeger_id = $1 AND id = $2";
                let owner = tx.first(sql, cells![step.key], |row| row.maybe_int(0))?.flatten();
                if owner == step.to {
                    back.push(Move { key: step.key, from: step.to, to: step.from });
                }
            }
            let assets: BTreeSet<AssetId> =
                moves.iter().flat_map(|step| [step.from, step.to]).flatten().collect();
            if matches!(kind.as_str(), "merge" | "absorb") {
                for from in moves.iter().filter_map(|step| step.from).collect::<BTreeSet<_>>() {
                    redirect(tx, from, None)?;
                }
            }
            let asset = assets.first().copied().unwrap_or_default();
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

fn require_asset(tx: &mut Tx<'_>, school: i64, asset: AssetId) -> Result<()> {
    let sql = "SELECT 1 FROM asset_identity
               WHERE traeger_id = $1 AND school_id = $2 AND id = $3 AND merged_into IS NULL";
    tx.first(sql, cells![school, asset], |_| Ok(()))?
        .ok_or_else(|| Error::NotFound(format!("asset {asset} in this school")))
}
