//! Which switch port leads to which device: forwarding tables and neighbours, read together.
//!
//! A port towards another switch sees half the school and says nothing of where a device is plugged in. So a device
//! hangs on the port that knows its address and leads to no other switch; of several the one that knows the fewest.

mod power;

use crate::{
    Fields, Mac, Row, Value,
    vocabulary::{
        SNMP_BASE_MAC, SNMP_FDB, SNMP_INTERFACE_STATUS, SNMP_INTERFACES, SNMP_LLDP_NEIGHBOURS,
        SNMP_PORT_VLANS, SNMP_TRUNCATED, SNMP_VLANS,
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
    /// What somebody called its VLANs.
    pub vlan_names: BTreeMap<i64, String>,
    /// Its forwarding table was not read to the end: who is missing on one port may stand on another in the rest, so it
    /// places nobody.
    pub is_partial: bool,
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
    /// The VLAN of what comes in without a tag.
    pub pvid: Option<i64>,
    /// Devices that name themselves on it: its neighbours, whatever the forwarding table says.
    pub named: BTreeSet<Mac>,
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
        let is_partial = is_partial(fields) || forwarding.iter().any(|row| row.contains_key(CUT));
        let mut switch = Self { own: mac.into_iter().collect(), is_partial, ..Self::default() };
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
            let Some(at) = heard_on(row, &switch.ports, &numbered).filter(|port| *port > 0) else { continue };
            let port = switch.ports.entry(at).or_default();
            port.devices.extend(mac_of(row));
            port.named.extend(mac_of(row));
            let name = ["sys_name", "mac", "chassis"].iter().find_map(|column| text(row, column));
            port.neighbours.extend(name.map(str::to_owned));
        }
        power::set(&mut switch.ports, fields, own_number);
        for row in table(&SNMP_PORT_VLANS) {
            if let Some(port) = int(row, "port").and_then(|port| switch.ports.get_mut(&port)) {
                port.pvid = int(row, "pvid");
            }
        }
        for row in table(&SNMP_VLANS) {
            if let (Some(vlan), Some(name)) = (int(row, "vlan"), text(row, "name")) {
                switch.vlan_names.insert(vlan, name.to_owned());
            }
        }
        Some(switch)
    }
}

/// The column of the row that says of a kept table that it is a part.
const CUT: &str = "cut";

/// Whether the forwarding table of these fields was not read to its end.
#[must_use]
pub fn is_partial(fields: &Fields) -> bool {
    matches!(fields.get(&SNMP_TRUNCATED), Some(Value::List(cut)) if cut.iter().any(|name| name == "fdb"))
}

/// The part of a forwarding table that says of itself that it is one: it is kept for days, apart from what else was told with it.
#[must_use]
pub fn part(table: Value) -> Value {
    match table {
        Value::Table(mut rows) => {
            rows.push(Row::from([(CUT.to_owned(), Value::Int(1))]));
            Value::Table(rows)
        }
        other => other,
    }
}

/// The port on which a neighbour is heard. LLDP counts ports on its own, some devices by bridge port, some by ifIndex; where
/// the device does not say which, and both would be a port, nobody knows.
fn heard_on(row: &Row, ports: &BTreeMap<i64, Port>, numbered: &BTreeMap<i64, i64>) -> Option<i64> {
    let told = int(row, "port");
    int(row, "interface").or_else(|| {
        let number = told?;
        match numbered.get(&number) {
            Some(&port) if port != number && ports.contains_key(&number) => None,
            Some(&port) => Some(port),
            None => Some(number),
        }
    })
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
        let places = |port: &Port| {
            if switch.is_partial { port.named.contains(&mac) } else { port.devices.contains(&mac) }
        };
        switch.ports.iter().filter(move |(_, port)| places(port)).map(move |found| (at, found))
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
mod tests;
