//! A finding in words: its remedy, the records to copy, what was seen, and whom to hand it to.

use super::letter::Order;
use crate::chrome::{Chrome, mail_texts, spoken};
use crate::phrases::phrase;
use rundgang_inventory::Timestamp;
use rundgang_inventory::mail::wording;
use rundgang_store::DocumentedSystem;
use rundgang_store::views::findings::FindingLine;
use serde_json::Value as Json;

/// A finding in words.
pub(crate) struct Told {
    pub(crate) why: String,
    pub(crate) remedy: String,
    /// Texts to be copied as they stand, such as DNS records.
    pub(crate) records: Vec<Record>,
    /// Texts to be taken out.
    pub(crate) gone: Vec<Record>,
    /// What has to be settled before.
    pub(crate) questions: Vec<String>,
    /// Records that are needed and whose values only somebody else knows.
    pub(crate) wanted: Vec<String>,
    /// A file to be put on a web server: its address and its text.
    pub(crate) file: Option<(String, String)>,
    /// Requests ready to be sent.
    pub(crate) requests: Vec<Asked>,
    /// What was seen: its name and its lines.
    pub(crate) evidence: Vec<(String, Vec<String>)>,
}

/// A request ready to be sent.
pub(crate) struct Asked {
    /// The role of whom to ask, as the audit names it: `dns-provider`, `school`.
    pub(crate) party: String,
    /// Whom to ask, in words.
    pub(crate) to: String,
    /// What to ask.
    pub(crate) text: String,
}

impl Told {
    pub(crate) fn of(c: &Chrome, line: &FindingLine) -> Self {
        let key = format!("rule-{}", line.rule.replace('.', "-"));
        let text = |what: &str| c.language.find(&format!("{key}-{what}"), &[]);
        let mut told = Self {
            why: String::new(),
            remedy: String::new(),
            records: Vec::new(),
            gone: Vec::new(),
            questions: Vec::new(),
            wanted: Vec::new(),
            file: None,
            requests: Vec::new(),
            evidence: Vec::new(),
        };
        if let Json::Object(map) = &line.evidence {
            map.iter().for_each(|(name, value)| told.take(c, name, value));
        } else if !line.evidence.is_null() {
            told.evidence.push((c.t("column-evidence"), seen(c, "", &line.evidence)));
        }
        let mail = mail_texts(c.language, &line.rule);
        let filled = |text: &String| (!text.is_empty()).then(|| text.clone());
        told.why = mail.and_then(|texts| filled(&texts.effect)).or_else(|| text("why")).unwrap_or_default();
        told.remedy = filled(&told.remedy)
            .or_else(|| mail.and_then(|texts| filled(&texts.remedy)))
            .or_else(|| text("remedy"))
            .unwrap_or_else(|| c.t("remedy-generic"));
        told
    }

    /// The records to put in and to take out, each with the key of what to do with it.
    pub(crate) fn changes(&self) -> Vec<(&'static str, &Record)> {
        let put = self.records.iter().map(|record| ("finding-record", record));
        put.chain(self.gone.iter().map(|record| ("finding-remove", record))).collect()
    }

    /// Sorts one piece of evidence: texts to be copied, texts to be taken out, a remedy of its own, or what was seen.
    fn take(&mut self, c: &Chrome, name: &str, value: &Json) {
        match (name, value) {
            (_, Json::Null) => {}
            ("proposal", Json::Object(map)) => map.iter().for_each(|(name, value)| self.take(c, name, value)),
            ("add" | "record" | "records", _) => {
                self.records.extend(texts(value).iter().map(|line| Record::read(line)));
            }
            ("remove", _) => self.gone.extend(texts(value).iter().map(|line| Record::read(line))),
            ("remedy", _) => self.remedy = localised(c, value).unwrap_or_default(),
            ("question", Json::String(id)) => {
                let words = wording::question(id, spoken(c.language)).map(str::to_owned);
                self.questions.push(words.unwrap_or_else(|| c.word("question", id)));
            }
            ("wanted", Json::Array(_)) => self.wanted.extend(texts(value)),
            ("file", Json::Object(file)) => {
                let part = |name: &str| file.get(name).and_then(Json::as_str).map(str::to_owned);
                self.file = part("url").zip(part("text"));
            }
            ("ask", Json::Array(asked)) => {
                let language = spoken(c.language);
                self.requests.extend(asked.iter().filter_map(|one| {
                    let (to, text) = wording::request(one, language)?;
                    let party = one.get("party").and_then(Json::as_str).unwrap_or_default().to_owned();
                    Some(Asked { party, to, text })
                }));
            }
            _ => {
                let lines = said(c, value).unwrap_or_else(|| seen(c, name, value));
                self.evidence.push((c.word("evidence", name), lines));
            }
        }
    }
}

/// A text that stands there once, or once for each language.
fn localised(c: &Chrome, value: &Json) -> Option<String> {
    let text = match value {
        Json::Object(map) => map.get(c.language.code()).or_else(|| map.get("de"))?,
        other => other,
    };
    text.as_str().map(str::to_owned).filter(|text| !text.is_empty())
}

/// Lines of evidence of the mail audit, where at least one is kept as a sentence with arguments.
fn said(c: &Chrome, value: &Json) -> Option<Vec<String>> {
    let lines = value.as_array()?;
    let is_sentence = |line: &Json| line.get("says").is_some();
    let text = |line: &Json| match line {
        Json::String(text) => Some(phrase(c.language, text)),
        other => wording::remark(other, spoken(c.language)),
    };
    lines.iter().any(is_sentence).then(|| lines.iter().filter_map(text).collect())
}

fn texts(value: &Json) -> Vec<String> {
    match value {
        Json::Null => Vec::new(),
        Json::String(text) => vec![text.clone()],
        Json::Array(all) => all.iter().flat_map(texts).collect(),
        other => vec![other.to_string()],
    }
}

/// What was seen, in lines: keys and kinds as words, days as people of the language write them.
fn seen(c: &Chrome, name: &str, value: &Json) -> Vec<String> {
    match value {
        Json::Null => Vec::new(),
        Json::Array(all) => all.iter().flat_map(|one| seen(c, name, one)).collect(),
        Json::Object(map) => {
            let part = |(name, value): (&String, &Json)| {
                let lines = seen(c, name, value);
                (!lines.is_empty()).then(|| format!("{}: {}", c.word("evidence", name), lines.join(", ")))
            };
            vec![map.iter().filter_map(part).collect::<Vec<_>>().join(" · ")]
        }
        Json::Bool(flag) => vec![c.t(if *flag { "answer-yes" } else { "answer-no" })],
        Json::String(text) if name == "kind" => vec![c.word("kind", text)],
        Json::String(text) => match Timestamp::parse_date(text) {
            Some(day) => vec![c.date(&day)],
            None => vec![phrase(c.language, text)],
        },
        other => vec![other.to_string()],
    }
}

/// A DNS record, in one line as zone files have it and in the parts that forms of providers ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) line: String,
    /// Name, type and value; nothing where the line is no record.
    pub(crate) parts: Option<(String, String, String)>,
}

impl Record {
    /// Reads `schule.example. TXT "v=spf1 mx" " -all"`: the strings of a TXT record are one value (RFC 7208, 3.3).
    pub(crate) fn read(line: &str) -> Self {
        let parts = || {
            let (name, rest) = line.split_once(' ')?;
            let (kind, value) = rest.split_once(' ')?;
            let is_type =
                !kind.is_empty() && kind.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            let name = name.strip_suffix('.').filter(|_| is_type)?;
            let value = if value.starts_with('"') { unquoted(value) } else { value.to_owned() };
            Some((name.to_owned(), kind.to_owned(), value))
        };
        Self { parts: parts(), line: line.to_owned() }
    }
}

/// The strings of a TXT record as one text, without quotes and their escapes.
fn unquoted(text: &str) -> String {
    let (mut value, mut inside, mut escaped) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ if inside => value.push(c),
            _ => {}
        }
    }
    value
}

/// Who runs a system: whom to call, and where the credentials are.
pub(crate) struct WhoRuns {
    pub(crate) name: String,
    pub(crate) to: String,
    pub(crate) owner: String,
    pub(crate) provider: String,
    pub(crate) hotline: String,
    pub(crate) credentials: String,
    pub(crate) changed_by: String,
    /// What they are to do, ready to be sent.
    pub(crate) order: Option<Order>,
}

impl WhoRuns {
    pub(crate) fn of(school: i64, system: &DocumentedSystem) -> Self {
        Self {
            name: system.name.clone(),
            to: format!("/schule/{school}/register/{}", system.id),
            owner: system.owner.clone(),
            provider: system.provider.clone(),
            hotline: [&system.hotline, &system.first_level]
                .into_iter()
                .find(|text| !text.is_empty())
                .cloned()
                .unwrap_or_default(),
            credentials: system.credentials_place.clone(),
            changed_by: system.changed_by.clone(),
            order: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_taken_apart_for_forms() {
        let check = |line: &str, expected: Option<(&str, &str, &str)>| {
            let parts = Record::read(line).parts;
            let parts = parts.as_ref().map(|(n, k, v)| (n.as_str(), k.as_str(), v.as_str()));
            assert_eq!(parts, expected, "{line}");
        };
        let spf = ("schule.example", "TXT", "v=spf1 mx -all");
        check(r#"schule.example. TXT "v=spf1 mx -all""#, Some(spf));
        check(r#"schule.example. TXT "v=spf1 " "mx -all""#, Some(spf));
        check(r#"a.example. TXT "say \"so\" \\ twice""#, Some(("a.example", "TXT", r#"say "so" \ twice"#)));
        check(
            "schule.example. MX 10 mail.schule.example.",
            Some(("schule.example", "MX", "10 mail.schule.example.")),
        );
        check("schule.example TXT without a dot", None);
        check("ask your provider", None);
        check("", None);
    }
}
