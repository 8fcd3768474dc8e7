//! Numbers out of doubtful elements: counts, shares, percentiles.

use super::bounds::{Interval, Truth};
use super::formula::{Comparison, Fold};

pub(super) fn compare(comparison: Comparison, a: Interval, b: Interval) -> Truth {
    match comparison {
        Comparison::Above => a.above(b, false),
        Comparison::AtLeast => a.above(b, true),
        Comparison::Below => b.above(a, false),
        Comparison::AtMost => b.above(a, true),
        Comparison::Equal => a.equals(b),
    }
}

/// How many: certain ones at least, guessed ones probably, possible ones at most.
pub(super) fn tally(truths: &(impl Iterator<Item = Truth> + Clone), closed: bool) -> Interval {
    let at_least = |floor: Truth| count_f64(truths.clone().filter(|truth| *truth >= floor).count());
    Interval {
        value: Some(at_least(Truth::Probably)),
        lower: Some(at_least(Truth::Yes)),
        upper: closed.then(|| at_least(Truth::Unlikely)),
    }
}

/// The part of those that belong which also pass; doubts on either side widen it.
pub(super) fn share_of(pairs: impl Iterator<Item = (Truth, Truth)>) -> Interval {
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

pub(super) fn count_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

pub(super) fn fold_numbers(fold: Fold, numbers: &[f64]) -> Option<f64> {
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
pub(super) fn percentile(numbers: &[f64], part: f64) -> f64 {
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
