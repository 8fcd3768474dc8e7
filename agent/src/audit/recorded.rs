//! A recorded DNS in the place of the real one: examples and tests audit domains without a packet.

use super::standing::DomainAudit;
use super::{AuditError, names};
use crate::network::Pending;
use crate::register::Known;
use crate::scope::Scope;
use rundgang_inventory::mail::{
    DomainEvidence, View,
    lookup::{Answer, Outcome, Question, RecordType},
    plan::{self, Limits},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// A recorded DNS: every record there is. What is not among them does not exist; nothing is ever sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedDns {
    record: Vec<RecordSet>,
}

/// The records of one name and type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordSet {
    name: String,
    #[serde(rename = "type")]
    kind: RecordType,
    /// As in [`Answer::records`].
    data: Vec<String>,
}

impl RecordedDns {
    /// The domain that the recording begins with.
    #[cfg(test)]
    pub(super) fn first_domain(&self) -> Option<String> {
        self.record.first().map(|set| set.name.clone())
    }

    /// What the recorded DNS answers.
    fn answer(&self, question: &Question) -> Answer {
        let of_name = |set: &&RecordSet| set.name == question.name;
        if let Some(set) = self.record.iter().filter(of_name).find(|set| set.kind == question.kind) {
            return Answer::found(set.data.clone());
        }
        // A name exists also where only names below it have records (RFC 8020).
        let below = format!(".{}", question.name);
        let exists = self.record.iter().any(|set| set.name == question.name || set.name.ends_with(&below));
        Answer::nothing(if exists { Outcome::NoRecords } else { Outcome::NoName })
    }

    fn evidence(&self, domain: &str, known: &Known) -> DomainEvidence {
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let mut evidence = DomainEvidence::new(domain, "rg-recorded");
        evidence.selectors = list(names::SELECTORS);
        evidence.hosts = list(names::HOSTS);
        evidence.known_selectors = known.selectors.iter().cloned().collect();
        evidence.known_senders = known.senders.iter().cloned().collect();
        let limits = Limits { connect: false, ask_servers: false, loopback: false };
        plan::gather(&mut evidence, limits, |evidence, wanted| {
            for (question, _) in wanted.questions {
                let answer = self.answer(&question);
                evidence.lookups.insert(question, answer);
            }
        });
        evidence
    }
}

impl DomainAudit for RecordedDns {
    fn gather(
        &self,
        domains: Vec<String>,
        known: &BTreeMap<String, Known>,
        _resolver: Option<SocketAddr>,
    ) -> Pending<'_, Result<Vec<DomainEvidence>, AuditError>> {
        let nothing = Known::default();
        let evidence = |domain: &String| self.evidence(domain, known.get(domain).unwrap_or(&nothing));
        let gathered = domains.iter().map(evidence).collect();
        Box::pin(async move { Ok(gathered) })
    }

    // What was recorded is what everyone sees.
    fn view(&self, _scope: &Scope) -> View {
        View::Public
    }
}

#[cfg(test)]
mod tests {
    use super::super::standing::observation;
    use super::*;
    use rundgang_inventory::mail::{Context, judge};
    use rundgang_inventory::{Subject, Timestamp};

    fn recorded(text: &str) -> RecordedDns {
        toml::from_str(text).expect("a recording")
    }

    #[tokio::test]
    async fn a_recorded_gap_becomes_an_observation_that_the_rules_understand() {
        let gathered = recorded(include_str!("examples/gappy.toml"))
            .gather(vec!["verein.example".to_owned()], &BTreeMap::new(), None)
            .await
            .expect("evidence");
        let observed = observation(&gathered[0], View::Public, Timestamp(7)).expect("conclusive");
        assert_eq!(observed.subject, Subject::Domain("verein.example".to_owned()));
        assert_eq!((observed.segment.as_str(), observed.at), ("", Timestamp(7)));
        let back = DomainEvidence::from_fields("verein.example", &observed.fields).expect("evidence");
        let found: Vec<_> = judge(&back, &Context::default()).into_iter().map(|finding| finding.id).collect();
        let missing = |what: &str| found.iter().any(|id| id.contains(what) && id.contains("missing"));
        assert!(missing("spf") && missing("dkim") && missing("dmarc"), "{found:?}");
    }

    #[tokio::test]
    async fn a_person_in_a_public_record_is_not_kept() {
        let records = r#"record = [
            { name = "verein.example", type = "SOA", data = ["ns.verein.example anna\\.mueller.verein.example 1 2 3 4 5"] },
            { name = "_dmarc.verein.example", type = "TXT", data = ["v=DMARC1; p=none; rua=mailto:anna.mueller@verein.example"] },
        ]"#;
        let gathered = recorded(records)
            .gather(vec!["verein.example".to_owned()], &BTreeMap::new(), None)
            .await
            .unwrap();
        let observed = observation(&gathered[0], View::Public, Timestamp(7)).unwrap();
        let everything = format!("{observed:?}").to_lowercase();
        assert!(!everything.contains("mueller") && !everything.contains("anna"), "{everything}");
        assert!(everything.contains("mailto:***@verein.example"), "{everything}");
        assert!(everything.contains("ns.verein.example ***.verein.example 1 2 3 4 5"), "{everything}");
        let back = DomainEvidence::from_fields("verein.example", &observed.fields).unwrap();
        let before: Vec<_> = judge(&gathered[0], &Context::default()).into_iter().map(|f| f.id).collect();
        let after: Vec<_> = judge(&back, &Context::default()).into_iter().map(|f| f.id).collect();
        assert_eq!(before, after, "the rules say the same of the masked records");
    }
}
