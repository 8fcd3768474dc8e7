//! Numbers, dates and names gathered over a set: sums, medians, the newest date, counts by name.

use super::bounds::{Interval, Truth};
use super::evaluate::{Evaluator, Reason};
use super::formula::{Fold, Set};
use super::tally::{fold_numbers, tally};
use super::view::{Datum, Subject, years};
use crate::Timestamp;
use std::collections::BTreeMap;

impl Evaluator<'_> {
    pub(super) fn folded(&mut self, fold: Fold, set: &Set, field: &str) -> Interval {
        let (members, closed) = self.members(set);
        let mut numbers = Vec::new();
        let mut missing = 0u32;
        for (subject, truth) in members.into_iter().filter(|(_, truth)| truth.is_guess()) {
            match subject.field(field, self.view) {
                Some(Datum::Number(number)) => {
                    self.cite(subject);
                    numbers.push((number, truth == Truth::Yes));
                }
                _ => missing += 1,
            }
        }
        self.doubt_if(missing > 0, Reason::FieldMissing { field: field.to_owned(), count: missing });
        let all: Vec<f64> = numbers.iter().map(|(number, _)| *number).collect();
        let sure: Vec<f64> = numbers.iter().filter(|(_, sure)| *sure).map(|(number, _)| *number).collect();
        let exact = closed && missing == 0 && all.len() == sure.len();
        let Some(value) = fold_numbers(fold, &all) else { return Interval::UNKNOWN };
        let certain = fold_numbers(fold, &sure);
        let bounded = closed && missing == 0;
        match fold {
            // More elements can only add to a sum or a maximum.
            Fold::Sum | Fold::Max => {
                Interval { value: Some(value), lower: certain, upper: bounded.then_some(value) }
            }
            Fold::Min => Interval { value: Some(value), lower: bounded.then_some(value), upper: certain },
            Fold::Percentile(_) if exact => Interval::exact(value),
            Fold::Percentile(_) => Interval { value: Some(value), lower: None, upper: None },
        }
    }

    /// Years since purchase; where that is not entered, "since first seen" is a lower bound.
    pub(super) fn median_age(&mut self, set: &Set) -> Interval {
        let (members, closed) = self.members(set);
        let (mut known, mut at_least, mut undated) = (Vec::new(), Vec::new(), 0u32);
        for (subject, _) in members.iter().filter(|(_, truth)| truth.is_guess()) {
            let Subject::Asset(asset) = subject else { continue };
            self.cite(*subject);
            if let Some(bought) = asset.bought {
                known.push(years(bought, self.view.as_of));
            } else {
                undated += 1;
                at_least.push(asset.first_seen.map_or(0.0, |seen| years(seen, self.view.as_of)));
            }
        }
        self.doubt_if(undated > 0, Reason::FieldMissing { field: "bought".into(), count: undated });
        let sure = closed && members.iter().all(|(_, truth)| *truth == Truth::Yes);
        let value = fold_numbers(Fold::Percentile(50.0), &known);
        let mut least = known;
        least.extend(at_least);
        let lower = fold_numbers(Fold::Percentile(50.0), &least).filter(|_| sure);
        Interval { value, lower, upper: value.filter(|_| sure && undated == 0) }
    }

    pub(super) fn latest(&mut self, set: &Set, field: &str) -> Option<Timestamp> {
        let (members, _) = self.members(set);
        let mut latest = None;
        for (subject, _) in members.into_iter().filter(|(_, truth)| truth.is_guess()) {
            if let Some(Datum::Date(date)) = subject.field(field, self.view) {
                self.cite(subject);
                latest = latest.max(Some(date));
            }
        }
        latest
    }

    pub(super) fn names(&mut self, set: &Set, field: &str) -> Vec<String> {
        self.groups(set, field).into_iter().map(|(name, _)| name).filter(|name| !name.is_empty()).collect()
    }

    pub(super) fn groups(&mut self, set: &Set, field: &str) -> Vec<(String, Interval)> {
        let (members, closed) = self.members(set);
        let mut groups: BTreeMap<String, Vec<Truth>> = BTreeMap::new();
        for (subject, truth) in members {
            let names = match subject.field(field, self.view) {
                Some(Datum::Text(text)) => vec![text.to_owned()],
                Some(Datum::Number(number)) => vec![number.to_string()],
                Some(Datum::Flag(flag)) => vec![flag.to_string()],
                Some(Datum::Date(date)) => vec![date.date()],
                Some(Datum::List(list)) if !list.is_empty() => list.to_vec(),
                _ => vec![String::new()],
            };
            if truth.is_guess() {
                self.cite(subject);
            }
            for name in names {
                groups.entry(name).or_default().push(truth);
            }
        }
        let speaks = |truths: &[Truth]| truths.iter().any(|truth| truth.is_guess());
        let open = !closed || groups.get("").is_some_and(|truths| speaks(truths));
        // What may not belong at all, or under another name, makes no row of its own; it may stand in any other.
        let all: usize = groups.values().flatten().filter(|truth| !truth.is_guess()).count();
        groups.retain(|_, truths| speaks(truths));
        let counted = groups.into_iter().map(|(name, truths)| {
            let own = truths.iter().filter(|truth| !truth.is_guess()).count();
            let others = std::iter::repeat_n(Truth::Unlikely, all - own);
            (name, tally(&truths.into_iter().chain(others), !open))
        });
        counted.collect()
    }
}
