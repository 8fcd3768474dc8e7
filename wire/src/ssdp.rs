//! SSDP (UPnP Device Architecture 2.0 section 1): the search datagram, and the header lines of answers and notices.

/// What a datagram is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// An answer to a search.
    Answer,
    /// `NOTIFY`: a device announces itself.
    Notice,
}

/// An SSDP message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub sort: Sort,
    /// Header fields in order, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Message {
    /// The first header field of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

/// A search for `target`; devices spread their answers over `wait` seconds (section 1.3.2).
#[must_use]
pub fn search(group: &str, target: &str, wait: u8) -> Vec<u8> {
    format!(
        "M-SEARCH * HTTP/1.1\r\nHOST: {group}\r\nMAN: \"ssdp:discover\"\r\nMX: {wait}\r\nST: {target}\r\n\r\n"
    )
    .into_bytes()
}

/// Reads an answer or a notice; `None` for anything else, a search by somebody else included.
#[must_use]
pub fn message(datagram: &[u8]) -> Option<Message> {
    let text: String = match std::str::from_utf8(datagram) {
        Ok(text) => text.to_owned(),
        Err(_) => datagram.iter().map(|&octet| char::from(octet)).collect(),
    };
    let mut lines = text.lines();
    let first = lines.next()?.trim();
    let sort = if first.starts_with("HTTP/1.") && first.contains(" 200") {
        Sort::Answer
    } else if first.starts_with("NOTIFY ") {
        Sort::Notice
    } else {
        return None;
    };
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .take(64)
        .collect();
    Some(Message { sort, headers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_search_is_these_bytes() {
        let expected =
            b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n";
        assert_eq!(search("239.255.255.250:1900", "ssdp:all", 1), expected);
    }

    #[test]
    fn answers_and_notices() {
        let answer =
            message(b"HTTP/1.1 200 OK\r\nLocation: http://192.0.2.7:80/x\r\nSERVER:\r\nst: roku:ecp\r\n\r\n")
                .unwrap();
        assert_eq!(answer.sort, Sort::Answer);
        assert_eq!(answer.header("location"), Some("http://192.0.2.7:80/x"));
        assert_eq!((answer.header("server"), answer.header("st")), (None, Some("roku:ecp")));
        assert_eq!(message(b"NOTIFY * HTTP/1.1\r\nNT: x\r\n\r\n").map(|m| m.sort), Some(Sort::Notice));
        assert_eq!(message(&search("239.255.255.250:1900", "ssdp:all", 1)), None);
    }

    proptest! {
        #[test]
        fn no_datagram_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(message(&bytes).is_none_or(|read| read.headers.len() <= 64));
        }
    }
}
