//! Which device is which: what fits several devices, two entries that are one device, one that is two, and what was
//! decided about it.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_store::views::assets::{AssetFilter, AssetLine};
use rundgang_store::{Ambiguity, IdentityEvent, Result, Traeger};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// So many devices at most are offered to be the same; who finds more says more.
const OFFERED: usize = 12;
/// So many decisions are shown, the newest first.
const DECISIONS: usize = 50;

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The device in question.
    geraet: Option<i64>,
    /// What the other device is called.
    #[serde(default)]
    q: String,
    ok: Option<String>,
}

/// The device in question, what it is known by, and which others it could be.
struct InQuestion {
    line: AssetLine,
    keys: Vec<(i64, String, String)>,
    offered: Vec<AssetLine>,
    more: bool,
}

#[derive(Template)]
#[template(path = "identity.html")]
struct Page {
    c: Chrome,
    action: String,
    school: i64,
    asked: String,
    device: Option<InQuestion>,
    questions: Vec<Ambiguity>,
    decisions: Vec<IdentityEvent>,
    labels: BTreeMap<i64, String>,
    taken_back: BTreeSet<i64>,
}

impl Page {
    fn told(&self, line: &AssetLine) -> String {
        told(line)
    }

    fn label(&self, asset: &i64) -> String {
        self.labels.get(asset).cloned().unwrap_or_else(|| self.c.n("identity-former", "number", *asset))
    }

    fn is_device(&self, asset: &i64) -> bool {
        self.labels.contains_key(asset)
    }

    /// What a person decided, and what certain evidence united, can be taken back once.
    fn can_be_undone(&self, event: &IdentityEvent) -> bool {
        event.is_reversible() && !self.taken_back.contains(&event.id)
    }

    fn who(&self, event: &IdentityEvent) -> String {
        if event.is_by_evidence() { self.c.t("identity-by-evidence") } else { event.who.clone() }
    }
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, Failure> {
    let query = asked.clone();
    let (entered, device, questions, mut decisions, labels) = web
        .ask(move |traeger| {
            let all = traeger.asset_lines(school, &AssetFilter::default())?;
            let device = query.geraet.map(|asset| in_question(traeger, school, asset, &query.q, &all));
            let labels: BTreeMap<i64, String> = all.iter().map(|line| (line.id, told(line))).collect();
            let (questions, decisions) = (traeger.ambiguities(school)?, traeger.identity_events(school)?);
            Ok((traeger.school(school)?, device.transpose()?, questions, decisions, labels))
        })
        .await?;
    let taken_back = decisions.iter().filter_map(|event| event.reverses).collect();
    decisions.reverse();
    decisions.truncate(DECISIONS);
    let c = Chrome::new(&visit, visit.language.text("identity-title"))
        .of_school(&entered, "assets")
        .told(asked.ok.as_deref());
    let list = c.t("assets-title");
    let c = c.crumb(list, format!("/schule/{school}/geraete"));
    let action = format!("/schule/{school}/zuordnung");
    html(&Page { c, action, school, asked: asked.q, device, questions, decisions, labels, taken_back })
}

/// A device in one line: what it is called, and where it was seen.
fn told(line: &AssetLine) -> String {
    let label = line.label();
    if label.contains(&line.ip) { label } else { format!("{label} ({})", line.ip) }
}

fn in_question(
    traeger: &Traeger,
    school: i64,
    asset: i64,
    wanted: &str,
    all: &[AssetLine],
) -> Result<InQuestion> {
    let missing = || rundgang_store::Error::NotFound(format!("device {asset}"));
    let line = all.iter().find(|line| line.id == asset).cloned().ok_or_else(missing)?;
    let filter = AssetFilter { text: wanted.to_owned(), ..AssetFilter::default() };
    let mut offered = if wanted.is_empty() { Vec::new() } else { traeger.asset_lines(school, &filter)? };
    offered.retain(|other| other.id != asset);
    let more = offered.len() > OFFERED;
    offered.truncate(OFFERED);
    Ok(InQuestion { line, keys: traeger.asset_keys(asset)?, offered, more })
}

/// A decision: `act` says which; keys to split off come as `key-NUMBER`.
#[derive(Debug, Deserialize)]
pub(crate) struct Decision {
    csrf: String,
    act: String,
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

impl Decision {
    fn number(&self, name: &str) -> std::result::Result<i64, Failure> {
        let number = self.rest.get(name).and_then(|text| text.parse().ok());
        number.ok_or(Failure::Refused("error-unfit"))
    }
}

pub(crate) async fn decide(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(decision): Form<Decision>,
) -> std::result::Result<Response, Failure> {
    check_form(&visit, &decision.csrf)?;
    let (who, now) = (visit.author(), visit.now);
    let reason = decision.rest.get("reason").map(|text| text.trim().to_owned()).unwrap_or_default();
    let mut back = None;
    match decision.act.as_str() {
        "answer" => {
            let (question, asset) = (decision.number("question")?, decision.number("asset")?);
            web.ask(move |traeger| traeger.settle_ambiguity(school, question, asset, &who, now)).await?;
        }
        "merge" => {
            let (into, from) = (decision.number("into")?, decision.number("from")?);
            back = Some(into);
            web.ask(move |traeger| traeger.merge_assets(school, into, from, &who, &reason, now)).await?;
        }
        "split" => {
            let asset = decision.number("asset")?;
            let keys: Vec<i64> =
                decision.rest.keys().filter_map(|name| name.strip_prefix("key-")?.parse().ok()).collect();
            back = Some(asset);
            if keys.is_empty() {
                return Err(Failure::Refused("identity-split-some"));
            }
            web.ask(move |traeger| traeger.split_asset(school, asset, &keys, &who, &reason, now)).await?;
        }
        "undo" => {
            let event = decision.number("event")?;
            web.ask(move |traeger| traeger.undo_identity_event(school, event, &who, now)).await?;
        }
        _ => return Err(Failure::Refused("error-unfit")),
    }
    let of = back.map(|asset| format!("geraet={asset}&")).unwrap_or_default();
    Ok(Redirect::to(&format!("/schule/{school}/zuordnung?{of}ok=identity-decided")).into_response())
}
