//! IPv6 neighbours: one echo request to all nodes of a link (RFC 4443, RFC 4291) and what its answers tell.

use crate::icmp::checksum;
use std::net::Ipv6Addr;

/// The EtherType of IPv6.
pub const ETHERTYPE: u16 = 0x86dd;

const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
const ALL_NODES_MAC: [u8; 6] = [0x33, 0x33, 0, 0, 0, 1];
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

/// The Ethernet frame of an echo request to every node of the link.
#[must_use]
pub fn all_nodes_echo(from_mac: [u8; 6], from: Ipv6Addr, id: u16) -> Vec<u8> {
    let mut message = vec![ECHO_REQUEST, 0, 0, 0];
    message.extend_from_slice(&id.to_be_bytes());
    message.extend_from_slice(&[0, 1]);
    let length = u16::try_from(message.len()).unwrap_or(0);
    let pseudo_tail = [0, 0, length.to_be_bytes()[0], length.to_be_bytes()[1], 0, 0, 0, ICMPV6];
    let sum = checksum(&[&from.octets(), &ALL_NODES.octets(), &pseudo_tail, &message]);
    message[2..4].copy_from_slice(&sum.to_be_bytes());

    let mut frame = Vec::with_capacity(62);
    frame.extend_from_slice(&ALL_NODES_MAC);
    frame.extend_from_slice(&from_mac);
    frame.extend_from_slice(&ETHERTYPE.to_be_bytes());
    frame.extend_from_slice(&[0x60, 0, 0, 0]);
    frame.extend_from_slice(&length.to_be_bytes());
    // Hop limit 1: the question stays on the link.
    frame.extend_from_slice(&[ICMPV6, 1]);
    frame.extend_from_slice(&from.octets());
    frame.extend_from_slice(&ALL_NODES.octets());
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
        let frame = all_nodes_echo(US, from, 0xabcd);
        assert_eq!(frame.len(), 62);
        let pseudo_tail = [0, 0, 0, 8, 0, 0, 0, 58];
        assert_eq!(checksum(&[&frame[22..38], &frame[38..54], &pseudo_tail, &frame[54..]]), 0);
        assert_eq!(sender(&frame), None, "our own question is no neighbour");
    }

    #[test]
    fn an_answer_names_its_sender() {
        let from: Ipv6Addr = "fd00::7".parse().unwrap();
        let mut frame = all_nodes_echo(US, from, 1);
        frame[54] = ECHO_REPLY;
        assert_eq!(sender(&frame), Some(Sender { mac: US, ip: from }));
        for length in 0..55 {
            assert_eq!(sender(&frame[..length]), None, "{length}");
        }
    }
}
