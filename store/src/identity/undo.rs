//! Taking back what was decided about identity, as far as nothing later stands on it.

use super::{EVIDENCE, Move, NewEvent, is_reversible, present_asset, record, redirect, settle};
use crate::{
    error::{Doing, Error, Result},
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Timestamp, identity::AssetId};
use std::collections::BTreeSet;

/// The event to take back.
struct Past {
    moves: Vec<Move>,
    kind: String,
    who: String,
    asset: AssetId,
}

impl Traeger {
    /// Takes back a merge, a split or an answer: its keys go back to where they were, as far as nobody moved them since.
    /// A question whose answer is taken back is open again; so is one that the evidence answered because of a merge,
    /// when that merge is taken back.
    ///
    /// # Errors
    /// There is no such event; it was taken back before; it takes something back itself; a later decision stands on it;
    /// the evidence answers the same again; or the database failed.
    pub fn undo_identity_event(&self, school: i64, id: i64, who: &str, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            tx.lock_school(school)?;
            let past = past(tx, school, id)?;
            let returning = returning(tx, past.moves)?;
            if returning.is_empty() {
                return refused("a later decision moved these keys; take that one back first");
            }
            let is_merge = matches!(past.kind.as_str(), "merge" | "absorb");
            if is_merge {
                for from in returning.iter().filter_map(|step| step.from).collect::<BTreeSet<_>>() {
                    redirect(tx, from, None)?;
                }
            }
            let mut back = Vec::new();
            for step in &returning {
                // Where it came from may have become part of another asset meanwhile.
                let home = step.from.map(|from| present_asset(tx, from)).transpose()?;
                back.push(Move { key: step.key, from: step.to, to: home });
            }
            let mut open_again: Vec<Move> = Vec::new();
            for answer in answers(tx, school)?.into_iter().filter(|answer| answer.fitting > 1) {
                let is_this = back.iter().any(|step| step.key == answer.key && step.to.is_none());
                if is_this || is_merge && answered_by_evidence(tx, school, answer.key)? {
                    open_again.push(Move { key: answer.key, from: Some(answer.asset), to: None });
                }
            }
            if past.kind == "bind" && open_again.is_empty() {
                return refused("the assets that fitted are one by now; split off what is not its");
            }
            for step in &open_again {
                ask_again(tx, step.key)?;
            }
            back.retain(|step| step.to.is_some());
            back.extend(open_again);
            let assets: BTreeSet<AssetId> =
                returning.iter().chain(&back).flat_map(|step| [step.from, step.to]).flatten().collect();
            let asset = assets.first().copied().unwrap_or(past.asset);
            let event = NewEvent { kind: "undo", who, reason: "", asset, moves: back, reverses: Some(id) };
            record(tx, school, &event, now)?;
            settle(tx, school, &assets, now)
        })
        .doing(|| format!("take back decision {id} about identity"))
    }
}

fn refused<T>(why: &str) -> Result<T> {
    Err(Error::Refused(why.to_owned()))
}

fn past(tx: &mut Tx<'_>, school: i64, id: i64) -> Result<Past> {
    let taken_back = "SELECT 1 FROM identity_event
                      WHERE traeger_id = $1 AND school_id = $2 AND reverses = $3";
    if tx.first(taken_back, cells![school, id], |_| Ok(()))?.is_some() {
        return refused("this was taken back before");
    }
    let sql = "SELECT moves, kind, who, asset_id FROM identity_event
               WHERE traeger_id = $1 AND school_id = $2 AND id = $3";
    let past = tx
        .first(sql, cells![school, id], |row| {
            let moves = serde_json::from_str(&row.text(0)?)?;
            Ok(Past { moves, kind: row.text(1)?, who: row.text(2)?, asset: row.int(3)? })
        })?
        .ok_or_else(|| Error::NotFound(format!("decision {id} about identity")))?;
    match past.kind.as_str() {
        _ if is_reversible(&past.kind, &past.who) => Ok(past),
        "undo" => refused("what was taken back is decided anew"),
        _ => refused("the evidence answered this; take back the merge before it"),
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

/// A question that was answered.
struct Answer {
    key: i64,
    asset: AssetId,
    /// How many of the assets that fitted are still assets of their own.
    fitting: usize,
}

fn answers(tx: &mut Tx<'_>, school: i64) -> Result<Vec<Answer>> {
    let sql = "SELECT a.key_id, k.asset_id, a.candidates FROM ambiguity a JOIN identity_key k ON k.id = a.key_id
               WHERE a.traeger_id = $1 AND a.school_id = $2 AND a.settled_at IS NOT NULL AND k.asset_id IS NOT NULL
               ORDER BY a.id";
    let rows = tx.list(sql, cells![school], |row| Ok((row.int(0)?, row.int(1)?, row.text(2)?)))?;
    let mut all = Vec::new();
    for (key, asset, candidates) in rows {
        let mut fitting = BTreeSet::new();
        for candidate in serde_json::from_str::<Vec<AssetId>>(&candidates)? {
            fitting.insert(present_asset(tx, candidate)?);
        }
        all.push(Answer { key, asset, fitting: fitting.len() });
    }
    Ok(all)
}

/// Whether it was the evidence that last said whose a key is; where keys go with their asset says nothing of that.
fn answered_by_evidence(tx: &mut Tx<'_>, school: i64, key: i64) -> Result<bool> {
    let sql = "SELECT who, moves FROM identity_event
               WHERE traeger_id = $1 AND school_id = $2 AND kind IN ('bind', 'split') ORDER BY id DESC";
    for (who, moves) in tx.list(sql, cells![school], |row| Ok((row.text(0)?, row.text(1)?)))? {
        if serde_json::from_str::<Vec<Move>>(&moves)?.iter().any(|step| step.key == key) {
            return Ok(who == EVIDENCE);
        }
    }
    Ok(false)
}

/// Opens the question again whose answer gave away this key.
fn ask_again(tx: &mut Tx<'_>, key: i64) -> Result<()> {
    let sql = "UPDATE ambiguity SET settled_at = NULL WHERE traeger_id = $1 AND key_id = $2";
    tx.execute(sql, cells![key]).map(drop)
}
