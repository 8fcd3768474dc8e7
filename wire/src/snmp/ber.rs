//! The Basic Encoding Rules (X.690) as far as SNMP uses them, written strictly and read leniently.

use super::{Error, Oid, oid::MAX_ARCS};

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// How deep elements of indefinite length may nest before we stop looking for their end.
const MAX_DEPTH: u8 = 8;

/// One element: its tag and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) body: &'a [u8],
    /// Where the body begins, counted from the start of the datagram.
    pub(super) offset: usize,
    /// The element claims to be longer than what there is; `body` is what there is.
    pub(super) cut: bool,
}

impl<'a> Element<'a> {
    /// A reader over the element's own elements.
    pub(super) const fn open(&self) -> Reader<'a> {
        Reader { rest: self.body, position: self.offset }
    }
}

/// Reads one element after the other.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, position: 0 }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Where the next element begins, counted from the start of the datagram.
    pub(super) const fn position(&self) -> usize {
        self.position
    }

    fn advance(&mut self, by: usize) {
        let by = by.min(self.rest.len());
        self.rest = self.rest.get(by..).unwrap_or_default();
        self.position += by;
    }

    /// The next element. Lengths need not be minimal and may be indefinite; an element that is longer than what
    /// there is comes with [`Element::cut`].
    pub(super) fn element(&mut self) -> Result<Element<'a>, Error> {
        let &tag = self.rest.first().ok_or(Error::Incomplete)?;
        if tag & 0x1f == 0x1f {
            return Err(Error::Malformed("tags of several octets do not occur in SNMP"));
        }
        let (header, length) = length(self.rest)?;
        let body_on = self.rest.get(header..).unwrap_or_default();
        let offset = self.position + header;
        let Some(length) = length else {
            if tag & 0x20 == 0 {
                return Err(Error::Malformed("a primitive element of indefinite length"));
            }
            let (inner, whole) = indefinite_end(body_on, 0)?;
            self.advance(header + whole);
            let body = body_on.get(..inner).unwrap_or(body_on);
            return Ok(Element { tag, body, offset, cut: false });
        };
        let cut = length > body_on.len();
        let body = body_on.get(..length).unwrap_or(body_on);
        self.advance(header + body.len());
        Ok(Element { tag, body, offset, cut })
    }

    /// The next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8, what: &'static str) -> Result<Element<'a>, Error> {
        let element = self.element()?;
        if element.tag == tag { Ok(element) } else { Err(Error::Malformed(what)) }
    }

    /// The next element as a signed integer, whatever its tag says.
    pub(super) fn integer(&mut self, what: &'static str) -> Result<i64, Error> {
        let element = self.element()?;
        if element.cut {
            return Err(Error::Incomplete);
        }
        signed(element.body).ok_or(Error::Malformed(what))
    }
}

/// Length octets: how many octets the header (with tag) takes, and the length, `None` for the indefinite form.
fn length(bytes: &[u8]) -> Result<(usize, Option<usize>), Error> {
    let &first = bytes.get(1).ok_or(Error::Incomplete)?;
    if first < 0x80 {
        return Ok((2, Some(usize::from(first))));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 {
        return Ok((2, None));
    }
    let octets = bytes.get(2..2 + count).ok_or(Error::Incomplete)?;
    let mut value: usize = 0;
    for &octet in octets {
        // No datagram is longer than 16 bits can say; more must not overflow.
        value = value
            .checked_mul(256)
            .and_then(|high| high.checked_add(usize::from(octet)))
            .ok_or(Error::Malformed("a length beyond any datagram"))?;
    }
    Ok((2 + count, Some(value)))
}

/// For a body of indefinite length: its length without and with the two zero octets that end it.
fn indefinite_end(bytes: &[u8], depth: u8) -> Result<(usize, usize), Error> {
    if depth >= MAX_DEPTH {
        return Err(Error::Malformed("elements of indefinite length nest too deep"));
    }
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match rest {
            [] | [_] => return Err(Error::Incomplete),
            [0, 0, ..] => return Ok((at, at + 2)),
            _ => {}
        }
        let (header, length) = length(rest)?;
        at += header;
        at += match length {
            Some(length) => length,
            None => indefinite_end(bytes.get(at..).unwrap_or_default(), depth + 1)?.1,
        };
        if at > bytes.len() {
            return Err(Error::Incomplete);
        }
    }
}

/// A two's complement integer of any length that fits; an empty one counts as zero.
pub(super) fn signed(body: &[u8]) -> Option<i64> {
    let negative = body.first().is_some_and(|&octet| octet & 0x80 != 0);
    let fill = if negative { 0xff } else { 0 };
    let surplus = body.len().saturating_sub(8);
    if body.iter().take(surplus).any(|&octet| octet != fill) {
        return None;
    }
    let mut octets = [fill; 8];
    let kept = body.get(surplus..).unwrap_or_default();
    octets.get_mut(8 - kept.len()..)?.copy_from_slice(kept);
    Some(i64::from_be_bytes(octets))
}

/// An unsigned number of `width` octets at most. Devices forget the leading zero octet or extend a sign that is
/// not there; the low octets are what they meant.
pub(super) fn unsigned(body: &[u8], width: usize) -> Option<u64> {
    let surplus = body.len().saturating_sub(width);
    let (extra, kept) = body.split_at_checked(surplus)?;
    if !extra.iter().all(|&octet| octet == 0) && !extra.iter().all(|&octet| octet == 0xff) {
        return None;
    }
    Some(kept.iter().fold(0, |value, &octet| value << 8 | u64::from(octet)))
}

/// An object identifier; arcs beyond 32 bits or beyond [`MAX_ARCS`] make it unusable.
pub(super) fn object_identifier(body: &[u8]) -> Option<Oid> {
    let mut arcs: Vec<u32> = Vec::with_capacity(body.len().min(MAX_ARCS));
    let mut value: u64 = 0;
    let mut open = false;
    for &octet in body {
        value = value << 7 | u64::from(octet & 0x7f);
        open = octet & 0x80 != 0;
        if value > u64::from(u32::MAX) + 80 || arcs.len() >= MAX_ARCS {
            return None;
        }
        if open {
            continue;
        }
        if arcs.is_empty() {
            let first = (value / 40).min(2);
            arcs.push(u32::try_from(first).ok()?);
            arcs.push(u32::try_from(value - first * 40).ok()?);
        } else {
            arcs.push(u32::try_from(value).ok()?);
        }
        value = 0;
    }
    if open { None } else { Some(Oid::new(&arcs)) }
}

/// Tag, minimal length, body.
pub(super) fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() + 6);
    bytes.push(tag);
    let length = body.len().to_be_bytes();
    match u8::try_from(body.len()) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let first = length.iter().position(|&octet| octet != 0).unwrap_or(length.len() - 1);
            let octets = length.get(first..).unwrap_or_default();
            // At most eight octets, so this never saturates.
            bytes.push(0x80 | u8::try_from(octets.len()).unwrap_or(8));
            bytes.extend_from_slice(octets);
        }
    }
    bytes.extend_from_slice(body);
    bytes
}

/// Elements one after the other, as one element.
pub(super) fn constructed(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(tag, &parts.concat())
}

/// A signed integer in as few octets as possible.
pub(super) fn write_signed(tag: u8, value: i64) -> Vec<u8> {
    write_minimal(tag, &value.to_be_bytes())
}

/// An unsigned integer in as few octets as possible.
pub(super) fn write_unsigned(tag: u8, value: u64) -> Vec<u8> {
    let mut octets = [0; 9];
    if let Some(low) = octets.get_mut(1..) {
        low.copy_from_slice(&value.to_be_bytes());
    }
    write_minimal(tag, &octets)
}

fn write_minimal(tag: u8, octets: &[u8]) -> Vec<u8> {
    let surplus = octets
        .windows(2)
        .take_while(|pair| {
            matches!(pair, [0, next] if next & 0x80 == 0) || matches!(pair, [0xff, next] if next & 0x80 != 0)
        })
        .count();
    tlv(tag, octets.get(surplus..).unwrap_or_default())
}

/// An object identifier.
pub(super) fn write_oid(oid: &Oid) -> Vec<u8> {
    let (first, second, rest) = match oid.arcs() {
        [first, second, rest @ ..] => (*first, *second, rest),
        [first] => (*first, 0, &[][..]),
        [] => (0, 0, &[][..]),
    };
    let mut body = Vec::new();
    push_base128(&mut body, u64::from(first) * 40 + u64::from(second));
    for &arc in rest {
        push_base128(&mut body, u64::from(arc));
    }
    tlv(OBJECT_IDENTIFIER, &body)
}

fn push_base128(body: &mut Vec<u8>, value: u64) {
    let significant = (64 - value.leading_zeros()).div_ceil(7).max(1);
    for group in (0..significant).rev() {
        let bits = u8::try_from(value >> (7 * group) & 0x7f).unwrap_or(0);
        body.push(if group == 0 { bits } else { 0x80 | bits });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_read_as_devices_write_them() {
        let check = |body: &[u8], as_signed: Option<i64>, as_u32: Option<u64>| {
            assert_eq!((signed(body), unsigned(body, 4)), (as_signed, as_u32), "{body:02x?}");
        };
        check(&[], Some(0), Some(0));
        check(&[0x7f], Some(127), Some(127));
        check(&[0xff], Some(-1), Some(255));
        // A counter without its leading zero octet: negative by the rules, meant as unsigned.
        check(&[0xff, 0xff, 0xff, 0xfe], Some(-2), Some(4_294_967_294));
        check(&[0, 0xff, 0xff, 0xff, 0xfe], Some(4_294_967_294), Some(4_294_967_294));
        // The same, its sign extended to eight octets.
        check(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], Some(-2), Some(4_294_967_294));
        check(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 5], Some(5), Some(5));
        check(&[1, 0, 0, 0, 0, 0, 0, 0, 0], None, None);
    }

    #[test]
    fn integers_survive_a_round_trip() {
        for value in [0, 1, 127, 128, 255, 256, 65_535, -1, -128, -129, i64::MAX, i64::MIN] {
            let bytes = write_signed(INTEGER, value);
            assert_eq!(Reader::new(&bytes).integer("").ok(), Some(value), "{bytes:02x?}");
        }
        assert_eq!(write_signed(INTEGER, 128), [2, 2, 0, 0x80]);
        assert_eq!(write_signed(INTEGER, -128), [2, 1, 0x80]);
        assert_eq!(write_unsigned(0x46, u64::MAX), [0x46, 9, 0, 255, 255, 255, 255, 255, 255, 255, 255]);
    }

    #[test]
    fn lengths_in_every_form() {
        let check = |bytes: &[u8], body: Result<&[u8], Error>, cut: bool| {
            let read = Reader::new(bytes).element();
            assert_eq!(read.map(|element| element.body), body, "{bytes:02x?}");
            assert_eq!(read.map(|element| element.cut).unwrap_or(cut), cut, "{bytes:02x?}");
        };
        check(&[4, 1, 9], Ok(&[9]), false);
        check(&[4, 0x81, 1, 9], Ok(&[9]), false);
        check(&[4, 0x84, 0, 0, 0, 1, 9], Ok(&[9]), false);
        check(&[0x30, 0x80, 4, 1, 9, 0, 0], Ok(&[4, 1, 9]), false);
        check(&[0x30, 0x80, 0x30, 0x80, 4, 0, 0, 0, 0, 0], Ok(&[0x30, 0x80, 4, 0, 0, 0]), false);
        check(&[4, 5, 9], Ok(&[9]), true);
        check(&[4, 0x80, 9, 0, 0], Err(Error::Malformed("a primitive element of indefinite length")), false);
        check(&[4], Err(Error::Incomplete), false);
        check(&[4, 0x82, 1], Err(Error::Incomplete), false);
        check(&[0x30, 0x80, 4, 1], Err(Error::Incomplete), false);
        let deep: Vec<u8> = [0x30, 0x80].repeat(40);
        check(&deep, Err(Error::Malformed("elements of indefinite length nest too deep")), false);
        assert_eq!(tlv(4, &[7; 200]).get(..3), Some(&[4, 0x81, 200][..]));
        assert_eq!(tlv(4, &[7; 300]).get(..4), Some(&[4, 0x82, 1, 44][..]));
    }

    #[test]
    fn object_identifiers() {
        // X.690, section 8.19.5: {2 999 3} is 88 37 03.
        let example = Oid::new(&[2, 999, 3]);
        assert_eq!(write_oid(&example), [6, 3, 0x88, 0x37, 3]);
        assert_eq!(object_identifier(&[0x88, 0x37, 3]), Some(example));
        let largest = Oid::new(&[1, 3, u32::MAX]);
        let bytes = write_oid(&largest);
        assert_eq!(bytes.get(2..).and_then(object_identifier), Some(largest));
        assert_eq!(object_identifier(&[0x2b, 0x86]), None);
        assert_eq!(object_identifier(&[0x2b, 0x90, 0x80, 0x80, 0x80, 0]), None);
        assert_eq!(object_identifier(&[]), Some(Oid::new(&[])));
    }
}
