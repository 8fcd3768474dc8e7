//! PJLink (class 1 version 1.04, class 2 version 2.10, JBMIA): greeting, queries and their answers. There is no
//! command in this file that changes anything, and no password.

/// The TCP port.
pub const PORT: u16 = 4352;

/// The search of class 2, one datagram to everybody (class 2 specification, section 3.2).
pub const SEARCH: &[u8] = b"%2SRCH\r";

/// The MAC address of the one device that a datagram says it comes from, where it acknowledges a search: `%2ACKN=` and that
/// address, with or without separators; `None` for any other datagram.
#[must_use]
pub fn acknowledged(datagram: &[u8]) -> Option<[u8; 6]> {
    let end =
        datagram.iter().rposition(|octet| !matches!(octet, b'\r' | b'\n' | 0 | b' ')).map_or(0, |at| at + 1);
    let (head, told) = datagram[..end].split_at_checked(7)?;
    let digits: Vec<u8> = told.iter().copied().filter(|octet| !matches!(octet, b':' | b'-')).collect();
    if !head.eq_ignore_ascii_case(b"%2ACKN=") || told.len() > 17 || digits.len() != 12 {
        return None;
    }
    let mut mac = [0; 6];
    for (octet, pair) in mac.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *octet = digit(0)? << 4 | digit(1)?;
    }
    // The lowest bit of the first octet marks a group of devices (IEEE 802).
    (mac[0] & 1 == 0).then_some(mac)
}

/// What the projector greets with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// `PJLINK 0`: everybody may ask.
    Open,
    /// `PJLINK 1 …`: a password is set.
    Locked,
    /// `PJLINK ERRA` or anything else that begins like PJLink.
    Refused,
}

/// A query: body of four characters, and the class that knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// The class, 1 or 2.
    pub class: u8,
    /// The body, such as `INF1`.
    pub body: &'static str,
}

impl Query {
    /// A query of class 1.
    #[must_use]
    pub const fn one(body: &'static str) -> Self {
        Self { class: 1, body }
    }

    /// A query of class 2.
    #[must_use]
    pub const fn two(body: &'static str) -> Self {
        Self { class: 2, body }
    }

    /// Its bytes: `%1INF1 ?` and a carriage return.
    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        format!("%{}{} ?\r", self.class, self.body).into_bytes()
    }
}

/// Cuts the first line off a stream; `None` while it is incomplete. Lines end with a carriage return; some
/// projectors add a line feed.
#[must_use]
pub fn line(stream: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = stream.iter().position(|&octet| octet != b'\n').unwrap_or(stream.len());
    let stream = &stream[start..];
    let end = stream.iter().position(|&octet| octet == b'\r')?;
    Some((&stream[..end], &stream[end + 1..]))
}

/// Reads the greeting line; `None` where this is no PJLink.
#[must_use]
pub fn greeting(line: &[u8]) -> Option<Greeting> {
    let rest = line.get(..7).filter(|start| start.eq_ignore_ascii_case(b"PJLINK ")).map(|_| &line[7..])?;
    Some(match rest.first() {
        Some(b'0') => Greeting::Open,
        Some(b'1') => Greeting::Locked,
        _ => Greeting::Refused,
    })
}

/// What a query brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// The value.
    Value(&'a [u8]),
    /// `ERR1` to `ERR4`: not known, out of range, not now, broken.
    Error,
    /// Locked after all.
    Locked,
    /// A line that answers something else.
    Other,
}

/// Reads the line that answers `query`.
#[must_use]
pub fn answer<'a>(line: &'a [u8], query: Query) -> Answer<'a> {
    if line.len() >= 11 && line[..11].eq_ignore_ascii_case(b"PJLINK ERRA") {
        return Answer::Locked;
    }
    let expected = query.body.as_bytes();
    match line {
        [b'%', _, body @ ..]
            if body.len() >= 5 && body[..4].eq_ignore_ascii_case(expected) && body[4] == b'=' =>
        {
            let value = &body[5..];
            match value {
                [b'E' | b'e', b'R' | b'r', b'R' | b'r', b'1'..=b'4'] => Answer::Error,
                _ => Answer::Value(value),
            }
        }
        // Some answer a query they do not know with nothing but the error.
        _ if line.len() >= 4 && line[line.len() - 4..line.len() - 1].eq_ignore_ascii_case(b"ERR") => {
            Answer::Error
        }
        _ => Answer::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn greetings() {
        let check = |line: &str, expected| assert_eq!(greeting(line.as_bytes()), expected, "{line}");
        check("PJLINK 0", Some(Greeting::Open));
        check("PJLINK 1 498e4a67", Some(Greeting::Locked));
        check("PJLINK ERRA", Some(Greeting::Refused));
        check("SSH-2.0-x", None);
        check("", None);
    }

    #[test]
    fn answers() {
        let check = |line: &str, expected| {
            assert_eq!(answer(line.as_bytes(), Query::one("INF1")), expected, "{line}");
        };
        check("%1INF1=EPSON", Answer::Value(b"EPSON"));
        check("%1inf1=", Answer::Value(b""));
        check("%1INF1=ERR3", Answer::Error);
        check("%1ERR1", Answer::Error);
        check("%1INF2=X", Answer::Other);
        check("PJLINK ERRA", Answer::Locked);
        check("", Answer::Other);
    }

    #[test]
    fn acknowledgements() {
        let check = |datagram: &[u8], expected| {
            assert_eq!(acknowledged(datagram).is_some(), expected, "{}", String::from_utf8_lossy(datagram));
        };
        check(b"%2ACKN=00:26:ab:12:34:56\r", true);
        check(b"%2ackn=00:26:AB:12:34:56", true);
        check(b"%2ACKN=0026AB123456\r\n\0", true);
        check(b"%2ACKN=00-26-AB-12-34-56\r", true);
        check(SEARCH, false);
        check(b"%1ACKN=00:26:ab:12:34:56\r", false);
        check(b"%2LKUP=00:26:ab:12:34:56\r", false);
        check(b"%2ACKN=ff:ff:ff:ff:ff:ff\r", false);
        check(b"%2ACKN=00:26:ab:12:34\r", false);
        check(b"%2ACKN=00:26:ab:12:34:56:78\r", false);
        check(b"%2ACKN=0g:26:ab:12:34:56\r", false);
        check(b"%2ACKN=ERR1\r", false);
        check(b"%2ACKN=::::::::::::::::::::::::::::::0026ab123456", false);
        check(b"%2ACKN=\xff\xfe\r", false);
        check(b"", false);
        check(b"\r\r\r", false);
        assert_eq!(acknowledged(b"%2ACKN=00:26:aB:f2:34:56\r"), Some([0, 0x26, 0xab, 0xf2, 0x34, 0x56]));
    }

    #[test]
    fn lines() {
        assert_eq!(line(b"PJLINK 0\r\nx"), Some((&b"PJLINK 0"[..], &b"\nx"[..])));
        assert_eq!(line(b"\n%1POWR"), None);
        assert_eq!(Query::two("SNUM").bytes(), b"%2SNUM ?\r");
    }

    proptest! {
        #[test]
        fn no_line_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert!(acknowledged(&bytes).is_none() || bytes.len() >= 19);
            prop_assert!(greeting(&bytes).is_none_or(|_| bytes.len() >= 7));
            prop_assert!(answer(&bytes, Query::one("INF1")) != Answer::Value(b"\r\r\r\r\r\r"));
        }
    }
}
