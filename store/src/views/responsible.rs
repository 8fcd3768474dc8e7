//! Who is responsible for what a finding is about: the owner as the register names it, else the provider, else nobody.

use super::findings::{FindingLine, told};
use crate::{
    engine::Cell,
    error::Result,
    register::nearness,
    store::{Traeger, Tx, cells},
};
use std::collections::{BTreeMap, BTreeSet};

/// Asks for findings for which the register names nobody.
pub const NOBODY: &str = "-";

/// The responsible party of an entry `s`.
pub(super) const PARTY: &str = "CASE WHEN TRIM(s.owner) <> '' THEN TRIM(s.owner) ELSE TRIM(s.provider) END";

/// The responsible parties of domains, by name, among the entries of a school.
pub(super) fn of_domains(
    tx: &mut Tx<'_>,
    school: i64,
    names: &BTreeSet<&str>,
) -> Result<BTreeMap<String, String>> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = format!(
        "SELECT s.domain, s.status, {PARTY} FROM documented_system s
         WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL AND s.domain <> ''
         ORDER BY s.name, s.id"
    );
    let entries = tx.list(&sql, cells![school], |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?)))?;
    let nearest = |name: &str| {
        let near = entries.iter().map(|(domain, status, party)| (nearness(name, domain, status), party));
        // The first by name of those that are equally near.
        near.filter(|(near, _)| *near > 0).rev().max_by_key(|(near, _)| *near).map(|(_, party)| party.clone())
    };
    Ok(names.iter().filter_map(|name| Some(((*name).to_owned(), nearest(name)?))).collect())
}

/// Says of lines about domains who is responsible.
pub(super) fn tell_domains(tx: &mut Tx<'_>, school: i64, lines: &mut [FindingLine]) -> Result<()> {
    let names: BTreeSet<&str> =
        lines.iter().filter_map(|line| line.subject.strip_prefix("domain ")).collect();
    let parties = of_domains(tx, school, &names)?;
    for line in lines {
        let party = line.subject.strip_prefix("domain ").and_then(|name| parties.get(name));
        if let Some(party) = party {
            line.responsible.clone_from(party);
        }
    }
    Ok(())
}

/// What lets through the findings of one party, as a condition on `f` with its parameters from `$from` on. Entries and
/// devices are asked by index; domains, of which a school has few, are named.
pub(super) fn condition(
    tx: &mut Tx<'_>,
    school: i64,
    party: &str,
    from: usize,
) -> Result<(String, Vec<Cell>)> {
    if party.is_empty() {
        return Ok((String::new(), Vec::new()));
    }
    let is_nobody = party == NOBODY;
    let subjects =
        format!("{} SELECT DISTINCT f.subject FROM told f", told("AND f.subject LIKE 'domain %'", Some("")));
    let subjects = tx.list(&subjects, cells![school], |row| row.text(0))?;
    let names: BTreeSet<&str> =
        subjects.iter().filter_map(|subject| subject.strip_prefix("domain ")).collect();
    let mut parties = of_domains(tx, school, &names)?;
    parties.retain(|_, found| if is_nobody { !found.is_empty() } else { found == party });
    let mut parameters: Vec<Cell> = Vec::new();
    let wanted = if is_nobody {
        format!("{PARTY} <> ''")
    } else {
        parameters.push(party.into());
        format!("{PARTY} = ${from}")
    };
    let mut domains = String::new();
    for name in parties.keys() {
        parameters.push(format!("domain {name}").into());
        domains += &format!(" UNION ALL SELECT ${}", from + parameters.len() - 1);
    }
    let not = if is_nobody { "NOT" } else { "" };
    let sql = format!(
        "AND f.subject {not} IN (
           SELECT 'system ' || s.id FROM documented_system s
           WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL AND {wanted}
           UNION ALL
           SELECT 'asset ' || g.asset_id FROM stands_for g
           JOIN documented_system s ON s.traeger_id = g.traeger_id AND s.id = g.system_id
           WHERE g.traeger_id = $1 AND g.school_id = $2 AND s.deleted_at IS NULL AND {wanted}
             AND g.system_id = (SELECT MIN(h.system_id) FROM stands_for h
               WHERE h.traeger_id = g.traeger_id AND h.asset_id = g.asset_id)
           {domains})"
    );
    Ok((sql, parameters))
}

impl Traeger {
    /// Every party that the register of a school names as responsible, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn responsible_parties(&self, school: i64) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT DISTINCT {PARTY} FROM documented_system s
             WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL"
        );
        let mut all = self.read(|tx| tx.list(&sql, cells![school], |row| row.text(0)))?;
        all.retain(|party| !party.is_empty());
        all.sort_by_key(|party| party.to_lowercase());
        Ok(all)
    }
}
