//! From variables to fields: the standard MIBs that the probes read, object by object.

use super::gather::Values;
use rundgang_inventory::{Field, Fields, Mac, Row, Value, vocabulary as v};
use rundgang_wire::snmp::{Oid, Value as Told};

/// `system` (RFC 3418), the first Get.
pub(super) const SYS_DESCR: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 1, 0];
/// sysObjectID.
pub(super) const SYS_OBJECT_ID: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 2, 0];
const SYS_UPTIME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 3, 0];
const SYS_CONTACT: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 4, 0];
const SYS_NAME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 5, 0];
const SYS_LOCATION: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 6, 0];
const SYS_SERVICES: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 7, 0];

const HR_MEMORY_SIZE: &[u32] = &[1, 3, 6, 1, 2, 1, 25, 2, 2, 0];
const HR_DEVICE_DESCR: &[u32] = &[1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 3, 1];
const PRT_PRINTER_NAME: &[u32] = &[1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 16, 1];
const PRT_SERIAL: &[u32] = &[1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 17, 1];
const PRT_LIFE_COUNT: &[u32] = &[1, 3, 6, 1, 2, 1, 43, 10, 2, 1, 4, 1, 1];
const UPS_MAKER: &[u32] = &[1, 3, 6, 1, 2, 1, 33, 1, 1, 1, 0];
const UPS_MODEL: &[u32] = &[1, 3, 6, 1, 2, 1, 33, 1, 1, 2, 0];
const UPS_FIRMWARE: &[u32] = &[1, 3, 6, 1, 2, 1, 33, 1, 1, 3, 0];
const UPS_AGENT: &[u32] = &[1, 3, 6, 1, 2, 1, 33, 1, 1, 4, 0];
const BRIDGE_ADDRESS: &[u32] = &[1, 3, 6, 1, 2, 1, 17, 1, 1, 0];
const ENT_PHYSICAL: &[u32] = &[1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1];

/// The objects of the first Get.
pub(super) fn base() -> Vec<Oid> {
    [SYS_OBJECT_ID, SYS_DESCR, SYS_NAME, SYS_UPTIME, SYS_LOCATION, SYS_CONTACT, SYS_SERVICES]
        .map(Oid::new)
        .to_vec()
}

/// Named objects of the standard MIBs that identify a device of any sort, the most telling first.
pub(super) fn identity() -> Vec<Oid> {
    let entity = |column: u32| Oid::new(ENT_PHYSICAL).child(&[column, 1]);
    let mut oids = vec![Oid::new(PRT_SERIAL), Oid::new(HR_DEVICE_DESCR), entity(11), entity(13)];
    oids.extend([2, 5, 7, 8, 9, 10, 12].map(entity));
    let rest = [
        PRT_PRINTER_NAME,
        PRT_LIFE_COUNT,
        UPS_MODEL,
        UPS_MAKER,
        UPS_FIRMWARE,
        UPS_AGENT,
        BRIDGE_ADDRESS,
        HR_MEMORY_SIZE,
    ];
    oids.extend(rest.map(Oid::new));
    oids
}

/// How a variable becomes a value.
#[derive(Clone, Copy)]
pub(super) enum As {
    Text,
    Int,
    Mac,
    Oid,
    /// A number that stands for a word.
    Word(&'static [(i64, &'static str)]),
}

impl As {
    pub(super) fn read(self, told: &Told) -> Option<Value> {
        match self {
            Self::Text => {
                let text = Value::text(told.to_text()?);
                text.as_text().is_some_and(|text| !text.is_empty()).then_some(text)
            }
            Self::Int => told.to_int().map(Value::Int),
            Self::Mac => mac(told.octets()?).map(|mac| Value::Text(mac.to_string())),
            Self::Oid => told.to_oid().map(|oid| Value::Text(oid.to_string())),
            Self::Word(words) => {
                let number = told.to_int()?;
                let word = words.iter().find(|(known, _)| *known == number);
                Some(Value::Text(word.map_or_else(|| number.to_string(), |(_, word)| (*word).to_owned())))
            }
        }
    }
}

/// A MAC address from six octets or from its text; what can be nobody's address is left out.
pub(super) fn mac(octets: &[u8]) -> Option<Mac> {
    let mac = match <[u8; 6]>::try_from(octets) {
        Ok(octets) => Mac(octets),
        Err(_) => std::str::from_utf8(octets).ok()?.trim().parse().ok()?,
    };
    (mac.0 != [0; 6] && !mac.is_group()).then_some(mac)
}

/// Objects that stand alone: object, field, how to read it.
const SCALARS: &[(&[u32], &Field, As)] = &[
    (SYS_DESCR, &v::SNMP_SYS_DESCR, As::Text),
    (SYS_OBJECT_ID, &v::SNMP_SYS_OBJECT_ID, As::Oid),
    (SYS_UPTIME, &v::SNMP_SYS_UPTIME, As::Int),
    (SYS_CONTACT, &v::SNMP_SYS_CONTACT, As::Text),
    (SYS_NAME, &v::SNMP_SYS_NAME, As::Text),
    (SYS_LOCATION, &v::SNMP_SYS_LOCATION, As::Text),
    (SYS_SERVICES, &v::SNMP_SYS_SERVICES, As::Int),
    (HR_MEMORY_SIZE, &v::SNMP_MEMORY_KB, As::Int),
    (HR_DEVICE_DESCR, &v::SNMP_DEVICE_DESCR, As::Text),
    (PRT_PRINTER_NAME, &v::SNMP_PRINTER_NAME, As::Text),
    (PRT_SERIAL, &v::SNMP_PRINTER_SERIAL, As::Text),
    (PRT_LIFE_COUNT, &v::SNMP_PAGE_COUNT, As::Int),
    (UPS_MAKER, &v::SNMP_UPS_MAKER, As::Text),
    (UPS_MODEL, &v::SNMP_UPS_MODEL, As::Text),
    (UPS_FIRMWARE, &v::SNMP_UPS_FIRMWARE, As::Text),
    (UPS_AGENT, &v::SNMP_UPS_AGENT, As::Text),
    (BRIDGE_ADDRESS, &v::SNMP_BASE_MAC, As::Mac),
];

/// The fields of the objects that stand alone.
pub(super) fn scalars(values: &Values) -> Fields {
    let mut fields = Fields::new();
    for (oid, field, read) in SCALARS {
        if let Some(value) = values.get(&Oid::new(oid)).and_then(|told| read.read(told)) {
            fields.set(field, value);
        }
    }
    fields
}

/// A column of a table: its last arc, its name in the row, how to read it.
pub(super) type Column = (u32, &'static str, As);

/// The rows of a table whose entry is `entry`, by index, in order of the index.
pub(super) fn rows(values: &Values, entry: &Oid, columns: &[Column]) -> Vec<(Vec<u32>, Row)> {
    let mut rows: std::collections::BTreeMap<Vec<u32>, Row> = std::collections::BTreeMap::new();
    for &(arc, name, read) in columns {
        let column = entry.child(&[arc]);
        let cells = values.range(column.clone()..).take_while(|(oid, _)| oid.is_below(&column));
        for (oid, told) in cells {
            let Some(index) = oid.suffix(&column) else { continue };
            let row = rows.entry(index.to_vec()).or_default();
            if let Some(value) = read.read(told) {
                row.insert(name.to_owned(), value);
            }
        }
    }
    rows.into_iter().collect()
}

/// IANAPhysicalClass (RFC 6933).
const CLASSES: &[(i64, &str)] = &[
    (1, "other"),
    (2, "unknown"),
    (3, "chassis"),
    (4, "backplane"),
    (5, "container"),
    (6, "powerSupply"),
    (7, "fan"),
    (8, "sensor"),
    (9, "module"),
    (10, "port"),
    (11, "stack"),
    (12, "cpu"),
];

/// entPhysicalTable.
pub(super) fn entity_entry() -> Oid {
    Oid::new(ENT_PHYSICAL)
}

/// entPhysicalClass and entPhysicalSerialNum: they decide which rows are worth reading.
pub(super) const ENTITY_FIRST: [u32; 2] = [5, 11];
/// The columns read of the rows chosen.
pub(super) const ENTITY_REST: [u32; 7] = [2, 7, 8, 9, 10, 12, 13];
/// No more parts than this are kept of one device.
const MAX_PARTS: usize = 24;

/// The index of the parts worth reading: chassis and stacks first, then other parts with a serial number.
pub(super) fn entity_rows(values: &Values) -> Vec<u32> {
    let columns: [Column; 2] = [(5, "class", As::Int), (11, "serial", As::Text)];
    let mut chosen: Vec<(u8, u32)> = rows(values, &entity_entry(), &columns)
        .into_iter()
        .filter_map(|(index, row)| {
            let &[index] = index.as_slice() else { return None };
            let class = row.get("class").and_then(Value::as_int).unwrap_or_default();
            let rank = match class {
                3 => 0,
                11 => 1,
                _ if index == 1 => 2,
                6 | 9 if row.contains_key("serial") => 3,
                // Some agents leave the class out, or say "other", of the very box.
                0..=2 if row.contains_key("serial") => 4,
                _ => return None,
            };
            Some((rank, index))
        })
        .collect();
    chosen.sort_unstable();
    chosen.truncate(MAX_PARTS);
    chosen.into_iter().map(|(_, index)| index).collect()
}

/// Rows with the number of their index in a column of its own; rows of which nothing else is known are left out.
fn numbered(rows: Vec<(Vec<u32>, Row)>, columns: &[&str]) -> Vec<Row> {
    rows.into_iter()
        .filter(|(_, row)| !row.is_empty())
        .map(|(index, mut row)| {
            // The last arcs of the index are the columns' numbers: group and port, or the row alone.
            let numbers = index.iter().rev().take(columns.len()).rev();
            for (name, number) in columns.iter().zip(numbers) {
                row.insert((*name).to_owned(), Value::Int(i64::from(*number)));
            }
            row
        })
        .collect()
}

fn set_table(fields: &mut Fields, field: &'static Field, rows: Vec<Row>) {
    if !rows.is_empty() {
        fields.set(field, Value::Table(rows));
    }
}

/// Parts with what is known of them; rows that say nothing but their class are left out.
fn entity(values: &Values) -> Vec<Row> {
    let columns: &[Column] = &[
        (2, "descr", As::Text),
        (5, "class", As::Word(CLASSES)),
        (7, "name", As::Text),
        (8, "hardware", As::Text),
        (9, "firmware", As::Text),
        (10, "software", As::Text),
        (11, "serial", As::Text),
        (12, "maker", As::Text),
        (13, "model", As::Text),
    ];
    let kept = entity_rows(values);
    let all = rows(values, &entity_entry(), columns)
        .into_iter()
        .filter(|(index, row)| {
            let known = row.keys().any(|name| name != "class");
            known && index.first().is_some_and(|number| kept.contains(number) || *number == 1)
        })
        .collect();
    numbered(all, &["index"])
}

/// ifOperStatus (RFC 2863).
const OPER_STATUS: &[(i64, &str)] = &[
    (1, "up"),
    (2, "down"),
    (3, "testing"),
    (4, "unknown"),
    (5, "dormant"),
    (6, "notPresent"),
    (7, "lowerLayerDown"),
];

/// ifTable and ifXTable.
pub(super) fn interface_entries() -> [Oid; 2] {
    [Oid::new(&[1, 3, 6, 1, 2, 1, 2, 2, 1]), Oid::new(&[1, 3, 6, 1, 2, 1, 31, 1, 1, 1])]
}

/// What interfaces are, and how they stand.
fn interfaces(values: &Values) -> (Vec<Row>, Vec<Row>) {
    let [plain, extended] = interface_entries();
    let mut known: std::collections::BTreeMap<Vec<u32>, (Row, Row)> = std::collections::BTreeMap::new();
    let identity: &[Column] = &[(2, "descr", As::Text), (3, "type", As::Int), (6, "mac", As::Mac)];
    for (index, row) in rows(values, &plain, identity) {
        known.entry(index).or_default().0.extend(row);
    }
    for (index, row) in rows(values, &extended, &[(1, "name", As::Text), (18, "alias", As::Text)]) {
        known.entry(index).or_default().0.extend(row);
    }
    for (index, mut row) in
        rows(values, &plain, &[(5, "speed", As::Int), (8, "status", As::Word(OPER_STATUS))])
    {
        // ifSpeed counts bits, the column megabits.
        if let Some(bits) = row.get("speed").and_then(Value::as_int) {
            row.insert("speed".to_owned(), Value::Int(bits / 1_000_000));
        }
        known.entry(index).or_default().1.extend(row);
    }
    for (index, row) in rows(values, &extended, &[(15, "speed", As::Int)]) {
        // Some agents leave ifHighSpeed at zero where ifSpeed is right.
        if row.get("speed").and_then(Value::as_int).is_some_and(|speed| speed > 0) {
            known.entry(index).or_default().1.extend(row);
        }
    }
    let (identity, status): (Vec<_>, Vec<_>) = known
        .into_iter()
        .map(|(index, (identity, status))| ((index.clone(), identity), (index, status)))
        .unzip();
    (numbered(identity, &["index"]), numbered(status, &["index"]))
}

/// prtMarkerSuppliesTable.
pub(super) fn supplies_entry() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 43, 11, 1, 1])
}

fn supplies(values: &Values) -> Vec<Row> {
    let columns: &[Column] =
        &[(5, "type", As::Int), (6, "descr", As::Text), (8, "max", As::Int), (9, "level", As::Int)];
    numbered(rows(values, &supplies_entry(), columns), &["index"])
}

/// hrDeviceType and hrDeviceDescr.
pub(super) fn device_entry() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 25, 3, 2, 1])
}

/// What a printer calls itself: the description of the first device of type hrDevicePrinter.
fn printer_device(values: &Values) -> Option<Value> {
    let columns: &[Column] = &[(2, "type", As::Oid), (3, "descr", As::Text)];
    rows(values, &device_entry(), columns)
        .into_iter()
        .find(|(_, row)| row.get("type").and_then(Value::as_text) == Some("1.3.6.1.2.1.25.3.1.5"))
        .and_then(|(_, mut row)| row.remove("descr"))
}

/// Every field that the values hold.
pub(super) fn fields(values: &Values) -> Fields {
    let mut fields = scalars(values);
    if let Some(descr) = printer_device(values) {
        fields.set(&v::SNMP_DEVICE_DESCR, descr);
    }
    set_table(&mut fields, &v::SNMP_ENTITY, entity(values));
    let (identity, status) = interfaces(values);
    set_table(&mut fields, &v::SNMP_INTERFACES, identity);
    set_table(&mut fields, &v::SNMP_INTERFACE_STATUS, status);
    set_table(&mut fields, &v::SNMP_SUPPLIES, supplies(values));
    super::forwarding::set(&mut fields, values);
    super::neighbours::set(&mut fields, values);
    fields
}

/// Numbers the rows and sets the field, for tables elsewhere.
pub(super) fn set_numbered(
    fields: &mut Fields,
    field: &'static Field,
    rows: Vec<(Vec<u32>, Row)>,
    columns: &[&str],
) {
    set_table(fields, field, numbered(rows, columns));
}

/// Sets the field unless the table is empty, for tables elsewhere.
pub(super) fn set_rows(fields: &mut Fields, field: &'static Field, rows: Vec<Row>) {
    set_table(fields, field, rows);
}
