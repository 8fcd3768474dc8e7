//! BSI Strukturanalyse (standard 200-2): systems, rooms, networks and lines as a table, alike ones in one row.

use super::word;
use rundgang_dashboards::csv;
use rundgang_inventory::Timestamp;
use rundgang_store::{
    Result, Traeger,
    views::assets::{AssetFilter, AssetLine},
};
use std::collections::BTreeMap;

/// The columns, as the standard asks for them.
const HEADER: [&str; 10] = [
    "Schule",
    "Nummer",
    "Zielobjekt",
    "Bezeichnung",
    "Plattform",
    "Anzahl",
    "Ort",
    "Status",
    "Benutzer",
    "Verantwortlich",
];

/// What makes objects alike: all columns but school, number and count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Object {
    sort: &'static str,
    name: String,
    platform: String,
    place: String,
    status: String,
    users: String,
    responsible: String,
}

/// The table as CSV; without a book its header alone.
pub(super) fn table(traeger: Option<&Traeger>, now: Timestamp) -> Result<String> {
    let header: Vec<String> = HEADER.iter().map(|column| (*column).to_owned()).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let Some(traeger) = traeger else { return Ok(csv::table(&header, &rows)) };
    for school in traeger.schools()?.into_iter().filter(|school| !school.entered.is_example) {
        let mut counts: BTreeMap<Object, usize> = BTreeMap::new();
        for object in objects(traeger, school.id, now)? {
            *counts.entry(object).or_default() += 1;
        }
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        for (object, count) in counts {
            let number = numbers.entry(object.sort).or_default();
            *number += 1;
            let letter = object.sort.chars().next().unwrap_or('?');
            rows.push(vec![
                school.entered.name.clone(),
                format!("{letter}{number:03}"),
                object.sort.to_owned(),
                object.name,
                object.platform,
                count.to_string(),
                object.place,
                object.status,
                object.users,
                object.responsible,
            ]);
        }
    }
    Ok(csv::table(&header, &rows))
}

fn objects(traeger: &Traeger, school: i64, now: Timestamp) -> Result<Vec<Object>> {
    let kind = |name: &str| word("kind", name);
    let rooms: BTreeMap<i64, String> =
        traeger.rooms(school)?.into_iter().map(|room| (room.id, room.name)).collect();
    let lines = traeger.asset_lines(school, &AssetFilter::default())?;
    let mut all = Vec::new();
    for system in traeger.systems(school)?.into_iter().filter(|system| system.status != "retired") {
        let device = lines.iter().find(|line| line.system.as_ref().is_some_and(|(id, _)| *id == system.id));
        let is_device = system.kind.parse::<rundgang_inventory::Kind>().is_ok();
        all.push(Object {
            sort: if is_device { "IT-System" } else { "Anwendung" },
            // Twenty alike projectors are one row; what stands alone keeps its name.
            name: if is_device { kind(&system.kind) } else { system.name },
            platform: device.map(AssetLine::product).unwrap_or_default(),
            place: system.room.and_then(|room| rooms.get(&room).cloned()).unwrap_or_default(),
            status: word("status", &system.status),
            users: system.purpose,
            responsible: system.owner,
        });
    }
    for line in lines.iter().filter(|line| line.system.is_none()) {
        all.push(Object {
            sort: "IT-System",
            name: line.kind.as_deref().map_or_else(|| "nicht erkannt".to_owned(), kind),
            platform: line.product(),
            place: String::new(),
            status: "gefunden, nicht dokumentiert".to_owned(),
            users: String::new(),
            responsible: String::new(),
        });
    }
    let place = |sort, name: String, platform: String, status: String| Object {
        sort,
        name,
        platform,
        place: String::new(),
        status,
        users: String::new(),
        responsible: String::new(),
    };
    all.extend(traeger.rooms(school)?.into_iter().map(|r| place("Raum", r.name, r.kind, String::new())));
    let segments = traeger.school_page(school, now)?.walks.segments;
    all.extend(segments.into_iter().map(|s| place("Netz", s.name, s.network, String::new())));
    let links = traeger.links(school)?;
    all.extend(links.into_iter().map(|l| place("Verbindung", l.technology, l.provider, l.status)));
    Ok(all)
}
