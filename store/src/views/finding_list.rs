//! The long list of a school's findings part by part: first by severity and rule, the rare ones first, then by subject.

use super::{
    findings::{FindingLine, Only, TOLD_LINE, has_shared, line, lines, names, told},
    overview::{SEVERITIES, open_at},
    responsible,
    slices::Slice,
};
use crate::{
    engine::Cell,
    error::Result,
    store::{Traeger, Tx, cells},
    sums,
};
use rundgang_inventory::{Timestamp, mail::is_baseline};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Which findings a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingFilter {
    /// Closed and rested ones too.
    pub all: bool,
    /// Only this rule.
    pub rule: String,
    /// Only what this party answers for; [`super::responsible::NOBODY`] for what nobody does.
    pub responsible: String,
}

/// How many findings of one rule stand alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Whether they ask for action.
    pub is_open: bool,
    /// How much they matter.
    pub severity: String,
    /// The rule.
    pub rule: String,
    /// How many there are.
    pub count: usize,
    /// How many of them somebody is dealing with.
    pub acknowledged: usize,
}

impl Group {
    fn rank(&self) -> usize {
        SEVERITIES.iter().position(|name| *name == self.severity).unwrap_or(SEVERITIES.len())
    }

    /// Whether they count as gaps.
    #[must_use]
    pub fn is_gap(&self) -> bool {
        self.is_open && self.severity != "info"
    }
}

/// Whether open, severity and rule: with how many there are, and how many of them somebody is dealing with.
type Counts = BTreeMap<(bool, String, String), (i64, i64)>;

/// The findings that stand at a school, from its sums and what people decided.
fn own_counts(tx: &mut Tx<'_>, school: i64, now: Timestamp) -> Result<Counts> {
    let mut counts = Counts::new();
    for sum in sums::of_findings(tx, &[school])? {
        counts.entry((true, sum.severity.clone(), sum.rule.clone())).or_default().0 += sum.open;
        counts.entry((false, sum.severity, sum.rule)).or_default().0 += sum.closed;
    }
    for sum in sums::decided(tx, Some(school), now)? {
        let key = |is_open: bool| (is_open, sum.severity.clone(), sum.rule.clone());
        if sum.is_acknowledged {
            counts.entry(key(sum.is_open)).or_default().1 += sum.count;
        } else if sum.is_open {
            counts.entry(key(true)).or_default().0 -= sum.count;
            counts.entry(key(false)).or_default().0 += sum.count;
        }
    }
    Ok(counts)
}

/// The findings of domains that a school shares, which stand at another one.
fn shared_counts(tx: &mut Tx<'_>, school: i64, now: Timestamp, counts: &mut Counts) -> Result<()> {
    let open = open_at(now);
    let sql = format!(
        "{} SELECT CASE WHEN {open} THEN 1 ELSE 0 END, f.severity, f.rule, COUNT(*), COUNT(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM decision d WHERE d.traeger_id = f.traeger_id AND d.school_id = f.school_id
             AND d.rule = f.rule AND d.subject = f.subject AND d.state = 'acknowledged'
             AND d.id = (SELECT MAX(e.id) FROM decision e WHERE e.traeger_id = f.traeger_id
               AND e.school_id = f.school_id AND e.rule = f.rule AND e.subject = f.subject)))
         FROM told f GROUP BY 1, 2, 3",
        told("AND 1 = 0", Some(""))
    );
    for row in tx.query(&sql, cells![school])? {
        let slot = counts.entry((row.flag(0)?, row.text(1)?, row.text(2)?)).or_default();
        *slot = (slot.0 + row.int(3)?, slot.1 + row.int(4)?);
    }
    Ok(())
}

/// The groups of a school's findings in the order of the list, but those that are true of nearly every domain.
pub(super) fn groups(tx: &mut Tx<'_>, school: i64, now: Timestamp) -> Result<Vec<Group>> {
    let mut counts = own_counts(tx, school, now)?;
    if has_shared(tx, school)? {
        shared_counts(tx, school, now, &mut counts)?;
    }
    let number = |number: i64| usize::try_from(number).unwrap_or_default();
    let counts = counts.into_iter().filter(|((_, _, rule), (count, _))| *count > 0 && !is_baseline(rule));
    let mut groups: Vec<Group> = counts
        .map(|((is_open, severity, rule), (count, acknowledged))| Group {
            is_open,
            severity,
            rule,
            count: number(count),
            acknowledged: number(acknowledged),
        })
        .collect();
    // What stands there fifty times must not hide what stands there once.
    let mut frequent: BTreeMap<String, usize> = BTreeMap::new();
    for group in groups.iter().filter(|group| group.is_open) {
        *frequent.entry(group.rule.clone()).or_default() += group.count;
    }
    groups.sort_by_cached_key(|group| {
        let times = frequent.get(&group.rule).copied().unwrap_or_default();
        (!group.is_open, group.rank(), times, group.rule.clone())
    });
    Ok(groups)
}

/// The lines of a group by subject, behind one, at most so many.
pub(super) fn of_group(
    tx: &mut Tx<'_>,
    school: i64,
    group: &Group,
    (after, most): (&str, usize),
    only: &(String, Vec<Cell>),
    now: Timestamp,
) -> Result<Vec<FindingLine>> {
    let narrow = format!("AND f.rule = $3 AND f.severity = $4 AND f.subject > $5 {}", only.0);
    let narrow = narrow.as_str();
    let (open, limit) = (open_at(now), i64::try_from(most).unwrap_or(i64::MAX));
    let not = if group.is_open { "" } else { "NOT" };
    // Rows of one table are read in the order of its index, and no farther than asked for.
    let shared = if has_shared(tx, school)? { Some(narrow) } else { None };
    let told = told(narrow, shared);
    let sql = format!("{told} {TOLD_LINE} WHERE {not} ({open}) ORDER BY f.subject LIMIT {limit}");
    let own = cells![school, &group.rule, &group.severity, after];
    let parameters: Vec<Cell> = own.iter().chain(&only.1).cloned().collect();
    let mut lines = tx.list(&sql, &parameters, line)?;
    let names = names(tx, school, Some(&lines))?;
    lines.iter_mut().for_each(|line| line.call(&names));
    responsible::tell_domains(tx, school, &mut lines)?;
    Ok(lines)
}

/// Where a condition on responsible parties begins to count its parameters.
const ONLY_FROM: usize = 6;

/// Keeps the groups in which a condition lets anything through, so that no other is read.
fn keep_hit(tx: &mut Tx<'_>, school: i64, party: &str, groups: &mut Vec<Group>) -> Result<()> {
    let (condition, parameters) = responsible::condition(tx, school, party, 3)?;
    if condition.is_empty() {
        return Ok(());
    }
    let told = told(&condition, Some(&condition));
    let sql = format!("{told} SELECT DISTINCT f.rule, f.severity FROM told f");
    let parameters: Vec<Cell> = cells![school].iter().cloned().chain(parameters).collect();
    let hit = tx.list(&sql, &parameters, |row| Ok((row.text(0)?, row.text(1)?)))?;
    let hit: BTreeSet<(String, String)> = hit.into_iter().collect();
    groups.retain(|group| hit.contains(&(group.rule.clone(), group.severity.clone())));
    Ok(())
}

impl Traeger {
    /// How a school's findings stand by severity and rule, in the order of their list, but those that are true of nearly
    /// every domain.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn finding_groups(&self, school: i64, now: Timestamp) -> Result<Vec<Group>> {
        self.school(school)?;
        self.read(|tx| groups(tx, school, now))
    }

    /// A part of a school's findings that a filter lets through, behind `after` (the beginning for an empty text, or one
    /// that is no such place); open ones first, the gravest first, of these the rare ones first. Those that are true of
    /// nearly every domain are among them only where their rule is asked for.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn finding_slice(
        &self,
        school: i64,
        filter: &FindingFilter,
        after: &str,
        most: usize,
        now: Timestamp,
    ) -> Result<Slice<FindingLine>> {
        self.school(school)?;
        let mut place = after.splitn(4, '~');
        let mut next = || place.next().unwrap_or_default().to_owned();
        let (open, severity, rule, subject) = (next() == "1", next(), next(), next());
        self.read(|tx| {
            let mut groups = if filter.rule.starts_with("mail.") {
                baseline_groups(tx, school, &filter.rule, now)?
            } else {
                groups(tx, school, now)?
            };
            groups.retain(|group| {
                (filter.all || group.is_open) && (filter.rule.is_empty() || group.rule == filter.rule)
            });
            keep_hit(tx, school, &filter.responsible, &mut groups)?;
            let only = responsible::condition(tx, school, &filter.responsible, ONLY_FROM)?;
            let is_it =
                |group: &Group| group.is_open == open && group.severity == severity && group.rule == rule;
            let begin = groups.iter().position(is_it);
            let mut lines: Vec<FindingLine> = Vec::new();
            for (at, group) in groups.iter().enumerate().skip(begin.unwrap_or(0)) {
                let left = (most + 1).saturating_sub(lines.len());
                if left == 0 {
                    break;
                }
                let behind = if begin == Some(at) { subject.as_str() } else { "" };
                lines.extend(of_group(tx, school, group, (behind, left), &only, now)?);
            }
            let key = |line: &FindingLine| {
                format!("{}~{}~{}~{}", u8::from(line.is_open(now)), line.severity, line.rule, line.subject)
            };
            Ok(Slice::of(lines, most, key))
        })
    }

    /// The open findings about a school's domains that are true of nearly every domain.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn baseline_lines(&self, school: i64, now: Timestamp) -> Result<Vec<FindingLine>> {
        self.school(school)?;
        let mut all = self.read(|tx| lines(tx, school, Only::Domains))?;
        all.retain(|line| line.is_baseline() && line.is_open(now));
        Ok(all)
    }
}

/// The groups of one rule of mail, those that are true of nearly every domain included.
fn baseline_groups(tx: &mut Tx<'_>, school: i64, rule: &str, now: Timestamp) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    for line in lines(tx, school, Only::Domains)?.iter().filter(|line| line.rule == rule) {
        let is_open = line.is_open(now);
        match groups.iter_mut().find(|group| group.is_open == is_open && group.severity == line.severity) {
            Some(group) => group.count += 1,
            None => groups.push(Group {
                is_open,
                severity: line.severity.clone(),
                rule: line.rule.clone(),
                count: 1,
                acknowledged: 0,
            }),
        }
    }
    groups.sort_by_key(|group| (!group.is_open, group.rank()));
    Ok(groups)
}
