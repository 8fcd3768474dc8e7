//! The last day for dealing with a finding, and what happened to it, in words.

use super::{Given, Which, detail_page};
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::{check_form, escaped};
use crate::web::{Visit, WebState};
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::Timestamp;
use rundgang_store::Happening;
use rundgang_store::views::findings::FindingLine;
use serde::Deserialize;

/// The last day for dealing with a finding that asks for action: how it is marked, and in words.
pub(super) fn told(c: &Chrome, line: &FindingLine, now: Timestamp) -> Option<(&'static str, String)> {
    let due = line.due.filter(|_| line.is_open(now))?;
    let (mark, key) = if line.is_overdue(now) { ("high", "due-since") } else { ("accent", "due-until") };
    Some((mark, c.s(key, "date", c.date(&due))))
}

/// What happened to a finding, as a sentence.
pub(super) fn happened(c: &Chrome, one: &Happening) -> String {
    let mut text = c.date(&one.at);
    if !one.who.is_empty() {
        text = format!("{text}, {}", one.who);
    }
    let what = match one.what.as_str() {
        "acknowledged" | "accepted" | "ignored" | "none" => c.word("decision", &one.what),
        "due" if one.until.is_none() => c.t("happened-due-gone"),
        _ => c.word("happened", &one.what),
    };
    text = format!("{text}: {what}");
    if let Some(until) = &one.until {
        text = format!("{text} ({})", c.s("until-date", "date", c.date(until)));
    }
    if one.reason.is_empty() { text } else { format!("{text} – {}", one.reason) }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    csrf: String,
    rule: String,
    subject: String,
    #[serde(default)]
    due: String,
}

/// The moment until which something is to be dealt with, where a form says a day: its end; nothing for no day.
pub(crate) fn moment(visit: &Visit, day: &str) -> Result<Option<Timestamp>, &'static str> {
    match day.trim() {
        "" => Ok(None),
        day => Ok(Some(visit.zone.end_of(Timestamp::parse_date(day).ok_or("error-date")?))),
    }
}

pub(crate) async fn set(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    check_form(&visit, &asked.csrf)?;
    let due = match moment(&visit, &asked.due) {
        Ok(due) => due,
        Err(key) => {
            let which = Which { rule: asked.rule, subject: asked.subject, ok: None };
            let why = visit.language.text(key);
            let given =
                Given { due: Some(asked.due), refused: Some(("due", why.clone())), ..Given::default() };
            let mut page = detail_page(&web, &visit, school, &which, given).await?;
            page.c = page.c.refused(why);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response());
        }
    };
    let (rule, subject) = (escaped(&asked.rule), escaped(&asked.subject));
    let to = format!("/schule/{school}/befund?rule={rule}&subject={subject}&ok=saved");
    let (who, now) = (visit.author(), visit.now);
    web.ask(move |traeger| traeger.set_due(school, &asked.rule, &asked.subject, due, (&who, now))).await?;
    Ok(Redirect::to(&to).into_response())
}
