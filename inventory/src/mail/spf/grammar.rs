//! The grammar of SPF records (RFC 7208 sections 4.6 and 12): text to terms, each with its position.

use super::macros::MacroText;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether a TXT record is an SPF record: `v=spf1` in any case, then a space or the end (section 4.5).
#[must_use]
pub fn is_record(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 6 && bytes[..6].eq_ignore_ascii_case(b"v=spf1") && (bytes.len() == 6 || bytes[6] == b' ')
}

/// Whether a record has terms that name senders, however wrong they or others may be written.
#[must_use]
pub fn names_senders(text: &str) -> bool {
    let name = |term: &str| {
        let bare = term.strip_prefix(['+', '-', '~', '?']).unwrap_or(term);
        bare.split([':', '/', '=']).next().unwrap_or_default().to_ascii_lowercase()
    };
    let of_senders = ["a", "exists", "include", "ip4", "ip6", "mx", "ptr", "redirect"];
    text.split_whitespace().skip(1).any(|term| of_senders.contains(&name(term).as_str()))
}

/// What a term says where it matches (section 4.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    /// `+`, also where nothing is written.
    Pass,
    /// `-`
    Fail,
    /// `~`
    SoftFail,
    /// `?`
    Neutral,
}

/// The part of a term that matches or does not (section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// Always matches.
    All,
    /// Matches where the record of another domain passes.
    Include(MacroText),
    /// Addresses of a name; the current domain where none is given.
    A(Option<MacroText>, u8, u8),
    /// Addresses of the mail exchangers of a name.
    Mx(Option<MacroText>, u8, u8),
    /// Names of the address (discouraged).
    Ptr(Option<MacroText>),
    /// A network of IPv4 addresses.
    Ip4(Ipv4Addr, u8),
    /// A network of IPv6 addresses.
    Ip6(Ipv6Addr, u8),
    /// Matches where a name has an address.
    Exists(MacroText),
}

impl Mechanism {
    /// Whether evaluating it needs the DNS (section 4.6.4).
    #[must_use]
    pub const fn needs_dns(&self) -> bool {
        !matches!(self, Self::All | Self::Ip4(..) | Self::Ip6(..))
    }
}

/// A mechanism with its qualifier and its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// What a match means.
    pub qualifier: Qualifier,
    /// What matches.
    pub mechanism: Mechanism,
    /// The term as written.
    pub text: String,
    /// Its first octet within the record, counted from zero.
    pub position: usize,
}

/// An SPF record, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The mechanisms in order.
    pub directives: Vec<Directive>,
    /// The target of `redirect=`.
    pub redirect: Option<MacroText>,
    /// The target of `exp=`.
    pub explanation: Option<MacroText>,
}

/// The first term of a record that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{term}\" (octet {position}): {reason}")]
pub struct SyntaxError {
    /// The term as written.
    pub term: String,
    /// Its first octet within the record.
    pub position: usize,
    /// What is wrong with it, in a few English words.
    pub reason: &'static str,
}

/// No record with more terms is read; the longest text that DNS carries holds fewer useful ones.
const MOST_TERMS: usize = 4096;

impl Record {
    /// Reads a record that [`is_record`].
    ///
    /// # Errors
    /// Names the first wrong term; such a record is worth nothing as a whole (permerror).
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut record = Self { directives: Vec::new(), redirect: None, explanation: None };
        let mut position = 6;
        for term in text.get(position..).unwrap_or_default().split(' ').take(MOST_TERMS) {
            if !term.is_empty() {
                record.term(term, position).map_err(|reason| SyntaxError {
                    term: term.chars().take(80).collect(),
                    position,
                    reason,
                })?;
            }
            position += term.len() + 1;
        }
        Ok(record)
    }

    fn term(&mut self, term: &str, position: usize) -> Result<(), &'static str> {
        if let Some((name, value)) = modifier(term) {
            return self.modifier(name, value);
        }
        let (qualifier, rest) = qualifier(term);
        let directive = Directive { qualifier, mechanism: mechanism(rest)?, text: term.to_owned(), position };
        self.directives.push(directive);
        Ok(())
    }

    fn modifier(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        let place = match name.to_ascii_lowercase().as_str() {
            "redirect" => &mut self.redirect,
            "exp" => &mut self.explanation,
            _ => {
                let fine = MacroText::parse(value, false).is_some();
                return if fine { Ok(()) } else { Err("wrong macro in an unknown modifier") };
            }
        };
        if place.is_some() {
            return Err("this modifier stands twice");
        }
        *place = Some(domain_spec(value)?);
        Ok(())
    }

    /// The position of `all` among the mechanisms, if there is one.
    #[must_use]
    pub fn all(&self) -> Option<(usize, Qualifier)> {
        self.directives
            .iter()
            .enumerate()
            .find(|(_, directive)| directive.mechanism == Mechanism::All)
            .map(|(at, directive)| (at, directive.qualifier))
    }
}

/// `name=value`, where the name is one (section 12 "unknown-modifier").
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let mut chars = name.chars();
    let proper = chars.next()?.is_ascii_alphabetic()
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    proper.then_some((name, value))
}

fn qualifier(term: &str) -> (Qualifier, &str) {
    for (sign, qualifier) in [
        ('+', Qualifier::Pass),
        ('-', Qualifier::Fail),
        ('~', Qualifier::SoftFail),
        ('?', Qualifier::Neutral),
    ] {
        if let Some(rest) = term.strip_prefix(sign) {
            return (qualifier, rest);
        }
    }
    (Qualifier::Pass, term)
}

fn mechanism(text: &str) -> Result<Mechanism, &'static str> {
    let end = text.find([':', '/']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let argument = rest.strip_prefix(':');
    match name.to_ascii_lowercase().as_str() {
        "all" if rest.is_empty() => Ok(Mechanism::All),
        "all" => Err("\"all\" takes no argument"),
        "include" => Ok(Mechanism::Include(domain_spec(argument.ok_or("\"include\" needs a domain")?)?)),
        "exists" => Ok(Mechanism::Exists(domain_spec(argument.ok_or("\"exists\" needs a domain")?)?)),
        "ptr" if rest.is_empty() => Ok(Mechanism::Ptr(None)),
        "ptr" => Ok(Mechanism::Ptr(Some(domain_spec(argument.ok_or("\"ptr\" takes no prefix")?)?))),
        "a" => with_prefixes(rest).map(|(domain, v4, v6)| Mechanism::A(domain, v4, v6)),
        "mx" => with_prefixes(rest).map(|(domain, v4, v6)| Mechanism::Mx(domain, v4, v6)),
        "ip4" => {
            let (ip, prefix) = network(argument.ok_or("\"ip4\" needs an address")?, 32)?;
            Ok(Mechanism::Ip4(ip.parse().map_err(|_| "this is no IPv4 address")?, prefix))
        }
        "ip6" => {
            let (ip, prefix) = network(argument.ok_or("\"ip6\" needs an address")?, 128)?;
            Ok(Mechanism::Ip6(ip.parse().map_err(|_| "this is no IPv6 address")?, prefix))
        }
        _ => Err("this mechanism does not exist"),
    }
}

fn network(text: &str, longest: u8) -> Result<(&str, u8), &'static str> {
    match text.split_once('/') {
        None => Ok((text, longest)),
        Some((ip, prefix)) => Ok((ip, prefix_length(prefix, longest)?)),
    }
}

/// A prefix length without leading zeros.
fn prefix_length(text: &str, longest: u8) -> Result<u8, &'static str> {
    let digits = !text.is_empty() && text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        return Err("this is no prefix length");
    }
    text.parse().ok().filter(|&length| length <= longest).ok_or("this prefix length is too long")
}

/// The argument of `a` and `mx`: `[:domain][/v4][//v6]`.
fn with_prefixes(rest: &str) -> Result<(Option<MacroText>, u8, u8), &'static str> {
    let (rest, v6) = match rest.rsplit_once("//") {
        Some((before, length)) if !length.contains(['}', '.']) => (before, prefix_length(length, 128)?),
        _ => (rest, 128),
    };
    let (rest, v4) = match rest.rsplit_once('/') {
        Some((before, length)) if length.bytes().all(|b| b.is_ascii_digit()) => {
            (before, prefix_length(length, 32)?)
        }
        _ => (rest, 32),
    };
    if rest.is_empty() {
        return Ok((None, v4, v6));
    }
    let domain = rest.strip_prefix(':').ok_or("this is no prefix length")?;
    Ok((Some(domain_spec(domain)?), v4, v6))
}

/// A domain, maybe with macros; it ends in a macro or in a proper top label (section 7.1 "domain-spec").
fn domain_spec(text: &str) -> Result<MacroText, &'static str> {
    let read = MacroText::parse(text, false).ok_or("wrong macro or character")?;
    if read.ends_in_expansion() {
        return Ok(read);
    }
    let (before, top) = text.strip_suffix('.').unwrap_or(text).rsplit_once('.').ok_or("this is no domain")?;
    let proper = !top.is_empty()
        && top.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !top.starts_with('-')
        && !top.ends_with('-')
        && !top.bytes().all(|b| b.is_ascii_digit());
    if proper && !before.is_empty() { Ok(read) } else { Err("this is no domain") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_told_from_other_texts() {
        for text in ["v=spf1", "V=SPF1 -ALL", "v=spf1 mx"] {
            assert!(is_record(text), "{text}");
        }
        for text in ["v=spf10 mx", " v=spf1 mx", "v=spf1\tmx", "spf1", "", "v=spf"] {
            assert!(!is_record(text), "{text}");
        }
    }

    #[test]
    fn wrong_terms_are_named_with_their_place() {
        let check = |text: &str, term: &str, position: usize| {
            let error = Record::parse(text).unwrap_err();
            assert_eq!((error.term.as_str(), error.position), (term, position), "{text}");
        };
        check("v=spf1 mx ip4:192.0.2.300 -all", "ip4:192.0.2.300", 10);
        check("v=spf1 ip4:192.0.2.0/33 -all", "ip4:192.0.2.0/33", 7);
        check("v=spf1 include -all", "include", 7);
        check("v=spf1 include:schule -all", "include:schule", 7);
        check("v=spf1 mx, -all", "mx,", 7);
        check("v=spf1 mx -al", "-al", 10);
        check("v=spf1 a/33", "a/33", 7);
        check("v=spf1 a:x.example/032", "a:x.example/032", 7);
        check("v=spf1 redirect=a.example redirect=b.example", "redirect=b.example", 26);
        check("v=spf1 exists:%{z}.a.example", "exists:%{z}.a.example", 7);
        check("v=spf1 all.", "all.", 7);
    }

    #[test]
    fn fine_records_are_read() {
        let record =
            Record::parse("v=spf1  A/24//64 mx:%{d}/26 ip6:2001:db8::/32 ?PTR note=x%{d} -all").unwrap();
        assert_eq!(record.directives.len(), 5);
        assert_eq!(record.directives[0].mechanism, Mechanism::A(None, 24, 64));
        assert_eq!(record.directives[3].qualifier, Qualifier::Neutral);
        assert_eq!(record.all(), Some((4, Qualifier::Fail)));
    }
}
