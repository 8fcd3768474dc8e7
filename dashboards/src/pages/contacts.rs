//! Whom to call, and what the Träger offers: the page of a school, and that of the Träger.

mod form;

use super::Done;
use super::item::Item;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use form::{Filled, contact_of, contact_values, item, offer_of, offer_values};
use rundgang_store::{Contact, Offer, OfferLine, School, Traeger};

/// An offer as it stands at a school.
struct OfferShown {
    id: i64,
    name: String,
    /// Kind and provider.
    what: String,
    description: String,
    ask: String,
    is_used: bool,
    /// What the school said: `used`, `unused` or nothing.
    said: &'static str,
    systems: Vec<(i64, String)>,
}

#[derive(Template)]
#[template(path = "contacts.html")]
struct Page {
    c: Chrome,
    action: String,
    /// The school; 0 on the page of the Träger.
    school: i64,
    /// What may be changed here: contacts of the school or of the Träger.
    contacts: Vec<Item>,
    /// The Träger's own contacts, on the page of a school.
    beside: Vec<Contact>,
    /// The Träger's offers to be changed, on its own page.
    offers: Vec<Item>,
    /// The same as they stand at a school.
    at_school: Vec<OfferShown>,
}

/// What somebody filled in and could not be kept.
struct Given {
    part: String,
    id: i64,
    filled: Filled,
    /// The place at fault; empty for none in particular.
    field: String,
    why: String,
}

/// What stands there.
struct Standing {
    school: Option<School>,
    contacts: Vec<Contact>,
    beside: Vec<Contact>,
    offers: Vec<Offer>,
    at_school: Vec<OfferLine>,
}

fn standing(traeger: &Traeger, school: Option<i64>) -> rundgang_store::Result<Standing> {
    Ok(match school {
        Some(id) => Standing {
            school: Some(traeger.school(id)?),
            contacts: traeger.contacts(school)?,
            beside: traeger.contacts(None)?,
            offers: Vec::new(),
            at_school: traeger.offers_of_school(id)?,
        },
        None => Standing {
            school: None,
            contacts: traeger.contacts(None)?,
            beside: Vec::new(),
            offers: traeger.offers()?,
            at_school: Vec::new(),
        },
    })
}

fn offer_shown(c: &Chrome, line: OfferLine) -> OfferShown {
    let is_used = line.is_used();
    let offer = line.offer;
    let kind = if offer.kind.is_empty() { String::new() } else { c.word("kind", &offer.kind) };
    let what: Vec<String> = [kind, offer.provider].into_iter().filter(|text| !text.is_empty()).collect();
    OfferShown {
        id: offer.id,
        name: offer.name,
        what: what.join(", "),
        description: offer.description,
        ask: offer.ask,
        is_used,
        said: match line.said {
            Some(true) => "used",
            Some(false) => "unused",
            None => "",
        },
        systems: line.systems,
    }
}

/// The forms of one part: each thing that stands there, and an empty one; what was refused stands in its own.
fn items(c: &Chrome, part: &str, standing: Vec<(i64, i64, Filled)>, given: Option<&Given>) -> Vec<Item> {
    let given = given.filter(|given| given.part == part);
    let blank = (0, 0, Filled::new());
    standing
        .into_iter()
        .chain([blank])
        .map(|(id, version, values)| {
            let own = given.filter(|given| given.id == id);
            let own = own.map(|own| (&own.filled, own.field.as_str(), own.why.as_str()));
            item(c, part, (id, version), &values, own)
        })
        .collect()
}

async fn page_of(
    web: &WebState,
    visit: &Visit,
    school: Option<i64>,
    given: Option<&Given>,
) -> Result<Page, Failure> {
    let all = web.ask(move |traeger| standing(traeger, school)).await?;
    let key = if school.is_some() { "contacts-title" } else { "contacts-traeger-title" };
    let mut c = Chrome::new(visit, visit.language.text(key)).lead(visit.language.text("contacts-lead"));
    c = match &all.school {
        Some(entered) => c
            .of_school(entered, "facts")
            .crumb(visit.language.text("facts-title"), format!("/schule/{}/stammdaten", entered.id)),
        None => c.crumb(visit.language.text("nav-schools"), "/".to_owned()).section("settings"),
    };
    if let Some(given) = given {
        c = c.refused(given.why.clone());
    }
    let contacts = all.contacts.iter().map(|one| (one.id, one.version, contact_values(one))).collect();
    let offers = all.offers.iter().map(|one| (one.id, one.version, offer_values(one))).collect();
    Ok(Page {
        action: school.map_or_else(|| "/kontakte".to_owned(), |id| format!("/schule/{id}/kontakte")),
        school: school.unwrap_or_default(),
        contacts: items(&c, "contact", contacts, given),
        beside: all.beside,
        offers: if school.is_none() { items(&c, "offer", offers, given) } else { Vec::new() },
        at_school: all.at_school.into_iter().map(|line| offer_shown(&c, line)).collect(),
        c,
    })
}

/// The page of a school, or that of the Träger where the address names no school.
pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    school: Option<Path<i64>>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let mut page = page_of(&web, &visit, school.map(|Path(school)| school), None).await?;
    page.c = page.c.told(done.ok.as_deref());
    html(&page)
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    school: Option<Path<i64>>,
    Form(filled): Form<Filled>,
) -> Result<Response, Failure> {
    let school = school.map(|Path(school)| school);
    check_form(&visit, filled.get("csrf").map_or("", String::as_str))?;
    let (who, now, asked) = (visit.author(), visit.now, filled.clone());
    let text = |name: &str| filled.get(name).cloned().unwrap_or_default();
    let (part, id) = (text("part"), text("id").parse().unwrap_or(0));
    let wanted = part.clone();
    let is_known = matches!((part.as_str(), school), ("contact", _) | ("offer", None) | ("use", Some(_)));
    if !is_known {
        return Err(Failure::Refused("error-unfit"));
    }
    let written = web.ask(move |traeger| written(traeger, &wanted, school, &asked, (&who, now))).await;
    let failure = match written {
        Ok(()) => {
            let to = school.map_or_else(String::new, |id| format!("/schule/{id}"));
            return Ok(Redirect::to(&format!("{to}/kontakte?ok=saved")).into_response());
        }
        Err(failure) => failure.for_form()?,
    };
    let field = failure.place().to_owned();
    let given = Given { part, id, filled, field, why: visit.language.text(failure.key()) };
    let page = page_of(&web, &visit, school, Some(&given)).await?;
    Ok((failure.status(), html(&page)?).into_response())
}

fn written(
    traeger: &Traeger,
    part: &str,
    school: Option<i64>,
    filled: &Filled,
    by: (&str, rundgang_inventory::Timestamp),
) -> rundgang_store::Result<()> {
    let number = |name: &str| filled.get(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let is_gone = filled.get("do").is_some_and(|what| what == "delete");
    match (part, school) {
        ("offer", None) if is_gone => traeger.delete_offer(number("id"), number("version"), by),
        ("offer", None) => traeger.save_offer(&offer_of(filled), by).map(drop),
        ("use", Some(school)) => {
            let used = match filled.get("state").map_or("", String::as_str) {
                "used" => Some(true),
                "unused" => Some(false),
                _ => None,
            };
            traeger.say_of_offer(school, number("id"), used, by)
        }
        _ if is_gone => traeger.delete_contact(school, number("id"), number("version"), by),
        _ => traeger.save_contact(&contact_of(filled, school), by).map(drop),
    }
}
