//! Everything that was gathered about one domain: raw look-ups and what servers themselves said. Judgement needs
//! nothing else, so a better rule can judge old evidence again.

use super::lookup::{Answer, Lookups, Outcome, Question, RecordType, is_askable, is_or_below};
use super::propose::providers;
use super::spf;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The raw evidence of one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainEvidence {
    /// The domain in lower case, A-labels, no trailing dot.
    pub domain: String,
    /// A label that nobody has set up; what answers for it answers for everything (wildcards).
    pub canary: String,
    /// The DKIM selectors to ask for.
    pub selectors: Vec<String>,
    /// Those among them that the school's register names.
    pub known_selectors: Vec<String>,
    /// SPF terms of senders that the school's register names: what they lead to is looked up for proposals.
    #[serde(default)]
    pub known_senders: Vec<String>,
    /// Names of hosts that schools often have, to find aliases that lead nowhere.
    pub hosts: Vec<String>,
    /// Every look-up.
    #[serde(with = "rows")]
    pub lookups: BTreeMap<Question, Answer>,
    /// What each name server said when asked itself, by address.
    pub servers: BTreeMap<IpAddr, NameServer>,
    /// What came of fetching the MTA-STS policy; none where it was not tried.
    pub policy: Option<PolicyFetch>,
    /// What each mail exchanger said, by its name.
    pub mail_servers: BTreeMap<String, MailServer>,
}

/// What a name server said when it was asked itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameServer {
    /// Whether it answered with authority for the domain; none where it did not answer at all.
    pub authoritative: Option<bool>,
    /// Its answer in a few words.
    pub said: String,
    /// The serial of its copy of the zone.
    pub serial: Option<u32>,
    /// Whether it looks up names of strangers for anyone; none where that is not known.
    pub recursion: Option<bool>,
    /// Whether it hands out the whole zone; none where it was not tried.
    pub transfer: Option<bool>,
}

/// What came of fetching the MTA-STS policy (RFC 8461 section 3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyFetch {
    /// The text of the policy.
    Fetched(String),
    /// The server answered, but not with a policy: status, redirect, certificate. The text says what.
    Failed(String),
    /// No connection could be made, for a reason that may lie on our side.
    NotCheckable(String),
}

/// What a mail exchanger said on port 25.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailServer {
    /// Why nothing can be said about it, where that is so (port 25 is often blocked on the way out).
    pub not_checkable: Option<String>,
    /// Whether it offers STARTTLS (RFC 3207).
    pub starttls: Option<bool>,
    /// The TLS version agreed on, such as `TLSv1.3`.
    pub tls_version: Option<String>,
    /// The certificates it showed, its own first.
    pub chain: Vec<Certificate>,
    /// The organisation that issued its certificate.
    #[serde(default)]
    pub issuer: Option<String>,
    /// Why the certificate is not valid for the name, where it is not: expired, wrong name, unknown issuer.
    pub certificate_fault: Option<String>,
}

/// One certificate, as far as DANE needs it (RFC 6698): digests in lower-case hex.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// SHA-256 of the whole certificate.
    pub sha256: String,
    /// SHA-512 of the whole certificate.
    pub sha512: String,
    /// SHA-256 of the public key.
    pub key_sha256: String,
    /// SHA-512 of the public key.
    pub key_sha512: String,
}

impl Lookups for DomainEvidence {
    fn answer(&self, question: &Question) -> Option<&Answer> {
        self.lookups.get(question)
    }
}

impl DomainEvidence {
    /// Nothing gathered yet. `canary` is a fresh random label.
    #[must_use]
    pub fn new(domain: &str, canary: &str) -> Self {
        Self { domain: domain.to_owned(), canary: canary.to_owned(), ..Self::default() }
    }

    /// The answer about a name of the domain: `below("_dmarc")`, or the domain itself for an empty text.
    #[must_use]
    pub fn below(&self, label: &str, kind: RecordType) -> Option<&Answer> {
        self.lookups.get(&self.question(label, kind))
    }

    /// A question about a name of the domain.
    #[must_use]
    pub fn question(&self, label: &str, kind: RecordType) -> Question {
        if label.is_empty() {
            Question { name: self.domain.clone(), kind }
        } else {
            Question::new(&format!("{label}.{}", self.domain), kind)
        }
    }

    /// The answer to a question that was answered for certain: yes, or certainly no.
    #[must_use]
    pub fn certain(&self, name: &str, kind: RecordType) -> Option<&Answer> {
        self.lookups.get(&Question::new(name, kind)).filter(|answer| answer.outcome.is_certain())
    }

    /// The mail exchangers in order of preference; an empty name is the null MX.
    #[must_use]
    pub fn exchangers(&self) -> Vec<(u16, String)> {
        let mut found: Vec<(u16, String)> = self
            .below("", RecordType::Mx)
            .map(|answer| {
                answer.exchangers().map(|(preference, host)| (preference, host.to_owned())).collect()
            })
            .unwrap_or_default();
        found.sort();
        found
    }

    /// The names of real mail exchangers: no null MX, no addresses in the place of names; at most 20.
    #[must_use]
    pub fn mail_hosts(&self) -> Vec<String> {
        let mut hosts: Vec<String> = Vec::new();
        for (_, host) in self.exchangers() {
            if is_askable(&host) && host.parse::<IpAddr>().is_err() && !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        hosts.truncate(20);
        hosts
    }

    /// The registered domain of the first mail exchanger: who takes the mail.
    #[must_use]
    pub fn mail_domain(&self) -> Option<String> {
        let host = self.mail_hosts().into_iter().next()?;
        Some(psl::domain_str(&host).unwrap_or(&host).to_owned())
    }

    /// The name servers, at most 13.
    #[must_use]
    pub fn name_servers(&self) -> Vec<String> {
        let mut hosts: Vec<String> =
            self.below("", RecordType::Ns).map(|answer| answer.records.clone()).unwrap_or_default();
        hosts.sort();
        hosts.truncate(13);
        hosts
    }

    /// The addresses of a host in both families, as far as they are known.
    #[must_use]
    pub fn addresses(&self, host: &str) -> Vec<IpAddr> {
        [RecordType::A, RecordType::Aaaa]
            .into_iter()
            .filter_map(|kind| self.lookups.get(&Question::new(host, kind)))
            .flat_map(|answer| answer.addresses().collect::<Vec<_>>())
            .collect()
    }

    /// The SPF records of the domain.
    #[must_use]
    pub fn spf_records(&self) -> Vec<&str> {
        self.below("", RecordType::Txt)
            .map(|answer| {
                answer.records.iter().map(String::as_str).filter(|text| spf::is_record(text)).collect()
            })
            .unwrap_or_default()
    }

    /// Whether a name that nobody set up gets an answer, and of which types.
    #[must_use]
    pub fn wildcards(&self) -> Vec<RecordType> {
        [RecordType::A, RecordType::Aaaa, RecordType::Mx, RecordType::Txt, RecordType::Cname]
            .into_iter()
            .filter(|&kind| {
                let wanted = if kind == RecordType::Cname { RecordType::A } else { kind };
                self.below(&self.canary, wanted).is_some_and(|answer| match kind {
                    RecordType::Cname => !answer.aliases.is_empty(),
                    _ => answer.outcome == Outcome::Found && answer.aliases.is_empty(),
                })
            })
            .collect()
    }

    /// Whether the domain itself was answered for: where it was not, nothing can be said, and nothing is over.
    #[must_use]
    pub fn is_conclusive(&self) -> bool {
        let blind = |outcome| matches!(outcome, Outcome::TimedOut | Outcome::Refused | Outcome::Unreadable);
        self.below("", RecordType::Soa).is_some_and(|answer| !blind(answer.outcome))
    }

    /// Every selector that was asked for: the usual ones, those that the register names, and those that the mail
    /// provider documents.
    #[must_use]
    pub fn every_selector(&self) -> Vec<&str> {
        let mut every: Vec<&str> = self.selectors.iter().map(String::as_str).collect();
        every.extend(self.known_selectors.iter().map(String::as_str));
        if let Some(known) = providers::provider(self) {
            for selector in known.selectors() {
                every.push(selector);
            }
        }
        let mut seen = BTreeSet::new();
        every.retain(|selector| seen.insert(*selector));
        every
    }

    /// A question about a name beside the domain that nobody can know beforehand, so that only the servers of the name above
    /// can answer it, and no cache. None for a top level.
    pub(super) fn beside(&self) -> Option<Question> {
        let parent = *self.parents().first()?;
        Some(Question::new(&format!("{}.{parent}", self.canary), RecordType::Soa))
    }

    /// Whether a name is the domain or one below it.
    pub(super) fn owns(&self, name: &str) -> bool {
        is_or_below(name, &self.domain)
    }

    /// The parents of the domain, the nearest first, the top level last.
    #[must_use]
    pub fn parents(&self) -> Vec<&str> {
        let mut parents = Vec::new();
        let mut rest = self.domain.as_str();
        while let Some((_, parent)) = rest.split_once('.') {
            parents.push(parent);
            rest = parent;
        }
        parents
    }
}

/// The address that stands where the name of a mail exchanger belongs: bare, in brackets as in a mail address (RFC 5321
/// section 4.1.3), or without the final dot, so that the zone's own name was added to it.
pub(super) fn literal(host: &str, domain: &str) -> Option<IpAddr> {
    let short = host.strip_suffix(domain).and_then(|host| host.strip_suffix('.'));
    [Some(host), short].into_iter().flatten().find_map(|text| {
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        bare.parse().ok()
    })
}

/// Look-ups as a list of rows: JSON has no keys that are more than text.
mod rows {
    use super::{Answer, BTreeMap, Question, RecordType};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Row<A> {
        name: String,
        kind: RecordType,
        #[serde(flatten)]
        answer: A,
    }

    pub(super) fn serialize<S: Serializer>(
        lookups: &BTreeMap<Question, Answer>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(lookups.iter().map(|(question, answer)| Row {
            name: question.name.clone(),
            kind: question.kind,
            answer,
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Question, Answer>, D::Error> {
        let rows: Vec<Row<Answer>> = Vec::deserialize(deserializer)?;
        Ok(rows.into_iter().map(|row| (Question { name: row.name, kind: row.kind }, row.answer)).collect())
    }
}
