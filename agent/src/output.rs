//! What a walk prints: JSON lines for programs, a table for people. Only what the filter let through gets here.

pub mod progress;
mod table;

pub use table::table;

use crate::{
    audit::Audited,
    filter::{Device, Kept},
};
use rundgang_inventory::{Confidence, batch, mail::Language};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Device {
        address: String,
        mac: Option<String>,
        kind: Option<&'a str>,
        vendor: Option<&'a str>,
        model: Option<&'a str>,
        serial: Option<&'a str>,
        os_version: Option<&'a str>,
        hostname: Option<&'a str>,
        services: &'a [String],
        confidence: Option<Confidence>,
        because: Vec<&'a str>,
    },
    Count {
        segment: &'a str,
        kind: &'a str,
        /// Rounded to ten; null below ten.
        count: Option<u64>,
        /// The same for people: "20", or "<10".
        shown: String,
    },
}

/// The walk as JSON, one object a line. Counters are rounded here as everywhere people see them.
#[must_use]
pub fn json(kept: &Kept) -> String {
    let devices = kept.devices().iter().map(device);
    // A walk over the turn of an hour has two counters of a kind: what is told is their sum.
    let mut sums: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for count in &kept.round().counts {
        *sums.entry((&count.segment, &count.kind)).or_default() += count.count;
    }
    let counts = sums.into_iter().map(|((segment, kind), count)| Line::Count {
        segment,
        kind,
        count: batch::rounded(count.into()),
        shown: batch::counter(count.into()),
    });
    // Strings and numbers always have a JSON form.
    devices
        .chain(counts)
        .filter_map(|line| serde_json::to_string(&line).ok())
        .map(|line| line + "\n")
        .collect()
}

fn device(device: &Device) -> Line<'_> {
    let told = &device.recognition;
    Line::Device {
        address: device.address.to_string(),
        mac: device.mac.map(|mac| mac.to_string()),
        kind: told.kind.as_ref().map(|kind| kind.value.name()),
        vendor: told.vendor.as_ref().map(|told| told.value.as_str()),
        model: told.model.as_ref().map(|told| told.value.as_str()),
        serial: told.serial.as_ref().map(|told| told.value.as_str()),
        os_version: told.os_version.as_ref().map(|told| told.value.as_str()),
        hostname: told.hostname.as_ref().map(|told| told.value.as_str()),
        services: &told.services,
        confidence: told.kind.as_ref().map(|kind| kind.confidence),
        because: told.reasons(),
    }
}

/// The findings about a domain as JSON, one object a line.
#[must_use]
pub fn findings(audited: &Audited) -> String {
    let line = |finding: &rundgang_inventory::mail::MailFinding| {
        let line = serde_json::json!({
            "type": "finding",
            "domain": audited.evidence.domain,
            "finding": finding.id,
            "severity": finding.severity.name(),
            "evidence": finding.lines(Language::En),
            "proposal": finding.proposal.as_ref().map(|proposal| proposal.told(Language::En)),
        });
        format!("{line}\n")
    };
    audited.findings.iter().map(line).collect()
}

/// Everything kept of a host, field by field, for `probe`.
#[must_use]
pub fn evidence(kept: &Kept) -> String {
    let mut out = String::new();
    for seen in &kept.round().observations {
        for (name, value) in seen.fields.iter() {
            out.push_str(&format!("{name:<32} {}\n", shown(value)));
        }
    }
    if out.is_empty() { nothing(kept) } else { out }
}

/// The same as JSON, one observation a line.
#[must_use]
pub fn evidence_json(kept: &Kept) -> String {
    let lines = kept.round().observations.iter().filter_map(|seen| serde_json::to_string(seen).ok());
    lines.map(|line| line + "\n").collect()
}

fn nothing(kept: &Kept) -> String {
    if kept.round().counts.is_empty() {
        "It said nothing.\n".to_owned()
    } else {
        "Nothing to show: it is not known to be infrastructure, so it is only counted. In a network of the class \
         managed or infrastructure (--class) it would be shown.\n"
            .to_owned()
    }
}

fn shown(value: &rundgang_inventory::Value) -> String {
    use rundgang_inventory::Value;
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(number) | Value::Time(number) => number.to_string(),
        Value::Bytes(bytes) => data_encoding::HEXLOWER.encode(bytes),
        Value::List(items) => items.join(" | "),
        Value::Table(rows) => rows
            .iter()
            .map(|row| {
                let cells: Vec<_> =
                    row.iter().map(|(column, cell)| format!("{column}={}", shown(cell))).collect();
                format!("\n    {}", cells.join(" "))
            })
            .collect(),
    }
}
