//! Reasons of recognition in the reader's language. The book keeps them as English sentences, in every output alike; the
//! English locale file says how each is recognised, and the other files say it again.
//!
//! A sentence that no phrase fits stays as it is: old reasons and a device's own words remain readable.

use crate::text::{Argument, Language};
use std::sync::LazyLock;

const ENGLISH: &str = include_str!("../locales/en/phrases.ftl");

/// A phrase as it is recognised: the words between its gaps, and the names of the gaps.
struct Phrase {
    key: String,
    words: Vec<String>,
    gaps: Vec<String>,
}

/// Every phrase, the one with the most words of its own first.
static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let mut all: Vec<Phrase> = ENGLISH.lines().filter_map(Phrase::read).collect();
    all.sort_by_key(|phrase| std::cmp::Reverse(phrase.words.iter().map(String::len).sum::<usize>()));
    all
});

impl Phrase {
    /// Reads a line of the locale file: `phrase-again = { $name } is included again`.
    fn read(line: &str) -> Option<Self> {
        let (key, text) = line.split_once(" = ").filter(|(key, _)| key.starts_with("phrase-"))?;
        let mut phrase = Self { key: key.to_owned(), words: Vec::new(), gaps: Vec::new() };
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{ $") {
            let (gap, behind) = after.split_once(" }")?;
            phrase.words.push(before.to_owned());
            phrase.gaps.push(gap.to_owned());
            rest = behind;
        }
        phrase.words.push(rest.to_owned());
        Some(phrase)
    }

    /// What fills the gaps, where the sentence is this phrase.
    fn fill<'s>(&self, sentence: &'s str) -> Option<Vec<&'s str>> {
        let (first, others) = self.words.split_first()?;
        let mut rest = sentence.strip_prefix(first.as_str())?;
        let Some((last, middle)) = others.split_last() else { return rest.is_empty().then(Vec::new) };
        let mut filled = Vec::new();
        for words in middle {
            let (gap, behind) = rest.split_once(words.as_str())?;
            filled.push(gap);
            rest = behind;
        }
        filled.push(rest.strip_suffix(last.as_str())?);
        filled.iter().all(|gap| !gap.is_empty()).then_some(filled)
    }
}

/// A sentence of evidence in the reader's language. The words in its gaps may be phrases themselves, such as what it
/// was that said something.
pub(crate) fn phrase(language: Language, sentence: &str) -> String {
    translated(language, sentence, |gap| translated(language, gap, str::to_owned))
}

fn translated(language: Language, sentence: &str, inner: impl Fn(&str) -> String) -> String {
    let fits = PHRASES.iter().find_map(|phrase| phrase.fill(sentence).map(|filled| (phrase, filled)));
    let Some((phrase, filled)) = fits.filter(|_| language != Language::En) else {
        return sentence.to_owned();
    };
    let gaps = phrase.gaps.iter().map(String::as_str);
    let filled: Vec<(&str, Argument)> =
        gaps.zip(filled.into_iter().map(|text| Argument::Text(inner(text)))).collect();
    language.with(&phrase.key, &filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_and_evidence_are_told_in_german_and_dutch() {
        let check = |sentence: &str, german: &str, dutch: &str| {
            assert_eq!(phrase(Language::De, sentence), german);
            assert_eq!(phrase(Language::Nl, sentence), dutch);
            assert_eq!(phrase(Language::En, sentence), sentence);
        };
        check(
            r#"the page's title says "Kopierer: bereit""#,
            "der Titel der Webseite meldet „Kopierer: bereit“",
            "de titel van de webpagina meldt \"Kopierer: bereit\"",
        );
        check(
            r#"pjlink.model says "EB-L200F""#,
            "pjlink.model meldet „EB-L200F“",
            "pjlink.model meldt \"EB-L200F\"",
        );
        check(
            "its MAC block belongs to SMART Technologies",
            "sein MAC-Adressblock gehört SMART Technologies",
            "het MAC-adresblok is van SMART Technologies",
        );
        // Words of a device, of a record, and of an older program stay as they are.
        check(
            "v=spf1 include:a.example -all",
            "v=spf1 include:a.example -all",
            "v=spf1 include:a.example -all",
        );
        check("", "", "");
    }

    /// Every English text with gaps as `GAP` that recognition puts into reasons, with its place in the code.
    fn sources() -> Vec<(String, String)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../inventory/src/recognise");
        let mut all = Vec::new();
        for entry in std::fs::read_dir(folder).expect("the sources") {
            let path = entry.expect("a source").path();
            let name = path.display().to_string();
            if !name.ends_with(".rs") || name.ends_with("tests.rs") || name.contains("fingerprint") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a readable source");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                for call in ["format!(\"", "because(\"", "strength, \""] {
                    let found = line.split(call).skip(1).filter_map(literal);
                    all.extend(found.map(|text| (format!("{name}: {line}"), text)));
                }
            }
        }
        all
    }

    /// Every sentence of the mail audit in its three languages, by its key in the audit's own data file.
    fn of_the_audit() -> Vec<(String, [String; 3])> {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../inventory/src/mail/wording.toml");
        let text = std::fs::read_to_string(file).expect("the audit's words");
        let book: toml::Table = text.parse().expect("a good file");
        let of = |part: &str| book[part].as_table().expect("a table").clone();
        let words = |text: &toml::Value| {
            ["en", "de", "nl"].map(|language| text[language].as_str().expect("a text").to_owned())
        };
        of("remark").iter().chain(&of("reason")).map(|(key, text)| (key.clone(), words(text))).collect()
    }

    /// The text up to its closing quote, its gaps filled with a word that no phrase holds.
    fn literal(rest: &str) -> Option<String> {
        let mut text = String::new();
        let (mut escaped, mut gap) = (false, false);
        for c in rest.chars() {
            match (escaped, gap, c) {
                (true, _, c) => (text.push(c), escaped = false).1,
                (_, true, '}') => (text.push_str("GAP"), gap = false).1,
                (_, true, _) => {}
                (_, _, '\\') => escaped = true,
                (_, _, '{') => gap = true,
                (_, _, '"') => return Some(text),
                (_, _, c) => text.push(c),
            }
        }
        None
    }

    /// Whether a text holds English words, and not only names and values.
    fn speaks(text: &str) -> bool {
        let words =
            text.split(' ').filter(|word| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase()));
        words.count() > 1
    }

    #[test]
    fn no_english_sentence_of_evidence_is_forgotten() {
        let mut told: Vec<(String, [String; 3])> = sources()
            .into_iter()
            .map(|(place, text)| {
                let [german, dutch] = [Language::De, Language::Nl].map(|language| phrase(language, &text));
                (place, [text, german, dutch])
            })
            .collect();
        let of_code = told.len();
        told.extend(of_the_audit());
        assert!(of_code > 15 && told.len() > 80, "only {of_code} of {} texts", told.len());
        told.retain(|(_, [english, ..])| speaks(english));
        assert!(told.len() > 60, "only {} sentences found", told.len());
        for (place, [english, german, dutch]) in told {
            assert_ne!(german, english, "not told in German: {place}");
            assert_ne!(dutch, english, "not told in Dutch: {place}");
        }
    }
}
