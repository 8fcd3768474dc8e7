//! SNMPv3 messages with the User-based Security Model (RFC 3412, RFC 3414), without clock or randomness of its own.

use super::{
    Answer, AnswerKind, Error, MAX_MESSAGE, Oid, Request, ber,
    usm::{self, Direction, Keys},
};

const FLAG_AUTHENTICATED: u8 = 1;
const FLAG_ENCRYPTED: u8 = 2;
const FLAG_REPORTABLE: u8 = 4;
/// The security model number of USM (RFC 3411).
const USM: i64 = 3;
/// `usmStats` (RFC 3414, section 5): the counters a report names.
const USM_STATS: [u32; 9] = [1, 3, 6, 1, 6, 3, 15, 1, 1];

/// An SNMP engine as a message names it: its ID and its own idea of the time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Engine {
    /// snmpEngineID.
    pub id: Vec<u8>,
    /// snmpEngineBoots.
    pub boots: u32,
    /// snmpEngineTime, seconds since the last boot.
    pub time: u32,
}

/// What goes into one request.
#[derive(Debug)]
pub struct Asking<'a> {
    /// Number of the message, repeated by the answer.
    pub message_id: i32,
    /// The engine asked.
    pub engine: &'a Engine,
    /// The user asking.
    pub user: &'a [u8],
    /// The user's keys for that engine.
    pub keys: &'a Keys,
    /// Never the same twice with one key (RFC 3826, section 3.1.2.1).
    pub salt: u64,
}

/// Why an engine did not take a request (RFC 3414, section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `usmStatsUnsupportedSecLevels`: the user may not ask at this level.
    UnsupportedSecurityLevel,
    /// `usmStatsNotInTimeWindows`: our idea of the engine's time is off; the report carries the right one.
    NotInTimeWindow,
    /// `usmStatsUnknownUserNames`.
    UnknownUserName,
    /// `usmStatsUnknownEngineIDs`: discovery; the report carries the right ID.
    UnknownEngine,
    /// `usmStatsWrongDigests`: wrong authentication pass phrase or protocol.
    WrongDigest,
    /// `usmStatsDecryptionErrors`: wrong privacy pass phrase or protocol.
    Decryption,
    /// A report about something else.
    Other,
}

impl Refusal {
    fn of(answer: &Answer) -> Option<Self> {
        if answer.kind != AnswerKind::Report {
            return None;
        }
        let stats = Oid::new(&USM_STATS);
        let counter = answer.bindings.iter().find_map(|binding| binding.oid.suffix(&stats)?.first().copied());
        Some(match counter {
            Some(1) => Self::UnsupportedSecurityLevel,
            Some(2) => Self::NotInTimeWindow,
            Some(3) => Self::UnknownUserName,
            Some(4) => Self::UnknownEngine,
            Some(5) => Self::WrongDigest,
            Some(6) => Self::Decryption,
            _ => Self::Other,
        })
    }
}

/// A message from an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Number of the request it answers.
    pub message_id: i32,
    /// The engine that speaks.
    pub engine: Engine,
    /// Whether its digest was checked and fits.
    pub authenticated: bool,
    /// Set where it is a report.
    pub refusal: Option<Refusal>,
    /// What it says.
    pub answer: Answer,
}

/// The datagram that asks an engine for its ID and time (RFC 3414, section 4): nobody asks, for nothing.
#[must_use]
pub fn discovery(message_id: i32) -> Vec<u8> {
    let nobody =
        Asking { message_id, engine: &Engine::default(), user: b"", keys: &Keys::default(), salt: 0 };
    // Nothing is encrypted here, so nothing can fail.
    request(&nobody, message_id, &Request::Get(Vec::new())).unwrap_or_default()
}

/// The datagram of a request, authenticated and encrypted as far as the user's keys go.
///
/// # Errors
/// [`Error::Undecryptable`] where the privacy key does not fit its cipher, which [`usm::User::keys`] rules out.
pub fn request(asking: &Asking<'_>, request_id: i32, request: &Request) -> Result<Vec<u8>, Error> {
    seal(asking, FLAG_REPORTABLE, request.write(request_id))
}

fn seal(asking: &Asking<'_>, flags: u8, pdu: Vec<u8>) -> Result<Vec<u8>, Error> {
    let Asking { engine, keys, .. } = asking;
    // An empty contextName is the default context; contextEngineID is the engine asked.
    let scoped = ber::constructed(
        ber::SEQUENCE,
        &[ber::tlv(ber::OCTET_STRING, &engine.id), ber::tlv(ber::OCTET_STRING, b""), pdu],
    );
    let mut flags = flags;
    let mut privacy_parameters = Vec::new();
    let mut payload = scoped;
    if let Some(privacy) = &keys.privacy {
        flags |= FLAG_ENCRYPTED;
        let salt = asking.salt.to_be_bytes();
        usm::cipher(Direction::Encrypt, privacy, (engine.boots, engine.time, salt), &mut payload)?;
        payload = ber::tlv(ber::OCTET_STRING, &payload);
        privacy_parameters = salt.to_vec();
    }
    let digest_length = keys.authentication.as_ref().map_or(0, |(protocol, _)| protocol.digest_length());
    if digest_length > 0 {
        flags |= FLAG_AUTHENTICATED;
    }
    let privacy_parameters = ber::tlv(ber::OCTET_STRING, &privacy_parameters);
    let behind_digest = privacy_parameters.len() + payload.len();
    let security = ber::constructed(
        ber::SEQUENCE,
        &[
            ber::tlv(ber::OCTET_STRING, &engine.id),
            ber::write_signed(ber::INTEGER, i64::from(engine.boots)),
            ber::write_signed(ber::INTEGER, i64::from(engine.time)),
            ber::tlv(ber::OCTET_STRING, asking.user),
            ber::tlv(ber::OCTET_STRING, &vec![0; digest_length]),
            privacy_parameters,
        ],
    );
    let header = ber::constructed(
        ber::SEQUENCE,
        &[
            ber::write_signed(ber::INTEGER, i64::from(asking.message_id)),
            ber::write_signed(ber::INTEGER, i64::from(MAX_MESSAGE)),
            ber::tlv(ber::OCTET_STRING, &[flags]),
            ber::write_signed(ber::INTEGER, USM),
        ],
    );
    let mut message = ber::constructed(
        ber::SEQUENCE,
        &[ber::write_signed(ber::INTEGER, 3), header, ber::tlv(ber::OCTET_STRING, &security), payload],
    );
    if let Some((protocol, key)) = &keys.authentication {
        // The digest is taken over the whole message with zeros in the digest's own place.
        let digest = protocol.digest(key, &[&message]);
        let end = message.len().saturating_sub(behind_digest);
        if let Some(place) = message.get_mut(end.saturating_sub(digest.len())..end) {
            place.copy_from_slice(&digest);
        }
    }
    Ok(message)
}

/// Reads a datagram from an engine; `keys` are those of the user we asked as.
///
/// # Errors
/// Where the bytes are no SNMPv3 answer, the digest does not fit, or it cannot be decrypted.
pub fn read(bytes: &[u8], keys: &Keys) -> Result<Message, Error> {
    let mut whole = ber::Reader::new(bytes);
    let outer = whole.expect(ber::SEQUENCE, "it does not begin with a sequence")?;
    if outer.cut {
        return Err(Error::Incomplete);
    }
    // Octets behind the message are not part of it, nor of its digest.
    let signed = bytes.get(..whole.position()).unwrap_or(bytes);
    let mut reader = outer.open();
    match reader.integer("the version is no integer")? {
        3 => {}
        other => return Err(Error::Version(other)),
    }
    let (message_id, flags) = read_header(&reader.expect(ber::SEQUENCE, "no header data")?)?;
    let security = reader.expect(ber::OCTET_STRING, "no security parameters")?;
    let security = Security::read(&security)?;
    let authenticated = flags & FLAG_AUTHENTICATED != 0 && verify(signed, &security, keys)?;
    let payload = reader.element()?;
    let decrypted;
    let scoped = if flags & FLAG_ENCRYPTED == 0 {
        payload
    } else {
        decrypted = decrypt(payload.body, &security, keys)?;
        ber::Reader::new(&decrypted).element().map_err(|_| Error::Undecryptable)?
    };
    let mut reader = scoped.open();
    reader.expect(ber::OCTET_STRING, "no context engine")?;
    reader.expect(ber::OCTET_STRING, "no context name")?;
    let answer = Answer::read(&reader.element()?)?;
    let refusal = Refusal::of(&answer);
    Ok(Message { message_id, engine: security.engine, authenticated, refusal, answer })
}

fn read_header(header: &ber::Element<'_>) -> Result<(i32, u8), Error> {
    let mut reader = header.open();
    let message_id = reader.integer("the message id is no integer")?;
    let message_id =
        i32::try_from(message_id).map_err(|_| Error::Malformed("the message id is too large"))?;
    reader.integer("the largest message size is no integer")?;
    let flags = reader.expect(ber::OCTET_STRING, "no message flags")?;
    let &flags = flags.body.first().ok_or(Error::Malformed("no message flags"))?;
    if reader.integer("the security model is no integer")? != USM {
        return Err(Error::Malformed("another security model than USM"));
    }
    Ok((message_id, flags))
}

/// The security parameters as a message carries them.
struct Security<'a> {
    engine: Engine,
    digest: ber::Element<'a>,
    privacy: &'a [u8],
}

impl<'a> Security<'a> {
    fn read(octets: &ber::Element<'a>) -> Result<Self, Error> {
        let sequence = octets.open().expect(ber::SEQUENCE, "the security parameters are no sequence")?;
        let mut reader = sequence.open();
        let id = reader.expect(ber::OCTET_STRING, "no engine ID")?.body.to_vec();
        let mut number = |what| {
            let number = reader.integer(what)?;
            Ok(u32::try_from(number).unwrap_or(0))
        };
        let boots = number("the engine's boots are no integer")?;
        let time = number("the engine's time is no integer")?;
        reader.expect(ber::OCTET_STRING, "no user name")?;
        let digest = reader.expect(ber::OCTET_STRING, "no digest")?;
        let privacy = reader.expect(ber::OCTET_STRING, "no privacy parameters")?.body;
        Ok(Self { engine: Engine { id, boots, time }, digest, privacy })
    }
}

/// Checks the digest; `false` where we have no key to check it with.
fn verify(message: &[u8], security: &Security<'_>, keys: &Keys) -> Result<bool, Error> {
    let Some((protocol, key)) = &keys.authentication else { return Ok(false) };
    let told = security.digest.body;
    let start = security.digest.offset;
    let zeros = vec![0; told.len()];
    let before = message.get(..start).ok_or(Error::Incomplete)?;
    let behind = message.get(start + told.len()..).ok_or(Error::Incomplete)?;
    let digest = protocol.digest(key, &[before, &zeros, behind]);
    // Compared without an early way out, so that timing tells nothing.
    let difference = digest.iter().zip(told).fold(0, |sum, (ours, theirs)| sum | (ours ^ theirs));
    if told.len() == digest.len() && difference == 0 { Ok(true) } else { Err(Error::WrongDigest) }
}

fn decrypt(payload: &[u8], security: &Security<'_>, keys: &Keys) -> Result<Vec<u8>, Error> {
    let privacy = keys.privacy.as_ref().ok_or(Error::Undecryptable)?;
    let salt: [u8; 8] = security.privacy.try_into().map_err(|_| Error::Undecryptable)?;
    let mut text = payload.to_vec();
    let engine = &security.engine;
    usm::cipher(Direction::Decrypt, privacy, (engine.boots, engine.time, salt), &mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snmp::{
        Binding, ErrorStatus, Value,
        usm::{Authentication, Privacy, User},
    };
    use data_encoding::HEXLOWER;

    fn user(authentication: Authentication, privacy: Option<Privacy>) -> User {
        User {
            name: b"walker".to_vec(),
            authentication: authentication.master_key(b"maplesyrup"),
            privacy: privacy.map(|protocol| (protocol, authentication.master_key(b"treacle-tart").unwrap())),
        }
    }

    fn sysdescr_answer() -> Answer {
        Answer {
            kind: AnswerKind::Response,
            request_id: 77,
            error: ErrorStatus::None,
            error_index: 0,
            bindings: vec![Binding {
                oid: Oid::new(&[1, 3, 6, 1, 2, 1, 1, 1, 0]),
                value: Value::Octets(b"LANCOM 1781VA".to_vec()),
            }],
            cut: false,
        }
    }

    /// Worked out by hand from RFC 3412 section 6 and RFC 3414 section 2.4, octet by octet.
    #[test]
    fn discovery_to_the_octet() {
        let expected = "3038 020103 300e 020101 020300ffe3 040104 020103 0410 300e 0400 020100 020100 0400 0400 0400 \
                        3011 0400 0400 a00b 020101 020100 020100 3000";
        assert_eq!(HEXLOWER.encode(&discovery(1)), expected.replace(' ', ""));
    }

    #[test]
    fn messages_survive_a_round_trip_at_every_level() {
        let engine = Engine { id: vec![0x80, 0, 0, 1, 2], boots: 3, time: 4000 };
        let levels = [
            (Authentication::Md5, None),
            (Authentication::Sha1, Some(Privacy::Aes128)),
            (Authentication::Sha224, Some(Privacy::Aes192)),
            (Authentication::Sha256, Some(Privacy::Aes256)),
            (Authentication::Sha384, Some(Privacy::Aes256Cisco)),
            (Authentication::Sha512, Some(Privacy::Aes192Cisco)),
        ];
        for (authentication, privacy) in levels {
            let user = user(authentication, privacy);
            let keys = user.keys(&engine.id);
            let asking = Asking { message_id: 9, engine: &engine, user: &user.name, keys: &keys, salt: 5 };
            let mut bytes = seal(&asking, 0, sysdescr_answer().write()).unwrap();
            let message = read(&bytes, &keys).unwrap();
            assert!(message.authenticated, "{authentication:?}");
            assert_eq!((message.message_id, &message.engine), (9, &engine));
            assert_eq!(message.answer, sysdescr_answer());
            let clear = bytes.windows(6).any(|window| window == b"LANCOM");
            assert_eq!(clear, privacy.is_none(), "{privacy:?}");

            bytes.push(0);
            assert!(read(&bytes, &keys).is_ok(), "octets behind the message do not count");
            let last = bytes.len() - 2;
            bytes[last] ^= 1;
            assert_eq!(read(&bytes, &keys), Err(Error::WrongDigest), "{authentication:?}");
        }
    }

    #[test]
    fn wrong_privacy_keys_are_told() {
        let engine = Engine { id: vec![0x80, 0, 0, 1, 2], boots: 3, time: 4000 };
        let right = user(Authentication::Sha1, Some(Privacy::Aes128)).keys(&engine.id);
        let asking = Asking { message_id: 9, engine: &engine, user: b"walker", keys: &right, salt: 5 };
        let bytes = seal(&asking, 0, sysdescr_answer().write()).unwrap();
        let none = user(Authentication::Sha1, None).keys(&engine.id);
        assert_eq!(read(&bytes, &none), Err(Error::Undecryptable));
    }

    #[test]
    fn reports_say_why() {
        let check = |counter: u32, expected: Refusal| {
            let answer = Answer {
                kind: AnswerKind::Report,
                bindings: vec![Binding {
                    oid: Oid::new(&USM_STATS).child(&[counter, 0]),
                    value: Value::Counter32(1),
                }],
                ..sysdescr_answer()
            };
            let engine = Engine { id: vec![0x80, 1], boots: 1, time: 2 };
            let keys = Keys::default();
            let asking = Asking { message_id: 1, engine: &engine, user: b"", keys: &keys, salt: 0 };
            let bytes = seal(&asking, 0, answer.write()).unwrap();
            let message = read(&bytes, &keys).unwrap();
            assert_eq!((message.refusal, message.engine), (Some(expected), engine), "{counter}");
        };
        check(1, Refusal::UnsupportedSecurityLevel);
        check(2, Refusal::NotInTimeWindow);
        check(3, Refusal::UnknownUserName);
        check(4, Refusal::UnknownEngine);
        check(5, Refusal::WrongDigest);
        check(6, Refusal::Decryption);
        check(9, Refusal::Other);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            drop(read(&bytes, &Keys::default()));
        }

        #[test]
        fn no_broken_message_makes_it_panic(at in 0usize..120, octet: u8, end in 0usize..120) {
            let engine = Engine { id: vec![0x80, 1], boots: 1, time: 2 };
            let keys = Keys::default();
            let asking = Asking { message_id: 1, engine: &engine, user: b"u", keys: &keys, salt: 0 };
            let mut bytes = seal(&asking, 0, sysdescr_answer().write()).unwrap();
            if let Some(place) = bytes.get_mut(at) {
                *place = octet;
            }
            bytes.truncate(end);
            drop(read(&bytes, &keys));
        }
    }
}
