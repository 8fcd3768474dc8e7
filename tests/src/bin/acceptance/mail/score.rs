//! Compares findings with what is there, by the rules of the data set: an expected entry `a|b` is met by either id,
//! ids in a zone's allowed list count neither way, `*` allows anything, ids outside the set's catalogue are ignored.

use super::Expectations;
use anyhow::{Context, Result};
use rundgang_inventory::mail::BASELINE;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

/// What is expected of one domain.
#[derive(Deserialize)]
pub(crate) struct Expected {
    domain: String,
    case: String,
    expected: Vec<String>,
    baseline: Vec<String>,
    allowed: Vec<String>,
    #[serde(default)]
    hints: Hints,
}

#[derive(Deserialize, Default)]
struct Hints {
    #[serde(default)]
    dkim_selectors: Vec<String>,
}

impl Expected {
    /// The selectors that the school's documentation names.
    pub(crate) fn selectors(&self) -> &[String] {
        &self.hints.dkim_selectors
    }

    fn wanted(&self) -> impl Iterator<Item = &String> {
        self.expected.iter().chain(&self.baseline)
    }
}

/// Reads what is expected of every domain.
pub(crate) fn expected(folder: &Path) -> Result<Expectations> {
    let mut all = Expectations::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let path = entry?.path();
        let text = std::fs::read_to_string(&path)?;
        let expected: Expected =
            serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
        all.insert(expected.domain.clone(), expected);
    }
    Ok(all)
}

#[derive(Default)]
struct Tally {
    met: usize,
    missed: usize,
    wrong: usize,
}

/// How well the findings fit.
pub(crate) struct Score {
    rows: BTreeMap<String, Tally>,
    misses: Vec<String>,
    domains: usize,
    clean: usize,
    clean_with_alarm: usize,
    /// Ids that the set does not know, with how often they were found: nobody judges them.
    ignored: BTreeMap<String, usize>,
}

impl Score {
    /// Compares findings by domain with what is there.
    pub(crate) fn of(all: &Expectations, found: &BTreeMap<String, BTreeSet<String>>) -> Self {
        let split = |text: &String| text.split('|').map(str::to_owned).collect::<Vec<_>>();
        let catalogue: BTreeSet<String> =
            all.values().flat_map(|zone| zone.wanted().chain(&zone.allowed).flat_map(split)).collect();
        let mut score = Self {
            rows: BTreeMap::new(),
            misses: Vec::new(),
            domains: all.len(),
            clean: 0,
            clean_with_alarm: 0,
            ignored: BTreeMap::new(),
        };
        for (domain, zone) in all {
            let (got, unknown): (BTreeSet<String>, BTreeSet<String>) =
                found.get(domain).into_iter().flatten().cloned().partition(|id| catalogue.contains(id));
            for id in unknown {
                *score.ignored.entry(id).or_default() += 1;
            }
            score.zone(domain, zone, got);
        }
        score
    }

    fn zone(&mut self, domain: &str, zone: &Expected, mut extra: BTreeSet<String>) {
        let got = extra.clone();
        for wanted in zone.wanted() {
            let ids: Vec<&str> = wanted.split('|').collect();
            let row = self.rows.entry(ids.first().copied().unwrap_or_default().to_owned()).or_default();
            if ids.iter().any(|id| got.contains(*id)) {
                row.met += 1;
            } else {
                row.missed += 1;
                self.misses.push(format!("missed       {domain} ({}): {wanted}", zone.case));
            }
            extra.retain(|id| !ids.contains(&id.as_str()));
        }
        extra.retain(|id| !zone.allowed.contains(id));
        if zone.allowed.iter().any(|id| id == "*") {
            extra.clear();
        }
        for id in &extra {
            self.rows.entry(id.clone()).or_default().wrong += 1;
            self.misses.push(format!("false alarm  {domain} ({}): {id}", zone.case));
        }
        if zone.expected.is_empty() {
            self.clean += 1;
            self.clean_with_alarm += usize::from(!extra.is_empty());
        }
    }

    /// Recall and precision over the ids that the filter lets through.
    fn figures(&self, filter: impl Fn(&str) -> bool) -> (usize, usize, f64, f64) {
        let rows = || self.rows.iter().filter(|(id, _)| filter(id)).map(|(_, row)| row);
        let met: usize = rows().map(|row| row.met).sum();
        let wanted = met + rows().map(|row| row.missed).sum::<usize>();
        let said = met + rows().map(|row| row.wrong).sum::<usize>();
        (wanted, said - met, share(met, wanted), share(met, said))
    }

    /// Recall and precision of 0.99 and no false alarm on a clean zone.
    pub(crate) fn is_reached(&self) -> bool {
        let faults = self.figures(|id| !BASELINE.contains(&id));
        let all = self.figures(|_| true);
        [faults, all].iter().all(|&(_, _, recall, precision)| recall >= 0.99 && precision >= 0.99)
            && self.clean_with_alarm == 0
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a data set are small")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:30} {:>4} {:>4} {:>4} {:>5} {:>7} {:>9}",
            "finding", "exp", "met", "miss", "false", "recall", "precision"
        )?;
        for (id, row) in &self.rows {
            let wanted = row.met + row.missed;
            let (recall, precision) = (share(row.met, wanted), share(row.met, row.met + row.wrong));
            writeln!(
                f,
                "{id:30} {wanted:4} {:4} {:4} {:5} {recall:7.3} {precision:9.3}",
                row.met, row.missed, row.wrong
            )?;
        }
        for miss in &self.misses {
            writeln!(f, "{miss}")?;
        }
        for (name, figures) in [
            ("faults", self.figures(|id| !BASELINE.contains(&id))),
            ("with the five baseline ids", self.figures(|_| true)),
        ] {
            let (wanted, wrong, recall, precision) = figures;
            writeln!(
                f,
                "{name}: {wanted} expected, {wrong} false, recall {recall:.4}, precision {precision:.4}"
            )?;
        }
        write!(
            f,
            "{} domains, {} of them without fault, {} of these with a false alarm",
            self.domains, self.clean, self.clean_with_alarm
        )?;
        if !self.ignored.is_empty() {
            let ignored: Vec<String> =
                self.ignored.iter().map(|(id, count)| format!("{id} {count}")).collect();
            write!(f, "\nids not in this set's catalogue (ignored): {}", ignored.join(", "))?;
        }
        Ok(())
    }
}
