//! The audit of domains: gathers public records of a confirmed domain and has them judged.
//!
//! Reading order: `cli` (what a person types), `domains` (many at once), `collect` (asks what the plan wants), `net` (the
//! sockets), `dns` (the messages), `report` (for people); `standing` is the same for the daemon, `recorded` a DNS without
//! a network. What is asked and what it means is decided in `rundgang_inventory::mail`, without any network.

pub mod cli;
pub mod collect;
mod dns;
mod domains;
mod mail_server;
pub mod names;
mod net;
mod policy;
pub mod recorded;
mod report;
pub mod standing;
mod tls;

pub(crate) use cli::server as resolver_address;
pub use cli::{AuditArgs, SpfCheckArgs, run_audit, run_spf_check};
pub use domains::{AuditError, AuditSettings, Audited, audit_domains};
pub(crate) use report::text;
