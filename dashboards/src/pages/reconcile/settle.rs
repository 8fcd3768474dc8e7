//! What a form of the reconciliation asks for: one line with one click, or all that are ticked.

use super::{Asked, Given, seen::Seen, shown};
use crate::chrome::html;
use crate::failure::Failure;
use crate::guard::check_form;
use crate::pages::{findings::last_day, paging, register::entry_of};
use crate::secrets;
use crate::web::{Visit, WebState};
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_store::views::assets::{AssetFilter, AssetLine};
use rundgang_store::{Decision, DecisionState, Differing, DocumentedSystem, Settled};
use std::collections::BTreeSet;

/// The rule that a missing entry is a finding of.
const RULE: &str = "asset.undocumented";

/// What is done.
enum Deed {
    Document,
    Ignore,
    /// A system is the found device.
    Bind(i64, i64),
    TakeOver,
    KeepOwn,
    /// A difference of a system is told again.
    TellAgain(i64, String),
}

/// What is done with the lines that are ticked, with all devices that the page counted, or with all differences that the page
/// showed.
struct Settling {
    asked: Asked,
    deed: Option<Deed>,
    ticked: BTreeSet<i64>,
    items: BTreeSet<String>,
    everything: bool,
    /// The devices that the page counted as all.
    seen: Seen,
    room: Option<i64>,
    reason: String,
    until: String,
}

/// Two numbers with a space between them.
fn pair(text: &str) -> Option<(i64, i64)> {
    let (one, other) = text.split_once(' ')?;
    Some((one.parse().ok()?, other.parse().ok()?))
}

/// A difference as the page named it; none where it was not the page.
fn differing(item: &str) -> Option<Differing> {
    let (system, field, person, machine) = serde_json::from_str(item).ok()?;
    Some(Differing { system, field, person, machine })
}

impl Settling {
    fn read(pairs: &[(String, String)]) -> Self {
        let find = |name: &str| pairs.iter().find(|(place, _)| place == name).map(|(_, value)| value.trim());
        let one = |name: &str| find(name).unwrap_or_default().to_owned();
        let many = |name: &'static str| {
            pairs.iter().filter(move |(place, _)| place == name).map(|(_, value)| value.clone())
        };
        let (mut items, mut everything) = (many("item").collect(), one("which") == "all");
        let mut just = |item: &str| {
            items = BTreeSet::from([item.to_owned()]);
            everything = false;
        };
        let deed = if let Some(bound) = find("bind") {
            // A button stands for a pair, or for what is chosen beside it.
            pair(find(bound).unwrap_or(bound)).map(|(system, device)| Deed::Bind(system, device))
        } else if let Some(item) = find("take") {
            just(item);
            Some(Deed::TakeOver)
        } else if let Some(item) = find("mine") {
            just(item);
            Some(Deed::KeepOwn)
        } else if let Some((system, field)) = find("again").and_then(|text| text.split_once(' ')) {
            system.parse().ok().map(|system| Deed::TellAgain(system, field.to_owned()))
        } else {
            match one("do").as_str() {
                "document" => Some(Deed::Document),
                "ignore" => Some(Deed::Ignore),
                "take-over" => Some(Deed::TakeOver),
                "keep-own" => Some(Deed::KeepOwn),
                _ => None,
            }
        };
        if everything && matches!(deed, Some(Deed::TakeOver | Deed::KeepOwn)) {
            // All are those that somebody saw: what differs since then is nobody's decision yet.
            items = many("shown").collect();
        }
        Self {
            asked: Asked {
                liste: one("liste"),
                kind: one("kind"),
                q: one("q"),
                nach: one("nach"),
                ..Asked::default()
            },
            deed,
            ticked: many("asset").filter_map(|id| id.parse().ok()).collect(),
            items,
            everything,
            seen: Seen::read(&one("seen")),
            room: one("room").parse().ok(),
            reason: one("reason"),
            until: one("until"),
        }
    }

    fn require_reason(&self) -> Result<(), (&'static str, &'static str)> {
        secrets::refuse([self.reason.as_str()]).map_err(|_| ("reason", "error-secret"))?;
        if self.reason.is_empty() { Err(("reason", "error-reason")) } else { Ok(()) }
    }

    /// What keeps the form from being done: the place at fault, and the key of the reason.
    fn check(&self, visit: &Visit) -> Result<(), (&'static str, &'static str)> {
        let is_some = if self.everything { !self.seen.is_empty() } else { !self.ticked.is_empty() };
        match self.deed {
            None => Err(("asset", "error-choose")),
            Some(Deed::Document | Deed::Ignore) if !is_some => Err(("asset", "reconcile-none")),
            Some(Deed::TakeOver | Deed::KeepOwn) if self.items.is_empty() => Err(("asset", "reconcile-none")),
            Some(Deed::KeepOwn) => self.require_reason(),
            Some(Deed::Ignore) => {
                self.require_reason()?;
                last_day(visit, DecisionState::Ignored, &self.until).map(drop).map_err(|key| ("until", key))
            }
            Some(_) => Ok(()),
        }
    }

    /// The differences that are meant, with what was seen of them.
    fn differences(&self) -> Vec<Differing> {
        self.items.iter().filter_map(|item| differing(item)).collect()
    }

    fn decision(&self, visit: &Visit) -> Decision {
        Decision {
            state: DecisionState::Ignored,
            reason: self.reason.clone(),
            // What is ignored for ever is forgotten for ever: somebody looks again on that day.
            until: last_day(visit, DecisionState::Ignored, &self.until).ok().flatten(),
            who: visit.author(),
            at: visit.now,
        }
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
    if let Err((field, key)) = settling.check(&visit) {
        let why = visit.language.text(key);
        let Settling { asked, ticked, items, room, reason, until, .. } = settling;
        let given = Given { ticked, items, room, reason, until, refused: Some((field, why.clone())) };
        let mut page = shown(&web, &visit, school, asked, given).await?;
        page.c = page.c.refused(why);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response());
    }
    let query = paging::query(&settling.asked.pairs());
    let (settled, newer) = done(&web, &visit, school, settling).await?;
    let (done, left) = (settled.entered + settled.moved, settled.left);
    let mut to = format!("/schule/{school}/abgleich?{query}&fertig={done}&uebrig={left}").replace("?&", "?");
    if newer > 0 {
        to = format!("{to}&neu={newer}");
    }
    Ok(Redirect::to(&to).into_response())
}

/// What became of what was meant, and how many that the page had not shown were left alone.
async fn done(
    web: &WebState,
    visit: &Visit,
    school: i64,
    settling: Settling,
) -> Result<(Settled, usize), Failure> {
    let (who, now) = (visit.author(), visit.now);
    let settled = match &settling.deed {
        Some(Deed::Ignore) => return ignore(web, visit, school, &settling).await,
        Some(Deed::Document) => return document(web, visit, school, &settling).await,
        Some(Deed::Bind(system, device)) => {
            let pairs = [(*system, *device)];
            web.ask(move |traeger| traeger.bind(school, &pairs, (&who, now))).await
        }
        Some(Deed::TakeOver) => {
            web.ask(move |traeger| traeger.take_over(school, &settling.differences(), (&who, now))).await
        }
        Some(Deed::KeepOwn) => {
            web.ask(move |traeger| {
                traeger.keep_own(school, &settling.differences(), &settling.reason, (&who, now))
            })
            .await
        }
        Some(Deed::TellAgain(system, field)) => {
            let (system, field) = (*system, field.clone());
            web.ask(move |traeger| traeger.tell_again(school, system, &field, (&who, now))).await?;
            Ok(Settled { entered: 1, ..Settled::default() })
        }
        None => Err(Failure::Refused("error-choose")),
    };
    Ok((settled?, 0))
}

/// The devices that are meant, as they stand, and how many the filter lets through beside them since the page was made.
async fn meant(
    web: &WebState,
    visit: &Visit,
    school: i64,
    settling: &Settling,
) -> Result<(Vec<AssetLine>, usize), Failure> {
    let filter = settling.asked.filter(visit.now);
    let filter = if settling.everything { filter } else { AssetFilter::default() };
    let mut lines = web.ask(move |traeger| traeger.asset_lines(school, &filter)).await?;
    let all = lines.len();
    // All are those that somebody was told of: what was found since then is nobody's decision yet.
    let is_meant = |id: i64| {
        if settling.everything { settling.seen.holds(id) } else { settling.ticked.contains(&id) }
    };
    lines.retain(|line| is_meant(line.id));
    let newer = if settling.everything { all - lines.len() } else { 0 };
    Ok((lines, newer))
}

async fn ignore(
    web: &WebState,
    visit: &Visit,
    school: i64,
    settling: &Settling,
) -> Result<(Settled, usize), Failure> {
    let (lines, newer) = meant(web, visit, school, settling).await?;
    let subjects: BTreeSet<String> = lines.iter().map(|line| format!("asset {}", line.id)).collect();
    let decision = settling.decision(visit);
    let settled = web.ask(move |traeger| traeger.decide_many(school, RULE, &subjects, &decision)).await?;
    Ok((settled, newer))
}

async fn document(
    web: &WebState,
    visit: &Visit,
    school: i64,
    settling: &Settling,
) -> Result<(Settled, usize), Failure> {
    let (lines, newer) = meant(web, visit, school, settling).await?;
    let entries = entries(visit, &lines, school);
    let (room, who, now) = (settling.room, visit.author(), visit.now);
    let unfit = lines.len() - entries.len();
    let settled = web.ask(move |traeger| traeger.document_many(school, &entries, room, (&who, now))).await?;
    Ok((Settled { left: settled.left + unfit, ..settled }, newer))
}

/// What the machine knows of devices as entries; a device whose own name looks like a secret is left to a person.
pub(in crate::pages) fn entries(visit: &Visit, lines: &[AssetLine], school: i64) -> Vec<DocumentedSystem> {
    let entry = |line: &AssetLine| {
        let entry = entry_of(visit, line, school).ok()?;
        secrets::refuse([entry.name.as_str(), &entry.purpose, &entry.serial, &entry.segment]).ok()?;
        Some(entry)
    };
    lines.iter().filter_map(entry).collect()
}
