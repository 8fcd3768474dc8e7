//! What looks like a person in the name of a thing, and how it is masked before anything is kept (promise P4).
//!
//! Printers stand in "Büro Frau Müller", access points are called "Lehrerzimmer"; the first loses its name, the
//! second keeps it. Doubt goes against keeping: a masked name costs little, a kept one cannot be taken back.

mod mailboxes;
mod words;

pub use mailboxes::{mask_local_part, mask_persons_mailboxes};

use crate::{Fields, Mac, Privacy, Value, vocabulary};
use mailboxes::{without_mailbox, without_numbers};
use std::ops::Range;
use words::{NOT_A_PERSON, SURNAMES, THINGS, TITLES, is_first_name, plain};

/// What stands in place of a masked name.
pub const MASK: &str = "***";

/// How much of a text is expected to be names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A name somebody gave to a thing: "Kopierer Schmidt".
    Name,
    /// A text written by a maker, such as sysDescr, in which surnames are more likely companies.
    Prose,
    /// A contact: capitalised words are people unless they are known not to be.
    Contact,
}

/// Fields whose names are texts of makers.
const PROSE: &[&str] = &["snmp.sys_descr", "lldp.descr", "snmp.entity", "http.title", "snmp.interfaces"];
/// Fields that name whom to call.
const CONTACT: &[&str] = &["snmp.sys_contact"];

/// Masks what looks like a person's name in every field that may hold one.
#[must_use]
pub fn mask_fields(fields: Fields) -> Fields {
    fields
        .into_iter()
        .map(|(name, value)| {
            let may_name = vocabulary::field(&name).is_none_or(|field| field.privacy == Privacy::Name);
            let value = if may_name { mask_value(value, &name) } else { value };
            (name, value)
        })
        .collect()
}

fn style(field: &str) -> Style {
    if CONTACT.contains(&field) {
        Style::Contact
    } else if PROSE.contains(&field) {
        Style::Prose
    } else {
        Style::Name
    }
}

/// Columns that people type, within fields whose other texts are makers'.
const TYPED: &[(&str, &str)] = &[("snmp.interfaces", "alias")];

/// Columns and keys that the maker alone fills, within fields of which others are filled by people. They are kept as they are:
/// the same texts stand unmasked in `upnp.manufacturer` and its like.
const MADE: &[(&str, &[&str])] = &[
    (
        "mdns.txt",
        &[
            "am",
            "displaymodel",
            "integrator",
            "manufacturer",
            "md",
            "mfg",
            "model",
            "product",
            "rpmd",
            "ty",
            "usb_mdl",
            "usb_mfg",
            "vendor",
        ],
    ),
    ("snmp.entity", &["maker", "model"]),
    (
        "upnp.devices",
        &[
            "device_type",
            "manufacturer",
            "model_description",
            "model_name",
            "model_number",
            "serial",
            "software_version",
            "udn",
        ],
    ),
];

/// How the texts of one column or key are masked; `None` where they are kept as they are.
fn style_of(field: &str, key: &str) -> Option<Style> {
    let made = MADE.iter().find(|(of, _)| *of == field).map_or(&[][..], |(_, keys)| *keys);
    if made.contains(&key.to_ascii_lowercase().as_str()) {
        return None;
    }
    // Where it is known what the maker fills, somebody may have typed everything else.
    let typed = TYPED.contains(&(field, key)) || matches!(field, "mdns.txt" | "upnp.devices");
    Some(if typed { Style::Name } else { style(field) })
}

fn mask_value(value: Value, field: &str) -> Value {
    match value {
        Value::Table(rows) => {
            let cell = |(column, cell): (String, Value)| match style_of(field, &column) {
                Some(style) => (column, map_texts(cell, &|text| mask(text, style))),
                None => (column, cell),
            };
            Value::Table(rows.into_iter().map(|row| row.into_iter().map(cell).collect()).collect())
        }
        other if field == "mdns.txt" => map_texts(other, &mask_pair),
        other => map_texts(other, &|text| {
            let (maker, rest) = text.split_at(maker_before_display(text, field));
            maker.to_owned() + &mask(rest, style(field))
        }),
    }
}

/// The length of a maker's name that is a first name, too, where a maker's own text begins with it and goes on with a display:
/// at once, or after words of which each is a number of a model or says what the display is for.
fn maker_before_display(text: &str, field: &str) -> usize {
    const MAKER: &str = "Philips";
    const LEADING: [&str; 5] = ["Commercial", "Digital", "Format", "Large", "Professional"];
    const DISPLAY: [&str; 4] = ["Display", "Displays", "Signage", "LFD"];
    let is_model = |word: &str| {
        word.contains(|c: char| c.is_ascii_digit()) && !word.contains(|c: char| c.is_lowercase())
    };
    let leads_there = |word: &&str| is_model(word) || LEADING.contains(word);
    let goes_on_with_display = |rest: &str| {
        let mut words = rest.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        rest.starts_with(' ')
            && words.find(|word| !leads_there(word)).is_some_and(|word| DISPLAY.contains(&word))
    };
    let is_maker = field == "snmp.sys_descr" && text.strip_prefix(MAKER).is_some_and(goes_on_with_display);
    if is_maker { MAKER.len() } else { 0 }
}

/// Masks `_type._tcp key=value`, as the announcements are kept.
fn mask_pair(text: &str) -> String {
    let Some((head, value)) = text.split_once('=') else { return mask(text, Style::Name) };
    let key = head.split_once(' ').map_or(head, |(_, key)| key);
    let value = match style_of("mdns.txt", key) {
        Some(style) => mask(value, style),
        None => value.to_owned(),
    };
    format!("{}={value}", mask(head, Style::Prose))
}

/// Removes one MAC address from every text, however it is written there.
#[must_use]
pub fn without_mac(fields: Fields, mac: Mac) -> Fields {
    let digits = data_encoding::HEXLOWER.encode(&mac.0);
    fields
        .into_iter()
        .filter(|(_, value)| !matches!(value, Value::Bytes(bytes) if bytes == &mac.0))
        .map(|(name, value)| (name, map_texts(value, &|text| scrub(text, &digits))))
        .collect()
}

/// The same value with every text in it mapped, through lists and tables.
fn map_texts(value: Value, map: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::Text(text) => Value::Text(map(&text)),
        Value::List(items) => Value::List(items.iter().map(|item| map(item)).collect()),
        Value::Table(rows) => Value::Table(
            rows.into_iter()
                .map(|row| row.into_iter().map(|(column, cell)| (column, map_texts(cell, map))).collect())
                .collect(),
        ),
        Value::Int(_) | Value::Time(_) | Value::Bytes(_) => value,
    }
}

/// Cuts every run of these twelve hexadecimal digits out of a text, with or without separators between them.
fn scrub(text: &str, digits: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = digits_at(rest, digits) {
            out.push_str(MASK);
            rest = &rest[length..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// The length of the run at the beginning of `text` that spells `digits`.
fn digits_at(text: &str, digits: &str) -> Option<usize> {
    let mut wanted = digits.chars().peekable();
    for (at, found) in text.char_indices() {
        let Some(&next) = wanted.peek() else { return Some(at) };
        if found.eq_ignore_ascii_case(&next) {
            wanted.next();
        } else if at == 0 || !matches!(found, ':' | '-' | '.') {
            return None;
        }
    }
    wanted.peek().is_none().then_some(text.len())
}

/// Masks what looks like a person's name.
#[must_use]
pub fn mask(text: &str, style: Style) -> String {
    let words = words_of(text);
    let mut masked = vec![false; words.len()];
    for at in 0..words.len() {
        mark(&words, at, style, &mut masked);
    }
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for (word, hide) in words.iter().zip(masked) {
        out.push_str(&text[end..word.range.start]);
        out.push_str(if hide { MASK } else { word.text });
        end = word.range.end;
    }
    out.push_str(&text[end..]);
    if style == Style::Contact { without_numbers(&without_mailbox(&out)) } else { without_mailbox(&out) }
}

struct Word<'a> {
    text: &'a str,
    range: Range<usize>,
    // Lower case, umlauts spelled out, a possessive ending taken off where an apostrophe shows it.
    plain: String,
    capital: bool,
    // What stands between the word before and this one.
    gap: &'a str,
}

fn words_of(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let (mut start, mut before) = (None, 0);
    let ends = text.char_indices().map(|(at, c)| (at, Some(c))).chain([(text.len(), None)]);
    let mut previous_lower = false;
    for (at, c) in ends {
        let letter = c.is_some_and(|c| c.is_alphabetic() || c == '\'' || c == '’');
        // A capital after a small letter begins a new word: AnnasMacBook.
        let hump = previous_lower && c.is_some_and(char::is_uppercase);
        previous_lower = c.is_some_and(char::is_lowercase);
        if let Some(from) = start
            && (!letter || hump)
        {
            let found = &text[from..at];
            words.push(Word {
                text: found,
                range: from..at,
                plain: plain(found),
                capital: found.chars().next().is_some_and(char::is_uppercase),
                gap: &text[before..from],
            });
            before = at;
            start = None;
        }
        if letter && start.is_none() {
            start = Some(at);
        }
    }
    words
}

fn mark(words: &[Word<'_>], at: usize, style: Style, masked: &mut [bool]) {
    let word = &words[at];
    let known = |list: &[&str], plain: &str| list.binary_search(&plain).is_ok();
    if known(TITLES, &word.plain) {
        return mark_after_title(words, at, masked);
    }
    let thing_before = at > 0 && known(THINGS, &words[at - 1].plain);
    if matches!(word.plain.as_str(), "von" | "van" | "of" | "di" | "de") && thing_before {
        return mark_run(words, at + 1, masked);
    }
    let first_name =
        is_first_name(&word.plain) && (word.capital || word.plain.len() >= 4) && !is_product(words, at);
    if first_name {
        masked[at] = true;
        // Only across a space: in "anna-macbook" the next word is the thing.
        if words
            .get(at + 1)
            .is_some_and(|next| matches!(next.gap, " " | "." | "_") || next.gap == "-" && next.capital)
        {
            mark_name(words, at + 1, masked);
        }
    }
    if style == Style::Name && known(&SURNAMES, &word.plain) && !firm_follows(words, at) {
        masked[at] = true;
    }
    // "Room": one capitalised word after another is a person in a contact.
    if style == Style::Contact && word.capital && word.text.chars().count() > 2 {
        mark_name(words, at, masked);
    }
}

/// AVM's products, which bear a first name: "FRITZ!Box", and the names that they give themselves: "fritz.box".
fn is_product(words: &[Word<'_>], at: usize) -> bool {
    let next = words.get(at + 1).filter(|_| words[at].plain == "fritz");
    next.is_some_and(|next| match next.gap {
        "!" => ["box", "repeater", "powerline", "fon", "os", "smart"].contains(&next.plain.as_str()),
        "" | "." | "-" => ["box", "repeater", "powerline"].contains(&next.plain.as_str()),
        _ => false,
    })
}

/// After a title come initials, further titles and one or two names.
fn mark_after_title(words: &[Word<'_>], at: usize, masked: &mut [bool]) {
    let mut names = 0;
    for next in at + 1..words.len() {
        let word = &words[next];
        let near = word.gap.chars().all(|c| matches!(c, ' ' | '.' | '-' | '_')) && word.gap.len() <= 2;
        if !near || names == 2 {
            return;
        }
        if TITLES.binary_search(&word.plain.as_str()).is_ok() {
            continue;
        }
        let initial = word.text.chars().count() == 1;
        let particle =
            matches!(word.plain.as_str(), "von" | "van" | "de" | "der" | "den" | "zu" | "ten" | "ter");
        let uncapitalised = !word.capital && words[at].capital && !particle;
        if uncapitalised || !initial && !particle && NOT_A_PERSON.binary_search(&word.plain.as_str()).is_ok()
        {
            return;
        }
        masked[next] = true;
        if !initial && !particle {
            names += 1;
        }
    }
}

/// After "iPad von": titles are passed over, then one or two names.
fn mark_run(words: &[Word<'_>], from: usize, masked: &mut [bool]) {
    match words.get(from) {
        Some(word) if TITLES.binary_search(&word.plain.as_str()).is_ok() => {
            mark_after_title(words, from, masked);
        }
        Some(_) => {
            mark_name(words, from, masked);
            if masked[from] && words.get(from + 1).is_some_and(|next| next.gap == " " && next.capital) {
                mark_name(words, from + 1, masked);
            }
        }
        None => {}
    }
}

/// Masks one word unless it is known to name no person.
fn mark_name(words: &[Word<'_>], at: usize, masked: &mut [bool]) {
    let word = &words[at];
    let known = |list: &[&str]| list.binary_search(&word.plain.as_str()).is_ok();
    if !known(&NOT_A_PERSON) && !known(THINGS) && !known(TITLES) && word.text.chars().count() > 1 {
        masked[at] = true;
    }
}

fn firm_follows(words: &[Word<'_>], at: usize) -> bool {
    const FIRMS: &[&str] =
        &["electric", "elektro", "elektronik", "gmbh", "ag", "kg", "school", "schule", "strasse", "str"];
    words.get(at + 1).is_some_and(|next| FIRMS.contains(&next.plain.as_str()))
}

#[cfg(test)]
mod tests;
