//! Keys of the User-based Security Model: from pass phrase to digest and cipher (RFC 3414, RFC 3826, RFC 7860).

use super::Error;
use aes::cipher::KeyIvInit;
use hmac::{KeyInit, Mac};
use sha1::Digest;

/// Authentication protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authentication {
    /// HMAC-MD5-96 (RFC 3414).
    Md5,
    /// HMAC-SHA-96 (RFC 3414).
    Sha1,
    /// HMAC-128-SHA-224 (RFC 7860).
    Sha224,
    /// HMAC-192-SHA-256 (RFC 7860).
    Sha256,
    /// HMAC-256-SHA-384 (RFC 7860).
    Sha384,
    /// HMAC-384-SHA-512 (RFC 7860).
    Sha512,
}

impl Authentication {
    /// The protocol of this name: `md5`, `sha1` (or `sha`), `sha224`, `sha256`, `sha384`, `sha512`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().replace('-', "").as_str() {
            "md5" => Self::Md5,
            "sha" | "sha1" => Self::Sha1,
            "sha224" => Self::Sha224,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    /// How many octets of the digest a message carries.
    #[must_use]
    pub const fn digest_length(self) -> usize {
        match self {
            Self::Md5 | Self::Sha1 => 12,
            Self::Sha224 => 16,
            Self::Sha256 => 24,
            Self::Sha384 => 32,
            Self::Sha512 => 48,
        }
    }

    fn hash(self, parts: &[&[u8]]) -> Vec<u8> {
        fn run<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut digest = D::new();
            parts.iter().for_each(|part| digest.update(part));
            digest.finalize().to_vec()
        }
        match self {
            Self::Md5 => run::<md5::Md5>(parts),
            Self::Sha1 => run::<sha1::Sha1>(parts),
            Self::Sha224 => run::<sha2::Sha224>(parts),
            Self::Sha256 => run::<sha2::Sha256>(parts),
            Self::Sha384 => run::<sha2::Sha384>(parts),
            Self::Sha512 => run::<sha2::Sha512>(parts),
        }
    }

    /// The digest a message carries, over all `parts` in order, cut to its length.
    pub(super) fn digest(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        fn run<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
            // HMAC takes keys of any length, so this never fails.
            let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
            parts.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().to_vec()
        }
        let mut digest = match self {
            Self::Md5 => run::<hmac::Hmac<md5::Md5>>(key, parts),
            Self::Sha1 => run::<hmac::Hmac<sha1::Sha1>>(key, parts),
            Self::Sha224 => run::<hmac::Hmac<sha2::Sha224>>(key, parts),
            Self::Sha256 => run::<hmac::Hmac<sha2::Sha256>>(key, parts),
            Self::Sha384 => run::<hmac::Hmac<sha2::Sha384>>(key, parts),
            Self::Sha512 => run::<hmac::Hmac<sha2::Sha512>>(key, parts),
        };
        digest.truncate(self.digest_length());
        digest
    }

    /// The key of a pass phrase (RFC 3414, section 2.6): the hash of a mebibyte of its repetition. This takes
    /// milliseconds on purpose, so keep it. An empty pass phrase has no key.
    #[must_use]
    pub fn master_key(self, pass_phrase: &[u8]) -> Option<MasterKey> {
        const TOTAL: usize = 1 << 20;
        if pass_phrase.is_empty() {
            return None;
        }
        // Whole repetitions in pieces of about 4 KiB keep the hash busy with long runs.
        let piece = pass_phrase.repeat(4096_usize.div_ceil(pass_phrase.len()));
        let last = piece.get(..TOTAL % piece.len()).unwrap_or_default();
        let mut parts: Vec<&[u8]> = vec![&piece; TOTAL / piece.len()];
        parts.push(last);
        Some(MasterKey { protocol: self, key: self.hash(&parts) })
    }
}

/// Privacy protocols, all of them AES in cipher feedback mode with 128-bit feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Privacy {
    /// AES-128 (RFC 3826).
    Aes128,
    /// AES-192, key lengthened as in draft-blumenthal-aes-usm-04, section 3.1.2.1.
    Aes192,
    /// AES-256, key lengthened likewise.
    Aes256,
    /// AES-192 with Cisco's lengthening of the key (draft-reeder-snmpv3-usm-3desede-00, section 2.1).
    Aes192Cisco,
    /// AES-256 with Cisco's lengthening of the key.
    Aes256Cisco,
}

impl Privacy {
    /// The protocol of this name: `aes` or `aes128`, `aes192`, `aes256`, `aes192c`, `aes256c`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().replace('-', "").as_str() {
            "aes" | "aes128" => Self::Aes128,
            "aes192" => Self::Aes192,
            "aes256" => Self::Aes256,
            "aes192c" => Self::Aes192Cisco,
            "aes256c" => Self::Aes256Cisco,
            _ => return None,
        })
    }

    const fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::Aes192Cisco => 24,
            Self::Aes256 | Self::Aes256Cisco => 32,
        }
    }
}

/// The key of a pass phrase, not yet bound to an engine. Keep it: making it is slow.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey {
    protocol: Authentication,
    key: Vec<u8>,
}

impl std::fmt::Debug for MasterKey {
    /// Shows the protocol, never the key (promise S7).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterKey").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

impl MasterKey {
    /// The key for one engine (RFC 3414, section 2.6).
    fn localised(&self, engine: &[u8]) -> Vec<u8> {
        self.protocol.hash(&[&self.key, engine, &self.key])
    }

    /// The cipher key for one engine, as long as the cipher needs it.
    fn cipher_key(&self, privacy: Privacy, engine: &[u8]) -> Vec<u8> {
        let mut key = self.localised(engine);
        // Each round adds at least 16 octets, so two suffice; none needs more than four.
        for _ in 0..4 {
            if key.len() >= privacy.key_length() {
                break;
            }
            let more = match privacy {
                Privacy::Aes192Cisco | Privacy::Aes256Cisco => {
                    self.protocol.master_key(&key).map(|master| master.localised(engine)).unwrap_or_default()
                }
                _ => self.protocol.hash(&[&key]),
            };
            key.extend(more);
        }
        key.truncate(privacy.key_length());
        key
    }
}

/// A user and the master keys of its pass phrases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub name: Vec<u8>,
    /// Key of the authentication pass phrase, if it authenticates.
    pub authentication: Option<MasterKey>,
    /// Protocol and key of the privacy pass phrase, if it encrypts; only with authentication.
    pub privacy: Option<(Privacy, MasterKey)>,
}

/// A user's keys for one engine.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Keys {
    pub(super) authentication: Option<(Authentication, Vec<u8>)>,
    pub(super) privacy: Option<(Privacy, Vec<u8>)>,
}

impl std::fmt::Debug for Keys {
    /// Shows the protocols, never the keys (promise S7).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys")
            .field("authentication", &self.authentication.as_ref().map(|(protocol, _)| protocol))
            .field("privacy", &self.privacy.as_ref().map(|(protocol, _)| protocol))
            .finish()
    }
}

impl User {
    /// The user's keys for the engine of this ID.
    #[must_use]
    pub fn keys(&self, engine: &[u8]) -> Keys {
        let authentication = self.authentication.as_ref().map(|key| (key.protocol, key.localised(engine)));
        let privacy = match (&authentication, &self.privacy) {
            (Some(_), Some((privacy, key))) => Some((*privacy, key.cipher_key(*privacy, engine))),
            _ => None,
        };
        Keys { authentication, privacy }
    }
}

/// The initialisation vector of RFC 3826, section 3.1.2.1.
fn initialisation_vector(boots: u32, time: u32, salt: [u8; 8]) -> [u8; 16] {
    let [a, b, c, d] = boots.to_be_bytes();
    let [e, f, g, h] = time.to_be_bytes();
    let [i, j, k, l, m, n, o, p] = salt;
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

/// Which way the cipher runs.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    Encrypt,
    Decrypt,
}

/// Encrypts or decrypts in place.
pub(super) fn cipher(
    direction: Direction,
    (privacy, key): &(Privacy, Vec<u8>),
    (boots, time, salt): (u32, u32, [u8; 8]),
    text: &mut [u8],
) -> Result<(), Error> {
    let vector = initialisation_vector(boots, time, salt);
    macro_rules! run {
        ($cipher:ty) => {
            match direction {
                Direction::Encrypt => cfb_mode::Encryptor::<$cipher>::new_from_slices(key, &vector)
                    .map_err(|_| Error::Undecryptable)?
                    .encrypt(text),
                Direction::Decrypt => cfb_mode::Decryptor::<$cipher>::new_from_slices(key, &vector)
                    .map_err(|_| Error::Undecryptable)?
                    .decrypt(text),
            }
        };
    }
    match privacy {
        Privacy::Aes128 => run!(aes::Aes128),
        Privacy::Aes192 | Privacy::Aes192Cisco => run!(aes::Aes192),
        Privacy::Aes256 | Privacy::Aes256Cisco => run!(aes::Aes256),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    /// RFC 3414, appendix A.3: pass phrase "maplesyrup", engine 00 00 00 00 00 00 00 00 00 00 00 02.
    #[test]
    fn keys_of_the_rfc() {
        let engine = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
        let check = |protocol: Authentication, master: &str, localised: &str| {
            let key = protocol.master_key(b"maplesyrup").unwrap();
            assert_eq!(HEXLOWER.encode(&key.key), master, "{protocol:?}");
            assert_eq!(HEXLOWER.encode(&key.localised(&engine)), localised, "{protocol:?}");
        };
        check(Authentication::Md5, "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b");
        check(
            Authentication::Sha1,
            "9fb5cc0381497b3793528939ff788d5d79145211",
            "6695febc9288e36282235fc7151f128497b38f3f",
        );
    }

    #[test]
    fn keys_are_as_long_as_the_cipher_needs() {
        let engine = [0x80, 0, 0, 0, 1];
        for authentication in [Authentication::Md5, Authentication::Sha1, Authentication::Sha512] {
            let master = authentication.master_key(b"maplesyrup").unwrap();
            for privacy in [
                Privacy::Aes128,
                Privacy::Aes192,
                Privacy::Aes256,
                Privacy::Aes192Cisco,
                Privacy::Aes256Cisco,
            ] {
                let key = master.cipher_key(privacy, &engine);
                assert_eq!(key.len(), privacy.key_length(), "{authentication:?} {privacy:?}");
                let mut text = *b"sixteen octets and some more";
                let about = (7, 9, [3; 8]);
                cipher(Direction::Encrypt, &(privacy, key.clone()), about, &mut text).unwrap();
                assert_ne!(&text, b"sixteen octets and some more");
                cipher(Direction::Decrypt, &(privacy, key), about, &mut text).unwrap();
                assert_eq!(&text, b"sixteen octets and some more");
            }
        }
        assert_eq!(Authentication::Sha1.master_key(b""), None);
    }

    #[test]
    fn names() {
        assert_eq!(Authentication::from_name("SHA-256"), Some(Authentication::Sha256));
        assert_eq!(Authentication::from_name("sha"), Some(Authentication::Sha1));
        assert_eq!(Authentication::from_name("rot13"), None);
        assert_eq!(Privacy::from_name("aes256c"), Some(Privacy::Aes256Cisco));
        assert_eq!(Privacy::from_name("des"), None);
    }

    #[test]
    fn nothing_secret_is_shown() {
        let key = Authentication::Md5.master_key(b"maplesyrup").unwrap();
        let user = User { name: b"walker".to_vec(), authentication: Some(key.clone()), privacy: None };
        let shown = format!("{user:?} {:?} {key:?}", user.keys(b"engine"));
        assert!(!shown.contains("159") && !shown.contains("9f"), "{shown}");
    }
}
