//! Recognition: from merged evidence of one host to what it is, with confidence and reasons.

mod claims;
mod described;
mod fingerprint;
mod library;
mod names;
mod oids;
pub mod oui;
mod standard;
pub(crate) mod vendors;

use crate::{Fields, Kind, Mac};
use serde::{Deserialize, Serialize};

/// How sure a statement is; ordered, so that conflicts are settled by strength and not by order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// From a MAC block or an open port alone.
    Low,
    /// From a title, cookie, certificate or banner.
    Medium,
    /// The device itself says so (SNMP, PJLink, IPP, mDNS TXT, ONVIF).
    High,
}

/// One statement about a device, with how sure it is and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told<T> {
    /// The statement.
    pub value: T,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why, readable: `sysDescr says "KYOCERA ECOSYS M2540dn"`.
    pub because: String,
}

/// What a host is, as far as its evidence tells. Absent means unknown: better silent than wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognition {
    /// What it is.
    pub kind: Option<Told<Kind>>,
    /// Who made it.
    pub vendor: Option<Told<String>>,
    /// The model as the vendor writes it.
    pub model: Option<Told<String>>,
    /// The serial number.
    pub serial: Option<Told<String>>,
    /// Version of its firmware or operating system.
    pub os_version: Option<Told<String>>,
    /// The name it gives itself.
    pub hostname: Option<Told<String>>,
    /// Services and platforms seen on it: `moodle`, `ssh`, `smtp`.
    pub services: Vec<String>,
}

impl Recognition {
    /// Why, each reason once, the kind's first.
    #[must_use]
    pub fn reasons(&self) -> Vec<&str> {
        let texts = [&self.vendor, &self.model, &self.serial, &self.os_version, &self.hostname];
        let all = self.kind.iter().map(|kind| kind.because.as_str());
        let mut reasons: Vec<&str> = Vec::new();
        for reason in all.chain(texts.into_iter().flatten().map(|told| told.because.as_str())) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons
    }
}

/// Recognises one host from its MAC (where known) and its merged evidence. Contradictions are settled by how strong
/// a source is ([`Confidence`], then how specific it is), never by order.
#[must_use]
pub fn recognise(mac: Option<Mac>, fields: &Fields) -> Recognition {
    recognise_with(mac, fields, &[])
}

/// What a lesson says of a device that it fits.
pub(crate) struct Taught {
    pub(crate) kind: Kind,
    pub(crate) vendor: Option<String>,
    pub(crate) because: String,
}

/// The same, with what people accepted as taught: as good as a title or a banner, weaker than the device's own word.
pub(crate) fn recognise_with(mac: Option<Mac>, fields: &Fields, taught: &[Taught]) -> Recognition {
    let mut claims = claims::Claims::default();
    for lesson in taught {
        let strength = claims::Strength(Confidence::Medium, 60);
        claims.kind(lesson.kind, strength, &lesson.because);
        if let Some(vendor) = &lesson.vendor {
            claims.vendor(vendor, strength, &lesson.because);
        }
    }
    standard::claim(mac, fields, &mut claims);
    described::claim(fields, &mut claims);
    names::claim(mac, fields, &mut claims);
    library::built_in().claim(fields, &mut claims);
    claims.settle()
}

/// The maker that a name begins with or holds, in the spelling we show: "Prowise Touchscreen 101".
#[must_use]
pub fn maker_in(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    let pairs = words.windows(2).map(|pair| pair.join(" "));
    let known = |name: &String| vendors::maker(name).map(|maker| maker.name.clone());
    pairs.chain(words.iter().map(|&word| word.to_owned())).find_map(|name| known(&name))
}

/// What a person calls the product: maker and model, the maker once although many a model begins with it; empty where
/// neither is known.
#[must_use]
pub fn product(vendor: Option<&str>, model: Option<&str>) -> String {
    let (Some(vendor), Some(model)) = (vendor, model) else {
        return vendor.or(model).unwrap_or_default().to_owned();
    };
    let starts = model.get(..vendor.len()).is_some_and(|start| start.eq_ignore_ascii_case(vendor));
    let ends_there = || !model[vendor.len()..].starts_with(char::is_alphanumeric);
    if starts && ends_there() { model.to_owned() } else { format!("{vendor} {model}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Value,
        vocabulary::{MDNS_SERVICES, MDNS_TXT, SNMP_SYS_DESCR},
    };

    #[test]
    fn a_product_names_its_maker_once() {
        let check = |vendor, model, expected: &str| assert_eq!(product(vendor, model), expected);
        check(Some("Apple"), Some("Apple TV 4K"), "Apple TV 4K");
        check(Some("EPSON"), Some("Epson EB-L200F"), "Epson EB-L200F");
        check(Some("HP"), Some("LaserJet M507"), "HP LaserJet M507");
        check(Some("HP"), Some("HPE 2930F"), "HP HPE 2930F");
        check(Some("Öko"), Some("Ö"), "Öko Ö");
        check(Some("Cisco"), None, "Cisco");
        check(None, Some("EB-L200F"), "EB-L200F");
        check(None, None, "");
    }

    #[test]
    fn a_computer_is_not_what_somebody_called_it() {
        let check = |descr: &str, expected: Option<Kind>| {
            let told = recognise(None, &Fields::new().with(&SNMP_SYS_DESCR, Value::text(descr)));
            assert_eq!(told.kind.map(|told| told.value), expected, "{descr}");
        };
        for name in ["printer", "router", "switch", "firewall"] {
            check(&format!("Linux {name} 6.1.0-9-amd64 #1 SMP x86_64"), Some(Kind::Server));
            check(&format!("Linux {name} 6.1.0-9-rt #1 SMP"), None);
            check(&format!("Darwin {name} 23.6.0 Darwin Kernel Version 23.6.0"), Some(Kind::Workstation));
        }
        check("Sample Color Laser Printer", Some(Kind::Printer));
        // Words and not a computer's name: no number of a kernel follows.
        check("Linux based router", Some(Kind::Router));
    }

    #[test]
    fn a_board_that_announces_a_receiver_is_a_board_with_low_confidence() {
        let check = |mac: Option<&str>, services: &[&str], txt: &[&str], vendor: &str| {
            let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.to_owned()).collect());
            let fields = Fields::new().with(&MDNS_SERVICES, list(services)).with(&MDNS_TXT, list(txt));
            let told = recognise(mac.and_then(|mac| mac.parse().ok()), &fields);
            let kind = told.kind.expect("a kind");
            assert_eq!((kind.value, kind.confidence), (Kind::Board, Confidence::Low), "{services:?} {txt:?}");
            assert_eq!(told.vendor.map(|told| told.value).as_deref(), Some(vendor));
        };
        check(None, &["_googlecast._tcp"], &["_googlecast._tcp md=IFP9999"], "ViewSonic");
        check(None, &["_airplay._tcp", "_raop._tcp"], &["_airplay._tcp model=ActivPanel 9"], "Promethean");
        check(
            None,
            &["_airplay._tcp"],
            &["_airplay._tcp manufacturer=BenQ", "_airplay._tcp model=RP9999"],
            "BenQ",
        );
        // The MAC block of a maker that builds nothing but boards refines a receiver too.
        check(Some("00:02:75:00:00:01"), &["_airplay._tcp", "_raop._tcp"], &[], "SMART Technologies");
    }
}
