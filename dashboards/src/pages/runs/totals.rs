//! What the schools of a run answer together, by kind of school and by commune: sums with their bounds, and how many
//! say what.

mod cell;
mod safe;

use crate::chrome::{Chrome, csv_file, html};
use crate::failure::Failure;
use crate::report::{Loaded, QuestionShown, Report, load_frozen, load_part};
use crate::web::{Visit, WebState};
use crate::words::Words;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use cell::{cell, is_summed};
use rundgang_inventory::survey::Question;
use rundgang_inventory::{Action, Timestamp};
use rundgang_store::{NewSchool, Run, State as Stand, Traeger};
use safe::{FEWEST, safe};
use std::collections::{BTreeMap, BTreeSet};

/// How much the visitor may learn of single schools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// Everything: the answers of each school are open to them anyway.
    Schools,
    /// Sums, from which no single school may be read.
    Sums,
}

impl Sight {
    fn of(visit: &Visit) -> Self {
        if visit.may(Action::SeeTraeger, None) { Self::Schools } else { Self::Sums }
    }
}

const fn is_handed_in(state: Stand) -> bool {
    matches!(state, Stand::Submitted | Stand::Confirmed)
}

/// Schools that are told together.
struct Group {
    /// The heading, with how many schools they are.
    heading: String,
    by: By,
    /// Their places among the schools that count.
    members: BTreeSet<usize>,
}

/// What groups schools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    All,
    Kind,
    Commune,
}

/// A school of the run, and what it answers.
struct Counted {
    kind: String,
    commune: String,
    loaded: Loaded,
}

/// One question: its number, its wording, and a cell for each group.
struct Line {
    id: String,
    text: String,
    cells: Vec<String>,
}

/// A survey whose sums can be seen.
struct RunTold {
    run: Run,
    title: String,
    schools: usize,
    handed_in: usize,
}

#[derive(Template)]
#[template(path = "totals.html")]
struct ListPage {
    c: Chrome,
    runs: Vec<RunTold>,
}

/// Every survey that was opened for schools, with the way to its sums.
pub(crate) async fn list(State(web): State<WebState>, visit: Visit) -> Result<Response, Failure> {
    let language = visit.language;
    let told = move |traeger: &Traeger| {
        let mut all = Vec::new();
        for run in traeger.runs()? {
            let parts = traeger.parts(run.id)?;
            let handed_in = parts.iter().filter(|part| is_handed_in(part.state)).count();
            let title = run.survey.title.get(language.code()).to_owned();
            all.push(RunTold { run, title, schools: parts.len(), handed_in });
        }
        Ok(all)
    };
    let runs = web.ask(told).await?;
    let c = Chrome::new(&visit, language.text("totals-list-title"))
        .lead(language.text("totals-list-lead"))
        .section("totals");
    html(&ListPage { c, runs })
}

#[derive(Template)]
#[template(path = "run_totals.html")]
struct Page {
    c: Chrome,
    run: Run,
    groups: Vec<Group>,
    lines: Vec<Line>,
    /// The sums wait until the survey is submitted.
    waits: bool,
}

impl Page {
    /// The tables: heading, and the groups that stand in each, all schools first.
    fn tables(&self) -> Vec<(String, Vec<usize>)> {
        let table = |(by, key): (By, &str)| {
            let fits = |at: &usize| self.groups[*at].by == By::All || self.groups[*at].by == by;
            let own: Vec<usize> = (0..self.groups.len()).filter(fits).collect();
            (by == By::Kind || own.len() > 1).then(|| (self.c.t(key), own))
        };
        [(By::Kind, "totals-by-kind"), (By::Commune, "totals-by-commune")]
            .into_iter()
            .filter_map(table)
            .collect()
    }
}

/// The schools that a run counts: once it is submitted, those that it was submitted for, whether or not they are here.
fn schools_of(traeger: &Traeger, run: &Run) -> rundgang_store::Result<Vec<i64>> {
    Ok(match run.submitted {
        Some(_) => traeger.frozen_of_run(run.id)?.into_iter().map(|frozen| frozen.school).collect(),
        None => traeger.parts(run.id)?.into_iter().map(|part| part.school).collect(),
    })
}

/// What is entered about a school; nothing where it has left.
fn entered(traeger: &Traeger, school: i64) -> rundgang_store::Result<Option<NewSchool>> {
    match traeger.school(school) {
        Ok(school) => Ok(Some(school.entered)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// What each school of a run answers, with what groups it; an invented school counts only where there is no other. Whoever
/// sees sums only is told of what was submitted: who watched sums grow would read each school from their difference.
fn answers(
    traeger: &Traeger,
    run: &Run,
    now: Timestamp,
    sight: Sight,
) -> rundgang_store::Result<Vec<Counted>> {
    if sight == Sight::Sums && run.submitted.is_none() {
        return Ok(Vec::new());
    }
    let (mut all, mut only_examples, mut has_left) = (Vec::new(), true, false);
    for school in schools_of(traeger, run)? {
        let entered = entered(traeger, school)?;
        has_left |= entered.is_none();
        let entered = entered.unwrap_or_default();
        only_examples &= entered.is_example;
        let loaded = match traeger.frozen_of_part(run.id, school)? {
            Some(frozen) => load_frozen(run, &frozen),
            None => load_part(traeger, run, school, now)?,
        };
        all.push((entered.is_example, Counted { kind: entered.kind, commune: entered.commune, loaded }));
    }
    // A group that loses a member would tell by its difference what the school that left had answered.
    if has_left {
        all.iter_mut().for_each(|(_, counted)| (counted.kind, counted.commune) = Default::default());
    }
    let counted = all.into_iter().filter(|(is_example, _)| only_examples || !is_example);
    Ok(counted.map(|(_, counted)| counted).collect())
}

/// All schools, each kind, each commune: the largest first, as those that may be shown are chosen.
fn groups(words: Words, answers: &[Counted]) -> Vec<Group> {
    let group = |by: By, name: &str, members: BTreeSet<usize>| {
        let name = match (by, name) {
            (By::All, _) => words.t("totals-all"),
            (By::Kind, "") => words.t("totals-no-kind"),
            (By::Commune, "") => words.t("totals-no-commune"),
            (_, name) => name.to_owned(),
        };
        Group { heading: format!("{name} ({})", members.len()), by, members }
    };
    let mut all = vec![group(By::All, "", (0..answers.len()).collect())];
    for by in [By::Kind, By::Commune] {
        let mut named: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (at, school) in answers.iter().enumerate() {
            let name = if by == By::Kind { &school.kind } else { &school.commune };
            named.entry(name).or_default().insert(at);
        }
        // Where nobody entered a commune there is nothing to tell by it.
        if by == By::Commune && named.keys().all(|name| name.is_empty()) {
            continue;
        }
        let mut own: Vec<Group> = named.into_iter().map(|(name, members)| group(by, name, members)).collect();
        own.sort_by_key(|group| std::cmp::Reverse(group.members.len()));
        all.extend(own);
    }
    all
}

/// The groups and the lines of the table; none where too few schools count.
fn totals(
    words: Words,
    run: &Run,
    answers: &[Counted],
    (now, sight): (Timestamp, Sight),
) -> (Vec<Group>, Vec<Line>) {
    let mut groups = groups(words, answers);
    if sight == Sight::Sums {
        if answers.len() < FEWEST {
            return (Vec::new(), Vec::new());
        }
        let members: Vec<BTreeSet<usize>> = groups.iter().map(|group| group.members.clone()).collect();
        let mut may = safe(&members).into_iter();
        groups.retain(|_| may.next() == Some(true));
    }
    let reports: Vec<Report> =
        answers.iter().map(|school| school.loaded.report(words.language, &run.survey, now)).collect();
    let mut lines: Vec<Line> =
        run.survey.questions.iter().map(|question| line(words, question, &groups, &reports, sight)).collect();
    // Chosen by size, shown by name.
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by(|a, b| (groups[*a].by, &groups[*a].heading).cmp(&(groups[*b].by, &groups[*b].heading)));
    for line in &mut lines {
        line.cells = order.iter().map(|at| std::mem::take(&mut line.cells[*at])).collect();
    }
    let mut sorted: Vec<Option<Group>> = groups.into_iter().map(Some).collect();
    (order.iter().filter_map(|at| sorted[*at].take()).collect(), lines)
}

/// What each group says to one question. Of whoever sees sums only, each question is looked at anew: a sum over three
/// schools of which two said nothing is what the third said.
fn line(words: Words, question: &Question, groups: &[Group], reports: &[Report], sight: Sight) -> Line {
    let shown: Vec<Option<&QuestionShown>> = reports
        .iter()
        .map(|report| report.blocks.iter().flat_map(|b| &b.questions).find(|shown| shown.id == question.id))
        .collect();
    let said: Vec<BTreeSet<usize>> = groups
        .iter()
        .map(|group| {
            let sums = |at: &usize| shown[*at].is_some_and(|shown| is_summed(words, question, shown));
            group.members.iter().copied().filter(sums).collect()
        })
        .collect();
    let may = if sight == Sight::Sums { safe(&said) } else { vec![true; groups.len()] };
    let cells = groups.iter().zip(may).map(|(group, is_safe)| {
        let own: Vec<&QuestionShown> = group.members.iter().filter_map(|at| shown[*at]).collect();
        cell(words, question, &own, (sight, is_safe))
    });
    Line {
        id: question.id.clone(),
        text: question.text.get(words.language.code()).to_owned(),
        cells: cells.collect(),
    }
}

type Table = (Run, Vec<Group>, Vec<Line>);

async fn table(web: &WebState, visit: &Visit, run: i64) -> Result<Table, Failure> {
    let (now, words, sight) = (visit.now, Words { language: visit.language }, Sight::of(visit));
    web.ask(move |traeger| {
        let run = traeger.run(run)?;
        let (groups, lines) = totals(words, &run, &answers(traeger, &run, now, sight)?, (now, sight));
        Ok((run, groups, lines))
    })
    .await
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(run): Path<i64>,
) -> Result<Response, Failure> {
    let (run, groups, lines) = table(&web, &visit, run).await?;
    let title = run.survey.title.get(visit.language.code()).to_owned();
    let c = Chrome::new(&visit, visit.language.text("totals-title")).lead(title.clone());
    // Whoever gathers surveys sees sums and no school, so there is no way to the schools.
    let c = if visit.may(Action::SeeTraeger, None) {
        c.section("surveys")
            .crumb(visit.language.text("surveys-title"), "/umfragen".to_owned())
            .crumb(title, format!("/umfragelauf/{}", run.id))
    } else {
        c.section("totals").crumb(visit.language.text("totals-list-title"), "/summen".to_owned())
    };
    let waits = Sight::of(&visit) == Sight::Sums && run.submitted.is_none();
    html(&Page { c, run, groups, lines, waits })
}

pub(crate) async fn csv(
    State(web): State<WebState>,
    visit: Visit,
    Path(run): Path<i64>,
) -> Result<Response, Failure> {
    let (run, groups, lines) = table(&web, &visit, run).await?;
    let first = ["column-question", "column-wording"].map(|key| visit.language.text(key));
    let rows: Vec<Vec<String>> =
        lines.into_iter().map(|line| [vec![line.id, line.text], line.cells].concat()).collect();
    let name = format!("{}-{}-summen.csv", run.survey.id, run.as_of.date());
    if groups.is_empty() {
        let key = if run.submitted.is_none() { "totals-not-yet" } else { "totals-too-few" };
        return Ok(csv_file(&name, &[visit.language.text(key)], &[]));
    }
    let headings: Vec<String> = groups.into_iter().map(|group| group.heading).collect();
    Ok(csv_file(&name, &[first.to_vec(), headings].concat(), &rows))
}
