//! Schools of a Träger, their domains, and settings.

use crate::{
    engine::Row,
    error::{Doing, Error, Result, require_version},
    facts,
    register::{AuditEntry, audit},
    secrets::refuse_texts,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::{Deserialize, Serialize};

/// A school as it is entered or imported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewSchool {
    /// The name, unique within its Träger.
    pub name: String,
    /// The official school number of its Land.
    pub official_number: String,
    /// The kind of school, free text: Grundschule, Gesamtschule ...
    pub kind: String,
    /// The commune in which it lies; sums of surveys are told by it.
    pub commune: String,
    /// The number of pupils.
    pub pupils: Option<i64>,
    /// The number of teachers.
    pub teachers: Option<i64>,
    /// Whether it is an example and marked so on every page.
    pub is_example: bool,
}

/// A school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct School {
    /// Its number.
    pub id: i64,
    /// The version of what was entered but the numbers, which are facts with versions of their own.
    pub version: i64,
    /// What was entered.
    #[serde(flatten)]
    pub entered: NewSchool,
}

/// What is said of a school; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchoolChange {
    /// The version that was looked at; none for a program that changes what stands there, whatever it is.
    pub version: Option<i64>,
    /// The official number.
    pub official_number: Option<String>,
    /// The kind of school.
    pub kind: Option<String>,
    /// The commune.
    pub commune: Option<String>,
    /// The number of pupils.
    pub pupils: Option<i64>,
    /// The number of teachers.
    pub teachers: Option<i64>,
}

impl SchoolChange {
    /// Refuses a text that is too long or looks like a secret.
    ///
    /// # Errors
    /// The refusal, with its field.
    pub fn require_sound(&self) -> Result<()> {
        let texts =
            [("official_number", &self.official_number), ("kind", &self.kind), ("commune", &self.commune)];
        let said = texts.into_iter().filter_map(|(field, text)| text.as_ref().map(|text| (field, text)));
        refuse_texts(said, LONGEST)
    }
}

/// Letters of what is said of a school.
const LONGEST: usize = 120;

const SCHOOL: &str = "id, name, official_number, kind, pupils, teachers, is_example, commune, version";

fn school(row: &Row) -> Result<School> {
    Ok(School {
        id: row.int(0)?,
        version: row.int(8)?,
        entered: NewSchool {
            name: row.text(1)?,
            official_number: row.text(2)?,
            kind: row.text(3)?,
            pupils: row.maybe_int(4)?,
            teachers: row.maybe_int(5)?,
            is_example: row.flag(6)?,
            commune: row.text(7)?,
        },
    })
}

impl Traeger {
    /// The school of that name, created where it does not exist; an existing one keeps what people entered.
    ///
    /// # Errors
    /// The name is empty, or the database failed.
    pub fn ensure_school(&self, new: &NewSchool, now: Timestamp) -> Result<i64> {
        if new.name.trim().is_empty() {
            return Err(Error::Refused("a school needs a name".to_owned()));
        }
        let sql = "INSERT INTO school
            (traeger_id, name, official_number, kind, pupils, teachers, is_example, created_at, commune)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (traeger_id, name) DO UPDATE SET name = excluded.name RETURNING id";
        let parameters = cells![
            &new.name,
            &new.official_number,
            &new.kind,
            new.pupils,
            new.teachers,
            new.is_example,
            now,
            new.commune.trim()
        ];
        self.write(|tx| tx.insert(sql, parameters)).doing(|| format!("enter the school {}", new.name))
    }

    /// Changes what is said of a school; written to the audit log. What says the same as before is left as it is.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; a refusal of a number below 0, of a text that is too long or looks like a
    /// secret; there is no such school, or the database failed.
    pub fn change_school(&self, id: i64, change: &SchoolChange, by: (&str, Timestamp)) -> Result<()> {
        let c = change;
        c.require_sound()?;
        self.write_school(id, |tx| {
            let sql = format!("SELECT {SCHOOL} FROM school WHERE traeger_id = $1 AND id = $2");
            let found = tx.first(&sql, cells![id], school)?;
            let found = found.ok_or_else(|| Error::NotFound(format!("school {id}")))?;
            let before = found.entered;
            let text = |said: &Option<String>, stands: &String| {
                said.as_ref().map_or_else(|| stands.clone(), |said| said.trim().to_owned())
            };
            let after = NewSchool {
                official_number: text(&c.official_number, &before.official_number),
                kind: text(&c.kind, &before.kind),
                commune: text(&c.commune, &before.commune),
                ..before.clone()
            };
            if after != before {
                require_version(|| before.name.clone(), c.version.unwrap_or(found.version), found.version)?;
                let sql =
                    "UPDATE school SET official_number = $3, kind = $4, commune = $5, version = version + 1
                           WHERE traeger_id = $1 AND id = $2";
                tx.execute(sql, cells![id, &after.official_number, &after.kind, &after.commune])?;
                let entry = AuditEntry::of_change(format!("school {id}"), (Some(&before), Some(&after)), by)?;
                audit(tx, Some(id), &entry)?;
            }
            for (name, number) in [("pupils", c.pupils), ("teachers", c.teachers)] {
                if let Some(number) = number {
                    facts::put(tx, Some(id), (name, &number.to_string()), None, by)?;
                }
            }
            Ok(())
        })
    }

    /// Every school, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn schools(&self) -> Result<Vec<School>> {
        let sql = format!("SELECT {SCHOOL} FROM school WHERE traeger_id = $1 ORDER BY name");
        self.read(|tx| tx.list(&sql, &[], school))
    }

    /// One school.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn school(&self, id: i64) -> Result<School> {
        let sql = format!("SELECT {SCHOOL} FROM school WHERE traeger_id = $1 AND id = $2");
        self.read(|tx| tx.first(&sql, cells![id], school))?
            .ok_or_else(|| Error::NotFound(format!("school {id}")))
    }

    /// Enters a domain of the school (lower case, A-labels, no trailing dot).
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn ensure_domain(&self, school: i64, name: &str, now: Timestamp) -> Result<()> {
        let sql = "INSERT INTO domain (traeger_id, school_id, name, added_at, confirmed_at)
                   VALUES ($1, $2, $3, $4, $4) ON CONFLICT (school_id, name) DO NOTHING";
        self.write(|tx| {
            require_school(tx, school)?;
            tx.execute(sql, cells![school, name, now]).map(drop)
        })
    }

    /// The school's confirmed domains, by name: entered ones and those an agent looked up.
    ///
    /// # Errors
    /// The database failed.
    pub fn domains(&self, school: i64) -> Result<Vec<String>> {
        let sql =
            "SELECT name FROM domain WHERE traeger_id = $1 AND school_id = $2 AND confirmed_at IS NOT NULL
                   ORDER BY name";
        self.read(|tx| tx.list(sql, cells![school], |row| row.text(0)))
    }

    /// A setting of a school, or of the Träger where `school` is `None`.
    ///
    /// # Errors
    /// The database failed.
    pub fn setting(&self, school: Option<i64>, name: &str) -> Result<Option<String>> {
        self.read(|tx| setting(tx, school, name))
    }
}

/// Writes a setting of a school, or of the Träger where `school` is `None`.
pub(crate) fn put_setting(tx: &mut Tx<'_>, school: Option<i64>, name: &str, value: &str) -> Result<()> {
    if let Some(school) = school {
        require_school(tx, school)?;
    }
    let sql = "INSERT INTO setting (traeger_id, school_id, name, value) VALUES ($1, $2, $3, $4)
               ON CONFLICT (traeger_id, school_id, name) DO UPDATE SET value = excluded.value";
    tx.execute(sql, cells![school.unwrap_or(0), name, value]).map(drop)
}

pub(crate) fn setting(tx: &mut Tx<'_>, school: Option<i64>, name: &str) -> Result<Option<String>> {
    let sql = "SELECT value FROM setting WHERE traeger_id = $1 AND school_id = $2 AND name = $3";
    tx.first(sql, cells![school.unwrap_or(0), name], |row| row.text(0))
}

/// Refuses a school that does not exist for this Träger; what is entered under it would belong to nobody.
pub(crate) fn require_school(tx: &mut Tx<'_>, school: i64) -> Result<()> {
    let sql = "SELECT 1 FROM school WHERE traeger_id = $1 AND id = $2";
    match tx.first(sql, cells![school], |_| Ok(()))? {
        Some(()) => Ok(()),
        None => Err(Error::NotFound(format!("school {school}"))),
    }
}
