//! Texts of the pages in German, Dutch and English, from the Fluent files under `locales/`.

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::sync::LazyLock;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// German, the default.
    #[default]
    De,
    /// Dutch.
    Nl,
    /// English.
    En,
}

impl Language {
    /// Every language, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::De, Self::Nl, Self::En];

    /// The code in addresses, cookies and the `lang` attribute.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::Nl => "nl",
            Self::En => "en",
        }
    }

    /// What the language calls itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::De => "Deutsch",
            Self::Nl => "Nederlands",
            Self::En => "English",
        }
    }

    /// The language of that code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The first language of an `Accept-Language` header (RFC 9110, 12.5.4) that the pages speak. Weights are not
    /// looked at: browsers list languages in the order of preference.
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        header.split(',').find_map(|part| Self::parse(part.trim().get(..2)?.to_ascii_lowercase().as_str()))
    }

    /// The text of that key; the key itself where there is none, which a test excludes for keys written in code.
    #[must_use]
    pub fn text(self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The text of that key with its arguments filled in.
    #[must_use]
    pub fn with(self, key: &str, arguments: &[(&str, Argument)]) -> String {
        self.find(key, arguments).unwrap_or_else(|| key.to_owned())
    }

    /// The text of that key, where there is one; for keys that data makes up, such as the id of a rule.
    #[must_use]
    pub fn find(self, key: &str, arguments: &[(&str, Argument)]) -> Option<String> {
        let bundle = match self {
            Self::De => &*GERMAN,
            Self::Nl => &*DUTCH,
            Self::En => &*ENGLISH,
        };
        let pattern = bundle.get_message(key)?.value()?;
        let mut filled = FluentArgs::new();
        for (name, value) in arguments {
            filled.set(*name, value.fluent());
        }
        let mut errors = Vec::new();
        Some(bundle.format_pattern(pattern, Some(&filled), &mut errors).into_owned())
    }
}

/// Something filled into a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// A word or sentence.
    Text(String),
    /// A whole number, which may choose between singular and plural.
    Count(i64),
}

impl Argument {
    fn fluent(&self) -> FluentValue<'_> {
        match self {
            Self::Text(text) => FluentValue::from(text.as_str()),
            Self::Count(count) => FluentValue::from(*count),
        }
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Argument {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for Argument {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

impl From<&i64> for Argument {
    fn from(count: &i64) -> Self {
        Self::Count(*count)
    }
}

impl From<u32> for Argument {
    fn from(count: u32) -> Self {
        Self::Count(i64::from(count))
    }
}

impl From<&&String> for Argument {
    fn from(text: &&String) -> Self {
        Self::Text((*text).clone())
    }
}

impl From<&usize> for Argument {
    fn from(count: &usize) -> Self {
        Self::from(*count)
    }
}

impl From<&&usize> for Argument {
    fn from(count: &&usize) -> Self {
        Self::from(**count)
    }
}

impl From<usize> for Argument {
    fn from(count: usize) -> Self {
        Self::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

type Bundle = FluentBundle<FluentResource>;

/// The files of one language, by topic.
macro_rules! files {
    ($code:literal) => {
        [
            include_str!(concat!("../locales/", $code, "/accounts.ftl")),
            include_str!(concat!("../locales/", $code, "/lists.ftl")),
            include_str!(concat!("../locales/", $code, "/pages.ftl")),
            include_str!(concat!("../locales/", $code, "/places.ftl")),
            include_str!(concat!("../locales/", $code, "/rules.ftl")),
            include_str!(concat!("../locales/", $code, "/words.ftl")),
            include_str!(concat!("../locales/", $code, "/surveys.ftl")),
            include_str!(concat!("../locales/", $code, "/upkeep.ftl")),
            include_str!(concat!("../locales/", $code, "/questions.ftl")),
            include_str!(concat!("../locales/", $code, "/phrases.ftl")),
        ]
    };
}

/// How many files each language has.
const FILES: usize = 10;

const FILES_DE: [&str; FILES] = files!("de");
const FILES_NL: [&str; FILES] = files!("nl");
const FILES_EN: [&str; FILES] = files!("en");

static GERMAN: LazyLock<Bundle> = LazyLock::new(|| bundle("de", FILES_DE));
static DUTCH: LazyLock<Bundle> = LazyLock::new(|| bundle("nl", FILES_NL));
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle("en", FILES_EN));

fn bundle(code: &str, files: [&str; FILES]) -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(vec![code.parse().unwrap_or_default()]);
    // Isolation marks would end up in attributes and files.
    bundle.set_use_isolating(false);
    for file in files {
        // A file with a mistake still yields its other texts; the tests refuse such a file.
        let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// The texts of a language: key to the arguments it uses.
    fn keys(files: [&str; FILES]) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys = BTreeMap::new();
        for file in files {
            let parsed = FluentResource::try_new(file.to_owned());
            assert!(parsed.is_ok(), "{:?}", parsed.err().map(|(_, errors)| errors));
            let mut current = String::new();
            for line in file.lines() {
                if let Some((key, _)) =
                    line.split_once(" =").filter(|_| !line.starts_with([' ', '#', '}', '*']))
                {
                    current = key.to_owned();
                    assert!(
                        keys.insert(current.clone(), BTreeSet::new()).is_none(),
                        "{current} is there twice"
                    );
                }
                let named = line.split('$').skip(1).map(|rest| {
                    rest.chars().take_while(|c| c.is_alphanumeric() || *c == '-').collect::<String>()
                });
                keys.entry(current.clone()).or_default().extend(named);
            }
        }
        keys
    }

    #[test]
    fn every_text_exists_in_every_language_with_the_same_arguments() {
        let (german, dutch, english) = (keys(FILES_DE), keys(FILES_NL), keys(FILES_EN));
        for (name, other) in [("nl", &dutch), ("en", &english)] {
            let missing: Vec<_> = german.keys().filter(|key| !other.contains_key(*key)).collect();
            let extra: Vec<_> = other.keys().filter(|key| !german.contains_key(*key)).collect();
            assert!(
                missing.is_empty() && extra.is_empty(),
                "{name} lacks {missing:?} and has only {extra:?}"
            );
            for (key, arguments) in &german {
                assert_eq!(Some(arguments), other.get(key), "{key} in {name}");
            }
        }
        assert!(german.len() > 100, "only {} texts", german.len());
    }

    #[test]
    fn every_key_that_a_template_names_exists() {
        let german = keys(FILES_DE);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
        let mut checked = 0;
        for entry in std::fs::read_dir(folder).expect("the templates") {
            let path = entry.expect("a template").path();
            let text = std::fs::read_to_string(&path).expect("a readable template");
            for call in ["c.t(\"", "c.n(\"", "c.s(\"", "c.plain(\""] {
                for key in text.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                    assert!(german.contains_key(key), "{} names {key}", path.display());
                    checked += 1;
                }
            }
        }
        assert!(checked > 100, "only {checked} keys found");
    }

    #[test]
    fn languages_are_read_from_the_header() {
        let check =
            |header: &str, expected: Option<Language>| assert_eq!(Language::accepted(header), expected);
        check("nl-BE,nl;q=0.9,en;q=0.8", Some(Language::Nl));
        check("fr-FR, de;q=0.5", Some(Language::De));
        check("fr", None);
        check("", None);
        check("é", None);
    }
}
