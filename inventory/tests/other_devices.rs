//! Devices that no fingerprint was written from: what their makers document them to announce, and what they must be taken for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use rundgang_inventory::{Fields, Row, Value, kind::Class, recognise};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct File {
    device: Vec<Device>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Device {
    /// What it is, for people.
    is: String,
    says: BTreeMap<String, Said>,
    expect: Expected,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Said {
    One(String),
    Many(Vec<String>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Expected {
    kind: Option<String>,
    vendor: Option<String>,
    model: Option<String>,
    personal: bool,
}

/// Evidence by the names of the vocabulary; `table/column` makes a row.
fn evidence(says: &BTreeMap<String, Said>) -> Fields {
    let mut fields = Fields::new();
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for (name, said) in says {
        match (name.split_once('/'), said.clone()) {
            (Some((table, column)), Said::One(text)) => {
                // A description's words stand in its row and, put together, in a field of their own.
                if table == "upnp.devices" {
                    fields.set_named(format!("upnp.{column}"), Value::List(vec![text.clone()]));
                }
                rows.entry(table.to_owned()).or_default().insert(column.to_owned(), Value::Text(text));
            }
            (_, Said::One(text)) => fields.set_named(name.clone(), Value::Text(text)),
            (_, Said::Many(texts)) => fields.set_named(name.clone(), Value::List(texts)),
        }
    }
    for (table, row) in rows {
        fields.set_named(table, Value::Table(vec![row]));
    }
    fields
}

#[test]
fn other_devices_are_told_for_what_they_are() {
    let file: File = toml::from_str(include_str!("other_devices.toml")).expect("the devices");
    let mut wrong = Vec::new();
    for device in &file.device {
        let told = recognise(None, &evidence(&device.says));
        let kind = told.kind.as_ref().map(|told| told.value);
        if device.expect.personal {
            if kind.is_some_and(|kind| kind.class() == Class::Infrastructure) {
                wrong.push(format!("{}: {kind:?} is no person's", device.is));
            }
            continue;
        }
        let text =
            |told: &Option<rundgang_inventory::Told<String>>| told.as_ref().map(|told| told.value.clone());
        for (what, expected, got) in [
            ("kind", &device.expect.kind, kind.map(|kind| kind.name().to_owned())),
            ("vendor", &device.expect.vendor, text(&told.vendor)),
            ("model", &device.expect.model, text(&told.model)),
        ] {
            if expected.is_some() && *expected != got {
                wrong.push(format!("{}: {what} is {got:?} and not {expected:?}", device.is));
            } else if expected.is_none() && got.is_some() {
                println!("{}: {what} is also told: {got:?}", device.is);
            }
        }
    }
    assert!(file.device.len() > 50, "too few devices");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
