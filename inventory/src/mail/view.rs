//! From where a domain was looked at. A school's resolver may show another zone than the internet sees (split horizon) or
//! hide names; so what it shows is compared and labelled, and founds no finding alone.

use super::evidence::DomainEvidence;
use super::lookup::{Question, RecordType};
use super::wording::Remark;
use crate::Fields;
use crate::vocabulary::DNS_VIEW;

/// A place to look from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// As the internet sees the domain: an agent at the Träger, or a public resolver.
    #[default]
    Public,
    /// As a school's resolver shows it.
    Inside,
}

impl View {
    /// The name in evidence and in scope files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Inside => "inside",
        }
    }

    /// The view of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Public, Self::Inside].into_iter().find(|view| view.name() == name)
    }

    /// The view of an observation; evidence that names none is older than views and counts as public.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        fields.text(&DNS_VIEW).and_then(Self::from_name).unwrap_or_default()
    }
}

/// Whether the domain's own name servers, asked themselves over the internet, hold the zone that the resolver showed:
/// then the look from inside is the public one.
#[must_use]
pub fn is_vouched(evidence: &DomainEvidence) -> bool {
    let shown = evidence.below("", RecordType::Soa).and_then(super::lookup::Answer::serial);
    let vouches = |server: &super::NameServer| {
        server.authoritative == Some(true) && server.serial.is_some() && server.serial == shown
    };
    evidence.servers.values().any(vouches)
}

/// What a school's resolver shows otherwise than the internet does, among the records that decide about mail.
#[must_use]
pub fn differences(public: &DomainEvidence, inside: &DomainEvidence) -> Vec<Remark> {
    let domain = &public.domain;
    let mut compared = vec![
        Question::new(domain, RecordType::Mx),
        Question::new(domain, RecordType::Ns),
        Question::new(domain, RecordType::Txt),
        Question::new(&format!("_dmarc.{domain}"), RecordType::Txt),
    ];
    compared.extend(public.mail_hosts().iter().map(|host| Question::new(host, RecordType::A)));
    let mut lines = Vec::new();
    for question in compared {
        let records = |evidence: &DomainEvidence| {
            let answer = evidence.lookups.get(&question).filter(|answer| answer.outcome.is_certain())?;
            let mut records = answer.records.clone();
            records.sort();
            Some(records)
        };
        let (Some(outside), Some(within)) = (records(public), records(inside)) else { continue };
        if outside == within {
            continue;
        }
        for (says, records) in [("public-says", outside), ("inside-says", within)] {
            let shown = if records.is_empty() { "–".to_owned() } else { records.join(", ") };
            let with = [("name", &*question.name), ("kind", question.kind.name()), ("records", &shown)];
            lines.push(Remark::said(says, with));
        }
    }
    lines
}
