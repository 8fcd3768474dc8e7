//! Schools, devices, documented systems and the search, for programs.

use super::{asked::Asked, day, findings, part, problem::Problem, schemas, shape::Shape, told};
use crate::failure::Failure;
use crate::web::{Visit, WebState};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use rundgang_inventory::Timestamp;
use rundgang_store::views::{
    assets::{AssetFilter, AssetLine, Sighting},
    overview::SchoolLine,
};
use rundgang_store::{DocumentedSystem, Hit, Traeger};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(super) async fn schools(
    State(web): State<WebState>,
    visit: Visit,
    asked: Asked,
) -> Result<Response, Problem> {
    let (now, only) = (visit.now, visit.only_school());
    let lines = web.ask(move |traeger| traeger.overview(now)).await?.schools;
    let own = lines.into_iter().filter(|line| only.is_none_or(|only| only == line.id));
    let keyed = own.map(|line| (line.id, line)).collect();
    let after = asked.after_number()?;
    Ok(told(part(keyed, after.as_ref(), asked.limit(), i64::to_string, |line| told_school(&line))))
}

pub(super) async fn school(
    State(web): State<WebState>,
    visit: Visit,
    _: Asked,
    Path(school): Path<i64>,
) -> Result<Response, Problem> {
    let now = visit.now;
    let lines = web.ask(move |traeger| traeger.overview(now)).await?.schools;
    let line = lines.iter().find(|line| line.id == school).ok_or(Failure::NotFound)?;
    Ok(told(told_school(line)))
}

fn told_school(line: &SchoolLine) -> Value {
    let [critical, high, medium, low, info] = line.findings;
    json!({
        "id": line.id, "name": line.name, "kind": line.kind, "commune": line.commune,
        "is_example": line.is_example, "assets": line.assets, "undocumented": line.undocumented, "systems": line.systems,
        "open": { "critical": critical, "high": high, "medium": medium, "low": low, "info": info },
        "acknowledged": line.acknowledged,
        "segments_expected": line.walked.expected, "segments_covered": line.walked.covered,
        "last_round": line.walked.last_round.map(day),
    })
}

pub(super) async fn assets(
    State(web): State<WebState>,
    asked: Asked,
    Path(school): Path<i64>,
) -> Result<Response, Problem> {
    let text = |name: &str| asked.text(name).unwrap_or_default().to_owned();
    let filter = AssetFilter {
        kind: text("kind"),
        text: text("q"),
        undocumented: asked.is("undocumented"),
        ..AssetFilter::default()
    };
    let lines = web.ask(move |traeger| traeger.asset_lines(school, &filter)).await?;
    let keyed = lines.into_iter().map(|line| (line.id, line)).collect();
    let after = asked.after_number()?;
    Ok(told(part(keyed, after.as_ref(), asked.limit(), i64::to_string, |line| told_asset(school, &line))))
}

fn told_asset(school: i64, line: &AssetLine) -> Value {
    json!({
        "id": line.id, "school": school, "label": line.label(), "kind": line.kind, "vendor": line.vendor,
        "model": line.model, "serial": line.serial, "os_version": line.os_version, "hostname": line.hostname,
        "ip": line.ip, "mac": line.mac, "segment": line.segment, "confidence": line.confidence(),
        "first_seen": day(line.first_seen), "last_seen": day(line.last_seen),
        "system": line.system.as_ref().map(|(id, name)| json!({ "id": id, "name": name })),
        "room": line.room,
    })
}

pub(super) async fn asset(
    State(web): State<WebState>,
    visit: Visit,
    _: Asked,
    Path((school, asset)): Path<(i64, i64)>,
) -> Result<Response, Problem> {
    let now = visit.now;
    let page = web.ask(move |traeger| traeger.asset_page(school, asset, now)).await?;
    let sighting = |seen: &Sighting| {
        json!({
            "probe": seen.probe, "ip": seen.ip, "segment": seen.segment, "since": day(seen.since),
            "confirmed": day(seen.confirmed), "fields": seen.fields,
        })
    };
    let findings: Vec<Value> =
        page.findings.iter().map(|finding| findings::told_finding(&visit, finding)).collect();
    Ok(told(json!({
        "asset": told_asset(school, &page.line),
        "evidence": page.evidence.iter().map(sighting).collect::<Vec<_>>(),
        "findings": findings,
    })))
}

pub(super) async fn systems(
    State(web): State<WebState>,
    asked: Asked,
    Path(school): Path<i64>,
) -> Result<Response, Problem> {
    let (mut systems, rooms) =
        web.ask(move |traeger| Ok((traeger.systems(school)?, room_names(traeger, school)?))).await?;
    let is = |name: &str, text: &str| asked.text(name).is_none_or(|wanted| wanted == text);
    let provider = asked.text("provider").map(str::to_lowercase);
    systems.retain(|system| {
        let runs = provider.as_ref().is_none_or(|wanted| system.provider.trim().to_lowercase() == *wanted);
        is("kind", &system.kind) && is("status", &system.status) && runs
    });
    let keyed = systems.into_iter().map(|system| (system.id, system)).collect();
    let (after, limit) = (asked.after_number()?, asked.limit());
    let tell = |system: DocumentedSystem| {
        let room = system.room.and_then(|room| rooms.get(&room).cloned());
        told_system(&system, room)
    };
    Ok(told(part(keyed, after.as_ref(), limit, i64::to_string, tell)))
}

fn room_names(traeger: &Traeger, school: i64) -> rundgang_store::Result<BTreeMap<i64, String>> {
    traeger.school(school)?;
    Ok(traeger.rooms(school)?.into_iter().map(|room| (room.id, room.name)).collect())
}

fn told_system(system: &DocumentedSystem, room: Option<String>) -> Value {
    let mut told = json!(system);
    told["room_name"] = room.into();
    told
}

/// A system of that school; one of another school does not exist here.
fn own_system(traeger: &Traeger, school: i64, id: i64) -> rundgang_store::Result<DocumentedSystem> {
    traeger.system(id).and_then(|system| {
        let is_own = system.school == school;
        is_own.then_some(system).ok_or_else(|| rundgang_store::Error::NotFound(format!("system {id}")))
    })
}

fn one_system(traeger: &Traeger, school: i64, id: i64) -> rundgang_store::Result<Value> {
    let system = own_system(traeger, school, id)?;
    let room = system.room.and_then(|room| room_names(traeger, school).ok()?.remove(&room));
    Ok(told_system(&system, room))
}

pub(super) async fn system(
    State(web): State<WebState>,
    _: Asked,
    Path((school, id)): Path<(i64, i64)>,
) -> Result<Response, Problem> {
    Ok(told(web.ask(move |traeger| one_system(traeger, school, id)).await?))
}

pub(super) async fn change_system(
    State(web): State<WebState>,
    visit: Visit,
    _: Asked,
    Path((school, id)): Path<(i64, i64)>,
    Json(change): Json<Map<String, Value>>,
) -> Result<Response, Problem> {
    fitting("SystemChange", &change)?;
    let before = web.ask(move |traeger| own_system(traeger, school, id)).await?;
    let changed = merged(&before, &change)?;
    let (who, now) = (visit.author(), visit.now);
    let saved = web.ask(move |traeger| {
        traeger.save_system(&changed, &who, now)?;
        one_system(traeger, school, id)
    });
    Ok(told(saved.await?))
}

/// What was sent, laid over what stands there. The version is what the sender had seen.
fn merged(before: &DocumentedSystem, change: &Map<String, Value>) -> Result<DocumentedSystem, Problem> {
    let mut value = json!(before);
    for (name, given) in change {
        value[name] = given.clone();
    }
    serde_json::from_value(value).map_err(|_| Problem::member("body"))
}

/// Whether what was sent has the shape of that name: every member known and as it should be, none lacking.
pub(super) fn fitting(name: &str, sent: &Map<String, Value>) -> Result<(), Problem> {
    let members = schemas::named(name).map(Shape::members).unwrap_or_default();
    for (name, value) in sent {
        let member = members.iter().find(|member| member.name == name);
        if !member.is_some_and(|member| has_shape(&member.shape, value)) {
            return Err(Problem::member(name));
        }
    }
    match members.iter().find(|member| member.required && !sent.contains_key(member.name)) {
        Some(lacking) => Err(Problem::member(lacking.name)),
        None => Ok(()),
    }
}

fn has_shape(shape: &Shape, value: &Value) -> bool {
    match shape {
        Shape::Text => value.is_string(),
        Shape::Day => value.as_str().is_some_and(|day| Timestamp::parse_date(day).is_some()),
        Shape::Integer => value.is_i64(),
        Shape::Number => value.is_number(),
        Shape::YesNo => value.is_boolean(),
        Shape::OneOf(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Shape::Maybe(of) => value.is_null() || has_shape(of, value),
        Shape::List(of) => value.as_array().is_some_and(|all| all.iter().all(|one| has_shape(of, one))),
        Shape::Ref(_) | Shape::Object(_) => value.is_object(),
        Shape::Any => true,
    }
}

pub(super) async fn search(
    State(web): State<WebState>,
    visit: Visit,
    asked: Asked,
) -> Result<Response, Problem> {
    let question = asked.text("q").ok_or_else(|| Problem::parameter("q"))?.to_owned();
    // Whoever belongs to one school finds nothing of another, whatever is asked for.
    let (school, limit) = (visit.only_school().or(asked.number("school")), asked.limit());
    let hits = web.ask(move |traeger| traeger.search(school, &question, limit)).await?;
    let items: Vec<Value> = hits.iter().map(told_hit).collect();
    Ok(told(json!({ "items": items, "next": null })))
}

fn told_hit(hit: &Hit) -> Value {
    let device = hit.device.as_ref().map(AssetLine::label);
    let name = hit.system.as_ref().map(|system| system.name.clone()).or(device);
    json!({
        "school": { "id": hit.school, "name": hit.school_name },
        "name": name.unwrap_or_default(),
        "room": hit.room,
        "system": hit.system.as_ref().map(|system| told_system(system, hit.room.clone())),
        "asset": hit.device.as_ref().map(|line| told_asset(hit.school, line)),
        "fits": hit.fits,
    })
}
