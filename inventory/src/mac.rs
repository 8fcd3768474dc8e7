//! MAC addresses: parsing, printing and the two bits that decide whether one can identify a device.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A 48-bit IEEE 802 MAC address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// Locally administered (IEEE 802, bit 1 of the first octet): random or made up, never a durable identity.
    #[must_use]
    pub const fn is_local(self) -> bool {
        self.0[0] & 0x02 != 0
    }

    /// Group address (bit 0 of the first octet): multicast or broadcast, never a device.
    #[must_use]
    pub const fn is_group(self) -> bool {
        self.0[0] & 0x01 != 0
    }

    /// An address a router redundancy protocol shares between devices: VRRP (RFC 5798), HSRP, GLBP.
    #[must_use]
    pub fn is_redundancy(self) -> bool {
        self.0.starts_with(&[0x00, 0x00, 0x5e, 0x00, 0x01])
            || self.0.starts_with(&[0x00, 0x00, 0x5e, 0x00, 0x02])
            || self.0.starts_with(&[0x00, 0x00, 0x0c, 0x07, 0xac])
            || self.0.starts_with(&[0x00, 0x00, 0x0c, 0x9f])
            || self.0.starts_with(&[0x00, 0x07, 0xb4, 0x00])
    }

    /// Whether this address can stand for one device for good: universally administered, unicast, not shared.
    #[must_use]
    pub fn is_durable(self) -> bool {
        !self.is_local() && !self.is_group() && !self.is_redundancy() && self.0 != [0; 6]
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no MAC address.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is no MAC address (twelve hexadecimal digits, with or without separators)")]
pub struct NotAMac(String);

impl FromStr for Mac {
    type Err = NotAMac;

    /// Accepts `aa:bb:cc:dd:ee:ff`, `aa-bb-…`, `aabb.ccdd.eeff` and plain digits.
    fn from_str(text: &str) -> Result<Self, NotAMac> {
        let not = || NotAMac(text.chars().take(40).collect());
        let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| not())?;
        Ok(Self(bytes.try_into().map_err(|_| not())?))
    }
}

impl TryFrom<String> for Mac {
    type Error = NotAMac;
    fn try_from(text: String) -> Result<Self, NotAMac> {
        text.parse()
    }
}

impl From<Mac> for String {
    fn from(mac: Mac) -> Self {
        mac.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades() {
        let check = |text: &str, durable: bool| {
            assert_eq!(text.parse::<Mac>().map(Mac::is_durable).ok(), Some(durable), "{text}");
        };
        check("00:26:ab:11:22:33", true);
        check("0026.ab11.2233", true);
        check("02:26:ab:11:22:33", false);
        check("01:00:5e:00:00:fb", false);
        check("00-00-5E-00-01-0a", false);
        check("000000000000", false);
        assert!("00:26:ab:11:22".parse::<Mac>().is_err());
    }
}
