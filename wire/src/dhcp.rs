//! DHCP requests of others, read for the kind of device alone: option 55 and option 60 (RFC 2132, 9.8 and 9.13).
//!
//! The host name option and everything else is not read: it names people (promise P4).

/// What a DHCP client shows of its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The client's hardware address.
    pub mac: [u8; 6],
    /// The options it asks for, in its order (option 55): a fingerprint of its operating system.
    pub parameters: Vec<u8>,
    /// Its vendor class (option 60), such as `MSFT 5.0` or `android-dhcp-13`.
    pub vendor_class: Option<String>,
}

const COOKIE: [u8; 4] = [99, 130, 83, 99];
const FIXED: usize = 236;
const MAX_OPTIONS: usize = 128;

/// Reads the payload of a datagram to port 67; `None` where it is no request of an Ethernet client.
#[must_use]
pub fn request(payload: &[u8]) -> Option<Request> {
    let [1, 1, 6, ..] = payload else { return None };
    if payload.get(FIXED..FIXED + 4)? != COOKIE {
        return None;
    }
    let mut told = Request { mac: payload.get(28..34)?.try_into().ok()?, ..Request::default() };
    let mut rest = payload.get(FIXED + 4..)?;
    for _ in 0..MAX_OPTIONS {
        match rest {
            [0, tail @ ..] => rest = tail,
            [code, length, tail @ ..] if *code != 255 => {
                let Some(value) = tail.get(..usize::from(*length)) else { break };
                match code {
                    55 => told.parameters = value.to_vec(),
                    60 => told.vendor_class = Some(String::from_utf8_lossy(value).trim().to_owned()),
                    _ => {}
                }
                rest = &tail[value.len()..];
            }
            _ => break,
        }
    }
    Some(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn payload(options: &[u8]) -> Vec<u8> {
        let mut payload = vec![0; FIXED];
        payload[..3].copy_from_slice(&[1, 1, 6]);
        payload[28..34].copy_from_slice(&[0x00, 0x26, 0xab, 1, 2, 3]);
        payload.extend_from_slice(&COOKIE);
        payload.extend_from_slice(options);
        payload
    }

    #[test]
    fn a_request_shows_its_kind_and_not_its_name() {
        let told =
            request(&payload(b"\x35\x01\x01\x0c\x04Anna\x3c\x08MSFT 5.0\x37\x03\x01\x03\x06\xff")).unwrap();
        assert_eq!(told.mac, [0x00, 0x26, 0xab, 1, 2, 3]);
        assert_eq!(told.parameters, [1, 3, 6]);
        assert_eq!(told.vendor_class.as_deref(), Some("MSFT 5.0"));
        assert!(!format!("{told:?}").contains("Anna"));
    }

    #[test]
    fn answers_and_fragments_are_none() {
        let mut answer = payload(b"\xff");
        answer[0] = 2;
        assert_eq!(request(&answer), None);
        assert_eq!(request(&payload(b"")[..200]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(request(&payload(&bytes)).is_some());
        }
    }
}
