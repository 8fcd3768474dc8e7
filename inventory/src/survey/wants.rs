//! What surveys ask of a school, so that nothing else need be read of thousands of schools.

use super::file::{Question, Survey};
use super::formula::{Expr, Filter, Noun, Set};
use std::collections::BTreeSet;

/// What surveys ask of one school.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    everything: bool,
    nouns: BTreeSet<Noun>,
    fields: BTreeSet<(Noun, String)>,
    rules: BTreeSet<String>,
    counters: bool,
}

impl Wants {
    /// Everything that any survey can ask for.
    #[must_use]
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// What these surveys ask for.
    #[must_use]
    pub fn of<'s>(surveys: impl IntoIterator<Item = &'s Survey>) -> Self {
        let mut wants = Self::default();
        let questions = surveys.into_iter().flat_map(|survey| &survey.questions);
        for formula in questions.flat_map(Question::formulas) {
            formula.visit(&mut |expr| wants.add(expr));
        }
        wants
    }

    /// Whether elements of a noun are asked for.
    #[must_use]
    pub fn noun(&self, noun: Noun) -> bool {
        self.everything || self.nouns.contains(&noun)
    }

    /// Whether a field of a noun is asked for.
    #[must_use]
    pub fn field(&self, noun: Noun, field: &str) -> bool {
        self.everything || self.fields.iter().any(|(of, name)| *of == noun && name == field)
    }

    /// The rules whose findings are counted, a trailing `*` for any rest; `None` where those of every rule may be.
    #[must_use]
    pub fn rules(&self) -> Option<&BTreeSet<String>> {
        (!self.everything && !self.rules.contains("*")).then_some(&self.rules)
    }

    /// Whether counters are asked for.
    #[must_use]
    pub const fn counters(&self) -> bool {
        self.everything || self.counters
    }

    /// What one expression asks for itself; those within it are visited one by one. Every kind of expression is named,
    /// so that a new one has to say what of a school it reads.
    fn add(&mut self, expr: &Expr) {
        match expr {
            Expr::Count(set) | Expr::Any(set) => self.add_set(set),
            Expr::MedianAge(set) => {
                self.add_set(set);
                self.add_field(set.noun, "age");
            }
            Expr::Share(set, filter) => {
                self.add_set(set);
                self.add_filter(set.noun, filter);
            }
            Expr::Folded(_, set, field)
            | Expr::Latest(set, field)
            | Expr::Names(set, field)
            | Expr::Groups(set, field) => {
                self.add_set(set);
                self.add_field(set.noun, field);
            }
            Expr::Counter(_) => self.counters = true,
            // Facts, coverage and the end of the last round are read of every school.
            Expr::Fact(_) | Expr::Filled(_) | Expr::Covered | Expr::DaysSinceWalk => {}
            Expr::Number(_) | Expr::Threshold(_) | Expr::Person => {}
            Expr::ShareOfSchools(_)
            | Expr::CountOfSchools(_)
            | Expr::SumOfSchools(_)
            | Expr::Binary(..)
            | Expr::Compare(..)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Not(_) => {}
        }
    }

    fn add_set(&mut self, set: &Set) {
        self.nouns.insert(set.noun);
        match set.noun {
            Noun::Finding => {
                // A finding is called by its device or system.
                self.nouns.extend([Noun::Asset, Noun::System]);
                match rules_of(&set.filter) {
                    // Rules are written small, and a formula may write them as it likes.
                    Some(rules) => self.rules.extend(rules.iter().map(|rule| rule.to_ascii_lowercase())),
                    None => drop(self.rules.insert("*".to_owned())),
                }
            }
            Noun::Asset
            | Noun::Room
            | Noun::System
            | Noun::Link
            | Noun::Document
            | Noun::Domain
            | Noun::Site => {}
        }
        self.add_filter(set.noun, &set.filter);
    }

    fn add_filter(&mut self, noun: Noun, filter: &Filter) {
        match filter {
            Filter::All => {}
            Filter::Is(field) | Filter::In(field, _) | Filter::Compare(field, ..) => {
                self.add_field(noun, field);
            }
            // What stands in a room is asked of the devices.
            Filter::Has(_) => drop(self.nouns.insert(Noun::Asset)),
            Filter::And(all) | Filter::Or(all) => all.iter().for_each(|inner| self.add_filter(noun, inner)),
            Filter::Not(inner) => self.add_filter(noun, inner),
        }
    }

    fn add_field(&mut self, noun: Noun, field: &str) {
        if (noun, field) == (Noun::Asset, "room_kind") {
            self.nouns.insert(Noun::Room);
        }
        self.fields.insert((noun, field.to_owned()));
    }
}

/// The rules to which a set of findings is limited; `None` where it is not.
fn rules_of(filter: &Filter) -> Option<&[String]> {
    match filter {
        Filter::In(field, words) => (field == "rule").then_some(words),
        Filter::And(all) => all.iter().find_map(rules_of),
        // What any of several filters or the opposite of one lets through may be of any rule.
        Filter::Or(_) | Filter::Not(_) => None,
        Filter::All | Filter::Is(_) | Filter::Compare(..) | Filter::Has(_) => None,
    }
}
