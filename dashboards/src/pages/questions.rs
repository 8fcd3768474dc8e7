//! Questions about systems that were passed on: the list of a school, and one with its mail and what came of it.

mod ask;
mod parties;

pub(crate) use ask::{blank, pass_on};

use super::Done;
use super::findings::due_moment;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::mailto::mailto;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::Timestamp;
use rundgang_store::{DocumentedSystem, LATEST_ANSWERED, Question, Said, School};
use serde::Deserialize;

/// How a question stands: how it is marked, and in words.
pub(crate) fn state(c: &Chrome, question: &Question, now: Timestamp) -> (&'static str, String) {
    match question.answered_at {
        Some(at) => ("good", c.s("question-answered", "date", c.date(&at))),
        None if question.is_overdue(now) => ("high", c.s("question-overdue", "date", c.date(&question.due))),
        None => ("accent", c.s("question-due", "date", c.date(&question.due))),
    }
}

/// A question as a line of a list.
pub(crate) struct Line {
    pub(crate) question: Question,
    pub(crate) state: (&'static str, String),
}

impl Line {
    pub(crate) fn of(c: &Chrome, question: Question, now: Timestamp) -> Self {
        Self { state: state(c, &question, now), question }
    }
}

#[derive(Template)]
#[template(path = "questions.html")]
struct ListPage {
    c: Chrome,
    school: i64,
    lines: Vec<Line>,
}

pub(crate) async fn list(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
) -> Result<Response, Failure> {
    let (entered, all) = web
        .ask(move |traeger| Ok((traeger.school(school)?, traeger.questions(school, LATEST_ANSWERED)?)))
        .await?;
    let c = Chrome::new(&visit, visit.language.text("questions-title"))
        .of_school(&entered, "register")
        .crumb(visit.language.text("register-title"), format!("/schule/{school}/register"))
        .lead(visit.language.text("questions-lead"));
    let lines = all.into_iter().map(|question| Line::of(&c, question, visit.now)).collect();
    html(&ListPage { school, lines, c })
}

#[derive(Template)]
#[template(path = "question.html")]
struct Page {
    c: Chrome,
    school: i64,
    question: Question,
    /// Whether its system still stands in the register.
    is_there: bool,
    state: (&'static str, String),
    /// The mail for the reader's own mail program.
    mailto: String,
    /// Its text, to be copied.
    body: String,
    /// What stands in the form.
    filled: Filled,
    /// What stands there now, where somebody else changed it meanwhile.
    other: Option<String>,
    /// The place at fault, and why.
    refused: Option<(String, String)>,
}

impl Page {
    /// Why a place was refused.
    fn wrong(&self, place: &str) -> Option<&str> {
        self.refused.as_ref().filter(|(at, _)| at == place).map(|(_, why)| why.as_str())
    }
}

/// What stands in the form of a question that was passed on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filled {
    csrf: String,
    version: i64,
    /// `open` or `answered`.
    state: String,
    answer: String,
    due: String,
}

impl Filled {
    fn of(c: &Chrome, question: &Question) -> Self {
        Self {
            csrf: String::new(),
            version: question.version,
            state: if question.answered_at.is_some() { "answered" } else { "open" }.to_owned(),
            answer: question.answer.clone(),
            due: c.day(&question.due),
        }
    }
}

/// The mail: what is asked, about which system, until when. Where credentials are kept is no part of it.
fn body(
    c: &Chrome,
    question: &Question,
    system: Option<&DocumentedSystem>,
    (school, room): (&str, &str),
) -> String {
    let mut about = vec![(c.t("column-system"), question.name.clone())];
    if let Some(system) = system {
        about.push((c.t("column-kind"), c.word("kind", &system.kind)));
        about.push((c.t("column-room"), room.to_owned()));
        about.push((c.t("column-serial"), system.serial.clone()));
        about.push((c.t("field-contract"), system.contract.clone()));
    }
    about.push((c.t("column-school"), school.to_owned()));
    let about: Vec<String> = about
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let until = c.s("question-until", "date", c.date(&question.due));
    let parts = [c.t("order-greeting"), question.text.clone(), about.join("\n"), until];
    format!("{}\n\n{school}", parts.join("\n\n"))
}

async fn page_of(
    web: &WebState,
    visit: &Visit,
    (school, id): (i64, i64),
    given: Option<(Filled, &Failure)>,
) -> Result<Page, Failure> {
    let (entered, question, system, room): (School, Question, Option<DocumentedSystem>, String) = web
        .ask(move |traeger| {
            let question = traeger.question(school, id)?;
            // A system that was deleted meanwhile keeps its questions.
            let system = traeger.system(question.system).ok();
            let rooms = traeger.rooms(school)?;
            let room =
                rooms.into_iter().find(|room| system.as_ref().is_some_and(|s| s.room == Some(room.id)));
            Ok((traeger.school(school)?, question, system, room.map(|room| room.name).unwrap_or_default()))
        })
        .await?;
    let mut c = Chrome::new(visit, visit.language.text("question-title"))
        .of_school(&entered, "register")
        .crumb(visit.language.text("questions-title"), format!("/schule/{school}/fragen"));
    let name = &entered.entered.name;
    let subject = c.language.with(
        "question-subject",
        &[("school", name.clone().into()), ("system", question.name.clone().into())],
    );
    let body = body(&c, &question, system.as_ref(), (name, &room));
    let state = state(&c, &question, visit.now);
    let stands = Filled::of(&c, &question);
    let (mut other, mut refused) = (None, None);
    let filled = match given {
        None => stands,
        Some((filled, failure)) => {
            let why = c.t(failure.key());
            c = c.refused(why.clone());
            if filled.version != stands.version {
                other = Some([state.1.clone(), stands.answer].join(" ").trim().to_owned());
            }
            refused = Some((failure.place().to_owned(), why));
            // Whoever saves again has seen what the other one wrote.
            Filled { version: stands.version, ..filled }
        }
    };
    Ok(Page {
        is_there: system.is_some(),
        school,
        mailto: mailto(&question.mail, &subject, &body),
        body,
        state,
        question,
        filled,
        other,
        refused,
        c,
    })
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(which): Path<(i64, i64)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let mut page = page_of(&web, &visit, which, None).await?;
    page.c = page.c.told(done.ok.as_deref());
    html(&page)
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, i64)>,
    Form(filled): Form<Filled>,
) -> Result<Response, Failure> {
    check_form(&visit, &filled.csrf)?;
    let (who, now) = (visit.author(), visit.now);
    let written = match said(&visit, &filled) {
        Ok(said) => {
            let version = filled.version;
            web.ask(move |traeger| traeger.say_of_question(school, (id, version), &said, (&who, now))).await
        }
        Err((place, key)) => Err(Failure::Field(place.to_owned(), key)),
    };
    match written {
        Ok(()) => Ok(Redirect::to(&format!("/schule/{school}/frage/{id}?ok=saved")).into_response()),
        Err(failure) => {
            let failure = failure.for_form()?;
            let page = page_of(&web, &visit, (school, id), Some((filled, &failure))).await?;
            Ok((failure.status(), html(&page)?).into_response())
        }
    }
}

/// What became of the question, as it was filled in; otherwise the place at fault and the key of the reason.
fn said(visit: &Visit, filled: &Filled) -> Result<Said, (&'static str, &'static str)> {
    let is_answered = match filled.state.as_str() {
        "answered" => true,
        "open" => false,
        _ => return Err(("state", "error-choose")),
    };
    let due = due_moment(visit, &filled.due).map_err(|key| ("due", key))?.ok_or(("due", "error-empty"))?;
    Ok(Said { is_answered, answer: filled.answer.clone(), due })
}
