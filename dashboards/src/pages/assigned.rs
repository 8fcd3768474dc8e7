//! What a provider sees: the systems that it runs, and what is open about them.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rundgang_store::views::assigned::AssignedSystem;

#[derive(Template)]
#[template(path = "assigned.html")]
struct Page {
    c: Chrome,
    provider: String,
    systems: Vec<AssignedSystem>,
}

impl Page {
    fn open(&self, system: &AssignedSystem) -> Vec<String> {
        system.open.iter().map(|rule| self.c.rule(rule)).collect()
    }
}

pub(crate) async fn page(State(web): State<WebState>, visit: Visit) -> Result<Response, Failure> {
    let provider = visit.rights.as_ref().map(|rights| rights.provider.clone()).unwrap_or_default();
    let (asked, now) = (provider.clone(), visit.now);
    let systems = web.ask(move |traeger| traeger.assigned_systems(&asked, now)).await?;
    let mut c = Chrome::new(&visit, visit.language.text("assigned-title"))
        .lead(visit.language.text("assigned-lead"))
        .section("assigned");
    c.example = systems.iter().any(|system| system.is_example);
    c.example_among_others = !systems.iter().all(|system| system.is_example);
    html(&Page { c, provider, systems })
}
