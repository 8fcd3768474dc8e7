//! What the schools of a run answer together, by kind of school: sums with their bounds, and how many say what.

use crate::chrome::{Chrome, csv_file, html};
use crate::failure::Failure;
use crate::report::{Loaded, QuestionShown, Report, load_frozen, load_part, number};
use crate::text::Language;
use crate::web::{Visit, WebState};
use crate::words::{Words, interval_text, shown_number};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use rundgang_inventory::survey::formula::{Expr, Fold, Operator};
use rundgang_inventory::survey::{AnswerType, Interval, Question};
use rundgang_inventory::{Action, Timestamp};
use rundgang_store::{Run, State as Stand, Traeger};
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

/// A sum of fewer schools tells what a single one says.
const FEWEST: usize = 3;

const fn is_handed_in(state: Stand) -> bool {
    matches!(state, Stand::Submitted | Stand::Confirmed)
}

/// One question: its number, its wording, and a cell for all schools and for each kind.
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
    /// The headings of the cells: all schools, then each kind, with how many schools they are.
    groups: Vec<String>,
    lines: Vec<Line>,
}

/// What each school of a run answers, with its kind; an invented school counts only where there is no other. Whoever
/// sees sums only is told of what was handed in, not of what is still being written.
fn answers(
    traeger: &Traeger,
    run: &Run,
    now: Timestamp,
    sight: Sight,
) -> rundgang_store::Result<Vec<(String, Loaded)>> {
    let (mut all, mut only_examples) = (Vec::new(), true);
    for part in traeger.parts(run.id)? {
        let school = traeger.school(part.school)?.entered;
        only_examples &= school.is_example;
        if sight == Sight::Sums && !is_handed_in(part.state) {
            continue;
        }
        let loaded = match traeger.frozen_of_part(run.id, part.school)? {
            Some(frozen) => load_frozen(run, &frozen),
            None => load_part(traeger, run, part.school, now)?,
        };
        all.push((school.is_example, school.kind, loaded));
    }
    let counted = all.into_iter().filter(|(is_example, ..)| only_examples || !is_example);
    Ok(counted.map(|(_, kind, loaded)| (kind, loaded)).collect())
}

/// The reports of the schools of one kind, or of all.
fn of_group<'a>(reports: &'a [(&str, Report)], group: Option<&str>) -> Vec<&'a Report> {
    let fits = |(kind, _): &&(&str, Report)| group.is_none_or(|group| group == *kind);
    reports.iter().filter(fits).map(|(_, report)| report).collect()
}

/// The kinds whose sums may be shown to those who see no school; nothing where even all schools are too few. What is
/// left out must not follow from the rest: it is more than one kind, and not too few schools.
fn large_enough<'k>(kinds: &BTreeMap<&'k str, usize>) -> Option<BTreeSet<&'k str>> {
    let all: usize = kinds.values().sum();
    if all < FEWEST {
        return None;
    }
    let mut shown: Vec<(&str, usize)> =
        kinds.iter().map(|(kind, count)| (*kind, *count)).filter(|(_, count)| *count >= FEWEST).collect();
    shown.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    loop {
        let kinds_hidden = kinds.len() - shown.len();
        let schools_hidden = all - shown.iter().map(|(_, count)| *count).sum::<usize>();
        let is_safe = kinds_hidden == 0 || (kinds_hidden > 1 && schools_hidden >= FEWEST);
        if is_safe || shown.pop().is_none() {
            return Some(shown.into_iter().map(|(kind, _)| kind).collect());
        }
    }
}

/// The headings and the lines of the table; none where too few schools count.
fn totals(
    words: Words,
    run: &Run,
    answers: &[(String, Loaded)],
    (now, sight): (Timestamp, Sight),
) -> (Vec<String>, Vec<Line>) {
    let reports: Vec<(&str, Report)> = answers
        .iter()
        .map(|(kind, loaded)| (kind.as_str(), loaded.report(words.language, &run.survey, now)))
        .collect();
    let mut often: BTreeMap<&str, usize> = BTreeMap::new();
    reports.iter().for_each(|(kind, _)| *often.entry(*kind).or_insert(0) += 1);
    let kinds: BTreeSet<&str> = match sight {
        Sight::Schools => often.into_keys().collect(),
        Sight::Sums => match large_enough(&often) {
            Some(kinds) => kinds,
            None => return (Vec::new(), Vec::new()),
        },
    };
    let groups: Vec<Option<&str>> = std::iter::once(None).chain(kinds.into_iter().map(Some)).collect();
    let heading = |group: &Option<&str>| {
        let name = match group {
            None => words.t("totals-all"),
            Some("") => words.t("totals-no-kind"),
            Some(kind) => (*kind).to_owned(),
        };
        format!("{name} ({})", of_group(&reports, *group).len())
    };
    let line = |question: &Question| {
        let cell = |group: &Option<&str>| {
            let questions = of_group(&reports, *group)
                .into_iter()
                .flat_map(|report| &report.blocks)
                .flat_map(|b| &b.questions);
            let said: Vec<&QuestionShown> = questions.filter(|shown| shown.id == question.id).collect();
            cell(words, question, &said)
        };
        Line {
            id: question.id.clone(),
            text: question.text.get(words.language.code()).to_owned(),
            cells: groups.iter().map(cell).collect(),
        }
    };
    (groups.iter().map(heading).collect(), run.survey.questions.iter().map(line).collect())
}

/// What several schools say to one question, in one text. Whoever is unknown is counted as unknown, never as zero.
fn cell(words: Words, question: &Question, said: &[&QuestionShown]) -> String {
    let known: Vec<&&QuestionShown> = said.iter().filter(|shown| !shown.is_open()).collect();
    let count = |key: &str, count: usize| (count > 0).then(|| words.n(key, "count", count));
    let hides_count = said.iter().any(|shown| shown.hides_count);
    let mut parts = match question.answer {
        AnswerType::Number | AnswerType::Share if !hides_count => {
            let numbers: Vec<Interval> = known.iter().filter_map(|shown| number(question, shown)).collect();
            let mut parts: Vec<String> = together(words, question, &numbers).into_iter().collect();
            parts.extend(count("totals-words", known.len() - numbers.len()));
            parts
        }
        AnswerType::Date | AnswerType::Text | AnswerType::Table => {
            count("totals-answered", known.len()).into_iter().collect()
        }
        _ => {
            let mut often: BTreeMap<String, usize> = BTreeMap::new();
            let chosen: Vec<String> =
                known.iter().filter_map(|shown| choice(words, question, shown)).collect();
            let others = known.len() - chosen.len();
            chosen.into_iter().for_each(|text| *often.entry(text).or_insert(0) += 1);
            let told = often.iter().map(|(text, count)| format!("{text}: {count}"));
            told.chain(count("totals-words", others)).collect()
        }
    };
    parts.extend(count("totals-unknown", said.len() - known.len()));
    parts.join(" · ")
}

/// What a school chose, in words; of a level its number. What a person wrote in words of their own is nobody's choice
/// of the question: it may name somebody, and is only counted.
fn choice(words: Words, question: &Question, shown: &QuestionShown) -> Option<String> {
    let is_own = !shown.own.is_empty();
    let level = shown.levels.iter().find(|level| if is_own { level.chosen } else { level.suggested });
    if let Some(level) = level {
        return Some(words.n("answer-level", "level", i64::from(level.level)));
    }
    let machine = shown.said();
    if !is_own || shown.own == machine {
        return Some(machine);
    }
    known_word(words, question.answer, &bands(question), shown.person.value.trim())
}

/// The words of each band, in every language.
fn bands(question: &Question) -> Vec<[&str; 3]> {
    question.bands.iter().map(|band| Language::ALL.map(|language| band.text.get(language.code()))).collect()
}

/// A word that the question offers, as the reader's language has it.
fn known_word(words: Words, answer: AnswerType, bands: &[[&str; 3]], value: &str) -> Option<String> {
    match (answer, value) {
        (AnswerType::YesNo, "yes") => Some(words.t("answer-yes")),
        (AnswerType::YesNo, "no") => Some(words.t("answer-no")),
        (AnswerType::Choice, _) => {
            let at = Language::ALL.iter().position(|language| *language == words.language)?;
            let by_number = value.parse::<usize>().ok().and_then(|number| bands.get(number));
            let by_word = || bands.iter().find(|texts| texts.contains(&value));
            by_number.or_else(by_word).map(|texts| texts[at].to_owned())
        }
        _ => None,
    }
}

/// Whether numbers of several schools make a sum: counts do, an age, a rate or a price does not.
fn adds_up(question: &Question) -> bool {
    fn is_count(expr: &Expr) -> bool {
        match expr {
            Expr::Count(_) | Expr::Folded(Fold::Sum, ..) | Expr::Fact(_) => true,
            Expr::Binary(Operator::Plus | Operator::Minus, one, other) => is_count(one) && is_count(other),
            _ => false,
        }
    }
    question.unit.is_empty() && question.formula.as_ref().is_some_and(is_count)
}

/// Counts added up, with their bounds; other numbers and shares from the least to the most.
fn together(words: Words, question: &Question, numbers: &[Interval]) -> Option<String> {
    let shown = |value: f64| shown_number(words, question.answer, &question.unit, value);
    if question.answer == AnswerType::Share || !adds_up(question) {
        let values = || numbers.iter().filter_map(|number| number.value);
        let (least, most) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
        let told = [("lower", shown(least).into()), ("upper", shown(most).into())];
        return Some(if least < most { words.language.with("totals-range", &told) } else { shown(least) });
    }
    let sum = numbers.iter().copied().reduce(Interval::plus)?;
    let value = shown(sum.value?);
    let around = if sum.is_exact() {
        String::new()
    } else {
        interval_text(words, question.answer, &question.unit, &sum)
    };
    Some(if around.is_empty() { value } else { format!("{value} ({around})") })
}

type Table = (Run, Vec<String>, Vec<Line>);

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
    html(&Page { c, run, groups, lines })
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
        return Ok(csv_file(&name, &[visit.language.text("totals-too-few")], &[]));
    }
    Ok(csv_file(&name, &[first.to_vec(), groups].concat(), &rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_follows_from_the_rest() {
        let check = |kinds: &[(&str, usize)], expected: Option<&[&str]>| {
            let shown = large_enough(&kinds.iter().copied().collect());
            assert_eq!(shown, expected.map(|all| all.iter().copied().collect()), "{kinds:?}");
        };
        check(&[], None);
        check(&[("a", 1), ("b", 1)], None);
        check(&[("a", 3)], Some(&["a"]));
        check(&[("a", 3), ("b", 4)], Some(&["a", "b"]));
        check(&[("a", 1), ("b", 2)], Some(&[]));
        check(&[("a", 1), ("b", 4)], Some(&[]));
        check(&[("a", 1), ("b", 4), ("c", 9)], Some(&["c"]));
        check(&[("a", 1), ("b", 1), ("c", 4), ("d", 9)], Some(&["d"]));
        check(&[("a", 1), ("b", 2), ("c", 4)], Some(&["c"]));
    }

    #[test]
    fn only_words_of_the_question_are_told() {
        let words = Words { language: Language::De };
        let bands = [["bis 10", "tot 10", "up to 10"], ["mehr", "meer", "more"]];
        let check = |answer, value, expected: Option<&str>| {
            assert_eq!(known_word(words, answer, &bands, value).as_deref(), expected, "{value}");
        };
        check(AnswerType::YesNo, "yes", Some("ja"));
        check(AnswerType::YesNo, "nur Frau Muster", None);
        check(AnswerType::Choice, "Frau Muster", None);
        check(AnswerType::Choice, "7", None);
        check(AnswerType::Number, "1", None);
        let here = Language::ALL.iter().position(|language| *language == Language::De).expect("German");
        check(AnswerType::Choice, "1", Some(bands[1][here]));
        check(AnswerType::Choice, "more", Some(bands[1][here]));
    }
}
