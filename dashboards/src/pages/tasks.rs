//! The tasks of keeping a school's technology going: who does which, how many hours a week, and what is nobody's yet.

use super::Done;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::format;
use crate::guard::check_form;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::tasks::{self, Area, Task};
use rundgang_store::{DONE_BY, LEVELS, PRIORITIES, SchoolTask};
use std::collections::BTreeMap;

/// What was filled in, by place.
type Filled = BTreeMap<String, String>;

/// The places of a task in the form.
const PLACES: [&str; 5] = ["who", "hours", "by", "level", "priority"];

/// A task as it is shown.
struct Shown {
    id: &'static str,
    title: &'static str,
    version: i64,
    who: String,
    hours: String,
    done_by: String,
    level: String,
    priority: String,
    /// What the visitor sees, for the form to tell what was not touched.
    seen: String,
    /// What stands there now, where somebody else changed it meanwhile.
    other: Option<String>,
    /// The place at fault, and why.
    wrong: Option<(String, String)>,
}

impl Shown {
    /// What stands in the places of the form, in the order of [`PLACES`].
    fn said(&self) -> [&String; 5] {
        [&self.who, &self.hours, &self.done_by, &self.level, &self.priority]
    }

    /// Whether nobody said anything about it.
    fn is_blank(&self) -> bool {
        self.said().iter().all(|text| text.is_empty())
    }

    /// Whether this place was refused.
    fn is_wrong(&self, place: &str) -> bool {
        self.wrong.as_ref().is_some_and(|(at, _)| at == place)
    }
}

#[derive(Template)]
#[template(path = "tasks.html")]
struct Page {
    c: Chrome,
    action: String,
    /// Fields of work with their tasks, how many of them somebody does, and whether they are unfolded.
    areas: Vec<(String, Vec<Shown>, usize, bool)>,
    /// How many tasks there are, and how many somebody does.
    count: (usize, usize),
    /// Who does how much: words and hours, those without hours left out.
    shares: Vec<(String, String)>,
    sum: String,
    /// The hours of the rule of thumb, and the number of pupils; nothing where that is not known.
    thumb: Option<(String, i64)>,
    choices: [Vec<(&'static str, String)>; 3],
}

/// Hundredths of an hour as people write hours.
fn hours(c: &Chrome, hundredths: i64) -> String {
    format::number(c.language, f64::from(i32::try_from(hundredths).unwrap_or(i32::MAX)) / 100.0)
}

/// Hours as people type them (`0,5`, `1.25`, `2`) in hundredths; nothing for an empty place.
fn hundredths(text: &str) -> Result<Option<i64>, Failure> {
    let wrong = || Failure::Refused("error-hours");
    let text = text.trim().replace(',', ".");
    if text.is_empty() {
        return Ok(None);
    }
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if !digits(whole)
        || !digits(part)
        || whole.len() > 3
        || part.len() > 2
        || (whole.is_empty() && part.is_empty())
    {
        return Err(wrong());
    }
    let number = |text: &str| if text.is_empty() { Ok(0) } else { text.parse::<i64>().map_err(|_| wrong()) };
    Ok(Some(number(whole)? * 100 + number(&format!("{part:0<2}"))?))
}

/// What a form says at a place of a task.
fn text(filled: &Filled, place: &str, task: &Task) -> String {
    filled.get(&format!("{place}-{}", task.id)).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// Whether a form changes what its writer saw of a task. One that does not say what was seen changes every task it names.
fn is_touched(filled: &Filled, task: &Task) -> bool {
    let seen = serde_json::from_str::<[String; 5]>(&text(filled, "seen", task));
    filled.contains_key(&format!("version-{}", task.id))
        && seen.ok() != Some(PLACES.map(|place| text(filled, place, task)))
}

/// What a form says of a task; the place at fault is named as in the form.
fn filled_task(task: &Task, filled: &Filled) -> Result<SchoolTask, Failure> {
    let at = |place: &str, key| Failure::Field(format!("{place}-{}", task.id), key);
    let said = SchoolTask {
        task: task.id.clone(),
        version: text(filled, "version", task).parse().unwrap_or(0),
        who: text(filled, "who", task),
        done_by: text(filled, "by", task),
        level: text(filled, "level", task),
        priority: text(filled, "priority", task),
        hours: hundredths(&text(filled, "hours", task)).map_err(|_| at("hours", "error-hours"))?,
    };
    let sound = said.require_sound().map_err(|error| match Failure::from(error) {
        Failure::Field(field, key) => match field.as_str() {
            "hours" => at("hours", "error-hours"),
            "done_by" => at("by", key),
            place => at(place, key),
        },
        other => other,
    });
    sound.map(|()| said)
}

/// What stands there in one line.
fn told(c: &Chrome, task: &SchoolTask) -> String {
    let hours = task.hours.map(|hundredths| c.s("task-hours-short", "hours", hours(c, hundredths)));
    let by = |family: &str, word: &str| (!word.is_empty()).then(|| c.word(family, word));
    let parts = [
        Some(task.who.clone()).filter(|who| !who.is_empty()),
        hours,
        by("priority", &task.priority),
        by("done-by", &task.done_by),
        by("task-level", &task.level),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "–".to_owned() } else { parts.join(", ") }
}

/// What somebody filled in and could not be kept.
struct Given {
    filled: Filled,
    /// The place at fault as the form names it, and why; empty for none in particular.
    wrong: (String, String),
}

/// A task with what stands there, or with what was filled in where that was not kept.
fn shown(c: &Chrome, task: &'static Task, standing: Option<&SchoolTask>, given: Option<&Given>) -> Shown {
    let nothing = SchoolTask { task: task.id.clone(), ..SchoolTask::default() };
    let now = standing.unwrap_or(&nothing);
    let mut shown = Shown {
        id: &task.id,
        title: task.title.get(c.language.code()),
        version: now.version,
        who: now.who.clone(),
        hours: now.hours.map(|hundredths| hours(c, hundredths)).unwrap_or_default(),
        done_by: now.done_by.clone(),
        level: now.level.clone(),
        priority: now.priority.clone(),
        seen: String::new(),
        other: None,
        wrong: None,
    };
    shown.seen = serde_json::json!(shown.said()).to_string();
    if let Some(given) = given.filter(|given| is_touched(&given.filled, task)) {
        let get =
            |place: &str| given.filled.get(&format!("{place}-{}", task.id)).cloned().unwrap_or_default();
        let version = get("version").parse().unwrap_or(0);
        [shown.who, shown.hours, shown.done_by, shown.level, shown.priority] = PLACES.map(get);
        // Whoever saves again has seen what the other one wrote.
        shown.other = (version != now.version).then(|| told(c, now));
        let (at, why) = &given.wrong;
        let place = PLACES.iter().find(|place| *at == format!("{place}-{}", task.id));
        shown.wrong = place.map(|place| ((*place).to_owned(), why.clone()));
    }
    shown
}

async fn page_of(web: &WebState, visit: &Visit, school: i64, given: Option<&Given>) -> Result<Page, Failure> {
    let (entered, standing) =
        web.ask(move |traeger| Ok((traeger.school(school)?, traeger.school_tasks(school)?))).await?;
    let c = Chrome::new(visit, visit.language.text("tasks-title"))
        .lead(visit.language.text("tasks-lead"))
        .of_school(&entered, "facts")
        .crumb(visit.language.text("facts-title"), format!("/schule/{school}/stammdaten"));
    let of_area = |area: Area| {
        let own = tasks::all().iter().filter(|task| task.area == area);
        let lines: Vec<Shown> = own.map(|task| shown(&c, task, standing.get(&task.id), given)).collect();
        let done = lines.iter().filter(|line| !line.is_blank()).count();
        let is_asked = lines.iter().any(|line| line.other.is_some() || line.wrong.is_some());
        let is_open = area == Area::Technical || done > 0 || is_asked;
        (c.word("task-area", area.name()), lines, done, is_open)
    };
    let areas: Vec<_> = Area::ALL.into_iter().map(of_area).collect();
    let count = (tasks::all().len(), areas.iter().map(|(_, _, done, _)| done).sum());
    let sum_of = |by: &str| -> i64 {
        standing.values().filter(|task| task.done_by == by).filter_map(|task| task.hours).sum()
    };
    let words = |by: &str| if by.is_empty() { c.t("done-by-nobody") } else { c.word("done-by", by) };
    let shares = DONE_BY.iter().chain([&""]).map(|by| (words(by), sum_of(by)));
    let shares: Vec<_> =
        shares.filter(|(_, sum)| *sum > 0).map(|(words, sum)| (words, hours(&c, sum))).collect();
    let sum = standing.values().filter_map(|task| task.hours).sum();
    let choice = |family: &'static str, words: &[&'static str]| -> Vec<(&'static str, String)> {
        std::iter::once(("", "–".to_owned()))
            .chain(words.iter().map(|word| (*word, c.word(family, word))))
            .collect()
    };
    Ok(Page {
        action: format!("/schule/{school}/aufgaben"),
        areas,
        count,
        shares,
        sum: hours(&c, sum),
        thumb: entered.entered.pupils.map(|pupils| (hours(&c, tasks::rule_of_thumb(pupils)), pupils)),
        choices: [choice("priority", PRIORITIES), choice("done-by", DONE_BY), choice("task-level", LEVELS)],
        c,
    })
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let mut page = page_of(&web, &visit, school, None).await?;
    page.c = page.c.told(done.ok.as_deref());
    html(&page)
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(filled): Form<Filled>,
) -> Result<Response, Failure> {
    check_form(&visit, filled.get("csrf").map_or("", String::as_str))?;
    // A task that the form does not change stays as it is, whatever somebody else wrote there meanwhile.
    let touched = tasks::all().iter().filter(|task| is_touched(&filled, task));
    let read: Result<Vec<SchoolTask>, Failure> = touched.map(|task| filled_task(task, &filled)).collect();
    let written = match read {
        Ok(new) => {
            let (who, now) = (visit.author(), visit.now);
            web.ask(move |traeger| traeger.save_tasks(school, &new, (&who, now))).await
        }
        Err(refused) => Err(refused),
    };
    let failure = match written {
        Ok(_) => return Ok(Redirect::to(&format!("/schule/{school}/aufgaben?ok=saved")).into_response()),
        Err(failure) => failure.for_form()?,
    };
    let why = visit.language.text(failure.key());
    let given = Given { filled, wrong: (failure.place().to_owned(), why.clone()) };
    let mut page = page_of(&web, &visit, school, Some(&given)).await?;
    page.c = page.c.refused(why);
    Ok((failure.status(), html(&page)?).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_type_them() {
        let check = |text: &str, expected: Option<Option<i64>>| {
            assert_eq!(hundredths(text).ok(), expected, "{text}");
        };
        check("", Some(None));
        check(" 2 ", Some(Some(200)));
        check("0,5", Some(Some(50)));
        check("1.25", Some(Some(125)));
        check(",5", Some(Some(50)));
        check("3,", Some(Some(300)));
        for wrong in ["-1", "halb", "1,2,3", "0.333", "1000", ".", "½"] {
            check(wrong, None);
        }
    }
}
