//! What a batch says further on of an asset that one of its host keys leads to: whether it is still where it was.

use crate::{
    error::Result,
    store::{Tx, cells},
};
use rundgang_inventory::{
    Coverage, Entry, Subject,
    identity::{AssetId, KeyKind, Known, Whereabouts},
    vocabulary::SSH_HOST_KEY,
};

/// The probe that finds who is there at all.
const SWEEP: &str = "sweep";

/// A batch, to be looked through before its turn has come.
pub(super) struct Ahead<'b> {
    pub(super) agent: i64,
    pub(super) entries: &'b [Entry],
}

/// What holds of an asset at the address where it was seen last.
struct Held {
    agent: i64,
    sequence: i64,
    position: i64,
    place: i64,
    segment: String,
}

impl Ahead<'_> {
    /// Whether an asset still answers where it was seen last, is gone from there, or nobody knows.
    pub(super) fn whereabouts(&self, tx: &mut Tx<'_>, asset: AssetId, known: &Known) -> Result<Whereabouts> {
        let sql = "SELECT o.agent_id, o.sequence, o.position, o.place, o.segment
                   FROM present p JOIN identity_key k ON k.id = p.key_id
                   JOIN observation o ON o.id = p.observation_id
                   WHERE p.traeger_id = $1 AND k.asset_id = $2 AND p.ip = $3";
        let held = tx.list(sql, cells![asset, &known.address], |row| {
            Ok(Held {
                agent: row.int(0)?,
                sequence: row.int(1)?,
                position: row.int(2)?,
                place: row.int(3)?,
                segment: row.text(4)?,
            })
        })?;
        if held.iter().any(|held| self.confirms(held)) {
            return Ok(Whereabouts::Present);
        }
        match self.tells_of(known) {
            Some(told @ Whereabouts::Present) => return Ok(told),
            Some(_) => return Ok(Whereabouts::Unknown),
            None => {}
        }
        for one in &held {
            if !self.is_over(tx, one)? {
                return Ok(Whereabouts::Unknown);
            }
        }
        Ok(if held.is_empty() { Whereabouts::Unknown } else { Whereabouts::Gone })
    }

    fn confirms(&self, held: &Held) -> bool {
        held.agent == self.agent
            && self.entries.iter().any(|entry| {
                matches!(entry, Entry::Confirmation { reference, .. }
                    if i64::try_from(reference.sequence) == Ok(held.sequence)
                        && i64::from(reference.index) == held.position)
            })
    }

    /// Who answers at the asset's address, as far as it is told anew: the asset by its host key, or somebody who may be it.
    /// Nothing where nobody does, or one with another host key.
    fn tells_of(&self, known: &Known) -> Option<Whereabouts> {
        let (mut is_told, mut is_other) = (false, false);
        for entry in self.entries {
            let Entry::Observation { observation, .. } = entry else { continue };
            let Subject::Device { ip, .. } = &observation.subject else { continue };
            if ip.to_string() != known.address {
                continue;
            }
            is_told = true;
            let Some(told) = observation.fields.text(&SSH_HOST_KEY).map(str::to_lowercase) else { continue };
            let its = |(kind, value): &(KeyKind, String)| {
                *kind == KeyKind::SshHostKey && told.contains(value.as_str())
            };
            if known.keys.iter().any(its) {
                return Some(Whereabouts::Present);
            }
            is_other = true;
        }
        (is_told && !is_other).then_some(Whereabouts::Unknown)
    }

    /// Whether a round that began after this was told went over its segment to the end.
    fn is_over(&self, tx: &mut Tx<'_>, held: &Held) -> Result<bool> {
        // A segment of several networks is as old as the one covered longest ago.
        let sql = "SELECT COALESCE(MIN(begins_after), -1) FROM covered
                   WHERE traeger_id = $1 AND agent_id = $2 AND segment = $3 AND probe = $4";
        let parameters = cells![held.agent, &held.segment, SWEEP];
        if tx.first(sql, parameters, |row| row.int(0))?.is_some_and(|begins_after| begins_after >= held.place)
        {
            return Ok(true);
        }
        let ends_here = self.entries.iter().any(|entry| {
            let Entry::RoundEnd { coverage, .. } = entry else { return false };
            let mut own = coverage.iter().filter(|covered| covered.segment == held.segment).peekable();
            let was_swept =
                |covered: &Coverage| covered.complete && covered.probes.iter().any(|p| p == SWEEP);
            own.peek().is_some() && own.all(was_swept)
        });
        if !ends_here || held.agent != self.agent {
            return Ok(false);
        }
        let sql = "SELECT COALESCE(MAX(place), -1) FROM coverage WHERE traeger_id = $1 AND agent_id = $2";
        Ok(tx.first(sql, cells![held.agent], |row| row.int(0))?.unwrap_or(-1) >= held.place)
    }
}
