//! Where vendors keep model, serial number and version in their own SNMP branches: data files and how they are read.
//!
//! A vendor is added by a few lines in `fingerprints/snmp/*.toml`, without code. See `fingerprints/snmp/README.md`.

use crate::{Field, Fields, Mac, Value, value::clean_text, vocabulary as v};
use regex::Regex;
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// The data files; to add one, add its line.
const FILES: &[(&str, &str)] = &[
    ("network.toml", include_str!("../fingerprints/snmp/network.toml")),
    ("power.toml", include_str!("../fingerprints/snmp/power.toml")),
    ("printers.toml", include_str!("../fingerprints/snmp/printers.toml")),
    ("servers.toml", include_str!("../fingerprints/snmp/servers.toml")),
    ("things.toml", include_str!("../fingerprints/snmp/things.toml")),
];

/// Where vendors' branches begin: `enterprises` (RFC 2578).
const ENTERPRISES: [u32; 6] = [1, 3, 6, 1, 4, 1];
/// No device is asked for more vendor objects than this.
const MAX_TARGETS: usize = 40;

/// An object worth asking a device for, and the field it fills.
#[derive(Clone, Debug)]
pub struct Target {
    /// The field.
    pub field: &'static Field,
    /// The object's instance, or a whole column where [`Self::column`] is set.
    pub oid: Vec<u32>,
    /// The object's row number is not known: the first row counts, one GetNext finds it.
    pub column: bool,
    /// In the data: `oid` goes behind the device's own sysObjectID.
    relative: bool,
    /// What of the text counts: the first group, or the whole match.
    pattern: Option<Regex>,
}

impl Target {
    /// The text this object fills its field with, from the octets a device told; `None` for what says nothing.
    #[must_use]
    pub fn read(&self, octets: &[u8]) -> Option<String> {
        if octets.len() == 6 && !octets.iter().all(|octet| (0x20..0x7f).contains(octet)) {
            return <[u8; 6]>::try_from(octets).ok().map(|mac| Mac(mac).to_string());
        }
        let text = clean_text(octets);
        let text = match &self.pattern {
            None => text,
            Some(pattern) => {
                let found = pattern.captures(&text)?;
                found.get(1).or_else(|| found.get(0))?.as_str().trim().to_owned()
            }
        };
        let text = if self.field.name == v::SNMP_BASE_MAC.name {
            text.parse::<Mac>().ok()?.to_string()
        } else {
            text
        };
        says_something(&text).then_some(text)
    }
}

/// Whether a text is more than a place holder.
#[must_use]
pub fn says_something(text: &str) -> bool {
    const NOTHING: &[&str] = &[
        "",
        "-",
        "--",
        "0",
        "n/a",
        "na",
        "none",
        "(none)",
        "null",
        "unknown",
        "not available",
        "not specified",
        "notavailable",
        "default string",
        "to be filled by o.e.m.",
        "system serial number",
        "private",
        "<private>",
        "no serial number",
        "xxxxxxxx",
        "unspecified",
        "undefined",
        "not set",
        "invalid",
    ];
    let lower = text.trim().trim_matches('"').to_ascii_lowercase();
    !NOTHING.contains(&lower.as_str()) && lower.chars().any(char::is_alphanumeric)
}

/// One entry of a data file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Who it is about, for people.
    #[serde(rename = "vendor")]
    _vendor: String,
    /// sysObjectIDs it applies to and everything below them.
    of: Vec<String>,
    /// Applies only where sysDescr contains one of these, whatever the case.
    #[serde(default)]
    descr: Vec<String>,
    #[serde(default)]
    name: Vec<Source>,
    #[serde(default)]
    model: Vec<Source>,
    #[serde(default)]
    serial: Vec<Source>,
    #[serde(default)]
    version: Vec<Source>,
    #[serde(default)]
    hardware: Vec<Source>,
    #[serde(default, rename = "text")]
    description: Vec<Source>,
    #[serde(default)]
    mac: Vec<Source>,
}

/// An object in a data file.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Plain(String),
    Pattern { oid: String, pattern: String },
}

#[derive(Deserialize)]
struct File {
    entry: Vec<Entry>,
}

/// An entry made ready.
struct Prepared {
    of: Vec<Vec<u32>>,
    descr: Vec<String>,
    targets: Vec<Target>,
}

/// An object identifier as data files write it.
struct Written {
    arcs: Vec<u32>,
    column: bool,
    relative: bool,
}

/// Reads dotted decimals: as they are where they begin with `1.`, behind sysObjectID where they begin with `self.`,
/// else below `enterprises`; `.*` ends a column.
fn oid(text: &str) -> Result<Written, String> {
    let (dotted, column) = text.strip_suffix(".*").map_or((text, false), |column| (column, true));
    let (dotted, relative) = dotted.strip_prefix("self.").map_or((dotted, false), |behind| (behind, true));
    let arcs: Vec<u32> = dotted
        .split('.')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| format!("'{text}' is no object identifier"))?;
    let absolute = relative || arcs.first() == Some(&1);
    let arcs = if absolute { arcs } else { [&ENTERPRISES[..], &arcs].concat() };
    Ok(Written { arcs, column, relative })
}

/// Reads an object identifier of a data file that stands for itself.
pub(crate) fn arcs(text: &str) -> Result<Vec<u32>, String> {
    let Written { arcs, column, relative } = oid(text)?;
    if column || relative { Err(format!("'{text}' depends on more than itself")) } else { Ok(arcs) }
}

fn prepare(entry: Entry) -> Result<Prepared, String> {
    let mut targets = Vec::new();
    for (field, sources) in [
        (&v::SNMP_VENDOR_NAME, entry.name),
        (&v::SNMP_VENDOR_MODEL, entry.model),
        (&v::SNMP_VENDOR_SERIAL, entry.serial),
        (&v::SNMP_VENDOR_VERSION, entry.version),
        (&v::SNMP_VENDOR_HARDWARE, entry.hardware),
        (&v::SNMP_VENDOR_DESCR, entry.description),
        (&v::SNMP_BASE_MAC, entry.mac),
    ] {
        for source in sources {
            let (text, pattern) = match source {
                Source::Plain(text) => (text, None),
                Source::Pattern { oid, pattern } => {
                    (oid, Some(Regex::new(&pattern).map_err(|error| error.to_string())?))
                }
            };
            let Written { arcs, column, relative } = oid(&text)?;
            targets.push(Target { field, oid: arcs, column, relative, pattern });
        }
    }
    let of = entry.of.iter().map(|text| Ok(oid(text)?.arcs)).collect::<Result<_, String>>()?;
    let descr = entry.descr.iter().map(|text| text.to_lowercase()).collect();
    Ok(Prepared { of, descr, targets })
}

fn read_file(text: &str) -> Result<Vec<Prepared>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    file.entry.into_iter().map(prepare).collect()
}

/// Every entry. The files are part of the program and a test reads them all, so a broken one cannot be released;
/// should one be broken all the same, its vendors are merely unknown.
static ENTRIES: LazyLock<Vec<Prepared>> =
    LazyLock::new(|| FILES.iter().flat_map(|(_, text)| read_file(text).unwrap_or_default()).collect());

/// The objects worth asking a device for that says this of itself, the most specific entries first, each once.
#[must_use]
pub fn targets(sys_object_id: &[u32], sys_descr: &str) -> Vec<Target> {
    let descr = sys_descr.to_lowercase();
    let mut found: Vec<(usize, &'static Prepared)> = ENTRIES
        .iter()
        .filter(|entry| entry.descr.is_empty() || entry.descr.iter().any(|text| descr.contains(text)))
        .filter_map(|entry| {
            let longest = entry.of.iter().filter(|of| sys_object_id.starts_with(of)).map(Vec::len).max()?;
            // A word of sysDescr is more specific than any number of arcs.
            Some((longest + 100 * usize::from(!entry.descr.is_empty()), entry))
        })
        .collect();
    found.sort_by_key(|(specific, _)| std::cmp::Reverse(*specific));
    let behind_own = |target: &Target| {
        let mut target = target.clone();
        if target.relative {
            target.oid.splice(..0, sys_object_id.iter().copied());
        }
        target
    };
    found.into_iter().flat_map(|(_, entry)| &entry.targets).take(MAX_TARGETS).map(behind_own).collect()
}

/// Fills fields from what a device told: for each field the first object of [`targets`] that says something.
pub fn fill(targets: &[Target], told: impl Fn(&Target) -> Option<Vec<u8>>) -> Fields {
    let mut texts: BTreeMap<&str, (&'static Field, String)> = BTreeMap::new();
    for target in targets {
        if texts.contains_key(target.field.name) {
            continue;
        }
        if let Some(text) = told(target).and_then(|octets| target.read(&octets)) {
            texts.insert(target.field.name, (target.field, text));
        }
    }
    texts.into_values().fold(Fields::new(), |fields, (field, text)| fields.with(field, Value::Text(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_reads() {
        for (name, text) in FILES {
            let entries = read_file(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!entries.is_empty(), "{name} has no entry");
            for entry in entries {
                assert!(
                    !entry.targets.is_empty() && !entry.of.is_empty(),
                    "{name}: an entry that asks nothing"
                );
                assert!(entry.targets.len() <= MAX_TARGETS, "{name}: too many objects for one device");
                assert!(entry.of.iter().all(|of| of.len() >= 2), "{name}: too short a sysObjectID");
            }
        }
    }

    fn asked(sys_object_id: &str, descr: &str) -> Vec<(&'static str, String)> {
        let id = oid(sys_object_id).unwrap().arcs;
        let show = |arcs: &[u32]| arcs.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
        targets(&id, descr).iter().map(|target| (target.field.name, show(&target.oid))).collect()
    }

    #[test]
    fn devices_are_asked_for_their_vendors_objects() {
        let check = |id: &str, descr: &str, field: &str, oid: &str| {
            let asked = asked(id, descr);
            assert!(
                asked.iter().any(|(name, found)| *name == field && found == oid),
                "{id} {descr}: {asked:?}"
            );
        };
        check("2356.13.8.0.4", "", "snmp.vendor_serial", "1.3.6.1.4.1.2356.13.1.47.7.0");
        check(
            "1347.41",
            "KYOCERA Document Solutions",
            "snmp.vendor_serial",
            "1.3.6.1.4.1.1347.43.5.1.1.28.1",
        );
        check("3808.1.1.5", "", "snmp.vendor_serial", "1.3.6.1.4.1.3808.1.1.5.1.5.0");
        check("3808.1.1.6", "", "snmp.vendor_model", "1.3.6.1.4.1.3808.1.1.6.2.2.1.9.1");
        assert_eq!(asked("99999999.1", "").len(), 0);
    }

    #[test]
    fn texts_of_objects() {
        let target = |field, pattern: Option<&str>| Target {
            field,
            oid: vec![],
            column: false,
            relative: false,
            pattern: pattern.map(|text| Regex::new(text).unwrap()),
        };
        let check = |target: &Target, octets: &[u8], expected: Option<&str>| {
            assert_eq!(target.read(octets).as_deref(), expected, "{octets:?}");
        };
        let serial = target(&v::SNMP_VENDOR_SERIAL, None);
        check(&serial, b" 4006187737100649 ", Some("4006187737100649"));
        check(&serial, b"N/A", None);
        check(&serial, b"\xe8\x27\x25\0\0\x01", Some("e8:27:25:00:00:01"));
        check(&serial, b"123456", Some("123456"));
        let version = target(&v::SNMP_VENDOR_VERSION, Some(r"v(\d+(?:\.\d+)+)"));
        check(&version, b"FortiSwitch-248E-POE v7.4.1,build0787", Some("7.4.1"));
        check(&version, b"no version here", None);
        let mac = target(&v::SNMP_BASE_MAC, None);
        check(&mac, b"00-A0-57-12-34-56", Some("00:a0:57:12:34:56"));
        check(&mac, b"no MAC", None);
    }
}
