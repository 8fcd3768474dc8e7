//! Tables of switches and routers: who is behind which port, in which VLAN, who holds which address, and power by port.

use super::{
    gather::Values,
    tables::{As, Column, mac, rows, set_numbered, set_rows},
    tasks::below,
};
use rundgang_inventory::{Fields, Mac, Row, Value, vocabulary as v};
use rundgang_wire::snmp::Oid;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

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
/// dot1qVlanFdbId (RFC 4363), index time mark, VLAN: the filtering database that a VLAN learns in.
fn vlan_fdb_id() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 17, 7, 1, 4, 2, 1, 3])
}
/// dot1qVlanStaticTable (RFC 4363), index VLAN.
fn vlan_entry() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 17, 7, 1, 4, 3, 1])
}
/// dot1qPvid (RFC 4363), index bridge port: the VLAN of what comes in without a tag.
fn pvid() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 17, 7, 1, 4, 5, 1, 1])
}
/// What is read of VLANs, in one walk.
pub(super) fn vlan_columns() -> [Oid; 3] {
    [vlan_fdb_id(), vlan_entry().child(&[1]), pvid()]
}
/// ipNetToMediaPhysAddress (RFC 4293), index ifIndex, IPv4 address.
fn arp_column() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 4, 22, 1, 2])
}
/// ipNetToPhysicalPhysAddress (RFC 4293), index ifIndex, kind of address, length, address: IPv6, too.
fn neighbour_column() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 4, 35, 1, 4])
}
/// What is read of the holders of addresses, in one walk: many devices have only one of the two.
pub(super) fn arp_columns() -> [Oid; 2] {
    [arp_column(), neighbour_column()]
}
/// pethPsePortTable (RFC 3621), index group, port.
fn poe_port_entry() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 105, 1, 1, 1])
}
/// pethMainPseTable (RFC 3621), index group.
fn poe_supply_entry() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 105, 1, 3, 1, 1])
}
/// What is read of power by port, in one walk.
pub(super) fn poe_columns() -> Vec<Oid> {
    [below(&poe_port_entry(), &[6, 10]), below(&poe_supply_entry(), &[2, 4])].concat()
}
/// dot11StationConfigTable (IEEE 802.11), index ifIndex.
pub(super) fn wlan_entry() -> Oid {
    Oid::new(&[1, 2, 840, 10036, 1, 1, 1])
}

/// Sets every field of these tables that the values hold.
pub(super) fn set(fields: &mut Fields, values: &Values) {
    let bridge_ports = bridge_ports(values);
    set_rows(fields, &v::SNMP_FDB, learned(values, &bridge_ports));
    set_rows(fields, &v::SNMP_ARP, arp(values));
    let vlans = rows(values, &vlan_entry(), &[(1, "name", As::Text)]);
    set_numbered(fields, &v::SNMP_VLANS, vlans, &["vlan"]);
    set_rows(fields, &v::SNMP_PORT_VLANS, port_vlans(values, &bridge_ports));
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

/// ifIndex by bridge port.
fn bridge_ports(values: &Values) -> BTreeMap<i64, i64> {
    cells(values, &bridge_port_column())
        .filter_map(|(index, told)| Some((i64::from(*index.first()?), told.to_int()?)))
        .collect()
}

/// The cells of one column with their index.
fn cells<'v>(
    values: &'v Values,
    column: &Oid,
) -> impl Iterator<Item = (Vec<u32>, &'v rundgang_wire::snmp::Value)> + use<'v> {
    let column = column.clone();
    values
        .range(column.clone()..)
        .map_while(move |(oid, told)| oid.suffix(&column).map(|index| (index.to_vec(), told)))
}

/// dot1dTpFdbStatus and dot1qTpFdbStatus: the address was learned from traffic.
const LEARNED: i64 = 3;

fn learned(values: &Values, bridge_ports: &BTreeMap<i64, i64>) -> Vec<Row> {
    let columns: &[Column] = &[(2, "bridge_port", As::Int), (3, "status", As::Int)];
    let by_vlan = rows(values, &vlan_fdb_entry(), columns);
    let found = if by_vlan.is_empty() { rows(values, &plain_fdb_entry(), columns) } else { by_vlan };
    let databases = Databases::read(values);
    found
        .into_iter()
        .filter_map(|(index, mut row)| {
            let status = row.remove("status").as_ref().and_then(Value::as_int).unwrap_or(LEARNED);
            let bridge_port = row.get("bridge_port").and_then(Value::as_int)?;
            let (database, octets) = match index.as_slice() {
                [database, octets @ ..] if octets.len() == 6 => (Some(*database), octets),
                octets => (None, octets),
            };
            let mac = mac_of_index(octets).filter(|_| status == LEARNED)?;
            row.insert("mac".to_owned(), Value::Text(mac.to_string()));
            if let Some(vlan) = database.and_then(|database| databases.vlan(database)) {
                row.insert("vlan".to_owned(), Value::Int(vlan));
            }
            if let Some(&interface) = bridge_ports.get(&bridge_port) {
                row.insert("port".to_owned(), Value::Int(interface));
            }
            Some(row)
        })
        .collect()
}

/// Which VLAN learns in which filtering database. Most devices number them alike; some count their databases.
struct Databases(BTreeMap<u32, BTreeSet<u32>>);

impl Databases {
    fn read(values: &Values) -> Self {
        let mut known: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for (index, told) in cells(values, &vlan_fdb_id()) {
            let database = told.to_int().and_then(|number| u32::try_from(number).ok());
            if let (&[_, vlan], Some(database)) = (index.as_slice(), database) {
                known.entry(database).or_default().insert(vlan);
            }
        }
        Self(known)
    }

    /// The VLAN; none where several learn together, or where the number can be none.
    fn vlan(&self, database: u32) -> Option<i64> {
        let vlan = if self.0.is_empty() {
            database
        } else {
            let mut vlans = self.0.get(&database)?.iter();
            vlans.next().filter(|_| vlans.next().is_none()).copied()?
        };
        (1..=4094).contains(&vlan).then(|| i64::from(vlan))
    }
}

fn port_vlans(values: &Values, bridge_ports: &BTreeMap<i64, i64>) -> Vec<Row> {
    cells(values, &pvid())
        .filter_map(|(index, told)| {
            let port = bridge_ports.get(&i64::from(*index.first()?))?;
            let vlan = told.to_int().filter(|vlan| (1..=4094).contains(vlan))?;
            Some(Row::from([("port".to_owned(), Value::Int(*port)), ("pvid".to_owned(), Value::Int(vlan))]))
        })
        .collect()
}

fn octets_of(arcs: &[u32]) -> Option<Vec<u8>> {
    arcs.iter().map(|&arc| u8::try_from(arc).ok()).collect()
}

fn mac_of_index(arcs: &[u32]) -> Option<Mac> {
    mac(&octets_of(arcs)?)
}

/// Addresses and their holders, each once, whichever table tells.
fn arp(values: &Values) -> Vec<Row> {
    let old = cells(values, &arp_column()).filter_map(|(index, told)| {
        let (port, address) = index.split_first()?;
        let ip = <[u8; 4]>::try_from(octets_of(address)?).ok().map(Ipv4Addr::from)?;
        Some((*port, IpAddr::from(ip), mac(told.octets()?)?))
    });
    let new = cells(values, &neighbour_column()).filter_map(|(index, told)| {
        // InetAddressType: 1 is IPv4, 2 is IPv6; those with a zone add four octets and hold on one link alone.
        let [port, kind, length, address @ ..] = index.as_slice() else { return None };
        let octets = octets_of(address).filter(|octets| u32::try_from(octets.len()) == Ok(*length))?;
        let ip = match kind {
            1 => IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(octets).ok()?)),
            2 => IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(octets).ok()?)),
            _ => return None,
        };
        Some((*port, ip, mac(told.octets()?)?))
    });
    let all: BTreeSet<(u32, IpAddr, Mac)> = old.chain(new).collect();
    let row = |(port, ip, mac): (u32, IpAddr, Mac)| {
        Row::from([
            ("mac".to_owned(), Value::Text(mac.to_string())),
            ("ip".to_owned(), Value::Text(ip.to_string())),
            ("port".to_owned(), Value::Int(i64::from(port))),
        ])
    };
    all.into_iter().map(row).collect()
}
