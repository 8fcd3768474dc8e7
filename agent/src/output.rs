//! What a walk prints: JSON lines for programs, a table for people. Only what the filter let through gets here.

pub mod progress;
mod table;

pub use table::table;

use crate::filter::{Device, Kept};
use rundgang_inventory::{Confidence, Recognition};
use serde::Serialize;

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
        count: u32,
    },
}

/// The walk as JSON, one object a line. Counts are exact here, as in the spool; whoever shows them rounds them.
#[must_use]
pub fn json(kept: &Kept) -> String {
    let devices = kept.devices().iter().map(device);
    let counts = kept.round().counts.iter().map(|count| Line::Count {
        segment: &count.segment,
        kind: &count.kind,
        count: count.count,
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
        because: because(told),
    }
}

/// Why, each reason once, the kind's first.
fn because(told: &Recognition) -> Vec<&str> {
    let texts = [&told.vendor, &told.model, &told.serial, &told.os_version, &told.hostname];
    let all = told.kind.iter().map(|kind| kind.because.as_str());
    let all = all.chain(texts.into_iter().flatten().map(|told| told.because.as_str()));
    let mut reasons: Vec<&str> = Vec::new();
    for reason in all {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}
