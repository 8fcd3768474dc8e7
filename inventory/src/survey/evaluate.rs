//! Formulas over a view: elements are weighed one by one, and what was not covered leaves the upper bound open.

use super::bounds::{Interval, Truth};
use super::formula::{Expr, Filter, Fold, Noun, Operator, Set};
pub use super::reason::{Evidence, Reason};
use super::tally::{compare, count_f64, fold_numbers, share_of, tally};
use super::view::{Datum, Subject, SurveyView, years};
use crate::{Confidence, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What a formula came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A number.
    Number(Interval),
    /// A statement.
    Truth(Truth),
    /// A date, where known.
    Date(Option<Timestamp>),
    /// Different texts.
    Texts(Vec<String>),
    /// A number for each name.
    Table(Vec<(String, Interval)>),
    /// Only a person can say.
    Person,
}

impl Outcome {
    pub(super) fn number(&self) -> Interval {
        match self {
            Self::Number(interval) => *interval,
            Self::Truth(Truth::Yes) => Interval::exact(1.0),
            Self::Truth(Truth::No) => Interval::exact(0.0),
            Self::Truth(doubt) => Interval {
                value: Some(f64::from(u8::from(doubt.is_guess()))),
                lower: Some(0.0),
                upper: Some(1.0),
            },
            _ => Interval::UNKNOWN,
        }
    }

    pub(super) fn truth(&self) -> Truth {
        match self {
            Self::Truth(truth) => *truth,
            Self::Number(number) => number.above(Interval::exact(0.0), false),
            Self::Date(date) => {
                if date.is_some() {
                    Truth::Yes
                } else {
                    Truth::Unlikely
                }
            }
            Self::Texts(texts) => {
                if texts.is_empty() {
                    Truth::Unlikely
                } else {
                    Truth::Yes
                }
            }
            Self::Table(_) | Self::Person => Truth::Unlikely,
        }
    }
}

/// What was gathered while a formula was worked out.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The elements that count.
    pub evidence: BTreeSet<Evidence>,
    /// The elements that would have to change ("9 of 31 rooms have no presentation device").
    pub lacking: BTreeSet<Evidence>,
    /// Why the outcome is not certain.
    pub reasons: BTreeSet<Reason>,
}

impl Trace {
    /// The least sure of everything that went in.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.reasons.iter().map(Reason::leaves).min().unwrap_or(Confidence::High)
    }
}

/// Works formulas out over one view.
pub struct Evaluator<'a> {
    pub(super) view: &'a SurveyView,
    schools: &'a [SurveyView],
    pub(super) thresholds: &'a BTreeMap<String, f64>,
    /// What was gathered.
    pub trace: Trace,
}

impl<'a> Evaluator<'a> {
    /// For one view; `schools` are those of a Träger, empty for the survey of one school.
    #[must_use]
    pub fn new(
        view: &'a SurveyView,
        schools: &'a [SurveyView],
        thresholds: &'a BTreeMap<String, f64>,
    ) -> Self {
        Self { view, schools, thresholds, trace: Trace::default() }
    }

    /// Works one formula out.
    pub fn run(&mut self, expr: &Expr) -> Outcome {
        match expr {
            Expr::Number(number) => Outcome::Number(Interval::exact(*number)),
            Expr::Threshold(name) => Outcome::Number(
                self.thresholds.get(name).map_or(Interval::UNKNOWN, |value| Interval::exact(*value)),
            ),
            Expr::Count(set) => Outcome::Number(self.count(set)),
            Expr::Any(set) => Outcome::Truth(self.count(set).above(Interval::exact(1.0), true)),
            Expr::Share(set, filter) => Outcome::Number(self.share(set, filter)),
            Expr::Folded(fold, set, field) => Outcome::Number(self.folded(*fold, set, field)),
            Expr::MedianAge(set) => Outcome::Number(self.median_age(set)),
            Expr::Latest(set, field) => Outcome::Date(self.latest(set, field)),
            Expr::Names(set, field) => Outcome::Texts(self.names(set, field)),
            Expr::Groups(set, field) => Outcome::Table(self.groups(set, field)),
            Expr::Fact(name) => self.fact(name),
            Expr::Filled(name) => Outcome::Truth(self.filled(name)),
            Expr::Counter(name) => Outcome::Number(self.counter(name)),
            Expr::Covered => Outcome::Number(self.covered()),
            Expr::DaysSinceWalk => Outcome::Number(self.days_since_walk()),
            Expr::ShareOfSchools(inner) => Outcome::Number(self.of_schools(inner, true)),
            Expr::CountOfSchools(inner) => Outcome::Number(self.of_schools(inner, false)),
            Expr::SumOfSchools(inner) => Outcome::Number(self.sum_of_schools(inner)),
            Expr::Person => {
                self.trace.reasons.insert(Reason::Person);
                Outcome::Person
            }
            Expr::Binary(operator, a, b) => {
                let (a, b) = (self.run(a).number(), self.run(b).number());
                Outcome::Number(match operator {
                    Operator::Plus => a.plus(b),
                    Operator::Minus => a.minus(b),
                    Operator::Times => a.times(b),
                    Operator::Over => a.over(b),
                })
            }
            Expr::Compare(comparison, a, b) => {
                let (a, b) = (self.run(a).number(), self.run(b).number());
                Outcome::Truth(compare(*comparison, a, b))
            }
            Expr::And(all) => {
                Outcome::Truth(all.iter().map(|e| self.run(e).truth()).min().unwrap_or(Truth::Yes))
            }
            Expr::Or(any) => {
                Outcome::Truth(any.iter().map(|e| self.run(e).truth()).max().unwrap_or(Truth::No))
            }
            Expr::Not(inner) => Outcome::Truth(self.run(inner).truth().negated()),
        }
    }

    /// Every element of a set with how truly it belongs to it, and whether the set is closed.
    fn members(&mut self, set: &Set) -> (Vec<(Subject<'a>, Truth)>, bool) {
        let view = self.view;
        let weighed: Vec<_> = view
            .subjects(set.noun)
            .into_iter()
            .map(|subject| (subject, subject.exists().min(self.weigh(subject, &set.filter, true))))
            .filter(|(_, truth)| *truth > Truth::No)
            .collect();
        if set.noun == Noun::Asset {
            let unsure = |exists: bool| {
                let certain = |s: &Subject<'_>| s.exists() == Truth::Yes;
                let doubted = weighed.iter().filter(|(s, t)| *t < Truth::Yes && certain(s) != exists);
                u32::try_from(doubted.count()).unwrap_or(u32::MAX)
            };
            let (not_seen, unrecognised) = (unsure(true), unsure(false));
            self.doubt_if(not_seen > 0, Reason::NotSeen { count: not_seen });
            self.doubt_if(unrecognised > 0, Reason::Unrecognised { count: unrecognised });
        }
        let closed = self.closed(set);
        (weighed, closed)
    }

    pub(super) fn doubt_if(&mut self, condition: bool, reason: Reason) {
        if condition {
            self.trace.reasons.insert(reason);
        }
    }

    fn count(&mut self, set: &Set) -> Interval {
        let (members, closed) = self.members(set);
        for (subject, truth) in &members {
            if truth.is_guess() {
                self.cite(*subject);
            }
        }
        let counted = tally(&members.iter().map(|(_, truth)| *truth), closed);
        // A list that nobody entered says nothing; that no device was seen in a completed walk does.
        let silent = members.is_empty() && !closed;
        Interval { value: counted.value.filter(|_| !silent), ..counted }
    }

    fn cite(&mut self, subject: Subject<'_>) {
        let evidence = self.evidence(subject);
        self.trace.evidence.insert(evidence);
    }

    fn evidence(&self, subject: Subject<'_>) -> Evidence {
        let noun = match subject {
            Subject::Asset(_) => Noun::Asset,
            Subject::Room(_) => Noun::Room,
            Subject::System(_) => Noun::System,
            Subject::Link(_) => Noun::Link,
            Subject::Document(_) => Noun::Document,
            Subject::Finding(_) => Noun::Finding,
            Subject::Domain(_) => Noun::Domain,
            Subject::Site(_) => Noun::Site,
        };
        let (id, label) = subject.named();
        Evidence { noun: noun.word().to_owned(), school: self.view.school.clone(), id, label }
    }

    fn share(&mut self, set: &Set, filter: &Filter) -> Interval {
        let (members, closed) = self.members(set);
        if members.is_empty() || !members.iter().any(|(_, truth)| truth.is_guess()) {
            self.doubt_if(!closed, Reason::ListOpen { list: set.noun.word().to_owned() });
            return Interval::UNKNOWN;
        }
        let judged: Vec<(Subject<'_>, Truth, Truth)> = members
            .into_iter()
            .map(|(subject, belongs)| {
                let passes = self.weigh(subject, filter, true);
                let evidence = self.evidence(subject);
                if belongs.is_guess() && passes.is_guess() {
                    self.trace.evidence.insert(evidence);
                } else if belongs.is_guess() {
                    self.trace.lacking.insert(evidence);
                }
                (subject, belongs, passes)
            })
            .collect();
        let rooms_only =
            set.noun == Noun::Room && judged.iter().all(|(_, belongs, _)| *belongs == Truth::Yes);
        let all_walked = self.filter_closed(filter);
        let mut share = share_of(judged.iter().map(|(_, belongs, passes)| (*belongs, *passes)));
        if rooms_only && all_walked {
            // A device without a room can change one room at most.
            let placed: Vec<_> = judged
                .iter()
                .map(|(subject, belongs, _)| (*belongs, self.weigh(*subject, filter, false)))
                .collect();
            let spare = f64::from(self.unplaced(filter)) / count_f64(judged.len());
            let tighter = share_of(placed.into_iter()).upper.map(|upper| (upper + spare).min(1.0));
            share.upper = share.upper.zip(tighter).map(|(a, b)| a.min(b));
        }
        if !(closed && all_walked) {
            share.upper = None;
        }
        if !closed {
            share.lower = share.lower.map(|_| 0.0);
        }
        share
    }

    fn folded(&mut self, fold: Fold, set: &Set, field: &str) -> Interval {
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
    fn median_age(&mut self, set: &Set) -> Interval {
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

    fn latest(&mut self, set: &Set, field: &str) -> Option<Timestamp> {
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

    fn names(&mut self, set: &Set, field: &str) -> Vec<String> {
        self.groups(set, field).into_iter().map(|(name, _)| name).filter(|name| !name.is_empty()).collect()
    }

    fn groups(&mut self, set: &Set, field: &str) -> Vec<(String, Interval)> {
        let (members, closed) = self.members(set);
        let mut groups: BTreeMap<String, Vec<Truth>> = BTreeMap::new();
        for (subject, truth) in members {
            let names = match subject.field(field, self.view) {
                Some(Datum::Text(text)) => vec![text],
                Some(Datum::Number(number)) => vec![number.to_string()],
                Some(Datum::Flag(flag)) => vec![flag.to_string()],
                Some(Datum::Date(date)) => vec![date.date()],
                Some(Datum::List(list)) if !list.is_empty() => list,
                _ => vec![String::new()],
            };
            if truth.is_guess() {
                self.cite(subject);
            }
            for name in names {
                groups.entry(name).or_default().push(truth);
            }
        }
        let open = !closed || groups.contains_key("");
        groups.into_iter().map(|(name, truths)| (name, tally(&truths.into_iter(), !open))).collect()
    }

    fn fact(&mut self, name: &str) -> Outcome {
        let Some(value) = self.entered(name) else { return Outcome::Number(Interval::UNKNOWN) };
        if let Ok(number) = value.replace(',', ".").parse::<f64>()
            && number.is_finite()
        {
            return Outcome::Number(Interval::exact(number));
        }
        match Timestamp::parse_date(&value) {
            Some(date) => Outcome::Date(Some(date)),
            None => Outcome::Texts(vec![value]),
        }
    }

    fn entered(&mut self, name: &str) -> Option<String> {
        let Some(fact) = self.view.facts.get(name).filter(|fact| !fact.value.trim().is_empty()) else {
            self.trace.reasons.insert(Reason::FactMissing { fact: name.to_owned() });
            return None;
        };
        let old = years(fact.at, self.view.as_of) > 1.0;
        let (school, value) = (self.view.school.clone(), fact.value.trim().to_owned());
        self.doubt_if(old, Reason::FactOld { fact: name.to_owned() });
        self.trace.evidence.insert(Evidence {
            noun: "fact".into(),
            school,
            id: name.to_owned(),
            label: format!("{name} = {value}"),
        });
        Some(value)
    }

    fn filled(&mut self, name: &str) -> Truth {
        match self.entered(name) {
            None => Truth::Unlikely,
            Some(value) => Truth::certain(!matches!(
                value.to_lowercase().as_str(),
                "none" | "no" | "nein" | "keine" | "geen" | "-"
            )),
        }
    }

    fn counter(&mut self, name: &str) -> Interval {
        match self.view.counters.get(name) {
            Some(peak) => Interval {
                value: Some(f64::from(*peak)),
                lower: Some(f64::from(*peak)),
                // A peak between two walks is not seen.
                upper: None,
            },
            None => {
                self.doubt_coverage();
                Interval::UNKNOWN
            }
        }
    }

    fn covered(&mut self) -> Interval {
        let walked = &self.view.walked;
        if walked.expected == 0 {
            self.doubt_coverage();
            return Interval::UNKNOWN;
        }
        Interval::exact(f64::from(walked.covered) / f64::from(walked.expected))
    }

    fn days_since_walk(&mut self) -> Interval {
        match self.view.walked.last_round {
            Some(ended) => Interval::exact(years(ended, self.view.as_of) * 365.25),
            None => {
                self.doubt_coverage();
                Interval::UNKNOWN
            }
        }
    }

    fn of_schools(&mut self, condition: &Expr, as_share: bool) -> Interval {
        let mut truths = Vec::new();
        for school in self.schools {
            let mut inner = Evaluator::new(school, &[], self.thresholds);
            let truth = inner.run(condition).truth();
            let evidence = Evidence {
                noun: "school".into(),
                school: school.school.clone(),
                id: school.school.clone(),
                label: school.name.clone(),
            };
            if truth.is_guess() {
                self.trace.evidence.insert(evidence);
            } else {
                self.trace.lacking.insert(evidence);
            }
            if !matches!(truth, Truth::Yes | Truth::No) {
                self.trace.reasons.append(&mut inner.trace.reasons);
            }
            truths.push(truth);
        }
        if truths.is_empty() {
            return Interval::UNKNOWN;
        }
        let unknown = truths.iter().filter(|t| matches!(t, Truth::Unlikely | Truth::Probably)).count();
        let mut counted = tally(&truths.iter().copied(), true);
        // Where nothing is known of any school, there is no ground for a guess.
        if unknown == truths.len() && counted.value == Some(0.0) {
            counted.value = None;
        }
        if as_share { counted.over(Interval::exact(count_f64(truths.len()))) } else { counted }
    }

    fn sum_of_schools(&mut self, number: &Expr) -> Interval {
        let mut sum = Interval::exact(0.0);
        for school in self.schools {
            let mut inner = Evaluator::new(school, &[], self.thresholds);
            let outcome = inner.run(number).number();
            self.trace.reasons.append(&mut inner.trace.reasons);
            self.trace.evidence.append(&mut inner.trace.evidence);
            sum = sum.plus(outcome);
        }
        sum
    }
}
