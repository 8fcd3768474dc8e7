//! What a look that failed leaves undecided: which findings can neither be raised nor be called over because of it.

use super::{Case, is_intercepted};
use crate::mail::dmarc::{Applying, applying};
use crate::mail::evidence::{DomainEvidence, PolicyFetch};
use crate::mail::lookup::{Question, RecordType};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What only a name server itself can say.
const SAID_BY_SERVERS: [&str; 4] = ["ns.lame", "ns.serial-mismatch", "ns.axfr-open", "ns.open-recursion"];
/// What only a mail exchanger itself can say.
const SAID_BY_EXCHANGERS: [&str; 2] = ["smtp.", "dane.mismatch"];
/// What only the policy file can say.
const SAID_BY_POLICY: [&str; 2] = ["mta_sts.policy-unreachable", "mta_sts.mx-not-listed"];
/// What hangs on the organisation that a domain with a DMARC record of its own belongs to.
const OF_THE_HOUSE: [&str; 2] = ["dmarc.sp-weaker", "dmarc.rua-unauthorised"];
/// What hangs on whether a domain without mail exchangers sends mail or is parked.
const ABOUT_SENDING: [&str; 3] = ["dkim.", "dmarc.", "domain."];

/// The findings about which this evidence says nothing, since what they are read from was asked for in vain: ids, and
/// families that end in a dot. An empty text stands for every finding. Whatever is not among them is decided.
#[must_use]
pub fn undecided(evidence: &DomainEvidence) -> BTreeSet<&'static str> {
    let facts = Case::new(evidence).facts;
    let mut left = BTreeSet::new();
    let failed = evidence.lookups.iter().filter(|(_, answer)| !answer.outcome.is_certain());
    let is_vouched_for = evidence.below("", RecordType::Soa).is_some_and(|soa| soa.authentic);
    for (question, _) in failed {
        left.extend(readers(evidence, question));
        // Each of its own names may be the one whose signature is wrong.
        if is_vouched_for && evidence.owns(&question.name) {
            left.insert("dnssec.bogus");
        }
    }
    if facts.tree.is_some_and(|tree| !tree.uncertain.is_empty()) {
        left.insert("spf.");
    }
    if left.contains("spf.") && !facts.receives {
        left.extend(ABOUT_SENDING);
    }
    let mut asked = evidence.servers.keys();
    if asked.any(|ip| is_intercepted(evidence, *ip)) || !silent_servers(evidence).is_empty() {
        left.extend(SAID_BY_SERVERS);
    }
    left.extend(unsaid(evidence));
    if evidence.mail_servers.values().any(|server| server.not_checkable.is_some()) {
        left.extend(SAID_BY_EXCHANGERS);
    }
    if matches!(evidence.policy, Some(PolicyFetch::NotCheckable(_))) {
        left.extend(SAID_BY_POLICY);
    }
    left
}

/// What name servers were asked beside the domain itself, and did not answer.
fn unsaid(evidence: &DomainEvidence) -> impl Iterator<Item = &'static str> {
    let serving = || evidence.servers.values().filter(|server| server.authoritative == Some(true));
    // One of them is asked for the zone.
    let transfer = serving().next().is_some() && serving().all(|server| server.transfer.is_none());
    let recursion = serving().any(|server| server.recursion.is_none());
    [(transfer, "ns.axfr-open"), (recursion, "ns.open-recursion")]
        .into_iter()
        .filter_map(|(is_open, id)| is_open.then_some(id))
}

/// The name servers that said nothing, so that only they know what they would have said. Where no server of one address
/// family was heard, the box has no way there (most have no IPv6): then a server counts that was heard at its other address.
pub(super) fn silent_servers(evidence: &DomainEvidence) -> Vec<IpAddr> {
    let is_heard = |ip: &IpAddr| evidence.servers.get(ip).is_some_and(|said| said.authoritative.is_some());
    let reaches = |v4: bool| evidence.servers.keys().any(|ip| ip.is_ipv4() == v4 && is_heard(ip));
    let hosts: Vec<Vec<IpAddr>> =
        evidence.name_servers().iter().map(|host| evidence.addresses(host)).collect();
    let is_heard_elsewhere = |ip: &IpAddr| {
        let mut of = hosts.iter().filter(|addresses| addresses.contains(ip)).peekable();
        of.peek().is_some() && of.all(|addresses| addresses.iter().any(is_heard))
    };
    let silent = evidence.servers.keys().filter(|ip| !is_heard(ip));
    silent.filter(|ip| reaches(ip.is_ipv4()) || !is_heard_elsewhere(ip)).copied().collect()
}

/// The findings that are read from the answer to a question.
fn readers(evidence: &DomainEvidence, question: &Question) -> Vec<&'static str> {
    let name = question.name.as_str();
    let label = name.strip_suffix(&evidence.domain).map(|before| before.strip_suffix('.').unwrap_or(before));
    match (question.kind, label) {
        (RecordType::Soa, Some("")) => vec![""],
        // The top level's shows whether the resolver checks signatures at all.
        (RecordType::Soa, _) => vec!["dnssec.bogus", "dnssec.no-ds", "dane.unsigned"],
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
        // Where the domain has a record of its own, those above only say whose house it belongs to.
        (RecordType::Txt, _) if name.starts_with("_dmarc.") => {
            let is_own = matches!(applying(evidence), Applying::Own(_));
            if is_own { OF_THE_HOUSE.to_vec() } else { vec!["dmarc.", "bimi.", "domain."] }
        }
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
        let mut owned = failing(&[("_dmarc.example", Txt)]);
        let own = Question::new("_dmarc.schule.example", Txt);
        owned.lookups.insert(own.clone(), Answer::found(vec!["v=DMARC1; p=reject".to_owned()]));
        assert_eq!(left(&owned), "dmarc.rua-unauthorised dmarc.sp-weaker");
        owned.lookups.insert(own, Answer::nothing(Outcome::TimedOut));
        assert_eq!(left(&owned), "bimi. dmarc. domain.");
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
        // No way to IPv6 at all: each server was heard at its other address, and no more can be had.
        let heard = || NameServer { authoritative: Some(true), ..NameServer::default() };
        let both = |servers: &[(&str, &str)], heard_at: &[&str]| {
            let mut evidence = failing(&[]);
            let hosts: BTreeSet<&str> = servers.iter().map(|(host, _)| *host).collect();
            let names = Answer::found(hosts.iter().map(|host| (*host).to_owned()).collect());
            evidence.lookups.insert(Question::new("schule.example", RecordType::Ns), names);
            for host in hosts {
                for (kind, sign) in [(RecordType::A, '.'), (RecordType::Aaaa, ':')] {
                    let of = servers.iter().filter(|(named, ip)| *named == host && ip.contains(sign));
                    let answer = Answer::found(of.map(|(_, ip)| (*ip).to_owned()).collect());
                    evidence.lookups.insert(Question::new(host, kind), answer);
                }
            }
            for (_, ip) in servers {
                let said = if heard_at.contains(ip) { heard() } else { NameServer::default() };
                evidence.servers.insert(ip.parse().unwrap(), said);
            }
            // What is open is told, and nothing else.
            let told = format!("{:?}", super::super::not_checkable(&evidence));
            let is_open = undecided(&evidence).contains("ns.lame");
            assert_eq!(servers.iter().any(|(_, ip)| told.contains(ip)), is_open, "{told}");
            is_open
        };
        let two = [("ns1.example", "93.184.2.1"), ("ns1.example", "2a00::1"), ("ns2.example", "93.184.3.1")];
        let dual = [&two[..], &[("ns2.example", "2a00::2")]].concat();
        assert!(!both(&dual, &["93.184.2.1", "93.184.3.1"]), "no IPv6 here");
        assert!(!both(&dual, &["2a00::1", "2a00::2"]), "no IPv4 here");
        assert!(both(&dual, &["93.184.2.1", "93.184.3.1", "2a00::1"]), "there is a way, and one is silent");
        assert!(both(&dual, &["93.184.2.1"]), "a server that was heard nowhere");
        let alone = [two[0], ("ns2.example", "2a00::2")];
        assert!(both(&alone, &["93.184.2.1"]), "a server that has IPv6 alone");
        assert!(!both(&two, &["93.184.2.1", "93.184.3.1"]));
        assert!(both(&dual, &[]));
        // It serves the domain, and the rest of what it was asked was lost.
        let answering = |transfer, recursion| {
            let mut evidence = failing(&[]);
            let said = NameServer { authoritative: Some(true), transfer, recursion, ..NameServer::default() };
            evidence.servers.insert("93.184.2.1".parse().unwrap(), said);
            left(&evidence)
        };
        assert_eq!(answering(Some(false), Some(false)), "");
        assert_eq!(answering(None, Some(false)), "ns.axfr-open");
        assert_eq!(answering(Some(false), None), "ns.open-recursion");
        let blocked = MailServer { not_checkable: Some("no route".to_owned()), ..MailServer::default() };
        let mut evidence = failing(&[]);
        evidence.mail_servers.insert("mx.example".to_owned(), blocked);
        assert_eq!(left(&evidence), "dane.mismatch smtp.");
        let mut evidence = failing(&[]);
        evidence.policy = Some(PolicyFetch::NotCheckable("no route".to_owned()));
        assert_eq!(left(&evidence), "mta_sts.mx-not-listed mta_sts.policy-unreachable");
    }
}
