//! What people know of a domain's mail and no look-up shows: its DKIM selectors, and which services send as it.

use super::lookup::{common_form, is_private};
use super::spf::{Mechanism, Qualifier, Record, is_wide};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What people entered about the mail of one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailFacts {
    /// DKIM selectors in use: `mail`, `s1`.
    pub selectors: Vec<String>,
    /// Services that send as the domain besides its mail provider.
    pub senders: Vec<KnownSender>,
    /// Whether somebody said that nobody else sends.
    pub is_complete: bool,
}

/// A service that sends as the domain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownSender {
    /// Its term in an SPF record: `include:NAME`, `a:NAME`, `ip4:…`, `ip6:…`.
    pub term: String,
    /// What people call it; may be empty.
    pub name: String,
}

/// Selectors or senders of one domain; no school has a fraction of it.
pub const MOST_FACTS: usize = 20;

/// Why a term cannot stand for a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASender {
    /// It is neither an address nor a name.
    #[error(
        "write an address (ip4:203.0.113.7), a host (a:kopierer.schule.example) or what the service names (include:spf.dienst.example)"
    )]
    Unreadable,
    /// An address that nobody outside ever sees.
    #[error("this address exists inside a network only; receivers see the public one")]
    Private,
    /// A network far too wide.
    #[error("this network is far too wide: everybody in it could send as the school")]
    TooWide,
}

/// A DKIM selector as people write it, also with `._domainkey` and the domain behind it, in the common form (RFC 6376
/// section 3.1: labels of letters, digits and hyphens). None where it is no selector.
#[must_use]
pub fn selector(text: &str) -> Option<String> {
    let text = common_form(text.trim());
    let name = text.split_once("._domainkey").map_or(text.as_str(), |(selector, rest)| {
        if rest.is_empty() || rest.starts_with('.') { selector } else { "" }
    });
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // With `_domainkey` and the shortest of domains it has to fit into a name.
    (name.len() <= 200 && name.split('.').all(label)).then(|| name.to_owned())
}

/// The SPF term of a sender as people write it: a bare address or name is one, too.
///
/// # Errors
/// Says why it is no sender's.
pub fn sender_term(text: &str) -> Result<String, NotASender> {
    let text = text.trim().trim_start_matches('+').to_ascii_lowercase();
    let address = text.split('/').next().unwrap_or_default();
    let term = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => format!("ip4:{text}"),
        Ok(IpAddr::V6(_)) => format!("ip6:{text}"),
        Err(_) if text.contains(':') => text,
        Err(_) => format!("include:{text}"),
    };
    let term = term.trim_end_matches('.').to_owned();
    let fine =
        term.len() <= 260 && term.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'%' | b'"' | b'='));
    let record = Record::parse(&format!("v=spf1 {term}")).map_err(|_| NotASender::Unreadable)?;
    let [directive] = record.directives.as_slice() else { return Err(NotASender::Unreadable) };
    let network = match &directive.mechanism {
        Mechanism::Include(_) | Mechanism::A(Some(_), 32, 128) => None,
        Mechanism::Ip4(ip, prefix) => Some((IpAddr::V4(*ip), *prefix)),
        Mechanism::Ip6(ip, prefix) => Some((IpAddr::V6(*ip), *prefix)),
        _ => return Err(NotASender::Unreadable),
    };
    match network {
        _ if !fine || directive.qualifier != Qualifier::Pass => Err(NotASender::Unreadable),
        Some((ip, _)) if is_private(ip) => Err(NotASender::Private),
        Some((ip, prefix)) if is_wide(ip, prefix) => Err(NotASender::TooWide),
        _ => Ok(term),
    }
}

impl MailFacts {
    /// What several schools said of one domain that serves them all: whatever any of them knows, complete only where
    /// none that names senders left it open.
    #[must_use]
    pub fn together(all: impl IntoIterator<Item = Self>) -> Self {
        let mut one = Self::default();
        let (mut says_so, mut left_open) = (false, false);
        for facts in all {
            says_so |= facts.is_complete;
            left_open |= !facts.is_complete && !facts.senders.is_empty();
            for selector in facts.selectors {
                if !one.selectors.contains(&selector) {
                    one.selectors.push(selector);
                }
            }
            for sender in facts.senders {
                if one.senders.iter().all(|known| known.term != sender.term) {
                    one.senders.push(sender);
                }
            }
        }
        one.is_complete = says_so && !left_open;
        one
    }

    /// Whether somebody named a selector or a sender: all that an audit can use.
    #[must_use]
    pub fn names_anything(&self) -> bool {
        !self.selectors.is_empty() || !self.senders.is_empty()
    }

    /// The terms of the senders.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        self.senders.iter().map(|sender| sender.term.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_taken_as_people_write_them() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(selector(text).as_deref(), expected, "{text}");
        };
        check("mail", Some("mail"));
        check(" S1 ", Some("s1"));
        check("rz2024b._domainkey.schule.example.", Some("rz2024b"));
        check("rz2024b._domainkey", Some("rz2024b"));
        check("mail.2026", Some("mail.2026"));
        for text in
            ["", "-mail", "mail-", "a..b", "a_b", "mail schule", "schlüssel", "a._domainkeyx", "*", "x;y"]
        {
            check(text, None);
        }
        check(&"x".repeat(64), None);
        check(&["x".repeat(60).as_str(); 4].join("."), None);
    }

    #[test]
    fn senders_are_taken_as_people_write_them() {
        let check = |text: &str, expected: Result<&str, NotASender>| {
            assert_eq!(sender_term(text).as_deref().map_err(|why| *why), expected, "{text}");
        };
        check("include:_spf.Dienst.example.", Ok("include:_spf.dienst.example"));
        check("spf.dienst.example", Ok("include:spf.dienst.example"));
        check("203.0.113.7", Ok("ip4:203.0.113.7"));
        check("203.0.113.0/28", Ok("ip4:203.0.113.0/28"));
        check("2001:db8::25", Ok("ip6:2001:db8::25"));
        check("+ip6:2001:db8::/48", Ok("ip6:2001:db8::/48"));
        check("a:kopierer.schule.example", Ok("a:kopierer.schule.example"));
        for text in [
            "",
            "kopierer",
            "all",
            "-all",
            "mx",
            "ptr:x.example",
            "~include:x.example",
            "a",
            "a:x.example/8",
            "include:%{i}.x.example",
            "exists:x.example",
            "ip4:1.2.3.4 +all",
            "redirect=x.example",
            "1.2.3.4/33",
        ] {
            check(text, Err(NotASender::Unreadable));
        }
        check("192.168.1.20", Err(NotASender::Private));
        check("fd00::25", Err(NotASender::Private));
        check("80.0.0.0/8", Err(NotASender::TooWide));
    }

    #[test]
    fn what_several_schools_know_of_one_domain_is_put_together() {
        let facts = |selectors: &[&str], senders: &[&str], is_complete| MailFacts {
            selectors: selectors.iter().map(|&s| s.to_owned()).collect(),
            senders: senders
                .iter()
                .map(|&term| KnownSender { term: term.to_owned(), name: String::new() })
                .collect(),
            is_complete,
        };
        let check = |all: &[MailFacts], expected: MailFacts| {
            assert_eq!(MailFacts::together(all.to_vec()), expected, "{all:?}");
        };
        check(&[], facts(&[], &[], false));
        check(
            &[facts(&["a"], &["ip4:1.1.1.1"], true), facts(&["b", "a"], &[], false)],
            facts(&["a", "b"], &["ip4:1.1.1.1"], true),
        );
        check(
            &[facts(&[], &["ip4:1.1.1.1"], true), facts(&[], &["ip4:1.1.1.1", "ip4:1.1.1.2"], false)],
            facts(&[], &["ip4:1.1.1.1", "ip4:1.1.1.2"], false),
        );
    }
}
