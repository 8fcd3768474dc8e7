//! Search words: one spelling for what people type and what the book holds, and how alike two words are.
//!
//! Both engines search by the same words and the same trigrams, so that both rank alike. Umlauts, their two-letter
//! spellings and bare vowels are one ("Türen", "Tueren", "Turen"); MAC addresses are one word however they are written.

use crate::Mac;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Words longer than this are cut; no search needs more of them.
const LONGEST: usize = 40;
/// At most this many words of one text are looked at.
const MOST_WORDS: usize = 64;
/// From this similarity on a word counts as a typing error of another.
pub const ALIKE: f64 = 0.34;

/// What people call things: a word of the vocabulary and the words people use for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Called {
    called: BTreeMap<String, Vec<String>>,
}

static CALLED: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
    let read: Option<Called> = toml::from_str(include_str!("../search/called.toml")).ok();
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (word, names) in read.map(|read| read.called).unwrap_or_default() {
        for name in &names {
            for part in words(name) {
                all.entry(part).or_default().extend(words(&word));
            }
        }
    }
    all
});

/// Folds a text to lower-case ASCII letters, digits and blanks.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' => plain.push('a'),
            'ö' | 'ò' | 'ó' | 'ô' | 'õ' | 'ø' => plain.push('o'),
            'ü' | 'ù' | 'ú' | 'û' => plain.push('u'),
            'é' | 'è' | 'ê' | 'ë' => plain.push('e'),
            'í' | 'ì' | 'î' | 'ï' => plain.push('i'),
            'ç' => plain.push('c'),
            'ñ' => plain.push('n'),
            'ß' => plain.push_str("ss"),
            c if c.is_ascii_alphanumeric() => plain.push(c),
            c if c.is_alphanumeric() => plain.push(c),
            _ => plain.push(' '),
        }
    }
    ["ae", "oe", "ue"].iter().fold(plain, |text, pair| text.replace(pair, &pair[..1]))
}

/// The words of a text, in its order, each once. A MAC address is one word of twelve digits.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for chunk in text.split_whitespace() {
        let bare = chunk.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if let Ok(mac) = bare.parse::<Mac>() {
            all.push(mac.to_string().replace(':', ""));
            continue;
        }
        all.extend(folded(chunk).split_whitespace().map(|word| word.chars().take(LONGEST).collect()));
    }
    let mut seen = BTreeSet::new();
    all.retain(|word| seen.insert(word.clone()));
    all.truncate(MOST_WORDS);
    all
}

/// Whether a word is an identifier that nobody mistypes by a letter and still means: twelve hexadecimal digits.
#[must_use]
pub fn is_identifier(word: &str) -> bool {
    word.len() == 12
        && word.chars().all(|c| c.is_ascii_hexdigit())
        && word.chars().any(|c| c.is_ascii_digit())
}

/// The trigrams of a word, its beginning and its end marked; none for identifiers, which are found whole.
#[must_use]
pub fn grams(word: &str) -> BTreeSet<String> {
    if is_identifier(word) {
        return BTreeSet::new();
    }
    let padded: Vec<char> = format!("__{word}_").chars().collect();
    padded.windows(3).map(|gram| gram.iter().collect()).collect()
}

/// How alike two words are, from 0 to 1: whole words before beginnings before typing errors.
#[must_use]
pub fn likeness(typed: &str, word: &str) -> f64 {
    if typed == word {
        return 1.0;
    }
    let (shorter, longer) = (typed.chars().count(), word.chars().count());
    let share = |part: usize, whole: usize| {
        f64::from(u32::try_from(part).unwrap_or(0)) / f64::from(u32::try_from(whole.max(1)).unwrap_or(1))
    };
    if shorter >= 2 && word.starts_with(typed) {
        return 0.7 + 0.25 * share(shorter, longer);
    }
    let (a, b) = (grams(typed), grams(word));
    let common = a.intersection(&b).count();
    0.9 * share(common, a.len() + b.len() - common)
}

/// What a typed word may stand for: itself, and the words of the vocabulary that people call so.
#[must_use]
pub fn meanings(typed: &str) -> Vec<(String, f64)> {
    let mut all = vec![(typed.to_owned(), 1.0)];
    if typed.chars().any(|c| c.is_ascii_digit()) {
        return all;
    }
    for (name, stands_for) in CALLED.iter() {
        let alike = likeness(typed, name);
        if alike >= ALIKE {
            all.extend(stands_for.iter().map(|word| (word.clone(), 0.9 * alike)));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    all.dedup_by(|later, earlier| later.0 == earlier.0);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn umlauts_are_one_however_they_are_typed() {
        let check = |text: &str, expected: &str| assert_eq!(words(text).join(" "), expected, "{text}");
        check("Türen", "turen");
        check("Tueren", "turen");
        check("TUREN", "turen");
        check("Straße 5", "strasse 5");
        check("Beamer A-104, Fachraum", "beamer a 104 fachraum");
        check("00-26-AB-11-22-04", "0026ab112204");
        check("(00:26:ab:11:22:04)", "0026ab112204");
        check("0026.ab11.2204", "0026ab112204");
        check("gesamtschule.example", "gesamtschule example");
        check("  \t ", "");
    }

    #[test]
    fn typing_errors_are_nearer_than_strangers() {
        let check = |typed: &str, word: &str, found: bool| {
            assert_eq!(likeness(typed, word) >= ALIKE, found, "{typed} {word}: {}", likeness(typed, word));
        };
        check("beamer", "beamer", true);
        check("beemer", "beamer", true);
        check("projetor", "projektor", true);
        check("hauptgebude", "hauptgebaude", true);
        check("moodl", "moodle", true);
        check("firewal", "firewall", true);
        check("printer", "drucker", false);
        check("104", "105", false);
        check("a1", "b1", false);
        assert!(likeness("104", "104") > likeness("104", "1040"));
        assert!(likeness("mood", "moodle") > likeness("modle", "moodle"));
    }

    #[test]
    fn words_of_people_lead_to_words_of_the_vocabulary() {
        let leads = |typed: &str, word: &str| meanings(typed).iter().any(|(meaning, _)| meaning == word);
        assert!(leads("beamer", "projector") && leads("beemer", "projector"));
        assert!(leads("drucker", "printer") && leads("kopierer", "printer") && leads("tafel", "board"));
        assert!(leads("wlan", "access") && leads("digibord", "board") && !leads("104", "board"));
        for name in CALLED.values().flatten() {
            let is_kind = crate::Kind::ALL.iter().any(|kind| words(kind.name()).contains(name));
            assert!(is_kind, "{name} is no word of the vocabulary");
        }
        assert!(CALLED.len() > 40);
    }
}
