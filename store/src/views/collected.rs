//! What is collected where: the scope of every agent as its box declared it.

use super::{ScopeLine, is_silent, scope_lines};
use crate::{
    error::Result,
    store::{Traeger, cells},
};
use rundgang_inventory::Timestamp;

/// One agent and what it may look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentScope {
    /// The school's name.
    pub school: String,
    /// Whether the school is an example.
    pub is_example: bool,
    /// The agent's name.
    pub agent: String,
    /// The version of its program.
    pub version: String,
    /// When it last spoke; agents are no persons, so the time of day may be shown.
    pub last_contact: Option<Timestamp>,
    /// Whether it counts as silent.
    pub is_silent: bool,
    /// The lines of its scope.
    pub lines: Vec<ScopeLine>,
}

impl Traeger {
    /// Every agent that is heard, of one school or of all, with its scope, by school.
    ///
    /// # Errors
    /// The database failed.
    pub fn agent_scopes(&self, school: Option<i64>, now: Timestamp) -> Result<Vec<AgentScope>> {
        let sql = "SELECT s.name, s.is_example, a.name, a.version, a.last_contact, a.scope
                   FROM agent a JOIN school s ON s.traeger_id = a.traeger_id AND s.id = a.school_id
                   WHERE a.traeger_id = $1 AND a.revoked_at IS NULL AND a.approved_at IS NOT NULL
                     AND ($2 = 0 OR a.school_id = $2) ORDER BY s.name, a.name";
        self.read(|tx| {
            tx.list(sql, cells![school.unwrap_or(0)], |row| {
                let last_contact = row.maybe_moment(4)?;
                Ok(AgentScope {
                    school: row.text(0)?,
                    is_example: row.flag(1)?,
                    agent: row.text(2)?,
                    version: row.text(3)?,
                    last_contact,
                    is_silent: is_silent(last_contact, now),
                    lines: scope_lines(&row.text(5)?),
                })
            })
        })
    }
}
