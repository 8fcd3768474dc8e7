//! Text of a file whose encoding nobody noted: UTF-8, UTF-16 or Windows-1252, told apart by what stands there.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Octets that are looked at to tell UTF-16 without a mark.
const SAMPLE: usize = 1024;

/// The text of a file. Every file gives one: what is neither UTF-8 nor UTF-16 is Windows-1252, which knows every octet.
#[must_use]
pub fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return text(encoding, &bytes[mark..]);
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let zeros = |from: usize| sample.iter().skip(from).step_by(2).filter(|octet| **octet == 0).count();
    // Letters of our languages leave every other octet of UTF-16 empty; no other text file holds any.
    let many = sample.len() / 6;
    match (zeros(0), zeros(1)) {
        (first, second) if second > first && second > many => return text(UTF_16LE, bytes),
        (first, second) if first > second && first > many => return text(UTF_16BE, bytes),
        _ => {}
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => text(WINDOWS_1252, bytes),
    }
}

fn text(encoding: &'static Encoding, bytes: &[u8]) -> String {
    // A torn file may end within a letter, which then is left out.
    let is_wide = encoding == UTF_16LE || encoding == UTF_16BE;
    let whole = if is_wide { bytes.len() & !1 } else { bytes.len() };
    encoding.decode_without_bom_handling(&bytes[..whole]).0.into_owned()
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
        let western = b"Ger\xe4t;Raum\nT\xfcrsprechanlage;B\xfcro \x96 \x84S\xfcd\x93 5 \x80\n";
        let check = |what: &str, bytes: &[u8]| assert_eq!(decode(bytes), TEXT, "{what}");
        check("UTF-8", TEXT.as_bytes());
        check("UTF-8 with its mark", &marked(b"\xef\xbb\xbf", TEXT.into()));
        check("UTF-16, little end first", &marked(b"\xff\xfe", wide(TEXT, u16::to_le_bytes)));
        check("UTF-16, big end first", &marked(b"\xfe\xff", wide(TEXT, u16::to_be_bytes)));
        check("UTF-16 without a mark", &wide(TEXT, u16::to_le_bytes));
        check("UTF-16 without a mark, big end first", &wide(TEXT, u16::to_be_bytes));
        check("Windows-1252", western);
    }

    #[test]
    fn torn_files_still_give_text() {
        assert_eq!(decode(b""), "");
        assert_eq!(decode(b"\xff\xfea\0b"), "a");
        assert_eq!(decode(b"\xff\xfe\x00\xd8"), "\u{fffd}");
        assert_eq!(decode(&[0x80, 0xff]), "€ÿ");
    }
}
