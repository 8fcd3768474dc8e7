//! Tag lists: the `tag=value; tag=value` texts of DKIM, DMARC, MTA-STS, TLS-RPT and BIMI (RFC 6376 section 3.2).

/// The tags of one record in order, names in lower case, values trimmed of white space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tags<'a>(Vec<(String, &'a str)>);

/// Why a text is no tag list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// A part between two semicolons has no `=`.
    #[error("a part has no \"=\"")]
    NoEquals,
    /// A tag's name is empty or holds characters that names do not have.
    #[error("a tag has no proper name")]
    BadName,
    /// The same tag stands twice.
    #[error("a tag stands twice")]
    Twice,
}

/// No list of more tags than this is read: none of the formats has a fifth of them.
const MOST_TAGS: usize = 64;

impl<'a> Tags<'a> {
    /// Reads a tag list; empty parts (a trailing semicolon) are fine.
    ///
    /// # Errors
    /// Says what is wrong with the first part that is.
    pub fn parse(text: &'a str) -> Result<Self, TagError> {
        Self::read(text, |_| true)
    }

    /// Reads a tag list of a format that passes over unknown tags: only one of these must not stand twice.
    ///
    /// # Errors
    /// Says what is wrong with the first part that is.
    pub fn parse_known(text: &'a str, known: &[&str]) -> Result<Self, TagError> {
        Self::read(text, |name| known.contains(&name))
    }

    fn read(text: &'a str, counts: impl Fn(&str) -> bool) -> Result<Self, TagError> {
        let mut tags: Vec<(String, &str)> = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()).take(MOST_TAGS) {
            let (name, value) = part.split_once('=').ok_or(TagError::NoEquals)?;
            let name = name.trim().to_ascii_lowercase();
            let proper = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
            if name.is_empty() || !proper {
                return Err(TagError::BadName);
            }
            if tags.iter().any(|(known, _)| *known == name) {
                if counts(&name) {
                    return Err(TagError::Twice);
                }
                continue;
            }
            tags.push((name, value.trim()));
        }
        Ok(Self(tags))
    }

    /// The value of a tag.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| known == name).map(|&(_, value)| value)
    }

    /// The name of the first tag.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.0.first().map(|(name, _)| name.as_str())
    }

    /// The position of a tag within the list, counted from zero.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(known, _)| known == name)
    }
}

/// Whether a text announces itself as a record of this version: `v=VERSION` (exact case) first, then a semicolon,
/// white space or the end (RFC 9989 section 4.8, RFC 8461 section 3.1, RFC 8460 section 3).
#[must_use]
pub fn announces(text: &str, version: &str) -> bool {
    let Some(rest) = text.strip_prefix('v').or_else(|| text.strip_prefix('V')) else { return false };
    let Some(rest) = rest.trim_start().strip_prefix('=') else { return false };
    let Some(rest) = rest.trim_start().strip_prefix(version) else { return false };
    !rest.starts_with(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_or_refused() {
        let tags = Tags::parse("v=DMARC1; P = reject ;rua=mailto:a@b;").unwrap();
        assert_eq!(tags.get("p"), Some("reject"));
        assert_eq!(tags.first(), Some("v"));
        assert_eq!(tags.position("rua"), Some(2));
        let check = |text, expected| assert_eq!(Tags::parse(text), Err(expected), "{text}");
        check("a b=1", TagError::BadName);
        check("v=DMARC1; p", TagError::NoEquals);
        check("v=1; v=2", TagError::Twice);
        check("; =x", TagError::BadName);
    }

    #[test]
    fn versions_are_exact() {
        let check = |text, expected| assert_eq!(announces(text, "DMARC1"), expected, "{text}");
        check("v=DMARC1; p=none", true);
        check("v = DMARC1 ;p=none", true);
        check("v=DMARC1", true);
        check("v=DMARC1, p=none", true);
        check("v=dmarc1; p=none", false);
        check("v=DMARC10; p=none", false);
        check("p=none; v=DMARC1", false);
        check("some other text", false);
    }
}
