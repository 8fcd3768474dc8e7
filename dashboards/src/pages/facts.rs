//! What people enter for a whole school: numbers, rooms, links, documents, and which lists they keep complete.

use super::Done;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::secrets;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::Fact;
use rundgang_store::views::survey::keepable;
use rundgang_store::{Document, Link, Room, Traeger};
use std::collections::BTreeMap;

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

/// Documents that surveys ask for.
const DOCUMENTS: [&str; 14] = [
    "medienkonzept",
    "mep",
    "finanzplan",
    "ausstattungskonzept",
    "ausstattungspaket",
    "ausbaustrategie",
    "beschluss",
    "fortbildungsplan",
    "leistungsverzeichnis",
    "verarbeitungsverzeichnis",
    "personalrat",
    "backup-test",
    "netzplan",
    "sonstiges",
];

/// Letters that a kind, a commune or a number of a school has at most.
const LONGEST_ABOUT: usize = 120;

struct FactShown {
    name: &'static str,
    label: String,
    value: String,
    told: String,
}

#[derive(Template)]
#[template(path = "facts.html")]
struct Page {
    c: Chrome,
    action: String,
    facts: Vec<(String, Vec<FactShown>)>,
    /// What the school is: name of the place, label, value.
    about: Vec<(&'static str, String, String)>,
    rooms: Vec<Room>,
    links: Vec<Link>,
    documents: Vec<Document>,
    document_kinds: Vec<(String, String)>,
    kept: Vec<(String, String, bool)>,
    /// What was typed and could not be kept, with the reason; nothing else is filled in.
    given: Filled,
    why: Option<String>,
}

impl Page {
    /// What was typed into a place of a part of the page that was refused.
    fn given(&self, part: &str, name: &str) -> &str {
        if self.given.get("part") == part { self.given.get(name) } else { "" }
    }

    /// Why a part of the page was refused.
    fn error(&self, part: &str) -> Option<&str> {
        self.why.as_deref().filter(|_| self.given.get("part") == part)
    }
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let mut page = shown(&web, &visit, school, Filled::default(), None).await?;
    page.c = page.c.told(done.ok.as_deref());
    html(&page)
}

async fn shown(
    web: &WebState,
    visit: &Visit,
    school: i64,
    given: Filled,
    why: Option<String>,
) -> Result<Page, Failure> {
    let (entered, facts, kept, (rooms, links, documents)) = web
        .ask(move |traeger| {
            let lists = (traeger.rooms(school)?, traeger.links(school)?, traeger.documents(school)?);
            Ok((
                traeger.school(school)?,
                traeger.facts(Some(school))?,
                traeger.kept_lists(Some(school))?,
                lists,
            ))
        })
        .await?;
    let c = Chrome::new(visit, visit.language.text("facts-title"))
        .lead(visit.language.text("facts-lead"))
        .of_school(&entered, "facts");
    let numbers = [("pupils", entered.entered.pupils), ("teachers", entered.entered.teachers)];
    let groups = FACTS.iter().map(|(group, names)| {
        let shown = names.iter().map(|name| FactShown {
            value: typed(&given, name).unwrap_or_else(|| fact_value(name, &facts, &numbers)),
            ..fact_shown(&c, name, &facts)
        });
        let shown = shown.collect();
        (c.t(&format!("facts-{group}")), shown)
    });
    let e = &entered.entered;
    let about = [
        ("kind", "column-school-kind", &e.kind),
        ("commune", "column-commune", &e.commune),
        ("official_number", "column-official-number", &e.official_number),
    ];
    let about = about.map(|(name, key, stands)| {
        let is_typed = given.get("part") == "school";
        (name, c.t(key), if is_typed { given.get(name) } else { stands.as_str() }.to_owned())
    });
    Ok(Page {
        action: format!("/schule/{school}/stammdaten"),
        facts: groups.collect(),
        about: about.to_vec(),
        rooms,
        links,
        documents,
        document_kinds: DOCUMENTS.iter().map(|kind| ((*kind).to_owned(), c.word("document", kind))).collect(),
        kept: keepable()
            .into_iter()
            .map(|list| {
                let kind = c.word("kind", &list);
                let words = if kind == list { c.word("list", &list) } else { kind };
                let is_kept = kept.contains(&list);
                (list, words, is_kept)
            })
            .collect(),
        given,
        why,
        c,
    })
}

/// What was typed as a fact, where the facts were refused.
fn typed(given: &Filled, name: &str) -> Option<String> {
    (given.get("part") == "facts").then(|| given.get(name).to_owned())
}

fn fact_value(name: &str, facts: &BTreeMap<String, Fact>, numbers: &[(&str, Option<i64>)]) -> String {
    let number = numbers.iter().find(|(known, _)| *known == name).and_then(|(_, number)| *number);
    let entered = facts.get(name).map(|fact| fact.value.clone());
    entered.or_else(|| number.map(|number| number.to_string())).unwrap_or_default()
}

fn fact_shown(c: &Chrome, name: &'static str, facts: &BTreeMap<String, Fact>) -> FactShown {
    let told = facts.get(name).map(|fact| {
        c.language.with("entered-by", &[("who", fact.by.as_str().into()), ("date", c.date(&fact.at).into())])
    });
    FactShown { name, label: c.word("fact", name), value: String::new(), told: told.unwrap_or_default() }
}

/// What a form asks the store to do.
type Work = Box<dyn FnOnce(&Traeger) -> rundgang_store::Result<()> + Send>;

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let form = Filled(pairs);
    check_form(&visit, form.get("csrf"))?;
    let part = form.get("part").to_owned();
    let work = match work(&form, school, visit.author(), visit.now) {
        Ok(work) => work,
        Err(Failure::Refused(key)) => {
            let why = visit.language.text(key);
            let mut page = shown(&web, &visit, school, form, Some(why.clone())).await?;
            page.c = page.c.refused(why);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response());
        }
        Err(failure) => return Err(failure),
    };
    web.ask(work).await?;
    let anchor = if matches!(part.as_str(), "link" | "document") { format!("{part}s") } else { part };
    Ok(Redirect::to(&format!("/schule/{school}/stammdaten?ok=saved#{anchor}")).into_response())
}

/// What a filled form asks for.
fn work(form: &Filled, school: i64, who: String, now: Timestamp) -> Result<Work, Failure> {
    secrets::refuse(form.0.iter().filter(|(name, _)| name != "csrf").map(|(_, value)| value.as_str()))?;
    let given = form.clone();
    Ok(match form.get("part") {
        "facts" => Box::new(move |traeger| save_facts(traeger, school, &given, &who, now)),
        "school" => Box::new(move |traeger| save_about(traeger, school, &given)),
        "kept" => Box::new(move |traeger| save_kept(traeger, school, &given)),
        "rooms" => {
            let rooms = rooms(form.get("rooms"))?;
            Box::new(move |traeger| rooms.iter().try_for_each(|room| save_room(traeger, school, room)))
        }
        "link" => {
            let link = link(form)?;
            Box::new(move |traeger| traeger.save_link(school, &link).map(drop))
        }
        "document" => {
            let document = document(form)?;
            Box::new(move |traeger| traeger.save_document(school, &document).map(drop))
        }
        _ => return Err(Failure::Refused("error-unfit")),
    })
}

/// A form in which a name may stand several times.
#[derive(Clone, Default)]
struct Filled(Vec<(String, String)>);

impl Filled {
    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    fn number(&self, name: &str) -> Result<Option<i64>, Failure> {
        match self.get(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| Failure::Refused("error-number")),
        }
    }
}

fn save_facts(
    traeger: &Traeger,
    school: i64,
    form: &Filled,
    who: &str,
    now: Timestamp,
) -> rundgang_store::Result<()> {
    let before = traeger.facts(Some(school))?;
    for name in FACTS.iter().flat_map(|(_, names)| names.iter()) {
        let value = form.get(name);
        // Only what changed gets a new date and name.
        if before.get(*name).map_or("", |fact| fact.value.as_str()) != value {
            traeger.enter_fact(Some(school), name, value, who, now)?;
        }
    }
    let mut entered = traeger.school(school)?;
    let number = |name: &str| form.get(name).parse::<i64>().ok().filter(|number| *number >= 0);
    (entered.entered.pupils, entered.entered.teachers) = (number("pupils"), number("teachers"));
    traeger.update_school(&entered)
}

/// What the school is, as sums of surveys are told by it.
fn save_about(traeger: &Traeger, school: i64, form: &Filled) -> rundgang_store::Result<()> {
    let mut entered = traeger.school(school)?;
    let text = |name: &str| form.get(name).chars().take(LONGEST_ABOUT).collect::<String>();
    entered.entered.kind = text("kind");
    entered.entered.commune = text("commune");
    entered.entered.official_number = text("official_number");
    traeger.update_school(&entered)
}

fn save_kept(traeger: &Traeger, school: i64, form: &Filled) -> rundgang_store::Result<()> {
    keepable().iter().try_for_each(|list| {
        let kept = form.0.iter().any(|(name, value)| name == "kept" && value == list);
        traeger.keep_list(Some(school), list, kept)
    })
}

fn save_room(traeger: &Traeger, school: i64, room: &Room) -> rundgang_store::Result<()> {
    traeger.save_room(school, room).map(drop)
}

/// Rooms, one a line: `A101; Klassenraum; 2; wlan lehrer-pc`.
fn rooms(text: &str) -> Result<Vec<Room>, Failure> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(1000);
    lines
        .map(|line| {
            let mut parts = line.split([';', '\t']).map(str::trim);
            let name = parts.next().unwrap_or_default().to_owned();
            let kind = parts.next().unwrap_or_default().to_owned();
            let sockets = match parts.next().unwrap_or_default() {
                "" => None,
                number => Some(number.parse().map_err(|_| Failure::Refused("error-room"))?),
            };
            let equipment = parts.collect::<Vec<_>>().join(" ");
            if name.is_empty() || name.chars().count() > 60 {
                return Err(Failure::Refused("error-room"));
            }
            Ok(Room { name, kind, sockets, equipment, ..Room::default() })
        })
        .collect()
}

fn link(form: &Filled) -> Result<Link, Failure> {
    Ok(Link {
        id: form.number("id")?.unwrap_or(0),
        technology: form.get("technology").to_owned(),
        down_mbit: form.number("down")?,
        up_mbit: form.number("up")?,
        status: form.get("status").to_owned(),
        role: form.get("role").to_owned(),
        provider: form.get("provider").to_owned(),
        ..Link::default()
    })
}

fn document(form: &Filled) -> Result<Document, Failure> {
    let kind = form.get("kind");
    if !DOCUMENTS.contains(&kind) {
        return Err(Failure::Refused("error-unfit"));
    }
    let dated = form.get("dated");
    if !dated.is_empty() && Timestamp::parse_date(dated).is_none() {
        return Err(Failure::Refused("error-date"));
    }
    let is_draft = form.get("draft") == "yes";
    let name = form.get("name");
    Ok(Document {
        id: form.number("id")?.unwrap_or(0),
        kind: if is_draft { format!("entwurf {kind}") } else { kind.to_owned() },
        name: if name.is_empty() { kind.to_owned() } else { name.to_owned() },
        dated: (!dated.is_empty()).then(|| dated.to_owned()),
        place: form.get("place").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_read_line_by_line() {
        let read = rooms("A101; Klassenraum; 2; wlan lehrer-pc\n\n B2 ;Fachraum\nAula").expect("three rooms");
        let shown: Vec<_> = read
            .iter()
            .map(|r| (r.name.as_str(), r.kind.as_str(), r.sockets, r.equipment.as_str()))
            .collect();
        let expected = [
            ("A101", "Klassenraum", Some(2), "wlan lehrer-pc"),
            ("B2", "Fachraum", None, ""),
            ("Aula", "", None, ""),
        ];
        assert_eq!(shown, expected);
        assert!(rooms("A101; Klassenraum; viele").is_err());
        assert!(rooms("; Klassenraum").is_err());
    }
}
