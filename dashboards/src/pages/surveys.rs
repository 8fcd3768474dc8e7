//! The surveys of one school: every question with what the machine suggests, its evidence, and the person's own answer.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::report::{BlockShown, Loaded, Progress, Report, asks_schools, comment_key, load};
use crate::web::{Visit, WebState};
use crate::words::plain_value;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::{Survey, answer_all};
use rundgang_store::views::survey::PersonAnswer;
use rundgang_store::{Part, Run};
use serde::Deserialize;

struct Line {
    survey: Survey,
    progress: Progress,
}

/// A survey that the Träger opened, with the school's part in it.
struct Opened {
    run: Run,
    part: Part,
}

impl Opened {
    fn is_awaited(&self) -> bool {
        self.part.state.is_awaited()
    }
}

/// What the Träger opened for a school, the newest first; of what is over, the last five.
fn opened(traeger: &rundgang_store::Traeger, school: i64) -> rundgang_store::Result<Vec<Opened>> {
    let mut over = 0;
    let mut all = Vec::new();
    for (run, part) in traeger.runs_of_school(school)? {
        over += usize::from(run.submitted.is_some());
        if run.submitted.is_none() || over <= 5 {
            all.push(Opened { run, part });
        }
    }
    Ok(all)
}

#[derive(Template)]
#[template(path = "surveys.html")]
struct ListPage {
    c: Chrome,
    school: i64,
    lines: Vec<Line>,
    opened: Vec<Opened>,
}

impl ListPage {
    fn title_of(&self, opened: &Opened) -> String {
        opened.run.survey.title.get(self.c.language.code()).to_owned()
    }

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
    let (entered, lines, opened) = web
        .ask(move |traeger| {
            let view = traeger.survey_view(school, now)?;
            let own = traeger.surveys()?.into_iter().filter(asks_schools);
            let lines = own
                .map(|survey| {
                    let persons = traeger.person_answers(Some(school), &survey.id, now)?;
                    let progress = Progress::of(&answer_all(&survey, &view, &[]), &persons, None);
                    Ok(Line { survey, progress })
                })
                .collect::<rundgang_store::Result<Vec<_>>>()?;
            Ok((traeger.school(school)?, lines, opened(traeger, school)?))
        })
        .await?;
    let c = Chrome::new(&visit, visit.language.text("surveys-title"))
        .lead(visit.language.text("surveys-lead"))
        .of_school(&entered, "surveys");
    html(&ListPage { c, school, lines, opened })
}

/// What the address of a survey's page may ask for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    pub(super) ok: Option<String>,
    /// The reference date; today where left out.
    stichtag: Option<String>,
    /// `offen`: only the questions that nobody has answered.
    nur: Option<String>,
}

impl Asked {
    /// The reference date as it was written.
    pub(super) fn written_day(&self) -> &str {
        self.stichtag.as_deref().unwrap_or_default()
    }

    /// The reference date, where one is named.
    pub(super) fn day(&self) -> Result<Option<Timestamp>, Failure> {
        match self.stichtag.as_deref().filter(|day| !day.is_empty()) {
            None => Ok(None),
            Some(day) => Timestamp::parse_date(day).map(Some).ok_or(Failure::Refused("error-date")),
        }
    }
}

#[derive(Template)]
#[template(path = "survey.html")]
pub(super) struct Page {
    c: Chrome,
    /// The address of the page.
    base: String,
    /// Where its forms go; empty where it is only shown.
    action: String,
    report: Report,
    /// The reference date as a form writes it; empty for today.
    day: String,
    only_open: bool,
    /// The page on which the school answers it for the Träger, while that is awaited.
    awaited: Option<String>,
    /// The question whose answer was refused, and why.
    refused: Option<(String, String)>,
}

impl Page {
    pub(super) fn new(
        c: Chrome,
        survey: &Survey,
        loaded: &Loaded,
        base: String,
        asked: &Asked,
        now: Timestamp,
    ) -> Self {
        let mut report = loaded.report(c.language, survey, now);
        let day = asked.stichtag.clone().filter(|_| loaded.answered.then.is_some()).unwrap_or_default();
        let only_open = asked.nur.as_deref() == Some("offen");
        if only_open {
            report
                .blocks
                .iter_mut()
                .for_each(|block| block.questions.retain(crate::report::QuestionShown::is_open));
            report.blocks.retain(|block| !block.questions.is_empty());
        }
        let action = if day.is_empty() { format!("{base}/antwort") } else { String::new() };
        Self { base, action, report, day, only_open, awaited: None, refused: None, c }
    }

    /// Why the answer of a question was refused.
    fn error(&self, question: &str) -> Option<&str> {
        self.refused.as_ref().filter(|(at, _)| at == question).map(|(_, why)| why.as_str())
    }

    /// The page with what was typed and why it was not kept.
    pub(super) fn refuse(mut self, given: &Given, key: &str) -> Result<Response, Failure> {
        let why = self.c.t(key);
        self.c = self.c.refused(format!("{}: {why}", given.question));
        self.refused = Some((given.question.clone(), why));
        Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&self)?).into_response())
    }

    fn blocks(&self) -> &[BlockShown] {
        &self.report.blocks
    }

    /// The address at which an issuer's own workbook is filled.
    fn form(&self) -> String {
        let day = if self.day.is_empty() { String::new() } else { format!("?stichtag={}", self.day) };
        format!("{}/vordruck{day}", self.base)
    }

    /// The address of a file of this survey.
    fn file(&self, form: &str) -> String {
        let day = if self.day.is_empty() { String::new() } else { format!("?stichtag={}", self.day) };
        format!("{}/datei/{form}{day}", self.base)
    }
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    html(&shown(&web, &visit, school, &id, &asked, None).await?)
}

/// The page of a school's survey; with an answer that was refused, as it was typed.
async fn shown(
    web: &WebState,
    visit: &Visit,
    school: i64,
    id: &str,
    asked: &Asked,
    given: Option<&Given>,
) -> Result<Page, Failure> {
    let (now, day) = (visit.now, asked.day()?);
    let name = id.to_owned();
    let (entered, survey, mut loaded, run) = web
        .ask(move |traeger| {
            let survey = own_survey(traeger, &name)?;
            let loaded = load(traeger, &survey, Some(school), day, now)?;
            let run = traeger.run_of_school(school, &survey.id)?;
            Ok((traeger.school(school)?, survey, loaded, run))
        })
        .await?;
    if let Some(given) = given {
        given.over(&mut loaded);
    }
    let c = Chrome::new(visit, survey.title.get(visit.language.code()).to_owned())
        .told(asked.ok.as_deref())
        .of_school(&entered, "surveys")
        .crumb(visit.language.text("surveys-title"), format!("/schule/{school}/umfragen"));
    let base = format!("/schule/{school}/umfrage/{id}");
    let mut page = Page::new(c, &survey, &loaded, base, asked, now);
    page.awaited = run
        .filter(|(_, part)| part.state.is_awaited())
        .map(|(run, _)| format!("/schule/{school}/umfragelauf/{}", run.id));
    Ok(page)
}

/// A survey that schools answer.
pub(crate) fn own_survey(traeger: &rundgang_store::Traeger, id: &str) -> rundgang_store::Result<Survey> {
    traeger.survey(id).and_then(|survey| {
        let fits = asks_schools(&survey);
        fits.then_some(survey)
            .ok_or_else(|| rundgang_store::Error::NotFound(format!("survey '{id}' for schools")))
    })
}

#[derive(Clone, Deserialize)]
pub(crate) struct Given {
    csrf: String,
    pub(super) question: String,
    #[serde(default)]
    pub(super) value: String,
    #[serde(default)]
    pub(super) comment: String,
}

impl Given {
    /// What was filled in for one question of a larger form.
    pub(super) fn of(question: String, value: String, comment: String) -> Self {
        Self { csrf: String::new(), question, value, comment }
    }

    pub(super) fn token(&self) -> &str {
        &self.csrf
    }

    /// Puts what was typed where the kept answer stands.
    pub(super) fn over(&self, loaded: &mut Loaded) {
        let place = loaded.persons.entry(self.question.clone()).or_default();
        (place.value, place.comment) = (self.value.clone(), self.comment.clone());
    }
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, id)): Path<(i64, String)>,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    check_form(&visit, &given.csrf)?;
    let (now, who, name) = (visit.now, visit.author(), id.clone());
    let typed = given.clone();
    let stored = web
        .ask(move |traeger| {
            let survey = own_survey(traeger, &name)?;
            let loaded = load(traeger, &survey, Some(school), None, now)?;
            Ok(store_answer(traeger, &survey, Some(school), &loaded, &given, who, now))
        })
        .await?;
    let anchor = match stored {
        Ok(anchor) => anchor,
        Err(Failure::Refused(key)) => {
            let page = shown(&web, &visit, school, &id, &Asked::default(), Some(&typed)).await?;
            return page.refuse(&typed, key);
        }
        Err(failure) => return Err(failure),
    };
    Ok(Redirect::to(&format!("/schule/{school}/umfrage/{id}?ok=saved#{anchor}")).into_response())
}

/// So many octets an answer and its comment hold together.
const LONGEST: usize = 20_000;

/// Whether an answer may be kept: its question exists, its level too, and it holds no secret.
pub(super) fn check_answer(survey: &Survey, given: &Given) -> Result<(), Failure> {
    let is_block = survey.blocks.iter().any(|block| comment_key(&block.id) == given.question);
    let question = survey.question(&given.question);
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
    if given.value.len() + given.comment.len() > LONGEST {
        return Err(Failure::Refused("error-long"));
    }
    crate::secrets::refuse([given.value.as_str(), given.comment.as_str()])
}

/// Records what a person said beside what the machine says at that moment; returns where on the page it stands.
pub(super) fn store_answer(
    traeger: &rundgang_store::Traeger,
    survey: &Survey,
    school: Option<i64>,
    loaded: &Loaded,
    given: &Given,
    who: String,
    now: Timestamp,
) -> Result<String, Failure> {
    check_answer(survey, given)?;
    let answers = &loaded.answered.answers;
    let machine = answers.iter().find(|answer| answer.question == given.question);
    let machine = survey
        .question(&given.question)
        .zip(machine)
        .map(|(question, answer)| plain_value(question, answer))
        .unwrap_or_default();
    let (value, comment) = (given.value.trim().to_owned(), given.comment.trim().to_owned());
    let answer = PersonAnswer { value, comment, who, at: now, machine };
    traeger.answer_question(school, &survey.id, &given.question, &answer)?;
    Ok(format!("q-{}", given.question.replace([':', '.'], "-")))
}
