//! The book: one narrow storage trait with SQLite and PostgreSQL behind it, and every question asked of it.
//!
//! Reading order: [`Store`] opens a database and knows the Träger; [`Traeger`] is the handle through which everything
//! of one Träger is read and written; [`ingest`] takes what agents say; [`rebuild`] derives assets and findings again.
//! Everything here blocks: call it from a thread that may wait.

mod accounts;
mod agents;
mod answers;
mod assets;
mod bound;
mod derive;
mod domains;
mod engine;
mod error;
mod evidence;
mod export;
mod findings;
mod frozen;
mod holdings;
mod identity;
mod ingest;
mod intervals;
mod leaving;
mod lessons;
mod lists;
mod mail_facts;
mod many;
mod migrate;
mod orders;
mod post;
mod rebuild;
mod reconcile;
mod record_changes;
mod register;
mod removal;
mod retention;
mod rules;
mod run_answers;
mod schools;
mod search;
mod secrets;
mod sign_in;
mod standing;
mod store;
mod subject;
#[cfg(test)]
mod suite;
mod sums;
mod survey_runs;
mod surveys;
mod tasks;
mod tokens;
mod traeger;
pub mod views;
mod watched;

pub use accounts::{Account, Credentials, NewAccount};
pub use agents::{Agent, AgentDetails, Invitation, NewInvitation, Redeemed};
pub use answers::{Answer, NewAnswer, Source};
pub use assets::Asset;
pub use domains::{DomainLine, DomainState};
pub use engine::{Cell, Engine, Row, Session, Work, dialect::Dialect};
pub use error::{Error, Obstacle, Problem, Result};
pub use findings::{Decision, DecisionState, Finding, Happening};
pub use frozen::{Frozen, FrozenAnswer, FrozenContent, FrozenLink};
pub use holdings::{Document, Link};
pub use identity::{Ambiguity, IdentityEvent};
pub use ingest::Outcome;
pub use intervals::Interval;
pub use lessons::{AcceptedLesson, ProposedLesson};
pub use lists::{Entered, EnteredList, ListRow};
pub use mail_facts::EnteredFacts;
pub use orders::Orders;
pub use post::{Dispatch, Dispatched, PostSettings, Recipient, Sent, is_this_machine};
pub use rebuild::Rebuilt;
pub use reconcile::{Differing, KeptValue, Settled};
pub use record_changes::RecordChanged;
pub use register::{AuditEntry, DocumentedSystem, STATUSES};
pub use retention::{DeletionProof, Retention};
pub use run_answers::PartAnswer;
pub use schools::{Building, NewSchool, Room, School, Site};
pub use search::Hit;
pub use sign_in::{Identity, SignInSettings};
pub use store::{Store, Traeger, TraegerName};
pub use subject::MacTraces;
pub use survey_runs::{Part, Run, RunLine, State};
pub use tasks::{DONE_BY, PRIORITIES, SchoolTask};
pub use tokens::{ApiToken, NewApiToken};
