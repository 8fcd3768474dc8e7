//! What is collected: generated from the vocabulary and from the scope that each agent declared.

use crate::chrome::{Chrome, html, spoken};
use crate::failure::Failure;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rundgang_inventory::kind::Class;
use rundgang_inventory::{Field, Kind, Privacy, Timestamp, Volatility, vocabulary};
use rundgang_store::{Retention, views::collected::AgentScope};
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "collected.html")]
struct Page {
    c: Chrome,
    agents: Vec<AgentScope>,
    /// Fields by protocol.
    fields: BTreeMap<String, Vec<&'static Field>>,
    kept: Vec<String>,
    counted: Vec<String>,
    retention: Vec<(String, String)>,
}

impl Page {
    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn is_name(&self, field: &Field) -> bool {
        field.privacy == Privacy::Name
    }

    fn meaning(&self, field: &Field) -> &'static str {
        field.meaning_in(spoken(self.c.language))
    }

    fn volatility(&self, field: &Field) -> String {
        self.c.t(match field.volatility {
            Volatility::Stable => "volatility-stable",
            Volatility::Slow => "volatility-slow",
            Volatility::Volatile => "volatility-volatile",
        })
    }

    /// A day as the scope file has it, in the reader's manner.
    fn day(&self, text: &str) -> String {
        Timestamp::parse_date(text).map_or_else(|| self.or_dash(text), |day| self.c.date(&day))
    }

    /// What a scope line says about its authorisation, with a dash where it says nothing.
    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn or_dash(&self, text: &str) -> String {
        if text.is_empty() { "–".to_owned() } else { text.to_owned() }
    }
}

/// The defaults of the promise on retention (P8), by the key of their text.
const RETENTION: [&str; 9] = [
    "observations",
    "intervals",
    "unclassified",
    "retired",
    "findings",
    "audit",
    "spool",
    "counters",
    "answers",
];

pub(crate) async fn page(State(web): State<WebState>, visit: Visit) -> Result<Response, Failure> {
    let (now, school) = (visit.now, visit.only_school());
    let (agents, keep) =
        web.ask(move |traeger| Ok((traeger.agent_scopes(school, now)?, traeger.retention()?))).await?;
    let mut c = Chrome::new(&visit, visit.language.text("collected-title"))
        .lead(visit.language.text("collected-lead"))
        .section("collected");
    c.example = agents.iter().any(|agent| agent.is_example);
    c.example_among_others = !agents.iter().all(|agent| agent.is_example);
    let mut fields: BTreeMap<String, Vec<&'static Field>> = BTreeMap::new();
    for field in vocabulary::all() {
        let protocol = field.name.split('.').next().unwrap_or_default();
        fields.entry(protocol.to_owned()).or_default().push(field);
    }
    let kinds = |wanted: fn(Class) -> bool| {
        let mut names: Vec<String> = Kind::ALL
            .iter()
            .filter(|kind| wanted(kind.class()))
            .map(|kind| c.word("kind", kind.name()))
            .collect();
        names.sort();
        names
    };
    let kept = kinds(|class| class == Class::Infrastructure);
    let counted = kinds(|class| class != Class::Infrastructure);
    let retention =
        RETENTION.iter().map(|what| (c.t(&format!("retention-{what}")), time(&c, what, keep))).collect();
    html(&Page { c, agents, fields, kept, counted, retention })
}

/// For how long something is kept: as promised, or what this Träger shortened it to.
fn time(c: &Chrome, what: &str, keep: Retention) -> String {
    let name = match what {
        "retired" => "devices",
        "counters" => "counts",
        what => what,
    };
    let days =
        |keep: Retention| keep.named().into_iter().find(|(known, _)| *known == name).map(|(_, days)| days);
    match days(keep).filter(|_| days(keep) != days(Retention::default())) {
        Some(shorter) => c.n("retention-shortened", "days", shorter),
        None => c.t(&format!("retention-{what}-time")),
    }
}
