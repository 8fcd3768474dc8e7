//! Where schools are and what leads there: sites, buildings, rooms and links.

use super::{BookError, Sheet, number};
use crate::text::Language;
use rundgang_store::{School, Traeger};
use std::collections::BTreeMap;

pub(super) fn sites(traeger: &Traeger, schools: &[School], language: Language) -> Result<Sheet, BookError> {
    let mut rows = Vec::new();
    for school in schools {
        for site in traeger.sites(school.id)? {
            let role = if site.is_main { "main" } else { "branch" };
            rows.push(vec![school.entered.name.clone(), site.name, role.to_owned(), site.address]);
        }
    }
    let keys = ["column-school", "column-site", "site-role", "site-address"];
    Ok(Sheet::new(language, "sites", &keys, rows))
}

/// The sites of a school by number.
fn names(traeger: &Traeger, school: i64) -> rundgang_store::Result<BTreeMap<i64, String>> {
    Ok(traeger.sites(school)?.into_iter().map(|site| (site.id, site.name)).collect())
}

fn named(all: &BTreeMap<i64, String>, id: Option<i64>) -> String {
    id.and_then(|id| all.get(&id)).cloned().unwrap_or_default()
}

pub(super) fn buildings(
    traeger: &Traeger,
    schools: &[School],
    language: Language,
) -> Result<Sheet, BookError> {
    let mut rows = Vec::new();
    for school in schools {
        let sites = names(traeger, school.id)?;
        for building in traeger.buildings(school.id)? {
            let site = named(&sites, building.site);
            rows.push(vec![school.entered.name.clone(), building.name, site]);
        }
    }
    let keys = ["column-school", "column-building", "column-site"];
    Ok(Sheet::new(language, "buildings", &keys, rows))
}

pub(super) fn rooms(traeger: &Traeger, schools: &[School], language: Language) -> Result<Sheet, BookError> {
    let mut rows = Vec::new();
    for school in schools {
        let all = traeger.buildings(school.id)?;
        let buildings: BTreeMap<i64, String> = all.into_iter().map(|one| (one.id, one.name)).collect();
        for room in traeger.rooms(school.id)? {
            let (name, building) = (school.entered.name.clone(), named(&buildings, room.building));
            rows.push(vec![name, room.name, room.kind, number(room.sockets), room.equipment, building]);
        }
    }
    let keys = [
        "column-school",
        "column-room",
        "column-kind",
        "column-sockets",
        "column-equipment",
        "column-building",
    ];
    Ok(Sheet::new(language, "rooms", &keys, rows))
}

pub(super) fn links(traeger: &Traeger, schools: &[School], language: Language) -> Result<Sheet, BookError> {
    let mut rows = Vec::new();
    for school in schools {
        let sites = names(traeger, school.id)?;
        for link in traeger.links(school.id)? {
            let name = school.entered.name.clone();
            let (down, up) = (number(link.down_mbit), number(link.up_mbit));
            let site = named(&sites, link.site);
            rows.push(vec![name, link.technology, down, up, link.status, link.role, link.provider, site]);
        }
    }
    let keys = [
        "column-school",
        "link-technology",
        "link-down",
        "link-up",
        "column-state",
        "column-kind",
        "field-provider",
        "column-site",
    ];
    Ok(Sheet::new(language, "links", &keys, rows))
}
