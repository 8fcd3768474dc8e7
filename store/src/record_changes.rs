//! The history of a domain's records: derived from the audits of each agent, kept longer than their raw look-ups.

use crate::{
    engine::Row,
    error::{Doing, Error, Result},
    ingest::place,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{
    Fields, Timestamp,
    mail::{
        DomainEvidence, RecordSetChange, View, carried, leaves_open, lookup::domain_from, record_changes,
    },
};
use serde::Serialize;
use std::collections::BTreeSet;

/// A change of a record set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordChanged {
    /// The day of the audit that first saw it.
    pub day: Timestamp,
    /// The name of the record set; for an MTA-STS policy its address.
    pub name: String,
    /// Its type as in zone files, or `policy`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The records that went; none where the set is new.
    pub before: Vec<String>,
    /// The records that came; none where nothing took their place.
    pub after: Vec<String>,
    /// From where it was seen: `public` or `inside`.
    pub view: String,
}

/// No page shows more changes of one domain.
const MOST_SHOWN: i64 = 400;
/// Days within which the same change, seen by several agents, is one.
const SAME_DAYS: i64 = 7;
/// How far back an audit is looked for that knows all: no outage is longer.
const MOST_CARRIED: usize = 24;

impl Traeger {
    /// What changed among the records of a domain of the school, the newest first; nothing where the domain is not
    /// confirmed there.
    ///
    /// # Errors
    /// The database failed, or the name is no domain.
    pub fn domain_history(&self, school: i64, domain: &str) -> Result<Vec<RecordChanged>> {
        let name = domain_from(domain).ok_or_else(|| Error::Refused(format!("'{domain}' is no domain")))?;
        let sql = "SELECT c.day, c.name, c.type, c.before, c.after, c.view, c.agent_id
                   FROM record_change c
                   JOIN domain d ON d.traeger_id = c.traeger_id AND d.name = c.domain
                   WHERE c.traeger_id = $1 AND d.school_id = $2 AND c.domain = $3 AND d.confirmed_at IS NOT NULL
                     AND (c.view = 'public' OR c.school_id = d.school_id)
                   ORDER BY c.day DESC, c.place DESC, c.name, c.type LIMIT $4";
        let all = self
            .read(|tx| {
                tx.list(sql, cells![school, &name, MOST_SHOWN], |row| Ok((row.int(6)?, changed(row)?)))
            })
            .doing(|| format!("read the history of {name}"))?;
        Ok(folded(all))
    }
}

/// Changes as their agents saw them, the newest first, without what another agent saw as well. What one agent saw twice
/// happened twice.
fn folded(all: Vec<(i64, RecordChanged)>) -> Vec<RecordChanged> {
    let mut shown: Vec<(BTreeSet<i64>, RecordChanged)> = Vec::new();
    for (agent, change) in all.into_iter().rev() {
        let same = shown.iter_mut().find(|(agents, known)| {
            let alike = RecordChanged { day: known.day, ..change.clone() };
            !agents.contains(&agent) && alike == *known && change.day <= known.day.plus_days(SAME_DAYS)
        });
        if let Some((agents, _)) = same {
            agents.insert(agent);
        } else {
            shown.push((BTreeSet::from([agent]), change));
        }
    }
    shown.into_iter().rev().map(|(_, change)| change).collect()
}

fn changed(row: &Row) -> Result<RecordChanged> {
    let (before, after): (Vec<String>, Vec<String>) =
        (serde_json::from_str(&row.text(3)?)?, serde_json::from_str(&row.text(4)?)?);
    let only = |these: &[String], those: &[String]| {
        these.iter().filter(|line| !those.contains(line)).cloned().collect::<Vec<_>>()
    };
    let (gone, come) = (only(&before, &after), only(&after, &before));
    Ok(RecordChanged {
        day: row.moment(0)?,
        name: row.text(1)?,
        kind: row.text(2)?,
        before: gone,
        after: come,
        view: row.text(5)?,
    })
}

/// One audit of a domain as it stands in the book.
struct Audit {
    school: i64,
    agent: i64,
    domain: String,
    place: i64,
    day: Timestamp,
    view: View,
    /// None where it is no audit: a mere search domain.
    evidence: Option<DomainEvidence>,
}

impl Audit {
    /// Whether it is one of that view which found out everything: what is known after it needs none before it.
    fn knows_all(&self, view: View) -> bool {
        self.view == view && self.evidence.as_ref().is_some_and(|evidence| !leaves_open(evidence))
    }
}

const COLUMNS: &str = "o.school_id, o.agent_id, k.value, o.sequence, o.position, o.day, o.fields";

fn audit(row: &Row) -> Result<Audit> {
    let position = usize::try_from(row.int(4)?).unwrap_or_default();
    let domain = row.text(2)?;
    let fields: Fields = serde_json::from_str(&row.text(6)?)?;
    Ok(Audit {
        school: row.int(0)?,
        agent: row.int(1)?,
        place: place(row.int(3)?, position),
        day: row.moment(5)?,
        view: View::of(&fields),
        evidence: DomainEvidence::from_fields(&domain, &fields),
        domain,
    })
}

/// Notes what an audit that was just taken in shows otherwise than those before it, of the same agent.
pub(crate) fn note(tx: &mut Tx<'_>, observation: i64) -> Result<()> {
    let this = format!(
        "SELECT {COLUMNS} FROM observation o JOIN identity_key k ON k.id = o.key_id
         WHERE o.traeger_id = $1 AND o.id = $2"
    );
    let before = format!(
        "SELECT {COLUMNS} FROM observation n JOIN observation o
           ON o.agent_id = n.agent_id AND o.key_id = n.key_id AND o.probe = n.probe
         JOIN identity_key k ON k.id = o.key_id
         WHERE n.traeger_id = $1 AND n.id = $2
           AND (o.sequence < n.sequence OR (o.sequence = n.sequence AND o.position < n.position))
         ORDER BY o.sequence DESC, o.position DESC LIMIT {MOST_CARRIED}"
    );
    let Some(this) = tx.first(&this, cells![observation], audit)? else { return Ok(()) };
    let mut known = Vec::new();
    for row in tx.query(&before, cells![observation])? {
        let earlier = audit(&row)?;
        let is_enough = earlier.knows_all(this.view);
        known.push(earlier);
        if is_enough {
            break;
        }
    }
    known.reverse();
    compare(tx, &known, &this)
}

/// Derives the history of the school's domains again from the audits that are still kept; what older ones showed stays.
pub(crate) fn rebuild(tx: &mut Tx<'_>, school: i64) -> Result<()> {
    let sql = format!(
        "SELECT {COLUMNS} FROM observation o JOIN identity_key k ON k.id = o.key_id
         WHERE o.traeger_id = $1 AND o.school_id = $2 AND k.kind = 'domain'
         ORDER BY o.agent_id, o.key_id, o.probe, o.sequence, o.position"
    );
    let clear = "DELETE FROM record_change
                 WHERE traeger_id = $1 AND agent_id = $2 AND domain = $3 AND place = $4";
    let mut before: Vec<Audit> = Vec::new();
    for this in tx.list(&sql, cells![school], audit)? {
        if before.last().is_some_and(|last| last.agent != this.agent || last.domain != this.domain) {
            before.clear();
        }
        // What was noted may rest on audits that are deleted by now; it goes only where those that are left know all.
        if before.iter().any(|known| known.knows_all(this.view)) {
            tx.execute(clear, cells![this.agent, &this.domain, this.place])?;
        }
        compare(tx, &before, &this)?;
        before.push(this);
        if before.len() > MOST_CARRIED {
            before.remove(0);
        }
    }
    Ok(())
}

/// Writes down what an audit shows otherwise than what the audits of its view before it, the oldest first, left known.
fn compare(tx: &mut Tx<'_>, before: &[Audit], this: &Audit) -> Result<()> {
    let view = this.view;
    let from = before.iter().rposition(|known| known.knows_all(view)).unwrap_or(0);
    let of_view = before[from..].iter().filter(|known| known.view == view);
    let known = of_view.filter_map(|known| known.evidence.clone());
    let known = known.reduce(|earlier, later| carried(&earlier, later));
    let (Some(old), Some(new)) = (known, &this.evidence) else { return Ok(()) };
    let sql =
        "INSERT INTO record_change (traeger_id, school_id, domain, agent_id, place, name, type, view, day,
                 before, after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               ON CONFLICT (agent_id, domain, place, name, type) DO NOTHING";
    for RecordSetChange { name, kind, before, after } in record_changes(&old, new) {
        let (before, after) = (serde_json::to_string(&before)?, serde_json::to_string(&after)?);
        let row = cells![
            this.school,
            &this.domain,
            this.agent,
            this.place,
            name,
            kind,
            view.name(),
            this.day,
            before,
            after
        ];
        tx.execute(sql, row)?;
    }
    Ok(())
}
