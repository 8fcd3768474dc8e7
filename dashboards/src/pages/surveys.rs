//! The surveys of one school: every question with what the machine suggests, its evidence, and the person's own answer.

mod table;
mod words;

use super::Done;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::format;
use crate::guard::check_form;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::survey::{Answer, Survey, SurveyView, Unit, answer_all, shipped, survey};
use rundgang_store::views::survey::PersonAnswer;
use serde::Deserialize;
use std::collections::BTreeMap;
pub(super) use table::survey_csv;
use words::{coverage_text, plain_value, question_shown, with_unit};

/// How far a survey has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    pub(super) questions: usize,
    /// Answered by a person.
    pub(super) confirmed: usize,
    /// The machine has a value, no person has looked yet.
    pub(super) suggested: usize,
}

impl Progress {
    pub(super) fn of(answers: &[Answer], persons: &BTreeMap<String, PersonAnswer>) -> Self {
        let by_person =
            |answer: &&Answer| persons.get(&answer.question).is_some_and(|person| !person.value.is_empty());
        let confirmed = answers.iter().filter(by_person).count();
        let suggested = answers.iter().filter(|answer| !by_person(answer) && answer.value.is_some()).count();
        Self { questions: answers.len(), confirmed, suggested }
    }

    pub(super) fn open(&self) -> usize {
        self.questions.saturating_sub(self.confirmed + self.suggested)
    }

    pub(super) fn bar(&self, c: &Chrome) -> String {
        let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let title = self.text(c);
        let parts = [(number(self.confirmed), "one"), (number(self.suggested), "two")];
        crate::chart::bar(&title, number(self.questions), &parts)
    }

    pub(super) fn text(&self, c: &Chrome) -> String {
        c.language.with(
            "survey-progress",
            &[
                ("confirmed", self.confirmed.into()),
                ("suggested", self.suggested.into()),
                ("open", self.open().into()),
            ],
        )
    }
}

struct Line {
    survey: &'static Survey,
    progress: Progress,
}

#[derive(Template)]
#[template(path = "surveys.html")]
struct ListPage {
    c: Chrome,
    school: i64,
    lines: Vec<Line>,
}

impl ListPage {
    fn title(&self, line: &Line) -> String {
        line.survey.title.get(self.c.language.code()).to_owned()
    }
}

pub(crate) async fn list(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
) -> Result<Response, Failure> {
    let now = visit.now;
    let (entered, lines) = web
        .ask(move |traeger| {
            let view = traeger.survey_view(school, now)?;
            let own = shipped().iter().filter(|survey| survey.unit != Unit::Traeger);
            let lines = own
                .map(|survey| {
                    let persons = traeger.person_answers(Some(school), &survey.id, now)?;
                    Ok(Line { survey, progress: Progress::of(&answer_all(survey, &view, &[]), &persons) })
                })
                .collect::<rundgang_store::Result<Vec<_>>>()?;
            Ok((traeger.school(school)?, lines))
        })
        .await?;
    let c = Chrome::new(&visit, visit.language.text("surveys-title"))
        .lead(visit.language.text("surveys-lead"))
        .of_school(&entered, "surveys");
    html(&ListPage { c, school, lines })
}

/// One level of a question as it is shown.
pub(super) struct LevelShown {
    pub(super) level: u8,
    pub(super) text: String,
    pub(super) suggested: bool,
    pub(super) chosen: bool,
}

/// One element behind an answer, with the way to its page where it has one.
pub(super) struct Shown {
    pub(super) label: String,
    pub(super) to: Option<String>,
}

/// One question as it is shown.
pub(super) struct QuestionShown {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) target: String,
    pub(super) answer: String,
    pub(super) is_unknown: bool,
    pub(super) bounds: String,
    pub(super) rows: Vec<(String, String)>,
    pub(super) levels: Vec<LevelShown>,
    pub(super) reasons: Vec<String>,
    pub(super) confidence: &'static str,
    pub(super) only_person: bool,
    pub(super) evidence: Vec<Shown>,
    pub(super) lacking: Vec<Shown>,
    pub(super) person: PersonAnswer,
    pub(super) person_at: String,
    pub(super) drift: Option<String>,
    pub(super) formula_version: String,
}

/// Questions under their heading.
pub(super) struct BlockShown {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) comment: Option<PersonAnswer>,
    pub(super) questions: Vec<QuestionShown>,
}

#[derive(Template)]
#[template(path = "survey.html")]
pub(super) struct Page {
    pub(super) c: Chrome,
    /// Where its forms go; empty where it is only shown.
    pub(super) action: String,
    pub(super) csv: String,
    pub(super) note: String,
    pub(super) progress: Progress,
    pub(super) coverage: String,
    pub(super) thresholds: Vec<(String, String)>,
    pub(super) blocks: Vec<BlockShown>,
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, String)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let asked = own_survey(&id)?;
    let now = visit.now;
    let (entered, view, persons) = web
        .ask(move |traeger| {
            let persons = traeger.person_answers(Some(school), &asked.id, now)?;
            Ok((traeger.school(school)?, traeger.survey_view(school, now)?, persons))
        })
        .await?;
    let c = Chrome::new(&visit, asked.title.get(visit.language.code()).to_owned())
        .told(done.ok.as_deref())
        .of_school(&entered, "surveys")
        .crumb(visit.language.text("surveys-title"), format!("/schule/{school}/umfragen"));
    let base = format!("/schule/{school}/umfrage/{id}");
    html(&survey_page(c, asked, &view, &[], &persons, &base))
}

fn own_survey(id: &str) -> Result<&'static Survey, Failure> {
    survey(id).filter(|survey| survey.unit != Unit::Traeger).ok_or(Failure::NotFound)
}

/// The page of a survey, of a school or of the Träger.
pub(super) fn survey_page(
    c: Chrome,
    asked: &Survey,
    view: &SurveyView,
    schools: &[SurveyView],
    persons: &BTreeMap<String, PersonAnswer>,
    base: &str,
) -> Page {
    let answers = answer_all(asked, view, schools);
    let language = c.language;
    let mut blocks: Vec<BlockShown> = asked
        .blocks
        .iter()
        .map(|block| BlockShown {
            id: block.id.clone(),
            title: block.title.get(language.code()).to_owned(),
            comment: block.comment.then(|| persons.get(&comment_key(&block.id)).cloned().unwrap_or_default()),
            questions: Vec::new(),
        })
        .collect();
    blocks.push(BlockShown { id: String::new(), title: String::new(), comment: None, questions: Vec::new() });
    for (question, answer) in asked.questions.iter().zip(&answers) {
        let person = persons.get(&question.id).cloned().unwrap_or_default();
        let shown = question_shown(&c, question, answer, person);
        if let Some(block) = blocks.iter_mut().find(|block| block.id == question.block) {
            block.questions.push(shown);
        }
    }
    blocks.retain(|block| !block.questions.is_empty());
    let thresholds = asked.thresholds.values().map(|threshold| {
        let meaning = threshold.meaning.get(language.code()).to_owned();
        let unit = threshold.unit.as_str();
        let value = if unit.is_empty() {
            format::share(language, threshold.value)
        } else {
            with_unit(&c, threshold.value, unit)
        };
        (meaning, value)
    });
    let coverage = answers.first().map(|answer| coverage_text(&c, answer)).unwrap_or_default();
    Page {
        action: format!("{base}/antwort"),
        csv: format!("{base}/csv"),
        note: asked.note.as_ref().map(|note| note.get(language.code()).to_owned()).unwrap_or_default(),
        progress: Progress::of(&answers, persons),
        coverage,
        thresholds: thresholds.collect(),
        blocks,
        c,
    }
}

/// The key under which the comment of a block is kept.
fn comment_key(block: &str) -> String {
    format!("block:{block}")
}

#[derive(Deserialize)]
pub(crate) struct Given {
    csrf: String,
    question: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    comment: String,
}

impl Given {
    pub(super) fn token(&self) -> &str {
        &self.csrf
    }
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, String)>,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    check_form(&visit, &given.csrf)?;
    let asked = own_survey(&id)?;
    let now = visit.now;
    let who = visit.author();
    let anchor = store_answer(&web, asked, Some(school), given, who, now, move |traeger| {
        Ok((traeger.survey_view(school, now)?, Vec::new()))
    })
    .await?;
    Ok(Redirect::to(&format!("/schule/{school}/umfrage/{id}?ok=saved#{anchor}")).into_response())
}

/// Records what a person said beside what the machine says at that moment; returns where on the page it stands.
pub(super) async fn store_answer(
    web: &WebState,
    asked: &'static Survey,
    school: Option<i64>,
    given: Given,
    who: String,
    now: rundgang_inventory::Timestamp,
    views: impl FnOnce(&rundgang_store::Traeger) -> rundgang_store::Result<(SurveyView, Vec<SurveyView>)>
    + Send
    + 'static,
) -> Result<String, Failure> {
    let is_block = asked.blocks.iter().any(|block| comment_key(&block.id) == given.question);
    let question = asked.question(&given.question);
    if question.is_none() && !is_block {
        return Err(Failure::NotFound);
    }
    if let Some(question) = question
        && !question.levels.is_empty()
        && !given.value.is_empty()
        && !question.levels.iter().any(|level| level.level.to_string() == given.value)
    {
        return Err(Failure::Refused("error-unfit"));
    }
    crate::secrets::refuse([given.value.as_str(), given.comment.as_str()])?;
    let anchor = format!("q-{}", given.question.replace([':', '.'], "-"));
    web.ask(move |traeger| {
        let (view, schools) = views(traeger)?;
        let machine = question
            .map(|question| {
                let answer =
                    rundgang_inventory::survey::answer(question, &view, &schools, &asked.threshold_values());
                plain_value(&answer)
            })
            .unwrap_or_default();
        let (value, comment) = (given.value.trim().to_owned(), given.comment.trim().to_owned());
        let answer = PersonAnswer { value, comment, who, at: now, machine };
        traeger.answer_question(school, &asked.id, &given.question, &answer)
    })
    .await?;
    Ok(anchor)
}

pub(crate) async fn csv(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, String)>,
) -> Result<Response, Failure> {
    let asked = own_survey(&id)?;
    let now = visit.now;
    let (view, persons) = web
        .ask(move |traeger| {
            Ok((traeger.survey_view(school, now)?, traeger.person_answers(Some(school), &asked.id, now)?))
        })
        .await?;
    Ok(survey_csv(&Chrome::new(&visit, String::new()), asked, &view, &[], &persons))
}
