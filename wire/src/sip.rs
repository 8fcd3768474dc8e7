//! SIP OPTIONS over UDP (RFC 3261): the one request that we send, and the header fields of its answer.

use std::net::IpAddr;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Header fields in order, names in lower case and in their long form.
    pub headers: Vec<(String, String)>,
}

impl Answer {
    /// The first header field of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// An OPTIONS request to a host (RFC 3261 section 11.1). The sender's address is unknown here: `invalid` (RFC 2606)
/// stands in its place, and `rport` (RFC 3581) brings the answer back to where the datagram came from.
#[must_use]
pub fn options(host: IpAddr, number: u64) -> Vec<u8> {
    let host = crate::http::authority(host, 80, false);
    format!(
        "OPTIONS sip:{host} SIP/2.0\r\n\
         Via: SIP/2.0/UDP rundgang.invalid:5060;branch=z9hG4bK{number:016x};rport\r\n\
         Max-Forwards: 70\r\n\
         From: <sip:rundgang@rundgang.invalid>;tag={number:016x}\r\n\
         To: <sip:{host}>\r\n\
         Call-ID: {number:016x}@rundgang.invalid\r\n\
         CSeq: 1 OPTIONS\r\n\
         Contact: <sip:rundgang@rundgang.invalid:5060>\r\n\
         Accept: application/sdp\r\n\
         User-Agent: {}\r\n\
         Content-Length: 0\r\n\r\n",
        crate::http::USER_AGENT
    )
    .into_bytes()
}

/// Reads an answer; `None` where the datagram is none.
#[must_use]
pub fn answer(datagram: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(datagram);
    let mut lines = text.lines();
    let status = lines.next()?.strip_prefix("SIP/2.0 ")?.split(' ').next()?.parse().ok()?;
    let headers = lines
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| {
            let name = name.trim().to_ascii_lowercase();
            // RFC 3261 section 7.3.3: short forms, of those that are read.
            (if name == "k" { "supported".to_owned() } else { name }, value.trim().to_owned())
        })
        .take(64)
        .collect();
    Some(Answer { status, headers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_request_is_these_bytes() {
        let expected = "OPTIONS sip:192.0.2.7 SIP/2.0\r\nVia: SIP/2.0/UDP rundgang.invalid:5060;branch=z9hG4bK000000000000002a;rport\r\nMax-Forwards: 70\r\nFrom: <sip:rundgang@rundgang.invalid>;tag=000000000000002a\r\nTo: <sip:192.0.2.7>\r\nCall-ID: 000000000000002a@rundgang.invalid\r\nCSeq: 1 OPTIONS\r\nContact: <sip:rundgang@rundgang.invalid:5060>\r\nAccept: application/sdp\r\nUser-Agent: Rundgang (network inventory, read only)\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(String::from_utf8(options("192.0.2.7".parse().unwrap(), 42)).unwrap(), expected);
    }

    #[test]
    fn answers() {
        let got =
            answer(b"SIP/2.0 405 Method Not Allowed\r\nUser-Agent: X 1\r\nk: timer\r\n\r\nbody: no\r\n")
                .unwrap();
        assert_eq!(
            (got.status, got.header("user-agent"), got.header("supported")),
            (405, Some("X 1"), Some("timer"))
        );
        assert_eq!(got.header("body"), None);
        assert_eq!(answer(b"OPTIONS sip:x SIP/2.0\r\n\r\n"), None);
    }

    proptest! {
        #[test]
        fn no_datagram_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(answer(&bytes).is_none_or(|read| read.headers.len() <= 64));
        }
    }
}
