//! The surveys of the Träger: its own, and how far its schools have come with theirs.

use super::Done;
use super::surveys::{Given, Page, Progress, store_answer, survey_csv, survey_page};
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::survey::{Survey, Unit, answer_all, shipped, survey};

struct Line {
    survey: &'static Survey,
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
}

impl ListPage {
    fn title(&self, line: &Line) -> String {
        line.survey.title.get(self.c.language.code()).to_owned()
    }
}

pub(crate) async fn list(State(web): State<WebState>, visit: Visit) -> Result<Response, Failure> {
    let now = visit.now;
    let (lines, example) = web
        .ask(move |traeger| {
            let schools = traeger.schools()?;
            let example = examples(&schools);
            let (own, for_traeger) = traeger.survey_views(now)?;
            let mut views = Vec::new();
            for school in schools {
                let view = traeger.survey_view(school.id, now)?;
                views.push((school, view));
            }
            let mut lines = Vec::new();
            for survey in shipped() {
                let mut line = Line { survey, own: None, schools: Vec::new() };
                if survey.unit == Unit::Traeger {
                    let persons = traeger.person_answers(None, &survey.id, now)?;
                    line.own = Some(Progress::of(&answer_all(survey, &own, &for_traeger), &persons));
                } else {
                    for (school, view) in &views {
                        let persons = traeger.person_answers(Some(school.id), &survey.id, now)?;
                        let progress = Progress::of(&answer_all(survey, view, &[]), &persons);
                        let entered = &school.entered;
                        line.schools.push((school.id, entered.name.clone(), progress, entered.is_example));
                    }
                }
                lines.push(line);
            }
            Ok((lines, example))
        })
        .await?;
    let mut c = Chrome::new(&visit, visit.language.text("surveys-title"))
        .lead(visit.language.text("traeger-surveys-lead"))
        .section("surveys");
    (c.example, c.example_among_others) = example;
    html(&ListPage { c, lines })
}

/// Whether there are examples, and whether real schools stand beside them.
fn examples(schools: &[rundgang_store::School]) -> (bool, bool) {
    let is_example = |school: &rundgang_store::School| school.entered.is_example;
    (schools.iter().any(is_example), !schools.iter().all(is_example))
}

fn traeger_survey(id: &str) -> Result<&'static Survey, Failure> {
    survey(id).filter(|survey| survey.unit == Unit::Traeger).ok_or(Failure::NotFound)
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let asked = traeger_survey(&id)?;
    let now = visit.now;
    let ((own, schools), persons, example) = web
        .ask(move |traeger| {
            let example = examples(&traeger.schools()?);
            Ok((traeger.survey_views(now)?, traeger.person_answers(None, &asked.id, now)?, example))
        })
        .await?;
    let mut c = Chrome::new(&visit, asked.title.get(visit.language.code()).to_owned())
        .told(done.ok.as_deref())
        .section("surveys")
        .crumb(visit.language.text("surveys-title"), "/umfragen".to_owned());
    (c.example, c.example_among_others) = example;
    let page: Page = survey_page(c, asked, &own, &schools, &persons, &format!("/umfrage/{id}"));
    html(&page)
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    let asked = traeger_survey(&id)?;
    check_form(&visit, given.token())?;
    let now = visit.now;
    let who = visit.author();
    let anchor =
        store_answer(&web, asked, None, given, who, now, move |traeger| traeger.survey_views(now)).await?;
    Ok(Redirect::to(&format!("/umfrage/{id}?ok=saved#{anchor}")).into_response())
}

pub(crate) async fn csv(
    State(web): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let asked = traeger_survey(&id)?;
    let now = visit.now;
    let ((own, schools), persons) = web
        .ask(move |traeger| Ok((traeger.survey_views(now)?, traeger.person_answers(None, &asked.id, now)?)))
        .await?;
    Ok(survey_csv(&Chrome::new(&visit, String::new()), asked, &own, &schools, &persons))
}
