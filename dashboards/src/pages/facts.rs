//! What people enter for a whole school: numbers, places, rooms, links, documents, and which lists they keep complete.

mod form;
mod items;
mod lines;

use super::item::Item;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use form::{Filled, Wrong};
use rundgang_store::views::survey::keepable;
use rundgang_store::{Building, Document, Link, Room, School, Site, StandingFact, Traeger};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The facts that surveys ask for, in groups.
const FACTS: [(&str, &[&str]); 4] = [
    ("people", &["pupils", "teachers", "coordinator.hours", "spend", "contact.school", "contact.traeger"]),
    ("support", &["support.first", "support.second", "support.reaction_hours"]),
    (
        "devices",
        &[
            "devices.pupil",
            "devices.pupil.pc",
            "devices.pupil.laptop",
            "devices.pupil.tablet",
            "devices.pupil.chromebook",
            "devices.pupil.internet",
            "devices.teacher",
        ],
    ),
    ("network", &["link.used_p95", "network.separation"]),
];

/// Every fact of the page.
fn facts() -> impl Iterator<Item = &'static str> {
    FACTS.iter().flat_map(|(_, names)| names.iter().copied())
}

struct FactShown {
    name: &'static str,
    label: String,
    value: String,
    /// Who said it, and when.
    told: String,
    version: i64,
    /// What stands there.
    seen: String,
    /// The same, where somebody else changed it meanwhile.
    other: Option<String>,
    error: Option<String>,
}

/// A line of what the school is.
struct AboutShown {
    name: &'static str,
    label: String,
    value: String,
    /// What stands there now, where somebody else changed it meanwhile.
    other: Option<String>,
    error: Option<String>,
}

/// A room as the table tells it.
struct RoomShown {
    room: Room,
    building: String,
}

#[derive(Template)]
#[template(path = "facts.html")]
struct Page {
    c: Chrome,
    action: String,
    /// The version of what the school is.
    version: i64,
    about: Vec<AboutShown>,
    facts: Vec<(String, Vec<FactShown>)>,
    sites: Vec<Item>,
    buildings: Vec<Item>,
    rooms: Vec<RoomShown>,
    /// The room that is changed or entered; the others are told in the table.
    room: Vec<Item>,
    links: Vec<Item>,
    documents: Vec<Item>,
    kept: Vec<(String, String, bool)>,
    given: Option<Given>,
}

/// What was typed and could not be kept, with the reason.
struct Given {
    form: Filled,
    wrong: Wrong,
}

impl Page {
    /// What was typed into a place of a part of the page that was refused.
    fn given(&self, part: &str, name: &str) -> &str {
        self.refused(part).map(|given| given.form.get(name)).unwrap_or_default()
    }

    /// Why a part of the page was refused.
    fn error(&self, part: &str) -> Option<&str> {
        self.refused(part).map(|given| given.wrong.why.as_str())
    }

    fn refused(&self, part: &str) -> Option<&Given> {
        self.given.as_ref().filter(|given| given.form.get("part") == part)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    ok: Option<String>,
    /// The room that somebody wants to change.
    raum: Option<i64>,
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let mut page = shown(&web, &visit, school, asked.raum, None).await?;
    page.c = page.c.told(asked.ok.as_deref());
    html(&page)
}

/// What stands there.
struct Standing {
    school: School,
    facts: BTreeMap<String, StandingFact>,
    kept: BTreeSet<String>,
    sites: Vec<Site>,
    buildings: Vec<Building>,
    rooms: Vec<Room>,
    links: Vec<Link>,
    documents: Vec<Document>,
}

fn standing(traeger: &Traeger, school: i64) -> rundgang_store::Result<Standing> {
    Ok(Standing {
        school: traeger.school(school)?,
        facts: traeger.standing_facts(school)?,
        kept: traeger.kept_lists(Some(school))?,
        sites: traeger.sites(school)?,
        buildings: traeger.buildings(school)?,
        rooms: traeger.rooms(school)?,
        links: traeger.links(school)?,
        documents: traeger.documents(school)?,
    })
}

async fn shown(
    web: &WebState,
    visit: &Visit,
    school: i64,
    room: Option<i64>,
    given: Option<Given>,
) -> Result<Page, Failure> {
    let all = web.ask(move |traeger| standing(traeger, school)).await?;
    let c = Chrome::new(visit, visit.language.text("facts-title"))
        .lead(visit.language.text("facts-lead"))
        .of_school(&all.school, "facts");
    let own = given.as_ref();
    let groups = FACTS.iter().map(|(group, names)| {
        let shown = names.iter().map(|name| fact_shown(&c, name, &all, own)).collect();
        (c.t(&format!("facts-{group}")), shown)
    });
    let refused_room = own.filter(|given| given.form.get("part") == "room");
    let wanted = refused_room.and_then(|given| given.form.get("id").parse().ok()).or(room);
    let wanted = wanted.and_then(|id: i64| all.rooms.iter().find(|room| room.id == id)).cloned();
    let mut one = items::room(&c, &all, wanted.unwrap_or_default(), own);
    // Somebody asked for this one.
    one.is_open |= one.id != 0;
    let building =
        |room: &Room| items::named(all.buildings.iter().map(|one| (one.id, one.name.clone())), room.building);
    let kept = keepable().into_iter().map(|list| {
        let kind = c.word("kind", &list);
        let words = if kind == list { c.word("list", &list) } else { kind };
        let is_kept = all.kept.contains(&list);
        (list, words, is_kept)
    });
    Ok(Page {
        action: format!("/schule/{school}/stammdaten"),
        version: all.school.version,
        about: about_shown(&c, &all.school, own),
        facts: groups.collect(),
        sites: items::sites(&c, &all, own),
        buildings: items::buildings(&c, &all, own),
        rooms: all
            .rooms
            .iter()
            .map(|room| RoomShown { building: building(room), room: room.clone() })
            .collect(),
        room: vec![one],
        links: items::links(&c, &all, own),
        documents: items::documents(&c, &all, own),
        kept: kept.collect(),
        given,
        c,
    })
}

/// What the school is.
fn about_shown(c: &Chrome, school: &School, given: Option<&Given>) -> Vec<AboutShown> {
    let e = &school.entered;
    let given = given.filter(|given| given.form.get("part") == "school");
    let is_stale = given.is_some_and(|given| given.form.get("version") != school.version.to_string());
    let line = |(name, key, stands): (&'static str, &str, &String)| {
        let value = given.map_or(stands.as_str(), |given| given.form.get(name));
        AboutShown {
            name,
            label: c.t(key),
            value: value.to_owned(),
            other: (is_stale && value != stands).then(|| or_dash(stands)),
            error: given.filter(|given| given.wrong.field == name).map(|given| given.wrong.why.clone()),
        }
    };
    let all = [
        ("kind", "column-school-kind", &e.kind),
        ("commune", "column-commune", &e.commune),
        ("official_number", "column-official-number", &e.official_number),
    ];
    all.into_iter().map(line).collect()
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "–".to_owned() } else { text.to_owned() }
}

fn fact_shown(c: &Chrome, name: &'static str, all: &Standing, given: Option<&Given>) -> FactShown {
    let nothing = StandingFact::default();
    let now = all.facts.get(name).unwrap_or(&nothing);
    let told = (!now.value.is_empty() && !now.by.is_empty()).then(|| {
        c.language.with("entered-by", &[("who", now.by.as_str().into()), ("date", c.date(&now.at).into())])
    });
    let touched = given.filter(|given| given.form.touches(name));
    let value = touched.map_or(now.value.as_str(), |given| given.form.get(name));
    let is_stale = touched.is_some_and(|given| given.form.seen(name) != now.version);
    let own = given.filter(|given| given.form.get("part") == "facts" && given.wrong.field == name);
    FactShown {
        name,
        label: c.word("fact", name),
        value: value.to_owned(),
        told: told.unwrap_or_default(),
        version: now.version,
        seen: now.value.clone(),
        other: (is_stale && value != now.value).then(|| or_dash(&now.value)),
        error: own.map(|given| given.wrong.why.clone()),
    }
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let form = Filled(pairs);
    check_form(&visit, form.get("csrf"))?;
    let part = form.get("part").to_owned();
    let wrong = match form::work(&form, school, &visit) {
        Ok(work) => match web.ask(work).await {
            Ok(()) => {
                let is_gone = form.get("do") == "delete";
                let told = if is_gone { "deleted" } else { "saved" };
                let to = format!("/schule/{school}/stammdaten?ok={told}#{}", section(&part));
                return Ok(Redirect::to(&to).into_response());
            }
            Err(failure) => Wrong::of(visit.language, &failure.for_form()?),
        },
        Err(wrong) => wrong,
    };
    let (status, why) = (wrong.status, wrong.why.clone());
    let mut page = shown(&web, &visit, school, None, Some(Given { form, wrong })).await?;
    page.c = page.c.refused(why);
    Ok((status, html(&page)?).into_response())
}

/// The section of the page in which a part stands.
fn section(part: &str) -> &str {
    match part {
        "site" => "sites",
        "building" => "buildings",
        "room" => "rooms",
        "link" => "links",
        "document" => "documents",
        other => other,
    }
}
