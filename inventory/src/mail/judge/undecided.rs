//! What a look that failed leaves undecided: which findings can neither be raised nor be called over because of it.

use super::{Case, is_intercepted};
use crate::mail::evidence::{DomainEvidence, PolicyFetch};
use crate::mail::lookup::{Question, RecordType};
use std::collections::BTreeSet;

/// What only a name server itself can say.
const SAID_BY_SERVERS: [&str; 4] = ["ns.lame", "ns.serial-mismatch", "ns.axfr-open", "ns.open-recursion"];
/// What only a mail exchanger itself can say.
const SAID_BY_EXCHANGERS: [&str; 2] = ["smtp.", "dane.mismatch"];
/// What only the policy file can say.
const SAID_BY_POLICY: [&str; 2] = ["mta_sts.policy-unreachable", "mta_sts.mx-not-listed"];
/// What hangs on whether a domain without mail exchangers sends mail or is parked.
const ABOUT_SENDING: [&str; 3] = ["dkim.", "dmarc.", "domain."];

/// The findings about which this evidence says nothing, since what they are read from was asked for in vain: ids, and
/// families that end in a dot. An empty text stands for every finding. Whatever is not among them is decided.
#[must_use]
pub fn undecided(evidence: &DomainEvidence) -> BTreeSet<&'static str> {
    let facts = Case::new(evidence).facts;
    let mut left = BTreeSet::new();
    let failed = evidence.lookups.iter().filter(|(_, answer)| !answer.outcome.is_certain());
    for (question, _) in failed {
        left.extend(readers(evidence, question));
    }
    if facts.tree.is_some_and(|tree| !tree.uncertain.is_empty()) {
        left.insert("spf.");
    }
    if left.contains("spf.") && !facts.receives {
        left.extend(ABOUT_SENDING);
    }
    if is_intercepted(evidence) || evidence.servers.values().any(|server| server.authoritative.is_none()) {
        left.extend(SAID_BY_SERVERS);
    }
    if evidence.mail_servers.values().any(|server| server.not_checkable.is_some()) {
        left.extend(SAID_BY_EXCHANGERS);
    }
    if matches!(evidence.policy, Some(PolicyFetch::NotCheckable(_))) {
        left.extend(SAID_BY_POLICY);
    }
    left
}

/// The findings that are read from the answer to a question.
fn readers(evidence: &DomainEvidence, question: &Question) -> Vec<&'static str> {
    let name = question.name.as_str();
    let label = name.strip_suffix(&evidence.domain).map(|before| before.strip_suffix('.').unwrap_or(before));
    match (question.kind, label) {
        (RecordType::Soa, Some("")) => vec![""],
        // The top level's shows whether the resolver checks signatures at all.
        (RecordType::Soa, _) => vec!["dnssec.no-ds", "dane.unsigned"],
        (RecordType::Mx, Some("")) => {
            let others = ["mx.", "spf.", "mta_sts.", "tls_rpt.", "dane.", "smtp."];
            others.into_iter().chain(ABOUT_SENDING).collect()
        }
        (RecordType::Txt, Some("")) => vec!["spf."],
        (RecordType::Spf, _) => vec!["spf.type99-only"],
        (RecordType::Ns, _) => vec!["ns."],
        (RecordType::Dnskey | RecordType::Ds, _) => vec!["dnssec."],
        (RecordType::Caa, _) => vec!["caa."],
        (RecordType::Tlsa, _) => vec!["dane.", "smtp.cert-invalid"],
        (RecordType::Ptr, _) => vec!["mx.ptr-missing", "mx.fcrdns-mismatch"],
        (RecordType::Txt, Some("_mta-sts")) => vec!["mta_sts."],
        (RecordType::Txt, Some("_smtp._tls")) => vec!["tls_rpt."],
        (RecordType::Txt, Some("default._bimi")) => vec!["bimi."],
        (RecordType::Txt, Some(label)) if label.ends_with("_domainkey") => vec!["dkim."],
        (RecordType::Txt, _) if name.starts_with("_dmarc.") => vec!["dmarc.", "bimi.", "domain."],
        (RecordType::Txt, _) if name.contains("._report._dmarc.") => vec!["dmarc.rua-unauthorised"],
        _ => readers_of_host(evidence, name, label),
    }
}

/// The findings that are read from the addresses of a host. Terms of SPF that name it are in the tree of the record.
fn readers_of_host(evidence: &DomainEvidence, name: &str, label: Option<&str>) -> Vec<&'static str> {
    let mut readers = Vec::new();
    if evidence.mail_hosts().iter().any(|host| host == name) {
        readers.push("mx.");
        readers.extend(SAID_BY_EXCHANGERS);
    }
    if evidence.name_servers().iter().any(|host| host == name) {
        readers.push("ns.");
    }
    if label == Some("mta-sts") {
        readers.extend(SAID_BY_POLICY);
    }
    if label.is_some_and(|label| label == evidence.canary || evidence.hosts.iter().any(|host| host == label))
    {
        readers.push("dns.");
    }
    let reverse = evidence.lookups.iter().filter(|(question, _)| question.kind == RecordType::Ptr);
    if reverse.flat_map(|(_, answer)| &answer.records).any(|named| named == name) {
        readers.push("mx.fcrdns-mismatch");
    }
    readers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::evidence::{MailServer, NameServer};
    use crate::mail::lookup::{Answer, Outcome};

    /// A domain that receives mail and whose record includes another, where these questions end in SERVFAIL.
    fn failing(questions: &[(&str, RecordType)]) -> DomainEvidence {
        let mut evidence = DomainEvidence::new("schule.example", "rg-canary");
        evidence.hosts = vec!["www".to_owned()];
        for (name, kind, record) in [
            ("schule.example", RecordType::Soa, "ns.example h.example 1 2 3 4 5"),
            ("schule.example", RecordType::Ns, "ns.example"),
            ("schule.example", RecordType::Mx, "10 mx.example"),
            ("schule.example", RecordType::Txt, "v=spf1 include:spf.example -all"),
            ("spf.example", RecordType::Txt, "v=spf1 ip4:93.184.4.1 -all"),
            ("1.4.184.93.in-addr.arpa", RecordType::Ptr, "mx.example"),
        ] {
            evidence.lookups.insert(Question::new(name, kind), Answer::found(vec![record.to_owned()]));
        }
        for &(name, kind) in questions {
            let failed = Answer::nothing(Outcome::ServerFailure);
            evidence.lookups.insert(Question::new(name, kind), failed);
        }
        evidence
    }

    fn left(evidence: &DomainEvidence) -> String {
        undecided(evidence).into_iter().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_failed_lookup_leaves_open_what_is_read_from_it() {
        use RecordType::{A, Aaaa, Caa, Mx, Ns, Ptr, Tlsa, Txt};
        let check = |name: &str, kind, expected: &str| {
            assert_eq!(left(&failing(&[(name, kind)])), expected, "{name} {kind:?}");
        };
        assert_eq!(left(&failing(&[])), "");
        check("schule.example", Txt, "spf.");
        check("spf.example", Txt, "spf.");
        check("proposed.example", Txt, "");
        check("schule.example", Ns, "ns.");
        check("example", Caa, "caa.");
        check("_25._tcp.mx.example", Tlsa, "dane. smtp.cert-invalid");
        check("_dmarc.example", Txt, "bimi. dmarc. domain.");
        check("s1._domainkey.schule.example", Txt, "dkim.");
        check("_mta-sts.schule.example", Txt, "mta_sts.");
        check("ns.example", Aaaa, "ns.");
        check("mx.example", A, "dane.mismatch mx. mx.fcrdns-mismatch smtp.");
        check("1.4.184.93.in-addr.arpa", Ptr, "mx.fcrdns-mismatch mx.ptr-missing");
        check("www.schule.example", A, "dns.");
        check("rg-canary.schule.example", A, "dns.");
        let without_exchangers = left(&failing(&[("schule.example", Mx)]));
        assert!(without_exchangers.contains("dkim.") && !without_exchangers.contains("ns."));
        let soa = failing(&[("schule.example", RecordType::Soa)]);
        assert!(undecided(&soa).contains(""), "all of it");
    }

    #[test]
    fn a_silent_server_leaves_open_what_only_it_can_say() {
        let mut evidence = failing(&[]);
        evidence.servers.insert("2a00::2".parse().unwrap(), NameServer::default());
        assert_eq!(left(&evidence), "ns.axfr-open ns.lame ns.open-recursion ns.serial-mismatch");
        let blocked = MailServer { not_checkable: Some("no route".to_owned()), ..MailServer::default() };
        let mut evidence = failing(&[]);
        evidence.mail_servers.insert("mx.example".to_owned(), blocked);
        assert_eq!(left(&evidence), "dane.mismatch smtp.");
        let mut evidence = failing(&[]);
        evidence.policy = Some(PolicyFetch::NotCheckable("no route".to_owned()));
        assert_eq!(left(&evidence), "mta_sts.mx-not-listed mta_sts.policy-unreachable");
    }
}
