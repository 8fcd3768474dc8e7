//! Watching: what changed between two audits of a domain, with before and after.

use super::catalogue;
use super::evidence::DomainEvidence;
use super::history::said;
use super::judge::MailFinding;
use super::lookup::RecordType;
use super::propose::Proposal;
use super::wording::{Remark, Request};
use serde::Serialize;

/// A record set that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordChange {
    /// The finding it raises: `mx.changed`, `ns.changed` or `dmarc.changed`.
    pub id: &'static str,
    /// The records before, sorted.
    pub before: Vec<String>,
    /// The records after, sorted.
    pub after: Vec<String>,
}

impl RecordChange {
    /// The change as a finding: what stood there before, what stands there now, and whom to ask about it.
    #[must_use]
    pub fn finding(&self, domain: &str) -> MailFinding {
        let line = |says, records: &[String]| {
            let shown = if records.is_empty() { "–".to_owned() } else { records.join(", ") };
            Remark::said(says, [("records", &*shown)])
        };
        let proposal = Proposal {
            ask: vec![Request::new("dns-provider", "was-it-you", [("domain", domain)])],
            question: Some("was-wanted"),
            ..Proposal::default()
        };
        MailFinding {
            id: self.id,
            severity: catalogue::severity(self.id),
            evidence: vec![line("before", &self.before), line("after", &self.after)],
            proposal: Some(proposal),
        }
    }
}

/// What changed among the records that decide where mail goes and who answers for the domain. A look-up that failed
/// on either side says nothing.
#[must_use]
pub fn changes(before: &DomainEvidence, after: &DomainEvidence) -> Vec<RecordChange> {
    let watched = [
        ("mx.changed", "", RecordType::Mx),
        ("ns.changed", "", RecordType::Ns),
        ("dmarc.changed", "_dmarc", RecordType::Txt),
    ];
    let records = |evidence: &DomainEvidence, label: &str, kind| {
        Some(said(evidence, &evidence.question(label, kind))?.records)
    };
    watched
        .into_iter()
        .filter_map(|(id, label, kind)| {
            let (before, after) = (records(before, label, kind)?, records(after, label, kind)?);
            (before != after).then_some(RecordChange { id, before, after })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::lookup::{Answer, Outcome};

    #[test]
    fn changes_are_told_with_before_and_after() {
        let evidence = |outcome, records: &[&str]| {
            let mut evidence = DomainEvidence::new("schule.example", "rg");
            let records = records.iter().map(|&r| r.to_owned()).collect();
            let question = evidence.question("", RecordType::Mx);
            evidence.lookups.insert(question, Answer { outcome, ..Answer::found(records) });
            evidence
        };
        let old = evidence(Outcome::Found, &["10 a.example", "20 b.example"]);
        assert!(changes(&old, &evidence(Outcome::Found, &["20 b.example", "10 a.example"])).is_empty());
        assert!(changes(&old, &evidence(Outcome::TimedOut, &[])).is_empty());
        let changed = changes(&old, &evidence(Outcome::Found, &["10 x.example"]));
        assert_eq!(changed[0].id, "mx.changed");
        assert_eq!(
            (changed[0].before.len(), changed[0].after.as_slice()),
            (2, &["10 x.example".to_owned()][..])
        );
    }
}
