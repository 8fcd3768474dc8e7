//! Who is heard on which port: neighbours by LLDP and CDP, and the interface of ours that each is on.

use super::{
    gather::Values,
    tables::{As, Column, interface_entries, mac, rows, set_rows},
    tasks::below,
};
use rundgang_inventory::{Fields, Row, Value, vocabulary as v};
use rundgang_wire::snmp::Oid;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};

/// lldpRemTable (IEEE 802.1AB-2005), index time mark, local port, number.
fn lldp_entry() -> Oid {
    Oid::new(&[1, 0, 8802, 1, 1, 2, 1, 4, 1, 1])
}
/// lldpRemManAddrTable; the address is part of the index.
fn lldp_address_column() -> Oid {
    Oid::new(&[1, 0, 8802, 1, 1, 2, 1, 4, 2, 1, 3])
}
/// What is read of LLDP neighbours, in one walk.
pub(super) fn lldp_columns() -> Vec<Oid> {
    let mut columns = below(&lldp_entry(), &[4, 5, 6, 7, 8, 9, 10, 12]);
    columns.push(lldp_address_column());
    columns
}
/// lldpLocPortTable, index local port: what the device calls the ports that its neighbours are on.
fn lldp_port_entry() -> Oid {
    Oid::new(&[1, 0, 8802, 1, 1, 2, 1, 3, 7, 1])
}
/// cdpCacheTable (CISCO-CDP-MIB), index ifIndex, number.
fn cdp_entry() -> Oid {
    Oid::new(&[1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1])
}
/// What is read of CDP neighbours, in one walk.
pub(super) fn cdp_columns() -> Vec<Oid> {
    below(&cdp_entry(), &[4, 6, 7, 8])
}

/// So many ports with neighbours are looked up by name; with SNMPv1 each missing name costs a request.
const PORTS: usize = 64;
const PORTS_SINGLE: usize = 8;

/// The objects that tell which ports the neighbours are on.
pub(super) fn local_ports(values: &Values, single: bool) -> Vec<Oid> {
    let ports: BTreeSet<u32> = rows(values, &lldp_entry(), &[(4, "subtype", As::Int), (7, "id", As::Text)])
        .into_iter()
        .filter_map(|(index, _)| index.get(1).copied())
        .collect();
    let entry = lldp_port_entry();
    let most = if single { PORTS_SINGLE } else { PORTS };
    ports
        .into_iter()
        .take(most)
        .flat_map(|port| [2, 3, 4].map(|column| entry.child(&[column, port])))
        .collect()
}

/// Sets the neighbours that the values hold: those by LLDP, and those by CDP that LLDP does not tell.
pub(super) fn set(fields: &mut Fields, values: &Values) {
    let interfaces = Interfaces::read(values);
    let mut all = lldp(values, &interfaces);
    let by_cdp: Vec<Row> =
        cdp(values).into_iter().filter(|row| !all.iter().any(|known| is_same(known, row))).collect();
    all.extend(by_cdp);
    set_rows(fields, &v::SNMP_LLDP_NEIGHBOURS, all);
}

/// What is known of interfaces, to find one by what LLDP calls it.
struct Interfaces(Vec<(i64, Row)>);

impl Interfaces {
    fn read(values: &Values) -> Self {
        let [plain, extended] = interface_entries();
        let mut known: BTreeMap<i64, Row> = BTreeMap::new();
        let columns: [(&Oid, &[Column]); 2] = [
            (&plain, &[(2, "descr", As::Text), (6, "mac", As::Mac)]),
            (&extended, &[(1, "name", As::Text), (18, "alias", As::Text)]),
        ];
        for (entry, columns) in columns {
            for (index, row) in rows(values, entry, columns) {
                if let &[index] = index.as_slice() {
                    known.entry(i64::from(index)).or_default().extend(row);
                }
            }
        }
        Self(known.into_iter().collect())
    }

    /// The one interface of which one of these columns says this, whatever the case.
    fn only(&self, columns: &[&str], text: &str) -> Option<i64> {
        let text = text.trim();
        let says = |row: &Row| {
            let mut told = columns.iter().filter_map(|column| row.get(*column).and_then(Value::as_text));
            told.any(|told| told.eq_ignore_ascii_case(text))
        };
        let mut found =
            self.0.iter().filter(|(_, row)| !text.is_empty() && says(row)).map(|(index, _)| *index);
        found.next().filter(|_| found.next().is_none())
    }

    /// The interface behind a port of LLDP, by its own name and description.
    fn of_local_port(&self, values: &Values, port: u32) -> Option<i64> {
        let told = |column: u32| values.get(&lldp_port_entry().child(&[column, port]));
        let text = |column: u32, read: As| {
            let value = told(column).and_then(|told| read.read(told))?;
            value.as_text().map(str::to_owned)
        };
        let id = match told(2).and_then(rundgang_wire::snmp::Value::to_int) {
            Some(PORT_IS_ALIAS) => text(3, As::Text).and_then(|id| self.only(&["alias"], &id)),
            Some(PORT_IS_MAC) => text(3, As::Mac).and_then(|id| self.only(&["mac"], &id)),
            Some(PORT_IS_NAME) => text(3, As::Text)
                .and_then(|id| self.only(&["name"], &id).or_else(|| self.only(&["descr"], &id))),
            // A word of the maker's own: mostly the interface's name, with some its number, which then is the port's, too.
            Some(PORT_IS_LOCAL) => text(3, As::Text).and_then(|id| {
                let number = || id.parse::<u32>().ok().filter(|number| *number == port).map(i64::from);
                let by_number = || number().filter(|number| self.0.iter().any(|(index, _)| index == number));
                self.only(&["name"], &id).or_else(|| self.only(&["descr"], &id)).or_else(by_number)
            }),
            _ => None,
        };
        let descr = || text(4, As::Text);
        id.or_else(|| descr().and_then(|descr| self.only(&["name"], &descr)))
            .or_else(|| descr().and_then(|descr| self.only(&["descr"], &descr)))
            .or_else(|| descr().and_then(|descr| self.only(&["alias"], &descr)))
    }
}

/// LldpChassisIdSubtype and LldpPortIdSubtype of MAC addresses.
const CHASSIS_IS_MAC: i64 = 4;
const PORT_IS_MAC: i64 = 3;
/// The others of LldpPortIdSubtype that may name an interface.
const PORT_IS_ALIAS: i64 = 1;
const PORT_IS_NAME: i64 = 5;
const PORT_IS_LOCAL: i64 = 7;

fn lldp(values: &Values, interfaces: &Interfaces) -> Vec<Row> {
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
            if let Some(interface) = interfaces.of_local_port(values, port) {
                row.insert("interface".to_owned(), Value::Int(interface));
            }
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

/// Neighbours by CDP. Their MAC address is not told; where a device goes by its MAC address, that is its name.
fn cdp(values: &Values) -> Vec<Row> {
    let entry = cdp_entry();
    let columns: &[Column] =
        &[(6, "sys_name", As::Text), (7, "port_id", As::Text), (8, "sys_descr", As::Text)];
    rows(values, &entry, columns)
        .into_iter()
        .filter_map(|(index, mut row)| {
            let &[interface, _] = index.as_slice() else { return None };
            let told =
                |arc: u32| values.get(&entry.child(&[arc]).child(&index)).and_then(|told| told.octets());
            // Six letters are a name.
            let is_name = |octets: &&[u8]| octets.len() == 6 && octets.is_ascii();
            if let Some(mac) = told(6).filter(|octets| !is_name(octets)).and_then(mac) {
                row.remove("sys_name");
                row.insert("mac".to_owned(), Value::Text(mac.to_string()));
            }
            let ip = told(4).and_then(|octets| <[u8; 4]>::try_from(octets).ok()).map(Ipv4Addr::from);
            if let Some(ip) = ip.filter(|ip| !ip.is_unspecified()) {
                row.insert("ip".to_owned(), Value::Text(ip.to_string()));
            }
            for name in ["port", "interface"] {
                row.insert(name.to_owned(), Value::Int(i64::from(interface)));
            }
            Some(row)
        })
        .collect()
}

/// Whether two rows tell of one neighbour: on one port, as far as both ports are known, with one name or address.
fn is_same(one: &Row, other: &Row) -> bool {
    let text = |row: &Row, name: &str| row.get(name).and_then(Value::as_text).map(str::to_ascii_lowercase);
    let elsewhere = one.get("interface").is_some_and(|interface| other.get("interface") != Some(interface));
    // CDP adds the domain to the name, LLDP mostly does not.
    let name =
        |row: &Row| text(row, "sys_name").map(|name| name.split('.').next().unwrap_or_default().to_owned());
    let equal = |one: Option<String>, other: Option<String>| one.is_some() && one == other;
    !elsewhere
        && (equal(name(one), name(other))
            || equal(text(one, "ip"), text(other, "ip"))
            || equal(text(one, "mac"), text(other, "mac")))
}
