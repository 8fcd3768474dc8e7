//! One domain of a school: what people know of its mail, its open findings, and what changed among its records.

use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::pages::{Done, findings::folded};
use crate::secrets;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_inventory::mail::known::{MOST_FACTS, NotASender, selector, sender_term};
use rundgang_inventory::mail::lookup::{domain_from, unicode_form};
use rundgang_inventory::mail::{KnownSender, MailFacts};
use rundgang_store::{EnteredFacts, RecordChanged, Traeger};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "domain.html")]
struct Page {
    c: Chrome,
    action: String,
    name: String,
    /// Who entered what stands there last, and when.
    entered: Option<EnteredFacts>,
    /// Its version; 0 where nobody entered anything.
    version: i64,
    given: Given,
    /// Open findings: sentence, severity and address.
    findings: Vec<(String, String, String)>,
    history: Vec<RecordChanged>,
}

/// What stands in the form: what was entered, or what was refused, with the field at fault and why.
#[derive(Default)]
struct Given {
    selectors: String,
    senders: String,
    complete: bool,
    refused: Option<(&'static str, String)>,
    /// What stands there now, where somebody else entered it meanwhile: the fields, and whether nobody else sends.
    other: Option<(String, String, bool)>,
}

impl Given {
    fn of(facts: &MailFacts) -> Self {
        let line = |sender: &KnownSender| format!("{} {}", sender.term, sender.name).trim_end().to_owned();
        Self {
            selectors: facts.selectors.join(" "),
            senders: facts.senders.iter().map(line).collect::<Vec<_>>().join("\n"),
            complete: facts.is_complete,
            refused: None,
            other: None,
        }
    }

    /// What was typed and could not be kept.
    fn typed(entered: Entered, refused: Option<(&'static str, String)>) -> Self {
        let Entered { selectors, senders, complete, .. } = entered;
        Self { selectors, senders, complete: !complete.is_empty(), refused, other: None }
    }

    /// The same beside what stands there now: whoever saves again has seen it.
    fn beside(self, facts: &MailFacts) -> Self {
        let now = Self::of(facts);
        Self { other: Some((now.selectors, now.senders, now.complete)), ..self }
    }

    /// What stands in a field now, where that is something else.
    fn other(&self, field: &str) -> Option<String> {
        let (selectors, senders, _) = self.other.as_ref()?;
        let (typed, now) = match field {
            "selectors" => (&self.selectors, selectors),
            _ => (&self.senders, senders),
        };
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown = if now.is_empty() { "–".to_owned() } else { now.replace('\n', ", ") };
        (words(typed) != words(now)).then_some(shown)
    }

    /// Whether it stands there now that nobody else sends, where something else was ticked.
    fn other_complete(&self) -> Option<bool> {
        self.other.as_ref().map(|(_, _, complete)| *complete).filter(|complete| *complete != self.complete)
    }

    /// Why a field was refused.
    fn refused(&self, field: &str) -> Option<&str> {
        self.refused.as_ref().filter(|(at, _)| *at == field).map(|(_, why)| why.as_str())
    }
}

/// The address of a domain's page.
pub(crate) fn address(school: i64, name: &str) -> String {
    format!("/schule/{school}/domain/{name}")
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, name)): Path<(i64, String)>,
    Query(told): Query<Done>,
) -> Result<Response, Failure> {
    html(&read(&web, &visit, school, &name, told.ok.as_deref(), None).await?)
}

async fn read(
    web: &WebState,
    visit: &Visit,
    school: i64,
    name: &str,
    told: Option<&str>,
    given: Option<Given>,
) -> Result<Page, Failure> {
    let name = domain_from(name).ok_or(Failure::NotFound)?;
    let (asked, now) = (name.clone(), visit.now);
    let (at, lines, entered, history) = web
        .ask(move |traeger| {
            let confirmed = traeger.domains(school)?.contains(&asked);
            if !confirmed {
                return Err(rundgang_store::Error::NotFound(format!("domain {asked}")));
            }
            let subject = format!("domain {asked}");
            let mut lines = traeger.findings_about(school, &subject)?;
            lines.retain(|line| line.is_open(now));
            let entered = traeger.mail_facts(school, &asked)?;
            Ok((traeger.school(school)?, lines, entered, traeger.domain_history(school, &asked)?))
        })
        .await?;
    let spoken = unicode_form(&name).unwrap_or_else(|| name.clone());
    let c = Chrome::new(visit, spoken)
        .of_school(&at, "findings")
        .crumb(visit.language.text("domains-page-title"), format!("/schule/{school}/domains"))
        .told(told);
    let findings = lines
        .iter()
        .filter(|line| !line.is_baseline())
        .map(|line| (c.rule(&line.rule), line.severity.clone(), folded::address(school, line)));
    let facts = entered.as_ref().map(|entered| entered.facts.clone()).unwrap_or_default();
    let given = match given {
        Some(given) if given.refused.is_none() => given.beside(&facts),
        Some(given) => given,
        None => Given::of(&facts),
    };
    Ok(Page {
        findings: findings.collect(),
        action: address(school, &name),
        version: entered.as_ref().map_or(0, |entered| entered.version),
        given,
        entered,
        history,
        name,
        c,
    })
}

#[derive(Debug, Deserialize)]
pub(crate) struct Entered {
    csrf: String,
    #[serde(default)]
    version: i64,
    #[serde(default)]
    selectors: String,
    #[serde(default)]
    senders: String,
    #[serde(default)]
    complete: String,
}

/// Reads the form; what cannot be taken comes with the field at fault, the key of the reason and the words at fault.
fn facts(entered: &Entered, domain: &str) -> Result<MailFacts, (&'static str, &'static str, String)> {
    let mut facts = MailFacts { is_complete: !entered.complete.is_empty(), ..MailFacts::default() };
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
    for word in entered.selectors.split(separates).filter(|word| !word.is_empty()) {
        let name = selector(word).ok_or(("selectors", "error-selector", word.to_owned()))?;
        facts.selectors.push(name);
    }
    for line in entered.senders.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (term, name) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let refused = |key| ("senders", key, term.to_owned());
        secrets::refuse([name]).map_err(|_| refused("error-secret"))?;
        let term = sender_term(term).map_err(|why| {
            refused(match why {
                NotASender::Unreadable => "error-sender",
                NotASender::Private => "error-sender-private",
                NotASender::TooWide => "error-sender-wide",
            })
        })?;
        if term == format!("include:{domain}") {
            return Err(("senders", "error-sender-itself", term));
        }
        facts.senders.push(KnownSender { term, name: name.trim().to_owned() });
    }
    for (field, count) in [("selectors", facts.selectors.len()), ("senders", facts.senders.len())] {
        if count > MOST_FACTS {
            return Err((field, "error-too-many", MOST_FACTS.to_string()));
        }
    }
    Ok(facts)
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, name)): Path<(i64, String)>,
    Form(entered): Form<Entered>,
) -> Result<Response, Failure> {
    check_form(&visit, &entered.csrf)?;
    let domain = domain_from(&name).ok_or(Failure::NotFound)?;
    let facts = match facts(&entered, &domain) {
        Ok(facts) => facts,
        Err((field, key, word)) => {
            let why = visit.language.with(key, &[("word", word.into())]);
            let given = Given::typed(entered, Some((field, why.clone())));
            let mut page = read(&web, &visit, school, &name, None, Some(given)).await?;
            page.c = page.c.refused(why);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response());
        }
    };
    let to = format!("{}?ok=domain-facts", address(school, &domain));
    let (who, now) = (visit.author(), visit.now);
    let version = entered.version;
    let write =
        move |traeger: &Traeger| traeger.set_mail_facts(school, &domain, (&facts, version), (&who, now));
    match web.ask(write).await {
        Ok(()) => Ok(Redirect::to(&to).into_response()),
        Err(Failure::Conflict) => {
            let given = Given::typed(entered, None);
            let mut page = read(&web, &visit, school, &name, None, Some(given)).await?;
            page.c = page.c.refused(visit.language.text(Failure::Conflict.key()));
            Ok((StatusCode::CONFLICT, html(&page)?).into_response())
        }
        Err(failure) => Err(failure),
    }
}
