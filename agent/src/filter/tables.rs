//! Tables about others (forwarding, ARP, LLDP): each row passes the filter by itself (promise P2).

use rundgang_inventory::{Fields, Mac, Row, Value, limits, vocabulary::SNMP_TRUNCATED};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

/// Tables whose `mac` column is the device's own.
const OWN: &[&str] = &["snmp.interfaces", "snmp.wlan"];

/// Tables about others whatever a row of theirs says: a neighbour without a MAC address is a neighbour, too.
const OTHERS: &[&str] = &["snmp.lldp_neighbours", "snmp.fdb", "snmp.arp"];

/// Who is kept themselves: their MAC addresses, and who is at which address.
#[derive(Default)]
pub(super) struct Known {
    pub(super) macs: BTreeSet<Mac>,
    /// Addresses at which one kept device alone was met.
    pub(super) at: BTreeMap<IpAddr, Mac>,
}

/// Who is at which address; of an address that two have been met at (segments count alike) nobody.
pub(super) fn at(met: impl Iterator<Item = (IpAddr, Mac)>) -> BTreeMap<IpAddr, Mac> {
    let mut all: BTreeMap<IpAddr, BTreeSet<Mac>> = BTreeMap::new();
    for (ip, mac) in met {
        all.entry(ip).or_default().insert(mac);
    }
    all.into_iter()
        .filter_map(|(ip, macs)| Some((ip, macs.first().copied().filter(|_| macs.len() == 1)?)))
        .collect()
}

/// Keeps rows about devices that are kept themselves; of all others a count per port remains.
pub(super) fn sift(fields: Fields, known: &Known) -> Fields {
    fields
        .into_iter()
        .map(|(name, value)| match value {
            Value::Table(rows)
                if OTHERS.contains(&name.as_str())
                    || (!OWN.contains(&name.as_str()) && rows.iter().any(tells_of_others)) =>
            {
                (name, Value::Table(sift_rows(rows, known)))
            }
            other => (name, other),
        })
        .collect()
}

/// Tables read over SNMP, and under which name it is told that there is more of them.
const NAMES: &[(&str, &str)] = &[
    ("snmp.arp", "arp"),
    ("snmp.entity", "entity"),
    ("snmp.fdb", "fdb"),
    ("snmp.interface_status", "interfaces"),
    ("snmp.interfaces", "interfaces"),
    ("snmp.lldp_neighbours", "neighbours"),
    ("snmp.poe_ports", "poe"),
    ("snmp.port_vlans", "vlans"),
    ("snmp.vlans", "vlans"),
];

/// Cuts to what may be kept, and says of a table that lost rows thereby that there is more of it.
pub(super) fn bound(fields: Fields) -> (Fields, usize) {
    let rows = |fields: &Fields, name: &str| match fields.named(name) {
        Some(Value::Table(rows)) => rows.len(),
        _ => 0,
    };
    let before: Vec<usize> = NAMES.iter().map(|(field, _)| rows(&fields, field)).collect();
    let (mut bounded, cut) = limits::bound(fields);
    let mut names: BTreeSet<String> = match bounded.get(&SNMP_TRUNCATED) {
        Some(Value::List(names)) => names.iter().cloned().collect(),
        _ => BTreeSet::new(),
    };
    let told = names.len();
    for (&(field, name), before) in NAMES.iter().zip(before) {
        if rows(&bounded, field) < before {
            names.insert(name.to_owned());
            // Saying so needs room, too: else the collector would cut it off.
            if let Some(Value::Table(mut rows)) = bounded.remove(field) {
                rows.truncate(rows.len().saturating_sub(SPARE_ROWS));
                bounded.set_named(field.to_owned(), Value::Table(rows));
            }
        }
    }
    if names.len() > told {
        bounded.set(&SNMP_TRUNCATED, Value::List(names.into_iter().collect()));
    }
    (bounded, cut)
}

/// So many rows take more room than the names of all tables.
const SPARE_ROWS: usize = 8;

fn tells_of_others(row: &Row) -> bool {
    ["mac", "chassis", "sys_name", "sys_descr"].iter().any(|name| row.contains_key(*name))
}

fn sift_rows(rows: Vec<Row>, known: &Known) -> Vec<Row> {
    let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
    let mut kept = Vec::new();
    for mut row in rows {
        // A neighbour that tells its address alone (CDP) is the kept device that was met there.
        if !row.contains_key("mac")
            && let Some(mac) = address_of(&row).and_then(|ip| known.at.get(&ip))
        {
            row.insert("mac".to_owned(), Value::Text(mac.to_string()));
        }
        if mac_of(&row).is_some_and(|mac| known.macs.contains(&mac)) {
            kept.push(row);
        } else {
            // A row without a port is counted under none.
            *counts.entry(row.get("port").and_then(Value::as_int).unwrap_or(0)).or_default() += 1;
        }
    }
    kept.extend(counts.into_iter().map(|(port, count)| {
        Row::from([("port".to_owned(), Value::Int(port)), ("count".to_owned(), Value::Int(count))])
    }));
    kept
}

fn address_of(row: &Row) -> Option<IpAddr> {
    row.get("ip")?.as_text()?.parse().ok()
}

fn mac_of(row: &Row) -> Option<Mac> {
    match row.get("mac")? {
        Value::Text(text) => text.parse().ok(),
        Value::Bytes(bytes) => bytes.as_slice().try_into().ok().map(Mac),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(mac: &str) -> Known {
        Known { macs: BTreeSet::from([mac.parse().unwrap()]), at: BTreeMap::new() }
    }

    /// CDP tells names and addresses, never a MAC address.
    #[test]
    fn a_neighbour_that_tells_its_address_is_the_kept_device_at_it() {
        let row = |ip: &str, name: &str| {
            let told = [("ip", Value::text(ip)), ("port", Value::Int(24)), ("sys_name", Value::text(name))];
            Row::from_iter(told.map(|(name, value)| (name.to_owned(), value)))
        };
        let mac = "00:11:32:5e:44:96";
        let mut known = known(mac);
        known.at.insert("10.1.0.2".parse().unwrap(), mac.parse().unwrap());
        let table = Value::Table(vec![row("10.1.0.2", "sw-og2"), row("10.1.0.77", "Telefon Anna")]);
        let sifted = sift(Fields::from_iter([("snmp.lldp_neighbours".to_owned(), table)]), &known);
        let mut kept = row("10.1.0.2", "sw-og2");
        kept.insert("mac".to_owned(), Value::text(mac));
        let count = Row::from([("port".to_owned(), Value::Int(24)), ("count".to_owned(), Value::Int(1))]);
        assert_eq!(sifted.named("snmp.lldp_neighbours"), Some(&Value::Table(vec![kept, count])));
    }

    #[test]
    fn a_table_that_outgrows_its_bound_says_so() {
        let learned = |number: usize| {
            let mac = format!("00:11:32:00:{:02x}:{:02x}", number >> 8, number & 255);
            let cells = [("mac", Value::text(mac)), ("port", Value::Int(7))];
            Row::from_iter(cells.map(|(name, value)| (name.to_owned(), value)))
        };
        for (many, expected) in [(limits::MAX_ROWS, None), (limits::MAX_ROWS + 1, Some("fdb"))] {
            let table = Value::Table((0..many).map(learned).collect());
            let (bounded, _) = bound(Fields::from_iter([("snmp.fdb".to_owned(), table)]));
            let told = expected.map(|name| Value::List(vec![name.to_owned()]));
            assert_eq!(bounded.get(&SNMP_TRUNCATED), told.as_ref(), "{many}");
            assert_eq!(bound(bounded.clone()), (bounded, 0), "cutting twice");
        }
    }

    #[test]
    fn a_neighbour_that_is_not_kept_is_counted_on_its_port() {
        let row = |pairs: &[(&str, &str)], port| {
            let named = pairs.iter().map(|(name, text)| ((*name).to_owned(), Value::text(text)));
            Row::from_iter(named.chain([("port".to_owned(), Value::Int(port))]))
        };
        let known = known("00:11:32:5e:44:96");
        let check = |rows: Vec<Row>, expected: Vec<Row>| {
            let fields = Fields::from_iter([("snmp.lldp_neighbours".to_owned(), Value::Table(rows))]);
            let sifted = sift(fields, &known);
            assert_eq!(sifted.named("snmp.lldp_neighbours"), Some(&Value::Table(expected)));
        };
        let count = |port, count| {
            Row::from([("port".to_owned(), Value::Int(port)), ("count".to_owned(), Value::Int(count))])
        };
        let uplink = row(&[("mac", "00:11:32:5e:44:96"), ("sys_name", "sw-og2")], 24);
        let phone = row(&[("mac", "a8:bb:cf:09:9b:bc"), ("sys_name", "Phone of Eva")], 3);
        let laptop = row(&[("chassis", "evas-laptop"), ("sys_name", "evas-laptop")], 3);
        let nameless = row(&[("sys_name", "iPad von Eva")], 5);
        check(vec![uplink.clone(), phone, laptop], vec![uplink, count(3, 2)]);
        // Also where no row of the table tells an address.
        check(vec![nameless], vec![count(5, 1)]);
    }

    /// A switch whose only neighbours are telephones that name themselves by their network address.
    #[test]
    fn neighbours_without_a_mac_become_counts() {
        let row = Row::from([
            ("port".to_owned(), Value::Int(7)),
            ("port_id".to_owned(), Value::text("a8:bb:cf:09:9b:bc")),
            ("sys_name".to_owned(), Value::text("Telefon Anna Schmidt")),
            ("ip".to_owned(), Value::text("10.20.1.5")),
        ]);
        for field in OTHERS {
            let table = Value::Table(vec![row.clone(), row.clone()]);
            let sifted = sift(Fields::from_iter([((*field).to_owned(), table)]), &Known::default());
            let count = Row::from([("port".to_owned(), Value::Int(7)), ("count".to_owned(), Value::Int(2))]);
            assert_eq!(sifted.named(field), Some(&Value::Table(vec![count])), "{field}");
        }
    }

    #[test]
    fn rows_about_unknown_devices_become_counts_per_port() {
        let row = |mac: &str, port| {
            Row::from([("mac".to_owned(), Value::text(mac)), ("port".to_owned(), Value::Int(port))])
        };
        let known = known("00:11:32:5e:44:96");
        let table = Value::Table(vec![
            row("00:11:32:5e:44:96", 1),
            row("a8:bb:cf:09:9b:bc", 2),
            row("3e:c6:81:80:b8:f5", 2),
            row("nonsense", 3),
        ]);
        let fields = Fields::from_iter([
            ("snmp.fdb".to_owned(), table.clone()),
            ("snmp.interfaces".to_owned(), table.clone()),
        ]);
        let sifted = sift(fields, &known);
        let count = |port, count| {
            Row::from([("port".to_owned(), Value::Int(port)), ("count".to_owned(), Value::Int(count))])
        };
        let expected = Value::Table(vec![row("00:11:32:5e:44:96", 1), count(2, 2), count(3, 1)]);
        assert_eq!(sifted.named("snmp.fdb"), Some(&expected));
        assert_eq!(sifted.named("snmp.interfaces"), Some(&table), "its own interfaces");
        assert!(!format!("{expected:?}").contains("a8:bb"));
    }
}
