//! IPP (RFC 8010, RFC 8011): the one request that we send, Get-Printer-Attributes, and a reader of attributes that
//! yields what is readable of an answer that breaks the rules.

use std::net::IpAddr;

/// The attributes that are asked for (RFC 8011 section 5.4, PWG 5100.13, PWG 5107.2, PWG 5100.9).
pub const REQUESTED: &[&str] = &[
    "printer-make-and-model",
    "printer-device-id",
    "printer-name",
    "printer-info",
    "printer-location",
    "printer-uuid",
    "printer-dns-sd-name",
    "printer-serial-number",
    "printer-firmware-name",
    "printer-firmware-string-version",
    "printer-more-info",
    "printer-impressions-completed",
    "marker-names",
    "marker-types",
    "marker-colors",
    "marker-levels",
    "color-supported",
    "sides-supported",
    "ipp-versions-supported",
];

/// No answer is read beyond this many values.
const MAX_VALUES: usize = 4096;

/// One attribute with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its values in order; values of syntaxes not listed are left out.
    pub values: Vec<Value>,
}

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Any text-like syntax: text, name, keyword, URI, MIME type; a language is dropped. Raw octets.
    Text(Vec<u8>),
    /// Integer or enum.
    Integer(i32),
    /// Boolean.
    Boolean(bool),
}

/// What an answer holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status code (RFC 8011 section 13).
    pub status: u16,
    /// Printer attributes in the order sent.
    pub attributes: Vec<Attribute>,
    /// Whether the answer followed the rules to its end tag.
    pub well_formed: bool,
}

impl Answer {
    /// The values of an attribute; empty where it was not sent.
    #[must_use]
    pub fn values(&self, name: &str) -> &[Value] {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .map_or(&[], |attribute| &attribute.values)
    }
}

/// A Get-Printer-Attributes request (operation 0x000B) for the printer at `path`. Version 1.1 is understood by
/// every printer.
#[must_use]
pub fn get_printer_attributes(authority: &str, secure: bool, path: &str) -> Vec<u8> {
    let mut bytes = vec![1, 1, 0, 0x0b, 0, 0, 0, 1, 0x01];
    let mut put = |tag: u8, name: &str, value: &str| {
        bytes.push(tag);
        for part in [name, value] {
            // Names and values here are short literals and a path that was checked to be so.
            let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&part.as_bytes()[..usize::from(length)]);
        }
    };
    put(0x47, "attributes-charset", "utf-8");
    put(0x48, "attributes-natural-language", "en");
    let scheme = if secure { "ipps" } else { "ipp" };
    put(0x45, "printer-uri", &format!("{scheme}://{authority}{path}"));
    for (index, attribute) in REQUESTED.iter().enumerate() {
        put(0x44, if index == 0 { "requested-attributes" } else { "" }, attribute);
    }
    bytes.push(0x03);
    bytes
}

/// The same request as the body of an HTTP POST: the only POST that this product knows (promise S3).
#[must_use]
pub fn post(host: IpAddr, port: u16, secure: bool, path: &str) -> Vec<u8> {
    let name = crate::http::authority(host, 80, false);
    let body = get_printer_attributes(&format!("{name}:{port}"), secure, path);
    let mut bytes = format!(
        "POST {path} HTTP/1.1\r\nHost: {name}:{port}\r\nUser-Agent: {}\r\nContent-Type: application/ipp\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        crate::http::USER_AGENT,
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&body);
    bytes
}

/// Reads an answer. `None` where not even the header of eight octets stands. Members of collections are passed
/// over, also where a printer forgot the rules for nesting them.
#[must_use]
pub fn answer(bytes: &[u8]) -> Option<Answer> {
    let header = bytes.get(..8)?;
    let mut answer = Answer { status: u16::from_be_bytes([header[2], header[3]]), ..Answer::default() };
    let mut reader = Reader { bytes: &bytes[8..] };
    let (mut group, mut depth, mut clean) = (0, 0_u32, true);
    for _ in 0..MAX_VALUES {
        let Some(tag) = reader.octet() else { break };
        if tag == 0x03 {
            answer.well_formed = clean;
            break;
        }
        if tag < 0x10 {
            // A delimiter ends whatever collection was left open.
            (group, depth) = (tag, 0);
            continue;
        }
        let Some((name, value)) = reader.block().and_then(|name| Some((name, reader.block()?))) else {
            break;
        };
        match tag {
            0x34 => depth += 1,
            0x37 => {
                clean &= depth > 0;
                depth = depth.saturating_sub(1);
            }
            _ if depth > 0 => {
                // RFC 8010 section 3.1.6: within a collection no attribute has a name of its own.
                clean &= name.is_empty();
            }
            // 0x04: printer attributes.
            _ if group == 0x04 => add(&mut answer.attributes, tag, name, value),
            _ => {}
        }
    }
    Some(answer)
}

fn add(attributes: &mut Vec<Attribute>, tag: u8, name: &[u8], value: &[u8]) {
    if !name.is_empty() {
        attributes.push(Attribute { name: String::from_utf8_lossy(name).into_owned(), values: Vec::new() });
    }
    let Some(attribute) = attributes.last_mut() else { return };
    attribute.values.extend(match tag {
        0x21 | 0x23 => value.try_into().ok().map(|octets| Value::Integer(i32::from_be_bytes(octets))),
        0x22 => value.first().map(|&octet| Value::Boolean(octet != 0)),
        // textWithLanguage, nameWithLanguage: a language and the text, each with its length.
        0x35 | 0x36 => {
            let mut parts = Reader { bytes: value };
            parts.block().and_then(|_| parts.block()).map(|text| Value::Text(text.to_vec()))
        }
        // octetString is what some printers use for marker-levels and device identifiers.
        0x30 | 0x41 | 0x42 | 0x44..=0x49 => Some(Value::Text(value.to_vec())),
        _ => None,
    });
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn octet(&mut self) -> Option<u8> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

    /// A length of two octets and that many octets.
    fn block(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(u16::from_be_bytes([*self.bytes.first()?, *self.bytes.get(1)?]));
        let block = self.bytes.get(2..2 + length)?;
        self.bytes = &self.bytes[2 + length..];
        Some(block)
    }
}

/// The keys of an IEEE 1284 device identifier: `MFG:Kyocera;MDL:…;SN:…;`.
pub fn device_id(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(';').filter_map(|pair| pair.split_once(':')).map(|(key, value)| (key.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn attribute(tag: u8, name: &str, value: &[u8]) -> Vec<u8> {
        let mut bytes = vec![tag];
        for part in [name.as_bytes(), value] {
            bytes.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
            bytes.extend(part);
        }
        bytes
    }

    fn message(parts: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = vec![2, 0, 0, 0, 0, 0, 0, 1, 0x01];
        bytes.extend(attribute(0x47, "attributes-charset", b"utf-8"));
        bytes.push(0x04);
        bytes.extend(parts.concat());
        bytes.push(0x03);
        bytes
    }

    #[test]
    fn the_request_is_a_well_formed_get_printer_attributes() {
        let bytes = get_printer_attributes("192.0.2.7:631", false, "/ipp/print");
        assert_eq!(bytes[..9], [1, 1, 0, 0x0b, 0, 0, 0, 1, 1]);
        let mut expected = vec![1, 1, 0, 0x0b, 0, 0, 0, 1, 1];
        expected.extend(attribute(0x47, "attributes-charset", b"utf-8"));
        expected.extend(attribute(0x48, "attributes-natural-language", b"en"));
        expected.extend(attribute(0x45, "printer-uri", b"ipp://192.0.2.7:631/ipp/print"));
        for (index, name) in REQUESTED.iter().enumerate() {
            let key = if index == 0 { "requested-attributes" } else { "" };
            expected.extend(attribute(0x44, key, name.as_bytes()));
        }
        expected.push(3);
        assert_eq!(bytes, expected);
        let http = post("192.0.2.7".parse().unwrap(), 631, false, "/ipp/print");
        let head = "POST /ipp/print HTTP/1.1\r\nHost: 192.0.2.7:631\r\nUser-Agent: Rundgang (network inventory, read only)\r\nContent-Type: application/ipp\r\nContent-Length: ";
        assert!(http.starts_with(head.as_bytes()));
        assert!(http.ends_with(&expected));
    }

    #[test]
    fn values_of_every_kind() {
        let got = answer(&message(&[
            attribute(0x41, "printer-make-and-model", b"Example C300"),
            attribute(0x35, "printer-info", b"\0\x02de\0\x05Flur\x20"),
            attribute(0x21, "marker-levels", &[0, 0, 0, 9]),
            attribute(0x21, "", &[0, 0, 0, 12]),
            attribute(0x22, "color-supported", &[1]),
            attribute(0x34, "media-col", b""),
            attribute(0x4a, "", b"x"),
            attribute(0x41, "", b"hidden"),
            attribute(0x37, "", b""),
            attribute(0x13, "printer-serial-number", b""),
        ]))
        .unwrap();
        assert!(got.well_formed);
        assert_eq!(got.values("printer-make-and-model"), [Value::Text(b"Example C300".to_vec())]);
        assert_eq!(got.values("printer-info"), [Value::Text(b"Flur ".to_vec())]);
        assert_eq!(got.values("marker-levels"), [Value::Integer(9), Value::Integer(12)]);
        assert_eq!(got.values("color-supported"), [Value::Boolean(true)]);
        assert!(got.values("media-col").is_empty() && got.values("printer-serial-number").is_empty());
    }

    #[test]
    fn broken_collections_do_not_hide_what_follows() {
        // Members with names of their own, and one end too many: seen from a real printer.
        let got = answer(&message(&[
            attribute(0x34, "media-size-supported", b""),
            attribute(0x21, "x-dimension", &[0, 0, 0, 1]),
            attribute(0x37, "", b""),
            attribute(0x37, "", b""),
            attribute(0x41, "printer-make-and-model", b"Example M7"),
        ]))
        .unwrap();
        assert!(!got.well_formed);
        assert_eq!(got.values("printer-make-and-model"), [Value::Text(b"Example M7".to_vec())]);
        assert!(got.values("x-dimension").is_empty());
    }

    #[test]
    fn a_cut_answer_yields_its_beginning() {
        let whole = message(&[
            attribute(0x41, "printer-make-and-model", b"Example C300"),
            attribute(0x41, "b", b"c"),
        ]);
        let got = answer(&whole[..whole.len() - 3]).unwrap();
        assert!(!got.well_formed);
        assert_eq!(got.attributes.len(), 1);
        assert_eq!(answer(b"short"), None);
    }

    #[test]
    fn device_ids() {
        let pairs: Vec<_> = device_id("MFG:Example; MDL:C300 ;SN:A1;x").collect();
        assert_eq!(pairs, [("MFG", "Example"), ("MDL", "C300"), ("SN", "A1")]);
    }

    proptest! {
        #[test]
        fn no_answer_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(answer(&bytes).is_none_or(|read| read.attributes.len() <= MAX_VALUES));
        }
    }
}
