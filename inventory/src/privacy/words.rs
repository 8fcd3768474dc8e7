//! Word lists for telling persons from things: lower case, umlauts spelled out, sorted for binary search.
//!
//! Names that are also frequent words, months, products or makers in a school's network (Max, Mark, Jan, Christie,
//! Iris …) are left out on purpose; a title before them still masks them.

use std::sync::LazyLock;

/// A sorted list, read from its file once.
type Words = LazyLock<Vec<&'static str>>;

/// First names common in German, Dutch and neighbouring schools.
pub(super) static FIRST_NAMES: Words =
    LazyLock::new(|| include_str!("words/first-names.txt").lines().collect());

/// Surnames so common that they are looked for in names of things.
pub(super) static SURNAMES: Words = LazyLock::new(|| include_str!("words/surnames.txt").lines().collect());

/// Words before a surname.
pub(super) static TITLES: &[&str] = &[
    "dhr",
    "direktor",
    "direktorin",
    "dr",
    "fam",
    "familie",
    "fr",
    "fraeulein",
    "frau",
    "hausmeister",
    "heer",
    "herr",
    "herrn",
    "hr",
    "juf",
    "juffrouw",
    "kollege",
    "kollegin",
    "konrektor",
    "konrektorin",
    "lehrer",
    "lehrerin",
    "meester",
    "mevr",
    "mevrouw",
    "miss",
    "mister",
    "mr",
    "mrs",
    "ms",
    "mw",
    "prof",
    "professor",
    "rektor",
    "rektorin",
    "schulleiter",
    "schulleiterin",
];

/// Things that people own and name after themselves.
pub(super) static THINGS: &[&str] = &[
    "airpods",
    "beamer",
    "bildschirm",
    "chromebook",
    "computer",
    "desktop",
    "drucker",
    "galaxy",
    "handy",
    "imac",
    "ipad",
    "iphone",
    "ipod",
    "kindle",
    "kopierer",
    "laptop",
    "mac",
    "macbook",
    "mini",
    "mobile",
    "monitor",
    "notebook",
    "pc",
    "phone",
    "pixel",
    "printer",
    "projektor",
    "rechner",
    "scanner",
    "smartphone",
    "studio",
    "surface",
    "tablet",
    "telefon",
    "telefoon",
    "thinkpad",
    "watch",
    "windows",
    "xperia",
];

/// Capitalised words that stand where a name could, and are none.
pub(super) static NOT_A_PERSON: Words =
    LazyLock::new(|| include_str!("words/not-a-person.txt").lines().collect());

/// A word as it stands in the lists: lower case, umlauts spelled out, a possessive ending taken off where an
/// apostrophe shows it.
pub(super) fn plain(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.to_lowercase().chars() {
        match c {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'é' | 'è' | 'ê' | 'ë' => out.push('e'),
            'á' | 'à' | 'â' => out.push('a'),
            'í' | 'ï' | 'î' | 'ı' => out.push('i'),
            'ó' | 'ô' => out.push('o'),
            'ú' | 'û' => out.push('u'),
            'ç' => out.push('c'),
            'ş' => out.push('s'),
            'ğ' => out.push('g'),
            // A dot above left over from a Turkish capital I.
            '\u{307}' => {}
            '’' => out.push('\''),
            c => out.push(c),
        }
    }
    match out.split_once('\'') {
        Some((stem, ending)) if ending.len() <= 1 => stem.to_owned(),
        _ => out,
    }
}

/// Whether it is a first name, be it a possessive one: "annas".
pub(super) fn is_first_name(plain: &str) -> bool {
    let known = |name: &str| FIRST_NAMES.binary_search(&name).is_ok();
    known(plain) || plain.strip_suffix('s').is_some_and(|stem| stem.len() >= 3 && known(stem))
}
