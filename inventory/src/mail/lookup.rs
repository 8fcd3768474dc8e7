//! Look-ups in the DNS as evidence: what was asked, and what came back, with every kind of "nothing" kept apart.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The record types that the audit asks for, with their numbers (IANA DNS parameters).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    /// IPv4 address (1).
    A,
    /// Name server (2).
    Ns,
    /// Alias (5).
    Cname,
    /// Start of a zone of authority (6).
    Soa,
    /// Name of an address (12).
    Ptr,
    /// Mail exchanger (15).
    Mx,
    /// Text (16).
    Txt,
    /// IPv6 address (28).
    Aaaa,
    /// Digest of a zone's key, kept by its parent (43, RFC 4034 section 5).
    Ds,
    /// Public key of a signed zone (48).
    Dnskey,
    /// Certificate association (52, RFC 6698).
    Tlsa,
    /// The obsolete type of SPF (99, RFC 7208 section 3.1).
    Spf,
    /// Certification authority authorisation (257, RFC 8659).
    Caa,
}

impl RecordType {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::A,
        Self::Ns,
        Self::Cname,
        Self::Soa,
        Self::Ptr,
        Self::Mx,
        Self::Txt,
        Self::Aaaa,
        Self::Ds,
        Self::Dnskey,
        Self::Tlsa,
        Self::Spf,
        Self::Caa,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::A => 1,
            Self::Ns => 2,
            Self::Cname => 5,
            Self::Soa => 6,
            Self::Ptr => 12,
            Self::Mx => 15,
            Self::Txt => 16,
            Self::Aaaa => 28,
            Self::Ds => 43,
            Self::Dnskey => 48,
            Self::Tlsa => 52,
            Self::Spf => 99,
            Self::Caa => 257,
        }
    }

    /// The name in zone files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Ns => "NS",
            Self::Cname => "CNAME",
            Self::Soa => "SOA",
            Self::Ptr => "PTR",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Aaaa => "AAAA",
            Self::Ds => "DS",
            Self::Dnskey => "DNSKEY",
            Self::Tlsa => "TLSA",
            Self::Spf => "SPF",
            Self::Caa => "CAA",
        }
    }
}

impl FromStr for RecordType {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text)).ok_or(())
    }
}

/// One question to the DNS.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// The name in lower case without a trailing dot; the root is empty.
    pub name: String,
    /// The type asked for.
    pub kind: RecordType,
}

impl Question {
    /// A question; the name is put into the common form.
    #[must_use]
    pub fn new(name: &str, kind: RecordType) -> Self {
        Self { name: common_form(name), kind }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.kind.name())
    }
}

/// A name in lower case without a trailing dot.
#[must_use]
pub fn common_form(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// How a question ended. The four kinds of "no answer" are four different things and never mean "missing".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// There are records of this type.
    Found,
    /// The name exists, but has no record of this type.
    NoRecords,
    /// The name does not exist (NXDOMAIN), nor anything below it (RFC 8020).
    NoName,
    /// The resolver refuses the answer because its signature is wrong: SERVFAIL, but an answer without checking.
    Bogus,
    /// SERVFAIL, with and without checking.
    ServerFailure,
    /// REFUSED or any other error code.
    Refused,
    /// Nothing came within the time allowed.
    TimedOut,
    /// What came could not be read.
    Unreadable,
}

impl Outcome {
    /// Whether the question was answered: yes, or certainly no.
    #[must_use]
    pub const fn is_certain(self) -> bool {
        matches!(self, Self::Found | Self::NoRecords | Self::NoName)
    }

    /// The name in evidence.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::NoRecords => "no-records",
            Self::NoName => "no-name",
            Self::Bogus => "bogus",
            Self::ServerFailure => "server-failure",
            Self::Refused => "refused",
            Self::TimedOut => "timed-out",
            Self::Unreadable => "unreadable",
        }
    }

    /// The outcome of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Found,
            Self::NoRecords,
            Self::NoName,
            Self::Bogus,
            Self::ServerFailure,
            Self::Refused,
            Self::TimedOut,
            Self::Unreadable,
        ]
        .into_iter()
        .find(|outcome| outcome.name() == name)
    }
}

/// What came back to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// How it ended.
    pub outcome: Outcome,
    /// Whether a validating resolver vouched for it (AD, RFC 4035).
    #[serde(default)]
    pub authentic: bool,
    /// The aliases followed, in order: each is the target of a CNAME.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The records of the type asked for, as text: `10 mx.example` (MX), the joined strings (TXT), `3 1 1 ab..`
    /// (TLSA), `0 issue "ca.example"` (CAA), `257 3 13 KEY` (DNSKEY; the key in Base64), `mname rname serial refresh retry expire minimum`.
    #[serde(default)]
    pub records: Vec<String>,
}

impl Answer {
    /// An answer without records.
    #[must_use]
    pub const fn nothing(outcome: Outcome) -> Self {
        Self { outcome, authentic: false, aliases: Vec::new(), records: Vec::new() }
    }

    /// An answer with these records.
    #[must_use]
    pub fn found(records: Vec<String>) -> Self {
        Self { outcome: Outcome::Found, authentic: false, aliases: Vec::new(), records }
    }

    /// Mail exchangers: preference and host; the root is the empty text (null MX, RFC 7505).
    pub fn exchangers(&self) -> impl Iterator<Item = (u16, &str)> {
        self.records.iter().filter_map(|record| {
            let (preference, host) = record.split_once(' ')?;
            Some((preference.parse().ok()?, if host == "." { "" } else { host }))
        })
    }

    /// Addresses of either family.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.records.iter().filter_map(|record| record.parse().ok())
    }

    /// The serial of an SOA record.
    #[must_use]
    pub fn serial(&self) -> Option<u32> {
        self.records.first()?.split(' ').nth(2)?.parse().ok()
    }
}

/// Where answers come from: kept evidence, or a zone in a test. No answer means that it was not asked yet.
pub trait Lookups {
    /// The answer to a question, if it was asked.
    fn answer(&self, question: &Question) -> Option<&Answer>;
}

impl Lookups for BTreeMap<Question, Answer> {
    fn answer(&self, question: &Question) -> Option<&Answer> {
        self.get(question)
    }
}

/// The name under which an address has its PTR record (RFC 1035 section 3.5, RFC 3596 section 2.5).
#[must_use]
pub fn reverse_name(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(v6) => {
            let mut name = String::with_capacity(72);
            for octet in v6.octets().into_iter().rev() {
                name.push_str(&format!("{:x}.{:x}.", octet & 15, octet >> 4));
            }
            name.push_str("ip6.arpa");
            name
        }
    }
}

/// Whether mail from the internet can never reach this address (RFC 6890): private, link-local, loopback, shared,
/// multicast, reserved. The documentation ranges are left out: they stand for public addresses in examples.
#[must_use]
pub fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => private_v4(v4),
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| private_v6(v6), private_v4),
    }
}

fn private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (18..20).contains(&b))
}

fn private_v6(ip: Ipv6Addr) -> bool {
    let [first, ..] = ip.segments();
    ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_multicast()
        || (first & 0xfe00) == 0xfc00
        || (first & 0xffc0) == 0xfe80
}

/// Whether an address belongs to the ranges kept for documentation (RFC 5737, RFC 3849): nobody lives there.
#[must_use]
pub fn is_documentation(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_documentation(),
        IpAddr::V6(v6) => matches!(v6.segments(), [0x2001, 0xdb8, ..]),
    }
}

/// A domain as people write it (upper case, umlauts, a trailing dot, white space around) in the common form: lower
/// case, A-labels (RFC 5891), no trailing dot. None where it is no domain.
#[must_use]
pub fn domain_from(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('.');
    let name = if text.is_ascii() { text.to_ascii_lowercase() } else { idna::domain_to_ascii(text).ok()? };
    let proper = |label: &str| {
        label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with('-')
    };
    (is_askable(&name) && name.contains('.') && name.split('.').all(proper)).then_some(name)
}

/// A domain as people write it (RFC 5891), where that is another form than the one with A-labels.
#[must_use]
pub fn unicode_form(domain: &str) -> Option<String> {
    let (spoken, read) = idna::domain_to_unicode(domain);
    (read.is_ok() && spoken != domain).then_some(spoken)
}

/// Whether a domain is well formed enough to be asked for: labels of 1 to 63 octets, 253 in all.
#[must_use]
pub fn is_askable(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 253
        && name.split('.').all(|label| !label.is_empty() && label.len() <= 63)
}

/// Whether a name is a domain or lies below it.
#[must_use]
pub fn is_or_below(name: &str, domain: &str) -> bool {
    let (name, domain) = (name.to_ascii_lowercase(), domain.to_ascii_lowercase());
    name == domain || name.strip_suffix(&domain).is_some_and(|before| before.ends_with('.'))
}

#[cfg(test)]
mod tests;
