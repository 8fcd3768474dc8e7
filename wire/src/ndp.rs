//! IPv6 neighbours: one echo request to a group of a link's nodes (RFC 4443, RFC 4291) and what its answers tell.

use crate::icmp::checksum;
use std::net::Ipv6Addr;

/// The EtherType of IPv6.
pub const ETHERTYPE: u16 = 0x86dd;

/// The group of all nodes of a link (RFC 4291 section 2.7.1).
pub const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
const ICMPV6: u8 = 58;
const ECHO_REQUEST: u8 = 128;
const ECHO_REPLY: u8 = 129;
const NEIGHBOUR_ADVERTISEMENT: u8 = 136;

/// What a frame says about the neighbour that sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Its MAC address.
    pub mac: [u8; 6],
    /// Its IPv6 address.
    pub ip: Ipv6Addr,
}

/// The group that the node with this address is in, and hardly anybody else of its link: the last 24 bits of the address
/// make it (RFC 4291 section 2.7.1).
#[must_use]
pub fn solicited_node(target: Ipv6Addr) -> Ipv6Addr {
    let [.., a, b, c] = target.octets();
    Ipv6Addr::from([0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, a, b, c])
}

/// The Ethernet address of an IPv6 group: its last four octets behind 33-33 (RFC 2464 section 7).
fn group_mac(group: Ipv6Addr) -> [u8; 6] {
    let [.., a, b, c, d] = group.octets();
    [0x33, 0x33, a, b, c, d]
}

/// The Ethernet frame of an echo request to every node of the link that is in this group.
#[must_use]
pub fn group_echo(from_mac: [u8; 6], from: Ipv6Addr, group: Ipv6Addr, id: u16) -> Vec<u8> {
    let mut message = vec![ECHO_REQUEST, 0, 0, 0];
    message.extend_from_slice(&id.to_be_bytes());
    message.extend_from_slice(&[0, 1]);
    let length = u16::try_from(message.len()).unwrap_or(0);
    let pseudo_tail = [0, 0, length.to_be_bytes()[0], length.to_be_bytes()[1], 0, 0, 0, ICMPV6];
    let sum = checksum(&[&from.octets(), &group.octets(), &pseudo_tail, &message]);
    message[2..4].copy_from_slice(&sum.to_be_bytes());

    let mut frame = Vec::with_capacity(62);
    frame.extend_from_slice(&group_mac(group));
    frame.extend_from_slice(&from_mac);
    frame.extend_from_slice(&ETHERTYPE.to_be_bytes());
    frame.extend_from_slice(&[0x60, 0, 0, 0]);
    frame.extend_from_slice(&length.to_be_bytes());
    // Hop limit 1: the question stays on the link.
    frame.extend_from_slice(&[ICMPV6, 1]);
    frame.extend_from_slice(&from.octets());
    frame.extend_from_slice(&group.octets());
    frame.extend_from_slice(&message);
    frame
}

/// The neighbour that sent an echo reply or a neighbour advertisement; `None` for every other frame.
#[must_use]
pub fn sender(frame: &[u8]) -> Option<Sender> {
    if frame.get(12..14)? != ETHERTYPE.to_be_bytes() || *frame.get(20)? != ICMPV6 {
        return None;
    }
    let kind = *frame.get(54)?;
    let mac: [u8; 6] = frame.get(6..12)?.try_into().ok()?;
    let ip: [u8; 16] = frame.get(22..38)?.try_into().ok()?;
    let told = Sender { mac, ip: ip.into() };
    let speaks_for_itself = matches!(kind, ECHO_REPLY | NEIGHBOUR_ADVERTISEMENT);
    (speaks_for_itself && mac[0] & 1 == 0 && !told.ip.is_unspecified() && !told.ip.is_multicast())
        .then_some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: [u8; 6] = [2, 0, 0, 0, 0, 1];

    #[test]
    fn the_question_carries_a_right_checksum() {
        let from: Ipv6Addr = "fe80::1".parse().unwrap();
        for group in [ALL_NODES, solicited_node("fd00::7".parse().unwrap())] {
            let frame = group_echo(US, from, group, 0xabcd);
            assert_eq!(frame.len(), 62);
            let pseudo_tail = [0, 0, 0, 8, 0, 0, 0, 58];
            assert_eq!(checksum(&[&frame[22..38], &frame[38..54], &pseudo_tail, &frame[54..]]), 0);
            assert_eq!(frame[38..54], group.octets());
            assert_eq!(sender(&frame), None, "our own question is no neighbour");
        }
    }

    /// The example of RFC 4291 section 2.7.1, and what RFC 2464 section 7 makes of it.
    #[test]
    fn groups_have_these_addresses() {
        let address = |text: &str| text.parse::<Ipv6Addr>().unwrap();
        assert_eq!(solicited_node(address("4037::01:800:200e:8c6c")), address("ff02::1:ff0e:8c6c"));
        assert_eq!(group_mac(ALL_NODES), [0x33, 0x33, 0, 0, 0, 1]);
        assert_eq!(group_mac(address("ff02::1:ff0e:8c6c")), [0x33, 0x33, 0xff, 0x0e, 0x8c, 0x6c]);
    }

    #[test]
    fn an_answer_names_its_sender() {
        let from: Ipv6Addr = "fd00::7".parse().unwrap();
        let mut frame = group_echo(US, from, ALL_NODES, 1);
        frame[54] = ECHO_REPLY;
        assert_eq!(sender(&frame), Some(Sender { mac: US, ip: from }));
        for length in 0..55 {
            assert_eq!(sender(&frame[..length]), None, "{length}");
        }
    }
}
