//! "Who do I call?": one question, and for each answer the provider, the hotline and where the credentials are.

use super::findings::told::WhoRuns;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use rundgang_store::{Contact, Hit};
use serde::Deserialize;

/// Answers on one page; whoever does not find it among these types one more word.
const MOST: usize = 20;
/// Contacts above them.
const MOST_CONTACTS: usize = 5;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    schule: Option<i64>,
}

/// One answer.
struct Answer {
    name: String,
    to: String,
    school: String,
    to_school: String,
    kind: String,
    room: String,
    /// Whom to call; nothing for a device that no system stands for.
    who: Option<WhoRuns>,
    device: Option<Device>,
    /// Where to document the device.
    to_document: String,
    /// Where to pass on a question about the system; empty for whoever may not.
    to_ask: String,
}

struct Device {
    to: String,
    product: String,
    ip: String,
    mac: String,
    serial: String,
    last_seen: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Page {
    c: Chrome,
    asked: String,
    school: Option<i64>,
    answers: Vec<Answer>,
    /// Contacts that hold the words, with the name of their school.
    contacts: Vec<(Contact, String)>,
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let question: String = asked.q.chars().take(200).collect();
    // Whoever belongs to one school finds nothing of another, whatever the address asks for.
    let school = visit.only_school().or(asked.schule);
    let typed = question.clone();
    let (hits, contacts) = web
        .ask(move |traeger| {
            let mut contacts = Vec::new();
            for one in traeger.contacts_found(school, &typed, MOST_CONTACTS)? {
                let of = match one.school {
                    Some(school) => traeger.school(school)?.entered.name,
                    None => traeger.name()?,
                };
                contacts.push((one, of));
            }
            Ok((traeger.search(school, &typed, MOST)?, contacts))
        })
        .await?;
    let mut c = Chrome::new(&visit, visit.language.text("search-title"))
        .lead(visit.language.text("search-lead"))
        .section("search");
    c.example = hits.iter().any(|hit| hit.is_example);
    c.example_among_others = !hits.iter().all(|hit| hit.is_example);
    let answers = hits.into_iter().map(|hit| answer(&c, hit)).collect();
    html(&Page { c, asked: question, school, answers, contacts })
}

fn answer(c: &Chrome, hit: Hit) -> Answer {
    let base = format!("/schule/{}", hit.school);
    let device = hit.device.as_ref().map(|line| Device {
        to: format!("{base}/geraet/{}", line.id),
        product: line.product(),
        ip: line.ip.clone(),
        mac: line.mac.clone().unwrap_or_default(),
        serial: line.serial.clone().unwrap_or_default(),
        last_seen: c.date(&line.last_seen),
    });
    let who = hit.system.as_ref().map(|system| WhoRuns::of(hit.school, system));
    let label = hit.device.as_ref().map(rundgang_store::views::assets::AssetLine::label);
    let kind = match (&hit.system, &hit.device) {
        (Some(system), _) => c.word("kind", &system.kind),
        (None, Some(line)) => c.kind(&line.kind),
        (None, None) => String::new(),
    };
    Answer {
        name: who.as_ref().map_or_else(|| label.unwrap_or_default(), |who| who.name.clone()),
        to: who
            .as_ref()
            .map(|who| who.to.clone())
            .or(device.as_ref().map(|d| d.to.clone()))
            .unwrap_or_default(),
        school: hit.school_name,
        to_school: base.clone(),
        kind,
        room: hit.room.unwrap_or_default(),
        to_ask: who
            .as_ref()
            .filter(|_| c.may_edit_at(&hit.school))
            .map(|who| format!("{}/frage", who.to))
            .unwrap_or_default(),
        to_document: hit
            .device
            .filter(|_| c.may_edit_at(&hit.school))
            .map(|line| format!("{base}/register/neu?asset={}", line.id))
            .unwrap_or_default(),
        who,
        device,
    }
}
