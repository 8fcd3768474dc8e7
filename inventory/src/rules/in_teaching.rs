//! `asset.in-teaching` and `system.in-teaching`: what does not belong where pupils are: cameras, building control, remote
//! management, and hosts of the administration that answer in the teaching network.

use super::{AssetView, Check, Parameters, Rule, Severity, Sighting, Standing, SystemView, Verdict};
use crate::{Kind, search::folded};
use serde_json::json;

pub(super) static ASSET: Rule = Rule { family: "asset.in-teaching", check: Check::Asset(asset) };
pub(super) static SYSTEM: Rule = Rule { family: "system.in-teaching", check: Check::System(system) };

/// What a segment is for, as its name and purpose say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Pupils and lessons.
    Teaching,
    /// The school's office.
    Administration,
}

/// Words that name the office's network; they win over the others.
const ADMINISTRATION: [&str; 7] =
    ["verwaltung", "sekretariat", "schulleitung", "administrati", "management", "buro ", "office"];
/// Words that name a network for lessons.
const TEACHING: [&str; 11] = [
    "unterricht",
    "padagog",
    "paedagog",
    "schuler",
    "schueler",
    "klassen",
    "teaching",
    "classroom",
    "pupil",
    "onderwijs",
    "leerling",
];

/// What a segment is for; nothing where its words do not say.
#[must_use]
pub fn used_for(name: &str, purpose: &str) -> Option<Use> {
    let words = format!("{} ", folded(&format!("{name} {purpose}")));
    let has = |all: &[&str]| all.iter().any(|word| words.contains(word));
    if has(&ADMINISTRATION) { Some(Use::Administration) } else { has(&TEACHING).then_some(Use::Teaching) }
}

/// Kinds that nobody but their keepers should reach.
const KEPT_APART: [Kind; 4] = [Kind::Camera, Kind::BuildingControl, Kind::Bell, Kind::ManagementController];

fn asset(asset: &AssetView<'_>, parameters: &Parameters) -> Verdict {
    if !asset.kind.is_some_and(|kind| KEPT_APART.contains(&kind)) {
        return Verdict::clear();
    }
    let kind = asset.kind.map(Kind::name);
    seen_there(asset, parameters, |segment| {
        Verdict::wrong(ASSET.family, Severity::High, json!({ "kind": kind, "segment": segment }))
    })
}

fn system(system: &SystemView<'_>, parameters: &Parameters) -> Verdict {
    let is_office = parameters.administration.contains(system.segment)
        || used_for(system.segment, "") == Some(Use::Administration);
    if !system.is_in_use || !is_office {
        return Verdict::clear();
    }
    match system.asset {
        None => Verdict::Unknown(None),
        Some(device) => seen_there(device, parameters, |segment| {
            let evidence = json!({ "documented": system.segment, "segment": segment });
            Verdict::wrong(SYSTEM.family, Severity::High, evidence)
        }),
    }
}

/// What is wrong where a device was seen in a teaching network.
fn seen_there(asset: &AssetView<'_>, parameters: &Parameters, wrong: impl Fn(&str) -> Verdict) -> Verdict {
    let there = |sighting: &&Sighting<'_>| parameters.teaching.contains(sighting.segment);
    if let Some(sighting) = asset.sightings.iter().filter(there).find(|sighting| sighting.holds()) {
        return wrong(sighting.segment);
    }
    let missing = asset.sightings.iter().filter(there).filter(|s| s.standing == Standing::Missing);
    match missing.map(|sighting| sighting.confirmed).max() {
        Some(since) => Verdict::Unknown(Some(since)),
        None => Verdict::clear(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, asset as sample, ids, sighting};
    use super::*;
    use crate::Fields;

    fn parameters() -> Parameters {
        let mut parameters = Parameters::at(NOW);
        parameters.teaching.insert("teaching".to_owned());
        parameters.administration.insert("office".to_owned());
        parameters
    }

    #[test]
    fn what_belongs_elsewhere_is_told_where_pupils_are() {
        let none = Fields::new();
        let check = |kind, segment: &'static str, standing, expected: &str| {
            let mut seen = sighting("sweep", standing, &none);
            seen.segment = segment;
            let verdict = asset(&sample(Some(kind), vec![seen]), &parameters());
            assert_eq!(ids(&verdict), expected, "{kind} {segment} {standing:?}");
        };
        for kind in [Kind::Camera, Kind::BuildingControl, Kind::ManagementController] {
            check(kind, "teaching", Standing::Confirmed, "asset.in-teaching");
        }
        check(Kind::Camera, "technik", Standing::Confirmed, "");
        check(Kind::Camera, "teaching", Standing::Missing, "unknown");
        check(Kind::Camera, "teaching", Standing::Gone, "");
        // A document camera belongs into the classroom.
        check(Kind::DocumentCamera, "teaching", Standing::Confirmed, "");
        check(Kind::Printer, "teaching", Standing::Confirmed, "");
    }

    #[test]
    fn a_host_of_the_office_that_answers_where_pupils_are_is_told() {
        let none = Fields::new();
        let device = |segment: &'static str| {
            let mut seen = sighting("sweep", Standing::Confirmed, &none);
            seen.segment = segment;
            sample(Some(Kind::Server), vec![seen])
        };
        let (there, at_home) = (device("teaching"), device("office"));
        let check = |segment: &str, asset, expected: &str| {
            let view = SystemView { id: 3, is_in_use: true, segment, asset, ..SystemView::default() };
            assert_eq!(ids(&system(&view, &parameters())), expected, "{segment}");
        };
        check("office", Some(&there), "system.in-teaching");
        check("Verwaltungsnetz", Some(&there), "system.in-teaching");
        check("office", Some(&at_home), "");
        check("teaching", Some(&there), "");
        check("", Some(&there), "");
        check("office", None, "unknown");
    }

    #[test]
    fn the_use_of_a_segment_is_read_from_its_words() {
        let check = |name: &str, purpose: &str, expected| {
            assert_eq!(used_for(name, purpose), expected, "{name} {purpose}");
        };
        check("unterricht", "", Some(Use::Teaching));
        check("vlan20", "Pädagogisches Netz", Some(Use::Teaching));
        check("VLAN 30", "Schüler-WLAN", Some(Use::Teaching));
        check("leerlingen", "", Some(Use::Teaching));
        check("verwaltung", "Sekretariat", Some(Use::Administration));
        check("verwaltung", "Verwaltung des Unterrichts", Some(Use::Administration));
        check("drucker", "alle Drucker", None);
        check("", "", None);
    }
}
