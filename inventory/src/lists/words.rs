//! The words that stand in lists: headings, states, months, kinds of systems. All of them are data.

use crate::{
    Kind,
    search::{folded, meanings, words},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

type Called = BTreeMap<String, Vec<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    column: Called,
    secret: Secrets,
    status: Called,
    truth: Called,
    service: Called,
    months: Called,
}

/// What announces a column of secrets.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    /// Whole headings.
    headings: Vec<String>,
    /// Words within a heading.
    words: Vec<String>,
    /// What a heading has in it, also within a longer word.
    parts: Vec<String>,
}

/// Every word of a table, folded, to what it stands for.
type Meanings = BTreeMap<String, String>;

#[derive(Debug, Default)]
pub(super) struct Words {
    columns: Meanings,
    secrets: Secrets,
    statuses: Meanings,
    truths: Meanings,
    services: Meanings,
    months: Meanings,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../lists/columns.toml")).unwrap_or_default();
    let table = |called: &Called| -> Meanings {
        let own = |meaning: &String| (joined(meaning), meaning.clone());
        called
            .iter()
            .flat_map(|(meaning, names)| {
                names.iter().map(move |name| (joined(name), meaning.clone())).chain([own(meaning)])
            })
            .collect()
    };
    Words {
        columns: table(&file.column),
        secrets: Secrets {
            headings: file.secret.headings.iter().map(|heading| joined(heading)).collect(),
            words: file.secret.words.iter().map(|word| joined(word)).collect(),
            parts: file.secret.parts.iter().map(|part| joined(part)).collect(),
        },
        statuses: table(&file.status),
        truths: table(&file.truth),
        services: table(&file.service),
        months: table(&file.months),
    }
});

/// One spelling: no capitals, umlauts, signs or blanks.
pub(super) fn joined(text: &str) -> String {
    folded(text).split_whitespace().collect()
}

/// The field that a heading names.
pub(super) fn field(heading: &str) -> Option<&'static str> {
    WORDS.columns.get(&joined(heading)).map(String::as_str)
}

/// Whether a heading announces secrets: it is known as such, or has a word for them in it and is not known to ask for
/// their place, their kind or whoever else can get at them.
pub(super) fn is_secret(heading: &str) -> bool {
    let (whole, secrets) = (joined(heading), &WORDS.secrets);
    let is_place = || field(heading).is_some_and(|field| field.starts_with("credentials_"));
    let has_word =
        || folded(heading).split_whitespace().any(|word| secrets.words.iter().any(|known| known == word));
    let has_part = || secrets.parts.iter().any(|part| whole.contains(part.as_str()));
    secrets.headings.contains(&whole) || ((has_word() || has_part()) && !is_place())
}

/// The status that a word means. What stands in brackets counts where the word before says nothing, and after "Ready to
/// Deploy", which says no more than that it may be used: "Ready to Deploy (Deployed)".
pub(super) fn status(word: &str) -> Option<&'static str> {
    let known = |word: &str| WORDS.statuses.get(&joined(word)).map(String::as_str);
    let (before, within) = match word.trim().strip_suffix(')').and_then(|word| word.rsplit_once('(')) {
        Some((before, within)) => (before, Some(within)),
        None => (word, None),
    };
    let is_vague = joined(before) == "readytodeploy";
    let first = if is_vague { within.and_then(known) } else { None };
    known(word).or(first).or_else(|| known(before)).or_else(|| known(within?))
}

/// Whether a word says yes or no.
pub(super) fn truth(word: &str) -> Option<bool> {
    WORDS.truths.get(&joined(word)).map(|truth| truth == "yes")
}

/// The month that a word names.
pub(super) fn month(word: &str) -> Option<i64> {
    WORDS.months.get(&joined(word))?.parse().ok()
}

/// The kind that a word of a list means; free text stays what it is.
pub(super) fn kind(text: &str) -> String {
    if let Ok(kind) = text.trim().to_lowercase().parse::<Kind>() {
        return kind.name().to_owned();
    }
    if let Some(service) = WORDS.services.get(&joined(text)) {
        return service.clone();
    }
    let typed = words(text);
    // Only the word itself counts here, no typing error of it: a kind decides about rules.
    let mut meant: Vec<String> = typed.clone();
    for word in &typed {
        meant.extend(meanings(word).into_iter().filter(|(_, fits)| *fits > 0.89).map(|(word, _)| word));
    }
    let fits = |kind: &&Kind| words(kind.name()).iter().all(|part| meant.contains(part));
    // "WLAN-Controller" is a controller, not a controller's WLAN: the kind with the most words fits best.
    let best = Kind::ALL.iter().filter(fits).max_by_key(|kind| words(kind.name()).len());
    best.map_or_else(|| text.trim().to_owned(), |kind| kind.name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_no_heading_means_two_fields() {
        let file: File = toml::from_str(include_str!("../../lists/columns.toml")).expect("a sound file");
        for table in [&file.column, &file.status, &file.truth, &file.months, &file.service] {
            let mut seen: BTreeMap<String, &str> = BTreeMap::new();
            for (meaning, names) in table {
                for name in names.iter().chain([meaning]) {
                    let before = seen.insert(joined(name), meaning);
                    assert!(
                        before.is_none_or(|before| before == meaning),
                        "{name}: {before:?} and {meaning}"
                    );
                }
            }
        }
        assert_eq!(field("Serien-Nr."), Some("serial"));
        assert_eq!(field("  RAUM "), Some("room"));
        assert_eq!(field("Bemerkung"), Some("notes"));
        assert_eq!(field("Lieblingsfarbe"), None);
    }

    #[test]
    fn headings_that_announce_secrets_are_told_from_those_that_name_a_place() {
        for heading in [
            "Passwort",
            "Admin-Passwort",
            "Passwort WLAN",
            "WLAN-Passwörter",
            "PIN",
            "PIN (Kopierer)",
            "Kennwort neu",
            "Zugangsdaten",
            "Zugang hinterlegt",
            "Wachtwoord wifi",
            "Adminpassword",
            "Benutzer/PW",
            "WLAN-Schlüssel",
        ] {
            assert!(is_secret(heading), "{heading}");
        }
        for heading in [
            "Passwort hinterlegt",
            "Ort der Zugangsdaten",
            "Zugangsart",
            "Spinnennetz",
            "Pinnwand",
            "Schlüsselnummer",
            "Passwort geprüft am",
            "Raum",
            "",
        ] {
            assert!(!is_secret(heading), "{heading}");
        }
    }

    #[test]
    fn words_of_lists_are_understood() {
        let check = |text: &str, expected: &str| assert_eq!(kind(text), expected, "{text}");
        check("Beamer", "projector");
        check("Netzwerkdrucker", "Netzwerkdrucker");
        check("Drucker (Laser)", "printer");
        check("Access Point", "access-point");
        check("Accesspoint", "Accesspoint");
        check("access-point", "access-point");
        check("WLAN-Controller", "wlan-controller");
        check("Software", "software");
        check("Lernplattform", "Lernplattform");
        assert_eq!(
            [status("in Betrieb"), status("Defekt"), status("kommt bald")],
            [Some("in-use"), Some("in-repair"), None]
        );
        assert_eq!([truth("Ja"), truth("nein"), truth("vielleicht")], [Some(true), Some(false), None]);
        assert_eq!([month("März"), month("okt"), month("Heuert")], [Some(3), Some(10), None]);
    }
}
