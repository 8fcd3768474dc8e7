//! What the book says, for scripts: one JSON object a line.

use rundgang_inventory::{mail::is_baseline, rules::Severity};
use rundgang_store::{Asset, Finding, Result, Traeger};
use std::collections::BTreeMap;

/// Rows read at once.
const PAGE: i64 = 500;

/// The schools' names by number.
fn schools(traeger: &Traeger) -> Result<BTreeMap<i64, String>> {
    Ok(traeger.schools()?.into_iter().map(|school| (school.id, school.entered.name)).collect())
}

/// The number of a school by its name; an unknown name is refused.
///
/// # Errors
/// There is no such school, or the database failed.
pub fn school_named(traeger: &Traeger, name: Option<&str>) -> Result<Option<i64>> {
    let Some(name) = name else { return Ok(None) };
    let found = traeger.schools()?.into_iter().find(|school| school.entered.name == name);
    found
        .map(|school| Some(school.id))
        .ok_or_else(|| rundgang_store::Error::NotFound(format!("school '{name}'")))
}

/// Every asset, by number.
///
/// # Errors
/// The database failed.
pub fn all_assets(traeger: &Traeger, school: Option<i64>) -> Result<Vec<Asset>> {
    let mut all: Vec<Asset> = Vec::new();
    loop {
        let after = all.last().map_or(0, |asset| asset.id);
        let page = traeger.assets(school, after, PAGE)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// The assets as JSON lines.
///
/// # Errors
/// The database failed.
pub fn assets(traeger: &Traeger, school: Option<i64>) -> Result<String> {
    let names = schools(traeger)?;
    let documented = traeger.documented_assets(school)?;
    let all = all_assets(traeger, school)?;
    let mut plugged = BTreeMap::new();
    for school in all.iter().map(|asset| asset.school).collect::<std::collections::BTreeSet<_>>() {
        plugged.extend(traeger.wiring(school)?.plugged);
    }
    let line = |asset: &Asset| {
        let told = |value: &Option<String>| value.clone();
        serde_json::json!({
            "type": "asset",
            "id": asset.id,
            "school": names.get(&asset.school),
            "kind": asset.kind,
            "vendor": told(&asset.vendor),
            "model": told(&asset.model),
            "serial": told(&asset.serial),
            "os_version": told(&asset.os_version),
            "hostname": told(&asset.hostname),
            "address": asset.ip,
            "mac": told(&asset.mac),
            "segment": asset.segment,
            "first_seen": asset.first_seen.date(),
            "last_seen": asset.last_seen.date(),
            "documented": documented.contains(&asset.id),
            "services": asset.recognition.services,
            "confidence": asset.recognition.kind.as_ref().map(|kind| kind.confidence),
            "because": asset.recognition.reasons(),
            "plugged": plugged.get(&asset.id),
            "recognition": asset.recognition,
        })
    };
    Ok(all.iter().map(|asset| line(asset).to_string() + "\n").collect())
}

/// The findings as JSON lines; closed ones only where asked for.
///
/// # Errors
/// The database failed.
pub fn findings(traeger: &Traeger, school: Option<i64>, with_closed: bool) -> Result<String> {
    let names = schools(traeger)?;
    let assets: BTreeMap<i64, Asset> =
        all_assets(traeger, school)?.into_iter().map(|asset| (asset.id, asset)).collect();
    let line = |finding: &Finding| {
        let asset = finding.subject.strip_prefix("asset ").and_then(|id| assets.get(&id.parse().ok()?));
        serde_json::json!({
            "type": "finding",
            "school": names.get(&finding.school),
            "finding": finding.rule,
            "subject": finding.subject,
            "address": asset.map(|asset| &asset.ip),
            "hostname": asset.and_then(|asset| asset.hostname.as_ref()),
            "severity": finding.severity,
            "evidence": finding.evidence,
            "opened": finding.opened_at.date(),
            "closed": finding.closed_at.map(rundgang_inventory::Timestamp::date),
            "unknown_since": finding.unknown_since.map(rundgang_inventory::Timestamp::date),
        })
    };
    let all = traeger.findings(school, with_closed)?;
    Ok(all.iter().map(|finding| line(finding).to_string() + "\n").collect())
}

/// The book in a few lines for people, school by school: devices by kind, findings by how much they matter.
///
/// # Errors
/// The database failed.
pub fn summary(traeger: &Traeger) -> Result<String> {
    let mut text = String::new();
    for school in traeger.schools()? {
        let assets = all_assets(traeger, Some(school.id))?;
        let findings = traeger.findings(Some(school.id), false)?;
        let mark = if school.entered.is_example { ", a recorded example" } else { "" };
        text += &format!("\n{}{mark}\n", school.entered.name);
        let kind =
            |asset: &Asset| asset.kind.map_or("not recognised", rundgang_inventory::Kind::name).to_owned();
        text += &tally(&counted(assets.len(), "device"), assets.iter().map(kind));
        if assets.is_empty() {
            text += "  (nothing there answered what was asked)\n";
        }
        for severity in [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info]
        {
            let of_severity =
                findings.iter().filter(|finding| finding.severity == severity && !is_baseline(&finding.rule));
            let rules: Vec<String> = of_severity.map(|finding| finding.rule.clone()).collect();
            if !rules.is_empty() {
                text += &tally(&format!("{} {severity}", rules.len()), rules.into_iter());
            }
        }
        let better: Vec<String> =
            findings.iter().map(|finding| finding.rule.clone()).filter(|rule| is_baseline(rule)).collect();
        if !better.is_empty() {
            text += &tally(&format!("{} optional", better.len()), better.into_iter());
        }
        if findings.is_empty() {
            text += "  no findings\n";
        }
    }
    Ok(text)
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// The column where names begin, and the one that no line reaches.
const NAMES_FROM: usize = 16;
const WIDTH: usize = 100;

/// A title, then names with how often each occurs, the most frequent first, in lines that fit a terminal.
fn tally(title: &str, names: impl Iterator<Item = String>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), name.clone()));
    let mut lines = vec![format!("  {title:<width$}", width = NAMES_FROM - 2)];
    let last = counts.len().saturating_sub(1);
    for (nth, (name, count)) in counts.into_iter().enumerate() {
        let word = format!("{name} {count}{}", if nth == last { "" } else { ", " });
        match lines.last_mut() {
            Some(line) if line.len() + word.trim_end().len() <= WIDTH => *line += &word,
            _ => lines.push(format!("{:NAMES_FROM$}{word}", "")),
        }
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_fits_a_terminal_and_loses_nothing() {
        let check = |names: &[&str], expected: &str| {
            assert_eq!(tally("2 devices", names.iter().map(ToString::to_string)), expected);
        };
        check(&[], "  2 devices\n");
        check(&["nas", "board", "board"], "  2 devices     board 2, nas 1\n");
        let many: Vec<String> = (0..40).map(|n| format!("a-rule-with-a-name-{n}")).collect();
        let text = tally("40 high", many.iter().cloned());
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert!(many.iter().all(|name| text.contains(name)), "{text}");
    }
}
