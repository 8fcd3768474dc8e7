//! The register: what people know of their systems; edited with a version so that nobody overwrites anybody.

mod form;

use super::Done;
use crate::chrome::{Chrome, csv_file, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::secrets;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use form::{Filled, GROUPS, Input, SERVICES, STATUSES, Shape, dashed, system, values};
use rundgang_inventory::Kind;
use rundgang_store::views::assets::AssetLine;
use rundgang_store::views::register::SystemLine;
use rundgang_store::{AuditEntry, DocumentedSystem, Room};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "register.html")]
struct ListPage {
    c: Chrome,
    school: i64,
    lines: Vec<SystemLine>,
    undocumented: usize,
}

impl ListPage {
    fn gaps(&self) -> usize {
        self.lines.iter().filter(|line| line.status == "in-use" && !line.lacks().is_empty()).count()
    }
}

pub(crate) async fn list(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let (entered, lines, undocumented) = web
        .ask(move |traeger| {
            let filter =
                rundgang_store::views::assets::AssetFilter { undocumented: true, ..Default::default() };
            let undocumented = traeger.asset_lines(school, &filter)?.len();
            Ok((traeger.school(school)?, traeger.system_lines(school)?, undocumented))
        })
        .await?;
    let c = Chrome::new(&visit, visit.language.text("register-title"))
        .lead(visit.language.text("register-lead"))
        .told(done.ok.as_deref())
        .of_school(&entered, "register");
    html(&ListPage { c, school, lines, undocumented })
}

pub(crate) async fn csv(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
) -> Result<Response, Failure> {
    let (systems, rooms) =
        web.ask(move |traeger| Ok((traeger.systems(school)?, traeger.rooms(school)?))).await?;
    let c = Chrome::new(&visit, String::new());
    let names: Vec<&Input> = GROUPS.iter().flat_map(|(_, inputs)| inputs.iter()).collect();
    let header: Vec<String> =
        names.iter().map(|input| c.t(&format!("field-{}", dashed(input.name)))).collect();
    let rows = systems
        .iter()
        .map(|system| {
            let values = values(system);
            let cell = |input: &&Input| {
                let value = values.get(input.name).cloned().unwrap_or_default();
                match input.shape {
                    Shape::Kind => c.word("kind", &value),
                    Shape::Status => c.word("status", &value),
                    Shape::Room => room_name(&rooms, &value),
                    _ => value,
                }
            };
            names.iter().map(cell).collect()
        })
        .collect::<Vec<Vec<String>>>();
    Ok(csv_file("register.csv", &header, &rows))
}

fn room_name(rooms: &[Room], id: &str) -> String {
    rooms.iter().find(|room| room.id.to_string() == id).map(|room| room.name.clone()).unwrap_or_default()
}

/// One place as it is shown.
struct Shown {
    name: &'static str,
    label: String,
    hint: Option<String>,
    value: String,
    shape: &'static str,
    /// Value, words, whether chosen.
    options: Vec<(String, String, bool)>,
    /// What stands there now, where somebody else changed it meanwhile.
    other: Option<String>,
    required: bool,
    /// Why it was refused.
    error: Option<String>,
}

struct ChangeShown {
    at: String,
    who: String,
    what: String,
    fields: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "system.html")]
struct EditPage {
    c: Chrome,
    action: String,
    delete: Option<String>,
    groups: Vec<(String, String, Vec<Shown>)>,
    hidden: Vec<(&'static str, String)>,
    seen: Option<AssetLine>,
    school: i64,
    log: Vec<ChangeShown>,
}

/// What a form needs beside what was filled in.
struct Around {
    school: rundgang_store::School,
    rooms: Vec<Room>,
    seen: Option<AssetLine>,
    log: Vec<AuditEntry>,
    /// What stands there now.
    current: Option<DocumentedSystem>,
}

async fn around(
    web: &WebState,
    school: i64,
    id: i64,
    asset: Option<i64>,
    now: rundgang_inventory::Timestamp,
) -> Result<Around, Failure> {
    web.ask(move |traeger| {
        let current = if id == 0 { None } else { Some(traeger.system(id)?) };
        if current.as_ref().is_some_and(|system| system.school != school) {
            return Err(rundgang_store::Error::NotFound(format!("system {id}")));
        }
        let asset = if asset.is_none() && id != 0 { traeger.device_of_system(id)? } else { asset };
        // The device may be gone or merged; the register entry stays as it is.
        let seen = asset.and_then(|asset| traeger.asset_page(school, asset, now).ok()).map(|page| page.line);
        let log = if id == 0 { Vec::new() } else { traeger.audit_log(&format!("system {id}"))? };
        Ok(Around { school: traeger.school(school)?, rooms: traeger.rooms(school)?, seen, log, current })
    })
    .await
}

fn edit_page(visit: &Visit, around: Around, filled: &Filled, failure: Option<&Failure>) -> EditPage {
    let conflict = matches!(failure, Some(Failure::Conflict));
    let school = around.school.id;
    let id = filled.get("id").and_then(|id| id.parse::<i64>().ok()).unwrap_or(0);
    // An entry keeps its name as the heading, whatever was typed into it.
    let name = around.current.as_ref().map(|current| current.name.clone());
    let name = name.or_else(|| filled.get("name").filter(|name| !name.trim().is_empty()).cloned());
    let c = Chrome::new(visit, name.unwrap_or_else(|| visit.language.text("register-new")))
        .of_school(&around.school, "register")
        .crumb(visit.language.text("register-title"), format!("/schule/{school}/register"));
    let now_there = around.current.as_ref().filter(|_| conflict).map(values);
    let groups = GROUPS
        .iter()
        .map(|(group, inputs)| {
            let shown = inputs.iter().map(|input| Shown {
                error: error_at(&c, input.name, failure),
                ..shown(&c, input, filled, now_there.as_ref(), &around.rooms)
            });
            (c.t(&format!("group-{group}")), c.t(&format!("group-{group}-hint")), shown.collect())
        })
        .collect();
    let version = match (&around.current, conflict) {
        // Whoever saves again has seen what the other one wrote.
        (Some(current), true) => current.version.to_string(),
        _ => filled.get("version").cloned().unwrap_or_else(|| "0".to_owned()),
    };
    let base = format!("/schule/{school}/register");
    EditPage {
        action: if id == 0 { format!("{base}/neu") } else { format!("{base}/{id}") },
        delete: (id != 0).then(|| format!("{base}/{id}/loeschen")),
        hidden: vec![("version", version), ("asset", filled.get("asset").cloned().unwrap_or_default())],
        groups,
        seen: around.seen,
        school,
        log: around.log.iter().map(|entry| change_shown(&c, entry)).collect(),
        c,
    }
}

/// Why a place of the form was refused.
fn error_at(c: &Chrome, name: &str, failure: Option<&Failure>) -> Option<String> {
    match failure {
        Some(Failure::Field(field, key)) if field == name => Some(c.t(key)),
        _ => None,
    }
}

fn shown(c: &Chrome, input: &Input, filled: &Filled, now_there: Option<&Filled>, rooms: &[Room]) -> Shown {
    let value = filled.get(input.name).cloned().unwrap_or_default();
    let key = format!("field-{}", dashed(input.name));
    let option = |name: &str, words: String| (name.to_owned(), words, name == value);
    let mut options: Vec<(String, String, bool)> = match input.shape {
        Shape::Kind => {
            let devices =
                Kind::ALL.iter().filter(|kind| kind.class() != rundgang_inventory::kind::Class::Personal);
            let names = devices.map(|kind| kind.name()).chain(SERVICES);
            let mut all: Vec<_> = names.map(|name| option(name, c.word("kind", name))).collect();
            all.sort_by_key(|option| option.1.to_lowercase());
            all
        }
        Shape::Status => STATUSES.iter().map(|name| option(name, c.word("status", name))).collect(),
        Shape::Room => rooms.iter().map(|room| option(&room.id.to_string(), room.name.clone())).collect(),
        Shape::YesNo => vec![option("true", c.t("answer-yes")), option("false", c.t("answer-no"))],
        _ => Vec::new(),
    };
    let chooses = matches!(input.shape, Shape::Kind | Shape::Room | Shape::YesNo);
    if chooses {
        options.insert(0, (String::new(), "–".to_owned(), value.is_empty()));
    }
    // A kind of somebody's own is kept.
    if !options.is_empty() && !options.iter().any(|(_, _, chosen)| *chosen) && !value.is_empty() {
        options.push((value.clone(), value.clone(), true));
    }
    let other = now_there.and_then(|now| now.get(input.name)).filter(|there| **there != value).cloned();
    Shown {
        name: input.name,
        label: c.t(&key),
        hint: c.language.find(&format!("{key}-hint"), &[]),
        value,
        shape: match input.shape {
            Shape::Long => "long",
            Shape::Day => "date",
            Shape::Number => "number",
            Shape::Text => "text",
            _ => "select",
        },
        options,
        other,
        required: input.name == "name",
        error: None,
    }
}

fn change_shown(c: &Chrome, entry: &AuditEntry) -> ChangeShown {
    let read = |json: &str| {
        serde_json::from_str::<DocumentedSystem>(json).map(|system| values(&system)).unwrap_or_default()
    };
    let (before, after) = (read(&entry.before), read(&entry.after));
    let names = GROUPS.iter().flat_map(|(_, inputs)| inputs.iter()).map(|input| input.name);
    let fields = names.filter_map(|name| {
        let old = before.get(name).cloned().unwrap_or_default();
        let new = after.get(name).cloned().unwrap_or_default();
        (old != new).then(|| (c.t(&format!("field-{}", dashed(name))), old, new))
    });
    ChangeShown {
        at: c.date(&entry.at),
        who: entry.who.clone(),
        what: c.word("audit", &entry.what),
        fields: fields.collect(),
    }
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct From {
    asset: Option<i64>,
    #[serde(default)]
    domain: String,
}

pub(crate) async fn blank(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(from): Query<From>,
) -> Result<Response, Failure> {
    let around = around(&web, school, 0, from.asset, visit.now).await?;
    let mut filled = around.seen.as_ref().map(|line| prefilled(&visit, line)).unwrap_or_default();
    filled.entry("status".to_owned()).or_insert_with(|| "in-use".to_owned());
    filled.entry("domain".to_owned()).or_insert(from.domain);
    html(&edit_page(&visit, around, &filled, None))
}

/// What the machine knows of a device, as a first entry of the register.
fn prefilled(visit: &Visit, line: &AssetLine) -> Filled {
    let c = Chrome::new(visit, String::new());
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let model = [&line.vendor, &line.model].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let name = match (&line.hostname, model.is_empty()) {
        (Some(hostname), _) => hostname.clone(),
        (None, false) => model.clone(),
        (None, true) => format!("{} {}", c.kind(&line.kind), line.ip),
    };
    [
        ("name", name),
        ("kind", text(&line.kind)),
        ("purpose", model),
        ("serial", text(&line.serial)),
        ("mac", text(&line.mac)),
        ("segment", line.segment.clone()),
        ("asset", line.id.to_string()),
        ("status", "in-use".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

pub(crate) async fn create(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(mut filled): Form<Filled>,
) -> Result<Response, Failure> {
    check_form(&visit, filled.get("csrf").map_or("", String::as_str))?;
    let asset = filled.get("asset").and_then(|text| text.parse::<i64>().ok());
    if filled.get("click").is_some_and(|click| click == "one") {
        // One click: what the machine knows becomes the entry, a person completes it.
        let around = around(&web, school, 0, asset, visit.now).await?;
        let line = around.seen.ok_or(Failure::NotFound)?;
        if let Some((id, _)) = line.system {
            return Ok(Redirect::to(&format!("/schule/{school}/register/{id}")).into_response());
        }
        filled = prefilled(&visit, &line);
    }
    filled.remove("id");
    write(&web, &visit, school, filled).await
}

pub(crate) async fn edit(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, i64)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let around = around(&web, school, id, None, visit.now).await?;
    let filled = around.current.as_ref().map(values).ok_or(Failure::NotFound)?;
    let mut page = edit_page(&visit, around, &filled, None);
    page.c = page.c.told(done.ok.as_deref());
    html(&page)
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, i64)>,
    Form(mut filled): Form<Filled>,
) -> Result<Response, Failure> {
    check_form(&visit, filled.get("csrf").map_or("", String::as_str))?;
    filled.insert("id".to_owned(), id.to_string());
    write(&web, &visit, school, filled).await
}

/// Writes what was filled in; where that is refused, the form comes back as it was with the reason.
async fn write(web: &WebState, visit: &Visit, school: i64, filled: Filled) -> Result<Response, Failure> {
    let id = filled.get("id").and_then(|id| id.parse::<i64>().ok()).unwrap_or(0);
    let (now, who) = (visit.now, visit.author());
    let secret = filled.iter().find(|(_, text)| secrets::refuse([text.as_str()]).is_err());
    let checked = match secret {
        Some((field, _)) => Err(Failure::Field(field.clone(), "error-secret")),
        None => system(&filled, school),
    };
    let written = match checked {
        Ok(system) => {
            web.ask(move |traeger| {
                if system.id != 0 && traeger.system(system.id)?.school != school {
                    return Err(rundgang_store::Error::NotFound(format!("system {}", system.id)));
                }
                traeger.save_system(&system, &who, now)
            })
            .await
        }
        Err(refused) => Err(refused),
    };
    let failure = match written {
        Ok(saved) => {
            let told = if id == 0 { "documented" } else { "saved" };
            return Ok(Redirect::to(&format!("/schule/{school}/register/{saved}?ok={told}")).into_response());
        }
        Err(Failure::NotFound) => return Err(Failure::NotFound),
        Err(Failure::Broken(cause)) => return Err(Failure::Broken(cause)),
        Err(failure) => failure,
    };
    let asset = filled.get("asset").and_then(|text| text.parse::<i64>().ok());
    let conflict = matches!(failure, Failure::Conflict);
    let mut page = edit_page(visit, around(web, school, id, asset, now).await?, &filled, Some(&failure));
    let mut message = visit.language.text(failure.key());
    if let Failure::Unfit(reason) = &failure {
        message = format!("{message} ({reason})");
    }
    if let Failure::Field(field, _) = &failure {
        message = format!("{}: {message}", page.c.t(&format!("field-{}", dashed(field))));
    }
    page.c = page.c.refused(message);
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, html(&page)?).into_response())
}

pub(crate) async fn remove(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, i64)>,
    Form(filled): Form<Filled>,
) -> Result<Response, Failure> {
    check_form(&visit, filled.get("csrf").map_or("", String::as_str))?;
    let version =
        filled.get("version").and_then(|text| text.parse().ok()).ok_or(Failure::Refused("error-unfit"))?;
    let (now, who) = (visit.now, visit.author());
    web.ask(move |traeger| {
        if traeger.system(id)?.school != school {
            return Err(rundgang_store::Error::NotFound(format!("system {id}")));
        }
        traeger.delete_system(id, version, &who, now)
    })
    .await?;
    Ok(Redirect::to(&format!("/schule/{school}/register?ok=deleted")).into_response())
}
