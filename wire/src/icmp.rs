//! ICMP echo (RFC 792) and the Internet checksum (RFC 1071).

/// An ICMP echo request.
#[must_use]
pub fn echo_request(id: u16, sequence: u16) -> Vec<u8> {
    let mut message = vec![8, 0, 0, 0];
    message.extend_from_slice(&id.to_be_bytes());
    message.extend_from_slice(&sequence.to_be_bytes());
    message.extend_from_slice(b"rundgang: is this host there?");
    let sum = checksum(&[&message]);
    message[2..4].copy_from_slice(&sum.to_be_bytes());
    message
}

/// The identifier and sequence of an echo reply. Takes the bare message as well as one with its IPv4 header in
/// front, as raw sockets deliver it.
#[must_use]
pub fn echo_reply(bytes: &[u8]) -> Option<(u16, u16)> {
    let first = *bytes.first()?;
    let message = if first >> 4 == 4 { bytes.get(usize::from(first & 0x0f) * 4..)? } else { bytes };
    match message {
        [0, 0, _, _, a, b, c, d, ..] => Some((u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]))),
        _ => None,
    }
}

/// The Internet checksum over these pieces, of which all but the last have even length.
#[must_use]
pub fn checksum(pieces: &[&[u8]]) -> u16 {
    let mut sum: u32 = 0;
    for piece in pieces {
        for pair in piece.chunks(2) {
            let word = u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]);
            sum = sum.wrapping_add(u32::from(word));
            sum = (sum & 0xffff) + (sum >> 16);
        }
    }
    !u16::try_from(sum & 0xffff).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_sums_to_zero_and_its_reply_is_read() {
        let mut message = echo_request(0x1234, 7);
        assert_eq!(checksum(&[&message]), 0);
        assert_eq!(echo_reply(&message), None, "a request is no reply");
        message[0] = 0;
        assert_eq!(echo_reply(&message), Some((0x1234, 7)));
        let mut packet = vec![0x45];
        packet.extend([0; 19]);
        packet.extend(&message);
        assert_eq!(echo_reply(&packet), Some((0x1234, 7)));
        for length in 0..28 {
            assert_eq!(echo_reply(&packet[..length]), None, "{length}");
        }
    }

    #[test]
    fn the_example_of_the_rfc() {
        // RFC 1071, section 3: the sum of these is ddf2.
        assert_eq!(checksum(&[&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]]), !0xddf2);
        assert_eq!(checksum(&[&[0x00, 0x01], &[0xf2]]), !0xf201);
    }
}
