//! `mail.…`: what is wrong with the mail records of a domain, one finding for each id of the mail catalogue.

use super::{Check, DomainView, Found, Parameters, Rule, Severity, Verdict};
use crate::mail::{Context, DomainEvidence, judge, rule_id};
use serde_json::json;

pub(super) static RULE: Rule = Rule { family: "mail.", check: Check::Domain(check) };

/// Judges the newest look-ups of the domain; without any that hold, nothing opens or closes.
fn check(domain: &DomainView<'_>, _parameters: &Parameters) -> Verdict {
    let newest =
        domain.sightings.iter().filter(|sighting| sighting.holds()).max_by_key(|sighting| sighting.confirmed);
    let Some(evidence) =
        newest.and_then(|sighting| DomainEvidence::from_fields(domain.name, sighting.fields))
    else {
        return Verdict::Unknown(domain.sightings.iter().map(|sighting| sighting.confirmed).max());
    };
    if !evidence.is_conclusive() {
        return Verdict::Unknown(newest.map(|sighting| sighting.confirmed));
    }
    let found = judge(&evidence, &Context::default()).into_iter().map(|finding| Found {
        rule: rule_id(finding.id),
        severity: finding.severity.name().parse().unwrap_or(Severity::Medium),
        evidence: json!({ "seen": finding.evidence, "proposal": finding.proposal }),
    });
    Verdict::Known(found.collect())
}
