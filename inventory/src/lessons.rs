//! Learning from a documented device: what it announces of itself teaches what others are that announce the same.
//!
//! Boards seldom name themselves: many carry another maker's MAC block and announce no more than a receiver. Where a
//! person has documented one, its signature is proposed for the others; nothing is taken over before a person accepts.

use crate::{
    Fields, Kind, Mac, Recognition, Value,
    recognise::{self, Taught},
    vocabulary::{MDNS_SERVICES, MDNS_TXT, SSDP_ST, UPNP_DEVICE_TYPE},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How a device presents itself, without anything that is its own alone: no name, no identifier, no address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The first three octets of a universally administered MAC address, as `00:11:22`.
    pub block: Option<String>,
    /// Service and device types it announces.
    pub services: BTreeSet<String>,
    /// The keys of its TXT records with their service type, as `_airplay._tcp model`.
    pub keys: BTreeSet<String>,
    /// The model it announces, where it does.
    pub model: Option<String>,
}

/// TXT keys that hold a model (Cast, AirPlay, printers and others).
const MODEL_KEYS: &[&str] = &["md", "model", "am", "ty"];
/// Fewer announced types and keys than this are too common to tell one product from another.
const ENOUGH: usize = 3;

impl Signature {
    /// The signature of a device, from its MAC address and what it announced.
    #[must_use]
    pub fn of(mac: Option<Mac>, fields: &Fields) -> Self {
        let list = |field| match fields.get(field) {
            Some(Value::List(items)) => items.as_slice(),
            _ => &[],
        };
        let types = [&MDNS_SERVICES, &SSDP_ST, &UPNP_DEVICE_TYPE].into_iter().flat_map(list).cloned();
        let pairs = || list(&MDNS_TXT).iter().filter_map(|line| line.split_once('='));
        let model = pairs()
            .filter(|(key, _)| key.rsplit(' ').next().is_some_and(|name| MODEL_KEYS.contains(&name)))
            .map(|(_, value)| value.trim().to_owned())
            .find(|value| !value.is_empty());
        let block = mac.filter(|mac| !mac.is_local() && !mac.is_group());
        Self {
            block: block.map(|mac| mac.to_string().chars().take(8).collect()),
            services: types.collect(),
            keys: pairs().map(|(key, _)| key.to_owned()).collect(),
            model,
        }
    }

    /// Whether it says enough to tell a product by: two of block, announcements and model.
    #[must_use]
    pub fn tells(&self) -> bool {
        let announces = self.services.len() + self.keys.len() >= ENOUGH;
        [self.block.is_some(), announces, self.model.is_some()].into_iter().filter(|part| *part).count() >= 2
    }

    /// Whether another device presents itself as this one does: the same block (where there is one), everything that
    /// this one announces, and a model of the same series.
    #[must_use]
    pub fn fits(&self, other: &Self) -> bool {
        self.tells()
            && (self.block.is_none() || self.block == other.block)
            && self.services.is_subset(&other.services)
            && self.keys.is_subset(&other.keys)
            && match (&self.model, &other.model) {
                (Some(own), Some(told)) => series(own) == series(told),
                (None, _) => true,
                (Some(_), None) => false,
            }
    }

    /// Why it fits, readable.
    fn because(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.block.as_ref().map(|block| format!("MAC block {block}")));
        if !self.services.is_empty() {
            let some: Vec<&str> = self.services.iter().take(3).map(String::as_str).collect();
            parts.push(format!("announcements {}", some.join(", ")));
        }
        parts.extend(self.model.as_ref().map(|model| format!("model {model}")));
        parts.join("; ")
    }
}

/// A model without what tells sizes and generations apart: `IFP7550-5` and `IFP8650` are one series.
fn series(model: &str) -> String {
    model.chars().take_while(|c| !c.is_ascii_digit()).filter(|c| c.is_alphanumeric()).collect()
}

/// What a documented device teaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// The name of the documented system that teaches it.
    pub from: String,
    /// What it is.
    pub kind: Kind,
    /// Who made it, where its documented name says so.
    pub vendor: Option<String>,
    /// How it presents itself.
    pub signature: Signature,
}

impl Lesson {
    /// The lesson of a documented device; none where it says too little of itself, or where the device's own word is
    /// as good as the register's.
    #[must_use]
    pub fn of(name: &str, kind: Kind, mac: Option<Mac>, fields: &Fields) -> Option<Self> {
        let signature = Signature::of(mac, fields);
        let told = recognise::recognise(mac, fields).kind;
        let known =
            told.is_some_and(|told| told.value == kind && told.confidence > recognise::Confidence::Low);
        let vendor = recognise::maker_in(name);
        (signature.tells() && !known).then(|| Self { from: name.to_owned(), kind, vendor, signature })
    }

    /// What it says of a device that presents itself the same way; the kind only where it does not contradict the
    /// device's own word (see [`Kind::refines`]).
    fn taught(&self, mac: Option<Mac>, fields: &Fields) -> Option<Taught> {
        self.signature.fits(&Signature::of(mac, fields)).then(|| Taught {
            kind: self.kind,
            vendor: self.vendor.clone(),
            because: format!("taught by \"{}\": {}", self.from, self.signature.because()),
        })
    }
}

/// A lesson and the devices that it would name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal<Id> {
    /// The lesson.
    pub lesson: Lesson,
    /// Those that would be recognised otherwise with it.
    pub learners: Vec<Id>,
}

/// A device as far as learning is concerned.
#[derive(Clone, Debug)]
pub struct Pupil<'a, Id> {
    /// Whom it stands for.
    pub id: Id,
    /// Its MAC address.
    pub mac: Option<Mac>,
    /// Its merged evidence.
    pub fields: &'a Fields,
}

/// What lessons would change, each with the devices that it names; lessons that change nothing are left out.
#[must_use]
pub fn propose<Id: Clone>(lessons: &[Lesson], pupils: &[Pupil<'_, Id>]) -> Vec<Proposal<Id>> {
    let learns = |lesson: &Lesson, pupil: &Pupil<'_, Id>| {
        let known = recognise::recognise(pupil.mac, pupil.fields);
        let taught = recognise_taught(pupil.mac, pupil.fields, std::slice::from_ref(lesson));
        let kind = |told: &Recognition| told.kind.as_ref().map(|told| told.value);
        kind(&known) != kind(&taught)
    };
    lessons
        .iter()
        .map(|lesson| Proposal {
            lesson: lesson.clone(),
            learners: pupils
                .iter()
                .filter(|pupil| learns(lesson, pupil))
                .map(|pupil| pupil.id.clone())
                .collect(),
        })
        .filter(|proposal| !proposal.learners.is_empty())
        .collect()
}

/// Recognises a host with what people accepted as taught beside the fingerprints.
#[must_use]
pub fn recognise_taught(mac: Option<Mac>, fields: &Fields, lessons: &[Lesson]) -> Recognition {
    let taught: Vec<Taught> = lessons.iter().filter_map(|lesson| lesson.taught(mac, fields)).collect();
    recognise::recognise_with(mac, fields, &taught)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Confidence;

    /// A board of a maker without a block of its own: a receiver, as far as it says itself.
    fn board(name: &str, model: &str) -> Fields {
        let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.to_owned()).collect());
        Fields::new().with(&MDNS_SERVICES, list(&["_airplay._tcp", "_googlecast._tcp", "_raop._tcp"])).with(
            &MDNS_TXT,
            list(&[
                &format!("_googlecast._tcp fn={name}"),
                &format!("_googlecast._tcp md={model}"),
                "_airplay._tcp features=0x5A7FFFF7,0xE",
            ]),
        )
    }

    fn mac(text: &str) -> Option<Mac> {
        text.parse().ok()
    }

    const BLOCK: &str = "b0:f1:ec:00:00:01";
    const OTHER: &str = "b0:f1:ec:00:00:02";

    #[test]
    fn one_documented_board_teaches_the_others() {
        let one = board("Raum 101", "ZX75");
        let lesson = Lesson::of("Prowise Touchscreen 101", Kind::Board, mac(BLOCK), &one).expect("a lesson");
        let others = [
            ("sister", mac(OTHER), board("Raum 102", "ZX86"), true),
            ("another model", mac(OTHER), board("Raum 103", "Home Theatre 9"), false),
            ("another block", mac("00:11:32:00:00:01"), board("Raum 104", "ZX75"), false),
            ("a random address", mac("d2:77:1c:04:1c:5d"), board("Raum 105", "ZX75"), false),
        ];
        let pupils: Vec<Pupil<'_, &str>> =
            others.iter().map(|(id, mac, fields, _)| Pupil { id: *id, mac: *mac, fields }).collect();
        let proposals = propose(std::slice::from_ref(&lesson), &pupils);
        assert_eq!(proposals.len(), 1);
        let expected: Vec<&str> = others.iter().filter(|other| other.3).map(|other| other.0).collect();
        assert_eq!(proposals[0].learners, expected);

        let told = recognise_taught(mac(OTHER), &board("Raum 102", "ZX86"), &[lesson]);
        let kind = told.kind.expect("a kind");
        assert_eq!((kind.value, kind.confidence), (Kind::Board, Confidence::Medium));
        assert!(kind.because.contains("Prowise Touchscreen 101"), "{}", kind.because);
        assert_eq!(told.vendor.map(|told| told.value).as_deref(), Some("Prowise"));
    }

    #[test]
    fn too_little_teaches_nothing() {
        let check = |mac: Option<Mac>, fields: &Fields, expected: bool| {
            assert_eq!(Lesson::of("Tafel", Kind::Board, mac, fields).is_some(), expected, "{fields:?}");
        };
        check(mac(BLOCK), &Fields::new(), false);
        check(None, &board("Raum 1", ""), false);
        check(None, &board("Raum 1", "ZX75"), true);
        check(mac(BLOCK), &board("Raum 1", ""), true);
        // What a device says of itself with certainty needs no lesson.
        let printer = Fields::new().with(&crate::vocabulary::SNMP_PRINTER_SERIAL, Value::text("ABC12345"));
        assert_eq!(Lesson::of("Drucker", Kind::Printer, mac(BLOCK), &printer), None);
    }

    #[test]
    fn a_lesson_contradicts_no_device() {
        let one = board("Raum 101", "ZX75");
        let lesson = Lesson::of("Tafel 1", Kind::Board, mac(BLOCK), &one).expect("a lesson");
        let mut printer = board("Kopierer", "ZX75");
        printer.set(&crate::vocabulary::SNMP_PRINTER_SERIAL, Value::text("ABC12345"));
        let told = recognise_taught(mac(OTHER), &printer, &[lesson]);
        assert_eq!(told.kind.map(|told| told.value), Some(Kind::Printer));
    }

    #[test]
    fn a_signature_holds_nothing_of_its_device_alone() {
        let told = serde_json::to_string(&Signature::of(mac(BLOCK), &board("iPad von Frau Muster", "ZX75")));
        let text = told.expect("JSON");
        assert!(!text.contains("Muster") && !text.contains("00:00:01"), "{text}");
    }
}
