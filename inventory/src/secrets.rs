//! Tells texts that hold a secret from texts that say where one is kept (promise P9), wherever people type freely.

/// What makes a text look like a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Secret {
    /// A private key or the unmistakable beginning of an access key.
    #[error("this is a private key")]
    Key,
    /// An address with a password in it: `http://admin:geheim@10.0.0.1/`.
    #[error("this address holds a password")]
    Address,
    /// A value after the word that announces it: `Passwort: Sommer2026`.
    #[error("'{0}' is followed by what looks like a secret")]
    Announced(&'static str),
    /// One word mixed as only generated passwords are.
    #[error("one word looks like a generated password")]
    Generated,
    /// One bare word of letters and digits where a place is asked for.
    #[error("this bare word looks like the password itself")]
    Bare,
}

/// Beginnings of keys that are unmistakable.
const KEYS: &[&str] = &["-----begin", "ssh-rsa aaaa", "$2y$", "$6$", "ghp_", "akia"];

/// Words that mean the secret itself, in German, Dutch and English: "das Kennwort ist Hallo" tells one, too.
const PASSWORDS: &[&str] = &[
    "passwort",
    "passwörter",
    "password",
    "passwords",
    "kennwort",
    "kennwörter",
    "wachtwoord",
    "wachtwoorden",
    "passwd",
    "passphrase",
    "pwd",
    "pw",
    "pin",
    "psk",
];

/// Letters from which on such a word is no part of another one by chance: "Adminpasswort", but not "Galopin".
const UNMISTAKABLE: usize = 6;

/// Further words that announce a secret where a colon or an equals sign follows.
const ANNOUNCING: &[&str] = &[
    "wpa-key",
    "wpa key",
    "wlan-schlüssel",
    "community",
    "api-key",
    "api key",
    "apikey",
    "secret",
    "token",
    "login",
    "zugangsdaten",
];

/// Words that begin the name of a place, or say that nothing is known, and are no secret: "Passwort: im Tresor".
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
    "none",
    "bekannt",
    "unbekannt",
    "unknown",
    "träger",
    "schulträger",
    "provider",
    "dienstleister",
    "passwortmanager",
    "password",
    "at",
    "the",
    "über",
    "via",
    "per",
    "durch",
    "von",
    "vom",
    "schulleitung",
    "hausmeister",
    "ordner",
    "schrank",
    "serverraum",
    "büro",
    "raum",
    "keller",
    "schulamt",
];

/// Whether a text looks like it holds a secret, and why.
#[must_use]
pub fn find(text: &str) -> Option<Secret> {
    let lower = text.to_lowercase();
    // A key that begins with a letter begins a word: "akia" is no key within "Slovakia".
    let stands = |key: &str, at| !key.starts_with(char::is_alphanumeric) || begins_word(&lower, at);
    if KEYS.iter().any(|key| lower.match_indices(key).any(|(at, _)| stands(key, at))) {
        return Some(Secret::Key);
    }
    if text.split_whitespace().any(holds_user_and_password) {
        return Some(Secret::Address);
    }
    PASSWORDS
        .iter()
        .chain(ANNOUNCING)
        .find(|word| announces(&lower, word))
        .map(|word| Secret::Announced(word))
        .or_else(|| text.split_whitespace().any(is_scrambled).then_some(Secret::Generated))
}

/// Whether a text that should name a place is one word of letters and digits, as passwords are and places seldom:
/// "Sommer2026", but not "Tresor01" or "R104".
#[must_use]
pub fn is_no_place(text: &str) -> bool {
    let lower = text.to_lowercase();
    let digits = lower.chars().filter(char::is_ascii_digit).count();
    let is_place = PLACES.iter().any(|place| place.len() > 3 && lower.starts_with(place));
    lower.chars().count() >= UNMISTAKABLE
        && !lower.contains(char::is_whitespace)
        && digits > 1
        && lower.contains(char::is_alphabetic)
        && !is_place
}

/// Whether a word begins at this octet.
fn begins_word(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric())
}

fn holds_user_and_password(word: &str) -> bool {
    word.split_once("://")
        .and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'))
        .is_some_and(|(user, _)| user.contains(':'))
}

/// Whether the word stands there and a value follows it. `lower` is in lower case.
fn announces(lower: &str, word: &str) -> bool {
    lower.match_indices(word).any(|(at, _)| {
        let rest = lower[at + word.len()..].trim_start();
        let is = || rest.strip_prefix("ist ").or_else(|| rest.strip_prefix("is "));
        let told =
            rest.strip_prefix([':', '=']).or_else(|| if PASSWORDS.contains(&word) { is() } else { None });
        let is_long = PASSWORDS.contains(&word) && word.len() >= UNMISTAKABLE;
        (is_long || begins_word(lower, at)) && told.is_some_and(is_value)
    })
}

/// Whether what follows `password:` is a value and no place ("im Tresor", "siehe Ordner 3").
fn is_value(rest: &str) -> bool {
    let first = rest.split_whitespace().next().unwrap_or_default();
    let word = first.trim_matches(|c: char| !c.is_alphanumeric());
    first.chars().count() >= 3 && !word.is_empty() && !PLACES.contains(&word)
}

/// Upper and lower case, digits and signs in one word of ten and more: nobody writes prose like that. Model numbers
/// have no such signs, and addresses are spared.
fn is_scrambled(word: &str) -> bool {
    let word = word.trim_matches(|c: char| matches!(c, ',' | '.' | ';' | ':' | '(' | ')' | '"'));
    let has = |test: fn(char) -> bool| word.chars().any(test);
    (10..=64).contains(&word.chars().count())
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
        let check = |text: &str, expected: Option<Secret>| assert_eq!(find(text), expected, "{text}");
        check("Passwort: Sommer2026", Some(Secret::Announced("passwort")));
        check("WLAN PSK = geheim123", Some(Secret::Announced("psk")));
        check("Das Kennwort ist Hallo", Some(Secret::Announced("kennwort")));
        check("wachtwoord: welkom01", Some(Secret::Announced("wachtwoord")));
        check("PW=geheim", Some(Secret::Announced("pw")));
        check("admin, Kennwort : hallo123", Some(Secret::Announced("kennwort")));
        check("PIN: 4711", Some(Secret::Announced("pin")));
        check("Adminpasswort: Sommer2026", Some(Secret::Announced("passwort")));
        check("WLAN-Passwörter: Sommer2026", Some(Secret::Announced("passwörter")));
        check("Turnierpin: 4711", None);
        check("Benutzerpasswort: im Tresor", None);
        check("http://admin:geheim@10.0.0.1/", Some(Secret::Address));
        check("Drucker, siehe http://admin:geheim@10.0.0.1/ im Browser", Some(Secret::Address));
        check("Zugang xK9!mPq2#Lz0", Some(Secret::Generated));
        check("xK9$mQ2!vLp7", Some(Secret::Generated));
        check("-----BEGIN OPENSSH PRIVATE KEY-----", Some(Secret::Key));
        check("Zugang AKIAIOSFODNN7EXAMPLE", Some(Secret::Key));
        check("Messe Slovakia 2026", None);
        check("Passwort: im Tresor des Sekretariats", None);
        check("Passwort: siehe Ordner 3", None);
        check("Das Passwort liegt im Safe, Umschlag 3", None);
        check("Das Passwort ist unbekannt", None);
        check("Passwort beim Träger", None);
        check("Passwort-Manager der Schule, Eintrag Firewall", None);
        check("KeePass der Schulleitung, Eintrag Moodle", None);
        check("KYOCERA ECOSYS M2540dn, Raum 104", None);
        check("https://moodle.schule.example/?Kurs=1&A=b2", None);
        check("http://10.0.0.1:8080/", None);
        check("Spinnennetz: Verkabelung 2. OG", None);
        check("Stopping the printer: see room 3", None);
        check("Ansprechpartnerin: Schulamt, Hausmeister: Loge", None);
        check("Login ist nur im Schulnetz möglich", None);
        check("Zugangsdaten: Schulleitung, Ordner 2", None);
        check("", None);
    }
}
