//! The audit of confirmed domains as the daemon holds it: evidence in, observations out, from the real DNS or from a
//! recorded one.

use super::{AuditError, AuditSettings, audit_domains, names};
use crate::network::Pending;
use crate::scope::Scope;
use rundgang_inventory::{
    Fields, Observation, Subject, Timestamp, Value, limits,
    mail::{
        DomainEvidence, View,
        lookup::{Answer, Outcome, Question, RecordType, domain_from},
        plan::{Limits, wants},
    },
    privacy,
    vocabulary::{DNS_SEARCH, DNS_VIEW},
};
use serde::Deserialize;
use std::{collections::BTreeMap, net::SocketAddr};

/// The name under which the audit of domains reports.
pub const DOMAIN_AUDIT: &str = "domain-audit";
/// The name under which search domains are reported.
pub const SEARCH_DOMAIN: &str = "search-domain";
/// Milliseconds between two audits of one domain: its records belong to other people's servers, and change slowly.
pub const AUDIT_EVERY_MS: i64 = 24 * 3_600_000;
/// A recording is asked no more often for one domain than the plan ever needs.
const MOST_ROUNDS: usize = 40;

/// Where the evidence of domains comes from.
pub trait DomainAudit: Send + Sync {
    /// Gathers the evidence of these domains (A-labels), over the scope's resolver where it names one.
    fn gather(
        &self,
        domains: Vec<String>,
        resolver: Option<SocketAddr>,
    ) -> Pending<'_, Result<Vec<DomainEvidence>, AuditError>>;

    /// From where the domains are seen under a scope.
    fn view(&self, scope: &Scope) -> View {
        scope.view(scope.resolver)
    }

    /// The search domains of the resolver that is asked: they may be the school's, which a person has to say.
    fn search_domains(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The real DNS.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDns {
    /// A resolver that goes before the one of the scope and the machine's own.
    pub resolver: Option<SocketAddr>,
}

impl DomainAudit for RealDns {
    fn gather(
        &self,
        domains: Vec<String>,
        resolver: Option<SocketAddr>,
    ) -> Pending<'_, Result<Vec<DomainEvidence>, AuditError>> {
        Box::pin(async move {
            let settings = AuditSettings { resolver: self.resolver.or(resolver), ..AuditSettings::default() };
            let mut gathered = Vec::new();
            audit_domains(domains, settings, |audited| {
                gathered.push(audited.evidence);
                Ok(())
            })
            .await?;
            Ok(gathered)
        })
    }

    fn view(&self, scope: &Scope) -> View {
        scope.view(self.resolver.or(scope.resolver))
    }

    fn search_domains(&self) -> Vec<String> {
        searched(&std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default())
    }
}

/// The search domains that a resolver file names (resolv.conf: `search`, before it `domain`).
fn searched(text: &str) -> Vec<String> {
    let names = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        matches!(words.next(), Some("search" | "domain")).then_some(words)
    });
    let mut names: Vec<String> = names.flatten().take(6).filter_map(domain_from).collect();
    names.sort();
    names.dedup();
    names
}

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

    fn evidence(&self, domain: &str) -> DomainEvidence {
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let mut evidence = DomainEvidence::new(domain, "rg-recorded");
        evidence.selectors = list(names::SELECTORS);
        evidence.hosts = list(names::HOSTS);
        let limits = Limits { connect: false, ask_servers: false, loopback: false };
        for _ in 0..MOST_ROUNDS {
            let wanted = wants(&evidence, limits).questions;
            if wanted.is_empty() {
                break;
            }
            let answered: BTreeMap<_, _> = wanted
                .into_iter()
                .map(|(question, _)| {
                    let answer = self.answer(&question);
                    (question, answer)
                })
                .collect();
            evidence.lookups.extend(answered);
        }
        evidence
    }
}

impl DomainAudit for RecordedDns {
    fn gather(
        &self,
        domains: Vec<String>,
        _resolver: Option<SocketAddr>,
    ) -> Pending<'_, Result<Vec<DomainEvidence>, AuditError>> {
        Box::pin(async move { Ok(domains.iter().map(|domain| self.evidence(domain)).collect()) })
    }

    // What was recorded is what everyone sees.
    fn view(&self, _scope: &Scope) -> View {
        View::Public
    }
}

/// Whether a domain may be audited again.
#[must_use]
pub fn is_due(last: Option<Timestamp>, now: Timestamp) -> bool {
    // A moment in the future comes from a clock that was set back; it must not put the audit off for ever.
    last.is_none_or(|last| now.0 - last.0 >= AUDIT_EVERY_MS || last > now)
}

/// The observation of a domain; none where the DNS did not answer at all, for that says nothing about the domain and
/// must not take the place of what is known. Such a domain is asked again with the next walk.
#[must_use]
pub fn observation(evidence: &DomainEvidence, view: View, at: Timestamp) -> Option<Observation> {
    evidence.is_conclusive().then(|| Observation {
        subject: Subject::Domain(evidence.domain.clone()),
        segment: String::new(),
        at,
        probe: DOMAIN_AUDIT.to_owned(),
        fields: limits::bound(without_persons(evidence.clone()).to_fields())
            .0
            .with(&DNS_VIEW, Value::Text(view.name().to_owned())),
    })
}

/// Takes persons' mailboxes out of public records before anything is kept (promise P4): report addresses of DMARC and
/// TLS-RPT, and the mailbox of an SOA record, whose first label is its local part (RFC 1035 section 3.3.13).
fn without_persons(mut evidence: DomainEvidence) -> DomainEvidence {
    for (question, answer) in &mut evidence.lookups {
        for record in &mut answer.records {
            *record = match question.kind {
                RecordType::Soa => without_person_in_soa(record),
                _ => privacy::mask_persons_mailboxes(record),
            };
        }
    }
    evidence
}

fn without_person_in_soa(record: &str) -> String {
    let Some((server, rest)) = record.split_once(' ') else { return record.to_owned() };
    // Dots within the local part are escaped by a backslash.
    let end = rest
        .char_indices()
        .find(|&(at, c)| c == '.' && !rest[..at].ends_with('\\'))
        .map_or(rest.len(), |(at, _)| at);
    let local = rest[..end].replace("\\.", ".");
    let masked = privacy::mask_local_part(&local);
    if masked == local { record.to_owned() } else { format!("{server} {masked}{}", &rest[end..]) }
}

/// The observation of a search domain: it was named, and nothing was looked up.
#[must_use]
pub fn search_domain(name: String, at: Timestamp) -> Observation {
    Observation {
        subject: Subject::Domain(name),
        segment: String::new(),
        at,
        probe: SEARCH_DOMAIN.to_owned(),
        fields: Fields::new().with(&DNS_SEARCH, Value::Int(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rundgang_inventory::mail::{Context, judge};

    fn recorded(text: &str) -> RecordedDns {
        toml::from_str(text).expect("a recording")
    }

    const GAPPY: &str = r#"
        record = [
            { name = "verein.example", type = "SOA", data = ["ns.verein.example h.verein.example 1 2 3 4 5"] },
            { name = "verein.example", type = "NS", data = ["ns.verein.example"] },
            { name = "verein.example", type = "MX", data = ["10 mx.verein.example"] },
            { name = "mx.verein.example", type = "A", data = ["192.0.2.10"] },
        ]
    "#;

    #[tokio::test]
    async fn a_recorded_gap_becomes_an_observation_that_the_rules_understand() {
        let gathered =
            recorded(GAPPY).gather(vec!["verein.example".to_owned()], None).await.expect("evidence");
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
        let gathered = recorded(records).gather(vec!["verein.example".to_owned()], None).await.unwrap();
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

    #[test]
    fn a_silent_dns_says_nothing_about_a_domain() {
        let mut evidence = DomainEvidence::new("schule.example", "canary");
        evidence
            .lookups
            .insert(Question::new("schule.example", RecordType::Soa), Answer::nothing(Outcome::TimedOut));
        assert_eq!(observation(&evidence, View::Public, Timestamp(7)), None);
    }

    #[test]
    fn search_domains_are_told_in_the_common_form() {
        let text = "# DHCP\nnameserver 10.0.0.1\nsearch Schule-Köln.DE. verwaltung.schule.de local\n";
        assert_eq!(searched(text), ["verwaltung.schule.de", "xn--schule-kln-lcb.de"]);
        assert!(searched("nameserver 10.0.0.1\noptions edns0").is_empty());
        let told = search_domain("schule.de".to_owned(), Timestamp(7));
        assert_eq!(DomainEvidence::from_fields("schule.de", &told.fields), None, "nothing was looked up");
    }

    #[test]
    fn a_domain_is_due_once_a_day() {
        let check = |last: Option<i64>, now: i64, expected: bool| {
            assert_eq!(is_due(last.map(Timestamp), Timestamp(now)), expected, "{last:?} {now}");
        };
        check(None, 0, true);
        check(Some(0), AUDIT_EVERY_MS - 1, false);
        check(Some(0), AUDIT_EVERY_MS, true);
        check(Some(5), 0, true);
    }
}
