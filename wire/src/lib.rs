//! Wire formats without IO: bytes to values and back, one module per protocol. No clock, no async, no panic on any
//! input.

pub mod arp;
pub mod cdp;
pub mod certificate;
pub mod dhcp;
pub mod dns_sd;
pub mod greeting;
pub mod html;
pub mod http;
pub mod icmp;
pub mod ipp;
pub mod lldp;
pub mod ndp;
pub mod pjlink;
pub mod plist;
pub mod sip;
pub mod snmp;
pub mod ssdp;
pub mod ssh;
pub mod upnp;
pub mod wsd;
pub mod xml;
