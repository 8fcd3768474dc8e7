//! How a school is kept up: who does which task, whom to call, what the Träger offers, and which questions were passed on;
//! for programs.

use super::{asked::Asked, problem::Problem, told};
use crate::web::{Visit, WebState};
use axum::extract::{Path, State};
use axum::response::Response;
use rundgang_inventory::{Timestamp, tasks};
use rundgang_store::{LATEST_ANSWERED, OfferLine, Question, SchoolTask};
use serde_json::{Value, json};

/// A list that is told whole.
fn whole(items: impl Iterator<Item = Value>) -> Response {
    told(json!({ "items": items.collect::<Vec<_>>(), "next": null }))
}

pub(super) async fn tasks(
    State(web): State<WebState>,
    visit: Visit,
    _: Asked,
    Path(school): Path<i64>,
) -> Result<Response, Problem> {
    let said = web.ask(move |traeger| traeger.school_tasks(school)).await?;
    let nothing = SchoolTask::default();
    let tell = |task: &'static tasks::Task| {
        let said = said.get(&task.id).unwrap_or(&nothing);
        json!({
            "task": task.id, "area": task.area.name(), "title": task.title.get(visit.language.code()),
            "who": said.who, "done_by": chosen(&said.done_by), "level": chosen(&said.level),
            "priority": chosen(&said.priority),
            "hours": said.hours.and_then(|hundredths| i32::try_from(hundredths).ok()).map(|h| f64::from(h) / 100.0),
            "version": said.version,
        })
    };
    Ok(whole(tasks::all().iter().map(tell)))
}

/// A choice; nothing where nobody made it.
fn chosen(word: &str) -> Option<&str> {
    (!word.is_empty()).then_some(word)
}

pub(super) async fn contacts(
    State(web): State<WebState>,
    _: Asked,
    Path(school): Path<i64>,
) -> Result<Response, Problem> {
    let all = web
        .ask(move |traeger| {
            traeger.school(school)?;
            Ok([traeger.contacts(Some(school))?, traeger.contacts(None)?].concat())
        })
        .await?;
    Ok(whole(all.iter().map(|contact| json!(contact))))
}

pub(super) async fn offers(
    State(web): State<WebState>,
    _: Asked,
    Path(school): Path<i64>,
) -> Result<Response, Problem> {
    let all = web.ask(move |traeger| traeger.offers_of_school(school)).await?;
    let tell = |line: &OfferLine| {
        let offer = &line.offer;
        let systems = line.systems.iter().map(|(id, name)| json!({ "id": id, "name": name }));
        json!({
            "id": offer.id, "name": offer.name, "kind": chosen(&offer.kind), "provider": offer.provider,
            "description": offer.description, "ask": offer.ask, "is_used": line.is_used(), "said": line.said,
            "systems": systems.collect::<Vec<_>>(),
        })
    };
    Ok(whole(all.iter().map(tell)))
}

pub(super) async fn questions(
    State(web): State<WebState>,
    visit: Visit,
    _: Asked,
    Path(school): Path<i64>,
) -> Result<Response, Problem> {
    let all = web
        .ask(move |traeger| {
            traeger.school(school)?;
            traeger.questions(school, LATEST_ANSWERED)
        })
        .await?;
    let day = |at: Timestamp| visit.zone.wall(at).date();
    let tell = |q: &Question| {
        json!({
            "id": q.id, "system": q.system, "name": q.name, "whom": q.whom, "mail": q.mail, "text": q.text,
            "who": q.who, "asked": day(q.at), "due": day(q.due), "answered": q.answered_at.map(day),
            "answer": q.answer,
            "version": q.version,
        })
    };
    Ok(whole(all.iter().map(tell)))
}
