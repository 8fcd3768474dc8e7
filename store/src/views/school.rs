//! One school: what is there by kind and by room, and how its segments were walked.

use super::{
    finding_list::{Group, groups, of_group},
    findings::{FindingLine, Only, lines},
    overview::{Walks, walks},
};
use crate::{
    error::Result,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;

/// One school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SchoolPage {
    /// The school.
    pub school: crate::School,
    /// Devices by kind, the most frequent first.
    pub kinds: Vec<KindLine>,
    /// Rooms with what stands in them.
    pub rooms: Vec<RoomLine>,
    /// Devices found that have no room.
    pub unplaced: i64,
    /// Documented systems that lack an owner, a provider, or the place of their credentials.
    pub gappy_systems: i64,
    /// Documented systems.
    pub systems: i64,
    /// How agents and segments stand.
    pub walks: Walks,
    /// What is open by rule, the gravest first, at most eight rules.
    pub findings: Vec<RuleLine>,
    /// How many findings are open.
    pub open_findings: i64,
    /// How many of them somebody is dealing with.
    pub acknowledged: usize,
    /// How many of the grave ones (critical, high) nobody is dealing with yet.
    pub grave: usize,
    /// The domains, each with what is wrong with its mail.
    pub domains: Vec<MailDomain>,
}

/// A domain of the school and what is open about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailDomain {
    /// Its name.
    pub name: String,
    /// What is wrong with its mail.
    pub gaps: Vec<FindingLine>,
    /// What it could do better, as nearly every domain could; no gap.
    pub baseline: Vec<FindingLine>,
}

/// The domains of a school with what is open about each.
fn mail_domains(names: Vec<String>, lines: &[FindingLine], now: Timestamp) -> Vec<MailDomain> {
    let domain = |name: String| {
        let subject = format!("domain {name}");
        let own = || lines.iter().filter(|line| line.subject == subject && line.is_open(now));
        let gaps = own().filter(|line| line.is_gap(now)).cloned().collect();
        MailDomain { gaps, baseline: own().filter(|line| line.is_baseline()).cloned().collect(), name }
    };
    names.into_iter().map(domain).collect()
}

/// The open findings of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleLine {
    /// The first of them.
    pub first: FindingLine,
    /// How many there are.
    pub count: usize,
}

/// Rules that a school's page shows.
const RULES_SHOWN: usize = 8;

/// The open findings by rule in the order of their list: as many as a page shows, each with the first of them.
fn by_rule(tx: &mut Tx<'_>, school: i64, gaps: &[Group], now: Timestamp) -> Result<Vec<RuleLine>> {
    let mut lines: Vec<RuleLine> = Vec::new();
    for group in gaps {
        if let Some(line) = lines.iter_mut().find(|line| line.first.rule == group.rule) {
            line.count += group.count;
        } else if lines.len() < RULES_SHOWN {
            let first =
                of_group(tx, school, group, ("", 1), &(String::new(), Vec::new()), now)?.into_iter().next();
            lines.extend(first.map(|first| RuleLine { first, count: group.count }));
        }
    }
    Ok(lines)
}

/// Devices of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindLine {
    /// The kind, or nothing where it is not recognised.
    pub kind: Option<String>,
    /// How many were found.
    pub found: i64,
    /// How many of them are documented.
    pub documented: i64,
}

/// A room and what stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoomLine {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// What stands in it: name and, where it was found in the network, the number of the asset.
    pub systems: Vec<(String, Option<i64>)>,
}

impl Traeger {
    /// One school at a glance.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn school_page(&self, school: i64, now: Timestamp) -> Result<SchoolPage> {
        let entered = self.school(school)?;
        let names = self.domains(school)?;
        self.read(|tx| {
            let domains = mail_domains(names.clone(), &lines(tx, school, Only::Domains)?, now);
            let mut gaps = groups(tx, school, now)?;
            gaps.retain(Group::is_gap);
            let sum = |count: fn(&Group) -> usize| gaps.iter().map(count).sum::<usize>();
            let grave = gaps.iter().filter(|group| matches!(group.severity.as_str(), "critical" | "high"));
            let kinds = "SELECT a.kind, COUNT(*), COUNT(*) FILTER (WHERE EXISTS (SELECT 1 FROM stands_for s
                           WHERE s.traeger_id = a.traeger_id AND s.asset_id = a.id))
                         FROM asset a WHERE a.traeger_id = $1 AND a.school_id = $2
                         GROUP BY a.kind ORDER BY COUNT(*) DESC, a.kind";
            let kinds = tx.list(kinds, cells![school], |row| {
                Ok(KindLine { kind: row.maybe_text(0)?, found: row.int(1)?, documented: row.int(2)? })
            })?;
            let rooms = "SELECT r.id, r.name, r.kind, s.name, f.asset_id FROM room r
                         LEFT JOIN documented_system s ON s.traeger_id = r.traeger_id AND s.room_id = r.id
                           AND s.deleted_at IS NULL AND s.status <> 'retired'
                         LEFT JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
                         WHERE r.traeger_id = $1 AND r.school_id = $2 ORDER BY r.name, r.id, s.name";
            let mut in_rooms: Vec<RoomLine> = Vec::new();
            for row in tx.query(rooms, cells![school])? {
                let id = row.int(0)?;
                if in_rooms.last().is_none_or(|line| line.id != id) {
                    in_rooms.push(RoomLine { id, name: row.text(1)?, kind: row.text(2)?, systems: Vec::new() });
                }
                if let (Some(line), Some(system)) = (in_rooms.last_mut(), row.maybe_text(3)?) {
                    line.systems.push((system, row.maybe_int(4)?));
                }
            }
            let unplaced = "SELECT COUNT(*) FROM asset a WHERE a.traeger_id = $1 AND a.school_id = $2
                            AND NOT EXISTS (SELECT 1 FROM stands_for f
                              JOIN documented_system s ON s.traeger_id = f.traeger_id AND s.id = f.system_id
                              WHERE f.traeger_id = a.traeger_id AND f.asset_id = a.id AND s.room_id IS NOT NULL)";
            let systems = "SELECT COUNT(*), COUNT(*) FILTER (WHERE owner = '' OR provider = ''
                             OR credentials_place = '')
                           FROM documented_system WHERE traeger_id = $1 AND school_id = $2 AND deleted_at IS NULL";
            let (systems, gappy_systems) = tx
                .first(systems, cells![school], |row| Ok((row.int(0)?, row.int(1)?)))?
                .unwrap_or_default();
            Ok(SchoolPage {
                school: entered.clone(),
                kinds,
                rooms: in_rooms,
                unplaced: tx.first(unplaced, cells![school], |row| row.int(0))?.unwrap_or(0),
                gappy_systems,
                systems,
                walks: walks(tx, school..=school, now)?.remove(&school).unwrap_or_default(),
                acknowledged: sum(|group| group.acknowledged),
                grave: grave.map(|group| group.count - group.acknowledged).sum(),
                open_findings: i64::try_from(sum(|group| group.count)).unwrap_or(i64::MAX),
                findings: by_rule(tx, school, &gaps, now)?,
                domains,
            })
        })
    }
}
