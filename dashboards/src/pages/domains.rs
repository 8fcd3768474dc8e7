//! The domains of a school: confirmed ones, and those that were found and wait for a person to say whose they are.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::pages::Done;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::mail::lookup::unicode_form;
use rundgang_store::{DomainLine, DomainState};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "domains.html")]
struct Page {
    c: Chrome,
    school: i64,
    action: String,
    lines: Vec<DomainLine>,
    /// Whether the visitor speaks for one school alone.
    of_one_school: bool,
}

impl Page {
    /// Whether only the Träger can say that a domain serves this school as well.
    fn is_elsewhere(&self, line: &DomainLine) -> bool {
        self.of_one_school && line.is_claimed_elsewhere
    }

    fn of(&self, state: &str) -> Vec<&DomainLine> {
        self.lines.iter().filter(|line| line.state.name() == state).collect()
    }

    /// The domain as people write it, where that is another form.
    fn spoken(&self, line: &DomainLine) -> Option<String> {
        unicode_form(&line.name)
    }

    /// The page of the domain.
    fn address(&self, line: &DomainLine) -> String {
        super::domain::address(self.school, &line.name)
    }

    fn sources(&self, line: &DomainLine) -> String {
        let words: Vec<String> =
            line.sources.iter().map(|source| self.c.word("domain-source", source)).collect();
        words.join(", ")
    }
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(told): Query<Done>,
) -> Result<Response, Failure> {
    let (entered, lines) =
        web.ask(move |traeger| Ok((traeger.school(school)?, traeger.domain_lines(school)?))).await?;
    let c = Chrome::new(&visit, visit.language.text("domains-page-title"))
        .of_school(&entered, "findings")
        .told(told.ok.as_deref());
    let of_one_school = visit.only_school().is_some();
    html(&Page { c, school, action: format!("/schule/{school}/domains"), lines, of_one_school })
}

#[derive(Debug, Deserialize)]
pub(crate) struct Settled {
    csrf: String,
    domain: String,
    state: String,
}

pub(crate) async fn settle(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(settled): Form<Settled>,
) -> Result<Response, Failure> {
    check_form(&visit, &settled.csrf)?;
    let confirms = match settled.state.as_str() {
        name if name == DomainState::Confirmed.name() => true,
        name if name == DomainState::Declined.name() => false,
        _ => return Err(Failure::Refused("error-unfit")),
    };
    let (who, now, of_one_school) = (visit.author(), visit.now, visit.only_school().is_some());
    web.ask(move |traeger| match (confirms, of_one_school) {
        // Whoever keeps the book of one school takes no domain from another; the Träger may share it.
        (true, true) => traeger.claim_domain(school, &settled.domain, &who, now),
        (true, false) => traeger.confirm_domain(school, &settled.domain, &who, now),
        (false, _) => traeger.decline_domain(school, &settled.domain, &who, now),
    })
    .await?;
    Ok(Redirect::to(&format!("/schule/{school}/domains?ok=domain-settled")).into_response())
}
