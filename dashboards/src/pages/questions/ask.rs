//! Passing on a question about a system: to whom, what, until when.

use super::parties::{Party, nearest, parties};
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::mailto::mailbox;
use crate::pages::findings::due_moment;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_store::{DocumentedSystem, NewQuestion, School};
use serde::Deserialize;

/// Days until an answer is due, where nobody says otherwise.
const DAYS: i64 = 14;
/// Letters of a text that an address may bring along.
const MOST_LETTERS: usize = 4000;

/// What stands in the form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filled {
    csrf: String,
    party: String,
    whom: String,
    mail: String,
    text: String,
    due: String,
}

#[derive(Template)]
#[template(path = "question_new.html")]
struct Page {
    c: Chrome,
    school: i64,
    system: DocumentedSystem,
    parties: Vec<Party>,
    filled: Filled,
    /// The place at fault, and why.
    refused: Option<(String, String)>,
}

impl Page {
    /// Who is named for the system, or the further contacts.
    fn shown(&self, is_far: bool) -> Vec<&Party> {
        self.parties.iter().filter(|party| party.is_far == is_far).collect()
    }

    /// Whether a further contact is chosen.
    fn chooses_far(&self) -> bool {
        self.parties.iter().any(|party| party.is_far && party.key == self.filled.party)
    }

    /// Why a place was refused.
    fn wrong(&self, place: &str) -> Option<&str> {
        self.refused.as_ref().filter(|(at, _)| at == place).map(|(_, why)| why.as_str())
    }
}

/// What a page about passing on needs.
struct Around {
    school: School,
    system: DocumentedSystem,
    parties: Vec<Party>,
}

async fn around(web: &WebState, visit: &Visit, school: i64, id: i64) -> Result<Around, Failure> {
    let (entered, system, contacts) = web
        .ask(move |traeger| {
            let system = traeger.system(id)?;
            if system.school != school {
                return Err(rundgang_store::Error::NotFound(format!("system {id}")));
            }
            let contacts = [traeger.contacts(Some(school))?, traeger.contacts(None)?].concat();
            Ok((traeger.school(school)?, system, contacts))
        })
        .await?;
    let c = Chrome::new(visit, String::new());
    Ok(Around { parties: parties(&c, &system, &contacts), school: entered, system })
}

fn page_of(visit: &Visit, around: Around, filled: Filled, refused: Option<(String, String)>) -> Page {
    let school = around.school.id;
    let mut c = Chrome::new(visit, visit.language.text("question-new"))
        .of_school(&around.school, "register")
        .crumb(visit.language.text("register-title"), format!("/schule/{school}/register"))
        .crumb(around.system.name.clone(), format!("/schule/{school}/register/{}", around.system.id))
        .lead(visit.language.text("question-lead"));
    if let Some((_, why)) = &refused {
        c = c.refused(why.clone());
    }
    Page { school, system: around.system, parties: around.parties, filled, refused, c }
}

/// What an address may bring along: the words of a finding.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct From {
    #[serde(default)]
    text: String,
}

pub(crate) async fn blank(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, i64)>,
    Query(from): Query<From>,
) -> Result<Response, Failure> {
    let around = around(&web, &visit, school, id).await?;
    let c = Chrome::new(&visit, String::new());
    let filled = Filled {
        party: nearest(&around.parties),
        text: from.text.chars().take(MOST_LETTERS).collect(),
        due: c.day(&visit.now.plus_days(DAYS)),
        ..Filled::default()
    };
    html(&page_of(&visit, around, filled, None))
}

/// The question as it was filled in; otherwise the place at fault and the key of the reason.
fn read(
    visit: &Visit,
    system: i64,
    parties: &[Party],
    filled: &Filled,
) -> Result<NewQuestion, (&'static str, &'static str)> {
    let (whom, mail) = match parties.iter().find(|party| party.key == filled.party) {
        Some(party) => (party.whom.clone(), party.mail.clone()),
        None if filled.party == "other" => (filled.whom.trim().to_owned(), filled.mail.trim().to_owned()),
        // The register names another address since the form was shown.
        None => return Err(("party", "error-question-moved")),
    };
    let mail = match mailbox(&mail) {
        None if !mail.is_empty() => return Err(("mail", "error-weekly-address")),
        found => found.unwrap_or_default(),
    };
    let due = due_moment(visit, &filled.due).map_err(|key| ("due", key))?.ok_or(("due", "error-empty"))?;
    if due < visit.now {
        return Err(("due", "error-question-past"));
    }
    let whom = if whom.is_empty() { mail.clone() } else { whom };
    Ok(NewQuestion { system, whom, mail, text: filled.text.clone(), due })
}

pub(crate) async fn pass_on(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, i64)>,
    Form(filled): Form<Filled>,
) -> Result<Response, Failure> {
    check_form(&visit, &filled.csrf)?;
    let around = around(&web, &visit, school, id).await?;
    let (who, now) = (visit.author(), visit.now);
    let written = match read(&visit, id, &around.parties, &filled) {
        Ok(new) => web.ask(move |traeger| traeger.pass_on(school, &new, (&who, now))).await,
        Err((place, key)) => Err(Failure::Field(place.to_owned(), key)),
    };
    let failure = match written {
        Ok(question) => {
            return Ok(
                Redirect::to(&format!("/schule/{school}/frage/{question}?ok=passed-on")).into_response()
            );
        }
        Err(failure) => failure.for_form()?,
    };
    let refused = Some((failure.place().to_owned(), visit.language.text(failure.key())));
    Ok((failure.status(), html(&page_of(&visit, around, filled, refused))?).into_response())
}
