//! Sums kept beside the rows: how many devices, entries and findings a school has, so that the overview of a Träger reads a
//! line for each school.

use crate::{
    error::Result,
    store::{Tx, cells},
};
use rundgang_inventory::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// How much of everything a school has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// Devices found.
    pub(crate) assets: i64,
    /// Devices found that a documented system stands for.
    pub(crate) documented: i64,
    /// Documented systems.
    pub(crate) systems: i64,
}

/// How many findings of one rule and severity a school has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FindingSum {
    pub(crate) school: i64,
    pub(crate) rule: String,
    pub(crate) severity: String,
    /// Not closed by the machine.
    pub(crate) open: i64,
    /// Closed by the machine.
    pub(crate) closed: i64,
}

/// Brings the sums of a school up to date; called where its devices, entries or findings changed, in the same transaction.
pub(crate) fn refresh(tx: &mut Tx<'_>, school: i64) -> Result<()> {
    let sums = counted(tx, school)?;
    let sql = "INSERT INTO school_sum (traeger_id, school_id, assets, documented, systems) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (school_id) DO UPDATE SET assets = excluded.assets, documented = excluded.documented,
                 systems = excluded.systems
               WHERE school_sum.assets <> excluded.assets OR school_sum.documented <> excluded.documented
                 OR school_sum.systems <> excluded.systems";
    tx.execute(sql, cells![school, sums.assets, sums.documented, sums.systems])?;
    let stored = stored_findings(tx, Some(school))?;
    let now = counted_findings(tx, school)?;
    let key = |sum: &FindingSum| (sum.rule.clone(), sum.severity.clone());
    let left: BTreeSet<_> = now.iter().map(key).collect();
    for gone in stored.iter().filter(|sum| !left.contains(&key(sum))) {
        let sql = "DELETE FROM finding_sum
                   WHERE traeger_id = $1 AND school_id = $2 AND rule = $3 AND severity = $4";
        tx.execute(sql, cells![school, &gone.rule, &gone.severity])?;
    }
    for sum in now.iter().filter(|sum| !stored.contains(sum)) {
        let sql = "INSERT INTO finding_sum (traeger_id, school_id, rule, severity, open, closed)
                   VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (school_id, rule, severity) DO UPDATE SET open = excluded.open, closed = excluded.closed";
        tx.execute(sql, cells![school, &sum.rule, &sum.severity, sum.open, sum.closed])?;
    }
    Ok(())
}

/// The sums of every school.
pub(crate) fn of_schools(tx: &mut Tx<'_>, schools: &[i64]) -> Result<BTreeMap<i64, Sums>> {
    let mut all = stored(tx)?;
    for school in schools {
        if !all.contains_key(school) {
            all.insert(*school, counted(tx, *school)?);
        }
    }
    Ok(all)
}

/// The findings of these schools by rule and severity.
pub(crate) fn of_findings(tx: &mut Tx<'_>, schools: &[i64]) -> Result<Vec<FindingSum>> {
    let known = stored(tx)?;
    let one = if let [school] = schools { Some(*school) } else { None };
    let mut all = stored_findings(tx, one)?;
    for school in schools.iter().filter(|school| !known.contains_key(school)) {
        all.extend(counted_findings(tx, *school)?);
    }
    Ok(all)
}

fn stored(tx: &mut Tx<'_>) -> Result<BTreeMap<i64, Sums>> {
    let sql = "SELECT school_id, assets, documented, systems FROM school_sum WHERE traeger_id = $1";
    let read = |row: &crate::Row| {
        Ok((row.int(0)?, Sums { assets: row.int(1)?, documented: row.int(2)?, systems: row.int(3)? }))
    };
    Ok(tx.list(sql, &[], read)?.into_iter().collect())
}

fn counted(tx: &mut Tx<'_>, school: i64) -> Result<Sums> {
    let mut one =
        |sql: &str| Ok::<i64, crate::Error>(tx.first(sql, cells![school], |row| row.int(0))?.unwrap_or(0));
    Ok(Sums {
        assets: one("SELECT COUNT(*) FROM asset WHERE traeger_id = $1 AND school_id = $2")?,
        documented: one("SELECT COUNT(DISTINCT a.id) FROM stands_for s CROSS JOIN asset a
                         WHERE s.traeger_id = $1 AND s.school_id = $2 AND a.traeger_id = s.traeger_id
                           AND a.id = s.asset_id AND a.school_id = s.school_id")?,
        systems: one("SELECT COUNT(*) FROM documented_system
                      WHERE traeger_id = $1 AND school_id = $2 AND deleted_at IS NULL")?,
    })
}

fn finding_sum(row: &crate::Row) -> Result<FindingSum> {
    Ok(FindingSum {
        school: row.int(0)?,
        rule: row.text(1)?,
        severity: row.text(2)?,
        open: row.int(3)?,
        closed: row.int(4)?,
    })
}

fn stored_findings(tx: &mut Tx<'_>, school: Option<i64>) -> Result<Vec<FindingSum>> {
    let one = if school.is_some() { "AND school_id = $2" } else { "" };
    let sql = format!(
        "SELECT school_id, rule, severity, open, closed FROM finding_sum WHERE traeger_id = $1 {one}"
    );
    let parameters: Vec<crate::Cell> = school.map(crate::Cell::from).into_iter().collect();
    tx.list(&sql, &parameters, finding_sum)
}

fn counted_findings(tx: &mut Tx<'_>, school: i64) -> Result<Vec<FindingSum>> {
    let sql = "SELECT school_id, rule, severity, COUNT(*) - COUNT(closed_at), COUNT(closed_at) FROM finding
               WHERE traeger_id = $1 AND school_id = $2 GROUP BY school_id, rule, severity";
    tx.list(sql, cells![school], finding_sum)
}

/// How many findings of one rule and severity people decided about in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DecidedSum {
    pub(crate) school: i64,
    pub(crate) rule: String,
    pub(crate) severity: String,
    /// Whether the machine has not closed them.
    pub(crate) is_open: bool,
    /// Whether somebody is dealing with them; else they are accepted or ignored at this moment.
    pub(crate) is_acknowledged: bool,
    pub(crate) count: i64,
}

/// The findings of a school, or of all schools, about which the latest decision says something now.
pub(crate) fn decided(tx: &mut Tx<'_>, school: Option<i64>, now: Timestamp) -> Result<Vec<DecidedSum>> {
    // Decisions are few and findings many: a CROSS JOIN is read in this order by SQLite.
    let sql = "SELECT f.school_id, f.rule, f.severity, CASE WHEN f.closed_at IS NULL THEN 1 ELSE 0 END,
                 CASE WHEN d.state = 'acknowledged' THEN 1 ELSE 0 END, COUNT(*)
               FROM decision d CROSS JOIN finding f
               WHERE d.traeger_id = $1 AND ($2 = 0 OR d.school_id = $2)
                 AND f.traeger_id = d.traeger_id AND f.school_id = d.school_id AND f.rule = d.rule
                 AND f.subject = d.subject
                 AND (d.state = 'acknowledged'
                   OR (d.state IN ('accepted', 'ignored') AND (d.until IS NULL OR d.until >= $3)))
                 AND NOT EXISTS (SELECT 1 FROM decision e WHERE e.traeger_id = d.traeger_id
                   AND e.school_id = d.school_id AND e.rule = d.rule AND e.subject = d.subject AND e.id > d.id)
               GROUP BY 1, 2, 3, 4, 5";
    tx.list(sql, cells![school.unwrap_or(0), now], |row| {
        Ok(DecidedSum {
            school: row.int(0)?,
            rule: row.text(1)?,
            severity: row.text(2)?,
            is_open: row.flag(3)?,
            is_acknowledged: row.flag(4)?,
            count: row.int(5)?,
        })
    })
}

#[cfg(test)]
impl crate::Traeger {
    /// Whether what is stored is what is counted, at every school that has sums.
    pub(crate) fn sums_hold(&self) -> Result<bool> {
        self.read(|tx| {
            for (school, sums) in stored(tx)? {
                let sorted = |mut all: Vec<FindingSum>| {
                    all.sort_by_key(|sum| (sum.rule.clone(), sum.severity.clone()));
                    all
                };
                let stored = sorted(stored_findings(tx, Some(school))?);
                if sums != counted(tx, school)? || stored != sorted(counted_findings(tx, school)?) {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }
}
