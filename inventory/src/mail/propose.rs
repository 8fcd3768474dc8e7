//! Proposals: the exact record to add or change, built from what is known and judged before it is offered.

mod applied;
mod dmarc;
mod exchangers;
mod keys;
mod masked;
pub(super) mod providers;
mod requests;
mod senders;
mod spf;
mod tag_list;
mod transport;

use super::catalogue::{BASELINE, Language};
use super::evidence::{DomainEvidence, literal};
use super::judge::{Context, Facts, MailFinding, ids};
use super::lookup::{Outcome, Question, RecordType, reverse_name};
use super::wording::{Request, question};
use applied::applied;
use providers::provider;
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
    /// Records that are needed but whose values only somebody else knows: name and type.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wanted: Vec<String>,
    /// A file to be put on a web server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PolicyFile>,
    /// Requests that are ready to be sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ask: Vec<Request>,
    /// A question to settle first, by its id in the data file of words.
    pub question: Option<&'static str>,
    /// Who runs the domain's mail, as far as its MX tells: the one to ask.
    pub provider: Option<&'static str>,
}

impl Proposal {
    /// Whether it changes anything by itself; otherwise it only asks.
    #[must_use]
    pub const fn changes(&self) -> bool {
        !self.remove.is_empty() || !self.add.is_empty() || self.file.is_some()
    }

    /// The proposal with its requests and its question in words, for outputs that speak one language.
    #[must_use]
    pub fn told(&self, language: Language) -> serde_json::Value {
        let lines = |records: &[ZoneRecord]| records.iter().map(ToString::to_string).collect::<Vec<_>>();
        let ask = self
            .ask
            .iter()
            .map(|request| serde_json::json!({ "to": request.to(language), "text": request.text(language) }));
        serde_json::json!({
            "remove": lines(&self.remove),
            "add": lines(&self.add),
            "wanted": self.wanted,
            "file": self.file,
            "ask": ask.collect::<Vec<_>>(),
            "question": self.question.and_then(|id| question(id, language)),
            "provider": self.provider,
        })
    }
}

/// A policy file of MTA-STS (RFC 8461 section 3.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyFile {
    /// Where it is to be served.
    pub url: String,
    /// Its text.
    pub text: String,
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
            RecordType::Mx | RecordType::Ns | RecordType::Cname | RecordType::Ptr => {
                write!(f, " {}.", self.value)
            }
            _ => write!(f, " {}", self.value),
        }
    }
}

impl Serialize for ZoneRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Questions that proposals will need answered before they can be judged.
#[must_use]
pub(super) fn needs(evidence: &DomainEvidence) -> Vec<Question> {
    let mut needs = match evidence.spf_records().as_slice() {
        [] => sender_needs(evidence, &spf::fresh(evidence)),
        [_] => Vec::new(),
        several => sender_needs(evidence, &spf::merged(several)),
    };
    for term in &evidence.known_senders {
        needs.extend(sender_needs(evidence, &format!("v=spf1 {term} -all")));
    }
    let without = |label: &str, kind| {
        evidence.below(label, kind).is_some_and(|a| matches!(a.outcome, Outcome::NoRecords | Outcome::NoName))
    };
    if let Some(known) = provider(evidence) {
        if without("", RecordType::Mx) {
            let hosts = known.exchangers.iter().map(|(_, host)| host);
            needs.extend(hosts.map(|host| Question::new(host, RecordType::A)));
        }
        let signs = |selector| {
            evidence
                .below(&format!("{selector}._domainkey"), RecordType::Txt)
                .is_some_and(|answer| answer.outcome == Outcome::Found)
        };
        if without("_domainkey", RecordType::Txt) && !known.selectors().any(signs) {
            let targets = known.targets(&evidence.domain);
            needs.extend(targets.map(|(_, target)| Question::new(&target, RecordType::Txt)));
        }
    }
    // The name behind an address that stands in the place of a mail exchanger's name.
    for ip in
        evidence.exchangers().into_iter().filter_map(|(_, host)| literal(&host, &evidence.domain)).take(4)
    {
        let question = Question::new(&reverse_name(ip), RecordType::Ptr);
        let names = evidence.lookups.get(&question).map(|answer| answer.records.clone()).unwrap_or_default();
        let kind = if ip.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
        needs.extend(names.iter().take(2).map(|name| Question::new(name, kind)));
        needs.push(question);
    }
    needs
}

fn sender_needs(evidence: &DomainEvidence, text: &str) -> Vec<Question> {
    super::spf::tree(evidence, &evidence.domain, text).needs
}

/// The proposal for a finding: exact changes only where they were judged to close the finding and to raise no other;
/// else a request that is ready to be sent.
pub(super) fn proposal(
    finding: &MailFinding,
    evidence: &DomainEvidence,
    facts: &Facts,
    context: &Context,
    before: &BTreeSet<&str>,
) -> Option<Proposal> {
    let draft = Draft { finding, evidence, facts, context };
    let closes = |proposal: &Proposal| {
        let left = ids(&applied(evidence, proposal));
        let asked = |asks: &str| proposal.ask.iter().any(|request| request.asks == asks);
        // What is true of nearly every domain that gets mail comes with the first mail exchanger.
        let fact = |id: &str| {
            matches!(id, "mx.null" | "domain.parked" | "dmarc.inherited" | "mx.no-ipv6")
                || BASELINE.contains(&id)
        };
        // A record is worth having before somebody has said where its reports go.
        let fact = |id: &str| fact(id) || (id == "dmarc.rua-missing" && asked("report-address"));
        left.iter().all(|&id| id != finding.id && (before.contains(id) || fact(id)))
    };
    let exact = draft.exact().into_iter().filter(|proposal| proposal.changes() && closes(proposal));
    let exact = exact.filter_map(|proposal| draft.without_mask(proposal)).next();
    let mut proposal = exact.or_else(|| draft.request())?;
    proposal.ask.iter_mut().for_each(masked::without_mask_in);
    proposal.provider = draft.provider_name();
    for request in proposal.ask.iter_mut().filter(|request| request.party == "mail-provider") {
        request.name = proposal.provider;
    }
    Some(proposal)
}

/// What a draft is made from.
struct Draft<'a> {
    finding: &'a MailFinding,
    evidence: &'a DomainEvidence,
    facts: &'a Facts,
    context: &'a Context,
}

impl Draft<'_> {
    /// Exact changes, the best first.
    fn exact(&self) -> Vec<Proposal> {
        let one: Option<Proposal> = match self.finding.id {
            // Who sends needs no mail exchanger: a domain with known senders is not parked.
            "domain.parked-incomplete" => (!self.has_known_senders()).then(|| self.park()),
            // Several records list senders as well, though none of them counts.
            "mx.missing" if !self.facts.sends => {
                let is_silent = self.former_networks().is_empty() && !self.has_known_senders();
                is_silent.then(|| self.park())
            }
            "mx.missing" => self.exchangers_of_provider(),
            "mx.null-with-others" => Some(self.without(RecordType::Mx, |value| value.ends_with(" ."))),
            "mx.unresolvable" => Some(self.without(RecordType::Mx, |value| self.has_no_address(value))),
            "mx.private-address" => Some(self.without(RecordType::Mx, |value| self.is_internal(value))),
            "mx.ip-literal" => Some(self.named()),
            "mx.cname" => self.canonical(RecordType::Mx),
            "mx.ptr-missing" | "mx.fcrdns-mismatch" => Some(self.pointers()),
            "ns.cname" => self.canonical(RecordType::Ns),
            "ns.lame" => Some(self.without(RecordType::Ns, |value| self.is_lame(value))),
            "ns.unresolvable" => Some(self.without(RecordType::Ns, |value| self.has_no_address(value))),
            "dns.dangling-cname" => Some(self.without_aliases()),
            "dns.wildcard" => Some(self.without_wildcard()),
            "dkim.testing" | "dkim.sha1-only" => Some(self.keys_without_flag()),
            id if id.starts_with("dkim.") => {
                return self.without_useless().into_iter().chain(self.keys_of_provider()).collect();
            }
            "tls_rpt.missing" | "tls_rpt.syntax" | "tls_rpt.multiple" => self.reports(),
            "mta_sts.missing" => self.first_policy(),
            "mta_sts.syntax" | "mta_sts.multiple" => self.announcement(),
            "mta_sts.policy-unreachable" | "mta_sts.mx-not-listed" => self.mended_policy(),
            "dane.missing" | "dane.mismatch" => Some(self.associations()),
            "caa.missing" => self.authority(),
            "dnssec.no-ds" if self.is_signed() => Some(self.delegation_signer()),
            id if id.starts_with("spf.") => self.sender_policy(),
            id if id.starts_with("dmarc.") || id == "bimi.dmarc-not-enforced" => self.dmarc(),
            _ => None,
        };
        one.into_iter().collect()
    }

    /// Where the Träger wants reports; no mailbox is taken for granted that nobody has set up.
    fn report_address(&self) -> Option<String> {
        self.context.report_address.clone()
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
