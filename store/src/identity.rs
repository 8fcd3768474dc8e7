//! What people (and certain evidence) decide about identity: merges, splits and bindings of keys, kept and reversible.

mod decisions;
mod undo;

use crate::{
    derive,
    error::Result,
    evidence, findings,
    rules::{self, Extent},
    store::{Tx, cells},
};
use rundgang_inventory::{Timestamp, identity::AssetId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who decides where certain evidence does.
const EVIDENCE: &str = "evidence";

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

impl IdentityEvent {
    /// Whether certain evidence decided, and no person.
    #[must_use]
    pub fn is_by_evidence(&self) -> bool {
        self.who == EVIDENCE
    }

    /// Whether this sort of event can be taken back: no answer of the evidence (the merge before it can), and nothing that
    /// takes something back itself.
    #[must_use]
    pub fn is_reversible(&self) -> bool {
        is_reversible(&self.kind, &self.who)
    }
}

fn is_reversible(kind: &str, who: &str) -> bool {
    kind != "undo" && !(kind == "bind" && who == EVIDENCE)
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
        &NewEvent { kind: "absorb", who: EVIDENCE, reason, asset: into, moves: Vec::new(), reverses: None },
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
        let candidates: Vec<AssetId> = serde_json::from_str(&candidates)?;
        // Whether it is the only one that fits, or another device, no merge of others answers.
        if candidates.len() < 2 {
            continue;
        }
        let mut now_one = BTreeSet::new();
        for asset in candidates {
            now_one.insert(present_asset(tx, asset)?);
        }
        if let [only] = now_one.into_iter().collect::<Vec<_>>().as_slice() {
            give(tx, school, id, key, *only, EVIDENCE, "the assets that fitted are one", now)?;
        }
    }
    Ok(())
}

/// Gives what waited under an ambiguous key to an asset.
#[allow(clippy::too_many_arguments, reason = "one event: what moved to whom, and who said so, why and when")]
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
