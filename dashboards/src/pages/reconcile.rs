//! The register and the network side by side: found and not documented, documented and not seen, documented and
//! different; hundreds of found devices are settled in one form.

use super::paging::Paging;
use super::register::entry_of;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::secrets;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::Timestamp;
use rundgang_store::views::assets::{AssetFilter, AssetLine};
use rundgang_store::views::reconcile::{DifferentLine, Disagreement, NotSeenLine};
use rundgang_store::views::slices::PART;
use rundgang_store::{Decision, DecisionState, DocumentedSystem, Room, Settled};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The rule that a missing entry is a finding of.
const RULE: &str = "asset.undocumented";

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

/// The list that is shown.
enum List {
    Found { lines: Vec<AssetLine>, count: usize },
    NotSeen(Vec<NotSeenLine>),
    Different(Vec<DifferentLine>),
}

#[derive(Template)]
#[template(path = "reconcile.html")]
struct Page {
    c: Chrome,
    school: i64,
    asked: Asked,
    numbers: Disagreement,
    list: List,
    kinds: Vec<(String, String)>,
    rooms: Vec<Room>,
    paging: Paging,
    given: Given,
}

/// What somebody filled in and could not be kept.
#[derive(Default)]
struct Given {
    ticked: BTreeSet<i64>,
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
    let (entered, numbers, list, next, known, rooms) = web
        .ask(move |traeger| {
            let entered = traeger.school(school)?;
            let numbers = traeger.disagreement(school, now)?;
            let (list, next) = match wanted.liste.as_str() {
                "nicht-gesehen" => {
                    let slice = traeger.not_seen_slice(school, &wanted.nach, PART)?;
                    (List::NotSeen(slice.lines), slice.next)
                }
                "anders" => {
                    let slice = traeger.different_slice(school, &wanted.nach, PART)?;
                    (List::Different(slice.lines), slice.next)
                }
                _ => {
                    let filter = wanted.filter(now);
                    let slice = traeger.asset_slice(school, &filter, &wanted.nach, PART)?;
                    let count = traeger.asset_count(school, &filter)?;
                    (List::Found { lines: slice.lines, count }, slice.next)
                }
            };
            Ok((entered, numbers, list, next, traeger.asset_kinds(school)?, traeger.rooms(school)?))
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
        c.message = Some(told);
    }
    let mut kinds: Vec<(String, String)> =
        known.into_iter().flatten().map(|kind| (kind.clone(), c.word("kind", &kind))).collect();
    kinds.sort_by_key(|(_, words)| words.to_lowercase());
    kinds.push(("-".to_owned(), c.t("kind-unknown")));
    let paging =
        Paging::new(&format!("/schule/{school}/abgleich"), &asked.pairs(), &asked.nach, next.as_deref());
    Ok(Page { c, school, asked, numbers, list, kinds, rooms, paging, given })
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    html(&shown(&web, &visit, school, asked, Given::default()).await?)
}

/// What is done with the devices that are ticked, or with all that the filter lets through.
struct Settling {
    asked: Asked,
    ticked: BTreeSet<i64>,
    everything: bool,
    what: String,
    room: Option<i64>,
    reason: String,
    until: String,
}

impl Settling {
    fn read(pairs: &[(String, String)]) -> Self {
        let one = |name: &str| {
            let found = pairs.iter().find(|(place, _)| place == name);
            found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let ticked = pairs.iter().filter(|(name, _)| name == "asset").filter_map(|(_, id)| id.parse().ok());
        Self {
            asked: Asked { kind: one("kind"), q: one("q"), nach: one("nach"), ..Asked::default() },
            ticked: ticked.collect(),
            everything: one("which") == "all",
            what: one("do"),
            room: one("room").parse().ok(),
            reason: one("reason"),
            until: one("until"),
        }
    }

    fn decision(&self, visit: &Visit) -> Result<Decision, (&'static str, &'static str)> {
        secrets::refuse([self.reason.as_str()]).map_err(|_| ("reason", "error-secret"))?;
        if self.reason.is_empty() {
            return Err(("reason", "error-reason"));
        }
        // What is ignored for ever is forgotten for ever: somebody looks again on that day.
        let day = Timestamp::parse_date(&self.until).ok_or(("until", "error-date"))?;
        Ok(Decision {
            state: DecisionState::Ignored,
            reason: self.reason.clone(),
            until: Some(visit.zone.end_of(day)),
            who: visit.author(),
            at: visit.now,
        })
    }
}

pub(crate) async fn settle(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let csrf = pairs.iter().find(|(name, _)| name == "csrf").map_or("", |(_, value)| value.as_str());
    check_form(&visit, csrf)?;
    let settling = Settling::read(&pairs);
    let refuse = async |settling: Settling, field: &'static str, key: &'static str| {
        let why = visit.language.text(key);
        let Settling { asked, ticked, room, reason, until, .. } = settling;
        let given = Given { ticked, room, reason, until, refused: Some((field, why.clone())) };
        let mut page = shown(&web, &visit, school, asked, given).await?;
        page.c = page.c.refused(why);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
    };
    if settling.ticked.is_empty() && !settling.everything {
        return refuse(settling, "asset", "reconcile-none").await;
    }
    let settled = if settling.what == "ignore" {
        match settling.decision(&visit) {
            Ok(decision) => ignore(&web, &visit, school, &settling, decision).await?,
            Err((field, key)) => return refuse(settling, field, key).await,
        }
    } else {
        document(&web, &visit, school, &settling).await?
    };
    let query = super::paging::query(&settling.asked.pairs());
    let (done, left) = (settled.entered + settled.moved, settled.left);
    let to = format!("/schule/{school}/abgleich?{query}&fertig={done}&uebrig={left}").replace("?&", "?");
    Ok(Redirect::to(&to).into_response())
}

/// The devices that are meant, as they stand.
async fn meant(
    web: &WebState,
    visit: &Visit,
    school: i64,
    settling: &Settling,
) -> Result<Vec<AssetLine>, Failure> {
    let filter = settling.asked.filter(visit.now);
    let filter = if settling.everything { filter } else { AssetFilter::default() };
    let mut lines = web.ask(move |traeger| traeger.asset_lines(school, &filter)).await?;
    lines.retain(|line| settling.everything || settling.ticked.contains(&line.id));
    Ok(lines)
}

async fn ignore(
    web: &WebState,
    visit: &Visit,
    school: i64,
    settling: &Settling,
    decision: Decision,
) -> Result<Settled, Failure> {
    let lines = meant(web, visit, school, settling).await?;
    let subjects: BTreeSet<String> = lines.iter().map(|line| format!("asset {}", line.id)).collect();
    web.ask(move |traeger| traeger.decide_many(school, RULE, &subjects, &decision)).await
}

async fn document(
    web: &WebState,
    visit: &Visit,
    school: i64,
    settling: &Settling,
) -> Result<Settled, Failure> {
    let lines = meant(web, visit, school, settling).await?;
    let entries = entries(visit, &lines, school);
    let (room, who, now) = (settling.room, visit.author(), visit.now);
    let unfit = lines.len() - entries.len();
    let settled = web.ask(move |traeger| traeger.document_many(school, &entries, room, (&who, now))).await?;
    Ok(Settled { left: settled.left + unfit, ..settled })
}

/// What the machine knows of devices as entries; a device whose own name looks like a secret is left to a person.
pub(super) fn entries(visit: &Visit, lines: &[AssetLine], school: i64) -> Vec<DocumentedSystem> {
    let entry = |line: &AssetLine| {
        let entry = entry_of(visit, line, school).ok()?;
        secrets::refuse([entry.name.as_str(), &entry.purpose, &entry.serial, &entry.segment]).ok()?;
        Some(entry)
    };
    lines.iter().filter_map(entry).collect()
}
