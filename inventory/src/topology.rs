//! Which switch port leads to which device: forwarding tables and neighbours, read together.
//!
//! A port towards another switch sees half the school and says nothing of where a device is plugged in. So a device
//! hangs on the port that knows its address and leads to no other switch; of several the one that knows the fewest.

use crate::{
    Fields, Mac, Row, Value,
    vocabulary::{
        SNMP_BASE_MAC, SNMP_FDB, SNMP_INTERFACE_STATUS, SNMP_INTERFACES, SNMP_LLDP_NEIGHBOURS, SNMP_POE_PORTS,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// A switch as its own tables describe it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switch {
    /// Its ports by ifIndex.
    pub ports: BTreeMap<i64, Port>,
    /// Its own MAC addresses.
    pub own: BTreeSet<Mac>,
}

/// One port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Port {
    /// What the switch calls it: `Gi1/0/7`.
    pub name: String,
    /// What somebody called it: often a room or a socket.
    pub alias: String,
    /// `up` or `down`, where told.
    pub status: String,
    /// Mbit/s, where told.
    pub speed: Option<i64>,
    /// `delivering` and the like, where it gives power.
    pub poe: String,
    /// VLANs that addresses were learned in.
    pub vlans: BTreeSet<i64>,
    /// Devices behind it, by their MAC addresses.
    pub devices: BTreeSet<Mac>,
    /// How many more addresses are behind it that belong to people or to nobody known.
    pub others: i64,
    /// Neighbours that name themselves (LLDP): name or address.
    pub neighbours: BTreeSet<String>,
    /// Whether another switch is behind it.
    pub is_uplink: bool,
}

impl Switch {
    /// Reads a switch from its merged evidence; none where it tells neither a forwarding table nor a neighbour.
    #[must_use]
    pub fn read(mac: Option<Mac>, fields: &Fields) -> Option<Self> {
        let table = |field| match fields.get(field) {
            Some(Value::Table(rows)) => rows.as_slice(),
            _ => &[],
        };
        let (forwarding, neighbours) = (table(&SNMP_FDB), table(&SNMP_LLDP_NEIGHBOURS));
        if forwarding.is_empty() && neighbours.is_empty() {
            return None;
        }
        let mut switch = Self { ports: BTreeMap::new(), own: mac.into_iter().collect() };
        switch.own.extend(fields.text(&SNMP_BASE_MAC).and_then(|text| text.parse::<Mac>().ok()));
        for row in table(&SNMP_INTERFACES) {
            let Some(port) = int(row, "index") else { continue };
            switch.own.extend(mac_of(row));
            let name = text(row, "name").or_else(|| text(row, "descr")).unwrap_or_default();
            let alias = text(row, "alias").unwrap_or_default();
            let port = switch.ports.entry(port).or_default();
            (port.name, port.alias) = (name.to_owned(), alias.to_owned());
        }
        for row in table(&SNMP_INTERFACE_STATUS) {
            if let Some(port) = int(row, "index").and_then(|index| switch.ports.get_mut(&index)) {
                port.status = text(row, "status").unwrap_or_default().to_owned();
                port.speed = int(row, "speed").filter(|speed| *speed > 0);
            }
        }
        // Standards number bridge ports and sockets with power on their own; the forwarding table tells which is which.
        let numbered: BTreeMap<i64, i64> =
            forwarding.iter().filter_map(|row| Some((int(row, "bridge_port")?, int(row, "port")?))).collect();
        let own_number = |number: i64| numbered.get(&number).copied().unwrap_or(number);
        for row in forwarding {
            let Some(at) = int(row, "port").filter(|port| *port > 0) else { continue };
            let port = switch.ports.entry(at).or_default();
            port.devices.extend(mac_of(row));
            port.others += int(row, "count").unwrap_or_default();
            port.vlans.extend(int(row, "vlan"));
        }
        for row in neighbours {
            let Some(at) = int(row, "port").map(own_number).filter(|port| *port > 0) else { continue };
            let port = switch.ports.entry(at).or_default();
            port.devices.extend(mac_of(row));
            let name = ["sys_name", "mac", "chassis"].iter().find_map(|column| text(row, column));
            port.neighbours.extend(name.map(str::to_owned));
        }
        for row in table(&SNMP_POE_PORTS) {
            if let Some(port) = int(row, "port").and_then(|port| switch.ports.get_mut(&own_number(port))) {
                port.poe = text(row, "status").unwrap_or_default().to_owned();
            }
        }
        Some(switch)
    }
}

/// Marks the ports that lead from one of these switches to another.
pub fn mark_uplinks(switches: &mut [Switch]) {
    let own: Vec<BTreeSet<Mac>> = switches.iter().map(|switch| switch.own.clone()).collect();
    for (at, switch) in switches.iter_mut().enumerate() {
        let others = || own.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, macs)| macs);
        for port in switch.ports.values_mut() {
            port.is_uplink = others().any(|macs| !macs.is_disjoint(&port.devices));
        }
    }
}

/// Where a device is plugged in: the position of its switch and the port's number.
#[must_use]
pub fn port_of(switches: &[Switch], mac: Mac) -> Option<(usize, i64)> {
    let knowing = switches.iter().enumerate().flat_map(|(at, switch)| {
        switch.ports.iter().filter(move |(_, port)| port.devices.contains(&mac)).map(move |found| (at, found))
    });
    let is_switch = switches.iter().any(|switch| switch.own.contains(&mac));
    let fewest =
        |port: &Port| i64::try_from(port.devices.len()).unwrap_or(i64::MAX).saturating_add(port.others);
    let mut found: Vec<(i64, usize, i64)> = knowing
        .filter(|(at, (_, port))| {
            let itself = switches.get(*at).is_some_and(|switch| switch.own.contains(&mac));
            !itself && (is_switch || !port.is_uplink)
        })
        .map(|(at, (number, port))| (fewest(port), at, *number))
        .collect();
    found.sort_unstable();
    // Two ports that know it equally well contradict each other: better silent than wrong.
    match found.as_slice() {
        [(least, ..), (next, ..), ..] if least == next => None,
        [(_, at, port), ..] => Some((*at, *port)),
        [] => None,
    }
}

/// The room that a port's name or alias speaks of: the longest name of a room that stands in it as a word.
#[must_use]
pub fn room_in<'r>(text: &str, rooms: &'r [String]) -> Option<&'r String> {
    let text = text.to_lowercase();
    let stands = |room: &&String| {
        let room = room.trim().to_lowercase();
        let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        !room.is_empty()
            && text.match_indices(&room).any(|(at, found)| {
                let before = text.get(..at).and_then(|head| head.chars().next_back());
                let after = text.get(at + found.len()..).and_then(|tail| tail.chars().next());
                is_end(before) && is_end(after)
            })
    };
    rooms.iter().filter(stands).max_by_key(|room| room.len())
}

fn int(row: &Row, name: &str) -> Option<i64> {
    row.get(name).and_then(Value::as_int)
}

fn text<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.get(name).and_then(Value::as_text).map(str::trim).filter(|text| !text.is_empty())
}

fn mac_of(row: &Row) -> Option<Mac> {
    text(row, "mac")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[(&str, Value)]) -> Row {
        cells.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    fn learned(mac: &str, port: i64, bridge_port: i64) -> Row {
        row(&[
            ("mac", Value::text(mac)),
            ("port", Value::Int(port)),
            ("bridge_port", Value::Int(bridge_port)),
            ("vlan", Value::Int(10)),
        ])
    }

    const ONE: &str = "00:11:32:00:00:01";
    const TWO: &str = "00:11:32:00:00:02";
    const BOARD: &str = "6c:dc:6a:00:00:01";
    const PRINTER: &str = "00:17:c8:00:00:01";

    fn mac(text: &str) -> Mac {
        text.parse().expect("a MAC")
    }

    /// Switch one: the printer on port 101, switch two and all behind it on 124. Switch two: the board on 7.
    fn school() -> Vec<Switch> {
        let interfaces = |rows: &[(i64, &str, &str)]| {
            let rows = rows.iter().map(|(index, name, alias)| {
                row(&[
                    ("index", Value::Int(*index)),
                    ("name", Value::text(name)),
                    ("alias", Value::text(alias)),
                ])
            });
            Value::Table(rows.collect())
        };
        let others = row(&[("port", Value::Int(124)), ("count", Value::Int(30))]);
        let one = Fields::new()
            .with(&SNMP_INTERFACES, interfaces(&[(101, "A1", "Kopierraum"), (124, "A24", "Uplink")]))
            .with(
                &SNMP_FDB,
                Value::Table(vec![
                    learned(PRINTER, 101, 1),
                    learned(BOARD, 124, 24),
                    learned(TWO, 124, 24),
                    others,
                ]),
            )
            .with(
                &SNMP_POE_PORTS,
                Value::Table(vec![row(&[("port", Value::Int(1)), ("status", Value::text("delivering"))])]),
            );
        let two = Fields::new()
            .with(&SNMP_INTERFACES, interfaces(&[(7, "Gi0/7", "R 101 Tafel"), (24, "Gi0/24", "")]))
            .with(
                &SNMP_FDB,
                Value::Table(vec![learned(BOARD, 7, 7), learned(PRINTER, 24, 24), learned(ONE, 24, 24)]),
            );
        let mut switches = vec![
            Switch::read(Some(mac(ONE)), &one).expect("a switch"),
            Switch::read(Some(mac(TWO)), &two).expect("a switch"),
        ];
        mark_uplinks(&mut switches);
        switches
    }

    #[test]
    fn a_device_hangs_on_the_port_that_leads_to_no_other_switch() {
        let switches = school();
        let check = |device: &str, expected: Option<(usize, i64)>| {
            assert_eq!(port_of(&switches, mac(device)), expected, "{device}");
        };
        check(BOARD, Some((1, 7)));
        check(PRINTER, Some((0, 101)));
        // A switch hangs where its neighbour knows it.
        check(TWO, Some((0, 124)));
        check("00:00:00:00:00:09", None);
        assert!(switches[0].ports[&124].is_uplink && !switches[0].ports[&101].is_uplink);
    }

    #[test]
    fn a_port_tells_its_name_its_power_and_how_many_are_behind_it() {
        let switches = school();
        let port = &switches[0].ports[&101];
        assert_eq!((port.name.as_str(), port.poe.as_str()), ("A1", "delivering"), "{port:?}");
        assert_eq!(port.vlans, BTreeSet::from([10]));
        assert_eq!(switches[0].ports[&124].others, 30);
        assert_eq!(Switch::read(None, &Fields::new()), None);
    }

    #[test]
    fn equal_knowledge_is_none() {
        let table = |port| {
            let fields = Fields::new().with(&SNMP_FDB, Value::Table(vec![learned(BOARD, port, port)]));
            Switch::read(None, &fields).expect("a switch")
        };
        assert_eq!(port_of(&[table(1), table(2)], mac(BOARD)), None);
    }

    #[test]
    fn rooms_are_words() {
        let rooms = ["101", "R 101", "10"].map(str::to_owned);
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(room_in(text, &rooms).map(String::as_str), expected, "{text}");
        };
        check("R 101 Tafel", Some("R 101"));
        check("Dose 101/2", Some("101"));
        check("1101", None);
        check("", None);
    }
}
