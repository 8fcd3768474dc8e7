//! A survey that the Träger opened, as one school answers it: one page, the open questions first, handed in at its end;
//! later what was submitted, for good.

mod given;

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::pages::Done;
use crate::report::{BlockShown, Form as FileForm, QuestionShown, Report, file_of, load_frozen, load_part};
use crate::web::{Visit, WebState};
use crate::words::Words;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use given::{Kept, Merged, keep};
use rundgang_store::{Part, Run, School};
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
    /// What stands in the book, as the fields show it: value and comment by question. It comes back with the form, so
    /// that a field which nobody touched changes nothing.
    stands: BTreeMap<String, (String, String)>,
    /// What was typed and can be kept nowhere: question, value, comment.
    unsaved: Vec<(String, String, String)>,
}

impl Page {
    fn is_open(&self) -> bool {
        self.part.state.is_awaited()
    }

    fn error(&self, question: &str) -> Option<&str> {
        self.refused.get(question).map(String::as_str)
    }

    /// The value that stands in the book.
    fn value(&self, question: &str) -> &str {
        self.stands.get(question).map_or("", |(value, _)| value)
    }

    /// The comment that stands in the book.
    fn comment(&self, question: &str) -> &str {
        self.stands.get(question).map_or("", |(_, comment)| comment)
    }

    /// Whether a question can be confirmed as it stands: what was said for an earlier survey, or what the machine
    /// says; not a number of people's devices, which is never kept exactly, nor a level, which is chosen.
    fn can_confirm(&self, question: &QuestionShown) -> bool {
        let machine = !question.is_unknown && !question.only_person && question.levels.is_empty();
        question.is_earlier || (question.person.value.is_empty() && machine && !question.hides_count)
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
        let is_suggested = question.person.value.is_empty() || question.is_earlier;
        let nth = match (question.is_open(), is_suggested) {
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

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, run)): Path<(i64, i64)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let submitted = web.ask(move |traeger| traeger.frozen_of_part(run, school)).await?;
    if let Some(frozen) = submitted {
        return super::submitted::page(&web, &visit, run, frozen).await;
    }
    let mut page = shown(&web, &visit, school, run, &Merged::default(), BTreeMap::new()).await?;
    page.c = page.c.told(done.ok.as_deref());
    html(&page)
}

/// The page, with what was typed where some of it was refused.
async fn shown(
    web: &WebState,
    visit: &Visit,
    school: i64,
    run: i64,
    typed: &Merged,
    refused: BTreeMap<String, String>,
) -> Result<Page, Failure> {
    let now = visit.now;
    let (entered, run, part, mut loaded) = web
        .ask(move |traeger| {
            let run = traeger.run(run)?;
            let part = traeger.part(run.id, school)?;
            let loaded = load_part(traeger, &run, school, now)?;
            Ok((traeger.school(school)?, run, part, loaded))
        })
        .await?;
    let mut report = loaded.report(visit.language, &run.survey, now);
    let mut comments = comments(&report);
    let mut groups = groups(&mut report);
    let stands = given::stands(&run, &loaded, Words { language: visit.language });
    let mut unsaved = Vec::new();
    if !part.state.is_awaited() {
        unsaved.extend(
            typed.all.values().map(|one| (one.question.clone(), one.value.clone(), one.comment.clone())),
        );
    } else if !typed.all.is_empty() {
        typed.all.values().for_each(|given| given.over(&mut loaded));
        let with_typed = loaded.report(visit.language, &run.survey, now);
        comments = self::comments(&with_typed);
        put_typed(&mut groups, with_typed);
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
        stands,
        unsaved,
    })
}

/// Puts what was typed where each question stands: it keeps its place while its answer is still being typed.
fn put_typed(groups: &mut [Group], with_typed: Report) {
    let questions = with_typed.blocks.into_iter().flat_map(|block| block.questions);
    let mut again: BTreeMap<String, QuestionShown> =
        questions.map(|question| (question.id.clone(), question)).collect();
    for question in groups.iter_mut().flat_map(|group| &mut group.questions) {
        if let Some(typed) = again.remove(&question.id) {
            *question = typed;
        }
    }
}

pub(super) fn frame(visit: &Visit, school: &School, run: &Run) -> Chrome {
    Chrome::new(visit, run.survey.title.get(visit.language.code()).to_owned())
        .of_school(school, "surveys")
        .crumb(visit.language.text("surveys-title"), format!("/schule/{}/umfragen", school.id))
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, run)): Path<(i64, i64)>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    check_form(&visit, form.get("csrf").map_or("", String::as_str))?;
    let hands_in = form.get("act").is_some_and(|act| act == "hand-in");
    let (who, now, words) = (visit.author(), visit.now, Words { language: visit.language });
    let kept = web
        .ask(move |traeger| {
            let run = traeger.run(run)?;
            let loaded = || load_part(traeger, &run, school, now);
            keep(traeger, (&run, school), &form, words, hands_in, (&who, now), loaded)
        })
        .await?;
    let (status, typed, why) = match kept {
        Kept::All => {
            let told = if hands_in { "handed-in" } else { "saved" };
            return Ok(Redirect::to(&format!("/schule/{school}/umfragelauf/{run}?ok={told}")).into_response());
        }
        Kept::Refused(typed, why) => (StatusCode::UNPROCESSABLE_ENTITY, typed, why),
        Kept::Overtaken(typed, why) => (StatusCode::CONFLICT, typed, why),
        Kept::Moved(typed) => (StatusCode::UNPROCESSABLE_ENTITY, typed, BTreeMap::new()),
    };
    let told = match (why.is_empty(), status) {
        (false, _) => why.iter().map(|(at, why)| format!("{at}: {why}")).collect::<Vec<_>>().join(" "),
        (true, StatusCode::CONFLICT) => words.t("error-conflict"),
        (true, _) => words.t("error-part-moved"),
    };
    let mut page = shown(&web, &visit, school, run, &typed, why).await?;
    page.c = page.c.refused(told);
    Ok((status, html(&page)?).into_response())
}

/// The school's answers in a file: as submitted, or as they stand.
pub(crate) async fn file(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, run, form)): Path<(i64, i64, String)>,
) -> Result<Response, Failure> {
    let form = FileForm::parse(&form).ok_or(Failure::NotFound)?;
    let (now, language) = (visit.now, visit.language);
    let (name, bytes) = web
        .ask(move |traeger| {
            let run = traeger.run(run)?;
            let loaded = match traeger.frozen_of_part(run.id, school)? {
                Some(frozen) => load_frozen(&run, &frozen),
                None => {
                    traeger.part(run.id, school)?;
                    load_part(traeger, &run, school, now)?
                }
            };
            let name = name_of(&run, Some(&loaded.answerer), form);
            Ok((name, file_of(&[loaded], &run.survey, language, now, form)))
        })
        .await?;
    let bytes = bytes.map_err(|error| Failure::Broken(error.to_string()))?;
    Ok(super::survey_files::download(form, &name, bytes))
}

/// The name of a file of a run; of one school, with its name in letters that every file system takes.
pub(super) fn name_of(run: &Run, school: Option<&str>, form: FileForm) -> String {
    let school = school.map(|name| format!("-{}", plain_name(name))).unwrap_or_default();
    format!("{}-{}{school}.{}", run.survey.id, run.as_of.date(), form.extension())
}

fn plain_name(name: &str) -> String {
    let spelled: String = name
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'ä' => "ae".to_owned(),
            'ö' => "oe".to_owned(),
            'ü' => "ue".to_owned(),
            'ß' => "ss".to_owned(),
            c if c.is_ascii_alphanumeric() => c.to_string(),
            _ => " ".to_owned(),
        })
        .collect();
    spelled.split_whitespace().collect::<Vec<_>>().join("-")
}
