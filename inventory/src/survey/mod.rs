//! Surveys: questions as data, answered from inventory and register with bounds, evidence and coverage.
//!
//! Reading order: [`file`] (what a survey file says), [`formula`] (the closed set of expressions), [`view`] (what is
//! known of a school), [`bounds`] (numbers and truths that may be uncertain), [`evaluate`] (formulas over a view),
//! [`answer`] (one question answered).

pub mod answer;
pub mod bounds;
mod entered;
pub mod evaluate;
pub mod file;
mod fold;
pub mod formula;
#[cfg(test)]
mod hidden;
mod parse;
mod parse_set;
mod read;
mod reason;
mod schools;
pub mod shipped;
mod steps;
mod subject;
mod tally;
#[cfg(test)]
mod tests;
mod token;
pub mod told;
pub mod view;
mod wants;
mod weigh;
mod wlan;

pub use answer::{Answer, AnswerValue, answer, answer_all};
pub use bounds::{Interval, Truth};
pub use evaluate::{Evidence, Reason};
pub use file::{AnswerType, Block, Level, Part, Question, Survey, SurveyError, Texts, Threshold, Unit};
pub use formula::Noun;
pub use shipped::{shipped, shipped_text, survey};
pub use steps::{Step, steps};
pub use told::{Asked, Told};
pub use view::{
    Document, Domain, Fact, Link, OpenFinding, Room, Site, Subject, SurveyAsset, SurveyView, System, Walked,
};
pub use wants::Wants;
pub use wlan::wlan_generation;
