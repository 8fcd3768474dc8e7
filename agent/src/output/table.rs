//! The walk as a table of at most a hundred columns, sorted by what things are.

use crate::{
    filter::{Device, Kept},
    runner::Runner,
};
use rundgang_inventory::{Confidence, Kind, Told, batch};
use std::{collections::BTreeMap, fmt::Write as _};

/// No line is wider.
const WIDTH: usize = 100;
/// What each column gets at least, where it needs so much and others need more: kind, address, vendor, model, name. An address
/// gets what it needs, since half an address is of no use.
const ASSURED: [usize; 5] = [18, MOST[1], 9, 14, 12];
/// What each column would have where there is room: what an IPv4 address beside it leaves.
const WANTED: [usize; 5] = [18, MOST[1], 15, 24, 20];
/// No column gets more, whatever stands in it.
const MOST: [usize; 5] = [20, 39, 28, 40, 40];
/// Stands where nothing is known; an empty cell below a kind means the same kind.
const NOT_KNOWN: &str = "–";

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
        let text = |told: &Option<Told<String>>| {
            let known = told.as_ref().map(|told| told.value.trim()).filter(|value| !value.is_empty());
            known.unwrap_or(NOT_KNOWN).to_owned()
        };
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

/// Columns as wide as what stands in them, as far as there is room; nothing behind the last word of a line.
fn rows(out: &mut String, lines: &[[String; 5]]) {
    let widths = widths(lines);
    for line in lines {
        let mut text = String::new();
        for (cell, &width) in line.iter().zip(&widths) {
            write!(text, "{:<width$}  ", fit(cell, width)).ok();
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
}

/// How wide each column is: as wide as it needs, and where all together need too much, what is assured to it. What room is left
/// goes to all of them up to what they want, and then to model and name.
fn widths(lines: &[[String; 5]]) -> [usize; 5] {
    let mut needed = [0; 5];
    for cells in lines {
        for ((needed, cell), most) in needed.iter_mut().zip(cells).zip(MOST) {
            *needed = cell.chars().count().min(most).max(*needed);
        }
    }
    let mut widths = needed;
    for (width, assured) in widths.iter_mut().zip(ASSURED) {
        *width = assured.min(*width);
    }
    // Two blanks stand between columns.
    let mut room = WIDTH.saturating_sub(widths.iter().sum::<usize>() + 2 * (widths.len() - 1));
    for (most, order) in [(WANTED, [0, 2, 3, 4]), (MOST, [3, 4, 2, 0])] {
        for at in order {
            if let (Some(width), Some(needed), Some(most)) =
                (widths.get_mut(at), needed.get(at), most.get(at))
            {
                let more = (*needed).min(*most).saturating_sub(*width).min(room);
                *width += more;
                room -= more;
            }
        }
    }
    widths
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
    // Nothing is cut off a count: "1 camera" stays on one line.
    let listed: Vec<_> = kinds.iter().map(|(name, count)| format!("{count}{JOINED}{name}")).collect();
    let noun = if devices.len() == 1 { "device" } else { "devices" };
    let total = format!("{} {noun}: {}", devices.len(), listed.join(", "));
    wrap(out, if devices.is_empty() { "No device to keep." } else { &total });
    if devices
        .iter()
        .any(|d| d.recognition.kind.as_ref().is_some_and(|kind| kind.confidence == Confidence::Low))
    {
        wrap(out, "? = a guess: from the MAC address, open ports or vendors' documents alone");
    }
    let mut counts: BTreeMap<&str, BTreeMap<&str, u32>> = BTreeMap::new();
    for count in &kept.round().counts {
        *counts.entry(&count.segment).or_default().entry(&count.kind).or_default() += count.count;
    }
    for (segment, kinds) in counts {
        let listed: Vec<_> = kinds
            .into_iter()
            .map(|(kind, count)| format!("{}{JOINED}{kind}", told(count).replace(' ', JOINED)))
            .collect();
        wrap(out, &format!("{segment}: counted and not looked at further: {}", listed.join(", ")));
    }
    for covered in kept.round().coverage.iter().filter(|covered| !covered.complete) {
        wrap(out, &format!("{}: not walked to its end; the log and `show-scope` say why", covered.segment));
    }
}

/// Which probes could not ask all of which network, for people; empty where every one could.
#[must_use]
pub fn unchecked(runner: &Runner) -> String {
    let mut out = String::new();
    for (segment, probes) in runner.missed() {
        let told = format!("{segment}: unchecked, for it could not be asked in all of the network: {probes}");
        wrap(&mut out, &told);
    }
    out
}

/// Counters are shown rounded to ten, so that nobody can be counted out (promise P3).
fn told(count: u32) -> String {
    batch::rounded(count.into()).map_or_else(|| "fewer than 10".to_owned(), |count| format!("about {count}"))
}

/// A blank at which no line is broken.
const JOINED: &str = "\u{a0}";

/// Breaks a line between words before its hundredth column.
fn wrap(out: &mut String, text: &str) {
    let mut column = 0;
    for word in text.split(' ') {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > WIDTH {
            out.push_str("\n  ");
            column = 2;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(&word.replace(JOINED, " "));
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
    fn an_address_stays_whole_and_short_columns_give_their_room() {
        let line = |cells: [&str; 5]| cells.map(str::to_owned);
        let mut out = String::new();
        let address = "fe80::26de:c6ff:fe20:31";
        rows(
            &mut out,
            &[
                line(["KIND", "ADDRESS", "VENDOR", "MODEL", "NAME"]),
                line(["access-point", address, "Ubiquiti", "UniFi U6-Enterprise-In-Wall (US)", "Flur Süd"]),
                line(["", "10.0.0.1", "HP", NOT_KNOWN, "Büro"]),
            ],
        );
        assert!(out.contains(address) && out.contains("UniFi U6-Enterprise-In-Wall (US)"), "{out}");
        assert!(!out.contains('…'), "{out}");
        // An umlaut is one column, not two.
        let column = |text: &str| {
            let line = out.lines().find(|line| line.contains(text)).unwrap();
            line.chars().count() - text.chars().count()
        };
        assert_eq!(column("Flur Süd"), column("Büro"), "{out}");
    }

    #[test]
    fn an_address_of_ipv6_stays_whole_beside_columns_that_need_all_their_room() {
        let line = |cells: [&str; 5]| cells.map(str::to_owned);
        let long = "ä".repeat(60);
        for address in ["fe80::26de:c6ff:fe20:31", "fd12:3456:789a:bcde:26de:c6ff:fe20:3101"] {
            let mut out = String::new();
            rows(
                &mut out,
                &[
                    line(["wlan-controller ?", "10.0.0.1", "A very long vendor name", &long, &long]),
                    line(["", address, "Hewlett Packard Enterprise", &long, &long]),
                ],
            );
            assert!(out.contains(&format!("{address} ")), "{out}");
            assert!(out.lines().all(|line| line.chars().count() <= WIDTH), "{out}");
            assert!(out.contains("wlan-controller ?") && out.contains("A very l"), "{out}");
        }
        // Beside an IPv4 address the others keep what they had.
        let lines = [line(["wlan-controller ?", "192.168.100.100", &long, &long, &long])];
        assert_eq!(widths(&lines), [17, 15, 15, 25, 20]);
    }

    #[test]
    fn a_count_is_not_torn_apart() {
        let mut out = String::new();
        wrap(&mut out, &format!("{}1{JOINED}camera", "x, ".repeat(32)));
        assert!(out.ends_with("\n  1 camera\n"), "{out}");
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
