//! What a printer counted for whom: pages in black and in colour, printed and copied, from its maker's own objects.

use super::gather::Values;
use rundgang_inventory::{Fields, Row, Value, page_counters, vocabulary as v};
use rundgang_wire::snmp::Oid;

/// Sets the counters that the values hold.
pub(super) fn set(fields: &mut Fields, values: &Values, sys_object_id: &Oid) {
    let told = |oid: &[u32]| values.get(&Oid::new(oid))?.to_int();
    let rows: Vec<Row> = page_counters::read(sys_object_id.arcs(), told)
        .into_iter()
        .map(|(what, pages)| {
            Row::from([("what".to_owned(), Value::text(what)), ("pages".to_owned(), Value::Int(pages))])
        })
        .collect();
    if !rows.is_empty() {
        fields.set(&v::SNMP_PAGE_COUNTERS, Value::Table(rows));
    }
}
