//! Formulas over a view: elements are weighed one by one, and what was not covered leaves the upper bound open.

use super::bounds::{Interval, Truth};
use super::formula::{Comparison, Expr, Filter, Fold, Noun, Operand, Operator, Set};
use super::view::{Datum, Subject, SurveyView, years};
use crate::{Confidence, Kind, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One element behind an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is: `asset`, `room`, `system`, `link`, `document`, `finding`, `domain`, `site`, `fact`, `school`.
    pub noun: String,
    /// The school it belongs to.
    pub school: String,
    /// Its identifier, for the link to its page.
    pub id: String,
    /// What people call it.
    pub label: String,
}

/// Why an answer is not certain. Pages translate it; [`fmt::Display`] is the English of exports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum Reason {
    /// No round has ended yet.
    NeverWalked,
    /// Some segments were not walked to the end.
    SegmentsMissing {
        /// How many were.
        covered: u32,
        /// Of how many.
        expected: u32,
    },
    /// An agent has been silent for too long.
    AgentSilent {
        /// Its name.
        agent: String,
    },
    /// Devices of this kind need not be in the network, and nobody keeps their list complete.
    KindMayHide {
        /// The kind.
        kind: String,
    },
    /// Devices whose kind is a guess or unknown.
    Unrecognised {
        /// How many.
        count: u32,
    },
    /// Devices that are documented and not seen, or were seen earlier.
    NotSeen {
        /// How many.
        count: u32,
    },
    /// Devices that no room was assigned to.
    Unplaced {
        /// How many.
        count: u32,
    },
    /// Nobody entered this fact.
    FactMissing {
        /// Its name.
        fact: String,
    },
    /// A fact is older than twelve months.
    FactOld {
        /// Its name.
        fact: String,
    },
    /// A list of the register is empty or not kept complete.
    ListOpen {
        /// The noun.
        list: String,
    },
    /// Elements whose field is empty.
    FieldMissing {
        /// The field.
        field: String,
        /// How many elements lack it.
        count: u32,
    },
    /// Only a person can say.
    Person,
}

impl Reason {
    /// The name under which pages translate it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NeverWalked => "never-walked",
            Self::SegmentsMissing { .. } => "segments-missing",
            Self::AgentSilent { .. } => "agent-silent",
            Self::KindMayHide { .. } => "kind-may-hide",
            Self::Unrecognised { .. } => "unrecognised",
            Self::NotSeen { .. } => "not-seen",
            Self::Unplaced { .. } => "unplaced",
            Self::FactMissing { .. } => "fact-missing",
            Self::FactOld { .. } => "fact-old",
            Self::ListOpen { .. } => "list-open",
            Self::FieldMissing { .. } => "field-missing",
            Self::Person => "person",
        }
    }

    const fn leaves(&self) -> Confidence {
        match self {
            Self::NeverWalked | Self::AgentSilent { .. } | Self::FactMissing { .. } | Self::Person => {
                Confidence::Low
            }
            _ => Confidence::Medium,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverWalked => write!(f, "no round has ended yet"),
            Self::SegmentsMissing { covered, expected } => {
                write!(f, "{covered} of {expected} networks were walked")
            }
            Self::AgentSilent { agent } => write!(f, "the agent {agent} is silent"),
            Self::KindMayHide { kind } => write!(f, "a {kind} need not be in the network"),
            Self::Unrecognised { count } => {
                write!(f, "{count} devices are not recognised with certainty")
            }
            Self::NotSeen { count } => write!(f, "{count} devices are not seen at present"),
            Self::Unplaced { count } => write!(f, "{count} devices have no room"),
            Self::FactMissing { fact } => write!(f, "{fact} is not entered"),
            Self::FactOld { fact } => write!(f, "{fact} was entered more than a year ago"),
            Self::ListOpen { list } => write!(f, "the list of {list}s is not known to be complete"),
            Self::FieldMissing { field, count } => write!(f, "{field} is not entered for {count} of them"),
            Self::Person => write!(f, "only a person can say"),
        }
    }
}

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
    view: &'a SurveyView,
    schools: &'a [SurveyView],
    thresholds: &'a BTreeMap<String, f64>,
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

    fn doubt_if(&mut self, condition: bool, reason: Reason) {
        if condition {
            self.trace.reasons.insert(reason);
        }
    }

    /// Whether nothing that belongs to the set can be missing from what we know.
    fn closed(&mut self, set: &Set) -> bool {
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

    fn all_listed(&mut self, kinds: &[Kind]) -> bool {
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

    fn doubt_coverage(&mut self) {
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

    fn count(&mut self, set: &Set) -> Interval {
        let (members, closed) = self.members(set);
        for (subject, truth) in &members {
            if truth.is_guess() {
                self.cite(*subject);
            }
        }
        let counted = tally(members.iter().map(|(_, truth)| *truth), closed);
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

    /// Whether no device that a room filter asks for can be missing.
    fn filter_closed(&mut self, filter: &Filter) -> bool {
        let mut kinds = Vec::new();
        kinds_asked(filter, &mut kinds);
        kinds.is_empty() || self.all_listed(&kinds)
    }

    /// How many devices without a room might be what a room filter asks for.
    fn unplaced(&mut self, filter: &Filter) -> u32 {
        let mut kinds = Vec::new();
        kinds_asked(filter, &mut kinds);
        let loose = self.view.assets.iter().filter(|asset| {
            asset.room.is_none()
                && asset.kind.is_none_or(|kind| kinds.contains(&kind) || asset.confidence == Confidence::Low)
        });
        let count = u32::try_from(loose.count()).unwrap_or(u32::MAX);
        self.doubt_if(count > 0, Reason::Unplaced { count });
        count
    }

    /// How truly one element passes a filter. `loose`: whether devices without a room may stand in any room.
    fn weigh(&mut self, subject: Subject<'_>, filter: &Filter, loose: bool) -> Truth {
        match filter {
            Filter::All => Truth::Yes,
            Filter::And(all) => all.iter().map(|f| self.weigh(subject, f, loose)).min().unwrap_or(Truth::Yes),
            Filter::Or(any) => any.iter().map(|f| self.weigh(subject, f, loose)).max().unwrap_or(Truth::No),
            Filter::Not(inner) => self.weigh(subject, inner, loose).negated(),
            Filter::Has(kinds) => self.room_has(subject, kinds, loose),
            Filter::Is(field) => match subject.field(field, self.view) {
                None => Truth::Unlikely,
                Some(Datum::Flag(flag)) => Truth::certain(flag),
                Some(Datum::List(list)) => Truth::certain(!list.is_empty()),
                Some(_) => Truth::Yes,
            },
            Filter::In(field, words) => {
                let truth = subject
                    .field(field, self.view)
                    .map_or(Truth::Unlikely, |datum| Truth::certain(matches_any(&datum, words)));
                match subject {
                    Subject::Asset(asset) if field == "kind" && asset.confidence == Confidence::Low => {
                        truth.doubted()
                    }
                    _ => truth,
                }
            }
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

    fn room_has(&mut self, subject: Subject<'_>, kinds: &[String], loose: bool) -> Truth {
        let Subject::Room(room) = subject else { return Truth::No };
        let words: Vec<String> = kinds.to_vec();
        let mut best = Truth::No;
        for asset in &self.view.assets {
            let placed = asset.room.as_deref() == Some(room.name.as_str());
            if !placed && (asset.room.is_some() || !loose) {
                continue;
            }
            let device = Subject::Asset(asset);
            let fits =
                device.exists().min(self.weigh(device, &Filter::In("kind".into(), words.clone()), true));
            if fits > Truth::No {
                best = best.max(if placed { fits } else { Truth::Unlikely });
            }
        }
        let kinds: Vec<Kind> = kinds.iter().filter_map(|word| word.parse().ok()).collect();
        if best == Truth::No && kinds.iter().any(|kind| !self.view.lists_all(*kind)) {
            best = Truth::Unlikely;
        }
        best
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
        groups.into_iter().map(|(name, truths)| (name, tally(truths.into_iter(), !open))).collect()
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
        let mut counted = tally(truths.iter().copied(), true);
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

fn compare(comparison: Comparison, a: Interval, b: Interval) -> Truth {
    match comparison {
        Comparison::Above => a.above(b, false),
        Comparison::AtLeast => a.above(b, true),
        Comparison::Below => b.above(a, false),
        Comparison::AtMost => b.above(a, true),
        Comparison::Equal => a.equals(b),
    }
}

/// How many: certain ones at least, guessed ones probably, possible ones at most.
fn tally(truths: impl Iterator<Item = Truth> + Clone, closed: bool) -> Interval {
    let at_least = |floor: Truth| count_f64(truths.clone().filter(|truth| *truth >= floor).count());
    Interval {
        value: Some(at_least(Truth::Probably)),
        lower: Some(at_least(Truth::Yes)),
        upper: closed.then(|| at_least(Truth::Unlikely)),
    }
}

/// The part of those that belong which also pass; doubts on either side widen it.
fn share_of(pairs: impl Iterator<Item = (Truth, Truth)>) -> Interval {
    // Lower: doubtful members count only below the line. Upper: doubtful members that may pass count on both sides.
    let (mut sure, mut sure_pass, mut may_fail, mut may_pass, mut sure_may_pass) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let (mut guessed, mut guessed_pass) = (0.0, 0.0);
    for (belongs, passes) in pairs {
        if belongs.is_guess() {
            guessed += 1.0;
            guessed_pass += f64::from(u8::from(passes.is_guess()));
        }
        if belongs == Truth::Yes {
            sure += 1.0;
            sure_pass += f64::from(u8::from(passes == Truth::Yes));
            sure_may_pass += f64::from(u8::from(passes > Truth::No));
        } else {
            may_fail += f64::from(u8::from(passes < Truth::Yes));
            may_pass += f64::from(u8::from(passes > Truth::No));
        }
    }
    let ratio = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    Interval {
        value: ratio(guessed_pass, guessed),
        lower: ratio(sure_pass, sure + may_fail).or(Some(0.0)),
        upper: ratio(sure_may_pass + may_pass, sure + may_pass).or(Some(1.0)),
    }
}

fn matches_any(datum: &Datum, words: &[String]) -> bool {
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
        _ => {}
    }
}

fn count_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn fold_numbers(fold: Fold, numbers: &[f64]) -> Option<f64> {
    if numbers.is_empty() {
        return None;
    }
    Some(match fold {
        Fold::Sum => numbers.iter().sum(),
        Fold::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Fold::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
        Fold::Percentile(part) => percentile(numbers, part),
    })
}

/// Linear between the two nearest elements.
fn percentile(numbers: &[f64], part: f64) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let position = part / 100.0 * count_f64(sorted.len() - 1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the position lies within the list"
    )]
    let below = position.floor() as usize;
    let (a, b) = (sorted[below], sorted[(below + 1).min(sorted.len() - 1)]);
    a + (b - a) * position.fract()
}
