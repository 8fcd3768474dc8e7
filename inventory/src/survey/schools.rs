//! Questions of a Träger about its schools: how many fulfil a condition, and sums over all of them.

use super::bounds::{Interval, Truth};
use super::evaluate::Evaluator;
use super::formula::Expr;
use super::tally::{count_f64, tally};

impl Evaluator<'_> {
    pub(super) fn of_schools(&mut self, condition: &Expr, as_share: bool) -> Interval {
        let mut truths = Vec::new();
        for (school, said) in self.schools.iter().filter_map(|school| Some((school, school.to(condition)?))) {
            let evidence = school.cited();
            if said.truth.is_guess() {
                self.trace.evidence.insert(evidence);
            } else {
                self.trace.lacking.insert(evidence);
            }
            if !matches!(said.truth, Truth::Yes | Truth::No) {
                self.trace.reasons.extend(said.reasons.iter().cloned());
            }
            truths.push(said.truth);
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

    pub(super) fn sum_of_schools(&mut self, number: &Expr) -> Interval {
        let mut sum = Interval::exact(0.0);
        for (school, said) in self.schools.iter().filter_map(|school| Some((school, school.to(number)?))) {
            self.trace.reasons.extend(said.reasons.iter().cloned());
            self.trace.evidence.insert(school.cited());
            sum = sum.plus(said.number);
        }
        sum
    }
}
