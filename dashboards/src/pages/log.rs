//! The audit log of the Träger or of one school: who did what, when, with before and after in words. Days only, as everywhere:
//! the log proves what was done, and is no watch over those who did it (promise P6).

mod words;

use super::paging::Paging;
use crate::chrome::{Chrome, csv_file, html};
use crate::failure::Failure;
use crate::guard::escaped;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use rundgang_inventory::{Action, Timestamp};
use rundgang_store::views::log::{LogFilter, LogLine, MACHINE};
use rundgang_store::views::slices::{PART, Slice};
use rundgang_store::{Room, School};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use words::{Told, told};

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// About what: a name, or a subject as the log has it.
    #[serde(default)]
    q: String,
    /// Who did it; `-` for the machine.
    #[serde(default)]
    wer: String,
    /// The first and the last day.
    #[serde(default)]
    von: String,
    #[serde(default)]
    bis: String,
    /// The entry behind which the part begins.
    #[serde(default)]
    nach: String,
}

impl Asked {
    fn pairs(&self) -> [(&'static str, &str); 4] {
        [("q", &self.q), ("wer", &self.wer), ("von", &self.von), ("bis", &self.bis)]
    }

    /// What is asked for; nothing is kept back from the day on which somebody asks for no day that there is.
    fn filter(&self, visit: &Visit, school: Option<i64>) -> LogFilter {
        let day = |text: &str| Timestamp::parse_date(text.trim());
        // A day begins where the one before it ends.
        let begin = |day: Timestamp| Timestamp(visit.zone.end_of(day.plus_days(-1)).0 + 1);
        LogFilter {
            school,
            subject: self.q.trim().to_owned(),
            who: self.wer.trim().to_owned(),
            from: day(&self.von).map(begin),
            to: day(&self.bis).map(|day| visit.zone.end_of(day)),
            with_accounts: visit.may(Action::ManageAccounts, None),
        }
    }
}

/// One entry as it is shown.
struct Shown {
    line: LogLine,
    told: Told,
    /// Whether its school is invented.
    is_example: bool,
    /// The same list narrowed to its subject, and to whoever did it.
    to_subject: String,
    to_who: String,
}

#[derive(Template)]
#[template(path = "log.html")]
struct Page {
    c: Chrome,
    asked: Asked,
    /// Where the list is, as a page and as a file.
    path: String,
    csv: String,
    /// Whether entries of several schools are among them.
    of_all: bool,
    lines: Vec<Shown>,
    paging: Paging,
}

/// What a page of the log is made of.
struct Found {
    school: Option<School>,
    slice: Slice<LogLine>,
    /// The rooms of the schools that are told of.
    rooms: BTreeMap<i64, Vec<Room>>,
    /// The schools that are invented.
    examples: BTreeSet<i64>,
}

async fn find(
    web: &WebState,
    visit: &Visit,
    school: Option<i64>,
    asked: &Asked,
    most: usize,
) -> Result<Found, Failure> {
    let (filter, after) = (asked.filter(visit, school), asked.nach.clone());
    web.ask(move |traeger| {
        let slice = traeger.log_slice(&filter, &after, most)?;
        let systems = slice.lines.iter().filter(|line| line.entry.subject.starts_with("system "));
        let schools: BTreeSet<i64> = systems.filter_map(|line| line.school).collect();
        // A school that left has no rooms any more.
        let rooms = schools.into_iter().map(|school| Ok((school, traeger.rooms(school)?)));
        let rooms = rooms.collect::<rundgang_store::Result<_>>()?;
        // One school says above its page whether it is invented.
        let all = if school.is_none() { traeger.schools()? } else { Vec::new() };
        let examples = all.into_iter().filter(|one| one.entered.is_example).map(|one| one.id).collect();
        let school = school.map(|school| traeger.school(school)).transpose()?;
        Ok(Found { school, slice, rooms, examples })
    })
    .await
}

fn path_of(school: Option<i64>) -> String {
    school.map_or_else(|| "/protokoll".to_owned(), |school| format!("/schule/{school}/protokoll"))
}

async fn shown(
    web: &WebState,
    visit: &Visit,
    school: Option<i64>,
    asked: Asked,
) -> Result<Response, Failure> {
    let Found { school: entered, slice, rooms, examples } = find(web, visit, school, &asked, PART).await?;
    let text = |key: &str| visit.language.text(key);
    let mut c = Chrome::new(visit, text("log-title")).lead(text("log-lead"));
    c = match &entered {
        Some(entered) => c
            .of_school(entered, "facts")
            .crumb(text("tab-facts"), format!("/schule/{}/stammdaten", entered.id)),
        None => c.crumb(text("settings-title"), "/einstellungen".to_owned()),
    };
    if entered.is_none() {
        let is_example = |line: &LogLine| line.school.is_some_and(|school| examples.contains(&school));
        c.example = slice.lines.iter().any(is_example);
        c.example_among_others = !slice.lines.iter().all(is_example);
    }
    let path = path_of(school);
    let none = Vec::new();
    let shown = |line: LogLine| {
        let rooms = line.school.and_then(|school| rooms.get(&school)).unwrap_or(&none);
        let who = if line.entry.who.is_empty() { MACHINE } else { &line.entry.who };
        Shown {
            told: told(&c, rooms, &line),
            is_example: line.school.is_some_and(|school| examples.contains(&school)),
            to_subject: format!("{path}?q={}", escaped(&line.entry.subject)),
            to_who: format!("{path}?wer={}", escaped(who)),
            line,
        }
    };
    let paging = Paging::new(&path, &asked.pairs(), &asked.nach, slice.next.as_deref());
    let query = super::paging::query(&asked.pairs());
    let mark = if query.is_empty() { "" } else { "?" };
    let lines = slice.lines.into_iter().map(shown).collect();
    let csv = format!("{path}.csv{mark}{query}");
    html(&Page { c, asked, csv, path, of_all: school.is_none(), lines, paging })
}

async fn file(web: &WebState, visit: &Visit, school: Option<i64>, asked: Asked) -> Result<Response, Failure> {
    let asked = Asked { nach: String::new(), ..asked };
    let Found { slice, rooms, .. } = find(web, visit, school, &asked, usize::MAX - 1).await?;
    let c = Chrome::new(visit, String::new());
    let keys = [
        "column-day",
        "column-who",
        "column-school",
        "log-what",
        "column-subject",
        "log-before",
        "log-after",
    ];
    let header: Vec<String> = keys.iter().map(|key| c.t(key)).collect();
    let none = Vec::new();
    let row = |line: &LogLine| {
        let rooms = line.school.and_then(|school| rooms.get(&school)).unwrap_or(&none);
        let told = told(&c, rooms, line);
        let side = |of: fn(&(String, String, String)) -> &str| {
            let told = told.fields.iter().filter(|field| !of(field).is_empty());
            let told = told.map(|field| words::labelled(&field.0, of(field)));
            told.collect::<Vec<_>>().join("; ")
        };
        vec![
            c.day(&line.entry.at),
            told.who.clone(),
            line.school_name.clone(),
            told.what.clone(),
            told.subject.clone(),
            side(|field| &field.1),
            side(|field| &field.2),
        ]
    };
    let rows: Vec<Vec<String>> = slice.lines.iter().map(row).collect();
    Ok(csv_file("protokoll.csv", &header, &rows))
}

/// The log of a school, or of the Träger where the address names no school.
pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    school: Option<Path<i64>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    shown(&web, &visit, school.map(|Path(school)| school), asked).await
}

pub(crate) async fn csv(
    State(web): State<WebState>,
    visit: Visit,
    school: Option<Path<i64>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    file(&web, &visit, school.map(|Path(school)| school), asked).await
}
