//! Fields that the runner itself knows of a host: how it answered and which ports were open.

use super::Field;

/// How the host was found: `arp`, `ndp`, `icmp`, `tcp`, `announcement`.
pub static HOST_FOUND_BY: Field =
    Field::plain("host.found_by", "How the host was found: arp, ndp, icmp, tcp or announcement");
/// TCP ports that accepted a connection, ascending.
pub static HOST_OPEN_TCP: Field = Field::plain(
    "host.open_tcp",
    "TCP ports that accepted a connection, ascending, as a list of decimal numbers",
);
/// Set when the host fell silent right after a probe and is left alone from then on.
pub static HOST_FELL_SILENT: Field =
    Field::plain("host.fell_silent", "The probe after which the host fell silent; it is left alone since");
/// Until when a host that fell silent is left alone: it gets ARP and echo requests only.
pub static HOST_LEFT_ALONE_UNTIL: Field = Field::plain(
    "host.left_alone_until",
    "The day until which a host that fell silent after a probe is left alone",
);

pub(super) static ALL: &[&Field] =
    &[&HOST_FELL_SILENT, &HOST_FOUND_BY, &HOST_LEFT_ALONE_UNTIL, &HOST_OPEN_TCP];
