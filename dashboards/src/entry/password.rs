//! Passwords: which are taken, and their hashes (Argon2id, RFC 9106).

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use std::sync::OnceLock;

/// The shortest password taken, in letters.
const SHORTEST: usize = 12;
/// The longest, so that nobody keeps the hash busy.
const LONGEST: usize = 200;

/// Why a password is not taken, as a key of the texts; `None` where it is. Length counts, and no recipe of digits and
/// signs.
pub(crate) fn objection(password: &str, login: &str) -> Option<&'static str> {
    let letters = password.chars().count();
    let folded = password.to_lowercase();
    let different = folded.chars().collect::<std::collections::BTreeSet<char>>().len();
    if letters < SHORTEST {
        Some("password-short")
    } else if letters > LONGEST {
        Some("password-long")
    } else if different < 5 || (!login.is_empty() && folded.contains(&login.to_lowercase())) {
        Some("password-weak")
    } else {
        None
    }
}

/// Whether nobody has that password, since none so long is taken.
pub(crate) fn is_too_long(password: &str) -> bool {
    password.chars().count() > LONGEST
}

/// The hash of a password with a salt of its own, in PHC form; `None` where the system has no random numbers.
pub(crate) fn hash(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

/// Whether a password has this hash. Where there is none, it takes as long and the answer is no.
pub(crate) fn verify(password: &str, hash: &str) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if is_too_long(password) {
        return false;
    }
    let kept = if hash.is_empty() {
        NOBODY.get_or_init(|| self::hash("nobody has this password").unwrap_or_default())
    } else {
        hash
    };
    let fits = Argon2::default().verify_password(password.as_bytes(), kept).is_ok();
    fits && !hash.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_and_not_the_name() {
        let check = |password: &str, expected: Option<&str>| {
            assert_eq!(objection(password, "a.beispiel"), expected, "{password}");
        };
        check("kurz", Some("password-short"));
        check("zwölf Zeichen", None);
        check("aaaaaaaaaaaaaaaa", Some("password-weak"));
        check("A.Beispiel-2026!", Some("password-weak"));
        check(&"lang und länger ".repeat(20), Some("password-long"));
    }

    #[test]
    fn only_the_right_password_fits_its_hash() {
        let kept = hash("Tafel Kreide Schwamm").expect("a hash");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify("Tafel Kreide Schwamm", &kept));
        assert!(!verify("tafel kreide schwamm", &kept));
        assert!(!verify("", &kept));
        assert!(!verify("nobody has this password", ""), "nobody's password opens nothing");
        assert!(!verify("anything", "no hash at all"));
        assert_ne!(hash("Tafel Kreide Schwamm"), Some(kept), "each has a salt of its own");
    }
}
