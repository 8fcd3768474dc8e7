//! Whether a domain is signed at all, as the names above it say: only then can a signature be wrong. A resolver that fails
//! while it checks signatures and answers where it does not may be at fault itself.

use super::evidence::DomainEvidence;
use super::lookup::{Answer, Outcome, Question, RecordType};

/// The names whose DS record may tie the domain to the signed tree: the domain and those above it, without the top level,
/// whose record in the root is everybody's.
pub(super) fn names(evidence: &DomainEvidence) -> impl Iterator<Item = &str> {
    let parents = evidence.parents().into_iter().filter(|name| name.contains('.'));
    std::iter::once(evidence.domain.as_str()).chain(parents)
}

/// Whether this answer about a DS record leaves it open, so that the name above may know: its proof is wrong as well.
pub(super) fn goes_on(answer: &Answer) -> bool {
    answer.outcome == Outcome::Bogus && answer.records.is_empty()
}

/// Whether the domain belongs to the signed tree. None where no look-up was clear about it.
pub(super) fn is_signed(evidence: &DomainEvidence) -> Option<bool> {
    for name in names(evidence) {
        let answer = evidence.lookups.get(&Question::new(name, RecordType::Ds))?;
        match answer.outcome {
            Outcome::Found => return Some(true),
            // The record is there, and its own signature is wrong.
            Outcome::Bogus if !answer.records.is_empty() => return Some(true),
            Outcome::Bogus => {}
            Outcome::NoRecords | Outcome::NoName => return Some(false),
            _ => return None,
        }
    }
    None
}

/// Whether the domain's signature is wrong: the resolver refuses its answers, and they are signed.
pub(super) fn is_bogus(evidence: &DomainEvidence) -> bool {
    let refused = evidence.below("", RecordType::Soa).is_some_and(|soa| soa.outcome == Outcome::Bogus);
    refused && is_signed(evidence) == Some(true)
}
