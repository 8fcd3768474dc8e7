//! The history of a domain's records: derived from the audits of each agent, kept longer than their raw look-ups.

use crate::{
    engine::Row,
    error::{Doing, Error, Result},
    ingest::place,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{
    Fields, Timestamp,
    mail::{DomainEvidence, RecordSetChange, View, lookup::domain_from, record_changes},
};
use serde::Serialize;

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

impl Traeger {
    /// What changed among the records of a domain of the school, the newest first; nothing where the domain is not
    /// confirmed there.
    ///
    /// # Errors
    /// The database failed, or the name is no domain.
    pub fn domain_history(&self, school: i64, domain: &str) -> Result<Vec<RecordChanged>> {
        let name = domain_from(domain).ok_or_else(|| Error::Refused(format!("'{domain}' is no domain")))?;
        let sql = "SELECT c.day, c.name, c.type, c.before, c.after, c.view FROM record_change c
                   JOIN domain d ON d.traeger_id = c.traeger_id AND d.name = c.domain
                   WHERE c.traeger_id = $1 AND d.school_id = $2 AND c.domain = $3 AND d.confirmed_at IS NOT NULL
                   ORDER BY c.day DESC, c.place DESC, c.name, c.type LIMIT $4";
        let all = self
            .read(|tx| tx.list(sql, cells![school, &name, MOST_SHOWN], changed))
            .doing(|| format!("read the history of {name}"))?;
        let mut shown: Vec<RecordChanged> = Vec::new();
        for change in all.into_iter().rev() {
            let is_same = |known: &RecordChanged| {
                let alike = RecordChanged { day: known.day, ..change.clone() };
                alike == *known && change.day <= known.day.plus_days(SAME_DAYS)
            };
            if !shown.iter().any(is_same) {
                shown.push(change);
            }
        }
        shown.reverse();
        Ok(shown)
    }
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
    fields: Fields,
}

const COLUMNS: &str = "o.school_id, o.agent_id, k.value, o.sequence, o.position, o.day, o.fields";

fn audit(row: &Row) -> Result<Audit> {
    let position = usize::try_from(row.int(4)?).unwrap_or_default();
    Ok(Audit {
        school: row.int(0)?,
        agent: row.int(1)?,
        domain: row.text(2)?,
        place: place(row.int(3)?, position),
        day: row.moment(5)?,
        fields: serde_json::from_str(&row.text(6)?)?,
    })
}

/// Notes what an audit that was just taken in shows otherwise than the one before it, of the same agent.
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
         ORDER BY o.sequence DESC, o.position DESC LIMIT 1"
    );
    let Some(before) = tx.first(&before, cells![observation], audit)? else { return Ok(()) };
    match tx.first(&this, cells![observation], audit)? {
        Some(this) => compare(tx, &before, &this),
        None => Ok(()),
    }
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
    let mut before: Option<Audit> = None;
    for this in tx.list(&sql, cells![school], audit)? {
        let same = |last: &Audit| last.agent == this.agent && last.domain == this.domain;
        if let Some(last) = before.as_ref().filter(|last| same(last)) {
            tx.execute(clear, cells![this.agent, &this.domain, this.place])?;
            compare(tx, last, &this)?;
        }
        before = Some(this);
    }
    Ok(())
}

/// Writes down what differs between two audits of one view; a mere search domain is none.
fn compare(tx: &mut Tx<'_>, before: &Audit, this: &Audit) -> Result<()> {
    let view = View::of(&this.fields);
    let read = |audit: &Audit| DomainEvidence::from_fields(&this.domain, &audit.fields);
    let (Some(old), Some(new)) = (read(before), read(this)) else { return Ok(()) };
    if View::of(&before.fields) != view {
        return Ok(());
    }
    let sql =
        "INSERT INTO record_change (traeger_id, school_id, domain, agent_id, place, name, type, view, day,
                 before, after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               ON CONFLICT (agent_id, domain, place, name, type) DO NOTHING";
    for RecordSetChange { name, kind, before, after } in record_changes(&old, &new) {
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
