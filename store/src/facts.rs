//! What people say of a school as a whole, a fact at a time, and which lists they keep complete.
//!
//! Facts are settings named `fact.NAME`, lists settings named `kept.LIST`. How many pupils and teachers there are stands
//! with the school itself: the fact says who said so and when.

use crate::{
    error::{Error, Problem, Result, require_version},
    register::{AuditEntry, audit},
    schools::{put_setting, require_school, setting},
    secrets::{refuse_long, refuse_secret},
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Timestamp, whole_number};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A fact as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingFact {
    /// What was said; empty where it was taken away.
    pub value: String,
    /// When.
    pub at: Timestamp,
    /// Who; empty where nobody said it as a fact.
    pub by: String,
    /// How often it was said; 0 where nobody did.
    #[serde(default)]
    pub version: i64,
}

/// What somebody says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidFact {
    /// The name of the fact.
    pub name: String,
    /// What is said; empty takes it away.
    pub value: String,
    /// The version that was looked at; 0 where nothing was said before.
    pub version: i64,
}

/// Letters of a fact.
const LONGEST: usize = 300;

/// The facts that stand with the school itself, and their columns.
const OF_SCHOOL: [&str; 2] = ["pupils", "teachers"];

/// What counts devices; what is no number there ("keine") stays in people's words.
const COUNTS: &str = "devices.";

impl StandingFact {
    /// This fact where no number stands with the school itself.
    pub(crate) fn alone(self, name: &str) -> Self {
        let number = whole_number(&self.value).filter(|_| OF_SCHOOL.contains(&name));
        Self { value: number.map_or(self.value, |number| number.to_string()), ..self }
    }

    /// This fact where the school itself has that number: it wins, and where this one said another, nobody said so.
    pub(crate) fn beside(self, of_school: &str) -> Self {
        if whole_number(&self.value) == whole_number(of_school) {
            return Self { value: of_school.to_owned(), ..self };
        }
        Self { value: of_school.to_owned(), by: String::new(), ..self }
    }
}

/// What is said, in the form in which it is kept.
fn proper(name: &str, value: &str) -> Result<String> {
    let value = value.trim();
    refuse_long("value", value, LONGEST)?;
    refuse_secret("value", value)?;
    let number = whole_number(value).map(|number| number.to_string());
    match OF_SCHOOL.iter().find(|known| **known == name) {
        Some(field) if !value.is_empty() => number.ok_or(Error::Unfit { field, problem: Problem::NoNumber }),
        None if name.starts_with(COUNTS) => Ok(number.unwrap_or_else(|| value.to_owned())),
        _ => Ok(value.to_owned()),
    }
}

/// The facts of a school (of the Träger for 0), those that were taken away included.
pub(crate) fn standing(tx: &mut Tx<'_>, school: i64) -> Result<BTreeMap<String, StandingFact>> {
    let sql = "SELECT name, value FROM setting
               WHERE traeger_id = $1 AND school_id = $2 AND name LIKE 'fact.%'";
    let mut all = BTreeMap::new();
    for (name, value) in tx.list(sql, cells![school], |row| Ok((row.text(0)?, row.text(1)?)))? {
        let name = name.strip_prefix("fact.").unwrap_or(&name).to_owned();
        let fact: StandingFact = serde_json::from_str(&value)?;
        let fact = fact.alone(&name);
        all.insert(name, fact);
    }
    for (name, number) in OF_SCHOOL.iter().zip(numbers(tx, school)?) {
        let Some(number) = number.map(|number| number.to_string()) else { continue };
        let fact: StandingFact = all.remove(*name).unwrap_or_default();
        all.insert((*name).to_owned(), fact.beside(&number));
    }
    Ok(all)
}

fn numbers(tx: &mut Tx<'_>, school: i64) -> Result<[Option<i64>; 2]> {
    let sql = "SELECT pupils, teachers FROM school WHERE traeger_id = $1 AND id = $2";
    let found = tx.first(sql, cells![school], |row| Ok([row.maybe_int(0)?, row.maybe_int(1)?]))?;
    Ok(found.unwrap_or_default())
}

fn subject(what: &str, name: &str, school: Option<i64>) -> String {
    match school {
        Some(school) => format!("{what} {name} of school {school}"),
        None => format!("{what} {name}"),
    }
}

/// Writes a fact and returns whether it says anything new; `seen` is the version that was looked at, where it counts.
pub(crate) fn put(
    tx: &mut Tx<'_>,
    school: Option<i64>,
    (name, value): (&str, &str),
    seen: Option<i64>,
    (by, at): (&str, Timestamp),
) -> Result<bool> {
    let value = proper(name, value)?;
    let before = standing(tx, school.unwrap_or(0))?.remove(name).unwrap_or_default();
    if before.value == value {
        return Ok(false);
    }
    require_version(|| subject("fact", name, school), seen.unwrap_or(before.version), before.version)?;
    let after = StandingFact { value, at, by: by.to_owned(), version: before.version + 1 };
    put_setting(tx, school, &format!("fact.{name}"), &serde_json::to_string(&after)?)?;
    if let (Some(school), true) = (school, OF_SCHOOL.contains(&name)) {
        let sql = format!("UPDATE school SET {name} = $3 WHERE traeger_id = $1 AND id = $2");
        tx.execute(&sql, cells![school, whole_number(&after.value)])?;
    }
    let told = |fact: &StandingFact| (!fact.value.is_empty()).then(|| fact.value.clone());
    let (before, after) = (told(&before), told(&after));
    let entry =
        AuditEntry::of_change(subject("fact", name, school), (before.as_ref(), after.as_ref()), (by, at))?;
    audit(tx, school, &entry)?;
    Ok(true)
}

/// Says whether a list is kept complete.
fn keep(
    tx: &mut Tx<'_>,
    school: Option<i64>,
    (list, kept): (&str, bool),
    by: (&str, Timestamp),
) -> Result<()> {
    let name = format!("kept.{list}");
    let is_kept = setting(tx, school, &name)?.is_some_and(|value| value == "yes");
    if is_kept == kept {
        return Ok(());
    }
    put_setting(tx, school, &name, if kept { "yes" } else { "" })?;
    let entry = AuditEntry::of_change(subject("list", list, school), (Some(&is_kept), Some(&kept)), by)?;
    audit(tx, school, &entry)
}

impl Traeger {
    /// The facts of a school with their versions, those that were taken away included.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn standing_facts(&self, school: i64) -> Result<BTreeMap<String, StandingFact>> {
        self.read(|tx| {
            require_school(tx, school)?;
            standing(tx, school)
        })
    }

    /// Writes what is said of a school, all or nothing, and returns how many facts changed; written to the audit log.
    ///
    /// # Errors
    /// [`Error::Conflict`] where one of them was changed since it was looked at; a refusal of a number of pupils or
    /// teachers that is none, of a text that is too long or looks like a secret; there is no such school; or the database
    /// failed.
    pub fn enter_facts(&self, school: i64, said: &[SaidFact], by: (&str, Timestamp)) -> Result<usize> {
        self.write_school(school, |tx| {
            let mut changed = 0;
            for fact in said {
                let what = (fact.name.as_str(), fact.value.as_str());
                changed += usize::from(put(tx, Some(school), what, Some(fact.version), by)?);
            }
            Ok(changed)
        })
    }

    /// Enters one fact of a school, or of the Träger where `school` is `None`, over whatever stands there; an empty value
    /// takes it away.
    ///
    /// # Errors
    /// As of [`Traeger::enter_facts`], but for the conflict.
    pub fn enter_fact(
        &self,
        school: Option<i64>,
        name: &str,
        value: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            match school {
                Some(school) => tx.lock_school(school)?,
                None => tx.lock_between_schools()?,
            }
            put(tx, school, (name, value), None, (by, now)).map(drop)
        })
    }

    /// Says of lists whether a person keeps them complete: of a school, or of the Träger where `school` is `None`; written
    /// to the audit log. A list that is not named stays as it is.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn keep_lists(
        &self,
        school: Option<i64>,
        lists: &[(&str, bool)],
        by: (&str, Timestamp),
    ) -> Result<()> {
        self.write(|tx| {
            if let Some(school) = school {
                tx.lock_school(school)?;
                require_school(tx, school)?;
            }
            lists.iter().try_for_each(|list| keep(tx, school, *list, by))
        })
    }
}
