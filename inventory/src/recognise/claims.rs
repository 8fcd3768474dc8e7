//! Claims: what single pieces of evidence say of a host, and how contradictions between them are settled.

use super::{Confidence, Recognition, Told, vendors};
use crate::{Kind, Mac, kind::Class};
use serde::Deserialize;
use std::collections::BTreeSet;

/// How a word for a kind stands to the word "computer", which a server and a network storage say of themselves as a
/// private notebook does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Standing {
    /// Anybody's computer can be made to say it: a program that serves films, a page of a web server.
    #[default]
    Plain,
    /// The word "computer" itself: a person's own, as long as nothing that no such computer says comes to it.
    Computer,
    /// No computer that a person carries or works at says it.
    Appliance,
}

/// One piece of evidence speaks for one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim<T> {
    pub(super) value: T,
    pub(super) confidence: Confidence,
    /// How specific the evidence is, among claims of the same confidence (0 to 100).
    pub(super) weight: u8,
    pub(super) because: String,
    pub(super) standing: Standing,
}

/// Everything that was said of one host.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub(super) kind: Vec<Claim<Kind>>,
    pub(super) vendor: Vec<Claim<String>>,
    pub(super) model: Vec<Claim<String>>,
    pub(super) serial: Vec<Claim<String>>,
    pub(super) version: Vec<Claim<String>>,
    pub(super) hostname: Vec<Claim<String>>,
    pub(super) services: BTreeSet<String>,
}

/// How strongly something is said; the reason goes with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strength(pub(super) Confidence, pub(super) u8);

impl Claims {
    pub(super) fn kind(&mut self, value: Kind, strength: Strength, because: &str) {
        self.kind.push(claim(value, strength, because));
    }

    /// The same of a word that stands in a certain way to the word "computer".
    pub(super) fn kind_as(&mut self, value: Kind, strength: Strength, because: &str, standing: Standing) {
        self.kind.push(Claim { standing, ..claim(value, strength, because) });
    }

    pub(super) fn vendor(&mut self, value: &str, strength: Strength, because: &str) {
        let value = vendors::canonical(value);
        if !value.is_empty() {
            self.vendor.push(claim(value, strength, because));
        }
    }

    pub(super) fn model(&mut self, value: &str, strength: Strength, because: &str) {
        // A bare version number in the place of a model is a vendor's mistake or ours.
        let trimmed = value.trim().trim_start_matches(['v', 'V']);
        if trimmed.contains('.') && trimmed.chars().all(|c| c.is_ascii_digit() || c == '.') {
            return;
        }
        // Some put their whole description into one object: what follows the model is not the model's name. A
        // hypervisor's make-believe board is no model of what runs on it.
        let value = value.split(" Software Version").next().unwrap_or(value);
        if !value.starts_with("Standard PC (") {
            push_text(&mut self.model, value, strength, because);
        }
    }

    pub(super) fn serial(&mut self, value: &str, strength: Strength, because: &str) {
        let value = value.trim_start_matches("S/N").trim_start_matches(':').trim();
        if value.len() >= 3 && value.len() <= 64 && is_serial(value) {
            // Where a device's MAC address is its serial number, makers print it without separators.
            let own = value.parse::<Mac>().ok().map(|mac| mac.to_string().replace(':', "").to_uppercase());
            push_text(&mut self.serial, own.as_deref().unwrap_or(value), strength, because);
        }
    }

    pub(super) fn version(&mut self, value: &str, strength: Strength, because: &str) {
        push_text(&mut self.version, value, strength, because);
    }

    pub(super) fn hostname(&mut self, value: &str, strength: Strength, because: &str) {
        push_text(&mut self.hostname, value, strength, because);
    }

    /// Settles every attribute by strength.
    pub(super) fn settle(self) -> Recognition {
        let vendor = settle(self.vendor, |a, b| a == b);
        let brand = vendor.as_ref().map(|told| told.value.clone()).unwrap_or_default();
        let model = settle(self.model, same_text).map(|mut told| {
            told.value = without_brand(&told.value, &brand);
            told
        });
        let kind = settle_kind(self.kind).or_else(|| {
            let builds = vendors::maker(&brand)?.kind?;
            let because = format!("{brand} builds this sort of device");
            Some(Told { value: builds, confidence: Confidence::Low, because })
        });
        Recognition {
            kind,
            vendor,
            model,
            serial: settle(self.serial, same_text),
            os_version: settle(self.version, same_text),
            hostname: settle(self.hostname, same_text),
            services: self.services.into_iter().collect(),
        }
    }
}

fn claim<T>(value: T, Strength(confidence, weight): Strength, because: &str) -> Claim<T> {
    Claim { value, confidence, weight, because: because.to_owned(), standing: Standing::Plain }
}

fn push_text(claims: &mut Vec<Claim<String>>, value: &str, strength: Strength, because: &str) {
    let value = value.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | ',' | ';' | '\0'));
    if !value.is_empty() && !is_placeholder(value) {
        claims.push(claim(value.to_owned(), strength, because));
    }
}

/// No label with something else behind it, no sign repeated throughout, and no block without the device's own half:
/// such a device was never given a serial number.
fn is_serial(text: &str) -> bool {
    let signs: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let repeated = ["0", "FF", "XX", "xx"].iter().any(|sign| signs.starts_with(sign))
        && signs.chars().all(|sign| signs.starts_with(sign));
    let hexadecimal = signs.len() == 12 && signs.chars().all(|sign| sign.is_ascii_hexdigit());
    let without_own_half = hexadecimal && signs.ends_with("000000");
    !(text.contains(": ") || repeated || without_own_half)
}

/// What devices say when nobody filled in the field.
fn is_placeholder(text: &str) -> bool {
    const EMPTY: &[&str] = &[
        "n/a",
        "na",
        "none",
        "unknown",
        "null",
        "nil",
        "not available",
        "not specified",
        "not applicable",
        "default string",
        "system product name",
        "system manufacturer",
        "to be filled by o.e.m.",
        "empty",
        "invalid",
        "undefined",
        "<private>",
        "private",
        "not set",
        "(null)",
    ];
    let lower = text.to_ascii_lowercase();
    EMPTY.contains(&lower.as_str()) || !lower.chars().any(char::is_alphanumeric)
}

/// The strongest claim; among equally strong ones that contradict each other the one with more support, and none
/// where support is equal too: better silent than wrong.
fn settle<T: Ord + Clone>(mut claims: Vec<Claim<T>>, same: fn(&T, &T) -> bool) -> Option<Told<T>> {
    claims.sort_by(|a, b| {
        (b.confidence, b.weight, &a.value, &a.because).cmp(&(a.confidence, a.weight, &b.value, &b.because))
    });
    let best = claims.first()?;
    let strength = (best.confidence, best.weight);
    let strongest = || claims.iter().filter(|claim| (claim.confidence, claim.weight) == strength);
    let support = |value: &T| claims.iter().filter(|claim| same(&claim.value, value)).count();
    let most = strongest().map(|claim| support(&claim.value)).max()?;
    let mut winners = strongest().filter(|claim| support(&claim.value) == most);
    let winner = winners.next()?;
    if winners.any(|other| !same(&other.value, &winner.value)) {
        return None;
    }
    Some(Told { value: winner.value.clone(), confidence: winner.confidence, because: winner.because.clone() })
}

/// The strongest kind, or one that says the same more exactly (see [`Kind::refines`]): then with its own, lower
/// confidence.
fn settle_kind(claims: Vec<Claim<Kind>>) -> Option<Told<Kind>> {
    if let Some(told) = said_of_a_computer(&claims) {
        return Some(told);
    }
    let told = settle(claims.clone(), |a, b| a == b)?;
    let finer = claims.into_iter().filter(|claim| claim.value.refines(told.value)).collect();
    Some(settle(finer, |a, b| a == b).unwrap_or(told))
}

/// What a device is that calls itself a computer: what only an appliance says of itself, else a computer that people
/// work at, whatever programs on it announce (promises P1 and P2). None where nothing says "computer".
fn said_of_a_computer(claims: &[Claim<Kind>]) -> Option<Told<Kind>> {
    let stands = |claim: &&Claim<Kind>, standing: Standing| claim.standing == standing;
    let computer = claims.iter().find(|claim| stands(claim, Standing::Computer))?;
    let of_a_person = |claim: &Claim<Kind>| {
        claim.confidence == Confidence::High
            && claim.standing != Standing::Computer
            && claim.value.class() != Class::Infrastructure
    };
    let own: Vec<_> = claims.iter().filter(|claim| of_a_person(claim)).cloned().collect();
    let appliance = || claims.iter().filter(|claim| stands(claim, Standing::Appliance)).cloned().collect();
    let told = settle(if own.is_empty() { appliance() } else { own }, |a, b| a == b);
    let computer =
        || Told { value: computer.value, confidence: computer.confidence, because: computer.because.clone() };
    Some(told.unwrap_or_else(computer))
}

#[allow(clippy::ptr_arg, reason = "it is handed over as a comparison of owned values")]
/// Two texts say the same when one holds the other, letters and digits alone.
fn same_text(a: &String, b: &String) -> bool {
    let (a, b) = (vendors::squeeze(a), vendors::squeeze(b));
    a.contains(&b) || b.contains(&a)
}

/// The model without the maker's name in front and without the word "series" behind.
fn without_brand(model: &str, brand: &str) -> String {
    let mut rest = model.trim();
    let bare = rest.get(..brand.len()).filter(|head| !brand.is_empty() && head.eq_ignore_ascii_case(brand));
    if bare.is_some()
        && let Some(tail) = rest.get(brand.len()..)
        && tail.starts_with([' ', '-', '_'])
        && tail.chars().any(|c| c.is_ascii_digit())
        && tail.len() > 3
        && brand != "Apple"
    {
        rest = tail.trim_start_matches([' ', '-', '_']);
    }
    for line in ["EMC Networking ", "Networking "] {
        // Dell's product lines, and none of another maker.
        rest = rest.strip_prefix(line).filter(|_| brand == "Dell").unwrap_or(rest);
    }
    rest.trim_end_matches(" series").trim_end_matches(" Series").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(claims: &[(Confidence, u8, &str)]) -> Option<String> {
        let claims = claims
            .iter()
            .map(|&(confidence, weight, value)| claim(value.to_owned(), Strength(confidence, weight), "test"))
            .collect();
        settle(claims, same_text).map(|told| told.value)
    }

    #[test]
    fn strength_settles_and_order_does_not() {
        use Confidence::{High, Low, Medium};
        let check = |claims: &[(Confidence, u8, &str)], expected: Option<&str>| {
            let mut backwards = claims.to_vec();
            backwards.reverse();
            assert_eq!(told(claims).as_deref(), expected);
            assert_eq!(told(&backwards).as_deref(), expected);
        };
        check(&[(Low, 90, "A1"), (Medium, 10, "B2")], Some("B2"));
        check(&[(High, 40, "A1"), (High, 60, "B2")], Some("B2"));
        check(&[(High, 50, "A1"), (High, 50, "B2")], None);
        check(&[(High, 50, "A1"), (High, 50, "B2"), (Medium, 50, "B2")], Some("B2"));
        check(&[], None);
    }

    #[test]
    fn a_finer_kind_settles_what_a_general_one_left_open() {
        use Confidence::{High, Low};
        let check = |claims: &[(Kind, Confidence)], expected: (Kind, Confidence)| {
            let claims = claims
                .iter()
                .map(|&(kind, sure)| claim(kind, Strength(sure, 50), "test"))
                .collect::<Vec<_>>();
            let told = settle_kind(claims).expect("a kind");
            assert_eq!((told.value, told.confidence), expected);
        };
        check(&[(Kind::MediaReceiver, High), (Kind::Board, Low)], (Kind::Board, Low));
        check(&[(Kind::Display, High), (Kind::Board, Low)], (Kind::Board, Low));
        check(&[(Kind::Projector, High), (Kind::Board, Low)], (Kind::Projector, High));
        check(&[(Kind::Board, High), (Kind::Display, Low)], (Kind::Board, High));
    }

    #[test]
    fn a_computer_is_a_person_s_until_only_an_appliance_could_have_said_it() {
        use Confidence::{High, Medium};
        let check = |said: &[(Kind, Confidence, Standing)], expected: Kind| {
            let mut claims = Claims::default();
            claims.kind_as(Kind::Workstation, Strength(Medium, 1), "test", Standing::Computer);
            for &(kind, sure, standing) in said {
                claims.kind_as(kind, Strength(sure, 50), "test", standing);
            }
            assert_eq!(claims.settle().kind.map(|told| told.value), Some(expected), "{said:?}");
        };
        check(&[], Kind::Workstation);
        check(&[(Kind::Nas, High, Standing::Plain)], Kind::Workstation);
        check(&[(Kind::Printer, High, Standing::Plain)], Kind::Workstation);
        check(&[(Kind::Nas, Medium, Standing::Appliance)], Kind::Nas);
        check(
            &[(Kind::Server, Medium, Standing::Appliance), (Kind::Printer, High, Standing::Plain)],
            Kind::Server,
        );
        // Two that contradict each other settle nothing.
        let both = [(Kind::Server, High, Standing::Appliance), (Kind::Nas, High, Standing::Appliance)];
        check(&both, Kind::Workstation);
        let its_own = (Kind::Workstation, High, Standing::Appliance);
        check(&[(Kind::Server, High, Standing::Appliance), its_own], Kind::Workstation);
    }

    #[test]
    fn models_lose_the_makers_name() {
        let check = |model: &str, brand: &str, expected: &str| {
            assert_eq!(without_brand(model, brand), expected);
        };
        check("Brother MFC-L9999DW series", "Brother", "MFC-L9999DW");
        check("Apple TV 4K", "Apple", "Apple TV 4K");
        check("LaserJet 9999", "HP", "LaserJet 9999");
        check("HPX 1", "HP", "HPX 1");
        check("Dell EMC Networking N9999", "Dell", "N9999");
    }

    #[test]
    fn serials_that_are_none_are_left_out() {
        let check = |text: &str, expected: Option<&str>| {
            let mut claims = Claims::default();
            claims.serial(text, Strength(Confidence::High, 50), "test");
            assert_eq!(claims.settle().serial.map(|told| told.value).as_deref(), expected, "{text}");
        };
        check("0000000000", None);
        check("FFFFFFFFFFFF", None);
        check("System MAC: a8-f7-e0-99-99-99", None);
        check("ACCC8E000000", None);
        check("ac:cc:8e:99:99:01", Some("ACCC8E999901"));
        check("S/N: 99-1000000", Some("99-1000000"));
    }

    #[test]
    fn empty_fields_say_nothing() {
        let mut claims = Claims::default();
        let strength = Strength(Confidence::High, 50);
        claims.serial("0000000000", strength, "test");
        claims.serial("N/A", strength, "test");
        claims.model("To be filled by O.E.M.", strength, "test");
        assert_eq!(claims.settle(), Recognition::default());
    }
}
