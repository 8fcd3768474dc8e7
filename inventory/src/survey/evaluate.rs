//! Formulas over a view: elements are weighed one by one, and what was not covered leaves the upper bound open.

use super::bounds::{Interval, Truth};
use super::formula::{Expr, Filter, Noun, Operator, Set};
pub use super::reason::{Evidence, Reason};
use super::tally::{compare, count_f64, share_of, tally};
use super::told::Told;
use super::view::{Subject, SurveyView};
use super::weigh::Placed;
use crate::{Confidence, Timestamp};
use std::cell::OnceCell;
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

/// What was gathered while a formula was worked out, beside the elements of the view.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Facts and schools that count.
    pub evidence: BTreeSet<Evidence>,
    /// Schools that would have to change.
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

/// What an answer rests on, ready to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Gathered {
    /// The elements that count.
    pub evidence: Vec<Evidence>,
    /// The elements that would have to change ("9 of 31 rooms have no presentation device").
    pub lacking: Vec<Evidence>,
    /// Why the outcome is not certain.
    pub reasons: Vec<Reason>,
    /// The least sure of everything that went in.
    pub confidence: Confidence,
}

/// Works formulas out over one view.
pub struct Evaluator<'a> {
    pub(super) view: &'a SurveyView,
    pub(super) schools: &'a [Told],
    pub(super) thresholds: &'a BTreeMap<String, f64>,
    /// What was gathered.
    pub trace: Trace,
    /// Whether elements are gathered as evidence.
    cites: bool,
    /// The elements of the view that count, as often as a formula met them.
    cited: Vec<Subject<'a>>,
    /// Those that would have to change.
    failing: Vec<Subject<'a>>,
    /// The devices by their room, where a formula asked for them.
    pub(super) placed: OnceCell<Placed<'a>>,
}

impl<'a> Evaluator<'a> {
    /// For one view; `schools` is what the schools of a Träger said, empty for the survey of one school.
    #[must_use]
    pub fn new(view: &'a SurveyView, schools: &'a [Told], thresholds: &'a BTreeMap<String, f64>) -> Self {
        Self {
            view,
            schools,
            thresholds,
            trace: Trace::default(),
            cites: true,
            cited: Vec::new(),
            failing: Vec::new(),
            placed: OnceCell::new(),
        }
    }

    /// Without evidence, where thousands of schools are asked and only their outcome counts.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.cites = false;
        self
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
    pub(super) fn members(&mut self, set: &Set) -> (Vec<(Subject<'a>, Truth)>, bool) {
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
            self.doubt_placed(&set.filter, weighed.iter().map(|(subject, _)| *subject));
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
        let silent = if members.is_empty() {
            !closed
        } else {
            // Nor does a list of which nothing speaks for any element: zero would be a guess without ground.
            members.iter().all(|(_, truth)| !truth.is_guess())
        };
        Interval { value: counted.value.filter(|_| !silent), ..counted }
    }

    pub(super) fn cite(&mut self, subject: Subject<'a>) {
        if self.cites {
            self.cited.push(subject);
        }
    }

    pub(super) fn evidence(&self, subject: Subject<'_>) -> Evidence {
        Evidence {
            noun: subject.noun().word().into(),
            school: self.view.school.clone(),
            id: subject.id().to_owned(),
            label: subject.label().into_owned(),
        }
    }

    /// Everything that was gathered: each element once, in order. What was gathered is not gathered a second time.
    #[must_use]
    pub fn gathered(&mut self) -> Gathered {
        let (cited, failing) = (std::mem::take(&mut self.cited), std::mem::take(&mut self.failing));
        let confidence = self.trace.confidence();
        let Trace { evidence, lacking, reasons } = std::mem::take(&mut self.trace);
        Gathered {
            evidence: self.each_once(cited, evidence),
            lacking: self.each_once(failing, lacking),
            reasons: reasons.into_iter().collect(),
            confidence,
        }
    }

    /// Many formulas meet the same devices: they are told apart before a single text is copied.
    fn each_once(&self, mut met: Vec<Subject<'a>>, others: BTreeSet<Evidence>) -> Vec<Evidence> {
        let order = |a: &Subject<'_>, b: &Subject<'_>| {
            let nouns = a.noun().word().cmp(b.noun().word());
            nouns.then_with(|| a.id().cmp(b.id())).then_with(|| a.label().cmp(&b.label()))
        };
        met.sort_by(order);
        met.dedup_by(|a, b| order(a, b).is_eq());
        let mut all: Vec<Evidence> = others.into_iter().collect();
        all.extend(met.into_iter().map(|subject| self.evidence(subject)));
        all.sort();
        all.dedup();
        all
    }

    fn share(&mut self, set: &Set, filter: &Filter) -> Interval {
        let (members, closed) = self.members(set);
        if members.is_empty() || !members.iter().any(|(_, truth)| truth.is_guess()) {
            self.doubt_if(!closed, Reason::ListOpen { list: set.noun.word().to_owned() });
            return Interval::UNKNOWN;
        }
        let judged: Vec<(Subject<'a>, Truth, Truth)> = members
            .into_iter()
            .map(|(subject, belongs)| {
                let passes = self.weigh(subject, filter, true);
                if belongs.is_guess() && passes.is_guess() {
                    self.cite(subject);
                } else if belongs.is_guess() && self.cites {
                    self.failing.push(subject);
                }
                (subject, belongs, passes)
            })
            .collect();
        self.doubt_placed(filter, judged.iter().map(|(subject, _, _)| *subject));
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
}
