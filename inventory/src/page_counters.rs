//! Where makers count pages by purpose (black, colour, printed, copied) in their own SNMP branches: data and how it is read.

use crate::snmp_tables;
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// Which objects: data.
const FILE: &str = include_str!("../fingerprints/counters.toml");

/// What is counted, in the order shown.
pub const PURPOSES: [&str; 9] =
    ["total", "mono", "colour", "print", "print-mono", "print-colour", "copy", "copy-mono", "copy-colour"];

/// One counter of a maker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What it counts, one of [`PURPOSES`].
    pub what: &'static str,
    /// The objects that are added up.
    pub oids: Vec<Vec<u32>>,
    /// sysObjectIDs it applies to.
    of: Vec<Vec<u32>>,
}

#[derive(Deserialize)]
struct File {
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    /// For people.
    #[serde(rename = "vendor")]
    _vendor: String,
    of: Vec<String>,
    #[serde(flatten)]
    counters: BTreeMap<String, Vec<String>>,
}

fn read_file(text: &str) -> Result<Vec<Counter>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let arcs =
        |texts: &[String]| texts.iter().map(|text| snmp_tables::arcs(text)).collect::<Result<Vec<_>, _>>();
    let mut counters = Vec::new();
    for entry in file.entry {
        if let Some(stranger) = entry.counters.keys().find(|name| !PURPOSES.contains(&name.as_str())) {
            return Err(format!("'{stranger}' is nothing that is counted"));
        }
        for what in PURPOSES {
            if let Some(texts) = entry.counters.get(what) {
                counters.push(Counter { what, oids: arcs(texts)?, of: arcs(&entry.of)? });
            }
        }
    }
    Ok(counters)
}

/// A test reads the file, so a broken one cannot be released; should it be broken all the same, it says nothing.
static COUNTERS: LazyLock<Vec<Counter>> = LazyLock::new(|| read_file(FILE).unwrap_or_default());

/// The counters worth asking a device with this sysObjectID for, in the order shown.
pub fn of(sys_object_id: &[u32]) -> impl Iterator<Item = &'static Counter> {
    COUNTERS.iter().filter(move |counter| counter.of.iter().any(|of| sys_object_id.starts_with(of)))
}

/// What a device counted: of each counter the sum of the objects that it told, in the order shown.
pub fn read(sys_object_id: &[u32], told: impl Fn(&[u32]) -> Option<i64>) -> Vec<(&'static str, i64)> {
    of(sys_object_id)
        .filter_map(|counter| {
            let pages: Vec<i64> = counter.oids.iter().filter_map(|oid| told(oid)).collect();
            // A negative number stands for a word: unknown, not counted.
            let known = !pages.is_empty() && pages.iter().all(|pages| *pages >= 0);
            known.then(|| (counter.what, pages.iter().fold(0, |sum: i64, pages| sum.saturating_add(*pages))))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_reads_and_asks_nobody_for_too_much() {
        let counters = read_file(FILE).unwrap();
        assert!(counters.len() > 20);
        for counter in &counters {
            assert!(counter.of.iter().all(|of| of.len() >= 7), "too short a sysObjectID: {counter:?}");
            let objects: usize = of(&counter.of[0]).map(|counter| counter.oids.len()).sum();
            assert!((1..=24).contains(&objects), "one answer holds them all: {counter:?}");
        }
        let stranger = "[[entry]]\nvendor = 'X'\nof = ['1']\nstaples = ['1.2']\n";
        assert_eq!(read_file(stranger).err().as_deref(), Some("'staples' is nothing that is counted"));
    }

    #[test]
    fn counters_are_added_up_from_what_a_device_tells() {
        let check = |id: &str, told: &[(&str, i64)], expected: &[(&str, i64)]| {
            let told: BTreeMap<Vec<u32>, i64> =
                told.iter().map(|(oid, pages)| (snmp_tables::arcs(oid).unwrap(), *pages)).collect();
            let id = snmp_tables::arcs(id).unwrap();
            assert_eq!(read(&id, |oid| told.get(oid).copied()), expected);
        };
        let canon = [
            ("1602.1.11.1.3.1.4.101", 1000),
            ("1602.1.11.1.3.1.4.112", 100),
            ("1602.1.11.1.3.1.4.113", 500),
            ("1602.1.11.1.3.1.4.123", 400),
        ];
        check("1602.4.7", &canon, &[("total", 1000), ("mono", 600), ("colour", 400)]);
        check("11.2.3.9.1", &[("11.2.3.9.4.2.1.4.1.2.7.0", -2)], &[]);
        check("99999.1", &canon, &[]);
    }
}
