//! SNMP v1 and v2c: a version number, a community, a request or answer (RFC 1157, RFC 1901).

use super::{Answer, Error, Request, ber};

/// The two versions that carry a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// SNMPv1.
    V1,
    /// SNMPv2c.
    V2c,
}

/// Version and community, as a message carries them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Community<'a> {
    /// The version.
    pub version: Version,
    /// The community.
    pub name: &'a [u8],
}

impl std::fmt::Debug for Community<'_> {
    /// Shows the version, never the community: it is a password (promise S7).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Community").field("version", &self.version).finish_non_exhaustive()
    }
}

impl<'a> Community<'a> {
    /// The datagram that asks for this.
    #[must_use]
    pub fn request(&self, request_id: i32, request: &Request) -> Vec<u8> {
        self.wrap(request.write(request_id))
    }

    /// The datagram that answers with this.
    #[must_use]
    pub fn answer(&self, answer: &Answer) -> Vec<u8> {
        self.wrap(answer.write())
    }

    fn wrap(&self, pdu: Vec<u8>) -> Vec<u8> {
        let number = match self.version {
            Version::V1 => 0,
            Version::V2c => 1,
        };
        ber::constructed(
            ber::SEQUENCE,
            &[ber::write_signed(ber::INTEGER, number), ber::tlv(ber::OCTET_STRING, self.name), pdu],
        )
    }

    /// Reads the datagram of an answer.
    ///
    /// # Errors
    /// Where the bytes are no v1 or v2c answer, or end before its variables begin.
    pub fn read_answer(bytes: &'a [u8]) -> Result<(Self, Answer), Error> {
        let (community, pdu) = Self::unwrap(bytes)?;
        Ok((community, Answer::read(&pdu)?))
    }

    /// Splits a datagram into version and community, and the request or answer.
    pub(super) fn unwrap(bytes: &'a [u8]) -> Result<(Self, ber::Element<'a>), Error> {
        let outer = ber::Reader::new(bytes).expect(ber::SEQUENCE, "it does not begin with a sequence")?;
        let mut reader = outer.open();
        let version = match reader.integer("the version is no integer")? {
            0 => Version::V1,
            1 => Version::V2c,
            other => return Err(Error::Version(other)),
        };
        let name = reader.expect(ber::OCTET_STRING, "the community is no octet string")?;
        let pdu = reader.element()?;
        Ok((Self { version, name: name.body }, pdu))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snmp::{AnswerKind, Binding, ErrorStatus, Oid, Value};
    use data_encoding::HEXLOWER_PERMISSIVE as HEX;

    fn bytes(hex: &str) -> Vec<u8> {
        HEX.decode(hex.replace(char::is_whitespace, "").as_bytes()).unwrap()
    }

    fn oid(text: &str) -> Oid {
        text.parse().unwrap()
    }

    /// Worked out by hand from RFC 1157 section 4.1 and X.690, octet by octet.
    #[test]
    fn requests_to_the_octet() {
        let v2c = Community { version: Version::V2c, name: b"public" };
        let object_id = oid("1.3.6.1.2.1.1.2.0");
        let check = |community: Community<'_>, request: Request, hex: &str| {
            assert_eq!(HEX.encode(&community.request(0x0102_0304, &request)), hex.replace(' ', ""));
        };
        check(
            v2c,
            Request::Get(vec![object_id.clone()]),
            "302902 0101 0406 7075626c6963 a01c 0204 01020304 020100 020100 300e 300c 0608 2b06010201010200 0500",
        );
        check(
            Community { version: Version::V1, name: b"x" },
            Request::GetNext(vec![object_id.clone()]),
            "302402 0100 0401 78 a11c 0204 01020304 020100 020100 300e 300c 0608 2b06010201010200 0500",
        );
        check(
            v2c,
            Request::GetBulk { max_repetitions: 10, oids: vec![object_id] },
            "302902 0101 0406 7075626c6963 a51c 0204 01020304 020100 02010a 300e 300c 0608 2b06010201010200 0500",
        );
    }

    /// Promise S3: whatever is asked, the octet that says what is wanted is one of the three reading requests.
    #[test]
    fn nothing_but_reading_can_be_asked() {
        let all = [
            Request::Get(vec![]),
            Request::GetNext(vec![]),
            Request::GetBulk { max_repetitions: 1, oids: vec![] },
        ];
        let tags: Vec<u8> = all.iter().map(|request| request.write(1).first().copied().unwrap()).collect();
        assert_eq!(tags, [0xa0, 0xa1, 0xa5]);
    }

    /// What devices do to the rules; each answer was written by hand after such a device.
    #[test]
    fn answers_as_devices_write_them() {
        let check = |what: &str, hex: &str, expected: &[(&str, Value)], cut: bool| {
            let bytes = bytes(hex);
            let (_, answer) =
                Community::read_answer(&bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
            let read: Vec<(String, Value)> =
                answer.bindings.iter().map(|b| (b.oid.to_string(), b.value.clone())).collect();
            let expected: Vec<(String, Value)> =
                expected.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            assert_eq!((read, answer.cut), (expected, cut), "{what}");
        };
        let up_time = "1.3.6.1.2.1.1.3.0";
        check(
            "a plain answer",
            "302a 020101 0401 78 a222 020101 020100 020100 3017 3015 0608 2b06010201010100 0409 4b594f434552412d31",
            &[("1.3.6.1.2.1.1.1.0", Value::Octets(b"KYOCERA-1".to_vec()))],
            false,
        );
        check(
            "lengths of four octets everywhere and junk behind the message",
            "3084 00000032 020101 0401 78 a284 00000026 020101 020100 020100 3084 00000017 3084 00000011 \
             0608 2b06010201010300 4305 00ff000001 ffff",
            &[(up_time, Value::TimeTicks(0xff00_0001))],
            false,
        );
        check(
            "time ticks without the leading zero octet",
            "3025 020101 0401 78 a21d 020101 020100 020100 3012 3010 0608 2b06010201010300 4304 ff000001",
            &[(up_time, Value::TimeTicks(0xff00_0001))],
            false,
        );
        check(
            "indefinite lengths",
            "3080 020101 0401 78 a280 020101 020100 020100 3080 3080 0608 2b06010201010300 430101 0000 0000 0000 0000",
            &[(up_time, Value::TimeTicks(1))],
            false,
        );
        check(
            "cut off in the second variable",
            "3040 020101 0401 78 a238 020101 020100 020100 302d 300d 0608 2b06010201010300 430101 301a 0608 2b0601",
            &[(up_time, Value::TimeTicks(1))],
            true,
        );
        check(
            "a type that SNMP does not have",
            "3022 020101 0401 78 a21a 020101 020100 020100 300f 300d 0608 2b06010201010300 a00101",
            &[(up_time, Value::Strange { tag: 0xa0, octets: vec![1] })],
            false,
        );
        check(
            "no such instance",
            "3021 020101 0401 78 a219 020101 020100 020100 300e 300c 0608 2b06010201010300 8100",
            &[(up_time, Value::NoSuchInstance)],
            false,
        );
    }

    #[test]
    fn errors_are_told() {
        let v1 = "3021 020100 0401 78 a219 020107 020102 020101 300e 300c 0608 2b06010201010300 0500";
        let bytes_v1 = bytes(v1);
        let (community, answer) = Community::read_answer(&bytes_v1).unwrap();
        assert_eq!((community.version, community.name), (Version::V1, &b"x"[..]));
        assert_eq!((answer.request_id, answer.error, answer.error_index), (7, ErrorStatus::NoSuchName, 1));
        let check = |hex: &str, error: Error| {
            assert_eq!(Community::read_answer(&bytes(hex)).map(|_| ()), Err(error), "{hex}");
        };
        check("", Error::Incomplete);
        check("3003020103", Error::Version(3));
        check("0400", Error::Malformed("it does not begin with a sequence"));
        check("302102010104017800", Error::Incomplete);
    }

    #[test]
    fn answers_survive_a_round_trip() {
        let community = Community { version: Version::V2c, name: b"x" };
        let values = [
            Value::Integer(-7),
            Value::Octets(vec![0, 255]),
            Value::Null,
            Value::Oid(oid("1.3.6.1.4.1.2356.11")),
            Value::IpAddress([127, 0, 0, 1]),
            Value::Counter32(u32::MAX),
            Value::Gauge32(5),
            Value::TimeTicks(9),
            Value::Opaque(vec![1]),
            Value::Counter64(u64::MAX),
            Value::NoSuchObject,
            Value::NoSuchInstance,
            Value::EndOfMibView,
        ];
        let bindings =
            values.iter().map(|value| Binding { oid: oid("1.3.6"), value: value.clone() }).collect();
        let answer = Answer {
            kind: AnswerKind::Response,
            request_id: -5,
            error: ErrorStatus::General,
            error_index: 3,
            bindings,
            cut: false,
        };
        assert_eq!(Community::read_answer(&community.answer(&answer)), Ok((community, answer)));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            drop(Community::read_answer(&bytes));
        }

        /// A broken copy of a good answer gets further than random bytes do.
        #[test]
        fn no_broken_answer_makes_it_panic(at in 0usize..60, octet: u8, end in 0usize..60) {
            let mut bytes = bytes(
                "3080 020101 0401 78 a280 020101 020100 020100 3080 3080 0608 2b06010201010300 430101 0000 0000 0000 0000",
            );
            if let Some(place) = bytes.get_mut(at) {
                *place = octet;
            }
            bytes.truncate(end);
            drop(Community::read_answer(&bytes));
        }
    }
}
