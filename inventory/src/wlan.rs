//! What an access point or its controller tells of its WLAN: names of networks, how many devices, which generation.

use crate::{
    Fields, Value,
    snmp_tables::{self, says_something},
    vocabulary as v,
};
use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use std::{collections::BTreeSet, sync::LazyLock};

/// Which tables and models: data.
const FILE: &str = include_str!("../fingerprints/wlan.toml");

/// A table of a vendor in which each row is a network (SSID), perhaps on one radio, or a radio with its devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkTable {
    /// The table's entry; columns lie below.
    pub entry: Vec<u32>,
    /// The column of the network's name, where the table has one.
    pub ssid: Option<u32>,
    /// The column with how many devices are joined, where the table has one.
    pub clients: Option<u32>,
    /// sysObjectIDs it applies to.
    of: Vec<Vec<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    table: Vec<Table>,
    generation: Vec<Models>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// For people.
    #[serde(rename = "name")]
    _name: String,
    of: Vec<String>,
    entry: String,
    ssid: Option<u32>,
    clients: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Models {
    vendors: Vec<String>,
    models: Vec<String>,
    wifi: String,
}

/// Models that speak one generation.
struct Generation {
    vendors: Vec<String>,
    models: Vec<Regex>,
    wifi: String,
}

#[derive(Default)]
struct Known {
    tables: Vec<NetworkTable>,
    generations: Vec<Generation>,
}

fn read(text: &str) -> Result<Known, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let table = |table: Table| {
        let of = table.of.iter().map(|text| snmp_tables::arcs(text)).collect::<Result<_, _>>()?;
        let Table { ssid, clients, .. } = table;
        Ok(NetworkTable { entry: snmp_tables::arcs(&table.entry)?, ssid, clients, of })
    };
    let generation = |Models { vendors, models, wifi }: Models| {
        let model = |text: &String| RegexBuilder::new(text).case_insensitive(true).build();
        let models = models.iter().map(model).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        Ok(Generation { vendors, models, wifi })
    };
    Ok(Known {
        tables: file.table.into_iter().map(table).collect::<Result<_, String>>()?,
        generations: file.generation.into_iter().map(generation).collect::<Result<_, String>>()?,
    })
}

/// A test reads the file, so a broken one cannot be released; should it be broken all the same, it says nothing.
static KNOWN: LazyLock<Known> = LazyLock::new(|| read(FILE).unwrap_or_default());

/// The tables worth walking of a device with this sysObjectID.
pub fn tables(sys_object_id: &[u32]) -> impl Iterator<Item = &'static NetworkTable> {
    KNOWN.tables.iter().filter(move |table| table.of.iter().any(|of| sys_object_id.starts_with(of)))
}

/// The generation of Wi-Fi ("6", "6E") that a model speaks, where the data know it.
#[must_use]
pub fn generation(vendor: &str, model: &str) -> Option<&'static str> {
    let speaks = |known: &&Generation| {
        known.vendors.iter().any(|name| name == vendor)
            && known.models.iter().any(|pattern| pattern.is_match(model))
    };
    KNOWN.generations.iter().find(speaks).map(|known| known.wifi.as_str())
}

/// What is known of a device's WLAN.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wlan {
    /// Names of its networks (SSID), each once.
    pub networks: BTreeSet<String>,
    /// How many devices were joined at the last walk, rounded.
    pub clients: Option<String>,
    /// The newest generation of Wi-Fi that it speaks, by what it tells or else by its model: `5`, `6E`.
    pub generation: Option<String>,
}

impl Wlan {
    /// Reads what merged evidence says; `None` where it says nothing.
    #[must_use]
    pub fn read(fields: &Fields, vendor: Option<&str>, model: Option<&str>) -> Option<Self> {
        let mut networks: BTreeSet<String> = match fields.get(&v::SNMP_WLAN_NETWORKS) {
            Some(Value::List(names)) => names.iter().cloned().collect(),
            _ => BTreeSet::new(),
        };
        if let Some(Value::Table(rows)) = fields.get(&v::SNMP_WLAN) {
            networks.extend(rows.iter().filter_map(|row| Some(row.get("ssid")?.as_text()?.to_owned())));
        }
        networks.retain(|name| says_something(name));
        let clients = fields.text(&v::SNMP_WLAN_CLIENTS).map(str::to_owned);
        let told = match fields.get(&v::SNMP_WLAN_STANDARDS) {
            Some(Value::List(told)) => told.iter().filter_map(|standard| of_standard(standard)).max(),
            _ => None,
        };
        let generation = told.or_else(|| generation(vendor?, model?)).map(str::to_owned);
        let wlan = Self { networks, clients, generation };
        (wlan != Self::default()).then_some(wlan)
    }
}

/// The generation that the Wi-Fi Alliance numbers a standard with; older ones have no number.
fn of_standard(standard: &str) -> Option<&'static str> {
    match standard {
        "802.11n" => Some("4"),
        "802.11ac" => Some("5"),
        "802.11ax" => Some("6"),
        "802.11be" => Some("7"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Row, recognise::vendors};

    #[test]
    fn the_data_read() {
        let known = read(FILE).unwrap();
        for table in &known.tables {
            assert!(table.ssid.is_some() || table.clients.is_some(), "{table:?} tells nothing");
            assert!(table.ssid != table.clients && table.entry.len() > 8, "{table:?}");
        }
        for generation in &known.generations {
            assert!(["5", "6", "6E", "7"].contains(&generation.wifi.as_str()), "{}", generation.wifi);
            for vendor in &generation.vendors {
                let maker =
                    vendors::maker(vendor).unwrap_or_else(|| panic!("{vendor} is not in vendors.toml"));
                assert_eq!(&maker.name, vendor, "as vendors.toml writes it");
            }
        }
    }

    #[test]
    fn models_and_their_generation() {
        let check = |vendor: &str, model: &str, expected: Option<&str>| {
            assert_eq!(generation(vendor, model), expected, "{vendor} {model}");
        };
        check("Ubiquiti", "U6-LR", Some("6"));
        check("Ubiquiti", "UAP-AC-Pro", Some("5"));
        check("Ubiquiti", "U7-Pro", Some("7"));
        check("Aruba", "AP-505", Some("6"));
        check("Aruba", "305", Some("5"));
        check("Aruba", "AP-635", Some("6E"));
        check("Aruba", "6300M", None);
        check("Ruckus", "R550", Some("6"));
        check("Ruckus", "R500", Some("5"));
        check("LANCOM", "LANCOM LX-6400", Some("6"));
        check("LANCOM", "LW-500", Some("5"));
        check("Meraki", "MR36H", Some("6"));
        check("Aerohive", "AP650X", Some("6"));
        check("Aerohive", "AP250", Some("5"));
        check("D-Link", "D-Link DAP-2660", Some("5"));
        check("Fortinet", "FortiAP 231G", Some("6E"));
        check("Alcatel-Lucent", "OAW-AP1321", Some("6"));
        check("Zyxel", "NWA210AX", Some("6"));
        check("TP-Link", "EAP245", Some("5"));
        // Another vendor's model of the same number.
        check("Netgear", "R550", None);
    }

    #[test]
    fn what_is_told_of_a_wlan() {
        let row = Row::from([("ssid".to_owned(), Value::text("Schule")), ("port".to_owned(), Value::Int(3))]);
        let fields = Fields::new()
            .with(&v::SNMP_WLAN, Value::Table(vec![row]))
            .with(&v::SNMP_WLAN_NETWORKS, Value::List(vec!["Gast".to_owned(), "Schule".to_owned()]))
            .with(&v::SNMP_WLAN_CLIENTS, Value::text("30"));
        let wlan = Wlan::read(&fields, Some("Ubiquiti"), Some("U6-LR")).unwrap();
        assert_eq!(wlan.networks, BTreeSet::from(["Gast".to_owned(), "Schule".to_owned()]));
        assert_eq!((wlan.clients.as_deref(), wlan.generation.as_deref()), (Some("30"), Some("6")));
        // What the radio says counts more than what the model is known for.
        let standards = Value::List(vec!["802.11n".to_owned(), "802.11ac".to_owned()]);
        let fields = fields.with(&v::SNMP_WLAN_STANDARDS, standards);
        assert_eq!(
            Wlan::read(&fields, Some("Ubiquiti"), Some("U6-LR")).unwrap().generation.as_deref(),
            Some("5")
        );
        assert_eq!(Wlan::read(&Fields::new(), Some("Kyocera"), Some("M2540dn")), None);
    }
}
