//! LLDP frames (IEEE 802.1AB): who a neighbour says it is, and which of its ports the wire ends at.

use std::net::IpAddr;

/// The EtherType of LLDP.
pub const ETHERTYPE: u16 = 0x88cc;

/// More elements than this are not read from one frame.
const MAX_ELEMENTS: usize = 64;

/// What a neighbour tells of itself. Absent elements are `None`; a frame cut short yields what came before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbour {
    /// The Ethernet source of the frame.
    pub source: [u8; 6],
    /// The chassis' MAC address, where the chassis id is one (subtype 4).
    pub chassis_mac: Option<[u8; 6]>,
    /// The chassis id as text, where it is no MAC address.
    pub chassis: Option<String>,
    /// The port id: an interface name, a MAC address or a local name.
    pub port: Option<String>,
    /// The port's description.
    pub port_description: Option<String>,
    /// The system's name.
    pub system_name: Option<String>,
    /// The system's description: product, version.
    pub system_description: Option<String>,
    /// Capabilities that are enabled, by the bits of 802.1AB table 8-4, lowest first.
    pub capabilities: Vec<&'static str>,
    /// The first management address that is an IP address.
    pub management: Option<IpAddr>,
    /// LLDP-MED inventory (ANSI/TIA-1057, 10.2.6): hardware, firmware, software, serial, manufacturer, model, asset.
    pub inventory: [Option<String>; 7],
}

const CAPABILITIES: [&str; 8] =
    ["other", "repeater", "bridge", "access-point", "router", "telephone", "docsis", "station"];

/// Reads a frame; `None` where it is no LLDP frame.
#[must_use]
pub fn parse(frame: &[u8]) -> Option<Neighbour> {
    if frame.get(12..14)? != ETHERTYPE.to_be_bytes() {
        return None;
    }
    let mut told = Neighbour { source: frame.get(6..12)?.try_into().ok()?, ..Neighbour::default() };
    let mut rest = frame.get(14..)?;
    for _ in 0..MAX_ELEMENTS {
        let Some((head, after)) = rest.split_first_chunk::<2>() else { break };
        let head = u16::from_be_bytes(*head);
        let (kind, length) = (head >> 9, usize::from(head & 0x1ff));
        let (Some(value), 1..) = (after.get(..length), kind) else { break };
        told.take(kind, value);
        rest = after.get(length..).unwrap_or_default();
    }
    Some(told)
}

impl Neighbour {
    fn take(&mut self, kind: u16, value: &[u8]) {
        match kind {
            1 => match value.split_first() {
                Some((4, mac)) => self.chassis_mac = mac.try_into().ok(),
                Some((_, id)) => self.chassis = text(id),
                None => {}
            },
            2 => {
                self.port = match value.split_first() {
                    Some((3, mac)) if mac.len() == 6 => Some(mac_text(mac)),
                    Some((_, id)) => text(id),
                    None => None,
                }
            }
            4 => self.port_description = text(value),
            5 => self.system_name = text(value),
            6 => self.system_description = text(value),
            7 => {
                let enabled = value.get(2..4).map_or(0, |bits| u16::from_be_bytes([bits[0], bits[1]]));
                self.capabilities = CAPABILITIES
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| enabled & (1 << bit) != 0)
                    .map(|(_, name)| *name)
                    .collect();
            }
            8 if self.management.is_none() => self.management = management(value),
            // Organisation-specific: TIA's LLDP-MED, subtypes 5 to 11 are the inventory.
            127 if value.starts_with(&[0x00, 0x12, 0xbb]) => {
                if let Some((&subtype, tail)) = value.get(3..).and_then(<[u8]>::split_first)
                    && let Some(slot) = usize::from(subtype).checked_sub(5)
                    && let Some(place) = self.inventory.get_mut(slot)
                {
                    *place = text(tail);
                }
            }
            _ => {}
        }
    }
}

/// The address of a management address element: length (with its subtype), subtype by IANA family, octets.
fn management(value: &[u8]) -> Option<IpAddr> {
    let (&length, rest) = value.split_first()?;
    let (&family, octets) = rest.get(..usize::from(length))?.split_first()?;
    match family {
        1 => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
        2 => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
        _ => None,
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    let text =
        String::from_utf8_lossy(bytes).trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned();
    (!text.is_empty()).then_some(text)
}

fn mac_text(mac: &[u8]) -> String {
    mac.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Builds a frame of elements.
    fn frame(elements: &[(u16, &[u8])]) -> Vec<u8> {
        let mut frame = vec![0x01, 0x80, 0xc2, 0, 0, 0x0e, 0x24, 0xde, 0xc6, 0x20, 0x00, 0x30, 0x88, 0xcc];
        for (kind, value) in elements {
            let length = u16::try_from(value.len()).unwrap();
            frame.extend_from_slice(&((kind << 9) | length).to_be_bytes());
            frame.extend_from_slice(value);
        }
        frame
    }

    #[test]
    fn an_access_point_introduces_itself() {
        let told = parse(&frame(&[
            (1, &[4, 0x24, 0xde, 0xc6, 0x20, 0x00, 0x30]),
            (2, b"\x05eth0"),
            (3, &[0, 120]),
            (4, b"uplink"),
            (5, b"ap-104"),
            (6, b"ArubaOS (MODEL: 315), Version 8.10"),
            (7, &[0, 0x0c, 0, 0x08]),
            (8, &[5, 1, 10, 20, 0, 30, 2, 0, 0, 0, 2, 0]),
            (127, b"\x00\x12\xbb\x08CNF5JSS0A1"),
            (0, b""),
            (5, b"after the end"),
        ]))
        .unwrap();
        assert_eq!(told.chassis_mac, Some([0x24, 0xde, 0xc6, 0x20, 0, 0x30]));
        assert_eq!(told.port.as_deref(), Some("eth0"));
        assert_eq!(told.system_name.as_deref(), Some("ap-104"));
        assert_eq!(told.capabilities, ["access-point"]);
        assert_eq!(told.management, Some("10.20.0.30".parse().unwrap()));
        assert_eq!(told.inventory[3].as_deref(), Some("CNF5JSS0A1"));
    }

    #[test]
    fn a_frame_cut_short_tells_what_came_before() {
        let whole = frame(&[(5, b"ap-104"), (6, b"ArubaOS")]);
        let told = parse(&whole[..whole.len() - 3]).unwrap();
        assert_eq!(told.system_name.as_deref(), Some("ap-104"));
        assert_eq!(told.system_description, None);
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
