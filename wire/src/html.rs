//! The few parts of a web page that name a product: title, generator, and where it sends a browser by itself.

/// What a page tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The text of the first `title` element.
    pub title: Option<String>,
    /// The content of `<meta name="generator">`.
    pub generator: Option<String>,
    /// The address of `<meta http-equiv="refresh">`.
    pub refresh: Option<String>,
}

/// Reads a page, or the beginning of one. One pass over at most 64 KiB; anything unexpected is skipped.
#[must_use]
pub fn page(body: &[u8]) -> Page {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        // Cut within a character, or an old charset: one octet, one character.
        Err(error) if error.valid_up_to() + 4 > body.len() => String::from_utf8_lossy(body).into_owned(),
        Err(_) => body.iter().map(|&octet| char::from(octet)).collect(),
    };
    // ASCII lower case keeps every offset, so that tags found here are cut out of the text as written.
    let lower = text.to_ascii_lowercase();
    let mut page = Page::default();
    let mut from = 0;
    while let Some(at) = lower[from..].find('<').map(|at| from + at) {
        let Some(end) = lower[at..].find('>').map(|end| at + end) else { break };
        let tag = &lower[at + 1..end];
        if page.title.is_none() && (tag == "title" || tag.starts_with("title ")) {
            let close = lower[end..].find("</title").map_or(text.len(), |close| end + close);
            page.title = filled(&text[end + 1..close.max(end + 1)]);
        } else if tag.starts_with("meta ") {
            meta(&text[at + 1..end], tag, &mut page);
        }
        from = end + 1;
    }
    page
}

fn meta(tag: &str, lower: &str, page: &mut Page) {
    let Some(content) = attribute(tag, lower, "content") else { return };
    if attribute(tag, lower, "name").is_some_and(|name| name.eq_ignore_ascii_case("generator")) {
        page.generator = page.generator.take().or_else(|| filled(content));
    } else if attribute(tag, lower, "http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("refresh")) {
        let address = content
            .split_once(';')
            .and_then(|(_, rest)| rest.split_once('='))
            .map(|(_, address)| address.trim().trim_matches(['\'', '"']));
        page.refresh = page.refresh.take().or_else(|| address.and_then(filled));
    }
}

/// The value of an attribute of a tag, with or without quotes.
fn attribute<'a>(tag: &'a str, lower: &str, name: &str) -> Option<&'a str> {
    let mut from = 0;
    while let Some(at) = lower[from..].find(name).map(|at| from + at) {
        let after = at + name.len();
        let preceded = lower[..at].ends_with([' ', '\t', '\n', '\r', '"', '\'']);
        let rest = tag[after..].trim_start();
        if let (true, Some(value)) = (preceded, rest.strip_prefix('=')) {
            let value = value.trim_start();
            return match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split(quote).next(),
                _ => value.split([' ', '/', '\t', '\r', '\n']).next(),
            };
        }
        from = after;
    }
    None
}

/// Text with its character references replaced and white space folded; `None` where nothing is left.
fn filled(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        // The longest reference that we replace has ten characters.
        let end = rest.char_indices().take(12).find(|&(_, c)| c == ';').map(|(end, _)| end);
        match end.and_then(|end| reference(&rest[1..end]).map(|c| (c, end))) {
            Some((character, end)) => {
                plain.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    let folded = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    (!folded.is_empty()).then_some(folded)
}

/// A character reference without `&` and `;`.
fn reference(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "reg" => '®',
        "copy" => '©',
        "trade" => '™',
        "ndash" => '–',
        "mdash" => '—',
        "middot" => '·',
        "bull" => '•',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn titles() {
        let check = |body: &str, expected: Option<&str>| {
            assert_eq!(page(body.as_bytes()).title.as_deref(), expected, "{body}");
        };
        check("<html><head><TITLE>\n FRITZ!Box </TITLE>", Some("FRITZ!Box"));
        check(
            "<title lang=de>B&uuml;ro &amp; Flur &#8211; &#x41;&unknown; &</title>",
            Some("Büro & Flur – A&unknown; &"),
        );
        check("<title></title>", None);
        check("<title>cut of", Some("cut of"));
        check("no page", None);
        check("<titlebar>x</titlebar>", None);
    }

    #[test]
    fn an_old_charset() {
        assert_eq!(page(b"<title>B\xfcro</title><p>x</p>").title.as_deref(), Some("Büro"));
    }

    #[test]
    fn metas() {
        let got = page(b"<meta charset=utf-8><META NAME=\"generator\" content='WordPress 6.5'><meta content=\"0; URL='/login.html'\" http-equiv=refresh>");
        assert_eq!(got.generator.as_deref(), Some("WordPress 6.5"));
        assert_eq!(got.refresh.as_deref(), Some("/login.html"));
    }

    proptest! {
        #[test]
        fn no_page_panics(body in "[<>/=a-z&#;x0-9 \"'ä]{0,200}") {
            for text in [format!("<title>{body}"), format!("<meta {body}")] {
                let got = page(text.as_bytes());
                prop_assert!(got.title.is_none_or(|title| !title.is_empty()));
            }
        }

        #[test]
        fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let got = page(&body);
            prop_assert!(got.title.is_none_or(|title| !title.is_empty()));
        }
    }
}
