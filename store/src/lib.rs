//! The book: one narrow storage trait with SQLite and PostgreSQL behind it, and every question asked of it.
//!
//! Reading order: [`Store`] opens a database and knows the Träger; [`Traeger`] is the handle through which everything
//! of one Träger is read and written.
//! Everything here blocks: call it from a thread that may wait.

mod agents;
mod engine;
mod error;
mod migrate;
mod schools;
mod store;
pub mod views;

pub use agents::{Agent, AgentDetails, Invitation, NewInvitation, Redeemed};
pub use engine::{Cell, Engine, Row, Session, dialect::Dialect};
pub use error::{Error, Result};
pub use schools::{Building, NewSchool, Room, School, Site};
pub use store::{Store, Traeger, TraegerName};
