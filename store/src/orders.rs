//! What people ask of an agent: walk now, pause, and which MAC addresses the register knows at its school.
//!
//! An order only narrows what the box allows, or lets it do earlier what it may do anyhow (promises S1, P1).

use crate::{
    agents,
    error::{Doing, Error, Result},
    register::audit,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Mac, Timestamp};
use std::collections::BTreeSet;

/// What is asked of one agent at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// When somebody asked for a walk that the agent does not know of yet.
    pub walk_asked_at: Option<Timestamp>,
    /// Since when it is to be silent.
    pub paused_at: Option<Timestamp>,
}

impl Traeger {
    /// Asks an agent to walk now instead of at its next time; it does so within its scope and its hours.
    ///
    /// # Errors
    /// There is no such agent, it was withdrawn, or the database failed.
    pub fn ask_walk(&self, agent: i64, by: (&str, Timestamp)) -> Result<()> {
        let sql = "INSERT INTO agent_order (traeger_id, agent_id, walk_asked_at) VALUES ($1, $2, $3)
                   ON CONFLICT (agent_id) DO UPDATE SET walk_asked_at = excluded.walk_asked_at";
        self.order(agent, sql, Some(by.1), "walk", by).doing(|| format!("ask agent {agent} to walk"))
    }

    /// Asks an agent to be silent until [`Traeger::resume_agent`].
    ///
    /// # Errors
    /// There is no such agent, it was withdrawn, or the database failed.
    pub fn pause_agent(&self, agent: i64, by: (&str, Timestamp)) -> Result<()> {
        self.order(agent, PAUSE, Some(by.1), "pause", by).doing(|| format!("pause agent {agent}"))
    }

    /// Takes the collector's own pause back. A pause that somebody set at the box still holds.
    ///
    /// # Errors
    /// There is no such agent, it was withdrawn, or the database failed.
    pub fn resume_agent(&self, agent: i64, by: (&str, Timestamp)) -> Result<()> {
        self.order(agent, PAUSE, None, "resume", by).doing(|| format!("let agent {agent} walk again"))
    }

    fn order(
        &self,
        agent: i64,
        sql: &str,
        at: Option<Timestamp>,
        what: &str,
        by: (&str, Timestamp),
    ) -> Result<()> {
        self.write(|tx| {
            let school = require_heard(tx, agent)?;
            tx.execute(sql, cells![agent, at])?;
            audit(tx, Some(school), &agents::order(agent, what, ("", ""), by))
        })
    }

    /// What is asked of an agent now.
    ///
    /// # Errors
    /// The database failed.
    pub fn orders(&self, agent: i64) -> Result<Orders> {
        let sql = "SELECT walk_asked_at, paused_at FROM agent_order WHERE traeger_id = $1 AND agent_id = $2";
        let read = |row: &crate::Row| {
            Ok(Orders { walk_asked_at: row.maybe_moment(0)?, paused_at: row.maybe_moment(1)? })
        };
        Ok(self.read(|tx| tx.first(sql, cells![agent], read))?.unwrap_or_default())
    }

    /// Notes that the agent knows of a walk. Of one that somebody asked for since it is still to be told.
    ///
    /// # Errors
    /// The database failed.
    pub fn walk_was_taken(&self, agent: i64, asked_at: Timestamp) -> Result<()> {
        let sql = "UPDATE agent_order SET walk_asked_at = NULL
                   WHERE traeger_id = $1 AND agent_id = $2 AND walk_asked_at = $3";
        self.write(|tx| tx.execute(sql, cells![agent, asked_at])).map(drop)
    }

    /// The MAC addresses that the register names at a school, those of retired systems left out.
    ///
    /// # Errors
    /// The database failed.
    pub fn register_macs(&self, school: i64) -> Result<BTreeSet<Mac>> {
        let sql = "SELECT mac FROM documented_system
                   WHERE traeger_id = $1 AND school_id = $2 AND mac <> '' AND status <> 'retired'
                     AND deleted_at IS NULL";
        let texts = self.read(|tx| tx.list(sql, cells![school], |row| row.text(0)))?;
        // The register takes nothing that is no MAC address; an old row that does not read helps nobody.
        Ok(texts.iter().filter_map(|text| text.parse().ok()).collect())
    }
}

const PAUSE: &str = "INSERT INTO agent_order (traeger_id, agent_id, paused_at) VALUES ($1, $2, $3)
                     ON CONFLICT (agent_id) DO UPDATE SET paused_at = excluded.paused_at";

/// The school of an agent that may still be asked for something.
fn require_heard(tx: &mut Tx<'_>, agent: i64) -> Result<i64> {
    let sql = "SELECT revoked_at, school_id FROM agent WHERE traeger_id = $1 AND id = $2";
    match tx.first(sql, cells![agent], |row| Ok((row.maybe_moment(0)?, row.int(1)?)))? {
        None => Err(Error::NotFound(format!("agent {agent}"))),
        Some((Some(_), _)) => Err(Error::Refused(format!("agent {agent} is withdrawn for good"))),
        Some((None, school)) => Ok(school),
    }
}
