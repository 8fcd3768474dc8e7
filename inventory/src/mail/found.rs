//! Domains that were seen somewhere: which of them may be a school's own, to be proposed to a person.

use super::lookup::domain_from;

/// Names that every router of a kind uses, and that belong to its maker.
const OF_MAKERS: &[&str] = &["fritz.box", "speedport.ip", "easy.box", "home.arpa", "localdomain.com"];

/// The domain that somebody registered for a name that was seen, such as `schule.de` for `*.moodle.schule.de`. None for
/// names that nobody can register (`.local`, `.lan`, addresses) and for those of makers.
#[must_use]
pub fn candidate(name: &str) -> Option<String> {
    let name = name.trim().trim_start_matches("*.");
    if name.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let name = domain_from(name)?;
    let is_public =
        !name.ends_with(".arpa") && psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known());
    let domain = psl::domain_str(&name).filter(|_| is_public)?.to_owned();
    (!OF_MAKERS.contains(&domain.as_str())).then_some(domain)
}

/// A domain as people write it, with the form with A-labels beside it where that is another one.
#[must_use]
pub fn spoken_form(domain: &str) -> String {
    super::lookup::unicode_form(domain)
        .map_or_else(|| domain.to_owned(), |spoken| format!("{spoken} ({domain})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_were_seen_become_domains_that_may_be_ours() {
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(candidate(name).as_deref(), expected, "{name}");
        };
        check("*.Moodle.Goethe-Schule.DE.", Some("goethe-schule.de"));
        check("mail.schule-köln.de", Some("xn--schule-kln-lcb.de"));
        check("goethe-schule.de", Some("goethe-schule.de"));
        for name in
            ["schule.local", "drucker", "192.168.1.1", "fritz.box", "de", "", "x.lan", "10.in-addr.arpa"]
        {
            check(name, None);
        }
    }
}
