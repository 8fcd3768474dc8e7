//! Proposals: the exact record to add or change, built from what is known.

use super::evidence::DomainEvidence;
use super::judge::{Context, Facts, MailFinding};
use serde::Serialize;

/// What to change in the DNS, and what to ask where the record alone does not do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Records to take out, in zone file notation with full names.
    pub remove: Vec<String>,
    /// Records to put in, in zone file notation with full names.
    pub add: Vec<String>,
}

/// The proposal for a finding.
pub(super) fn proposal(
    _finding: &MailFinding,
    _evidence: &DomainEvidence,
    _facts: &Facts,
    _context: &Context,
) -> Option<Proposal> {
    None
}
