//! A survey on its way through the schools, as the Träger sees it: opened, watched, returned, submitted.

mod open;

pub(crate) use open::{blank, create};

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::{check_form, escaped};
use crate::pages::Done;
use crate::report::{Form as FileForm, Progress, file_of, run_reports};
use crate::web::{Visit, WebState};
use crate::words::{Words, coverage_text};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::answer_all;
use rundgang_store::views::survey::AsOf;
use rundgang_store::{Part, Run, State as Stand, Traeger};
use serde::Deserialize;

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
}

impl Line {
    fn can_return(&self) -> bool {
        self.part.state == Stand::Confirmed
    }

    fn is_awaited(&self) -> bool {
        self.part.state.is_awaited()
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
    let (now, words) = (visit.now, Words { language: visit.language });
    let (run, lines) = web
        .ask(move |traeger| {
            let run = traeger.run(run)?;
            let mut lines = Vec::new();
            for part in traeger.parts(run.id)? {
                lines.push(line(traeger, &run, part, words, now)?);
            }
            lines.sort_by(|a, b| a.name.cmp(&b.name));
            Ok((run, lines))
        })
        .await?;
    let mut c = Chrome::new(visit, run.survey.title.get(visit.language.code()).to_owned())
        .told(done)
        .section("surveys")
        .crumb(visit.language.text("surveys-title"), "/umfragen".to_owned());
    c.example = lines.iter().any(|line| line.is_example);
    c.example_among_others = !lines.iter().all(|line| line.is_example);
    Ok(Page { c, run, lines, refused: None, note: String::new() })
}

fn line(
    traeger: &Traeger,
    run: &Run,
    part: Part,
    words: Words,
    now: Timestamp,
) -> rundgang_store::Result<Line> {
    let view = if run.as_of.day() < now.day() {
        traeger.survey_view_as_of(part.school, AsOf::known_today(run.as_of, now))?
    } else {
        traeger.survey_view(part.school, now)?
    };
    let answers = answer_all(&run.survey, &view, &[]);
    let persons = traeger.person_answers(Some(part.school), &run.survey.id, now)?;
    let school = traeger.school(part.school)?.entered;
    let facts = traeger.facts(Some(part.school))?;
    let contact = facts.get("contact.school").map(|fact| fact.value.clone()).unwrap_or_default();
    Ok(Line {
        progress: Progress::of(&answers, &persons),
        coverage: answers.first().map(|answer| coverage_text(words, answer)).unwrap_or_default(),
        is_silent: answers.first().is_some_and(|answer| !answer.coverage.silent.is_empty()),
        changed_since: part.state == Stand::Confirmed && persons.values().any(|said| said.at > part.at),
        reminder: reminder(words, run, &school.name, &contact),
        name: school.name,
        is_example: school.is_example,
        part,
    })
}

/// The mail that reminds a school. The contact is used as address only where it is one.
fn reminder(words: Words, run: &Run, school: &str, contact: &str) -> String {
    let title = run.survey.title.get(words.language.code());
    let due = run.due.map(|due| words.date(&due)).unwrap_or_else(|| "–".to_owned());
    let body = words
        .language
        .with("run-reminder", &[("title", title.into()), ("school", school.into()), ("due", due.into())]);
    let is_address = contact.contains('@') && !contact.contains(char::is_whitespace);
    let to = if is_address { escaped(contact) } else { String::new() };
    format!("mailto:{to}?subject={}&body={}", escaped(title), escaped(&body))
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

/// What the store refuses here is a step that the other side has made impossible meanwhile.
fn refusal(failure: Failure, key: &'static str) -> Failure {
    match failure {
        Failure::Unfit(_) => Failure::Refused(key),
        other => other,
    }
}

pub(crate) async fn give_back(
    State(web): State<WebState>,
    visit: Visit,
    Path(run): Path<i64>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    check_form(&visit, &asked.csrf)?;
    let key = if asked.note.trim().is_empty() {
        Some("error-return-note")
    } else if crate::secrets::refuse([asked.note.as_str()]).is_err() {
        Some("error-secret")
    } else {
        None
    };
    if let Some(key) = key {
        let mut page = shown(&web, &visit, run, None).await?;
        let why = visit.language.text(key);
        page.c = page.c.refused(why.clone());
        (page.refused, page.note) = (Some((asked.school, why)), asked.note);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response());
    }
    let step = move |traeger: &Traeger, who: &str, now| {
        traeger.move_part(run, asked.school, Stand::Returned, &asked.note, who, now)
    };
    taken(&web, &visit, run, ("returned", "error-run-moved"), step).await
}

/// Takes a step of a run, in the name of who asks for it, and leads back to its page, which says what was done.
async fn taken(
    web: &WebState,
    visit: &Visit,
    run: i64,
    (told, refused): (&str, &'static str),
    step: impl FnOnce(&Traeger, &str, Timestamp) -> rundgang_store::Result<()> + Send + 'static,
) -> Result<Response, Failure> {
    let (now, who) = (visit.now, visit.author());
    web.ask(move |traeger| step(traeger, &who, now)).await.map_err(|failure| refusal(failure, refused))?;
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
    taken(&web, &visit, run, ("reminded", "error-run-moved"), step).await
}

pub(crate) async fn submit(
    State(web): State<WebState>,
    visit: Visit,
    Path(run): Path<i64>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    check_form(&visit, &asked.csrf)?;
    let step = move |traeger: &Traeger, who: &str, now| traeger.submit_run(run, who, now);
    taken(&web, &visit, run, ("submitted", "error-run-open"), step).await
}

/// Every school's answers in one file.
pub(crate) async fn file(
    State(web): State<WebState>,
    visit: Visit,
    Path((run, form)): Path<(i64, String)>,
) -> Result<Response, Failure> {
    let form = FileForm::parse(&form).ok_or(Failure::NotFound)?;
    let (now, language) = (visit.now, visit.language);
    let (name, reports) = web
        .ask(move |traeger| {
            let run = traeger.run(run)?;
            let name = super::run_part::name_of(&run, form);
            Ok((name, run_reports(traeger, &run, language, now)?))
        })
        .await?;
    let bytes = file_of(&reports, form).map_err(|error| Failure::Broken(error.to_string()))?;
    Ok(super::survey_files::download(form, &name, bytes))
}
