//! What a school submitted: nothing of it changes any more; beside it what the same school submitted before.

use super::run_part::frame;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::report::{Report, load_frozen};
use crate::web::{Visit, WebState};
use askama::Template;
use axum::response::Response;
use rundgang_store::{Frozen, FrozenLink, Run};
use std::collections::BTreeMap;

/// A device that stood behind an answer.
struct Behind {
    asset: i64,
    /// The day on which it was deleted; the link leads nowhere any more.
    deleted: Option<String>,
}

#[derive(Template)]
#[template(path = "submitted.html")]
struct Page {
    c: Chrome,
    base: String,
    school: i64,
    frozen: Frozen,
    report: Report,
    behind: BTreeMap<String, Vec<Behind>>,
    /// What was submitted for an earlier day: the day, and what counted by question.
    before: Option<(String, BTreeMap<String, String>)>,
}

impl Page {
    /// The devices behind an answer.
    fn behind(&self, question: &str) -> &[Behind] {
        self.behind.get(question).map(Vec::as_slice).unwrap_or_default()
    }

    /// What the school said before, where it said something else.
    fn before(&self, question: &crate::report::QuestionShown) -> Option<String> {
        let (day, said) = self.before.as_ref()?;
        let said = said.get(&question.id).filter(|said| **said != question.counts())?;
        let told = [("date", day.as_str().into()), ("value", said.as_str().into())];
        Some(self.c.language.with("frozen-before", &told))
    }
}

pub(super) async fn page(
    web: &WebState,
    visit: &Visit,
    run: i64,
    frozen: Frozen,
) -> Result<Response, Failure> {
    let school = frozen.school;
    let (entered, run, links, earlier, frozen) = web
        .ask(move |traeger| {
            let links = traeger.frozen_links(frozen.id)?;
            let earlier = match traeger.frozen_before(&frozen)?.into_iter().next() {
                Some(earlier) => Some((run_of(traeger, &earlier)?, earlier)),
                None => None,
            };
            Ok((traeger.school(school)?, traeger.run(run)?, links, earlier, frozen))
        })
        .await?;
    let c = frame(visit, &entered, &run);
    let before = earlier.and_then(|(run, earlier)| {
        let run = run?;
        let then = load_frozen(&run, &earlier).report(visit.language, &run.survey, visit.now);
        let questions = then.blocks.into_iter().flat_map(|block| block.questions);
        let said = questions.map(|question| (question.id.clone(), question.counts())).collect();
        Some((c.date(&earlier.as_of), said))
    });
    let mut behind: BTreeMap<String, Vec<Behind>> = BTreeMap::new();
    for FrozenLink { question, asset, deleted } in links {
        let deleted = deleted.map(|at| c.date(&at));
        behind.entry(question).or_default().push(Behind { asset, deleted });
    }
    html(&Page {
        base: format!("/schule/{school}/umfragelauf/{}", run.id),
        report: load_frozen(&run, &frozen).report(visit.language, &run.survey, visit.now),
        school,
        frozen,
        behind,
        before,
        c,
    })
}

/// The run in which something was submitted.
fn run_of(traeger: &rundgang_store::Traeger, frozen: &Frozen) -> rundgang_store::Result<Option<Run>> {
    frozen.run.map(|run| traeger.run(run)).transpose()
}
