//! Mails for the reader's own mail program.

use crate::guard::escaped;
use rundgang_inventory::mail::lookup::domain_from;

/// A mail for the reader's own mail program (RFC 6068): lines end in CRLF there.
pub(crate) fn mailto(to: &str, subject: &str, body: &str) -> String {
    format!("mailto:{to}?subject={}&body={}", escaped(subject), escaped(&body.replace('\n', "\r\n")))
}

/// The first mailbox in what people typed: `0800 55501, support@anbieter.example`.
pub(crate) fn mailbox(text: &str) -> Option<String> {
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '(' | ')' | '/' | ':');
    text.split(separates).find_map(|word| {
        let (local, domain) = word.trim_end_matches('.').split_once('@')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
        let is_local = !local.is_empty() && local.chars().all(plain);
        Some(format!("{local}@{}", domain_from(domain).filter(|_| is_local)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_is_found_in_what_people_typed() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(mailbox(text).as_deref(), expected, "{text}");
        };
        check("0800 5550100, support@anbieter.example", Some("support@anbieter.example"));
        check("Hotline <DNS@Anbieter.Example>.", Some("DNS@anbieter.example"));
        check("mailto:dns+schule@anbieter.example", Some("dns+schule@anbieter.example"));
        check("0800 5550100", None);
        check("a@b", None);
        check("x?bcc=y@anbieter.example&@anbieter.example", None);
        check("müller@anbieter.example", None);
    }
}
