//! BSI Strukturanalyse (standard 200-2): systems, applications and what they run on, rooms, networks and lines as a table,
//! alike ones in one row. It is a German paper, so its words are German.

use crate::csv;
use crate::text::Language;
use rundgang_inventory::{Kind, Timestamp};
use rundgang_store::{
    DocumentedSystem, Result, Room, Traeger,
    views::assets::{AssetFilter, AssetLine},
};
use std::collections::BTreeMap;

/// The columns, as the standard asks for them.
const HEADER: [&str; 12] = [
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
    "Personenbezogene Daten",
    "Läuft auf",
];

/// What makes objects alike: all columns but school, number and count.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Object {
    sort: &'static str,
    name: String,
    platform: String,
    place: String,
    status: String,
    users: String,
    responsible: String,
    personal_data: &'static str,
    /// The system that an application runs on.
    runs_on: Option<Box<Object>>,
}

/// The table as CSV, of one school or of all; without a book its header alone.
///
/// # Errors
/// There is no such school, or the database failed.
pub fn table(traeger: Option<&Traeger>, school: Option<i64>, now: Timestamp) -> Result<String> {
    let header: Vec<String> = HEADER.iter().map(|column| (*column).to_owned()).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let Some(traeger) = traeger else { return Ok(csv::table(&header, &rows)) };
    let schools = match school {
        Some(school) => vec![traeger.school(school)?],
        None => traeger.schools()?.into_iter().filter(|school| !school.entered.is_example).collect(),
    };
    for school in schools {
        let mut counts: BTreeMap<Object, usize> = BTreeMap::new();
        for object in objects(traeger, school.id, now)? {
            *counts.entry(object).or_default() += 1;
        }
        let numbers = numbered(&counts);
        let number = |object: &Object| numbers.get(object).cloned().unwrap_or_default();
        rows.extend(counts.iter().map(|(object, count)| {
            let o = object.clone();
            vec![
                school.entered.name.clone(),
                number(object),
                o.sort.to_owned(),
                o.name,
                o.platform,
                count.to_string(),
                o.place,
                o.status,
                o.users,
                o.responsible,
                o.personal_data.to_owned(),
                o.runs_on.map(|system| number(&system)).unwrap_or_default(),
            ]
        }));
    }
    Ok(csv::table(&header, &rows))
}

/// The number of each object: the first letter of its sort, counted from one.
fn numbered(all: &BTreeMap<Object, usize>) -> BTreeMap<&Object, String> {
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    let mut numbers = BTreeMap::new();
    for object in all.keys() {
        let number = last.entry(object.sort).or_default();
        *number += 1;
        numbers.insert(object, format!("{}{number:03}", object.sort.chars().next().unwrap_or('?')));
    }
    numbers
}

fn word(family: &str, name: &str) -> String {
    Language::De.find(&format!("{family}-{name}"), &[]).unwrap_or_else(|| name.to_owned())
}

/// A device by what it is: twenty alike projectors are one row.
fn device(line: &AssetLine, status: &str, place: String) -> Object {
    let kind = |name: &str| word("kind", name);
    Object {
        sort: "IT-System",
        name: line.kind.as_deref().map_or_else(|| "nicht erkannt".to_owned(), kind),
        platform: line.product(),
        place,
        status: status.to_owned(),
        ..Object::default()
    }
}

/// A documented system: one that is a device by its kind, one that is none by its name, which stands alone.
fn documented(system: DocumentedSystem, line: Option<&AssetLine>, place: String) -> Object {
    let is_device = is_device(&system);
    Object {
        sort: if is_device { "IT-System" } else { "Anwendung" },
        name: if is_device { word("kind", &system.kind) } else { system.name },
        platform: line.filter(|_| is_device).map(AssetLine::product).unwrap_or_default(),
        place,
        status: word("status", &system.status),
        users: system.purpose,
        responsible: system.owner,
        personal_data: match system.personal_data {
            Some(true) => "ja",
            Some(false) => "nein",
            None => "",
        },
        runs_on: None,
    }
}

fn is_device(system: &DocumentedSystem) -> bool {
    system.kind.parse::<Kind>().is_ok()
}

/// The systems of a school and its devices. A device is what its own system says it is; one that only applications stand
/// for is a system of its own, which they run on, and one that nothing living stands for was found.
fn systems(traeger: &Traeger, school: i64, rooms: &[Room]) -> Result<Vec<Object>> {
    let names: BTreeMap<i64, &String> = rooms.iter().map(|room| (room.id, &room.name)).collect();
    let lines: BTreeMap<i64, AssetLine> = traeger
        .asset_lines(school, &AssetFilter::default())?
        .into_iter()
        .map(|line| (line.id, line))
        .collect();
    let stands: BTreeMap<i64, i64> = traeger.devices_of_systems(school)?.into_iter().collect();
    let (mut own, mut applications) = (BTreeMap::new(), Vec::new());
    let mut all = Vec::new();
    for system in traeger.systems(school)?.into_iter().filter(|system| system.status != "retired") {
        let place = system.room.and_then(|room| names.get(&room).copied().cloned()).unwrap_or_default();
        let line = stands.get(&system.id).and_then(|asset| lines.get(asset));
        if is_device(&system) {
            let object = documented(system, line, place);
            if let Some(line) = line {
                own.entry(line.id).or_insert_with(|| object.clone());
            }
            all.push(object);
        } else {
            applications.push((documented(system, line, place), line));
        }
    }
    for (mut application, line) in applications {
        if let Some(line) = line {
            let under = own.entry(line.id).or_insert_with(|| {
                let under = device(line, &application.status, application.place.clone());
                all.push(under.clone());
                under
            });
            application.runs_on = Some(Box::new(under.clone()));
        }
        all.push(application);
    }
    let found = lines.values().filter(|line| !own.contains_key(&line.id));
    all.extend(found.map(|line| device(line, "gefunden, nicht dokumentiert", String::new())));
    Ok(all)
}

fn objects(traeger: &Traeger, school: i64, now: Timestamp) -> Result<Vec<Object>> {
    let rooms = traeger.rooms(school)?;
    let mut all = systems(traeger, school, &rooms)?;
    let place = |sort, name, platform, status| Object { sort, name, platform, status, ..Object::default() };
    all.extend(rooms.into_iter().map(|r| place("Raum", r.name, r.kind, String::new())));
    let segments = traeger.school_page(school, now)?.walks.segments;
    all.extend(segments.into_iter().map(|s| place("Netz", s.name, s.network, String::new())));
    let links = traeger.links(school)?;
    all.extend(
        links.into_iter().map(|l| {
            place("Verbindung", word("choice", &l.technology), l.provider, word("choice", &l.status))
        }),
    );
    Ok(all)
}
