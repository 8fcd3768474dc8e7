//! What a variable can hold (RFC 2578, section 7; RFC 3416, section 3).

use super::{Oid, ber};

const IP_ADDRESS: u8 = 0x40;
const COUNTER32: u8 = 0x41;
const GAUGE32: u8 = 0x42;
const TIME_TICKS: u8 = 0x43;
const OPAQUE: u8 = 0x44;
const COUNTER64: u8 = 0x46;
const NO_SUCH_OBJECT: u8 = 0x80;
const NO_SUCH_INSTANCE: u8 = 0x81;
const END_OF_MIB_VIEW: u8 = 0x82;

/// What a variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `INTEGER`, `Integer32`.
    Integer(i64),
    /// `OCTET STRING`: text, a MAC address, bits.
    Octets(Vec<u8>),
    /// `NULL`, also the place holder in requests.
    Null,
    /// `OBJECT IDENTIFIER`.
    Oid(Oid),
    /// `IpAddress`, IPv4.
    IpAddress([u8; 4]),
    /// `Counter32`.
    Counter32(u32),
    /// `Gauge32`, `Unsigned32`.
    Gauge32(u32),
    /// `TimeTicks`, hundredths of a second.
    TimeTicks(u32),
    /// `Opaque`.
    Opaque(Vec<u8>),
    /// `Counter64`.
    Counter64(u64),
    /// The device does not know this object.
    NoSuchObject,
    /// The device knows the object but has no such row.
    NoSuchInstance,
    /// A walk reached the end.
    EndOfMibView,
    /// A type that SNMP does not have, or one whose octets contradict it.
    Strange {
        /// The tag.
        tag: u8,
        /// The octets.
        octets: Vec<u8>,
    },
}

impl Value {
    /// The text or number as octets of text: octet strings as they are, numbers and identifiers as decimals.
    #[must_use]
    pub fn to_text(&self) -> Option<Vec<u8>> {
        match self {
            Self::Octets(octets) | Self::Opaque(octets) => Some(octets.clone()),
            Self::Integer(number) => Some(number.to_string().into_bytes()),
            Self::Counter32(number) | Self::Gauge32(number) | Self::TimeTicks(number) => {
                Some(number.to_string().into_bytes())
            }
            Self::Counter64(number) => Some(number.to_string().into_bytes()),
            Self::Oid(oid) => Some(oid.to_string().into_bytes()),
            Self::IpAddress(octets) => Some(std::net::Ipv4Addr::from(*octets).to_string().into_bytes()),
            _ => None,
        }
    }

    /// The number. Some devices tell numbers as text; decimal digits are read as what they mean.
    #[must_use]
    pub fn to_int(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Counter32(number) | Self::Gauge32(number) | Self::TimeTicks(number) => {
                Some(i64::from(*number))
            }
            Self::Counter64(number) => i64::try_from(*number).ok(),
            Self::Octets(octets) => std::str::from_utf8(octets).ok()?.trim().parse().ok(),
            _ => None,
        }
    }

    /// The octets of an octet string.
    #[must_use]
    pub fn octets(&self) -> Option<&[u8]> {
        match self {
            Self::Octets(octets) | Self::Opaque(octets) => Some(octets),
            _ => None,
        }
    }

    /// The object identifier. Some devices tell it as text with dots; that is read, too.
    #[must_use]
    pub fn to_oid(&self) -> Option<Oid> {
        match self {
            Self::Oid(oid) => Some(oid.clone()),
            Self::Octets(octets) => std::str::from_utf8(octets).ok()?.trim().parse().ok(),
            _ => None,
        }
    }

    /// Whether there is a value at all, not one of the three exceptions or `NULL`.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        !matches!(self, Self::NoSuchObject | Self::NoSuchInstance | Self::EndOfMibView | Self::Null)
    }

    pub(super) fn read(tag: u8, body: &[u8]) -> Self {
        let strange = || Self::Strange { tag, octets: body.to_vec() };
        let u32_of = || ber::unsigned(body, 4).and_then(|number| u32::try_from(number).ok());
        let read = match tag {
            ber::INTEGER => ber::signed(body).map(Self::Integer),
            ber::OCTET_STRING => Some(Self::Octets(body.to_vec())),
            ber::NULL => Some(Self::Null),
            ber::OBJECT_IDENTIFIER => ber::object_identifier(body).map(Self::Oid),
            IP_ADDRESS => body.try_into().ok().map(Self::IpAddress),
            COUNTER32 => u32_of().map(Self::Counter32),
            GAUGE32 => u32_of().map(Self::Gauge32),
            TIME_TICKS => u32_of().map(Self::TimeTicks),
            OPAQUE => Some(Self::Opaque(body.to_vec())),
            COUNTER64 => ber::unsigned(body, 8).map(Self::Counter64),
            NO_SUCH_OBJECT => Some(Self::NoSuchObject),
            NO_SUCH_INSTANCE => Some(Self::NoSuchInstance),
            END_OF_MIB_VIEW => Some(Self::EndOfMibView),
            _ => None,
        };
        read.unwrap_or_else(strange)
    }

    pub(super) fn write(&self) -> Vec<u8> {
        match self {
            Self::Integer(number) => ber::write_signed(ber::INTEGER, *number),
            Self::Octets(octets) => ber::tlv(ber::OCTET_STRING, octets),
            Self::Null => ber::tlv(ber::NULL, &[]),
            Self::Oid(oid) => ber::write_oid(oid),
            Self::IpAddress(octets) => ber::tlv(IP_ADDRESS, octets),
            Self::Counter32(number) => ber::write_unsigned(COUNTER32, u64::from(*number)),
            Self::Gauge32(number) => ber::write_unsigned(GAUGE32, u64::from(*number)),
            Self::TimeTicks(number) => ber::write_unsigned(TIME_TICKS, u64::from(*number)),
            Self::Opaque(octets) => ber::tlv(OPAQUE, octets),
            Self::Counter64(number) => ber::write_unsigned(COUNTER64, *number),
            Self::NoSuchObject => ber::tlv(NO_SUCH_OBJECT, &[]),
            Self::NoSuchInstance => ber::tlv(NO_SUCH_INSTANCE, &[]),
            Self::EndOfMibView => ber::tlv(END_OF_MIB_VIEW, &[]),
            Self::Strange { tag, octets } => ber::tlv(*tag, octets),
        }
    }
}
