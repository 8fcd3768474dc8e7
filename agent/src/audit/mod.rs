//! The audit of domains: gathers public records of a confirmed domain and has them judged.
//!
//! Reading order: `cli` (what a person types), `collect` (asks what the plan wants), `net` (the sockets), `dns` (the
//! messages); `standing` is the same for the daemon. What is asked and what it means is decided in `rundgang_inventory::mail`, without any network.

pub mod cli;
pub mod collect;
mod dns;
mod mail_server;
pub mod names;
mod net;
mod policy;
mod report;
pub mod standing;
mod tls;

pub(crate) use cli::server as resolver_address;
pub use cli::{
    AuditArgs, AuditError, AuditSettings, Audited, SpfCheckArgs, audit_domains, run_audit, run_spf_check,
};
pub(crate) use report::text;
