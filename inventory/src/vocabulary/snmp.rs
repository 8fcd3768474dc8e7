//! Fields read over SNMP: the system group, standard MIBs as tables, and what vendors keep in their own branches.

use super::Field;

// --- The base Get (SNMPv2-MIB, RFC 3418) ---

/// The protocol version that answered.
pub static SNMP_VERSION: Field =
    Field::plain("snmp.version", "The SNMP version that was answered: v1, v2c or v3");
/// The label of the credential that was answered; never its secret.
pub static SNMP_CREDENTIAL: Field = Field::plain(
    "snmp.credential",
    "The label of the credential that was answered, as in the agent's own file",
);
/// Why a credential was refused.
pub static SNMP_CREDENTIAL_ERROR: Field = Field::plain(
    "snmp.credential_error",
    "Why the device refused a credential though it answers SNMP (usmStats of RFC 3414, section 5): LABEL: \
     unknown user name, wrong digest, not in time window, unsupported security level, decryption error or \
     authorization error",
);
/// The SNMP engine ID: a strong key of the device.
pub static SNMP_ENGINE_ID: Field = Field::plain(
    "snmp.engine_id",
    "snmpEngineID (RFC 3411), lower-case hexadecimal; learned by SNMPv3 discovery, unique per device unless cloned",
);
/// Whether the community `public` is answered.
pub static SNMP_PUBLIC_ANSWERS: Field = Field::plain(
    "snmp.public_answers",
    "Whether a Get of sysObjectID with the community public is answered: 1 yes, 0 no; only where the school agreed",
);
/// sysDescr.
pub static SNMP_SYS_DESCR: Field = Field::name(
    "snmp.sys_descr",
    "sysDescr (RFC 3418): what the device says it is; on Unix it may hold the host's name",
);
/// sysObjectID.
pub static SNMP_SYS_OBJECT_ID: Field = Field::plain(
    "snmp.sys_object_id",
    "sysObjectID (RFC 3418) as dotted decimals without leading dot: 1.3.6.1.4.1.ENTERPRISE...",
);
/// sysName.
pub static SNMP_SYS_NAME: Field =
    Field::name("snmp.sys_name", "sysName (RFC 3418): the name somebody gave it");
/// sysLocation.
pub static SNMP_SYS_LOCATION: Field =
    Field::name("snmp.sys_location", "sysLocation (RFC 3418): where somebody said it stands");
/// sysContact.
pub static SNMP_SYS_CONTACT: Field =
    Field::name("snmp.sys_contact", "sysContact (RFC 3418): whom somebody named as responsible");
/// sysServices.
pub static SNMP_SYS_SERVICES: Field = Field::plain(
    "snmp.sys_services",
    "sysServices (RFC 3418): sum of 2^(layer-1) over the layers served (2 bridge, 4 router, 64 applications)",
);
/// sysUpTime.
pub static SNMP_SYS_UPTIME: Field =
    Field::plain("snmp.sys_uptime", "sysUpTime (RFC 3418) in hundredths of a second").volatile();

// --- Vendors' own objects, fetched as the tables in fingerprints/snmp say ---

/// Maker as the vendor's own object tells it.
pub static SNMP_VENDOR_NAME: Field =
    Field::plain("snmp.vendor_name", "The maker (brand) as an object of the vendor's own branch tells it");
/// Model as the vendor's own object tells it.
pub static SNMP_VENDOR_MODEL: Field =
    Field::plain("snmp.vendor_model", "The model as an object of the vendor's own branch tells it");
/// Serial number as the vendor's own object tells it.
pub static SNMP_VENDOR_SERIAL: Field =
    Field::plain("snmp.vendor_serial", "The serial number as an object of the vendor's own branch tells it");
/// Firmware or operating system version as the vendor's own object tells it.
pub static SNMP_VENDOR_VERSION: Field = Field::plain(
    "snmp.vendor_version",
    "The version of firmware or operating system as an object of the vendor's own branch tells it",
);
/// Hardware revision as the vendor's own object tells it.
pub static SNMP_VENDOR_HARDWARE: Field = Field::plain(
    "snmp.vendor_hardware",
    "The hardware revision or board name as an object of the vendor's own branch tells it",
);
/// Description as the vendor's own object tells it.
pub static SNMP_VENDOR_DESCR: Field = Field::plain(
    "snmp.vendor_descr",
    "A free description of the product (IEEE 1284 device ID, product line, edition) from the vendor's own branch",
);
/// Its own MAC address as the vendor's own object or the bridge MIB tells it.
pub static SNMP_BASE_MAC: Field = Field::plain(
    "snmp.base_mac",
    "The device's own MAC address as it tells it: dot1dBaseBridgeAddress (RFC 4188) or a vendor's object",
);

// --- Standard MIBs ---

/// Physical parts: chassis, modules, power supplies.
pub static SNMP_ENTITY: Field = Field::name(
    "snmp.entity",
    "entPhysicalTable (RFC 6933), chassis, stacks and parts with a serial or model. Columns: index (integer), \
     class (chassis, stack, module, powerSupply, fan, backplane, container, cpu, port, sensor, other, unknown), \
     descr, name, hardware, firmware, software, serial, maker, model",
);
/// Interfaces.
pub static SNMP_INTERFACES: Field = Field::name(
    "snmp.interfaces",
    "ifTable and ifXTable (RFC 2863). Columns: index (integer), name (ifName), descr (ifDescr), alias (ifAlias), \
     type (integer, IANAifType), mac (ifPhysAddress)",
);
/// How interfaces stand.
pub static SNMP_INTERFACE_STATUS: Field = Field::plain(
    "snmp.interface_status",
    "ifTable and ifXTable (RFC 2863). Columns: index (integer), status (up, down, testing, unknown, dormant, \
     notPresent, lowerLayerDown), speed (integer, Mbit/s)",
)
.slow();
/// Serial number of a printer.
pub static SNMP_PRINTER_SERIAL: Field =
    Field::plain("snmp.printer_serial", "prtGeneralSerialNumber (RFC 3805), the printer's serial number");
/// Name of a printer.
pub static SNMP_PRINTER_NAME: Field = Field::name(
    "snmp.printer_name",
    "prtGeneralPrinterName (RFC 3805): product name or a name somebody gave it",
);
/// Page counter.
pub static SNMP_PAGE_COUNT: Field = Field::plain(
    "snmp.page_count",
    "prtMarkerLifeCount of the first marker (RFC 3805); a counter in its own unit, mostly impressions",
)
.slow();
/// Page counters by purpose.
pub static SNMP_PAGE_COUNTERS: Field = Field::plain(
    "snmp.page_counters",
    "Counters of the vendor's own branch, as fingerprints/counters.toml says. Columns: what (total, mono, colour, \
     print, print-mono, print-colour, copy, copy-mono, copy-colour), pages (integer)",
)
.slow();
/// Toner, ink, drums.
pub static SNMP_SUPPLIES: Field = Field::plain(
    "snmp.supplies",
    "prtMarkerSuppliesTable (RFC 3805). Columns: index (integer), descr, type (integer), max (integer), level \
     (integer; -1 no restriction, -2 unknown, -3 some left)",
)
.slow();
/// Description of the device itself in the host MIB.
pub static SNMP_DEVICE_DESCR: Field = Field::plain(
    "snmp.device_descr",
    "hrDeviceDescr (RFC 2790) of the first device; on printers the model, elsewhere often the processor",
);
/// Memory of a host.
pub static SNMP_MEMORY_KB: Field = Field::plain("snmp.memory_kb", "hrMemorySize (RFC 2790) in KiB");
/// Maker of a UPS.
pub static SNMP_UPS_MAKER: Field = Field::plain("snmp.ups_maker", "upsIdentManufacturer (RFC 1628)");
/// Model of a UPS.
pub static SNMP_UPS_MODEL: Field = Field::plain("snmp.ups_model", "upsIdentModel (RFC 1628)");
/// Firmware of a UPS.
pub static SNMP_UPS_FIRMWARE: Field =
    Field::plain("snmp.ups_firmware", "upsIdentUPSSoftwareVersion (RFC 1628): the UPS itself");
/// Firmware of the card in a UPS.
pub static SNMP_UPS_AGENT: Field =
    Field::plain("snmp.ups_agent", "upsIdentAgentSoftwareVersion (RFC 1628): the card that speaks SNMP");

// --- Neighbours and tables of addresses: the privacy filter passes their rows one by one ---

/// Neighbours by LLDP.
pub static SNMP_LLDP_NEIGHBOURS: Field = Field::name(
    "snmp.lldp_neighbours",
    "lldpRemTable (IEEE 802.1AB), and cdpCacheTable (CISCO-CDP-MIB) for neighbours that LLDP does not tell. Columns: \
     port (integer, local port), interface (integer, ifIndex, where lldpLocPortTable or CDP tells it), mac (where the \
     chassis ID is one), chassis, port_id, port_descr, sys_name, sys_descr, capabilities (integer, \
     lldpRemSysCapEnabled bits), ip",
);
/// Names of VLANs.
pub static SNMP_VLANS: Field =
    Field::name("snmp.vlans", "dot1qVlanStaticTable (RFC 4363). Columns: vlan (integer), name");
/// The VLAN of each port.
pub static SNMP_PORT_VLANS: Field = Field::plain(
    "snmp.port_vlans",
    "dot1qPortVlanTable (RFC 4363). Columns: port (integer, ifIndex), pvid (integer, the VLAN of frames without a tag)",
);
/// Tables that were not read to their end.
pub static SNMP_TRUNCATED: Field = Field::plain(
    "snmp.truncated",
    "Tables with more rows than the walk reads or the device gave, as a list: arp, bridge-ports, entity, fdb, \
     interfaces, neighbours, poe, supplies, vlans, wlan. A forwarding table (fdb) named here places no device",
);
/// Which MAC address is behind which port.
pub static SNMP_FDB: Field = Field::plain(
    "snmp.fdb",
    "dot1dTpFdbTable (RFC 4188) or dot1qTpFdbTable (RFC 4363), learned entries. Columns: mac, port (integer, \
     ifIndex where known), bridge_port (integer), vlan (integer; by dot1qVlanFdbId where the device tells it)",
)
.slow();
/// A router's ARP table.
pub static SNMP_ARP: Field =
    Field::plain(
        "snmp.arp",
        "ipNetToMediaTable and ipNetToPhysicalTable (RFC 4293), IPv4 and IPv6. Columns: mac, ip, port (integer, ifIndex)",
    )
    .slow();
/// Power over Ethernet by port.
pub static SNMP_POE_PORTS: Field = Field::plain(
    "snmp.poe_ports",
    "pethPsePortTable (RFC 3621). Columns: group (integer), port (integer), status (disabled, searching, \
     delivering, fault, test, otherFault), class (integer 0-8)",
)
.slow();
/// Power over Ethernet in all.
pub static SNMP_POE_SUPPLIES: Field = Field::plain(
    "snmp.poe_supplies",
    "pethMainPseTable (RFC 3621). Columns: group (integer), power (integer, W), used (integer, W)",
)
.slow();
/// WLAN networks a device offers.
pub static SNMP_WLAN: Field = Field::name(
    "snmp.wlan",
    "dot11StationConfigTable (IEEE 802.11). Columns: port (integer, ifIndex), ssid, mac (station ID)",
);

/// Names of the networks that an access point or controller offers.
pub static SNMP_WLAN_NETWORKS: Field = Field::name(
    "snmp.wlan_networks",
    "Names of networks (SSID) from the vendor's own table, as fingerprints/wlan.toml says",
);
/// How many devices were joined to the WLAN.
pub static SNMP_WLAN_CLIENTS: Field = Field::plain(
    "snmp.wlan_clients",
    "How many devices were joined to the networks of the vendor's own table, rounded to ten, below ten as \"<10\"",
)
.slow();
/// Standards that the radios speak.
pub static SNMP_WLAN_STANDARDS: Field = Field::plain(
    "snmp.wlan_standards",
    "Standards of the radios by dot11PHYType (IEEE 802.11): 802.11a, b, g, n, ac, ax",
);

pub(super) static ALL: &[&Field] = &[
    &SNMP_ARP,
    &SNMP_BASE_MAC,
    &SNMP_CREDENTIAL,
    &SNMP_CREDENTIAL_ERROR,
    &SNMP_DEVICE_DESCR,
    &SNMP_ENGINE_ID,
    &SNMP_ENTITY,
    &SNMP_FDB,
    &SNMP_INTERFACES,
    &SNMP_INTERFACE_STATUS,
    &SNMP_LLDP_NEIGHBOURS,
    &SNMP_MEMORY_KB,
    &SNMP_PAGE_COUNT,
    &SNMP_PAGE_COUNTERS,
    &SNMP_POE_PORTS,
    &SNMP_POE_SUPPLIES,
    &SNMP_PORT_VLANS,
    &SNMP_PRINTER_NAME,
    &SNMP_PRINTER_SERIAL,
    &SNMP_PUBLIC_ANSWERS,
    &SNMP_SUPPLIES,
    &SNMP_SYS_CONTACT,
    &SNMP_SYS_DESCR,
    &SNMP_SYS_LOCATION,
    &SNMP_SYS_NAME,
    &SNMP_SYS_OBJECT_ID,
    &SNMP_SYS_SERVICES,
    &SNMP_SYS_UPTIME,
    &SNMP_TRUNCATED,
    &SNMP_UPS_AGENT,
    &SNMP_UPS_FIRMWARE,
    &SNMP_UPS_MAKER,
    &SNMP_UPS_MODEL,
    &SNMP_VENDOR_DESCR,
    &SNMP_VENDOR_HARDWARE,
    &SNMP_VENDOR_MODEL,
    &SNMP_VENDOR_NAME,
    &SNMP_VENDOR_SERIAL,
    &SNMP_VENDOR_VERSION,
    &SNMP_VERSION,
    &SNMP_VLANS,
    &SNMP_WLAN,
    &SNMP_WLAN_CLIENTS,
    &SNMP_WLAN_NETWORKS,
    &SNMP_WLAN_STANDARDS,
];
