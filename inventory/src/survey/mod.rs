//! Surveys: questions as data, answered from inventory and register with bounds, evidence and coverage.
//!
//! Reading order: [`file`] (what a survey file says), [`formula`] (the closed set of expressions), [`view`] (what is
//! known of a school), [`bounds`] (numbers and truths that may be uncertain), [`evaluate`] (formulas over a view),
//! [`answer`] (one question answered).

pub mod answer;
pub mod bounds;
pub mod evaluate;
pub mod file;
pub mod formula;
mod parse;
mod reason;
pub mod shipped;
mod tally;
#[cfg(test)]
mod tests;
pub mod view;
mod weigh;

pub use answer::{Answer, AnswerValue, answer, answer_all};
pub use bounds::{Interval, Truth};
pub use evaluate::{Evidence, Reason};
pub use file::{AnswerType, Block, Level, Part, Question, Survey, SurveyError, Texts, Threshold, Unit};
pub use formula::Noun;
pub use shipped::{shipped, survey};
pub use view::{
    Document, Domain, Fact, Link, OpenFinding, Room, Site, Subject, SurveyAsset, SurveyView, System, Walked,
};
