//! DMARC (RFC 9989, before it RFC 7489): finding the record that applies, reading it, and who may get its reports.

use super::evidence::DomainEvidence;
use super::lookup::{Answer, Question, RecordType};
use super::tags::{Tags, announces};

/// What a domain asks receivers to do with forged mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// Nothing.
    None,
    /// Put it aside.
    Quarantine,
    /// Refuse it.
    Reject,
}

impl Policy {
    /// Reads a policy; keywords are case-insensitive.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [("none", Self::None), ("quarantine", Self::Quarantine), ("reject", Self::Reject)]
            .into_iter()
            .find(|(name, _)| text.eq_ignore_ascii_case(name))
            .map(|(_, policy)| policy)
    }
}

/// A DMARC record, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DmarcRecord {
    /// `p`; none where it is missing.
    pub policy: Option<Policy>,
    /// `sp`: for sub-domains that exist.
    pub subdomains: Option<Policy>,
    /// `np`: for sub-domains that do not exist.
    pub absent: Option<Policy>,
    /// `pct`, where it was given and is a number.
    pub percent: Option<u8>,
    /// `t=y`: receivers go one step easier.
    pub testing: bool,
    /// `psd=y`: a public suffix, whose policy holds for everyone below.
    pub public_suffix: bool,
    /// Addresses for reports that are well formed (the part after `mailto:`).
    pub reports: Vec<String>,
    /// Addresses for reports that are not.
    pub wrong_reports: Vec<String>,
}

/// Whether a TXT record is a DMARC record at all.
#[must_use]
pub fn is_record(text: &str) -> bool {
    announces(text, "DMARC1")
}

impl DmarcRecord {
    /// Reads a record that [`is_record`].
    ///
    /// # Errors
    /// Says in a few English words why the record is not applied.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tags = Tags::parse(text).map_err(|error| error.to_string())?;
        if tags.get("v") != Some("DMARC1") {
            return Err("v= is not DMARC1".to_owned());
        }
        let policy = |name: &str| match tags.get(name) {
            None => Ok(None),
            Some(text) => Policy::parse(text).map(Some).ok_or_else(|| format!("{name}= is no policy")),
        };
        let mut record = Self {
            policy: policy("p")?,
            subdomains: policy("sp")?,
            absent: policy("np")?,
            percent: tags.get("pct").and_then(|text| text.parse().ok()),
            testing: tags.get("t").is_some_and(|text| text.eq_ignore_ascii_case("y")),
            public_suffix: tags.get("psd").is_some_and(|text| text.eq_ignore_ascii_case("y")),
            reports: Vec::new(),
            wrong_reports: Vec::new(),
        };
        for uri in tags.get("rua").unwrap_or_default().split(',').map(str::trim).filter(|u| !u.is_empty()) {
            match mail_address(uri) {
                Some(address) => record.reports.push(address.to_owned()),
                None => record.wrong_reports.push(uri.to_owned()),
            }
        }
        Ok(record)
    }

    /// Whether sub-domains get less protection than the domain itself.
    #[must_use]
    pub fn weaker_below(&self) -> Option<Policy> {
        let own = self.policy?;
        [self.subdomains, self.absent].into_iter().flatten().filter(|&below| below < own).min()
    }
}

/// The address of a `mailto:` URI, without the size limit that RFC 7489 allowed (`!10m`).
pub(super) fn mail_address(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once(':')?;
    let address = rest.split_once('!').map_or(rest, |(before, _)| before);
    let address = address.split_once('?').map_or(address, |(before, _)| before);
    let (local, domain) = address.rsplit_once('@')?;
    let fine = scheme.eq_ignore_ascii_case("mailto")
        && !local.is_empty()
        && domain.contains('.')
        && super::lookup::is_askable(domain)
        && !address.contains(char::is_whitespace);
    fine.then_some(address)
}

/// The names whose `_dmarc` record may apply, the domain first (RFC 9989 section 4.10: at most eight).
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
    /// At this name: the domain itself or a parent; its texts (more than one is a fault).
    At(&'a str, Vec<&'a str>),
    /// Nowhere, and that is certain.
    Nowhere,
    /// A look-up failed on the way.
    Unknown,
}

/// Finds the record that applies.
#[must_use]
pub fn applying(evidence: &DomainEvidence) -> Applying<'_> {
    for name in walk(&evidence.domain) {
        let question = Question::new(&format!("_dmarc.{name}"), RecordType::Txt);
        let Some(answer) = evidence.lookups.get(&question) else { return Applying::Unknown };
        if !answer.outcome.is_certain() {
            return Applying::Unknown;
        }
        let texts = texts(answer);
        if !texts.is_empty() {
            return Applying::At(name, texts);
        }
    }
    Applying::Nowhere
}

fn texts(answer: &Answer) -> Vec<&str> {
    answer.records.iter().map(String::as_str).filter(|text| is_record(text)).collect()
}

/// The questions whether foreign report addresses agree to get the reports (RFC 9990 section 4), each with the
/// address. Only for a record of the domain's own.
#[must_use]
pub fn report_authorisations(evidence: &DomainEvidence) -> Vec<(String, Question)> {
    let Applying::At(name, texts) = applying(evidence) else { return Vec::new() };
    if name != evidence.domain {
        return Vec::new();
    }
    let [text] = texts.as_slice() else { return Vec::new() };
    let Ok(record) = DmarcRecord::parse(text) else { return Vec::new() };
    let own = organisation(name);
    record
        .reports
        .into_iter()
        .take(8)
        .filter_map(|address| {
            let host = address.rsplit_once('@')?.1.to_ascii_lowercase();
            let foreign = organisation(&host) != own;
            foreign.then(|| {
                let question = Question::new(&format!("{name}._report._dmarc.{host}"), RecordType::Txt);
                (address, question)
            })
        })
        .collect()
}

/// The domain that somebody registered: one label below the public suffix.
#[must_use]
pub fn organisation(domain: &str) -> String {
    psl::domain_str(domain).unwrap_or(domain).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_or_refused() {
        let read = |text: &str| DmarcRecord::parse(text).unwrap();
        let record =
            read("v=DMARC1; P=REJECT; sp=none; RUA=MAILTO:a@b.example!10m, https://x.example; pct=20; t=y");
        assert_eq!(record.policy, Some(Policy::Reject));
        assert_eq!(record.weaker_below(), Some(Policy::None));
        assert_eq!(record.reports, ["a@b.example"]);
        assert_eq!(record.wrong_reports, ["https://x.example"]);
        assert_eq!((record.percent, record.testing), (Some(20), true));
        for text in ["v=DMARC1; p=rejct", "v=DMARC1 p=none", "v=DMARC1; p none", "v=DMARC1; p=none; sp=no"] {
            assert!(DmarcRecord::parse(text).is_err(), "{text}");
        }
        assert_eq!(read("v=DMARC1; rua=mailto:a@b.example").policy, None);
        assert_eq!(read("v=DMARC1; p=none; rua=a@b.example").wrong_reports, ["a@b.example"]);
    }

    #[test]
    fn the_walk_climbs_and_is_bounded() {
        assert_eq!(walk("a.b.example"), ["a.b.example", "b.example", "example"]);
        let deep = "a.b.c.d.e.f.g.h.i.j.mail.example";
        let names = walk(deep);
        assert_eq!(names.len(), 8);
        assert_eq!(names[1], "f.g.h.i.j.mail.example");
    }
}
