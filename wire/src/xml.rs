//! XML as devices write it: a flat list of the elements that hold text, read without trust and without entities of
//! the document's own.

use quick_xml::Reader;
use quick_xml::events::Event;
use std::sync::Arc;

/// Deeper elements are passed over.
const MAX_DEPTH: usize = 24;
/// No document is read beyond this many elements.
const MAX_ELEMENTS: usize = 4000;
/// Longer names are cut (octets); no standard has any.
const MAX_NAME: usize = 100;
/// Longer texts are cut (octets).
const MAX_TEXT: usize = 2048;

/// One element, in the order of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// The names of its ancestors and itself, without namespace prefix; shared among those that have them in common.
    pub path: Vec<Arc<str>>,
    /// Its namespace prefix; empty where it has none.
    pub prefix: String,
    /// Its own text, trimmed.
    pub text: String,
}

impl Element {
    /// Its name without prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.last().map_or("", |name| name)
    }
}

/// Reads a document, or as much of it as there is: at the first thing that is no XML reading ends, and what was
/// read before counts. Elements are listed in the order they begin.
#[must_use]
pub fn elements(bytes: &[u8]) -> Vec<Element> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let mut reader = Reader::from_str(text);
    // Devices forget end tags and write bare ampersands.
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    reader.config_mut().allow_dangling_amp = true;
    let mut found: Vec<Element> = Vec::new();
    // Indices of the open elements; `None` for those beyond the depth that is read.
    let mut open: Vec<Option<usize>> = Vec::new();
    while found.len() < MAX_ELEMENTS {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                let index = begin(&mut found, &open, tag.name().as_ref());
                open.push(index);
            }
            Ok(Event::Empty(tag)) => drop(begin(&mut found, &open, tag.name().as_ref())),
            Ok(Event::End(_)) => drop(open.pop()),
            Ok(Event::Text(piece)) => add(&mut found, &open, &piece),
            Ok(Event::CData(piece)) => add(&mut found, &open, &piece),
            Ok(Event::GeneralRef(reference)) => {
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character),
                    _ => predefined(reference.as_ref()),
                };
                if let Some(character) = character {
                    add(&mut found, &open, character.encode_utf8(&mut [0; 4]));
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    for element in &mut found {
        element.text = element.text.trim().to_owned();
    }
    found
}

fn begin(found: &mut Vec<Element>, open: &[Option<usize>], name: &str) -> Option<usize> {
    if open.len() >= MAX_DEPTH {
        return None;
    }
    let (prefix, local) = name.rsplit_once(':').unwrap_or(("", name));
    let parent = open.last().copied().flatten();
    let mut path = parent.map_or_else(Vec::new, |parent| found[parent].path.clone());
    path.push(cut(local, MAX_NAME).into());
    found.push(Element { path, prefix: cut(prefix, MAX_NAME).to_owned(), text: String::new() });
    Some(found.len() - 1)
}

fn add(found: &mut [Element], open: &[Option<usize>], piece: &str) {
    let Some(element) = open.last().copied().flatten().and_then(|index| found.get_mut(index)) else { return };
    let room = MAX_TEXT.saturating_sub(element.text.len());
    element.text.push_str(cut(piece, room));
}

/// The first octets of a text, whole characters only.
fn cut(text: &str, room: usize) -> &str {
    let end = (0..=text.len().min(room)).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}

/// The five entities that XML itself defines; others are left out.
fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Vec<String> {
        elements(text.as_bytes()).iter().map(|e| format!("{}={}", e.path.join("/"), e.text)).collect()
    }

    #[test]
    fn documents() {
        assert_eq!(
            shown("<?xml version=\"1.0\"?><a x='1'><p:b> B &amp; C&#33; </p:b><c/></a>"),
            ["a=", "a/b=B & C!", "a/c="]
        );
        assert_eq!(shown("<a><b><![CDATA[<x>]]></b>"), ["a=", "a/b=<x>"]);
        assert_eq!(shown("<a><b>cut off"), ["a=", "a/b=cut off"]);
        assert_eq!(shown("no xml"), Vec::<String>::new());
    }

    #[test]
    fn entities_of_the_document_are_not_expanded() {
        let bomb =
            "<!DOCTYPE a [<!ENTITY x \"yyyyyyyy\"><!ENTITY z SYSTEM \"file:///etc/passwd\">]><a>&x;&z;</a>";
        assert_eq!(shown(bomb), ["a="]);
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = elements("<a>".repeat(100_000).as_bytes());
        assert_eq!(deep.len(), MAX_DEPTH);
        let wide = elements(format!("<a>{}</a>", "<b/>".repeat(100_000)).as_bytes());
        assert_eq!(wide.len(), MAX_ELEMENTS);
    }

    /// A root with a name of 44,000 octets and 3,990 children once cost 200 MB: each had a copy of it.
    #[test]
    fn long_names_cost_once_and_are_cut() {
        let name = "r".repeat(44_000);
        let found = elements(format!("<{name}>{}</{name}>", "<a/>".repeat(3_990)).as_bytes());
        assert_eq!(found.len(), 3_991);
        assert_eq!(found[0].name().len(), MAX_NAME);
        assert!(found[1..].iter().all(|child| Arc::ptr_eq(&child.path[0], &found[0].path[0])));
        assert!(found.iter().all(|element| element.prefix.len() + element.name().len() <= 2 * MAX_NAME));
    }

    proptest! {
        #[test]
        fn no_document_panics(text in "[<>/a-c&;!\\[\\]= ?ä-]{0,120}") {
            prop_assert!(elements(text.as_bytes()).len() <= MAX_ELEMENTS);
        }
    }
}
