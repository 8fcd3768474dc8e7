//! The register of documented systems: what people typed, with its audit log, never overwritten by what machines saw.

mod doubles;
mod log;
mod row;

use crate::{
    error::{Doing, Error, Problem, Result},
    findings, identity,
    rules::{self, Extent},
    schools::require_school,
    secrets::refuse_secret,
    store::{Traeger, Tx, cells},
};
pub use log::AuditEntry;
pub(crate) use log::audit;
use row::{COLUMNS, values};
pub(crate) use row::{columns, system};
use rundgang_inventory::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A documented system. Days are texts `YYYY-MM-DD`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DocumentedSystem {
    /// Its number; 0 for a new one.
    pub id: i64,
    /// Its school.
    pub school: i64,
    /// The version that was looked at before changing it; 0 for a new one.
    pub version: i64,
    /// Its kind: a kind of device, or `service`, `software`, `licence`, free text.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// The room it stands in.
    pub room: Option<i64>,
    /// Who answers for it, as a function: "IT-Koordination".
    pub owner: String,
    /// Who stands in.
    pub deputy: String,
    /// Who runs it.
    pub provider: String,
    /// First-level support.
    pub first_level: String,
    /// Second-level support.
    pub second_level: String,
    /// Whom to call.
    pub hotline: String,
    /// The contract: number, place.
    pub contract: String,
    /// The day the contract began.
    pub contract_from: Option<String>,
    /// The day the contract ends.
    pub contract_until: Option<String>,
    /// The day until which notice must be given.
    pub notice_until: Option<String>,
    /// The hours in which support answers.
    pub sla_hours: String,
    /// Hours until support reacts.
    pub sla_reaction_hours: Option<i64>,
    /// What kind of credentials there are: local account, certificate ...
    pub credentials_kind: String,
    /// Where the credentials are kept; never the credentials.
    pub credentials_place: String,
    /// Who else can get at them.
    pub credentials_deputy: String,
    /// The day on which somebody last checked that they work.
    pub credentials_checked: Option<String>,
    /// The day it was bought.
    pub purchased: Option<String>,
    /// The day its warranty ends.
    pub warranty_until: Option<String>,
    /// Its insurance.
    pub insurance: String,
    /// The day its licence ends.
    pub licence_until: Option<String>,
    /// Whether it processes personal data.
    pub personal_data: Option<bool>,
    /// The segment it belongs to.
    pub segment: String,
    /// The domain it stands for.
    pub domain: String,
    /// Its serial number.
    pub serial: String,
    /// Its MAC address.
    pub mac: String,
    /// Who may change it: "Träger, by ticket".
    pub changed_by: String,
    /// `planned`, `ordered`, `in-use`, `in-stock`, `in-repair`, `retired`.
    pub status: String,
    /// Anything else.
    pub notes: String,
    /// The asset it stands for.
    pub asset: Option<i64>,
}

/// What a system's status may be.
pub const STATUSES: &[&str] = &["planned", "ordered", "in-use", "in-stock", "in-repair", "retired"];

fn require_sound(s: &DocumentedSystem) -> Result<()> {
    if s.name.trim().is_empty() {
        return Err(Error::Unfit { field: "name", problem: Problem::Empty });
    }
    if !STATUSES.contains(&s.status.as_str()) {
        return Err(Error::Unfit { field: "status", problem: Problem::NoChoice });
    }
    if !s.mac.trim().is_empty() {
        let no_mac = |_| Error::Unfit { field: "mac", problem: Problem::NoMac };
        s.mac.trim().parse::<rundgang_inventory::Mac>().map_err(no_mac)?;
    }
    let days = [
        ("contract_from", &s.contract_from),
        ("contract_until", &s.contract_until),
        ("notice_until", &s.notice_until),
        ("credentials_checked", &s.credentials_checked),
        ("purchased", &s.purchased),
        ("warranty_until", &s.warranty_until),
        ("licence_until", &s.licence_until),
    ];
    for (name, day) in days {
        if day.as_deref().is_some_and(|day| Timestamp::parse_date(day).is_none()) {
            return Err(Error::Unfit { field: name, problem: Problem::NoDay });
        }
    }
    let texts = [
        ("name", &s.name),
        ("purpose", &s.purpose),
        ("owner", &s.owner),
        ("deputy", &s.deputy),
        ("provider", &s.provider),
        ("first_level", &s.first_level),
        ("second_level", &s.second_level),
        ("hotline", &s.hotline),
        ("contract", &s.contract),
        ("credentials_kind", &s.credentials_kind),
        ("credentials_place", &s.credentials_place),
        ("credentials_deputy", &s.credentials_deputy),
        ("insurance", &s.insurance),
        ("changed_by", &s.changed_by),
        ("notes", &s.notes),
    ];
    texts.iter().try_for_each(|(name, text)| refuse_secret(name, text))
}

impl Traeger {
    /// Enters a new system (`id` 0) or changes one, and returns its number. Who looked at an older version than the
    /// one that stands there is told so, and nothing is written. Rules are checked at once.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; a refusal for an empty name, an unknown status, a day that is none, or
    /// text that looks like a secret; or the database failed.
    pub fn save_system(&self, new: &DocumentedSystem, who: &str, now: Timestamp) -> Result<i64> {
        self.save(new, who, now, |_, _| Ok(()))
    }

    /// Enters a new system as [`Traeger::save_system`] does, unless the register has its device already. Both happen at
    /// once, so that of two people who take the same device over only the first makes an entry.
    ///
    /// # Errors
    /// [`Problem::Documented`] with the field `asset`, `mac` or `serial` by which another system names that device; else
    /// as [`Traeger::save_system`].
    pub fn document(&self, new: &DocumentedSystem, who: &str, now: Timestamp) -> Result<i64> {
        self.save(new, who, now, doubles::refuse)
    }

    fn save(
        &self,
        new: &DocumentedSystem,
        who: &str,
        now: Timestamp,
        check: fn(&mut Tx<'_>, &DocumentedSystem) -> Result<()>,
    ) -> Result<i64> {
        let mut new = new.clone();
        if new.status.is_empty() {
            "in-use".clone_into(&mut new.status);
        }
        require_sound(&new)?;
        self.write(|tx| {
            tx.lock_school(new.school)?;
            require_school(tx, new.school)?;
            require_bindings(tx, &new)?;
            check(tx, &new)?;
            let before = if new.id == 0 { None } else { Some(current(tx, &new)?) };
            let id = match &before {
                None => insert(tx, &new, now)?,
                Some(_) => update(tx, &new, now)?,
            };
            let after = DocumentedSystem { id, version: new.version + 1, ..new.clone() };
            let what = if before.is_some() { "change" } else { "create" };
            let before_json = before.as_ref().map(serde_json::to_string).transpose()?.unwrap_or_default();
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: what.to_owned(),
                subject: format!("system {id}"),
                before: before_json,
                after: serde_json::to_string(&after)?,
            };
            audit(tx, Some(new.school), &entry)?;
            let assets = [new.asset, before.and_then(|before| before.asset)];
            recheck(tx, new.school, id, assets.into_iter().flatten(), now)?;
            Ok(id)
        })
        .doing(|| format!("save the system {}", new.name))
    }

    /// Deletes a system; the audit log keeps what stood there.
    ///
    /// # Errors
    /// There is no such system, it was changed meanwhile, or the database failed.
    pub fn delete_system(&self, id: i64, version: i64, who: &str, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            let wanted = DocumentedSystem { id, version, ..DocumentedSystem::default() };
            let before = current(tx, &wanted)?;
            let sql = "UPDATE documented_system SET deleted_at = $3, version = version + 1
                       WHERE traeger_id = $1 AND id = $2";
            tx.execute(sql, cells![id, now])?;
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: "delete".to_owned(),
                subject: format!("system {id}"),
                before: serde_json::to_string(&before)?,
                after: String::new(),
            };
            audit(tx, Some(before.school), &entry)?;
            findings::close_subject(tx, before.school, &format!("system {id}"), now)?;
            recheck(tx, before.school, id, before.asset.into_iter(), now)
        })
        .doing(|| format!("delete system {id}"))
    }

    /// One system.
    ///
    /// # Errors
    /// There is no such system, or the database failed.
    pub fn system(&self, id: i64) -> Result<DocumentedSystem> {
        self.read(|tx| find(tx, id))?.ok_or_else(|| Error::NotFound(format!("system {id}")))
    }

    /// The systems of a school, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn systems(&self, school: i64) -> Result<Vec<DocumentedSystem>> {
        let sql = format!(
            "SELECT {} FROM documented_system
             WHERE traeger_id = $1 AND school_id = $2 AND deleted_at IS NULL ORDER BY name, id",
            columns()
        );
        self.read(|tx| tx.list(&sql, cells![school], system))
    }

    /// The systems that stand for an asset: bound to it, or naming its MAC address or serial number.
    ///
    /// # Errors
    /// The database failed.
    pub fn systems_of_asset(&self, school: i64, asset: i64) -> Result<Vec<DocumentedSystem>> {
        let sql = format!(
            "SELECT {} FROM documented_system WHERE traeger_id = $1 AND school_id = $2 AND deleted_at IS NULL
               AND id IN (SELECT system_id FROM stands_for WHERE traeger_id = $1 AND asset_id = $3) ORDER BY name, id",
            columns()
        );
        self.read(|tx| tx.list(&sql, cells![school, asset], system))
    }

    /// The systems that a finding is about: the system itself, those that stand for the device, or those that stand
    /// for the domain (or, where none does, for a domain above it).
    ///
    /// # Errors
    /// The database failed.
    pub fn systems_about(&self, school: i64, subject: &str) -> Result<Vec<DocumentedSystem>> {
        match subject.split_once(' ').map(|(noun, name)| (noun, name, name.parse::<i64>())) {
            Some(("asset", _, Ok(asset))) => self.systems_of_asset(school, asset),
            Some(("system", _, Ok(id))) => Ok(self
                .read(|tx| find(tx, id))?
                .into_iter()
                .filter(|system| system.school == school)
                .collect()),
            Some(("domain", name, _)) => {
                let mut systems = self.systems(school)?;
                let above = |system: &DocumentedSystem| {
                    let domain = system.domain.trim().trim_end_matches('.').to_lowercase();
                    let is_above = name == domain || name.ends_with(&format!(".{domain}"));
                    if domain.is_empty() || system.status == "retired" || !is_above {
                        0
                    } else {
                        domain.len()
                    }
                };
                let nearest = systems.iter().map(above).max().unwrap_or(0);
                systems.retain(|system| nearest > 0 && above(system) == nearest);
                Ok(systems)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The device that a system stands for, if one was found.
    ///
    /// # Errors
    /// The database failed.
    pub fn device_of_system(&self, system: i64) -> Result<Option<i64>> {
        let sql = "SELECT asset_id FROM stands_for WHERE traeger_id = $1 AND system_id = $2";
        self.read(|tx| tx.first(sql, cells![system], |row| row.int(0)))
    }

    /// The devices of a school (of all schools for `None`) that a documented system stands for: the one answer to
    /// "what is documented".
    ///
    /// # Errors
    /// The database failed.
    pub fn documented_assets(&self, school: Option<i64>) -> Result<BTreeSet<i64>> {
        let sql = "SELECT asset_id FROM stands_for WHERE traeger_id = $1 AND ($2 = 0 OR school_id = $2)";
        let all = self.read(|tx| tx.list(sql, cells![school.unwrap_or(0)], |row| row.int(0)))?;
        Ok(all.into_iter().collect())
    }
}

fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<DocumentedSystem>> {
    let sql = format!(
        "SELECT {} FROM documented_system WHERE traeger_id = $1 AND id = $2 AND deleted_at IS NULL",
        columns()
    );
    tx.first(&sql, cells![id], system)
}

/// What stands there, provided that it is what the writer had seen.
fn current(tx: &mut Tx<'_>, new: &DocumentedSystem) -> Result<DocumentedSystem> {
    let found = find(tx, new.id)?.ok_or_else(|| Error::NotFound(format!("system {}", new.id)))?;
    if found.version != new.version {
        return Err(Error::Conflict {
            what: format!("system {}", found.name),
            expected: new.version,
            found: found.version,
        });
    }
    Ok(found)
}

/// Rooms and assets must be the school's own.
fn require_bindings(tx: &mut Tx<'_>, new: &DocumentedSystem) -> Result<()> {
    for (table, id) in [("room", new.room), ("asset_identity", new.asset)] {
        let Some(id) = id else { continue };
        let sql = format!("SELECT 1 FROM {table} WHERE traeger_id = $1 AND school_id = $2 AND id = $3");
        tx.first(&sql, cells![new.school, id], |_| Ok(()))?.ok_or_else(|| {
            Error::NotFound(format!("{} {id} in this school", table.trim_end_matches("_identity")))
        })?;
    }
    Ok(())
}

fn search_text(s: &DocumentedSystem) -> String {
    [&s.name, &s.kind, &s.purpose, &s.owner, &s.provider, &s.hotline, &s.domain, &s.serial, &s.mac, &s.notes]
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(|text| text.to_lowercase())
        .collect::<Vec<_>>()
        .join(" ")
}

fn insert(tx: &mut Tx<'_>, new: &DocumentedSystem, now: Timestamp) -> Result<i64> {
    let marks: Vec<String> = (2..COLUMNS.len() + 2).map(|n| format!("${n}")).collect();
    let next = COLUMNS.len() + 2;
    let sql = format!(
        "INSERT INTO documented_system (traeger_id, {}, search, created_at, changed_at)
         VALUES ($1, {}, ${next}, ${}, ${}) RETURNING id",
        COLUMNS.join(", "),
        marks.join(", "),
        next + 1,
        next + 1,
    );
    let mut row = values(new);
    row.extend([search_text(new).into(), now.into()]);
    tx.insert(&sql, &row)
}

fn update(tx: &mut Tx<'_>, new: &DocumentedSystem, now: Timestamp) -> Result<i64> {
    let sets: Vec<String> = COLUMNS.iter().zip(2..).map(|(column, n)| format!("{column} = ${n}")).collect();
    let next = COLUMNS.len() + 2;
    let sql = format!(
        "UPDATE documented_system SET {}, search = ${next}, changed_at = ${}, version = version + 1
         WHERE traeger_id = $1 AND id = ${} RETURNING id",
        sets.join(", "),
        next + 1,
        next + 2,
    );
    let mut row = values(new);
    row.extend([search_text(new).into(), now.into(), new.id.into()]);
    tx.insert(&sql, &row)
}

/// Checks the rules for a system and the assets it stands or stood for.
fn recheck(
    tx: &mut Tx<'_>,
    school: i64,
    system: i64,
    assets: impl Iterator<Item = i64>,
    now: Timestamp,
) -> Result<()> {
    let mut present = BTreeSet::new();
    for asset in assets {
        present.insert(identity::present_asset(tx, asset)?);
    }
    let systems = BTreeSet::from([system]);
    let extent = Extent::Some { assets: &present, domains: &BTreeSet::new(), systems: &systems };
    rules::run(tx, school, &extent, now)
}
