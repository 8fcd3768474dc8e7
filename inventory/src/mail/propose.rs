//! Proposals: the exact record to add or change, built from what is known and judged before it is offered.

mod dmarc;
mod spf;

use super::evidence::DomainEvidence;
use super::judge::{Context, Facts, MailFinding, ids};
use super::lookup::{Answer, Outcome, Question, RecordType};
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;

/// What to change in the DNS, and what to ask where the records alone do not do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Records to take out.
    pub remove: Vec<ZoneRecord>,
    /// Records to put in.
    pub add: Vec<ZoneRecord>,
    /// A question to settle first, by its id in the catalogue of questions.
    pub question: Option<&'static str>,
    /// Who runs the domain's mail, as far as its MX tells: the one to ask.
    pub provider: Option<&'static str>,
}

/// One record in full, shown in the notation of zone files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneRecord {
    /// The name without a trailing dot.
    pub name: String,
    /// The type.
    pub kind: RecordType,
    /// The value in the form of [`Answer::records`].
    pub value: String,
}

impl ZoneRecord {
    pub(super) fn new(name: &str, kind: RecordType, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), kind, value: value.into() }
    }
}

impl fmt::Display for ZoneRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.name, self.kind.name())?;
        match self.kind {
            RecordType::Txt => {
                // One string of a TXT record holds 255 octets at most (RFC 1035 section 3.3).
                let escaped = self.value.replace('\\', "\\\\").replace('"', "\\\"");
                let chars: Vec<char> = escaped.chars().collect();
                chars.chunks(200).try_for_each(|part| write!(f, " \"{}\"", part.iter().collect::<String>()))
            }
            RecordType::Mx if self.value.ends_with(" .") => write!(f, " {}", self.value),
            RecordType::Mx | RecordType::Ns | RecordType::Cname => write!(f, " {}.", self.value),
            _ => write!(f, " {}", self.value),
        }
    }
}

impl Serialize for ZoneRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A mail provider that is known by the names of its mail exchangers.
struct Provider {
    name: &'static str,
    /// The end of the names of its mail exchangers.
    exchangers: &'static str,
    /// What it asks its customers to write into their SPF record.
    term: &'static str,
}

/// Providers whose term is documented publicly.
const PROVIDERS: &[Provider] = &[
    Provider {
        name: "Microsoft 365",
        exchangers: ".protection.outlook.com",
        term: "include:spf.protection.outlook.com",
    },
    Provider { name: "Google Workspace", exchangers: ".google.com", term: "include:_spf.google.com" },
    Provider { name: "Google Workspace", exchangers: ".googlemail.com", term: "include:_spf.google.com" },
    Provider { name: "Proton", exchangers: ".protonmail.ch", term: "include:_spf.protonmail.ch" },
    Provider {
        name: "Fastmail",
        exchangers: ".messagingengine.com",
        term: "include:spf.messagingengine.com",
    },
    Provider { name: "mailbox.org", exchangers: ".mailbox.org", term: "include:mailbox.org" },
];

fn provider(evidence: &DomainEvidence) -> Option<&'static Provider> {
    let hosts = evidence.mail_hosts();
    PROVIDERS.iter().find(|known| hosts.iter().any(|host| host.ends_with(known.exchangers)))
}

/// Questions that a new SPF record will need answered before it can be tried: for a domain that has none, or several.
#[must_use]
pub(super) fn needs(evidence: &DomainEvidence) -> Vec<Question> {
    let text = match evidence.spf_records().as_slice() {
        [] => spf::fresh(evidence),
        [_] => return Vec::new(),
        several => spf::merged(several),
    };
    super::spf::tree(evidence, &evidence.domain, &text).needs
}

/// The proposal for a finding: only where it was judged to close the finding and to raise no other.
pub(super) fn proposal(
    finding: &MailFinding,
    evidence: &DomainEvidence,
    facts: &Facts,
    context: &Context,
    before: &BTreeSet<&str>,
) -> Option<Proposal> {
    let draft = Draft { finding, evidence, facts, context };
    let mut proposal = draft.draft()?;
    proposal.provider = provider(evidence).map(|known| known.name);
    let left = ids(&applied(evidence, &proposal));
    let fact = |id: &str| matches!(id, "mx.null" | "domain.parked" | "dmarc.inherited" | "mx.no-ipv6");
    let fine = left.iter().all(|&id| id != finding.id && (before.contains(id) || fact(id)));
    fine.then_some(proposal)
}

/// The evidence as it would be after the change.
fn applied(evidence: &DomainEvidence, proposal: &Proposal) -> DomainEvidence {
    let mut after = evidence.clone();
    for record in &proposal.remove {
        let question = Question::new(&record.name, record.kind);
        if let Some(answer) = after.lookups.get_mut(&question) {
            answer.records.retain(|value| *value != record.value);
            if record.kind == RecordType::Cname {
                let address = Question::new(&record.name, RecordType::A);
                after.lookups.insert(address, Answer::nothing(Outcome::NoName));
            }
        }
        if let Some(answer) = after.lookups.get_mut(&question).filter(|answer| answer.records.is_empty()) {
            answer.outcome = Outcome::NoRecords;
        }
    }
    for record in &proposal.add {
        let question = Question::new(&record.name, record.kind);
        let answer = after.lookups.entry(question).or_insert_with(|| Answer::nothing(Outcome::Found));
        answer.outcome = Outcome::Found;
        answer.aliases.clear();
        answer.records.push(record.value.clone());
    }
    after
}

/// What a draft is made from.
struct Draft<'a> {
    finding: &'a MailFinding,
    evidence: &'a DomainEvidence,
    facts: &'a Facts,
    context: &'a Context,
}

impl Draft<'_> {
    fn draft(&self) -> Option<Proposal> {
        match self.finding.id {
            "domain.parked-incomplete" => Some(self.park()),
            "mx.missing" if !self.facts.sends => Some(self.park()),
            "mx.null-with-others" => Some(self.without(RecordType::Mx, |value| value.ends_with(" ."))),
            "mx.unresolvable" => Some(self.without(RecordType::Mx, |value| self.has_no_address(value))),
            "mx.cname" => self.canonical(RecordType::Mx),
            "ns.cname" => self.canonical(RecordType::Ns),
            "ns.unresolvable" => Some(self.without(RecordType::Ns, |value| self.has_no_address(value))),
            "dns.dangling-cname" => Some(self.without_aliases()),
            "dkim.testing" | "dkim.sha1-only" => Some(self.keys_without()),
            "tls_rpt.missing" | "tls_rpt.syntax" | "tls_rpt.multiple" => self.reports(),
            "mta_sts.syntax" | "mta_sts.multiple" => self.announcement(),
            id if id.starts_with("spf.") => self.sender_policy(),
            id if id.starts_with("dmarc.") || id == "bimi.dmarc-not-enforced" => self.dmarc(),
            _ => None,
        }
    }

    /// All three marks of a domain without mail.
    fn park(&self) -> Proposal {
        let domain = &self.evidence.domain;
        let mut proposal = Proposal::default();
        if !self.facts.null_mx {
            proposal.add.push(ZoneRecord::new(domain, RecordType::Mx, "0 ."));
        }
        for text in self.evidence.spf_records() {
            proposal.remove.push(ZoneRecord::new(domain, RecordType::Txt, text));
        }
        proposal.add.push(ZoneRecord::new(domain, RecordType::Txt, "v=spf1 -all"));
        let name = format!("_dmarc.{domain}");
        proposal.remove.extend(self.texts(&name, "DMARC1"));
        proposal.add.push(ZoneRecord::new(&name, RecordType::Txt, "v=DMARC1; p=reject;"));
        proposal.question = Some("no-mail");
        proposal
    }

    /// Takes out the records of the domain that the filter names.
    fn without(&self, kind: RecordType, filter: impl Fn(&str) -> bool) -> Proposal {
        let domain = &self.evidence.domain;
        let records = self.evidence.below("", kind).map(|answer| answer.records.clone()).unwrap_or_default();
        let remove = records
            .into_iter()
            .filter(|value| filter(value))
            .map(|value| ZoneRecord::new(domain, kind, value));
        Proposal { remove: remove.collect(), ..Proposal::default() }
    }

    fn has_no_address(&self, value: &str) -> bool {
        let host = value.rsplit(' ').next().unwrap_or(value);
        [RecordType::A, RecordType::Aaaa].into_iter().all(|kind| {
            self.evidence.certain(host, kind).is_some_and(|answer| answer.outcome != Outcome::Found)
        })
    }

    /// Puts the real name in the place of an alias.
    fn canonical(&self, kind: RecordType) -> Option<Proposal> {
        let domain = &self.evidence.domain;
        let mut proposal = Proposal::default();
        let records = self.evidence.below("", kind)?.records.clone();
        for value in &records {
            let (before, host) = value.rsplit_once(' ').map_or(("", value.as_str()), |(p, host)| (p, host));
            let alias = self.evidence.certain(host, RecordType::A).and_then(|answer| answer.aliases.last());
            let Some(target) = alias else { continue };
            proposal.remove.push(ZoneRecord::new(domain, kind, value.clone()));
            let better = if before.is_empty() { target.clone() } else { format!("{before} {target}") };
            if !records.contains(&better) {
                proposal.add.push(ZoneRecord::new(domain, kind, better));
            }
        }
        Some(proposal)
    }

    fn without_aliases(&self) -> Proposal {
        let mut proposal = Proposal::default();
        for host in &self.evidence.hosts {
            let name = format!("{host}.{}", self.evidence.domain);
            let Some(alias) = self.evidence.certain(&name, RecordType::Cname) else { continue };
            let dead =
                self.evidence.certain(&name, RecordType::A).is_some_and(|a| a.outcome == Outcome::NoName);
            if dead {
                let values =
                    alias.records.iter().map(|value| ZoneRecord::new(&name, RecordType::Cname, value));
                proposal.remove.extend(values);
            }
        }
        proposal
    }

    /// The same keys without the flag that spoils them; the key itself is never touched.
    fn keys_without(&self) -> Proposal {
        let mut proposal = Proposal::default();
        for selector in self.evidence.selectors.iter().chain(&self.evidence.known_selectors) {
            let name = format!("{selector}._domainkey.{}", self.evidence.domain);
            let Some(answer) = self.evidence.certain(&name, RecordType::Txt) else { continue };
            let [text] = answer.records.as_slice() else { continue };
            let spoiled = |part: &&str| {
                let part = part.trim().to_ascii_lowercase().replace(' ', "");
                !matches!(part.as_str(), "t=y" | "t=y:s" | "t=s:y" | "h=sha1")
            };
            let better = text.split(';').filter(spoiled).map(str::trim).collect::<Vec<_>>().join("; ");
            if better != *text && answer.aliases.is_empty() {
                proposal.remove.push(ZoneRecord::new(&name, RecordType::Txt, text.clone()));
                proposal.add.push(ZoneRecord::new(&name, RecordType::Txt, better));
            }
        }
        proposal
    }

    fn reports(&self) -> Option<Proposal> {
        let name = format!("_smtp._tls.{}", self.evidence.domain);
        let address = self.report_address()?;
        Some(Proposal {
            remove: self.texts(&name, "TLSRPTv1"),
            add: vec![ZoneRecord::new(&name, RecordType::Txt, format!("v=TLSRPTv1; rua=mailto:{address}"))],
            ..Proposal::default()
        })
    }

    /// The announcement of the policy with the zone's serial as its id: new whenever the zone is.
    fn announcement(&self) -> Option<Proposal> {
        let name = format!("_mta-sts.{}", self.evidence.domain);
        let serial = self.evidence.below("", RecordType::Soa)?.serial()?;
        Some(Proposal {
            remove: self.texts(&name, "STSv1"),
            add: vec![ZoneRecord::new(&name, RecordType::Txt, format!("v=STSv1; id={serial}"))],
            ..Proposal::default()
        })
    }

    /// Where reports may go: the Träger's address, else one at the domain, if it receives mail at all.
    fn report_address(&self) -> Option<String> {
        let own = || self.facts.receives.then(|| format!("dmarc@{}", self.evidence.domain));
        self.context.report_address.clone().or_else(own)
    }

    /// The TXT records of a name that announce a version.
    fn texts(&self, name: &str, version: &str) -> Vec<ZoneRecord> {
        let answer = self.evidence.certain(name, RecordType::Txt);
        answer
            .into_iter()
            .flat_map(|answer| &answer.records)
            .filter(|text| super::tags::announces(text, version))
            .map(|text| ZoneRecord::new(name, RecordType::Txt, text.clone()))
            .collect()
    }
}
