//! DKIM keys in the DNS (RFC 6376 section 3.6.1, RFC 8301, RFC 8463): reading one record.

use super::tags::Tags;
use data_encoding::BASE64_NOPAD;

/// A key record, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The key itself.
    pub key: Key,
    /// `t=y`: the domain only tests, receivers treat the mail as unsigned.
    pub testing: bool,
    /// `h=` allows SHA-1 alone, which nobody accepts any more.
    pub sha1_only: bool,
}

/// The key of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// An RSA key of that many bits.
    Rsa(usize),
    /// An Ed25519 key.
    Ed25519,
    /// An empty `p=`: withdrawn.
    Revoked,
}

impl KeyRecord {
    /// Reads a record found under a selector.
    ///
    /// # Errors
    /// Says in a few English words why no receiver can use it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tags = Tags::parse(text).map_err(|error| error.to_string())?;
        if let Some(version) = tags.get("v") {
            if version != "DKIM1" {
                return Err("v= is not DKIM1".to_owned());
            }
            if tags.position("v") != Some(0) {
                return Err("v= does not come first".to_owned());
            }
        }
        let published = tags.get("p").ok_or("p= is missing")?;
        let lists = |name: &str, wanted: &str| {
            tags.get(name)
                .is_some_and(|list| list.split(':').any(|item| item.trim().eq_ignore_ascii_case(wanted)))
        };
        let sha1_only = tags
            .get("h")
            .is_some_and(|list| list.split(':').all(|item| item.trim().eq_ignore_ascii_case("sha1")));
        Ok(Self { key: key(tags.get("k").unwrap_or("rsa"), published)?, testing: lists("t", "y"), sha1_only })
    }
}

fn key(kind: &str, published: &str) -> Result<Key, String> {
    let packed: String = published.chars().filter(|c| !c.is_whitespace()).collect();
    if packed.is_empty() {
        return Ok(Key::Revoked);
    }
    // The padding may be left out (RFC 6376 section 2.10).
    let padded = packed.trim_end_matches('=');
    let bytes = BASE64_NOPAD.decode(padded.as_bytes()).map_err(|_| "p= is no Base64".to_owned())?;
    match kind.to_ascii_lowercase().as_str() {
        "rsa" => rsa_bits(&bytes).map(Key::Rsa).ok_or_else(|| "p= holds no RSA key".to_owned()),
        "ed25519" if bytes.len() == 32 => Ok(Key::Ed25519),
        "ed25519" => Err("p= holds no Ed25519 key".to_owned()),
        _ => Err("k= is no known kind of key".to_owned()),
    }
}

/// The length of the modulus of an RSA key: SubjectPublicKeyInfo, or the bare key that some publish.
fn rsa_bits(bytes: &[u8]) -> Option<usize> {
    let (content, _) = element(bytes, 0x30)?;
    if let Some((modulus, _)) = element(content, 0x02) {
        return Some(bits(modulus));
    }
    let (_, rest) = element(content, 0x30)?;
    let (string, _) = element(rest, 0x03)?;
    let (key, _) = element(string.get(1..)?, 0x30)?;
    let (modulus, _) = element(key, 0x02)?;
    Some(bits(modulus))
}

fn bits(modulus: &[u8]) -> usize {
    let first = modulus.iter().position(|&byte| byte != 0).unwrap_or(modulus.len());
    let modulus = &modulus[first..];
    modulus.first().map_or(0, |byte| modulus.len() * 8 - byte.leading_zeros() as usize)
}

/// One DER element of this tag: its content and what follows (X.690 section 8.1).
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    if found != tag {
        return None;
    }
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let count = usize::from(length & 0x7f);
        if count == 0 || count > 3 {
            return None;
        }
        let (octets, rest) = rest.split_at_checked(count)?;
        (octets.iter().fold(0, |sum, &octet| sum << 8 | usize::from(octet)), rest)
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use data_encoding::BASE64;

    /// A SubjectPublicKeyInfo with a modulus of that many octets.
    pub(crate) fn published(octets: usize) -> String {
        let wrap = |tag: u8, content: &[u8]| {
            let length = u16::try_from(content.len()).unwrap().to_be_bytes();
            [&[tag, 0x82, length[0], length[1]], content].concat()
        };
        let modulus = [&[0u8, 0xc3][..], &vec![7; octets - 1]].concat();
        let key = wrap(0x30, &[wrap(0x02, &modulus), vec![2, 1, 3]].concat());
        let string = wrap(0x03, &[&[0][..], &key].concat());
        BASE64.encode(&wrap(0x30, &[wrap(0x30, &[]), string].concat()))
    }

    #[test]
    fn keys_are_measured() {
        for bits in [512, 1024, 2048, 4096] {
            let record = KeyRecord::parse(&format!("v=DKIM1; k=rsa; p={}", published(bits / 8))).unwrap();
            assert_eq!(record.key, Key::Rsa(bits));
        }
        let ed = BASE64.encode(&[7; 32]);
        assert_eq!(KeyRecord::parse(&format!("k=ed25519; p={ed}")).unwrap().key, Key::Ed25519);
        assert_eq!(KeyRecord::parse("v=DKIM1; p=").unwrap().key, Key::Revoked);
    }

    #[test]
    fn flags_and_faults_are_seen() {
        let key = published(256);
        let record = KeyRecord::parse(&format!("v=DKIM1; t=s:y; h=sha1; p={key}")).unwrap();
        assert!(record.testing && record.sha1_only);
        let record = KeyRecord::parse(&format!("t=s; h=sha1:sha256; p={key}")).unwrap();
        assert!(!record.testing && !record.sha1_only);
        for text in [
            "v=DKIM1; k=rsa".to_owned(),
            "v=DKIM1; p=!!no-base64!!".to_owned(),
            "v=DKIM1; p=AAAA".to_owned(),
            format!("v=DKIM2; p={key}"),
            format!("p={key}; v=DKIM1"),
            format!("v=DKIM1; k=dsa; p={key}"),
            "k=ed25519; p=AAAA".to_owned(),
            "hello".to_owned(),
        ] {
            assert!(KeyRecord::parse(&text).is_err(), "{text}");
        }
    }
}
