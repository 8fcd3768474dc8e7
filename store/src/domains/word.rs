//! Whose word about a domain counts: that of a box whose school has the domain, and that of the eyes of all schools.

use super::{
    ANOTHER_SCHOOL, SCOPE, SEARCH, confirmed_anywhere, is_declined_anywhere, judge_again, lock_with_speakers,
};
use crate::{
    error::{Doing, Result},
    register::{AuditEntry, audit},
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Fields, Timestamp, mail::View, vocabulary::DNS_SEARCH};

impl Traeger {
    /// Makes a box the eyes of all schools, or takes that back: it is told every school's confirmed domains where it sees
    /// the public DNS, and what it says of them counts for all. What its Hello claims of itself is no such word.
    ///
    /// # Errors
    /// There is no such agent, or the database failed.
    pub fn set_public_view(&self, agent: i64, sees_all: bool, who: &str, now: Timestamp) -> Result<()> {
        let found = self.agent(agent)?;
        self.write(|tx| {
            let sql = "UPDATE agent SET public_view = $3 WHERE traeger_id = $1 AND id = $2";
            tx.execute(sql, cells![agent, sees_all])?;
            give_borrowed_back(tx, found.school)?;
            let word = |sees: bool| if sees { "public view" } else { "" }.to_owned();
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: "change".to_owned(),
                subject: format!("agent {agent}"),
                before: word(found.public_view),
                after: word(sees_all),
            };
            audit(tx, Some(found.school), &entry)
        })
        .doing(|| format!("change what agent {agent} is told"))?;
        self.weigh_words_again(found.school, now)
    }

    /// Judges every domain anew of which a school's agents spoke, since it changed whose word counts.
    ///
    /// # Errors
    /// The database failed.
    pub(crate) fn weigh_words_again(&self, school: i64, now: Timestamp) -> Result<()> {
        let spoken_of = "SELECT value FROM identity_key
                         WHERE traeger_id = $1 AND school_id = $2 AND kind = 'domain' ORDER BY value";
        // Each by itself: no other school waits for all of them.
        for name in self.read(|tx| tx.list(spoken_of, cells![school], |row| row.text(0)))? {
            self.write(|tx| {
                let speakers = lock_with_speakers(tx, &name, school)?;
                judge_again(tx, &name, &speakers, now)
            })?;
        }
        Ok(())
    }
}

/// Forgets the domains that a school looked up for others, where no box of it is the eyes of all schools any more.
pub(crate) fn give_borrowed_back(tx: &mut Tx<'_>, school: i64) -> Result<()> {
    let sql = format!(
        "DELETE FROM domain WHERE traeger_id = $1 AND school_id = $2 AND confirmed_by = $3
         AND NOT EXISTS ({EYES} AND e.school_id = $2)"
    );
    tx.execute(&sql, cells![school, ANOTHER_SCHOOL]).map(drop)
}

/// How an agent speaks of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spoken {
    /// It only met the name, as a search domain.
    Named,
    /// It looked up the records where only its own school's domains are told to it.
    Inside,
    /// It looked up the records as the eyes of all schools: it may have been told the domains of every school.
    Public,
}

impl Spoken {
    /// The farthest-reaching of several statements about one domain, by an agent that is the eyes of all schools or not.
    pub(crate) fn of<'f>(statements: impl Iterator<Item = &'f Fields>, sees_all: bool) -> Self {
        let one = |fields: &Fields| match View::of(fields) {
            _ if fields.get(&DNS_SEARCH).is_some() => Self::Named,
            View::Public if sees_all => Self::Public,
            View::Public | View::Inside => Self::Inside,
        };
        statements.map(one).max().unwrap_or(Self::Named)
    }
}

/// Notes a domain that an agent speaks of. What was looked up although nobody decided about it stands in the box's own
/// scope file, which confirms it for that school, unless the domain is another school's already: then a person has to
/// say so. A person's word, yes or no, is never changed; a mere search domain waits for one, and so does what another
/// school declined: the eyes of all schools may have looked it up before that was known.
pub(crate) fn note(tx: &mut Tx<'_>, school: i64, name: &str, spoken: Spoken, now: Timestamp) -> Result<()> {
    let enter = "INSERT INTO domain (traeger_id, school_id, name, added_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (school_id, name) DO NOTHING";
    tx.execute(enter, cells![school, name, now])?;
    let is_anothers = confirmed_anywhere(tx, name, school)?.is_some();
    let by = match spoken {
        Spoken::Named => return Ok(()),
        Spoken::Inside if is_anothers => return Ok(()),
        Spoken::Public if is_anothers => ANOTHER_SCHOOL,
        Spoken::Public if is_declined_anywhere(tx, name)? => return Ok(()),
        Spoken::Inside | Spoken::Public => SCOPE,
    };
    let sql = "UPDATE domain SET confirmed_at = $4, confirmed_by = $5
               WHERE traeger_id = $1 AND school_id = $2 AND name = $3
                 AND confirmed_at IS NULL AND declined_at IS NULL";
    tx.execute(sql, cells![school, name, now, by]).map(drop)
}

/// The one school at which findings about a confirmed domain stand, however many it serves: the one that was there
/// first of those that it serves and whose agents speak of it with weight; else the first with a box that sees all.
pub(crate) fn home(tx: &mut Tx<'_>, name: &str) -> Result<Option<i64>> {
    let own = format!(
        "SELECT MIN(k.school_id) FROM identity_key k
         JOIN domain d ON d.traeger_id = k.traeger_id AND d.school_id = k.school_id AND d.name = k.value
         WHERE k.traeger_id = $1 AND k.kind = 'domain' AND k.value = $2 AND d.confirmed_at IS NOT NULL
           AND ({} OR EXISTS ({EYES} AND e.school_id = k.school_id))",
        has_word("d")
    );
    let any = format!(
        "SELECT MIN(k.school_id) FROM identity_key k
         JOIN domain d ON d.traeger_id = k.traeger_id AND d.name = k.value
         WHERE k.traeger_id = $1 AND k.kind = 'domain' AND k.value = $2 AND d.confirmed_at IS NOT NULL
           AND EXISTS ({EYES} AND e.school_id = k.school_id)"
    );
    let mut first = |sql: &str| Ok(tx.first(sql, cells![name], |row| row.maybe_int(0))?.flatten());
    match first(&own)? {
        Some(home) => Ok(Some(home)),
        None => first(&any),
    }
}

/// Whether the administration made an agent the eyes of all schools, and has not withdrawn it since.
pub(crate) fn sees_all(tx: &mut Tx<'_>, agent: i64) -> Result<bool> {
    Ok(tx.first(&format!("{EYES} AND e.id = $2"), cells![agent], |_| Ok(()))?.is_some())
}

/// The boxes that the administration made the eyes of all schools, and has not withdrawn since.
const EYES: &str =
    "SELECT 1 FROM agent e WHERE e.traeger_id = $1 AND e.public_view = 1 AND e.revoked_at IS NULL";

/// SQL: whether the row of that name of a school's confirmed domain gives the word of its boxes weight. A person's
/// confirmation does; a scope file's only as long as nobody else looks the domain up whose school a person confirmed
/// it for, or who is the eyes of all.
fn has_word(row: &str) -> String {
    format!(
        "({row}.confirmed_by NOT IN ('{SCOPE}', '{ANOTHER_SCHOOL}') OR ({row}.confirmed_by = '{SCOPE}' AND NOT EXISTS (
           SELECT 1 FROM domain w
           JOIN identity_key s ON s.traeger_id = w.traeger_id AND s.kind = 'domain' AND s.value = w.name
           JOIN present p ON p.key_id = s.id AND p.probe <> '{SEARCH}'
           WHERE w.traeger_id = $1 AND w.name = {row}.name AND w.confirmed_at IS NOT NULL
             AND w.confirmed_by NOT IN ('{SCOPE}', '{ANOTHER_SCHOOL}')
             AND (s.school_id = w.school_id OR EXISTS ({EYES} AND e.school_id = s.school_id)))))"
    )
}

/// SQL: whether what the agent of an observation `o` under the key `k` said of a domain counts: it is the eyes of all
/// schools, or its school has the domain. What any other box says is kept and judges nothing.
pub(crate) fn counts() -> String {
    format!(
        "(EXISTS ({EYES} AND e.id = o.agent_id) OR EXISTS (
           SELECT 1 FROM domain d WHERE d.traeger_id = $1 AND d.school_id = k.school_id AND d.name = k.value
             AND d.confirmed_at IS NOT NULL AND {}))",
        has_word("d")
    )
}
