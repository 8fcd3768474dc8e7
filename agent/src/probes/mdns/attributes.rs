//! What is kept of an instance: its type, name, port, host and the attributes that tell what it is.

use super::super::evidence::{put_int, put_text};
use super::{gather::Instance, names::service_of};
use rundgang_inventory::{
    Fields, Row, Value,
    value::clean_text,
    vocabulary::{MDNS_INSTANCES, MDNS_TXT},
};
use std::collections::BTreeSet;

/// Attributes kept of one instance.
const MAX_PAIRS: usize = 48;

/// TXT keys that are never kept: keys and identifiers of sessions and pairings, those that rotate, and those that
/// tell what somebody is doing right now (promise P5).
const LEFT_OUT: &[&str] = &[
    "pk",
    "pi",
    "psi",
    "gid",
    "igl",
    "gcgl",
    "pgid",
    "pgcgl",
    "tsid",
    "hgid",
    "hmid",
    "hkid",
    "btaddr",
    "fex",
    "flags",
    "sf",
    "bs",
    "nf",
    "rs",
    "st",
    "s#",
    "c#",
    "sh",
    "ss",
    "rpba",
    "rpad",
    "rphi",
    "rpha",
    "rphn",
    "rpmrtid",
    "rpfl",
    "rpmac",
    "rpvr",
    "printer-state",
    "qtotal",
    "priority",
    "machine id",
    "itsh version",
    "si",
    "seed",
    "n",
];

/// The instances of one host as evidence.
pub(super) fn instance_fields(instances: &[&Instance]) -> Fields {
    let mut rows = Vec::new();
    let mut lines = BTreeSet::new();
    for instance in instances {
        let service = service_of(&instance.labels[1..]).unwrap_or_default();
        let mut row = Row::new();
        put_text(&mut row, "type", Some(&service));
        put_text(&mut row, "instance", instance.labels.first());
        if let Some((port, target)) = &instance.service {
            put_int(&mut row, "port", *port);
            put_text(&mut row, "host", target.first());
        }
        let pairs: Vec<String> = instance.pairs.iter().flatten().filter_map(pair).take(MAX_PAIRS).collect();
        lines.extend(pairs.iter().map(|pair| format!("{service} {pair}")));
        if !pairs.is_empty() {
            row.insert("txt".to_owned(), Value::List(pairs));
        }
        rows.push(row);
    }
    let mut fields = Fields::new();
    if !rows.is_empty() {
        fields.set(&MDNS_INSTANCES, Value::Table(rows));
    }
    if !lines.is_empty() {
        fields.set(&MDNS_TXT, Value::List(lines.into_iter().collect()));
    }
    fields
}

/// `key=value`, cleaned; `None` for what is never kept.
fn pair((key, value): &(String, Option<String>)) -> Option<String> {
    if LEFT_OUT.contains(&key.to_ascii_lowercase().as_str()) {
        return None;
    }
    let value = clean_text(value.as_deref()?.as_bytes());
    (!value.is_empty()).then(|| format!("{}={value}", clean_text(key.as_bytes())))
}
