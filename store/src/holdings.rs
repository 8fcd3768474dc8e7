//! What a school holds beside its systems: links to the world and documents.

use crate::{
    engine::{Cell, Row},
    error::{Error, Problem, Result},
    held::{self, Held},
    secrets::refuse_texts,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::{Deserialize, Serialize};

/// A link of a school to the world.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// Its number; 0 for a new one.
    pub id: i64,
    /// The version that was looked at before changing it; 0 for a new one.
    pub version: i64,
    /// The site it serves.
    pub site: Option<i64>,
    /// Fibre, cable, VDSL, radio ...
    pub technology: String,
    /// Contracted Mbit/s down.
    pub down_mbit: Option<i64>,
    /// Contracted Mbit/s up.
    pub up_mbit: Option<i64>,
    /// `active`, `ordered`, `planned`.
    pub status: String,
    /// `primary`, `backup`.
    pub role: String,
    /// Who provides it.
    pub provider: String,
}

/// A document of a school: Medienkonzept, MEP, finance plan, DPIA ...
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// Its number; 0 for a new one.
    pub id: i64,
    /// The version that was looked at before changing it; 0 for a new one.
    pub version: i64,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its day.
    pub dated: Option<String>,
    /// Where it is kept.
    pub place: String,
}

/// Letters of one text.
const LONGEST: usize = 300;

/// Mbit/s that a link has at most.
const FASTEST: i64 = 10_000_000;

fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

impl Held for Link {
    const TABLE: &'static str = "link";
    const COLUMNS: &'static str = "site_id, technology, down_mbit, up_mbit, status, role, provider";
    const ORDER: &'static str = "id";

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.int(0)?,
            version: row.int(1)?,
            site: row.maybe_int(2)?,
            technology: row.text(3)?,
            down_mbit: row.maybe_int(4)?,
            up_mbit: row.maybe_int(5)?,
            status: row.text(6)?,
            role: row.text(7)?,
            provider: row.text(8)?,
        })
    }

    fn cells(&self) -> Vec<Cell> {
        cells![
            self.site,
            &self.technology,
            self.down_mbit,
            self.up_mbit,
            &self.status,
            &self.role,
            &self.provider
        ]
        .to_vec()
    }

    fn key(&self) -> (i64, i64) {
        (self.id, self.version)
    }

    fn tidy(&self, id: i64, version: i64) -> Self {
        Self { id, version, provider: trimmed(&self.provider), ..self.clone() }
    }

    fn called(&self) -> String {
        format!("{} {}", self.provider, self.technology).trim().to_owned()
    }

    fn require_sound(&self) -> Result<()> {
        for (field, number) in [("down", self.down_mbit), ("up", self.up_mbit)] {
            if number.is_some_and(|number| !(0..=FASTEST).contains(&number)) {
                return Err(Error::Unfit { field, problem: Problem::NoNumber });
            }
        }
        let texts = [&self.technology, &self.status, &self.role, &self.provider];
        refuse_texts(["technology", "status", "role", "provider"].into_iter().zip(texts), LONGEST)
    }

    fn require_fit(&self, tx: &mut Tx<'_>, school: i64) -> Result<()> {
        held::require_own(tx, "site", school, self.site)
    }
}

impl Held for Document {
    const TABLE: &'static str = "document";
    const COLUMNS: &'static str = "kind, name, dated, place";
    const ORDER: &'static str = "kind, name, id";

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.int(0)?,
            version: row.int(1)?,
            kind: row.text(2)?,
            name: row.text(3)?,
            dated: row.maybe_text(4)?,
            place: row.text(5)?,
        })
    }

    fn cells(&self) -> Vec<Cell> {
        cells![&self.kind, &self.name, self.dated.clone(), &self.place].to_vec()
    }

    fn key(&self) -> (i64, i64) {
        (self.id, self.version)
    }

    fn tidy(&self, id: i64, version: i64) -> Self {
        let (name, place) = (trimmed(&self.name), trimmed(&self.place));
        Self { id, version, name, place, ..self.clone() }
    }

    fn called(&self) -> String {
        self.name.trim().to_owned()
    }

    fn require_sound(&self) -> Result<()> {
        if self.kind.trim().is_empty() {
            return Err(Error::Unfit { field: "kind", problem: Problem::Empty });
        }
        if self.dated.as_ref().is_some_and(|day| Timestamp::parse_date(day).is_none()) {
            return Err(Error::Unfit { field: "dated", problem: Problem::NoDay });
        }
        let texts = [&self.kind, &self.name, &self.place];
        refuse_texts(["kind", "name", "place"].into_iter().zip(texts), LONGEST)
    }
}

impl Traeger {
    /// Enters a new link (`id` 0) or changes one, and returns its number.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; a refusal of a number below 0, of a text that is too long or looks like a
    /// secret; there is no such school, link or site; or the database failed.
    pub fn save_link(&self, school: i64, link: &Link, by: (&str, Timestamp)) -> Result<i64> {
        self.write_school(school, |tx| held::put(tx, school, link, by))
    }

    /// Removes a link; the audit log keeps what stood there.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version, there is no such link, or the database failed.
    pub fn remove_link(&self, school: i64, id: i64, version: i64, by: (&str, Timestamp)) -> Result<()> {
        self.write_school(school, |tx| held::remove::<Link>(tx, school, (id, version), by, nothing))
    }

    /// The links of a school.
    ///
    /// # Errors
    /// The database failed.
    pub fn links(&self, school: i64) -> Result<Vec<Link>> {
        self.read(|tx| held::all(tx, school))
    }

    /// Enters a new document (`id` 0) or changes one, and returns its number.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; a refusal of a day that is none, of a text that is too long or looks like
    /// a secret; there is no such school or document; or the database failed.
    pub fn save_document(&self, school: i64, document: &Document, by: (&str, Timestamp)) -> Result<i64> {
        self.write_school(school, |tx| held::put(tx, school, document, by))
    }

    /// Removes a document; the audit log keeps what stood there.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version, there is no such document, or the database failed.
    pub fn remove_document(&self, school: i64, id: i64, version: i64, by: (&str, Timestamp)) -> Result<()> {
        self.write_school(school, |tx| held::remove::<Document>(tx, school, (id, version), by, nothing))
    }

    /// The documents of a school.
    ///
    /// # Errors
    /// The database failed.
    pub fn documents(&self, school: i64) -> Result<Vec<Document>> {
        self.read(|tx| held::all(tx, school))
    }
}

/// Nothing stands in a link or a document.
fn nothing<H>(_tx: &mut Tx<'_>, _gone: &H) -> Result<()> {
    Ok(())
}
