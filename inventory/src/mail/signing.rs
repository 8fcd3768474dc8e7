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
fn is_signed(evidence: &DomainEvidence) -> Option<bool> {
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

/// Whether the resolver fails while it checks even the top level, which is everybody's: its clock is wrong, it knows an old
/// key of the root, or what it asks loses the signatures on the way.
fn resolver_fails(evidence: &DomainEvidence) -> bool {
    let top = evidence.parents().last().map(|top| Question::new(top, RecordType::Soa));
    top.and_then(|top| evidence.lookups.get(&top)).is_some_and(|answer| answer.outcome == Outcome::Bogus)
}

/// The questions about the domain whose answers bear a wrong signature: its SOA where all of it is wrong, or else each of
/// its own names that the resolver refuses while it vouches for the SOA.
pub(super) fn bogus(evidence: &DomainEvidence) -> Vec<&Question> {
    let soa = evidence.question("", RecordType::Soa);
    let Some((soa, answer)) = evidence.lookups.get_key_value(&soa) else { return Vec::new() };
    match answer.outcome {
        _ if resolver_fails(evidence) => Vec::new(),
        Outcome::Bogus if is_signed(evidence) == Some(true) => vec![soa],
        Outcome::Found if answer.authentic => {
            let refused = evidence.lookups.iter().filter(|(_, answer)| answer.outcome == Outcome::Bogus);
            refused.map(|(question, _)| question).filter(|question| evidence.owns(&question.name)).collect()
        }
        _ => Vec::new(),
    }
}
