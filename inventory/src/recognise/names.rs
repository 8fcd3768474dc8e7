//! What a device is called: by its own word, where somebody gave it a name.

use super::{
    claims::{Claims, Strength},
    library::{TOLD_BY_DEVICE, because},
};
use crate::{Field, Fields, Mac, vocabulary as v};

/// Where devices tell their names, and how much each counts: what an administrator sets before what a screen shows.
static SOURCES: &[(&Field, u8)] = &[
    (&v::SNMP_SYS_NAME, 60),
    (&v::MDNS_HOSTNAME, 55),
    (&v::LLDP_NAME, 50),
    (&v::PJLINK_NAME, 40),
    (&v::TOLD_NAME, 35),
    (&v::WSD_NAME, 30),
];

/// Words that stand where nobody gave a name.
const NAMELESS: &[&str] = &[
    "localhost",
    "localhost.localdomain",
    "host",
    "hostname",
    "name",
    "noname",
    "no name",
    "(none)",
    "none",
    "unnamed",
    "default",
    "device",
    "sysname",
    "system name",
    "system",
    "switch",
    "router",
    "gateway",
    "firewall",
    "printer",
    "drucker",
    "ap",
    "access point",
    "accesspoint",
    "projector",
    "beamer",
    "openwrt",
    "linux",
    "server",
];

/// Claims every name that somebody gave.
pub(super) fn claim(mac: Option<Mac>, fields: &Fields, claims: &mut Claims) {
    for (field, weight) in SOURCES {
        if let Some(name) = fields.text(field).filter(|name| is_given(name, mac)) {
            claims.hostname(name, Strength(TOLD_BY_DEVICE, *weight), &because(field.name, name));
        }
    }
}

/// Whether a name was given by a person; one that a maker puts together from the MAC address says nothing to anybody.
fn is_given(name: &str, mac: Option<Mac>) -> bool {
    let lower = name.trim().to_lowercase();
    let signs: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let own = mac.map(|mac| mac.to_string().replace(':', ""));
    let from_mac = own.and_then(|own| own.get(6..).map(|tail| signs.contains(tail))).unwrap_or(false);
    !NAMELESS.contains(&lower.as_str()) && !from_mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Value, recognise::recognise};

    #[test]
    fn names_that_somebody_gave() {
        let mac: Mac = "00:26:ab:3f:2a:11".parse().unwrap();
        let check = |pairs: &[(&'static Field, &str)], expected: Option<&str>| {
            let mut fields = Fields::new();
            for (field, text) in pairs {
                fields.set(field, Value::text(text));
            }
            let told = recognise(Some(mac), &fields).hostname.map(|told| told.value);
            assert_eq!(told.as_deref(), expected, "{pairs:?}");
        };
        check(&[(&v::SNMP_SYS_NAME, "sw-og1")], Some("sw-og1"));
        check(&[(&v::MDNS_HOSTNAME, "tafel-104")], Some("tafel-104"));
        check(&[(&v::MDNS_HOSTNAME, "kopierer"), (&v::SNMP_SYS_NAME, "kopierer-og1")], Some("kopierer-og1"));
        check(&[(&v::MDNS_HOSTNAME, "kopierer"), (&v::SNMP_SYS_NAME, "localhost")], Some("kopierer"));
        check(&[(&v::PJLINK_NAME, "Beamer Aula")], Some("Beamer Aula"));
        // What the maker put together from the MAC address.
        check(&[(&v::SNMP_SYS_NAME, "NPI3F2A11")], None);
        check(&[(&v::MDNS_HOSTNAME, "BRN0026AB3F2A11")], None);
        check(&[(&v::SNMP_SYS_NAME, "(none)")], None);
        check(&[(&v::SNMP_SYS_NAME, "Switch")], None);
        check(&[], None);
    }
}
