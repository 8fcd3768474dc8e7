//! Words of the audit in three languages: sentences of evidence, requests ready to send, questions to settle first.

use super::catalogue::Language;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// One text in every language, with `{name}` where an argument belongs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wording {
    de: String,
    en: String,
    nl: String,
}

impl Wording {
    const fn text(&self, language: Language) -> &String {
        match language {
            Language::De => &self.de,
            Language::En => &self.en,
            Language::Nl => &self.nl,
        }
    }
}

/// Every text of the data file, by kind and key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    label: BTreeMap<String, Wording>,
    remark: BTreeMap<String, Wording>,
    request: BTreeMap<String, Wording>,
    question: BTreeMap<String, Wording>,
    party: BTreeMap<String, Wording>,
    reason: BTreeMap<String, Wording>,
}

fn book() -> &'static Book {
    static BOOK: OnceLock<Book> = OnceLock::new();
    // Empty only if the data file is broken, which a test prevents.
    BOOK.get_or_init(|| toml::from_str(include_str!("wording.toml")).unwrap_or_default())
}

/// Puts the arguments into a text. Reasons come from parsers in English and are translated where they are known.
fn fill<'a>(
    text: &str,
    language: Language,
    arguments: &(impl Iterator<Item = (&'a str, &'a str)> + Clone),
) -> String {
    let mut filled = String::with_capacity(text.len() + 40);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else { break };
        let value = arguments.clone().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        filled.push_str(&if name == "reason" { reason(value, language) } else { value.to_owned() });
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// A reason, or what comes before one: `192.0.2.1: no answer in time`.
fn reason(english: &str, language: Language) -> String {
    let known = |text: &str| book().reason.get(text).map(|known| known.text(language));
    if let Some(known) = known(english) {
        return known.clone();
    }
    let after = english.rsplit_once(": ").and_then(|(before, text)| Some((before, known(text)?)));
    after.map_or_else(|| english.to_owned(), |(before, text)| format!("{before}: {text}"))
}

/// The words of a question that is to be settled before a proposal is followed.
#[must_use]
pub fn question(id: &str, language: Language) -> Option<&'static str> {
    book().question.get(id).map(|wording| wording.text(language).as_str())
}

/// A word of the readable report, such as that for a severity or before a line; the key itself where it has none.
#[must_use]
pub fn label(key: &'static str, language: Language) -> &'static str {
    book().label.get(key).map_or(key, |wording| wording.text(language).as_str())
}

/// One line of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// A record, or anything else that reads the same in every language.
    Shown(String),
    /// A sentence with its arguments.
    Said {
        /// Its key in the data file.
        says: &'static str,
        /// The arguments by name.
        with: Vec<(&'static str, String)>,
    },
}

impl Remark {
    /// A sentence.
    #[must_use]
    pub fn said<const N: usize>(says: &'static str, with: [(&'static str, &str); N]) -> Self {
        Self::Said { says, with: with.map(|(name, value)| (name, value.to_owned())).to_vec() }
    }

    /// The same with the names that lead to the place it is about, the domain itself first.
    #[must_use]
    pub fn reached(self, path: &[String]) -> Self {
        match self {
            Self::Said { says, mut with } if path.len() > 1 => {
                with.push(("via", path.join(" > ")));
                Self::Said { says, with }
            }
            Self::Shown(text) if path.len() > 1 => {
                Self::Said { says: "because", with: vec![("reason", text), ("via", path.join(" > "))] }
            }
            other => other,
        }
    }

    /// The line in a language.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        match self {
            Self::Shown(text) => text.clone(),
            Self::Said { says, with } => {
                let arguments = with.iter().map(|(name, value)| (*name, value.as_str()));
                worded(&book().remark, says, language, arguments)
            }
        }
    }
}

fn worded<'a>(
    texts: &BTreeMap<String, Wording>,
    key: &str,
    language: Language,
    arguments: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> String {
    let Some(wording) = texts.get(key) else {
        return arguments.map(|(_, value)| value).collect::<Vec<_>>().join(" ");
    };
    let mut text = fill(wording.text(language), language, &arguments);
    let via = arguments.clone().any(|(name, _)| name == "via");
    if let Some(suffix) = book().remark.get("via").filter(|_| via) {
        text.push_str(&fill(suffix.text(language), language, &arguments));
    }
    text
}

impl From<String> for Remark {
    fn from(text: String) -> Self {
        Self::Shown(text)
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::En))
    }
}

impl Serialize for Remark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Shown(text) => serializer.serialize_str(text),
            Self::Said { says, with } => {
                let mut map = serializer.serialize_map(Some(with.len() + 1))?;
                map.serialize_entry("says", says)?;
                for (name, value) in with {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// A request that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whom to ask, as a role.
    pub party: &'static str,
    /// The name of who plays that role, where it is known.
    pub name: Option<&'static str>,
    /// The key of its words in the data file.
    pub asks: &'static str,
    /// The arguments by name.
    pub with: Vec<(&'static str, String)>,
}

impl Request {
    /// A request to a role.
    #[must_use]
    pub fn new<const N: usize>(
        party: &'static str,
        asks: &'static str,
        with: [(&'static str, &str); N],
    ) -> Self {
        let with = with.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self { party, name: None, asks, with }
    }

    /// Whom to ask, in words.
    #[must_use]
    pub fn to(&self, language: Language) -> String {
        let role = || book().party.get(self.party).map_or(self.party, |party| party.text(language).as_str());
        self.name.unwrap_or_else(role).to_owned()
    }

    /// What to ask.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let arguments = self.with.iter().map(|(name, value)| (*name, value.as_str()));
        worded(&book().request, self.asks, language, arguments)
    }
}

impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("party", self.party)?;
        if let Some(name) = self.name {
            map.serialize_entry("name", name)?;
        }
        map.serialize_entry("asks", self.asks)?;
        for (name, value) in &self.with {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

fn arguments(map: &serde_json::Map<String, Json>) -> impl Iterator<Item = (&str, &str)> + Clone {
    map.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
}

/// A line of evidence from the store in words: a [`Remark`] as it was serialised.
#[must_use]
pub fn remark(stored: &Json, language: Language) -> Option<String> {
    match stored {
        Json::String(text) => Some(text.clone()),
        Json::Object(map) => {
            let says = map.get("says")?.as_str()?;
            let without = arguments(map).filter(|(name, _)| *name != "says");
            Some(worded(&book().remark, says, language, without))
        }
        _ => None,
    }
}

/// A request from the store in words: whom to ask, and what. A [`Request`] as it was serialised.
#[must_use]
pub fn request(stored: &Json, language: Language) -> Option<(String, String)> {
    let map = stored.as_object()?;
    let party = map.get("party")?.as_str()?;
    let role = || book().party.get(party).map_or(party, |party| party.text(language).as_str());
    let to = map.get("name").and_then(Json::as_str).unwrap_or_else(role).to_owned();
    Some((to, worded(&book().request, map.get("asks")?.as_str()?, language, arguments(map))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_takes_the_same_arguments() {
        let book = book();
        assert!(book.remark.len() > 30 && book.request.len() > 25 && book.reason.len() > 30);
        let names = |text: &str| {
            let mut names: Vec<String> =
                text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect();
            names.sort();
            names.dedup();
            names
        };
        let all = [&book.label, &book.remark, &book.request, &book.question, &book.party, &book.reason];
        for (key, wording) in all.into_iter().flatten() {
            assert!(!wording.de.is_empty() && !wording.nl.is_empty(), "{key}");
            assert_eq!(names(&wording.de), names(&wording.en), "{key}");
            assert_eq!(names(&wording.nl), names(&wording.en), "{key}");
        }
    }

    #[test]
    fn stored_lines_read_as_the_fresh_ones() {
        let line = Remark::said("include-nothing", [("name", "a.example")])
            .reached(&["schule.example".to_owned(), "b.example".to_owned()]);
        assert_eq!(
            line.text(Language::De),
            "include:a.example: dort steht kein SPF-Eintrag (über schule.example > b.example)"
        );
        let stored = serde_json::to_value(&line).unwrap();
        for language in [Language::De, Language::En, Language::Nl] {
            assert_eq!(remark(&stored, language), Some(line.text(language)));
        }
        let request_made = Request::new("mail-provider", "mx-name", [("domain", "schule.example")]);
        let stored = serde_json::to_value(&request_made).unwrap();
        let told = request(&stored, Language::Nl).unwrap();
        assert_eq!(told, ("mailaanbieder".to_owned(), request_made.text(Language::Nl)));
        assert!(told.1.contains("schule.example"));
    }

    #[test]
    fn reasons_of_parsers_are_translated() {
        let line = Remark::said("because", [("reason", "rua= is missing")]);
        assert_eq!(line.text(Language::De), "rua= fehlt");
        let begins = Remark::said("no-record-begins", [("name", "schule.example"), ("begins", "v=spf1")]);
        assert_eq!(begins.text(Language::De), "schule.example TXT: kein Eintrag, der mit v=spf1 beginnt");
        assert_eq!(begins.text(Language::Nl), "schule.example TXT: geen record dat met v=spf1 begint");
        let key =
            [("name", "s1._domainkey.schule.example"), ("text", "v=DKIM2"), ("reason", "v= is not DKIM1")];
        let key = Remark::said("unreadable-key", key);
        assert_eq!(
            key.text(Language::De),
            "s1._domainkey.schule.example TXT \"v=DKIM2\": v= lautet nicht DKIM1"
        );
        let unknown = Remark::said("because", [("reason", "something else")]);
        assert_eq!(unknown.text(Language::De), "something else");
    }
}
