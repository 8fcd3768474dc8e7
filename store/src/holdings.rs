//! What a school holds beside its systems: links to the world and documents.

use crate::{
    engine::Cell,
    error::{Error, Result},
    schools::require_school,
    store::{Traeger, cells},
};
use serde::{Deserialize, Serialize};

/// A link of a school to the world.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// Its number; 0 for a new one.
    pub id: i64,
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
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its day.
    pub dated: Option<String>,
    /// Where it is kept.
    pub place: String,
}

impl Traeger {
    /// Enters or changes a link and returns its number.
    ///
    /// # Errors
    /// There is no such school or link, or the database failed.
    pub fn save_link(&self, school: i64, link: &Link) -> Result<i64> {
        let row = cells![
            school,
            link.site,
            &link.technology,
            link.down_mbit,
            link.up_mbit,
            &link.status,
            &link.role,
            &link.provider
        ];
        self.write(|tx| {
            require_school(tx, school)?;
            if link.id == 0 {
                let sql = "INSERT INTO link (traeger_id, school_id, site_id, technology, down_mbit, up_mbit, status, role,
                           provider) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
                return tx.insert(sql, row);
            }
            let sql = "UPDATE link SET site_id = $3, technology = $4, down_mbit = $5, up_mbit = $6, status = $7,
                       role = $8, provider = $9 WHERE traeger_id = $1 AND school_id = $2 AND id = $10 RETURNING id";
            let all: Vec<Cell> = row.iter().cloned().chain([link.id.into()]).collect();
            tx.first(sql, &all, |row| row.int(0))?.ok_or_else(|| Error::NotFound(format!("link {}", link.id)))
        })
    }

    /// The links of a school.
    ///
    /// # Errors
    /// The database failed.
    pub fn links(&self, school: i64) -> Result<Vec<Link>> {
        let sql = "SELECT id, site_id, technology, down_mbit, up_mbit, status, role, provider FROM link
                   WHERE traeger_id = $1 AND school_id = $2 ORDER BY id";
        self.read(|tx| {
            tx.list(sql, cells![school], |row| {
                Ok(Link {
                    id: row.int(0)?,
                    site: row.maybe_int(1)?,
                    technology: row.text(2)?,
                    down_mbit: row.maybe_int(3)?,
                    up_mbit: row.maybe_int(4)?,
                    status: row.text(5)?,
                    role: row.text(6)?,
                    provider: row.text(7)?,
                })
            })
        })
    }

    /// Enters or changes a document and returns its number.
    ///
    /// # Errors
    /// There is no such school or document, or the database failed.
    pub fn save_document(&self, school: i64, document: &Document) -> Result<i64> {
        let row = cells![school, &document.kind, &document.name, document.dated.as_deref(), &document.place];
        self.write(|tx| {
            require_school(tx, school)?;
            if document.id == 0 {
                let sql = "INSERT INTO document (traeger_id, school_id, kind, name, dated, place)
                           VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
                return tx.insert(sql, row);
            }
            let sql = "UPDATE document SET kind = $3, name = $4, dated = $5, place = $6
                       WHERE traeger_id = $1 AND school_id = $2 AND id = $7 RETURNING id";
            let all: Vec<Cell> = row.iter().cloned().chain([document.id.into()]).collect();
            tx.first(sql, &all, |row| row.int(0))?
                .ok_or_else(|| Error::NotFound(format!("document {}", document.id)))
        })
    }

    /// The documents of a school.
    ///
    /// # Errors
    /// The database failed.
    pub fn documents(&self, school: i64) -> Result<Vec<Document>> {
        let sql = "SELECT id, kind, name, dated, place FROM document
                   WHERE traeger_id = $1 AND school_id = $2 ORDER BY kind, name, id";
        self.read(|tx| {
            tx.list(sql, cells![school], |row| {
                Ok(Document {
                    id: row.int(0)?,
                    kind: row.text(1)?,
                    name: row.text(2)?,
                    dated: row.maybe_text(3)?,
                    place: row.text(4)?,
                })
            })
        })
    }
}
