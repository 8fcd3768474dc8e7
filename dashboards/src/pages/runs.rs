//! A survey on its way through the schools, as the Träger sees it: opened, watched, returned, submitted.

mod open;
mod remind;
pub(crate) mod totals;

pub(crate) use open::{blank, create};
pub(crate) use remind::send as remind_by_mail;

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::{check_form, escaped};
use crate::mailto::mailto;
use crate::pages::Done;
use crate::reminder::{functions, recipients_of, roles_of};
use crate::report::{Form as FileForm, Progress, file_of, load_run};
use crate::web::{Visit, WebState};
use crate::words::{Words, coverage_text};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::answer_all;
use rundgang_store::{Part, Recipient, Run, State as Stand, Traeger};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One school in a run.
struct Line {
    part: Part,
    name: String,
    is_example: bool,
    progress: Progress,
    /// How much was walked, and who is silent.
    coverage: String,
    is_silent: bool,
    /// Somebody answered after the school had handed in.
    changed_since: bool,
    /// A mail that reminds the school, for the reader's own mail program.
    reminder: String,
    /// The accounts that a mail of ours would reach, by function; none where no mail leaves.
    reached: BTreeMap<String, usize>,
}

impl Line {
    fn can_return(&self) -> bool {
        self.part.state == Stand::Confirmed
    }

    fn is_awaited(&self) -> bool {
        self.part.state.is_awaited()
    }

    /// Whether a mail of ours can remind the school.
    fn can_mail(&self) -> bool {
        self.is_awaited() && !self.reached.is_empty()
    }
}

#[derive(Template)]
#[template(path = "run.html")]
struct Page {
    c: Chrome,
    run: Run,
    lines: Vec<Line>,
    /// The school whose form was refused, and why.
    refused: Option<(i64, String)>,
    note: String,
    /// Whether mail leaves from here at all.
    sends: bool,
    /// What became of reminding schools, where that was just asked for.
    reminded: Vec<remind::Reminded>,
}

impl Page {
    fn base(&self) -> String {
        format!("/umfragelauf/{}", self.run.id)
    }

    fn count(&self, state: &str) -> usize {
        self.lines.iter().filter(|line| line.part.state.name() == state).count()
    }

    fn awaited(&self) -> usize {
        self.lines.iter().filter(|line| line.is_awaited()).count()
    }

    /// How many of the awaited schools a mail of ours can remind.
    fn mailable(&self) -> usize {
        self.lines.iter().filter(|line| line.can_mail()).count()
    }

    /// Whom a mail to a school reaches.
    fn whom(&self, line: &Line) -> String {
        functions(self.c.language, &line.reached)
    }

    /// Why the form of a school was refused.
    fn error(&self, school: &i64) -> Option<&str> {
        self.refused.as_ref().filter(|(at, _)| at == school).map(|(_, why)| why.as_str())
    }
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(run): Path<i64>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    html(&shown(&web, &visit, run, done.ok.as_deref()).await?)
}

async fn shown(web: &WebState, visit: &Visit, run: i64, done: Option<&str>) -> Result<Page, Failure> {
    let (now, words, site) = (visit.now, Words { language: visit.language }, visit.site.clone());
    let has_courier = web.shared().config.courier.is_some();
    let (run, lines, sends) = web
        .ask(move |traeger| {
            let run = traeger.run(run)?;
            let recipients = remind::reachable(traeger, has_courier)?;
            let known = recipients.as_deref().unwrap_or_default();
            let mut lines = Vec::new();
            for part in traeger.parts(run.id)? {
                lines.push(line(traeger, &run, part, known, (words, &site, now))?);
            }
            lines.sort_by(|a, b| a.name.cmp(&b.name));
            Ok((run, lines, recipients.is_some()))
        })
        .await?;
    let mut c = Chrome::new(visit, run.survey.title.get(visit.language.code()).to_owned())
        .told(done)
        .section("surveys")
        .crumb(visit.language.text("surveys-title"), "/umfragen".to_owned());
    c.example = lines.iter().any(|line| line.is_example);
    c.example_among_others = !lines.iter().all(|line| line.is_example);
    Ok(Page { c, run, lines, refused: None, note: String::new(), sends, reminded: Vec::new() })
}

fn line(
    traeger: &Traeger,
    run: &Run,
    part: Part,
    recipients: &[Recipient],
    (words, site, now): (Words, &str, Timestamp),
) -> rundgang_store::Result<Line> {
    let view = traeger.view_of_run(run, part.school, now)?;
    let answers = answer_all(&run.survey, &view, &[]);
    let persons = traeger.person_answers(Some(part.school), &run.survey.id, now)?;
    let school = traeger.school(part.school)?.entered;
    let facts = traeger.facts(Some(part.school))?;
    let contact = facts.get("contact.school").map(|fact| fact.value.clone()).unwrap_or_default();
    Ok(Line {
        progress: Progress::of(&answers, &persons, Some(run.opened)),
        coverage: answers.first().map(|answer| coverage_text(words, answer)).unwrap_or_default(),
        is_silent: answers.first().is_some_and(|answer| !answer.coverage.silent.is_empty()),
        changed_since: part.state == Stand::Confirmed && persons.values().any(|said| said.at > part.at),
        reminder: reminder(words, run, (part.school, &school.name), &contact, site),
        reached: roles_of(recipients_of(part.school, recipients)),
        name: school.name,
        is_example: school.is_example,
        part,
    })
}

/// The mail that reminds a school, with the way to its page. The contact is used as address only where it is one.
fn reminder(words: Words, run: &Run, (school, name): (i64, &str), contact: &str, site: &str) -> String {
    let title = run.survey.title.get(words.language.code());
    let link = format!("{site}/schule/{school}/umfragelauf/{}", run.id);
    let mut told = vec![("title", title.into()), ("school", name.into()), ("link", link.into())];
    told.extend(run.due.map(|due| ("due", words.date(&due).into())));
    let body =
        words.language.with(if run.due.is_some() { "run-reminder" } else { "run-reminder-open" }, &told);
    let is_address = contact.contains('@') && !contact.contains(char::is_whitespace);
    // RFC 6068: what stands around the @ is escaped, the @ is not.
    let to = if is_address { escaped(contact).replacen("%40", "@", 1) } else { String::new() };
    mailto(&to, title, &body)
}

/// A form about one school of a run, or about the run.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Asked {
    csrf: String,
    #[serde(default)]
    school: i64,
    #[serde(default)]
    note: String,
}

pub(crate) async fn give_back(
    State(web): State<WebState>,
    visit: Visit,
    Path(run): Path<i64>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    check_form(&visit, &asked.csrf)?;
    let (school, note) = (asked.school, asked.note.clone());
    let step = move |traeger: &Traeger, who: &str, now| {
        traeger.move_part(run, school, Stand::Returned, &note, who, now)
    };
    let taken = match crate::secrets::refuse([asked.note.as_str()]) {
        Ok(()) => taken(&web, &visit, run, "returned", step).await,
        Err(secret) => Err(secret),
    };
    let Err(Failure::Refused(key)) = taken else { return taken };
    // What was written comes back, whatever has become of the school's part.
    let mut page = shown(&web, &visit, run, None).await?;
    let why = visit.language.text(key);
    page.c = page.c.refused(why.clone());
    (page.refused, page.note) = (Some((asked.school, why)), asked.note);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}

/// Takes a step of a run, in the name of who asks for it, and leads back to its page, which says what was done.
async fn taken(
    web: &WebState,
    visit: &Visit,
    run: i64,
    told: &str,
    step: impl FnOnce(&Traeger, &str, Timestamp) -> rundgang_store::Result<()> + Send + 'static,
) -> Result<Response, Failure> {
    let (now, who) = (visit.now, visit.author());
    web.ask(move |traeger| step(traeger, &who, now)).await?;
    Ok(Redirect::to(&format!("/umfragelauf/{run}?ok={told}")).into_response())
}

pub(crate) async fn remind(
    State(web): State<WebState>,
    visit: Visit,
    Path(run): Path<i64>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    check_form(&visit, &asked.csrf)?;
    let step = move |traeger: &Traeger, who: &str, now| traeger.note_reminder(run, asked.school, who, now);
    taken(&web, &visit, run, "reminded", step).await
}

pub(crate) async fn submit(
    State(web): State<WebState>,
    visit: Visit,
    Path(run): Path<i64>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    check_form(&visit, &asked.csrf)?;
    let step = move |traeger: &Traeger, who: &str, now| traeger.submit_run(run, who, now);
    taken(&web, &visit, run, "submitted", step).await
}

/// Every school's answers in one file.
pub(crate) async fn file(
    State(web): State<WebState>,
    visit: Visit,
    Path((run, form)): Path<(i64, String)>,
) -> Result<Response, Failure> {
    let form = FileForm::parse(&form).ok_or(Failure::NotFound)?;
    let (now, language) = (visit.now, visit.language);
    // In the thread that may wait: a paper of many schools takes seconds, in which others are answered.
    let (name, bytes) = web
        .ask(move |traeger| {
            let run = traeger.run(run)?;
            let all = load_run(traeger, &run, now)?;
            let bytes = file_of(&all, &run.survey, language, now, form);
            Ok((super::run_part::name_of(&run, None, form), bytes))
        })
        .await?;
    let bytes = bytes.map_err(|error| Failure::Broken(error.to_string()))?;
    Ok(super::survey_files::download(form, &name, bytes))
}
