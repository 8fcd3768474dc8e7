//! Reasons and evidence in the reader's language. The book keeps them as English sentences, in every output alike; the
//! English locale file says how each is recognised, and the other files say it again.
//!
//! A sentence that no phrase fits stays as it is: old evidence and a device's own words remain readable.

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

/// A sentence of evidence in the reader's language.
pub(crate) fn phrase(language: Language, sentence: &str) -> String {
    if language == Language::En { sentence.to_owned() } else { translated(language, sentence, 2) }
}

/// `depth` bounds how far the words in a gap are looked into.
fn translated(language: Language, sentence: &str, depth: u8) -> String {
    let fits = PHRASES.iter().find_map(|phrase| phrase.fill(sentence).map(|filled| (phrase, filled)));
    if let Some((phrase, filled)) = fits {
        let inner =
            |text: &str| if depth == 0 { text.to_owned() } else { translated(language, text, depth - 1) };
        let filled: Vec<(&str, Argument)> = phrase
            .gaps
            .iter()
            .map(String::as_str)
            .zip(filled.into_iter().map(|text| Argument::Text(inner(text))))
            .collect();
        return language.with(&phrase.key, &filled);
    }
    // What stands behind a colon may be a sentence of its own: `mail.schule.example SMTP: refused`.
    if let Some((head, tail)) = sentence.rsplit_once(": ").filter(|_| depth > 0) {
        return format!("{head}: {}", translated(language, tail, 0));
    }
    sentence.to_owned()
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
        check(
            "schule.example TXT: no record that begins with v=spf1",
            "schule.example TXT: kein Eintrag, der mit v=spf1 beginnt",
            "schule.example TXT: geen record dat begint met v=spf1",
        );
        check(
            "include:a.example: no SPF record there (via schule.example > b.example)",
            "include:a.example: dort ist kein SPF-Eintrag (über schule.example > b.example)",
            "include:a.example: daar is geen SPF-record (via schule.example > b.example)",
        );
        check(
            "s1._domainkey.schule.example TXT \"v=DKIM2\": v=DKIM2 instead of v=DKIM1",
            "s1._domainkey.schule.example TXT \"v=DKIM2\": v=DKIM2 statt v=DKIM1",
            "s1._domainkey.schule.example TXT \"v=DKIM2\": v=DKIM2 in plaats van v=DKIM1",
        );
        // Words of a device, of a record, and of an older program stay as they are.
        check(
            "v=spf1 include:a.example -all",
            "v=spf1 include:a.example -all",
            "v=spf1 include:a.example -all",
        );
        check("", "", "");
    }

    /// The places that put English words into evidence and reasons, and every text in them with gaps as `{}`.
    fn sources() -> Vec<(String, String)> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../inventory/src");
        let mut all = Vec::new();
        for folder in ["mail/judge", "recognise"] {
            for entry in std::fs::read_dir(format!("{root}/{folder}")).expect("the sources") {
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
        }
        all
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
        let sources = sources();
        let spoken: Vec<_> = sources.iter().filter(|(_, text)| speaks(text)).collect();
        assert!(spoken.len() > 10, "only {} sentences found", spoken.len());
        for (place, text) in spoken {
            assert_ne!(&phrase(Language::De, text), text, "not in locales/en/phrases.ftl: {place}");
        }
    }
}
