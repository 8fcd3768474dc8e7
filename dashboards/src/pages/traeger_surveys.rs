//! The surveys of the Träger: its own, and how far its schools have come with theirs.

use super::surveys::{Asked, Given, Page, store_answer};
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::report::{Progress, asks_schools, load};
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::{self, Survey, Told, Wants, answer_all};
use rundgang_store::Run;
use std::collections::{BTreeMap, BTreeSet};

struct Line {
    survey: Survey,
    /// Of the Träger itself.
    own: Option<Progress>,
    /// Of each school: number, name, progress, whether it is an example.
    schools: Vec<(i64, String, Progress, bool)>,
}

#[derive(Template)]
#[template(path = "traeger_surveys.html")]
struct ListPage {
    c: Chrome,
    lines: Vec<Line>,
    runs: Vec<RunLine>,
}

/// A survey that was opened for schools.
struct RunLine {
    run: Run,
    /// How many schools are in each state, by its name.
    stands: BTreeMap<&'static str, usize>,
    schools: usize,
    /// Whether an invented school takes part.
    has_example: bool,
}

/// Every run, the newest first.
fn run_lines(
    traeger: &rundgang_store::Traeger,
    invented: &BTreeSet<i64>,
) -> rundgang_store::Result<Vec<RunLine>> {
    let mut all = Vec::new();
    for run in traeger.runs()? {
        let parts = traeger.parts(run.id)?;
        let mut stands = BTreeMap::new();
        parts.iter().for_each(|part| *stands.entry(part.state.name()).or_insert(0) += 1);
        let has_example = parts.iter().any(|part| invented.contains(&part.school));
        all.push(RunLine { run, stands, schools: parts.len(), has_example });
    }
    Ok(all)
}

impl ListPage {
    fn title_of(&self, line: &RunLine) -> String {
        line.run.survey.title.get(self.c.language.code()).to_owned()
    }

    fn title(&self, line: &Line) -> String {
        line.survey.title.get(self.c.language.code()).to_owned()
    }
}

pub(crate) async fn list(State(web): State<WebState>, visit: Visit) -> Result<Response, Failure> {
    let now = visit.now;
    let (lines, runs, only_examples) = web
        .ask(move |traeger| {
            let schools = traeger.schools()?;
            let only_examples = !examples(&schools).1;
            let invented: BTreeSet<i64> =
                schools.iter().filter(|school| school.entered.is_example).map(|school| school.id).collect();
            let surveys = traeger.surveys()?;
            let named: BTreeMap<i64, String> =
                schools.into_iter().map(|school| (school.id, school.entered.name)).collect();
            let lines = lines(traeger, surveys, &named, &invented, now)?;
            let runs = run_lines(traeger, &invented)?;
            Ok((lines, runs, only_examples))
        })
        .await?;
    let mut c = Chrome::new(&visit, visit.language.text("surveys-title"))
        .lead(visit.language.text("traeger-surveys-lead"))
        .section("surveys");
    // The surveys count no invented school beside real ones; only where one is shown the page says so.
    let schools = lines.iter().flat_map(|line| &line.schools);
    c.example = schools.map(|school| school.3).chain(runs.iter().map(|run| run.has_example)).any(|is| is);
    c.example_among_others = !only_examples;
    html(&ListPage { c, lines, runs })
}

/// How far every survey has come. Each school is read once for all of them.
fn lines(
    traeger: &rundgang_store::Traeger,
    surveys: Vec<Survey>,
    names: &BTreeMap<i64, String>,
    invented: &BTreeSet<i64>,
    now: Timestamp,
) -> rundgang_store::Result<Vec<Line>> {
    let asked: Vec<_> = surveys.iter().map(survey::Asked::of).collect();
    let said = traeger.ask_schools(&Wants::of(&surveys), now, |view| {
        let school: i64 = view.school.parse().unwrap_or_default();
        let said = surveys.iter().zip(&asked).map(|(survey, asked)| {
            if !asks_schools(survey) {
                return Ok(Said::Told(Box::new(Told::by(&view, survey, asked))));
            }
            let persons = traeger.person_answers(Some(school), &survey.id, now)?;
            Ok(Said::Progress(Progress::of(&answer_all(survey, &view, &[]), &persons, None)))
        });
        said.collect::<rundgang_store::Result<Vec<Said>>>().map(|said| (school, said))
    })?;
    let mut lines: Vec<(Line, Vec<Told>)> = surveys
        .into_iter()
        .map(|survey| (Line { own: None, schools: Vec::new(), survey }, Vec::new()))
        .collect();
    for one in said {
        let (school, said) = one?;
        for ((line, told), said) in lines.iter_mut().zip(said) {
            match said {
                Said::Told(said) => told.push(*said),
                Said::Progress(progress) => {
                    let name = names.get(&school).cloned().unwrap_or_default();
                    line.schools.push((school, name, progress, invented.contains(&school)));
                }
            }
        }
    }
    let own = traeger.own_survey_view(now)?;
    for (line, told) in &mut lines {
        line.schools.sort_by(|a, b| a.1.cmp(&b.1));
        if !asks_schools(&line.survey) {
            let persons = traeger.person_answers(None, &line.survey.id, now)?;
            line.own = Some(Progress::of(&answer_all(&line.survey, &own, told), &persons, None));
        }
    }
    Ok(lines.into_iter().map(|(line, _)| line).collect())
}

/// What one school says to one survey.
enum Said {
    /// To a survey of schools.
    Progress(Progress),
    /// To the questions that a survey of the Träger puts to it.
    Told(Box<Told>),
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
