//! What line-based services say first: numbered replies (FTP, SMTP) and telnet's text without its negotiation.

/// A numbered reply that may span lines (RFC 5321 section 4.2, RFC 959 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The code.
    pub code: u16,
    /// The text of each line, without code.
    pub lines: Vec<Vec<u8>>,
    /// How many octets of the stream it took.
    pub length: usize,
}

/// Lines of one reply that are read.
const MAX_LINES: usize = 64;

/// Reads the first reply of a stream; `None` while it is incomplete or where it is none.
#[must_use]
pub fn reply(stream: &[u8]) -> Option<Reply> {
    let mut lines = Vec::new();
    let mut length = 0;
    while lines.len() < MAX_LINES {
        let end = stream[length..].iter().position(|&octet| octet == b'\n')?;
        let line = stream[length..length + end].strip_suffix(b"\r").unwrap_or(&stream[length..length + end]);
        length += end + 1;
        let code = line.get(..3).filter(|digits| digits.iter().all(u8::is_ascii_digit));
        let text = line.get(4..).unwrap_or_default().to_vec();
        match (code, line.get(3)) {
            (Some(_), Some(b'-')) => lines.push(text),
            (Some(digits), _) => {
                lines.push(text);
                let code = digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
                return Some(Reply { code, lines, length });
            }
            // Within a reply of several lines FTP allows lines without code; at the beginning it is none.
            (None, _) if lines.is_empty() => return None,
            (None, _) => lines.push(line.to_vec()),
        }
    }
    None
}

/// The first line of a stream without its end; `None` while it is incomplete.
#[must_use]
pub fn line(stream: &[u8]) -> Option<&[u8]> {
    let end = stream.iter().position(|&octet| octet == b'\n')?;
    Some(stream[..end].strip_suffix(b"\r").unwrap_or(&stream[..end]))
}

/// The text of a telnet stream without option negotiation (RFC 854, RFC 855) and terminal control sequences
/// (ECMA-48).
#[must_use]
pub fn telnet_text(stream: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut rest = stream;
    while let Some((&octet, after)) = rest.split_first() {
        rest = match (octet, after) {
            // IAC IAC is the octet 255 itself.
            (0xff, [0xff, after @ ..]) => {
                text.push(0xff);
                after
            }
            // IAC SB … IAC SE: a subnegotiation.
            (0xff, [0xfa, after @ ..]) => {
                let end = after.windows(2).position(|pair| pair == [0xff, 0xf0]);
                end.map_or(&[], |end| &after[end + 2..])
            }
            // WILL, WON'T, DO, DON'T and an option.
            (0xff, [0xfb..=0xfe, after @ ..]) => after.get(1..).unwrap_or_default(),
            (0xff, after) => after.get(1..).unwrap_or_default(),
            // ESC [ … letter
            (0x1b, [b'[', after @ ..]) => {
                let end = after.iter().position(|octet| (0x40..0x7f).contains(octet));
                end.map_or(&[], |end| &after[end + 1..])
            }
            (octet, after) => {
                text.push(octet);
                after
            }
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn replies() {
        let check = |stream: &str, expected: Option<(u16, usize, usize)>| {
            let got = reply(stream.as_bytes()).map(|reply| (reply.code, reply.lines.len(), reply.length));
            assert_eq!(got, expected, "{stream:?}");
        };
        check("220 mail ESMTP\r\n250 x", Some((220, 1, 16)));
        check("250-mail\r\n250-SIZE 1\r\n250 STARTTLS\r\n", Some((250, 3, 36)));
        check("220-Welcome\r\n to\r\n220 FTP\n", Some((220, 3, 26)));
        check("220-half\r\n", None);
        check("220", None);
        check("SSH-2.0-x\r\n", None);
        check("220\r\n", Some((220, 1, 5)));
    }

    #[test]
    fn telnet() {
        assert_eq!(
            telnet_text(b"\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0\x1b[2JSwitch \xff\xff1\r\nlogin: "),
            b"Switch \xff1\r\nlogin: "
        );
        assert_eq!(telnet_text(b"\xff"), b"");
        assert_eq!(telnet_text(b"x\xff\xfa\x01"), b"x");
    }

    proptest! {
        #[test]
        fn no_stream_panics(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            prop_assert!(telnet_text(&bytes).len() <= bytes.len());
            prop_assert!(reply(&bytes).is_none_or(|reply| reply.length <= bytes.len()));
            prop_assert!(line(&bytes).is_none_or(|line| line.len() < bytes.len()));
        }
    }
}
