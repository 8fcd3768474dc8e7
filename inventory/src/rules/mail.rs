//! `mail.…`: what is wrong with the mail records of a domain, one finding for each id of the mail catalogue.

use super::{Check, DomainView, Found, Parameters, Rule, Severity, Verdict};
use crate::mail::{Context, DomainEvidence, judge, not_checkable, rule_id};
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
    // Where a name server did not answer, what it was asked about is neither missing nor put right.
    if not_checkable(&evidence).is_empty() {
        Verdict::Known(found.collect())
    } else {
        Verdict::Partly(found.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Standing;
    use super::super::view::samples::{NOW, ids, sighting};
    use super::*;
    use crate::{
        Fields,
        mail::lookup::{Answer, Outcome, Question, RecordType},
    };

    /// Everything ends in `outcome`, the look-ups of DMARC in `dmarc`.
    fn ask(outcome: Outcome, dmarc: Outcome) -> Verdict {
        let mut evidence = DomainEvidence::new("schule.example", "canary");
        for kind in [RecordType::Soa, RecordType::Txt, RecordType::Mx] {
            evidence.lookups.insert(Question::new("schule.example", kind), Answer::nothing(outcome));
        }
        for name in ["_dmarc.schule.example", "_dmarc.example"] {
            evidence.lookups.insert(Question::new(name, RecordType::Txt), Answer::nothing(dmarc));
        }
        let fields = evidence.to_fields();
        let view =
            DomainView { name: "schule.example", sightings: vec![sighting("mail", Standing::Open, &fields)] };
        check(&view, &Parameters::at(NOW))
    }

    #[test]
    fn every_gap_of_the_catalogue_is_a_finding_of_its_own() {
        let verdict = ask(Outcome::NoRecords, Outcome::NoRecords);
        assert!(matches!(verdict, Verdict::Known(_)), "{verdict:?}");
        let found = ids(&verdict);
        assert!(found.contains("mail.spf.missing") && found.contains("mail.dmarc.missing"), "{found}");
    }

    #[test]
    fn where_the_dns_does_not_answer_nothing_closes() {
        let verdict = ask(Outcome::NoRecords, Outcome::TimedOut);
        assert!(!matches!(verdict, Verdict::Known(_)), "{verdict:?}");
        assert!(!ids(&verdict).contains("mail.dmarc.missing"), "{verdict:?}");
        assert!(!matches!(ask(Outcome::TimedOut, Outcome::TimedOut), Verdict::Known(_)));
        let none = Fields::new();
        let view =
            DomainView { name: "schule.example", sightings: vec![sighting("mail", Standing::Open, &none)] };
        assert_eq!(ids(&check(&view, &Parameters::at(NOW))), "unknown");
    }
}
