//! ARP over Ethernet (RFC 826): the question who has an IPv4 address, and what any ARP frame tells of its sender.

use std::net::Ipv4Addr;

/// The EtherType of ARP.
pub const ETHERTYPE: u16 = 0x0806;

const BROADCAST: [u8; 6] = [0xff; 6];
// Hardware type Ethernet, protocol type IPv4, their address lengths.
const ETHERNET_IPV4: [u8; 6] = [0, 1, 0x08, 0, 6, 4];
const REQUEST: [u8; 2] = [0, 1];

/// What an ARP frame says about who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Its MAC address.
    pub mac: [u8; 6],
    /// Its IPv4 address.
    pub ip: Ipv4Addr,
}

/// The Ethernet frame that asks who has `target`. With `from_ip` unspecified it is a probe that touches nobody's
/// table (RFC 5227, 2.1.1).
#[must_use]
pub fn request(from_mac: [u8; 6], from_ip: Ipv4Addr, target: Ipv4Addr) -> Vec<u8> {
    let mut frame = Vec::with_capacity(42);
    frame.extend_from_slice(&BROADCAST);
    frame.extend_from_slice(&from_mac);
    frame.extend_from_slice(&ETHERTYPE.to_be_bytes());
    frame.extend_from_slice(&ETHERNET_IPV4);
    frame.extend_from_slice(&REQUEST);
    frame.extend_from_slice(&from_mac);
    frame.extend_from_slice(&from_ip.octets());
    frame.extend_from_slice(&[0; 6]);
    frame.extend_from_slice(&target.octets());
    frame
}

/// The sender of an ARP frame, be it a question or an answer; `None` for anything else, and for probes that
/// carry no address.
#[must_use]
pub fn sender(frame: &[u8]) -> Option<Sender> {
    if frame.get(12..14)? != ETHERTYPE.to_be_bytes() || frame.get(14..20)? != ETHERNET_IPV4 {
        return None;
    }
    let mac: [u8; 6] = frame.get(22..28)?.try_into().ok()?;
    let ip: [u8; 4] = frame.get(28..32)?.try_into().ok()?;
    let told = Sender { mac, ip: ip.into() };
    // A group address is nobody's.
    (!told.ip.is_unspecified() && mac != [0; 6] && mac[0] & 1 == 0).then_some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: [u8; 6] = [2, 0, 0, 0, 0, 1];

    #[test]
    fn the_question_on_the_wire() {
        let frame = request(US, Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 7));
        let expected = "ffffffffffff020000000001080600010800060400010200000000010a0000010000000000000a000007";
        assert_eq!(data_encoding::HEXLOWER.encode(&frame), expected);
    }

    #[test]
    fn senders() {
        let frame = request(US, Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 7));
        assert_eq!(sender(&frame), Some(Sender { mac: US, ip: Ipv4Addr::new(10, 0, 0, 1) }));
        for length in 0..32 {
            assert_eq!(sender(&frame[..length]), None, "{length}");
        }
        assert_eq!(sender(&request(US, Ipv4Addr::UNSPECIFIED, Ipv4Addr::new(10, 0, 0, 7))), None);
        assert_eq!(sender(&request([1, 0, 0x5e, 0, 0, 1], Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST)), None);
    }
}
