//! Invitations and agents: who may speak for which school.

use crate::{
    domains,
    engine::Row,
    error::{Doing, Error, Result},
    register::{AuditEntry, audit},
    schools::require_school,
    store::{Store, Traeger, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;
use serde_json::json;

/// An invitation to be made. The token itself is never stored, only its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation<'a> {
    /// The school for which the agent will speak.
    pub school: i64,
    /// The hash of the token (hexadecimal; which hash is the caller's choice).
    pub token_hash: &'a str,
    /// What the invitation is for, shown to people.
    pub note: &'a str,
    /// Whether a person must approve the agent before it is heard.
    pub needs_approval: bool,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// An invitation as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invitation {
    /// Its number.
    pub id: i64,
    /// The school for which the agent will speak.
    pub school: i64,
    /// What it is for.
    pub note: String,
    /// Whether a person must approve the agent.
    pub needs_approval: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// The agent that used it.
    pub agent: Option<i64>,
}

/// What an agent tells when it enrols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentDetails<'a> {
    /// What the box calls itself.
    pub name: &'a str,
    /// The version of its program.
    pub version: &'a str,
    /// The fingerprint of its certificate (hexadecimal).
    pub fingerprint: &'a str,
    /// When the certificate ends.
    pub certificate_until: Timestamp,
}

/// An invitation that was just redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redeemed {
    /// The Träger.
    pub traeger: i64,
    /// The school.
    pub school: i64,
    /// The new agent.
    pub agent: i64,
    /// Whether a person must approve it first.
    pub needs_approval: bool,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// Its number.
    pub id: i64,
    /// Its Träger.
    pub traeger: i64,
    /// The school for which it speaks.
    pub school: i64,
    /// What the box calls itself.
    pub name: String,
    /// The fingerprint of its present certificate.
    pub fingerprint: String,
    /// The version of its program.
    pub version: String,
    /// Its scope as declared on the box, JSON; for people to look at.
    pub scope: String,
    /// When its certificate ends.
    pub certificate_until: Option<Timestamp>,
    /// When it was approved; before, nothing it says is taken.
    pub approved_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it last spoke.
    pub last_contact: Option<Timestamp>,
    /// The highest sequence committed here.
    pub last_sequence: u64,
    /// Whether the administration made it the eyes of all schools: it is told the domains of every school.
    pub public_view: bool,
}

impl Agent {
    /// Whether what it says is taken.
    #[must_use]
    pub const fn is_heard(&self) -> bool {
        self.approved_at.is_some() && self.revoked_at.is_none()
    }
}

const AGENT: &str =
    "id, traeger_id, school_id, name, fingerprint, version, scope, certificate_until, approved_at,
                     revoked_at, last_contact, last_sequence, public_view";

fn agent(row: &Row) -> Result<Agent> {
    Ok(Agent {
        id: row.int(0)?,
        traeger: row.int(1)?,
        school: row.int(2)?,
        name: row.text(3)?,
        fingerprint: row.text(4)?,
        version: row.text(5)?,
        scope: row.text(6)?,
        certificate_until: row.maybe_moment(7)?,
        approved_at: row.maybe_moment(8)?,
        revoked_at: row.maybe_moment(9)?,
        last_contact: row.maybe_moment(10)?,
        last_sequence: row.int(11)?.cast_unsigned(),
        public_view: row.flag(12)?,
    })
}

impl Store {
    /// Turns a token into an agent: once, before its end. The certificate is signed by the caller beforehand or in
    /// `sign`, which is given the new agent's number inside the transaction and returns the certificate's fingerprint.
    ///
    /// # Errors
    /// The token is unknown, used or expired, each told apart; or the database or `sign` failed, and then the token
    /// stays unused.
    pub fn redeem_invitation(
        &self,
        token_hash: &str,
        details: &AgentDetails<'_>,
        now: Timestamp,
        mut sign: impl FnMut(i64) -> Result<String>,
    ) -> Result<Redeemed> {
        let traeger = self
            .directory("invitation", token_hash)?
            .ok_or_else(|| Error::Refused("this token is not known here".to_owned()))?;
        traeger.write(|tx| {
            let find = "SELECT id, school_id, expires_at, needs_approval FROM invitation
                        WHERE traeger_id = $1 AND token_hash = $2";
            let (id, school, expires, approval) = tx
                .first(find, cells![token_hash], |row| {
                    Ok((row.int(0)?, row.int(1)?, row.moment(2)?, row.flag(3)?))
                })?
                .ok_or_else(|| Error::Refused("this token is not known here".to_owned()))?;
            if expires <= now {
                return Err(Error::Refused(format!("this token expired at {expires}; make a new invitation")));
            }
            // The condition makes it once: of two at the same moment one changes no row.
            let take = "UPDATE invitation SET used_at = $3 WHERE traeger_id = $1 AND id = $2 AND used_at IS NULL";
            if tx.execute(take, cells![id, now])? == 0 {
                return Err(Error::Refused("this token was used before; make a new invitation".to_owned()));
            }
            let insert = "INSERT INTO agent (traeger_id, school_id, name, fingerprint, version, certificate_until,
                          approved_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
            let approved = (!approval).then_some(now);
            let agent = tx.insert(
                insert,
                cells![
                    school,
                    details.name,
                    details.fingerprint,
                    details.version,
                    details.certificate_until,
                    approved,
                    now
                ],
            )?;
            let fingerprint = sign(agent)?;
            let note = "UPDATE agent SET fingerprint = $3 WHERE traeger_id = $1 AND id = $2";
            tx.execute(note, cells![agent, &fingerprint])?;
            tx.execute(
                "UPDATE invitation SET agent_id = $3 WHERE traeger_id = $1 AND id = $2",
                cells![id, agent],
            )?;
            tx.execute(ENTER, cells!["agent", &fingerprint])?;
            Ok(Redeemed { traeger: traeger.id, school, agent, needs_approval: approval })
        })
        .doing(|| "redeem an invitation".to_owned())
    }

    /// The agent to which a certificate's fingerprint belongs, whatever its Träger.
    ///
    /// # Errors
    /// The database failed.
    pub fn agent_by_fingerprint(&self, fingerprint: &str) -> Result<Option<Agent>> {
        let Some(traeger) = self.directory("agent", fingerprint)? else { return Ok(None) };
        let sql = format!(
            "SELECT {AGENT} FROM agent WHERE traeger_id = $1 AND (fingerprint = $2 OR previous_fingerprint = $2)"
        );
        traeger.read(|tx| tx.first(&sql, cells![fingerprint], agent))
    }
}

const ENTER: &str = "INSERT INTO directory (traeger_id, kind, key) VALUES ($1, $2, $3)";

/// What the audit log tells of an agent, or of an invitation.
fn done(subject: String, what: &str, said: (String, String), by: (&str, Timestamp)) -> AuditEntry {
    let (before, after) = said;
    AuditEntry { at: by.1, who: by.0.to_owned(), what: what.to_owned(), subject, before, after }
}

/// What the audit log tells of something that was asked of an agent or decided about it: how it stood, and stands.
pub(crate) fn order(id: i64, what: &str, states: (&str, &str), by: (&str, Timestamp)) -> AuditEntry {
    let told = |state: &str| {
        if state.is_empty() { String::new() } else { json!({ "state": state }).to_string() }
    };
    done(format!("agent {id}"), what, (told(states.0), told(states.1)), by)
}

impl Agent {
    /// Whether it waits, is heard or was withdrawn.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match (self.revoked_at, self.approved_at) {
            (Some(_), _) => "withdrawn",
            (None, None) => "waiting",
            (None, Some(_)) => "heard",
        }
    }
}

impl Traeger {
    /// Makes an invitation and returns its number.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn invite(&self, new: &NewInvitation<'_>, by: (&str, Timestamp)) -> Result<i64> {
        let sql =
            "INSERT INTO invitation (traeger_id, school_id, token_hash, note, needs_approval, created_at,
                   expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
        self.write(|tx| {
            require_school(tx, new.school)?;
            tx.execute(ENTER, cells!["invitation", new.token_hash])?;
            let cells =
                cells![new.school, new.token_hash, new.note, new.needs_approval, by.1, new.expires_at];
            let id = tx.insert(sql, cells)?;
            // Of the token nothing is told, not even its hash.
            let after = json!({ "until": new.expires_at.date(), "needs_approval": new.needs_approval });
            let subject = format!("invitation {id}");
            audit(tx, Some(new.school), &done(subject, "invite", (String::new(), after.to_string()), by))?;
            Ok(id)
        })
        .doing(|| "make an invitation".to_owned())
    }

    /// Every invitation, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn invitations(&self) -> Result<Vec<Invitation>> {
        let sql = "SELECT id, school_id, note, needs_approval, created_at, expires_at, used_at, agent_id
                   FROM invitation WHERE traeger_id = $1 ORDER BY id DESC";
        self.read(|tx| {
            tx.list(sql, &[], |row| {
                Ok(Invitation {
                    id: row.int(0)?,
                    school: row.int(1)?,
                    note: row.text(2)?,
                    needs_approval: row.flag(3)?,
                    created_at: row.moment(4)?,
                    expires_at: row.moment(5)?,
                    used_at: row.maybe_moment(6)?,
                    agent: row.maybe_int(7)?,
                })
            })
        })
    }

    /// Every agent, by number.
    ///
    /// # Errors
    /// The database failed.
    pub fn agents(&self) -> Result<Vec<Agent>> {
        let sql = format!("SELECT {AGENT} FROM agent WHERE traeger_id = $1 ORDER BY id");
        self.read(|tx| tx.list(&sql, &[], agent))
    }

    /// One agent.
    ///
    /// # Errors
    /// There is no such agent, or the database failed.
    pub fn agent(&self, id: i64) -> Result<Agent> {
        let sql = format!("SELECT {AGENT} FROM agent WHERE traeger_id = $1 AND id = $2");
        self.read(|tx| tx.first(&sql, cells![id], agent))?
            .ok_or_else(|| Error::NotFound(format!("agent {id}")))
    }

    /// Approves an agent.
    ///
    /// # Errors
    /// There is no such agent, or the database failed.
    pub fn approve_agent(&self, id: i64, by: (&str, Timestamp)) -> Result<()> {
        let before = self.agent(id)?;
        self.write(|tx| {
            let sql = "UPDATE agent SET approved_at = $3 WHERE traeger_id = $1 AND id = $2";
            tx.execute(sql, cells![id, by.1])?;
            audit(tx, Some(before.school), &order(id, "approve", (before.state(), "heard"), by))
        })
        .doing(|| format!("approve agent {id}"))
    }

    /// Revokes an agent for good; nothing it says is taken from now on.
    ///
    /// # Errors
    /// There is no such agent, or the database failed.
    pub fn revoke_agent(&self, id: i64, by: (&str, Timestamp)) -> Result<()> {
        let before = self.agent(id)?;
        let school = before.school;
        self.write(|tx| {
            let sql = "UPDATE agent SET revoked_at = $3 WHERE traeger_id = $1 AND id = $2";
            tx.execute(sql, cells![id, by.1])?;
            audit(tx, Some(school), &order(id, "revoke", (before.state(), "withdrawn"), by))?;
            domains::give_borrowed_back(tx, school)
        })
        .doing(|| format!("withdraw agent {id}"))?;
        self.weigh_words_again(school, by.1)
    }

    fn change_agent(&self, sql: &str, id: i64, now: Timestamp) -> Result<()> {
        match self.write(|tx| tx.execute(sql, cells![id, now]))? {
            0 => Err(Error::NotFound(format!("agent {id}"))),
            _ => Ok(()),
        }
    }

    /// Gives an agent its renewed certificate. The one it presented still leads to it, in case the answer gets lost;
    /// any other stops doing so.
    ///
    /// # Errors
    /// There is no such agent, or the database failed.
    pub fn renew_agent(&self, id: i64, presented: &str, fingerprint: &str, until: Timestamp) -> Result<()> {
        self.write(|tx| {
            let find =
                "SELECT fingerprint, previous_fingerprint FROM agent WHERE traeger_id = $1 AND id = $2";
            let (present, previous) = tx
                .first(find, cells![id], |row| Ok((row.text(0)?, row.text(1)?)))?
                .ok_or_else(|| Error::NotFound(format!("agent {id}")))?;
            let forget = "DELETE FROM directory WHERE traeger_id = $1 AND kind = 'agent' AND key = $2";
            for old in [present, previous].iter().filter(|old| *old != presented) {
                tx.execute(forget, cells![old])?;
            }
            tx.execute(ENTER, cells!["agent", fingerprint])?;
            let sql = "UPDATE agent SET fingerprint = $3, previous_fingerprint = $4, certificate_until = $5
                       WHERE traeger_id = $1 AND id = $2";
            tx.execute(sql, cells![id, fingerprint, presented, until]).map(drop)
        })
        .doing(|| format!("renew the certificate of agent {id}"))
    }

    /// Notes that an agent called that is not heard yet.
    ///
    /// # Errors
    /// There is no such agent, or the database failed.
    pub fn agent_called(&self, id: i64, now: Timestamp) -> Result<()> {
        self.change_agent("UPDATE agent SET last_contact = $3 WHERE traeger_id = $1 AND id = $2", id, now)
    }

    /// Notes that an agent spoke: its version, its scope as JSON, and when.
    ///
    /// # Errors
    /// There is no such agent, or the database failed.
    pub fn agent_contact(&self, id: i64, version: &str, scope: &str, now: Timestamp) -> Result<()> {
        let sql =
            "UPDATE agent SET version = $3, scope = $4, last_contact = $5 WHERE traeger_id = $1 AND id = $2";
        match self.write(|tx| tx.execute(sql, cells![id, version, scope, now]))? {
            0 => Err(Error::NotFound(format!("agent {id}"))),
            _ => Ok(()),
        }
    }
}
