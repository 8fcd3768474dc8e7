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
