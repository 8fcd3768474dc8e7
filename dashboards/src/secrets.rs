//! Free text that looks like a secret is refused before it reaches the store (promise P9).

use crate::failure::Failure;

/// Words after which people write a secret.
const WORDS: [&str; 14] = [
    "passwort",
    "password",
    "kennwort",
    "wachtwoord",
    "passwd",
    "pwd",
    "pw",
    "pin",
    "psk",
    "wlan-schlüssel",
    "community",
    "token",
    "secret",
    "api-key",
];

/// Beginnings of keys that are unmistakable.
const KEYS: [&str; 6] = ["-----begin", "ssh-rsa aaaa", "$2y$", "$6$", "ghp_", "akia"];

/// Refuses texts of which one looks like it holds a secret.
pub(crate) fn refuse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<(), Failure> {
    if texts.into_iter().any(looks_secret) { Err(Failure::Refused("error-secret")) } else { Ok(()) }
}

/// Whether a text looks like it holds a secret: `Passwort: Sommer2026`, a private key, a bare mix of characters.
pub(crate) fn looks_secret(text: &str) -> bool {
    let lower = text.to_lowercase();
    if KEYS.iter().any(|key| lower.contains(key)) {
        return true;
    }
    let after_word = WORDS.iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let begins_word = lower[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
            let rest = lower[at + word.len()..].trim_start();
            let told = rest
                .strip_prefix([':', '='])
                .or_else(|| rest.strip_prefix("ist "))
                .or_else(|| rest.strip_prefix("is "));
            begins_word && told.is_some_and(names_a_value)
        })
    });
    after_word || text.split_whitespace().any(is_scrambled)
}

/// Whether what follows `password:` is a value and no place ("im Tresor", "siehe Ordner 3").
fn names_a_value(rest: &str) -> bool {
    const PLACES: [&str; 22] = [
        "im",
        "in",
        "siehe",
        "bei",
        "beim",
        "liegt",
        "tresor",
        "safe",
        "keepass",
        "bitwarden",
        "vaultwarden",
        "umschlag",
        "zie",
        "see",
        "at",
        "the",
        "kluis",
        "bekannt",
        "unbekannt",
        "unknown",
        "keines",
        "none",
    ];
    let first: String = rest.trim().chars().take_while(|c| !c.is_whitespace()).collect();
    let word = first.trim_matches(|c: char| !c.is_alphanumeric());
    !word.is_empty() && !PLACES.contains(&word)
}

/// A word of letters, digits and signs mixed as only generated passwords are. Model numbers have no such signs, and
/// addresses are spared.
fn is_scrambled(word: &str) -> bool {
    let has = |test: fn(char) -> bool| word.chars().any(test);
    let length = word.chars().count();
    (10..=64).contains(&length)
        && has(char::is_lowercase)
        && has(char::is_uppercase)
        && has(|c| c.is_ascii_digit())
        && has(|c| "!$%&#*+?^~§".contains(c))
        && !word.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_places() {
        let check = |text: &str, expected: bool| assert_eq!(looks_secret(text), expected, "{text}");
        check("Passwort: Sommer2026", true);
        check("WLAN PSK = geheim123", true);
        check("Das Kennwort ist Hallo", true);
        check("wachtwoord: welkom01", true);
        check("Zugang xK9!mPq2#Lz0", true);
        check("-----BEGIN OPENSSH PRIVATE KEY-----", true);
        check("Passwort: im Tresor des Sekretariats", false);
        check("Das Passwort liegt im Safe, Umschlag 3", false);
        check("Passwort-Manager der Schule, Eintrag Firewall", false);
        check("KYOCERA ECOSYS M2540dn", false);
        check("https://moodle.schule.example/?Kurs=1&A=b2", false);
        check("Stopping the printer: see room 3", false);
        check("", false);
    }
}
