//! How truly one element passes a filter, and whether anything that would pass can be missing from what we know.

use super::bounds::{Interval, Truth};
use super::evaluate::Evaluator;
use super::formula::{Filter, Noun, Operand, Set};
use super::reason::Reason;
use super::tally::compare;
use super::view::{Datum, Subject, SurveyAsset, SurveyView};
use crate::{Confidence, Kind};
use std::collections::HashMap;

impl<'a> Evaluator<'a> {
    /// Whether nothing that belongs to the set can be missing from what we know.
    pub(super) fn closed(&mut self, set: &Set) -> bool {
        if set.noun != Noun::Asset {
            let kept = self.view.keeps(set.noun);
            if !kept && set.noun == Noun::Finding {
                self.doubt_coverage();
            }
            self.doubt_if(
                !kept && set.noun != Noun::Finding,
                Reason::ListOpen { list: set.noun.word().to_owned() },
            );
            return kept;
        }
        let walked = self.view.walked.is_complete();
        if !walked {
            self.doubt_coverage();
        }
        if requires(&set.filter, &["seen", "networked"]) {
            return walked;
        }
        let kinds: Vec<Kind> = kinds_of(&set.filter).unwrap_or_else(|| Kind::ALL.to_vec());
        self.all_listed(&kinds)
    }

    pub(super) fn all_listed(&mut self, kinds: &[Kind]) -> bool {
        let hiding: Vec<Kind> = kinds.iter().copied().filter(|kind| !self.view.lists_all(*kind)).collect();
        if self.view.walked.is_complete() && hiding.len() < Kind::ALL.len() / 2 {
            for kind in &hiding {
                self.trace.reasons.insert(Reason::KindMayHide { kind: kind.name().to_owned() });
            }
        }
        if !self.view.walked.is_complete() {
            self.doubt_coverage();
        }
        hiding.is_empty()
    }

    pub(super) fn doubt_coverage(&mut self) {
        let walked = &self.view.walked;
        if walked.last_round.is_none() {
            self.trace.reasons.insert(Reason::NeverWalked);
        } else if walked.covered < walked.expected {
            let (covered, expected) = (walked.covered, walked.expected);
            self.trace.reasons.insert(Reason::SegmentsMissing { covered, expected });
        }
        for agent in &walked.silent {
            self.trace.reasons.insert(Reason::AgentSilent { agent: agent.clone() });
        }
    }

    /// Whether no device that a room filter asks for can be missing.
    pub(super) fn filter_closed(&mut self, filter: &Filter) -> bool {
        let mut kinds = Vec::new();
        kinds_asked(filter, &mut kinds);
        kinds.is_empty() || self.all_listed(&kinds)
    }

    /// How many devices without a room might be what a room filter asks for: none where it asks for no device.
    pub(super) fn unplaced(&mut self, filter: &Filter) -> u32 {
        let mut kinds = Vec::new();
        kinds_asked(filter, &mut kinds);
        if kinds.is_empty() {
            return 0;
        }
        let loose = self.view.assets.iter().filter(|asset| {
            asset.room.is_none()
                && asset.kind.is_none_or(|kind| kinds.contains(&kind) || asset.confidence == Confidence::Low)
        });
        let count = u32::try_from(loose.count()).unwrap_or(u32::MAX);
        self.doubt_if(count > 0, Reason::Unplaced { count });
        count
    }

    /// Says how many devices a filter that asks for a room leaves open, since nobody said where they stand.
    pub(super) fn doubt_placed<'s>(&mut self, filter: &Filter, subjects: impl Iterator<Item = Subject<'s>>) {
        if requires(filter, &["placed"]) {
            let loose =
                subjects.filter(|subject| matches!(subject, Subject::Asset(asset) if asset.room.is_none()));
            let count = u32::try_from(loose.count()).unwrap_or(u32::MAX);
            self.doubt_if(count > 0, Reason::Unplaced { count });
        }
    }

    /// How truly one element passes a filter. `loose`: whether devices without a room may stand in any room.
    pub(super) fn weigh(&mut self, subject: Subject<'a>, filter: &Filter, loose: bool) -> Truth {
        match filter {
            Filter::All => Truth::Yes,
            Filter::And(all) => all.iter().map(|f| self.weigh(subject, f, loose)).min().unwrap_or(Truth::Yes),
            Filter::Or(any) => any.iter().map(|f| self.weigh(subject, f, loose)).max().unwrap_or(Truth::No),
            Filter::Not(inner) => self.weigh_not(subject, inner, loose),
            Filter::Has(kinds) => self.room_has(subject, kinds, loose),
            Filter::Is(field) => match subject.field(field, self.view) {
                None => Truth::Unlikely,
                Some(Datum::Flag(flag)) => Truth::certain(flag),
                Some(Datum::List(list)) => Truth::certain(!list.is_empty()),
                Some(_) => Truth::Yes,
            },
            Filter::In(field, words) if field == "kind" => match subject {
                Subject::Asset(asset) => {
                    kind_truth(asset, |kind| words.iter().any(|word| word == kind.name()))
                }
                _ => told(subject.field(field, self.view), words),
            },
            Filter::In(field, words) => told(subject.field(field, self.view), words),
            Filter::Compare(field, comparison, operand) => {
                let right = match operand {
                    Operand::Number(number) => Some(*number),
                    Operand::Threshold(name) => self.thresholds.get(name).copied(),
                };
                let left = match subject.field(field, self.view) {
                    Some(Datum::Number(number)) => Interval::exact(number),
                    _ => Interval::UNKNOWN,
                };
                compare(*comparison, left, right.map_or(Interval::UNKNOWN, Interval::exact))
            }
        }
    }

    /// How truly one element does not pass a filter. What is not known of it speaks neither for nor against.
    fn weigh_not(&mut self, subject: Subject<'a>, filter: &Filter, loose: bool) -> Truth {
        match filter {
            Filter::Not(inner) => self.weigh(subject, inner, loose),
            Filter::And(all) => {
                all.iter().map(|f| self.weigh_not(subject, f, loose)).max().unwrap_or(Truth::No)
            }
            Filter::Or(any) => {
                any.iter().map(|f| self.weigh_not(subject, f, loose)).min().unwrap_or(Truth::Yes)
            }
            Filter::Is(field) | Filter::In(field, _) | Filter::Compare(field, ..)
                if subject.field(field, self.view).is_none() =>
            {
                Truth::Unlikely
            }
            leaf => self.weigh(subject, leaf, loose).negated(),
        }
    }

    /// Whether a room holds a device of one of these kinds; one without a room may stand in any where `loose`.
    fn room_has(&self, subject: Subject<'_>, kinds: &[String], loose: bool) -> Truth {
        let Subject::Room(room) = subject else { return Truth::No };
        let kinds: Vec<Kind> = kinds.iter().filter_map(|word| word.parse().ok()).collect();
        let fits = |asset: &&SurveyAsset| {
            Subject::Asset(asset).exists().min(kind_truth(asset, |kind| kinds.contains(&kind)))
        };
        let placed = self.placed.get_or_init(|| Placed::of(self.view));
        let here = placed.by_room.get(room.name.as_str()).map(Vec::as_slice).unwrap_or_default();
        let mut best = here.iter().map(fits).max().unwrap_or(Truth::No);
        if best == Truth::No && loose && placed.nowhere.iter().any(|asset| fits(asset) > Truth::No) {
            best = Truth::Unlikely;
        }
        if best == Truth::No && kinds.iter().any(|kind| !self.view.lists_all(*kind)) {
            best = Truth::Unlikely;
        }
        best
    }
}

/// The devices by their room, gathered once for all rooms.
#[derive(Debug, Default)]
pub(super) struct Placed<'a> {
    by_room: HashMap<&'a str, Vec<&'a SurveyAsset>>,
    nowhere: Vec<&'a SurveyAsset>,
}

impl<'a> Placed<'a> {
    fn of(view: &'a SurveyView) -> Self {
        let mut placed = Self::default();
        for asset in &view.assets {
            match &asset.room {
                Some(room) => placed.by_room.entry(room).or_default().push(asset),
                None => placed.nowhere.push(asset),
            }
        }
        placed
    }
}

/// Whether a device is of a kind; what was only guessed is doubted.
fn kind_truth(asset: &SurveyAsset, fits: impl Fn(Kind) -> bool) -> Truth {
    match asset.kind {
        None => Truth::Unlikely,
        Some(kind) if asset.confidence == Confidence::Low => Truth::certain(fits(kind)).doubted(),
        Some(kind) => Truth::certain(fits(kind)),
    }
}

/// Whether a value is one of these words; what is not known is not.
fn told(datum: Option<Datum<'_>>, words: &[String]) -> Truth {
    datum.map_or(Truth::Unlikely, |datum| Truth::certain(matches_any(&datum, words)))
}

fn matches_any(datum: &Datum<'_>, words: &[String]) -> bool {
    let fits = |text: &str| {
        words.iter().any(|word| match word.strip_suffix('*') {
            Some(prefix) => text.starts_with(prefix),
            None => text.eq_ignore_ascii_case(word),
        })
    };
    match datum {
        Datum::Text(text) => fits(text),
        Datum::List(list) => list.iter().any(|text| fits(text)),
        Datum::Flag(flag) => fits(if *flag { "yes" } else { "no" }),
        Datum::Number(number) => fits(&number.to_string()),
        Datum::Date(date) => fits(&date.date()),
    }
}

/// Whether every element of the set must have one of these flags.
fn requires(filter: &Filter, flags: &[&str]) -> bool {
    match filter {
        Filter::Is(field) => flags.contains(&field.as_str()),
        Filter::And(all) => all.iter().any(|inner| requires(inner, flags)),
        Filter::Or(any) => !any.is_empty() && any.iter().all(|inner| requires(inner, flags)),
        _ => false,
    }
}

/// The kinds a filter over assets is limited to; `None` is any kind.
fn kinds_of(filter: &Filter) -> Option<Vec<Kind>> {
    match filter {
        Filter::In(field, words) if field == "kind" => {
            Some(words.iter().filter_map(|word| word.parse().ok()).collect())
        }
        Filter::And(all) => all.iter().find_map(kinds_of),
        Filter::Or(any) => {
            let each: Option<Vec<Vec<Kind>>> = any.iter().map(kinds_of).collect();
            each.map(|each| each.into_iter().flatten().collect())
        }
        _ => None,
    }
}

fn kinds_asked(filter: &Filter, kinds: &mut Vec<Kind>) {
    match filter {
        Filter::Has(words) => kinds.extend(words.iter().filter_map(|word| word.parse::<Kind>().ok())),
        Filter::And(all) | Filter::Or(all) => all.iter().for_each(|inner| kinds_asked(inner, kinds)),
        Filter::Not(inner) => kinds_asked(inner, kinds),
        Filter::All | Filter::Is(_) | Filter::In(..) | Filter::Compare(..) => {}
    }
}
