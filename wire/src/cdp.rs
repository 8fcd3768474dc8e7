//! CDP frames (Cisco Discovery Protocol, version 1 and 2): who a neighbour says it is.

use std::net::{IpAddr, Ipv4Addr};

/// The group address CDP is sent to.
pub const GROUP: [u8; 6] = [0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc];

/// LLC and SNAP header that marks CDP: Cisco's organisation code and protocol 0x2000.
const SNAP: [u8; 8] = [0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x20, 0x00];

/// More elements than this are not read from one frame.
const MAX_ELEMENTS: usize = 64;

/// What a neighbour tells of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbour {
    /// The Ethernet source of the frame.
    pub source: [u8; 6],
    /// Its name, often with a serial number in brackets.
    pub device: Option<String>,
    /// The port the frame left from.
    pub port: Option<String>,
    /// Its software, with version.
    pub software: Option<String>,
    /// Its product.
    pub platform: Option<String>,
    /// Its first IPv4 address.
    pub address: Option<IpAddr>,
    /// Its capabilities as bits: 1 router, 8 switch, 16 host, 128 telephone.
    pub capabilities: u32,
}

/// Reads a frame; `None` where it is no CDP frame.
#[must_use]
pub fn parse(frame: &[u8]) -> Option<Neighbour> {
    if frame.get(..6)? != GROUP || frame.get(14..22)? != SNAP {
        return None;
    }
    let mut told = Neighbour { source: frame.get(6..12)?.try_into().ok()?, ..Neighbour::default() };
    // Version, time to live and checksum come before the elements.
    let mut rest = frame.get(26..)?;
    for _ in 0..MAX_ELEMENTS {
        let Some((head, _)) = rest.split_first_chunk::<4>() else { break };
        let kind = u16::from_be_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let Some(value) = rest.get(4..length) else { break };
        told.take(kind, value);
        rest = rest.get(length..).unwrap_or_default();
    }
    Some(told)
}

impl Neighbour {
    fn take(&mut self, kind: u16, value: &[u8]) {
        match kind {
            1 => self.device = text(value),
            2 => self.address = address(value),
            3 => self.port = text(value),
            4 => self.capabilities = value.first_chunk::<4>().map_or(0, |bits| u32::from_be_bytes(*bits)),
            5 => self.software = text(value),
            6 => self.platform = text(value),
            _ => {}
        }
    }
}

/// The first entry of an address list, where it is IPv4: one-octet protocol 0xcc, four octets.
fn address(value: &[u8]) -> Option<IpAddr> {
    let octets = value.get(4..)?.strip_prefix(&[1, 1, 0xcc, 0, 4])?;
    octets.first_chunk::<4>().map(|octets| IpAddr::V4(Ipv4Addr::from(*octets)))
}

fn text(bytes: &[u8]) -> Option<String> {
    let text =
        String::from_utf8_lossy(bytes).trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(elements: &[(u16, &[u8])]) -> Vec<u8> {
        let mut frame = GROUP.to_vec();
        frame.extend_from_slice(&[0x00, 0x1b, 0x0d, 1, 2, 3, 0, 0]);
        frame.extend_from_slice(&SNAP);
        frame.extend_from_slice(&[2, 180, 0, 0]);
        for (kind, value) in elements {
            frame.extend_from_slice(&kind.to_be_bytes());
            frame.extend_from_slice(&u16::try_from(value.len() + 4).unwrap().to_be_bytes());
            frame.extend_from_slice(value);
        }
        frame
    }

    #[test]
    fn a_switch_introduces_itself() {
        let told = parse(&frame(&[
            (1, b"sw-aula"),
            (2, &[0, 0, 0, 1, 1, 1, 0xcc, 0, 4, 10, 20, 0, 9]),
            (3, b"GigabitEthernet0/7"),
            (4, &[0, 0, 0, 8]),
            (6, b"cisco WS-C2960-24TT-L"),
        ]))
        .unwrap();
        assert_eq!(told.device.as_deref(), Some("sw-aula"));
        assert_eq!(told.address, Some("10.20.0.9".parse().unwrap()));
        assert_eq!(told.platform.as_deref(), Some("cisco WS-C2960-24TT-L"));
        assert_eq!((told.port.as_deref(), told.capabilities), (Some("GigabitEthernet0/7"), 8));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut frame = frame(&[]);
            frame.extend(bytes);
            prop_assert!(parse(&frame).is_some());
        }
    }
}
