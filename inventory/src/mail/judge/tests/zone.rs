//! A DNS in memory, with the servers behind it.

use crate::mail::dkim::tests::published;
use crate::mail::evidence::{DomainEvidence, MailServer, NameServer, PolicyFetch};
use crate::mail::judge::{Context, MailFinding, judge};
use crate::mail::lookup::{Answer, Outcome, Question, RecordType};
use crate::mail::plan::{self, Limits};
use std::net::IpAddr;

pub(super) const DOMAIN: &str = "schule.example";
const LIMITS: Limits = Limits { connect: true, ask_servers: true, loopback: false };

/// A DNS in memory: name, type, value.
#[derive(Clone)]
pub(super) struct Zone {
    pub(super) records: Vec<(String, RecordType, String)>,
    /// Names below which every question ends in SERVFAIL.
    pub(super) broken: Vec<String>,
    /// Addresses of name servers that do not serve the domain.
    pub(super) lame: Vec<IpAddr>,
    /// What a name server says that is in order.
    pub(super) server: NameServer,
    /// What every mail exchanger says.
    pub(super) greeting: MailServer,
    /// The file at the policy host.
    pub(super) policy: PolicyFetch,
    /// Names below which the resolver vouches for every answer.
    pub(super) signed: Vec<String>,
    /// What is known besides the DNS.
    pub(super) context: Context,
}

impl Zone {
    /// A domain without any fault.
    pub(super) fn good() -> Self {
        let mut zone = Self {
            records: Vec::new(),
            broken: Vec::new(),
            lame: Vec::new(),
            server: NameServer {
                authoritative: Some(true),
                serial: Some(2026),
                transfer: Some(false),
                ..NameServer::default()
            },
            greeting: MailServer {
                starttls: Some(true),
                tls_version: Some("TLSv1.3".to_owned()),
                ..MailServer::default()
            },
            policy: PolicyFetch::Failed("no answer".to_owned()),
            signed: Vec::new(),
            context: Context {
                report_address: Some("berichte@traeger.example".to_owned()),
                ..Context::default()
            },
        };
        let key = format!("v=DKIM1; k=rsa; p={}", published(256));
        for line in [
            "example SOA a.nic.example h.nic.example 1 2 3 4 5",
            "schule.example SOA ns1.dns.example h.dns.example 2026 2 3 4 5",
            "schule.example NS ns1.dns.example",
            "schule.example NS ns2.dns.example",
            "schule.example A 93.184.1.1",
            "schule.example MX 10 mx.post.example",
            "schule.example TXT v=spf1 include:_spf.post.example -all",
            "_dmarc.schule.example TXT v=DMARC1; p=reject; rua=mailto:dmarc@schule.example",
            "ns1.dns.example A 93.184.2.1",
            "ns2.dns.example A 93.184.3.1",
            "mx.post.example A 93.184.4.1",
            "mx.post.example AAAA 2a00::1",
            "_spf.post.example TXT v=spf1 ip4:93.184.4.0/28 ip6:2a00::/48 -all",
            "1.4.184.93.in-addr.arpa PTR mx.post.example",
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.a.2.ip6.arpa PTR mx.post.example",
        ] {
            zone.add(line);
        }
        zone.add(&format!("selector1._domainkey.schule.example TXT {key}"));
        zone
    }

    pub(super) fn add(&mut self, line: &str) {
        let mut parts = line.splitn(3, ' ');
        let (name, kind, value) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        self.records.push((name.to_owned(), kind.parse().unwrap(), value.to_owned()));
    }

    pub(super) fn remove(&mut self, prefix: &str) {
        let before = self.records.len();
        self.records
            .retain(|(name, kind, value)| !format!("{name} {} {value}", kind.name()).starts_with(prefix));
        assert_ne!(self.records.len(), before, "nothing begins with {prefix}");
    }

    /// What a resolver says.
    pub(super) fn answer(&self, question: &Question) -> Answer {
        let mut name = question.name.clone();
        let mut aliases = Vec::new();
        loop {
            let below = |broken: &String| name == *broken || name.ends_with(&format!(".{broken}"));
            if self.broken.iter().any(below) {
                return Answer::nothing(Outcome::ServerFailure);
            }
            let exists = |name: &str| {
                let below = format!(".{name}");
                self.records.iter().any(|(known, ..)| known == name || known.ends_with(&below))
            };
            // A wildcard stands for whatever is missing below the nearest name that exists (RFC 4592 section 3.3.1).
            let parents = name.match_indices('.').map(|(dot, _)| &name[dot + 1..]);
            let nearest = parents.into_iter().find(|parent| exists(parent)).unwrap_or_default();
            let owner = if exists(&name) { name.clone() } else { format!("*.{nearest}") };
            let of = |kind: RecordType| -> Vec<String> {
                let here = self.records.iter().filter(|(known, found, _)| *known == owner && *found == kind);
                here.map(|(.., value)| value.clone()).collect()
            };
            let records = of(question.kind);
            let alias = of(RecordType::Cname).first().cloned().filter(|_| question.kind != RecordType::Cname);
            if let Some(target) = alias.filter(|_| aliases.len() < 8) {
                aliases.push(target.clone());
                name = target;
                continue;
            }
            let outcome = if !records.is_empty() {
                Outcome::Found
            } else if exists(&owner) {
                Outcome::NoRecords
            } else {
                Outcome::NoName
            };
            let signed = |zone: &String| question.name.ends_with(zone.as_str());
            let chain = of_name(&self.records, DOMAIN, RecordType::Ds) && question.name.ends_with(DOMAIN);
            let authentic = chain || self.signed.iter().any(signed);
            return Answer { outcome, authentic, aliases, records };
        }
    }

    pub(super) fn evidence(&self) -> DomainEvidence {
        let mut evidence = DomainEvidence::new(DOMAIN, "rg-nobody");
        evidence.selectors = ["selector1", "selector2"].map(str::to_owned).to_vec();
        evidence.hosts = ["www", "moodle"].map(str::to_owned).to_vec();
        evidence.known_senders.clone_from(&self.context.known_senders);
        self.gather(&mut evidence);
        evidence
    }

    pub(super) fn gather(&self, evidence: &mut DomainEvidence) {
        let rounds = plan::gather(evidence, LIMITS, |evidence, wanted| {
            for (question, _) in wanted.questions {
                let answer = self.answer(&question);
                evidence.lookups.insert(question, answer);
            }
            for ip in wanted.servers {
                let denies = NameServer {
                    authoritative: Some(false),
                    said: "REFUSED".to_owned(),
                    ..NameServer::default()
                };
                let server = if self.lame.contains(&ip) { denies } else { self.server.clone() };
                evidence.servers.insert(ip, server);
            }
            for (host, _) in wanted.mail_servers {
                evidence.mail_servers.insert(host, self.greeting.clone());
            }
            if wanted.policy.is_some() {
                evidence.policy = Some(self.policy.clone());
            }
            if let Some(ip) = wanted.transfer {
                evidence.servers.get_mut(&ip).unwrap().transfer = self.server.transfer;
            }
        });
        assert!(rounds <= plan::MOST_ROUNDS, "the plan has no end");
    }

    pub(super) fn judged(&self) -> Vec<MailFinding> {
        judge(&self.evidence(), &self.context)
    }
}

fn of_name(records: &[(String, RecordType, String)], name: &str, kind: RecordType) -> bool {
    records.iter().any(|(known, found, _)| known == name && *found == kind)
}
