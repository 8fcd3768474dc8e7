//! MTA-STS (RFC 8461) and TLS reports (RFC 8460): the announcements in the DNS and the policy file.

use super::tags::Tags;

/// Checks a `_mta-sts` record: an `id` of 1 to 32 letters and digits (RFC 8461 section 3.1).
///
/// # Errors
/// Says in a few English words why the record is not used.
pub fn announcement(text: &str) -> Result<(), &'static str> {
    let tags = Tags::parse(text).map_err(|_| "this is no list of tags")?;
    if tags.get("v") != Some("STSv1") {
        return Err("v=STSv1 is not closed by a semicolon");
    }
    let id = tags.get("id").ok_or("id= is missing")?;
    let fine = (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if fine { Ok(()) } else { Err("id= must be 1 to 32 letters and digits") }
}

/// Checks a `_smtp._tls` record: at least one `mailto:` or `https:` address (RFC 8460 section 3).
///
/// # Errors
/// Says in a few English words why the record is not used.
pub fn reporting(text: &str) -> Result<(), &'static str> {
    let tags = Tags::parse(text).map_err(|_| "this is no list of tags")?;
    if tags.get("v") != Some("TLSRPTv1") {
        return Err("v=TLSRPTv1 is not closed by a semicolon");
    }
    let places = tags.get("rua").ok_or("rua= is missing")?;
    let fine = |place: &str| {
        let (scheme, rest) = place.trim().split_once(':').unwrap_or_default();
        match scheme.to_ascii_lowercase().as_str() {
            "mailto" => {
                rest.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
            }
            "https" => rest.len() > 2 && rest.starts_with("//"),
            _ => false,
        }
    };
    if places.split(',').all(fine) { Ok(()) } else { Err("rua= must name mailto: or https: addresses") }
}

/// A policy file, read (RFC 8461 section 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsPolicy {
    /// Whether mail is held back where TLS fails (`mode: enforce`).
    pub enforced: bool,
    /// The names allowed as mail exchangers; `*.` in front stands for one label.
    pub exchangers: Vec<String>,
}

impl StsPolicy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// Says in a few English words why senders do not use it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (mut version, mut mode, mut age, mut exchangers) = (None, None, None, Vec::new());
        for line in text.lines().take(500) {
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match key.trim() {
                "version" => version = Some(value),
                "mode" => mode = Some(value),
                "max_age" => age = value.parse::<u32>().ok(),
                "mx" => exchangers.push(value.trim_end_matches('.').to_ascii_lowercase()),
                _ => {}
            }
        }
        if version != Some("STSv1") {
            return Err("the policy has no version: STSv1");
        }
        if age.is_none() {
            return Err("the policy has no max_age");
        }
        let enforced = match mode {
            Some("enforce") => true,
            Some("testing" | "none") => false,
            _ => return Err("the policy has no mode: enforce, testing or none"),
        };
        if exchangers.is_empty() && mode != Some("none") {
            return Err("the policy names no mx");
        }
        Ok(Self { enforced, exchangers })
    }

    /// Whether a host is allowed as mail exchanger.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        self.exchangers.iter().any(|allowed| match allowed.strip_prefix("*.") {
            Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
            None => allowed == host,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_are_checked() {
        assert_eq!(announcement("v=STSv1; id=20260101T000000;"), Ok(()));
        for text in ["v=STSv1;", "v=STSv1; id=2026-01-01", "v=STSv1; id=", "v=STSv1 id=1", "v=STSv1; id"] {
            assert!(announcement(text).is_err(), "{text}");
        }
        assert_eq!(reporting("v=TLSRPTv1; rua=mailto:a@b.example,https://c.example/x"), Ok(()));
        for text in
            ["v=TLSRPTv1;", "v=TLSRPTv1; rua=a@b.example", "v=TLSRPTv1; rua=mailto:", "v=TLSRPTv1;rua="]
        {
            assert!(reporting(text).is_err(), "{text}");
        }
    }

    #[test]
    fn policies_are_read() {
        let policy =
            StsPolicy::parse("version: STSv1\r\nmode: enforce\r\nmx: *.post.example\r\nmax_age: 86400\r\n")
                .unwrap();
        assert!(policy.enforced && policy.allows("mx1.post.example"));
        assert!(!policy.allows("post.example") && !policy.allows("a.mx1.post.example"));
        assert!(StsPolicy::parse("<html>").is_err());
        assert!(StsPolicy::parse("version: STSv1\nmode: enforce\nmax_age: 1").is_err());
    }
}
