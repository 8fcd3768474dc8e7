//! The audit of confirmed domains as the daemon holds it: evidence in, observations out.

use super::{AuditError, AuditSettings, audit_domains};
use crate::network::Pending;
use crate::register::Known;
use crate::scope::Scope;
use rundgang_inventory::{
    Fields, Observation, Subject, Timestamp, Value, limits,
    mail::{
        DomainEvidence, View,
        lookup::{RecordType, domain_from},
    },
    privacy,
    vocabulary::{DNS_SEARCH, DNS_VIEW},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;

/// The name under which the audit of domains reports.
pub const DOMAIN_AUDIT: &str = "domain-audit";
/// The name under which search domains are reported.
pub const SEARCH_DOMAIN: &str = "search-domain";
/// Milliseconds between two audits of one domain: its records belong to other people's servers, and change slowly.
pub const AUDIT_EVERY_MS: i64 = 24 * 3_600_000;
/// Where the evidence of domains comes from.
pub trait DomainAudit: Send + Sync {
    /// Gathers the evidence of these domains (A-labels), with what people know of their mail, over the scope's resolver
    /// where it names one.
    fn gather(
        &self,
        domains: Vec<String>,
        known: &BTreeMap<String, Known>,
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
        known: &BTreeMap<String, Known>,
        resolver: Option<SocketAddr>,
    ) -> Pending<'_, Result<Vec<DomainEvidence>, AuditError>> {
        let told = |of: fn(&Known) -> &BTreeSet<String>| -> HashMap<String, Vec<String>> {
            known
                .iter()
                .map(|(domain, known)| (domain.clone(), of(known).iter().cloned().collect()))
                .collect()
        };
        let settings = AuditSettings {
            resolver: self.resolver.or(resolver),
            known_selectors: told(|known| &known.selectors),
            known_senders: told(|known| &known.senders),
            ..AuditSettings::default()
        };
        Box::pin(async move {
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
    use rundgang_inventory::mail::lookup::{Answer, Outcome, Question};

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
