//! Sites, buildings, rooms, links and documents of a school, each as a form.

use super::form::{DOCUMENTS, DRAFT, ROLES, STATES, TECHNOLOGIES};
use super::{Given, Standing};
use crate::chrome::Chrome;
use crate::pages::item::{Item, Refused, Spec, Stands, Typed, choices, or_none};
use rundgang_store::{Building, Document, Link, Room, Site};

fn place(name: &'static str, label: String) -> Spec {
    Spec { name, label, typed: Typed::Text, choices: Vec::new(), is_required: false }
}

fn required(name: &'static str, label: String) -> Spec {
    Spec { is_required: true, ..place(name, label) }
}

fn typed(name: &'static str, label: String, typed: Typed) -> Spec {
    Spec { typed, ..place(name, label) }
}

fn chosen(name: &'static str, label: String, choices: Vec<(String, String)>) -> Spec {
    Spec { choices, ..place(name, label) }
}

fn number(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// The form of one thing, with what was refused where that was this one.
fn item(stands: Stands<'_>, specs: Vec<Spec>, given: Option<&Given>) -> Item {
    let own = given.filter(|given| {
        given.form.get("part") == stands.part && given.form.get("id").parse().unwrap_or(0) == stands.id
    });
    let Some(given) = own else { return Item::of(stands, specs, None) };
    let get = |name: &str| given.form.get(name).to_owned();
    Item::of(stands, specs, Some(&Refused { get: &get, field: &given.wrong.field, why: &given.wrong.why }))
}

fn joined(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The name of what has that number.
pub(super) fn named(all: impl IntoIterator<Item = (i64, String)>, id: Option<i64>) -> String {
    all.into_iter().find(|(known, _)| Some(*known) == id).map(|(_, name)| name).unwrap_or_default()
}

fn sites_of(all: &Standing) -> impl Iterator<Item = (i64, String)> {
    all.sites.iter().map(|site| (site.id, site.name.clone()))
}

fn numbered(all: impl Iterator<Item = (i64, String)>) -> Vec<(String, String)> {
    or_none(all.map(|(id, name)| (id.to_string(), name)))
}

/// What stands there, and one to be entered.
fn and_new<T: Clone + Default>(all: &[T]) -> impl Iterator<Item = T> {
    all.iter().cloned().chain([T::default()])
}

pub(super) fn sites(c: &Chrome, all: &Standing, given: Option<&Given>) -> Vec<Item> {
    let one = |site: Site| {
        let role = if site.is_main { "main" } else { "branch" };
        // The first that is entered is the main one, mostly.
        let role = if site.id == 0 && all.sites.is_empty() { "main" } else { role };
        let specs = vec![
            required("name", c.t("place-name")),
            chosen("role", c.t("site-role"), choices(c, "site", &["main", "branch"])),
            place("address", c.t("site-address")),
        ];
        let stands = Stands {
            part: "site",
            id: site.id,
            version: site.version,
            title: if site.id == 0 { c.t("site-new") } else { site.name.clone() },
            line: joined([c.word("site", role), site.address.clone()]),
            values: vec![("name", site.name), ("role", role.to_owned()), ("address", site.address)],
        };
        item(stands, specs, given)
    };
    and_new(&all.sites).map(one).collect()
}

pub(super) fn buildings(c: &Chrome, all: &Standing, given: Option<&Given>) -> Vec<Item> {
    let one = |building: Building| {
        let rooms = all.rooms.iter().filter(|room| room.building == Some(building.id)).count();
        let mut specs = vec![required("name", c.t("place-name"))];
        if !all.sites.is_empty() {
            specs.push(chosen("site", c.t("column-site"), numbered(sites_of(all))));
        }
        let stands = Stands {
            part: "building",
            id: building.id,
            version: building.version,
            title: if building.id == 0 { c.t("building-new") } else { building.name.clone() },
            line: joined([named(sites_of(all), building.site), c.n("building-rooms", "count", rooms)]),
            values: vec![("name", building.name), ("site", number(building.site))],
        };
        item(stands, specs, given)
    };
    and_new(&all.buildings).map(one).collect()
}

/// The form of one room; the others are told in a table alone, since a school has hundreds.
pub(super) fn room(c: &Chrome, all: &Standing, room: Room, given: Option<&Given>) -> Item {
    let buildings = all.buildings.iter().map(|one| (one.id, one.name.clone()));
    let specs = vec![
        required("name", c.t("column-room")),
        place("kind", c.t("column-kind")),
        typed("sockets", c.t("column-sockets"), Typed::Number),
        place("equipment", c.t("column-equipment")),
        chosen("building", c.t("column-building"), numbered(buildings)),
    ];
    let stands = Stands {
        part: "room",
        id: room.id,
        version: room.version,
        title: if room.id == 0 { c.t("room-new") } else { room.name.clone() },
        line: String::new(),
        values: vec![
            ("name", room.name),
            ("kind", room.kind),
            ("sockets", number(room.sockets)),
            ("equipment", room.equipment),
            ("building", number(room.building)),
        ],
    };
    item(stands, specs, given)
}

pub(super) fn links(c: &Chrome, all: &Standing, given: Option<&Given>) -> Vec<Item> {
    let rate = |number: Option<i64>| number.map_or_else(|| "?".to_owned(), |number| number.to_string());
    let one = |link: Link| {
        let technologies = choices(c, "choice", &TECHNOLOGIES);
        let mut specs = vec![
            chosen("technology", c.t("link-technology"), technologies),
            typed("down", c.t("link-down"), Typed::Number),
            typed("up", c.t("link-up"), Typed::Number),
            chosen("role", c.t("link-role"), choices(c, "link", &ROLES)),
            chosen("status", c.t("link-status"), choices(c, "link", &STATES)),
            place("provider", c.t("field-provider")),
        ];
        if !all.sites.is_empty() {
            specs.push(chosen("site", c.t("column-site"), numbered(sites_of(all))));
        }
        let title = format!(
            "{}, {}/{} Mbit/s",
            c.word("choice", &link.technology),
            rate(link.down_mbit),
            rate(link.up_mbit)
        );
        let told = [c.word("link", &link.role), c.word("link", &link.status), link.provider.clone()];
        let or = |said: String, first: &str| if link.id == 0 { first.to_owned() } else { said };
        let stands = Stands {
            part: "link",
            id: link.id,
            version: link.version,
            title: if link.id == 0 { c.t("link-new") } else { title },
            line: joined(told.into_iter().chain([named(sites_of(all), link.site)])),
            values: vec![
                ("technology", or(link.technology, TECHNOLOGIES[0])),
                ("down", number(link.down_mbit)),
                ("up", number(link.up_mbit)),
                ("role", or(link.role, ROLES[0])),
                ("status", or(link.status, STATES[0])),
                ("provider", link.provider),
                ("site", number(link.site)),
            ],
        };
        item(stands, specs, given)
    };
    and_new(&all.links).map(one).collect()
}

pub(super) fn documents(c: &Chrome, all: &Standing, given: Option<&Given>) -> Vec<Item> {
    let one = |document: Document| {
        let (state, kind) = match document.kind.strip_prefix(DRAFT) {
            Some(kind) => ("draft", kind.to_owned()),
            None => ("final", document.kind.clone()),
        };
        let specs = vec![
            chosen("kind", c.t("column-kind"), choices(c, "document", &DOCUMENTS)),
            place("name", c.t("document-name")),
            chosen("state", c.t("link-status"), choices(c, "document", &["final", "draft"])),
            typed("dated", c.t("document-date"), Typed::Day),
            place("place", c.t("document-place")),
        ];
        let dated = document.dated.unwrap_or_default();
        let stands = Stands {
            part: "document",
            id: document.id,
            version: document.version,
            title: if document.id == 0 { c.t("document-new") } else { c.word("document", &document.kind) },
            line: joined([document.name.clone(), dated.clone(), document.place.clone()]),
            values: vec![
                ("kind", if document.id == 0 { DOCUMENTS[0].to_owned() } else { kind }),
                ("name", document.name),
                ("state", state.to_owned()),
                ("dated", dated),
                ("place", document.place),
            ],
        };
        item(stands, specs, given)
    };
    and_new(&all.documents).map(one).collect()
}
