//! The register and the network side by side: found and not documented, documented and not seen, documented and
//! different; each line is settled with one click, hundreds of them in one form.

mod lines;
mod seen;
mod settle;

pub(super) use settle::entries;
pub(crate) use settle::settle;

use super::paging::Paging;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::phrases::phrase;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use lines::{Binding, List};
use rundgang_inventory::Timestamp;
use rundgang_store::Room;
use rundgang_store::views::assets::AssetFilter;
use rundgang_store::views::reconcile::{Difference, DifferentLine, Disagreement};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// `nicht-gesehen` or `anders`; what was found and is not documented for everything else.
    #[serde(default)]
    liste: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    q: String,
    /// The line behind which the part begins.
    #[serde(default)]
    nach: String,
    /// How many were settled just now, and how many were left.
    fertig: Option<usize>,
    uebrig: Option<usize>,
    /// How many the filter let through that the page had not shown.
    neu: Option<usize>,
}

impl Asked {
    fn pairs(&self) -> [(&'static str, &str); 3] {
        [("liste", &self.liste), ("kind", &self.kind), ("q", &self.q)]
    }

    fn filter(&self, now: Timestamp) -> AssetFilter {
        AssetFilter {
            kind: self.kind.clone(),
            text: self.q.clone(),
            undocumented: true,
            unsettled_at: Some(now),
            ..AssetFilter::default()
        }
    }
}

#[derive(Template)]
#[template(path = "reconcile.html")]
struct Page {
    c: Chrome,
    school: i64,
    asked: Asked,
    numbers: Disagreement,
    list: List,
    /// What each line may be bound to, by its number.
    bindings: BTreeMap<i64, Binding>,
    kinds: Vec<(String, String)>,
    rooms: Vec<Room>,
    paging: Paging,
    given: Given,
}

/// What somebody filled in and could not be kept.
#[derive(Default)]
struct Given {
    ticked: BTreeSet<i64>,
    /// Differences that were ticked, as [`Page::item`] names them.
    items: BTreeSet<String>,
    room: Option<i64>,
    reason: String,
    until: String,
    /// The place that was refused, and why.
    refused: Option<(&'static str, String)>,
}

impl Page {
    fn refused(&self, field: &str) -> Option<&str> {
        self.given.refused.as_ref().filter(|(at, _)| *at == field).map(|(_, why)| why.as_str())
    }

    fn is_room(&self, room: &i64) -> bool {
        self.given.room == Some(*room)
    }

    fn is_list(&self, name: &str) -> bool {
        match name {
            "nicht-gesehen" | "anders" => self.asked.liste == name,
            _ => !matches!(self.asked.liste.as_str(), "nicht-gesehen" | "anders"),
        }
    }

    /// A difference as a form names it: system, field, what the entry said and what the device said, as JSON. What
    /// somebody decides is decided about these two values and no others.
    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn item(&self, line: &DifferentLine, difference: &Difference) -> String {
        json!([line.id, difference.field, difference.person, difference.machine]).to_string()
    }

    /// How many differences these lines show.
    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn shown(&self, lines: &[DifferentLine]) -> usize {
        lines.iter().map(|line| line.differences.len()).sum()
    }

    fn is_item(&self, item: &String) -> bool {
        self.given.items.contains(item)
    }

    /// By what the device says so, in the reader's language.
    fn source(&self, difference: &Difference) -> String {
        phrase(self.c.language, &difference.source)
    }

    /// A value as people say it.
    fn words(&self, field: &str, value: &str) -> String {
        if field == "kind" { self.c.word("kind", value) } else { value.to_owned() }
    }
}

async fn shown(
    web: &WebState,
    visit: &Visit,
    school: i64,
    asked: Asked,
    given: Given,
) -> Result<Page, Failure> {
    let (now, wanted) = (visit.now, asked.clone());
    let (entered, numbers, (list, next), choices, known, rooms) = web
        .ask(move |traeger| {
            let entered = traeger.school(school)?;
            let numbers = traeger.disagreement(school, now)?;
            let (list, next) = List::read(traeger, school, &wanted, now)?;
            let choices = list.choices(traeger, school, now)?;
            let (kinds, rooms) = (traeger.asset_kinds(school)?, traeger.rooms(school)?);
            Ok((entered, numbers, (list, next), choices, kinds, rooms))
        })
        .await?;
    let mut c = Chrome::new(visit, visit.language.text("reconcile-title"))
        .lead(visit.language.text("reconcile-lead"))
        .of_school(&entered, "register")
        .crumb(visit.language.text("register-title"), format!("/schule/{school}/register"));
    if let Some(done) = asked.fertig {
        let left = asked.uebrig.unwrap_or(0);
        let mut told = c.n("reconcile-done", "count", done);
        if left > 0 {
            told = format!("{told} {}", c.n("reconcile-left", "count", left));
        }
        if let Some(newer) = asked.neu.filter(|newer| *newer > 0) {
            told = format!("{told} {}", c.n("reconcile-newer", "count", newer));
        }
        c.message = Some(told);
    }
    let mut kinds: Vec<(String, String)> =
        known.into_iter().flatten().map(|kind| (kind.clone(), c.word("kind", &kind))).collect();
    kinds.sort_by_key(|(_, words)| words.to_lowercase());
    kinds.push(("-".to_owned(), c.t("kind-unknown")));
    let paging =
        Paging::new(&format!("/schule/{school}/abgleich"), &asked.pairs(), &asked.nach, next.as_deref());
    let turn = matches!(list, List::NotSeen(_));
    let bindings =
        choices.iter().map(|(line, choice)| (*line, Binding::of(&c, *line, choice, turn))).collect();
    Ok(Page { c, school, asked, numbers, list, bindings, kinds, rooms, paging, given })
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    html(&shown(&web, &visit, school, asked, Given::default()).await?)
}
