//! What would change the answer: the shortest list of steps to the next level, or to the whole of a share.

use super::answer::{AnswerValue, answer};
use super::bounds::{Interval, Truth};
use super::evaluate::{Evaluator, Evidence};
use super::file::{AnswerType, Question};
use super::formula::{Comparison, Expr, Filter, Noun, Operand, Operator, Set};
use super::tally::count_f64;
use super::told::Told;
use super::view::{Subject, SurveyView};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "step")]
pub enum Step {
    /// Elements lack something ("9 of 31 classrooms have no presentation device: rooms ...").
    Lacking {
        /// What they are: `room`, `asset`, `system`, `school` ...
        noun: String,
        /// What any one of would do: kinds of devices as `kind:board`, fields as `field:wifi`.
        lacks: Vec<String>,
        /// How many lack it.
        count: u32,
        /// Of how many.
        of: u32,
        /// How many of them suffice.
        needed: u32,
        /// Of how many it is only not known whether they lack it.
        unknown: u32,
        /// Which.
        which: Vec<Evidence>,
    },
    /// A fact has to be entered, or what it says has to be arranged.
    Fact {
        /// Its name.
        fact: String,
    },
    /// A document has to be filed.
    Document {
        /// Its kind.
        kind: String,
    },
    /// A line is needed, of at least so many Mbit/s.
    Link {
        /// Mbit/s towards the school, where a number is asked.
        at_least: Option<f64>,
    },
    /// A device or system of one of these kinds is needed.
    Element {
        /// `asset` or `system`.
        noun: String,
        /// Any of these kinds.
        kinds: Vec<String>,
    },
    /// More of something that people count.
    More {
        /// The fact that counts it.
        fact: String,
        /// How many more.
        count: f64,
    },
    /// The school has to be walked.
    Walk,
}

impl Step {
    /// How much it asks for, so that the shorter of two ways is taken.
    fn cost(&self) -> f64 {
        match self {
            Self::Lacking { needed, .. } => f64::from(*needed),
            Self::More { count, .. } => *count,
            _ => 1.0,
        }
    }
}

/// The steps from where a question stands to its next level; of a share, to the whole. Empty at the best level, and
/// where only a person can say.
#[must_use]
pub fn steps(
    question: &Question,
    view: &SurveyView,
    schools: &[Told],
    thresholds: &BTreeMap<String, f64>,
) -> Vec<Step> {
    let mut walker = Walker { evaluator: Evaluator::new(view, schools, thresholds).quiet() };
    if question.levels.is_empty() {
        return match &question.formula {
            Some(Expr::Share(set, filter)) if question.answer == AnswerType::Share => {
                walker.share(set, filter, Comparison::AtLeast, 1.0).into_iter().collect()
            }
            _ => Vec::new(),
        };
    }
    let answered = answer(question, view, schools, thresholds);
    let reached = match (answered.value, answered.lower) {
        (Some(AnswerValue::Level(level)), _) => Some(f64::from(level)),
        (_, lower) => lower,
    };
    // Levels stand from the best to the worst, which is nobody's goal; the next is the last one above what is reached.
    let goals = question.levels.split_last().map_or(&[][..], |(_, better)| better);
    let above = |level: &&super::file::Level| reached.is_none_or(|reached| f64::from(level.level) > reached);
    let next = goals.iter().filter(above).rfind(|level| level.when.is_some());
    next.and_then(|level| level.when.as_ref()).map(|when| walker.need(when)).unwrap_or_default()
}

struct Walker<'a> {
    evaluator: Evaluator<'a>,
}

impl Walker<'_> {
    /// What it takes for a condition to hold for certain.
    fn need(&mut self, expr: &Expr) -> Vec<Step> {
        if self.evaluator.run(expr).truth() == Truth::Yes {
            return Vec::new();
        }
        match expr {
            Expr::And(all) => all.iter().flat_map(|one| self.need(one)).collect(),
            Expr::Or(any) => {
                let ways: Vec<Vec<Step>> = any.iter().map(|one| self.need(one)).collect();
                let cost = |way: &Vec<Step>| way.iter().map(Step::cost).sum::<f64>();
                let found = ways.into_iter().filter(|way| !way.is_empty());
                found.min_by(|a, b| cost(a).total_cmp(&cost(b))).unwrap_or_default()
            }
            Expr::Any(set) => self.element(set).into_iter().collect(),
            Expr::Filled(name) => vec![Step::Fact { fact: name.clone() }],
            Expr::Compare(comparison, left, right) => self.compared(*comparison, left, right),
            _ => Vec::new(),
        }
    }

    fn compared(&mut self, comparison: Comparison, left: &Expr, right: &Expr) -> Vec<Step> {
        let Some(least) = self.evaluator.run(right).number().value else { return Vec::new() };
        match left {
            Expr::Share(set, filter) => self.share(set, filter, comparison, least).into_iter().collect(),
            Expr::ShareOfSchools(condition) => {
                self.schools(condition, comparison, least).into_iter().collect()
            }
            Expr::DaysSinceWalk | Expr::Covered => vec![Step::Walk],
            Expr::Binary(Operator::Over, part, whole) => self.ratio(part, whole, least),
            Expr::Fact(name) => vec![Step::Fact { fact: name.clone() }],
            _ => Vec::new(),
        }
    }

    /// The least number of elements of `all` that make the share, with `sure` of them there already.
    fn needed(all: usize, sure: usize, comparison: Comparison, least: f64) -> u32 {
        let holds = |count: usize| {
            let share = Interval::exact(count_f64(count) / count_f64(all.max(1)));
            share.above(Interval::exact(least), comparison != Comparison::Above) == Truth::Yes
        };
        let enough = (sure..=all).find(|count| holds(*count)).unwrap_or(all);
        u32::try_from(enough - sure.min(enough)).unwrap_or(u32::MAX)
    }

    fn share(&mut self, set: &Set, filter: &Filter, comparison: Comparison, least: f64) -> Option<Step> {
        let view = self.evaluator.view;
        let members: Vec<Subject<'_>> = view
            .subjects(set.noun)
            .into_iter()
            .filter(|subject| {
                subject.exists().min(self.evaluator.weigh(*subject, &set.filter, true)).is_guess()
            })
            .collect();
        if members.is_empty() {
            return match set.noun {
                Noun::Asset => Some(Step::Walk),
                noun => Some(Step::Element { noun: noun.word().to_owned(), kinds: Vec::new() }),
            };
        }
        let judged: Vec<(Subject<'_>, Truth)> = members
            .iter()
            .map(|subject| {
                let placed = self.evaluator.weigh(*subject, filter, false);
                (*subject, placed)
            })
            .collect();
        let sure = judged.iter().filter(|(_, truth)| *truth == Truth::Yes).count();
        let lacking: Vec<_> = judged.iter().filter(|(_, truth)| *truth < Truth::Yes).collect();
        if lacking.is_empty() {
            return None;
        }
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Some(Step::Lacking {
            noun: set.noun.word().to_owned(),
            lacks: alternatives(filter),
            count: number(lacking.len()),
            of: number(judged.len()),
            needed: Self::needed(judged.len(), sure, comparison, least),
            unknown: number(lacking.iter().filter(|(_, truth)| *truth > Truth::No).count()),
            which: lacking.iter().map(|(subject, _)| self.evaluator.evidence(*subject)).collect(),
        })
    }

    fn schools(&mut self, condition: &Expr, comparison: Comparison, least: f64) -> Option<Step> {
        let said: Vec<(&Told, Truth)> = self
            .evaluator
            .schools
            .iter()
            .filter_map(|school| Some((school, school.to(condition)?.truth)))
            .collect();
        let sure = said.iter().filter(|(_, truth)| *truth == Truth::Yes).count();
        let lacking: Vec<_> = said.iter().filter(|(_, truth)| *truth < Truth::Yes).collect();
        if lacking.is_empty() {
            return None;
        }
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Some(Step::Lacking {
            noun: "school".to_owned(),
            lacks: lacks_of(condition),
            count: number(lacking.len()),
            of: number(said.len()),
            needed: Self::needed(said.len(), sure, comparison, least),
            unknown: number(lacking.iter().filter(|(_, truth)| *truth > Truth::No).count()),
            which: lacking.iter().map(|(school, _)| school.cited()).collect(),
        })
    }

    /// `fact(devices) / fact(pupils) >= 0.95`: how many more devices.
    fn ratio(&mut self, part: &Expr, whole: &Expr, least: f64) -> Vec<Step> {
        let (has, of) = (self.evaluator.run(part).number().value, self.evaluator.run(whole).number().value);
        match (part, whole, has, of) {
            (Expr::Fact(fact), _, Some(has), Some(of)) => {
                vec![Step::More { fact: fact.clone(), count: (of * least - has).ceil().max(0.0) }]
            }
            (Expr::Fact(fact), _, None, _) | (_, Expr::Fact(fact), _, None) => {
                vec![Step::Fact { fact: fact.clone() }]
            }
            _ => Vec::new(),
        }
    }

    fn element(&mut self, set: &Set) -> Option<Step> {
        let kinds = words(&set.filter, "kind");
        Some(match set.noun {
            Noun::Document => Step::Document { kind: kinds.into_iter().next()? },
            Noun::Link => Step::Link { at_least: self.least(&set.filter, "down") },
            noun => Step::Element { noun: noun.word().to_owned(), kinds },
        })
    }

    /// The number that a field has to reach.
    fn least(&self, filter: &Filter, field: &str) -> Option<f64> {
        match filter {
            Filter::Compare(name, Comparison::AtLeast | Comparison::Above, operand) if name == field => {
                match operand {
                    Operand::Number(number) => Some(*number),
                    Operand::Threshold(name) => self.evaluator.thresholds.get(name).copied(),
                }
            }
            Filter::And(all) | Filter::Or(all) => all.iter().find_map(|inner| self.least(inner, field)),
            _ => None,
        }
    }
}

/// The words a filter allows a field to have.
fn words(filter: &Filter, field: &str) -> Vec<String> {
    match filter {
        Filter::In(name, words) if name == field => words.clone(),
        Filter::And(all) | Filter::Or(all) => all.iter().flat_map(|inner| words(inner, field)).collect(),
        _ => Vec::new(),
    }
}

/// What of any one would let an element pass.
fn alternatives(filter: &Filter) -> Vec<String> {
    let found: BTreeSet<String> = match filter {
        Filter::Has(kinds) => kinds.iter().map(|kind| format!("kind:{kind}")).collect(),
        Filter::Is(field) | Filter::In(field, _) | Filter::Compare(field, ..) => {
            [format!("field:{field}")].into()
        }
        Filter::And(all) | Filter::Or(all) => all.iter().flat_map(alternatives).collect(),
        Filter::Not(_) | Filter::All => BTreeSet::new(),
    };
    found.into_iter().collect()
}

/// What a condition on a school asks for.
fn lacks_of(condition: &Expr) -> Vec<String> {
    let mut found = BTreeSet::new();
    condition.visit(&mut |expr| match expr {
        Expr::Share(_, filter) => found.extend(alternatives(filter)),
        Expr::Any(set) if set.noun == Noun::Link => {
            found.insert("noun:link".to_owned());
        }
        Expr::Any(set) => {
            let prefix = if set.noun == Noun::Document { "document" } else { "kind" };
            found.extend(words(&set.filter, "kind").iter().map(|kind| format!("{prefix}:{kind}")));
        }
        Expr::DaysSinceWalk | Expr::Covered => {
            found.insert("noun:walk".to_owned());
        }
        _ => {}
    });
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{Link, Room, survey};

    fn steps_of(id: &str, view: &SurveyView) -> Vec<Step> {
        let survey = survey("guetersloh-schule").expect("shipped");
        steps(survey.question(id).expect("a question"), view, &[], &survey.threshold_values())
    }

    #[test]
    fn the_steps_to_the_next_level_are_named() {
        let link =
            |down: f64| Link { id: "L".into(), down: Some(down), status: "active".into(), ..Link::default() };
        let mut view = SurveyView { links: vec![link(16.0)], ..SurveyView::default() };
        assert_eq!(steps_of("S4.1a", &view), [Step::Link { at_least: Some(50.0) }]);
        view.links = vec![link(100.0)];
        assert_eq!(steps_of("S4.1a", &view), [], "the best level");
        view.facts = [("pupils", "600"), ("devices.pupil", "100")]
            .map(|(name, value)| {
                let fact = crate::survey::Fact { value: value.into(), at: view.as_of, by: "A".into() };
                (name.to_owned(), fact)
            })
            .into();
        assert_eq!(steps_of("S4.1e", &view), [Step::More { fact: "devices.pupil".into(), count: 20.0 }]);
    }

    #[test]
    fn rooms_without_presentation_are_listed_with_how_many_suffice() {
        let room = |n: u32| Room { name: format!("F{n}"), kind: "subject".into(), ..Room::default() };
        let view = SurveyView { rooms: (1..=4).map(room).collect(), ..SurveyView::default() };
        let found = steps_of("S4.1c", &view);
        match found.as_slice() {
            [Step::Lacking { noun, lacks, count: 4, of: 4, needed: 3, unknown: 4, which }] => {
                assert_eq!((noun.as_str(), which.len()), ("room", 4));
                assert_eq!(lacks, &["kind:board", "kind:display", "kind:projector"]);
            }
            other => panic!("{other:?}"),
        }
    }
}
