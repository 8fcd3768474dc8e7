//! Numbers with bounds and truths with doubt, so that "not seen" never turns into zero or no.

use serde::{Deserialize, Serialize};

/// How true a statement is. The two in the middle are both "unknown"; they differ in what we would guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Truth {
    /// Certainly not.
    No,
    /// Unknown, and nothing speaks for it.
    Unlikely,
    /// Unknown, but what we have speaks for it.
    Probably,
    /// Certainly.
    Yes,
}

impl Truth {
    /// The certain truth of a flag.
    #[must_use]
    pub const fn certain(flag: bool) -> Self {
        if flag { Self::Yes } else { Self::No }
    }

    /// This statement, no longer certain.
    #[must_use]
    pub const fn doubted(self) -> Self {
        match self {
            Self::No | Self::Unlikely => Self::Unlikely,
            Self::Yes | Self::Probably => Self::Probably,
        }
    }

    /// The opposite statement.
    #[must_use]
    pub const fn negated(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unlikely => Self::Probably,
            Self::Probably => Self::Unlikely,
            Self::Yes => Self::No,
        }
    }

    /// Whether this is our guess.
    #[must_use]
    pub const fn is_guess(self) -> bool {
        matches!(self, Self::Yes | Self::Probably)
    }
}

/// A number that is known exactly, between bounds, or not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The best guess; `None` where there is no ground for one.
    pub value: Option<f64>,
    /// The truth is at least this; `None` where nothing is known.
    pub lower: Option<f64>,
    /// The truth is at most this; `None` is open.
    pub upper: Option<f64>,
}

impl Interval {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { value: None, lower: None, upper: None };

    /// A number known exactly.
    #[must_use]
    pub const fn exact(value: f64) -> Self {
        Self { value: Some(value), lower: Some(value), upper: Some(value) }
    }

    /// Whether lower and upper bound meet.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.lower.is_some() && self.lower == self.upper
    }

    /// Whether the bounds allow that `truth` is the true number.
    #[must_use]
    pub fn encloses(&self, truth: f64) -> bool {
        self.lower.is_none_or(|lower| lower <= truth) && self.upper.is_none_or(|upper| truth <= upper)
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.each(other, |a, b| a + b, other.lower, other.upper)
    }

    /// The difference; what is taken away most makes it smallest.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.each(other, |a, b| a - b, other.upper, other.lower)
    }

    /// The product of two numbers that are not negative.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        self.each(other, |a, b| a * b, other.lower, other.upper)
    }

    /// The quotient of two numbers that are not negative; a divisor that may be zero leaves it open.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        let positive = |bound: Option<f64>| bound.filter(|b| *b > 0.0);
        let divided = self.each(other, |a, b| a / b, positive(other.upper), positive(other.lower));
        Self { value: self.value.zip(positive(other.value)).map(|(a, b)| a / b), ..divided }
    }

    fn each(self, other: Self, f: fn(f64, f64) -> f64, lower: Option<f64>, upper: Option<f64>) -> Self {
        Self {
            value: self.value.zip(other.value).map(|(a, b)| f(a, b)),
            lower: self.lower.zip(lower).map(|(a, b)| f(a, b)),
            upper: self.upper.zip(upper).map(|(a, b)| f(a, b)),
        }
    }

    /// Whether this is at least (`or_equal`) or above `other`.
    #[must_use]
    pub fn above(self, other: Self, or_equal: bool) -> Truth {
        let holds = |a: f64, b: f64| if or_equal { a >= b } else { a > b };
        if self.lower.zip(other.upper).is_some_and(|(a, b)| holds(a, b)) {
            return Truth::Yes;
        }
        if self.upper.zip(other.lower).is_some_and(|(a, b)| !holds(a, b)) {
            return Truth::No;
        }
        match self.value.zip(other.value) {
            Some((a, b)) if holds(a, b) => Truth::Probably,
            _ => Truth::Unlikely,
        }
    }

    /// Whether both are the same number.
    #[must_use]
    pub fn equals(self, other: Self) -> Truth {
        let both = self.above(other, true).min(other.above(self, true));
        if self.is_exact() && other.is_exact() { both } else { both.min(Truth::Probably) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(lower: f64, value: f64, upper: Option<f64>) -> Interval {
        Interval { value: Some(value), lower: Some(lower), upper }
    }

    #[test]
    fn comparisons_doubt_only_what_is_open() {
        let check = |a: Interval, b: f64, expected: Truth| {
            assert_eq!(a.above(Interval::exact(b), true), expected, "{a:?} >= {b}");
        };
        check(Interval::exact(50.0), 50.0, Truth::Yes);
        check(Interval::exact(49.0), 50.0, Truth::No);
        check(between(10.0, 20.0, None), 15.0, Truth::Probably);
        check(between(10.0, 20.0, None), 25.0, Truth::Unlikely);
        check(between(10.0, 20.0, Some(24.0)), 25.0, Truth::No);
        check(Interval::UNKNOWN, 1.0, Truth::Unlikely);
    }

    #[test]
    fn quotients_stay_open_where_the_divisor_may_be_zero() {
        let ratio = Interval::exact(100.0).over(between(0.0, 4.0, None));
        assert_eq!((ratio.value, ratio.lower, ratio.upper), (Some(25.0), None, None));
        let share = between(2.0, 3.0, Some(4.0)).over(Interval::exact(8.0));
        assert_eq!((share.lower, share.upper), (Some(0.25), Some(0.5)));
    }
}
