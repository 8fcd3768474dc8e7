//! What the Träger offers to its schools, and which school uses what.

use crate::{
    engine::Row,
    error::{Doing, Error, Problem, Result, require_version},
    register::{AuditEntry, audit},
    schools::require_school,
    secrets::refuse_texts,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Timestamp, search::folded};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that the Träger offers to its schools.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Offer {
    /// Its number; 0 for a new one.
    pub id: i64,
    /// The version that was looked at before changing it; 0 for a new one.
    pub version: i64,
    /// What it is called.
    pub name: String,
    /// Its kind, as systems of the register have kinds: `lms`, `filter`.
    pub kind: String,
    /// Who runs it.
    pub provider: String,
    /// What it is.
    pub description: String,
    /// Whom to ask for it.
    pub ask: String,
}

impl Offer {
    /// Whether a system of that kind, run by that provider, is this offer in use: what the offer names is so.
    fn is(&self, kind: &str, provider: &str) -> bool {
        let (own, other) = (folded(self.provider.trim()), folded(provider.trim()));
        let names_something = !self.kind.is_empty() || !own.is_empty();
        names_something && (self.kind.is_empty() || self.kind == kind) && (own.is_empty() || own == other)
    }
}

/// An offer as it stands at one school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfferLine {
    /// The offer.
    pub offer: Offer,
    /// What the school says: whether it uses it; nothing where it said nothing.
    pub said: Option<bool>,
    /// Systems in use that are this offer, by their kind and provider: number and name.
    pub systems: Vec<(i64, String)>,
}

impl OfferLine {
    /// Whether the school uses it: what it says holds, else what its register shows.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.said.unwrap_or(!self.systems.is_empty())
    }
}

/// Letters of one text.
const LONGEST: usize = 300;

const COLUMNS: &str = "id, version, name, kind, provider, description, ask";

fn read(row: &Row) -> Result<Offer> {
    Ok(Offer {
        id: row.int(0)?,
        version: row.int(1)?,
        name: row.text(2)?,
        kind: row.text(3)?,
        provider: row.text(4)?,
        description: row.text(5)?,
        ask: row.text(6)?,
    })
}

fn all(tx: &mut Tx<'_>) -> Result<Vec<Offer>> {
    let sql = format!("SELECT {COLUMNS} FROM offer WHERE traeger_id = $1 ORDER BY name, id");
    tx.list(&sql, &[], read)
}

/// The offer of that number, provided that it is what the writer had seen.
fn current(tx: &mut Tx<'_>, id: i64, version: i64) -> Result<Offer> {
    let sql = format!("SELECT {COLUMNS} FROM offer WHERE traeger_id = $1 AND id = $2");
    let found = tx.first(&sql, cells![id], read)?.ok_or_else(|| Error::NotFound(format!("offer {id}")))?;
    require_version(|| format!("offer {}", found.name), version, found.version)?;
    Ok(found)
}

impl Traeger {
    /// What the Träger offers, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn offers(&self) -> Result<Vec<Offer>> {
        self.read(all)
    }

    /// What the Träger offers, with what a school uses of it.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn offers_of_school(&self, school: i64) -> Result<Vec<OfferLine>> {
        self.school(school)?;
        let used = "SELECT offer_id, state FROM offer_use WHERE traeger_id = $1 AND school_id = $2";
        let systems = "SELECT id, name, kind, provider FROM documented_system
                       WHERE traeger_id = $1 AND school_id = $2 AND deleted_at IS NULL AND status = 'in-use'
                         AND (kind <> '' OR provider <> '') ORDER BY name, id";
        self.read(|tx| {
            let said = tx.list(used, cells![school], |row| Ok((row.int(0)?, row.text(1)? == "used")))?;
            let said: BTreeMap<i64, bool> = said.into_iter().collect();
            let offers = all(tx)?;
            let systems = if offers.is_empty() {
                Vec::new()
            } else {
                tx.list(systems, cells![school], |row| {
                    Ok((row.int(0)?, row.text(1)?, row.text(2)?, row.text(3)?))
                })?
            };
            let line = |offer: Offer| {
                let own = systems.iter().filter(|(_, _, kind, provider)| offer.is(kind, provider));
                OfferLine {
                    said: said.get(&offer.id).copied(),
                    systems: own.map(|(id, name, ..)| (*id, name.clone())).collect(),
                    offer,
                }
            };
            Ok(offers.into_iter().map(line).collect())
        })
    }

    /// Enters a new offer (`id` 0) or changes one, and returns its number.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; a refusal for an empty name, a text that is too long or looks like a
    /// secret; there is no such offer; or the database failed.
    pub fn save_offer(&self, new: &Offer, by: (&str, Timestamp)) -> Result<i64> {
        if new.name.trim().is_empty() {
            return Err(Error::Unfit { field: "name", problem: Problem::Empty });
        }
        let texts = [&new.name, &new.kind, &new.provider, &new.description, &new.ask];
        refuse_texts(["name", "kind", "provider", "description", "ask"].into_iter().zip(texts), LONGEST)?;
        self.write(|tx| {
            tx.lock_between_schools()?;
            let [name, kind, provider, description, ask] = texts.map(|text| text.trim());
            let before = if new.id == 0 { None } else { Some(current(tx, new.id, new.version)?) };
            let id = if before.is_some() {
                let sql = "UPDATE offer SET version = version + 1, name = $3, kind = $4, provider = $5,
                             description = $6, ask = $7 WHERE traeger_id = $1 AND id = $2 RETURNING id";
                tx.insert(sql, cells![new.id, name, kind, provider, description, ask])?
            } else {
                let sql = "INSERT INTO offer (traeger_id, name, kind, provider, description, ask)
                           VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
                tx.insert(sql, cells![name, kind, provider, description, ask])?
            };
            let after = Offer { id, version: new.version + 1, ..new.clone() };
            let entry = AuditEntry::of_change(format!("offer {id}"), (before.as_ref(), Some(&after)), by)?;
            audit(tx, None, &entry)?;
            Ok(id)
        })
        .doing(|| format!("save the offer {}", new.name))
    }

    /// Deletes an offer with what schools said of it; the audit log keeps what stood there, for each school its own word.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version, there is no such offer, or the database failed.
    pub fn delete_offer(&self, id: i64, version: i64, by: (&str, Timestamp)) -> Result<()> {
        self.write(|tx| {
            // A school that says something of it meanwhile waits, and is told that there is no such offer.
            tx.lock_all_schools()?;
            tx.lock_between_schools()?;
            let before = current(tx, id, version)?;
            let subject = format!("offer {id}");
            let said = "SELECT school_id, state FROM offer_use WHERE traeger_id = $1 AND offer_id = $2
                        ORDER BY school_id";
            for (school, word) in tx.list(said, cells![id], |row| Ok((row.int(0)?, row.text(1)?)))? {
                audit(tx, Some(school), &of_word(subject.clone(), word, String::new(), by))?;
            }
            tx.execute("DELETE FROM offer_use WHERE traeger_id = $1 AND offer_id = $2", cells![id])?;
            tx.execute("DELETE FROM offer WHERE traeger_id = $1 AND id = $2", cells![id])?;
            audit(tx, None, &AuditEntry::of_change(subject, (Some(&before), None), by)?)
        })
        .doing(|| format!("delete offer {id}"))
    }

    /// What a school says of an offer: that it uses it or not, or nothing any more.
    ///
    /// # Errors
    /// There is no such offer or school, or the database failed.
    pub fn say_of_offer(
        &self,
        school: i64,
        offer: i64,
        used: Option<bool>,
        by: (&str, Timestamp),
    ) -> Result<()> {
        self.write(|tx| {
            tx.lock_school(school)?;
            require_school(tx, school)?;
            let known = "SELECT 1 FROM offer WHERE traeger_id = $1 AND id = $2";
            tx.first(known, cells![offer], |_| Ok(()))?
                .ok_or_else(|| Error::NotFound(format!("offer {offer}")))?;
            let own =
                "SELECT state FROM offer_use WHERE traeger_id = $1 AND school_id = $2 AND offer_id = $3";
            let before = tx.first(own, cells![school, offer], |row| row.text(0))?.unwrap_or_default();
            let after = match used {
                Some(true) => "used",
                Some(false) => "unused",
                None => "",
            };
            if before == after {
                return Ok(());
            }
            if after.is_empty() {
                let sql = "DELETE FROM offer_use WHERE traeger_id = $1 AND school_id = $2 AND offer_id = $3";
                tx.execute(sql, cells![school, offer])?;
            } else {
                let sql = "INSERT INTO offer_use (traeger_id, school_id, offer_id, state)
                           VALUES ($1, $2, $3, $4)
                           ON CONFLICT (school_id, offer_id) DO UPDATE SET state = excluded.state";
                tx.execute(sql, cells![school, offer, after])?;
            }
            let subject = format!("offer {offer}");
            audit(tx, Some(school), &of_word(subject, before, after.to_owned(), by))
        })
        .doing(|| format!("say whether offer {offer} is used"))
    }
}

/// What a school says of an offer (`used`, `unused` or nothing), as the audit log tells it.
fn of_word(subject: String, before: String, after: String, (who, at): (&str, Timestamp)) -> AuditEntry {
    let what = if after.is_empty() { "delete" } else { "change" }.to_owned();
    AuditEntry { at, who: who.to_owned(), what, subject, before, after }
}
