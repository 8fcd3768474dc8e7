//! Which DMARC record applies to a domain: its own, else that of its organisation, which is found by climbing the tree of
//! names (RFC 9989 section 4.10); and which places for reports have to agree to get them.

use super::{DmarcRecord, Policy, is_record};
use crate::mail::evidence::DomainEvidence;
use crate::mail::lookup::{Question, RecordType, is_or_below};

/// The names whose `_dmarc` record may apply, the domain first (RFC 9989 section 4.10: at most eight; of a long name the
/// middle is left out).
#[must_use]
pub fn walk(domain: &str) -> Vec<&str> {
    let labels = domain.split('.').count();
    let mut names = vec![domain];
    let mut rest = domain;
    let mut left = labels;
    while let Some((_, parent)) = rest.split_once('.') {
        rest = parent;
        left -= 1;
        if left < 8 {
            names.push(parent);
        }
    }
    names
}

/// Where the record that applies to a domain was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applying<'a> {
    /// At the domain itself: its texts. More than one is a fault.
    Own(Vec<&'a str>),
    /// At a name above.
    Above(Above<'a>),
    /// Nowhere, and that is certain.
    Nowhere,
    /// A look-up failed on the way.
    Unknown,
}

/// A record found on the way up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Above<'a> {
    /// The name it was found at.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// What it says.
    pub record: DmarcRecord,
}

/// The way up from a domain.
struct Climb<'a> {
    /// The valid records on it, the nearest first. Where several stand at one name, all of them count for nothing.
    records: Vec<Above<'a>>,
    /// The domain's organisation.
    organisation: &'a str,
}

impl<'a> Climb<'a> {
    /// Climbs until a record says `psd=y` or `psd=n`, or to the top. None where a look-up failed on the way.
    fn of(evidence: &'a DomainEvidence) -> Option<Self> {
        let domain = evidence.domain.as_str();
        let mut records: Vec<Above<'a>> = Vec::new();
        for name in walk(domain) {
            let texts = texts(evidence, name)?;
            let [text] = texts.as_slice() else { continue };
            let Ok(record) = DmarcRecord::parse(text) else { continue };
            let suffix = record.public_suffix;
            records.push(Above { name, text, record });
            if suffix.is_some() {
                break;
            }
        }
        let organisation = match records.last() {
            None => domain,
            Some(last) if last.record.public_suffix == Some(true) && last.name != domain => {
                one_label_below(domain, last.name)
            }
            Some(last) => last.name,
        };
        Some(Self { records, organisation })
    }

    /// The record that applies where the domain has none of its own: that of its organisation, else that of the public
    /// suffix above.
    fn inherited(self) -> Option<Above<'a>> {
        let own = self.records.iter().position(|above| above.name == self.organisation);
        let at =
            own.or_else(|| self.records.iter().position(|above| above.record.public_suffix == Some(true)))?;
        self.records.into_iter().nth(at)
    }
}

/// The name between a domain and one above it that has one label more than that one.
fn one_label_below<'a>(domain: &'a str, above: &str) -> &'a str {
    let before = domain.len().saturating_sub(above.len() + 1);
    let start = domain.get(..before).and_then(|left| left.rfind('.')).map_or(0, |dot| dot + 1);
    domain.get(start..).unwrap_or(domain)
}

/// The records at a name; none where that is not known.
fn texts<'a>(evidence: &'a DomainEvidence, name: &str) -> Option<Vec<&'a str>> {
    let answer = evidence.certain(&format!("_dmarc.{name}"), RecordType::Txt)?;
    Some(answer.records.iter().map(String::as_str).filter(|text| is_record(text)).collect())
}

/// Finds the record that applies.
#[must_use]
pub fn applying(evidence: &DomainEvidence) -> Applying<'_> {
    match texts(evidence, &evidence.domain) {
        None => Applying::Unknown,
        Some(texts) if !texts.is_empty() => Applying::Own(texts),
        Some(_) => match Climb::of(evidence) {
            None => Applying::Unknown,
            Some(climb) => climb.inherited().map_or(Applying::Nowhere, Applying::Above),
        },
    }
}

impl Applying<'_> {
    /// The one readable record that applies.
    #[must_use]
    pub fn record(&self) -> Option<DmarcRecord> {
        match self {
            Self::Own(texts) => match texts.as_slice() {
                [text] => DmarcRecord::parse(text).ok(),
                _ => None,
            },
            Self::Above(above) => Some(above.record.clone()),
            Self::Nowhere | Self::Unknown => None,
        }
    }

    /// What receivers do with forged mail of the domain, as far as one record says so.
    #[must_use]
    pub fn policy(&self) -> Option<Policy> {
        let record = self.record()?;
        if matches!(self, Self::Own(_)) { record.asked() } else { record.asked_below(true) }
    }
}

/// The domain's organisation as receivers find it: it decides for names below that have no record of their own. None where
/// a look-up failed on the way.
#[must_use]
pub fn organisation(evidence: &DomainEvidence) -> Option<&str> {
    Climb::of(evidence).map(|climb| climb.organisation)
}

/// The questions whether foreign report addresses agree to get the reports (RFC 9990 section 4), each with the
/// address. Only for a record of the domain's own.
#[must_use]
pub fn report_authorisations(evidence: &DomainEvidence) -> Vec<(String, Question)> {
    let applying @ Applying::Own(_) = applying(evidence) else { return Vec::new() };
    let Some(record) = applying.record() else { return Vec::new() };
    let of_address = |address: String| {
        let host = address.rsplit_once('@')?.1.to_ascii_lowercase();
        is_foreign(evidence, &host).then(|| {
            let name = format!("{}._report._dmarc.{host}", evidence.domain);
            (address, Question::new(&name, RecordType::Txt))
        })
    };
    record.reports.into_iter().take(8).filter_map(of_address).collect()
}

/// Whether a host that gets reports belongs to somebody else, so that it has to agree. Receivers that follow the older
/// standard compare registered domains, those that follow the newer one the organisations found by climbing; nobody is
/// asked to agree where either of them sees one house.
#[must_use]
pub fn is_foreign(evidence: &DomainEvidence, host: &str) -> bool {
    let registered = |name: &str| psl::domain_str(name).unwrap_or(name).to_owned();
    if registered(host) == registered(&evidence.domain) {
        return false;
    }
    // Where a look-up failed on the way, nobody knows whose house it is.
    Climb::of(evidence)
        .is_some_and(|climb| climb.records.is_empty() || !is_or_below(host, climb.organisation))
}
