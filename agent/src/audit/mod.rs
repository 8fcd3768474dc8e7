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

use rundgang_inventory::mail::{
    PolicyFetch,
    lookup::{Question, RecordType},
};

/// Has everything that reads what strangers' servers say read these bytes, as tests of all of it do: answers of name
/// servers, replies of mail exchangers, their certificates, answers of policy hosts. How many make something of them.
#[doc(hidden)]
#[must_use]
pub fn read_by_all(bytes: &[u8]) -> usize {
    let asked = RecordType::ALL.map(|kind| Question::new("schule.example", kind));
    let answers = asked.iter().filter(|question| dns::read(bytes, question).is_some()).count();
    let read = [
        dns::transferred(bytes).is_some(),
        mail_server::replies(bytes) > 0,
        tls::issuer(bytes).is_some(),
        !tls::digests(bytes).key_sha256.is_empty(),
        matches!(policy::response(bytes), PolicyFetch::Fetched(_)),
    ];
    answers + read.into_iter().filter(|read| *read).count()
}
