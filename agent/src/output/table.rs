//! The walk as a table of at most a hundred columns, sorted by what things are.

use crate::filter::{Device, Kept};
use rundgang_inventory::{Confidence, Kind, Told, batch};
use std::{collections::BTreeMap, fmt::Write as _};

const KIND: usize = 18;
const ADDRESS: usize = 15;
const VENDOR: usize = 15;
const MODEL: usize = 24;
const NAME: usize = 20;

/// The table with its heading, its counts and a summary.
#[must_use]
pub fn table(kept: &Kept) -> String {
    let mut out = String::new();
    let mut devices: Vec<&Device> = kept.devices().iter().collect();
    devices.sort_by_key(|device| {
        let kind = device.recognition.kind.as_ref();
        // In the order of the vocabulary, guesses behind what is sure, the unknown last.
        let place = kind.map_or((usize::MAX, false), |kind| (kind.value as usize, is_guess(kind)));
        (place, device.address)
    });
    if !devices.is_empty() {
        rows(&mut out, &cells(&devices));
        out.push('\n');
    }
    summary(&mut out, kept, &devices);
    out
}

fn is_guess(kind: &Told<Kind>) -> bool {
    kind.confidence == Confidence::Low
}

/// The heading and a line for each device. A kind is named once: an empty cell below it means the same kind.
fn cells(devices: &[&Device]) -> Vec<[String; 5]> {
    let mut lines = vec![["KIND", "ADDRESS", "VENDOR", "MODEL", "NAME"].map(str::to_owned)];
    let mut before = String::new();
    for device in devices {
        let told = &device.recognition;
        let text =
            |told: &Option<Told<String>>| told.as_ref().map(|told| told.value.clone()).unwrap_or_default();
        let kind = match &told.kind {
            Some(kind) if is_guess(kind) => format!("{} ?", kind.value),
            Some(kind) => kind.value.to_string(),
            None => "unknown".to_owned(),
        };
        let shown = if kind == before { String::new() } else { kind.clone() };
        before = kind;
        let address = device.address.to_string();
        lines.push([shown, address, text(&told.vendor), text(&told.model), text(&told.hostname)]);
    }
    lines
}

/// Columns as wide as what stands in them, up to their limits; nothing behind the last word of a line.
fn rows(out: &mut String, lines: &[[String; 5]]) {
    let limits = [KIND, ADDRESS, VENDOR, MODEL, NAME];
    let needed =
        |at: usize| lines.iter().filter_map(|line| line.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> =
        limits.iter().enumerate().map(|(at, limit)| needed(at).unwrap_or_default().min(*limit)).collect();
    for line in lines {
        let mut text = String::new();
        for (cell, &width) in line.iter().zip(&widths) {
            write!(text, "{:<width$}  ", fit(cell, width)).ok();
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
}

/// The text cut to a width, with an ellipsis where something is missing.
fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}

fn summary(out: &mut String, kept: &Kept, devices: &[&Device]) {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for device in devices {
        *kinds
            .entry(device.recognition.kind.as_ref().map_or("unknown", |kind| kind.value.name()))
            .or_default() += 1;
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|&(name, count)| (std::cmp::Reverse(count), name));
    let listed: Vec<_> = kinds.iter().map(|(name, count)| format!("{count} {name}")).collect();
    let noun = if devices.len() == 1 { "device" } else { "devices" };
    let total = format!("{} {noun}: {}", devices.len(), listed.join(", "));
    wrap(out, if devices.is_empty() { "No device to keep." } else { &total });
    if devices
        .iter()
        .any(|d| d.recognition.kind.as_ref().is_some_and(|kind| kind.confidence == Confidence::Low))
    {
        wrap(out, "? = a guess: from the MAC address, open ports or vendors' documents alone");
    }
    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for count in &kept.round().counts {
        *counts.entry((&count.segment, &count.kind)).or_default() += count.count;
    }
    for ((segment, kind), count) in counts {
        wrap(out, &format!("{segment}: {} devices ({kind}), counted and not looked at further", told(count)));
    }
    for covered in kept.round().coverage.iter().filter(|covered| !covered.complete) {
        wrap(out, &format!("{}: not walked to its end; the log and `show-scope` say why", covered.segment));
    }
}

/// Counters are shown rounded to ten, so that nobody can be counted out (promise P3).
fn told(count: u32) -> String {
    batch::rounded(count.into()).map_or_else(|| "fewer than 10".to_owned(), |count| format!("about {count}"))
}

/// Breaks a line between words before its hundredth column.
fn wrap(out: &mut String, text: &str) {
    let mut column = 0;
    for word in text.split(' ') {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > 100 {
            out.push_str("\n  ");
            column = 2;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_rounded() {
        let check = |count, expected: &str| assert_eq!(told(count), expected);
        check(1, "fewer than 10");
        check(9, "fewer than 10");
        check(14, "about 10");
        check(15, "about 20");
        check(104, "about 100");
    }

    #[test]
    fn nothing_is_wider_than_a_hundred_columns() {
        let mut out = String::new();
        let line = |kind: &str, address: &str, vendor: &str, model: &str, name: &str| {
            [kind, address, vendor, model, name].map(str::to_owned)
        };
        let long = "ä".repeat(80);
        rows(
            &mut out,
            &[
                line("wlan-controller ?", "192.168.100.100", "A very long vendor name", &long, &long),
                line("", "10.0.0.1", "HP", "", ""),
            ],
        );
        assert!(out.lines().last().is_some_and(|line| line.ends_with("HP")), "{out}");
        wrap(&mut out, &"zwölf Drucker, ".repeat(30));
        assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
        assert!(out.contains('…'));
    }
}
