//! The surveys of the Träger: its own, and how far its schools have come with theirs.

use super::surveys::{Asked, Given, Page, store_answer};
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::pages::Done;
use crate::report::{Progress, asks_schools, load};
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::{Survey, Wants, answer_all, survey as shipped};
use rundgang_store::RunLine;
use std::collections::{BTreeMap, BTreeSet};

/// A survey in the list. How far it has come is told where it is opened: that asks every school.
struct Line {
    survey: Survey,
    /// Questions that the Träger has answered, where it answers itself.
    own: Option<usize>,
    /// Read in by the Träger, in the place of one that comes with the product.
    replaces: bool,
}

#[derive(Template)]
#[template(path = "traeger_surveys.html")]
struct ListPage {
    c: Chrome,
    lines: Vec<Line>,
    runs: Vec<RunLine>,
    has_schools: bool,
}

impl ListPage {
    fn title_of(&self, line: &RunLine) -> String {
        line.run.survey.title.get(self.c.language.code()).to_owned()
    }

    fn title(&self, line: &Line) -> String {
        line.survey.title.get(self.c.language.code()).to_owned()
    }
}

pub(crate) async fn list(
    State(web): State<WebState>,
    visit: Visit,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let (lines, runs, schools) = web
        .ask(move |traeger| {
            let answered = traeger.own_answers()?;
            let imported: BTreeSet<String> =
                traeger.imported_surveys()?.into_iter().map(|survey| survey.id).collect();
            let line = |survey: Survey| {
                let own = answered.get(&survey.id).copied().unwrap_or_default();
                let replaces = imported.contains(&survey.id) && shipped(&survey.id).is_some();
                Line { own: (!asks_schools(&survey)).then_some(own), replaces, survey }
            };
            let lines: Vec<Line> = traeger.surveys()?.into_iter().map(line).collect();
            Ok((lines, traeger.run_lines()?, traeger.schools()?))
        })
        .await?;
    let mut c = Chrome::new(&visit, visit.language.text("surveys-title"))
        .lead(visit.language.text("traeger-surveys-lead"))
        .told(done.ok.as_deref())
        .section("surveys");
    c.example = runs.iter().any(|run| run.has_example);
    c.example_among_others = examples(&schools).1;
    html(&ListPage { c, lines, runs, has_schools: !schools.is_empty() })
}

/// How far one school has come with a survey.
struct SchoolLine {
    id: i64,
    name: String,
    progress: Progress,
    is_example: bool,
}

#[derive(Template)]
#[template(path = "survey_schools.html")]
struct SchoolsPage {
    c: Chrome,
    survey: Survey,
    schools: Vec<SchoolLine>,
}

/// How far every school has come with one survey. Of the schools is read what the survey asks for.
fn school_lines(
    traeger: &rundgang_store::Traeger,
    survey: &Survey,
    now: Timestamp,
) -> rundgang_store::Result<Vec<SchoolLine>> {
    let persons = traeger.persons_of_schools(&survey.id, now)?;
    let nobody = BTreeMap::new();
    let came = traeger.ask_schools(&Wants::of([survey]), now, |view| {
        let school: i64 = view.school.parse().unwrap_or_default();
        let said = persons.get(&school).unwrap_or(&nobody);
        (school, Progress::of(&answer_all(survey, &view, &[]), said, None))
    })?;
    let mut known: BTreeMap<i64, rundgang_store::School> =
        traeger.schools()?.into_iter().map(|school| (school.id, school)).collect();
    let line = |(id, progress)| {
        let entered = known.remove(&id)?.entered;
        Some(SchoolLine { id, name: entered.name, progress, is_example: entered.is_example })
    };
    let mut lines: Vec<SchoolLine> = came.into_iter().filter_map(line).collect();
    lines.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(lines)
}

/// The page of a survey that every school answers.
async fn of_schools(web: &WebState, visit: &Visit, survey: Survey) -> Result<Response, Failure> {
    let now = visit.now;
    let (survey, schools) = web
        .ask(move |traeger| {
            let lines = school_lines(traeger, &survey, now)?;
            Ok((survey, lines))
        })
        .await?;
    let mut c = Chrome::new(visit, survey.title.get(visit.language.code()).to_owned())
        .section("surveys")
        .crumb(visit.language.text("surveys-title"), "/umfragen".to_owned());
    // The surveys count no invented school beside real ones.
    c.example = schools.iter().any(|school| school.is_example);
    html(&SchoolsPage { c, survey, schools })
}

/// Whether there are examples, and whether real schools stand beside them.
fn examples(schools: &[rundgang_store::School]) -> (bool, bool) {
    let is_example = |school: &rundgang_store::School| school.entered.is_example;
    (schools.iter().any(is_example), !schools.iter().all(is_example))
}

/// A survey that the Träger itself answers.
pub(super) fn traeger_survey(traeger: &rundgang_store::Traeger, id: &str) -> rundgang_store::Result<Survey> {
    let survey = traeger.survey(id)?;
    if asks_schools(&survey) {
        return Err(rundgang_store::Error::NotFound(format!("survey '{id}' of the Träger")));
    }
    Ok(survey)
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let name = id.clone();
    let survey = web.ask(move |traeger| traeger.survey(&name)).await?;
    if asks_schools(&survey) {
        return of_schools(&web, &visit, survey).await;
    }
    html(&shown(&web, &visit, &id, &asked, None).await?)
}

/// The page of a survey of the Träger; with an answer that was refused, as it was typed.
async fn shown(
    web: &WebState,
    visit: &Visit,
    id: &str,
    asked: &Asked,
    given: Option<&Given>,
) -> Result<Page, Failure> {
    let (now, day, name) = (visit.now, asked.day()?, id.to_owned());
    let (survey, mut loaded, example) = web
        .ask(move |traeger| {
            let survey = traeger_survey(traeger, &name)?;
            let loaded = load(traeger, &survey, None, day, now)?;
            Ok((survey, loaded, examples(&traeger.schools()?)))
        })
        .await?;
    if let Some(given) = given {
        given.over(&mut loaded);
    }
    let mut c = Chrome::new(visit, survey.title.get(visit.language.code()).to_owned())
        .told(asked.ok.as_deref())
        .section("surveys")
        .crumb(visit.language.text("surveys-title"), "/umfragen".to_owned());
    // Invented schools are counted only where there are no others.
    c.example = example == (true, false);
    Ok(Page::new(c, &survey, &loaded, format!("/umfrage/{id}"), asked, now))
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    check_form(&visit, given.token())?;
    let (now, who, name) = (visit.now, visit.author(), id.clone());
    let typed = given.clone();
    let stored = web
        .ask(move |traeger| {
            let survey = traeger_survey(traeger, &name)?;
            let loaded = load(traeger, &survey, None, None, now)?;
            Ok(store_answer(traeger, &survey, None, &loaded, &given, who, now))
        })
        .await?;
    let anchor = match stored {
        Ok(anchor) => anchor,
        Err(Failure::Refused(key)) => {
            let page = shown(&web, &visit, &id, &Asked::default(), Some(&typed)).await?;
            return page.refuse(&typed, key);
        }
        Err(failure) => return Err(failure),
    };
    Ok(Redirect::to(&format!("/umfrage/{id}?ok=saved#{anchor}")).into_response())
}
