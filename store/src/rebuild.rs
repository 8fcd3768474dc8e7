//! Rebuild: assets and findings derived again from what was recorded.

use crate::{
    derive,
    error::{Doing, Result},
    findings, identity,
    ingest::{self, Covered},
    record_changes,
    rules::{self, Extent},
    schools::require_school,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;

/// What a rebuild went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Observations read.
    pub observations: usize,
    /// Assets derived.
    pub assets: usize,
}

impl Traeger {
    /// Derives everything derived of a school again: who holds each key (first owners and events replayed), what
    /// holds now, what rounds covered, every asset, every finding. A new fingerprint thereby recognises what was
    /// kept, without a scan.
    ///
    /// # Errors
    /// There is no such school, or the database failed; then everything stays as it was.
    pub fn rebuild(&self, school: i64, now: Timestamp) -> Result<Rebuilt> {
        self.write(|tx| {
            require_school(tx, school)?;
            tx.lock_school(school)?;
            identity::replay(tx, school)?;
            let observations = presents(tx, school)?;
            rounds(tx, school)?;
            record_changes::rebuild(tx, school)?;
            let sql = "SELECT id FROM asset_identity WHERE traeger_id = $1 AND school_id = $2 ORDER BY id";
            let assets = tx.list(sql, cells![school], |row| row.int(0))?;
            for asset in &assets {
                derive::derive(tx, school, *asset, now)?;
            }
            findings::replay(tx, school)?;
            rules::run(tx, school, &Extent::School, now)?;
            Ok(Rebuilt { observations, assets: assets.len() })
        })
        .doing(|| format!("rebuild school {school}"))
    }

    /// Rebuilds every school of the Träger, each in a transaction of its own.
    ///
    /// # Errors
    /// The database failed; the schools before the failing one are rebuilt.
    pub fn rebuild_all(&self, now: Timestamp) -> Result<Rebuilt> {
        let mut all = Rebuilt::default();
        for school in self.schools()? {
            let one = self.rebuild(school.id, now)?;
            all.observations += one.observations;
            all.assets += one.assets;
        }
        Ok(all)
    }
}

fn presents(tx: &mut Tx<'_>, school: i64) -> Result<usize> {
    tx.execute("DELETE FROM present WHERE traeger_id = $1 AND school_id = $2", cells![school])?;
    let sql = "SELECT id FROM observation WHERE traeger_id = $1 AND school_id = $2 ORDER BY id";
    let all = tx.list(sql, cells![school], |row| row.int(0))?;
    for observation in &all {
        ingest::hold(tx, *observation)?;
    }
    Ok(all.len())
}

fn rounds(tx: &mut Tx<'_>, school: i64) -> Result<()> {
    tx.execute("DELETE FROM covered WHERE traeger_id = $1 AND school_id = $2", cells![school])?;
    let sql = "SELECT agent_id, segment, network, ended, place, begins_after, probes FROM coverage
               WHERE traeger_id = $1 AND school_id = $2 AND complete = 1 ORDER BY agent_id, place";
    for row in tx.query(sql, cells![school])? {
        let probes: Vec<String> = serde_json::from_str(&row.text(6)?)?;
        let (segment, network) = (row.text(1)?, row.text(2)?);
        let covered = Covered {
            agent: row.int(0)?,
            segment: &segment,
            network: &network,
            ended: row.moment(3)?,
            place: row.int(4)?,
            begins_after: row.int(5)?,
        };
        covered.note(tx, school, &probes)?;
    }
    Ok(())
}
