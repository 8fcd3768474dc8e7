//! Reminding a school of a survey by mail: one a day at most, and noted only where a server took one.
//!
//! A row of `dispatch` (the school, the day) stands before anything leaves, as with the weekly mail: a collector that ends
//! in the middle leaves it as it is, and nobody sends again that day.

use crate::{
    error::{Doing, Error, Obstacle, Result},
    post::Sent,
    register::{AuditEntry, audit},
    store::{Traeger, cells},
    survey_runs::part_of,
};
use rundgang_inventory::Timestamp;

/// What whoever wants to remind a school finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing left today, or surely not: it is the asker's to send.
    Own,
    /// A mail left today.
    Left,
    /// One was begun today, and nobody knows whether it left.
    Unsure,
}

impl Traeger {
    /// Takes it upon oneself to remind a school of a run by mail, on a day (`2026-11-23`) by whose clocks the school lives.
    ///
    /// # Errors
    /// A refusal where the school has handed in; there is no such part; the database failed.
    pub fn claim_reminder(&self, run: i64, school: i64, day: &str, now: Timestamp) -> Result<Claim> {
        let claim = "INSERT INTO dispatch (traeger_id, kind, recipient, week, state, tries, at)
                     VALUES ($1, 'reminder', $2, $3, 'sending', 1, $4)
                     ON CONFLICT (traeger_id, kind, recipient, week)
                     DO UPDATE SET state = 'sending', tries = dispatch.tries + 1, at = excluded.at
                     WHERE dispatch.state IN ('later', 'refused') RETURNING id";
        let state = "SELECT state FROM dispatch
                     WHERE traeger_id = $1 AND kind = 'reminder' AND recipient = $2 AND week = $3";
        self.write(|tx| {
            if !part_of(tx, run, school)?.state.is_awaited() {
                return Err(Error::Blocked(Obstacle::Moved));
            }
            if tx.first(claim, cells![school, day, now], |row| row.int(0))?.is_some() {
                return Ok(Claim::Own);
            }
            let left = tx.first(state, cells![school, day], |row| row.text(0))?;
            Ok(if left.as_deref() == Some("taken") { Claim::Left } else { Claim::Unsure })
        })
        .doing(|| format!("remind school {school} of run {run}"))
    }

    /// Notes what became of reminding a school that was claimed. Where a server took a mail, the run and the audit log say
    /// so; `whom` is told there, in functions and numbers.
    ///
    /// # Errors
    /// The database failed.
    pub fn note_reminder_sent(
        &self,
        (run, school): (i64, i64),
        day: &str,
        sent: &Sent,
        whom: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<()> {
        let became = "UPDATE dispatch SET state = $4, told = $5
                      WHERE traeger_id = $1 AND kind = 'reminder' AND recipient = $2 AND week = $3";
        let reminded = "UPDATE survey_part SET reminded_at = $4
                        WHERE traeger_id = $1 AND run_id = $2 AND school_id = $3";
        self.write(|tx| {
            tx.execute(became, cells![school, day, sent.name(), sent.told()])?;
            if *sent != Sent::Taken {
                return Ok(());
            }
            tx.execute(reminded, cells![run, school, now])?;
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: "remind".to_owned(),
                subject: format!("survey run {run}"),
                before: String::new(),
                after: whom.to_owned(),
            };
            audit(tx, Some(school), &entry)
        })
        .doing(|| format!("note that school {school} was reminded of run {run}"))
    }
}
