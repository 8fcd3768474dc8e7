//! Networks in CIDR notation, and which of them a scope may ever name.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A network: its lowest address and the length of its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    first: IpAddr,
    prefix: u8,
}

/// Where an address belongs, as far as promise S1 cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Realm {
    /// The machine itself.
    Loopback,
    /// Private IPv4 (RFC 1918) or IPv6 ULA (RFC 4193).
    Private,
    /// Link-local: meaningful on one interface only.
    LinkLocal,
    /// Anything routed on the Internet.
    Public,
    /// Multicast, unspecified, reserved: never a host.
    NoHost,
}

/// A text that is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACidr {
    /// Not an address with an optional prefix length.
    #[error("'{0}' is no network; write it like 10.20.0.0/24 or 10.20.0.7")]
    Unreadable(String),
    /// Bits below the prefix are set, so the writer may have meant another network.
    #[error("'{written}' has bits set below its prefix; write {meant}")]
    HostBits {
        /// The text as written.
        written: String,
        /// The network that its prefix cuts out.
        meant: Cidr,
    },
}

impl Cidr {
    /// The link-local range of IPv6 (RFC 4291, 2.5.6).
    pub const LINK_LOCAL: Self =
        Self { first: IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), prefix: 10 };

    /// The network of `prefix` bits that `address` lies in.
    #[must_use]
    pub fn around(address: IpAddr, prefix: u8) -> Self {
        let first = match address {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask4(prefix))),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask6(prefix))),
        };
        Self { first, prefix }
    }

    /// The network that holds this address alone.
    #[must_use]
    pub fn host(address: IpAddr) -> Self {
        Self { first: address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }

    /// Its lowest address.
    #[must_use]
    pub const fn first(&self) -> IpAddr {
        self.first
    }

    /// Its highest address.
    #[must_use]
    pub fn last(&self) -> IpAddr {
        match self.first {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() | !mask4(self.prefix))),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() | !mask6(self.prefix))),
        }
    }

    /// The length of its prefix in bits.
    #[must_use]
    pub const fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Whether the address lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && Self::around(address, self.prefix).first == self.first
    }

    /// Whether the two share an address.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.contains(other.first) || other.contains(self.first)
    }

    /// The realm that all its addresses share; [`Realm::NoHost`] where they share none.
    #[must_use]
    pub fn realm(&self) -> Realm {
        let (first, last) = (realm(self.first), realm(self.last()));
        if first == last { first } else { Realm::NoHost }
    }

    /// Whether the address may be sent a unicast packet: in the network, and neither its network nor its
    /// broadcast address (promise S1).
    #[must_use]
    pub fn is_target(&self, address: IpAddr) -> bool {
        self.contains(address)
            && (address.is_ipv6() || self.prefix >= 31 || (address != self.first && address != self.last()))
    }

    /// Every address that may be a host, ascending. Empty for IPv6 prefixes other than /128: those are never
    /// enumerated (promise S1).
    pub fn targets(&self) -> impl Iterator<Item = IpAddr> + use<> {
        let whole = *self;
        let (from, to) = match (self.first, self.last()) {
            (IpAddr::V4(first), IpAddr::V4(last)) => (first.to_bits(), last.to_bits()),
            _ => (1, 0),
        };
        let single6 = (self.first.is_ipv6() && self.prefix == 128).then_some(self.first);
        (from..=to)
            .map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)))
            .filter(move |&address| whole.is_target(address))
            .chain(single6)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

impl FromStr for Cidr {
    type Err = NotACidr;

    fn from_str(text: &str) -> Result<Self, NotACidr> {
        let unreadable = || NotACidr::Unreadable(text.chars().take(60).collect());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| unreadable())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().ok().filter(|&bits| bits <= longest).ok_or_else(unreadable)?
            }
            Some(_) => return Err(unreadable()),
        };
        let network = Self::around(address, prefix);
        if network.first != address {
            return Err(NotACidr::HostBits { written: text.to_owned(), meant: network });
        }
        Ok(network)
    }
}

/// The realm of one address.
#[must_use]
pub fn realm(address: IpAddr) -> Realm {
    match address {
        IpAddr::V4(v4) => {
            if v4.is_loopback() {
                Realm::Loopback
            } else if v4.is_private() {
                Realm::Private
            } else if v4.is_link_local() {
                Realm::LinkLocal
            } else if v4.octets()[0] == 0 || v4.octets()[0] >= 224 {
                Realm::NoHost
            } else {
                Realm::Public
            }
        }
        IpAddr::V6(v6) => {
            if v6.is_loopback() {
                Realm::Loopback
            } else if v6.is_unique_local() {
                Realm::Private
            } else if v6.is_unicast_link_local() {
                Realm::LinkLocal
            } else if v6.is_multicast() || v6.is_unspecified() || v6.to_ipv4_mapped().is_some() {
                Realm::NoHost
            } else {
                Realm::Public
            }
        }
    }
}

const fn mask4(prefix: u8) -> u32 {
    if prefix == 0 { 0 } else { u32::MAX << (32 - prefix) }
}

const fn mask6(prefix: u8) -> u128 {
    if prefix == 0 { 0 } else { u128::MAX << (128 - prefix) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn reads_what_people_write() {
        let check = |text: &str, expected: &str| assert_eq!(cidr(text).to_string(), expected);
        check("10.20.0.0/22", "10.20.0.0/22");
        check("127.0.0.1", "127.0.0.1/32");
        check("fd00:1::/64", "fd00:1::/64");
        check("0.0.0.0/0", "0.0.0.0/0");
        let refused = |text: &str, part: &str| {
            let error = text.parse::<Cidr>().err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.contains(part), "{text}: {error}");
        };
        refused("10.20.0.5/22", "write 10.20.0.0/22");
        refused("10.20.0.0/33", "is no network");
        refused("10.20.0.0/+8", "is no network");
        refused("schule.example", "is no network");
    }

    #[test]
    fn network_and_broadcast_addresses_are_no_targets() {
        let check = |text: &str, expected: &[&str]| {
            let got: Vec<String> = cidr(text).targets().map(|a| a.to_string()).collect();
            assert_eq!(got, expected, "{text}");
        };
        check("192.168.1.4/30", &["192.168.1.5", "192.168.1.6"]);
        check("192.168.1.4/31", &["192.168.1.4", "192.168.1.5"]);
        check("192.168.1.4/32", &["192.168.1.4"]);
        check("fd00::/64", &[]);
        check("fd00::1/128", &["fd00::1"]);
        assert_eq!(cidr("10.1.0.0/16").targets().count(), 65_534);
    }

    #[test]
    fn realms() {
        let check = |text: &str, expected: Realm| assert_eq!(cidr(text).realm(), expected, "{text}");
        check("127.0.0.0/16", Realm::Loopback);
        check("172.16.0.0/16", Realm::Private);
        check("172.32.0.0/16", Realm::Public);
        check("fe80::/64", Realm::LinkLocal);
        check("fdab::/48", Realm::Private);
        check("224.0.0.0/24", Realm::NoHost);
        check("0.0.0.0/0", Realm::NoHost);
        check("100.64.0.0/16", Realm::Public);
    }
}
