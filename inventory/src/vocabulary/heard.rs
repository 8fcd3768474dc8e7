//! Fields that passive listening yields: LLDP, CDP and the kind of a DHCP client.

use super::Field;

/// The neighbour's name.
pub static LLDP_NAME: Field = Field::name("lldp.name", "System name (IEEE 802.1AB, 8.5.6)");
/// The neighbour's description.
pub static LLDP_DESCR: Field =
    Field::name("lldp.descr", "System description: product and version (IEEE 802.1AB, 8.5.7)");
/// Capabilities that are enabled.
pub static LLDP_CAPABILITIES: Field = Field::plain(
    "lldp.capabilities",
    "Enabled capabilities as a list: repeater, bridge, access-point, router, telephone, docsis, station, other \
     (IEEE 802.1AB, 8.5.8)",
);
/// The port the agent's own wire ends at.
pub static LLDP_PORT: Field = Field::name(
    "lldp.port",
    "The neighbour's port that our wire ends at: its id, then its description (IEEE 802.1AB, 8.5.3)",
);
/// LLDP-MED model.
pub static LLDP_MODEL: Field = Field::plain("lldp.model", "Model name (ANSI/TIA-1057, 10.2.6.6)");
/// LLDP-MED manufacturer.
pub static LLDP_MANUFACTURER: Field =
    Field::plain("lldp.manufacturer", "Manufacturer name (ANSI/TIA-1057, 10.2.6.5)");
/// LLDP-MED serial number.
pub static LLDP_SERIAL: Field = Field::plain("lldp.serial", "Serial number (ANSI/TIA-1057, 10.2.6.4)");
/// LLDP-MED software revision.
pub static LLDP_SOFTWARE: Field =
    Field::plain("lldp.software", "Software revision (ANSI/TIA-1057, 10.2.6.3)");
/// CDP device id.
pub static CDP_DEVICE: Field =
    Field::name("cdp.device", "Device id, often with the serial number in brackets (CDP type 1)");
/// CDP platform.
pub static CDP_PLATFORM: Field = Field::plain("cdp.platform", "Product (CDP type 6)");
/// CDP software.
pub static CDP_SOFTWARE: Field = Field::plain("cdp.software", "Software with its version (CDP type 5)");
/// The port the agent's own wire ends at.
pub static CDP_PORT: Field =
    Field::plain("cdp.port", "The neighbour's port that our wire ends at (CDP type 3)");
/// Options a DHCP client asks for.
pub static DHCP_PARAMETERS: Field = Field::plain(
    "dhcp.parameters",
    "Options the client asks for, in its order, as decimal numbers joined by commas (RFC 2132, 9.8): tells operating systems apart",
);
/// Vendor class of a DHCP client.
pub static DHCP_VENDOR_CLASS: Field =
    Field::plain("dhcp.vendor_class", "Vendor class identifier (RFC 2132, 9.13)");
/// Router advertisement seen.
pub static NDP_ROUTER: Field =
    Field::plain("ndp.router", "Sent an IPv6 router advertisement: its lifetime in seconds (RFC 4861, 4.2)");

pub(super) static ALL: &[&Field] = &[
    &CDP_DEVICE,
    &CDP_PLATFORM,
    &CDP_PORT,
    &CDP_SOFTWARE,
    &DHCP_PARAMETERS,
    &DHCP_VENDOR_CLASS,
    &LLDP_CAPABILITIES,
    &LLDP_DESCR,
    &LLDP_MANUFACTURER,
    &LLDP_MODEL,
    &LLDP_NAME,
    &LLDP_PORT,
    &LLDP_SERIAL,
    &LLDP_SOFTWARE,
    &NDP_ROUTER,
];
