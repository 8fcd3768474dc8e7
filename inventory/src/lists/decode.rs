//! Text of a file whose encoding nobody noted: UTF-8, UTF-16 or Windows-1252, told apart by what stands there.

/// What Windows-1252 has at 0x80 to 0x9F; the five unused places stay as they are.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];
/// Octets that are looked at to tell UTF-16 without a mark.
const SAMPLE: usize = 1024;

/// The text of a file. Every file gives one: what is neither UTF-8 nor UTF-16 is Windows-1252, which knows every octet.
#[must_use]
pub fn decode(bytes: &[u8]) -> String {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return String::from_utf8_lossy(rest).into_owned();
    }
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(rest, u16::from_be_bytes);
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let zeros = |from: usize| sample.iter().skip(from).step_by(2).filter(|octet| **octet == 0).count();
    // Letters of our languages leave every other octet of UTF-16 empty; no other text file holds any.
    let many = sample.len() / 6;
    match (zeros(0), zeros(1)) {
        (first, second) if second > first && second > many => return utf16(bytes, u16::from_le_bytes),
        (first, second) if first > second && first > many => return utf16(bytes, u16::from_be_bytes),
        _ => {}
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|octet| western(*octet)).collect(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn western(octet: u8) -> char {
    match octet {
        0x80..=0x9f => HIGH[usize::from(octet - 0x80)],
        _ => char::from(octet),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, octets: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(octets).collect()
    }

    #[test]
    fn every_encoding_says_the_same() {
        const TEXT: &str = "Gerät;Raum\nTürsprechanlage;Büro – „Süd“ 5 €\n";
        let marked = |mark: &[u8], rest: Vec<u8>| [mark.to_vec(), rest].concat();
        let high = |c: char| HIGH.iter().position(|high| *high == c).map(|at| 0x80 + at);
        let western =
            TEXT.chars().map(|c| u8::try_from(high(c).unwrap_or(c as usize)).expect("a letter of the West"));
        let check = |what: &str, bytes: &[u8]| assert_eq!(decode(bytes), TEXT, "{what}");
        check("UTF-8", TEXT.as_bytes());
        check("UTF-8 with its mark", &marked(b"\xef\xbb\xbf", TEXT.into()));
        check("UTF-16, little end first", &marked(b"\xff\xfe", wide(TEXT, u16::to_le_bytes)));
        check("UTF-16, big end first", &marked(b"\xfe\xff", wide(TEXT, u16::to_be_bytes)));
        check("UTF-16 without a mark", &wide(TEXT, u16::to_le_bytes));
        check("UTF-16 without a mark, big end first", &wide(TEXT, u16::to_be_bytes));
        check("Windows-1252", &western.collect::<Vec<u8>>());
    }

    #[test]
    fn torn_files_still_give_text() {
        assert_eq!(decode(b""), "");
        assert_eq!(decode(b"\xff\xfea\0b"), "a");
        assert_eq!(decode(b"\xff\xfe\x00\xd8"), "\u{fffd}");
        assert_eq!(decode(&[0x80, 0xff]), "€ÿ");
    }
}
