//! DMARC (RFC 9989, before it RFC 7489): reading a record. Which record applies is found in `discovery`.

mod discovery;
#[cfg(test)]
mod discovery_tests;

pub use discovery::{Above, Applying, applying, is_foreign, organisation, report_authorisations, walk};

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
    /// One step easier, as receivers treat a domain that says `t=y` (RFC 9989 section 4.7).
    #[must_use]
    pub const fn easier(self) -> Self {
        match self {
            Self::Reject => Self::Quarantine,
            Self::Quarantine | Self::None => Self::None,
        }
    }

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
    /// `psd`: a public suffix (yes), an organisation of its own whatever stands above (no), or not said (`u`).
    pub public_suffix: Option<bool>,
    /// Addresses for reports that are well formed (the part after `mailto:`).
    pub reports: Vec<String>,
    /// Addresses for reports that nobody can use. Those of other schemes are none: receivers pass over them (RFC 9989
    /// section 4.7), unless no address of mail is left.
    pub wrong_reports: Vec<String>,
}

/// Tags that mean something, each at most once (RFC 9989 section 4.7).
const KNOWN: [&str; 11] = ["v", "p", "sp", "np", "psd", "t", "rua", "ruf", "adkim", "aspf", "fo"];

/// Whether a TXT record is a DMARC record at all.
#[must_use]
pub fn is_record(text: &str) -> bool {
    announces(text, "DMARC1")
}

impl DmarcRecord {
    /// Reads a record that [`is_record`]. Tags that are unknown or were removed from the standard (`pct`, `rf`, `ri`) are
    /// no fault, whatever they say.
    ///
    /// # Errors
    /// Says in a few English words why the record is not applied.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tags = Tags::parse_known(text, &KNOWN).map_err(|error| error.to_string())?;
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
            public_suffix: tags.get("psd").and_then(|text| match text.to_ascii_lowercase().as_str() {
                "y" => Some(true),
                "n" => Some(false),
                _ => None,
            }),
            reports: Vec::new(),
            wrong_reports: Vec::new(),
        };
        let mut elsewhere = Vec::new();
        for uri in tags.get("rua").unwrap_or_default().split(',').map(str::trim).filter(|u| !u.is_empty()) {
            match mail_address(uri) {
                Some(address) => record.reports.push(address.to_owned()),
                None if is_elsewhere(uri) => elsewhere.push(uri.to_owned()),
                None => record.wrong_reports.push(uri.to_owned()),
            }
        }
        if record.reports.is_empty() {
            record.wrong_reports.extend(elsewhere);
        }
        Ok(record)
    }

    /// What receivers do with forged mail of the domain itself. A record without `p` counts as `p=none` where somebody
    /// gets its reports; otherwise it counts for nothing (RFC 9989 section 4.10.1), and there is no policy.
    #[must_use]
    pub fn asked(&self) -> Option<Policy> {
        self.policy.or_else(|| (!self.reports.is_empty()).then_some(Policy::None))
    }

    /// What receivers do with forged mail of a name below that has no record of its own: `sp` where the name exists, `np`
    /// where it does not, the next wider tag where that one is missing.
    #[must_use]
    pub fn asked_below(&self, exists: bool) -> Option<Policy> {
        let Some(own) = self.policy else { return self.asked() };
        let below = self.subdomains.unwrap_or(own);
        Some(if exists { below } else { self.absent.unwrap_or(below) })
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

/// Whether a place for reports is a URI of another scheme than that of mail, such as `https://reports.example/`.
pub(super) fn is_elsewhere(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once("://") else { return false };
    let mut letters = scheme.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && !rest.is_empty()
        && !rest.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_or_refused() {
        let read = |text: &str| DmarcRecord::parse(text).unwrap();
        let record =
            read("v=DMARC1; P=REJECT; sp=none; RUA=MAILTO:a@b.example!10m, x@b.example; pct=20; t=y");
        assert_eq!(record.policy, Some(Policy::Reject));
        assert_eq!(record.weaker_below(), Some(Policy::None));
        assert_eq!(record.reports, ["a@b.example"]);
        assert_eq!(record.wrong_reports, ["x@b.example"]);
        assert_eq!((record.percent, record.testing), (Some(20), true));
        for text in ["v=DMARC1; p=rejct", "v=DMARC1 p=none", "v=DMARC1; p none", "v=DMARC1; p=none; sp=no"] {
            assert!(DmarcRecord::parse(text).is_err(), "{text}");
        }
        for (text, wrong) in [
            ("mailto:a@b.example, https://x.example/dmarc", ""),
            ("https://x.example", "https://x.example"),
            ("://x.example,mailto:a@b.example", "://x.example"),
            ("mailto:a@b.example,mailto:", "mailto:"),
            ("mailto:a@b", "mailto:a@b"),
            ("", ""),
        ] {
            assert_eq!(
                read(&format!("v=DMARC1; p=none; rua={text}")).wrong_reports.join(" "),
                wrong,
                "{text}"
            );
        }
        assert_eq!(read("v=DMARC1; rua=mailto:a@b.example").policy, None);
        assert_eq!(read("v=DMARC1; p=none; rua=a@b.example").wrong_reports, ["a@b.example"]);
    }

    #[test]
    fn what_the_standard_does_not_know_or_took_out_is_passed_over() {
        for rest in [
            "pct=150",
            "pct=ten; rf=afrf; ri=86400",
            "ri=1; ri=2; rf=; x-note=eins; x-note=zwei",
            "fo=1:d:s; adkim=x; aspf=",
            "t=maybe; psd=u",
            "Zusatz=Schule am Bach",
            "",
            ";;",
        ] {
            let text = format!("v=DMARC1; p=reject; {rest}");
            let record = DmarcRecord::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(record.asked(), Some(Policy::Reject), "{text}");
            assert!(!record.testing && record.public_suffix.is_none(), "{text}");
        }
        assert!(DmarcRecord::parse("v=DMARC1; p=none; p=reject").is_err(), "which one holds?");
    }

    #[test]
    fn each_name_gets_its_policy() {
        use Policy::{None as Nothing, Quarantine, Reject};
        let check = |tags: &str, own: Option<Policy>, existing: Option<Policy>, absent: Option<Policy>| {
            let record = DmarcRecord::parse(&format!("v=DMARC1; {tags}")).unwrap();
            let asked = (record.asked(), record.asked_below(true), record.asked_below(false));
            assert_eq!(asked, (own, existing, absent), "{tags}");
        };
        check("p=reject", Some(Reject), Some(Reject), Some(Reject));
        check("p=reject; sp=quarantine", Some(Reject), Some(Quarantine), Some(Quarantine));
        check("p=none; np=reject", Some(Nothing), Some(Nothing), Some(Reject));
        check("p=quarantine; sp=none; np=reject", Some(Quarantine), Some(Nothing), Some(Reject));
        check("rua=mailto:a@b.example; sp=reject", Some(Nothing), Some(Nothing), Some(Nothing));
        check("sp=reject", None, None, None);
        assert_eq!([Reject, Quarantine, Nothing].map(Policy::easier), [Quarantine, Nothing, Nothing]);
    }
}
