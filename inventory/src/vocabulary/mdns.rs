//! Fields of multicast DNS service discovery (RFC 6762, RFC 6763).

use super::Field;

/// The host's name.
pub static MDNS_HOSTNAME: Field = Field::name(
    "mdns.hostname",
    "The host's name without '.local', as its SRV records name it (RFC 6762 section 3)",
);
/// The service types it announces.
pub static MDNS_SERVICES: Field = Field::plain(
    "mdns.services",
    "Service types announced, such as _airplay._tcp, as a list in alphabetical order (RFC 6763 section 7)",
);
/// The instances it announces.
pub static MDNS_INSTANCES: Field = Field::name(
    "mdns.instances",
    "Service instances as a table: type (text), instance (text, the name people see), port (number), host (text), \
     txt (list of key=value, RFC 6763 section 6)",
);
/// The TXT pairs of all instances.
pub static MDNS_TXT: Field = Field::name(
    "mdns.txt",
    "TXT pairs of all instances as a list of 'TYPE key=value', such as '_airplay._tcp model=AppleTV6,2', sorted; \
     keys of sessions, pairings and rotating identifiers are left out (RFC 6763 section 6)",
);

pub(super) static ALL: &[&Field] = &[&MDNS_HOSTNAME, &MDNS_INSTANCES, &MDNS_SERVICES, &MDNS_TXT];
