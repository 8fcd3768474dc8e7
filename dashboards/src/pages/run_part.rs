//! A survey that the Träger opened, as one school answers it: one page, the open questions first, handed in at its end;
//! later what was submitted, for good.

use super::surveys::{Given, check_answer, store_answer};
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::pages::Done;
use crate::report::{
    BlockShown, Form as FileForm, Loaded, QuestionShown, Report, comment_key, file_of, frozen_report,
    load_part,
};
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_store::{Frozen, Part, Run, School, State as Stand, Traeger};
use std::collections::BTreeMap;

/// The questions of one state, under their heading.
struct Group {
    /// The key of the heading.
    key: &'static str,
    questions: Vec<QuestionShown>,
}

#[derive(Template)]
#[template(path = "run_part.html")]
struct Page {
    c: Chrome,
    base: String,
    run: Run,
    part: Part,
    report: Report,
    groups: Vec<Group>,
    /// The blocks that take a comment: number, title, the comment.
    comments: Vec<(String, String, String)>,
    /// The questions whose answers were refused, and why.
    refused: BTreeMap<String, String>,
}

impl Page {
    fn is_open(&self) -> bool {
        self.part.state.is_awaited()
    }

    fn error(&self, question: &str) -> Option<&str> {
        self.refused.get(question).map(String::as_str)
    }

    fn unanswered(&self) -> usize {
        self.groups.iter().filter(|group| group.key == "part-open").map(|group| group.questions.len()).sum()
    }
}

/// The comments on blocks.
fn comments(report: &Report) -> Vec<(String, String, String)> {
    let comment = |block: &BlockShown| {
        let said = block.comment.as_ref()?.comment.clone();
        Some((block.id.clone(), block.title.clone(), said))
    };
    report.blocks.iter().filter_map(comment).collect()
}

/// Sorts questions by what is left to do: nobody has an answer, the machine has one, a person has looked.
fn groups(report: &mut Report) -> Vec<Group> {
    let mut all: Vec<Group> = ["part-open", "part-suggested", "part-confirmed"]
        .map(|key| Group { key, questions: Vec::new() })
        .into_iter()
        .collect();
    for question in report.blocks.drain(..).flat_map(|block| block.questions) {
        let nth = match (question.is_open(), question.person.value.is_empty()) {
            (true, _) => 0,
            (_, true) => 1,
            _ => 2,
        };
        if let Some(group) = all.get_mut(nth) {
            group.questions.push(question);
        }
    }
    all.retain(|group| !group.questions.is_empty());
    all
}

/// The part of a school in a run.
fn part_of(traeger: &Traeger, run: &Run, school: i64) -> rundgang_store::Result<Part> {
    let found = traeger.parts(run.id)?.into_iter().find(|part| part.school == school);
    found.ok_or_else(|| rundgang_store::Error::NotFound(format!("part of school {school}")))
}

fn frozen_of(traeger: &Traeger, run: i64, school: i64) -> rundgang_store::Result<Option<Frozen>> {
    Ok(traeger.frozen_of_run(run)?.into_iter().find(|frozen| frozen.school == school))
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, run)): Path<(i64, i64)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let submitted = web.ask(move |traeger| frozen_of(traeger, run, school)).await?;
    if let Some(frozen) = submitted {
        return super::submitted::page(&web, &visit, run, frozen).await;
    }
    let mut page = shown(&web, &visit, school, run, BTreeMap::new(), BTreeMap::new()).await?;
    page.c = page.c.told(done.ok.as_deref());
    html(&page)
}

/// The page, with what was typed where some of it was refused.
async fn shown(
    web: &WebState,
    visit: &Visit,
    school: i64,
    run: i64,
    typed: BTreeMap<String, Given>,
    refused: BTreeMap<String, String>,
) -> Result<Page, Failure> {
    let now = visit.now;
    let (entered, run, part, mut loaded) = web
        .ask(move |traeger| {
            let run = traeger.run(run)?;
            let part = part_of(traeger, &run, school)?;
            let loaded = load_part(traeger, &run, school, now)?;
            Ok((traeger.school(school)?, run, part, loaded))
        })
        .await?;
    // A question keeps its place on the page while its answer is still being typed.
    let mut report = loaded.report(visit.language, &run.survey, now, None);
    let mut comments = comments(&report);
    let mut groups = groups(&mut report);
    if !typed.is_empty() {
        typed.values().for_each(|given| given.over(&mut loaded));
        let with_typed = loaded.report(visit.language, &run.survey, now, None);
        comments = self::comments(&with_typed);
        let mut again: BTreeMap<String, QuestionShown> = with_typed
            .blocks
            .into_iter()
            .flat_map(|block| block.questions)
            .map(|question| (question.id.clone(), question))
            .collect();
        for question in groups.iter_mut().flat_map(|group| &mut group.questions) {
            if let Some(typed) = again.remove(&question.id) {
                *question = typed;
            }
        }
    }
    Ok(Page {
        c: frame(visit, &entered, &run),
        base: format!("/schule/{school}/umfragelauf/{}", run.id),
        run,
        part,
        report,
        groups,
        comments,
        refused,
    })
}

pub(super) fn frame(visit: &Visit, school: &School, run: &Run) -> Chrome {
    Chrome::new(visit, run.survey.title.get(visit.language.code()).to_owned())
        .of_school(school, "surveys")
        .crumb(visit.language.text("surveys-title"), format!("/schule/{}/umfragen", school.id))
}

/// What was filled in for every question that is on the form: value and comment, or the machine's value as it is.
fn given(run: &Run, loaded: &Loaded, form: &BTreeMap<String, String>) -> BTreeMap<String, Given> {
    let text = |name: String| form.get(&name).map(|text| text.trim().to_owned());
    let mut all = BTreeMap::new();
    for question in &run.survey.questions {
        let id = &question.id;
        let before = loaded.persons.get(id).cloned().unwrap_or_default();
        let machine = loaded.answered.answers.iter().find(|answer| answer.question == *id);
        let takes_over = form.contains_key(&format!("ok.{id}"));
        let as_is = machine.filter(|_| takes_over).map(crate::words::plain_value).unwrap_or_default();
        let mut value = text(format!("v.{id}")).unwrap_or_else(|| before.value.clone());
        if value.is_empty() {
            value = as_is;
        }
        let comment = text(format!("c.{id}")).unwrap_or_else(|| before.comment.clone());
        if (&value, &comment) != (&before.value, &before.comment) {
            all.insert(id.clone(), Given::of(id.clone(), value, comment));
        }
    }
    for block in run.survey.blocks.iter().filter(|block| block.comment) {
        let key = comment_key(&block.id);
        let before = loaded.persons.get(&key).map_or("", |said| said.comment.as_str());
        if let Some(comment) = text(format!("c.{key}")).filter(|comment| comment != before) {
            all.insert(key.clone(), Given::of(key, String::new(), comment));
        }
    }
    all
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, run)): Path<(i64, i64)>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    check_form(&visit, form.get("csrf").map_or("", String::as_str))?;
    let hands_in = form.get("act").is_some_and(|act| act == "hand-in");
    let (now, who) = (visit.now, visit.author());
    let outcome = web
        .ask(move |traeger| {
            let run = traeger.run(run)?;
            if !part_of(traeger, &run, school)?.state.is_awaited() {
                return Ok(Err(Failure::Refused("error-run-moved")));
            }
            let loaded = load_part(traeger, &run, school, now)?;
            let given = given(&run, &loaded, &form);
            let refused = check_all(&run, &given);
            if !refused.is_empty() {
                return Ok(Ok(Some((given, refused))));
            }
            for one in given.values() {
                let stored = store_answer(traeger, &run.survey, Some(school), &loaded, one, who.clone(), now);
                if let Err(failure) = stored {
                    return Ok(Err(failure));
                }
            }
            if hands_in {
                traeger.move_part(run.id, school, Stand::Confirmed, "", &who, now)?;
            }
            Ok(Ok(None))
        })
        .await??;
    if let Some((typed, refused)) = outcome {
        let refused: BTreeMap<_, _> =
            refused.into_iter().map(|(question, key)| (question, visit.language.text(key))).collect();
        let why = refused.iter().map(|(question, why)| format!("{question}: {why}")).collect::<Vec<_>>();
        let mut page = shown(&web, &visit, school, run, typed, refused).await?;
        page.c = page.c.refused(why.join(" "));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response());
    }
    let told = if hands_in { "handed-in" } else { "saved" };
    Ok(Redirect::to(&format!("/schule/{school}/umfragelauf/{run}?ok={told}")).into_response())
}

/// The answers that cannot be kept, with the key of the reason. Nothing is stored while there is one.
fn check_all(run: &Run, given: &BTreeMap<String, Given>) -> BTreeMap<String, &'static str> {
    let refused = |(question, given): (&String, &Given)| match check_answer(&run.survey, given) {
        Err(Failure::Refused(key)) => Some((question.clone(), key)),
        Err(_) => Some((question.clone(), "error-unfit")),
        Ok(()) => None,
    };
    given.iter().filter_map(refused).collect()
}

/// The school's answers in a file: as submitted, or as they stand.
pub(crate) async fn file(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, run, form)): Path<(i64, i64, String)>,
) -> Result<Response, Failure> {
    let form = FileForm::parse(&form).ok_or(Failure::NotFound)?;
    let (now, language) = (visit.now, visit.language);
    let (name, report) = web
        .ask(move |traeger| {
            let run = traeger.run(run)?;
            let name = name_of(&run, form);
            let report = match frozen_of(traeger, run.id, school)? {
                Some(frozen) => frozen_report(language, &run, &frozen),
                None => {
                    part_of(traeger, &run, school)?;
                    load_part(traeger, &run, school, now)?.report(language, &run.survey, now, None)
                }
            };
            Ok((name, report))
        })
        .await?;
    let bytes = file_of(&[report], form).map_err(|error| Failure::Broken(error.to_string()))?;
    Ok(super::survey_files::download(form, &name, bytes))
}

/// The name of a file of a run.
pub(super) fn name_of(run: &Run, form: FileForm) -> String {
    format!("{}-{}.{}", run.survey.id, run.as_of.date(), form.extension())
}
