//! The closed set of expressions a survey may use; a new kind of expression is a change here, with tests.
//!
//! ```text
//! count(asset where kind in (board, display))      how many
//! any(link where role = backup)                    whether there is one
//! share(room where kind = class, has(board))       which part of a set
//! sum(link, down)  max(…)  min(…)                  over a numeric field
//! percentile(asset, age, 90)  median_age(asset where …)   in years
//! latest(document where kind = backup-test, date)  the newest date
//! names(link where role = primary, technology)     the different texts
//! groups(asset where kind = access-point, generation)     a table
//! fact(pupils)  filled(support.first)              what a person entered for the school
//! counter(personal)                                the peak of a counter
//! covered()  days_since_walk()                     how much was walked, and when
//! share_of_schools(…)  count_of_schools(…)  sum_of_schools(…)   only in surveys of a Träger
//! person()                                         nothing to compute
//! ```
//! They combine with `+ - * /`, comparisons, `and`, `or`, `not`, and `$name` for a threshold of the file.

use super::parse::Parser;
use serde::Serialize;

/// What a formula may count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Noun {
    /// A device, found or documented.
    Asset,
    /// A room of the room list.
    Room,
    /// A documented system of the register.
    System,
    /// A line to the outside.
    Link,
    /// A filed document (media concept, finance plan, contract).
    Document,
    /// An open finding.
    Finding,
    /// A mail or web domain.
    Domain,
    /// A building or site of the school.
    Site,
}

impl Noun {
    /// Every noun.
    pub const ALL: [Self; 8] = [
        Self::Asset,
        Self::Room,
        Self::System,
        Self::Link,
        Self::Document,
        Self::Finding,
        Self::Domain,
        Self::Site,
    ];

    /// The word in formulas.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Room => "room",
            Self::System => "system",
            Self::Link => "link",
            Self::Document => "document",
            Self::Finding => "finding",
            Self::Domain => "domain",
            Self::Site => "site",
        }
    }

    /// The fields a filter may name.
    #[must_use]
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Asset => &[
                "kind",
                "vendor",
                "model",
                "room",
                "room_kind",
                "placed",
                "documented",
                "seen",
                "networked",
                "confidence",
                "age",
                "service",
                "generation",
                "managed",
                "poe",
                "supported",
                "plaintext",
            ],
            Self::Room => &["kind", "wifi", "lan", "teacher_pc", "document_camera"],
            Self::System => &[
                "kind",
                "owner",
                "deputy",
                "provider",
                "credentials",
                "contract",
                "specification",
                "reaction_hours",
                "hosting",
                "seen",
                "product",
            ],
            Self::Link => &["technology", "down", "up", "role", "status"],
            Self::Document => &["kind", "status", "date", "age_months"],
            Self::Finding => &["rule", "subject"],
            Self::Domain => &["name", "checked", "spf", "dkim", "dmarc", "mail_host"],
            Self::Site => &["role", "agent"],
        }
    }
}

/// A set of elements: a noun and what must hold of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    /// What is counted.
    pub noun: Noun,
    /// What must hold.
    pub filter: Filter,
}

/// What must hold of one element.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Everything.
    All,
    /// The field is a true flag, or a text that is there.
    Is(String),
    /// The field is one of these; a trailing `*` matches any rest.
    In(String, Vec<String>),
    /// The field compares with a number.
    Compare(String, Comparison, Operand),
    /// The room holds an asset of one of these kinds.
    Has(Vec<String>),
    /// All of them.
    And(Vec<Filter>),
    /// Any of them.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
}

/// The right side of a comparison within a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A number as written.
    Number(f64),
    /// A threshold of the file by name.
    Threshold(String),
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `=`
    Equal,
}

/// How two numbers combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
}

/// What is taken of a numeric field over a set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fold {
    /// The sum.
    Sum,
    /// The greatest.
    Max,
    /// The least.
    Min,
    /// The value below which this part (0 to 100) of the elements lies.
    Percentile(f64),
}

/// One expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number as written.
    Number(f64),
    /// A threshold of the file by name.
    Threshold(String),
    /// How many elements.
    Count(Set),
    /// Whether there is an element.
    Any(Set),
    /// Which part of the set also passes the filter.
    Share(Set, Filter),
    /// A numeric field folded over a set.
    Folded(Fold, Set, String),
    /// The median age in years.
    MedianAge(Set),
    /// The newest date.
    Latest(Set, String),
    /// The different texts of a field.
    Names(Set, String),
    /// How many elements for each text of a field.
    Groups(Set, String),
    /// A number or text that a person entered for the school.
    Fact(String),
    /// Whether that fact was entered and is not "none".
    Filled(String),
    /// The peak of a counter.
    Counter(String),
    /// Which part of the segments was walked to the end.
    Covered,
    /// Days since the last round ended.
    DaysSinceWalk,
    /// Which part of the schools fulfils a condition.
    ShareOfSchools(Box<Expr>),
    /// How many schools fulfil a condition.
    CountOfSchools(Box<Expr>),
    /// A number summed over the schools.
    SumOfSchools(Box<Expr>),
    /// Only a person can say.
    Person,
    /// Two numbers combined.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// Two numbers compared.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// All conditions hold.
    And(Vec<Expr>),
    /// Any condition holds.
    Or(Vec<Expr>),
    /// The condition does not hold.
    Not(Box<Expr>),
}

/// Why a text is no formula.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at} of '{text}': {reason}")]
pub struct FormulaError {
    /// The formula as written.
    pub text: String,
    /// Where, counted from 1.
    pub at: usize,
    /// What is wrong and what was expected.
    pub reason: String,
}

impl Expr {
    /// Reads a formula; fields and kinds are checked against what exists.
    ///
    /// # Errors
    /// The place and the reason, where the text is no formula of the closed set.
    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        Parser::new(text)?.formula()
    }

    /// The thresholds it names.
    #[must_use]
    pub fn thresholds(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.visit(&mut |expr| match expr {
            Self::Threshold(name) => names.push(name.as_str()),
            Self::Count(set) | Self::Any(set) | Self::MedianAge(set) => set.filter.thresholds(&mut names),
            Self::Share(set, filter) => {
                set.filter.thresholds(&mut names);
                filter.thresholds(&mut names);
            }
            Self::Folded(_, set, _) | Self::Latest(set, _) | Self::Names(set, _) | Self::Groups(set, _) => {
                set.filter.thresholds(&mut names);
            }
            Self::Number(_)
            | Self::Fact(_)
            | Self::Filled(_)
            | Self::Counter(_)
            | Self::Covered
            | Self::DaysSinceWalk
            | Self::Person => {}
            Self::ShareOfSchools(_)
            | Self::CountOfSchools(_)
            | Self::SumOfSchools(_)
            | Self::Binary(..)
            | Self::Compare(..)
            | Self::And(_)
            | Self::Or(_)
            | Self::Not(_) => {}
        });
        names
    }

    /// Whether it asks about several schools.
    #[must_use]
    pub fn asks_schools(&self) -> bool {
        let mut found = false;
        self.visit(&mut |expr| {
            found |=
                matches!(expr, Self::ShareOfSchools(_) | Self::CountOfSchools(_) | Self::SumOfSchools(_));
        });
        found
    }

    /// Whether it always gives a number.
    pub(super) const fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Number(_)
                | Self::Threshold(_)
                | Self::Count(_)
                | Self::Share(..)
                | Self::Folded(..)
                | Self::MedianAge(_)
                | Self::Counter(_)
                | Self::Covered
                | Self::DaysSinceWalk
                | Self::ShareOfSchools(_)
                | Self::CountOfSchools(_)
                | Self::SumOfSchools(_)
                | Self::Binary(..)
        )
    }

    /// Shows this expression and every one within it. No kind is left to a last arm: an expression that is not visited
    /// is one whose thresholds, schools and devices nobody looks for.
    pub(super) fn visit<'a>(&'a self, seen: &mut impl FnMut(&'a Self)) {
        seen(self);
        match self {
            Self::ShareOfSchools(inner)
            | Self::CountOfSchools(inner)
            | Self::SumOfSchools(inner)
            | Self::Not(inner) => inner.visit(seen),
            Self::Binary(_, a, b) | Self::Compare(_, a, b) => {
                a.visit(seen);
                b.visit(seen);
            }
            Self::And(all) | Self::Or(all) => all.iter().for_each(|inner| inner.visit(seen)),
            Self::Number(_)
            | Self::Threshold(_)
            | Self::Count(_)
            | Self::Any(_)
            | Self::Share(..)
            | Self::Folded(..)
            | Self::MedianAge(_)
            | Self::Latest(..)
            | Self::Names(..)
            | Self::Groups(..)
            | Self::Fact(_)
            | Self::Filled(_)
            | Self::Counter(_)
            | Self::Covered
            | Self::DaysSinceWalk
            | Self::Person => {}
        }
    }
}

impl Filter {
    fn thresholds<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Self::Compare(_, _, Operand::Threshold(name)) => names.push(name),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|inner| inner.thresholds(names)),
            Self::Not(inner) => inner.thresholds(names),
            Self::All
            | Self::Is(_)
            | Self::In(..)
            | Self::Compare(_, _, Operand::Number(_))
            | Self::Has(_) => {}
        }
    }
}
