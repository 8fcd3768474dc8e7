//! Devices that no fingerprint was written from: what their makers document them to announce, what they must be taken for and
//! nothing else, and what the privacy filter leaves of the names that people give them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use rundgang_inventory::{
    Fields, Privacy, Recognition, Row, Value, kind::Class, privacy, recognise, vocabulary,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

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

fn devices() -> Vec<Device> {
    let file: File = toml::from_str(include_str!("other_devices.toml")).expect("the devices");
    assert!(file.device.len() > 50, "too few devices");
    file.device
}

/// Kind, vendor and model, each where it is told.
fn told(told: &Recognition) -> [(&'static str, Option<String>); 3] {
    [
        ("kind", told.kind.as_ref().map(|told| told.value.name().to_owned())),
        ("vendor", told.vendor.as_ref().map(|told| told.value.clone())),
        ("model", told.model.as_ref().map(|told| told.value.clone())),
    ]
}

#[test]
fn other_devices_are_told_for_what_they_are_and_nothing_else() {
    let mut wrong = Vec::new();
    for device in devices() {
        let recognised = recognise(None, &evidence(&device.says));
        if device.expect.personal {
            let kind = recognised.kind.as_ref().map(|told| told.value);
            if kind.is_some_and(|kind| kind.class() == Class::Infrastructure) {
                wrong.push(format!("{}: {kind:?} is no person's", device.is));
            }
            continue;
        }
        let expected = [device.expect.kind, device.expect.vendor, device.expect.model];
        for ((what, got), expected) in told(&recognised).into_iter().zip(expected) {
            if got != expected {
                wrong.push(format!("{}: {what} is {got:?} and not {expected:?}", device.is));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What people call their things, and the names in it that nobody may keep (promise P4).
const TYPED: [(&str, &str); 3] =
    [("Büro Frau Sommerfeld", "Sommerfeld"), ("iPad von Annika", "Annika"), ("Dr. Weber 204", "Weber")];

/// The evidence with a person's name in every text that people type into such a device, and how many those are.
fn named(says: &BTreeMap<String, Said>) -> (Fields, usize) {
    let protocol = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let spoken: BTreeSet<String> = says.keys().map(|name| protocol(name)).collect();
    let mut fields = evidence(says);
    let typed = |field: &&'static vocabulary::Field| {
        field.privacy == Privacy::Name && spoken.contains(&protocol(field.name))
    };
    let places: Vec<_> = vocabulary::all().filter(typed).collect();
    for field in &places {
        let texts = TYPED.iter().map(|(text, _)| match field.name {
            "mdns.txt" => format!("_http._tcp fn={text}"),
            _ => (*text).to_owned(),
        });
        let value = match fields.named(field.name).cloned() {
            Some(Value::Table(mut rows)) => {
                for text in texts {
                    let cell = |column: &str| (column.to_owned(), Value::Text(text.clone()));
                    rows.push(Row::from(["name", "instance", "friendly_name"].map(cell)));
                }
                Value::Table(rows)
            }
            Some(Value::List(mut list)) => {
                list.extend(texts);
                Value::List(list)
            }
            _ => Value::List(texts.collect()),
        };
        fields.set_named(field.name.to_owned(), value);
    }
    (fields, places.len())
}

#[test]
fn of_what_people_call_other_devices_no_name_gets_through_and_no_maker_is_lost() {
    let (mut wrong, mut places) = (Vec::new(), 0);
    for device in devices() {
        let masked = privacy::mask_fields(evidence(&device.says));
        let (before, after) =
            (told(&recognise(None, &evidence(&device.says))), told(&recognise(None, &masked)));
        if before != after {
            wrong.push(format!("{}: {after:?} and not {before:?}", device.is));
        }
        let (fields, filled) = named(&device.says);
        let kept = serde_json::to_string(&privacy::mask_fields(fields)).expect("a text");
        for (_, name) in TYPED.iter().filter(|(_, name)| kept.contains(name)) {
            wrong.push(format!("{}: {name} is kept: {kept}", device.is));
        }
        places += filled;
    }
    assert!(places > 150, "{places} texts were filled with names");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
