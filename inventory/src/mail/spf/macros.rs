//! SPF macros (RFC 7208 section 7): `%{ir}.%{v}._spf.%{d2}` read once, expanded for each sender.

use std::net::IpAddr;

/// A macro string, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacroText(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Expand { letter: char, escape: bool, keep: Option<usize>, reverse: bool, delimiters: Vec<char> },
}

/// What macros may speak of.
#[derive(Clone, Debug)]
pub struct Variables<'a> {
    /// The local part of the sender, `postmaster` where there is none (`l`).
    pub local: &'a str,
    /// The domain of the sender (`o`).
    pub sender_domain: &'a str,
    /// The domain whose record is being read (`d`).
    pub domain: &'a str,
    /// The address of the sending server (`i`, `c`, `v`).
    pub ip: IpAddr,
    /// The name that the server gave in HELO or EHLO (`h`).
    pub helo: &'a str,
    /// The name of the receiving host (`r`).
    pub receiver: &'a str,
    /// The time in seconds since the epoch (`t`).
    pub seconds: i64,
    /// The validated name of the address (`p`), asked for only where it is used.
    pub validated: &'a str,
}

impl MacroText {
    /// Reads a macro string; `explaining` allows the letters that only explanations have (`c`, `r`, `t`).
    /// None where the syntax is wrong.
    #[must_use]
    pub fn parse(text: &str, explaining: bool) -> Option<Self> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            rest = &rest[first.len_utf8()..];
            if first != '%' {
                let allowed = matches!(first, '\x21'..='\x7e') || (explaining && first == ' ');
                if !allowed {
                    return None;
                }
                literal.push(first);
                continue;
            }
            let second = rest.chars().next()?;
            rest = &rest[second.len_utf8()..];
            match second {
                '%' => literal.push('%'),
                '_' => literal.push(' '),
                '-' => literal.push_str("%20"),
                '{' => {
                    let (inside, after) = rest.split_once('}')?;
                    rest = after;
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(expansion(inside, explaining)?);
                }
                _ => return None,
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Some(Self(parts))
    }

    /// Whether the text ends in an expansion (a domain may then end anyhow, RFC 7208 section 7.1 "domain-end").
    #[must_use]
    pub fn ends_in_expansion(&self) -> bool {
        matches!(self.0.last(), Some(Part::Expand { .. }))
    }

    /// Whether this letter is used.
    #[must_use]
    pub fn uses(&self, wanted: char) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Expand { letter, .. } if *letter == wanted))
    }

    /// Whether the text depends on the single mail, not only on the domain.
    #[must_use]
    pub fn depends_on_mail(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Expand { letter, .. } if !matches!(letter, 'd' | 'o')))
    }

    /// The text for one sender.
    #[must_use]
    pub fn expand(&self, variables: &Variables<'_>) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Expand { letter, escape, keep, reverse, delimiters } => {
                    let value = variables.value(*letter);
                    let value = transformed(&value, *keep, *reverse, delimiters);
                    if *escape {
                        escape_into(&value, &mut text);
                    } else {
                        text.push_str(&value);
                    }
                }
            }
        }
        text
    }

    /// The expansion as a name to ask for: cut from the left to 253 octets (RFC 7208 section 7.3).
    #[must_use]
    pub fn expand_name(&self, variables: &Variables<'_>) -> String {
        let text = self.expand(variables);
        let mut name = text.strip_suffix('.').unwrap_or(&text);
        while name.len() > 253 {
            match name.split_once('.') {
                Some((_, rest)) => name = rest,
                None => break,
            }
        }
        name.to_ascii_lowercase()
    }
}

fn expansion(inside: &str, explaining: bool) -> Option<Part> {
    let mut chars = inside.chars();
    let first = chars.next()?;
    let letter = first.to_ascii_lowercase();
    let known = matches!(letter, 's' | 'l' | 'o' | 'd' | 'i' | 'p' | 'h' | 'v');
    let only_explaining = matches!(letter, 'c' | 'r' | 't');
    if !known && (!explaining || !only_explaining) {
        return None;
    }
    let rest = chars.as_str();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = rest.split_at(digits);
    let keep = if number.is_empty() { None } else { Some(number.parse::<usize>().unwrap_or(usize::MAX)) };
    if keep == Some(0) {
        return None;
    }
    let (reverse, rest) = match rest.strip_prefix(['r', 'R']) {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let delimiters: Vec<char> = rest.chars().collect();
    if delimiters.iter().any(|c| !matches!(c, '.' | '-' | '+' | ',' | '/' | '_' | '=')) {
        return None;
    }
    Some(Part::Expand { letter, escape: first.is_ascii_uppercase(), keep, reverse, delimiters })
}

/// Splits at the delimiters, reverses, keeps the rightmost parts and joins with dots.
fn transformed(value: &str, keep: Option<usize>, reverse: bool, delimiters: &[char]) -> String {
    let split = |c: char| if delimiters.is_empty() { c == '.' } else { delimiters.contains(&c) };
    let mut parts: Vec<&str> = value.split(split).collect();
    if reverse {
        parts.reverse();
    }
    let from = keep.map_or(0, |keep| parts.len().saturating_sub(keep));
    parts[from..].join(".")
}

/// Everything but the unreserved characters as `%XX` (RFC 3986 section 2.3).
fn escape_into(value: &str, text: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
}

impl Variables<'_> {
    fn value(&self, letter: char) -> String {
        match letter {
            's' => format!("{}@{}", self.local, self.sender_domain),
            'l' => self.local.to_owned(),
            'o' => self.sender_domain.to_owned(),
            'd' => self.domain.to_owned(),
            'i' => dotted(self.ip),
            'p' => self.validated.to_owned(),
            'v' => if self.ip.is_ipv4() { "in-addr" } else { "ip6" }.to_owned(),
            'h' => self.helo.to_owned(),
            'c' => self.ip.to_string(),
            'r' => self.receiver.to_owned(),
            't' => self.seconds.to_string(),
            _ => String::new(),
        }
    }
}

/// An address in the form of `i`: IPv6 as 32 nibbles with dots between, upper case as in RFC 7208 section 7.4.
fn dotted(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let nibbles: Vec<String> =
                v6.octets().iter().flat_map(|o| [format!("{:X}", o >> 4), format!("{:X}", o & 15)]).collect();
            nibbles.join(".")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(ip: &str) -> Variables<'static> {
        Variables {
            local: "anna.sek-1",
            sender_domain: "post.schule.example",
            domain: "post.schule.example",
            ip: ip.parse().unwrap(),
            helo: "mx.schule.example",
            receiver: "unknown",
            seconds: 0,
            validated: "unknown",
        }
    }

    #[test]
    fn macros_expand() {
        let check = |text: &str, expected: &str| {
            let read = MacroText::parse(text, false).unwrap();
            assert_eq!(read.expand(&variables("192.0.2.3")), expected, "{text}");
        };
        check("%{s}", "anna.sek-1@post.schule.example");
        check("%{d2}", "schule.example");
        check("%{d1r}", "post");
        check("%{lr-}", "1.anna.sek");
        check("%{ir}.%{v}._spf.%{d}", "3.2.0.192.in-addr._spf.post.schule.example");
        check("%{L}%%%_%-", "anna.sek-1% %20");
    }

    #[test]
    fn wrong_macros_are_refused() {
        for text in ["%{z}", "%{d0}", "%(d)", "%", "%{d", "%{c}", "%{d;}", "a b", "ü"] {
            assert_eq!(MacroText::parse(text, false), None, "{text}");
        }
        assert!(MacroText::parse("%{c} at %{t}", true).is_some());
    }
}
