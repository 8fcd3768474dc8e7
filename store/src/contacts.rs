//! Whom to call: a function first and a person where one is named, for a school and for the Träger.

use crate::{
    engine::Row,
    error::{Doing, Error, Problem, Result, require_version},
    register::{AuditEntry, audit},
    schools::require_school,
    secrets::refuse_texts,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{
    Timestamp,
    search::{ALIKE, folded, likeness, words},
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Somebody to call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Its number; 0 for a new one.
    pub id: i64,
    /// The school; nothing for the Träger's own.
    pub school: Option<i64>,
    /// The version that was looked at before changing it; 0 for a new one.
    pub version: i64,
    /// The function: "IT-Koordination".
    pub function: String,
    /// The person, where one is named.
    pub name: String,
    /// The telephone number.
    pub phone: String,
    /// The mail address.
    pub mail: String,
    /// For what: "Netz, Server, Konten".
    pub purpose: String,
}

/// Letters of one text.
const LONGEST: usize = 300;

const COLUMNS: &str = "id, school_id, version, function, name, phone, mail, purpose";

fn read(row: &Row) -> Result<Contact> {
    Ok(Contact {
        id: row.int(0)?,
        school: row.maybe_int(1)?,
        version: row.int(2)?,
        function: row.text(3)?,
        name: row.text(4)?,
        phone: row.text(5)?,
        mail: row.text(6)?,
        purpose: row.text(7)?,
    })
}

/// Makes this transaction the only writer of a school's contacts, or of the Träger's own for `None`, until it ends: what
/// it reads is what it changes.
fn lock(tx: &mut Tx<'_>, school: Option<i64>) -> Result<()> {
    match school {
        Some(school) => tx.lock_school(school),
        None => tx.lock_between_schools(),
    }
}

/// The contact of that number at that school (at the Träger for `None`), provided that it is what the writer had seen.
fn current(tx: &mut Tx<'_>, school: Option<i64>, id: i64, version: i64) -> Result<Contact> {
    let sql = format!("SELECT {COLUMNS} FROM contact WHERE traeger_id = $1 AND id = $2");
    let found = tx.first(&sql, cells![id], read)?.filter(|found| found.school == school);
    let found = found.ok_or_else(|| Error::NotFound(format!("contact {id}")))?;
    require_version(|| format!("contact {}", found.function), version, found.version)?;
    Ok(found)
}

impl Traeger {
    /// The contacts of a school, or the Träger's own for `None`, by function.
    ///
    /// # Errors
    /// The database failed.
    pub fn contacts(&self, school: Option<i64>) -> Result<Vec<Contact>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM contact WHERE traeger_id = $1 AND COALESCE(school_id, 0) = $2
             ORDER BY function, name, id"
        );
        self.read(|tx| tx.list(&sql, cells![school.unwrap_or(0)], read))
    }

    /// Contacts that hold every word of a question, of one school and of the Träger, or of all schools for `None`; the
    /// schools' before the Träger's, at most so many. Where none does, those that hold words alike: a typing error or
    /// another spelling of an umlaut still finds.
    ///
    /// # Errors
    /// The database failed.
    pub fn contacts_found(&self, school: Option<i64>, question: &str, most: usize) -> Result<Vec<Contact>> {
        let asked = folded(question);
        let asked: Vec<&str> = asked.split_whitespace().collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM contact WHERE traeger_id = $1 AND ($2 = 0 OR COALESCE(school_id, $2) = $2)
             ORDER BY CASE WHEN school_id IS NULL THEN 1 ELSE 0 END, function, name, id"
        );
        let all = self.read(|tx| tx.list(&sql, cells![school.unwrap_or(0)], read))?;
        let text = |one: &Contact| {
            [&one.function, &one.name, &one.phone, &one.mail, &one.purpose].map(String::as_str).join(" ")
        };
        let holds = |one: &&Contact| {
            let text = folded(&text(one));
            asked.iter().all(|word| text.contains(word))
        };
        let found: Vec<Contact> = all.iter().filter(holds).take(most).cloned().collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let asked = words(question);
        // A number that resembles another one is another device's or another school's.
        if asked.is_empty() || asked.iter().any(|word| word.contains(|c: char| c.is_ascii_digit())) {
            return Ok(Vec::new());
        }
        // Many contacts bear the same words; each is compared once.
        let mut known: HashMap<(usize, String), bool> = HashMap::new();
        let mut resembles = |one: &Contact| {
            let own = words(&text(one));
            asked.iter().enumerate().all(|(at, word)| {
                own.iter().any(|other| {
                    let alike = || likeness(word, other) >= ALIKE;
                    *known.entry((at, other.clone())).or_insert_with(alike)
                })
            })
        };
        Ok(all.into_iter().filter(|one| resembles(one)).take(most).collect())
    }

    /// Enters a new contact (`id` 0) or changes one, and returns its number.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; a refusal for an empty function, a text that is too long or looks like a
    /// secret; there is no such contact or school; or the database failed.
    pub fn save_contact(&self, new: &Contact, by: (&str, Timestamp)) -> Result<i64> {
        if new.function.trim().is_empty() {
            return Err(Error::Unfit { field: "function", problem: Problem::Empty });
        }
        let c = new;
        let texts = [&c.function, &c.name, &c.phone, &c.mail, &c.purpose];
        refuse_texts(["function", "name", "phone", "mail", "purpose"].into_iter().zip(texts), LONGEST)?;
        self.write(|tx| {
            lock(tx, c.school)?;
            if let Some(school) = c.school {
                require_school(tx, school)?;
            }
            let before = if c.id == 0 { None } else { Some(current(tx, c.school, c.id, c.version)?) };
            let sql = if before.is_some() {
                "UPDATE contact SET version = version + 1, function = $3, name = $4, phone = $5, mail = $6,
                   purpose = $7 WHERE traeger_id = $1 AND id = $2 RETURNING id"
            } else {
                "INSERT INTO contact (traeger_id, school_id, function, name, phone, mail, purpose)
                 VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id"
            };
            let first = if before.is_some() { Some(c.id) } else { c.school };
            let [function, name, phone, mail, purpose] = texts.map(|text| text.trim());
            let id = tx.insert(sql, cells![first, function, name, phone, mail, purpose])?;
            let after = Contact { id, version: c.version + 1, ..c.clone() };
            let entry = AuditEntry::of_change(format!("contact {id}"), (before.as_ref(), Some(&after)), by)?;
            audit(tx, c.school, &entry)?;
            Ok(id)
        })
        .doing(|| format!("save the contact {}", new.function))
    }

    /// Deletes a contact; the audit log keeps what stood there.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version, there is no such contact, or the database failed.
    pub fn delete_contact(
        &self,
        school: Option<i64>,
        id: i64,
        version: i64,
        by: (&str, Timestamp),
    ) -> Result<()> {
        self.write(|tx| {
            lock(tx, school)?;
            let before = current(tx, school, id, version)?;
            tx.execute("DELETE FROM contact WHERE traeger_id = $1 AND id = $2", cells![id])?;
            audit(tx, school, &AuditEntry::of_change(format!("contact {id}"), (Some(&before), None), by)?)
        })
        .doing(|| format!("delete contact {id}"))
    }
}
