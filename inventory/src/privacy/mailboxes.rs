//! Mailboxes and telephone numbers of people: which are masked, in public records and in contacts.

use super::{
    MASK,
    words::{SURNAMES, is_first_name, plain},
};

/// Local parts of mailboxes that name an office rather than a person.
const OFFICES: &[&str] = &[
    "abuse",
    "admin",
    "administrator",
    "aggregate",
    "auth",
    "dmarc",
    "dns",
    "edv",
    "failure",
    "forensic",
    "hostmaster",
    "ict",
    "info",
    "it",
    "mail",
    "mailauth",
    "noc",
    "postmaster",
    "report",
    "reports",
    "root",
    "rua",
    "ruf",
    "schule",
    "security",
    "service",
    "support",
    "sysadmin",
    "systeem",
    "technik",
    "tls",
    "tlsrpt",
    "webmaster",
];

/// Masks the local part of a mailbox where it looks like a person's: `vorname.nachname`, or any name known here.
/// The mailboxes of public records are public, but a person in them is none of the register's business.
#[must_use]
pub fn mask_local_part(local: &str) -> String {
    let words: Vec<&str> = local.split(['.', '_', '-', '+']).filter(|word| !word.is_empty()).collect();
    let is_word = |word: &&str| word.chars().all(char::is_alphabetic);
    let is_office = words.iter().any(|word| OFFICES.contains(&word.to_lowercase().as_str()));
    let looks_like_two_names =
        local.contains('.') && words.len() >= 2 && words.iter().all(is_word) && !is_office;
    let is_named = words.iter().any(|word| {
        let plain = plain(word);
        !is_office && (is_first_name(&plain) || SURNAMES.binary_search(&plain.as_str()).is_ok())
    });
    if looks_like_two_names || is_named { MASK.to_owned() } else { local.to_owned() }
}

/// Masks persons' mailboxes in a text such as a DMARC record, and leaves those of offices.
#[must_use]
pub fn mask_persons_mailboxes(text: &str) -> String {
    let mailbox = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(sign) = rest.find('@') {
        let begin = rest[..sign]
            .char_indices()
            .rev()
            .take_while(|&(_, c)| mailbox(c))
            .last()
            .map_or(sign, |(at, _)| at);
        out.push_str(&rest[..begin]);
        out.push_str(&mask_local_part(&rest[begin..sign]));
        out.push('@');
        rest = &rest[sign + 1..];
    }
    out + rest
}

/// `anna.mueller@schule.example` keeps its domain only. Walks through the text once: a device may say `@` a million times.
pub(super) fn without_mailbox(text: &str) -> String {
    let mailbox = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '*');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(sign) = rest.find('@') {
        let before = rest[..sign].char_indices().rev().take_while(|&(_, c)| mailbox(c));
        let begin = before.last().map_or(sign, |(at, _)| at);
        let is_address = begin < sign && rest[sign + 1..].starts_with(char::is_alphanumeric);
        if is_address {
            out.push_str(&rest[..begin]);
            out.push_str(MASK);
        } else {
            out.push_str(&rest[..sign]);
        }
        out.push('@');
        rest = &rest[sign + 1..];
    }
    out + rest
}

/// A telephone number of a contact: six digits or more, separators between them.
pub(super) fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut number = String::new();
    let settle = |number: &mut String, out: &mut String| {
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let kept = number.trim_end_matches([' ', '-', '/', '(', ')']).len();
        if digits >= 6 {
            out.push_str(MASK);
            out.push_str(&number[kept..]);
        } else {
            out.push_str(number);
        }
        number.clear();
    };
    for c in text.chars() {
        let part = c.is_ascii_digit()
            || c == '+'
            || (!number.is_empty() && matches!(c, ' ' | '-' | '/' | '(' | ')'));
        if part {
            number.push(c);
        } else {
            settle(&mut number, &mut out);
            out.push(c);
        }
    }
    settle(&mut number, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_lose_their_person_and_keep_their_domain() {
        let check = |text: &str, expected: &str| assert_eq!(without_mailbox(text), expected, "{text}");
        check("anna.mueller@schule.example", &format!("{MASK}@schule.example"));
        check(
            "an anna@a.example und bernd@b.example!",
            &format!("an {MASK}@a.example und {MASK}@b.example!"),
        );
        check("a@b@c", &format!("{MASK}@{MASK}@c"));
        check("@@ x @ y", "@@ x @ y");
        check("ü@ö", &format!("{MASK}@ö"));
    }

    /// A stack would be used up by far fewer.
    #[test]
    fn a_device_that_says_nothing_but_mailboxes_ends_no_filter() {
        let signs = "@".repeat(1 << 20);
        assert_eq!(without_mailbox(&signs), signs);
        let many = "a@b ".repeat(1 << 18);
        assert_eq!(without_mailbox(&many), format!("{MASK}@b ").repeat(1 << 18));
    }
}
