//! The opening of an SSH connection (RFC 4253): who a server is by its host key, without a login and without a secret.
//!
//! After the identification lines both sides say which algorithms they know; then the client sends its half of a key
//! exchange, and the server answers with its host key. There we stop: nothing is encrypted, nobody is asked for a name.

use sha2::{Digest, Sha256};

/// Our identification line.
const IDENTIFICATION: &[u8] = b"SSH-2.0-rundgang\r\n";

const KEXINIT: u8 = 20;
const ECDH_INIT: u8 = 30;
const ECDH_REPLY: u8 = 31;

/// Key exchanges with Curve25519 (RFC 8731) and what servers called it before.
const EXCHANGES: &str = "curve25519-sha256,curve25519-sha256@libssh.org";
/// Host keys, the one that most servers have first: a server shows the first of these that it has, so always the same.
const HOST_KEYS: &str = "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256";
const CIPHERS: &str = "chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr";
const CHECKS: &str = "hmac-sha2-256,hmac-sha2-512";
const COMPRESSION: &str = "none";

/// A packet is never longer (RFC 4253, section 6.1).
const MAX_PACKET: usize = 35_000;

/// A server's host key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostKey {
    /// Its kind: `ssh-ed25519`.
    pub kind: String,
    /// SHA-256 of the key as it was shown, in hexadecimal digits.
    pub fingerprint: String,
}

/// What a server has said so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Not enough yet.
    Incomplete,
    /// Its algorithms, and ours are among them: it waits for our half.
    Ready,
    /// Its host key.
    Key(HostKey),
    /// Something else: no algorithm in common, or a disconnect.
    Other,
}

/// The first bytes of ours: our line and our algorithms. `seed` makes the cookie.
#[must_use]
pub fn opening(seed: u64) -> Vec<u8> {
    let mut payload = vec![KEXINIT];
    payload.extend(seed.to_be_bytes());
    payload.extend(seed.rotate_left(17).to_be_bytes());
    for list in [EXCHANGES, HOST_KEYS, CIPHERS, CIPHERS, CHECKS, CHECKS, COMPRESSION, COMPRESSION, "", ""] {
        put(&mut payload, list.as_bytes());
    }
    // No guessed packet follows, and a reserved number.
    payload.extend([0; 5]);
    [IDENTIFICATION, &packet(&payload)].concat()
}

/// Our half of the exchange: the curve's base point. It is a well-formed key whose secret everybody knows; no word will
/// ever be encrypted with what comes of it.
#[must_use]
pub fn half() -> Vec<u8> {
    let mut point = [0; 32];
    point[0] = 9;
    let mut payload = vec![ECDH_INIT];
    put(&mut payload, &point);
    packet(&payload)
}

/// Reads what a server said behind its identification line; `answered` once our half was sent.
#[must_use]
pub fn read(stream: &[u8], answered: bool) -> Said {
    let mut rest = stream;
    let Some(algorithms) = next_packet(&mut rest) else { return Said::Incomplete };
    match algorithms {
        Ok([KEXINIT, lists @ ..]) if suits(lists) => {}
        _ => return Said::Other,
    }
    if !answered {
        return Said::Ready;
    }
    match next_packet(&mut rest) {
        None => Said::Incomplete,
        Some(Ok([ECDH_REPLY, reply @ ..])) => host_key(reply).map_or(Said::Other, Said::Key),
        Some(_) => Said::Other,
    }
}

/// The bytes behind the identification line, which other lines may precede (RFC 4253, section 4.2).
#[must_use]
pub fn behind_identification(stream: &[u8]) -> Option<&[u8]> {
    let mut rest = stream;
    loop {
        let end = rest.iter().position(|&octet| octet == b'\n')?;
        let (line, behind) = rest.split_at(end + 1);
        if line.starts_with(b"SSH-") {
            return Some(behind);
        }
        rest = behind;
    }
}

fn put(payload: &mut Vec<u8>, text: &[u8]) {
    payload.extend(u32::try_from(text.len()).unwrap_or_default().to_be_bytes());
    payload.extend(text);
}

/// A packet in the clear: length, padding to eights of at least four, payload (RFC 4253, section 6).
fn packet(payload: &[u8]) -> Vec<u8> {
    let padding = 8 - (payload.len() + 5) % 8;
    let padding = if padding < 4 { padding + 8 } else { padding };
    let length = u32::try_from(1 + payload.len() + padding).unwrap_or_default();
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.push(u8::try_from(padding).unwrap_or_default());
    bytes.extend(payload);
    bytes.resize(bytes.len() + padding, 0);
    bytes
}

/// The payload of the next packet; none while it is not whole, an error where it can be none.
fn next_packet<'s>(stream: &mut &'s [u8]) -> Option<Result<&'s [u8], ()>> {
    let (length, rest) = stream.split_first_chunk::<4>()?;
    let length = u32::from_be_bytes(*length) as usize;
    if !(2..=MAX_PACKET).contains(&length) {
        return Some(Err(()));
    }
    let (packet, behind) = rest.split_at_checked(length)?;
    *stream = behind;
    let (&padding, body) = packet.split_first()?;
    let payload = body.len().checked_sub(usize::from(padding)).and_then(|end| body.get(..end));
    Some(payload.filter(|payload| !payload.is_empty()).ok_or(()))
}

/// Whether a server knows a key exchange and a host key of ours.
fn suits(lists: &[u8]) -> bool {
    let mut rest = lists.get(16..).unwrap_or_default();
    let mut knows = |ours: &str| {
        let list = text(&mut rest).and_then(|list| std::str::from_utf8(list).ok()).unwrap_or_default();
        list.split(',').any(|name| ours.split(',').any(|our| our == name))
    };
    knows(EXCHANGES) && knows(HOST_KEYS)
}

/// The next string: its length and its octets.
fn text<'s>(bytes: &mut &'s [u8]) -> Option<&'s [u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (text, behind) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *bytes = behind;
    Some(text)
}

fn host_key(mut reply: &[u8]) -> Option<HostKey> {
    let key = text(&mut reply)?;
    let kind = text(&mut &*key).and_then(|kind| std::str::from_utf8(kind).ok())?;
    let known = HOST_KEYS.split(',').any(|name| name == kind) || kind == "ssh-rsa";
    let fingerprint = data_encoding::HEXLOWER.encode(&Sha256::digest(key));
    known.then(|| HostKey { kind: kind.to_owned(), fingerprint })
}

/// The other end, for tests: what a server with this host key says, its line first.
#[must_use]
pub fn played(line: &str, exchanges: &str, key: &[u8]) -> [Vec<u8>; 2] {
    let mut algorithms = vec![KEXINIT];
    algorithms.extend([7; 16]);
    put(&mut algorithms, exchanges.as_bytes());
    put(&mut algorithms, b"rsa-sha2-512,ssh-ed25519");
    for _ in 0..8 {
        put(&mut algorithms, b"none");
    }
    algorithms.extend([0; 5]);
    let mut blob = Vec::new();
    put(&mut blob, b"ssh-ed25519");
    put(&mut blob, key);
    let mut reply = vec![ECDH_REPLY];
    for part in [&blob[..], &[1; 32], &[2; 83]] {
        put(&mut reply, part);
    }
    [[line.as_bytes(), b"\r\n", &packet(&algorithms)].concat(), packet(&reply)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_side_is_well_formed() {
        let opening = opening(0x0102_0304_0506_0708);
        let behind = behind_identification(&opening).unwrap();
        assert!(opening.starts_with(b"SSH-2.0-rundgang\r\n") && behind.len().is_multiple_of(8));
        // Our own algorithms suit ourselves.
        assert_eq!(read(behind, false), Said::Ready);
        let half = half();
        assert_eq!((half.len() % 8, half[5], &half[6..11]), (0, 30, &[0, 0, 0, 32, 9][..]));
    }

    #[test]
    fn a_server_shows_its_host_key() {
        let [first, second] =
            played("SSH-2.0-OpenSSH_9.2p1", "sntrup761x25519-sha512,curve25519-sha256", &[5; 32]);
        let stream = behind_identification(&first).unwrap().to_vec();
        assert_eq!(read(&stream[..stream.len() - 1], false), Said::Incomplete);
        assert_eq!(read(&stream, false), Said::Ready);
        let whole = [stream, second].concat();
        assert_eq!(read(&whole[..whole.len() - 1], true), Said::Incomplete);
        let Said::Key(key) = read(&whole, true) else { panic!("no key") };
        assert_eq!((key.kind.as_str(), key.fingerprint.len()), ("ssh-ed25519", 64));
        let [first, other] = played("SSH-2.0-OpenSSH_9.2p1", "curve25519-sha256", &[6; 32]);
        let stream = [behind_identification(&first).unwrap(), &other].concat();
        assert!(matches!(read(&stream, true), Said::Key(another) if another.fingerprint != key.fingerprint));
    }

    #[test]
    fn what_does_not_suit_ends_it() {
        let [old, _] = played("SSH-2.0-OpenSSH_5.3", "diffie-hellman-group14-sha1", &[5; 32]);
        assert_eq!(read(behind_identification(&old).unwrap(), false), Said::Other);
        assert_eq!(read(&[0xff; 64], false), Said::Other);
        assert_eq!(read(&[0, 0, 0, 2, 9, 9], false), Said::Other);
        assert_eq!(behind_identification(b"SSH-2.0-x"), None);
        assert_eq!(behind_identification(b"Hello\r\nSSH-2.0-x\r\nrest"), Some(&b"rest"[..]));
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = (read(&bytes, false), read(&bytes, true), behind_identification(&bytes));
        }
    }
}
