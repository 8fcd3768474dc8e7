//! Tables about others: LLDP neighbours, forwarding and ARP tables, power over Ethernet, WLAN names.

use super::{
    gather::Values,
    tables::{As, Column, mac, rows, set_numbered, set_rows},
};
use rundgang_inventory::{Fields, Mac, Row, Value, vocabulary as v};
use rundgang_wire::snmp::Oid;
use std::{collections::BTreeMap, net::Ipv4Addr};

/// lldpRemTable (IEEE 802.1AB-2005), index time mark, local port, number.
pub(super) fn lldp_entry() -> Oid {
    Oid::new(&[1, 0, 8802, 1, 1, 2, 1, 4, 1, 1])
}
/// lldpRemManAddrTable; the address is part of the index.
pub(super) fn lldp_address_column() -> Oid {
    Oid::new(&[1, 0, 8802, 1, 1, 2, 1, 4, 2, 1, 3])
}
/// dot1qTpFdbTable (RFC 4363), index filtering database, MAC address.
pub(super) fn vlan_fdb_entry() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1])
}
/// dot1dTpFdbTable (RFC 4188), index MAC address.
pub(super) fn plain_fdb_entry() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 17, 4, 3, 1])
}
/// dot1dBasePortIfIndex (RFC 4188).
pub(super) fn bridge_port_column() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 17, 1, 4, 1, 2])
}
/// ipNetToMediaPhysAddress (RFC 4293), index ifIndex, IPv4 address.
pub(super) fn arp_entry() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 4, 22, 1])
}
/// pethPsePortTable (RFC 3621), index group, port.
pub(super) fn poe_port_entry() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 105, 1, 1, 1])
}
/// pethMainPseTable (RFC 3621), index group.
pub(super) fn poe_supply_entry() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 105, 1, 3, 1, 1])
}
/// dot11StationConfigTable (IEEE 802.11), index ifIndex.
pub(super) fn wlan_entry() -> Oid {
    Oid::new(&[1, 2, 840, 10036, 1, 1, 1])
}

/// Sets every field of these tables that the values hold.
pub(super) fn set(fields: &mut Fields, values: &Values) {
    set_rows(fields, &v::SNMP_LLDP_NEIGHBOURS, lldp(values));
    set_rows(fields, &v::SNMP_FDB, forwarding(values));
    set_rows(fields, &v::SNMP_ARP, arp(values));
    let columns: &[Column] = &[(6, "status", As::Word(POE_STATUS)), (10, "class", As::Int)];
    let ports = rows(values, &poe_port_entry(), columns);
    // pethPsePortPowerClassifications counts class0 as 1.
    let ports = ports.into_iter().map(|(index, mut row)| {
        if let Some(class) = row.get("class").and_then(Value::as_int) {
            row.insert("class".to_owned(), Value::Int(class - 1));
        }
        (index, row)
    });
    set_numbered(fields, &v::SNMP_POE_PORTS, ports.collect(), &["group", "port"]);
    let supplies = rows(values, &poe_supply_entry(), &[(2, "power", As::Int), (4, "used", As::Int)]);
    set_numbered(fields, &v::SNMP_POE_SUPPLIES, supplies, &["group"]);
    let wlan = rows(values, &wlan_entry(), &[(1, "mac", As::Mac), (9, "ssid", As::Text)]);
    set_numbered(fields, &v::SNMP_WLAN, wlan, &["port"]);
}

/// pethPsePortDetectionStatus.
const POE_STATUS: &[(i64, &str)] =
    &[(1, "disabled"), (2, "searching"), (3, "delivering"), (4, "fault"), (5, "test"), (6, "otherFault")];

/// LldpChassisIdSubtype and LldpPortIdSubtype of MAC addresses.
const CHASSIS_IS_MAC: i64 = 4;
const PORT_IS_MAC: i64 = 3;

fn lldp(values: &Values) -> Vec<Row> {
    let columns: &[Column] = &[
        (4, "chassis_subtype", As::Int),
        (6, "port_subtype", As::Int),
        (8, "port_descr", As::Text),
        (9, "sys_name", As::Text),
        (10, "sys_descr", As::Text),
    ];
    let entry = lldp_entry();
    let addresses = lldp_addresses(values);
    rows(values, &entry, columns)
        .into_iter()
        .filter_map(|(index, mut row)| {
            let &[_, port, _] = index.as_slice() else { return None };
            row.insert("port".to_owned(), Value::Int(i64::from(port)));
            let told = |arc: u32| values.get(&entry.child(&[arc]).child(&index));
            let subtype = |row: &mut Row, name: &str| row.remove(name).as_ref().and_then(Value::as_int);
            if subtype(&mut row, "chassis_subtype") == Some(CHASSIS_IS_MAC) {
                if let Some(mac) = told(5).and_then(|told| mac(told.octets()?)) {
                    row.insert("mac".to_owned(), Value::Text(mac.to_string()));
                }
            } else if let Some(text) = told(5).and_then(|told| As::Text.read(told)) {
                row.insert("chassis".to_owned(), text);
            }
            let read =
                if subtype(&mut row, "port_subtype") == Some(PORT_IS_MAC) { As::Mac } else { As::Text };
            if let Some(text) = told(7).and_then(|told| read.read(told)) {
                row.insert("port_id".to_owned(), text);
            }
            if let Some(bits) = told(12).and_then(|told| told.octets()) {
                row.insert("capabilities".to_owned(), Value::Int(capability_bits(bits)));
            }
            if let Some(ip) = addresses.get(&index) {
                row.insert("ip".to_owned(), Value::Text(ip.to_string()));
            }
            Some(row)
        })
        .collect()
}

/// LldpSystemCapabilitiesMap as a number: bit 0 other, 1 repeater, 2 bridge, 3 access point, 4 router, 5 telephone,
/// 6 DOCSIS, 7 station. On the wire the first bit is the highest of the first octet.
fn capability_bits(octets: &[u8]) -> i64 {
    octets.first().map_or(0, |first| i64::from(first.reverse_bits()))
}

/// The first IPv4 management address of each neighbour: the index holds subtype 1, length 4 and the address.
fn lldp_addresses(values: &Values) -> BTreeMap<Vec<u32>, Ipv4Addr> {
    let column = lldp_address_column();
    let mut addresses = BTreeMap::new();
    for (oid, _) in values.range(column.clone()..).take_while(|(oid, _)| oid.is_below(&column)) {
        let Some([time, port, number, 1, 4, address @ ..]) = oid.suffix(&column) else { continue };
        if let Some(ip) = ipv4(address) {
            addresses.entry(vec![*time, *port, *number]).or_insert(ip);
        }
    }
    addresses
}

fn ipv4(arcs: &[u32]) -> Option<Ipv4Addr> {
    let octets: Vec<u8> = arcs.iter().map(|&arc| u8::try_from(arc)).collect::<Result<_, _>>().ok()?;
    <[u8; 4]>::try_from(octets).ok().map(Ipv4Addr::from)
}

fn mac_of_index(arcs: &[u32]) -> Option<Mac> {
    let octets: Vec<u8> = arcs.iter().map(|&arc| u8::try_from(arc)).collect::<Result<_, _>>().ok()?;
    mac(&octets)
}

/// dot1dTpFdbStatus and dot1qTpFdbStatus: the address was learned from traffic.
const LEARNED: i64 = 3;

fn forwarding(values: &Values) -> Vec<Row> {
    let interfaces: BTreeMap<i64, i64> = column_index(values, &bridge_port_column())
        .into_iter()
        .filter_map(|index| {
            let interface = values.get(&bridge_port_column().child(&index))?.to_int()?;
            Some((i64::from(*index.first()?), interface))
        })
        .collect();
    let columns: &[Column] = &[(2, "bridge_port", As::Int), (3, "status", As::Int)];
    let by_vlan = rows(values, &vlan_fdb_entry(), columns);
    let found = if by_vlan.is_empty() { rows(values, &plain_fdb_entry(), columns) } else { by_vlan };
    found
        .into_iter()
        .filter_map(|(index, mut row)| {
            let status = row.remove("status").as_ref().and_then(Value::as_int).unwrap_or(LEARNED);
            let bridge_port = row.get("bridge_port").and_then(Value::as_int)?;
            let (vlan, octets) = match index.as_slice() {
                [vlan, octets @ ..] if octets.len() == 6 => (Some(*vlan), octets),
                octets => (None, octets),
            };
            let mac = mac_of_index(octets).filter(|_| status == LEARNED)?;
            row.insert("mac".to_owned(), Value::Text(mac.to_string()));
            if let Some(vlan) = vlan {
                row.insert("vlan".to_owned(), Value::Int(i64::from(vlan)));
            }
            if let Some(&interface) = interfaces.get(&bridge_port) {
                row.insert("port".to_owned(), Value::Int(interface));
            }
            Some(row)
        })
        .collect()
}

/// The indexes of the rows of one column.
fn column_index(values: &Values, column: &Oid) -> Vec<Vec<u32>> {
    let cells = values.range(column.clone()..).take_while(|(oid, _)| oid.is_below(column));
    cells.filter_map(|(oid, _)| oid.suffix(column).map(<[u32]>::to_vec)).collect()
}

fn arp(values: &Values) -> Vec<Row> {
    rows(values, &arp_entry(), &[(2, "mac", As::Mac)])
        .into_iter()
        .filter_map(|(index, mut row)| {
            let (port, address) = index.split_first()?;
            let ip = ipv4(address)?;
            row.contains_key("mac").then(|| {
                row.insert("ip".to_owned(), Value::Text(ip.to_string()));
                row.insert("port".to_owned(), Value::Int(i64::from(*port)));
                row
            })
        })
        .collect()
}
