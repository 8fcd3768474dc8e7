//! WLAN from vendors' own tables: names of networks, and how many devices are joined, as a rounded number alone.

use super::{
    gather::{Values, Walk},
    tables::{As, rows},
};
use rundgang_inventory::{Fields, Value, batch, snmp_tables::says_something, vocabulary as v, wlan};
use rundgang_wire::snmp::Oid;
use std::collections::BTreeSet;

/// dot11PHYType (IEEE 802.11), index ifIndex.
fn standard_column() -> Oid {
    Oid::new(&[1, 2, 840, 10036, 4, 1, 1, 1])
}

/// Values of dot11PHYType.
const STANDARDS: &[(i64, &str)] =
    &[(4, "802.11a"), (5, "802.11b"), (6, "802.11g"), (7, "802.11n"), (9, "802.11ac"), (14, "802.11ax")];

/// What to walk of a device that offers WLAN.
pub(super) fn walks(sys_object_id: &Oid, rows: usize, single: bool) -> Vec<Walk> {
    let networks = wlan::tables(sys_object_id.arcs()).map(|table| {
        let entry = Oid::new(&table.entry);
        [table.ssid, table.clients].into_iter().flatten().map(|arc| entry.child(&[arc])).collect()
    });
    let standards = std::iter::once(vec![standard_column()]);
    networks.chain(standards).map(|columns| Walk::new(&columns, rows, single)).collect()
}

/// Sets what the values tell. The numbers are added up and rounded here: an exact one leaves no school (promise P3).
pub(super) fn set(fields: &mut Fields, values: &Values, sys_object_id: &Oid) {
    let mut names = BTreeSet::new();
    let mut clients: Option<u64> = None;
    for table in wlan::tables(sys_object_id.arcs()) {
        let known = [(table.ssid, "ssid", As::Text), (table.clients, "clients", As::Int)];
        let columns: Vec<_> =
            known.into_iter().filter_map(|(arc, name, read)| Some((arc?, name, read))).collect();
        for (_, row) in rows(values, &Oid::new(&table.entry), &columns) {
            let name = row.get("ssid").and_then(Value::as_text).filter(|name| says_something(name));
            names.extend(name.map(str::to_owned));
            if let Some(joined) = row.get("clients").and_then(Value::as_int) {
                let joined = u64::try_from(joined).unwrap_or_default();
                clients = Some(clients.unwrap_or_default().saturating_add(joined));
            }
        }
    }
    if !names.is_empty() {
        fields.set(&v::SNMP_WLAN_NETWORKS, Value::List(names.into_iter().collect()));
    }
    if let Some(clients) = clients {
        fields.set(&v::SNMP_WLAN_CLIENTS, Value::Text(batch::counter(clients)));
    }
    let column = standard_column();
    let told = values.range(column.clone()..).take_while(|(oid, _)| oid.is_below(&column));
    let standards: BTreeSet<&str> = told
        .filter_map(|(_, told)| {
            let number = told.to_int()?;
            STANDARDS.iter().find(|(known, _)| *known == number).map(|(_, word)| *word)
        })
        .collect();
    if !standards.is_empty() {
        let standards = standards.into_iter().map(str::to_owned).collect();
        fields.set(&v::SNMP_WLAN_STANDARDS, Value::List(standards));
    }
}
