//! What surveys ask of the things people entered: systems, links, documents, sites, counters and domains.

use crate::views::findings::FindingLine;
use crate::{
    error::Result,
    store::{Tx, cells},
};
use rundgang_inventory::{Timestamp, survey};
use std::collections::BTreeMap;

pub(super) fn systems(tx: &mut Tx<'_>, school: i64) -> Result<Vec<survey::System>> {
    let sql = "SELECT id, name, kind, owner, deputy, provider, credentials_place, contract, sla_reaction_hours, f.asset_id
        FROM documented_system s LEFT JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
        WHERE s.traeger_id = $1 AND s.school_id = $2 AND deleted_at IS NULL AND status = 'in-use'";
    let filled = |text: String| (!text.trim().is_empty()).then_some(text);
    tx.list(sql, cells![school], |row| {
        let name = row.text(1)?;
        Ok(survey::System {
            id: row.int(0)?.to_string(),
            kind: row.text(2)?,
            product: Some(name.clone()),
            name,
            owner: filled(row.text(3)?),
            deputy: filled(row.text(4)?),
            provider: filled(row.text(5)?),
            credentials: filled(row.text(6)?),
            contract: filled(row.text(7)?),
            specification: None,
            reaction_hours: row.maybe_int(8)?.map(number),
            hosting: None,
            seen: row.maybe_int(9)?.map(|_| true),
        })
    })
}

pub(super) fn number(count: i64) -> f64 {
    f64::from(i32::try_from(count).unwrap_or(i32::MAX))
}

pub(super) fn links(tx: &mut Tx<'_>, school: i64) -> Result<Vec<survey::Link>> {
    let sql = "SELECT id, technology, down_mbit, up_mbit, role, status, provider FROM link
               WHERE traeger_id = $1 AND school_id = $2 ORDER BY id";
    tx.list(sql, cells![school], |row| {
        let technology = row.text(1)?;
        let id = format!("{} {} {}", row.text(6)?, technology, row.int(0)?);
        Ok(survey::Link {
            id: id.trim().to_owned(),
            technology: (!technology.is_empty()).then_some(technology),
            down: row.maybe_int(2)?.map(number),
            up: row.maybe_int(3)?.map(number),
            role: row.text(4)?,
            status: row.text(5)?,
        })
    })
}

pub(super) fn documents(tx: &mut Tx<'_>, school: i64) -> Result<Vec<survey::Document>> {
    let sql =
        "SELECT id, kind, name, dated FROM document WHERE traeger_id = $1 AND school_id = $2 ORDER BY id";
    tx.list(sql, cells![school], |row| {
        // A kind may be entered as a draft: `entwurf mep`.
        let written = row.text(1)?.to_lowercase();
        let (status, kind) = match written.split_once(' ') {
            Some(("entwurf" | "draft" | "concept", kind)) => ("draft", kind.to_owned()),
            _ => ("final", written),
        };
        Ok(survey::Document {
            id: row.int(0)?.to_string(),
            kind,
            title: row.text(2)?,
            status: status.to_owned(),
            date: row.maybe_text(3)?.as_deref().and_then(Timestamp::parse_date),
        })
    })
}

pub(super) fn sites(tx: &mut Tx<'_>, school: i64, has_agent: bool) -> Result<Vec<survey::Site>> {
    let sql = "SELECT name, is_main FROM site WHERE traeger_id = $1 AND school_id = $2 ORDER BY name";
    tx.list(sql, cells![school], |row| {
        let is_main = row.flag(1)?;
        let role = if is_main { "main" } else { "branch" };
        Ok(survey::Site { name: row.text(0)?, role: role.to_owned(), agent: has_agent && is_main })
    })
}

/// The highest hour of the last thirty days over all segments together.
pub(super) fn counters(tx: &mut Tx<'_>, school: i64, now: Timestamp) -> Result<BTreeMap<String, u32>> {
    let sql = "SELECT CAST(MAX(total) AS BIGINT) FROM (SELECT hour, SUM(count) AS total FROM tally
               WHERE traeger_id = $1 AND school_id = $2 AND hour >= $3 GROUP BY hour) AS hours";
    let peak = tx.first(sql, cells![school, now.plus_days(-30)], |row| row.maybe_int(0))?.flatten();
    let entry = |peak| ("personal".to_owned(), u32::try_from(peak).unwrap_or(u32::MAX));
    Ok(peak.map(entry).into_iter().collect())
}

/// What its findings say of a domain; without any sign that it was looked up, nothing is said.
pub(super) fn domain_view(name: String, findings: &[FindingLine]) -> survey::Domain {
    let subject = format!("domain {name}");
    let own: Vec<_> = findings.iter().filter(|finding| finding.subject == subject).collect();
    let checked = !own.is_empty() && own.iter().all(|finding| finding.unknown_since.is_none());
    let fine = |family: &str| {
        checked.then(|| {
            !own.iter().any(|finding| {
                finding.closed.is_none() && finding.severity != "info" && finding.rule.starts_with(family)
            })
        })
    };
    survey::Domain {
        spf: fine("mail.spf."),
        dkim: fine("mail.dkim."),
        dmarc: fine("mail.dmarc."),
        name,
        checked,
        mail_host: None,
    }
}
