//! Which port gives power: sockets are counted per unit of a stack, interfaces are not.

use super::{Port, int, text};
use crate::{Fields, Row, Value, vocabulary::SNMP_POE_PORTS};
use std::collections::{BTreeMap, BTreeSet};

/// Tells each port how it stands with power. In a stack the same number stands for a socket of every unit: there the
/// interface's name decides (`Gi2/0/5` is port 5 of unit 2), and where it tells nothing no port is told anything.
pub(super) fn set(ports: &mut BTreeMap<i64, Port>, fields: &Fields, own_number: impl Fn(i64) -> i64) {
    let Some(Value::Table(rows)) = fields.get(&SNMP_POE_PORTS) else { return };
    let place = |row: &Row| Some((int(row, "group").unwrap_or(1), int(row, "port")?));
    let places: Vec<(i64, i64)> = rows.iter().filter_map(place).collect();
    let numbers: BTreeSet<i64> = places.iter().map(|(_, port)| *port).collect();
    let is_ambiguous = numbers.len() < places.len();
    for row in rows {
        let Some((group, number)) = place(row) else { continue };
        let at = of_unit(ports, group, number).or_else(|| (!is_ambiguous).then(|| own_number(number)));
        if let Some(port) = at.and_then(|at| ports.get_mut(&at)) {
            port.poe = text(row, "status").unwrap_or_default().to_owned();
        }
    }
}

/// The one interface whose name speaks of this unit and this port; of several slots of a unit the first.
fn of_unit(ports: &BTreeMap<i64, Port>, unit: i64, number: i64) -> Option<i64> {
    let slot = |name: &str| match numbers(name).as_slice() {
        [first, between @ .., last] if (*first, *last) == (unit, number) => Some(between.to_vec()),
        _ => None,
    };
    let mut found: Vec<(Vec<i64>, i64)> =
        ports.iter().filter_map(|(at, port)| Some((slot(&port.name)?, *at))).collect();
    found.sort();
    match found.as_slice() {
        [(first, _), (next, _), ..] if first == next => None,
        [(_, at), ..] => Some(*at),
        [] => None,
    }
}

/// The numbers in a name, in order.
fn numbers(name: &str) -> Vec<i64> {
    name.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}
