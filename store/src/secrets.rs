//! Refusing secrets in free text: the register holds where credentials are kept, never the credentials (promise P9).

use crate::error::{Error, Result};

/// Words after which a secret follows in what people write.
const ANNOUNCING: &[&str] = &[
    "passwort",
    "password",
    "kennwort",
    "wachtwoord",
    "passwd",
    "pwd",
    "pw",
    "pin",
    "passphrase",
    "psk",
    "wpa-key",
    "wpa key",
    "api-key",
    "api key",
    "apikey",
    "secret",
    "token",
    "login",
    "zugangsdaten",
];

/// Refuses text that looks like a secret, with the reason and what to write instead.
pub(crate) fn refuse_secret(field: &str, text: &str) -> Result<()> {
    match looks_like_secret(text) {
        Some(why) => Err(Error::Refused(format!(
            "{field}: {why}. Secrets do not belong into the register; write where it is kept \
             (safe, password manager and entry), who has it and when it was last checked"
        ))),
        None => Ok(()),
    }
}

fn looks_like_secret(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    if lower.contains("-----begin") && lower.contains("private key") {
        return Some("this is a private key".to_owned());
    }
    if let Some((scheme, rest)) = text.split_once("://")
        && let Some((user_info, _)) = rest.split('/').next().unwrap_or_default().split_once('@')
        && user_info.contains(':')
    {
        return Some(format!("this {scheme} address holds a password"));
    }
    for word in ANNOUNCING {
        for (at, _) in lower.match_indices(word) {
            let starts_word = !lower[..at].chars().next_back().is_some_and(char::is_alphanumeric);
            let rest = &lower[at + word.len()..];
            let Some(value) = rest.trim_start().strip_prefix([':', '=']) else { continue };
            let value = value.split_whitespace().next().unwrap_or_default();
            if starts_word && value.chars().count() >= 3 && !is_place(value) {
                return Some(format!("'{word}' is followed by what looks like a secret"));
            }
        }
    }
    text.split_whitespace()
        .find(|word| is_random(word))
        .map(|_| "one word looks like a generated password".to_owned())
}

/// Words that begin the name of a place and not a secret: "Passwort: im Tresor".
fn is_place(word: &str) -> bool {
    const PLACES: &[&str] = &[
        "im",
        "in",
        "bei",
        "beim",
        "siehe",
        "liegt",
        "tresor",
        "safe",
        "keepass",
        "bitwarden",
        "vaultwarden",
        "1password",
        "sekretariat",
        "umschlag",
        "see",
        "kluis",
        "zie",
        "bij",
        "nicht",
        "kein",
        "keines",
        "unbekannt",
        "träger",
        "schulträger",
        "provider",
        "dienstleister",
        "passwortmanager",
        "password",
        "at",
        "the",
    ];
    PLACES.contains(&word.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// Upper and lower case, digits and special characters in one word of ten and more: nobody writes prose like that.
fn is_random(word: &str) -> bool {
    let word = word.trim_matches(|c: char| matches!(c, ',' | '.' | ';' | ':' | '(' | ')' | '"'));
    let has = |test: fn(&char) -> bool| word.chars().any(|c| test(&c));
    (10..=64).contains(&word.chars().count())
        && has(char::is_ascii_uppercase)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_digit)
        && has(|c| matches!(c, '!' | '$' | '%' | '&' | '#' | '*' | '+' | '?' | '^' | '~' | '§'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_places() {
        let check = |text: &str, is_secret: bool| {
            assert_eq!(looks_like_secret(text).is_some(), is_secret, "{text}");
        };
        check("Passwort: Sommer2024", true);
        check("PW=geheim", true);
        check("admin, Kennwort : hallo123", true);
        check("http://admin:geheim@10.0.0.1/", true);
        check("xK9$mQ2!vLp7", true);
        check("-----BEGIN RSA PRIVATE KEY-----", true);
        check("Passwort: im Tresor des Sekretariats", false);
        check("KeePass der Schulleitung, Eintrag Moodle", false);
        check("Passwort beim Träger", false);
        check("http://10.0.0.1:8080/", false);
        check("Spinnennetz: Verkabelung 2. OG", false);
        check("Kyocera ECOSYS M2540dn, Raum 104", false);
    }
}
