//! A form with a file in it (`multipart/form-data`, RFC 7578), read from octets: fields by name and one file.

use std::collections::BTreeMap;

/// Parts of a form that are read; ours have three.
const MOST_PARTS: usize = 16;
/// Octets of the heading of a part.
const LONGEST_HEAD: usize = 2_000;
/// Octets of a field that is no file.
const LONGEST_FIELD: usize = 10_000;

/// What somebody sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) fields: BTreeMap<String, String>,
    /// Name and octets of the file.
    pub(crate) file: Option<(String, Vec<u8>)>,
}

/// The boundary that a `Content-Type` announces.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let (kind, rest) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let parameters = rest.split(';').filter_map(|parameter| parameter.trim().split_once('='));
    let is_it = |(name, value): (&str, &str)| {
        name.eq_ignore_ascii_case("boundary").then(|| value.trim_matches('"').to_owned())
    };
    // RFC 2046 section 5.1.1: one to seventy letters.
    parameters.into_iter().find_map(is_it).filter(|found| (1..=70).contains(&found.len()))
}

/// Reads a form; `None` where it has not the form of one.
pub(crate) fn read(body: &[u8], boundary: &str) -> Option<Sent> {
    let opening = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    // Whatever stands before the first boundary is no part (RFC 2046 section 5.1.1).
    let mut rest = &body[find(body, opening.as_bytes())? + opening.len()..];
    let mut sent = Sent::default();
    for _ in 0..MOST_PARTS {
        if rest.starts_with(b"--") {
            return Some(sent);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let head = find(rest.get(..LONGEST_HEAD.min(rest.len()))?, b"\r\n\r\n")?;
        let (name, file) = disposition(std::str::from_utf8(&rest[..head]).ok()?)?;
        rest = &rest[head + 4..];
        let end = find(rest, between.as_bytes())?;
        let content = &rest[..end];
        match file {
            Some(file) => sent.file = Some((file, content.to_vec())),
            None if content.len() > LONGEST_FIELD => return None,
            None => {
                sent.fields.insert(name, String::from_utf8_lossy(content).into_owned());
            }
        }
        rest = &rest[end + between.len()..];
    }
    None
}

/// The name of a part, and the name of its file where it is one.
fn disposition(head: &str) -> Option<(String, Option<String>)> {
    let line = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let value = |wanted: &str| {
        let at = line.find(&format!("; {wanted}=\""))?;
        let rest = &line[at + wanted.len() + 4..];
        Some(rest[..rest.find('"')?].replace("%22", "\""))
    };
    Some((value("name")?, value("filename")))
}

/// Where a text begins in another one.
fn find(all: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = all.get(from..)?.iter().position(|byte| *byte == first) {
        if all[from + at..].starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n\
        --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"Liste %22A%22.csv\"\r\n\
        Content-Type: text/csv\r\n\r\nName\r\n--X no boundary\r\n\r\n--x--\r\n";

    #[test]
    fn a_form_with_a_file_is_read() {
        let sent = read(FORM, "x").expect("a form");
        assert_eq!(sent.fields, BTreeMap::from([("csrf".to_owned(), "abc".to_owned())]));
        let (name, octets) = sent.file.expect("a file");
        assert_eq!(
            (name.as_str(), octets.as_slice()),
            ("Liste \"A\".csv", &b"Name\r\n--X no boundary\r\n"[..])
        );
    }

    #[test]
    fn what_is_torn_is_no_form_and_nothing_panics() {
        for end in 0..FORM.len() - 4 {
            assert_eq!(read(&FORM[..end], "x"), None, "{end}");
        }
        for at in 0..FORM.len() {
            for byte in [0, b'\r', b'-', b'"', 0xff] {
                let mut form = FORM.to_vec();
                form[at] = byte;
                let _ = read(&form, "x");
            }
        }
        let many = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(20);
        assert_eq!(read(&many, "x"), None);
    }

    #[test]
    fn the_boundary_is_read_from_the_heading() {
        let check = |heading: &str, expected: Option<&str>| {
            assert_eq!(boundary(heading).as_deref(), expected, "{heading}");
        };
        check("multipart/form-data; boundary=----abc", Some("----abc"));
        check("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"", Some("a b"));
        check("application/x-www-form-urlencoded", None);
        check("text/plain; boundary=a", None);
        check("multipart/form-data; boundary=", None);
    }
}
