//! Findings for programs: asked for by state, severity, rule and subject, and decided about.

use super::{asked::Asked, book::fitting, day, part, problem::Problem, told};
use crate::chrome::Chrome;
use crate::failure::Failure;
use crate::pages::findings::{Decided, decision, due_moment};
use crate::web::{Visit, WebState};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use rundgang_inventory::Timestamp;
use rundgang_store::views::findings::FindingLine;
use rundgang_store::views::responsible::NOBODY;
use serde_json::{Map, Value, json};

/// Rule and subject: what tells the findings of a school apart, and their order.
type Key = (String, String);

pub(super) async fn list(
    State(web): State<WebState>,
    visit: Visit,
    asked: Asked,
    Path(school): Path<i64>,
) -> Result<Response, Problem> {
    let after = asked.text("after").map(|text| key(text).ok_or_else(|| Problem::parameter("after")));
    let (after, now) = (after.transpose()?, visit.now);
    let state = asked.text("state").unwrap_or("due");
    // What was closed is most of an old book.
    let with_closed = matches!(state, "all" | "closed");
    let mut lines = web
        .ask(move |traeger| {
            if with_closed {
                traeger.findings_page(school, now)
            } else {
                traeger.standing_findings(school, now)
            }
        })
        .await?;
    let is = |name: &str, text: &str| asked.text(name).is_none_or(|wanted| wanted == text);
    let rule = |line: &FindingLine| match asked.text("rule") {
        Some(group) if group.ends_with('.') => line.rule.starts_with(group),
        Some(rule) => line.rule == rule,
        None => true,
    };
    lines.retain(|line| {
        is_asked_for(state, standing(line, now))
            && is("severity", &line.severity)
            && is("subject", &line.subject)
            && is("responsible", if line.responsible.is_empty() { NOBODY } else { &line.responsible })
            && rule(line)
    });
    let keyed = lines.into_iter().map(|line| ((line.rule.clone(), line.subject.clone()), line)).collect();
    let tell = |line: FindingLine| told_finding(&visit, &line);
    Ok(told(part(keyed, after.as_ref(), asked.limit(), cursor, tell)))
}

fn is_asked_for(state: &str, standing: &str) -> bool {
    match state {
        "all" => true,
        "due" => matches!(standing, "open" | "acknowledged"),
        state => standing == state,
    }
}

/// How a finding stands today.
fn standing(line: &FindingLine, now: Timestamp) -> &str {
    if line.closed.is_some() {
        return "closed";
    }
    if line.is_open(now) {
        return if line.is_acknowledged(now) { "acknowledged" } else { "open" };
    }
    line.decision.as_ref().map_or("open", |decision| decision.state.as_str())
}

fn cursor((rule, subject): &Key) -> String {
    data_encoding::BASE64URL_NOPAD.encode(format!("{rule}\n{subject}").as_bytes())
}

fn key(cursor: &str) -> Option<Key> {
    let text = String::from_utf8(data_encoding::BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?).ok()?;
    let (rule, subject) = text.split_once('\n')?;
    Some((rule.to_owned(), subject.to_owned()))
}

pub(super) fn told_finding(visit: &Visit, line: &FindingLine) -> Value {
    let words = Chrome::new(visit, String::new());
    let decision = line.decision.as_ref().map(|decision| {
        json!({
            "state": decision.state, "reason": decision.reason, "who": decision.who, "at": day(decision.at),
            "until": decision.until.map(|until| visit.zone.wall(until).date()),
        })
    });
    json!({
        "rule": line.rule, "subject": line.subject, "school": line.home, "title": words.rule(&line.rule),
        "label": line.label, "severity": line.severity, "state": standing(line, visit.now),
        "is_baseline": line.is_baseline(), "opened": day(line.opened), "closed": line.closed.map(day),
        "unknown_since": line.unknown_since.map(day), "evidence": line.evidence, "decision": decision,
        "due": line.due.map(|due| visit.zone.wall(due).date()),
        "responsible": Some(&line.responsible).filter(|party| !party.is_empty()),
    })
}

pub(super) async fn decide(
    State(web): State<WebState>,
    visit: Visit,
    _: Asked,
    Path(school): Path<i64>,
    Json(given): Json<Map<String, Value>>,
) -> Result<Response, Problem> {
    fitting("DecisionGiven", &given)?;
    let text = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let decided = Decided {
        csrf: String::new(),
        rule: text("rule"),
        subject: text("subject"),
        state: text("state"),
        reason: text("reason"),
        until: text("until"),
    };
    let decision = decision(&decided, &visit).map_err(|(at, key)| Failure::Field(at.to_owned(), key))?;
    let due = given.contains_key("due").then(|| due_moment(&visit, &text("due"))).transpose();
    let due = due.map_err(|key| Failure::Field("due".to_owned(), key))?;
    let (who, now) = (visit.author(), visit.now);
    let line = web.ask(move |traeger| {
        traeger.decide(school, &decided.rule, &decided.subject, &decision)?;
        if let Some(due) = due {
            traeger.set_due(school, &decided.rule, &decided.subject, due, (&who, now))?;
        }
        let lines = traeger.findings_page(school, now)?;
        let is_it = |line: &FindingLine| line.rule == decided.rule && line.subject == decided.subject;
        lines
            .into_iter()
            .find(is_it)
            .ok_or_else(|| rundgang_store::Error::NotFound("such a finding".to_owned()))
    });
    Ok(told(told_finding(&visit, &line.await?)))
}
