//! Binary property lists as Apple's receivers answer with: the texts of the outermost dictionary.
//!
//! Layout after Apple's published CFBinaryPList.c: eight octets `bplist00`, objects, a table of their offsets, and a
//! trailer of 32 octets that says where the table lies. Whatever contradicts itself is left out.

use std::collections::BTreeMap;

const MAGIC: &[u8] = b"bplist0";
const TRAILER: usize = 32;
/// No dictionary is read beyond so many pairs.
pub const MAX_PAIRS: usize = 256;
/// No text is read beyond so many signs.
pub const MAX_TEXT: usize = 1024;

/// The texts of a property list's outermost dictionary by their keys; other values are left out. None where this is no
/// binary property list of a dictionary, or where its end with the table is missing or leads nowhere. Work is bounded by
/// [`MAX_PAIRS`] and [`MAX_TEXT`]: nothing inside is followed.
#[must_use]
pub fn texts(bytes: &[u8]) -> Option<BTreeMap<String, String>> {
    if !bytes.starts_with(MAGIC) {
        return None;
    }
    Objects::find(bytes)?.dictionary()
}

/// The parts of a list that its trailer leads to.
struct Objects<'a> {
    bytes: &'a [u8],
    /// The table of offsets.
    table: &'a [u8],
    offset_size: usize,
    reference_size: usize,
    top: usize,
}

impl<'a> Objects<'a> {
    fn find(bytes: &'a [u8]) -> Option<Self> {
        let (rest, trailer) = bytes.split_at_checked(bytes.len().checked_sub(TRAILER)?)?;
        let size = |at: usize| Some(usize::from(*trailer.get(at)?)).filter(|size| (1..=8).contains(size));
        let (offset_size, reference_size) = (size(6)?, size(7)?);
        let number = |at: usize| usize::try_from(unsigned(trailer.get(at..at + 8)?)?).ok();
        let (count, top, table_at) = (number(8)?, number(16)?, number(24)?);
        let table = rest.get(table_at..)?.get(..count.checked_mul(offset_size)?)?;
        (top < count).then_some(Self { bytes: rest, table, offset_size, reference_size, top })
    }

    /// The object of that number, from its marker on.
    fn object(&self, number: usize) -> Option<&'a [u8]> {
        let at = number.checked_mul(self.offset_size)?;
        let offset = unsigned(self.table.get(at..)?.get(..self.offset_size)?)?;
        self.bytes.get(usize::try_from(offset).ok()?..)
    }

    fn dictionary(&self) -> Option<BTreeMap<String, String>> {
        let (kind, count, references) = counted(self.object(self.top)?)?;
        if kind != 0xd {
            return None;
        }
        let reference = |at: usize| {
            let from = at.checked_mul(self.reference_size)?;
            usize::try_from(unsigned(references.get(from..)?.get(..self.reference_size)?)?).ok()
        };
        let pair = |at: usize| {
            let key = text(self.object(reference(at)?)?)?;
            Some((key, text(self.object(reference(count.checked_add(at)?)?)?)?))
        };
        Some((0..count.min(MAX_PAIRS)).filter_map(pair).collect())
    }
}

/// An object's kind, how many units it holds, and what follows. A count beyond 14 stands in a number of its own.
fn counted(object: &[u8]) -> Option<(u8, usize, &[u8])> {
    let (marker, rest) = object.split_first()?;
    let (kind, count) = (marker >> 4, marker & 0xf);
    if count != 0xf {
        return Some((kind, usize::from(count), rest));
    }
    let (length, rest) = rest.split_first()?;
    if length >> 4 != 1 {
        return None;
    }
    let (number, rest) = rest.split_at_checked(1_usize.checked_shl(u32::from(length & 0xf))?)?;
    Some((kind, usize::try_from(unsigned(number)?).ok()?, rest))
}

/// An object's text, of ASCII or of UTF-16; None where it is something else.
fn text(object: &[u8]) -> Option<String> {
    let (kind, count, rest) = counted(object)?;
    match kind {
        0x5 => {
            let text = rest.get(..count)?;
            Some(text.iter().take(MAX_TEXT).copied().map(char::from).collect())
        }
        0x6 => {
            let text = rest.get(..count.checked_mul(2)?)?;
            let units = text.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            Some(char::decode_utf16(units).map_while(Result::ok).take(MAX_TEXT).collect())
        }
        _ => None,
    }
}

/// A number of up to eight octets, the greatest first.
fn unsigned(octets: &[u8]) -> Option<u64> {
    (octets.len() <= 8).then(|| octets.iter().fold(0, |number, octet| number << 8 | u64::from(*octet)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Writes a dictionary of objects that are ready, all offsets and references of one octet.
    fn written(pairs: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut objects: Vec<Vec<u8>> = Vec::new();
        let count = u8::try_from(pairs.len()).unwrap();
        let mut top = if count < 15 { vec![0xd0 | count] } else { vec![0xdf, 0x10, count] };
        top.extend((0..2 * count).map(|reference| reference + 1));
        objects.push(top);
        objects.extend(pairs.iter().map(|(key, _)| key.to_vec()));
        objects.extend(pairs.iter().map(|(_, value)| value.to_vec()));
        let mut bytes = b"bplist00".to_vec();
        let mut offsets = Vec::new();
        for object in &objects {
            offsets.push(u8::try_from(bytes.len()).unwrap());
            bytes.extend(object);
        }
        let table = u8::try_from(bytes.len()).unwrap();
        let count = u8::try_from(offsets.len()).unwrap();
        bytes.extend(offsets);
        bytes.extend([0, 0, 0, 0, 0, 0, 1, 1]);
        for number in [count, 0, table] {
            bytes.extend([0, 0, 0, 0, 0, 0, 0, number]);
        }
        bytes
    }

    fn shown(bytes: &[u8]) -> String {
        let Some(texts) = texts(bytes) else { return "None".to_owned() };
        texts.iter().map(|(key, text)| format!("{key}={text:?}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_outermost_dictionary() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(shown(bytes), expected);
        let told = written(&[
            (b"\x55model", b"\x58Sample 9"),
            (b"\x51n", b"\x11\x01\x02"),
            (b"\x51s", b"\x13\xff\xff\xff\xff\xff\xff\xff\xff"),
            (b"\x51t", b"\x09"),
            (b"\x51u", b"\x62\x00B\x00\xfc"),
            (b"\x51x", b"\xa0"),
            (b"\x12\0\0\0\0", b"\x51y"),
        ]);
        // Numbers, truths and lists are no texts, and a number is no key.
        check(&told, "model=\"Sample 9\" u=\"Bü\"");
        check(&written(&[]), "");
        // A text longer than 14 signs has its length in a number of its own.
        check(&written(&[(b"\x51k", b"\x5f\x10\x10abcdefghijklmnop")]), "k=\"abcdefghijklmnop\"");
        check(&told[..told.len() - 1], "None");
        check(b"bpl", "None");
        check(b"", "None");
        check(b"<?xml version=\"1.0\"?>", "None");
        // The outermost value is an empty list: its marker stands where the dictionary's was.
        let mut list = written(&[]);
        list[8] = 0xa0;
        check(&list, "None");
    }

    #[test]
    fn lengths_that_lie_lead_nowhere() {
        let huge = b"\x5f\x13\x7f\xff\xff\xff\xff\xff\xff\xff";
        assert_eq!(shown(&written(&[(b"\x51a", huge), (b"\x51b", b"\x51c")])), "b=\"c\"");
        // The value of the one is the dictionary itself: nothing inside is followed.
        let mut round = written(&[(b"\x51a", b"\x08")]);
        round[10] = 0;
        assert_eq!(shown(&round), "");
    }

    fn is_bounded(bytes: &[u8]) -> bool {
        let Some(texts) = texts(bytes) else { return true };
        let short = |text: &String| text.chars().count() <= MAX_TEXT;
        texts.len() <= MAX_PAIRS && texts.iter().all(|(key, text)| short(key) && short(text))
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(is_bounded(&bytes));
            prop_assert!(is_bounded(&[b"bplist00".as_slice(), &bytes].concat()));
        }

        #[test]
        fn no_change_of_a_good_one_makes_it_panic(at in 0_usize..120, octet: u8, cut in 1_usize..120) {
            let mut bytes = written(&[(b"\x55model", b"\x58Sample 9"), (b"\x51n", b"\x11\x01\x02")]);
            let length = bytes.len();
            bytes[at % length] = octet;
            bytes.truncate(cut);
            prop_assert!(is_bounded(&bytes));
        }
    }
}
